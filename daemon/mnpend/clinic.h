/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clinic's own rules: its catalogue files and its list of recalls.
 *
 * A file can only be more careful than what is built in. So when one is
 * refused the built-in set is in force for every lookup, but it lacks what the
 * clinic asked for: no session begins until the file is mended or taken away.
 * Running sessions do not exist then, and stopping and looking always work.
 */
#ifndef MNPEND_CLINIC_H
#define MNPEND_CLINIC_H

#include "daemon/catalogue/recall.h"
#include "daemon/varlink/server.h"

#define CLINIC_CATALOGUE	"/etc/mnpen/catalogue.d"
#define CLINIC_RECALLS		"/etc/mnpen/recalls.conf"
#define CLINIC_DIRS_MAX		4
#define CLINIC_PROBLEM_LEN	480

struct clinic;

/*
 * Reads @dirs, NULL standing for the usual ones, and the recalls. Never NULL
 * but without memory; what was wrong is in clinic_problem().
 */
struct clinic *clinic_open(const char *const *dirs, size_t count);
void clinic_close(struct clinic *clinic);

/*
 * Reads both again. Entries of the catalogue that were looked up before are no
 * longer there: for when nobody holds one.
 */
void clinic_reload(struct clinic *clinic);

/* Where the catalogue in force comes from: "files" or "builtIn". */
const char *clinic_catalogue(const struct clinic *clinic);
/* A sentence with file, line and reason; NULL: all files are in force. */
const char *clinic_problem(const struct clinic *clinic);

/*
 * To be asked before a session begins. The recalls are read each time, the
 * catalogue again after a refusal: a mended file counts without a restart. False: the call was
 * answered with the problem.
 */
bool clinic_permits(struct clinic *clinic, struct varlink_call *call);

/* Called back? NULL: not as far as the list knows. */
const struct recall *clinic_recall(const struct clinic *clinic,
				   const struct udi *udi);

#endif /* MNPEND_CLINIC_H */
