// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/commands.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_DEFAULT_MS	5000
#define WAIT_MAX_MS	600000

struct context {
	struct pen *pen;
	json_t *request;
	struct wait_for *wait;	/* NULL: in a script, cannot wait */
	bool check;		/* only look whether it is in order */
};

json_t *commands_error(const char *format, ...)
{
	char text[768];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return json_pack("{s:b,s:s}", "ok", 0, "error", text);
}

static json_t *ok(const struct pen *pen)
{
	/* While checking there is no pen. */
	if (!pen)
		return json_pack("{s:b}", "ok", 1);
	return json_pack("{s:b,s:I}", "ok", 1, "t_us",
			 (json_int_t)pen_now_us(pen));
}

static const char *text_of(json_t *request, const char *key)
{
	return json_string_value(json_object_get(request, key));
}

static void add_condition(json_t *reply, const struct pen *pen)
{
	const struct firmware *fw = &pen->fw;
	json_t *more;

	more = json_pack("{s:b,s:b,s:b,s:s,s:b,s:s,s:o,s:o,s:i,s:i}",
		"plugged", pen->plugged, "configured", fw->configured,
		"silent", pen->silent,
		"state", journal_state_name(fw->state),
		"motor", fw->drive.on,
		"stop_reason", journal_reason_name(fw->stop_reason),
		"fault_active", journal_fault_names(fw->fault_active),
		"fault_latched", journal_fault_names(fw->fault_latched),
		"token", fw->token, "boot_id", fw->caps.boot_id);
	json_object_update_new(reply, more);
	more = json_pack("{s:I,s:I,s:I,s:I}",
		"last_feed_us", (json_int_t)fw->last_feed_us,
		"deadline_us", (json_int_t)fw->deadline_us,
		"rejects", (json_int_t)fw->rejects,
		"rx_crc_errors", (json_int_t)fw->rx_crc_errors);
	json_object_update_new(reply, more);
}

static json_t *limits_now(const struct firmware *fw)
{
	return json_pack("{s:i,s:I,s:I,s:I,s:I,s:I,s:i,s:I}",
		"generation", fw->limits.generation,
		"depth_max_um", (json_int_t)fw->limits.depth_max_um,
		"rate_max_spm", (json_int_t)fw->limits.rate_max_spm,
		"run_max_ms", (json_int_t)fw->limits.run_max_ms,
		"strokes_max", (json_int_t)fw->limits.strokes_max,
		"current_max_ma", (json_int_t)fw->limits.current_max_ma,
		"temp_max_mdegc", (int)fw->limits.temp_max_mdegc,
		"lease_max_ms", (json_int_t)fw->limits.lease_max_ms);
}

/* What the sensors say, and beside it what is true. */
static void add_readings(json_t *reply, const struct pen *pen)
{
	const struct physics *p = &pen->fw.physics;
	struct mnp_telemetry t;

	fw_telemetry(&pen->fw, pen_now_us(pen), &t);
	journal_readings(reply, &t);
	json_object_set_new(reply, "true", json_pack("{s:i,s:i,s:I,s:i,s:I}",
		"rate_spm", (int)(p->rate_mspm / 1000),
		"needle_um", (int)physics_needle_um(p),
		"strokes", (json_int_t)p->strokes,
		"motor_ma", (int)p->current_ma,
		"charge_uas", (json_int_t)p->charge_uas));
}

static json_t *active_faults(const struct faults *f)
{
	json_t *names = json_array();
	unsigned int i;

	for (i = 0; i < f->count; i++)
		json_array_append_new(names,
				      json_string(f->active[i].kind->name));
	return names;
}

static json_t *cartridge_now(const struct cartridge *c)
{
	return json_pack("{s:b,s:b,s:i,s:i,s:i,s:I,s:I,s:I,s:i}",
		"present", c->present, "loose", c->loose,
		"type", c->type, "needles", c->needles,
		"length_um", c->length_um, "lot", (json_int_t)c->lot,
		"unit", (json_int_t)c->unit, "expiry", (json_int_t)c->expiry,
		"uses", c->uses);
}

