// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The broken pens: each is a few edits of what a good pen would answer.
 *
 * Offsets are those of a good configuration: 0 configuration, 9 interface,
 * 18 IN endpoint, 25 OUT endpoint, 32 bytes in all.
 */
#include "tests/emulator/hostile.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <stdlib.h>
#include <string.h>

enum answer {
	NONE, DEVICE, CONFIG, LANGUAGE, MAKER, PRODUCT, SERIAL, INTERFACE,
	CAPS, STATUS, LATCHED, ABSOLUTE, ARM, RESULT,
};

enum op {
	END,
	OP_BYTE,		/* one byte at an offset */
	OP_WORD,		/* two, little-endian */
	OP_LONG,		/* four */
	OP_LENGTH,		/* the answer ends here, or goes on with zeroes */
	OP_CUT,			/* bytes taken out; the total follows */
	OP_ADD,			/* bytes put in; the total follows */
	OP_REPEAT,		/* the rest from an offset, so many times more */
	OP_FILL,		/* all from an offset on */
	OP_SEAL,		/* checksum made right again */
	OP_STATUS,		/* the transfer fails */
	OP_TEXT,		/* a string descriptor with these UTF-16 units */
};

struct edit {
	enum answer answer;
	enum op op;
	unsigned int at;
	uint32_t value;
	const char *bytes;
};

#define EDITS_MAX	6

struct hostile_set {
	const char *name;
	/*
	 * What the driver makes of it: "refused" (not bound), "limp", "mute"
	 * (bound, cannot be armed), "works".
	 */
	const char *expect;
	const char *what;
	struct edit edits[EDITS_MAX];
};

#define BYTE(answer, at, value)		{ answer, OP_BYTE, at, value, NULL }
#define WORD(answer, at, value)		{ answer, OP_WORD, at, value, NULL }
#define LONG(answer, at, value)		{ answer, OP_LONG, at, value, NULL }
#define LENGTH(answer, len)		{ answer, OP_LENGTH, len, 0, NULL }
#define CUT(answer, at, len)		{ answer, OP_CUT, at, len, NULL }
#define ADD(answer, at, bytes)	\
	{ answer, OP_ADD, at, sizeof(bytes) - 1, bytes }
#define REPEAT(answer, at, times)	{ answer, OP_REPEAT, at, times, NULL }
#define FILL(answer, at, value)		{ answer, OP_FILL, at, value, NULL }
#define SEAL(answer)			{ answer, OP_SEAL, 0, 0, NULL }
#define FAIL(answer, status)		{ answer, OP_STATUS, 0, status, NULL }
#define TEXT(answer, units)	\
	{ answer, OP_TEXT, 0, sizeof(units) - 1, units }

/* UTF-16, little-endian */
#define TRICKY	".\0.\0/\0.\0.\0/\0$\0(\0i\0d\0)\0\n\0%\0n\0\"\0\\\0"
#define FOREIGN	"\xfc\0\xac\x20\x00\xd8\x41\0\x2e\x20\xff\xff"
#define LONGEST	"A\0B\0C\0D\0E\0F\0G\0H\0I\0J\0K\0L\0M\0N\0O\0P\0"
#define LONG_64	LONGEST LONGEST LONGEST LONGEST

