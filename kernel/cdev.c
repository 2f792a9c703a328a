// SPDX-License-Identifier: GPL-2.0-only
/*
 * File operations of /dev/mnpenN. None of them holds a lock that disconnect
 * takes while it waits for data.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "mnpen.h"

static_assert(sizeof(struct mnpen_record) == 64);

static int mnpen_open(struct inode *inode, struct file *file)
{
	/* The cdev, and with it the device, is pinned while this runs. */
	struct mnpen *m = container_of(inode->i_cdev, struct mnpen, cdev);
	struct mnpen_client *c;
	int err;

	err = mnpen_client_open(m, file->f_mode & FMODE_WRITE, &c);
	if (err)
		return err;
	file->private_data = c;
	return stream_open(inode, file);
}

static int mnpen_flush(struct file *file, fl_owner_t id)
{
	mnpen_cmd_flush(file->private_data, id);
	return 0;
}

static int mnpen_release(struct inode *inode, struct file *file)
{
	struct mnpen_client *c = file->private_data;

	mnpen_cmd_close(c);
	mnpen_client_close(c);
	return 0;
}

static bool readable(struct mnpen_client *c)
{
	bool telemetry, events;

	mnpen_client_pending(c, &telemetry, &events);
	return telemetry || events || READ_ONCE(c->m->gone);
}

/* Whole records that are there now: bytes copied, 0, or negative errno. */
static ssize_t copy_records(struct mnpen_client *c, char __user *buf,
			    size_t count)
{
	struct mnpen_record rec;
	size_t done = 0;

	while (count - done >= sizeof(rec) && mnpen_client_pop(c, &rec)) {
		if (copy_to_user(buf + done, &rec, sizeof(rec))) {
			mnpen_client_lost(c, &rec);
			return done ? done : -EFAULT;
		}
		done += sizeof(rec);
	}
	return done;
}

static ssize_t read_locked(struct mnpen_client *c, char __user *buf,
			   size_t count, bool wait)
{
	ssize_t ret;

	for (;;) {
		ret = copy_records(c, buf, count);
		if (ret)
			return ret;
		/* A record that came between would be before the hangup. */
		if (READ_ONCE(c->m->gone))
			return -ENODEV;
		if (!wait)
			return -EAGAIN;
		if (wait_event_interruptible(c->wait, readable(c)))
			return -ERESTARTSYS;
	}
}

static ssize_t mnpen_read(struct file *file, char __user *buf, size_t count,
			  loff_t *pos)
{
	struct mnpen_client *c = file->private_data;
	bool wait = !(file->f_flags & O_NONBLOCK);
	ssize_t ret;

	if (count < sizeof(struct mnpen_record))
		return -EINVAL;
	if (!wait) {
		/* Somebody else sleeps in read: what comes is theirs. */
		if (!mutex_trylock(&c->read_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&c->read_mutex)) {
		return -ERESTARTSYS;
	}
	ret = read_locked(c, buf, count, wait);
	mutex_unlock(&c->read_mutex);
	return ret;
}

static __poll_t mnpen_poll(struct file *file, poll_table *wait)
{
	struct mnpen_client *c = file->private_data;
	bool telemetry, events;
	__poll_t mask = 0;

	poll_wait(file, &c->wait, wait);
	mnpen_client_pending(c, &telemetry, &events);
	if (telemetry || events)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (events)
		mask |= EPOLLPRI;
	if (READ_ONCE(c->m->gone))
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLHUP | EPOLLERR;
	return mask;
}

const struct file_operations mnpen_fops = {
	.owner		= THIS_MODULE,
	.open		= mnpen_open,
	.flush		= mnpen_flush,
	.release	= mnpen_release,
	.read		= mnpen_read,
	.poll		= mnpen_poll,
	.unlocked_ioctl	= mnpen_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};
