// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/steps.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct trace {
	struct steps *s;
	pid_t child, writer;
	bool failing; /* the writer's call was taken from it */
	int status;
	bool gone;
};

#ifdef __x86_64__
static void set_result(pid_t tid, bool skip, long result)
{
	struct user_regs_struct regs;
	struct iovec io = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &io))
		abort();
	if (skip)
		regs.orig_rax = -1;
	else
		regs.rax = result;
	if (ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &io))
		abort();
}
#else
static void set_result(pid_t tid, bool skip, long result)
{
	(void)tid;
	(void)skip;
	(void)result;
	abort();
}
#endif

static void at_call(struct trace *t)
{
	struct __ptrace_syscall_info info = { 0 };
	int before;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->writer, sizeof(info), &info) < 0)
		return;
	before = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	if (!before && t->failing) {
		t->failing = false;
		set_result(t->writer, false, -t->s->error);
	}
	switch (t->s->at(t->s->arg, ++t->s->n, before ? info.entry.nr : 0,
			 before)) {
	case STEP_ON:
		break;
	case STEP_KILL:
		kill(t->child, SIGKILL);
		break;
	case STEP_FAIL:
		t->failing = true;
		set_result(t->writer, true, 0);
		break;
	}
}

static void go_on(struct trace *t, pid_t tid, int sig)
{
	ptrace(tid == t->writer ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, sig);
}

static void stopped(struct trace *t, pid_t tid, int status)
{
	int sig = WSTOPSIG(status);

	if (tid != t->child && !t->writer)
		t->writer = tid;
	if (sig == (SIGTRAP | 0x80)) {
		if (tid == t->writer)
			at_call(t);
		sig = 0;
	} else if (sig == SIGTRAP || sig == SIGSTOP) {
		sig = 0;
	}
	go_on(t, tid, sig);
}

static void follow(struct trace *t)
{
	int status;
	pid_t tid;

	while (!t->gone) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno != EINTR)
			return;
		if (tid < 0)
			continue;
		if (WIFSTOPPED(status)) {
			stopped(t, tid, status);
		} else if (tid == t->child) {
			t->status = status;
			t->gone = true;
		}
	}
}

int steps_run(struct steps *s, void (*fn)(void *arg), void *arg)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
			     PTRACE_O_EXITKILL;
	struct trace t = { .s = s };
	int status;

	s->n = 0;
	t.child = fork();
	if (!t.child) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(77);
		raise(SIGSTOP);
		fn(arg);
		_exit(0);
	}
	if (t.child < 0 || waitpid(t.child, &status, 0) != t.child ||
	    !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, t.child, 0, options))
		return -1000;
	ptrace(PTRACE_CONT, t.child, 0, 0);
	follow(&t);
	return WIFSIGNALED(t.status) ? -WTERMSIG(t.status)
				     : WEXITSTATUS(t.status);
}
