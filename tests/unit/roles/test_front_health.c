/* SPDX-License-Identifier: Apache-2.0 */

/* /health beside a registrar and an HTTP server that are played here: who is asked, how often. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ipc/edges/front_registrar.h"
#include "lib/alloc_fail.h"
#include "roles/front/front.h"
#include "roles/front/health.h"
#include "roles/front/state.h"

#define REQS 8

static struct rig {
	struct sg_service_ctx ctx;
	struct front f;
	struct sg_http_req req[REQS];
	int status[REQS];
	char fields[128], body[32]; /* of the last answer */
	unsigned version;	    /* that the edge speaks */
	unsigned questions;
	struct sg_parker *registrar; /* where a question waits */
	enum sg_code code;	     /* and what it ends with */
	bool ready;
	int64_t now_ms;
} rig;

/* A loop and its fibers last until the process ends: a check for leaks must see them. */
static struct {
	struct sg_loop *loop;
	struct health *health;
} kept[16];
static size_t kept_n;

/* ---- what front stands on ---- */

int64_t
sg_clock_mono_ms(void)
{
	return rig.now_ms;
}

int64_t
sg_clock_mono_us(void)
{
	return rig.now_ms * 1000;
}

int64_t
sg_clock_now(void)
{
	return rig.now_ms / 1000;
}

int64_t
sg_clock_now_us(void)
{
	return rig.now_ms * 1000;
}

unsigned
sg_peer_version(struct sg_peer *peer)
{
	(void)peer;
	return rig.version;
}

enum sg_code
sg_peer_ask(struct sg_peer *peer, const struct sg_frame *question, const void *value,
    int64_t deadline_ms, const struct sg_frame *answer, void *ret, struct sg_err *err)
{
	struct sg_parker parker;

	(void)peer;
	assert_ptr_equal(question, &sg_frame_health);
	assert_ptr_equal(answer, &sg_frame_health_answer);
	assert_int_equal(
	    sg_frame_check(question, sg_edge_front_registrar.version, value, err), SG_OK);
	assert_int_equal(deadline_ms, rig.now_ms + 2000);
	rig.questions++;
	sg_parker_init(&parker);
	rig.registrar = &parker;
	sg_park(&parker, SG_CLOCK_NEVER);
	rig.registrar = NULL;
	((struct sg_frame_health_answer *)ret)->ready = rig.ready;
	return rig.code;
}

void
sg_http_respond(struct sg_http_req *req, const struct sg_http_answer *answer)
{
	assert_int_equal(rig.status[req - rig.req], 0);
	rig.status[req - rig.req] = answer->status;
	snprintf(rig.fields, sizeof rig.fields, "%s", answer->fields);
	snprintf(
	    rig.body, sizeof rig.body, "%.*s", (int)answer->body.len, (const char *)answer->body.p);
}

void
front_turn(struct front *f)
{
	assert_ptr_equal(f, &rig.f);
}

/* ---- the rig ---- */

static void
run_fibers(void)
{
	while (sg_loop_turn(rig.ctx.loop, false) == 0)
		continue;
}

static int
setup(void **state)
{
	struct sg_err err;

	(void)state;
	memset(&rig, 0, sizeof rig);
	rig.version = sg_edge_front_registrar.version;
	rig.ready = true;
	rig.now_ms = 1000000;
	rig.f.ctx = &rig.ctx;
	assert_int_equal(sg_loop_new(&rig.ctx.loop, &err), SG_OK);
	assert_int_equal(front_health_start(&rig.f, &err), SG_OK);
	kept[kept_n].loop = rig.ctx.loop;
	kept[kept_n++].health = rig.f.health;
	run_fibers();
	return 0;
}

static void
come(size_t n, enum sg_http_method method)
{
	rig.req[n] = (struct sg_http_req){.head = {.method = method}};
	rig.status[n] = 0;
	front_health_http(&rig.f, &rig.req[n]);
	run_fibers();
}

static void
registrar_answers(enum sg_code code, bool ready)
{
	rig.code = code;
	rig.ready = ready;
	assert_non_null(rig.registrar);
	sg_unpark(rig.registrar);
	run_fibers();
}

/* ---- tests ---- */

static void
health__many_at_once__one_question(void **state)
{
	(void)state;
	for (size_t n = 0; n < REQS; n++)
		come(n, n % 2 == 0 ? SG_HTTP_GET : SG_HTTP_HEAD);
	for (size_t n = 0; n < REQS; n++)
		assert_int_equal(rig.status[n], 0);
	registrar_answers(SG_OK, true);
	for (size_t n = 0; n < REQS; n++)
		assert_int_equal(rig.status[n], 200);
	assert_string_equal(rig.body, "ok\n");
	assert_int_equal(rig.questions, 1);
}

/* Also where the answer is bad: who hangs is not asked more often than who does not. */
static void
health__what_is_known__holds_and_then_is_asked_anew(void **state)
{
	(void)state;
	come(0, SG_HTTP_GET);
	rig.now_ms += 1500;
	registrar_answers(SG_OK, false);
	rig.now_ms += 999;
	come(1, SG_HTTP_GET);
	assert_int_equal(rig.status[1], 503);
	assert_int_equal(rig.questions, 1);
	rig.now_ms += 1;
	come(2, SG_HTTP_GET);
	assert_int_equal(rig.status[2], 0);
	registrar_answers(SG_OK, true);
	assert_int_equal(rig.status[2], 200);
	assert_int_equal(rig.questions, 2);
}

static void
health__registrar_says_no_or_nothing__503(void **state)
{
	static const struct {
		enum sg_code code;
		bool ready;
	} rows[] = {{SG_OK, false}, {SG_E_TIMEOUT, true}, {SG_E_NOMEM, true}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		setup(state);
		come(0, SG_HTTP_GET);
		registrar_answers(rows[i].code, rows[i].ready);
		assert_int_equal(rig.status[0], 503);
		assert_string_equal(rig.body, "unavailable\n");
		assert_non_null(strstr(rig.fields, "Retry-After: "));
	}
}

static void
health__no_edge_or_an_old_one__known_without_a_question(void **state)
{
	(void)state;
	rig.version = 0;
	come(0, SG_HTTP_GET);
	assert_int_equal(rig.status[0], 503);
	setup(state);
	rig.version = 1;
	come(0, SG_HTTP_GET);
	assert_int_equal(rig.status[0], 200);
	assert_int_equal(rig.questions, 0);
}

static void
health__other_methods__answered_without_a_question(void **state)
{
	(void)state;
	come(0, SG_HTTP_OPTIONS);
	come(1, SG_HTTP_POST);
	assert_int_equal(rig.status[0], 204);
	assert_int_equal(rig.status[1], 405);
	assert_string_equal(rig.fields, "Allow: GET, HEAD, OPTIONS\r\n");
	assert_int_equal(rig.questions, 0);
}

static void
health__no_memory__what_was_known_last(void **state)
{
	(void)state;
	alloc_fail_at(1);
	come(0, SG_HTTP_GET);
	alloc_fail_at(0);
	assert_int_equal(rig.status[0], 503);
	assert_int_equal(rig.questions, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(health__many_at_once__one_question, setup),
	    cmocka_unit_test_setup(health__what_is_known__holds_and_then_is_asked_anew, setup),
	    cmocka_unit_test_setup(health__registrar_says_no_or_nothing__503, setup),
	    cmocka_unit_test_setup(health__no_edge_or_an_old_one__known_without_a_question, setup),
	    cmocka_unit_test_setup(health__other_methods__answered_without_a_question, setup),
	    cmocka_unit_test_setup(health__no_memory__what_was_known_last, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
