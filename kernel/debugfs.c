// SPDX-License-Identifier: GPL-2.0-only
/* The files of debugfs.h, all of them read from memory. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "flight.h"
#include "inject.h"

static struct dentry *root;

/* Of the last pen that went with its recorder ended; the mutex guards it. */
static struct mnpen_flight_copy *kept;
static DEFINE_MUTEX(kept_mutex);

static void show_latency(struct seq_file *s, const char *name,
			 const struct mnpen_latency *l)
{
	unsigned int n;

	seq_printf(s, "%s_count %u\n%s_min_us %u\n%s_max_us %u\n", name,
		   l->count, name, l->min_us, name, l->max_us);
	seq_printf(s, "%s_histogram_us", name);
	for (n = 0; n < MNPEN_LATENCY_BUCKETS - 1; n++)
		seq_printf(s, " <%lu:%u", BIT(n + MNPEN_LATENCY_SHIFT),
			   l->bucket[n]);
	seq_printf(s, " more:%u\n", l->bucket[n]);
}

static int stats_show(struct seq_file *s, void *unused)
{
	struct mnpen *m = s->private;
	struct mnpen_stats st;

	spin_lock_irq(&m->state_lock);
	st = m->stats;
	spin_unlock_irq(&m->state_lock);

	seq_printf(s, "telemetry %u\nevents %u\n", st.telemetry, st.events);
	seq_printf(s, "bad_crc %u\nbad_form %u\n", st.bad_crc, st.bad_form);
	seq_printf(s, "gaps %u\nlost %u\nrepeats %u\n", st.gaps, st.lost,
		   st.repeats);
	seq_printf(s, "in_errors %u\nin_eproto %u\n", st.in_errors,
		   st.in_eproto);
	seq_printf(s, "feeds %u\nlate_feeds %u\nout_errors %u\n", st.feeds,
		   st.late_feeds, st.out_errors);
	seq_printf(s, "commands %u\ncommand_errors %u\ncommand_max_us %u\n",
		   st.commands, st.command_errors, st.command_max_us);
	seq_printf(s, "stops %u\nstops_by_ep0 %u\nstops_by_reset %u\n",
		   st.stops, st.stops_by_ep0, st.stops_by_reset);
	seq_printf(s, "resets %u\n", st.resets);
	show_latency(s, "stop_out", &st.stop_out);
	show_latency(s, "stop_rest", &st.stop_rest);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int last_packets_show(struct seq_file *s, void *unused)
{
	struct mnpen_flight_packet p;
	unsigned int back;

	for (back = 0; back < MNPEN_FLIGHT_LAST; back++) {
		if (!mnpen_flight_last(s->private, back, &p))
			break;
		seq_printf(s, "%llu %d %u %*phN\n",
			   div_u64(p.ns, NSEC_PER_USEC), p.type, p.len, p.len,
			   p.raw);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(last_packets);

static int caps_show(struct seq_file *s, void *unused)
{
	const struct mnpen *m = s->private;
	const struct mnpen_caps *c = &m->caps;

	seq_printf(s, "protocol %u.%u\n", c->proto_major, c->proto_minor);
	seq_printf(s, "features 0x%llx\n", c->features);
	seq_printf(s, "depth_um %u..%u step %u\n", c->depth_min_um,
		   c->depth_max_um, c->depth_step_um);
	seq_printf(s, "rate_spm %u..%u step %u\n", c->rate_min_spm,
		   c->rate_max_spm, c->rate_step_spm);
	seq_printf(s, "lease_ms %u..%u\n", c->lease_min_ms, c->lease_max_ms);
	seq_printf(s, "device_wd_ms %u\n", c->device_wd_ms);
	seq_printf(s, "telemetry_period_us %u\n", c->telemetry_period_us);
	seq_printf(s, "fw_version %s\nhw_model %s\n", c->fw_version,
		   c->hw_model);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(caps);

static int flight_open(struct inode *inode, struct file *file)
{
	return mnpen_flight_open(file, mnpen_flight_get(inode->i_private));
}

static const struct file_operations flight_fops = {
	.owner		= THIS_MODULE,
	.open		= flight_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= mnpen_flight_release,
};

static int last_flight_open(struct inode *inode, struct file *file)
{
	struct mnpen_flight_copy *copy;

	mutex_lock(&kept_mutex);
	copy = kept;
	if (copy)
		kref_get(&copy->ref);
	mutex_unlock(&kept_mutex);
	return copy ? mnpen_flight_open(file, copy) : -ENODATA;
}

static const struct file_operations last_flight_fops = {
	.owner		= THIS_MODULE,
	.open		= last_flight_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= mnpen_flight_release,
};

/* A pen whose cable is pulled takes its directory along: keep what it did. */
static void keep_flight(struct mnpen *m)
{
	struct mnpen_flight_copy *copy = mnpen_flight_get(m);

	if (!copy || !copy->cause_ns) {
		mnpen_flight_put(copy);
		return;
	}
	mutex_lock(&kept_mutex);
	swap(kept, copy);
	mutex_unlock(&kept_mutex);
	mnpen_flight_put(copy);
}

void mnpen_debugfs_add(struct mnpen *m)
{
	struct dentry *dir = debugfs_create_dir(dev_name(&m->dev), root);

	debugfs_create_file("stats", 0400, dir, m, &stats_fops);
	debugfs_create_file("last_packets", 0400, dir, m, &last_packets_fops);
	debugfs_create_file("caps", 0400, dir, m, &caps_fops);
	debugfs_create_file("flight", 0400, dir, m, &flight_fops);
	m->debugfs = dir;
}

void mnpen_debugfs_remove(struct mnpen *m)
{
	debugfs_remove(m->debugfs);
	m->debugfs = NULL;
	keep_flight(m);
}

void mnpen_debugfs_init(void)
{
	root = debugfs_create_dir("mnpen", usb_debug_root);
	debugfs_create_file("last_flight", 0400, root, NULL, &last_flight_fops);
	mnpen_inject_init(root);
}

void mnpen_debugfs_exit(void)
{
	debugfs_remove(root);
	mnpen_flight_put(kept);
}
