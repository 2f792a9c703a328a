// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/clinic.h"

#include "daemon/catalogue/load.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct clinic {
	const char *dirs[CLINIC_DIRS_MAX];
	size_t count;
	struct catalogue *set;		/* in force, or NULL: built in */
	struct recall_list recalls;
	char problem[CLINIC_PROBLEM_LEN];
};

static void clinic_log(const struct clinic *clinic)
{
	if (clinic->problem[0]) {
		log_error("%s", clinic->problem);
		return;
	}
	log_info("catalogue: %s%s%s, %zu areas, %zu concerns; %zu recalls",
		 clinic->dirs[0] ? clinic->dirs[0] : "built in",
		 clinic->count > 1 ? " and " : "",
		 clinic->count > 1 ? clinic->dirs[clinic->count - 1] : "",
		 catalogue_area_count(), catalogue_concern_count(),
		 clinic->recalls.count);
}

/* Nothing may hold an entry of the set before: no session is open here. */
static void clinic_use(struct clinic *clinic, struct catalogue *set)
{
	catalogue_use(set);
	catalogue_free(clinic->set);
	clinic->set = set;
}

static void clinic_read(struct clinic *clinic)
{
	char error[CATALOGUE_ERROR_LEN];
	struct recall_list recalls;
	struct catalogue *set;

	clinic->problem[0] = '\0';
	if (catalogue_load(clinic->dirs, clinic->count, &set, error) < 0)
		snprintf(clinic->problem, sizeof(clinic->problem),
			 "The clinic's catalogue files are refused: %s. Mend or remove that file; then begin again.",
			 error);
	clinic_use(clinic, set);
	if (recall_load(CLINIC_RECALLS, &recalls, error) < 0 && !clinic->problem[0])
		snprintf(clinic->problem, sizeof(clinic->problem),
			 "The list of recalled cartridges is refused: %s. Mend or remove that file; then begin again.",
			 error);
	recall_free(&clinic->recalls);
	clinic->recalls = recalls;
	clinic_log(clinic);
}

struct clinic *clinic_open(const char *const *dirs, size_t count)
{
	struct clinic *clinic = calloc(1, sizeof(*clinic));

	if (!clinic)
		return NULL;
	if (dirs) {
		for (; clinic->count < count &&
		       clinic->count < CLINIC_DIRS_MAX; clinic->count++)
			clinic->dirs[clinic->count] = dirs[clinic->count];
	} else {
		/* Not installed: what it would say is built in. */
		clinic->dirs[0] = access(MNPEND_CATALOGUE, F_OK) == 0 ?
					  MNPEND_CATALOGUE : NULL;
		clinic->dirs[1] = CLINIC_CATALOGUE;
		clinic->count = 2;
	}
	clinic_read(clinic);
	return clinic;
}

void clinic_close(struct clinic *clinic)
{
	if (!clinic)
		return;
	clinic_use(clinic, NULL);
	recall_free(&clinic->recalls);
	free(clinic);
}

const char *clinic_catalogue(const struct clinic *clinic)
{
	return clinic->set ? "files" : "builtIn";
}

const char *clinic_problem(const struct clinic *clinic)
{
	return clinic->problem[0] ? clinic->problem : NULL;
}

bool clinic_permits(struct clinic *clinic, struct varlink_call *call)
{
	if (!clinic->problem[0])
		return true;
	clinic_read(clinic);
	if (!clinic->problem[0])
		return true;
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock", "catalogue", "message",
				clinic->problem));
	return false;
}

const struct recall *clinic_recall(const struct clinic *clinic,
				   const struct udi *udi)
{
	return recall_find(&clinic->recalls, udi);
}
