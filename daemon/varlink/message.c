// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/message.h"

#include <string.h>

#include "daemon/varlink/server.h"

/* Readers disagree on 3 and 3.0: none. Only a test build says otherwise. */
#ifndef MESSAGE_REALS
#define MESSAGE_REALS	false
#endif

/*
 * jansson recurses per nesting level and allows 2048 of them: count brackets
 * before it sees the text. Need not understand more JSON than strings.
 */
static bool message_too_deep(const char *data, size_t len)
{
	unsigned int depth = 0;
	bool string = false;

	for (size_t i = 0; i < len; i++) {
		char c = data[i];

		if (string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				string = false;
		} else if (c == '"') {
			string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > VARLINK_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

/* Recursion is bounded by message_too_deep(). */
static bool message_numbers_ok(json_t *value)
{
	const char *key;
	json_int_t n;
	json_t *item;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		json_object_foreach(value, key, item) {
			if (!message_numbers_ok(item))
				return false;
		}
		return true;
	case JSON_ARRAY:
		json_array_foreach(value, i, item) {
			if (!message_numbers_ok(item))
				return false;
		}
		return true;
	case JSON_INTEGER:
		n = json_integer_value(value);
		return n <= MESSAGE_INT_MAX && n >= -MESSAGE_INT_MAX;
	case JSON_REAL:
		return MESSAGE_REALS;
	case JSON_STRING:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		return true;
	}
	return false;
}

static const char *message_flag(json_t *value, bool *flag)
{
	if (!json_is_boolean(value))
		return "a flag that is not true or false";
	*flag = json_is_true(value);
	return NULL;
}

static const char *message_key(struct message *msg, const char *key,
			       json_t *value)
{
	if (strcmp(key, "method") == 0) {
		msg->method = json_string_value(value);
		return msg->method ? NULL : "method is not a string";
	}
	if (strcmp(key, "parameters") == 0) {
		/* Debian's library for Go says null where there are none. */
		if (json_is_null(value))
			return NULL;
		msg->parameters = value;
		return json_is_object(value) ? NULL :
					       "parameters is not an object";
	}
	if (strcmp(key, "more") == 0)
		return message_flag(value, &msg->more);
	if (strcmp(key, "oneway") == 0)
		return message_flag(value, &msg->oneway);
	if (strcmp(key, "upgrade") == 0)
		return message_flag(value, &msg->upgrade);
	/* Keys of a vendor carry a reverse domain name. */
	return strchr(key, '.') ? NULL : "unknown key";
}

static const char *message_check(struct message *msg)
{
	const char *key, *wrong;
	json_t *value;

	if (!json_is_object(msg->root))
		return "not an object";
	if (!message_numbers_ok(msg->root))
		return "a number that is not a whole one within 2^53-1";
	json_object_foreach(msg->root, key, value) {
		wrong = message_key(msg, key, value);
		if (wrong)
			return wrong;
	}
	if (!msg->method)
		return "no method";
	if (msg->more && msg->oneway)
		return "more and oneway together";
	if (!msg->parameters) {
		msg->parameters = json_object();
		if (!msg->parameters ||
		    json_object_set_new(msg->root, "parameters",
					msg->parameters) < 0)
			return "out of memory";
	}
	return NULL;
}

const char *message_parse(const char *data, size_t len, struct message *msg)
{
	const char *wrong;

	memset(msg, 0, sizeof(*msg));
	if (message_too_deep(data, len))
		return "nested too deep";
	msg->root = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	if (!msg->root)
		return "not strict JSON";
	wrong = message_check(msg);
	if (wrong)
		message_clear(msg);
	return wrong;
}

void message_clear(struct message *msg)
{
	json_decref(msg->root);
	memset(msg, 0, sizeof(*msg));
}
