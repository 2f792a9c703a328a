// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnpenctl selftest: lets a pen test itself, through mnpend or at its node,
 * and puts the outcome into a signed report.
 */
#include "daemon/mnpenctl/service.h"
#include "daemon/mnpenctl/sign.h"
#include "daemon/mnpenctl/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mnpen.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/* As mnpend names them. */
static const struct {
	uint32_t bit;
	const char *name;
} tests[] = {
	{ MNPEN_TEST_MEMORY, "memory" },
	{ MNPEN_TEST_SENSORS, "sensors" },
	{ MNPEN_TEST_WATCHDOG, "watchdog" },
	{ MNPEN_TEST_STOP_PATH, "stopPath" },
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

/* ---- at the node --------------------------------------------------------------- */

/* The shape of SelfTest's reply. */
static json_t *result_json(const struct mnpen_self_test *t)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < TESTS; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:b}", "name", tests[i].name,
					"passed",
					!!(t->result_mask & tests[i].bit)));
	return json_pack("{s:b, s:o, s:I, s:I, s:I}", "passed",
			 t->result_mask == t->test_mask, "tests", list,
			 "failureCode", (json_int_t)t->detail[MNPEN_DETAIL_CODE],
			 "watchdogMilliseconds",
			 (json_int_t)t->detail[MNPEN_DETAIL_WATCHDOG],
			 "stopMicroseconds",
			 (json_int_t)t->detail[MNPEN_DETAIL_STOP]);
}

static json_t *pen_json(const struct mnpen_caps *c)
{
	return json_pack("{s:s, s:s, s:s}", "penId", c->serial, "model",
			 c->hw_model, "firmware", c->fw_version);
}

static int at_node(struct ctl *ctl, const char *path, json_t **pen,
		   json_t **result)
{
	struct mnpen_self_test t = { 0 };
	struct mnpen_acquire mine = { 0 };
	struct mnpen_caps caps;
	int fd, r;
	size_t i;

	r = node_open(ctl, path, O_RDWR, &fd);
	if (r)
		return r;
	for (i = 0; i < TESTS; i++)
		t.test_mask |= tests[i].bit;
	if (ioctl(fd, MNPEN_IOC_GET_CAPS, &caps)) {
		r = node_explain(ctl, path, "GET_CAPS", errno);
	} else if (ioctl(fd, MNPEN_IOC_ACQUIRE, &mine)) {
		r = node_explain(ctl, path, "ACQUIRE", errno);
	} else {
		t.session = mine.session;
		if (ioctl(fd, MNPEN_IOC_SELF_TEST, &t))
			r = node_explain(ctl, path, "SELF_TEST", errno);
		ioctl(fd, MNPEN_IOC_RELEASE);
	}
	close(fd);
	if (r)
		return r;
	*pen = pen_json(&caps);
	*result = result_json(&t);
	return EXIT_DONE;
}

/* ---- through mnpend -------------------------------------------------------------- */

static int through_daemon(struct ctl *ctl, json_t **pen, json_t **result)
{
	json_t *all = NULL, *p;
	size_t i;
	int r = service_ask(ctl, "SelfTest", NULL, result);

	if (!r)
		r = ctl_ask(ctl, "ListPens", NULL, &all);
	json_array_foreach(json_object_get(all, "pens"), i, p)
		if (!strcmp(js_string(p, "penId"), ctl->args[0]))
			*pen = json_pack("{s:s, s:s, s:s}", "penId",
					 ctl->args[0], "model",
					 js_string(p, "model"), "firmware",
					 js_string(p, "firmware"));
	json_decref(all);
	if (!r && !*pen)
		r = explain(ctl, EXIT_GONE, "PenGone",
			    _("the pen went while it tested itself"));
	return r;
}

/* ---- the report ------------------------------------------------------------------- */

static json_t *report_json(const char *via, const json_t *pen,
			   const json_t *result)
{
	struct utsname host;
	struct timespec t;

	uname(&host);
	clock_gettime(CLOCK_REALTIME, &t);
	return json_pack("{s:s, s:i, s:I, s:s, s:s, s:s, s:O, s:O}", "kind",
			 "mnpen self test", "format", 1, "unixMilliseconds",
			 (json_int_t)t.tv_sec * 1000 + t.tv_nsec / 1000000,
			 "via", via, "kernel", host.release, "mnpenctl",
			 MNPEN_VERSION, "pen", pen, "result", result);
}

