/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the pen measures, as other subsystems of the kernel want it. Nothing
 * here talks to the pen: it is read from the last telemetry packet, or it is
 * not known. None of it is needed for safety, so a failure is a warning.
 *
 * add and remove are called in probe and disconnect; what they register is
 * gone when remove returns, whoever has its files open.
 */
#ifndef MNPEN_SENSORS_H
#define MNPEN_SENSORS_H

#include <linux/types.h>

struct mnpen;
struct mnp_event;
struct mnp_telemetry;

/* sensors.c */
void mnpen_sensors_add(struct mnpen *m);
void mnpen_sensors_remove(struct mnpen *m);
/* False (-ENODATA to the user): no packet for a second. */
bool mnpen_sensors_get(struct mnpen *m, struct mnp_telemetry *t);

#if IS_ENABLED(CONFIG_USB_MNPEN_HWMON)
void mnpen_hwmon_add(struct mnpen *m);
void mnpen_hwmon_remove(struct mnpen *m);
#else
static inline void mnpen_hwmon_add(struct mnpen *m)
{
}

static inline void mnpen_hwmon_remove(struct mnpen *m)
{
}
#endif

#if IS_ENABLED(CONFIG_USB_MNPEN_POWER)
void mnpen_battery_add(struct mnpen *m);
void mnpen_battery_remove(struct mnpen *m);
#else
static inline void mnpen_battery_add(struct mnpen *m)
{
}

static inline void mnpen_battery_remove(struct mnpen *m)
{
}
#endif

#if IS_ENABLED(CONFIG_USB_MNPEN_INPUT)
void mnpen_input_add(struct mnpen *m);
void mnpen_input_remove(struct mnpen *m);
/* Wants state_lock held. */
void __mnpen_input_event(struct mnpen *m, const struct mnp_event *e);
#else
static inline void mnpen_input_add(struct mnpen *m)
{
}

static inline void mnpen_input_remove(struct mnpen *m)
{
}

static inline void __mnpen_input_event(struct mnpen *m,
				       const struct mnp_event *e)
{
}
#endif

#endif /* MNPEN_SENSORS_H */
