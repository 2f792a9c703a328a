// SPDX-License-Identifier: GPL-2.0-only
/* The pen as other subsystems see it; see sensors.h. */
#include <linux/ktime.h>

#include "mnpen.h"
#include "sensors.h"

#define STALE_MS	1000

bool mnpen_sensors_get(struct mnpen *m, struct mnp_telemetry *t)
{
	bool fresh;

	spin_lock_irq(&m->state_lock);
	fresh = m->rx_valid &&
		ktime_get_ns() - m->rx_ns < mnpen_ms_ns(STALE_MS);
	*t = m->telemetry;
	spin_unlock_irq(&m->state_lock);
	return fresh;
}

void mnpen_sensors_add(struct mnpen *m)
{
	mnpen_hwmon_add(m);
	if (m->caps.features & MNPEN_CAP_BATTERY)
		mnpen_battery_add(m);
	mnpen_input_add(m);
}

void mnpen_sensors_remove(struct mnpen *m)
{
	mnpen_input_remove(m);
	mnpen_battery_remove(m);
	mnpen_hwmon_remove(m);
}