static const struct hostile_set sets[] = {
	/* The device */
	{ "device-8-bytes", "refused", "The device descriptor ends after 8 bytes.",
	  { LENGTH(DEVICE, 8) } },
	{ "device-empty", "refused", "The device descriptor has no bytes.",
	  { LENGTH(DEVICE, 0) } },
	{ "device-stalled", "refused", "Asked for its device descriptor, it stalls.",
	  { FAIL(DEVICE, EPIPE) } },
	{ "device-wrong-type", "refused",
	  "The device descriptor says that it is a configuration.",
	  { BYTE(DEVICE, 1, USB_DT_CONFIG) } },
	{ "device-length-255", "works", "The device descriptor claims 255 bytes.",
	  { BYTE(DEVICE, 0, 255) } },
	{ "device-ep0-255", "refused", "bMaxPacketSize0 is 255.",
	  { BYTE(DEVICE, 7, 255) } },
	{ "device-ep0-0", "refused", "bMaxPacketSize0 is 0.",
	  { BYTE(DEVICE, 7, 0) } },
	{ "device-no-configuration", "refused", "bNumConfigurations is 0.",
	  { BYTE(DEVICE, 17, 0) } },
	{ "device-255-configurations", "refused",
	  "bNumConfigurations is 255; there is one.",
	  { BYTE(DEVICE, 17, 255) } },
	{ "device-is-a-hub", "works", "The device class is that of a hub.",
	  { BYTE(DEVICE, 4, USB_CLASS_HUB) } },
	{ "device-from-the-future", "works", "bcdUSB is 99.99, and there is no BOS.",
	  { WORD(DEVICE, 2, 0x9999) } },

	/* The configuration */
	{ "config-empty", "refused", "The configuration has no bytes.",
	  { LENGTH(CONFIG, 0) } },
	{ "config-4-bytes", "refused", "The configuration ends after 4 bytes.",
	  { LENGTH(CONFIG, 4) } },
	{ "config-stalled", "refused", "Asked for its configuration, it stalls.",
	  { FAIL(CONFIG, EPIPE) } },
	{ "config-wrong-type", "refused",
	  "The configuration says that it is a device.",
	  { BYTE(CONFIG, 1, USB_DT_DEVICE) } },
	{ "config-total-0", "refused", "wTotalLength is 0.",
	  { WORD(CONFIG, 2, 0) } },
	{ "config-total-too-short", "refused",
	  "wTotalLength cuts the OUT endpoint in two.",
	  { WORD(CONFIG, 2, 30), LENGTH(CONFIG, 30) } },
	{ "config-total-too-long", "works",
	  "wTotalLength is 65535; 32 bytes come.",
	  { WORD(CONFIG, 2, 0xffff) } },
	{ "config-no-interface", "refused", "bNumInterfaces is 0, and none comes.",
	  { BYTE(CONFIG, 4, 0), CUT(CONFIG, 9, 23) } },
	{ "config-hidden-interface", "works",
	  "bNumInterfaces is 0; one comes all the same.",
	  { BYTE(CONFIG, 4, 0) } },
	{ "config-255-interfaces", "works", "bNumInterfaces is 255; one comes.",
	  { BYTE(CONFIG, 4, 255) } },
	{ "config-200-interfaces", "works",
	  "The interface comes 201 times, always as number 0.",
	  { BYTE(CONFIG, 4, 201), REPEAT(CONFIG, 9, 160) } },
	{ "config-value-0", "refused", "bConfigurationValue is 0: not configured.",
	  { BYTE(CONFIG, 5, 0) } },
	{ "config-value-7", "refused",
	  "bConfigurationValue is 7; set, it is stalled.",
	  { BYTE(CONFIG, 5, 7) } },
	{ "config-zero-length-descriptor", "refused",
	  "A descriptor of length 0 stands before the interface.",
	  { ADD(CONFIG, 9, "\0\0") } },
	{ "config-one-byte-descriptor", "refused",
	  "A descriptor of length 1 stands before the endpoints.",
	  { ADD(CONFIG, 18, "\1") } },
	{ "config-junk-behind", "works",
	  "Behind the endpoints stands a descriptor longer than the rest.",
	  { ADD(CONFIG, 32, "\xff\x24\x01\x02") } },

	/* The interface */
	{ "interface-number-7", "refused", "The only interface is number 7.",
	  { BYTE(CONFIG, 11, 7) } },
	{ "interface-number-255", "refused", "The only interface is number 255.",
	  { BYTE(CONFIG, 11, 255) } },
	{ "interface-twice", "works", "Interface 0 comes twice, whole.",
	  { BYTE(CONFIG, 4, 2), REPEAT(CONFIG, 9, 1) } },
	{ "interface-alternates", "refused",
	  "The interface has an alternate setting without endpoints.",
	  { ADD(CONFIG, 32, "\x09\x04\0\1\0\xff\x4d\1\0") } },
	{ "interface-only-alternate", "works",
	  "There is alternate setting 1, but no 0.",
	  { BYTE(CONFIG, 12, 1) } },
	{ "interface-short", "refused", "The interface descriptor has 5 bytes.",
	  { BYTE(CONFIG, 9, 5), CUT(CONFIG, 14, 4) } },
	{ "interface-class", "refused", "The interface class is that of a keyboard.",
	  { BYTE(CONFIG, 14, USB_CLASS_HID) } },
	{ "interface-subclass", "refused", "The interface's subclass is another.",
	  { BYTE(CONFIG, 15, 0x4e) } },
	{ "interface-protocol-0", "refused", "The interface's protocol is 0.",
	  { BYTE(CONFIG, 16, 0) } },
	{ "interface-protocol-2", "refused",
	  "The interface's protocol is the next major version.",
	  { BYTE(CONFIG, 16, MNP_PROTO_MAJOR + 1) } },
	{ "interface-no-endpoints", "refused", "bNumEndpoints is 0; two come.",
	  { BYTE(CONFIG, 13, 0) } },
	{ "interface-1-endpoint", "refused", "bNumEndpoints is 1; two come.",
	  { BYTE(CONFIG, 13, 1) } },
	{ "interface-30-endpoints", "works", "bNumEndpoints is 30; two come.",
	  { BYTE(CONFIG, 13, 30) } },
	{ "interface-3-endpoints", "refused", "There is a third endpoint.",
	  { BYTE(CONFIG, 13, 3), ADD(CONFIG, 32, "\7\5\x83\3\x40\0\4") } },

	/* The endpoints */
	{ "endpoint-in-missing", "refused", "The IN endpoint is counted, but not there.",
	  { CUT(CONFIG, 18, 7) } },
	{ "endpoint-out-missing", "refused",
	  "The OUT endpoint is counted, but not there.",
	  { CUT(CONFIG, 25, 7) } },
	{ "endpoint-both-in", "refused", "The OUT endpoint is an IN endpoint, too.",
	  { BYTE(CONFIG, 27, 0x82) } },
	{ "endpoint-both-out", "refused", "The IN endpoint is an OUT endpoint, too.",
	  { BYTE(CONFIG, 20, 0x01) } },
	{ "endpoint-twice", "refused", "Both endpoints have the same address.",
	  { BYTE(CONFIG, 27, MNP_EP_IN) } },
	{ "endpoint-in-bulk", "refused", "The IN endpoint is bulk.",
	  { BYTE(CONFIG, 21, USB_ENDPOINT_XFER_BULK) } },
	{ "endpoint-out-bulk", "refused", "The OUT endpoint is bulk.",
	  { BYTE(CONFIG, 28, USB_ENDPOINT_XFER_BULK) } },
	{ "endpoint-in-isochronous", "refused", "The IN endpoint is isochronous.",
	  { BYTE(CONFIG, 21, USB_ENDPOINT_XFER_ISOC) } },
	{ "endpoint-is-control", "refused", "The OUT endpoint is a control endpoint.",
	  { BYTE(CONFIG, 28, USB_ENDPOINT_XFER_CONTROL) } },
	{ "endpoint-number-0", "refused", "The IN endpoint has number 0.",
	  { BYTE(CONFIG, 20, 0x80) } },
	{ "endpoint-reserved-bits", "refused",
	  "The IN endpoint's address has reserved bits set.",
	  { BYTE(CONFIG, 20, 0xf1) } },
	{ "endpoint-packet-0", "refused", "wMaxPacketSize of the IN endpoint is 0.",
	  { WORD(CONFIG, 22, 0) } },
	{ "endpoint-packet-63", "refused", "wMaxPacketSize of the IN endpoint is 63.",
	  { WORD(CONFIG, 22, 63) } },
	{ "endpoint-packet-8", "refused", "wMaxPacketSize of the OUT endpoint is 8.",
	  { WORD(CONFIG, 29, 8) } },
	{ "endpoint-packet-8191", "works",
	  "wMaxPacketSize has all bits set that it can.",
	  { WORD(CONFIG, 22, 0x1fff), WORD(CONFIG, 29, 0x1fff) } },
	{ "endpoint-interval-0", "works", "bInterval is 0 for both endpoints.",
	  { BYTE(CONFIG, 24, 0), BYTE(CONFIG, 31, 0) } },
	{ "endpoint-interval-255", "works", "bInterval is 255 for both endpoints.",
	  { BYTE(CONFIG, 24, 255), BYTE(CONFIG, 31, 255) } },
	{ "endpoint-short", "refused", "The IN endpoint's descriptor has 4 bytes.",
	  { BYTE(CONFIG, 18, 4), CUT(CONFIG, 22, 3) } },

	/* Strings */
	{ "serial-none", "works", "There is no serial number.",
	  { BYTE(DEVICE, 16, 0) } },
	{ "serial-stalled", "works", "Asked for its serial number, it stalls.",
	  { FAIL(SERIAL, EPIPE) } },
	{ "serial-empty", "works", "The serial number is empty.",
	  { LENGTH(SERIAL, 2), BYTE(SERIAL, 0, 2) } },
	{ "serial-half-a-character", "works",
	  "The serial number ends in the middle of a character.",
	  { LENGTH(SERIAL, 7), BYTE(SERIAL, 0, 7) } },
	{ "serial-126-characters", "works", "The serial number has 126 characters.",
	  { TEXT(SERIAL, LONG_64 LONG_64), LENGTH(SERIAL, 254),
	    BYTE(SERIAL, 0, 254) } },
	{ "serial-shorter-than-said", "works",
	  "The serial number claims 255 bytes; 10 come.",
	  { LENGTH(SERIAL, 10), BYTE(SERIAL, 0, 255) } },
	{ "serial-wrong-type", "works",
	  "The serial number's descriptor is not a string.",
	  { BYTE(SERIAL, 1, USB_DT_ENDPOINT) } },
	{ "serial-tricky", "works",
	  "The serial number has dots, slashes, quotes and a line feed.",
	  { TEXT(SERIAL, TRICKY) } },
	{ "serial-foreign", "works",
	  "The serial number has umlauts, half a surrogate pair and no character.",
	  { TEXT(SERIAL, FOREIGN) } },
	{ "language-none", "works", "There is no table of languages.",
	  { FAIL(LANGUAGE, EPIPE) } },
	{ "language-empty", "works", "The table of languages is empty.",
	  { LENGTH(LANGUAGE, 2), BYTE(LANGUAGE, 0, 2) } },
	{ "product-tricky", "works", "The product's name would like to be a path.",
	  { TEXT(PRODUCT, TRICKY) } },

	/* What the driver asks before it binds */
	{ "caps-stalled", "refused", "Asked for its capabilities, it stalls.",
	  { FAIL(CAPS, EPIPE) } },
	{ "caps-silent", "refused", "Asked for its capabilities, it is silent.",
	  { FAIL(CAPS, -HOSTILE_SILENT) } },
	{ "caps-empty", "refused", "The capabilities have no bytes.",
	  { LENGTH(CAPS, 0) } },
	{ "caps-3-bytes", "refused", "The capabilities end inside their head.",
	  { LENGTH(CAPS, 3) } },
	{ "caps-head-only", "refused", "The capabilities claim 4 bytes: no checksum.",
	  { WORD(CAPS, 0, 4) } },
	{ "caps-length-0", "refused", "The capabilities claim no length.",
	  { WORD(CAPS, 0, 0) } },
	{ "caps-length-65535", "refused", "The capabilities claim 65535 bytes.",
	  { WORD(CAPS, 0, 0xffff) } },
	{ "caps-half", "refused", "The capabilities claim 128 bytes; 64 come.",
	  { LENGTH(CAPS, 64) } },
	{ "caps-checksum", "refused", "The capabilities' checksum is wrong.",
	  { BYTE(CAPS, 20, 0xa5) } },
	{ "caps-major-2", "limp",
	  "The capabilities' major version is not that of the interface.",
	  { BYTE(CAPS, 2, MNP_PROTO_MAJOR + 1), SEAL(CAPS) } },
	{ "caps-minor-255", "works", "The minor version is 255.",
	  { BYTE(CAPS, 3, 255), SEAL(CAPS) } },
	{ "caps-shortest", "mute", "The capabilities have a head and a checksum.",
	  { WORD(CAPS, 0, 6), LENGTH(CAPS, 6), SEAL(CAPS) } },
	{ "caps-all-ones", "mute", "Every capability has all bits set.",
	  { FILL(CAPS, 4, 0xff), SEAL(CAPS) } },
	{ "caps-all-zero", "mute", "Every capability is 0.",
	  { FILL(CAPS, 4, 0), SEAL(CAPS) } },
	{ "caps-least-above-most", "mute",
	  "The least depth, rate and lease are above the most.",
	  { LONG(CAPS, 16, 9000), LONG(CAPS, 28, 0xffffffff),
	    WORD(CAPS, 40, 0xffff), WORD(CAPS, 42, 1), SEAL(CAPS) } },
	{ "limits-stalled", "refused", "Asked for its limits, it stalls.",
	  { FAIL(LATCHED, EPIPE), FAIL(ABSOLUTE, EPIPE) } },
	{ "limits-short", "refused", "The limits have 35 bytes.",
	  { LENGTH(LATCHED, 35) } },
	{ "limits-checksum", "refused", "The limits' checksum is wrong.",
	  { BYTE(ABSOLUTE, 5, 0xa5) } },
	{ "limits-all-zero", "mute", "Every limit is 0.",
	  { FILL(LATCHED, 0, 0), SEAL(LATCHED) } },
	{ "limits-all-ones", "mute", "Every limit has all bits set.",
	  { FILL(LATCHED, 0, 0xff), SEAL(LATCHED), FILL(ABSOLUTE, 0, 0xff),
	    SEAL(ABSOLUTE) } },
	{ "limits-above-absolute", "mute",
	  "The limits in force are above those of the mechanism.",
	  { LONG(LATCHED, 4, 0x7fffffff), SEAL(LATCHED) } },

	/* What it answers when it is to move */
	{ "arm-token-0", "mute", "Armed, it gives token 0.",
	  { WORD(ARM, 4, 0), SEAL(ARM) } },
	{ "arm-other-nonce", "mute", "Armed, it answers somebody else.",
	  { LONG(ARM, 0, 0x12345678), SEAL(ARM) } },
	{ "arm-checksum", "mute", "The token's checksum is wrong.",
	  { BYTE(ARM, 4, 0xa5) } },
	{ "arm-silent", "mute", "Asked for the token, it is silent.",
	  { FAIL(ARM, -HOSTILE_SILENT) } },
	{ "result-unknown", "mute", "What became of a command is code 65535.",
	  { FILL(RESULT, 0, 0xff), SEAL(RESULT) } },
	{ "result-stalled", "mute", "Asked what became of a command, it stalls.",
	  { FAIL(RESULT, EPIPE) } },
};

