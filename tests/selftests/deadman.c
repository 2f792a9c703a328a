// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever happens to the controller, the motor stops: within the lease when
 * it falls silent, at once when it dies. The pen's journal is the judge.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "bench.h"

/*
 * The controller is a child, so that it can be killed. It reports its pid
 * when the motor turns and renews until something happens to it.
 */
enum behaviour {
	RENEWS,			/* for ever */
	SILENT,			/* from the moment on that the motor turns */
	READS,			/* instead of renewing */
	FORKS,			/* a child that holds the file, then RENEWS */
	CLOSES_A_DUPLICATE,
	EXECUTES,		/* a program that knows nothing of the pen */
	EXECUTES_WITH_IT,	/* which inherits the file */
	HOLDS_BY_RING,		/* io_uring has the file, too; then RENEWS */
	EXITS,
};

struct report {
	pid_t holder;		/* FORKS: the child */
};

static void hold(void)
{
	for (;;)
		pause();
}

/* The kernel keeps a reference until it has taken the ring down. */
static int register_with_ring(int fd)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, &p);

	if (ring < 0)
		return -1;
	return syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd,
		       1);
}

static void carry_on(int fd, uint32_t session, enum behaviour how, int out)
{
	struct mnpen_record rec;
	struct report r = { 0 };

	if (how == FORKS) {
		r.holder = fork();
		if (!r.holder)
			hold();
	}
	if (how == HOLDS_BY_RING && register_with_ring(fd)) {
		fprintf(stderr, "# io_uring: %m\n");
		_exit(1);
	}
	if (write(out, &r, sizeof(r)) != sizeof(r))
		_exit(1);
	switch (how) {
	case RENEWS:
	case FORKS:
	case HOLDS_BY_RING:
		while (!keep_alive_for(fd, session, 1000))
			continue;
		break;
	case SILENT:
		hold();
		break;
	case READS:
		do_subscribe(fd, MNPEN_SUB_TELEMETRY, 0);
		while (read(fd, &rec, sizeof(rec)) > 0)
			continue;
		break;
	case CLOSES_A_DUPLICATE:
		close(dup(fd));
		hold();
		break;
	case EXECUTES_WITH_IT:
		fcntl(fd, F_SETFD, 0);
		execl("/bin/sleep", "sleep", "1000", NULL);
		break;
	case EXECUTES:
		execl("/bin/sleep", "sleep", "1000", NULL);
		break;
	case EXITS:
		break;
	}
	_exit(0);
}

FIXTURE(deadman) {
	int watch;
	int pipe[2];
	pid_t child;
	struct report report;
	long long t;
};

FIXTURE_SETUP(deadman)
{
	self->child = 0;
	self->watch = node_open(O_RDONLY);
	ASSERT_LE(0, self->watch);
	ASSERT_EQ(0, wait_state(self->watch, MNPEN_STATE_IDLE));
	ASSERT_EQ(0, pipe(self->pipe));
}

FIXTURE_TEARDOWN(deadman)
{
	if (self->child > 0) {
		kill(self->child, SIGKILL);
		waitpid(self->child, NULL, 0);
	}
	if (self->report.holder > 0)
		kill(self->report.holder, SIGKILL);
	close(self->watch);
}

/* 0 when the child's motor turns */
static int start_child(FIXTURE_DATA(deadman) *self, enum behaviour how)
{
	self->child = fork();
	if (!self->child) {
		int fd = node_open(O_RDWR);
		uint32_t session;

		if (fd < 0 || start_motor(fd, &session, LEASE_MS))
			_exit(1);
		carry_on(fd, session, how, self->pipe[1]);
	}
	close(self->pipe[1]);
	return read(self->pipe[0], &self->report, sizeof(self->report)) ==
	       sizeof(self->report) ? 0 : -1;
}

/* Milliseconds from @t to motor off */
static double off_after(long long t)
{
	long long off = pen_motor_off(t);
	double ms = (off - t) / 1000.0;

	fprintf(stderr, "# motor off %.1f ms after\n", ms);
	return off < 0 ? 1e9 : ms;
}

/*
 * The pen's own deadline comes a little before the lease ends: wait until the
 * driver knows too.
 */
static uint32_t reason_of_stop(int fd)
{
	return wait_state(fd, MNPEN_STATE_IDLE) ? UINT32_MAX : pen_reason(fd);
}

#define FLUSH_CASE	(double)SLACK_MS
#define LEASE_CASE	(double)(LEASE_MS + SLACK_MS)

TEST_F(deadman, renewed_it_runs_on)
{
	int fd = node_open(O_RDWR);
	uint32_t session;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_motor(fd, &session, LEASE_MS));
	ASSERT_EQ(0, keep_alive_for(fd, session, 5 * LEASE_MS));
	ASSERT_EQ(MNPEN_STATE_RUNNING, pen_state(fd));
	close(fd);
}

