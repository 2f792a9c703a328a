/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pen as a process: firmware, clock, journal and transport in one loop.
 *
 * pen->lock guards everything below it. The loop's thread holds it except
 * while it waits; the one other thread (control requests of ffs.c, which the
 * kernel may block) takes it for each call into the firmware and never
 * across I/O. So a host that hangs can delay its own answers, never the
 * deadline.
 */
#ifndef MNPEN_EMULATOR_PEN_H
#define MNPEN_EMULATOR_PEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/emulator/capture.h"
#include "tests/emulator/firmware.h"
#include "tests/emulator/hostile.h"
#include "tests/emulator/journal.h"
#include "tests/emulator/loop.h"
#include "tests/emulator/replay.h"
#include "tests/emulator/transport.h"

struct pen {
	struct loop loop;
	pthread_mutex_t lock;
	struct firmware fw;
	struct journal *journal;	/* borrowed */
	struct transport *transport;	/* owned */
	struct capture *capture;	/* borrowed; NULL: none is made */
	struct hostile *hostile;	/* owned; NULL: the pen behaves */
	struct replay *replay;		/* borrowed; speaks for the firmware */
	uint64_t clock_offset_us;	/* own clock - CLOCK_MONOTONIC */
	struct loop_source timer;
	struct loop_source kick;
	bool plugged;
	bool frozen;			/* sends nothing, lives on */
	bool quit;
};

struct pen_options {
	uint64_t clock_start_us;	/* own clock at start */
	uint64_t random;
};

int pen_init(struct pen *pen, struct journal *journal,
	     const struct pen_options *options);
void pen_fini(struct pen *pen);
/* Unplugs and destroys the transport; not locked. pen_fini() does it, too. */
void pen_disconnect(struct pen *pen);
/* Serves until pen->quit. */
int pen_run(struct pen *pen);

uint64_t pen_now_us(const struct pen *pen);
/* Cable in or out; -EALREADY if it is so already. */
int pen_plug(struct pen *pen);
int pen_unplug(struct pen *pen);
/* Power off and on: new boot id, limits and faults forgotten. */
void pen_reboot(struct pen *pen);

/* From a transport, pen locked. */
void pen_bus(struct pen *pen, enum fw_bus what);
void pen_out(struct pen *pen, const uint8_t *buf, size_t len);
int pen_setup(struct pen *pen, const struct fw_setup *s);
int pen_request(struct pen *pen, const struct fw_setup *s, uint8_t *data,
		size_t len);
/* The host hung up: as pen_unplug(), but the transport did it itself. */
void pen_lost(struct pen *pen);

/* For a second thread: before and after the four above. */
void pen_lock(struct pen *pen);
void pen_unlock_and_kick(struct pen *pen);

#endif /* MNPEN_EMULATOR_PEN_H */
