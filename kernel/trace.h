/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints. None of them carries a serial number or what a cartridge says
 * of itself: a trace that is passed on must not lead to a person.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mnpen

#if !defined(MNPEN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MNPEN_TRACE_H

#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "mnpen.h"
#include "watch.h"

/* Programs that read the raw buffer want values, not names of ours. */
TRACE_DEFINE_ENUM(MNPEN_STATE_IDLE);
TRACE_DEFINE_ENUM(MNPEN_STATE_ARMED);
TRACE_DEFINE_ENUM(MNPEN_STATE_RUNNING);
TRACE_DEFINE_ENUM(MNPEN_STATE_STOPPING);
TRACE_DEFINE_ENUM(MNPEN_STATE_FAULT);
TRACE_DEFINE_ENUM(MNPEN_STATE_SUSPENDED);
TRACE_DEFINE_ENUM(MNPEN_STATE_RESETTING);
TRACE_DEFINE_ENUM(MNPEN_STATE_LIMP);
TRACE_DEFINE_ENUM(MNPEN_STATE_UPDATE);
TRACE_DEFINE_ENUM(MNPEN_STATE_GONE);

TRACE_DEFINE_ENUM(MNPEN_STOP_NONE);
TRACE_DEFINE_ENUM(MNPEN_STOP_USER);
TRACE_DEFINE_ENUM(MNPEN_STOP_DURATION);
TRACE_DEFINE_ENUM(MNPEN_STOP_LEASE);
TRACE_DEFINE_ENUM(MNPEN_STOP_CLOSE);
TRACE_DEFINE_ENUM(MNPEN_STOP_PM);
TRACE_DEFINE_ENUM(MNPEN_STOP_RESET);
TRACE_DEFINE_ENUM(MNPEN_STOP_UNBIND);
TRACE_DEFINE_ENUM(MNPEN_STOP_TELEMETRY);
TRACE_DEFINE_ENUM(MNPEN_STOP_FAULT);
TRACE_DEFINE_ENUM(MNPEN_STOP_LIMIT);
TRACE_DEFINE_ENUM(MNPEN_STOP_FORCED);
TRACE_DEFINE_ENUM(MNPEN_STOP_SHUTDOWN);
TRACE_DEFINE_ENUM(MNPEN_STOP_PROTOCOL);
TRACE_DEFINE_ENUM(MNPEN_STOP_DEVICE);

TRACE_DEFINE_ENUM(MNPEN_STAGE_CAUSE);
TRACE_DEFINE_ENUM(MNPEN_STAGE_OUT);
TRACE_DEFINE_ENUM(MNPEN_STAGE_EP0);
TRACE_DEFINE_ENUM(MNPEN_STAGE_RESET);
TRACE_DEFINE_ENUM(MNPEN_STAGE_REST);

TRACE_DEFINE_ENUM(MNPEN_CLIENT_OPEN);
TRACE_DEFINE_ENUM(MNPEN_CLIENT_CLOSE);
TRACE_DEFINE_ENUM(MNPEN_CLIENT_SUBSCRIBE);
TRACE_DEFINE_ENUM(MNPEN_CLIENT_ACQUIRE);
TRACE_DEFINE_ENUM(MNPEN_CLIENT_RELEASE);

#define show_mnpen_state(value)						\
	__print_symbolic(value,						\
		{ MNPEN_STATE_IDLE, "idle" },				\
		{ MNPEN_STATE_ARMED, "armed" },				\
		{ MNPEN_STATE_RUNNING, "running" },			\
		{ MNPEN_STATE_STOPPING, "stopping" },			\
		{ MNPEN_STATE_FAULT, "fault" },				\
		{ MNPEN_STATE_SUSPENDED, "suspended" },			\
		{ MNPEN_STATE_RESETTING, "resetting" },			\
		{ MNPEN_STATE_LIMP, "limp" },				\
		{ MNPEN_STATE_UPDATE, "update" },			\
		{ MNPEN_STATE_GONE, "gone" })

#define show_mnpen_reason(value)					\
	__print_symbolic(value,						\
		{ MNPEN_STOP_NONE, "none" },				\
		{ MNPEN_STOP_USER, "user" },				\
		{ MNPEN_STOP_DURATION, "duration" },			\
		{ MNPEN_STOP_LEASE, "lease" },				\
		{ MNPEN_STOP_CLOSE, "close" },				\
		{ MNPEN_STOP_PM, "pm" },				\
		{ MNPEN_STOP_RESET, "reset" },				\
		{ MNPEN_STOP_UNBIND, "unbind" },			\
		{ MNPEN_STOP_TELEMETRY, "telemetry" },			\
		{ MNPEN_STOP_FAULT, "fault" },				\
		{ MNPEN_STOP_LIMIT, "limit" },				\
		{ MNPEN_STOP_FORCED, "forced" },			\
		{ MNPEN_STOP_SHUTDOWN, "shutdown" },			\
		{ MNPEN_STOP_PROTOCOL, "protocol" },			\
		{ MNPEN_STOP_DEVICE, "device" })

#define show_mnpen_stage(value)						\
	__print_symbolic(value,						\
		{ MNPEN_STAGE_CAUSE, "cause" },				\
		{ MNPEN_STAGE_OUT, "out" },				\
		{ MNPEN_STAGE_EP0, "ep0" },				\
		{ MNPEN_STAGE_RESET, "reset" },				\
		{ MNPEN_STAGE_REST, "rest" })

