// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

static int verbose;

void log_set_verbose(int on)
{
	verbose = on;
}

/*
 * The line is written by one write(2), so that lines of two threads do not
 * mix. A terminal gets no priority prefix.
 */
static void log_line(int priority, const char *fmt, va_list args)
{
	int saved = errno;
	char line[1024];
	int head = 0, body;

	if (!isatty(STDERR_FILENO))
		head = snprintf(line, sizeof(line), "<%d>", priority);
	body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt,
			 args);
	if (body > 0) {
		size_t len = (size_t)head + (size_t)body;

		if (len > sizeof(line) - 2)
			len = sizeof(line) - 2;
		line[len++] = '\n';
		if (write(STDERR_FILENO, line, len) < 0)
			errno = 0; /* nowhere left to say it */
	}
	errno = saved;
}

#define LOG_FUNCTION(name, priority)                                           \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		va_list args;                                                  \
                                                                               \
		va_start(args, fmt);                                           \
		log_line(priority, fmt, args);                                 \
		va_end(args);                                                  \
	}

LOG_FUNCTION(log_error, LOG_ERR)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_info, LOG_INFO)

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!verbose)
		return;
	va_start(args, fmt);
	log_line(LOG_DEBUG, fmt, args);
	va_end(args);
}
