// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/listen.h"

#include "daemon/mnpend/log.h"
#include "daemon/mnpend/notify.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct listen_name {
	const char *name;
	enum varlink_role role;
} listen_names[] = {
	{ "observe", VARLINK_OBSERVE },
	{ "operate", VARLINK_OPERATE },
	{ "admin", VARLINK_ADMIN },
};

#define LISTEN_NAMES (sizeof(listen_names) / sizeof(listen_names[0]))

static int listen_adopt(int fd, const char *name, void *ctx)
{
	size_t i;

	for (i = 0; i < LISTEN_NAMES; i++)
		if (strcmp(name, listen_names[i].name) == 0)
			return varlink_server_adopt(ctx, fd,
						    listen_names[i].role);
	log_error("socket %s: FileDescriptorName= must be observe, operate or admin",
		  name);
	return -EINVAL;
}

static int listen_bind(struct varlink_server *server, const char *dir)
{
	char path[108], group_name[32];
	struct group *group;
	size_t i;
	int ret;

	if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
		ret = -errno;
		log_error("%s: cannot make the socket directory: %s", dir,
			  strerror(-ret));
		return ret;
	}
	for (i = 0; i < LISTEN_NAMES; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", dir,
			     listen_names[i].name) >= (int)sizeof(path)) {
			log_error("%s: path too long for a socket", dir);
			return -ENAMETOOLONG;
		}
		snprintf(group_name, sizeof(group_name), "mnpen-%s",
			 listen_names[i].name);
		group = getgrnam(group_name);
		ret = varlink_server_bind(server, path, listen_names[i].role,
					  group ? group->gr_gid : (gid_t)-1);
		if (ret < 0) {
			log_error("%s: cannot listen: %s%s", path,
				  strerror(-ret),
				  ret == -EADDRINUSE ?
					  " (is another mnpend running?)" :
					  "");
			return ret;
		}
	}
	return 0;
}

int listen_open(struct varlink_server *server, const char *dir)
{
	int n = dir ? 0 : notify_sockets(listen_adopt, server);

	if (n != 0)
		return n < 0 ? n : 0;
	return listen_bind(server, dir ? dir : LISTEN_DIR);
}
