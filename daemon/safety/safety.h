/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The safety core: decides, never acts.
 *
 * One struct safety per pen. The daemon turns everything that happens into
 * events and carries out the actions, in the order given. The core knows no
 * clock, heap, file, thread, float or global; the same inputs give the same
 * outputs on every build. `now_ms` is any monotonic millisecond count that
 * includes suspended time; only differences matter and it may wrap.
 *
 * What holds after every step (numbers: the project's invariants, see
 * daemon/safety/README.md):
 *  - a stop request is accepted in every state and yields SAFETY_DO_STOP in
 *    the same step, before any other action (5, 6);
 *  - SAFETY_DO_START appears only in a step whose event is the durable
 *    intent of the present owner's own start request, with every check
 *    passing at that instant (2, 29, 33);
 *  - the lease is renewed only by SAFETY_DO_RENEW, only while ACTIVE and only
 *    when every check passes (1);
 *  - limits only tighten within a session (13);
 *  - the first fault is kept until RESET (45).
 *
 * Answers. A request event (ACQUIRE to RESET, and STOP) gets exactly one
 * DO_ACCEPT or DO_REFUSE in its own step, with one exception: a START that
 * passes its checks gets DO_INTENT with a ticket and is answered later by
 * exactly one DO_ACCEPT_START (the driver took ARM and RUN) or
 * DO_REFUSE_START (a check failed meanwhile, somebody stopped or paused, the
 * owner left, the driver refused) with that ticket.
 *
 * After safety_init() the state is STOPPING and the first step yields
 * DO_STOP: whatever the pen did before we came must end first. With the
 * first telemetry that shows the motor off it becomes IDLE.
 *
 * While ACTIVE a bad measurement or a silent pen is a fault; in the other
 * states it only closes the door to BEGIN, START and RESET. Motion nobody
 * asked for is a fault everywhere.
 *
 * Alarms. A condition that somebody must know of is in @alarms until it is
 * over and, if it ended a run, until an operator has taken note of it. What
 * may be heard of them is one priority; sound may be paused for two minutes
 * and never switched off.
 *
 * After PEN_GONE feed nothing but CLOSE_DURABLE and requests: a pen that is
 * plugged in again is a new pen with a new struct safety.
 */
#ifndef MNPEN_SAFETY_H
#define MNPEN_SAFETY_H

#include <stdbool.h>
#include <stdint.h>

enum safety_state {
	SAFETY_IDLE,		/* no session */
	SAFETY_SCREENED,	/* session open, screening clear */
	SAFETY_READY,		/* preparation confirmed */
	SAFETY_ACTIVE,		/* motor on, or about to be */
	SAFETY_PAUSED,		/* session open, motor confirmed off */
	SAFETY_STOPPING,	/* stop sent, not yet confirmed by the pen */
	SAFETY_CLOSED,		/* session ended, its record not yet durable */
	SAFETY_FAULT,		/* something was wrong; wants RESET */
	SAFETY_HARD_FAULT,	/* a stop was not obeyed; wants a replug */
	SAFETY_STATES
};

