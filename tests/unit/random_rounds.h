/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random scripts for a fuzz target, for some seconds. MNPEN_SEED repeats a run,
 * MNPEN_SECONDS makes it longer. A program has one target: it is linked with
 * LLVMFuzzerTestOneInput().
 */
#ifndef RANDOM_ROUNDS_H
#define RANDOM_ROUNDS_H

#include <stddef.h>
#include <stdint.h>

/* 0 to below - 1, of the seed. */
uint32_t any(uint32_t below);

/* Fills out with a script of at most size bytes; returns its length. */
typedef size_t (*random_script_fn)(uint8_t *out, size_t size);

/*
 * Until the time is up; asserts that some were tried and that the heap did not
 * grow by more than room bytes after the fifth. what: "clients", for the count.
 */
void random_rounds(random_script_fn make, uint8_t *script, size_t size,
		   size_t room, const char *what);

#endif /* RANDOM_ROUNDS_H */
