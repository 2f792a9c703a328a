// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/virtual.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mnpen.h>

#include "tests/emulator/commands.h"
#include "tests/emulator/pen.h"

#define TYPE_OUT	0x21
#define TYPE_IN		0xa1
#define LINGER_US	1000000
#define FEED_MS		50

struct host {
	struct transport base;
	struct pen *pen;
	bool plugged;
	bool listening;		/* asked to, or since it armed */
	uint16_t token;
	uint16_t seq;
	uint32_t nonce;
	bool heard;
	struct mnp_telemetry last;
	uint16_t last_event;
	bool heard_event;
	uint64_t feed_every_us;	/* 0: it does not feed */
	uint64_t feed_due_us;
	uint32_t packets, bad, gaps;
	uint16_t next_seq;
};

static struct host *host_of(struct pen *pen)
{
	return (struct host *)pen->transport;
}

static int virtual_plug(struct transport *t)
{
	struct host *h = (struct host *)t;

	h->plugged = true;
	h->heard = false;
	pen_bus(h->pen, FW_BUS_CONFIGURED);
	return 0;
}

static int virtual_unplug(struct transport *t)
{
	struct host *h = (struct host *)t;

	h->plugged = false;
	h->token = 0;
	return 0;
}

static bool virtual_in_ready(struct transport *t)
{
	const struct host *h = (const struct host *)t;

	return h->plugged && h->listening;
}

static void hear_event(struct host *h, const struct mnp_event *e)
{
	if (h->heard_event && !mnp_seq_newer(e->event_seq, h->last_event))
		return;
	h->heard_event = true;
	h->last_event = e->event_seq;
	journal_line(h->pen->journal, pen_now_us(h->pen), "heard",
		     json_pack("{s:I,s:I,s:I,s:s}",
			       "code", (json_int_t)e->code,
			       "arg0", (json_int_t)e->arg[0],
			       "arg1", (json_int_t)e->arg[1],
			       "state", journal_state_name(e->state)));
}

static void count_seq(struct host *h, uint16_t seq)
{
	if (h->packets && seq != h->next_seq)
		h->gaps++;
	h->next_seq = (uint16_t)(seq + 1);
	h->packets++;
}

static int virtual_in_send(struct transport *t, const uint8_t *packet,
			   size_t len)
{
	struct host *h = (struct host *)t;
	struct mnp_telemetry telemetry;
	struct mnp_event event;

	if (!mnp_telemetry_decode(packet, len, &telemetry)) {
		count_seq(h, telemetry.seq);
		h->last = telemetry;
		h->heard = true;
	} else if (!mnp_event_decode(packet, len, &event)) {
		count_seq(h, event.seq);
		hear_event(h, &event);
	} else {
		h->bad++;
	}
	return 0;
}

static int virtual_identify(struct transport *t)
{
	(void)t;
	return 0;
}

static void virtual_destroy(struct transport *t)
{
	free(t);
}

static const struct transport_ops virtual_ops = {
	.plug = virtual_plug,
	.unplug = virtual_unplug,
	.in_ready = virtual_in_ready,
	.in_send = virtual_in_send,
	.identify = virtual_identify,
	.destroy = virtual_destroy,
};

int virtual_create(struct transport **out, struct pen *pen)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->base.ops = &virtual_ops;
	h->pen = pen;
	*out = &h->base;
	return 0;
}

/* As a driver does it: ahead of what the pen said last. */
static uint32_t deadline(const struct host *h, int64_t ahead_ms)
{
	uint32_t now_us = h->heard ? h->last.dev_time_us :
				     (uint32_t)pen_now_us(h->pen);

	return now_us + (uint32_t)(ahead_ms * 1000);
}

static void feed(struct host *h, int64_t ahead_ms)
{
	struct mnp_out o = {
		.cmd = MNP_OUT_FEED,
		.seq = ++h->seq,
		.token = h->token,
		.valid_until_us = deadline(h, ahead_ms),
	};
	uint8_t buf[MNP_OUT_LEN];

	mnp_out_encode(&o, buf);
	pen_out(h->pen, buf, sizeof(buf));
}

static uint64_t run_host(struct host *h, uint64_t now_us)
{
	if (!h->feed_every_us)
		return UINT64_MAX;
	if (h->feed_due_us <= now_us) {
		if (h->plugged && h->token)
			feed(h, MNP_DEVICE_WD_MS);
		h->feed_due_us = now_us + h->feed_every_us;
	}
	return h->feed_due_us;
}

