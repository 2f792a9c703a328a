// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any capture and any trigger: the first line is a trigger, the others are
 * lines of a CSV. What is read and written reads and writes the same again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mnpenctl/samples.h"
#include "daemon/mnpenctl/trigger.h"
#include "tests/fuzz/fuzz.h"

#define MUST(what)							\
	do {								\
		if (!(what)) {						\
			fprintf(stderr, "not so: %s\n", #what);		\
			abort();					\
		}							\
	} while (0)

/* As text without its line end; to be freed. */
static char *written(const struct sample *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	MUST(out);
	sample_put(out, s);
	MUST(!fclose(out));
	MUST(size && size <= SAMPLE_LINE_MAX && text[size - 1] == '\n');
	text[size - 1] = '\0';
	return text;
}

static void check_taken(const struct sample *s)
{
	struct samples_head head = { 0 };
	char *first = written(s), *copy = strdup(first), *second;
	struct sample again;

	MUST(copy && samples_take_line(copy, &head, &again) == SAMPLES_SAMPLE);
	MUST(again.time_us == s->time_us && again.known == s->known &&
	     again.flags == s->flags && again.lost == s->lost);
	MUST(!memcmp(again.value, s->value, sizeof(s->value)));
	second = written(&again);
	MUST(!strcmp(first, second));
	free(first);
	free(copy);
	free(second);
}

static void check_head(const struct samples_head *head)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	MUST(out && strlen(head->pen) < sizeof(head->pen));
	MUST(!(head->limited >> SAMPLE_N_FIELDS));
	samples_put_head(out, head);
	MUST(!fclose(out) && size);
	free(text);
}

int fuzz_samples(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *line, why[160] = "";
	struct samples_head head = { 0 };
	struct trigger trigger;
	bool have;

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	line = strsep(&rest, "\n");
	have = trigger_parse(line, &trigger, why);
	MUST(have || (*why && strlen(why) < sizeof(why)));
	while ((line = strsep(&rest, "\n"))) {
		struct sample s;

		if (samples_take_line(line, &head, &s) != SAMPLES_SAMPLE)
			continue;
		if (have)
			trigger_fires(&trigger, &s);
		check_taken(&s);
	}
	check_head(&head);
	free(text);
	return 0;
}
