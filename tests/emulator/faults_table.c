// SPDX-License-Identifier: GPL-2.0-or-later
/* What there is to go wrong, and how it is done. */
#include <string.h>

#include "tests/emulator/faults.h"
#include "tests/emulator/pen.h"

#define DEAD_MV		2700	/* below it the processor is off */
#define REBOOT_MS	300
#define EXPIRED_ON	20250630

static const char *const sensor_names[] = {
#define X(id, name, unit) name,
	SENSORS(X)
#undef X
	NULL
};

static const char *const pipe_names[] = { "in", "out", NULL };
static const char *const stop_pipes[] = { "out", "ep0", NULL };
static const char *const task_names[] = { "usb", "sensor", NULL };

#define REQUESTS(X)					\
	X("get-caps", MNP_REQ_GET_CAPS)			\
	X("get-status", MNP_REQ_GET_STATUS)		\
	X("get-limits", MNP_REQ_GET_LIMITS)		\
	X("lower-limits", MNP_REQ_LOWER_LIMITS)		\
	X("arm", MNP_REQ_ARM)				\
	X("get-arm", MNP_REQ_GET_ARM)			\
	X("run", MNP_REQ_RUN)				\
	X("stop", MNP_REQ_STOP)				\
	X("disarm", MNP_REQ_DISARM)			\
	X("clear-fault", MNP_REQ_CLEAR_FAULT)		\
	X("get-cmd-result", MNP_REQ_GET_CMD_RESULT)	\
	X("get-calib", MNP_REQ_GET_CALIB)		\
	X("get-cartridge", MNP_REQ_GET_CARTRIDGE)	\
	X("mark-cartridge", MNP_REQ_MARK_CARTRIDGE)	\
	X("self-test", MNP_REQ_SELF_TEST)		\
	X("get-self-test", MNP_REQ_GET_SELF_TEST)	\
	X("identify", MNP_REQ_IDENTIFY)			\
	X("telemetry-rate", MNP_REQ_TELEMETRY_RATE)

static const char *const request_names[] = {
#define X(name, number) name,
	REQUESTS(X)
#undef X
	"all", NULL
};

static const uint8_t request_numbers[] = {
#define X(name, number) number,
	REQUESTS(X)
#undef X
};

static struct physics *world(struct pen *pen)
{
	return &pen->fw.physics;
}

static struct sensor *sensor(struct pen *pen, const struct fault_values *v)
{
	return &world(pen)->sensors[v->n[0]];
}

static const char *freeze_start(struct pen *pen, const struct fault_values *v)
{
	sensor(pen, v)->frozen = true;
	sensor(pen, v)->held_known = false;
	return NULL;
}

static const char *freeze_stop(struct pen *pen, const struct fault_values *v)
{
	sensor(pen, v)->frozen = false;
	return NULL;
}

static const char *lie_start(struct pen *pen, const struct fault_values *v)
{
	sensor(pen, v)->offset = (int32_t)v->n[1];
	sensor(pen, v)->gain_off_permille = (int32_t)v->n[2] - 1000;
	return NULL;
}

static const char *lie_stop(struct pen *pen, const struct fault_values *v)
{
	sensor(pen, v)->offset = 0;
	sensor(pen, v)->gain_off_permille = 0;
	return NULL;
}

static const char *drift_start(struct pen *pen, const struct fault_values *v)
{
	sensor(pen, v)->drift_per_s = (int32_t)v->n[1];
	return NULL;
}

static const char *drift_stop(struct pen *pen, const struct fault_values *v)
{
	sensor(pen, v)->drift_per_s = 0;
	sensor(pen, v)->drift_milli = 0;
	return NULL;
}

/* Something in the mechanism, as long as it lasts. */
#define CAUSE(name, bit)						\
static const char *name##_start(struct pen *pen,			\
				const struct fault_values *v)		\
{									\
	(void)v;							\
	world(pen)->causes |= (bit);					\
	return NULL;							\
}									\
static const char *name##_stop(struct pen *pen,				\
			       const struct fault_values *v)		\
{									\
	(void)v;							\
	world(pen)->causes &= ~(unsigned int)(bit);			\
	return NULL;							\
}

CAUSE(stall, PHYSICS_STALL)
CAUSE(overcurrent, PHYSICS_OVERCURRENT)
CAUSE(overtemp, PHYSICS_OVERTEMP)
CAUSE(depth, PHYSICS_DEPTH)