int virtual_run(struct pen *pen)
{
	uint64_t end_us = UINT64_MAX, next_us, host_us;

	while (!pen->quit) {
		host_us = run_host(host_of(pen), pen->virtual_us);
		next_us = pen_turn(pen);
		if (host_us < next_us)
			next_us = host_us;
		if (script_next_us(pen->script) != UINT64_MAX)
			end_us = UINT64_MAX;
		else if (end_us == UINT64_MAX)
			end_us = pen->virtual_us + LINGER_US;
		if (pen->virtual_us >= end_us)
			break;
		if (next_us > end_us)
			next_us = end_us;
		if (next_us > pen->virtual_us)
			pen->virtual_us = next_us;
	}
	return 0;
}

/* A control transfer as on the wire; < 0: -enum mnp_result_code, or NAK. */
static int control(struct host *h, uint8_t type, uint8_t request,
		   uint16_t value, uint8_t *data, size_t len)
{
	struct fw_setup s = { type, request, value, 0, (uint16_t)len };
	int n;

	if (!h->plugged)
		return -MNP_RESULT_STATE;
	n = pen_setup(h->pen, &s);
	return n ? n : pen_request(h->pen, &s, data, len);
}

static int64_t number(json_t *request, const char *key, int64_t standard)
{
	json_t *value = json_object_get(request, key);

	return value ? json_integer_value(value) : standard;
}

static bool flag(json_t *request, const char *key)
{
	return json_is_true(json_object_get(request, key));
}

static int host_arm(struct host *h, json_t *request, json_t *said)
{
	struct mnp_arm a = {
		.nonce = ++h->nonce,
		.limits_crc32 = h->pen->fw.limits.crc32,
		.feed_ms = FEED_MS,
		.flags = flag(request, "pedal") ? MNP_ARM_F_PEDAL : 0,
	};
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_arm_reply r;
	int n;

	h->listening = true;
	mnp_arm_encode(&a, buf);
	n = control(h, TYPE_OUT, MNP_REQ_ARM, 0, buf, MNP_ARM_LEN);
	if (n)
		return n;
	n = control(h, TYPE_IN, MNP_REQ_GET_ARM, 0, buf, MNP_ARM_REPLY_LEN);
	if (n < 0)
		return n;
	if (!mnp_arm_reply_decode(buf, MNP_ARM_REPLY_LEN, &r))
		h->token = r.token;
	json_object_set_new(said, "token", json_integer(h->token));
	return 0;
}

static int host_run(struct host *h, json_t *request, json_t *said)
{
	struct mnp_run r = {
		.token = h->token,
		.seq = ++h->seq,
		.valid_until_us = deadline(h, number(request, "ahead_ms",
						     MNP_DEVICE_WD_MS)),
		.rate_spm = (uint16_t)number(request, "rate_spm", 6000),
		.depth_um = (uint16_t)number(request, "depth_um", 1000),
		.run_ms = (uint16_t)number(request, "run_ms", 0),
		.flags = flag(request, "update") ? MNP_RUN_F_UPDATE : 0,
	};
	uint8_t buf[MNP_RUN_LEN];

	(void)said;
	mnp_run_encode(&r, buf);
	return control(h, TYPE_OUT, MNP_REQ_RUN, 0, buf, sizeof(buf));
}

static int host_feed(struct host *h, json_t *request, json_t *said)
{
	int64_t every_ms = number(request, "every_ms", -1);

	(void)said;
	if (every_ms >= 0) {
		h->feed_every_us = (uint64_t)every_ms * 1000;
		h->feed_due_us = pen_now_us(h->pen);
		return 0;
	}
	feed(h, number(request, "ahead_ms", MNP_DEVICE_WD_MS));
	return 0;
}

static int host_stop(struct host *h, json_t *request, json_t *said)
{
	const char *pipe = json_string_value(json_object_get(request, "pipe"));
	struct mnp_out o = {
		.cmd = MNP_OUT_STOP,
		.reason = (uint8_t)number(request, "reason", MNPEN_STOP_USER),
	};
	uint8_t buf[MNP_OUT_LEN];

	(void)said;
	if (pipe && !strcmp(pipe, "ep0"))
		return control(h, TYPE_OUT, MNP_REQ_STOP, o.reason, NULL, 0);
	mnp_out_encode(&o, buf);
	pen_out(h->pen, buf, sizeof(buf));
	return 0;
}

