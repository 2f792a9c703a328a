// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/recent.h"

#include "daemon/mnpend/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void recent_note(struct recent *r, enum record_kind kind, const char *session,
		 const char *body)
{
	struct recent_row *row = &r->row[r->next];

	r->next = (r->next + 1) % RECENT_ROWS;
	if (r->n < RECENT_ROWS)
		r->n++;
	free(row->body);
	row->kind = kind;
	row->unix_ms = (int64_t)clock_unix_ms();
	snprintf(row->session, sizeof(row->session), "%s",
		 session ? session : "");
	row->body = strlen(body) <= RECENT_BODY_MAX ? strdup(body) : NULL;
}

void recent_clear(struct recent *r)
{
	for (unsigned int i = 0; i < RECENT_ROWS; i++)
		free(r->row[i].body);
	memset(r, 0, sizeof(*r));
}

json_t *recent_json(const struct recent *r)
{
	unsigned int first = (r->next + RECENT_ROWS - r->n) % RECENT_ROWS;
	json_t *list = json_array();

	for (unsigned int i = 0; i < r->n; i++) {
		const struct recent_row *row =
			&r->row[(first + i) % RECENT_ROWS];

		json_array_append_new(
			list,
			json_pack("{sIss ss* so*}", "unixMilliseconds",
				  (json_int_t)row->unix_ms, "kind",
				  record_kind_name(row->kind), "sessionId",
				  row->session[0] ? row->session : NULL,
				  "body",
				  row->body ? json_loads(row->body, 0, NULL) :
					      NULL));
	}
	return list;
}
