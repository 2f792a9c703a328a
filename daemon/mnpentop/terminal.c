// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What kind of terminal this is. Apart, since term.h takes words like "lines"
 * and "columns" for itself.
 */
#include "daemon/mnpentop/top.h"

#include <ncurses.h>
#include <term.h>
#include <unistd.h>

bool terminal_draws(void)
{
	bool draws;
	int known;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    setupterm(NULL, STDOUT_FILENO, &known) != OK)
		return false;
	/* "dumb" and its like have lines, and no places on them. */
	draws = cursor_address != NULL;
	del_curterm(cur_term);
	return draws;
}
