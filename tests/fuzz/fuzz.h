/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzzed subjects: each takes any bytes, and aborts where something does
 * not hold. The name of the program chooses one (entry.c).
 */
#ifndef MNPEN_TESTS_FUZZ_FUZZ_H
#define MNPEN_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int fuzz_safety(const uint8_t *data, size_t size);
int fuzz_udi(const uint8_t *data, size_t size);
int fuzz_catalogue(const uint8_t *data, size_t size);
int fuzz_samples(const uint8_t *data, size_t size);

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* MNPEN_TESTS_FUZZ_FUZZ_H */