_Static_assert(sizeof(sets) / sizeof(sets[0]) >= 60, "fewer than 60 sets");

unsigned int hostile_set_count(void)
{
	return sizeof(sets) / sizeof(sets[0]);
}

const struct hostile_set *hostile_set_at(unsigned int index)
{
	return index < hostile_set_count() ? &sets[index] : NULL;
}

const char *hostile_set_name(const struct hostile_set *set)
{
	return set->name;
}

const struct hostile_set *hostile_set_find(const char *what)
{
	unsigned long number;
	unsigned int i;
	char *end;

	for (i = 0; i < hostile_set_count(); i++)
		if (!strcmp(sets[i].name, what))
			return &sets[i];
	number = strtoul(what, &end, 10);
	if (*end || end == what || !number || number > hostile_set_count())
		return NULL;
	return &sets[number - 1];
}

void hostile_list(FILE *out)
{
	unsigned int i;

	for (i = 0; i < hostile_set_count(); i++)
		fprintf(out, "%3u  %-30s %-8s %s\n", i + 1, sets[i].name,
			sets[i].expect, sets[i].what);
}

static enum answer string_answer(const struct fw_setup *s)
{
	unsigned int index = s->value & 0xff;

	return index <= INTERFACE - LANGUAGE ? LANGUAGE + index : NONE;
}

