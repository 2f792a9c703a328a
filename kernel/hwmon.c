// SPDX-License-Identifier: GPL-2.0-only
/*
 * Temperatures, supply and motor current in hwmon. The rate and the motor are
 * not offered as a fan: programs that control fans write to what they find.
 */
#include <linux/hwmon.h>
#include <linux/ktime.h>

#include "mnpen.h"
#include "sensors.h"

#define NO_U16		0xffff		/* the pen does not know */
#define NO_S16		(-0x8000)

enum { MOTOR, BOARD };			/* temperatures */
enum { BUS, BATTERY };			/* voltages */

static umode_t is_visible(const void *data, enum hwmon_sensor_types type,
			  u32 attr, int channel)
{
	const struct mnpen *m = data;

	if (type == hwmon_in && channel == BATTERY &&
	    !(m->caps.features & MNPEN_CAP_BATTERY))
		return 0;
	return 0444;
}

static int known(bool is_known, long value, long *out)
{
	if (!is_known)
		return -ENODATA;
	*out = value;
	return 0;
}

/* Off until CLEAR_FAULT, even if the cause is over: nobody may have looked. */
static long alarm(const struct mnp_telemetry *t, u32 faults)
{
	return !!((t->fault_active | t->fault_latched) & faults);
}

static int read_temp(const struct mnp_telemetry *t, u32 attr, int channel,
		     long *out)
{
	s16 cdegc = channel == MOTOR ? t->temp_motor_cdegc :
				       t->temp_board_cdegc;

	if (attr == hwmon_temp_input)
		return known(cdegc != NO_S16, cdegc * 10L, out);
	return known(true, alarm(t, MNPEN_FAULT_OVERTEMP), out);
}

static int read_in(const struct mnp_telemetry *t, u32 attr, int channel,
		   long *out)
{
	u16 mv = channel == BUS ? t->bus_mv : t->battery_mv;

	if (attr == hwmon_in_input)
		return known(mv != NO_U16, mv, out);
	return known(true, alarm(t, MNPEN_FAULT_SUPPLY), out);
}

static int read_curr(const struct mnp_telemetry *t, u32 attr, long *out)
{
	if (attr == hwmon_curr_input)
		return known(t->motor_ma != NO_S16, t->motor_ma, out);
	return known(true, alarm(t, MNPEN_FAULT_OVERCURRENT), out);
}

/* The ceiling in force; it comes down with LOWER_LIMITS and never rises. */
static int read_max(struct mnpen *m, enum hwmon_sensor_types type, long *out)
{
	spin_lock_irq(&m->state_lock);
	*out = type == hwmon_temp ? m->limits.temp_max_mdegc :
				    (long)m->limits.current_max_ma;
	spin_unlock_irq(&m->state_lock);
	return 0;
}

static bool is_max(enum hwmon_sensor_types type, u32 attr)
{
	return (type == hwmon_temp && attr == hwmon_temp_max) ||
	       (type == hwmon_curr && attr == hwmon_curr_max);
}

static int mnpen_hwmon_read(struct device *dev, enum hwmon_sensor_types type,
			    u32 attr, int channel, long *out)
{
	struct mnpen *m = dev_get_drvdata(dev);
	struct mnp_telemetry t;

	if (is_max(type, attr))
		return read_max(m, type, out);
	if (!mnpen_sensors_get(m, &t))
		return -ENODATA;
	if (type == hwmon_temp)
		return read_temp(&t, attr, channel, out);
	if (type == hwmon_in)
		return read_in(&t, attr, channel, out);
	return read_curr(&t, attr, out);
}

static int mnpen_hwmon_read_string(struct device *dev,
				   enum hwmon_sensor_types type, u32 attr,
				   int channel, const char **out)
{
	if (type == hwmon_temp)
		*out = channel == MOTOR ? "motor" : "board";
	else if (type == hwmon_in)
		*out = channel == BUS ? "bus" : "battery";
	else
		*out = "motor";
	return 0;
}

static const struct hwmon_channel_info *channels[] = {
	HWMON_CHANNEL_INFO(temp,
			   HWMON_T_INPUT | HWMON_T_LABEL | HWMON_T_MAX |
			   HWMON_T_ALARM,
			   HWMON_T_INPUT | HWMON_T_LABEL),
	HWMON_CHANNEL_INFO(in,
			   HWMON_I_INPUT | HWMON_I_LABEL | HWMON_I_ALARM,
			   HWMON_I_INPUT | HWMON_I_LABEL | HWMON_I_ALARM),
	HWMON_CHANNEL_INFO(curr,
			   HWMON_C_INPUT | HWMON_C_LABEL | HWMON_C_MAX |
			   HWMON_C_ALARM),
	NULL
};

static const struct hwmon_ops ops = {
	.is_visible	= is_visible,
	.read		= mnpen_hwmon_read,
	.read_string	= mnpen_hwmon_read_string,
};

static const struct hwmon_chip_info chip = {
	.ops	= &ops,
	.info	= channels,
};

void mnpen_hwmon_add(struct mnpen *m)
{
	struct device *dev;

	dev = hwmon_device_register_with_info(&m->intf->dev, "mnpen", m, &chip,
					      NULL);
	if (IS_ERR(dev))
		dev_warn(&m->intf->dev, "not in hwmon: %ld\n", PTR_ERR(dev));
	else
		m->hwmon = dev;
}

void mnpen_hwmon_remove(struct mnpen *m)
{
	if (m->hwmon)
		hwmon_device_unregister(m->hwmon);
	m->hwmon = NULL;
}
