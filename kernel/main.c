// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver for microneedling pens on USB: probe, disconnect, module.
 * mnpen.h has the map, the locks and the lifetimes.
 */
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "debugfs.h"
#include "flight.h"
#include "mnpen.h"
#include "sensors.h"
#include "watch.h"

static dev_t mnpen_devt;
static DEFINE_IDA(mnpen_ida);

/* Accepts objects at any stage of construction. */
static void free_urb(struct urb *urb)
{
	if (!urb)
		return;
	kfree(urb->transfer_buffer);
	usb_free_urb(urb);
}

static void mnpen_dev_release(struct device *dev)
{
	struct mnpen *m = container_of(dev, struct mnpen, dev);
	unsigned int n;

	for (n = 0; n < MNPEN_IN_URBS; n++)
		free_urb(m->in_urb[n]);
	free_urb(m->feed_urb);
	free_urb(m->stop_urb);
	mnpen_flight_free(m);
	if (m->id >= 0)
		ida_free(&mnpen_ida, m->id);
	kfree(m);
}

static struct urb *alloc_urb(struct mnpen *m, unsigned int pipe, size_t len,
			     usb_complete_t complete, int interval)
{
	struct urb *urb = usb_alloc_urb(0, GFP_KERNEL);
	void *buf;

	if (!urb)
		return NULL;
	buf = kzalloc(len, GFP_KERNEL);
	if (!buf) {
		usb_free_urb(urb);
		return NULL;
	}
	usb_fill_int_urb(urb, m->udev, pipe, buf, len, complete, m, interval);
	return urb;
}

static int alloc_urbs(struct mnpen *m,
		      const struct usb_endpoint_descriptor *in,
		      const struct usb_endpoint_descriptor *out)
{
	unsigned int n;

	m->in_pipe = usb_rcvintpipe(m->udev, in->bEndpointAddress);
	m->out_pipe = usb_sndintpipe(m->udev, out->bEndpointAddress);
	for (n = 0; n < MNPEN_IN_URBS; n++) {
		m->in_urb[n] = alloc_urb(m, m->in_pipe, MNP_PACKET_LEN,
					 mnpen_in_complete, in->bInterval);
		if (!m->in_urb[n])
			return -ENOMEM;
	}
	m->feed_urb = alloc_urb(m, m->out_pipe, MNP_OUT_LEN,
				mnpen_out_complete, out->bInterval);
	m->stop_urb = alloc_urb(m, m->out_pipe, MNP_OUT_LEN,
				mnpen_out_complete, out->bInterval);
	return m->feed_urb && m->stop_urb ? 0 : -ENOMEM;
}

/* After this, put_device() frees whatever there is. */
static struct mnpen *alloc_mnpen(struct usb_interface *intf)
{
	struct mnpen *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	m->id = -1;
	m->udev = interface_to_usbdev(intf);
	m->intf = intf;
	init_rwsem(&m->io_rwsem);
	init_usb_anchor(&m->ep0_anchor);
	mutex_init(&m->ctl_mutex);
	spin_lock_init(&m->clients_lock);
	INIT_LIST_HEAD(&m->clients);
	INIT_DELAYED_WORK(&m->rx_work, mnpen_rx_work);
	INIT_DELAYED_WORK(&m->intro_work, mnpen_pm_intro_work);
	mnpen_ctl_init(m);
	mnpen_flight_alloc(m);

	device_initialize(&m->dev);
	m->dev.class = &mnpen_class;
	m->dev.parent = &intf->dev;
	m->dev.release = mnpen_dev_release;
	return m;
}

static int name_mnpen(struct mnpen *m)
{
	int id = ida_alloc_max(&mnpen_ida, MNPEN_MINORS - 1, GFP_KERNEL);

	if (id < 0)
		return id;
	m->id = id;
	m->dev.devt = MKDEV(MAJOR(mnpen_devt), id);
	return dev_set_name(&m->dev, "mnpen%d", id);
}

/*
 * Believes nothing of the descriptors. An ID added through new_id matches
 * every interface of a device, so class and protocol are looked at here too.
 * Addresses may be any: gadget controllers assign their own.
 */
static int check_descriptors(struct usb_interface *intf,
			     struct usb_endpoint_descriptor **in,
			     struct usb_endpoint_descriptor **out)
{
	struct usb_host_interface *alt = intf->cur_altsetting;

	if (alt->desc.bInterfaceClass != MNP_IF_CLASS ||
	    alt->desc.bInterfaceSubClass != MNP_IF_SUBCLASS ||
	    alt->desc.bInterfaceProtocol != MNP_PROTO_MAJOR)
		return -ENODEV;
	if (intf->num_altsetting != 1 || alt->desc.bInterfaceNumber != 0 ||
	    alt->desc.bNumEndpoints != 2)
		return -ENODEV;
	if (usb_find_common_endpoints(alt, NULL, NULL, in, out))
		return -ENODEV;
	if (usb_endpoint_maxp(*in) != MNP_PACKET_LEN ||
	    usb_endpoint_maxp(*out) != MNP_PACKET_LEN)
		return -ENODEV;
	return 0;
}

/*
 * The pen is told to stop and forgotten; the object lives on while files are
 * open. Also undoes a probe whose last step failed, because user space may
 * have opened the node all the same.
 */
