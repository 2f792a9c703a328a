// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/anchor.h"
#include "daemon/record/beside.h"

int beside_read(const char *path, struct beside *out)
{
	int ret;

	memset(out, 0, sizeof(*out));
	ret = wal_inspect(path, &out->wal);
	if (ret)
		return ret;
	ret = anchor_read(path, &out->anchor);
	out->has_anchor = !ret;
	return ret == -ENOENT ? 0 : ret;
}

void beside_expect(struct verify *v, const struct beside *b)
{
	if (b->has_anchor)
		verify_anchor(v, &b->anchor);
}

void beside_finish(struct verify *v, const struct beside *b)
{
	struct verify_report *rep = &v->report;

	if (rep->damage || !b->wal.damaged)
		return;
	rep->damage = VERIFY_TRUNCATED;
	rep->bad_row = rep->rows + 1;
	snprintf(rep->text, sizeof(rep->text),
		 "truncated: the write-ahead log lost rows it had");
}
