/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * mnpen: the contract between the microneedling pen driver and user space.
 *
 * One character device per pen, /dev/mnpenN. Anyone who can open it may
 * watch (SUBSCRIBE, read, poll) and may STOP; one file at a time controls
 * the motor (ACQUIRE, ARM, RUN, KEEPALIVE).
 *
 * Rules that hold for every struct below:
 *  - units are in the names: _um micrometres, _spm strokes per minute,
 *    _ms/_us/_ns time, _ma, _mv, _mdegc thousandths of a degree Celsius;
 *  - the layout is the same for 32 and 64 bit callers, without hidden holes;
 *  - reserved words and unknown flag bits must be zero on input (-EINVAL
 *    otherwise) and are zero on output;
 *  - an unknown ioctl number gives -ENOTTY, a pen that is gone -ENODEV.
 *
 * "Depth" is the protrusion of the needles that was set or measured at the
 * mechanism. It is not the depth reached in skin.
 */
#ifndef _UAPI_LINUX_MNPEN_H
#define _UAPI_LINUX_MNPEN_H

#include <linux/const.h>
#include <linux/ioctl.h>
#include <linux/types.h>

#define MNPEN_STR_LEN		32

/**
 * enum mnpen_state - what the driver (status) or the pen (telemetry) does
 * @MNPEN_STATE_IDLE: motor off, nobody armed it
 * @MNPEN_STATE_ARMED: a token is out, the motor is still off
 * @MNPEN_STATE_RUNNING: the motor is on, or was told to be
 * @MNPEN_STATE_STOPPING: a stop was sent, the pen has not yet confirmed it
 * @MNPEN_STATE_FAULT: the pen latched a fault; it will not arm
 * @MNPEN_STATE_SUSPENDED: the bus sleeps, the pen is off
 * @MNPEN_STATE_RESETTING: a USB reset is under way, the pen is off
 * @MNPEN_STATE_LIMP: protocol mismatch: readable, never armed
 * @MNPEN_STATE_UPDATE: the pen left for its boot loader
 * @MNPEN_STATE_GONE: unplugged or unbound; final
 */
enum mnpen_state {
	MNPEN_STATE_IDLE	= 1,
	MNPEN_STATE_ARMED	= 2,
	MNPEN_STATE_RUNNING	= 3,
	MNPEN_STATE_STOPPING	= 4,
	MNPEN_STATE_FAULT	= 5,
	MNPEN_STATE_SUSPENDED	= 6,
	MNPEN_STATE_RESETTING	= 7,
	MNPEN_STATE_LIMP	= 8,
	MNPEN_STATE_UPDATE	= 9,
	MNPEN_STATE_GONE	= 10,
};

/**
 * enum mnpen_stop_reason - why the motor was last told to stop
 * @MNPEN_STOP_NONE: not stopped since it was armed
 * @MNPEN_STOP_USER: ioctl STOP, RELEASE or DISARM by the controller
 * @MNPEN_STOP_DURATION: run_ms of RUN or the run limit was reached
 * @MNPEN_STOP_LEASE: no KEEPALIVE within the lease
 * @MNPEN_STOP_CLOSE: the controlling file was flushed or released
 * @MNPEN_STOP_PM: suspend or hibernation
 * @MNPEN_STOP_RESET: USB reset
 * @MNPEN_STOP_UNBIND: driver unbound or pen unplugged
 * @MNPEN_STOP_TELEMETRY: the pen went quiet
 * @MNPEN_STOP_FAULT: the pen latched a fault
 * @MNPEN_STOP_LIMIT: a limit was lowered below the set point
 * @MNPEN_STOP_FORCED: ioctl STOP from a file that is not the controller
 * @MNPEN_STOP_SHUTDOWN: reboot or power off
 * @MNPEN_STOP_PROTOCOL: token, limits image or sequence did not agree
 * @MNPEN_STOP_DEVICE: the pen stopped itself (button, pedal, own deadline)
 *
 * The first cause is kept; later ones do not overwrite it.
 */
