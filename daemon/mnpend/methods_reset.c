// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ResetFault: the pen's own latch first, if it holds one, then the core's. The
 * core only believes telemetry, so between the two we wait for some.
 */
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/service.h"

#include <errno.h>
#include <stdlib.h>

#define RESET_LOOK_MS	20
#define RESET_LOOKS	50	/* a second; telemetry comes every 8 ms */

struct reset {
	struct mnpend *daemon;
	struct varlink_call *call;
	struct event *look;
	char pen_id[MNPEN_STR_LEN];
	unsigned int looks;
};

static void reset_core(struct varlink_call *call, struct pen *pen)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct safety_event ev = {
		.kind = SAFETY_EV_RESET,
		.owner = peer->role == VARLINK_ADMIN ? 0 : peer->number,
	};
	struct pen_answer answer = pen_request(pen, peer, &ev);

	if (answer.refused)
		pen_refuse(call, pen, &answer.refusal);
	else
		varlink_reply(call, NULL);
}

/* The call is answered, or its caller gone. */
static void reset_ended(struct varlink_call *call, void *ctx)
{
	struct reset *r = ctx;

	(void)call;
	event_free(r->look);
	free(r);
}

static void reset_still_there(struct varlink_call *call, struct pen *pen)
{
	struct safety_action no = { .reason = SAFETY_REFUSE_FAULT };

	pen_refuse(call, pen, &no);
}

static void reset_look(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval wait = { .tv_usec = RESET_LOOK_MS * 1000 };
	struct reset *r = arg;
	struct varlink_call *call = r->call;
	struct pen *pen = pen_by_id(r->daemon, r->pen_id);

	(void)fd;
	(void)what;
	if (!pen)
		service_failed(call, "clear the fault", -ENODEV);
	else if (pen->record.telemetry.fault_latched) {
		if (++r->looks >= RESET_LOOKS)
			reset_still_there(call, pen);
		else
			event_add(r->look, &wait);
	} else if (pen->core.state == SAFETY_FAULT) {
		reset_core(call, pen);
	} else {
		varlink_reply(call, NULL);
	}
}

static void reset_cleared(struct varlink_call *call, struct pen *pen, int error,
			  const struct device_service *answer)
{
	struct reset *r;

	(void)answer;
	if (error == -EBUSY) {
		reset_still_there(call, pen);
		return;
	}
	r = error ? NULL : calloc(1, sizeof(*r));
	if (r)
		r->look = evtimer_new(pen->daemon->base, reset_look, r);
	if (!r || !r->look) {
		free(r);
		service_failed(call, "clear the fault", error ?: -ENOMEM);
		return;
	}
	r->daemon = pen->daemon;
	r->call = call;
	snprintf(r->pen_id, sizeof(r->pen_id), "%s", pen->id);
	varlink_call_on_end(call, reset_ended, r);
	event_active(r->look, EV_TIMEOUT, 0);
}

void method_reset_fault(struct varlink_call *call, json_t *p, void *ctx)
{
	const struct varlink_peer *peer = varlink_call_peer(call);
	struct device_service ask = { .kind = DEVICE_CLEAR_FAULT };
	struct pen *pen = methods_pen(call, p, ctx);
	struct safety_action no = { .reason = SAFETY_REFUSE_NOT_OWNER };

	if (!pen)
		return;
	ask.mask = pen->record.telemetry.fault_latched;
	/* A motor that runs is stopped by the latch itself; not now. */
	if (!ask.mask || pen->core.state == SAFETY_ACTIVE ||
	    pen->core.state == SAFETY_STOPPING)
		reset_core(call, pen);
	else if (peer->role != VARLINK_ADMIN &&
		 pen->core.owner != peer->number)
		pen_refuse(call, pen, &no);
	else
		service_ask(call, pen, &ask, reset_cleared);
}
