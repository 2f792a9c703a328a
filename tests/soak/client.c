// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody who treats, by the admin socket, and a screen that watches. Plain
 * calls over real sockets; every answer leads to the next call.
 */
#include "tests/soak/soak.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PEN		"\"penId\":\"SOAK1\""
#define BEAT_MS		100
#define BUFFER		(256 * 1024)

enum step { NOTHING, CATALOGUE, ACQUIRE, RESET, BEGIN, CONFIRM, START, TREATING,
	    END, RELEASE };

static struct {
	struct event_base *base;
	struct event *readable, *beat, *enough, *screen;
	int fd, screen_fd;
	enum step step;
	unsigned int seconds, patient;
	char *answers, *steps;		/* of the catalogue, as JSON */
	size_t len;
	char in[BUFFER];
} c = { .fd = -1, .screen_fd = -1 };

static int client_connect(const char *role)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", soak_sockets,
		 role);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* With the NUL that ends it. */
static void client_put(int fd, const char *text)
{
	if (send(fd, text, strlen(text) + 1, MSG_NOSIGNAL) < 0)
		soak_count("send failed");
}

static void client_call(enum step step, const char *method, const char *rest)
{
	char text[16384];

	c.step = step;
	snprintf(text, sizeof(text),
		 "{\"method\":\"io.mnpen.Pen.%s\",\"parameters\":{%s}}", method,
		 rest);
	client_put(c.fd, text);
}

static void client_hang_up(void)
{
	c.step = NOTHING;
	event_del(c.beat);
	event_del(c.enough);
	if (c.readable)
		event_free(c.readable);
	c.readable = NULL;
	if (c.fd >= 0)
		close(c.fd);
	c.fd = -1;
}

/* {"code":...,"yes":false} for every question, the codes of every step. */
static void client_learn(const json_t *catalogue)
{
	const json_t *questions = json_object_get(catalogue, "screening");
	const json_t *steps = json_object_get(catalogue, "preparation");
	json_t *answers = json_array(), *codes = json_array(), *one;
	size_t i;

	json_array_foreach(questions, i, one)
		json_array_append_new(answers,
				      json_pack("{sOsb}", "code",
						json_object_get(one, "code"),
						"yes", 0));
	json_array_foreach(steps, i, one)
		json_array_append(codes, json_object_get(one, "code"));
	free(c.answers);
	free(c.steps);
	c.answers = json_dumps(answers, JSON_COMPACT);
	c.steps = json_dumps(codes, JSON_COMPACT);
	json_decref(answers);
	json_decref(codes);
}

static void client_begin(void)
{
	char text[12288];

	snprintf(text, sizeof(text),
		 PEN ",\"area\":\"cheek\",\"concern\":\"acne-scar\","
		     "\"depthMicrometres\":1000,\"rateStrokesPerMinute\":6000,"
		     "\"plannedMilliseconds\":600000,\"patient\":\"P-%u-%u\","
		     "\"screening\":%s",
		 soak->day, soak->begun, c.answers);
	client_call(BEGIN, "BeginSession", text);
}

static void client_confirm(void)
{
	char text[8192];

	snprintf(text, sizeof(text), PEN ",\"steps\":%s", c.steps);
	client_call(CONFIRM, "ConfirmPreparation", text);
}

static void client_refused(const json_t *reply)
{
	const json_t *p = json_object_get(reply, "parameters");
	const char *error = json_string_value(json_object_get(reply, "error"));
	const char *what =
		json_string_value(json_object_get(p, "interlock"));
	const char *dot = strrchr(error, '.');
	char name[64];

	if (c.step == RESET) {
		client_begin();	/* there was nothing to reset */
		return;
	}
	snprintf(name, sizeof(name), "%s%s%s", dot ? dot + 1 : error,
		 what ? " " : "", what ? what : "");
	soak->refused++;
	soak_count(name);
	if (what && strstr(what, "clock"))
		client_confirm_clock();
	if (c.step == BEGIN || c.step == RELEASE || c.step == ACQUIRE)
		client_hang_up();
	else if (c.step == END)
		client_call(RELEASE, "ReleaseControl", PEN);
	else
		client_call(END, "EndSession", PEN);
}

