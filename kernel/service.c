// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that move nothing: faults, cartridge, calibration, self test. All
 * run under ctl_mutex and end by ep0_end.
 */
#include <linux/delay.h>

#include "mnpen.h"

#define TEST_ALL	(MNPEN_TEST_MEMORY | MNPEN_TEST_SENSORS | \
			 MNPEN_TEST_WATCHDOG | MNPEN_TEST_STOP_PATH)

static_assert(MNPEN_TEST_MEMORY == MNP_TEST_MEMORY);
static_assert(MNPEN_TEST_SENSORS == MNP_TEST_SENSORS);
static_assert(MNPEN_TEST_WATCHDOG == MNP_TEST_WATCHDOG);
static_assert(MNPEN_TEST_STOP_PATH == MNP_TEST_STOP_PATH);
static_assert(MNPEN_CALIB_DEPTH == (int)MNP_CALIB_DEPTH);
static_assert(MNPEN_CALIB_MOTOR == (int)MNP_CALIB_MOTOR);

/* The controller, with a pen that we understand */
static int check_controller(const struct mnpen *m, const struct mnpen_client *c,
			    u32 session)
{
	int err = __mnpen_check_session(m, c, session);

	if (err)
		return err;
	return m->state == MNPEN_STATE_LIMP ? -EPROTONOSUPPORT : 0;
}

static int may_clear(const struct mnpen *m, const struct mnpen_client *c,
		     const struct mnpen_clear_fault *arg)
{
	int err = check_controller(m, c, arg->session);

	if (err)
		return err;
	if (!arg->mask || arg->mask & ~m->telemetry.fault_latched)
		return -EINVAL;
	if (mnpen_state_live(m->state) || m->stop_pending ||
	    arg->mask & m->telemetry.fault_active)
		return -EBUSY;
	return 0;
}

long mnpen_service_clear_fault(struct mnpen_client *c,
			       const struct mnpen_clear_fault *arg)
{
	struct mnpen *m = c->m;
	int err;

	spin_lock_irq(&m->state_lock);
	err = may_clear(m, c, arg);
	spin_unlock_irq(&m->state_lock);
	if (err)
		return err;
	err = mnpen_ep0_clear_fault(m, arg->mask);
	/* The pen sees a cause that its last telemetry did not show. */
	return err == -EIO ? -EBUSY : err;
}

/* A pen that has nothing to tell fills all but the frame with zeroes. */
static bool blank(const struct mnpen_blob *blob)
{
	return !memchr_inv(blob->data + 4, 0, sizeof(blob->data) - 4);
}

long mnpen_service_cartridge(struct mnpen_client *c, struct mnpen_blob *blob)
{
	struct mnpen *m = c->m;
	int err;

	if (!(m->caps.features & MNPEN_CAP_CARTRIDGE))
		return -EOPNOTSUPP;
	if (blob->id)
		return -ENODATA;
	err = mnpen_ep0_blob(m, MNP_REQ_GET_CARTRIDGE, blob);
	if (!err && blank(blob))
		err = -ENODATA;
	return err;
}

long mnpen_service_calib(struct mnpen_client *c, struct mnpen_blob *blob)
{
	struct mnpen *m = c->m;

	/* It came with 1.1 and has no feature bit. */
	if (!m->caps.proto_minor)
		return -EOPNOTSUPP;
	if (blob->id > U16_MAX)
		return -ENODATA;
	return mnpen_ep0_blob(m, MNP_REQ_GET_CALIB, blob);
}

/* The stack of an ioctl must not pay for both of them. */
static int poll_self_test(struct mnpen *m, u32 mask, struct mnp_self_test *t)
{
	int err;

	do {
		msleep(MNPEN_POLL_MS);
		err = mnpen_ep0_self_test_result(m, t);
		if (err)
			return err;
		if (t->asked != mask)
			return -EPROTO;
	} while (t->done != mask);
	return 0;
}

long mnpen_service_self_test(struct mnpen_client *c,
			     struct mnpen_self_test *arg)
{
	struct mnp_self_test t = { };
	struct mnpen *m = c->m;
	u32 mask = arg->test_mask;
	int err;

	if (!(m->caps.features & MNPEN_CAP_SELF_TEST))
		return -EOPNOTSUPP;
	if (!mask || mask & ~(u32)TEST_ALL)
		return -EINVAL;
	spin_lock_irq(&m->state_lock);
	err = check_controller(m, c, arg->session);
	if (!err && m->state != MNPEN_STATE_IDLE)
		err = -EBUSY;
	spin_unlock_irq(&m->state_lock);
	if (!err)
		err = mnpen_ep0_self_test(m, mask);
	if (!err)
		err = poll_self_test(m, mask, &t);
	if (err)
		return err;
	arg->result_mask = mask & ~t.failed;
	arg->detail[MNPEN_DETAIL_FAILED] = t.failed;
	arg->detail[MNPEN_DETAIL_CODE] = t.detail;
	arg->detail[MNPEN_DETAIL_WATCHDOG] = t.watchdog_ms;
	arg->detail[MNPEN_DETAIL_STOP] = t.stop_us;
	return 0;
}

long mnpen_service_identify(struct mnpen_client *c)
{
	struct mnpen *m = c->m;
	int err = 0;

	spin_lock_irq(&m->state_lock);
	if (m->state == MNPEN_STATE_LIMP)
		err = -EPROTONOSUPPORT;
	else if (mnpen_state_live(m->state) || m->stop_pending)
		err = -EBUSY;
	spin_unlock_irq(&m->state_lock);
	return err ? err : mnpen_ep0_identify(m);
}

/* Only who is about to use a cartridge can spoil it: it takes the token. */
long mnpen_service_mark(struct mnpen_client *c, const struct mnpen_mark *arg)
{
	struct mnpen *m = c->m;
	u16 token = 0;
	int err;

	if (!(m->caps.features & MNPEN_CAP_CARTRIDGE))
		return -EOPNOTSUPP;
	spin_lock_irq(&m->state_lock);
	err = check_controller(m, c, arg->session);
	if (!err) {
		token = m->token;
		err = token ? 0 : -ENOTCONN;
	}
	spin_unlock_irq(&m->state_lock);
	if (err)
		return err;
	err = mnpen_ep0_mark(m, token);
	return err == -EBUSY ? -ENODATA : err;
}
