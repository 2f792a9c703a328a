/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a clinic, as mnpend reads them and without asking it. */
#ifndef MNPENCTL_FILES_H
#define MNPENCTL_FILES_H

#include "daemon/catalogue/load.h"
#include "daemon/mnpenctl/mnpenctl.h"

/* Where mnpend looks for the clinic's own: the environment's, or the usual. */
const char *files_clinic(void);
/*
 * The files named, on top of what is built in; without any what mnpend reads.
 * Explains. *set is to be freed with catalogue_free().
 */
int files_read(struct ctl *ctl, char **paths, int n, struct catalogue **set);
/* What differs from what is built in: a list of CatalogueChange. */
json_t *files_changes(const struct catalogue *set);
void files_changes_print(const json_t *changes);

#endif /* MNPENCTL_FILES_H */
