// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mnpen.h>

#include "tests/emulator/commands.h"
#include "tests/emulator/firmware.h"
#include "tests/emulator/virtual.h"

#define LINE_LEN	4096
#define STEPS_MAX	10000
#define AT_MAX_MS	(INT64_C(1000) * 365 * 86400)	/* a year */

enum script_event {
	EVENT_START,
#define SCRIPT_EVENTS(X)			\
	X(MOTOR_ON, "motor-on")			\
	X(MOTOR_OFF, "motor-off")		\
	X(ARMED, "armed")			\
	X(PLUG, "plug")				\
	X(CONFIGURED, "configured")		\
	X(UNPLUG, "unplug")			\
	X(SUSPEND, "suspend")			\
	X(RESUME, "resume")			\
	X(STOP, "stop")				\
	X(FAULT, "fault")			\
	X(LIMITS, "limits")
#define X(id, name) EVENT_##id,
	SCRIPT_EVENTS(X)
#undef X
	EVENTS,
};

static const char *const event_names[EVENTS] = {
	[EVENT_START] = "start",
#define X(id, name) [EVENT_##id] = name,
	SCRIPT_EVENTS(X)
#undef X
};

struct step {
	json_t *request;
	unsigned int line;
	enum script_event after;
	uint64_t delay_us;
	bool done;
};

struct script {
	char *path;
	struct step *steps;
	size_t count;
	uint64_t event_us[EVENTS];	/* UINT64_MAX: not yet */
	bool next_known;
	struct step *next;
};

static void complain(const struct script *s, unsigned int line,
		     const char *what)
{
	fprintf(stderr, "mnpen-emulator: %s:%u: %s\n", s->path, line, what);
}

static void event_list(char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "\"after\" must be one of ");
	int i;

	for (i = 1; i < EVENTS && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i > 1 ? ", " : "", event_names[i]);
}

static int take_after(struct step *step, json_t *request, char *why,
		      size_t size)
{
	json_t *value = json_object_get(request, "after");
	const char *name = json_string_value(value);
	int i;

	if (!value)
		return 0;
	for (i = 1; name && i < EVENTS; i++) {
		if (strcmp(name, event_names[i]))
			continue;
		step->after = (enum script_event)i;
		return 0;
	}
	event_list(why, size);
	return -1;
}

static int take_time(struct step *step, json_t *request, char *why, size_t size)
{
	json_t *value = json_object_get(request, "at_ms");
	json_int_t ms = json_integer_value(value);

	if (!value && step->after != EVENT_START)
		return 0;
	if (!json_is_integer(value) || ms < 0 || ms > AT_MAX_MS) {
		snprintf(why, size, "\"at_ms\" must be 0..%lld ms",
			 (long long)AT_MAX_MS);
		return -1;
	}
	step->delay_us = (uint64_t)ms * 1000;
	return 0;
}

static int check_request(json_t *request, bool virtual, char *why, size_t size)
{
	if (json_object_get(request, "host")) {
		if (virtual)
			return virtual_check(request, why, size);
		snprintf(why, size, "\"host\" works with --virtual only; "
			 "here the host is a real one");
		return -1;
	}
	return commands_check(request, why, size);
}

static int take_line(struct script *s, char *text, unsigned int line,
		     bool virtual)
{
	struct step *step = &s->steps[s->count];
	char why[512] = "";
	json_error_t error;
	json_t *request;

	request = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(request)) {
		snprintf(why, sizeof(why), request ? "expected a JSON object" :
			 "not JSON: %.100s at column %d", error.text,
			 error.column);
		json_decref(request);
		complain(s, line, why);
		return -1;
	}
	*step = (struct step) { .request = request, .line = line };
	s->count++;
	if (!take_after(step, request, why, sizeof(why)) &&
	    !take_time(step, request, why, sizeof(why)) &&
	    !check_request(request, virtual, why, sizeof(why)))
		return 0;
	complain(s, line, why);
	return -1;
}

static bool blank(const char *text)
{
	text += strspn(text, " \t\n");
	return !*text || *text == '#';
}

