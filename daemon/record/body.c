// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/body.h"
#include "daemon/record/record.h"

static bool acceptable(json_t *value, int depth)
{
	const char *key;
	json_t *member;
	size_t i;

	if (depth > BODY_DEPTH || json_is_real(value))
		return false;
	json_object_foreach(value, key, member) {
		if (!acceptable(member, depth + 1))
			return false;
	}
	json_array_foreach(value, i, member) {
		if (!acceptable(member, depth + 1))
			return false;
	}
	return true;
}

char *body_normal(const char *text)
{
	char *normal = NULL;
	size_t len;
	json_t *body;

	if (!text)
		return NULL;
	len = strnlen(text, RECORD_BODY_MAX + 1);
	if (len > RECORD_BODY_MAX)
		return NULL;
	body = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(body) && acceptable(body, 1))
		normal = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(body);
	if (normal && strlen(normal) > RECORD_BODY_MAX) {
		free(normal);
		return NULL;
	}
	return normal;
}
