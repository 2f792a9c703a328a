// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpentop/top.h"

#include <string.h>

void canvas_clear(struct canvas *c, bool utf8, int columns, int lines)
{
	memset(c, 0, sizeof(*c));
	c->utf8 = utf8;
	c->columns = columns > CANVAS_COLUMNS ? CANVAS_COLUMNS : columns;
	c->lines = lines > CANVAS_LINES ? CANVAS_LINES : lines;
	if (c->columns < 0)
		c->columns = 0;
	c->width = utf8 ? c->columns * 2 : c->columns;
	c->height = utf8 ? c->lines * 4 : c->lines * 3;
}

/* Braille numbers its dots down the left, down the right, then the feet. */
static uint8_t bit(const struct canvas *c, int x, int y)
{
	static const uint8_t braille[4][2] = {
		{ 0x40, 0x80 }, { 0x04, 0x20 }, { 0x02, 0x10 }, { 0x01, 0x08 },
	};

	return c->utf8 ? braille[y % 4][x % 2] : (uint8_t)(1 << y % 3);
}

static bool inside(const struct canvas *c, int x, int y)
{
	return x >= 0 && y >= 0 && x < c->width && y < c->height;
}

void canvas_dot(struct canvas *c, int x, int y)
{
	int line = c->lines - 1 - y / (c->utf8 ? 4 : 3);

	if (inside(c, x, y))
		c->dot[line][c->utf8 ? x / 2 : x] |= bit(c, x, y);
}

/* Broken, so that it is not taken for a measurement. */
void canvas_limit(struct canvas *c, int y)
{
	int line = c->lines - 1 - y / (c->utf8 ? 4 : 3);
	int x;

	if (!inside(c, 0, y))
		return;
	for (x = 0; x < c->width; x += c->utf8 ? 4 : 2) {
		int column = c->utf8 ? x / 2 : x;

		if (c->utf8)
			c->dot[line][column] |= bit(c, x, y);
		else if (!c->dot[line][column])
			c->limit[line][column] = true;
	}
}

/* The highest dot is the worst value in this column. */
static char ascii(uint8_t dots)
{
	if (dots & 4)
		return '"';
	if (dots & 2)
		return '-';
	return dots ? '_' : ' ';
}

void canvas_text(const struct canvas *c, int line, char *text)
{
	int column;

	for (column = 0; column < c->columns; column++) {
		uint8_t dots = c->dot[line][column];

		if (!c->utf8) {
			*text++ = c->limit[line][column] && !dots ? '=' :
								    ascii(dots);
		} else if (!dots) {
			*text++ = ' ';
		} else {	/* U+2800 and the dots */
			*text++ = (char)0xe2;
			*text++ = (char)(0xa0 | dots >> 6);
			*text++ = (char)(0x80 | (dots & 0x3f));
		}
	}
	*text = '\0';
}
