// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/wal.h"

/* As SQLite's file format document has it. */
#define HEADER_LEN   32
#define FRAME_HEADER 24
#define MAGIC	     0x377f0682u /* lowest bit: sums are big-endian */
#define PAGE_MAX     65536

struct wal {
	sqlite3_file *file;
	char *name;
	uint8_t *frame;
	uint32_t page_size;
	bool big;
	uint8_t salt[8];
	uint32_t sum[2]; /* running, of the last frame looked at */
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static void add(const struct wal *w, uint32_t sum[2], const uint8_t *p,
		size_t len)
{
	for (; len >= 8; p += 8, len -= 8) {
		sum[0] += (w->big ? be32(p) : le32(p)) + sum[1];
		sum[1] += (w->big ? be32(p + 4) : le32(p + 4)) + sum[0];
	}
}

static int wal_open(struct wal *w, const char *path)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	int there = 0, rc;

	if (!vfs)
		return -ENOMEM;
	w->name = sqlite3_malloc64(strlen(path) + 16);
	w->file = sqlite3_malloc(vfs->szOsFile);
	/* wal_close() looks into it, whatever else fails. */
	if (w->file)
		memset(w->file, 0, vfs->szOsFile);
	w->frame = sqlite3_malloc(FRAME_HEADER + PAGE_MAX);
	if (!w->name || !w->file || !w->frame)
		return -ENOMEM;
	sprintf(w->name, "%s-wal", path);
	rc = vfs->xAccess(vfs, w->name, SQLITE_ACCESS_EXISTS, &there);
	if (rc == SQLITE_OK && !there)
		return -ENOENT;
	if (rc == SQLITE_OK)
		rc = vfs->xOpen(vfs, w->name, w->file,
				SQLITE_OPEN_READONLY | SQLITE_OPEN_SUPER_JOURNAL,
				NULL);
	return rc == SQLITE_OK ? 0 : rc == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

static void wal_close(struct wal *w)
{
	if (w->file && w->file->pMethods)
		w->file->pMethods->xClose(w->file);
	sqlite3_free(w->file);
	sqlite3_free(w->frame);
	sqlite3_free(w->name);
}

/* 1 read, 0 the file ends before, or -EIO. */
static int read_at(struct wal *w, uint8_t *out, int len, int64_t at)
{
	int rc = w->file->pMethods->xRead(w->file, out, len, at);

	if (rc == SQLITE_IOERR_SHORT_READ)
		return 0;
	return rc == SQLITE_OK ? 1 : -EIO;
}

/* False: no frame of this file can count. */
static int read_header(struct wal *w)
{
	uint8_t h[HEADER_LEN];
	int ret = read_at(w, h, sizeof(h), 0);

	if (ret <= 0)
		return ret;
	w->big = be32(h) & 1;
	w->page_size = be32(h + 8);
	add(w, w->sum, h, 24);
	memcpy(w->salt, h + 16, 8);
	return (be32(h) & ~1u) == MAGIC && w->page_size >= 512 &&
	       w->page_size <= PAGE_MAX && w->sum[0] == be32(h + 24) &&
	       w->sum[1] == be32(h + 28);
}

/*
 * Whether the frame just read is sound after the one before. Its own sum is
 * taken as given for the next, so that frames behind a bad one can be judged.
 */
static bool sound(struct wal *w)
{
	uint32_t sum[2] = { w->sum[0], w->sum[1] };

	add(w, sum, w->frame, 8);
	add(w, sum, w->frame + FRAME_HEADER, w->page_size);
	w->sum[0] = be32(w->frame + 16);
	w->sum[1] = be32(w->frame + 20);
	return sum[0] == w->sum[0] && sum[1] == w->sum[1];
}

static int walk(struct wal *w, struct wal_state *out)
{
	int len = FRAME_HEADER + (int)w->page_size, ret;
	int64_t commits = 0, n = 0;
	bool broken = false;

	for (; (ret = read_at(w, w->frame, len, HEADER_LEN + n * len)) > 0;
	     n++) {
		/* Others are left over from before the log was begun anew. */
		bool ours = !memcmp(w->frame + 8, w->salt, 8);

		if (!ours && !broken)
			break;
		out->discarded += ours;
		if (!sound(w) || !ours) {
			broken = true;
			commits = 0;
		} else if (be32(w->frame + 4) && !broken) {
			out->frames = n + 1;
			out->discarded = 0;
		} else if (be32(w->frame + 4) && ++commits > 1) {
			out->damaged = true;
		}
	}
	return ret < 0 ? ret : 0;
}

int wal_inspect(const char *path, struct wal_state *out)
{
	struct wal w = { 0 };
	int ret;

	memset(out, 0, sizeof(*out));
	ret = wal_open(&w, path);
	if (!ret) {
		ret = read_header(&w);
		if (ret > 0)
			ret = walk(&w, out);
	}
	wal_close(&w);
	return ret == -ENOENT ? 0 : ret;
}
