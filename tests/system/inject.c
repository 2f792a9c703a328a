// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inject TID DIRECTORY: has a thread of a running program make the system
 * calls that somebody who had taken it over would want, and says what came of
 * each: one line "NAME RESULT", 0 or positive for success, else -errno. For
 * x86-64, whose thread is waiting in a system call.
 *
 * None of them does harm if it is not refused, but those that write a file in
 * /tmp and make another process; so this is for a guest.
 *
 * DIRECTORY is where the program does write, to see that it still can.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mnpen.h>
#include <linux/usbdevice_fs.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define RED_ZONE	1024	/* below the stack pointer: not ours */
#define NOBODY		0x3ffffffUL	/* a process that is not there */
#define TEXT		~0UL	/* stands for the address of the text */

struct attempt {
	const char *name;
	long number;
	const char *text;
	unsigned long arg[6];
};

static const struct attempt attempts[] = {
	{ "getpid", SYS_getpid },
	{ "write-own-file", SYS_openat, "@/probe",
	  { AT_FDCWD, TEXT, O_WRONLY | O_CREAT, 0600 } },
	{ "remove-own-file", SYS_unlinkat, "@/probe", { AT_FDCWD, TEXT } },
	{ "read-file", SYS_openat, "/etc/passwd", { AT_FDCWD, TEXT } },
	{ "write-file", SYS_openat, "/tmp/mnpen-inject",
	  { AT_FDCWD, TEXT, O_WRONLY | O_CREAT, 0600 } },
	{ "write-run", SYS_openat, "/run/lock/mnpen-inject",
	  { AT_FDCWD, TEXT, O_WRONLY | O_CREAT, 0600 } },
	{ "change-passwd", SYS_openat, "/etc/passwd",
	  { AT_FDCWD, TEXT, O_RDWR } },
	{ "make-directory", SYS_mkdirat, "/tmp/mnpen-inject-dir",
	  { AT_FDCWD, TEXT, 0700 } },
	{ "chmod", SYS_fchmodat, "/tmp/mnpen-inject",
	  { AT_FDCWD, TEXT, 0700 } },
	{ "symlink", SYS_symlinkat, "/tmp/mnpen-inject-link",
	  { TEXT, AT_FDCWD, TEXT } },
	{ "socket-inet", SYS_socket, NULL, { AF_INET, SOCK_STREAM } },
	{ "socket-unix", SYS_socket, NULL, { AF_UNIX, SOCK_STREAM } },
	{ "socket-netlink", SYS_socket, NULL, { AF_NETLINK, SOCK_RAW } },
	{ "socketpair", SYS_socketpair, NULL, { AF_UNIX, SOCK_STREAM, 0, 0 } },
	{ "connect", SYS_connect, NULL, { 0, 0, 0 } },
	{ "bind", SYS_bind, NULL, { 0, 0, 0 } },
	{ "ptrace", SYS_ptrace, NULL, { PTRACE_ATTACH, NOBODY } },
	{ "process-vm-writev", SYS_process_vm_writev, NULL, { NOBODY } },
	{ "kill", SYS_kill, NULL, { NOBODY, SIGTERM } },
	{ "execve", SYS_execve, "/bin/true", { TEXT, 0, 0 } },
	{ "execveat", SYS_execveat, "/bin/true", { AT_FDCWD, TEXT, 0, 0 } },
	{ "fork", SYS_clone, NULL, { SIGCHLD } },
	{ "vfork", SYS_vfork },
	{ "clone3", SYS_clone3, NULL, { 0, 0 } },
	{ "map-code", SYS_mmap, NULL,
	  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    ~0UL } },
	{ "turn-to-code", SYS_mprotect, NULL,
	  { 0, 4096, PROT_READ | PROT_EXEC } },
	{ "ioctl-terminal", SYS_ioctl, NULL, { 0, TIOCSTI, 0 } },
	{ "ioctl-usbfs", SYS_ioctl, NULL, { 0, USBDEVFS_RESET, 0 } },
	{ "ioctl-pen-not-ours", SYS_ioctl, NULL,
	  { 0, MNPEN_IOC_MARK_CARTRIDGE, 0 } },
	{ "ioctl-high-bits", SYS_ioctl, NULL,
	  { 0, 0x100000000UL | TIOCSTI, 0 } },
	{ "mount", SYS_mount },
	{ "unshare", SYS_unshare, NULL, { CLONE_NEWUSER } },
	{ "bpf", SYS_bpf },
	{ "io-uring", SYS_io_uring_setup, NULL, { 1, 0 } },
	{ "userfaultfd", SYS_userfaultfd },
	{ "module", SYS_init_module },
	{ "setuid", SYS_setuid },
	{ "prctl", SYS_prctl, NULL, { 4, 1 } },
	{ "raise-limit", SYS_prlimit64, NULL, { 0, 7, 8, 0 } },
	{ "clock-step", SYS_clock_settime },
	{ "perf", SYS_perf_event_open },
	{ "pidfd-getfd", SYS_pidfd_open, NULL, { NOBODY, 0 } },
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void put(pid_t tid, unsigned long at, const char *text)
{
	struct iovec from = { (void *)text, strlen(text) + 1 };
	struct iovec to = { (void *)at, strlen(text) + 1 };

	if (process_vm_writev(tid, &from, 1, &to, 1, 0) < 0)
		die("process_vm_writev");
}