/* Why a run ended or a request was refused. 0 is "no reason". */
enum safety_reason {
	SAFETY_OK,
	/* stops */
	SAFETY_STOP_REQUEST,	/* somebody asked for STOP */
	SAFETY_STOP_PAUSE,	/* the owner paused */
	SAFETY_STOP_END,	/* the owner ended the session */
	SAFETY_STOP_RUN_TIME,	/* one run reached its limit */
	SAFETY_STOP_SESSION_TIME, /* motor time of the session used up */
	SAFETY_STOP_OWNER_GONE,	/* connection closed */
	SAFETY_STOP_OWNER_SILENT, /* heartbeat missed */
	SAFETY_STOP_PEN,	/* the pen or driver stopped by itself */
	SAFETY_STOP_START_FAILED, /* the driver refused ARM or RUN */
	SAFETY_STOP_CONTACT,	/* on the skin too long without a break */
	SAFETY_STOP_DENSITY,	/* punctures per cm2, or their total */
	SAFETY_STOP_DUTY,	/* the handle needs a rest */
	SAFETY_STOP_CARTRIDGE,	/* open for too long */
	/* faults */
	SAFETY_FAULT_TELEMETRY_SILENT,
	SAFETY_FAULT_TELEMETRY_FROZEN,
	SAFETY_FAULT_TELEMETRY_INVALID,
	SAFETY_FAULT_DEPTH,	/* measured depth left its band */
	SAFETY_FAULT_RATE,	/* measured rate left its band */
	SAFETY_FAULT_CURRENT,
	SAFETY_FAULT_TEMPERATURE,
	SAFETY_FAULT_UNCOMMANDED, /* motion nobody asked for */
	SAFETY_FAULT_MISMATCH,	/* the pen's set points are not ours */
	SAFETY_FAULT_PEN_LATCHED, /* the pen latched a fault itself */
	SAFETY_FAULT_PEN_GONE,
	SAFETY_FAULT_PEN_REBOOTED,
	SAFETY_FAULT_RECORD,	/* the record cannot be written */
	SAFETY_FAULT_RENEW,	/* the driver refused to renew the lease */
	SAFETY_FAULT_CARTRIDGE,	/* taken out within a session */
	SAFETY_FAULT_LIMP,	/* pen and driver do not speak the same */
	SAFETY_FAULT_STOP_UNCONFIRMED, /* leads to HARD_FAULT */
	/* refusals */
	SAFETY_REFUSE_STATE,	/* not in this state */
	SAFETY_REFUSE_NOT_OWNER,
	SAFETY_REFUSE_OWNED,	/* somebody else controls */
	SAFETY_REFUSE_LIMIT,	/* see action.limit */
	SAFETY_REFUSE_SCREENING,
	SAFETY_REFUSE_PREPARATION,
	SAFETY_REFUSE_TELEMETRY, /* no fresh valid telemetry now */
	SAFETY_REFUSE_FAULT,	/* a fault is latched, here or in the pen */
	SAFETY_REFUSE_RECORD,	/* the record is not writable */
	SAFETY_REFUSE_CONSENT,	/* consent or age not confirmed */
	SAFETY_REFUSE_AREA,	/* unknown size, or not the area read back */
	SAFETY_REFUSE_CARTRIDGE_UNKNOWN, /* not scanned, unreadable, absurd */
	SAFETY_REFUSE_CARTRIDGE_EXPIRED,
	SAFETY_REFUSE_CARTRIDGE_USED,
	SAFETY_REFUSE_CARTRIDGE_RECALLED,
	SAFETY_REFUSE_CLOCK,	/* nobody knows what day it is */
	SAFETY_REFUSE_LIMP,	/* protocol mismatch: readable, never started */
	/* alerts: the run goes on */
	SAFETY_ALERT_TARGET,	/* density aimed at is reached; no alarm */
	SAFETY_ALERT_DENSITY,	/* density is high */
	SAFETY_ALERT_CONTACT,	/* long on the skin without a break */
	SAFETY_ALERT_WARM,	/* motor close to its limit */
	SAFETY_ALERT_RECORD,	/* the record cannot be written */
	SAFETY_REASONS
};

/* How much somebody must know of a reason, and how loudly. */
enum safety_priority {
	SAFETY_PRIORITY_NONE,	/* told once, no alarm */
	SAFETY_PRIORITY_LOW,
	SAFETY_PRIORITY_MEDIUM,
	SAFETY_PRIORITY_HIGH,
	SAFETY_PRIORITIES
};

