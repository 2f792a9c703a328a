// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/varlink/server.h"

#define ENCODE_KEEP	(16 * 1024)	/* enough for anything but a record */

static int encode_add(struct encoder *enc, const char *data, size_t len)
{
	size_t size = enc->size ? enc->size : 1024;
	char *bigger;

	if (len > VARLINK_REPLY_MAX - enc->len)
		return -EMSGSIZE;
	while (size - enc->len < len)
		size *= 2;
	if (size != enc->size) {
		bigger = realloc(enc->data, size);
		if (!bigger)
			return -ENOMEM;
		enc->data = bigger;
		enc->size = size;
	}
	memcpy(enc->data + enc->len, data, len);
	enc->len += len;
	return 0;
}

struct encode_sink {
	struct encoder *enc;
	int error;
};

static int encode_sink_add(const char *data, size_t len, void *arg)
{
	struct encode_sink *sink = arg;

	sink->error = encode_add(sink->enc, data, len);
	return sink->error;
}

static int encode_json(struct encoder *enc, json_t *value)
{
	struct encode_sink sink = { .enc = enc };

	if (!value)
		return encode_add(enc, "{}", 2);
	if (json_dump_callback(value, encode_sink_add, &sink,
			       JSON_COMPACT | JSON_ENCODE_ANY) == 0)
		return 0;
	/* Without an error of ours jansson refused the value: a bug above. */
	return sink.error ? sink.error : -EINVAL;
}

static int encode_text(struct encoder *enc, const char *text)
{
	return encode_add(enc, text, strlen(text));
}

int encode_reply(struct encoder *enc, json_t *parameters, bool continues)
{
	int r;

	enc->len = 0;
	r = encode_text(enc, "{\"parameters\":");
	if (r == 0)
		r = encode_json(enc, parameters);
	if (r == 0 && continues)
		r = encode_text(enc, ",\"continues\":true");
	if (r == 0)
		r = encode_add(enc, "}", 2);	/* with its 0x00 */
	return r;
}

int encode_splice(struct encoder *enc, const char *head, size_t head_len,
		  const char *middle, const char *tail, size_t tail_len)
{
	int r;

	enc->len = 0;
	r = encode_add(enc, head, head_len);
	if (r == 0)
		r = encode_text(enc, middle);
	if (r == 0)
		r = encode_add(enc, tail, tail_len);
	return r;
}

int encode_error(struct encoder *enc, const char *name, json_t *parameters)
{
	json_t *string = json_string(name);
	int r;

	if (!string)
		return -ENOMEM;
	enc->len = 0;
	r = encode_text(enc, "{\"error\":");
	if (r == 0)
		r = encode_json(enc, string);
	if (r == 0)
		r = encode_text(enc, ",\"parameters\":");
	if (r == 0)
		r = encode_json(enc, parameters);
	if (r == 0)
		r = encode_add(enc, "}", 2);
	json_decref(string);
	return r;
}

void encode_trim(struct encoder *enc)
{
	if (enc->size > ENCODE_KEEP)
		encode_free(enc);
}

void encode_free(struct encoder *enc)
{
	free(enc->data);
	memset(enc, 0, sizeof(*enc));
}
