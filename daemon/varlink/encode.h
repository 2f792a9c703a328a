/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies to bytes, in one buffer that the server reuses: a reply that the
 * socket takes at once costs no allocation.
 */
#ifndef MNPEN_VARLINK_ENCODE_H
#define MNPEN_VARLINK_ENCODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct encoder {
	char *data;	/* the message with its 0x00, valid until the next */
	size_t len;
	size_t size;
};

/*
 * parameters are borrowed; NULL stands for {}. 0, -ENOMEM, or -EMSGSIZE when
 * the message would be longer than VARLINK_REPLY_MAX.
 */
int encode_reply(struct encoder *enc, json_t *parameters, bool continues);
/* Three pieces, one behind the other; middle is text. */
int encode_splice(struct encoder *enc, const char *head, size_t head_len,
		  const char *middle, const char *tail, size_t tail_len);
int encode_error(struct encoder *enc, const char *name, json_t *parameters);
/* Gives memory back that one unusually large message took. */
void encode_trim(struct encoder *enc);
void encode_free(struct encoder *enc);

#endif /* MNPEN_VARLINK_ENCODE_H */
