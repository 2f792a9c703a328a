// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the flight recorder holds as text: one record a line, oldest first. The
 * format is in Documentation/ABI/testing/debugfs-mnpen.
 */
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "flight.h"
#include "mnpen.h"
#include "watch.h"

#define FORMAT_VERSION	1

/* One open file. Packets and notes are in order each; this merges them. */
struct reader {
	struct mnpen_flight_copy *copy;
	loff_t pos;		/* number of the record to be shown */
	unsigned int packet;	/* the next of each */
	unsigned int note;
};

static void show_time(struct seq_file *s, u64 ns)
{
	u32 rest;
	u64 sec = div_u64_rem(ns, NSEC_PER_SEC, &rest);

	seq_printf(s, "%llu.%06lu ", sec, rest / NSEC_PER_USEC);
}

static void show_head(struct seq_file *s, const struct mnpen_flight_copy *c)
{
	seq_printf(s, "# flight %d of mnpen%d\n", FORMAT_VERSION, c->pen);
	if (!c->cause_ns) {
		seq_puts(s, "# running\n");
		return;
	}
	seq_printf(s, "# %s %s at ", c->ended ? "frozen" : "ending",
		   mnpen_stop_reason_name(c->reason));
	show_time(s, c->cause_ns);
	seq_putc(s, '\n');
}

static void show_telemetry(struct seq_file *s, const struct mnp_telemetry *t)
{
	seq_printf(s, "telemetry seq=%u dev_us=%u state=%s reason=%s token=%u",
		   t->seq, t->dev_time_us, mnpen_state_name(t->state),
		   mnpen_stop_reason_name(t->stop_reason), t->token);
	seq_printf(s, " rate_set=%u rate=%u depth_set=%u depth=%u ma=%d",
		   t->rate_set_spm, t->rate_spm, t->depth_set_um, t->depth_um,
		   t->motor_ma);
	seq_printf(s, " bus_mv=%u battery_mv=%u motor_cdegc=%d board_cdegc=%d",
		   t->bus_mv, t->battery_mv, t->temp_motor_cdegc,
		   t->temp_board_cdegc);
	seq_printf(s, " strokes=%u feed_left_ms=%u limits=%u fault=%x latched=%x",
		   t->strokes, t->feed_left_ms, t->limits_generation,
		   t->fault_active, t->fault_latched);
	seq_printf(s, " cmd=%u result=%u boot=%u\n", t->last_cmd_seq,
		   t->last_cmd_status, t->boot_id);
}

static void show_event(struct seq_file *s, const struct mnp_event *e)
{
	seq_printf(s, "event seq=%u dev_us=%u number=%u code=%u state=%s",
		   e->seq, e->dev_time_us, e->event_seq, e->code,
		   mnpen_state_name(e->state));
	seq_printf(s, " reason=%s arg0=%u arg1=%u\n",
		   mnpen_stop_reason_name(e->stop_reason), e->arg[0],
		   e->arg[1]);
}

static void show_packet(struct seq_file *s, const struct mnpen_flight_packet *p)
{
	struct mnp_telemetry t;
	struct mnp_event e;

	show_time(s, p->ns);
	if (p->type == MNP_PACKET_TELEMETRY &&
	    !mnp_telemetry_decode(p->raw, p->len, &t))
		show_telemetry(s, &t);
	else if (p->type == MNP_PACKET_EVENT &&
		 !mnp_event_decode(p->raw, p->len, &e))
		show_event(s, &e);
	else
		seq_printf(s, "bad error=%d len=%u raw=%*phN\n", p->type,
			   p->len, p->len, p->raw);
}

static const char *stage_name(u32 stage)
{
	switch ((enum mnpen_stage)stage) {
	case MNPEN_STAGE_CAUSE:
		return "cause";
	case MNPEN_STAGE_OUT:
		return "out";
	case MNPEN_STAGE_EP0:
		return "ep0";
	case MNPEN_STAGE_RESET:
		return "reset";
	case MNPEN_STAGE_REST:
		return "rest";
	}
	return "unknown";
}

