// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every event in every situation, with the state it leads to and all actions
 * in their order, written out by hand. Where the core does something else, one
 * of the two is wrong.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mnpen.h>

#include "tests/model/world.h"

/*
 * A cell: the state afterwards if it is another, then the actions.
 *
 * States: I idle, S screened, R ready, A active, P paused, T stopping,
 * C closed, F fault, H hard fault.
 * Actions: S stop, H hard stop, I intent, D start, U set, K renew, B begin
 * recorded, F fault recorded, R run recorded, C close recorded, a accept,
 * r refuse, A start accepted, X start refused, ! alarm, l list of alarms,
 * ~ sound, s state.
 * A refusal's reason: 1 state, 2 fault, 3 preparation, 4 not the owner,
 * 5 owned, 6 limit, 7 screening, 8 the area.
 */
static const char letters[SAFETY_STATES + 1] = "ISRAPTCFH";
static const char action_letters[SAFETY_ACTIONS + 1] = "SHIDUKBFRCarAX!l~s";

static const char *const names[SITUATIONS] = {
	"idle", "screened", "ready", "waiting", "starting", "active", "paused",
	"stopping", "closed", "fault", "hard fault",
};

/* The rows: events of interest, by the owner where one is needed. */
enum row {
	TICK, OFF, RUNNING, LATCHED, REBOOTED, INVALID, GONE, LIMP,
	ACQUIRE, ACQUIRE_OTHER, RELEASE, RELEASE_OTHER, HEARTBEAT, BEGIN,
	BEGIN_TOO_DEEP, BEGIN_UNSCREENED, PREPARED, PREPARED_OTHER_AREA, START,
	PAUSE, STOP, STOP_OTHER, END, SET_SAME, SET_LOWER, SET_BEYOND, ACK,
	SILENCE, RESET, RESET_ADMIN, INTENT, CLOSE, RECORD_FAILED, RECORD_OK,
	STARTED, START_FAILED, RENEW_FAILED, RENEW_STALE, CARTRIDGE_OUT,
	CARTRIDGE_IN,
	ROWS
};

struct line {
	const char *name;
	const char *cell[SITUATIONS];
};

/* What a start that waits adds to a stop is X, what a run adds at its end R. */
#define FAULTS		"T SF!l~s"
#define FAULTS_X	"T SFX!l~s"

