// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words in the language of whoever reads them. What scripts read is never
 * translated: names, codes and everything with --json.
 */
#include "daemon/mnpenctl/mnpenctl.h"

#include "daemon/mnpenctl/paths.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN	"mnpen"

void i18n_begin(void)
{
	const char *dir = getenv("MNPEN_LOCALE_DIR");
	const char *locale, *language = getenv("LANGUAGE");

	setlocale(LC_CTYPE, "");
	locale = setlocale(LC_MESSAGES, "");
	/* In the locale "C" glibc does not look at LANGUAGE at all. */
	if (language && *language && (!locale || !strcmp(locale, "C") ||
				      !strcmp(locale, "POSIX")))
		setlocale(LC_MESSAGES, "C.UTF-8");
	bindtextdomain(DOMAIN, dir ? dir : MNPENCTL_LOCALE);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

/* The empty text stands for the head of the file, which is no translation. */
const char *tr(const char *text)
{
	return *text ? gettext(text) : text;
}
