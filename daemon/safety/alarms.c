// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be told, and what sounds.
 *
 * Faults stay in the list until RESET, stops until an operator has taken note
 * (or starts again, which is the same), alerts until their cause is gone.
 * There is no way to switch an alarm off: sound pauses for a while, and comes
 * back at once for anything more urgent.
 */
#include "daemon/safety/core.h"

_Static_assert(SAFETY_REASONS <= 64, "a bit for each reason");

static uint64_t bit(enum safety_reason reason)
{
	return 1ull << reason;
}

/* Bits from @first to @last. */
static uint64_t bits(enum safety_reason first, enum safety_reason last)
{
	return (bit(last) | (bit(last) - 1)) & ~(bit(first) - 1);
}

static uint64_t faults(void)
{
	return bits(SAFETY_FAULT_TELEMETRY_SILENT,
		    SAFETY_FAULT_STOP_UNCONFIRMED);
}

static uint64_t stops(void)
{
	return bits(SAFETY_STOP_REQUEST, SAFETY_STOP_CARTRIDGE);
}

bool core_is_stop(enum safety_reason reason)
{
	return stops() & bit(reason);
}

static enum safety_priority highest(uint64_t alarms)
{
	enum safety_priority most = SAFETY_PRIORITY_NONE, p;
	uint32_t i;

	for (i = 0; alarms; i++, alarms >>= 1) {
		p = safety_reason_priority((enum safety_reason)i);
		if ((alarms & 1) && p > most)
			most = p;
	}
	return most;
}

static void tell(struct core_step *st, enum safety_reason reason,
		 enum safety_priority priority)
{
	struct safety_action *a = core_do(st, SAFETY_DO_ALARM);

	if (a->reason != SAFETY_OK && a->priority >= priority)
		return;
	a->reason = reason;
	a->priority = priority;
}

void core_raise(struct core_step *st, enum safety_reason reason)
{
	enum safety_priority priority = safety_reason_priority(reason);
	struct safety *s = st->s;

	if (s->alarms_present & bit(reason))
		return;
	tell(st, reason, priority);
	if (priority == SAFETY_PRIORITY_NONE)
		return;
	s->alarms |= bit(reason);
	s->alarms_acked &= ~bit(reason);
	/* A stop is over as soon as it happened; the rest lasts. */
	if (!core_is_stop(reason))
		s->alarms_present |= bit(reason);
	if (priority > s->p.paused)
		s->p.paused = SAFETY_PRIORITY_NONE;
}

void core_over(struct core_step *st, enum safety_reason reason)
{
	struct safety *s = st->s;

	s->alarms_present &= ~bit(reason);
	s->alarms &= ~bit(reason);
	s->alarms_acked &= ~bit(reason);
}

void core_faults_over(struct core_step *st)
{
	struct safety *s = st->s;

	s->alarms_present &= ~faults();
	s->alarms &= ~faults();
	s->alarms_acked &= ~faults();
}

void core_noted(struct core_step *st)
{
	struct safety *s = st->s;

	s->alarms &= s->alarms_present;
	s->alarms_acked = s->alarms;
}

void core_stops_noted(struct core_step *st)
{
	st->s->alarms &= ~stops();
	st->s->alarms_acked &= ~stops();
}

/*
 * Needles that may still move make a noise until they do not. While ACTIVE
 * nothing is that urgent: it would have stopped the run.
 */
bool core_must_sound(const struct safety *s)
{
	return highest(s->alarms) == SAFETY_PRIORITY_HIGH &&
	       (s->state == SAFETY_STOPPING || s->state == SAFETY_HARD_FAULT);
}

void core_audio_pause(struct core_step *st)
{
	struct safety *s = st->s;

	s->p.paused = highest(s->alarms & ~s->alarms_acked);
	s->p.pause_ms = st->now;
}

void core_audio_deadline(struct core_step *st)
{
	struct safety *s = st->s;

	if (s->p.paused != SAFETY_PRIORITY_NONE &&
	    core_since(st, s->p.pause_ms) >= st->cfg->audio_pause_ms)
		s->p.paused = SAFETY_PRIORITY_NONE;
}

/* After the event: what changed in the list, and what sounds from now on. */
void core_alarms_told(struct core_step *st, uint64_t alarms, uint64_t acked)
{
	struct safety *s = st->s;
	uint64_t loud = s->alarms & ~s->alarms_acked;
	enum safety_priority audible = highest(loud);

	if (s->alarms != alarms || s->alarms_acked != acked)
		core_do(st, SAFETY_DO_ALARMS);
	if (!loud)
		s->p.paused = SAFETY_PRIORITY_NONE;
	if (audible <= s->p.paused)
		audible = SAFETY_PRIORITY_NONE;
	if (audible == s->audible)
		return;
	s->audible = audible;
	core_do(st, SAFETY_DO_AUDIO)->priority = audible;
}

void core_note_warmth(struct core_step *st, const struct safety_telemetry *t)
{
	uint32_t limit = core_limit(st->s, SAFETY_LIMIT_TEMP_MAX);
	uint32_t warm = limit - core_min(limit, st->cfg->warm_mdegc);

	if (t->temp_motor_mdegc > 0 && (uint32_t)t->temp_motor_mdegc > warm)
		core_raise(st, SAFETY_ALERT_WARM);
	/* A little cooler than that, or it would come and go. */
	else if (t->temp_motor_mdegc <= 0 ||
		 core_add((uint32_t)t->temp_motor_mdegc,
			  st->cfg->warm_mdegc / 2) <= warm)
		core_over(st, SAFETY_ALERT_WARM);
}

uint32_t safety_audio_pause_left_ms(const struct safety_config *cfg,
				    const struct safety *s)
{
	uint64_t gone = s->p.clock_ms - s->p.pause_ms;

	if (s->p.paused == SAFETY_PRIORITY_NONE || gone >= cfg->audio_pause_ms)
		return 0;
	return cfg->audio_pause_ms - (uint32_t)gone;
}
