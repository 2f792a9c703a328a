// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pen's battery for desktops, as that of a device and not of the machine.
 * It takes no part in thermal policy.
 */
#include <linux/power_supply.h>
#include <linux/slab.h>

#include "mnpen.h"
#include "sensors.h"

#define NO_U16			0xffff	/* the pen does not know */
#define NO_S16			(-0x8000)
#define FULL_PCT		100

struct mnpen_battery {
	struct power_supply *psy;
	struct power_supply_desc desc;
	char name[32];
};

static int status(const struct mnp_telemetry *t)
{
	if (t->power_flags & MNP_POWER_CHARGING)
		return POWER_SUPPLY_STATUS_CHARGING;
	if (!(t->power_flags & MNP_POWER_BUS))
		return POWER_SUPPLY_STATUS_DISCHARGING;
	if (t->battery_pct == FULL_PCT)
		return POWER_SUPPLY_STATUS_FULL;
	return POWER_SUPPLY_STATUS_NOT_CHARGING;
}

static int read_known(const struct mnp_telemetry *t,
		      enum power_supply_property property,
		      union power_supply_propval *val)
{
	if (property == POWER_SUPPLY_PROP_STATUS) {
		val->intval = status(t);
	} else if (property == POWER_SUPPLY_PROP_CAPACITY) {
		if (t->battery_pct > FULL_PCT)
			return -ENODATA;
		val->intval = t->battery_pct;
	} else if (property == POWER_SUPPLY_PROP_VOLTAGE_NOW) {
		if (t->battery_mv == NO_U16)
			return -ENODATA;
		val->intval = t->battery_mv * 1000;
	} else if (property == POWER_SUPPLY_PROP_TEMP) {
		if (t->temp_board_cdegc == NO_S16)
			return -ENODATA;
		val->intval = t->temp_board_cdegc / 10;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int get_property(struct power_supply *psy,
			enum power_supply_property property,
			union power_supply_propval *val)
{
	struct mnpen *m = power_supply_get_drvdata(psy);
	struct mnp_telemetry t;

	if (property == POWER_SUPPLY_PROP_SCOPE) {
		val->intval = POWER_SUPPLY_SCOPE_DEVICE;
		return 0;
	}
	if (property == POWER_SUPPLY_PROP_PRESENT) {
		val->intval = 1;
		return 0;
	}
	if (!mnpen_sensors_get(m, &t))
		return -ENODATA;
	return read_known(&t, property, val);
}

static const enum power_supply_property properties[] = {
	POWER_SUPPLY_PROP_STATUS,
	POWER_SUPPLY_PROP_PRESENT,
	POWER_SUPPLY_PROP_CAPACITY,
	POWER_SUPPLY_PROP_VOLTAGE_NOW,
	POWER_SUPPLY_PROP_TEMP,
	POWER_SUPPLY_PROP_SCOPE,
};

void mnpen_battery_add(struct mnpen *m)
{
	struct power_supply_config config = { .drv_data = m };
	struct mnpen_battery *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return;
	snprintf(b->name, sizeof(b->name), "%s-battery", dev_name(&m->dev));
	b->desc.name = b->name;
	b->desc.type = POWER_SUPPLY_TYPE_BATTERY;
	b->desc.properties = properties;
	b->desc.num_properties = ARRAY_SIZE(properties);
	b->desc.get_property = get_property;
	b->desc.no_thermal = true;
	b->psy = power_supply_register(&m->intf->dev, &b->desc, &config);
	if (IS_ERR(b->psy)) {
		dev_warn(&m->intf->dev, "battery not shown: %ld\n",
			 PTR_ERR(b->psy));
		kfree(b);
		return;
	}
	m->battery = b;
}

void mnpen_battery_remove(struct mnpen *m)
{
	if (!m->battery)
		return;
	power_supply_unregister(m->battery->psy);
	kfree(m->battery);
	m->battery = NULL;
}
