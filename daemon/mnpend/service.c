// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_TEXT_LEN	256

struct service {
	struct pen *pen;
	struct event *done_event;
	bool asked;
	struct varlink_call *call;	/* NULL: nobody waits any more */
	service_done *done;
};

static void service_answered(evutil_socket_t fd, short what, void *arg)
{
	struct service *sv = arg;
	struct varlink_call *call = sv->call;
	struct device_service answer;
	int error = device_service_result(sv->pen->device, &answer);

	(void)fd;
	(void)what;
	if (error == -EAGAIN)
		return;
	sv->asked = false;
	sv->call = NULL;
	if (!call)
		return;
	/* Who answers later, says so anew. */
	varlink_call_on_end(call, NULL, NULL);
	sv->done(call, sv->pen, error, &answer);
}

int service_open(struct pen *pen)
{
	struct service *sv = calloc(1, sizeof(*sv));

	if (!sv)
		return -ENOMEM;
	sv->pen = pen;
	pen->service = sv;
	sv->done_event = event_new(pen->daemon->base,
				   device_service_fd(pen->device),
				   EV_READ | EV_PERSIST, service_answered, sv);
	return !sv->done_event || event_add(sv->done_event, NULL) ? -ENOMEM : 0;
}

void service_close(struct pen *pen)
{
	struct service *sv = pen->service;

	if (!sv)
		return;
	if (sv->call)
		service_failed(sv->call, "answer", -ENODEV);
	if (sv->done_event)
		event_free(sv->done_event);
	free(sv);
	pen->service = NULL;
}

static void service_ended(struct varlink_call *call, void *ctx)
{
	struct service *sv = ctx;

	if (sv->call == call)
		sv->call = NULL;
}

void service_ask(struct varlink_call *call, struct pen *pen,
		 const struct device_service *ask, service_done *done)
{
	struct service *sv = pen->service;
	int ret = -ENODEV;

	if (sv && pen->device && !pen->lost)
		ret = sv->asked ? -EBUSY : device_service(pen->device, ask);
	if (ret < 0) {
		service_failed(call, "ask", ret);
		return;
	}
	sv->asked = true;
	sv->call = call;
	sv->done = done;
	varlink_call_on_end(call, service_ended, sv);
}

static const char *service_why(int error)
{
	if (error == -EOPNOTSUPP)
		return "This pen cannot do that.";
	if (error == -ENODATA)
		return "The pen has nothing to tell; is there a cartridge in it?";
	if (error == -EBADMSG)
		return "What the pen keeps there is damaged.";
	if (error == -EBUSY)
		return "The pen is busy with something else; try again.";
	if (error == -ENODEV)
		return "The pen is gone.";
	return "The pen did not do it.";
}

void service_failed(struct varlink_call *call, const char *operation, int error)
{
	char text[SERVICE_TEXT_LEN];

	snprintf(text, sizeof(text), "%s (%s: %s)", service_why(error),
		 operation, strerror(-error));
	varlink_error(call, "io.mnpen.Pen.DeviceFailed",
		      json_pack("{ssssss}", "operation", operation, "errnoName",
				strerrorname_np(-error) ?: "EIO", "message",
				text));
}
