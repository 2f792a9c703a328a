// SPDX-License-Identifier: LGPL-2.1-or-later
/* The two messages of the protocol: a call out, a reply in. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Beyond it readers that keep numbers as doubles disagree. */
#define INTEGER_MAX	((json_int_t)9007199254740991)

/* A test build takes what org.varlink.certification sends. */
#ifndef MESSAGE_REALS
#define MESSAGE_REALS	false
#endif

/* Integers only, none too large, no deep nesting. */
static bool message_sane(json_t *v, int depth)
{
	const char *key;
	json_t *item;
	size_t i;

	if (depth > MNPEN_DEPTH_MAX || (json_is_real(v) && !MESSAGE_REALS))
		return false;
	if (json_is_integer(v))
		return json_integer_value(v) <= INTEGER_MAX &&
		       json_integer_value(v) >= -INTEGER_MAX;
	json_array_foreach(v, i, item)
		if (!message_sane(item, depth + 1))
			return false;
	json_object_foreach(v, key, item)
		if (!message_sane(item, depth + 1))
			return false;
	return true;
}

int message_call(enum message_kind kind, const char *method,
		 const char *parameters, char **text, size_t *len)
{
	json_t *p, *call;

	p = json_loads(parameters ? parameters : "{}", JSON_REJECT_DUPLICATES,
		       NULL);
	if (!json_is_object(p) || !message_sane(p, 0)) {
		json_decref(p);
		return -EINVAL;
	}
	call = json_pack("{s:s, s:o}", "method", method, "parameters", p);
	if (!call)
		return -EINVAL;	/* a method that is no UTF-8 */
	if (kind == MESSAGE_MORE)
		json_object_set_new(call, "more", json_true());
	if (kind == MESSAGE_ONEWAY)
		json_object_set_new(call, "oneway", json_true());
	*text = json_dumps(call, JSON_COMPACT);
	json_decref(call);
	if (!*text)
		return -ENOMEM;
	*len = strlen(*text);
	if (*len < MNPEN_CALL_MAX)
		return 0;
	free(*text);
	*text = NULL;
	return -EMSGSIZE;
}

/* Keys of a reply; vendor keys have a dot and are nobody's business. */
static bool message_keys_known(json_t *reply)
{
	const char *key;
	json_t *value;

	json_object_foreach(reply, key, value)
		if (strcmp(key, "parameters") && strcmp(key, "continues") &&
		    strcmp(key, "error") && !strchr(key, '.'))
			return false;
	return true;
}

static int message_read(json_t *reply, struct message_reply *out)
{
	json_t *error = json_object_get(reply, "error");
	json_t *continues = json_object_get(reply, "continues");
	json_t *parameters = json_object_get(reply, "parameters");

	if (!json_is_object(reply) || !message_keys_known(reply) ||
	    !message_sane(reply, 0))
		return -EBADMSG;
	if (parameters && !json_is_object(parameters))
		return -EBADMSG;
	if (continues && !json_is_boolean(continues))
		return -EBADMSG;
	out->continues = json_is_true(continues);
	if (error) {
		if (!json_is_string(error) || out->continues ||
		    !json_string_length(error) ||
		    json_string_length(error) >= sizeof(out->error))
			return -EBADMSG;
		strcpy(out->error, json_string_value(error));
	}
	out->parameters = parameters ? json_dumps(parameters, JSON_COMPACT) :
				       strdup("{}");
	return out->parameters ? 0 : -ENOMEM;
}

int message_reply(const char *text, size_t len, struct message_reply *out)
{
	json_t *reply;
	int r;

	memset(out, 0, sizeof(*out));
	/* Refuses bad UTF-8, NaN, a BOM and bytes behind the value, too. */
	reply = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (!reply)
		return -EBADMSG;
	r = message_read(reply, out);
	json_decref(reply);
	return r;
}
