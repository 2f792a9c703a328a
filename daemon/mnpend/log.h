/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line per real event, subject first, for the person at 2 a.m.
 *
 * Lines go to stderr with the <N> priority that journald understands, or to
 * syslog. Neither can hold up the caller, unless stderr is a terminal or a
 * pipe: a line that a socket does not take is lost. errno survives every call.
 * Any thread may log.
 */
#ifndef MNPEND_LOG_H
#define MNPEND_LOG_H

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Only with --verbose. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_set_verbose(int on);

/*
 * From here on to /dev/log, which may come, go and come back. To be called
 * before there are threads. Negative errno, and stderr stays.
 */
int log_to_syslog(void);

#endif /* MNPEND_LOG_H */
