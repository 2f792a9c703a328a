// SPDX-License-Identifier: GPL-2.0-or-later
#include <sodium.h>
#include <string.h>

#include "daemon/record/chain.h"

const uint8_t chain_zero[RECORD_HASH_LEN];

static void put_number(crypto_hash_sha256_state *st, char tag, uint64_t value)
{
	uint8_t bytes[9] = { tag };

	for (int i = 0; i < 8; i++)
		bytes[1 + i] = value >> (56 - 8 * i);
	crypto_hash_sha256_update(st, bytes, sizeof(bytes));
}

static void put_bytes(crypto_hash_sha256_state *st, char tag, const void *data,
		      size_t len)
{
	put_number(st, tag, len);
	crypto_hash_sha256_update(st, data, len);
}

static void put_text(crypto_hash_sha256_state *st, struct row_text text)
{
	if (text.s)
		put_bytes(st, 't', text.s, text.len);
	else
		crypto_hash_sha256_update(st, (const uint8_t *)"n", 1);
}

void chain_hash(const struct row *row, uint8_t out[RECORD_HASH_LEN])
{
	crypto_hash_sha256_state st;

	crypto_hash_sha256_init(&st);
	put_text(&st, row_text("mnpen record 1"));
	put_number(&st, 'i', row->row);
	put_text(&st, row->session);
	put_text(&st, row->kind);
	put_number(&st, 'i', row->unix_ms);
	put_number(&st, 'i', row->utc_offset_min);
	put_text(&st, row->boot_id);
	put_number(&st, 'i', row->monotonic_ms);
	put_text(&st, row->body);
	put_bytes(&st, 'b', row->prev, RECORD_HASH_LEN);
	crypto_hash_sha256_final(&st, out);
}

void chain_hex(const uint8_t hash[RECORD_HASH_LEN], char out[CHAIN_HEX_LEN])
{
	sodium_bin2hex(out, CHAIN_HEX_LEN, hash, RECORD_HASH_LEN);
}
