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
	struct wait_for *wait;
};

json_t *commands_error(const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return json_pack("{s:b,s:s}", "ok", 0, "error", text);
}

static json_t *ok(const struct pen *pen)
{
	return json_pack("{s:b,s:I}", "ok", 1, "t_us",
			 (json_int_t)pen_now_us(pen));
}

static const char *text_of(json_t *request, const char *key)
{
	return json_string_value(json_object_get(request, key));
}

static json_t *do_state(struct context *c)
{
	const struct firmware *fw = &c->pen->fw;
	const struct physics *p = &fw->physics;
	json_t *reply = ok(c->pen);
	json_t *more;

	more = json_pack("{s:b,s:b,s:b,s:s,s:b,s:s,s:o,s:o,s:i,s:i}",
		"plugged", c->pen->plugged, "configured", fw->configured,
		"frozen", c->pen->frozen,
		"state", journal_state_name(fw->state),
		"motor", fw->drive.on,
		"stop_reason", journal_reason_name(fw->stop_reason),
		"fault_active", journal_fault_names(fw->fault_active),
		"fault_latched", journal_fault_names(fw->fault_latched),
		"token", fw->token, "boot_id", fw->caps.boot_id);
	json_object_update_new(reply, more);
	more = json_pack("{s:i,s:i,s:I,s:i,s:i,s:I,s:I,s:I,s:I}",
		"rate_spm", (int)physics_rate_spm(p),
		"depth_um", (int)physics_depth_um(p),
		"strokes", (json_int_t)p->strokes,
		"motor_ma", (int)p->current_ma,
		"temp_motor_mdegc", (int)physics_temp_motor_mdegc(p),
		"last_feed_us", (json_int_t)fw->last_feed_us,
		"deadline_us", (json_int_t)fw->deadline_us,
		"rejects", (json_int_t)fw->rejects,
		"rx_crc_errors", (json_int_t)fw->rx_crc_errors);
	json_object_update_new(reply, more);
	more = json_pack("{s:i,s:I,s:I,s:I,s:I,s:I,s:i,s:I}",
		"generation", fw->limits.generation,
		"depth_max_um", (json_int_t)fw->limits.depth_max_um,
		"rate_max_spm", (json_int_t)fw->limits.rate_max_spm,
		"run_max_ms", (json_int_t)fw->limits.run_max_ms,
		"strokes_max", (json_int_t)fw->limits.strokes_max,
		"current_max_ma", (json_int_t)fw->limits.current_max_ma,
		"temp_max_mdegc", (int)fw->limits.temp_max_mdegc,
		"lease_max_ms", (json_int_t)fw->limits.lease_max_ms);
	json_object_set_new(reply, "limits", more);
	return reply;
}

static json_t *do_plug(struct context *c)
{
	int err = pen_plug(c->pen);

	if (err == -EALREADY)
		return commands_error("the pen is plugged already");
	if (err)
		return commands_error("cannot plug the pen: %s",
				      strerror(-err));
	return ok(c->pen);
}

static json_t *do_unplug(struct context *c)
{
	int err = pen_unplug(c->pen);

	if (err == -EALREADY)
		return commands_error("the pen is not plugged");
	if (err)
		return commands_error("cannot unplug the pen: %s",
				      strerror(-err));
	return ok(c->pen);
}

static json_t *do_reboot(struct context *c)
{
	pen_reboot(c->pen);
	return ok(c->pen);
}

static json_t *do_mark(struct context *c)
{
	const char *label = text_of(c->request, "label");
	uint64_t t_us = pen_now_us(c->pen);

	if (!label)
		return commands_error("mark: \"label\" must be a string");
	journal_mark(c->pen->journal, t_us, label);
	return json_pack("{s:b,s:I}", "ok", 1, "t_us", (json_int_t)t_us);
}

static json_t *do_fault(struct context *c)
{
	static const struct {
		const char *name;
		enum physics_cause cause;
	} causes[] = {
		{ "stall", PHYSICS_STALL },
		{ "overcurrent", PHYSICS_OVERCURRENT },
		{ "overtemp", PHYSICS_OVERTEMP },
		{ "depth", PHYSICS_DEPTH },
	};
	const char *which = text_of(c->request, "which");
	size_t i;

	for (i = 0; which && i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (strcmp(which, causes[i].name))
			continue;
		c->pen->fw.physics.causes |= causes[i].cause;
		return ok(c->pen);
	}
	return commands_error("fault: \"which\" must be \"stall\", "
			      "\"overcurrent\", \"overtemp\" or \"depth\"");
}

static json_t *do_heal(struct context *c)
{
	c->pen->fw.physics.causes = 0;
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

static json_t *do_freeze(struct context *c)
{
	c->pen->frozen = true;
	return ok(c->pen);
}

static json_t *do_thaw(struct context *c)
{
	c->pen->frozen = false;
	return ok(c->pen);
}

static json_t *do_quit(struct context *c)
{
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
	{ "heal", do_heal },	 { "freeze", do_freeze },
	{ "thaw", do_thaw },	 { "wait", do_wait },
	{ "quit", do_quit },	 { "hostile", do_hostile },
};

json_t *commands_do(struct pen *pen, json_t *request, struct wait_for *wait)
{
	struct context c = { pen, request, wait };
	const char *name = text_of(request, "do");
	size_t i;

	if (!name)
		return commands_error("expected an object with a string \"do\"");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(&c);
	return commands_error("unknown command \"%.40s\"; there are state, "
			      "plug, unplug, reboot, mark, fault, heal, "
			      "freeze, thaw, wait, quit, hostile", name);
}
