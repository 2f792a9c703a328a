// SPDX-License-Identifier: GPL-2.0-or-later
/* The server as a whole: making, freeing, counting, and its log. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/varlink/internal.h"

#define SERVER_LOG_US	1000000u	/* at most one line per second */

static const struct varlink_times server_times = {
	.frame_ms = 10 * 1000,
	.idle_ms = 15 * 60 * 1000,
	.event_age_ms = 5 * 1000,
	.telemetry_age_ms = 250,
	.linger_ms = 5 * 1000,
	.accept_pause_ms = 1000,
	.reserved_ms = 1000,
};

uint64_t server_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void server_log(struct varlink_server *server, const char *format, ...)
{
	const struct varlink_service *service = server->service;
	uint64_t now_us = server_now_us();
	char text[256];
	va_list args;
	int n;

	if (!service->log)
		return;
	if (server->log_us != 0 && now_us - server->log_us < SERVER_LOG_US) {
		server->log_skipped++;
		return;
	}
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (server->log_skipped > 0 && n >= 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n,
			 " (%u more lines not shown)", server->log_skipped);
	server->log_us = now_us;
	server->log_skipped = 0;
	service->log(text, service->ctx);
}

static void server_on_reap(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_reap(arg);
}

static void server_on_accept_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	listen_resume(arg);
}

struct varlink_server *varlink_server_new(struct event_base *base,
					  const struct varlink_service *service)
{
	struct varlink_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->base = base;
	server->service = service;
	server->times = server_times;
	server->spare_fd = -1;
	TAILQ_INIT(&server->conns);
	TAILQ_INIT(&server->listeners);
	server->reap = event_new(base, -1, 0, server_on_reap, server);
	server->accept_again = evtimer_new(base, server_on_accept_again,
					   server);
	server->timer = timer_new(base, deadline_on_timer, server);
	if (!server->reap || !server->accept_again || !server->timer) {
		varlink_server_free(server);
		errno = ENOMEM;
		return NULL;
	}
	listen_keep_spare(server);
	return server;
}

void varlink_server_free(struct varlink_server *server)
{
	if (!server)
		return;
	socket_close_all(server);
	conn_free_all(server);
	if (server->spare_fd >= 0)
		close(server->spare_fd);
	if (server->reap)
		event_free(server->reap);
	if (server->accept_again)
		event_free(server->accept_again);
	timer_free(server->timer);
	encode_free(&server->encoder);
	free(server);
}

void varlink_server_stats(const struct varlink_server *server,
			  struct varlink_stats *out)
{
	*out = server->stats;
}
