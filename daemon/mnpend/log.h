/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line per real event, subject first, for the person at 2 a.m.
 *
 * Lines go to stderr with the <N> priority that journald understands. errno
 * survives every call. Any thread may log.
 */
#ifndef MNPEND_LOG_H
#define MNPEND_LOG_H

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Only with --verbose. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_set_verbose(int on);

#endif /* MNPEND_LOG_H */
