/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies beside a record and has a say in whether it is whole. */
#ifndef MNPEN_RECORD_BESIDE_H
#define MNPEN_RECORD_BESIDE_H

#include "daemon/record/verify.h"
#include "daemon/record/wal.h"

struct beside {
	struct checkpoint anchor; /* of FILE-head */
	bool has_anchor;
	struct wal_state wal; /* of FILE-wal */
};

/* Reads both without changing anything. Negative errno. */
int beside_read(const char *path, struct beside *out);

/* Before the walk: v borrows b. After it: what only b shows. */
void beside_expect(struct verify *v, const struct beside *b);
void beside_finish(struct verify *v, const struct beside *b);

#endif /* MNPEN_RECORD_BESIDE_H */
