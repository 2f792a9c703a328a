/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three sockets. Which one a client came in by is what it may do. */
#ifndef MNPEND_LISTEN_H
#define MNPEND_LISTEN_H

#include "daemon/varlink/server.h"

#define LISTEN_DIR "/run/mnpen"

/*
 * Takes the sockets that the service manager passed in (named observe,
 * operate, admin) or, if there are none or dir is given, binds them in dir
 * (NULL: LISTEN_DIR), each 0660 and with the group mnpen-<name> if that
 * exists. Says what went wrong; negative errno.
 */
int listen_open(struct varlink_server *server, const char *dir);

#endif /* MNPEND_LISTEN_H */