enum mnpen_stop_reason {
	MNPEN_STOP_NONE		= 0,
	MNPEN_STOP_USER		= 1,
	MNPEN_STOP_DURATION	= 2,
	MNPEN_STOP_LEASE	= 3,
	MNPEN_STOP_CLOSE	= 4,
	MNPEN_STOP_PM		= 5,
	MNPEN_STOP_RESET	= 6,
	MNPEN_STOP_UNBIND	= 7,
	MNPEN_STOP_TELEMETRY	= 8,
	MNPEN_STOP_FAULT	= 9,
	MNPEN_STOP_LIMIT	= 10,
	MNPEN_STOP_FORCED	= 11,
	MNPEN_STOP_SHUTDOWN	= 12,
	MNPEN_STOP_PROTOCOL	= 13,
	MNPEN_STOP_DEVICE	= 14,
};

/* Bits of fault_active and fault_latched. Unknown bits count as faults. */
#define MNPEN_FAULT_OVERCURRENT	_BITUL(0)
#define MNPEN_FAULT_OVERTEMP	_BITUL(1)
#define MNPEN_FAULT_STALL	_BITUL(2)	/* motor told to turn, does not */
#define MNPEN_FAULT_DEPTH	_BITUL(3)	/* measured depth left its band */
#define MNPEN_FAULT_SUPPLY	_BITUL(4)	/* brown-out or empty battery */
#define MNPEN_FAULT_SENSOR	_BITUL(5)	/* a sensor reads the impossible */
#define MNPEN_FAULT_CARTRIDGE	_BITUL(6)	/* loose, used or expired */
#define MNPEN_FAULT_LIMITS	_BITUL(7)	/* limits image damaged */
#define MNPEN_FAULT_WATCHDOG	_BITUL(8)	/* firmware task hung */

/* struct mnpen_caps.features */
#define MNPEN_CAP_DEPTH		_BITULL(0)	/* depth is set by the pen */
#define MNPEN_CAP_BATTERY	_BITULL(1)
#define MNPEN_CAP_CARTRIDGE	_BITULL(2)	/* cartridge reader */
#define MNPEN_CAP_PEDAL		_BITULL(3)
#define MNPEN_CAP_SELF_TEST	_BITULL(4)
#define MNPEN_CAP_DFU		_BITULL(5)

/**
 * struct mnpen_caps - what this pen is and can do; fixed until it reboots
 * @features: MNPEN_CAP_* bits; unknown bits are to be ignored
 * @proto_major: wire protocol, incompatible changes
 * @proto_minor: wire protocol, additions
 * @boot_id: random per power-up of the pen
 * @depth_min_um: shallowest setting, µm
 * @depth_max_um: deepest setting the mechanism has, µm
 * @depth_step_um: resolution, µm
 * @rate_min_spm: slowest rate, strokes per minute
 * @rate_max_spm: fastest rate, strokes per minute
 * @rate_step_spm: resolution, strokes per minute
 * @lease_min_ms: shortest lease ARM accepts
 * @lease_max_ms: longest lease ARM accepts
 * @device_wd_ms: longest time the pen runs without hearing from the host
 * @telemetry_period_us: distance of two telemetry records
 * @serial: USB serial number, NUL terminated; only A-Z a-z 0-9 - _
 * @fw_version: firmware version, NUL terminated printable ASCII
 * @hw_model: model name, NUL terminated printable ASCII
 * @reserved: zero
 */
struct mnpen_caps {
	__aligned_u64 features;
	__u16 proto_major;
	__u16 proto_minor;
	__u32 boot_id;
	__u32 depth_min_um;
	__u32 depth_max_um;
	__u32 depth_step_um;
	__u32 rate_min_spm;
	__u32 rate_max_spm;
	__u32 rate_step_spm;
	__u32 lease_min_ms;
	__u32 lease_max_ms;
	__u32 device_wd_ms;
	__u32 telemetry_period_us;
	char serial[MNPEN_STR_LEN];
	char fw_version[MNPEN_STR_LEN];
	char hw_model[MNPEN_STR_LEN];
	__u32 reserved[8];
};

/* bits of struct mnpen_limits.valid */
#define MNPEN_LIMIT_DEPTH	_BITUL(0)
#define MNPEN_LIMIT_RATE	_BITUL(1)
#define MNPEN_LIMIT_RUN		_BITUL(2)
#define MNPEN_LIMIT_STROKES	_BITUL(3)
#define MNPEN_LIMIT_CURRENT	_BITUL(4)
#define MNPEN_LIMIT_TEMP	_BITUL(5)
#define MNPEN_LIMIT_LEASE	_BITUL(6)

