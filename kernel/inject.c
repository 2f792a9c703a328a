// SPDX-License-Identifier: GPL-2.0-only
/* Faults on purpose; see inject.h. */
#include <linux/delay.h>
#include <linux/fault-inject.h>
#include <linux/random.h>

#include "inject.h"
#include "mnpen.h"

#define DELAY_MS	(MNPEN_EP0_MS - 50)

static DECLARE_FAULT_ATTR(drop_in);
static DECLARE_FAULT_ATTR(corrupt_in);
static DECLARE_FAULT_ATTR(fail_submit);
static DECLARE_FAULT_ATTR(delay_ep0);

void mnpen_inject_init(struct dentry *root)
{
	fault_create_debugfs_attr("drop_in", root, &drop_in);
	fault_create_debugfs_attr("corrupt_in", root, &corrupt_in);
	fault_create_debugfs_attr("fail_submit", root, &fail_submit);
	fault_create_debugfs_attr("delay_ep0", root, &delay_ep0);
}

bool mnpen_inject_in(struct urb *urb)
{
	u32 bit;

	if (should_fail(&drop_in, 1))
		return true;
	if (urb->actual_length && should_fail(&corrupt_in, 1)) {
		bit = get_random_u32() % (urb->actual_length * 8);
		((u8 *)urb->transfer_buffer)[bit / 8] ^= BIT(bit % 8);
	}
	return false;
}

int mnpen_inject_submit(void)
{
	return should_fail(&fail_submit, 1) ? -ENOMEM : 0;
}

void mnpen_inject_ep0(void)
{
	if (should_fail(&delay_ep0, 1))
		msleep(DELAY_MS);
}