static enum answer standard_answer(const struct fw_setup *s)
{
	if (s->request != USB_REQ_GET_DESCRIPTOR)
		return NONE;
	switch (s->value >> 8) {
	case USB_DT_DEVICE:
		return DEVICE;
	case USB_DT_CONFIG:
		return CONFIG;
	case USB_DT_STRING:
		return string_answer(s);
	default:
		return NONE;
	}
}

static enum answer answer_of(const struct fw_setup *s)
{
	if (!(s->type & USB_DIR_IN))
		return NONE;
	if ((s->type & USB_TYPE_MASK) == USB_TYPE_STANDARD)
		return standard_answer(s);
	switch (s->request) {
	case MNP_REQ_GET_CAPS:
		return CAPS;
	case MNP_REQ_GET_STATUS:
		return STATUS;
	case MNP_REQ_GET_LIMITS:
		return s->value == MNP_LIMITS_ABSOLUTE ? ABSOLUTE : LATCHED;
	case MNP_REQ_GET_ARM:
		return ARM;
	case MNP_REQ_GET_CMD_RESULT:
		return RESULT;
	default:
		return NONE;
	}
}

static void put(uint8_t *data, uint32_t value, int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*data++ = (uint8_t)value;
}

void hostile_seal(const struct fw_setup *s, uint8_t *data, int n)
{
	enum answer answer = answer_of(s);

	switch (answer) {
	case LATCHED:
	case ABSOLUTE:
		if (n >= 4)
			put(data + n - 4, mnp_crc32(data, (size_t)n - 4), 4);
		break;
	case CAPS:
	case STATUS:
	case ARM:
	case RESULT:
		if (n >= 2)
			put(data + n - 2, mnp_crc16(data, (size_t)n - 2), 2);
		break;
	case NONE:
	case DEVICE:
	case CONFIG:
	case LANGUAGE:
	case MAKER:
	case PRODUCT:
	case SERIAL:
	case INTERFACE:
		break;
	}
}