/**
 * struct mnpen_limits - the ceilings in force; they only ever come down
 * @valid: in: MNPEN_LIMIT_* bits of the fields to lower; out: all that hold
 * @generation: out: grows by one with each accepted change
 * @depth_max_um: deepest set point, µm
 * @rate_max_spm: fastest set point, strokes per minute
 * @run_max_ms: longest single run
 * @strokes_max: strokes since the pen's power-up, as the pen counts them
 * @current_max_ma: motor current
 * @temp_max_mdegc: motor temperature
 * @lease_max_ms: longest lease ARM accepts; 0 is refused
 * @reserved: zero
 *
 * LOWER_LIMITS with any valid field above its present value returns -EPERM
 * and changes nothing, also for root. Equal values succeed. What was lowered
 * stays lowered over close, reset, suspend and rebind, until the pen itself
 * loses power.
 */
struct mnpen_limits {
	__u32 valid;
	__u32 generation;
	__u32 depth_max_um;
	__u32 rate_max_spm;
	__u32 run_max_ms;
	__u32 strokes_max;
	__u32 current_max_ma;
	__s32 temp_max_mdegc;
	__u32 lease_max_ms;
	__u32 reserved[7];
};

/**
 * struct mnpen_acquire - become the one controller
 * @flags: in: zero
 * @session: out: number that ARM, RUN and KEEPALIVE must carry
 * @reserved: zero
 *
 * Needs a file opened for writing (-EBADF). -EBUSY while another file
 * controls, unless that file's owner closed or died. The same file may call
 * again: it gets a new number if its session went stale, else the same.
 */
struct mnpen_acquire {
	__u32 flags;
	__u32 session;
	__u32 reserved[2];
};

#define MNPEN_ARM_F_PEDAL	_BITUL(0)	/* run only while the pedal is down */

/**
 * struct mnpen_arm - make the pen ready to run
 * @session: from ACQUIRE
 * @flags: MNPEN_ARM_F_*
 * @lease_ms: how long the motor may run after the last KEEPALIVE
 * @reserved: zero
 *
 * -EOPNOTSUPP: F_PEDAL, and the pen has none. -EPERM: not the controller.
 * -ESTALE: session no longer valid. -ERANGE: lease outside caps and limits.
 * -EBUSY: not idle, telemetry not fresh, or the machine is about to sleep or
 * to shut down. -EIO: latched fault. -EPROTO: pen and driver do not hold the
 * same limits. -EPROTONOSUPPORT: limp. -ECANCELED: a stop came in between.
 * -ETIMEDOUT: the pen does not answer.
 */
struct mnpen_arm {
	__u32 session;
	__u32 flags;
	__u32 lease_ms;
	__u32 reserved[5];
};

#define MNPEN_RUN_F_UPDATE	_BITUL(0)	/* only change a running motor */

/**
 * struct mnpen_run - start the motor, or change its set points
 * @session: from ACQUIRE
 * @flags: MNPEN_RUN_F_*
 * @rate_spm: rate, strokes per minute
 * @depth_um: depth, µm
 * @run_ms: stop by itself after this time; 0: by run_max_ms only
 * @reserved: zero
 *
 * -ENOTCONN: not armed (or, with UPDATE, not running). -EBUSY: it runs, and
 * UPDATE is not set; or it was armed with F_PEDAL and the pedal is up.
 * -ERANGE: a set point is outside the limits in force; what was before goes
 * on. -ECANCELED: a stop came in between. The others as for ARM. When it is
 * not clear what the pen did, it is stopped. Renews the lease. With UPDATE
 * @run_ms can end the run earlier, not later.
 */
struct mnpen_run {
	__u32 session;
	__u32 flags;
	__u32 rate_spm;
	__u32 depth_um;
	__u32 run_ms;
	__u32 reserved[3];
};

/**
 * struct mnpen_keepalive - renew the lease
 * @session: in: from ACQUIRE
 * @reserved: zero
 * @deadline_ns: out: CLOCK_MONOTONIC at which the motor stops unless renewed
 *
 * -ESTALE when the session is no longer armed: nothing is revived.
 */
struct mnpen_keepalive {
	__u32 session;
	__u32 reserved;
	__aligned_u64 deadline_ns;
};

