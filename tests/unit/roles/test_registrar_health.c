/* SPDX-License-Identifier: Apache-2.0 */

/* What registrar makes of the question of front, beside a keyd and a ca of either version that are
 * played here. */

#include "unit/base/base_test.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "ipc/edges/registrar_ca.h"
#include "ipc/edges/registrar_keyd.h"
#include "roles/registrar/health.h"

#define NOW_MS 5000
#define WAIT_MS 1700

/* keyd and ca: peers are pointers that nobody looks into. */
struct sibling {
	unsigned version; /* that the edge speaks; 0: nothing */
	enum sg_code code;
	bool ready;
	unsigned asked;
};

static struct sibling keyd, ca;
static int answered; /* -1: not yet */
static int64_t waits_ms;

int64_t
sg_clock_mono_ms(void)
{
	return NOW_MS;
}

unsigned
sg_peer_version(struct sg_peer *peer)
{
	return ((struct sibling *)(void *)peer)->version;
}

enum sg_code
sg_peer_ask(struct sg_peer *peer, const struct sg_frame *question, const void *value,
    int64_t deadline_ms, const struct sg_frame *answer, void *ret, struct sg_err *err)
{
	struct sibling *s = (struct sibling *)(void *)peer;

	assert_int_equal(deadline_ms, NOW_MS + waits_ms);
	assert_int_equal(sg_frame_check(question, s->version, value, err), SG_OK);
	s->asked++;
	if (s == &keyd) {
		assert_ptr_equal(question, &sg_frame_keyd_health);
		assert_ptr_equal(answer, &sg_frame_keyd_health_answer);
		((struct sg_frame_keyd_health_answer *)ret)->ready = s->ready;
	} else {
		assert_ptr_equal(s, &ca);
		assert_ptr_equal(question, &sg_frame_ca_health);
		assert_ptr_equal(answer, &sg_frame_ca_health_answer);
		((struct sg_frame_ca_health_answer *)ret)->ready = s->ready;
	}
	return s->code;
}

void
sg_peer_answer(struct sg_peer_request *req, const struct sg_frame *answer, const void *value)
{
	assert_int_equal(answered, -1);
	assert_ptr_equal(answer, &sg_frame_health_answer);
	assert_int_equal(sg_frame_check(answer, req->version, value, NULL), SG_OK);
	answered = (int)((const struct sg_frame_health_answer *)value)->ready;
}

/* What front is told. */
static bool
is_ready(struct sibling as_keyd, struct sibling as_ca, int64_t full_since)
{
	struct sg_service_ctx ctx = {0};
	struct registrar r = {.ctx = &ctx};
	struct sg_frame_health ask = {.wait_ms = WAIT_MS};
	struct sg_peer_request *req = sg_xalloc(sizeof *req + sizeof ask);

	keyd = as_keyd;
	ca = as_ca;
	answered = -1;
	waits_ms = WAIT_MS;
	ctx.peer[PEER_KEYD] = (struct sg_peer *)(void *)&keyd;
	ctx.peer[PEER_CA] = (struct sg_peer *)(void *)&ca;
	atomic_store(&r.disk.since, full_since);
	req->frame = &sg_frame_health;
	req->version = sg_edge_front_registrar.version;
	memcpy(req->value, &ask, sizeof ask);
	registrar_health(&r, req);
	sg_free(req);
	assert_true(answered >= 0);
	return answered == 1;
}

static const struct sibling well = {2, SG_OK, true, 0};

static void
health__all_say_so__ready(void **state)
{
	(void)state;
	assert_true(is_ready(well, well, 0));
	assert_int_equal(keyd.asked, 1);
	assert_int_equal(ca.asked, 1);
}

/* One bad sibling in either place. */
static void
health__one_does_not__not_ready(void **state)
{
	(void)state;
	static const struct sibling bad[] = {
	    {0, SG_OK, true, 0},	/* not connected */
	    {2, SG_OK, false, 0},	/* has no room */
	    {2, SG_E_TIMEOUT, true, 0}, /* hangs */
	    {2, SG_E_NOMEM, true, 0},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(is_ready(bad[i], well, 0));
		assert_false(is_ready(well, bad[i], 0));
	}
	assert_false(is_ready(well, well, 1234));
}

/* While a system is updated: who does not know the question is not asked. */
static void
health__version_1__well_while_connected_and_not_asked(void **state)
{
	(void)state;
	const struct sibling old = {1, SG_E_INTERNAL, false, 0};

	assert_true(is_ready(old, old, 0));
	assert_int_equal(keyd.asked + ca.asked, 0);
	assert_true(is_ready(old, well, 0));
	assert_int_equal(ca.asked, 1);
	assert_true(is_ready(well, old, 0));
	assert_int_equal(keyd.asked, 1);
	assert_int_equal(ca.asked, 0);
	/* It vouches for nobody else. */
	assert_false(is_ready(old, (struct sibling){2, SG_OK, false, 0}, 0));
	assert_false(is_ready((struct sibling){0}, old, 0));
	assert_false(is_ready(old, old, 1234));
}

/* For people: each by itself, whatever the other does. */
static void
health__status__says_who(void **state)
{
	(void)state;
	struct sg_service_ctx ctx = {0};
	struct registrar r = {.ctx = &ctx};

	ctx.peer[PEER_KEYD] = (struct sg_peer *)(void *)&keyd;
	ctx.peer[PEER_CA] = (struct sg_peer *)(void *)&ca;
	waits_ms = 2000;
	for (unsigned n = 0; n < 4; n++) {
		keyd = ca = well;
		keyd.code = (n & 1) != 0 ? SG_E_TIMEOUT : SG_OK;
		ca.ready = (n & 2) == 0;
		struct sg_api_works said = registrar_health_now(&r);
		assert_int_equal(said.keyd, (n & 1) == 0);
		assert_int_equal(said.ca, (n & 2) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(health__all_say_so__ready),
	    cmocka_unit_test(health__one_does_not__not_ready),
	    cmocka_unit_test(health__version_1__well_while_connected_and_not_asked),
	    cmocka_unit_test(health__status__says_who),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
