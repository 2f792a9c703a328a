// SPDX-License-Identifier: GPL-2.0-or-later
/* Text in lines that end between words. */
#include "daemon/mnpenctl/mnpenctl.h"

#include <stdio.h>
#include <string.h>

/* Columns of len bytes of UTF-8. */
static int columns_of(const char *text, size_t len)
{
	int n = 0;

	while (len--)
		n += (*text++ & 0xc0) != 0x80;
	return n;
}

void wrap_pad(char *out, size_t size, const char *text, int width)
{
	int gap = width - columns_of(text, strlen(text));

	snprintf(out, size, "%s%*s", text, gap > 0 ? gap : 0, "");
}

void wrap_put(FILE *to, int column, int indent, int width, const char *text)
{
	bool first = true;	/* of its line */

	while (*text) {
		size_t len = strcspn(text, " \n");
		int word = columns_of(text, len);

		if (len && !first && column + 1 + word > width) {
			fputc('\n', to);
			column = 0;
			first = true;
		}
		if (len) {
			if (first && column < indent)
				column += fprintf(to, "%*s", indent - column, "");
			if (!first)
				column += fprintf(to, " ");
			fprintf(to, "%.*s", (int)len, text);
			column += word;
			first = false;
		}
		text += len;
		if (*text == '\n') {
			fputc('\n', to);
			column = 0;
			first = true;
		}
		text += *text != '\0';
	}
}
