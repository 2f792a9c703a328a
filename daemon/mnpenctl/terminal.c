// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys and size of the terminal. */
#include "daemon/mnpenctl/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define COLUMNS_MIN	40
#define COLUMNS_MAX	120

static struct termios saved;
static bool have_saved;

void terminal_keys(void)
{
	struct termios t;

	if (have_saved || tcgetattr(STDIN_FILENO, &saved) < 0)
		return;
	have_saved = true;
	t = saved;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	/* Ctrl-S would freeze the picture of a running motor. */
	t.c_iflag &= ~(tcflag_t)IXON;
	/* Ctrl-Z is a key like any other, and it stops. */
	t.c_cc[VSUSP] = _POSIX_VDISABLE;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

void terminal_restore(void)
{
	if (!have_saved)
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	have_saved = false;
}

unsigned int terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 80;
	if (size.ws_col < COLUMNS_MIN)
		return COLUMNS_MIN;
	return size.ws_col > COLUMNS_MAX ? COLUMNS_MAX : size.ws_col;
}

static bool terminal_has_colours(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") &&
	       !getenv("NO_COLOR");
}

/* Inverse, so that it stands out where the colours are not told apart. */
const char *terminal_colour(const char *priority)
{
	if (!terminal_has_colours())
		return "";
	if (!strcmp(priority, "low"))
		return "\033[7;36m";
	return strcmp(priority, "medium") ? "\033[7;1;31m" : "\033[7;33m";
}

const char *terminal_plain(void)
{
	return terminal_has_colours() ? "\033[0m" : "";
}

bool terminal_stop_key(void)
{
	char keys[64];
	ssize_t n, i;

	n = read(STDIN_FILENO, keys, sizeof(keys));
	if (n <= 0)
		return true;
	for (i = 0; i < n; i++)
		if (keys[i] == ' ' || keys[i] == 'q' || keys[i] == 'Q' ||
		    keys[i] == 3 /* Ctrl-C */ || keys[i] == 26 /* Ctrl-Z */)
			return true;
	return false;
}
