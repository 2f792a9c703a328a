/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware rules of the pen, as a pure machine.
 *
 * Time, packets, requests and bus events come in by calls; packets come out
 * of firmware_next_in(), state changes out of the sink. No clock, no heap,
 * no I/O, no globals, so that tests can run it in virtual time. It is the
 * reference for real firmware: the rules are those of
 * kernel/Documentation/mnpen-protocol.rst, section "Firmware rules".
 *
 * Times are microseconds of the pen's own clock, 64 bit here; the wire
 * carries the low 32 bits. Every call takes the present time, which must not
 * go back. Not thread-safe: the caller serialises.
 */
#ifndef MNPEN_EMULATOR_FIRMWARE_H
#define MNPEN_EMULATOR_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/proto.h"
#include "tests/emulator/physics.h"

/* What happened; also the "ev" of a journal line. */
#define FIRMWARE_NOTES(X)	\
	X(BOOT, "boot")		\
	X(BUS, "bus")		\
	X(STATE, "state")	\
	X(MOTOR, "motor")	\
	X(STOP, "stop")		\
	X(FAULT, "fault")	\
	X(LIMITS, "limits")	\
	X(ARM, "arm")		\
	X(RUN, "run")		\
	X(REJECT, "reject")	\
	X(CLEARED, "cleared")	\
	X(CARTRIDGE, "cartridge") \
	X(PEDAL, "pedal")	\
	X(BUTTON, "button")	\
	X(BATTERY, "low-battery") \
	X(SELF_TEST, "self-test") \
	X(IDENTIFY, "identify")	\
	X(PERIOD, "period")

enum fw_note_kind {
#define X(id, name) FW_NOTE_##id,
	FIRMWARE_NOTES(X)
#undef X
};

/* Where a STOP or a refused packet came from. */
enum fw_source {
	FW_FROM_NONE,
	FW_FROM_OUT,		/* interrupt OUT pipe */
	FW_FROM_EP0,
	FW_FROM_BUS,
	FW_FROM_SELF,		/* deadline, run time, fault */
};

enum fw_bus {
	FW_BUS_ATTACH,		/* cable in */
	FW_BUS_CONFIGURED,	/* SET_CONFIGURATION */
	FW_BUS_RESET,		/* reset, or the function was disabled */
	FW_BUS_SUSPEND,
	FW_BUS_RESUME,
	FW_BUS_DETACH,		/* cable out; the battery keeps the RAM */
};

struct fw_note {
	enum fw_note_kind kind;
	enum fw_source source;
	uint64_t t_us;
	uint64_t last_feed_us;	/* 0: none since ARM */
	uint64_t deadline_us;	/* 0: none; for MOTOR off the one that held */
	uint32_t strokes;
	uint32_t value;		/* see the table below */
	uint32_t detail;
	uint8_t state;		/* enum mnpen_state after it */
	uint8_t reason;		/* enum mnpen_stop_reason */
	bool on;		/* MOTOR */
	const struct mnp_telemetry *seen;	/* FAULT: what was measured */
};

/*
 * kind    value                           detail
 * BOOT    boot_id                         enum fw_boot
 * BUS     enum fw_bus
 * STATE   state before
 * MOTOR   rate_spm measured               set depth_um
 * STOP    1: it stopped something
 * FAULT   new MNPEN_FAULT_* bits          first fault of all
 * LIMITS  generation                      crc32
 * ARM     token                           feed_ms
 * RUN     rate_spm                        depth_um
 * REJECT  enum mnp_result_code            bRequest or OUT command
 * CLEARED MNPEN_FAULT_* bits              what is still latched
 * CARTRIDGE 1: present                    MNP_CARTRIDGE_* flags
 * PEDAL, BUTTON 1: down
 * BATTERY percent
 * SELF_TEST MNP_TEST_* that failed        all that were asked for
 * PERIOD  ms
 */

/* Called in the middle of a step: must not call back into the firmware. */
typedef void (*fw_sink_fn)(void *ctx, const struct fw_note *note);

