// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random hostile clients for some seconds: scripts for tests/fuzz/fuzz_varlink.c
 * made of good, cut and mutated calls in random pieces; see random_rounds.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/fuzz/fuzz_varlink.h"
#include "tests/unit/random_rounds.h"

#define F	"io.example.Fuzz."

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
	static uint8_t script[96 * 1024];

	(void)state;
	/* Room for the client's own buffer to grow, none for a leak. */
	random_rounds(make_script, script, sizeof(script), 4 * 1024 * 1024,
		      "clients");
	fuzz_varlink_free();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_clients_never_harm_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
