/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout of USB/IP on the wire, big-endian; see Documentation/usb/
 * usbip_protocol.rst of the kernel. Shared by the pen and the relay.
 */
#ifndef MNPEN_EMULATOR_USBIP_WIRE_H
#define MNPEN_EMULATOR_USBIP_WIRE_H

#include <stdint.h>

#define USBIP_HEADER_LEN	48

enum usbip_command {
	USBIP_CMD_SUBMIT	= 1,
	USBIP_CMD_UNLINK	= 2,
	USBIP_RET_SUBMIT	= 3,
	USBIP_RET_UNLINK	= 4,
};

/* u[]: SUBMIT: flags, length, frame, packets, interval, then 8 setup bytes;
 * RET_SUBMIT: status, length, ...; UNLINK: seqnum; RET_UNLINK: status.
 */
struct usbip_header {
	uint32_t command;
	uint32_t seqnum;
	uint32_t devid;
	uint32_t direction;	/* 1: IN */
	uint32_t ep;
	uint32_t u[5];
	uint8_t setup[8];
};

#define USBIP_VERSION		0x0111
#define USBIP_OP_REQ_IMPORT	0x8003
#define USBIP_OP_REP_IMPORT	0x0003
#define USBIP_BUSID		"1-1"

struct usbip_op {
	uint16_t version;
	uint16_t code;
	uint32_t status;
};

struct usbip_req_import {
	struct usbip_op op;
	char busid[32];
};

struct usbip_rep_import {
	struct usbip_op op;
	char path[256];
	char busid[32];
	uint32_t busnum;
	uint32_t devnum;
	uint32_t speed;		/* enum usb_device_speed */
	uint16_t vendor;
	uint16_t product;
	uint16_t device;
	uint8_t class, subclass, protocol;
	uint8_t configuration, configurations, interfaces;
};

_Static_assert(sizeof(struct usbip_header) == USBIP_HEADER_LEN, "header");
_Static_assert(sizeof(struct usbip_req_import) == 40, "import request");
_Static_assert(sizeof(struct usbip_rep_import) == 320, "import reply");

#endif /* MNPEN_EMULATOR_USBIP_WIRE_H */
