// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpenctl/js.h"

const char *js_string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

int64_t js_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}