/* "_MIN" tighten upward, all others downward. */
enum safety_limit_id {
	SAFETY_LIMIT_DEPTH_MAX,		/* um */
	SAFETY_LIMIT_RATE_MIN,		/* strokes per minute */
	SAFETY_LIMIT_RATE_MAX,		/* strokes per minute */
	SAFETY_LIMIT_RUN_MAX,		/* ms, one run */
	SAFETY_LIMIT_SESSION_MAX,	/* ms of motor time in the session */
	SAFETY_LIMIT_CURRENT_MAX,	/* mA */
	SAFETY_LIMIT_TEMP_MAX,		/* mdegC, motor */
	SAFETY_LIMIT_CONTACT_MAX,	/* ms on the skin without a break */
	SAFETY_LIMIT_DENSITY_MAX,	/* punctures per cm2 in the area, today */
	SAFETY_LIMIT_PUNCTURES_MAX,	/* punctures of the session */
	SAFETY_LIMIT_DUTY_MAX,		/* ms of motor not yet rested off */
	SAFETY_LIMIT_CARTRIDGE_MAX,	/* ms since its pack was opened */
	SAFETY_LIMIT_INTERVAL_MIN,	/* days since this area's last session */
	SAFETY_LIMITS
};

/* Who set a limit. The name goes into every refusal. */
enum safety_source {
	SAFETY_BY_ABSOLUTE,	/* compiled in */
	SAFETY_BY_PEN,		/* the pen's own capability or latch */
	SAFETY_BY_LABEL,	/* highest depth ever evaluated for such pens */
	SAFETY_BY_AREA,
	SAFETY_BY_CONCERN,
	SAFETY_BY_PATIENT,	/* skin type, age, first session */
	SAFETY_BY_CARTRIDGE,	/* its needles' length, thickness, number */
	SAFETY_BY_DEPTH,	/* deep settings want less of the rest */
	SAFETY_BY_OPERATOR,	/* what this session asked for */
	SAFETY_SOURCES
};

struct safety_limit {
	uint32_t value;
	enum safety_source source;
};

/*
 * Limits have no setter but tighten: start from safety_limits_absolute().
 */
struct safety_limits {
	struct safety_limit limit[SAFETY_LIMITS];
};

/* Fixed timing and tolerance; safety_config_default() holds the values. */
struct safety_config {
	uint32_t telemetry_max_age_ms;	/* silent beyond: fault */
	uint32_t frozen_max_ms;		/* bit-identical sensors while ACTIVE */
	uint32_t renew_ms;		/* between two lease renewals */
	uint32_t heartbeat_max_ms;	/* owner silent beyond: stop */
	uint32_t stop_repeat_ms;	/* STOP is repeated until confirmed */
	uint32_t stop_confirm_max_ms;	/* unconfirmed beyond: HARD_FAULT */
	uint32_t start_max_ms;		/* STARTED or START_FAILED within */
	uint32_t spin_up_ms;		/* no "too slow" or "too shallow" before */
	uint32_t depth_tolerance_um;
	uint32_t rate_tolerance_permille;
	uint32_t debounce_ms;		/* leaky: current, temperature, rate,
					 * too shallow
					 */
	uint32_t mismatch_max_ms;	/* set points not echoed beyond: fault */
	uint32_t invalid_max;		/* invalid records in a row */
	uint32_t future_max_ms;		/* the pen's clock ahead of ours */
	uint32_t stroke_max_ms;		/* rate without a stroke beyond: fault */
	uint32_t contact_alert_ms;	/* on the skin without a break */
	uint32_t contact_gap_ms;	/* a lift shorter than this is none */
	uint32_t warm_mdegc;		/* alert so far below the limit */
	uint32_t audio_pause_ms;
	uint32_t rise_um, rise_spm;	/* set points rise this per rise_ms */
	uint32_t rise_ms;
	uint32_t jump_max_s;		/* wall clock ahead of what passed */
};

