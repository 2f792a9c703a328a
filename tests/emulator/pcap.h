/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture files: pcapng with USB packets as usbmon delivers them.
 *
 * Written are one section and one interface in the byte order of this
 * machine, with times in microseconds; read is whatever pcapng allows. Any
 * bytes can be read without harm. Functions return 0 or -errno; a reader or
 * writer belongs to one thread.
 */
#ifndef MNPEN_EMULATOR_PCAP_H
#define MNPEN_EMULATOR_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/emulator/usbmon.h"

#define PCAP_DATA_MAX	65536	/* of one packet, both ways */

struct pcap_writer;
struct pcap_reader;

/* Replaces @path. @writer: the program's name, as it appears in the file. */
int pcap_create(struct pcap_writer **out, const char *path,
		const char *writer);
/*
 * Appends a packet, at the time in @h, with h->captured bytes of @data. It is
 * in the file on return: who kills us loses nothing. After an error every
 * further call gives the same error and the file ends with a whole packet.
 */
int pcap_write(struct pcap_writer *w, const struct usbmon_header *h,
	       const void *data);
/* Frees @w, which may be NULL; the first error there was. */
int pcap_finish(struct pcap_writer *w);

/* -EBADMSG: not a capture file. */
int pcap_open(struct pcap_reader **out, const char *path);
/*
 * Next USB packet: 1 and @h, with h->captured bytes in @data, which has room
 * for PCAP_DATA_MAX; 0 at the end, also when the last packet is incomplete;
 * -EPROTONOSUPPORT for packets of another link type, -EBADMSG for nonsense.
 * @time_us: since 1970, from the file, not from @h.
 */
int pcap_next(struct pcap_reader *r, struct usbmon_header *h, uint8_t *data,
	      int64_t *time_us);
void pcap_close(struct pcap_reader *r);

#endif /* MNPEN_EMULATOR_PCAP_H */