static const char *battery_start(struct pen *pen, const struct fault_values *v)
{
	physics_charge(world(pen), (uint32_t)v->n[0]);
	return NULL;
}

static const char *plug_again(struct pen *pen)
{
	return !pen->plugged && pen_plug(pen) ? "cannot plug the pen" : NULL;
}

static const char *brown_start(struct pen *pen, const struct fault_values *v)
{
	world(pen)->brown_mv = (int32_t)v->n[0];
	if (v->n[0] < DEAD_MV && pen->plugged)
		pen_unplug(pen);
	return NULL;
}

static const char *brown_stop(struct pen *pen, const struct fault_values *v)
{
	world(pen)->brown_mv = 0;
	if (v->n[0] >= DEAD_MV)
		return NULL;
	pen_power_up(pen, FW_BOOT_BROWN_OUT);
	return plug_again(pen);
}

static const char *loose_start(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	world(pen)->cartridge.loose = true;
	return NULL;
}

static const char *loose_stop(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	world(pen)->cartridge.loose = false;
	return NULL;
}

static const char *expired_start(struct pen *pen, const struct fault_values *v)
{
	struct cartridge c = CARTRIDGE_NEW;

	(void)v;
	c.expiry = EXPIRED_ON;
	pen_cartridge(pen, &c);
	return NULL;
}

static const char *reused_start(struct pen *pen, const struct fault_values *v)
{
	struct cartridge c = CARTRIDGE_NEW;

	(void)v;
	c.uses = 1;
	pen_cartridge(pen, &c);
	return NULL;
}

static const char *new_cartridge(struct pen *pen, const struct fault_values *v)
{
	struct cartridge c = CARTRIDGE_NEW;

	(void)v;
	pen_cartridge(pen, &c);
	return NULL;
}

static const char *memory_start(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	pen->fw.limits_inverse[4] ^= 1;
	return NULL;
}

static const char *hang_start(struct pen *pen, const struct fault_values *v)
{
	pen->fw.hung[v->n[0]] = true;
	return NULL;
}

static void unblock(struct pen *pen)
{
	if (pen->transport && pen->transport->ops->unblock)
		pen->transport->ops->unblock(pen->transport);
}

static const char *hang_stop(struct pen *pen, const struct fault_values *v)
{
	pen->fw.hung[v->n[0]] = false;
	unblock(pen);
	return NULL;
}

static void damage(struct pen *pen, enum wire_damage which, int64_t pipe,
		   int64_t percent, int64_t amount)
{
	pen->wire.lanes[pipe].faults[which] = (struct wire_fault) {
		.on = percent > 0,
		.percent = (uint32_t)percent,
		.amount = (int32_t)amount,
	};
	if (!percent)
		wire_settle(&pen->wire, (enum wire_pipe)pipe, pen_now_us(pen));
}

/* Parameters: pipe, percent, and an amount if there is one. */
#define DAMAGE(name, which)						\
static const char *name##_start(struct pen *pen,			\
				const struct fault_values *v)		\
{									\
	damage(pen, which, v->n[0], v->n[1], v->n[2]);			\
	return NULL;							\
}									\
static const char *name##_stop(struct pen *pen,				\
			       const struct fault_values *v)		\
{									\
	damage(pen, which, v->n[0], 0, 0);				\
	return NULL;							\
}

DAMAGE(drop, WIRE_DROP)
DAMAGE(duplicate, WIRE_DUPLICATE)
DAMAGE(reorder, WIRE_REORDER)
DAMAGE(delay, WIRE_DELAY)
DAMAGE(corrupt, WIRE_CORRUPT)
DAMAGE(tear, WIRE_TEAR)
DAMAGE(bad_crc, WIRE_BAD_CRC)
DAMAGE(bad_seq, WIRE_BAD_SEQ)
DAMAGE(length, WIRE_LENGTH)

static void set_answer(struct pen *pen, int64_t which, enum wire_answer a)
{
	size_t i;

	for (i = 0; i < sizeof(request_numbers); i++)
		if (which == (int64_t)i || request_names[which + 1] == NULL)
			pen->wire.requests[request_numbers[i]] = (uint8_t)a;
}

static const char *nak_start(struct pen *pen, const struct fault_values *v)
{
	set_answer(pen, v->n[0], WIRE_NAK);
	return NULL;
}