static int read_lines(struct script *s, FILE *f, bool virtual)
{
	char text[LINE_LEN];
	unsigned int line = 0;
	struct step *more;

	while (fgets(text, sizeof(text), f)) {
		line++;
		if (strlen(text) == LINE_LEN - 1) {
			complain(s, line, "this line is too long");
			return -EINVAL;
		}
		if (blank(text))
			continue;
		if (s->count == STEPS_MAX) {
			complain(s, line, "these are too many steps");
			return -EINVAL;
		}
		more = realloc(s->steps, (s->count + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->steps = more;
		if (take_line(s, text, line, virtual))
			return -EINVAL;
	}
	if (s->count)
		return 0;
	complain(s, line, "there is no step in it");
	return -EINVAL;
}

int script_open(struct script **out, const char *path, bool virtual)
{
	struct script *s = calloc(1, sizeof(*s));
	FILE *f = NULL;
	int err = -ENOMEM;
	int i;

	if (!s)
		return -ENOMEM;
	s->path = strdup(path);
	if (!s->path)
		goto fail;
	for (i = 0; i < EVENTS; i++)
		s->event_us[i] = UINT64_MAX;
	f = fopen(path, "re");
	if (!f) {
		err = -errno;
		fprintf(stderr, "mnpen-emulator: cannot read script %s: %s\n",
			path, strerror(-err));
		goto fail;
	}
	err = read_lines(s, f, virtual);
	if (err)
		goto fail;
	fclose(f);
	*out = s;
	return 0;
fail:
	if (f)
		fclose(f);
	script_close(s);
	return err;
}

void script_close(struct script *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->count; i++)
		json_decref(s->steps[i].request);
	free(s->steps);
	free(s->path);
	free(s);
}

void script_begin(struct script *s, uint64_t now_us)
{
	if (s)
		s->event_us[EVENT_START] = now_us;
	if (s)
		s->next_known = false;
}

static enum script_event bus_event(uint32_t what)
{
	switch ((enum fw_bus)what) {
	case FW_BUS_ATTACH:
		return EVENT_PLUG;
	case FW_BUS_CONFIGURED:
		return EVENT_CONFIGURED;
	case FW_BUS_DETACH:
		return EVENT_UNPLUG;
	case FW_BUS_SUSPEND:
		return EVENT_SUSPEND;
	case FW_BUS_RESUME:
		return EVENT_RESUME;
	case FW_BUS_RESET:
		break;
	}
	return EVENTS;
}

static enum script_event event_of(const struct fw_note *n)
{
	if (n->kind == FW_NOTE_BUS)
		return bus_event(n->value);
	if (n->kind == FW_NOTE_MOTOR)
		return n->on ? EVENT_MOTOR_ON : EVENT_MOTOR_OFF;
	if (n->kind == FW_NOTE_ARM)
		return EVENT_ARMED;
	if (n->kind == FW_NOTE_STOP)
		return n->value ? EVENT_STOP : EVENTS;
	if (n->kind == FW_NOTE_FAULT)
		return EVENT_FAULT;
	if (n->kind == FW_NOTE_LIMITS)
		return EVENT_LIMITS;
	return EVENTS;
}

void script_note(struct script *s, const struct fw_note *note)
{
	enum script_event e = s ? event_of(note) : EVENTS;

	if (e == EVENTS || s->event_us[e] != UINT64_MAX)
		return;
	s->event_us[e] = note->t_us;
	s->next_known = false;
}

static uint64_t due_us(const struct script *s, const struct step *step)
{
	uint64_t from_us = s->event_us[step->after];

	if (step->done || from_us == UINT64_MAX)
		return UINT64_MAX;
	return from_us + step->delay_us;
}

/* The first one in time, the upper one of two at the same. */
static struct step *next_step(struct script *s)
{
	uint64_t next_us = UINT64_MAX;
	size_t i;

	if (!s || s->next_known)
		return s ? s->next : NULL;
	s->next = NULL;
	s->next_known = true;
	for (i = 0; i < s->count; i++) {
		if (due_us(s, &s->steps[i]) >= next_us)
			continue;
		s->next = &s->steps[i];
		next_us = due_us(s, s->next);
	}
	return s->next;
}

static int do_step(struct script *s, struct pen *pen, struct step *step)
{
	const char *error;
	json_t *reply;
	int err = 0;

	if (json_object_get(step->request, "host"))
		reply = virtual_do(pen, step->request);
	else
		reply = commands_do(pen, step->request, NULL);
	error = json_string_value(json_object_get(reply, "error"));
	if (error) {
		complain(s, step->line, error);
		err = -1;
	}
	json_decref(reply);
	return err;
}

int script_run(struct script *s, struct pen *pen, uint64_t now_us)
{
	struct step *step;

	while ((step = next_step(s)) && due_us(s, step) <= now_us) {
		step->done = true;
		s->next_known = false;
		if (do_step(s, pen, step))
			return -1;
	}
	return 0;
}

uint64_t script_next_us(struct script *s)
{
	const struct step *step = next_step(s);

	return step ? due_us(s, step) : UINT64_MAX;
}
