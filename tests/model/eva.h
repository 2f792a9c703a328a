/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before every file that EVA reads. */
#ifndef MNPEN_TESTS_MODEL_EVA_H
#define MNPEN_TESTS_MODEL_EVA_H

#include <stddef.h>
#include <string.h>

/* It cannot parse these; the compilers check them. */
#define _Static_assert(condition, text) extern int eva_static_assert

/* Its own is a contract, after which nothing is known to be 0. */
#define memset(to, value, size) eva_memset(to, value, size)

static inline void *eva_memset(void *to, int value, size_t size)
{
	/*@ loop unroll 4096; */
	for (size_t i = 0; i < size; i++)
		((unsigned char *)to)[i] = (unsigned char)value;
	return to;
}

#endif /* MNPEN_TESTS_MODEL_EVA_H */