#define MNPEN_SUB_TELEMETRY	_BITUL(0)
#define MNPEN_SUB_EVENTS	_BITUL(1)

/**
 * struct mnpen_subscribe - choose what read() on this file delivers
 * @mask: MNPEN_SUB_* bits; 0 ends the subscription and drops what is queued
 * @period_ms: telemetry no more often than this; zero: every record. Events,
 *             and telemetry that shows a change of state, are never left out.
 * @reserved: zero
 *
 * Nothing is queued for a file that did not subscribe.
 */
struct mnpen_subscribe {
	__u32 mask;
	__u32 period_ms;
	__u32 reserved[2];
};

/**
 * struct mnpen_status - a snapshot that never touches the bus
 * @time_ns: CLOCK_MONOTONIC now
 * @lease_deadline_ns: CLOCK_MONOTONIC; 0: no lease runs
 * @state: enum mnpen_state of the driver
 * @stop_reason: enum mnpen_stop_reason, first cause of the last stop
 * @fault_active: MNPEN_FAULT_* the pen reports now
 * @fault_latched: MNPEN_FAULT_* since the pen's last clear
 * @session: session in control; 0: nobody
 * @session_is_mine: 1 if this file holds @session
 * @limits_generation: see struct mnpen_limits
 * @boot_id: see struct mnpen_caps
 * @telemetry_age_ms: since the last valid packet; 0xffffffff: none yet
 * @reserved: zero
 */
struct mnpen_status {
	__aligned_u64 time_ns;
	__aligned_u64 lease_deadline_ns;
	__u32 state;
	__u32 stop_reason;
	__u32 fault_active;
	__u32 fault_latched;
	__u32 session;
	__u32 session_is_mine;
	__u32 limits_generation;
	__u32 boot_id;
	__u32 telemetry_age_ms;
	__u32 reserved[5];
};

/**
 * struct mnpen_clear_fault - take back latched faults whose cause is gone
 * @session: from ACQUIRE; a fault makes the one before stale
 * @mask: MNPEN_FAULT_* bits, only those that the caller has seen
 * @reserved: zero
 *
 * -EINVAL: @mask is 0 or has a bit that is not latched. -EBUSY: a cause is
 * still there, or the pen is armed. Nothing is cleared then. The state follows
 * with the pen's next telemetry. -EPERM, -ESTALE, -EPROTONOSUPPORT as for ARM.
 */
struct mnpen_clear_fault {
	__u32 session;
	__u32 mask;
	__u32 reserved[2];
};

/* struct mnpen_blob.id of GET_CALIB; that of GET_CARTRIDGE is 0 */
#define MNPEN_CALIB_DEPTH	0
#define MNPEN_CALIB_MOTOR	1

#define MNPEN_BLOB_LEN		240

/**
 * struct mnpen_blob - what the pen keeps about its cartridge or calibration
 * @id: in: which record
 * @version: out: layout version of @data
 * @length: out: bytes of @data in use, the rest is zero
 * @crc32: out: CRC-32 of these bytes, already checked
 * @data: out: as the pen stores it, little endian; see the protocol document
 *
 * -EOPNOTSUPP: the pen has no such thing. -ENODATA: no such record, or no
 * cartridge in the pen. -EBADMSG: damaged.
 */
struct mnpen_blob {
	__u32 id;
	__u32 version;
	__u32 length;
	__u32 crc32;
	__u8 data[MNPEN_BLOB_LEN];
};

/* struct mnpen_self_test.test_mask */
#define MNPEN_TEST_MEMORY	_BITUL(0)	/* limits and their inverse */
#define MNPEN_TEST_SENSORS	_BITUL(1)	/* readings possible at rest */
#define MNPEN_TEST_WATCHDOG	_BITUL(2)	/* it bites, the pen knows it did */
#define MNPEN_TEST_STOP_PATH	_BITUL(3)	/* enable line falls in time */

/* struct mnpen_self_test.detail[] */
#define MNPEN_DETAIL_FAILED	0	/* MNPEN_TEST_* that failed */
#define MNPEN_DETAIL_CODE	1	/* of the first failure, the maker's */
#define MNPEN_DETAIL_WATCHDOG	2	/* ms until it bit */
#define MNPEN_DETAIL_STOP	3	/* us from STOP to enable line low */