TEST_F(deadman, the_shortest_lease_holds_at_half_its_length)
{
	int fd = node_open(O_RDWR);
	uint32_t session;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_motor(fd, &session, 100));
	ASSERT_EQ(0, keep_alive_for(fd, session, 1000));
	ASSERT_EQ(MNPEN_STATE_RUNNING, pen_state(fd));
	close(fd);
}

TEST_F(deadman, silence_ends_the_lease)
{
	ASSERT_EQ(0, start_child(self, SILENT));
	EXPECT_GE(LEASE_CASE, off_after(pen_mark("silent")));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(self->watch));
}

TEST_F(deadman, a_stopped_process_loses_the_lease)
{
	ASSERT_EQ(0, start_child(self, RENEWS));
	self->t = pen_mark("SIGSTOP");
	ASSERT_EQ(0, kill(self->child, SIGSTOP));
	EXPECT_GE(LEASE_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(self->watch));
	/* And does not get it back by going on. */
	ASSERT_EQ(0, kill(self->child, SIGCONT));
	ASSERT_EQ(self->child, waitpid(self->child, NULL, 0));
	self->child = 0;
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
}

TEST_F(deadman, reading_does_not_renew)
{
	ASSERT_EQ(0, start_child(self, READS));
	EXPECT_GE(LEASE_CASE, off_after(pen_mark("reads")));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(self->watch));
}

