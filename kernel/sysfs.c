// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/mnpen/mnpenN: for udev rules, for people, and to stop the motor
 * from a shell. Everything is read from memory, never from the bus.
 */

#include "compat.h"
#include "mnpen.h"

static struct mnpen *to_mnpen(const struct device *dev)
{
	return container_of(dev, struct mnpen, dev);
}

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  mnpen_state_name(READ_ONCE(to_mnpen(dev)->state)));
}
static DEVICE_ATTR_RO(state);

static ssize_t stop_reason_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	u32 reason = READ_ONCE(to_mnpen(dev)->stop_reason);

	return sysfs_emit(buf, "%s\n", mnpen_stop_reason_name(reason));
}
static DEVICE_ATTR_RO(stop_reason);

/* Of what state_lock guards; a packet is written into it as a whole. */
#define SHOW_LOCKED(name, format, member)				\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct mnpen *m = to_mnpen(dev);				\
	u32 value;							\
									\
	spin_lock_irq(&m->state_lock);					\
	value = m->member;						\
	spin_unlock_irq(&m->state_lock);				\
	return sysfs_emit(buf, format "\n", value);			\
}

SHOW_LOCKED(fault_active, "0x%x", telemetry.fault_active)
static DEVICE_ATTR_RO(fault_active);
SHOW_LOCKED(fault_latched, "0x%x", telemetry.fault_latched)
static DEVICE_ATTR_RO(fault_latched);
SHOW_LOCKED(strokes, "%u", telemetry.strokes)
static DEVICE_ATTR_RO(strokes);
SHOW_LOCKED(limit_depth_um, "%u", limits.depth_max_um)
static DEVICE_ATTR_RO(limit_depth_um);
SHOW_LOCKED(limit_rate_spm, "%u", limits.rate_max_spm)
static DEVICE_ATTR_RO(limit_rate_spm);
SHOW_LOCKED(limits_generation, "%u", limits_generation)
static DEVICE_ATTR_RO(limits_generation);

static ssize_t serial_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%s\n", to_mnpen(dev)->caps.serial);
}
static DEVICE_ATTR_RO(serial);

static ssize_t fw_version_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_mnpen(dev)->caps.fw_version);
}
static DEVICE_ATTR_RO(fw_version);

static ssize_t protocol_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	const struct mnpen_caps *caps = &to_mnpen(dev)->caps;

	return sysfs_emit(buf, "%u.%u\n", caps->proto_major, caps->proto_minor);
}
static DEVICE_ATTR_RO(protocol);

/* Whatever is written: nobody shall have to look up how to stop it. */
static ssize_t force_stop_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	mnpen_stop(to_mnpen(dev), MNPEN_STOP_FORCED);
	return count;
}
static DEVICE_ATTR_WO(force_stop);

static struct attribute *mnpen_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_stop_reason.attr,
	&dev_attr_fault_active.attr,
	&dev_attr_fault_latched.attr,
	&dev_attr_strokes.attr,
	&dev_attr_limit_depth_um.attr,
	&dev_attr_limit_rate_spm.attr,
	&dev_attr_limits_generation.attr,
	&dev_attr_serial.attr,
	&dev_attr_fw_version.attr,
	&dev_attr_protocol.attr,
	&dev_attr_force_stop.attr,
	NULL
};
ATTRIBUTE_GROUPS(mnpen);

static int mnpen_uevent(MNPEN_CLASS_CONST struct device *dev,
			struct kobj_uevent_env *env)
{
	const struct mnpen_caps *caps = &to_mnpen(dev)->caps;
	int err = 0;

	/* Holds only what cannot do harm in a file name, see copy_text(). */
	if (*caps->serial)
		err = add_uevent_var(env, "MNPEN_SERIAL=%s", caps->serial);
	if (!err)
		err = add_uevent_var(env, "MNPEN_PROTO=%u.%u",
				     caps->proto_major, caps->proto_minor);
	if (!err)
		err = add_uevent_var(env, "MNPEN_CAPS=%llx", caps->features);
	return err;
}

/* Root only until a udev rule gives it to a group. */
static char *mnpen_devnode(MNPEN_CLASS_CONST struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0600;
	return NULL;
}

struct class mnpen_class = {
	.name		= "mnpen",
	.dev_groups	= mnpen_groups,
	.dev_uevent	= mnpen_uevent,
	.devnode	= mnpen_devnode,
};
