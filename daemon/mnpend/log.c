// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#define LOG_SOCKET "/dev/log"

static int verbose;
static int syslog_fd = -1;	/* -1: lines go to stderr */

void log_set_verbose(int on)
{
	verbose = on;
}

static int log_connect(void)
{
	static const struct sockaddr_un addr = { .sun_family = AF_UNIX,
						 .sun_path = LOG_SOCKET };

	return connect(syslog_fd, (const struct sockaddr *)&addr,
		       sizeof(addr));
}

/* No syslog(3): it waits for the daemon, and opens a socket whenever it likes. */
int log_to_syslog(void)
{
	syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (syslog_fd < 0)
		return -errno;
	log_connect();
	return 0;
}

static void log_put_syslog(const char *line, size_t len)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	if (send(syslog_fd, line, len, flags) >= 0 || errno == EAGAIN)
		return;
	/* A log daemon that was started again listens on a new socket. */
	if (log_connect() == 0)
		send(syslog_fd, line, len, flags);
}

/*
 * One system call, so that lines of two threads do not mix. Under systemd
 * stderr is a socket to journald, which must not hold up the loop.
 */
static void log_put_stderr(const char *line, size_t len)
{
	if (send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	    errno != ENOTSOCK)
		return;
	if (write(STDERR_FILENO, line, len) < 0)
		errno = 0; /* nowhere left to say it */
}

static int log_head(char *line, size_t size, int priority)
{
	static int terminal = -1;

	if (syslog_fd >= 0)
		return snprintf(line, size, "<%d>mnpend[%ld]: ",
				LOG_DAEMON | priority, (long)getpid());
	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	return terminal ? 0 : snprintf(line, size, "<%d>", priority);
}

static void log_line(int priority, const char *fmt, va_list args)
{
	int saved = errno;
	char line[1024];
	int head = log_head(line, sizeof(line), priority), body;
	size_t len;

	body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt,
			 args);
	if (body > 0) {
		len = (size_t)head + (size_t)body;
		if (len > sizeof(line) - 2)
			len = sizeof(line) - 2;
		if (syslog_fd < 0)
			line[len++] = '\n';
		if (syslog_fd < 0)
			log_put_stderr(line, len);
		else
			log_put_syslog(line, len);
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