static void show_note(struct seq_file *s, const struct mnpen_flight_note *n)
{
	const u32 *a = n->arg;

	show_time(s, n->ns);
	switch ((enum mnpen_note)n->what) {
	case MNPEN_NOTE_STATE:
		seq_printf(s, "state from=%s to=%s reason=%s\n",
			   mnpen_state_name(a[0]), mnpen_state_name(a[1]),
			   mnpen_stop_reason_name(a[2]));
		break;
	case MNPEN_NOTE_STOP:
		seq_printf(s, "stop reason=%s stage=%s us=%u\n",
			   mnpen_stop_reason_name(a[0]), stage_name(a[1]),
			   a[2]);
		break;
	case MNPEN_NOTE_FEED:
		seq_printf(s, "feed seq=%u until_us=%u err=%d\n", a[0], a[1],
			   (int)a[2]);
		break;
	case MNPEN_NOTE_STOP_OUT:
		seq_printf(s, "out_stop seq=%u reason=%s err=%d\n", a[0],
			   mnpen_stop_reason_name(a[1]), (int)a[2]);
		break;
	case MNPEN_NOTE_OUT_DONE:
		seq_printf(s, "out_done what=%s err=%d\n",
			   a[0] ? "stop" : "feed", (int)a[1]);
		break;
	case MNPEN_NOTE_IN_ERROR:
		seq_printf(s, "in_error err=%d\n", (int)a[0]);
		break;
	case MNPEN_NOTE_KEEPALIVE:
		seq_printf(s, "keepalive session=%u lease_ms=%u times=%u\n",
			   a[0], a[1], n->again + 1);
		break;
	case MNPEN_NOTE_CMD:
		seq_printf(s, "command req=0x%02x value=%u err=%d us=%u\n",
			   a[0], a[1], (int)a[2], a[3]);
		break;
	case MNPEN_NOTE_LIMIT:
		seq_printf(s, "limit bit=0x%x old=%d new=%d\n", a[0],
			   (int)a[1], (int)a[2]);
		break;
	case MNPEN_NOTE_RESET:
		seq_puts(s, "reset\n");
		break;
	}
}

static bool note_is_next(const struct reader *r)
{
	const struct mnpen_flight_copy *c = r->copy;

	if (r->note == c->notes)
		return false;
	/* A packet comes before what was done because of it. */
	return r->packet == c->packets ||
	       c->note[r->note].ns < c->packet[r->packet].ns;
}

static void step(struct reader *r)
{
	if (note_is_next(r))
		r->note++;
	else
		r->packet++;
	r->pos++;
}

/* Record 0 is the head. */
static void *start(struct seq_file *s, loff_t *pos)
{
	struct reader *r = s->private;

	if (*pos < r->pos || !*pos) {
		r->pos = 1;
		r->packet = 0;
		r->note = 0;
	}
	if (!*pos)
		return SEQ_START_TOKEN;
	if (*pos > r->copy->packets + r->copy->notes)
		return NULL;
	while (r->pos < *pos)
		step(r);
	return r;
}

static void *next(struct seq_file *s, void *v, loff_t *pos)
{
	++*pos;
	return start(s, pos);
}

static void stop(struct seq_file *s, void *v)
{
}

static int show(struct seq_file *s, void *v)
{
	struct reader *r = s->private;

	if (v == SEQ_START_TOKEN)
		show_head(s, r->copy);
	else if (note_is_next(r))
		show_note(s, &r->copy->note[r->note]);
	else
		show_packet(s, &r->copy->packet[r->packet]);
	return 0;
}

static const struct seq_operations ops = {
	.start	= start,
	.next	= next,
	.stop	= stop,
	.show	= show,
};

int mnpen_flight_open(struct file *file, struct mnpen_flight_copy *copy)
{
	struct reader *r;

	if (!copy)
		return -ENOMEM;
	r = __seq_open_private(file, &ops, sizeof(*r));
	if (!r) {
		mnpen_flight_put(copy);
		return -ENOMEM;
	}
	r->copy = copy;
	return 0;
}

int mnpen_flight_release(struct inode *inode, struct file *file)
{
	struct seq_file *s = file->private_data;
	struct reader *r = s->private;

	mnpen_flight_put(r->copy);
	return seq_release_private(inode, file);
}
