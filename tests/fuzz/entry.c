// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiled once per subject, with FUZZ_SUBJECT naming it. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return FUZZ_SUBJECT(data, size);
}