struct fw_setup {
	uint8_t type;		/* bmRequestType */
	uint8_t request;	/* bRequest */
	uint16_t value;
	uint16_t index;
	uint16_t length;
};

/* Why it boots; arg 0 of MNPEN_EV_BOOT. */
enum fw_boot {
	FW_BOOT_POWER,
	FW_BOOT_RESET,		/* crashed and came back */
	FW_BOOT_BROWN_OUT,
};

/* What is new at each power-up. */
struct fw_power_up {
	uint64_t now_us;
	uint64_t random;	/* seeds tokens and boot id; tests fix it */
	enum fw_boot cause;
	/* The world it wakes up in; NULL: cold, charged, a new cartridge. */
	const struct physics *world;
};

/* A task of the firmware that a watchdog looks after. */
enum fw_task { FW_TASK_USB, FW_TASK_SENSOR, FW_TASKS };

/* A cartridge that expired before this day is certainly bad. */
#define FW_BUILD_DATE		20261101

#define FW_EVENTS		16	/* pending, each is sent twice */
#define FW_DEPTH_SETTLE_US	100000	/* beyond the time of travel */

struct fw_event_slot {
	struct mnp_event event;
	unsigned int sent;
	uint16_t sent_seq;
};

struct firmware {
	fw_sink_fn sink;
	void *sink_ctx;

	struct mnp_caps caps;
	struct physics physics;
	struct physics_drive drive;
	uint64_t physics_us;		/* how far the physics got */
	uint64_t random;

	uint8_t state;			/* enum mnpen_state */
	uint8_t stop_reason;		/* first cause since the last ARM */
	uint16_t token;
	uint16_t last_token;
	uint32_t nonce;
	bool have_seq;
	uint16_t last_seq;
	uint64_t deadline_us;		/* 0: none */
	uint64_t last_feed_us;
	uint64_t run_start_us;
	uint64_t run_end_us;
	uint64_t depth_settled_us;

	uint32_t fault_active;
	uint32_t fault_latched;
	uint32_t first_fault;
	uint64_t first_fault_us;
	struct mnp_telemetry first_seen;	/* what was measured then */
	uint32_t over_ms;		/* how long over-current lasts */
	uint32_t slow_ms;		/* how long the motor lags */
	uint32_t fast_ms;		/* how long it is faster than told */
	uint32_t supply_ms;		/* how long the supply is too low */
	bool hung[FW_TASKS];		/* injected: this task stands still */
	uint32_t hung_ms[FW_TASKS];

	/* what was seen last of the outside */
	bool cartridge_seen;
	uint16_t cartridge_uses;	/* when it was put in */
	bool pedal_bound;		/* the ARM in force asked for it */
	bool pedal_seen;
	bool button_seen;
	bool battery_low;
	uint64_t identify_until_us;
	struct mnp_self_test self_test;
	uint64_t self_test_due_us;	/* next test done; 0: none runs */

	struct mnp_limits limits;
	uint8_t limits_inverse[MNP_LIMITS_LEN];
	struct mnp_limits absolute;
	struct mnp_result result;

	bool configured;
	bool suspended;
	uint16_t in_seq;		/* of the next IN packet */
	uint16_t telemetry_seq;		/* of the last telemetry packet */
	uint64_t telemetry_due_us;
	uint32_t telemetry_period_us;
	uint16_t event_seq;
	struct fw_event_slot events[FW_EVENTS];
	unsigned int events_head;
	unsigned int events_count;
	uint16_t rx_crc_errors;
	uint32_t rejects;
};

/* Power-up: everything is forgotten, limits are the absolute ones again. */
void firmware_init(struct firmware *fw, const struct fw_power_up *up,
		   fw_sink_fn sink, void *sink_ctx);

/* One turn of the control loop; also done first by every call below. */
void firmware_step(struct firmware *fw, uint64_t now_us);
/* When the control loop must turn next at the latest; UINT64_MAX: idle. */
uint64_t firmware_next_us(const struct firmware *fw);

