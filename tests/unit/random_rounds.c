// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/random_rounds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t __sanitizer_get_current_allocated_bytes(void);

static uint64_t seed;

/* xorshift64* */
uint32_t any(uint32_t below)
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

void random_rounds(random_script_fn make, uint8_t *script, size_t size,
		   size_t room, const char *what)
{
	unsigned int rounds = 0;
	struct timespec now;
	size_t before = 0;
	time_t end;

	clock_gettime(CLOCK_MONOTONIC, &now);
	seed = setting("MNPEN_SEED", (uint64_t)now.tv_nsec << 20 ^
					     (uint64_t)now.tv_sec);
	seed |= 1;
	printf("# MNPEN_SEED=%#llx\n", (unsigned long long)seed);
	fflush(stdout);
	end = now.tv_sec + (time_t)setting("MNPEN_SECONDS", 3);
	do {
		LLVMFuzzerTestOneInput(script, make(script, size));
		if (++rounds == 5)
			before = __sanitizer_get_current_allocated_bytes();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec <= end);
	printf("# %u %s\n", rounds, what);
	assert_true(rounds > 5);
	assert_true(__sanitizer_get_current_allocated_bytes() <=
		    before + room);
}
