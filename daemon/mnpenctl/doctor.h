/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mnpenctl doctor: what is wrong with this machine, in one sentence each, with
 * what to type. It looks and asks, and changes nothing.
 *
 * Every condition is a line of doctor_conditions; tests/unit/doctor-test tries
 * each of them in a made-up root directory.
 */
#ifndef MNPENCTL_DOCTOR_H
#define MNPENCTL_DOCTOR_H

#include "daemon/mnpenctl/mnpenctl.h"

#include <limits.h>

enum doctor_status {
	DOCTOR_OK,
	DOCTOR_NOTE,		/* good to know; a session is possible */
	DOCTOR_PROBLEM,
};

/* A sentence, and what to type; {} stands for what was found. */
struct doctor_condition {
	const char *code;
	enum doctor_status status;
	const char *text;
	const char *type;
};

extern const struct doctor_condition doctor_conditions[]; /* code NULL ends */

/* Who asks, as the kernel tells it. */
struct doctor_self {
	long uid;
	long groups[256];
	int n_groups;
	char name[64];		/* of the user, or the number */
};

struct doctor {
	struct ctl *ctl;
	const char *root;	/* "" or a made-up one */
	char release[128];	/* of the running kernel */
	struct doctor_self self;
	int nodes;		/* pens that the driver has */
	json_t *findings;
	bool problem;
};

/* found, type (what replaces {} in either) may be NULL. */
void doctor_find(struct doctor *d, const char *code, const char *found,
		 const char *type);

/* A path below the root. */
const char *doctor_path(const struct doctor *d, char out[PATH_MAX],
			const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool doctor_exists(const struct doctor *d, const char *path);
/* The first line of a file below the root, without its end. */
bool doctor_line(const struct doctor *d, const char *path, char *out,
		 size_t size);
/* Of /etc/group; -1: there is none. With users: those named in it. */
long doctor_group(const struct doctor *d, const char *name, char *users,
		  size_t size);

/* What is looked at, in this order. */
void doctor_driver(struct doctor *d);	/* doctor_driver.c */
void doctor_bus(struct doctor *d);	/* doctor_bus.c */
void doctor_daemon(struct doctor *d);	/* doctor_daemon.c */
void doctor_machine(struct doctor *d);	/* doctor_machine.c */

#endif /* MNPENCTL_DOCTOR_H */
