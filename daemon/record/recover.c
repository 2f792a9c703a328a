// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/query.h"
#include "daemon/record/recover.h"
#include "daemon/record/verify.h"

struct collect {
	struct sessions *all;
	bool no_memory;
};

static void collect(void *arg, const struct row *row)
{
	struct collect *c = arg;

	if (sessions_reserve(c->all, 1))
		c->no_memory = true;
	else
		sessions_see(c->all, row);
}

static int create(struct store *s, const char *boot_id)
{
	static const char body[] = "{\"version\":\"" MNPEN_VERSION "\"}";
	struct row row = {
		.kind = row_text(record_kind_name(RECORD_GENESIS)),
		.body = row_text(body),
	};

	row_stamp(&row, boot_id);
	return store_create(s, &row);
}

static int check(struct store *s, struct sessions *all, const char *path,
		 char *error)
{
	struct collect c = { .all = all };
	struct verify v;

	verify_init(&v, s->db);
	v.seen = collect;
	v.arg = &c;
	while (verify_walk(&v, 0))
		;
	verify_finish(&v);
	if (c.no_memory)
		return -ENOMEM;
	if (!v.report.damage)
		return store_use(s, v.report.rows, v.report.head);
	if (v.report.bad_row)
		snprintf(error, RECORD_ERROR_LEN,
			 "keep the damaged record %.100s and move it away: "
			 "broken at row %" PRId64 ", %.90s",
			 path, v.report.bad_row, v.report.text);
	else
		snprintf(error, RECORD_ERROR_LEN,
			 "keep the damaged record %.100s and move it away: "
			 "%.110s",
			 path, v.report.text);
	return -EUCLEAN;
}

static int put_interrupted(struct store *s, struct sessions *all, size_t i,
			   const char *boot_id)
{
	struct row row = {
		.kind = row_text(record_kind_name(RECORD_INTERRUPTED)),
		.session = row_text(all->list[i].id),
	};
	char *body;
	int ret;

	ret = query_interrupted(s->db, &all->list[i], &body);
	if (ret)
		return ret;
	row.body = row_text(body);
	row_stamp(&row, boot_id);
	ret = store_put(s, &row);
	if (!ret)
		sessions_see(all, &row);
	free(body);
	return ret;
}

/* Only a session that had its SESSION_BEGIN can be open. */
static bool left_open(const struct session *s)
{
	return s->state == SESSION_OPEN && s->begin_row;
}

static int close_open_sessions(struct store *s, struct sessions *all,
			       const char *boot_id, uint32_t *count)
{
	int ret = 0;

	for (size_t i = 0; i < all->count; i++)
		*count += left_open(&all->list[i]);
	if (!*count)
		return 0;
	ret = store_begin(s);
	for (size_t i = 0; i < all->count && !ret; i++) {
		if (left_open(&all->list[i]))
			ret = put_interrupted(s, all, i, boot_id);
	}
	if (!ret)
		ret = store_commit(s);
	if (ret)
		store_rollback(s);
	return ret;
}

int recover_open(struct store *s, struct sessions *all, const char *path,
		 const char *boot_id, struct record_info *info,
		 char error[RECORD_ERROR_LEN])
{
	bool fresh = false;
	int ret;

	ret = store_open(s, path, &fresh, error);
	if (ret)
		return ret;
	ret = fresh ? create(s, boot_id) : check(s, all, path, error);
	if (!ret)
		ret = close_open_sessions(s, all, boot_id, &info->interrupted);
	if (ret) {
		if (!error[0])
			snprintf(error, RECORD_ERROR_LEN,
				 "make the record %.120s writable: %s", path,
				 strerror(-ret));
		return ret;
	}
	info->created = fresh;
	info->rows = s->rows;
	memcpy(info->head, s->head, sizeof(info->head));
	return 0;
}