/**
 * struct mnpen_self_test - let the pen test itself; the motor stands still
 * @session: in: from ACQUIRE
 * @test_mask: in: MNPEN_TEST_*
 * @result_mask: in: zero; out: MNPEN_TEST_* that passed
 * @detail: in: zero; out: indexed by MNPEN_DETAIL_*
 *
 * 0 means that the tests were done, not that they passed. -EBUSY: not idle.
 * -EINVAL: no test, or an unknown one. -EOPNOTSUPP: the pen cannot. -ETIMEDOUT:
 * not done after half a second. -EPERM, -ESTALE, -EPROTONOSUPPORT as for ARM.
 */
struct mnpen_self_test {
	__u32 session;
	__u32 test_mask;
	__u32 result_mask;
	__u32 detail[5];
};

/**
 * struct mnpen_mark - note on the cartridge itself that it is used, for good
 * @session: from ACQUIRE; the pen must be armed
 * @reserved: zero
 *
 * The single-use rule must hold on other machines too. This cartridge may be
 * used until it is taken out or the pen loses power. -ENOTCONN: not armed.
 * -ENODATA: no cartridge. -EOPNOTSUPP: no cartridge reader.
 */
struct mnpen_mark {
	__u32 session;
	__u32 reserved[3];
};

/* struct mnpen_record.type */
#define MNPEN_REC_TELEMETRY	1
#define MNPEN_REC_EVENT		2

/* struct mnpen_record.flags: what happened just before this record */
#define MNPEN_REC_F_LOST	_BITUL(0)	/* .lost of its type are missing */
#define MNPEN_REC_F_GAP		_BITUL(1)	/* the pen's sequence jumped */
#define MNPEN_REC_F_DISCONT	_BITUL(2)	/* reset, resume or reboot of the pen */

/**
 * struct mnpen_telemetry - one sample of everything the pen measures
 * @state: enum mnpen_state of the pen
 * @battery_pct: 0..100; 255: unknown
 * @feed_left_ms: until the pen's own deadline stops the motor; 0: off
 * @rate_set_spm: strokes per minute
 * @rate_spm: strokes per minute; 0xffff: unknown
 * @depth_set_um: µm
 * @depth_um: µm; 0xffff: unknown
 * @motor_ma: motor current
 * @bus_mv: supply
 * @battery_mv: 0xffff: unknown
 * @limits_generation: of the limits the pen holds
 * @temp_motor_mdegc: motor
 * @temp_board_mdegc: case or board
 * @fault_active: MNPEN_FAULT_*
 * @fault_latched: MNPEN_FAULT_*
 * @strokes: since the pen's power-up, wraps
 */
struct mnpen_telemetry {
	__u8 state;
	__u8 battery_pct;
	__u16 feed_left_ms;
	__u16 rate_set_spm;
	__u16 rate_spm;
	__u16 depth_set_um;
	__u16 depth_um;
	__s16 motor_ma;
	__u16 bus_mv;
	__u16 battery_mv;
	__u16 limits_generation;
	__s32 temp_motor_mdegc;
	__s32 temp_board_mdegc;
	__u32 fault_active;
	__u32 fault_latched;
	__u32 strokes;
};

/* struct mnpen_event.code: below 0x100 from the pen, above from the driver */
#define MNPEN_EV_STATE		1
#define MNPEN_EV_STOPPED	2	/* arg[0] reason, arg[1] strokes */
#define MNPEN_EV_FAULT_SET	3	/* arg[0] MNPEN_FAULT_* */
#define MNPEN_EV_FAULT_CLEARED	4	/* arg[0] MNPEN_FAULT_* */
#define MNPEN_EV_CARTRIDGE	5	/* arg[0] present, arg[1] verdict */
#define MNPEN_EV_PEDAL		6	/* arg[0] down */
#define MNPEN_EV_BUTTON		7	/* arg[0] which, arg[1] down */
#define MNPEN_EV_LIMITS		8	/* arg[0] generation */
#define MNPEN_EV_BOOT		9	/* arg[0] cause */
#define MNPEN_EV_LOW_BATTERY	10	/* arg[0] percent */
#define MNPEN_EV_WATCHDOG	11	/* arg[0] which */
#define MNPEN_EV_STALL		12	/* arg[0] mA, arg[1] µm */
#define MNPEN_EV_DRIVER_STATE	0x100	/* arg[0] state before */

