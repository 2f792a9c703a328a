// SPDX-License-Identifier: GPL-2.0-or-later
/* What must be told, and what sounds: no alarm is lost, none can be off. */
#include <stddef.h>

#include "tests/model/oracle_internal.h"

#define FIRST_STOP	SAFETY_STOP_REQUEST
#define LAST_STOP	SAFETY_STOP_CARTRIDGE

/* Written out: how much somebody must know of what. */
static enum safety_priority priority_of(uint32_t reason)
{
	switch (reason) {
	case SAFETY_STOP_RUN_TIME:
	case SAFETY_ALERT_DENSITY:
	case SAFETY_ALERT_CONTACT:
		return SAFETY_PRIORITY_LOW;
	case SAFETY_STOP_OWNER_GONE:
	case SAFETY_STOP_OWNER_SILENT:
	case SAFETY_STOP_PEN:
	case SAFETY_STOP_START_FAILED:
	case SAFETY_STOP_CONTACT:
	case SAFETY_STOP_DENSITY:
	case SAFETY_STOP_DUTY:
	case SAFETY_STOP_CARTRIDGE:
	case SAFETY_FAULT_PEN_REBOOTED:
	case SAFETY_FAULT_RECORD:
	case SAFETY_FAULT_RENEW:
	case SAFETY_FAULT_LIMP:
	case SAFETY_ALERT_WARM:
	case SAFETY_ALERT_RECORD:
		return SAFETY_PRIORITY_MEDIUM;
	default:
		return oracle_faults(BIT(reason)) ? SAFETY_PRIORITY_HIGH :
						    SAFETY_PRIORITY_NONE;
	}
}

static enum safety_priority loudest(uint64_t set)
{
	enum safety_priority most = SAFETY_PRIORITY_NONE;

	for (; set; set &= set - 1) {
		uint32_t reason = (uint32_t)__builtin_ctzll(set);

		if (priority_of(reason) > most)
			most = priority_of(reason);
	}
	return most;
}

static bool is_stop(uint32_t reason)
{
	return reason >= FIRST_STOP && reason <= LAST_STOP;
}

void oracle_raise(struct view *v, enum safety_reason reason)
{
	struct oracle *o = v->o;

	if (o->present & BIT(reason))
		return;
	v->raised |= BIT(reason);
	if (priority_of(reason) == SAFETY_PRIORITY_NONE)
		return;
	o->alarms |= BIT(reason);
	o->acked &= ~BIT(reason);
	if (!is_stop(reason))
		o->present |= BIT(reason);
	if (priority_of(reason) > o->paused)
		o->paused = SAFETY_PRIORITY_NONE;
}

void oracle_raise_stop(struct view *v, enum safety_reason reason)
{
	if (is_stop(reason) && priority_of(reason) != SAFETY_PRIORITY_NONE)
		oracle_raise(v, reason);
}

void oracle_over(struct oracle *o, enum safety_reason reason)
{
	o->alarms &= ~BIT(reason);
	o->present &= ~BIT(reason);
	o->acked &= ~BIT(reason);
}

bool oracle_must_sound(const struct view *v)
{
	return loudest(v->o->alarms) == SAFETY_PRIORITY_HIGH &&
	       (v->state == SAFETY_ACTIVE || v->state == SAFETY_STOPPING ||
		v->state == SAFETY_HARD_FAULT);
}

/* Before the event. */
void oracle_alarms_deadline(struct view *v)
{
	struct oracle *o = v->o;

	if (!o->contact_ms)
		oracle_over(o, SAFETY_ALERT_CONTACT);
	else if (o->contact_ms >= o->cfg.contact_alert_ms)
		oracle_raise(v, SAFETY_ALERT_CONTACT);
	if (o->paused && o->age.paused >= o->cfg.audio_pause_ms)
		o->paused = SAFETY_PRIORITY_NONE;
}

void oracle_alarms_record(struct view *v, const struct safety_telemetry *t)
{
	struct oracle *o = v->o;
	int64_t warm = (int64_t)oracle_limit(o, SAFETY_LIMIT_TEMP_MAX) -
		       o->cfg.warm_mdegc;
	int64_t temp = t->temp_motor_mdegc;

	if (warm < 0)
		warm = 0;
	if (temp > 0 && temp > warm)
		oracle_raise(v, SAFETY_ALERT_WARM);
	else if (temp <= 0 || temp + o->cfg.warm_mdegc / 2 <= warm)
		oracle_over(o, SAFETY_ALERT_WARM);
}

