/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that ask the pen itself and move nothing: identify, self test, its
 * memory, its latched faults. One at a time for each pen; the call is answered
 * when the pen has.
 */
#ifndef MNPEND_SERVICE_H
#define MNPEND_SERVICE_H

#include "daemon/mnpend/pen.h"

struct service;

/* With the device open. -ENOMEM. */
int service_open(struct pen *pen);
/* Before the device is closed: whoever waits is told that the pen is gone. */
void service_close(struct pen *pen);

/* Answers the call: error is 0 or negative errno. */
typedef void service_done(struct varlink_call *call, struct pen *pen, int error,
			  const struct device_service *answer);

/*
 * Holds the call until the pen has answered, then calls done; not if the
 * caller is gone by then. Answers it itself if the pen is busy or gone.
 */
void service_ask(struct varlink_call *call, struct pen *pen,
		 const struct device_service *ask, service_done *done);

/* DeviceFailed, in words that fit a service call. */
void service_failed(struct varlink_call *call, const char *operation,
		    int error);

/* The methods. */
void method_get_capabilities(struct varlink_call *call, json_t *p, void *ctx);
void method_who_am_i(struct varlink_call *call, json_t *p, void *ctx);
void method_identify(struct varlink_call *call, json_t *p, void *ctx);
void method_self_test(struct varlink_call *call, json_t *p, void *ctx);
void method_get_calibration(struct varlink_call *call, json_t *p, void *ctx);
void method_get_cartridge(struct varlink_call *call, json_t *p, void *ctx);
void method_reset_fault(struct varlink_call *call, json_t *p, void *ctx);
void method_get_fault_bundle(struct varlink_call *call, json_t *p, void *ctx);

#endif /* MNPEND_SERVICE_H */