static json_t *do_state(struct context *c)
{
	json_t *reply = ok(c->pen);

	if (c->check)
		return reply;
	add_condition(reply, c->pen);
	add_readings(reply, c->pen);
	json_object_set_new(reply, "limits", limits_now(&c->pen->fw));
	json_object_set_new(reply, "cartridge",
			    cartridge_now(&c->pen->fw.physics.cartridge));
	json_object_set_new(reply, "injected",
			    active_faults(&c->pen->faults));
	return reply;
}

static json_t *do_plug(struct context *c)
{
	int err = c->check ? 0 : pen_plug(c->pen);

	if (err == -EALREADY)
		return commands_error("the pen is plugged already");
	if (err)
		return commands_error("cannot plug the pen: %s",
				      strerror(-err));
	return ok(c->pen);
}

static json_t *do_unplug(struct context *c)
{
	int err = c->check ? 0 : pen_unplug(c->pen);

	if (err == -EALREADY)
		return commands_error("the pen is not plugged");
	if (err)
		return commands_error("cannot unplug the pen: %s",
				      strerror(-err));
	return ok(c->pen);
}

static json_t *do_reboot(struct context *c)
{
	if (!c->check)
		pen_reboot(c->pen);
	return ok(c->pen);
}

static json_t *do_mark(struct context *c)
{
	const char *label = text_of(c->request, "label");
	uint64_t t_us;

	if (!label)
		return commands_error("mark: \"label\" must be a string");
	if (c->check)
		return ok(c->pen);
	t_us = pen_now_us(c->pen);
	journal_mark(c->pen->journal, t_us, label);
	return json_pack("{s:b,s:I}", "ok", 1, "t_us", (json_int_t)t_us);
}

static json_t *do_fault(struct context *c)
{
	char why[512];
	int err = c->check ? faults_check(c->request, why, sizeof(why)) :
			     faults_start(c->pen, c->request, why, sizeof(why));

	return err ? commands_error("%s", why) : ok(c->pen);
}

static json_t *do_heal(struct context *c)
{
	char why[512];
	int err = c->check ? faults_check(c->request, why, sizeof(why)) :
			     faults_heal(c->pen, c->request, why, sizeof(why));

	return err ? commands_error("%s", why) : ok(c->pen);
}

/* Takes "down"; NULL if it is there, or the refusal. */
static json_t *take_down(struct context *c, bool *down)
{
	json_t *value = json_object_get(c->request, "down");

	*down = json_is_true(value);
	return json_is_boolean(value) ? NULL :
	       commands_error("\"down\" must be true or false");
}

static json_t *do_pedal(struct context *c)
{
	bool down;
	json_t *refused = take_down(c, &down);

	if (refused)
		return refused;
	if (!c->check) {
		c->pen->fw.physics.pedal_down = down;
		firmware_step(&c->pen->fw, pen_now_us(c->pen));
	}
	return ok(c->pen);
}

static json_t *do_button(struct context *c)
{
	bool down;
	json_t *refused = take_down(c, &down);

	if (refused)
		return refused;
	if (!c->check) {
		c->pen->fw.physics.button_down = down;
		firmware_step(&c->pen->fw, pen_now_us(c->pen));
	}
	return ok(c->pen);
}

/* An integer of the request in a range; false: something else. */
static bool take_int(json_t *request, const char *key, json_int_t max,
		     json_int_t *out)
{
	json_t *value = json_object_get(request, key);

	if (!value)
		return true;
	*out = json_integer_value(value);
	return json_is_integer(value) && *out >= 0 && *out <= max;
}

