// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_replay: every file under tests/fuzz/seeds/NAME goes through the subject
 * of that name. Prints TAP; no file at all is a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define SEEDS		"tests/fuzz/seeds"
#define SIZE_MAX_B	65536

static const struct {
	const char *name;
	int (*subject)(const uint8_t *data, size_t size);
} subjects[] = {
	{ "safety", fuzz_safety },
	{ "udi", fuzz_udi },
	{ "catalogue", fuzz_catalogue },
	{ "samples", fuzz_samples },
};

static int replay(const char *path, int (*subject)(const uint8_t *, size_t))
{
	static uint8_t data[SIZE_MAX_B];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return -1;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	return subject(data, size);
}

static int replay_all(const char *name,
		      int (*subject)(const uint8_t *, size_t))
{
	char path[512];
	struct dirent *entry;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), SEEDS "/%s", name);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), SEEDS "/%s/%s", name,
			 entry->d_name);
		if (replay(path, subject) == 0)
			n++;
	}
	closedir(dir);
	return n;
}

int main(void)
{
	const size_t n = sizeof(subjects) / sizeof(subjects[0]);
	int status = EXIT_SUCCESS, files;
	size_t i;

	printf("TAP version 13\n1..%zu\n", n);
	for (i = 0; i < n; i++) {
		files = replay_all(subjects[i].name, subjects[i].subject);
		printf("%sok %zu - %s_takes_%d_seeds\n", files ? "" : "not ",
		       i + 1, subjects[i].name, files);
		fflush(stdout);
		if (!files)
			status = EXIT_FAILURE;
	}
	return status;
}
