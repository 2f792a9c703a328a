// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-spin: takes what CPU time nobody else wants and counts how often it
 * came round. On every line that it reads it prints the count. How much more
 * slowly it counts than alone is how busy the machine is, interrupts included.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_ullong rounds;

static void *spin(void *unused)
{
	struct sched_param idle = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &idle))
		perror("bench-spin: SCHED_IDLE");
	for (;;)
		atomic_fetch_add_explicit(&rounds, 1, memory_order_relaxed);
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, spin, NULL))
		return 1;
	while (getchar() == '\n') {
		printf("%llu\n", atomic_load(&rounds));
		fflush(stdout);
	}
	return 0;
}
