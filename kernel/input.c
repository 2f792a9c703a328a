// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pedal and button as keys that no desktop acts on. For a look at them with
 * evtest; a program that runs the pen gets them from its node, where they
 * cannot be grabbed away.
 */
#include <linux/input.h>
#include <linux/usb/input.h>

#include "mnpen.h"
#include "sensors.h"

#define PEDAL	BTN_TRIGGER_HAPPY1
#define BUTTON	BTN_TRIGGER_HAPPY2

void __mnpen_input_event(struct mnpen *m, const struct mnp_event *e)
{
	lockdep_assert_held(&m->state_lock);
	if (!m->input)
		return;
	if (e->code == MNPEN_EV_PEDAL)
		input_report_key(m->input, PEDAL, e->arg[0]);
	else if (e->code == MNPEN_EV_BUTTON && !e->arg[0])
		input_report_key(m->input, BUTTON, e->arg[1]);
	else
		return;
	input_sync(m->input);
}

void mnpen_input_add(struct mnpen *m)
{
	struct input_dev *input = input_allocate_device();

	if (!input)
		return;
	input->name = "Microneedling pen pedal and button";
	input->dev.parent = &m->intf->dev;
	usb_to_input_id(m->udev, &input->id);
	if (m->caps.features & MNPEN_CAP_PEDAL)
		input_set_capability(input, EV_KEY, PEDAL);
	input_set_capability(input, EV_KEY, BUTTON);
	if (input_register_device(input)) {
		dev_warn(&m->intf->dev, "pedal and button not shown\n");
		input_free_device(input);
		return;
	}
	spin_lock_irq(&m->state_lock);
	m->input = input;
	spin_unlock_irq(&m->state_lock);
}

/* The URBs are poisoned: nothing comes any more. */
void mnpen_input_remove(struct mnpen *m)
{
	if (m->input)
		input_unregister_device(m->input);
	m->input = NULL;
}
