// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/clinic.h"

#include "daemon/catalogue/load.h"
#include "daemon/mnpend/log.h"
#include "daemon/mnpend/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct clinic {
	const char *dirs[CLINIC_DIRS_MAX];
	size_t count;
	struct catalogue *set;		/* in force, or NULL: built in */
	struct recall_list recalls;
	char problem[CLINIC_PROBLEM_LEN];	/* with the catalogue */
	char recall_problem[CLINIC_PROBLEM_LEN];
};

/* Nothing may hold an entry of the set before: no session is open here. */
static void clinic_use(struct clinic *clinic, struct catalogue *set)
{
	catalogue_use(set);
	catalogue_free(clinic->set);
	clinic->set = set;
}

static void clinic_read_catalogue(struct clinic *clinic)
{
	char error[CATALOGUE_ERROR_LEN];
	struct catalogue *set;

	clinic->problem[0] = '\0';
	if (catalogue_load(clinic->dirs, clinic->count, &set, error) < 0)
		snprintf(clinic->problem, sizeof(clinic->problem),
			 "The clinic's catalogue files are refused: %s. Mend or remove that file; then begin again.",
			 error);
	clinic_use(clinic, set);
	if (clinic->problem[0])
		log_error("%s", clinic->problem);
	else
		log_info("catalogue: %s%s%s, %zu areas, %zu concerns",
			 clinic->dirs[0] ? clinic->dirs[0] : "built in",
			 clinic->count > 1 ? " and " : "",
			 clinic->count > 1 ? clinic->dirs[clinic->count - 1] :
					     "",
			 catalogue_area_count(), catalogue_concern_count());
}

/* A recall must count from the hour it is written down: read every time. */
static void clinic_read_recalls(struct clinic *clinic)
{
	char error[RECALL_ERROR_LEN], problem[CLINIC_PROBLEM_LEN] = "";
	struct recall_list recalls;

	if (recall_load(CLINIC_RECALLS, &recalls, error) < 0)
		snprintf(problem, sizeof(problem),
			 "The list of recalled cartridges is refused: %s. Mend or remove that file; then begin again.",
			 error);
	if (problem[0] && strcmp(problem, clinic->recall_problem))
		log_error("%s", problem);
	else if (recalls.count != clinic->recalls.count)
		log_info("recalls: %zu", recalls.count);
	memcpy(clinic->recall_problem, problem, sizeof(problem));
	recall_free(&clinic->recalls);
	clinic->recalls = recalls;
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
	clinic_read_catalogue(clinic);
	clinic_read_recalls(clinic);
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

void clinic_reload(struct clinic *clinic)
{
	clinic_read_catalogue(clinic);
	clinic_read_recalls(clinic);
}

const char *clinic_catalogue(const struct clinic *clinic)
{
	return clinic->set ? "files" : "builtIn";
}

const char *clinic_problem(const struct clinic *clinic)
{
	if (clinic->problem[0])
		return clinic->problem;
	return clinic->recall_problem[0] ? clinic->recall_problem : NULL;
}

/*
 * The catalogue is read again only after a refusal: no session is open then
 * and none is being begun, so nothing holds an entry of it.
 */
bool clinic_permits(struct clinic *clinic, struct varlink_call *call)
{
	if (clinic->problem[0])
		clinic_read_catalogue(clinic);
	clinic_read_recalls(clinic);
	if (!clinic_problem(clinic))
		return true;
	varlink_error(call, "io.mnpen.Pen.InterlockOpen",
		      json_pack("{ssss}", "interlock",
				clinic->problem[0] ? "catalogue" : "recalls",
				"message", clinic_problem(clinic)));
	return false;
}

const struct recall *clinic_recall(const struct clinic *clinic,
				   const struct udi *udi)
{
	return recall_find(&clinic->recalls, udi);
}
