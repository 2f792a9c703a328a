// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random hostile daemons for some seconds: scripts for tests/fuzz/fuzz_reply.c.
 * MNPEN_SEED repeats a run, MNPEN_SECONDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/fuzz/fuzz_reply.h"

size_t __sanitizer_get_current_allocated_bytes(void);

static uint64_t seed;

/* xorshift64* */
static uint32_t any(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 2685821657736338717ull) >> 33) % below;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* Mostly a daemon that answers; now and then bytes of its own. */
static size_t make_script(uint8_t *out, size_t size)
{
	static const uint8_t often[] = { REPLY_CALL, REPLY_CALL, REPLY_GOOD,
					 REPLY_GOOD, REPLY_GOOD, REPLY_PROCESS,
					 REPLY_PROCESS, REPLY_ONEWAY };
	uint32_t wild = any(4) ? 0 : 1 + any(30), steps = any(400);
	size_t len = 0;

	while (steps-- > 0 && len + 300 < size) {
		uint8_t op = any(100) < wild ? (uint8_t)any(8) :
					       often[any(8)];
		uint8_t arg = (uint8_t)any(wild ? 256 : 16);

		out[len++] = op;
		out[len++] = arg;
		for (; op == REPLY_BYTES && arg > 0; arg--)
			out[len++] = (uint8_t)any(any(2) ? 128 : 256);
	}
	return len;
}

static void random_daemons_never_harm_a_client(void **state)
{
	static uint8_t script[64 * 1024];
	unsigned int rounds = 0;
	struct timespec now;
	size_t before = 0;
	time_t end;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seed = setting("MNPEN_SEED", (uint64_t)now.tv_nsec << 20 ^
					     (uint64_t)now.tv_sec);
	seed |= 1;
	printf("# MNPEN_SEED=%#llx\n", (unsigned long long)seed);
	fflush(stdout);
	end = now.tv_sec + (time_t)setting("MNPEN_SECONDS", 3);
	do {
		LLVMFuzzerTestOneInput(script,
				       make_script(script, sizeof(script)));
		if (++rounds == 5)
			before = __sanitizer_get_current_allocated_bytes();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec <= end);
	printf("# %u daemons\n", rounds);
	assert_true(rounds > 5);
	assert_true(__sanitizer_get_current_allocated_bytes() <=
		    before + 4096);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_daemons_never_harm_a_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
