/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of the pcapng file format, as far as they are needed here. */
#ifndef MNPEN_EMULATOR_PCAPNG_H
#define MNPEN_EMULATOR_PCAPNG_H

#define PCAPNG_SECTION		0x0a0d0d0a	/* reads the same both ways */
#define PCAPNG_INTERFACE	0x00000001
#define PCAPNG_PACKET		0x00000006	/* "enhanced packet block" */

#define PCAPNG_BYTE_ORDER	0x1a2b3c4d
#define PCAPNG_MAJOR		1
#define PCAPNG_USB		220	/* USB packets with usbmon's header */

#define PCAPNG_OPT_END		0
#define PCAPNG_OPT_APPLICATION	4	/* of a section: who wrote it */
#define PCAPNG_OPT_NAME		2	/* of an interface */
#define PCAPNG_OPT_RESOLUTION	9	/* power of ten, or of two */

#define PCAPNG_MICROSECONDS	6

#endif /* MNPEN_EMULATOR_PCAPNG_H */
