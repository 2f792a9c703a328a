/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of one pen, wherever they come from: its node, /dev/mnpenN, which
 * anyone who may open it can read beside the daemon, or mnpend itself. The node
 * tells more, and every packet; mnpend tells one sample in 40 ms.
 */
#ifndef MNPENCTL_SOURCE_H
#define MNPENCTL_SOURCE_H

#include "daemon/mnpenctl/mnpenctl.h"
#include "daemon/mnpenctl/samples.h"

struct source;

/*
 * what: a node (it has a slash), a pen's id, or NULL: the only pen of mnpend,
 * or the only node where mnpend does not run. Explains what went wrong; an
 * exit code then.
 */
int source_open(struct ctl *ctl, const char *what, struct source **out);
void source_close(struct source *s);

/*
 * Waits for one sample or event. 1: *out is it; 0: timeout_ms (-1: none)
 * passed or a signal came; -1: it ended, source_result() says how.
 */
int source_next(struct source *s, int timeout_ms, struct sample *out);
/* Why it ended, an exit code; explains it if that was not done yet. */
int source_result(struct source *s);

/* Of the pen, with the limits in force. */
const struct samples_head *source_head(const struct source *s);

/* ---- node.c: the same for one kind ----------------------------------------- */

struct node;

/* flags: O_RDONLY or O_RDWR. Explains; an exit code then. */
int node_open(struct ctl *ctl, const char *path, int flags, int *fd);
/* The pen behind it, with its limits. Explains. */
int node_head(struct ctl *ctl, const char *path, int fd,
	      struct samples_head *head);
/* A failed request in words. error: errno. */
int node_explain(struct ctl *ctl, const char *path, const char *what,
		 int error);

struct mnpen_record;

/* A record of the driver; names.c puts events into words. */
void node_sample(const struct mnpen_record *r, struct sample *out);

/* ---- names.c: the driver's numbers as words ---------------------------------- */

const char *name_state(uint32_t state);
const char *name_stop_reason(uint32_t reason);
/* "overtemp stall", "none". */
const char *name_faults(uint32_t faults, char *out, size_t size);

struct mnpen_event;

void name_event(const struct mnpen_event *e, char *out, size_t size);

#endif /* MNPENCTL_SOURCE_H */
