// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/mnpend/seccomp.h"

#include <errno.h>
#include <linux/mnpen.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECCOMP_COUNT(list) (sizeof(list) / sizeof((list)[0]))

/*
 * Without regard to arguments. Names that an architecture does not have cost
 * nothing there; several do the same, and which one libc takes changes.
 */
static const int seccomp_plain[] = {
	/* descriptors */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write),
	SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(close),
	SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64), SCMP_SYS(dup), SCMP_SYS(eventfd2),
	/* files: where may be written is landlock's */
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),
	SCMP_SYS(stat64), SCMP_SYS(lstat), SCMP_SYS(lstat64),
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(newfstatat),
	SCMP_SYS(fstatat64), SCMP_SYS(statx), SCMP_SYS(statfs),
	SCMP_SYS(fstatfs), SCMP_SYS(statfs64), SCMP_SYS(fstatfs64),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
	SCMP_SYS(getcwd), SCMP_SYS(name_to_handle_at), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64),
	SCMP_SYS(fallocate), SCMP_SYS(flock), SCMP_SYS(fchmod),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
	SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link),
	SCMP_SYS(linkat),
	/* sockets that are there, and who is at the other end */
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(send),
	SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recv),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	/* waiting, and time */
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_settime64),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_getres_time64), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(times),
	/* threads and signals of this process */
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	/* memory: executable is below */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(mlockall), SCMP_SYS(munlock),
	SCMP_SYS(munlockall), SCMP_SYS(getrandom),
	SCMP_SYS(uname), SCMP_SYS(sysinfo),
};

/*
 * FIONREAD is libevent's, TCGETS that of a log line. Of the pens those that
 * the daemon uses; tests/unit/systemd-test compares.
 */
static const unsigned long seccomp_ioctls[] = {
	FIONREAD, TCGETS,
	MNPEN_IOC_GET_CAPS, MNPEN_IOC_GET_STATUS, MNPEN_IOC_GET_LIMITS,
	MNPEN_IOC_LOWER_LIMITS, MNPEN_IOC_SUBSCRIBE, MNPEN_IOC_STOP,
	MNPEN_IOC_ACQUIRE, MNPEN_IOC_RELEASE, MNPEN_IOC_KEEPALIVE,
	MNPEN_IOC_ARM, MNPEN_IOC_RUN, MNPEN_IOC_CLEAR_FAULT,
	MNPEN_IOC_GET_CARTRIDGE, MNPEN_IOC_GET_CALIB, MNPEN_IOC_SELF_TEST,
	MNPEN_IOC_IDENTIFY,
};

static int seccomp_allow(scmp_filter_ctx ctx, int number)
{
	int ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);

	/* Not a system call of this architecture. */
	return ret == -EDOM || ret == -EINVAL ? 0 : ret;
}

static int seccomp_allow_plain(scmp_filter_ctx ctx)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < SECCOMP_COUNT(seccomp_plain) && ret == 0; i++)
		ret = seccomp_allow(ctx, seccomp_plain[i]);
	return ret;
}

/* The kernel looks at 32 bits of a request, and so does this. */
static int seccomp_allow_ioctls(scmp_filter_ctx ctx)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < SECCOMP_COUNT(seccomp_ioctls) && ret == 0; i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffUL,
					       seccomp_ioctls[i]));
	return ret;
}

/* Data never becomes code. */
static int seccomp_allow_memory(scmp_filter_ctx ctx)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2),
				     SCMP_SYS(mprotect) };
	size_t i;
	int ret = 0;

	for (i = 0; i < SECCOMP_COUNT(calls) && ret == 0; i++) {
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
					       0));
		if (ret == -EDOM || ret == -EINVAL)
			ret = 0;
	}
	return ret;
}

/*
 * A pen that is plugged in gets a thread; another process nobody gets. What
 * clone3 is asked for cannot be seen from here: libc then takes clone.
 */
static int seccomp_allow_threads(scmp_filter_ctx ctx)
{
	int ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
					   CLONE_THREAD));

	if (ret == 0)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
				       SCMP_SYS(clone3), 0);
	/* abort(3), so that a crash is seen as one */
	if (ret == 0)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				       SCMP_A0(SCMP_CMP_EQ,
					       (scmp_datum_t)getpid()));
	/* Limits are read, never set. */
	if (ret == 0)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
				       1, SCMP_A2(SCMP_CMP_EQ, 0));
	return ret;
}

int seccomp_confine(const struct seccomp_needs *needs)
{
	scmp_filter_ctx ctx;
	int ret;

#ifdef __SANITIZE_ADDRESS__
	return 0; /* it looks for leaks by way of another process and ptrace */
#endif
	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!ctx)
		return -ENOMEM;
	/* The writer of the record is a thread already. */
	ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (ret == 0)
		ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, needs->tell);
	if (ret == 0)
		ret = seccomp_allow_plain(ctx);
	if (ret == 0)
		ret = seccomp_allow_ioctls(ctx);
	if (ret == 0)
		ret = seccomp_allow_memory(ctx);
	if (ret == 0)
		ret = seccomp_allow_threads(ctx);
	if (ret == 0 && needs->reconnect)
		ret = seccomp_allow(ctx, SCMP_SYS(connect));
	if (ret == 0)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	return ret;
}
