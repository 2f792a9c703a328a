// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/memdisk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES  8
#define SECTOR 512
#define NAME   128

/* A write, or with data NULL a change of the size to at. */
struct change {
	struct change *next;
	uint8_t *data;
	size_t at, len;
};

struct bytes {
	uint8_t *data;
	size_t len, room;
};

struct memfile {
	char name[NAME]; /* empty: the slot is free */
	bool there, there_synced;
	bool renewed; /* made again since: what was synced is another's */
	struct bytes now, synced;
	struct change *first, **last; /* since the last sync */
};

struct memdisk {
	struct memfile files[FILES];
	void (*fn)(void *arg);
	void *arg;
};

struct handle {
	sqlite3_file base;
	struct memdisk *disk;
	struct memfile *file;
};

static sqlite3_vfs mem_vfs;
static struct memdisk *active;

uint64_t memdisk_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 0x2545f4914f6cdd1dull;
}

/* Out of memory is no subject of this test. */
static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void resize(struct bytes *b, size_t len)
{
	if (len > b->room) {
		b->room = len * 2;
		b->data = must(realloc(b->data, b->room));
	}
	if (len > b->len)
		memset(b->data + b->len, 0, len - b->len);
	b->len = len;
}

static void put(struct bytes *b, const uint8_t *data, size_t len, size_t at)
{
	if (at + len > b->len)
		resize(b, at + len);
	memcpy(b->data + at, data, len);
}

static void copy(struct bytes *to, const struct bytes *from)
{
	resize(to, from->len);
	if (from->len)
		memcpy(to->data, from->data, from->len);
}

static void forget_changes(struct memfile *f)
{
	struct change *c;

	while ((c = f->first)) {
		f->first = c->next;
		free(c->data);
		free(c);
	}
	f->last = &f->first;
}

static void note(struct memfile *f, const void *data, size_t len, size_t at)
{
	struct change *c = must(calloc(1, sizeof(*c)));

	c->at = at;
	c->len = len;
	if (data) {
		c->data = must(malloc(len));
		memcpy(c->data, data, len);
	}
	*f->last = c;
	f->last = &c->next;
}

static void changing(struct memdisk *d)
{
	if (d->fn)
		d->fn(d->arg);
}

/* --- power ------------------------------------------------------------------ */

struct dice {
	uint64_t *seed;
	unsigned int kept; /* of 8 sectors, about */
};

static void apply_write(struct bytes *b, const struct change *c,
			struct dice *dice)
{
	size_t from = c->at, end = c->at + c->len;

	while (from < end) {
		size_t to = from - from % SECTOR + SECTOR, n;
		uint64_t r = memdisk_random(dice->seed);

		if (to > end)
			to = end;
		n = to - from;
		/* One sector in eight that get there gets there in part. */
		if ((r >> 8) % 8 == 0 && dice->kept < 8)
			n = (r >> 16) % n;
		if (r % 8 < dice->kept && n)
			put(b, c->data + (from - c->at), n, from);
		from = to;
	}
}

static void cut_file(struct memfile *to, const struct memfile *from,
		     struct dice *dice)
{
	bool decided = from->there == from->there_synced && !from->renewed;
	bool newest = memdisk_random(dice->seed) & 1;

	strcpy(to->name, from->name);
	to->there = decided || newest ? from->there : from->there_synced;
	if (!from->renewed || !newest)
		copy(&to->synced, &from->synced);
	for (const struct change *c = from->first; c; c = c->next) {
		if (from->renewed && !newest)
			break;
		if (c->data)
			apply_write(&to->synced, c, dice);
		else if (memdisk_random(dice->seed) % 8 < dice->kept)
			resize(&to->synced, c->at);
	}
	to->there_synced = to->there;
	copy(&to->now, &to->synced);
}

struct memdisk *memdisk_cut(const struct memdisk *d, uint64_t *seed)
{
	static const unsigned int kept[] = { 0, 1, 4, 4, 7, 8 };
	struct memdisk *left = memdisk_new();
	struct dice dice = { .seed = seed };

	dice.kept = kept[memdisk_random(seed) % 6];
	for (int i = 0; i < FILES; i++) {
		if (d->files[i].name[0])
			cut_file(&left->files[i], &d->files[i], &dice);
	}
	return left;
}

/* --- files ------------------------------------------------------------------ */

static int mem_write(sqlite3_file *file, const void *data, int len,
		     sqlite3_int64 at)
{
	struct handle *h = (struct handle *)file;

	changing(h->disk);
	put(&h->file->now, data, len, at);
	note(h->file, data, len, at);
	return SQLITE_OK;
}

static int mem_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct handle *h = (struct handle *)file;

	changing(h->disk);
	resize(&h->file->now, size);
	note(h->file, NULL, 0, size);
	return SQLITE_OK;
}

