// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/faultvfs.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int ops, nth, count, fired, syncs;
	bool forever, hold, held;
	int err;
} f = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER };

struct fault_file {
	sqlite3_file base;
	sqlite3_file *real; /* in the same allocation */
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;

#define REAL(file) (((struct fault_file *)(file))->real)

void fault_set(unsigned int ops, unsigned int nth, bool forever, int err)
{
	pthread_mutex_lock(&f.lock);
	f.ops = ops;
	f.nth = nth;
	f.forever = forever;
	f.err = err;
	f.count = f.fired = f.syncs = 0;
	pthread_mutex_unlock(&f.lock);
}

static unsigned int get(const unsigned int *field)
{
	unsigned int value;

	pthread_mutex_lock(&f.lock);
	value = *field;
	pthread_mutex_unlock(&f.lock);
	return value;
}

unsigned int fault_fired(void)
{
	return get(&f.fired);
}

unsigned int fault_syncs(void)
{
	return get(&f.syncs);
}

void fault_hold(void)
{
	pthread_mutex_lock(&f.lock);
	f.hold = true;
	pthread_mutex_unlock(&f.lock);
}

bool fault_await_held(void)
{
	struct timespec end;
	bool held;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 10;
	pthread_mutex_lock(&f.lock);
	while (!f.held && !pthread_cond_timedwait(&f.changed, &f.lock, &end))
		;
	held = f.held;
	pthread_mutex_unlock(&f.lock);
	return held;
}

void fault_release(void)
{
	pthread_mutex_lock(&f.lock);
	f.hold = false;
	pthread_cond_broadcast(&f.changed);
	pthread_mutex_unlock(&f.lock);
}

/* 0, or the SQLite code to fail with. */
static int fails(enum fault_op op, int rc)
{
	bool fail;

	pthread_mutex_lock(&f.lock);
	fail = f.nth && (f.ops & op) &&
	       (++f.count == f.nth || (f.forever && f.count > f.nth));
	f.fired += fail;
	if (fail && f.err == ENOSPC && op == FAULT_WRITE)
		rc = SQLITE_FULL;
	pthread_mutex_unlock(&f.lock);
	return fail ? rc : 0;
}

static int fault_write(sqlite3_file *file, const void *data, int len,
		       sqlite3_int64 at)
{
	int rc = fails(FAULT_WRITE, SQLITE_IOERR_WRITE);

	if (!rc)
		return REAL(file)->pMethods->xWrite(REAL(file), data, len, at);
	REAL(file)->pMethods->xWrite(REAL(file), data, len / 2, at);
	return rc;
}

static int fault_sync(sqlite3_file *file, int flags)
{
	int rc = fails(FAULT_SYNC, SQLITE_IOERR_FSYNC);

	pthread_mutex_lock(&f.lock);
	f.syncs++;
	while (f.hold) {
		f.held = true;
		pthread_cond_broadcast(&f.changed);
		pthread_cond_wait(&f.changed, &f.lock);
	}
	f.held = false;
	pthread_mutex_unlock(&f.lock);
	return rc ? rc : REAL(file)->pMethods->xSync(REAL(file), flags);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = fails(FAULT_TRUNCATE, SQLITE_IOERR_TRUNCATE);

	return rc ? rc : REAL(file)->pMethods->xTruncate(REAL(file), size);
}

static int fault_close(sqlite3_file *file)
{
	return REAL(file)->pMethods->xClose(REAL(file));
}

static int fault_read(sqlite3_file *file, void *data, int len, sqlite3_int64 at)
{
	return REAL(file)->pMethods->xRead(REAL(file), data, len, at);
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int fault_lock(sqlite3_file *file, int level)
{
	return REAL(file)->pMethods->xLock(REAL(file), level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
	return REAL(file)->pMethods->xUnlock(REAL(file), level);
}

static int fault_reserved(sqlite3_file *file, int *out)
{
	return REAL(file)->pMethods->xCheckReservedLock(REAL(file), out);
}

static int fault_control(sqlite3_file *file, int op, void *arg)
{
	if (op == SQLITE_FCNTL_LAST_ERRNO && f.err) {
		*(int *)arg = f.err;
		return SQLITE_OK;
	}
	return REAL(file)->pMethods->xFileControl(REAL(file), op, arg);
}

static int fault_sector(sqlite3_file *file)
{
	return REAL(file)->pMethods->xSectorSize(REAL(file));
}

static int fault_traits(sqlite3_file *file)
{
	return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = fault_close,
	.xRead = fault_read,
	.xWrite = fault_write,
	.xTruncate = fault_truncate,
	.xSync = fault_sync,
	.xFileSize = fault_size,
	.xLock = fault_lock,
	.xUnlock = fault_unlock,
	.xCheckReservedLock = fault_reserved,
	.xFileControl = fault_control,
	.xSectorSize = fault_sector,
	.xDeviceCharacteristics = fault_traits,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		      int flags, int *out_flags)
{
	struct fault_file *ff = (struct fault_file *)file;
	int rc;

	(void)vfs;
	ff->real = (sqlite3_file *)(ff + 1);
	rc = real_vfs->xOpen(real_vfs, name, ff->real, flags, out_flags);
	ff->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
	return rc;
}

static int fault_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	(void)len;
	(void)out;
	return f.err;
}

void fault_install(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	fault_vfs = *real_vfs;
	fault_vfs.zName = "fault";
	fault_vfs.szOsFile = sizeof(struct fault_file) + real_vfs->szOsFile;
	fault_vfs.xOpen = fault_open;
	fault_vfs.xGetLastError = fault_last_error;
	fault_vfs.pNext = NULL;
	sqlite3_vfs_register(&fault_vfs, 1);
}
