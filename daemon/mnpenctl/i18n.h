/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's language, of mnpenctl and mnpentop. */
#ifndef MNPENCTL_I18N_H
#define MNPENCTL_I18N_H

#include <libintl.h>

#define _(text)		gettext(text)
#define N_(text)	text		/* translated where it is used */

void i18n_begin(void);
/* What the daemon says, in the reader's language if it is known. */
const char *tr(const char *text);

#endif /* MNPENCTL_I18N_H */