static json_t *do_contact(struct context *c)
{
	json_int_t load = 0, on_ms = 0, off_ms = 0;

	if (!take_int(c->request, "load_permille", 5000, &load) ||
	    !take_int(c->request, "on_ms", 60000, &on_ms) ||
	    !take_int(c->request, "off_ms", 60000, &off_ms))
		return commands_error("contact: \"load_permille\" must be "
				      "0..5000, \"on_ms\" and \"off_ms\" "
				      "0..60000");
	if (!c->check)
		c->pen->fw.physics.contact = (struct physics_contact) {
			(uint32_t)load, (uint32_t)on_ms, (uint32_t)off_ms,
		};
	return ok(c->pen);
}

/* Takes out the cartridge, and puts in a new one unless told not to. */
static json_t *do_cartridge(struct context *c)
{
	struct cartridge new = CARTRIDGE_NEW;
	json_t *present = json_object_get(c->request, "present");
	json_int_t unit = new.unit, length = new.length_um, uses = 0;
	json_int_t expiry = new.expiry, needles = new.needles;

	if ((present && !json_is_boolean(present)) ||
	    !take_int(c->request, "unit", UINT32_MAX, &unit) ||
	    !take_int(c->request, "length_um", UINT16_MAX, &length) ||
	    !take_int(c->request, "uses", UINT16_MAX, &uses) ||
	    !take_int(c->request, "expiry", 99991231, &expiry) ||
	    !take_int(c->request, "needles", UINT8_MAX, &needles))
		return commands_error("cartridge: \"present\" must be true or "
				      "false; \"unit\", \"length_um\", "
				      "\"uses\", \"expiry\" (YYYYMMDD), "
				      "\"needles\" integers");
	new.present = !json_is_false(present);
	new.unit = (uint32_t)unit;
	new.length_um = (uint16_t)length;
	new.uses = (uint16_t)uses;
	new.expiry = (uint32_t)expiry;
	new.needles = (uint8_t)needles;
	if (!c->check)
		pen_cartridge(c->pen, &new);
	return ok(c->pen);
}

/* What a host has read of it stays read: unplug before, plug after. */
static json_t *do_hostile(struct context *c)
{
	const char *what = text_of(c->request, "set");
	json_t *seed = json_object_get(c->request, "seed");
	struct hostile *h = NULL;
	int err = 0;

	if (!what || (seed && !json_is_integer(seed)))
		return commands_error("hostile: \"set\" must be a string, "
				      "\"seed\" an integer");
	if (c->check)
		return ok(c->pen);
	if (strcmp(what, "off"))
		err = hostile_create(&h, c->pen, what, seed ? (uint64_t)
				     json_integer_value(seed) : 1);
	if (err == -EINVAL)
		return commands_error("hostile: no set \"%.40s\"", what);
	if (err)
		return commands_error("hostile: %s", strerror(-err));
	hostile_destroy(c->pen->hostile);
	c->pen->hostile = h;
	return ok(c->pen);
}

static json_t *do_quit(struct context *c)
{
	if (!c->check)
		c->pen->quit = true;
	return ok(c->pen);
}

bool commands_line_matches(json_t *pattern, json_t *line)
{
	const char *key;
	json_t *value;

	json_object_foreach(pattern, key, value)
		if (!json_equal(value, json_object_get(line, key)))
			return false;
	return true;
}

struct found {
	json_t *pattern;
	json_t *line;
};

static bool replay_match(void *ctx, json_t *line)
{
	struct found *f = ctx;

	if (!commands_line_matches(f->pattern, line))
		return false;
	f->line = line;
	return true;
}

/*
 * {"ev":"motor","on":X}, {"ev":"state","state":X} and a bare "configured",
 * "plug" or "unplug" ask for a condition, which may hold already.
 */
