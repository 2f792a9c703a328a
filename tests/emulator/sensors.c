// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/sensors.h"

int64_t sensor_reading(const struct sensor *s, int64_t truth)
{
	if (s->frozen && s->held_known)
		return s->held;
	return truth + truth * s->gain_off_permille / 1000 + s->offset +
	       s->drift_milli / 1000;
}

void sensor_pass(struct sensor *s, int64_t truth, uint32_t ms)
{
	if (s->frozen && !s->held_known) {
		s->held = sensor_reading(s, truth);
		s->held_known = true;
	}
	s->drift_milli += (int64_t)s->drift_per_s * ms;
}