enum safety_event_kind {
	SAFETY_EV_TICK,			/* every 10 ms */
	SAFETY_EV_TELEMETRY,		/* .telemetry */
	SAFETY_EV_TELEMETRY_INVALID,	/* gap, bad record */
	SAFETY_EV_PEN_GONE,
	SAFETY_EV_ACQUIRE,		/* .owner */
	SAFETY_EV_RELEASE,		/* .owner; also sent on EOF */
	SAFETY_EV_HEARTBEAT,		/* .owner */
	SAFETY_EV_BEGIN,		/* .owner .begin */
	SAFETY_EV_PREPARED,		/* .owner: checklist done; .area read
					 * back
					 */
	SAFETY_EV_START,		/* .owner: from READY or PAUSED */
	SAFETY_EV_PAUSE,		/* .owner */
	SAFETY_EV_STOP,			/* anybody */
	SAFETY_EV_END,			/* .owner */
	SAFETY_EV_SET,			/* .owner .set */
	SAFETY_EV_ALARM_ACK,		/* as RESET; takes note of all alarms */
	SAFETY_EV_AUDIO_PAUSE,		/* as RESET */
	SAFETY_EV_RESET,		/* .owner, or 0 for an administrator */
	SAFETY_EV_INTENT_DURABLE,	/* .ticket */
	SAFETY_EV_CLOSE_DURABLE,	/* .ticket */
	SAFETY_EV_RECORD_FAILED,
	SAFETY_EV_RECORD_OK,		/* writable again */
	SAFETY_EV_STARTED,		/* the driver accepted ARM and RUN */
	SAFETY_EV_START_FAILED,		/* .error: errno */
	SAFETY_EV_RENEW_FAILED,		/* .error: errno, either sign; ESTALE
					 * means that the driver has stopped
					 */
	SAFETY_EV_CARTRIDGE,		/* .present: put in or taken out */
	SAFETY_EV_PEN_LIMP,		/* the driver will never arm this pen */
	SAFETY_EVENTS
};

/*
 * What the core needs of one telemetry record; units and the pen's "unknown"
 * values as in the uAPI. A value that is unknown counts as out of range: the
 * core does not run a pen that cannot tell its rate, depth, current or
 * temperature.
 */
struct safety_telemetry {
	uint32_t seq;
	uint32_t dev_time_us;
	uint32_t boot_id;
	uint32_t strokes;
	uint32_t fault_latched;
	uint32_t rate_set_spm, rate_spm;
	uint32_t depth_set_um, depth_um;
	int32_t motor_ma;
	int32_t temp_motor_mdegc;
	uint8_t pen_state;		/* enum mnpen_state */
	uint8_t pen_stop_reason;	/* enum mnpen_stop_reason, if known */
};

/* How well a second use of the same cartridge would be noticed. */
enum safety_proof {
	SAFETY_PROOF_NONE,	/* nobody knows the cartridge: refused */
	SAFETY_PROOF_ATTESTED,	/* the operator's word */
	SAFETY_PROOF_COUNTED,	/* its lot, and how many of it are in stock */
	SAFETY_PROOF_PROVEN,	/* its own serial number */
	SAFETY_PROOFS
};

#define SAFETY_DAY_NONE		INT32_MIN
#define SAFETY_NEEDLES_MAX	64
#define SAFETY_NEEDLE_MAX_UM	1000	/* diameter */

struct safety_cartridge {
	uint64_t id;		/* of this one piece; 0 unless PROVEN */
	enum safety_proof proof;
	uint32_t needles;	/* 1 to SAFETY_NEEDLES_MAX */
	uint32_t needle_um;	/* diameter of one */
	uint32_t length_um;	/* 0: not known, caps nothing */
	uint32_t open_ms;	/* since its pack was opened */
	int32_t expiry_day;	/* last good day, counted from 1970-01-01;
				 * SAFETY_DAY_NONE: only if ATTESTED
				 */
	bool used;		/* in an earlier session, says the record */
	bool recalled;
};

/* Which strokes count as punctures of the area. */
enum safety_dose_basis {
	SAFETY_DOSE_ALL,	/* upper bound */
	SAFETY_DOSE_LOADED,	/* those under load, where load is sensed */
};