#define show_mnpen_client(value)					\
	__print_symbolic(value,						\
		{ MNPEN_CLIENT_OPEN, "open" },				\
		{ MNPEN_CLIENT_CLOSE, "close" },			\
		{ MNPEN_CLIENT_SUBSCRIBE, "subscribe" },		\
		{ MNPEN_CLIENT_ACQUIRE, "acquire" },			\
		{ MNPEN_CLIENT_RELEASE, "release" })

TRACE_EVENT(mnpen_state,
	TP_PROTO(const struct mnpen *m, u32 from, u32 to, u32 reason),
	TP_ARGS(m, from, to, reason),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(u32, from)
		__field(u32, to)
		__field(u32, reason)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->from = from;
		__entry->to = to;
		__entry->reason = reason;
	),
	TP_printk("mnpen%d %s -> %s, last stop %s", __entry->pen,
		  show_mnpen_state(__entry->from),
		  show_mnpen_state(__entry->to),
		  show_mnpen_reason(__entry->reason))
);

/* latency_us: since the cause. pid 0: not on behalf of a task. */
TRACE_EVENT(mnpen_stop,
	TP_PROTO(const struct mnpen *m, u32 reason, u32 stage, u32 latency_us),
	TP_ARGS(m, reason, stage, latency_us),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(u32, reason)
		__field(u32, stage)
		__field(u32, latency_us)
		__field(pid_t, pid)
		__array(char, comm, TASK_COMM_LEN)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->reason = reason;
		__entry->stage = stage;
		__entry->latency_us = latency_us;
		__entry->pid = in_task() ? current->pid : 0;
		memset(__entry->comm, 0, TASK_COMM_LEN);
		if (in_task())
			memcpy(__entry->comm, current->comm, TASK_COMM_LEN);
	),
	TP_printk("mnpen%d %s, stage %s after %u us, pid %d (%s)",
		  __entry->pen, show_mnpen_reason(__entry->reason),
		  show_mnpen_stage(__entry->stage), __entry->latency_us,
		  __entry->pid, __entry->comm)
);

TRACE_EVENT(mnpen_feed,
	TP_PROTO(const struct mnpen *m, u16 seq, u32 valid_until_us,
		 s32 lease_left_us, int err),
	TP_ARGS(m, seq, valid_until_us, lease_left_us, err),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(u16, seq)
		__field(u32, valid_until_us)
		__field(s32, lease_left_us)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->seq = seq;
		__entry->valid_until_us = valid_until_us;
		__entry->lease_left_us = lease_left_us;
		__entry->err = err;
	),
	TP_printk("mnpen%d seq %u valid until %u us, lease left %d us, err %d",
		  __entry->pen, __entry->seq, __entry->valid_until_us,
		  __entry->lease_left_us, __entry->err)
);

TRACE_EVENT(mnpen_cmd,
	TP_PROTO(const struct mnpen *m, u8 req, u16 len, int err, u32 us),
	TP_ARGS(m, req, len, err, us),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(u8, req)
		__field(u16, len)
		__field(int, err)
		__field(u32, us)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->req = req;
		__entry->len = len;
		__entry->err = err;
		__entry->us = us;
	),
	TP_printk("mnpen%d req 0x%02x len %u err %d in %u us", __entry->pen,
		  __entry->req, __entry->len, __entry->err, __entry->us)
);

/* type: enum mnp_packet_type, or the enum mnp_error of a bad packet */
TRACE_EVENT(mnpen_rx,
	TP_PROTO(const struct mnpen *m, int type, u16 seq, u32 len, int status,
		 u16 gap),
	TP_ARGS(m, type, seq, len, status, gap),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(int, type)
		__field(u16, seq)
		__field(u32, len)
		__field(int, status)
		__field(u16, gap)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->type = type;
		__entry->seq = seq;
		__entry->len = len;
		__entry->status = status;
		__entry->gap = gap;
	),
	TP_printk("mnpen%d type %d seq %u len %u status %d gap %u",
		  __entry->pen, __entry->type, __entry->seq, __entry->len,
		  __entry->status, __entry->gap)
);

/* bit: of MNPEN_LIMIT_*, 0 if refused as a whole. Temperatures are signed. */
TRACE_EVENT(mnpen_limit,
	TP_PROTO(const struct mnpen *m, u32 bit, u32 old, u32 new, int err),
	TP_ARGS(m, bit, old, new, err),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(u32, bit)
		__field(u32, old)
		__field(u32, new)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->bit = bit;
		__entry->old = old;
		__entry->new = new;
		__entry->err = err;
	),
	TP_printk("mnpen%d limit 0x%x: %u -> %u, err %d", __entry->pen,
		  __entry->bit, __entry->old, __entry->new, __entry->err)
);

/* flags: open and close: 1 if for writing; subscribe: the mask */
TRACE_EVENT(mnpen_client,
	TP_PROTO(const struct mnpen *m, u32 op, u32 flags),
	TP_ARGS(m, op, flags),
	TP_STRUCT__entry(
		__field(int, pen)
		__field(u32, op)
		__field(u32, flags)
		__field(pid_t, pid)
	),
	TP_fast_assign(
		__entry->pen = m->id;
		__entry->op = op;
		__entry->flags = flags;
		__entry->pid = current->pid;
	),
	TP_printk("mnpen%d %s flags 0x%x pid %d", __entry->pen,
		  show_mnpen_client(__entry->op), __entry->flags, __entry->pid)
);

#endif /* MNPEN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