/* Bytes that an edit reaches beyond the end count as an error of the table. */
static int move_tail(uint8_t *data, int n, unsigned int at, int by)
{
	unsigned int from = by < 0 ? at - (unsigned int)by : at;

	if (n < 0 || from > (unsigned int)n || n + by > HOSTILE_REPLY_MAX)
		return n;
	memmove(data + from + by, data + from, (size_t)n - from);
	put(data + 2, (uint32_t)(n + by), 2);	/* wTotalLength */
	return n + by;
}

static int repeat_tail(uint8_t *data, int n, const struct edit *e)
{
	size_t len = (size_t)n - e->at;
	uint32_t i;

	for (i = 0; i < e->value && (size_t)n + len <= HOSTILE_REPLY_MAX; i++) {
		memcpy(data + n, data + e->at, len);
		n += (int)len;
	}
	put(data + 2, (uint32_t)n, 2);
	return n;
}

static int set_length(uint8_t *data, int n, unsigned int len)
{
	if (n < 0)
		n = 0;
	if (len > (unsigned int)n)
		memset(data + n, 0, len - (unsigned int)n);
	return (int)len;
}

static int set_text(uint8_t *data, const struct edit *e)
{
	size_t len = e->value;

	data[0] = (uint8_t)(2 + len);
	data[1] = USB_DT_STRING;
	memcpy(data + 2, e->bytes, len);
	return (int)(2 + len);
}