struct safety_dose {
	enum safety_dose_basis basis;
	uint32_t loaded_ma;	/* LOADED: the motor draws at least this */
	uint32_t area_mm2;	/* 0: refused */
	uint32_t punctures_before; /* in this area, today */
	bool density_override;	/* a physician allows up to the absolute */
};

/*
 * What is known of the time of day. Where the wall clock and what the record
 * and the kernel know differ, the later counts: setting a clock back shortens
 * no interval and makes no cartridge good again.
 */
struct safety_when {
	int64_t wall_s;		/* UTC, since 1970 */
	int32_t utc_offset_s;	/* of the clinic: where its days begin */
	int64_t durable_s;	/* wall time of the newest durable row; 0: none */
	int64_t since_s;	/* passed since then, at least */
	bool since_exact;	/* and not more: same boot */
	bool confirmed;		/* an administrator vouches for wall_s */
	int64_t last_end_s;	/* end of this area's last session; 0: none */
	bool last_open;		/* it was cut short: may go on the same day */
};

struct safety_begin {
	struct safety_limits limits;	/* from catalogue and pen */
	uint32_t depth_um;
	uint32_t rate_spm;
	/* What the pen can tell apart; set points are rounded down. 0: 1 */
	uint32_t depth_step_um, rate_step_spm;
	uint32_t motor_ms;		/* planned motor time, not 0 */
	uint32_t area;			/* any number for it; PREPARED repeats
					 * it
					 */
	bool screening_clear;
	bool consent;			/* consent given, of age */
	struct safety_cartridge cartridge;
	struct safety_dose dose;
	struct safety_when when;
};

struct safety_set {
	uint32_t depth_um;
	uint32_t rate_spm;
};

struct safety_event {
	enum safety_event_kind kind;
	uint32_t owner;			/* connection number, never 0 */
	uint32_t ticket;
	int32_t error;
	union {
		struct safety_telemetry telemetry;
		struct safety_begin begin;
		struct safety_set set;
		uint32_t area;
		bool present;
	};
};

/* Actions of one step come in this order, each kind once at most. */
enum safety_action_kind {
	SAFETY_DO_STOP,		/* ioctl STOP; .reason */
	SAFETY_DO_HARD_STOP,	/* give the device up: close its file */
	SAFETY_DO_INTENT,	/* make the intent to run durable; .ticket */
	SAFETY_DO_START,	/* ARM and RUN: .depth_um .rate_spm .run_ms;
				 * wants STARTED or START_FAILED in return
				 */
	SAFETY_DO_SET,		/* RUN with UPDATE: .depth_um .rate_spm */
	SAFETY_DO_RENEW,	/* KEEPALIVE */
	SAFETY_DO_RECORD_BEGIN,	/* session opened */
	SAFETY_DO_RECORD_FAULT,	/* a fault was latched: .reason */
	SAFETY_DO_RECORD_RUN,	/* a run ended: .reason, counters in safety */
	SAFETY_DO_RECORD_CLOSE,	/* session closed: .reason .ticket; comes again
				 * with the same ticket after RECORD_OK if it
				 * is not durable by then
				 */
	SAFETY_DO_ACCEPT,	/* the request in this event was accepted */
	SAFETY_DO_REFUSE,	/* .reason .limit .source .requested .allowed */
	SAFETY_DO_ACCEPT_START,	/* answer to the START with .ticket */
	SAFETY_DO_REFUSE_START,	/* the same; fields of DO_REFUSE and .ticket */
	SAFETY_DO_ALARM,	/* tell everybody: .reason .priority; of
				 * several the most urgent
				 */
	SAFETY_DO_ALARMS,	/* @alarms or @alarms_acked changed */
	SAFETY_DO_AUDIO,	/* sound for .priority from now on */
	SAFETY_DO_STATE,	/* the state changed: .state, and .reason: the
				 * latched fault or why the motor last stopped
				 */
	SAFETY_ACTIONS
};

