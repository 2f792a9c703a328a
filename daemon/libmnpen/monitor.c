// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The Monitor stream kept alive over daemon restarts. What was missed is
 * never papered over: every break is told as a gap, and after it comes a
 * whole snapshot.
 */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MIN_MS	100
#define RETRY_MAX_MS	2000
#define SNAPSHOT_MS	5000	/* a daemon that accepts but never answers */

struct mnpen_monitor {
	char *path;			/* or NULL */
	enum mnpen_role role;
	char *parameters;
	mnpen_monitor_fn fn;
	void *ctx;
	struct mnpen_client *client;	/* NULL: between two connections */
	int64_t retry_at_ms;
	int retry_ms;
	bool have_snapshot;		/* on this connection */
	bool gap_told;
	int lost;			/* why the stream ended; 0: it runs */
	struct mnpen_error remote;
	uint32_t gaps;
	char boot[64];
};

static void monitor_retry_later(struct mnpen_monitor *m)
{
	m->retry_at_ms = clock_ms() + m->retry_ms;
	m->retry_ms = m->retry_ms * 2 < RETRY_MAX_MS ? m->retry_ms * 2 :
						       RETRY_MAX_MS;
}

static void monitor_gap(struct mnpen_monitor *m, int error)
{
	const struct mnpen_monitor_event event = {
		.kind = MNPEN_MONITOR_GAP,
		.error = error,
		.remote = error == -EREMOTEIO ? &m->remote : NULL,
		.gaps = ++m->gaps,
	};

	m->gap_told = true;
	m->fn(&event, m->ctx);
}

/* True if the snapshot is of another run of the daemon than the last one. */
static bool monitor_restarted(struct mnpen_monitor *m, const char *snapshot)
{
	json_t *s = json_loads(snapshot, 0, NULL);
	const char *boot = json_string_value(json_object_get(s, "bootId"));
	bool changed;

	if (!boot)
		boot = "";
	changed = m->boot[0] && strncmp(m->boot, boot, sizeof(m->boot) - 1);
	strncpy(m->boot, boot, sizeof(m->boot) - 1);
	json_decref(s);
	return changed;
}

static void monitor_reply(const struct mnpen_reply *reply, void *ctx)
{
	struct mnpen_monitor *m = ctx;
	struct mnpen_monitor_event event = {
		.kind = MNPEN_MONITOR_UPDATE,
		.parameters = reply->parameters,
		.gaps = m->gaps,
	};

	if (reply->error)
		error_set(&m->remote, reply->error->name,
			  strdup(reply->error->parameters));
	if (reply->status < 0) {
		m->lost = reply->status;
		return;
	}
	if (!reply->continues)
		m->lost = -ECONNRESET;
	if (!m->have_snapshot) {
		event.kind = MNPEN_MONITOR_SNAPSHOT;
		event.restarted = monitor_restarted(m, reply->parameters);
		m->have_snapshot = true;
		m->gap_told = false;
		m->retry_ms = RETRY_MIN_MS;
	}
	m->fn(&event, m->ctx);
}

static int monitor_connect(struct mnpen_monitor *m)
{
	int r;

	m->have_snapshot = false;
	m->lost = 0;
	r = client_open(m->path, m->role, false, &m->client);
	if (r < 0)
		return r;
	return mnpen_stream(m->client, MNPEN_INTERFACE ".Monitor",
			    m->parameters, SNAPSHOT_MS, monitor_reply, m);
}

static void monitor_disconnect(struct mnpen_monitor *m, int error)
{
	struct mnpen_client *client = m->client;

	m->client = NULL;
	mnpen_client_close(client);
	monitor_retry_later(m);
	if (!m->gap_told)
		monitor_gap(m, error);
	mnpen_error_clear(&m->remote);
}

int mnpen_monitor_open(const char *path, enum mnpen_role role,
		       const char *pen_id, mnpen_monitor_fn fn, void *ctx,
		       struct mnpen_monitor **out)
{
	struct mnpen_monitor *m;
	json_t *p;

	*out = NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->role = role;
	m->fn = fn;
	m->ctx = ctx;
	m->retry_ms = RETRY_MIN_MS;
	m->retry_at_ms = clock_ms();
	p = pen_id ? json_pack("{s:s}", "penId", pen_id) : json_object();
	m->parameters = p ? json_dumps(p, JSON_COMPACT) : NULL;
	json_decref(p);
	if (path)
		m->path = strdup(path);
	if (!m->parameters || (path && !m->path)) {
		mnpen_monitor_close(m);
		return p ? -ENOMEM : -EINVAL;
	}
	*out = m;
	return 0;
}

void mnpen_monitor_close(struct mnpen_monitor *monitor)
{
	if (!monitor)
		return;
	mnpen_client_close(monitor->client);
	mnpen_error_clear(&monitor->remote);
	free(monitor->parameters);
	free(monitor->path);
	free(monitor);
}

int mnpen_monitor_get_fd(const struct mnpen_monitor *monitor)
{
	return monitor->client ? mnpen_get_fd(monitor->client) : -1;
}

short mnpen_monitor_get_events(const struct mnpen_monitor *monitor)
{
	return monitor->client ? mnpen_get_events(monitor->client) : POLLIN;
}

int mnpen_monitor_get_timeout(const struct mnpen_monitor *monitor)
{
	int64_t left;

	if (monitor->client)
		return mnpen_get_timeout(monitor->client);
	left = monitor->retry_at_ms - clock_ms();
	return left > 0 ? (int)left : 0;
}

int mnpen_monitor_process(struct mnpen_monitor *monitor)
{
	int r;

	if (!monitor->client) {
		if (clock_ms() < monitor->retry_at_ms)
			return 0;
		r = monitor_connect(monitor);
	} else {
		r = mnpen_process(monitor->client);
	}
	if (monitor->lost)
		r = monitor->lost;
	if (r < 0)
		monitor_disconnect(monitor, r);
	return 0;
}
