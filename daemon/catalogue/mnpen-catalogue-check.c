// SPDX-License-Identifier: GPL-2.0-or-later
/* mnpen-catalogue-check: would the daemon take these files? */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/catalogue/load.h"
#include "daemon/catalogue/schema.h"
#include "daemon/catalogue/set.h"

enum { EXIT_GOOD, EXIT_REFUSED, EXIT_USAGE };

static const char usage[] =
	"usage: mnpen-catalogue-check DIR...\n"
	"Says whether mnpend would use the *.conf files of these directories;\n"
	"those of a later one change what the ones before say.\n"
	"Exit status: 0 yes, 1 no (file:line: reason), 2 usage\n";

int main(int argc, char **argv)
{
	char error[CATALOGUE_ERROR_LEN];
	struct catalogue *set;
	int i;

	if (argc == 2 && (!strcmp(argv[1], "--help") ||
			  !strcmp(argv[1], "-h")))
		return fputs(usage, stdout) < 0;
	if (argc < 2 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	/* The daemon does without a later directory; a typing error is one. */
	for (i = 1; i < argc; i++) {
		if (access(argv[i], R_OK | X_OK) == 0)
			continue;
		fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
		return EXIT_REFUSED;
	}
	if (catalogue_load((const char *const *)argv + 1, (size_t)argc - 1,
			   &set, error) < 0) {
		fprintf(stderr, "%s\n", error);
		return EXIT_REFUSED;
	}
	printf("good:");
	for (i = 0; i < CATALOGUE_KINDS; i++)
		printf("%s %zu %s", i ? "," : "", set->table[i]->count,
		       catalogue_schema[i].name);
	putchar('\n');
	catalogue_free(set);
	return EXIT_GOOD;
}