TEST_F(deadman, a_killed_process_stops_at_once)
{
	ASSERT_EQ(0, start_child(self, RENEWS));
	self->t = pen_mark("SIGKILL");
	ASSERT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

TEST_F(deadman, also_when_a_child_still_holds_the_file)
{
	uint32_t session;
	int fd;

	ASSERT_EQ(0, start_child(self, FORKS));
	self->t = pen_mark("SIGKILL, file held");
	ASSERT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
	/* And the next controller is not locked out by that child. */
	fd = node_open(O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, start_motor(fd, &session, LEASE_MS));
	close(fd);
}

TEST_F(deadman, exit_stops_at_once)
{
	ASSERT_EQ(0, start_child(self, EXITS));
	self->t = pen_mark("exit, about now");
	EXPECT_EQ(0, pen_wait_motor(false));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

TEST_F(deadman, exec_stops_at_once)
{
	/* The bench opens with O_CLOEXEC. */
	ASSERT_EQ(0, start_child(self, EXECUTES));
	EXPECT_GE(FLUSH_CASE, off_after(pen_mark("exec, about now") - 20000));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

/* Nobody renews any more, and nobody closed it. */
TEST_F(deadman, exec_of_a_program_that_inherits_the_file_ends_the_lease)
{
	ASSERT_EQ(0, start_child(self, EXECUTES_WITH_IT));
	EXPECT_GE(LEASE_CASE, off_after(pen_mark("exec, file kept")));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(self->watch));
}

TEST_F(deadman, a_crash_stops_at_once)
{
	ASSERT_EQ(0, start_child(self, RENEWS));
	self->t = pen_mark("SIGSEGV");
	ASSERT_EQ(0, kill(self->child, SIGSEGV));
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

TEST_F(deadman, a_debugger_that_stops_it_ends_the_lease)
{
	ASSERT_EQ(0, start_child(self, RENEWS));
	ASSERT_EQ(0, ptrace(PTRACE_SEIZE, self->child, NULL, NULL));
	self->t = pen_mark("ptrace stop");
	ASSERT_EQ(0, ptrace(PTRACE_INTERRUPT, self->child, NULL, NULL));
	EXPECT_GE(LEASE_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(self->watch));
}

#define GROUP "/sys/fs/cgroup/mnpen-deadman"

TEST_F(deadman, a_frozen_cgroup_ends_the_lease)
{
	char pid[16];

	ASSERT_EQ(0, start_child(self, RENEWS));
	ASSERT_TRUE(!mkdir(GROUP, 0755) || errno == EEXIST);
	snprintf(pid, sizeof(pid), "%d", self->child);
	ASSERT_EQ(0, file_write(GROUP "/cgroup.procs", pid));
	self->t = pen_mark("cgroup freeze");
	ASSERT_EQ(0, file_write(GROUP "/cgroup.freeze", "1"));
	EXPECT_GE(LEASE_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(self->watch));
	/* Thawed, it learns that it is too late. */
	ASSERT_EQ(0, file_write(GROUP "/cgroup.freeze", "0"));
	ASSERT_EQ(self->child, waitpid(self->child, NULL, 0));
	self->child = 0;
	ASSERT_LT(0, pen_do("state", ""));
	EXPECT_EQ(0, pen_reply("motor"));
	rmdir(GROUP);
}

/* As the kernel does it when there is no memory left. */
TEST_F(deadman, the_oom_killer_stops_at_once)
{
	char path[64];

	ASSERT_EQ(0, start_child(self, RENEWS));
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", self->child);
	ASSERT_EQ(0, file_write(path, "1000"));
	self->t = pen_mark("OOM kill");
	ASSERT_EQ(0, file_write("/proc/sysrq-trigger", "f"));
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

TEST_F(deadman, also_when_io_uring_still_has_the_file)
{
	ASSERT_EQ(0, start_child(self, HOLDS_BY_RING));
	self->t = pen_mark("SIGKILL, file registered");
	ASSERT_EQ(0, kill(self->child, SIGKILL));
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

TEST_F(deadman, closing_a_duplicate_stops_too)
{
	ASSERT_EQ(0, start_child(self, CLOSES_A_DUPLICATE));
	EXPECT_GE(FLUSH_CASE, off_after(pen_mark("dup, close") - 20000));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
}

static void *thread_arms_and_ends(void *arg)
{
	uint32_t session;

	return start_motor(*(int *)arg, &session, LEASE_MS) ? NULL : arg;
}

TEST_F(deadman, a_thread_that_ends_leaves_its_process_the_lease)
{
	int fd = node_open(O_RDWR);
	pthread_t thread;
	void *ok;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, thread_arms_and_ends, &fd));
	ASSERT_EQ(0, pthread_join(thread, &ok));
	ASSERT_NE(NULL, ok);
	EXPECT_GE(LEASE_CASE, off_after(pen_mark("thread ended")));
	EXPECT_EQ(MNPEN_STOP_LEASE, reason_of_stop(fd));
	close(fd);
}

static int send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(sock, &m, 0) == 1 ? 0 : -1;
}

static int receive_fd(int sock)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(sock, &m, 0) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

/* Who feeds owns: the death of the one who handed over is no reason. */
TEST_F(deadman, ownership_moves_with_the_feeding)
{
	uint32_t session;
	int pair[2], fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	self->child = fork();
	if (!self->child) {
		fd = node_open(O_RDWR);
		if (fd < 0 || start_motor(fd, &session, 1000) ||
		    send_fd(pair[1], fd) ||
		    write(pair[1], &session, sizeof(session)) < 0)
			_exit(1);
		hold();
	}
	fd = receive_fd(pair[0]);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(session), read(pair[0], &session, sizeof(session)));
	ASSERT_EQ(0, do_keepalive(fd, session));
	ASSERT_EQ(0, kill(self->child, SIGKILL));
	ASSERT_EQ(self->child, waitpid(self->child, NULL, 0));
	self->child = 0;
	ASSERT_EQ(0, keep_alive_for(fd, session, 300));
	EXPECT_EQ(MNPEN_STATE_RUNNING, pen_state(fd));
	self->t = pen_mark("new owner closes");
	close(fd);
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
}

/* In flight, and nobody takes it: open, but nobody's. */
TEST_F(deadman, a_file_sent_away_by_a_process_that_exits_stops)
{
	int pair[2], fd;
	uint32_t session;
	char go;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	self->child = fork();
	if (!self->child) {
		fd = node_open(O_RDWR);
		if (fd < 0 || start_motor(fd, &session, 1000) ||
		    send_fd(pair[1], fd) || write(self->pipe[1], "", 1) < 0 ||
		    read(pair[1], &go, 1) < 0)
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(1, read(self->pipe[0], &go, 1));
	self->t = pen_mark("exit, file in flight");
	ASSERT_EQ(1, write(pair[0], "", 1));
	EXPECT_GE(FLUSH_CASE, off_after(self->t));
	EXPECT_EQ(MNPEN_STOP_CLOSE, reason_of_stop(self->watch));
	close(pair[0]);
	close(pair[1]);
}

/* A pen that neither sends nor takes anything */
TEST_F(deadman, a_silent_pen_is_stopped_by_both_sides)
{
	int fd = node_open(O_RDWR);
	uint32_t session;
	long long t;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_motor(fd, &session, 1000));
	t = pen_do("fault", ",\"name\":\"silent\"");
	ASSERT_LT(0, t);
	keep_alive_for(fd, session, 500);
	EXPECT_GE(LEASE_CASE, off_after(t));
	EXPECT_EQ(MNPEN_STOP_TELEMETRY, pen_reason(fd));
	EXPECT_EQ(-1, do_keepalive(fd, session));
	EXPECT_EQ(ESTALE, errno);
	ASSERT_LT(0, pen_do("heal", ""));
	close(fd);
	/* It may have been reset meanwhile: then another node answers. */
	fd = node_open(O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, wait_state(fd, MNPEN_STATE_IDLE));
	EXPECT_EQ(0, start_motor(fd, &session, 1000));
	close(fd);
}

TEST_HARNESS_MAIN
