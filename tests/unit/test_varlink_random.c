// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random hostile clients for some seconds: scripts for tests/fuzz/fuzz_varlink.c
 * made of good, cut and mutated calls in random pieces. MNPEN_SEED repeats a
 * run, MNPEN_SECONDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/fuzz_varlink.h"

#define F	"io.example.Fuzz."

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

/* How many of eight frames are damaged. */
static size_t make_frame(char *out, uint32_t damaged)
{
	static const char *const frames[] = {
		"{\"method\":\"" F "Echo\",\"parameters\":{\"a\":-12,\"b\":"
		"[1,[2,{\"c\":null}]],\"text\":\"\xc3\xa4\\u00e4\"}}",
		"{\"method\":\"" F "Watch\",\"more\":true,\"parameters\":{}}",
		"{\"method\":\"" F "Stop\",\"oneway\":true}",
		"{\"method\":\"" F "Echo\",\"parameters\":{\"a\":"
		"[[[[[[[[[[[[[[]]]]]]]]]]]]]]}}",
		"{\"org.example.x\":[9007199254740991],\"method\":\"" F
		"Hold\"}",
		("{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		 "\"parameters\":{\"interface\":\"io.example.Fuzz\"}}"),
	};
	const char *frame = frames[any(6)];
	size_t len = strlen(frame) + 1;

	memcpy(out, frame, len);
	if (any(8) >= damaged)
		return len;
	switch (any(3)) {
	case 0:		/* flip some bits */
		for (uint32_t i = any(4); i > 0; i--)
			out[any((uint32_t)len)] ^= (char)(1 << any(8));
		break;
	case 1:		/* lose a piece */
		len -= any((uint32_t)len);
		break;
	case 2:		/* repeat a piece in its middle */
		memmove(out + len, out + len / 2, len - len / 2);
		len += len - len / 2;
		break;
	}
	return len;
}

static size_t make_script(uint8_t *out, size_t size)
{
	/* One wrong frame ends a connection: most make few or none. */
	uint32_t damaged = any(3) ? 0 : any(8), endless = any(8);
	size_t len = 0, at, n;
	char frame[1024];

	while (size - len > 2 * sizeof(frame)) {
		uint32_t what = endless ? any(16) : 8;

		if (what >= 8) {
			n = make_frame(frame, damaged);
			if (endless == 0)
				memset(frame, 'x', n);
			for (at = 0; at < n;) {
				size_t part = 1 + any(any(2) ? 8 : 250);

				if (part > n - at)
					part = n - at;
				out[len++] = FUZZ_SEND;
				out[len++] = (uint8_t)part;
				memcpy(out + len, frame + at, part);
				len += part;
				at += part;
				if (size - len < 300)
					return len;
			}
			continue;
		}
		/* Ends are rarer than the rest. */
		if ((what == FUZZ_CLOSE || what == FUZZ_SHUT) && any(16))
			what = FUZZ_ANSWERS;
		out[len++] = (uint8_t)what;
		out[len++] = (uint8_t)any(256);
		if (any(300) == 0)
			break;
	}
	return len;
}

static void random_clients_never_harm_the_server(void **state)
{
	uint64_t seconds = setting("MNPEN_SECONDS", 3);
	static uint8_t script[96 * 1024];
	unsigned int rounds = 0;
	size_t before = 0;
	struct timespec now;
	time_t end;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seed = setting("MNPEN_SEED", (uint64_t)now.tv_nsec << 20 ^
					     (uint64_t)now.tv_sec);
	seed |= 1;
	printf("# MNPEN_SEED=%#llx\n", (unsigned long long)seed);
	fflush(stdout);
	end = now.tv_sec + (time_t)seconds;
	do {
		LLVMFuzzerTestOneInput(script,
				       make_script(script, sizeof(script)));
		if (++rounds == 5)
			before = __sanitizer_get_current_allocated_bytes();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec <= end);
	printf("# %u clients\n", rounds);
	assert_true(rounds > 5);
	/* Room for the client's own buffer to grow, none for a leak. */
	assert_true(__sanitizer_get_current_allocated_bytes() <
		    before + 4 * 1024 * 1024);
	fuzz_varlink_free();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_clients_never_harm_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