static int write_report(struct ctl *ctl, json_t *report)
{
	const char *error;
	json_t *file = sign_report(ctl->key_file, report, &error);
	FILE *out;
	int r;

	if (!file)
		return explain(ctl, EXIT_STORAGE, "KeyUnusable",
			       _("cannot sign with %s: %s"), ctl->key_file,
			       error);
	r = output_open(ctl, &out);
	if (!r) {
		json_dumpf(file, out, JSON_INDENT(1));
		putc('\n', out);
		r = output_close(ctl, out, EXIT_DONE);
	}
	if (!r && !ctl->json)
		printf(_("signed report in %s, key %s\n"), ctl->output,
		       js_string(file, "publicKey"));
	json_decref(file);
	return r;
}

static void print_result(const char *pen, const json_t *result)
{
	json_t *test;
	size_t i;

	json_array_foreach(json_object_get(result, "tests"), i, test)
		printf("  %-10s %s\n", js_string(test, "name"),
		       json_is_true(json_object_get(test, "passed")) ?
			       _("passed") : _("FAILED"));
	if (js_int(result, "watchdogMilliseconds"))
		printf(_("  its own deadline stopped the motor after %" PRId64 " ms\n"),
		       js_int(result, "watchdogMilliseconds"));
	if (js_int(result, "stopMicroseconds"))
		printf(_("  Stop took %" PRId64 " us\n"),
		       js_int(result, "stopMicroseconds"));
	if (json_is_true(json_object_get(result, "passed")))
		printf(_("%s: passed\n"), pen);
	else
		printf(_("%s: FAILED, the maker's code is %" PRId64 "\n"), pen,
		       js_int(result, "failureCode"));
}

int verb_selftest(struct ctl *ctl)
{
	bool node = strchr(ctl->args[0], '/');
	json_t *pen = NULL, *result = NULL;
	int r;

	if (!ctl->output != !ctl->key_file)
		return explain(ctl, EXIT_USAGE, "Usage",
			       _("a signed report takes --output FILE and --key-file FILE"));
	r = node ? at_node(ctl, ctl->args[0], &pen, &result) :
		   through_daemon(ctl, &pen, &result);
	if (!r && !ctl->json)
		print_result(js_string(pen, "penId"), result);
	if (!r && ctl->output)
		r = write_report(ctl, report_json(node ? "node" : "mnpend", pen,
						  result));
	if (!r && ctl->json)
		ctl_print_json(result);
	if (!r && !json_is_true(json_object_get(result, "passed")))
		r = EXIT_GONE;
	json_decref(pen);
	json_decref(result);
	return r;
}

/* ---- verify ----------------------------------------------------------------------- */

static void print_verified(struct ctl *ctl, const json_t *file)
{
	const json_t *report = json_object_get(file, "report");
	const json_t *pen = json_object_get(report, "pen");
	units_text when;

	if (ctl->json) {
		ctl_print_json(file);
		return;
	}
	printf(_("%s, %s, firmware %s, tested %s\n"), js_string(pen, "penId"),
	       js_string(pen, "model"), js_string(pen, "firmware"),
	       units_when(when, js_int(report, "unixMilliseconds")));
	print_result(js_string(pen, "penId"), json_object_get(report, "result"));
	printf(_("signed by the key %s\n"), js_string(file, "publicKey"));
}

/* Whoever trusts the key names it; else only that nobody changed the file. */
int verb_selftest_verify(struct ctl *ctl)
{
	json_t *file = json_load_file(ctl->args[0], JSON_REJECT_DUPLICATES,
				      NULL);
	int r = EXIT_DONE;

	if (!json_is_object(json_object_get(
		    json_object_get(file, "report"), "result")))
		r = explain(ctl, EXIT_USAGE, "BadReport",
			    _("%s is no report of a self test"), ctl->args[0]);
	else if (!sign_check(file))
		r = explain(ctl, EXIT_STORAGE, "BadSignature",
			    _("%s was changed, or its signature is another report's"),
			    ctl->args[0]);
	else if (ctl->key && strcmp(ctl->key, js_string(file, "publicKey")))
		r = explain(ctl, EXIT_STORAGE, "OtherKey",
			    _("%s is signed by the key %s, not by yours"),
			    ctl->args[0], js_string(file, "publicKey"));
	else
		print_verified(ctl, file);
	json_decref(file);
	return r;
}
