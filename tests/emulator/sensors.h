/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pen's sensors, and how each of them can go wrong.
 *
 * A healthy sensor says what is. A broken one is stuck, shifted, scaled, or
 * wanders off; all of it at once if asked for.
 */
#ifndef MNPEN_EMULATOR_SENSORS_H
#define MNPEN_EMULATOR_SENSORS_H

#include <stdbool.h>
#include <stdint.h>

/* What is measured, its name in scripts, and its unit. */
#define SENSORS(X)				\
	X(RATE, "rate", "spm")			\
	X(DEPTH, "depth", "um")			\
	X(CURRENT, "current", "mA")		\
	X(TEMP_MOTOR, "temp-motor", "mdegC")	\
	X(TEMP_BOARD, "temp-board", "mdegC")	\
	X(BATTERY, "battery", "mV")		\
	X(STROKES, "strokes", "strokes")

enum sensor_id {
#define X(id, name, unit) SENSOR_##id,
	SENSORS(X)
#undef X
	SENSOR_COUNT,
};

/* All zero: healthy. */
struct sensor {
	bool frozen;
	bool held_known;	/* the first reading after freezing is held */
	int64_t held;
	int32_t offset;		/* in the sensor's unit */
	int32_t gain_off_permille;	/* 0: as it should be */
	int32_t drift_per_s;	/* in the sensor's unit per second */
	int64_t drift_milli;	/* so far, in thousandths of the unit */
};

/* What the sensor says when the truth is @truth. */
int64_t sensor_reading(const struct sensor *s, int64_t truth);
/* @ms milliseconds pass; @truth is what there is at their end. */
void sensor_pass(struct sensor *s, int64_t truth, uint32_t ms);

#endif /* MNPEN_EMULATOR_SENSORS_H */
