// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In a directory of ours: the record and its backups, the sockets. */
#define LANDLOCK_OURS                                                          \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |         \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* Whatever is in here and not allowed by a rule is refused. */
#define LANDLOCK_HANDLED                                                       \
	(LANDLOCK_OURS | LANDLOCK_ACCESS_FS_EXECUTE |                          \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |        \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |          \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |        \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

static int landlock_allow(int ruleset, const char *directory, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	int ret = 0;

	rule.parent_fd = open(directory, O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (rule.parent_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0))
		ret = -errno;
	close(rule.parent_fd);
	return ret;
}

int landlock_confine(const char *const *writable, size_t count)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_HANDLED,
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
				   sizeof(attr), 0);
	int ret;
	size_t i;

	if (ruleset < 0)
		return errno == ENOSYS ? -EOPNOTSUPP : -errno;
	/* Pens come and go: their nodes have no rule of their own. */
	ret = landlock_allow(ruleset, "/dev", LANDLOCK_ACCESS_FS_WRITE_FILE);
	for (i = 0; i < count && ret == 0; i++)
		if (writable[i])
			ret = landlock_allow(ruleset, writable[i],
					     LANDLOCK_OURS);
	if (ret == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
			 syscall(SYS_landlock_restrict_self, ruleset, 0)))
		ret = -errno;
	close(ruleset);
	return ret;
}
