// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/emulator/usbdev.h"

#include <asm/byteorder.h>
#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#define EP_LEN		64
#define LANGUAGE	0x0409

enum { STRING_LANGUAGE, STRING_MAKER, STRING_PRODUCT, STRING_SERIAL,
       STRING_INTERFACE };

static const struct usb_device_descriptor device = {
	.bLength = USB_DT_DEVICE_SIZE,
	.bDescriptorType = USB_DT_DEVICE,
	.bcdUSB = __cpu_to_le16(0x0200),
	.bMaxPacketSize0 = 64,
	.idVendor = __cpu_to_le16(MNP_TEST_VID),
	.idProduct = __cpu_to_le16(MNP_TEST_PID),
	.bcdDevice = __cpu_to_le16(0x0100),
	.iManufacturer = STRING_MAKER,
	.iProduct = STRING_PRODUCT,
	.iSerialNumber = STRING_SERIAL,
	.bNumConfigurations = 1,
};

struct endpoint {
	uint8_t length, type, address, attributes;
	__le16 max_packet;
	uint8_t interval;
} __attribute__((packed));

static const struct configuration {
	struct usb_config_descriptor config;
	struct usb_interface_descriptor intf;
	struct endpoint in, out;
} __attribute__((packed)) configuration = {
	.config = {
		.bLength = USB_DT_CONFIG_SIZE,
		.bDescriptorType = USB_DT_CONFIG,
		.wTotalLength = __cpu_to_le16(sizeof(struct configuration)),
		.bNumInterfaces = 1,
		.bConfigurationValue = 1,
		.bmAttributes = USB_CONFIG_ATT_ONE | USB_CONFIG_ATT_SELFPOWER,
		.bMaxPower = 250,
	},
	.intf = {
		.bLength = USB_DT_INTERFACE_SIZE,
		.bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = 2,
		.bInterfaceClass = MNP_IF_CLASS,
		.bInterfaceSubClass = MNP_IF_SUBCLASS,
		.bInterfaceProtocol = MNP_PROTO_MAJOR,
		.iInterface = STRING_INTERFACE,
	},
	.in = { USB_DT_ENDPOINT_SIZE, USB_DT_ENDPOINT, MNP_EP_IN,
		USB_ENDPOINT_XFER_INT, __cpu_to_le16(EP_LEN), 4 },
	.out = { USB_DT_ENDPOINT_SIZE, USB_DT_ENDPOINT, MNP_EP_OUT,
		 USB_ENDPOINT_XFER_INT, __cpu_to_le16(EP_LEN), 1 },
};

static int string_descriptor(const struct usbdev *d, unsigned int index,
			     uint8_t *data)
{
	const char *text[] = {
		[STRING_MAKER] = "mnpen", [STRING_PRODUCT] = d->product,
		[STRING_SERIAL] = d->pen ? d->pen->identity.serial : d->serial, [STRING_INTERFACE] = "mnpen",
	};
	size_t i, len;

	if (index > STRING_INTERFACE)
		return -EPIPE;
	data[1] = USB_DT_STRING;
	if (index == STRING_LANGUAGE) {
		data[0] = 4;
		data[2] = LANGUAGE & 0xff;
		data[3] = LANGUAGE >> 8;
		return 4;
	}
	len = strlen(text[index]);
	for (i = 0; i < len; i++) {
		data[2 + 2 * i] = (uint8_t)text[index][i];
		data[3 + 2 * i] = 0;
	}
	data[0] = (uint8_t)(2 + 2 * len);
	return data[0];
}

static int config_descriptor(const struct usbdev *d, uint8_t *data)
{
	struct configuration c = configuration;

	if (d->pen)
		c.intf.bInterfaceProtocol = d->pen->identity.interface_major;
	if (d->ep_in)
		c.in.address = d->ep_in;
	if (d->ep_out)
		c.out.address = d->ep_out;
	/* High speed counts 2^(n-1) microframes: 4 ms and 1 ms as well. */
	if (d->high_speed) {
		c.in.interval = 6;
		c.out.interval = 4;
	}
	memcpy(data, &c, sizeof(c));
	return sizeof(c);
}

