// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples as CSV, and back. */
#include "daemon/mnpenctl/samples.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_BEFORE	5	/* time_us,seq,flags,lost,state */
#define COLUMNS		(COLUMNS_BEFORE + SAMPLE_N_FIELDS + 1)
/* Thirty years; what is drawn is multiplied by pixels. */
#define TIME_MAX_US	INT64_C(1000000000000000)
#define STATE_LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MAGIC		"# mnpen samples 1"

void samples_put_head(FILE *out, const struct samples_head *head)
{
	int i;

	fprintf(out, MAGIC "\n# pen %s\n", head->pen);
	for (i = 0; i < SAMPLE_N_FIELDS; i++)
		if (head->limited >> i & 1)
			fprintf(out, "# limit %s %" PRId64 "\n",
				sample_field_name(i), head->limit[i]);
	if (head->triggered)
		fprintf(out, "# trigger_us %" PRId64 "\n", head->trigger_us);
	fputs("time_us,seq,flags,lost,state", out);
	for (i = 0; i < SAMPLE_N_FIELDS; i++)
		fprintf(out, ",%s", sample_field_name(i));
	fputs(",event\n", out);
}

/* An event is words of daemon and driver: no line ends, quotes doubled. */
static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	putc('"', out);
}

void sample_put(FILE *out, const struct sample *s)
{
	int i;

	fprintf(out, "%" PRId64 ",%" PRId64 ",%s%s%s,%" PRIu32 ",%s",
		s->time_us, s->seq, s->flags & SAMPLE_F_LOST ? "L" : "",
		s->flags & SAMPLE_F_GAP ? "G" : "",
		s->flags & SAMPLE_F_DISCONT ? "D" : "", s->lost, s->state);
	for (i = 0; i < SAMPLE_N_FIELDS; i++) {
		putc(',', out);
		if (sample_knows(s, i))
			fprintf(out, "%" PRId64, s->value[i]);
	}
	putc(',', out);
	if (*s->event)
		put_quoted(out, s->event);
	putc('\n', out);
}

/* Cuts the next field off *rest; NULL: there is none, or it is malformed. */
static char *next_field(char **rest)
{
	char *field = *rest, *from, *to;

	if (!field)
		return NULL;
	if (*field != '"') {
		to = strchr(field, ',');
		*rest = to ? to + 1 : NULL;
		if (to)
			*to = '\0';
		return field;
	}
	from = to = ++field;
	for (;; from++) {
		if (*from == '"' && from[1] == '"')
			from++;
		else if (*from == '"')
			break;
		else if (!*from)
			return NULL;
		*to++ = *from;
	}
	*rest = from[1] == ',' ? from + 2 : NULL;
	if (from[1] && from[1] != ',')
		return NULL;
	*to = '\0';
	return field;
}

static bool number(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	return end != text && !*end && !errno;
}

static bool take_flags(const char *text, uint32_t *flags)
{
	static const char letters[] = "LGD";
	const char *at;

	for (; *text; text++) {
		at = strchr(letters, *text);
		if (!at)
			return false;
		*flags |= 1u << (at - letters);
	}
	return true;
}

static bool copy_text(char *to, size_t size, const char *from)
{
	if (strlen(from) >= size)
		return false;
	memcpy(to, from, strlen(from) + 1);
	return true;
}

static bool take_fields(char *field[COLUMNS], struct sample *s)
{
	int64_t lost, value;
	int i;

	if (!number(field[0], &s->time_us) || s->time_us < 0 ||
	    s->time_us > TIME_MAX_US || !number(field[1], &s->seq) ||
	    !take_flags(field[2], &s->flags) || !number(field[3], &lost) ||
	    lost < 0 || lost > UINT32_MAX ||
	    /* It is written without quotes. */
	    field[4][strspn(field[4], STATE_LETTERS)] ||
	    !copy_text(s->state, sizeof(s->state), field[4]) ||
	    !copy_text(s->event, sizeof(s->event), field[COLUMNS - 1]))
		return false;
	s->lost = (uint32_t)lost;
	for (i = 0; i < SAMPLE_N_FIELDS; i++) {
		const char *text = field[COLUMNS_BEFORE + i];

		if (!*text)
			continue;
		if (!number(text, &value))
			return false;
		s->value[i] = value;
		s->known |= 1u << i;
	}
	return true;
}

static void take_remark(char *line, struct samples_head *head)
{
	char *word, *name, *value;
	int64_t n;
	int f;

	strtok_r(line, " ", &value);
	word = strtok_r(NULL, " ", &value);
	if (!word || !value)
		return;
	if (!strcmp(word, "pen")) {
		snprintf(head->pen, sizeof(head->pen), "%s", value);
	} else if (!strcmp(word, "trigger_us") && number(value, &n)) {
		head->triggered = true;
		head->trigger_us = n;
	} else if (!strcmp(word, "limit")) {
		name = strtok_r(NULL, " ", &value);
		f = name ? sample_field_find(name, strlen(name)) : -1;
		if (f >= 0 && value && number(value, &n)) {
			head->limit[f] = n;
			head->limited |= 1u << f;
		}
	}
}

enum samples_line samples_take_line(char *line, struct samples_head *head,
				    struct sample *out)
{
	char *field[COLUMNS], *rest = line;
	int i;

	memset(out, 0, sizeof(*out));
	if (*line == '#') {
		take_remark(line, head);
		return SAMPLES_NOTHING;
	}
	for (i = 0; i < COLUMNS; i++) {
		field[i] = next_field(&rest);
		if (!field[i])
			return SAMPLES_BAD;
	}
	if (rest)
		return SAMPLES_BAD;
	if (!strcmp(field[0], "time_us"))
		return SAMPLES_NOTHING;
	return take_fields(field, out) ? SAMPLES_SAMPLE : SAMPLES_BAD;
}

static int append(struct samples *all, size_t *room, const struct sample *s)
{
	struct sample *more;

	if (all->n == *room) {
		if (*room >= SAMPLES_MAX)
			return -E2BIG;
		*room = *room ? *room * 2 : 256;
		more = realloc(all->list, *room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		all->list = more;
	}
	all->list[all->n++] = *s;
	return 0;
}

static int load(FILE *in, struct samples *out)
{
	char line[SAMPLE_LINE_MAX];
	struct sample s;
	size_t room = 0;
	int r = 0;

	for (out->bad_line = 1; !r && fgets(line, sizeof(line), in);
	     out->bad_line++) {
		size_t n = strlen(line);

		if (!n || line[n - 1] != '\n')
			return -EBADMSG;
		line[n - 1] = '\0';
		if (out->bad_line == 1 && strcmp(line, MAGIC))
			return -EBADMSG;
		switch (samples_take_line(line, &out->head, &s)) {
		case SAMPLES_NOTHING:
			break;
		case SAMPLES_SAMPLE:
			r = append(out, &room, &s);
			break;
		case SAMPLES_BAD:
			return -EBADMSG;
		}
	}
	if (!r && ferror(in))
		r = -EIO;
	return r ? r : out->bad_line == 1 ? -EBADMSG : 0;
}

int samples_load(const char *path, struct samples *out)
{
	FILE *in = fopen(path, "re");
	int r;

	memset(out, 0, sizeof(*out));
	if (!in)
		return -errno;
	r = load(in, out);
	fclose(in);
	return r;
}

void samples_free(struct samples *samples)
{
	free(samples->list);
	samples->list = NULL;
	samples->n = 0;
}
