// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cartridge's code, from a scanner that types like a keyboard. What it
 * says is read back, so that a scan of the wrong pack is seen; what it means
 * for the session is the daemon's business.
 */
#include "daemon/mnpenctl/session.h"

#include "daemon/catalogue/udi.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void scan_today(struct udi_date *today)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	*today = (struct udi_date){
		.year = (uint16_t)(tm.tm_year + 1900),
		.month = (uint8_t)(tm.tm_mon + 1),
		.day = (uint8_t)tm.tm_mday,
	};
}

static void scan_show(const struct udi *udi, const struct udi_date *today)
{
	fprintf(stderr, _("  read: device %s"), udi->gtin);
	if (*udi->lot)
		fprintf(stderr, _(", lot %s"), udi->lot);
	if (*udi->serial)
		fprintf(stderr, _(", serial number %s"), udi->serial);
	if (udi->expiry.year)
		fprintf(stderr, _(", good until %04u-%02u-%02u"),
			udi->expiry.year, udi->expiry.month, udi->expiry.day);
	fputc('\n', stderr);
	if (udi_shelf_life(udi, today) == UDI_EXPIRED)
		fprintf(stderr, "  %s\n",
			_("It is past that day: take another cartridge."));
}

int ask_cartridge(struct session *s)
{
	struct udi_date today;
	enum udi_error error;
	struct udi udi;

	if (s->ctl->cartridge || !s->asks || s->ctl->preparation ||
	    s->ruled_out)
		return EXIT_DONE;
	scan_today(&today);
	ask_begin();
	fputs(_("\nCartridge\n"), stderr);
	do {
		fputs(_("Scan the code marked UDI on its pack (or Enter if it has none): "),
		      stderr);
		if (!ask_line(s, s->scan))
			return ask_given_up(s);
		if (!*s->scan) {
			fprintf(stderr, "  %s\n",
				_("no code: your word counts that it is new and sterile"));
			return EXIT_DONE;
		}
		error = udi_parse(s->scan, strlen(s->scan), today.year, &udi);
		if (error)
			fprintf(stderr, "  %s\n", tr(udi_error_text(error)));
	} while (error);
	scan_show(&udi, &today);
	s->ctl->cartridge = s->scan;
	return EXIT_DONE;
}
