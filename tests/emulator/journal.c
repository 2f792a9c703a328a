// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/mnpen.h>

#include "tests/emulator/wire.h"

#define KEPT	256

struct journal {
	FILE *file;
	json_t *kept[KEPT];
	unsigned int next;
	journal_listen_fn listen;
	void *listen_ctx;
};

#define NAME(array, i) \
	((i) < sizeof(array) / sizeof(array[0]) && array[i] ? array[i] : "?")

static const char *const states[] = {
	[MNPEN_STATE_IDLE] = "idle",	[MNPEN_STATE_ARMED] = "armed",
	[MNPEN_STATE_RUNNING] = "running", [MNPEN_STATE_FAULT] = "fault",
};

static const char *const reasons[] = {
	[MNPEN_STOP_NONE] = "none",	[MNPEN_STOP_USER] = "user",
	[MNPEN_STOP_DURATION] = "duration", [MNPEN_STOP_LEASE] = "lease",
	[MNPEN_STOP_CLOSE] = "close",	[MNPEN_STOP_PM] = "pm",
	[MNPEN_STOP_RESET] = "reset",	[MNPEN_STOP_UNBIND] = "unbind",
	[MNPEN_STOP_TELEMETRY] = "telemetry", [MNPEN_STOP_FAULT] = "fault",
	[MNPEN_STOP_LIMIT] = "limit",	[MNPEN_STOP_FORCED] = "forced",
	[MNPEN_STOP_SHUTDOWN] = "shutdown", [MNPEN_STOP_PROTOCOL] = "protocol",
	[MNPEN_STOP_DEVICE] = "device",
};

static const char *const faults[] = {
	"overcurrent", "overtemp", "stall", "depth", "supply", "sensor",
	"cartridge", "limits", "watchdog",
};

static const char *const results[] = {
	"ok", "unknown", "length", "crc", "state", "token", "late", "limit",
	"fault", "sequence",
};

static const char *const sources[] = {
	[FW_FROM_NONE] = "none", [FW_FROM_OUT] = "out", [FW_FROM_EP0] = "ep0",
	[FW_FROM_BUS] = "bus", [FW_FROM_SELF] = "pen",
};

static const char *const bus_names[] = {
	[FW_BUS_ATTACH] = "plug",	[FW_BUS_CONFIGURED] = "configured",
	[FW_BUS_RESET] = "reset",	[FW_BUS_SUSPEND] = "suspend",
	[FW_BUS_RESUME] = "resume",	[FW_BUS_DETACH] = "unplug",
};

static const char *const boot_causes[] = {
	[FW_BOOT_POWER] = "power",	[FW_BOOT_RESET] = "reset",
	[FW_BOOT_BROWN_OUT] = "brown-out",
};

static const char *const kinds[] = {
#define X(id, name) [FW_NOTE_##id] = name,
	FIRMWARE_NOTES(X)
#undef X
};

const char *journal_state_name(unsigned int state)
{
	return NAME(states, state);
}

const char *journal_reason_name(unsigned int reason)
{
	return NAME(reasons, reason);
}

const char *journal_result_name(int code)
{
	if (code == -WIRE_NAKED)
		return "no answer";
	if (code == -WIRE_STALLED)
		return "stall";
	return NAME(results, (unsigned int)(code < 0 ? -code : code));
}

json_t *journal_fault_names(uint32_t bits)
{
	json_t *names = json_array();
	unsigned int i;

	for (i = 0; i < 32; i++)
		if (bits >> i & 1)
			json_array_append_new(names,
					      json_string(NAME(faults, i)));
	return names;
}

int journal_open(struct journal **out, const char *path)
{
	struct journal *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return -ENOMEM;
	j->file = path ? fopen(path, "ae") : stdout;
	if (!j->file) {
		err = -errno;
		free(j);
		return err;
	}
	*out = j;
	return 0;
}

void journal_close(struct journal *j)
{
	unsigned int i;

	if (!j)
		return;
	for (i = 0; i < KEPT; i++)
		json_decref(j->kept[i]);
	if (j->file != stdout)
		fclose(j->file);
	free(j);
}

void journal_listen(struct journal *j, journal_listen_fn fn, void *ctx)
{
	j->listen = fn;
	j->listen_ctx = ctx;
}

/* Takes @line. */
static void write_line(struct journal *j, json_t *line)
{
	if (!line)
		return;
	json_dumpf(line, j->file, JSON_COMPACT);
	fputc('\n', j->file);
	fflush(j->file);
	json_decref(j->kept[j->next]);
	j->kept[j->next] = line;
	j->next = (j->next + 1) % KEPT;
	if (j->listen)
		j->listen(j->listen_ctx, line);
}

static json_t *start(uint64_t t_us, const char *ev)
{
	return json_pack("{s:I,s:s}", "t_us", (json_int_t)t_us, "ev", ev);
}

static void set_int(json_t *line, const char *key, uint64_t value)
{
	json_object_set_new(line, key, json_integer((json_int_t)value));
}

static void set_name(json_t *line, const char *key, const char *name)
{
	json_object_set_new(line, key, json_string(name));
}

static void add_motor(json_t *line, const struct fw_note *n)
{
	json_object_set_new(line, "on", json_boolean(n->on));
	if (!n->on)
		set_name(line, "reason", journal_reason_name(n->reason));
	set_name(line, "by", NAME(sources, n->source));
	set_int(line, "last_feed_us", n->last_feed_us);
	set_int(line, "deadline_us", n->deadline_us);
	set_int(line, "strokes", n->strokes);
	set_int(line, "rate_spm", n->value);
	set_int(line, "depth_set_um", n->detail);
}

