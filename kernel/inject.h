/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults on purpose, where the kernel has fault injection: directories of that
 * name beside the pens in debugfs, all off until somebody turns them on, for
 * all pens. See Documentation/fault-injection in the kernel's source.
 */
#ifndef MNPEN_INJECT_H
#define MNPEN_INJECT_H

#include <linux/types.h>

struct dentry;
struct urb;

#if IS_ENABLED(CONFIG_FAULT_INJECTION_DEBUG_FS)
void mnpen_inject_init(struct dentry *root);
/* drop_in, corrupt_in: true if this packet is to be forgotten. */
bool mnpen_inject_in(struct urb *urb);
/* fail_submit: 0, or what usb_submit_urb() shall have said */
int mnpen_inject_submit(void);
/* delay_ep0: waits almost as long as a control transfer may take. */
void mnpen_inject_ep0(void);
#else
static inline void mnpen_inject_init(struct dentry *root)
{
}

static inline bool mnpen_inject_in(struct urb *urb)
{
	return false;
}

static inline int mnpen_inject_submit(void)
{
	return 0;
}

static inline void mnpen_inject_ep0(void)
{
}
#endif

#endif /* MNPEN_INJECT_H */