static const struct line table[ROWS] = {
/*			  idle, screened, ready, waiting,
 *			  starting, active, paused, stopping,
 *			  closed, fault, hard fault
 */
[TICK] =		{ "tick", {
			  "", "", "", "",
			  "", "", "", "",
			  "", "", "" } },
[OFF] =			{ "pen off", {
			  "", "", "", "",
			  "", "T S!l~s", "", "",
			  "", "", "" } },
[RUNNING] =		{ "pen runs", {
			  FAULTS, FAULTS, FAULTS, FAULTS_X,
			  "", "", FAULTS, "",
			  FAULTS, "T S!ls", "" } },
[LATCHED] =		{ "pen latched a fault", {
			  "", "", "", "",
			  FAULTS_X, FAULTS, "", "",
			  "", "", "" } },
[REBOOTED] =		{ "pen rebooted", {
			  "", FAULTS, FAULTS, FAULTS_X,
			  FAULTS_X, FAULTS, FAULTS, "SF!l~",
			  "", "T S!ls", "S!l" } },
[INVALID] =		{ "invalid record", {
			  "", "", "", "",
			  "", "", "", "",
			  "", "", "" } },
[GONE] =		{ "pen gone", {
			  "", "C SFC!l~s", "C SFC!l~s", "C SFCX!l~s",
			  "C SFRCX!l~s", "C SFRC!l~s", "C SFC!l~s",
			  "C SFRC!l~s",
			  "", "SC!l", "SC!l" } },
[LIMP] =		{ "pen limp", {
			  "F SF!l~s", "F SF!l~s", "F SF!l~s", "F SFX!l~s",
			  FAULTS_X, FAULTS, "F SF!l~s", "SF!l~",
			  "F SF!l~s", "", "" } },
[ACQUIRE] =		{ "acquire", {
			  "a", "a", "a", "a",
			  "a", "a", "a", "a",
			  "a", "a", "a" } },
[ACQUIRE_OTHER] =	{ "acquire by another", {
			  "r5", "r5", "r5", "r5",
			  "r5", "r5", "r5", "r5",
			  "r5", "r5", "r5" } },
[RELEASE] =		{ "release", {
			  "a", "a", "a", "aX",
			  "T SaX!l~s", "T Sa!l~s", "a", "a",
			  "a", "a", "a" } },
[RELEASE_OTHER] =	{ "release by another", {
			  "r4", "r4", "r4", "r4",
			  "r4", "r4", "r4", "r4",
			  "r4", "r4", "r4" } },
[HEARTBEAT] =		{ "heartbeat", {
			  "a", "a", "a", "a",
			  "a", "a", "a", "a",
			  "a", "a", "a" } },
[BEGIN] =		{ "begin", {
			  "S Bas", "r1", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "r2", "r2" } },
[BEGIN_TOO_DEEP] =	{ "begin too deep", {
			  "r6", "r1", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "r2", "r2" } },
[BEGIN_UNSCREENED] =	{ "begin unscreened", {
			  "r7", "r1", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "r2", "r2" } },
[PREPARED] =		{ "prepared", {
			  "r1", "R as", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "r2", "r2" } },
[PREPARED_OTHER_AREA] =	{ "prepared for another area", {
			  "r1", "r8", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "r2", "r2" } },
[START] =		{ "start", {
			  "r1", "r3", "I", "r1",
			  "r1", "r1", "I", "r1",
			  "r1", "r2", "r2" } },
[PAUSE] =		{ "pause", {
			  "r1", "r1", "r1", "aX",
			  "T SaXs", "T Sas", "a", "a",
			  "r1", "r1", "r1" } },
[STOP] =		{ "stop", {
			  "Sa", "Sa", "Sa", "SaX",
			  "T SaXs", "T Sas", "Sa", "Sa",
			  "Sa", "Sa", "Sa" } },
[STOP_OTHER] =		{ "stop by another", {
			  "Sa", "Sa", "Sa", "SaX",
			  "T SaXs", "T Sas", "Sa", "Sa",
			  "Sa", "Sa", "Sa" } },
[END] =			{ "end", {
			  "r1", "C Cas", "C Cas", "C CaXs",
			  "T SaXs", "T Sas", "C Cas", "a",
			  "r1", "Ca", "Ca" } },
[SET_SAME] =		{ "set to the same", {
			  "r1", "a", "a", "r1",
			  "r1", "a", "a", "r1",
			  "r1", "r2", "r2" } },
[SET_LOWER] =		{ "set lower", {
			  "r1", "a", "a", "r1",
			  "r1", "Ua", "a", "r1",
			  "r1", "r2", "r2" } },
[SET_BEYOND] =		{ "set too deep", {
			  "r1", "r6", "r6", "r1",
			  "r1", "r6", "r6", "r1",
			  "r1", "r2", "r2" } },
[ACK] =			{ "alarms noted", {
			  "a", "a", "a", "a",
			  "a", "a", "a", "a",
			  "a", "al~", "r1" } },
[SILENCE] =		{ "sound paused", {
			  "a", "a", "a", "a",
			  "a", "a", "a", "a",
			  "a", "a~", "r1" } },
[RESET] =		{ "reset", {
			  "r1", "r1", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "P al~s", "r2" } },
[RESET_ADMIN] =		{ "reset by an administrator", {
			  "r1", "r1", "r1", "r1",
			  "r1", "r1", "r1", "r1",
			  "r1", "P al~s", "r2" } },
[INTENT] =		{ "intent durable", {
			  "", "", "", "A Ds",
			  "", "", "", "",
			  "", "", "" } },
[CLOSE] =		{ "close durable", {
			  "", "", "", "",
			  "", "", "", "",
			  "I s", "", "" } },
[RECORD_FAILED] =	{ "record failed", {
			  "!l~", "!l~", "!l~", "X!l~",
			  FAULTS_X, FAULTS, "!l~", "!l~",
			  "!l~", "!l", "!l" } },
[RECORD_OK] =		{ "record works", {
			  "", "", "", "",
			  "", "", "", "",
			  "", "", "" } },
[STARTED] =		{ "started", {
			  "", "", "", "",
			  "A", "", "", "",
			  "", "", "" } },
[START_FAILED] =	{ "start failed", {
			  "", "", "", "",
			  "T SX!l~s", "", "", "",
			  "", "", "" } },
[RENEW_FAILED] =	{ "renewal failed", {
			  "", "", "", "",
			  FAULTS_X, FAULTS, "", "",
			  "", "", "" } },
[RENEW_STALE] =		{ "renewal came too late", {
			  "", "", "", "",
			  "T SX!l~s", "T S!l~s", "", "",
			  "", "", "" } },
[CARTRIDGE_OUT] =	{ "cartridge taken out", {
			  "", "", FAULTS, FAULTS_X,
			  FAULTS_X, FAULTS, FAULTS, "SF!l~",
			  "", "T S!ls", "" } },
[CARTRIDGE_IN] =	{ "cartridge put in", {
			  "", "", "", "",
			  "", "", "", "",
			  "", "", "" } },
};

