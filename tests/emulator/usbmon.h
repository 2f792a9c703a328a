/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One USB event as the kernel's usbmon tells it: 64 bytes in front of the
 * data, in the byte order of the machine. The same bytes are the packet
 * header of link type 220 in capture files.
 */
#ifndef MNPEN_EMULATOR_USBMON_H
#define MNPEN_EMULATOR_USBMON_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define USBMON_SUBMIT		'S'
#define USBMON_COMPLETE		'C'
#define USBMON_ERROR		'E'	/* could not be submitted */

#define USBMON_INTERRUPT	1
#define USBMON_CONTROL		2

/* Values of setup_flag and data_flag; any but 0: it is not there, and why. */
#define USBMON_PRESENT		0
#define USBMON_NO_SETUP		'-'
#define USBMON_IN_PENDING	'<'	/* a read was submitted */
#define USBMON_OUT_DONE		'>'	/* a write was completed */

struct usbmon_header {
	uint64_t id;		/* joins submission and completion */
	uint8_t type;
	uint8_t transfer;
	uint8_t endpoint;	/* address with direction bit */
	uint8_t device;
	uint16_t bus;
	char setup_flag;
	char data_flag;
	int64_t sec;		/* since 1970 */
	int32_t usec;
	int32_t status;		/* -errno; -EINPROGRESS when submitted */
	uint32_t length;	/* of the transfer */
	uint32_t captured;	/* bytes that follow */
	uint8_t setup[8];
	int32_t interval;
	int32_t start_frame;
	uint32_t flags;
	uint32_t descriptors;
};

static_assert(sizeof(struct usbmon_header) == 64, "layout of usbmon");

/*
 * Opens usbmon for a bus; nothing blocks on the descriptor, poll() tells when
 * there is something. The descriptor or -errno; -ENOENT: usbmon is not loaded.
 */
int usbmon_open(unsigned int bus);
/*
 * Next event: 1 with up to @room bytes of data (h->captured), 0 if there is
 * none, or -errno.
 */
int usbmon_next(int fd, struct usbmon_header *h, void *data, size_t room);
/* Events that were lost since the last call, because nobody took them. */
unsigned int usbmon_lost(int fd);

#endif /* MNPEN_EMULATOR_USBMON_H */