static int device_descriptor(const struct usbdev *d, uint8_t *data)
{
	struct usb_device_descriptor dd = device;

	if (d->vid) {
		dd.idVendor = __cpu_to_le16(d->vid);
		dd.idProduct = __cpu_to_le16(d->pid);
	}
	memcpy(data, &dd, sizeof(dd));
	return sizeof(dd);
}

static int get_descriptor(const struct usbdev *d, const struct fw_setup *s,
			  uint8_t *data)
{
	struct usb_qualifier_descriptor q = {
		.bLength = sizeof(q),
		.bDescriptorType = USB_DT_DEVICE_QUALIFIER,
		.bcdUSB = device.bcdUSB,
		.bMaxPacketSize0 = device.bMaxPacketSize0,
		.bNumConfigurations = 1,
	};

	switch (s->value >> 8) {
	case USB_DT_DEVICE:
		return device_descriptor(d, data);
	case USB_DT_CONFIG:
		return s->value & 0xff ? -EPIPE : config_descriptor(d, data);
	case USB_DT_STRING:
		return string_descriptor(d, s->value & 0xff, data);
	case USB_DT_DEVICE_QUALIFIER:
		if (!d->high_speed)
			return -EPIPE;
		memcpy(data, &q, sizeof(q));
		return sizeof(q);
	default:
		return -EPIPE;
	}
}

static int set_configuration(struct usbdev *d, uint16_t value)
{
	if (value > 1)
		return -EPIPE;
	d->configuration = (uint8_t)value;
	pen_bus(d->pen, value ? FW_BUS_CONFIGURED : FW_BUS_RESET);
	return 0;
}

static int standard_in(const struct usbdev *d, const struct fw_setup *s,
		       uint8_t *data)
{
	switch (s->request) {
	case USB_REQ_GET_DESCRIPTOR:
		return get_descriptor(d, s, data);
	case USB_REQ_GET_CONFIGURATION:
		data[0] = d->configuration;
		return 1;
	case USB_REQ_GET_INTERFACE:
		data[0] = 0;
		return d->configuration ? 1 : -EPIPE;
	case USB_REQ_GET_STATUS:
		data[0] = (s->type & USB_RECIP_MASK) == USB_RECIP_DEVICE;
		data[1] = 0;
		return 2;
	default:
		return -EPIPE;
	}
}

static int standard_out(struct usbdev *d, const struct fw_setup *s)
{
	switch (s->request) {
	case USB_REQ_SET_ADDRESS:
		return 0;
	case USB_REQ_SET_CONFIGURATION:
		return set_configuration(d, s->value);
	case USB_REQ_SET_INTERFACE:
		return s->value || s->index ? -EPIPE : 0;
	case USB_REQ_CLEAR_FEATURE:
		if ((s->type & USB_RECIP_MASK) == USB_RECIP_ENDPOINT &&
		    s->value == USB_ENDPOINT_HALT)
			d->halted[!!(s->index & USB_DIR_IN)] = false;
		return 0;
	default:
		return -EPIPE;
	}
}

static int pen_control(struct usbdev *d, const struct fw_setup *s,
		       uint8_t *data, size_t len)
{
	int n = d->configuration ? pen_setup(d->pen, s) : -1;

	if (n == -WIRE_NAKED)
		return HOSTILE_SILENT;
	if (!n)
		n = pen_request(d->pen, s, data, len);
	return n < 0 ? -EPIPE : n;
}

int usbdev_describe(const struct usbdev *d, const struct fw_setup *s,
		    uint8_t *data)
{
	int n = get_descriptor(d, s, data);

	return n > s->length ? s->length : n;
}

int usbdev_control(struct usbdev *d, const struct fw_setup *s, uint8_t *data,
		   size_t len)
{
	int n;

	if ((s->type & USB_TYPE_MASK) != USB_TYPE_STANDARD)
		n = pen_control(d, s, data, len);
	else if (s->type & USB_DIR_IN)
		n = standard_in(d, s, data);
	else
		n = standard_out(d, s);
	n = hostile_control(d->pen->hostile, s, data, n);
	return n > s->length ? s->length : n;
}