/* ---- the events --------------------------------------------------------- */

static const struct {
	uint8_t kind;
	uint32_t owner;
} kinds[ROWS] = {
	[TICK] = { SAFETY_EV_TICK, 0 },
	[INVALID] = { SAFETY_EV_TELEMETRY_INVALID, 0 },
	[GONE] = { SAFETY_EV_PEN_GONE, 0 },
	[LIMP] = { SAFETY_EV_PEN_LIMP, 0 },
	[ACQUIRE] = { SAFETY_EV_ACQUIRE, OWNER },
	[ACQUIRE_OTHER] = { SAFETY_EV_ACQUIRE, STRANGER },
	[RELEASE] = { SAFETY_EV_RELEASE, OWNER },
	[RELEASE_OTHER] = { SAFETY_EV_RELEASE, STRANGER },
	[HEARTBEAT] = { SAFETY_EV_HEARTBEAT, OWNER },
	[PREPARED] = { SAFETY_EV_PREPARED, OWNER },
	[PREPARED_OTHER_AREA] = { SAFETY_EV_PREPARED, OWNER },
	[START] = { SAFETY_EV_START, OWNER },
	[PAUSE] = { SAFETY_EV_PAUSE, OWNER },
	[STOP] = { SAFETY_EV_STOP, OWNER },
	[STOP_OTHER] = { SAFETY_EV_STOP, STRANGER },
	[END] = { SAFETY_EV_END, OWNER },
	[SET_SAME] = { SAFETY_EV_SET, OWNER },
	[SET_LOWER] = { SAFETY_EV_SET, OWNER },
	[SET_BEYOND] = { SAFETY_EV_SET, OWNER },
	[ACK] = { SAFETY_EV_ALARM_ACK, OWNER },
	[SILENCE] = { SAFETY_EV_AUDIO_PAUSE, OWNER },
	[RESET] = { SAFETY_EV_RESET, OWNER },
	[RESET_ADMIN] = { SAFETY_EV_RESET, 0 },
	[INTENT] = { SAFETY_EV_INTENT_DURABLE, 0 },
	[CLOSE] = { SAFETY_EV_CLOSE_DURABLE, 0 },
	[RECORD_FAILED] = { SAFETY_EV_RECORD_FAILED, 0 },
	[RECORD_OK] = { SAFETY_EV_RECORD_OK, 0 },
	[STARTED] = { SAFETY_EV_STARTED, 0 },
	[START_FAILED] = { SAFETY_EV_START_FAILED, 0 },
	[RENEW_FAILED] = { SAFETY_EV_RENEW_FAILED, 0 },
	[RENEW_STALE] = { SAFETY_EV_RENEW_FAILED, 0 },
	[CARTRIDGE_OUT] = { SAFETY_EV_CARTRIDGE, 0 },
	[CARTRIDGE_IN] = { SAFETY_EV_CARTRIDGE, 0 },
};