struct safety_action {
	enum safety_action_kind kind;
	enum safety_reason reason;
	enum safety_state state;
	enum safety_priority priority;
	enum safety_limit_id limit;
	enum safety_source source;
	uint32_t requested, allowed;
	uint32_t ticket;
	uint32_t depth_um, rate_spm, run_ms;
};

#define SAFETY_ACTIONS_MAX SAFETY_ACTIONS

struct safety_actions {
	uint32_t n;
	struct safety_action a[SAFETY_ACTIONS_MAX];
};

/*
 * Why the last request was refused or the last run ended. @limit and what
 * follows it mean something only if safety_why_has_limit().
 */
struct safety_why {
	enum safety_reason reason;
	enum safety_limit_id limit;
	enum safety_source source;
	uint32_t value;			/* asked for, or reached */
	uint32_t allowed;
};

/* Fields may be read by the daemon for display and record, never written. */
struct safety {
	enum safety_state state;
	enum safety_reason fault;	/* first cause, kept until RESET */
	enum safety_reason last_stop;	/* first cause of the last stop */
	struct safety_why why;		/* last refusal or stop */
	uint64_t alarms;		/* bit per reason: to be shown */
	uint64_t alarms_present;	/* its cause is there */
	uint64_t alarms_acked;		/* an operator took note */
	enum safety_priority audible;	/* what sounds now */
	uint32_t owner;			/* 0: nobody */
	uint32_t next_ticket;
	uint32_t intent_ticket;		/* 0: no start pending */
	uint32_t close_ticket;		/* 0: no close pending */
	struct safety_limits limits;	/* of the session */
	uint32_t depth_um, rate_spm;	/* set points wanted */
	uint32_t depth_now_um, rate_now_spm; /* last given to the pen */
	uint32_t motor_ms;		/* used in this session */
	uint32_t run_ms;		/* used in the present or last run */
	uint32_t runs;			/* in this session */
	uint32_t strokes;		/* in this session */
	uint32_t run_strokes;		/* in the present or last run */
	uint32_t punctures;		/* of the session: all strokes x needles */
	uint32_t dosed;			/* of the area, today: by @dose.basis */
	uint32_t density_cm2;		/* estimated upper bound from @dosed */
	uint32_t density_target_cm2, density_soft_cm2;
	uint32_t contact_ms;		/* on the skin without a break */
	uint32_t duty_ms;		/* motor time not yet rested off */
	struct safety_cartridge cartridge; /* of the session */
	struct safety_dose dose;	/* of the session */
	uint32_t area;
	uint32_t depth_peak_um;		/* measured, this session */
	uint32_t rate_peak_spm;		/* measured, this session */
	struct safety_telemetry last;	/* last valid one */
	/* private to the core; times in ms on its own clock, see safety.c */
	struct {
		uint64_t seen_ms;	/* now_ms of the last step */
		uint64_t clock_ms;	/* elapsed time, never backwards */
		uint64_t telemetry_ms;	/* last valid record */
		uint64_t heartbeat_ms;
		uint64_t renew_ms;	/* last renewal */
		uint64_t active_ms;	/* DO_START */
		uint64_t started_ms;	/* STARTED */
		uint64_t changed_ms;	/* a sensor last changed */
		uint64_t mismatch_ms;	/* set points differ since */
		uint64_t stop_ms;	/* last DO_STOP */
		uint64_t stop_first_ms;	/* first DO_STOP of this stop */
		uint64_t stroke_ms;	/* @strokes last moved */
		uint64_t set_ms;	/* set points last given */
		uint64_t touched_ms;	/* last seen on the skin */
		uint64_t pause_ms;	/* AUDIO_PAUSE */
		uint64_t burned_id;	/* the last cartridge that ran */
		uint64_t open_ms;	/* the cartridge's pack was opened */
		uint32_t set_from_um, set_from_spm; /* before the last DO_SET */
		uint32_t depth_step_um, rate_step_spm; /* of the pen */
		uint32_t rate_leak, current_leak, temp_leak, depth_leak;
		uint32_t invalid;	/* invalid records in a row */
		uint32_t depth_over;	/* too deep in a row */
		uint32_t still;		/* records in a row with motor off */
		uint32_t run_limit_ms;	/* of this run */
		uint32_t start_ticket;	/* START not answered yet; 0: none */
		enum safety_reason run_limit_reason;
		enum safety_limit_id run_limit_id;
		enum safety_priority paused; /* no sound up to this one */
		enum safety_reason close_reason;
		bool have_step, have_telemetry;
		bool start_outstanding;	/* the driver has not spoken yet */
		bool started;		/* the driver accepted the run */
		bool confirmed_running;	/* the pen has said so */
		bool mismatch;
		bool run_open;		/* DO_START without DO_RECORD_RUN */
		bool session_open, prepared, ending;
		bool record_failed, gone, limp;
		bool cartridge_void;	/* taken out: END is all that is left */
		bool loaded;		/* the last record showed load */
		bool target_told;
	} p;
};