void firmware_bus(struct firmware *fw, uint64_t now_us, enum fw_bus what);
/* A packet of the interrupt OUT pipe, any length, any bytes. */
void firmware_out(struct firmware *fw, uint64_t now_us, const uint8_t *buf,
		  size_t len);

/*
 * Judges a control request before its data stage. Returns 0 to go on or
 * -enum mnp_result_code to STALL.
 */
int firmware_setup(struct firmware *fw, uint64_t now_us,
		   const struct fw_setup *s);
/*
 * Does a request that firmware_setup() let pass. OUT: @data holds the @len
 * bytes received. IN: @data has room for MNP_CAPS_MAX_LEN bytes. Returns the
 * number of bytes to send (0 for OUT) or -enum mnp_result_code to STALL.
 */
int firmware_request(struct firmware *fw, uint64_t now_us,
		     const struct fw_setup *s, uint8_t *data, size_t len);

/* When the next IN packet should go out; UINT64_MAX while not configured. */
uint64_t firmware_in_due_us(const struct firmware *fw);
/* The packet to send now into @buf (MNP_PACKET_LEN bytes). */
void firmware_next_in(struct firmware *fw, uint64_t now_us, uint8_t *buf);

/* Shared by the firmware's own files only. */
void fw_stop(struct firmware *fw, uint64_t now_us, uint16_t reason,
	     enum fw_source source);
void fw_note_simple(struct firmware *fw, uint64_t now_us,
		    enum fw_note_kind kind, uint32_t value, uint32_t detail,
		    enum fw_source source);
struct fw_note fw_note_start(const struct firmware *fw, uint64_t now_us,
			     enum fw_note_kind kind);
void fw_set_state(struct firmware *fw, uint64_t now_us, uint8_t state);
void fw_event(struct firmware *fw, uint64_t now_us, uint32_t code,
	      uint32_t arg0, uint32_t arg1);
/* A fault is sticky until CLEAR_FAULT or power-off. */
void fw_fault(struct firmware *fw, uint64_t now_us, uint32_t bits);
/* Takes back latched faults, or says why not. */
int fw_clear_fault(struct firmware *fw, uint64_t now_us, uint32_t mask);
/* Code that refuses this FEED or RUN, or MNP_RESULT_OK. */
int fw_check_grant(const struct firmware *fw, uint64_t now_us, uint16_t token,
		   uint16_t seq, uint32_t valid_until_us);
void fw_take_grant(struct firmware *fw, uint64_t now_us, uint16_t seq,
		   uint32_t valid_until_us);
bool fw_limits_intact(const struct firmware *fw);
/* Re-computes CRC and inverse after a change. */
void fw_limits_seal(struct firmware *fw);
void fw_telemetry(const struct firmware *fw, uint64_t now_us,
		  struct mnp_telemetry *t);
uint16_t fw_random16(struct firmware *fw);
/* firmware_check.c: one look at all sensors, @ms after the last one */
void fw_check_sensors(struct firmware *fw, uint64_t t_us, uint32_t ms);
void fw_check_world(struct firmware *fw, uint64_t now_us);
/* MNP_CARTRIDGE_* of what is in the pen now */
uint16_t fw_cartridge_flags(const struct firmware *fw);
bool fw_readings_possible(const struct firmware *fw);
/* firmware_service.c: requests that move nothing; those of version 1.1 */
int fw_service(struct firmware *fw, uint64_t now_us, const struct fw_setup *s,
	       uint8_t *data, size_t len);
void fw_self_test_step(struct firmware *fw, uint64_t now_us);
/* requests.c: remembers and reports the result of a request */
int fw_answer(struct firmware *fw, uint64_t now_us, const struct fw_setup *s,
	      uint16_t seq, int code);
int fw_damage(struct firmware *fw, int err);

#endif /* MNPEN_EMULATOR_FIRMWARE_H */