static void happen(struct world *w, enum row row)
{
	struct safety_event ev = {
		.kind = (enum safety_event_kind)kinds[row].kind,
		.owner = kinds[row].owner,
		.ticket = 4711,
		.error = row == RENEW_STALE ? -ESTALE : -EIO,
	};

	if (row == BEGIN || row == BEGIN_TOO_DEEP || row == BEGIN_UNSCREENED) {
		ev = world_begin_event();
		ev.begin.cartridge.id = 2;
		ev.begin.depth_um = row == BEGIN_TOO_DEEP ? 1501 : 1000;
		ev.begin.screening_clear = row != BEGIN_UNSCREENED;
	}
	if (row == PREPARED || row == PREPARED_OTHER_AREA)
		ev.area = row == PREPARED ? 3 : 4;
	if (row == SET_SAME || row == SET_LOWER || row == SET_BEYOND) {
		ev.set.rate_spm = 6000;
		ev.set.depth_um = row == SET_SAME ? 1000 :
				  row == SET_LOWER ? 900 : 1501;
	}
	if (row == INTENT && w->s.intent_ticket)
		ev.ticket = w->s.intent_ticket;
	if (row == CLOSE && w->s.close_ticket)
		ev.ticket = w->s.close_ticket;
	if (row == CARTRIDGE_IN)
		ev.present = true;
	if (row > REBOOTED || row == TICK) {
		world_send(w, &ev);
		return;
	}
	w->pen.fault_latched = row == LATCHED;
	w->pen.boot_id += row == REBOOTED;
	world_say(w, row == RUNNING || (row == LATCHED && w->pen.rate_spm));
}

/* ---- comparing ---------------------------------------------------------- */

static char reason_letter(enum safety_reason reason)
{
	static const struct {
		enum safety_reason reason;
		char letter;
	} known[] = {
		{ SAFETY_REFUSE_STATE, '1' },
		{ SAFETY_REFUSE_FAULT, '2' },
		{ SAFETY_REFUSE_PREPARATION, '3' },
		{ SAFETY_REFUSE_NOT_OWNER, '4' },
		{ SAFETY_REFUSE_OWNED, '5' },
		{ SAFETY_REFUSE_LIMIT, '6' },
		{ SAFETY_REFUSE_SCREENING, '7' },
		{ SAFETY_REFUSE_AREA, '8' },
	};
	uint32_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].reason == reason)
			return known[i].letter;
	return '?';
}

static void describe(const struct world *w, enum safety_state before,
		     char text[64])
{
	uint32_t i, n = 0;

	if (w->s.state != before) {
		text[n++] = letters[w->s.state];
		text[n++] = ' ';
	}
	for (i = 0; i < w->out.n; i++) {
		text[n++] = action_letters[w->out.a[i].kind];
		if (w->out.a[i].kind == SAFETY_DO_REFUSE)
			text[n++] = reason_letter(w->out.a[i].reason);
	}
	text[n] = '\0';
}

static const enum safety_state meant[SITUATIONS] = {
	SAFETY_IDLE, SAFETY_SCREENED, SAFETY_READY, SAFETY_READY,
	SAFETY_ACTIVE, SAFETY_ACTIVE, SAFETY_PAUSED, SAFETY_STOPPING,
	SAFETY_CLOSED, SAFETY_FAULT, SAFETY_HARD_FAULT,
};

static bool column(enum situation where)
{
	bool well = true;
	struct world w;
	char got[64];
	uint32_t row;

	for (row = 0; row < ROWS; row++) {
		world_go(&w, where);
		if (w.s.state != meant[where]) {
			printf("# %s was not reached\n", names[where]);
			return false;
		}
		happen(&w, (enum row)row);
		describe(&w, meant[where], got);
		if (!strcmp(got, table[row].cell[where]))
			continue;
		printf("# %s, %s: want \"%s\", got \"%s\"\n", names[where],
		       table[row].name, table[row].cell[where], got);
		well = false;
	}
	return well;
}

/* Each kind of event stands in some row. */
static bool complete(void)
{
	bool seen[SAFETY_EVENTS] = { [SAFETY_EV_TELEMETRY] = true,
				     [SAFETY_EV_BEGIN] = true };
	bool all = true;
	uint32_t i;

	for (i = 0; i < ROWS; i++)
		seen[kinds[i].kind] = true;
	for (i = 0; i < SAFETY_EVENTS; i++)
		all &= seen[i];
	return all;
}

int main(void)
{
	bool well = complete(), this_one;
	uint32_t i;

	printf("TAP version 13\n1..%d\n", SITUATIONS + 1);
	printf("# %d situations, %d events, %d cells\n", SITUATIONS, ROWS,
	       SITUATIONS * ROWS);
	printf("%sok 1 - every_kind_of_event_is_in_the_table\n",
	       well ? "" : "not ");
	for (i = 0; i < SITUATIONS; i++) {
		this_one = column((enum situation)i);
		well &= this_one;
		printf("%sok %" PRIu32 " - what_happens_when_%s\n",
		       this_one ? "" : "not ", i + 2, names[i]);
	}
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