static void add_reject(json_t *line, const struct fw_note *n)
{
	set_name(line, "why", NAME(results, n->value));
	set_name(line, "by", NAME(sources, n->source));
	set_int(line, n->source == FW_FROM_EP0 ? "request" : "cmd", n->detail);
	set_int(line, "deadline_us", n->deadline_us);
}

static void set_signed(json_t *line, const char *key, int value)
{
	json_object_set_new(line, key, json_integer(value));
}

void journal_readings(json_t *line, const struct mnp_telemetry *t)
{
	set_int(line, "strokes", t->strokes);
	set_int(line, "rate_spm", t->rate_spm);
	set_int(line, "depth_um", t->depth_um);
	set_signed(line, "motor_ma", t->motor_ma);
	set_signed(line, "temp_motor_mdegc", t->temp_motor_cdegc * 10);
	set_signed(line, "temp_board_mdegc", t->temp_board_cdegc * 10);
	set_int(line, "bus_mv", t->bus_mv);
	set_int(line, "battery_mv", t->battery_mv);
	set_int(line, "battery_pct", t->battery_pct);
}

static void add_fault(json_t *line, const struct fw_note *n)
{
	json_object_set_new(line, "fault", journal_fault_names(n->value));
	json_object_set_new(line, "first", journal_fault_names(n->detail));
	if (n->seen)
		journal_readings(line, n->seen);
}

static void add_cartridge(json_t *line, const struct fw_note *n)
{
	json_object_set_new(line, "present", json_boolean(n->value));
	json_object_set_new(line, "used",
			    json_boolean(n->detail & MNP_CARTRIDGE_USED));
	json_object_set_new(line, "expired",
			    json_boolean(n->detail & MNP_CARTRIDGE_EXPIRED));
	set_name(line, "by", NAME(sources, n->source));
}

static void add_by_kind(json_t *line, const struct fw_note *n)
{
	switch (n->kind) {
	case FW_NOTE_BOOT:
		set_int(line, "boot_id", n->value);
		set_name(line, "cause", NAME(boot_causes, n->detail));
		break;
	case FW_NOTE_BUS:
		set_name(line, "ev", NAME(bus_names, n->value));
		break;
	case FW_NOTE_STATE:
		set_name(line, "state", journal_state_name(n->state));
		set_name(line, "from", journal_state_name(n->value));
		break;
	case FW_NOTE_MOTOR:
		add_motor(line, n);
		break;
	case FW_NOTE_STOP:
		set_name(line, "reason", journal_reason_name(n->reason));
		set_name(line, "by", NAME(sources, n->source));
		json_object_set_new(line, "effect", json_boolean(n->value));
		break;
	case FW_NOTE_FAULT:
		add_fault(line, n);
		break;
	case FW_NOTE_LIMITS:
		set_int(line, "generation", n->value);
		set_int(line, "crc32", n->detail);
		break;
	case FW_NOTE_ARM:
		set_int(line, "token", n->value);
		set_int(line, "feed_ms", n->detail);
		break;
	case FW_NOTE_RUN:
		set_int(line, "rate_spm", n->value);
		set_int(line, "depth_um", n->detail);
		set_int(line, "deadline_us", n->deadline_us);
		break;
	case FW_NOTE_REJECT:
		add_reject(line, n);
		break;
	case FW_NOTE_CLEARED:
		json_object_set_new(line, "fault",
				    journal_fault_names(n->value));
		json_object_set_new(line, "left",
				    journal_fault_names(n->detail));
		break;
	case FW_NOTE_CARTRIDGE:
		add_cartridge(line, n);
		break;
	case FW_NOTE_PEDAL:
	case FW_NOTE_BUTTON:
		json_object_set_new(line, "down", json_boolean(n->value));
		break;
	case FW_NOTE_BATTERY:
		set_int(line, "percent", n->value);
		break;
	case FW_NOTE_SELF_TEST:
		set_int(line, "failed", n->value);
		set_int(line, "asked", n->detail);
		break;
	case FW_NOTE_IDENTIFY:
		break;
	case FW_NOTE_PERIOD:
		set_int(line, "ms", n->value);
		break;
	}
}

void journal_note(struct journal *j, const struct fw_note *note)
{
	json_t *line = start(note->t_us, kinds[note->kind]);

	add_by_kind(line, note);
	write_line(j, line);
}

void journal_mark(struct journal *j, uint64_t t_us, const char *label)
{
	json_t *line = start(t_us, "mark");

	set_name(line, "label", label);
	write_line(j, line);
}

void journal_line(struct journal *j, uint64_t t_us, const char *ev,
		  json_t *more)
{
	json_t *line = start(t_us, ev);

	if (line && more)
		json_object_update(line, more);
	json_decref(more);
	write_line(j, line);
}

bool journal_replay(struct journal *j, uint64_t since_us, journal_match_fn fn,
		    void *ctx)
{
	json_t *line;
	unsigned int i;

	for (i = 0; i < KEPT; i++) {
		line = j->kept[(j->next + i) % KEPT];
		if (!line || (uint64_t)json_integer_value(
				json_object_get(line, "t_us")) < since_us)
			continue;
		if (fn(ctx, line))
			return true;
	}
	return false;
}