static bool true_already(const struct pen *pen, json_t *pattern)
{
	const char *ev = text_of(pattern, "ev");
	const char *state = text_of(pattern, "state");
	json_t *on = json_object_get(pattern, "on");

	if (json_object_size(pattern) == 1)
		return (!strcmp(ev, "configured") && pen->fw.configured) ||
		       (!strcmp(ev, "plug") && pen->plugged) ||
		       (!strcmp(ev, "unplug") && !pen->plugged);
	if (json_object_size(pattern) != 2)
		return false;
	if (!strcmp(ev, "motor"))
		return json_is_boolean(on) &&
		       json_boolean_value(on) == pen->fw.drive.on;
	if (!strcmp(ev, "state"))
		return state &&
		       !strcmp(state, journal_state_name(pen->fw.state));
	return false;
}

/* NULL if the request is in order. */
static json_t *wait_refused(json_t *request, json_int_t ms)
{
	json_t *since = json_object_get(request, "since_us");

	if (!text_of(request, "ev"))
		return commands_error("wait: \"ev\" must be a string");
	if (ms <= 0 || ms > WAIT_MAX_MS)
		return commands_error("wait: \"timeout_ms\" must be 1..%d",
				      WAIT_MAX_MS);
	if (since && !json_is_integer(since))
		return commands_error("wait: \"since_us\" must be an integer");
	return NULL;
}

static json_t *do_wait(struct context *c)
{
	json_t *timeout = json_object_get(c->request, "timeout_ms");
	json_t *since = json_object_get(c->request, "since_us");
	json_int_t ms = timeout ? json_integer_value(timeout) :
				  WAIT_DEFAULT_MS;
	json_t *reply = wait_refused(c->request, ms);
	struct found found = { NULL, NULL };
	json_t *pattern;

	if (reply)
		return reply;
	if (!c->wait)
		return commands_error("wait is for the control socket; in a "
				      "script say \"after\"");
	pattern = json_copy(c->request);
	json_object_del(pattern, "do");
	json_object_del(pattern, "timeout_ms");
	json_object_del(pattern, "since_us");
	found.pattern = pattern;
	if (since && journal_replay(c->pen->journal, (uint64_t)
				    json_integer_value(since),
				    replay_match, &found)) {
		reply = ok(c->pen);
		json_object_set(reply, "line", found.line);
	} else if (!since && true_already(c->pen, pattern)) {
		reply = ok(c->pen);
	}
	if (reply) {
		json_decref(pattern);
		return reply;
	}
	c->wait->pattern = pattern;
	c->wait->timeout_ms = (unsigned int)ms;
	return NULL;
}

static const struct command {
	const char *name;
	json_t *(*run)(struct context *c);
} commands[] = {
	{ "state", do_state },	 { "plug", do_plug },
	{ "unplug", do_unplug }, { "reboot", do_reboot },
	{ "mark", do_mark },	 { "fault", do_fault },
	{ "heal", do_heal },	 { "pedal", do_pedal },
	{ "button", do_button }, { "contact", do_contact },
	{ "cartridge", do_cartridge }, { "wait", do_wait },
	{ "quit", do_quit },	 { "hostile", do_hostile },
};

static json_t *command_names(const char *name)
{
	char names[256] = "";
	size_t used = 0, i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]) &&
		    used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used,
					 "%s%s", i ? ", " : "",
					 commands[i].name);
	return commands_error("unknown command \"%.40s\"; there are %s", name,
			      names);
}

static json_t *dispatch(struct context *c)
{
	const char *name = text_of(c->request, "do");
	size_t i;

	if (!name)
		return commands_error("expected an object with a string \"do\"");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(c);
	return command_names(name);
}

json_t *commands_do(struct pen *pen, json_t *request, struct wait_for *wait)
{
	struct context c = { pen, request, wait, false };

	return dispatch(&c);
}

int commands_check(json_t *request, char *why, size_t size)
{
	struct context c = { NULL, request, NULL, true };
	json_t *reply = dispatch(&c);
	const char *error = text_of(reply, "error");
	int err = error ? -1 : 0;

	if (error)
		snprintf(why, size, "%s", error);
	json_decref(reply);
	return err;
}