static int host_disarm(struct host *h, json_t *request, json_t *said)
{
	(void)request;
	(void)said;
	return control(h, TYPE_OUT, MNP_REQ_DISARM, 0, NULL, 0);
}

static int host_lower(struct host *h, json_t *request, json_t *said)
{
	struct mnp_limits l = h->pen->fw.limits;
	uint8_t buf[MNP_LIMITS_LEN];
	uint16_t mask = 0;

	(void)said;
#define LOWER(bit, field)						\
	if (json_object_get(request, #field)) {				\
		mask |= (bit);						\
		l.field = (uint32_t)number(request, #field, 0);		\
	}
	LOWER(MNPEN_LIMIT_DEPTH, depth_max_um)
	LOWER(MNPEN_LIMIT_RATE, rate_max_spm)
	LOWER(MNPEN_LIMIT_RUN, run_max_ms)
	LOWER(MNPEN_LIMIT_STROKES, strokes_max)
	LOWER(MNPEN_LIMIT_CURRENT, current_max_ma)
#undef LOWER
	mnp_limits_encode(&l, buf);
	return control(h, TYPE_OUT, MNP_REQ_LOWER_LIMITS, mask, buf,
		       sizeof(buf));
}

static int host_clear(struct host *h, json_t *request, json_t *said)
{
	struct mnp_clear c = {
		.mask = (uint32_t)number(request, "mask",
					 h->pen->fw.fault_latched),
	};
	uint8_t buf[MNP_CLEAR_LEN];

	(void)said;
	mnp_clear_encode(&c, buf);
	return control(h, TYPE_OUT, MNP_REQ_CLEAR_FAULT, 0, buf, sizeof(buf));
}

static int host_mark(struct host *h, json_t *request, json_t *said)
{
	struct mnp_mark m = { .token = h->token };
	uint8_t buf[MNP_MARK_LEN];

	(void)request;
	(void)said;
	mnp_mark_encode(&m, buf);
	return control(h, TYPE_OUT, MNP_REQ_MARK_CARTRIDGE, 0, buf,
		       sizeof(buf));
}

static int host_cartridge(struct host *h, json_t *request, json_t *said)
{
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_cartridge c;
	int n = control(h, TYPE_IN, MNP_REQ_GET_CARTRIDGE, 0, buf,
			MNP_CARTRIDGE_LEN);

	(void)request;
	if (n < 0 || mnp_cartridge_decode(buf, (size_t)n, &c))
		return n < 0 ? n : -MNP_RESULT_CRC;
	json_object_set_new(said, "flags", json_integer(c.flags));
	json_object_set_new(said, "needles", json_integer(c.needles));
	json_object_set_new(said, "length_um", json_integer(c.length_um));
	json_object_set_new(said, "lot", json_integer(c.lot));
	json_object_set_new(said, "unit", json_integer(c.unit));
	json_object_set_new(said, "expiry", json_integer(c.expiry));
	json_object_set_new(said, "uses", json_integer(c.uses));
	return 0;
}

static int host_self_test(struct host *h, json_t *request, json_t *said)
{
	(void)said;
	return control(h, TYPE_OUT, MNP_REQ_SELF_TEST,
		       (uint16_t)number(request, "mask", MNP_TEST_ALL), NULL,
		       0);
}

static int host_test_result(struct host *h, json_t *request, json_t *said)
{
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_self_test t;
	int n = control(h, TYPE_IN, MNP_REQ_GET_SELF_TEST, 0, buf,
			MNP_SELF_TEST_LEN);

	(void)request;
	if (n < 0 || mnp_self_test_decode(buf, (size_t)n, &t))
		return n < 0 ? n : -MNP_RESULT_CRC;
	json_object_set_new(said, "asked", json_integer(t.asked));
	json_object_set_new(said, "done", json_integer(t.done));
	json_object_set_new(said, "failed", json_integer(t.failed));
	return 0;
}

static int host_identify(struct host *h, json_t *request, json_t *said)
{
	(void)request;
	(void)said;
	return control(h, TYPE_OUT, MNP_REQ_IDENTIFY, 0, NULL, 0);
}

static int host_rate(struct host *h, json_t *request, json_t *said)
{
	(void)said;
	return control(h, TYPE_OUT, MNP_REQ_TELEMETRY_RATE,
		       (uint16_t)number(request, "period_ms",
					MNP_TELEMETRY_PERIOD_MS), NULL, 0);
}

static int host_listen(struct host *h, json_t *request, json_t *said)
{
	json_t *on = json_object_get(request, "on");

	(void)said;
	h->listening = !on || json_is_true(on);
	return 0;
}

static int host_status(struct host *h, json_t *request, json_t *said)
{
	uint8_t buf[MNP_CAPS_MAX_LEN];
	struct mnp_telemetry t;
	int n = control(h, TYPE_IN, MNP_REQ_GET_STATUS, 0, buf,
			MNP_PACKET_LEN);

	(void)request;
	if (n < 0 || mnp_telemetry_decode(buf, (size_t)n, &t))
		return n < 0 ? n : -MNP_RESULT_CRC;
	json_object_set_new(said, "state",
			    json_string(journal_state_name(t.state)));
	json_object_set_new(said, "fault_active",
			    journal_fault_names(t.fault_active));
	json_object_set_new(said, "fault_latched",
			    journal_fault_names(t.fault_latched));
	journal_readings(said, &t);
	json_object_set_new(said, "packets", json_integer(h->packets));
	json_object_set_new(said, "bad", json_integer(h->bad));
	json_object_set_new(said, "gaps", json_integer(h->gaps));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct host *h, json_t *request, json_t *said);
	const char *keys;	/* integers, then booleans behind a | */
} deeds[] = {
	{ "arm", host_arm, "|pedal " },
	{ "run", host_run, "rate_spm depth_um run_ms ahead_ms |update " },
	{ "feed", host_feed, "every_ms ahead_ms |" },
	{ "stop", host_stop, "reason |" },
	{ "disarm", host_disarm, "|" },
	{ "lower", host_lower, "depth_max_um rate_max_spm run_max_ms "
	  "strokes_max current_max_ma |" },
	{ "clear-fault", host_clear, "mask |" },
	{ "mark-cartridge", host_mark, "|" },
	{ "get-cartridge", host_cartridge, "|" },
	{ "self-test", host_self_test, "mask |" },
	{ "get-self-test", host_test_result, "|" },
	{ "identify", host_identify, "|" },
	{ "telemetry-rate", host_rate, "period_ms |" },
	{ "listen", host_listen, "|on " },
	{ "status", host_status, "|" },
};

#define DEEDS	(sizeof(deeds) / sizeof(deeds[0]))

static bool key_good(const char *keys, const char *key, json_t *value)
{
	const char *bar = strchr(keys, '|');
	size_t len = strlen(key);
	const char *at = keys;

	if (!strcmp(key, "pipe"))
		return strstr(keys, "reason") && json_is_string(value) &&
		       (!strcmp(json_string_value(value), "out") ||
			!strcmp(json_string_value(value), "ep0"));
	while ((at = strstr(at, key))) {
		if ((at == keys || at[-1] == ' ' || at[-1] == '|') &&
		    at[len] == ' ')
			return at < bar ? json_is_integer(value) :
					  json_is_boolean(value);
		at += len;
	}
	return false;
}

int virtual_check(json_t *request, char *why, size_t size)
{
	const char *name = json_string_value(json_object_get(request, "host"));
	const char *key;
	json_t *value;
	size_t i;

	for (i = 0; name && i < DEEDS && strcmp(name, deeds[i].name); i++)
		;
	if (!name || i == DEEDS) {
		snprintf(why, size, "the host cannot do \"%.40s\"; it can "
			 "arm, run, feed, stop, disarm, lower, clear-fault, "
			 "mark-cartridge, get-cartridge, self-test, "
			 "get-self-test, identify, telemetry-rate, listen, "
			 "status", name ? name : "?");
		return -1;
	}
	json_object_foreach(request, key, value) {
		if (!strcmp(key, "host") || !strcmp(key, "at_ms") ||
		    !strcmp(key, "after") || key_good(deeds[i].keys, key, value))
			continue;
		snprintf(why, size, "host \"%s\": \"%.40s\" is not one of its "
			 "parameters, or of another type", name, key);
		return -1;
	}
	return 0;
}

json_t *virtual_do(struct pen *pen, json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "host"));
	json_t *said = json_pack("{s:s}", "do", name);
	size_t i = 0;
	int code;

	while (strcmp(name, deeds[i].name))
		i++;
	code = deeds[i].run(host_of(pen), request, said);
	json_object_set_new(said, "result",
			    json_string(journal_result_name(code)));
	journal_line(pen->journal, pen_now_us(pen), "host", said);
	return json_pack("{s:b}", "ok", 1);
}