static void stops_noted(struct oracle *o)
{
	uint64_t stops = (BIT(LAST_STOP) * 2 - 1) & ~(BIT(FIRST_STOP) - 1);

	o->alarms &= ~stops;
	o->acked &= ~stops;
}

static void note_requests(struct view *v)
{
	struct oracle *o = v->o;
	bool yes = v->did[SAFETY_DO_ACCEPT] != NULL;

	if (v->ev->kind == SAFETY_EV_BEGIN && yes) {
		oracle_over(o, SAFETY_ALERT_DENSITY);
		stops_noted(o);
	} else if (v->did[SAFETY_DO_INTENT]) {
		stops_noted(o);
	} else if (v->ev->kind == SAFETY_EV_ALARM_ACK && yes) {
		o->alarms &= o->present;
		o->acked = o->alarms;
	} else if (v->ev->kind == SAFETY_EV_AUDIO_PAUSE && yes) {
		o->paused = loudest(o->alarms & ~o->acked);
		o->age.paused = 0;
	} else if (v->ev->kind == SAFETY_EV_RESET && yes) {
		o->alarms &= ~oracle_faults(~0ull);
		o->present &= ~oracle_faults(~0ull);
		o->acked &= ~oracle_faults(~0ull);
	}
}

/* After the event, when it is known what became of it. */
void oracle_alarms_event(struct view *v)
{
	const struct safety *s = v->after;
	struct oracle *o = v->o;

	/* Every fault is told, the latched one and those after it. */
	if (v->before->fault == SAFETY_OK && s->fault != SAFETY_OK)
		oracle_raise(v, s->fault);
	if ((v->before->fault != SAFETY_OK || v->overdue || v->given_up) &&
	    oracle_faults(v->caused) && !v->again)
		oracle_raise(v, (enum safety_reason)
			     __builtin_ctzll(oracle_faults(v->caused)));
	if (v->enters_stop)
		oracle_raise_stop(v, s->last_stop);
	if (v->ev->kind == SAFETY_EV_RECORD_FAILED)
		oracle_raise(v, SAFETY_ALERT_RECORD);
	if (v->ev->kind == SAFETY_EV_RECORD_OK)
		oracle_over(o, SAFETY_ALERT_RECORD);
	note_requests(v);
}

static const char *check_told(const struct view *v)
{
	const struct safety_action *told = v->did[SAFETY_DO_ALARM];

	HOLDS(!told == !v->raised, "55: told without cause, or not told");
	if (!told)
		return NULL;
	HOLDS(v->raised & BIT(told->reason), "55: another alarm told");
	HOLDS(told->priority == priority_of(told->reason), "55: priority");
	HOLDS(told->priority == loudest(v->raised), "55: not the most urgent");
	return NULL;
}

const char *oracle_check_alarms(struct view *v)
{
	const struct safety_action *audio = v->did[SAFETY_DO_AUDIO];
	const struct safety *s = v->after;
	struct oracle *o = v->o;
	enum safety_priority loud = loudest(o->alarms & ~o->acked);
	bool changed = v->before->alarms != s->alarms ||
		       v->before->alarms_acked != s->alarms_acked;
	const char *wrong = check_told(v);

	if (wrong)
		return wrong;
	if (!(o->alarms & ~o->acked))
		o->paused = SAFETY_PRIORITY_NONE;
	if (loud <= o->paused)
		loud = SAFETY_PRIORITY_NONE;
	HOLDS(s->alarms == o->alarms && s->alarms_present == o->present,
	      "55: list of alarms");
	HOLDS(s->alarms_acked == o->acked, "55: what was noted");
	HOLDS(s->fault != SAFETY_OK || !oracle_faults(s->alarms),
	      "45, 55: alarm of a fault that is none");
	HOLDS(s->fault == SAFETY_OK || s->alarms & BIT(s->fault),
	      "55: a fault without alarm");
	HOLDS(!v->did[SAFETY_DO_ALARMS] == !changed, "55: change not told");
	HOLDS(s->audible == loud, "51: what sounds");
	HOLDS(!audio == (v->before->audible == s->audible), "51: sound told");
	HOLDS(!audio || audio->priority == s->audible, "51: sound told right");
	return NULL;
}