static void client_answer(const json_t *reply)
{
	const struct timeval enough = { .tv_sec = c.seconds };
	const json_t *p = json_object_get(reply, "parameters");
	const char *reason;

	switch (c.step) {
	case CATALOGUE:
		client_learn(p);
		client_call(ACQUIRE, "AcquireControl", PEN);
		return;
	case ACQUIRE:
		client_call(RESET, "ResetFault", PEN);
		return;
	case RESET:
		client_begin();
		return;
	case BEGIN:
		soak->begun++;
		client_confirm();
		return;
	case CONFIRM:
		client_call(START, "StartRun", PEN);
		return;
	case START:
		c.step = TREATING;
		event_add(c.enough, &enough);
		return;
	case END:
		reason = json_string_value(json_object_get(p, "endReason"));
		soak->ended++;
		soak_count(reason ? reason : "ended without a reason");
		client_call(RELEASE, "ReleaseControl", PEN);
		return;
	case RELEASE:
	case NOTHING:
	case TREATING:
		client_hang_up();
		return;
	}
}

static void client_readable(evutil_socket_t fd, short what, void *arg)
{
	ssize_t n = recv(fd, c.in + c.len, BUFFER - c.len, MSG_DONTWAIT);
	json_t *reply;
	char *end;

	(void)what;
	(void)arg;
	if (n <= 0) {
		soak_count("hung up on");
		client_hang_up();
		return;
	}
	c.len += (size_t)n;
	while (c.fd >= 0 && (end = memchr(c.in, '\0', c.len))) {
		reply = json_loads(c.in, 0, NULL);
		c.len -= (size_t)(end + 1 - c.in);
		memmove(c.in, end + 1, c.len);
		if (json_object_get(reply, "error"))
			client_refused(reply);
		else
			client_answer(reply);
		json_decref(reply);
	}
}

static void client_beat(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	client_put(c.fd, "{\"method\":\"io.mnpen.Pen.Heartbeat\","
			 "\"parameters\":{" PEN "},\"oneway\":true}");
}

static void client_enough(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (c.step == TREATING)
		client_call(END, "EndSession", PEN);
}

bool client_busy(void)
{
	return c.step != NOTHING;
}

void client_treat(unsigned int seconds)
{
	const struct timeval beat = { .tv_usec = BEAT_MS * 1000 };

	c.fd = client_connect("admin");
	if (c.fd < 0) {
		soak_count("cannot connect");
		return;
	}
	c.len = 0;
	c.seconds = seconds;
	c.readable = event_new(c.base, c.fd, EV_READ | EV_PERSIST,
			       client_readable, NULL);
	event_add(c.readable, NULL);
	event_add(c.beat, &beat);
	client_call(CATALOGUE, "GetCatalogue", "");
}

void client_confirm_clock(void)
{
	int fd = client_connect("admin");

	if (fd < 0)
		return;
	client_put(fd, "{\"method\":\"io.mnpen.Pen.ConfirmClock\","
		       "\"parameters\":{},\"oneway\":true}");
	/* The daemon reads it before it sees the end. */
	close(fd);
}

/* A screen reads and forgets. */
static void client_screen(evutil_socket_t fd, short what, void *arg)
{
	static char text[65536];

	(void)what;
	(void)arg;
	if (recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0)
		return;
	soak_count("screen hung up on");
	event_del(c.screen);
}

void client_open(struct event_base *base)
{
	c.base = base;
	c.beat = event_new(base, -1, EV_PERSIST, client_beat, NULL);
	c.enough = event_new(base, -1, 0, client_enough, NULL);
	c.screen_fd = client_connect("observe");
	c.screen = event_new(base, c.screen_fd, EV_READ | EV_PERSIST,
			     client_screen, NULL);
	event_add(c.screen, NULL);
	client_put(c.screen_fd, "{\"method\":\"io.mnpen.Pen.Monitor\","
				"\"parameters\":{},\"more\":true}");
}
