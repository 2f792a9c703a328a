// SPDX-License-Identifier: LGPL-2.1-or-later
/* A client in ten lines: cc example.c $(pkg-config --cflags --libs libmnpen) */
#include "libmnpen.h"
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	struct mnpen_client *client;
	char *pens;

	if (mnpen_client_open(NULL, MNPEN_ANY, &client))
		return 1;
	if (!mnpen_call(client, "io.mnpen.Pen.ListPens", NULL, 1000, &pens, NULL))
		puts(pens);
	free(pens);
	mnpen_client_close(client);
	return mnpen_stop_all(NULL, 1000, NULL, NULL) != 0;
}
