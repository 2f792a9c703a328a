/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One open /dev/mnpenN.
 *
 * The loop thread reads records, stops and renews the lease: none of these
 * waits for the bus. Starting takes USB control transfers of up to 250 ms
 * each, so a thread of its own does it and reports through an eventfd.
 */
#ifndef MNPEND_DEVICE_H
#define MNPEND_DEVICE_H

#include <linux/mnpen.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;

/*
 * Opens, stops whatever may be running, reads the capabilities, lowers the
 * pen's limits to `ceiling` and subscribes. Negative errno on failure, with
 * the step that failed in *step (static text). *out is owned by the caller.
 */
int device_open(const char *node, const struct mnpen_limits *ceiling,
		struct device **out, const char **step);

/* Stops, joins the start thread, closes. NULL is allowed. */
void device_close(struct device *d);

const struct mnpen_caps *device_caps(const struct device *d);
const struct mnpen_limits *device_limits(const struct device *d);

/* Readable when device_read() has records. */
int device_fd(const struct device *d);
/* Number of records (at most max), 0 when none is left, or negative errno. */
int device_read(struct device *d, struct mnpen_record *records, size_t max);

/* Never waits; 0, or -ENODEV when the pen is gone. */
int device_stop(struct device *d);
/* Never waits; -ESTALE when the driver already stopped. */
int device_renew(struct device *d);
/* The driver will never arm this pen: another protocol. */
bool device_limp(struct device *d);
/* The pen's boot id as the driver sees it now; negative errno when gone. */
int64_t device_boot_id(struct device *d);

/* Gives the motor back to others; only when no run is on. Never waits. */
void device_release(struct device *d);

struct device_start {
	uint32_t depth_um, rate_spm, run_ms, lease_ms;
};

/*
 * Hands new set points of a running motor to the thread; of several only the
 * newest counts. Never starts anything; a stop forgets them. What became of
 * them is in the telemetry.
 */
void device_set(struct device *d, uint32_t depth_um, uint32_t rate_spm);

/* Hands one start to the thread. -EBUSY while one is under way. */
int device_start(struct device *d, const struct device_start *start);
/* Readable when a start has ended. */
int device_start_fd(const struct device *d);
/* 0 or negative errno of the start that ended; *step says which part failed. */
int device_start_result(struct device *d, const char **step);

/* What moves nothing but asks the pen itself, up to half a second. */
enum device_service_kind {
	DEVICE_IDENTIFY,
	DEVICE_SELF_TEST,	/* test.test_mask; answers in test */
	DEVICE_CLEAR_FAULT,	/* mask: MNPEN_FAULT_* */
	DEVICE_CALIBRATION,	/* blob.id; answers in blob */
	DEVICE_CARTRIDGE,	/* answers in blob */
};

struct device_service {
	enum device_service_kind kind;
	uint32_t mask;
	union {
		struct mnpen_blob blob;
		struct mnpen_self_test test;
	};
};

/* Hands one to the thread. -EBUSY while one, or a start, is under way. */
int device_service(struct device *d, const struct device_service *ask);
/* Readable when it has ended. */
int device_service_fd(const struct device *d);
/* 0 or negative errno of the one that ended, with its answer in *out. */
int device_service_result(struct device *d, struct device_service *out);

/* As the driver sees it now, without the bus. */
int device_status(struct device *d, struct mnpen_status *out);

#endif /* MNPEND_DEVICE_H */
