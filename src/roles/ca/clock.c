/* SPDX-License-Identifier: Apache-2.0 */

/*
 * roles/ca/clock.c - a clock that went back is noticed, said, and asked about by `signet status`
 *
 * Nothing here decides anything: what a list has is counted, not computed from a clock, and its
 * dates only grow (issue/crl.h).
 */

#include "roles/ca/clock.h"

#include "base/clock.h"
#include "service/log.h"
#include "roles/ca/state.h"
#include "store/ca/known_time.h"

#define STEP_S 5       /* less is how time servers set clocks right */
#define REMEMBER_S 600 /* how much of the known time a crash may lose: a commit each */

static void
say(struct ca *ca, int64_t s, const char *when)
{
	sg_log(SG_LOG_WARNING, "clock.back",
	    "this machine's clock went back by %lld s %s; certificates are dated by it. If the "
	    "clock was ahead before: signet ca crl --clock-was-ahead",
	    (long long)s, when);
	ca->clock.said = true;
}

int64_t
ca_clock_look(struct ca *ca)
{
	struct sg_err err = {0};
	int64_t now = sg_clock_now(), mono = sg_clock_mono_ms(), known = 0;

	pthread_mutex_lock(&ca->clock.lock);
	int64_t due = ca->clock.wall + (mono - ca->clock.mono_ms) / 1000;
	if (ca->clock.wall != 0 && now + STEP_S < due)
		say(ca, due - now, "while Signet ran");
	ca->clock.wall = now;
	ca->clock.mono_ms = mono;
	bool keep = ca->clock.kept == 0 || now >= ca->clock.kept + REMEMBER_S;
	pthread_mutex_unlock(&ca->clock.lock);
	if (!keep)
		return now;
	if (sg_cadb_known_time(ca->store, now, &known, &err) != SG_OK) {
		sg_log(SG_LOG_WARNING, err.rule, "the time is not kept: %s", err.text);
		return now;
	}
	pthread_mutex_lock(&ca->clock.lock);
	if (known > now + STEP_S && !ca->clock.said)
		say(ca, known - now, "since Signet ran here last");
	ca->clock.kept = now;
	if (ca->clock.latest < now)
		ca->clock.latest = now;
	if (ca->clock.latest < known)
		ca->clock.latest = known;
	pthread_mutex_unlock(&ca->clock.lock);
	return now;
}

int64_t
ca_clock_behind(struct ca *ca)
{
	pthread_mutex_lock(&ca->clock.lock);
	int64_t late_s = ca->clock.latest - sg_clock_now();
	pthread_mutex_unlock(&ca->clock.lock);
	return late_s > STEP_S ? late_s : 0;
}

SG_RC
ca_clock_was_ahead(struct ca *ca, const char *who, struct sg_err *err)
{
	int64_t now = sg_clock_now();

	enum sg_code rc = sg_cadb_known_time_set_back(ca->store, sg_slice_str(who), now, err);
	if (rc != SG_OK)
		return rc;
	pthread_mutex_lock(&ca->clock.lock);
	ca->clock.latest = ca->clock.kept = now;
	ca->clock.said = false;
	pthread_mutex_unlock(&ca->clock.lock);
	return SG_OK;
}
