/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What verbs of a service engineer share; service.c. */
#ifndef MNPENCTL_SERVICE_H
#define MNPENCTL_SERVICE_H

#include "daemon/mnpenctl/mnpenctl.h"

/*
 * Calls a method about the pen that the first argument names, as whoever this
 * user is that may drive pens. parameters (NULL: none but penId) are stolen.
 */
int service_ask(struct ctl *ctl, const char *method, json_t *parameters,
		json_t **reply);

#endif /* MNPENCTL_SERVICE_H */