static void mnpen_shut_down(struct mnpen *m)
{
	mnpen_pm_unwatch(m);
	mnpen_stop(m, MNPEN_STOP_UNBIND);
	down_read(&m->io_rwsem);
	mnpen_ep0_abort(m);
	/* The OUT endpoint may be busy or dead; at once -ENODEV if unplugged. */
	mnpen_ep0_stop(m, MNPEN_STOP_UNBIND, MNPEN_EP0_LAST_MS);
	up_read(&m->io_rwsem);

	/* Nothing is armed, queued or started after this. */
	spin_lock_irq(&m->state_lock);
	__mnpen_event(m, MNPEN_E_DISCONNECT, MNPEN_STOP_UNBIND);
	WRITE_ONCE(m->gone, true);
	spin_unlock_irq(&m->state_lock);

	mnpen_pm_park(m);
	mnpen_clients_hangup(m);
	/* None of them talks to the pen, so none makes us wait. */
	mnpen_sensors_remove(m);
	mnpen_debugfs_remove(m);
}

/* Waits for at most the control transfers that are under way. */
static void mnpen_forget_usb(struct mnpen *m)
{
	down_write(&m->io_rwsem);
	mnpen_pm_put_all(m);
	m->udev = NULL;
	m->intf = NULL;
	up_write(&m->io_rwsem);
}

static int mnpen_probe(struct usb_interface *intf,
		       const struct usb_device_id *id)
{
	struct usb_endpoint_descriptor *in, *out;
	struct mnpen *m;
	int err;

	err = check_descriptors(intf, &in, &out);
	if (err)
		return err;
	m = alloc_mnpen(intf);
	if (!m)
		return -ENOMEM;
	err = name_mnpen(m);
	if (err)
		goto put;
	err = alloc_urbs(m, in, out);
	if (err)
		goto put;
	down_read(&m->io_rwsem);
	err = mnpen_intro_first(m);
	up_read(&m->io_rwsem);
	if (err) {
		dev_err(&intf->dev, "pen does not answer as it should: %d\n",
			err);
		goto put;
	}

	usb_set_intfdata(intf, m);
	/* A silent pen can be looked at; ARM wants fresh telemetry anyway. */
	if (mnpen_rx_start(m))
		dev_warn(&intf->dev, "no telemetry yet\n");

	mnpen_sensors_add(m);
	mnpen_debugfs_add(m);
	err = mnpen_pm_watch(m);
	if (err)
		goto shut_down;

	/* Last: from here on user space can open it. */
	cdev_init(&m->cdev, &mnpen_fops);
	m->cdev.owner = THIS_MODULE;
	err = cdev_device_add(&m->cdev, &m->dev);
	if (err)
		goto shut_down;
	dev_info(&m->dev, "pen %s, firmware %s\n", m->caps.serial,
		 m->caps.fw_version);
	return 0;

shut_down:
	mnpen_shut_down(m);
	mnpen_forget_usb(m);
	usb_set_intfdata(intf, NULL);
put:
	put_device(&m->dev);
	return err;
}

static void mnpen_disconnect(struct usb_interface *intf)
{
	struct mnpen *m = usb_get_intfdata(intf);

	mnpen_shut_down(m);
	/* No new opens; attributes are drained. */
	cdev_device_del(&m->cdev, &m->dev);
	mnpen_forget_usb(m);
	usb_set_intfdata(intf, NULL);
	put_device(&m->dev);
}

/*
 * The open test ID must never be on a product, so it is only built in when
 * asked for. Other IDs: add a line, or echo "vid pid" to
 * /sys/bus/usb/drivers/mnpen/new_id.
 */
static const struct usb_device_id mnpen_ids[] = {
#ifdef MNPEN_TEST_ID
	{ USB_DEVICE_AND_INTERFACE_INFO(MNP_TEST_VID, MNP_TEST_PID,
					MNP_IF_CLASS, MNP_IF_SUBCLASS,
					MNP_PROTO_MAJOR) },
#endif
	{ }
};
MODULE_DEVICE_TABLE(usb, mnpen_ids);

static struct usb_driver mnpen_driver = {
	.name		= "mnpen",
	.probe		= mnpen_probe,
	.disconnect	= mnpen_disconnect,
	.id_table	= mnpen_ids,
	.suspend	= mnpen_suspend,
	.resume		= mnpen_resume,
	.reset_resume	= mnpen_reset_resume,
	.pre_reset	= mnpen_pre_reset,
	.post_reset	= mnpen_post_reset,
	.supports_autosuspend = 1,
	/* The OUT endpoint stays usable in disconnect, for the last STOP. */
	.soft_unbind	= 1,
};

static int __init mnpen_init(void)
{
	int err;

	err = alloc_chrdev_region(&mnpen_devt, 0, MNPEN_MINORS, "mnpen");
	if (err)
		return err;
	err = class_register(&mnpen_class);
	if (err)
		goto region;
	mnpen_debugfs_init();
	err = usb_register(&mnpen_driver);
	if (err)
		goto class;
	return 0;

class:
	mnpen_debugfs_exit();
	class_unregister(&mnpen_class);
region:
	unregister_chrdev_region(mnpen_devt, MNPEN_MINORS);
	return err;
}
module_init(mnpen_init);

static void __exit mnpen_exit(void)
{
	usb_deregister(&mnpen_driver);
	mnpen_debugfs_exit();
	class_unregister(&mnpen_class);
	unregister_chrdev_region(mnpen_devt, MNPEN_MINORS);
	ida_destroy(&mnpen_ida);
}
module_exit(mnpen_exit);

MODULE_AUTHOR("The mnpen developers");
MODULE_DESCRIPTION("Microneedling pens on USB");
MODULE_LICENSE("GPL");