static const char *stall_request_start(struct pen *pen,
				       const struct fault_values *v)
{
	set_answer(pen, v->n[0], WIRE_STALL);
	return NULL;
}

static const char *answer_stop(struct pen *pen, const struct fault_values *v)
{
	set_answer(pen, v->n[0], WIRE_ANSWER);
	return NULL;
}

static const char *block_start(struct pen *pen, const struct fault_values *v)
{
	pen->wire.lanes[v->n[0]].blocked = true;
	return NULL;
}

static const char *block_stop(struct pen *pen, const struct fault_values *v)
{
	pen->wire.lanes[v->n[0]].blocked = false;
	unblock(pen);
	return NULL;
}

static const char *halt_start(struct pen *pen, const struct fault_values *v)
{
	if (!pen->plugged)
		return "the pen is not plugged";
	if (!pen->transport->ops->halt)
		return "this transport cannot halt an endpoint; use ffs or "
		       "usbip";
	return pen->transport->ops->halt(pen->transport, v->n[0] == WIRE_IN) ?
	       "the device controller refused" : NULL;
}

static bool *ignore(struct pen *pen, const struct fault_values *v)
{
	return v->n[0] ? &pen->wire.ignore_stop_ep0 :
			 &pen->wire.ignore_stop_out;
}

static const char *ignore_start(struct pen *pen, const struct fault_values *v)
{
	*ignore(pen, v) = true;
	return NULL;
}

static const char *ignore_stop(struct pen *pen, const struct fault_values *v)
{
	*ignore(pen, v) = false;
	return NULL;
}

static const char *silent_start(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	pen->silent = true;
	return NULL;
}

static const char *silent_stop(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	pen->silent = false;
	return NULL;
}

static const char *unplug_start(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	return pen_unplug(pen) ? "the pen is not plugged" : NULL;
}

static const char *unplug_stop(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	return plug_again(pen);
}

static const char *reboot_start(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	return pen_unplug(pen) ? "the pen is not plugged" : NULL;
}

static const char *reboot_stop(struct pen *pen, const struct fault_values *v)
{
	(void)v;
	pen_power_up(pen, FW_BOOT_RESET);
	return plug_again(pen);
}

static const char *become(struct pen *pen, const struct identity *who)
{
	return pen_become(pen, who) ? "cannot replug as another pen" : NULL;
}

static const char *version_start(struct pen *pen, const struct fault_values *v)
{
	struct identity who = pen->identity;

	who.caps_major = (uint8_t)v->n[0];
	who.interface_major = (uint8_t)v->n[1];
	return become(pen, &who);
}

static const char *version_stop(struct pen *pen, const struct fault_values *v)
{
	struct identity who = pen->identity;

	(void)v;
	who.caps_major = MNP_PROTO_MAJOR;
	who.interface_major = MNP_PROTO_MAJOR;
	return become(pen, &who);
}

static const char *serial_start(struct pen *pen, const struct fault_values *v)
{
	struct identity who = pen->identity;

	strcpy(who.serial, v->text);
	return become(pen, &who);
}

static const char *serial_stop(struct pen *pen, const struct fault_values *v)
{
	struct identity who = pen->identity;

	(void)v;
	strcpy(who.serial, pen->own_serial);
	return become(pen, &who);
}

#define CHOICE(n, list)		{ n, FAULT_CHOICE, NULL, 0, 0, list, false, 0 }
#define NUMBER(n, unit, min, max) \
	{ n, FAULT_NUMBER, unit, min, max, NULL, false, 0 }
#define MAYBE(n, unit, min, max, standard) \
	{ n, FAULT_NUMBER, unit, min, max, NULL, true, standard }

#define SENSOR		CHOICE("sensor", sensor_names)
#define PIPE		CHOICE("pipe", pipe_names)
#define PERCENT		MAYBE("percent", "% of the packets", 1, 100, 100)
#define UNITS		"spm|um|mA|mdegC|mV|strokes"

#define FAULT(n, s, w, ...) \
	{ .name = n, .what = w, .start = s##_start, .stop = s##_stop, \
	  .params = { __VA_ARGS__ } }

