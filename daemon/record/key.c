// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/record/key.h"

#define SEED_LEN crypto_sign_SEEDBYTES

static int read_seed(int fd, uint8_t seed[SEED_LEN])
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size != SEED_LEN)
		return -EUCLEAN;
	if (st.st_mode & 077)
		return -EPERM;
	n = pread(fd, seed, SEED_LEN, 0);
	return n < 0 ? -errno : n == SEED_LEN ? 0 : -EUCLEAN;
}

static int sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd, ret = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		ret = -errno;
	close(fd);
	return ret;
}

static int write_seed(int fd, const uint8_t seed[SEED_LEN])
{
	ssize_t n = write(fd, seed, SEED_LEN);

	if (n != SEED_LEN)
		return n < 0 ? -errno : -ENOSPC;
	return fsync(fd) ? -errno : 0;
}

/* Whole or not at all, whenever the power goes. */
static int make_seed(const char *name, uint8_t seed[SEED_LEN])
{
	char fresh[PATH_MAX];
	int fd, ret;

	if (snprintf(fresh, sizeof(fresh), "%s.new", name) >=
	    (int)sizeof(fresh))
		return -ENAMETOOLONG;
	randombytes_buf(seed, SEED_LEN);
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = write_seed(fd, seed);
	close(fd);
	if (!ret && rename(fresh, name))
		ret = -errno;
	if (!ret)
		ret = sync_directory(name);
	else
		unlink(fresh);
	return ret;
}

static void explain(const char *name, int ret, char *error)
{
	if (ret == -EUCLEAN)
		snprintf(error, RECORD_ERROR_LEN,
			 "move %.150s away: it is not the record's key", name);
	else if (ret == -EPERM)
		snprintf(error, RECORD_ERROR_LEN,
			 "chmod 600 %.150s: others can read the record's key",
			 name);
	else
		snprintf(error, RECORD_ERROR_LEN,
			 "make the key %.150s readable: %s", name,
			 strerror(-ret));
}

int key_load(const char *path, struct key *out, char error[RECORD_ERROR_LEN])
{
	uint8_t seed[SEED_LEN];
	char name[PATH_MAX];
	int fd, ret;

	if (sodium_init() < 0)
		sodium_misuse();
	if (snprintf(name, sizeof(name), "%s-key", path) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		ret = read_seed(fd, seed);
		close(fd);
	} else {
		ret = errno == ENOENT ? make_seed(name, seed) : -errno;
	}
	if (!ret)
		crypto_sign_seed_keypair(out->public, out->secret, seed);
	else
		explain(name, ret, error);
	sodium_memzero(seed, sizeof(seed));
	return ret;
}

void key_wipe(struct key *key)
{
	sodium_memzero(key, sizeof(*key));
}
