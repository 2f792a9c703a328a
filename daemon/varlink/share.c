// SPDX-License-Identifier: GPL-2.0-or-later
/* A reply that many streams get: made once, freed with the last who needs it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/varlink/internal.h"

static const char begin[] = "{\"parameters\":";
static const char dropped_key[] = "\"dropped\":";
static const char end[] = ",\"continues\":true}";	/* its 0x00 is the frame's */

#define NUMBER_LEN	24

struct varlink_share *varlink_share_text(enum varlink_class class,
					 const char *text, size_t len,
					 int64_t sequence)
{
	bool counts = class == VARLINK_TELEMETRY;
	struct varlink_share *share;
	char *at;

	if (len < 2 || len > VARLINK_REPLY_MAX - 128)
		return NULL;
	share = malloc(sizeof(*share) + sizeof(begin) + len +
		       sizeof(dropped_key) + NUMBER_LEN + sizeof(end));
	if (!share)
		return NULL;
	share->refs = 1;
	share->class = class;
	share->sequence = sequence;
	at = mempcpy(share->text, begin, sizeof(begin) - 1);
	at = mempcpy(at, text, counts ? len - 1 : len);
	if (counts) {
		if (len > 2)
			*at++ = ',';
		at = mempcpy(at, dropped_key, sizeof(dropped_key) - 1);
		share->head = (size_t)(at - share->text);
		*at++ = '0';
		*at++ = '}';
	}
	at = mempcpy(at, end, sizeof(end));
	share->len = (size_t)(at - share->text);
	return share;
}

struct varlink_share *varlink_share_new(enum varlink_class class,
					json_t *parameters)
{
	json_t *sequence = json_object_get(parameters, "sequence");
	struct varlink_share *share = NULL;
	char *text;

	if (class == VARLINK_TELEMETRY)
		json_object_del(parameters, "dropped");
	text = json_dumps(parameters, JSON_COMPACT);
	if (text)
		share = varlink_share_text(class, text, strlen(text),
					   json_is_integer(sequence) ?
						   json_integer_value(sequence) :
						   OUTQ_NO_SEQUENCE);
	free(text);
	json_decref(parameters);
	return share;
}

struct varlink_share *share_ref(struct varlink_share *share)
{
	share->refs++;
	return share;
}

void varlink_share_free(struct varlink_share *share)
{
	if (share && --share->refs == 0)
		free(share);
}

int share_encode(const struct varlink_share *share, uint64_t dropped,
		 struct encoder *enc)
{
	char number[NUMBER_LEN];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)dropped);
	/* Behind the number that is there, which is 0. */
	return encode_splice(enc, share->text, share->head, number,
			     share->text + share->head + 1,
			     share->len - share->head - 1);
}
