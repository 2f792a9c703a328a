// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/anchor.h"

#define SLOTS	  2
#define SLOT_LEN  512
#define SLOT_STEP 4096 /* no disk writes two slots at once */

#define HEX(n) (2 * (n) + 1)

/* A line of text: whoever finds the file can read it. */
static void format(const struct checkpoint *cp, char slot[SLOT_LEN])
{
	char hash[HEX(RECORD_HASH_LEN)], key[HEX(CHECKPOINT_KEY_LEN)];
	char signature[HEX(CHECKPOINT_SIGNATURE_LEN)];
	int n;

	sodium_bin2hex(hash, sizeof(hash), cp->hash, sizeof(cp->hash));
	sodium_bin2hex(key, sizeof(key), cp->key, sizeof(cp->key));
	sodium_bin2hex(signature, sizeof(signature), cp->signature,
		       sizeof(cp->signature));
	n = snprintf(slot, SLOT_LEN,
		     "mnpen-head 1 %" PRId64 " %" PRId64 " %" PRId64
		     " %" PRId64 " %s %s %s\n",
		     cp->id, cp->row, cp->unix_ms, cp->open_row, hash, key,
		     signature);
	memset(slot + n, ' ', SLOT_LEN - n);
	slot[SLOT_LEN - 1] = '\n';
}

static bool unhex(const char *text, uint8_t *out, size_t len)
{
	size_t got;

	return !sodium_hex2bin(out, len, text, strlen(text), NULL, &got,
			       NULL) && got == len;
}

static bool parse(const char *slot, struct checkpoint *cp)
{
	char hash[HEX(RECORD_HASH_LEN)], key[HEX(CHECKPOINT_KEY_LEN)];
	char signature[HEX(CHECKPOINT_SIGNATURE_LEN)];

	return sscanf(slot,
		      "mnpen-head 1 %" SCNd64 " %" SCNd64 " %" SCNd64
		      " %" SCNd64 " %64s %64s %128s",
		      &cp->id, &cp->row, &cp->unix_ms, &cp->open_row, hash,
		      key, signature) == 7 &&
	       unhex(hash, cp->hash, sizeof(cp->hash)) &&
	       unhex(key, cp->key, sizeof(cp->key)) &&
	       unhex(signature, cp->signature, sizeof(cp->signature)) &&
	       cp->id > 0 && cp->row > 0 && checkpoint_signed(cp);
}

static int open_file(struct anchor *a, const char *path, int flags)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	int there = 0, rc;

	memset(a, 0, sizeof(*a));
	if (!vfs)
		return -ENOMEM;
	a->name = sqlite3_malloc64(strlen(path) + 16);
	a->file = sqlite3_malloc(vfs->szOsFile);
	if (!a->name || !a->file)
		return -ENOMEM;
	memset(a->file, 0, vfs->szOsFile);
	sprintf(a->name, "%s-head", path);
	rc = vfs->xAccess(vfs, a->name, SQLITE_ACCESS_EXISTS, &there);
	if (rc == SQLITE_OK && !there && !(flags & SQLITE_OPEN_CREATE))
		return -ENOENT;
	/*
	 * As a journal it gets the mode of the file it is named after, which
	 * has to be there then.
	 */
	flags |= flags & SQLITE_OPEN_CREATE ? SQLITE_OPEN_MAIN_JOURNAL
					    : SQLITE_OPEN_SUPER_JOURNAL;
	if (rc == SQLITE_OK)
		rc = vfs->xOpen(vfs, a->name, a->file, flags, NULL);
	return rc == SQLITE_OK ? 0 : rc == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

static int read_slots(struct anchor *a, struct checkpoint *out)
{
	char slot[SLOT_LEN + 1];
	struct checkpoint cp;
	int rc;

	for (int i = 0; i < SLOTS; i++) {
		memset(slot, 0, sizeof(slot));
		rc = a->file->pMethods->xRead(a->file, slot, SLOT_LEN,
					      i * SLOT_STEP);
		if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
			return -EIO;
		if (!parse(slot, &cp) || cp.id <= a->id)
			continue;
		*out = cp;
		a->id = cp.id;
		a->slot = i;
	}
	return a->id ? 0 : -ENOENT;
}

int anchor_read(const char *path, struct checkpoint *out)
{
	struct anchor a;
	int ret;

	ret = open_file(&a, path, SQLITE_OPEN_READONLY);
	if (!ret)
		ret = read_slots(&a, out);
	anchor_close(&a);
	return ret;
}

int anchor_open(struct anchor *a, const char *path)
{
	struct checkpoint unused;
	int ret;

	ret = open_file(a, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	if (!ret)
		ret = read_slots(a, &unused);
	return ret == -ENOENT ? 0 : ret;
}

int anchor_write(struct anchor *a, const struct checkpoint *cp)
{
	int slot = a->id ? 1 - a->slot : 0;
	char text[SLOT_LEN];
	int rc;

	format(cp, text);
	rc = a->file->pMethods->xWrite(a->file, text, SLOT_LEN,
				       slot * SLOT_STEP);
	if (rc == SQLITE_OK)
		rc = a->file->pMethods->xSync(a->file, SQLITE_SYNC_NORMAL);
	if (rc != SQLITE_OK)
		return rc == SQLITE_FULL ? -ENOSPC : -EIO;
	a->id = cp->id;
	a->slot = slot;
	return 0;
}

void anchor_close(struct anchor *a)
{
	if (a->file && a->file->pMethods)
		a->file->pMethods->xClose(a->file);
	sqlite3_free(a->file);
	sqlite3_free(a->name);
	memset(a, 0, sizeof(*a));
}