static void sync_directory(struct memdisk *d)
{
	for (int i = 0; i < FILES; i++) {
		struct memfile *f = &d->files[i];

		f->there_synced = f->there;
		if (!f->there || f->renewed)
			resize(&f->synced, 0);
		f->renewed = false;
	}
}

static int mem_sync(sqlite3_file *file, int flags)
{
	struct handle *h = (struct handle *)file;

	(void)flags;
	changing(h->disk);
	/* The real one syncs the directory as well, of a file it made. */
	if (h->file->renewed)
		sync_directory(h->disk);
	copy(&h->file->synced, &h->file->now);
	forget_changes(h->file);
	return SQLITE_OK;
}

static int mem_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	const struct bytes *b = &((struct handle *)file)->file->now;
	size_t n = 0;

	if ((size_t)at < b->len)
		n = b->len - at < (size_t)len ? b->len - at : (size_t)len;
	if (n)
		memcpy(out, b->data + at, n);
	memset((uint8_t *)out + n, 0, len - n);
	return n == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int mem_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = ((struct handle *)file)->file->now.len;
	return SQLITE_OK;
}

static int mem_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static int mem_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

static int mem_reserved(sqlite3_file *file, int *out)
{
	(void)file;
	*out = 0;
	return SQLITE_OK;
}

static int mem_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int mem_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int mem_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = mem_close,
	.xRead = mem_read,
	.xWrite = mem_write,
	.xTruncate = mem_truncate,
	.xSync = mem_sync,
	.xFileSize = mem_size,
	.xLock = mem_lock,
	.xUnlock = mem_lock,
	.xCheckReservedLock = mem_reserved,
	.xFileControl = mem_control,
	.xSectorSize = mem_sector,
	.xDeviceCharacteristics = mem_traits,
};

static struct memfile *find(struct memdisk *d, const char *name, bool make)
{
	struct memfile *free_slot = NULL;

	for (int i = 0; i < FILES; i++) {
		if (!strcmp(d->files[i].name, name))
			return &d->files[i];
		if (!d->files[i].name[0] && !free_slot)
			free_slot = &d->files[i];
	}
	if (!make)
		return NULL;
	must(free_slot);
	snprintf(free_slot->name, NAME, "%s", name);
	return free_slot;
}

static int mem_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		    int flags, int *out_flags)
{
	struct handle *h = (struct handle *)file;

	(void)vfs;
	memset(h, 0, sizeof(*h));
	h->disk = active;
	h->file = find(active, name, true);
	/* The file itself is made by open(2) before SQLite sees it. */
	if (!h->file->there && (flags & SQLITE_OPEN_MAIN_DB))
		h->file->there = h->file->there_synced = true;
	if (!h->file->there) {
		if (!(flags & SQLITE_OPEN_CREATE))
			return SQLITE_CANTOPEN;
		changing(active);
		resize(&h->file->now, 0);
		h->file->there = true;
		h->file->renewed = true;
	}
	if (out_flags)
		*out_flags = flags;
	h->base.pMethods = &methods;
	return SQLITE_OK;
}

static int mem_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct memfile *f = find(active, name, false);

	(void)vfs;
	if (!f || !f->there)
		return SQLITE_IOERR_DELETE_NOENT;
	changing(active);
	f->there = false;
	resize(&f->now, 0);
	/* Either the old file comes back whole, or there is none. */
	forget_changes(f);
	if (sync)
		sync_directory(active);
	return SQLITE_OK;
}

static int mem_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	struct memfile *f = find(active, name, false);

	(void)vfs;
	*out = f && f->there && (flags != SQLITE_ACCESS_EXISTS || f->there);
	return SQLITE_OK;
}

static int mem_path(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	snprintf(out, len, "%s", name);
	return SQLITE_OK;
}

/* --- disks ------------------------------------------------------------------ */

struct memdisk *memdisk_new(void)
{
	struct memdisk *d = must(calloc(1, sizeof(*d)));

	for (int i = 0; i < FILES; i++)
		d->files[i].last = &d->files[i].first;
	return d;
}

void memdisk_free(struct memdisk *d)
{
	for (int i = 0; i < FILES; i++) {
		forget_changes(&d->files[i]);
		free(d->files[i].now.data);
		free(d->files[i].synced.data);
	}
	free(d);
}

void memdisk_use(struct memdisk *d)
{
	active = d;
}

void memdisk_on_change(struct memdisk *d, void (*fn)(void *arg), void *arg)
{
	d->fn = fn;
	d->arg = arg;
}

void memdisk_install(void)
{
	mem_vfs = *sqlite3_vfs_find(NULL);
	mem_vfs.zName = "memdisk";
	mem_vfs.szOsFile = sizeof(struct handle);
	mem_vfs.xOpen = mem_open;
	mem_vfs.xDelete = mem_delete;
	mem_vfs.xAccess = mem_access;
	mem_vfs.xFullPathname = mem_path;
	mem_vfs.pNext = NULL;
	sqlite3_vfs_register(&mem_vfs, 1);
}