void safety_config_default(struct safety_config *cfg);
/* The compiled-in ceilings: no file and no caller can start higher. */
void safety_limits_absolute(struct safety_limits *l);
/* Lowers one limit (raises RATE_MIN); a looser value changes nothing. */
void safety_limits_tighten(struct safety_limits *l, enum safety_limit_id id,
			   uint32_t value, enum safety_source source);

void safety_init(struct safety *s);
/*
 * One step. @out is overwritten; it never overflows. Deadlines are judged
 * before the event: no event overtakes an expired deadline.
 *
 * @now_ms: when the event happened; for TELEMETRY the time at which the
 * record arrived, so that a late wake-up of the caller is not taken for
 * silence of the pen. A record that arrived before the last step is judged
 * at the time of that step, but is only as fresh as its arrival. For all
 * other events, TICK above all, it is the present.
 */
void safety_step(const struct safety_config *cfg, struct safety *s,
		 const struct safety_event *ev, uint64_t now_ms,
		 struct safety_actions *out);

/*
 * The time of day that counts, in seconds of UTC since 1970: never before
 * what the record has seen plus what passed since.
 */
int64_t safety_now_s(const struct safety_when *when);
/*
 * Punctures per cm2 at which needles of @needle_um (diameter) have covered
 * @permille of the area once, by the sum of their cross-sections; half of it
 * above 1000 um of depth.
 */
uint32_t safety_density_cm2(uint32_t needle_um, uint32_t depth_um,
			    uint32_t permille);
/* Until sound comes back by itself; 0: it is not paused. */
uint32_t safety_audio_pause_left_ms(const struct safety_config *cfg,
				    const struct safety *s);
bool safety_why_has_limit(const struct safety_why *why);

/* Names for people and for the wire, in lowerCamelCase; never NULL. */
const char *safety_state_name(enum safety_state state);
const char *safety_reason_name(enum safety_reason reason);
/* One sentence: what happened and what clears it. */
const char *safety_reason_text(enum safety_reason reason);
/* One sentence: what clears it. */
const char *safety_reason_remedy(enum safety_reason reason);
enum safety_priority safety_reason_priority(enum safety_reason reason);
const char *safety_priority_name(enum safety_priority priority);
const char *safety_proof_name(enum safety_proof proof);
const char *safety_dose_basis_name(enum safety_dose_basis basis);
const char *safety_limit_name(enum safety_limit_id id);
/* "um", "strokes per minute"... and what clears it when it refuses. */
const char *safety_limit_unit(enum safety_limit_id id);
const char *safety_limit_remedy(enum safety_limit_id id);
bool safety_limit_is_minimum(enum safety_limit_id id);
const char *safety_source_name(enum safety_source source);

#endif /* MNPEN_SAFETY_H */
