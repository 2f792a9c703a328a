// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing, keeping and ending of faults; what they do is in faults_table.c. */
#include "tests/emulator/faults.h"

#include <inttypes.h>
#include <string.h>

#include "tests/emulator/pen.h"

#define SERIAL_CHARS	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static const struct fault_kind *find(const char *name)
{
	const struct fault_kind *k;

	for (k = fault_kinds; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

static int choice_index(const struct fault_param *p, const char *text)
{
	int i;

	for (i = 0; text && p->choices[i]; i++)
		if (!strcmp(p->choices[i], text))
			return i;
	return -1;
}

static void join_choices(const struct fault_param *p, const char *between,
			 char *text, size_t size)
{
	size_t used = 0;
	int i;

	text[0] = '\0';
	for (i = 0; p->choices[i] && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i ? between : "", p->choices[i]);
}

static int wrong_choice(const struct fault_kind *k, const struct fault_param *p,
			char *why, size_t size)
{
	char names[512];

	join_choices(p, ", ", names, sizeof(names));
	snprintf(why, size, "fault \"%s\": \"%s\" must be one of: %s", k->name,
		 p->name, names);
	return -1;
}

static bool serial_good(const char *text)
{
	return text && strlen(text) >= 8 && strlen(text) < FAULTS_TEXT &&
	       strspn(text, SERIAL_CHARS) == strlen(text);
}

static int take_param(const struct fault_kind *k, const struct fault_param *p,
		      json_t *value, struct fault_values *v, char *why,
		      size_t size)
{
	int64_t *n = &v->n[p - k->params];
	const char *text = json_string_value(value);

	*n = p->standard;
	if (!value && p->optional)
		return 0;
	if (!value) {
		snprintf(why, size, "fault \"%s\" needs \"%s\"; "
			 "mnpen-emulator --list-faults explains it", k->name,
			 p->name);
		return -1;
	}
	switch (p->type) {
	case FAULT_NUMBER:
		*n = json_integer_value(value);
		if (json_is_integer(value) && *n >= p->min && *n <= p->max)
			return 0;
		snprintf(why, size, "fault \"%s\": \"%s\" must be %" PRId64
			 "..%" PRId64 " %s", k->name, p->name, p->min, p->max,
			 p->unit);
		return -1;
	case FAULT_CHOICE:
		*n = choice_index(p, text);
		return *n < 0 ? wrong_choice(k, p, why, size) : 0;
	case FAULT_SERIAL:
		if (serial_good(text)) {
			strcpy(v->text, text);
			return 0;
		}
		snprintf(why, size, "fault \"%s\": \"%s\" must be 8 to 31 of "
			 "A-Z 0-9", k->name, p->name);
		return -1;
	}
	return -1;
}

/* What belongs to every line of a script or the socket. */
static bool common_key(const char *key)
{
	static const char *const keys[] = {
		"do", "name", "for_ms", "at_ms", "after",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static int refuse_strangers(const struct fault_kind *k, json_t *request,
			    char *why, size_t size)
{
	const struct fault_param *p;
	const char *key;
	json_t *value;

	json_object_foreach(request, key, value) {
		for (p = k->params; p->name && strcmp(p->name, key); p++)
			;
		if (p->name || common_key(key))
			continue;
		snprintf(why, size, "fault \"%s\" has no parameter \"%.40s\"; "
			 "mnpen-emulator --list-faults shows them", k->name,
			 key);
		return -1;
	}
	return 0;
}

static const struct fault_kind *take_name(json_t *request, char *why,
					  size_t size)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const struct fault_kind *k = name ? find(name) : NULL;

	if (!name)
		snprintf(why, size, "\"name\" must be the name of a fault; "
			 "mnpen-emulator --list-faults shows them");
	else if (!k)
		snprintf(why, size, "unknown fault \"%.40s\"; mnpen-emulator "
			 "--list-faults shows them", name);
	return k;
}

/* -1: wrong; 0: until healed */
static int64_t take_for_ms(const struct fault_kind *k, json_t *request,
			   char *why, size_t size)
{
	json_t *value = json_object_get(request, "for_ms");
	json_int_t ms = json_integer_value(value);

	if (!value)
		return k->for_ms;
	if (json_is_integer(value) && ms > 0 && ms <= FAULTS_FOR_MAX_MS &&
	    k->stop)
		return ms;
	if (!k->stop)
		snprintf(why, size, "fault \"%s\" happens at once and takes no "
			 "\"for_ms\"", k->name);
	else
		snprintf(why, size, "fault \"%s\": \"for_ms\" must be 1..%d ms",
			 k->name, FAULTS_FOR_MAX_MS);
	return -1;
}

static int parse(json_t *request, struct fault_active *out, int64_t *for_ms,
		 char *why, size_t size)
{
	const struct fault_kind *k = take_name(request, why, size);
	const struct fault_param *p;

	if (!k)
		return -1;
	*out = (struct fault_active) { .kind = k };
	*for_ms = take_for_ms(k, request, why, size);
	if (*for_ms < 0 || refuse_strangers(k, request, why, size))
		return -1;
	for (p = k->params; p->name; p++)
		if (take_param(k, p, json_object_get(request, p->name),
			       &out->values, why, size))
			return -1;
	return 0;
}

int faults_check(json_t *request, char *why, size_t size)
{
	const char *what = json_string_value(json_object_get(request, "do"));
	struct fault_active a;
	int64_t for_ms;

	if (strcmp(what, "heal"))
		return parse(request, &a, &for_ms, why, size);
	if (!json_object_get(request, "name"))
		return 0;
	return take_name(request, why, size) ? 0 : -1;
}

static void note(struct pen *pen, const char *ev, const struct fault_active *a)
{
	journal_line(pen->journal, pen_now_us(pen), ev,
		     json_pack("{s:s}", "name", a->kind->name));
}

/* Ends number @i; the others move up. */
static const char *end(struct pen *pen, unsigned int i)
{
	struct faults *f = &pen->faults;
	struct fault_active a = f->active[i];

	memmove(f->active + i, f->active + i + 1,
		(f->count - i - 1) * sizeof(f->active[0]));
	f->count--;
	note(pen, "heal", &a);
	return a.kind->stop(pen, &a.values);
}

/* The same fault on the same thing: a sensor, a pipe, a request. */
static bool same(const struct fault_active *a, const struct fault_active *b)
{
	return a->kind == b->kind && (a->kind->params[0].type != FAULT_CHOICE ||
				      a->values.n[0] == b->values.n[0]);
}

int faults_start(struct pen *pen, json_t *request, char *why, size_t size)
{
	struct faults *f = &pen->faults;
	const char *refused;
	struct fault_active a;
	int64_t for_ms;
	unsigned int i;

	if (parse(request, &a, &for_ms, why, size))
		return -1;
	for (i = f->count; i--;)
		if (same(&f->active[i], &a))
			end(pen, i);
	if (f->count == FAULTS_ACTIVE) {
		snprintf(why, size, "%d faults at a time are enough; heal some",
			 FAULTS_ACTIVE);
		return -1;
	}
	note(pen, "inject", &a);
	refused = a.kind->start(pen, &a.values);
	if (refused) {
		snprintf(why, size, "fault \"%s\": %s", a.kind->name, refused);
		return -1;
	}
	a.until_us = for_ms ? pen_now_us(pen) + (uint64_t)for_ms * 1000 :
			      UINT64_MAX;
	if (a.kind->stop)
		f->active[f->count++] = a;
	return 0;
}

int faults_heal(struct pen *pen, json_t *request, char *why, size_t size)
{
	struct faults *f = &pen->faults;
	const struct fault_kind *k = NULL;
	const char *refused = NULL;
	unsigned int i;

	if (json_object_get(request, "name")) {
		k = take_name(request, why, size);
		if (!k)
			return -1;
	}
	for (i = f->count; i-- && !refused;)
		if (!k || f->active[i].kind == k)
			refused = end(pen, i);
	if (refused)
		snprintf(why, size, "heal: %s", refused);
	return refused ? -1 : 0;
}

void faults_heal_all(struct pen *pen)
{
	while (pen->faults.count)
		end(pen, pen->faults.count - 1);
}

void faults_run(struct pen *pen, uint64_t now_us)
{
	struct faults *f = &pen->faults;
	unsigned int i;

	for (i = f->count; i--;)
		if (f->active[i].until_us <= now_us)
			end(pen, i);
}

uint64_t faults_next_us(const struct faults *f)
{
	uint64_t next_us = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < f->count; i++)
		if (f->active[i].until_us < next_us)
			next_us = f->active[i].until_us;
	return next_us;
}

static void list_param(FILE *out, const struct fault_param *p)
{
	char names[512];

	fprintf(out, "    \"%s\": ", p->name);
	switch (p->type) {
	case FAULT_NUMBER:
		fprintf(out, "%" PRId64 "..%" PRId64 " %s", p->min, p->max,
			p->unit);
		if (p->optional)
			fprintf(out, " (%" PRId64 ")", p->standard);
		break;
	case FAULT_CHOICE:
		join_choices(p, "|", names, sizeof(names));
		fputs(names, out);
		if (p->optional)
			fprintf(out, " (%s)", p->choices[p->standard]);
		break;
	case FAULT_SERIAL:
		fputs("8 to 31 of A-Z 0-9", out);
		break;
	}
	fputc('\n', out);
}

void faults_list(FILE *out)
{
	const struct fault_param *p;
	const struct fault_kind *k;

	for (k = fault_kinds; k->name; k++) {
		fprintf(out, "%s\n    %s\n", k->name, k->what);
		for (p = k->params; p->name; p++)
			list_param(out, p);
		if (k->for_ms)
			fprintf(out, "    \"for_ms\": 1..%d ms (%u)\n",
				FAULTS_FOR_MAX_MS, k->for_ms);
		else if (!k->stop)
			fputs("    happens at once; nothing to heal\n", out);
	}
}
