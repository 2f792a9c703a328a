// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random hostile daemons for some seconds: scripts for tests/fuzz/fuzz_reply.c;
 * see random_rounds.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fuzz/fuzz_reply.h"
#include "tests/unit/random_rounds.h"

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

	(void)state;
	random_rounds(make_script, script, sizeof(script), 4096, "daemons");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_daemons_never_harm_a_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
