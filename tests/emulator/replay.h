/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recorded pen in the place of the firmware.
 *
 * From SET_CONFIGURATION on it sends the packets the pen sent then, with the
 * distances they had, bytes untouched, and answers questions as they were
 * answered at that point of the recording. A reset or suspend of the bus holds
 * it, a cable pulled and put back starts it over, and at the end it falls
 * silent.
 *
 * It has no motor and obeys nobody: FEED, STOP and DISARM are taken and change
 * nothing; ARM, RUN, LOWER_LIMITS and all else that would change something are
 * refused, so that no host believes its set points or limits were in force.
 * A driver that sees a pen run which it did not start will stop it, then reset
 * it, again and again. So, unless asked to be as the recorded pen, a replay
 * says in its caps that it speaks another protocol: drivers then only watch.
 *
 * Times are of the pen's own clock, in microseconds, as in firmware.h. Not
 * thread-safe: the pen is locked.
 */
#ifndef MNPEN_EMULATOR_REPLAY_H
#define MNPEN_EMULATOR_REPLAY_H

#include "tests/emulator/firmware.h"

struct replay;

/*
 * Reads a capture file. @as_pen: with the caps as they were recorded. 0 or
 * -errno, with the reason on standard error; -ENODATA if there is no pen in
 * it that sent anything.
 */
int replay_open(struct replay **out, const char *path, bool as_pen);
void replay_close(struct replay *r);	/* NULL is fine */

void replay_bus(struct replay *r, uint64_t now_us, enum fw_bus what);
/* As firmware_setup() and firmware_request(). */
int replay_setup(struct replay *r, uint64_t now_us, const struct fw_setup *s);
int replay_request(struct replay *r, uint64_t now_us, const struct fw_setup *s,
		   uint8_t *data);
/* When the next packet is due; UINT64_MAX: silent. */
uint64_t replay_in_due_us(const struct replay *r);
/* That packet, MNP_PACKET_LEN bytes. */
void replay_next_in(struct replay *r, uint8_t *buf);
/* True once after the last packet was sent. */
bool replay_ended(struct replay *r);

#endif /* MNPEN_EMULATOR_REPLAY_H */