/* Stopped behind the instruction "syscall", which is then used again. */
static void attach(pid_t tid, struct user_regs_struct *regs)
{
	long word;

	if (ptrace(PTRACE_ATTACH, tid, NULL, NULL))
		die("attach");
	if (waitpid(tid, NULL, __WALL) != tid)
		die("waitpid");
	if (ptrace(PTRACE_GETREGS, tid, NULL, regs))
		die("getregs");
	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, tid, regs->rip - 2, NULL);
	if (errno || (word & 0xffff) != 0x050f) {
		fprintf(stderr, "inject: %d is not in a system call\n", tid);
		exit(2);
	}
	/* It was interrupted, and libc knows what to do then. */
	if ((long)regs->rax <= -512 && (long)regs->rax >= -516)
		regs->rax = (unsigned long)-EINTR;
	regs->orig_rax = ~0UL;
}

static long make_call(pid_t tid, const struct user_regs_struct *saved,
		      const struct attempt *a, const char *directory)
{
	unsigned long at = (saved->rsp - RED_ZONE) & ~15UL, arg[6];
	struct user_regs_struct regs = *saved;
	char text[256];
	int i, status;

	if (a->text) {
		snprintf(text, sizeof(text), "%s%s",
			 a->text[0] == '@' ? directory : "",
			 a->text + (a->text[0] == '@'));
		put(tid, at, text);
	}
	for (i = 0; i < 6; i++)
		arg[i] = a->text && a->arg[i] == TEXT ? at : a->arg[i];
	regs.rip -= 2;
	regs.rax = (unsigned long)a->number;
	regs.rdi = arg[0];
	regs.rsi = arg[1];
	regs.rdx = arg[2];
	regs.r10 = arg[3];
	regs.r8 = arg[4];
	regs.r9 = arg[5];
	if (ptrace(PTRACE_SETREGS, tid, NULL, &regs) ||
	    ptrace(PTRACE_SINGLESTEP, tid, NULL, NULL) ||
	    waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, tid, NULL, &regs))
		die(a->name);
	return (long)regs.rax;
}

int main(int argc, char **argv)
{
	struct user_regs_struct saved;
	size_t i;
	pid_t tid;

	if (argc != 3) {
		fprintf(stderr, "usage: inject TID DIRECTORY\n");
		return 2;
	}
	tid = atoi(argv[1]);
	attach(tid, &saved);
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		printf("%s %ld\n", attempts[i].name,
		       make_call(tid, &saved, &attempts[i], argv[2]));
	if (ptrace(PTRACE_SETREGS, tid, NULL, &saved) ||
	    ptrace(PTRACE_DETACH, tid, NULL, NULL))
		die("detach");
	return 0;
}
