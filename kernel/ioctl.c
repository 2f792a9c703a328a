// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls by one table. Everything that is the same for all is done once:
 * number, mode, one copy in, reserved words and flags, locks, copy out.
 */
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "mnpen.h"

/* The same for 32 and 64 bit callers: every size is a multiple of 8. */
static_assert(sizeof(struct mnpen_caps) == 184);
static_assert(sizeof(struct mnpen_limits) == 64);
static_assert(sizeof(struct mnpen_acquire) == 16);
static_assert(sizeof(struct mnpen_arm) == 32);
static_assert(sizeof(struct mnpen_run) == 32);
static_assert(sizeof(struct mnpen_keepalive) == 16);
static_assert(sizeof(struct mnpen_subscribe) == 16);
static_assert(sizeof(struct mnpen_status) == 72);
static_assert(sizeof(struct mnpen_clear_fault) == 16);
static_assert(sizeof(struct mnpen_blob) == 256);
static_assert(sizeof(struct mnpen_self_test) == 32);
static_assert(sizeof(struct mnpen_mark) == 16);

union arg {
	struct mnpen_caps caps;
	struct mnpen_limits limits;
	struct mnpen_acquire acquire;
	struct mnpen_arm arm;
	struct mnpen_run run;
	struct mnpen_keepalive keepalive;
	struct mnpen_subscribe subscribe;
	struct mnpen_status status;
	struct mnpen_clear_fault clear_fault;
	struct mnpen_blob blob;
	struct mnpen_self_test self_test;
	struct mnpen_mark mark;
};

#define WRITER	0x01	/* the file must be open for writing */

struct ioctl {
	unsigned int cmd;
	unsigned int how;
	/* memory only, at once; other than 0 ends the call */
	long (*now)(struct mnpen_client *c, union arg *arg);
	/* control transfers: under io_rwsem and ctl_mutex */
	long (*bus)(struct mnpen_client *c, union arg *arg);
	/* must be zero on input */
	unsigned int zero_at;
	unsigned int zero_len;
	/* a __u32 of flags, of which only these bits may be set */
	unsigned int flags_at;
	u32 flags_known;
	bool has_flags;
};

static long get_caps(struct mnpen_client *c, union arg *arg)
{
	struct mnpen *m = c->m;

	spin_lock_irq(&m->state_lock);
	arg->caps = m->caps;
	spin_unlock_irq(&m->state_lock);
	return 0;
}

static u32 age_ms(const struct mnpen *m, u64 now)
{
	u64 age;

	if (!m->rx_valid)
		return U32_MAX;
	age = div_u64(now - m->rx_ns, MNPEN_NS_PER_MS);
	return min_t(u64, age, U32_MAX - 1);
}

static long get_status(struct mnpen_client *c, union arg *arg)
{
	struct mnpen_status *s = &arg->status;
	struct mnpen *m = c->m;

	spin_lock_irq(&m->state_lock);
	s->time_ns = ktime_get_ns();
	s->lease_deadline_ns = m->lease_end_ns;
	s->state = m->state;
	s->stop_reason = m->stop_reason;
	s->fault_active = m->telemetry.fault_active;
	s->fault_latched = m->telemetry.fault_latched;
	s->session = m->session;
	s->session_is_mine = m->controller == c;
	s->limits_generation = m->limits_generation;
	s->boot_id = m->caps.boot_id;
	s->telemetry_age_ms = age_ms(m, s->time_ns);
	spin_unlock_irq(&m->state_lock);
	return 0;
}

static long get_limits(struct mnpen_client *c, union arg *arg)
{
	struct mnpen *m = c->m;

	spin_lock_irq(&m->state_lock);
	__mnpen_limits_out(m, &arg->limits);
	spin_unlock_irq(&m->state_lock);
	return 0;
}

static long lower_limits(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_lower_limits(c, &arg->limits);
}

static long write_limits(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_write_limits(c, &arg->limits);
}

static long subscribe(struct mnpen_client *c, union arg *arg)
{
	return mnpen_client_subscribe(c, &arg->subscribe);
}

static long stop(struct mnpen_client *c, union arg *arg)
{
	mnpen_cmd_stop(c);
	return 0;
}

static long acquire(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_acquire(c, &arg->acquire);
}

static long release(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_release(c);
}

static long keepalive(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_keepalive(c, &arg->keepalive);
}

static long arm(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_arm(c, &arg->arm);
}

static long run(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_run(c, &arg->run);
}

static long disarm(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_disarm(c);
}

static long disarm_pen(struct mnpen_client *c, union arg *arg)
{
	return mnpen_cmd_disarm_pen(c);
}

static long clear_fault(struct mnpen_client *c, union arg *arg)
{
	return mnpen_service_clear_fault(c, &arg->clear_fault);
}

static long get_cartridge(struct mnpen_client *c, union arg *arg)
{
	return mnpen_service_cartridge(c, &arg->blob);
}

static long get_calib(struct mnpen_client *c, union arg *arg)
{
	return mnpen_service_calib(c, &arg->blob);
}

static long self_test(struct mnpen_client *c, union arg *arg)
{
	return mnpen_service_self_test(c, &arg->self_test);
}

static long identify(struct mnpen_client *c, union arg *arg)
{
	return mnpen_service_identify(c);
}

static long mark(struct mnpen_client *c, union arg *arg)
{
	return mnpen_service_mark(c, &arg->mark);
}

