// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words in the language of whoever reads them. What scripts read is never
 * translated: names, codes and everything with --json.
 */
#include "daemon/mnpenctl/i18n.h"

#include "daemon/mnpenctl/paths.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN		"mnpen"
#define RESULT_LEN	1024

/* Names of limits, entries and priorities, where they stand in a sentence. */
static const char *const words[] __attribute__((unused)) = {
	N_("depth"), N_("rate"), N_("rateMinimum"), N_("run"), N_("session"),
	N_("current"), N_("temperature"), N_("contact"), N_("density"),
	N_("punctures"), N_("duty"), N_("cartridgeTime"), N_("interval"),
	N_("concern"), N_("course"),
	/* of alarms */
	N_("high"), N_("medium"), N_("low")
};

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
static const char *known(const char *text)
{
	const char *other = *text ? gettext(text) : text;

	return strcmp(other, text) ? other : NULL;
}

/*
 * The daemon may put sentences together: then each is looked up by itself.
 * Four results stay valid, enough for one line of print.
 */
const char *tr(const char *text)
{
	static char results[4][RESULT_LEN];
	static unsigned int next;
	char *out = results[next++ % 4], sentence[RESULT_LEN];
	size_t n = 0, len;

	if (known(text))
		return known(text);
	if (!strstr(text, ". ") || strlen(text) >= RESULT_LEN)
		return text;
	for (; *text; text += len + (text[len] == ' ')) {
		const char *end = strstr(text, ". ");

		len = end ? (size_t)(end - text) + 1 : strlen(text);
		snprintf(sentence, sizeof(sentence), "%.*s", (int)len, text);
		n += (size_t)snprintf(out + n, RESULT_LEN - n, "%s%s",
				      n ? " " : "",
				      known(sentence) ? known(sentence) :
							sentence);
		if (n >= RESULT_LEN)
			break;
	}
	return out;
}
