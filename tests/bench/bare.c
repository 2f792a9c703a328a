// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a message to many costs at least: bare SOCKET LENGTH. A thread ticks
 * 1000 times a second; the loop then sends LENGTH bytes to each who has said
 * anything. No check, no queue, no filter: nobody could use it. For
 * tests/bench/sockets.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define READERS_MAX	128
#define MESSAGE_MAX	4096

static int ends[2];
static int readers[READERS_MAX];
static int n_readers;

static void *bare_tick(void *arg)
{
	struct timespec due;
	char record[64] = { 0 };

	(void)arg;
	pthread_setname_np(pthread_self(), "pen");
	clock_gettime(CLOCK_MONOTONIC, &due);
	for (;;) {
		due.tv_nsec += 1000000;
		if (due.tv_nsec >= 1000000000) {
			due.tv_nsec -= 1000000000;
			due.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		if (write(ends[1], record, sizeof(record)) < 0)
			continue;	/* full: nobody reads it yet */
	}
	return NULL;
}

static void bare_add(int poll, int fd)
{
	struct epoll_event want = { .events = EPOLLIN, .data.fd = fd };

	if (fd >= 0)
		epoll_ctl(poll, EPOLL_CTL_ADD, fd, &want);
}

/* Its first words make a reader of it. */
static void bare_hear(int fd, const char *message, size_t len)
{
	char words[MESSAGE_MAX];
	ssize_t n = recv(fd, words, sizeof(words) - 1, MSG_DONTWAIT);

	if (n <= 0) {
		for (int i = 0; i < n_readers; i++)
			if (readers[i] == fd)
				readers[i--] = readers[--n_readers];
		close(fd);
		return;
	}
	words[n] = 0;
	send(fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n_readers < READERS_MAX && strstr(words, "Monitor"))
		readers[n_readers++] = fd;
}

static void bare_run(int poll, int listener, const char *message, size_t len)
{
	struct epoll_event seen[32];
	char records[2048];

	for (;;) {
		int n = epoll_wait(poll, seen, 32, -1);

		for (int i = 0; i < n; i++) {
			int fd = seen[i].data.fd;

			if (fd == listener)
				bare_add(poll, accept(fd, NULL, NULL));
			else if (fd != ends[0])
				bare_hear(fd, message, len);
			else if (read(fd, records, sizeof(records)) > 0)
				for (int k = 0; k < n_readers; k++)
					send(readers[k], message, len,
					     MSG_DONTWAIT | MSG_NOSIGNAL);
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static char message[MESSAGE_MAX];
	size_t len = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	int poll = epoll_create1(EPOLL_CLOEXEC);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	pthread_t thread;

	if (len < 1 || len > sizeof(message) ||
	    strlen(argv[1]) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "usage: bare SOCKET LENGTH\n");
		return 2;
	}
	strcpy(addr.sun_path, argv[1]);
	memset(message, 'x', len - 1);
	if (poll < 0 || listener < 0 || pipe2(ends, O_NONBLOCK) < 0 ||
	    bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(listener, READERS_MAX) < 0 ||
	    pthread_create(&thread, NULL, bare_tick, NULL))
		return 1;
	bare_add(poll, listener);
	bare_add(poll, ends[0]);
	bare_run(poll, listener, message, len);
}
