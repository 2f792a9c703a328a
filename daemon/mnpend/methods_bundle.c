// SPDX-License-Identifier: GPL-2.0-or-later
/* GetFaultBundle: all that is known about a pen, in one answer. */
#include "daemon/mnpend/clock.h"
#include "daemon/mnpend/methods.h"
#include "daemon/mnpend/pen.h"
#include "daemon/mnpend/recorder.h"
#include "daemon/mnpend/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEBUGFS		"/sys/kernel/debug/usb/mnpen"
#define TEXT_MAX	(48 * 1024)	/* of one file; a reply takes 1 MiB */

static const char *const state_names[] = {
	"", "idle", "armed", "running", "stopping", "fault", "suspended",
	"resetting", "limp", "update", "gone",
};

static const char *const stop_names[] = {
	"", "user", "duration", "lease", "close", "suspend", "reset", "unbind",
	"telemetry", "fault", "limit", "forced", "shutdown", "protocol",
	"device",
};

static const char *const fault_names[] = {
	"overcurrent", "overtemperature", "stall", "depth", "supply", "sensor",
	"cartridge", "limits", "watchdog",
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const char *name_of(const char *const *names, size_t n, uint32_t value)
{
	return value < n ? names[value] : "unknown";
}

static json_t *faults_json(uint32_t mask)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < 32; i++)
		if (mask >> i & 1)
			json_array_append_new(
				list, json_string(name_of(fault_names,
							  COUNT(fault_names),
							  (uint32_t)i)));
	return list;
}

/* What the driver knows; NULL when the device is gone. */
static json_t *driver_status_json(struct pen *pen)
{
	struct mnpen_status s;

	if (!pen->device || device_status(pen->device, &s) < 0)
		return NULL;
	return json_pack("{ss ss so so sI sI sI}", "state",
			 name_of(state_names, COUNT(state_names), s.state),
			 "stopReason",
			 name_of(stop_names, COUNT(stop_names), s.stop_reason),
			 "faultActive", faults_json(s.fault_active),
			 "faultLatched", faults_json(s.fault_latched),
			 "limitsGeneration", (json_int_t)s.limits_generation,
			 "bootId", (json_int_t)s.boot_id,
			 "telemetryAgeMilliseconds",
			 (json_int_t)s.telemetry_age_ms);
}

/* Only root may read them, and the unit hides them: often there is none. */
static json_t *file_json(const char *name, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = fd < 0 ? NULL : malloc(TEXT_MAX);
	size_t len = 0;
	json_t *out;
	ssize_t n;

	if (!text) {
		int error = fd < 0 ? errno : ENOMEM;

		if (fd >= 0)
			close(fd);
		return json_pack("{ss ss}", "name", name, "errnoName",
				 strerrorname_np(error) ?: "EIO");
	}
	while (len < TEXT_MAX && (n = read(fd, text + len, TEXT_MAX - len)) > 0)
		len += (size_t)n;
	/* A pen may have had its say in it, in any bytes. */
	for (size_t i = 0; i < len; i++)
		if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') ||
		    text[i] > '~')
			text[i] = '?';
	out = json_pack("{ss ss%}", "name", name, "text", text, len);
	free(text);
	close(fd);
	return out;
}

static json_t *driver_texts_json(const struct pen *pen)
{
	static const char *const names[] = { "stats", "last_packets", "flight" };
	const char *node = strrchr(pen->node, '/');
	json_t *list = json_array();
	char path[160];
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/%s",
			 node ? node + 1 : "", names[i]);
		json_array_append_new(list, file_json(names[i], path));
	}
	json_array_append_new(list, file_json("last_flight",
					      DEBUGFS "/last_flight"));
	return list;
}

void method_get_fault_bundle(struct varlink_call *call, json_t *p, void *ctx)
{
	struct pen *pen = methods_pen(call, p, ctx);
	struct mnpend *daemon = ctx;
	struct utsname os = { .release = "" };

	if (!pen)
		return;
	uname(&os);
	varlink_reply(
		call,
		json_pack("{sI ss ss ss so so so* so sb so so}",
			  "unixMilliseconds", (json_int_t)clock_unix_ms(),
			  "version", MNPEN_VERSION, "kernel", os.release,
			  "bootId", daemon->boot_id, "pen", pen_json(pen),
			  "telemetry", pen_telemetry_json(pen), "status",
			  driver_status_json(pen), "limits",
			  methods_limits_json(pen), "recordWritable",
			  (int)recorder_ok(daemon->recorder), "rows",
			  recorder_recent(daemon->recorder), "driver",
			  driver_texts_json(pen)));
}
