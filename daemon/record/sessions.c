// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/sessions.h"

int sessions_reserve(struct sessions *all, size_t n)
{
	size_t room = all->room ? all->room : 64;
	struct session *list;

	while (room < all->count + n)
		room *= 2;
	if (room == all->room)
		return 0;
	list = realloc(all->list, room * sizeof(*list));
	if (!list)
		return -ENOMEM;
	all->list = list;
	all->room = room;
	return 0;
}

/* From the newest back: the session in question is nearly always there. */
static struct session *find(const struct sessions *all, const char *id,
			    size_t len)
{
	if (len != RECORD_SESSION_LEN - 1)
		return NULL;
	for (size_t i = all->count; i-- > 0;) {
		if (!memcmp(all->list[i].id, id, len))
			return &all->list[i];
	}
	return NULL;
}

static struct session *add(struct sessions *all, const struct row *row)
{
	struct session *s;

	if (row->session.len != RECORD_SESSION_LEN - 1 ||
	    all->count == all->room)
		return NULL;
	s = &all->list[all->count++];
	memset(s, 0, sizeof(*s));
	memcpy(s->id, row->session.s, RECORD_SESSION_LEN - 1);
	s->first_row = row->row;
	s->begin_unix_ms = row->unix_ms;
	return s;
}

static void end(struct session *s, enum session_state state, int64_t row)
{
	s->state = state;
	s->end_row = row;
	s->run_open = false;
}

void sessions_see(struct sessions *all, const struct row *row)
{
	struct session *s;

	if (!row->session.s)
		return;
	s = find(all, row->session.s, row->session.len);
	if (!s)
		s = add(all, row);
	if (!s)
		return;
	s->last_row = row->row;
	switch (row_kind(row)) {
	case RECORD_SESSION_BEGIN:
		s->begin_row = row->row;
		break;
	case RECORD_RUN_INTENT:
		s->runs++;
		s->run_open = true;
		break;
	case RECORD_RUN_END:
		s->run_open = false;
		s->counters_row = row->row;
		break;
	case RECORD_PROGRESS:
		s->counters_row = row->row;
		break;
	case RECORD_SESSION_END:
		end(s, SESSION_ENDED, row->row);
		break;
	case RECORD_INTERRUPTED:
		end(s, SESSION_INTERRUPTED, row->row);
		break;
	case RECORD_GENESIS:
	case RECORD_START:
	case RECORD_PEN:
	case RECORD_CLOCK:
	case RECORD_STOP:
	case RECORD_FAULT:
	case RECORD_KINDS:
		break;
	}
}

const struct session *sessions_find(const struct sessions *all, const char *id)
{
	return find(all, id, strlen(id));
}

void sessions_free(struct sessions *all)
{
	free(all->list);
	memset(all, 0, sizeof(*all));
}