#define ZERO(type, member) \
	.zero_at = offsetof(struct type, member), \
	.zero_len = sizeof_field(struct type, member)
#define ZERO_FROM(type, member) \
	.zero_at = offsetof(struct type, member), \
	.zero_len = sizeof(struct type) - offsetof(struct type, member)
#define FLAGS(type, known) \
	.has_flags = true, \
	.flags_at = offsetof(struct type, flags), \
	.flags_known = (known)
#define ENTRY(name, ...) \
	[_IOC_NR(MNPEN_IOC_##name)] = { .cmd = MNPEN_IOC_##name, __VA_ARGS__ }

static const struct ioctl ioctls[] = {
	ENTRY(GET_CAPS, .now = get_caps),
	ENTRY(GET_STATUS, .now = get_status),
	ENTRY(GET_LIMITS, .now = get_limits),
	ENTRY(LOWER_LIMITS, .how = WRITER,
	      .now = lower_limits, .bus = write_limits,
	      ZERO(mnpen_limits, reserved)),
	ENTRY(SUBSCRIBE, .now = subscribe, ZERO(mnpen_subscribe, reserved)),
	ENTRY(STOP, .now = stop),
	ENTRY(ACQUIRE, .how = WRITER, .now = acquire,
	      ZERO(mnpen_acquire, reserved), FLAGS(mnpen_acquire, 0)),
	ENTRY(RELEASE, .how = WRITER, .now = release),
	ENTRY(KEEPALIVE, .how = WRITER, .now = keepalive,
	      ZERO(mnpen_keepalive, reserved)),
	ENTRY(ARM, .how = WRITER, .bus = arm,
	      ZERO(mnpen_arm, reserved), FLAGS(mnpen_arm, MNPEN_ARM_F_PEDAL)),
	ENTRY(RUN, .how = WRITER, .bus = run,
	      ZERO(mnpen_run, reserved), FLAGS(mnpen_run, MNPEN_RUN_F_UPDATE)),
	ENTRY(DISARM, .how = WRITER, .now = disarm, .bus = disarm_pen),
	ENTRY(CLEAR_FAULT, .how = WRITER, .bus = clear_fault,
	      ZERO(mnpen_clear_fault, reserved)),
	ENTRY(GET_CARTRIDGE, .bus = get_cartridge),
	ENTRY(GET_CALIB, .bus = get_calib),
	ENTRY(SELF_TEST, .how = WRITER, .bus = self_test,
	      ZERO_FROM(mnpen_self_test, result_mask)),
	ENTRY(IDENTIFY, .bus = identify),
	ENTRY(MARK_CARTRIDGE, .how = WRITER, .bus = mark,
	      ZERO(mnpen_mark, reserved)),
};

static const struct ioctl *find(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (nr >= ARRAY_SIZE(ioctls))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(ioctls));
	/* Also compares magic, direction and size. */
	return ioctls[nr].cmd == cmd ? &ioctls[nr] : NULL;
}

static bool well_formed(const struct ioctl *i, const union arg *arg)
{
	const u8 *bytes = (const u8 *)arg;

	if (i->zero_len && memchr_inv(bytes + i->zero_at, 0, i->zero_len))
		return false;
	if (i->has_flags &&
	    *(const u32 *)(bytes + i->flags_at) & ~i->flags_known)
		return false;
	return true;
}

/*
 * Holds off disconnect for the length of a few bounded transfers. The time
 * spent waiting counts: everybody in the queue gives up when his own is over,
 * and those before him sooner.
 */
static long call_on_bus(const struct ioctl *i, struct mnpen_client *c,
			union arg *arg)
{
	ktime_t end = ktime_add_ms(ktime_get(), MNPEN_CMD_MS);
	struct mnpen *m = c->m;
	long ret;

	if (down_read_killable(&m->io_rwsem))
		return -ERESTARTSYS;
	ret = m->intf ? usb_autopm_get_interface(m->intf) : -ENODEV;
	if (ret)
		goto up;
	if (mutex_lock_interruptible(&m->ctl_mutex)) {
		ret = -ERESTARTSYS;
		goto put;
	}
	m->ep0_end = end;
	ret = i->bus(c, arg);
	mutex_unlock(&m->ctl_mutex);
put:
	usb_autopm_put_interface_async(m->intf);
up:
	up_read(&m->io_rwsem);
	return ret;
}

static long call(const struct ioctl *i, struct mnpen_client *c, union arg *arg)
{
	long ret = 0;

	if (READ_ONCE(c->m->gone))
		return -ENODEV;
	if (i->now)
		ret = i->now(c, arg);
	if (!ret && i->bus)
		ret = call_on_bus(i, c, arg);
	return ret;
}

long mnpen_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct ioctl *i = find(cmd);
	void __user *user = (void __user *)arg;
	union arg copy = { };
	long ret;

	if (!i)
		return -ENOTTY;
	if (i->how & WRITER && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (_IOC_DIR(cmd) & _IOC_WRITE &&
	    copy_from_user(&copy, user, _IOC_SIZE(cmd)))
		return -EFAULT;
	if (!well_formed(i, &copy))
		return -EINVAL;
	ret = call(i, file->private_data, &copy);
	if (ret)
		return ret;
	if (_IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &copy, _IOC_SIZE(cmd)))
		return -EFAULT;
	return 0;
}
