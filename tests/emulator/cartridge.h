/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disposable needle cartridge and the record in its memory chip.
 */
#ifndef MNPEN_EMULATOR_CARTRIDGE_H
#define MNPEN_EMULATOR_CARTRIDGE_H

#include <stdbool.h>
#include <stdint.h>

struct cartridge {
	bool present;
	bool loose;		/* in its place, but does not hold */
	bool signature_good;
	uint8_t type;
	uint8_t needles;
	uint16_t length_um;
	uint32_t lot;
	uint32_t unit;		/* serial number within the lot */
	uint32_t expiry;	/* YYYYMMDD in decimal */
	uint16_t uses;
};

/* A new one as it comes out of its bag. */
#define CARTRIDGE_NEW	(struct cartridge) {				\
	.present = true,						\
	.signature_good = true,						\
	.type = 1,		/* E: a maker's number */		\
	.needles = 12,		/* common: 6 to 16 */			\
	.length_um = 2500,	/* common: 1.5 to 3 mm */		\
	.lot = 260731,							\
	.unit = 4815,							\
	.expiry = 20280730,	/* two years of shelf life are usual */	\
}

#endif /* MNPEN_EMULATOR_CARTRIDGE_H */
