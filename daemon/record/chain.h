/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash chain. The hash of a row is SHA-256 over these fields, in order:
 *
 *   text "mnpen record 1", integer row, text or none session, text kind,
 *   integer unix_ms, integer utc_offset_min, text boot_id,
 *   integer monotonic_ms, text body, bytes prev
 *
 * where an integer is the byte 'i' and 8 bytes two's complement, text is 't',
 * 8 bytes length and the bytes (UTF-8), bytes are 'b', 8 bytes length and the
 * bytes, none is 'n'; numbers big-endian. No two different rows give the same
 * bytes. prev is the hash of the row before, 32 zero bytes for row 1.
 */
#ifndef MNPEN_RECORD_CHAIN_H
#define MNPEN_RECORD_CHAIN_H

#include "daemon/record/row.h"

#define CHAIN_HEX_LEN (2 * RECORD_HASH_LEN + 1)

extern const uint8_t chain_zero[RECORD_HASH_LEN]; /* prev of row 1 */

/* Uses everything in row but row->hash. */
void chain_hash(const struct row *row, uint8_t out[RECORD_HASH_LEN]);

void chain_hex(const uint8_t hash[RECORD_HASH_LEN], char out[CHAIN_HEX_LEN]);

#endif /* MNPEN_RECORD_CHAIN_H */