/**
 * struct mnpen_event - something happened once
 * @code: MNPEN_EV_*; unknown codes are to be skipped
 * @state: enum mnpen_state after it
 * @stop_reason: enum mnpen_stop_reason
 * @session: session it belongs to; 0: none
 * @arg: by code
 */
struct mnpen_event {
	__u32 code;
	__u32 state;
	__u32 stop_reason;
	__u32 session;
	__u32 arg[6];
};

/**
 * struct mnpen_record - what read() returns, always whole records
 * @time_ns: CLOCK_MONOTONIC when the packet arrived
 * @seq: the pen's packet counter, extended to 32 bit
 * @dev_time_us: the pen's own clock at the sample, wraps
 * @type: MNPEN_REC_*
 * @flags: MNPEN_REC_F_*
 * @lost: with F_LOST: how many records of this type, wanted by this reader,
 *        were dropped before this one because it did not read
 * @telemetry: for MNPEN_REC_TELEMETRY
 * @event: for MNPEN_REC_EVENT
 * @raw: size of the union
 *
 * A file that subscribed to both gets its queued events first; sort by
 * time_ns where order across types matters. A buffer smaller than one record
 * gives -EINVAL.
 */
struct mnpen_record {
	__aligned_u64 time_ns;
	__u32 seq;
	__u32 dev_time_us;
	__u16 type;
	__u16 flags;
	__u32 lost;
	union {
		struct mnpen_telemetry telemetry;
		struct mnpen_event event;
		__u8 raw[40];
	};
};

#define MNPEN_IOC_MAGIC		0xE8
#define MNPEN_IOC_GET_CAPS	_IOR(MNPEN_IOC_MAGIC,  0x00, struct mnpen_caps)
#define MNPEN_IOC_GET_STATUS	_IOR(MNPEN_IOC_MAGIC,  0x01, struct mnpen_status)
#define MNPEN_IOC_GET_LIMITS	_IOR(MNPEN_IOC_MAGIC,  0x02, struct mnpen_limits)
#define MNPEN_IOC_LOWER_LIMITS	_IOWR(MNPEN_IOC_MAGIC, 0x03, struct mnpen_limits)
#define MNPEN_IOC_SUBSCRIBE	_IOW(MNPEN_IOC_MAGIC,  0x04, struct mnpen_subscribe)
/* Accepted from every file in every state; allocates and waits for nothing. */
#define MNPEN_IOC_STOP		_IO(MNPEN_IOC_MAGIC,   0x05)
#define MNPEN_IOC_ACQUIRE	_IOWR(MNPEN_IOC_MAGIC, 0x06, struct mnpen_acquire)
#define MNPEN_IOC_RELEASE	_IO(MNPEN_IOC_MAGIC,   0x07)
#define MNPEN_IOC_KEEPALIVE	_IOWR(MNPEN_IOC_MAGIC, 0x08, struct mnpen_keepalive)
#define MNPEN_IOC_ARM		_IOW(MNPEN_IOC_MAGIC,  0x09, struct mnpen_arm)
#define MNPEN_IOC_RUN		_IOW(MNPEN_IOC_MAGIC,  0x0a, struct mnpen_run)
#define MNPEN_IOC_DISARM	_IO(MNPEN_IOC_MAGIC,   0x0b)
#define MNPEN_IOC_CLEAR_FAULT	_IOW(MNPEN_IOC_MAGIC,  0x0c, struct mnpen_clear_fault)
#define MNPEN_IOC_GET_CARTRIDGE	_IOWR(MNPEN_IOC_MAGIC, 0x0d, struct mnpen_blob)
#define MNPEN_IOC_GET_CALIB	_IOWR(MNPEN_IOC_MAGIC, 0x0e, struct mnpen_blob)
#define MNPEN_IOC_SELF_TEST	_IOWR(MNPEN_IOC_MAGIC, 0x0f, struct mnpen_self_test)
/* The pen blinks for some seconds; from every file, unless it is armed. */
#define MNPEN_IOC_IDENTIFY	_IO(MNPEN_IOC_MAGIC,   0x10)
#define MNPEN_IOC_MARK_CARTRIDGE _IOW(MNPEN_IOC_MAGIC, 0x11, struct mnpen_mark)

#endif /* _UAPI_LINUX_MNPEN_H */
