/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records what passes between the software pen and its host.
 *
 * The pen calls these where every transport comes through, pen locked; all
 * do nothing with a NULL capture. What only the host or its kernel sees is
 * written as it must have been: the enumeration, from the pen's descriptors,
 * and the submission of reads. When the file cannot be written, that is said
 * once on standard error and the pen goes on.
 */
#ifndef MNPEN_EMULATOR_CAPTURE_H
#define MNPEN_EMULATOR_CAPTURE_H

#include "tests/emulator/firmware.h"

struct capture;

struct capture_options {
	const char *path;
	const char *serial;	/* both borrowed for good */
	const char *product;
	bool high_speed;
	/* The controller acknowledges data before the pen has judged it. */
	bool acks_data;
};

int capture_create(struct capture **out, const struct capture_options *o);
void capture_finish(struct capture *c);

void capture_bus(struct capture *c, enum fw_bus what);
/* An OUT and an IN packet, as they were on the wire. */
void capture_out(struct capture *c, const uint8_t *buf, size_t len);
void capture_in(struct capture *c, const uint8_t *buf, size_t len);
/*
 * A control request that is done. @data holds @len bytes of an OUT request or
 * @result bytes of an IN one; @result < 0: refused. NULL and 0: refused
 * before its data came.
 */
void capture_control(struct capture *c, const struct fw_setup *s,
		     const uint8_t *data, size_t len, int result);

#endif /* MNPEN_EMULATOR_CAPTURE_H */