static int apply(const struct edit *e, const struct fw_setup *s, uint8_t *data,
		 int n)
{
	switch (e->op) {
	case END:
		break;
	case OP_BYTE:
		put(data + e->at, e->value, 1);
		break;
	case OP_WORD:
		put(data + e->at, e->value, 2);
		break;
	case OP_LONG:
		put(data + e->at, e->value, 4);
		break;
	case OP_LENGTH:
		return set_length(data, n, e->at);
	case OP_CUT:
		return move_tail(data, n, e->at, -(int)e->value);
	case OP_ADD:
		n = move_tail(data, n, e->at, (int)e->value);
		memcpy(data + e->at, e->bytes, e->value);
		break;
	case OP_REPEAT:
		return repeat_tail(data, n, e);
	case OP_FILL:
		if (n > (int)e->at)
			memset(data + e->at, (int)e->value, (size_t)n - e->at);
		break;
	case OP_SEAL:
		hostile_seal(s, data, n);
		break;
	case OP_STATUS:
		return -(int)e->value;
	case OP_TEXT:
		return set_text(data, e);
	}
	return n;
}

int hostile_set_apply(const struct hostile_set *set, const struct fw_setup *s,
		      uint8_t *data, int n)
{
	enum answer answer = answer_of(s);
	unsigned int i;

	/* What a good pen stalls, so does a bad one. */
	if (n < 0)
		return n;
	for (i = 0; i < EDITS_MAX && set->edits[i].op != END; i++)
		if (answer != NONE && set->edits[i].answer == answer)
			n = apply(&set->edits[i], s, data, n);
	return n;
}
