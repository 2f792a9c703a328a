// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/libmnpen_peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int peer_setup(void **state)
{
	struct peer *p = calloc(1, sizeof(*p));
	int fds[2];

	if (!p || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	p->fd = fds[0];
	*state = p;
	return mnpen_client_open_fd(fds[1], &p->client);
}

int peer_teardown(void **state)
{
	struct peer *p = *state;

	mnpen_client_close(p->client);
	peer_hang_up(p);
	free(p);
	return 0;
}

void peer_send_bytes(const struct peer *p, const char *data, size_t len)
{
	assert_int_equal(send(p->fd, data, len, MSG_DONTWAIT), len);
}

void peer_send(const struct peer *p, const char *text)
{
	peer_send_bytes(p, text, strlen(text) + 1);
}

json_t *peer_call(const struct peer *p)
{
	static char text[MNPEN_CALL_MAX + 1];
	json_t *call;
	size_t n = 0;

	do {
		assert_true(n < sizeof(text));
		assert_int_equal(recv(p->fd, text + n, 1, MSG_DONTWAIT), 1);
	} while (text[n++]);
	call = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_is_object(call));
	return call;
}

char *peer_call_text(const struct peer *p)
{
	json_t *call = peer_call(p);
	char *text = json_dumps(call, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(call);
	return text;
}

bool peer_quiet(const struct peer *p)
{
	char byte;

	return recv(p->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 &&
	       errno == EAGAIN;
}

void peer_hang_up(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void peer_seen(const struct mnpen_reply *reply, void *ctx)
{
	struct seen *s = ctx;

	assert_in_range(s->n, 0, 63);
	s->status[s->n] = reply->status;
	s->continues[s->n] = reply->continues;
	snprintf(s->text[s->n], sizeof(s->text[0]), "%s",
		 reply->error	   ? reply->error->name :
		 reply->parameters ? reply->parameters :
				     "");
	s->n++;
}