const struct fault_kind fault_kinds[] = {
	FAULT("freeze", freeze, "A sensor is stuck at what it reads now.",
	      SENSOR),
	FAULT("lie", lie, "A sensor reads truth x gain + offset.", SENSOR,
	      MAYBE("offset", UNITS, -1000000, 1000000, 0),
	      MAYBE("gain_permille", "permille", -10000, 10000, 1000)),
	FAULT("drift", drift, "A sensor wanders off.", SENSOR,
	      NUMBER("per_s", UNITS " a second", -100000, 100000)),
	FAULT("stall", stall, "The shaft of the motor is blocked."),
	FAULT("overcurrent", overcurrent, "A winding is partly shorted."),
	FAULT("overtemp", overtemp,
	      "The motor heats up by itself, 200 degrees a second to 95."),
	FAULT("depth", depth,
	      "The needles of a running pen creep out, 3 um/ms to 800 um."),
	{ "low-battery", "The battery is at this charge now.",
	  { NUMBER("percent", "%", 0, 100) }, 0, battery_start, NULL },
	{ "brown-out", "Bus and battery sag; below 2700 mV the pen is dead "
	  "until they are back, and boots.",
	  { NUMBER("mv", "mV", 1, 3150) }, REBOOT_MS, brown_start, brown_stop },
	FAULT("cartridge-loose", loose,
	      "The cartridge does not hold any more."),
	{ "cartridge-expired", "An expired cartridge is put in; healed by a "
	  "new one.", { { NULL } }, 0, expired_start, new_cartridge },
	{ "cartridge-reused", "A used cartridge is put in; healed by a new "
	  "one.", { { NULL } }, 0, reused_start, new_cartridge },
	{ "memory", "A bit of the limits in memory flips; until power-off.",
	  { { NULL } }, 0, memory_start, NULL },
	FAULT("task-hang", hang, "A task of the firmware stands still; with "
	      "usb nothing is sent, taken or answered.",
	      CHOICE("task", task_names)),
	FAULT("drop", drop, "Packets are lost.", PIPE, PERCENT),
	FAULT("duplicate", duplicate, "Packets come twice.", PIPE, PERCENT),
	FAULT("reorder", reorder, "Packets change places with the next one.",
	      PIPE, PERCENT),
	FAULT("delay", delay, "Packets come late, and all behind them.", PIPE,
	      PERCENT, NUMBER("ms", "ms", 1, 400)),
	FAULT("corrupt", corrupt, "Bits flip.", PIPE, PERCENT,
	      NUMBER("ppm", "ppm of the bits", 1, 1000000)),
	FAULT("tear", tear, "The second half is that of the packet before.",
	      PIPE, PERCENT),
	FAULT("bad-crc", bad_crc, "The CRC of packets is wrong.", PIPE,
	      PERCENT),
	FAULT("bad-seq", bad_seq, "Sequence numbers are shifted.", PIPE,
	      PERCENT, MAYBE("by", "packets", -32768, 32767, -1)),
	FAULT("wrong-length", length, "Packets are cut or filled up.", PIPE,
	      PERCENT, NUMBER("bytes", "bytes", 0, 64)),
	{ "request-nak", "A control request is not answered.",
	  { CHOICE("request", request_names) }, 0, nak_start, answer_stop },
	{ "request-stall", "A control request is STALLed.",
	  { CHOICE("request", request_names) }, 0, stall_request_start,
	  answer_stop },
	FAULT("endpoint-nak", block, "An endpoint takes or gives nothing.",
	      CHOICE("endpoint", pipe_names)),
	{ "endpoint-halt", "An endpoint STALLs until the host clears it.",
	  { CHOICE("endpoint", pipe_names) }, 0, halt_start, NULL },
	FAULT("ignore-stop", ignore, "STOP by one way is taken and not obeyed.",
	      CHOICE("pipe", stop_pipes)),
	FAULT("silent", silent, "No telemetry; events and all else go on."),
	{ "reboot", "The firmware crashes and is back after for_ms; limits, "
	  "faults and token are forgotten.",
	  { { NULL } }, REBOOT_MS, reboot_start, reboot_stop },
	FAULT("unplug", unplug, "The cable is out; in again when healed."),
	{ "version", "Replugged with another protocol version; back to the "
	  "right one when healed.",
	  { MAYBE("caps", "major in GET_CAPS", 0, 255, 2),
	    MAYBE("interface", "major in the descriptor", 0, 255, 1) }, 0,
	  version_start, version_stop },
	{ "serial", "Replugged as another pen; as itself when healed.",
	  { { "serial", FAULT_SERIAL, NULL, 0, 0, NULL, false, 0 } }, 0,
	  serial_start, serial_stop },
	{ NULL },
};
