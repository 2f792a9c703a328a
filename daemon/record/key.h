/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key that signs checkpoints: 32 bytes of seed in a file beside the
 * record, mode 0600, made at the first start. The public half is in the record
 * itself, and every answer to a verify names it.
 */
#ifndef MNPEN_RECORD_KEY_H
#define MNPEN_RECORD_KEY_H

#include "daemon/record/checkpoint.h"

#define KEY_HEX_LEN (2 * CHECKPOINT_KEY_LEN + 1)

struct key {
	uint8_t public[CHECKPOINT_KEY_LEN];
	uint8_t secret[CHECKPOINT_SECRET_LEN];
};

/*
 * Reads the key of the record at path, or makes one that is on the disk before
 * this returns. Negative errno with a sentence in error: -EUCLEAN it is no key,
 * -EPERM others can read it, else the system's.
 */
int key_load(const char *path, struct key *out, char error[RECORD_ERROR_LEN]);

/* Forgets the secret. */
void key_wipe(struct key *key);

#endif /* MNPEN_RECORD_KEY_H */
