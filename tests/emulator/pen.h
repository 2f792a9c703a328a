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
#include "tests/emulator/faults.h"
#include "tests/emulator/firmware.h"
#include "tests/emulator/hostile.h"
#include "tests/emulator/journal.h"
#include "tests/emulator/loop.h"
#include "tests/emulator/replay.h"
#include "tests/emulator/script.h"
#include "tests/emulator/transport.h"
#include "tests/emulator/wire.h"

/* As whom the pen enumerates. */
struct identity {
	char serial[FAULTS_TEXT];
	uint8_t interface_major;	/* bInterfaceProtocol */
	uint8_t caps_major;
};

struct pen {
	struct loop loop;
	pthread_mutex_t lock;
	struct firmware fw;
	struct journal *journal;	/* borrowed */
	struct transport *transport;	/* owned */
	struct capture *capture;	/* borrowed; NULL: none is made */
	struct hostile *hostile;	/* owned; NULL: the pen behaves */
	struct replay *replay;		/* borrowed; speaks for the firmware */
	struct wire wire;
	struct faults faults;
	struct script *script;		/* borrowed; NULL: none */
	struct identity identity;
	const char *own_serial;		/* borrowed */
	uint64_t clock_offset_us;	/* own clock - CLOCK_MONOTONIC */
	bool virtual;			/* the clock is the next line */
	uint64_t virtual_us;
	struct loop_source timer;
	struct loop_source kick;
	bool plugged;
	bool silent;			/* sends no telemetry, lives on */
	bool quit;
	bool failed;			/* a step of the script was refused */
};

struct pen_options {
	uint64_t clock_start_us;	/* own clock at start */
	uint64_t random;
	const char *serial;		/* must stay as long as the pen */
	bool virtual;
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
/*
 * Power off and on in a new world: new boot id, limits and faults forgotten,
 * everything healed and cold, a new cartridge.
 */
void pen_reboot(struct pen *pen);
/* Power comes back in the same world; the pen is unplugged. */
void pen_power_up(struct pen *pen, enum fw_boot cause);
/* Unplugs, if it was plugged, and plugs as @who. 0 or -errno. */
int pen_become(struct pen *pen, const struct identity *who);
/* Takes out the cartridge and puts in that one. */
void pen_cartridge(struct pen *pen, const struct cartridge *c);
/* One turn of the loop; when the next one is due, by the own clock. */
uint64_t pen_turn(struct pen *pen);

/* From a transport, pen locked. */
void pen_bus(struct pen *pen, enum fw_bus what);
void pen_out(struct pen *pen, const uint8_t *buf, size_t len);
/* The OUT endpoint NAKs: whoever can should read no more. */
bool pen_out_blocked(const struct pen *pen);
/* 0, -enum mnp_result_code to STALL, or -WIRE_NAKED: no answer at all. */
int pen_setup(struct pen *pen, const struct fw_setup *s);
int pen_request(struct pen *pen, const struct fw_setup *s, uint8_t *data,
		size_t len);
/* The host hung up: as pen_unplug(), but the transport did it itself. */
void pen_lost(struct pen *pen);

/* For a second thread: before and after the four above. */
void pen_lock(struct pen *pen);
void pen_unlock_and_kick(struct pen *pen);

#endif /* MNPEN_EMULATOR_PEN_H */
