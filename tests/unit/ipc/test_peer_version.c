/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_peer_version.c - an edge of the product with one end in the next version, which has one
 * field more in a question and in its answer: as it will be while a system is updated
 */

#include "unit/ipc/peer_test.h"

#include "ipc/edges/registrar_keyd.h"

/* ---- the next version, beside this one ---- */

enum { NOW = 2, NEXT };

#define NEXT_UNWRAP_ROWS(T, U, B)                                                                  \
	SG_FRAME_UNWRAP_ROWS(T, U, B)                                                              \
	B(T, slot, NEXT, 1, 16)
SG_FRAME_DECLARE(next_unwrap, NEXT_UNWRAP_ROWS);
#define NEXT_UNWRAP_ANSWER_ROWS(T, U, B)                                                           \
	SG_FRAME_UNWRAP_ANSWER_ROWS(T, U, B)                                                       \
	U(T, uses, NEXT, 0, 1000)
SG_FRAME_DECLARE(next_unwrap_answer, NEXT_UNWRAP_ANSWER_ROWS);
SG_PEER_QUESTION(next_unwrap, next_unwrap_answer);

SG_FRAME_DEFINE(next_unwrap, SG_FRAME_UNWRAP, SG_EDGE_CLIENT, NEXT_UNWRAP_ROWS);
SG_FRAME_DEFINE(
    next_unwrap_answer, SG_FRAME_UNWRAP_ANSWER, SG_EDGE_SERVER, NEXT_UNWRAP_ANSWER_ROWS);
static const struct sg_frame *const next_frame[] = {
    &sg_frame_next_unwrap, &sg_frame_next_unwrap_answer, &sg_frame_sign, &sg_frame_sign_answer};
static const struct sg_edge next_edge = {"registrar-keyd", NEXT, 4, next_frame};

/* ---- both ends in both ---- */

static void
answer_now(struct sg_peer_request *req, void *arg)
{
	const struct sg_frame_unwrap *ask = sg_peer_asked_unwrap(req);
	struct sg_frame_unwrap_answer answer = {.code = ask->cek_len, .cek = ask->wrapped};

	sg_ignore(arg);
	assert_int_equal(req->version, NOW);
	sg_peer_reply_unwrap(req, &answer);
}

/* uses tells what it saw: how long slot is, and 100. */
static void
answer_next(struct sg_peer_request *req, void *arg)
{
	const struct sg_frame_next_unwrap *ask = sg_peer_asked_next_unwrap(req);
	struct sg_frame_next_unwrap_answer answer = {
	    .code = ask->cek_len, .cek = ask->wrapped, .uses = 100 + ask->slot.len};

	sg_ignore(arg);
	assert_int_equal(req->version, *(const unsigned *)arg);
	assert_int_equal(ask->slot.len, req->version == NEXT ? 4 : 0);
	sg_peer_reply_next_unwrap(req, &answer);
}

static struct sg_peer *
peer_of(const struct sg_edge *edge, enum sg_edge_side side, sg_peer_handler *handler, void *arg)
{
	struct sg_loop *loop = NULL;
	struct sg_peer *p = NULL;

	assert_int_equal(sg_loop_new(&loop, NULL), SG_OK);
	assert_int_equal(sg_peer_new(edge, side, loop, handler, arg, &p, NULL), SG_OK);
	assert_int_equal(sg_loop_start(loop, NULL), SG_OK);
	kept_loop[kept_n] = loop;
	kept[kept_n++] = p;
	return p;
}

static void
ask_now(struct sg_peer *client)
{
	struct sg_frame_unwrap ask = {.cek_len = 16, .wrapped = sg_slice_str("wrapped")};
	sg_frame_scoped(unwrap_answer) answer = {0};
	struct sg_err err;

	if (sg_peer_ask_unwrap(client, &ask, sg_clock_mono_ms() + SOON_MS, &answer, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(answer.code, 16);
	assert_true(sg_slice_is(answer.cek, "wrapped"));
}

static void
ask_next(struct sg_peer *client, uint64_t uses)
{
	struct sg_frame_next_unwrap ask = {
	    .cek_len = 16, .wrapped = sg_slice_str("wrapped"), .slot = sg_slice_str("slot")};
	sg_frame_scoped(next_unwrap_answer) answer = {0};
	struct sg_err err;

	if (sg_peer_ask_next_unwrap(client, &ask, sg_clock_mono_ms() + SOON_MS, &answer, &err) !=
	    SG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(answer.code, 16);
	assert_true(sg_slice_is(answer.cek, "wrapped"));
	assert_int_equal(answer.uses, uses);
}

static unsigned spoken_now = NOW, spoken_next = NEXT;

/* The older side asks: the next one sees no slot, and its uses are not sent. */
static void
ask__server_is_next__understood(void **state)
{
	(void)state;
	struct sg_peer *client = peer_of(&sg_edge_registrar_keyd, SG_EDGE_CLIENT, NULL, NULL);
	connect_peers(client, peer_of(&next_edge, SG_EDGE_SERVER, answer_next, &spoken_now));
	ask_now(client);
	assert_int_equal(sg_peer_version(client), NOW);
}

/* The next side asks: its slot is not sent, and it reads 0 uses. */
static void
ask__client_is_next__understood(void **state)
{
	(void)state;
	struct sg_peer *client = peer_of(&next_edge, SG_EDGE_CLIENT, NULL, NULL);
	connect_peers(client, peer_of(&sg_edge_registrar_keyd, SG_EDGE_SERVER, answer_now, NULL));
	ask_next(client, 0);
	assert_int_equal(sg_peer_version(client), NOW);
}

static void
ask__both_next__with_the_new_fields(void **state)
{
	(void)state;
	struct sg_peer *client = peer_of(&next_edge, SG_EDGE_CLIENT, NULL, NULL);
	connect_peers(client, peer_of(&next_edge, SG_EDGE_SERVER, answer_next, &spoken_next));
	ask_next(client, 104);
	assert_int_equal(sg_peer_version(client), NEXT);
}

/* A sibling is started again in another version, while one waits for its answer. */
static void *
ask_next_main(void *client)
{
	ask_next(client, 104);
	return NULL;
}

static void
ask__sibling_comes_back_in_the_next_version__asked_again_in_that(void **state)
{
	(void)state;
	struct sg_peer *client = peer_of(&next_edge, SG_EDGE_CLIENT, NULL, NULL);
	struct sg_frame_unwrap now;
	uint8_t frame[128];
	uint64_t id;
	struct task task;
	int old = attach_raw_in(client, NOW);
	task_start(&task, client, ask_next_main, client);
	assert_true(read_raw(old, frame, 4) && frame[3] < sizeof frame);
	size_t len = frame[3];
	assert_true(read_raw(old, frame, len));
	assert_int_equal(
	    sg_frame_get(&sg_frame_unwrap, NOW, sg_slice(frame, len), &id, &now, NULL), SG_OK);
	connect_peers(client, peer_of(&next_edge, SG_EDGE_SERVER, answer_next, &spoken_next));
	assert_null(task_end(&task));
	close(old);
}

/* Where it is spoken, a field of the next version is bounded like any other. */
static void
field__of_the_next_version__bounded(void **state)
{
	(void)state;
	struct sg_frame_next_unwrap_answer over = {.uses = 1001}, back;
	struct sg_frame_next_unwrap least = {.wrapped = sg_slice_str("w")};
	struct sg_err err;
	uint64_t id;
	sg_buf_scoped out = {0};
	expect_err(sg_frame_put(&sg_frame_next_unwrap_answer, NEXT, 1, &over, &out, &err), &err,
	    SG_E_INTERNAL, "frame.schema");
	/* This version's bytes are not enough for the next one, and the other way round too many.
	 */
	struct sg_frame_next_unwrap_answer good = {.uses = 1};
	assert_int_equal(
	    sg_frame_put(&sg_frame_next_unwrap_answer, NOW, 1, &good, &out, &err), SG_OK);
	expect_err(sg_frame_get(&sg_frame_next_unwrap_answer, NEXT,
		       sg_slice(out.p + 4, out.len - 4), &id, &back, &err),
	    &err, SG_E_MALFORMED, "frame.cut");
	sg_buf_reset(&out);
	assert_int_equal(
	    sg_frame_put(&sg_frame_next_unwrap_answer, NEXT, 1, &good, &out, &err), SG_OK);
	expect_err(sg_frame_get(&sg_frame_next_unwrap_answer, NOW, sg_slice(out.p + 4, out.len - 4),
		       &id, &back, &err),
	    &err, SG_E_MALFORMED, "frame.trailing");
	/* What is not sent need not fit. */
	sg_buf_reset(&out);
	assert_int_equal(sg_frame_put(&sg_frame_next_unwrap, NOW, 1, &least, &out, &err), SG_OK);
	expect_err(sg_frame_put(&sg_frame_next_unwrap, NEXT, 1, &least, &out, &err), &err,
	    SG_E_INTERNAL, "frame.schema");
}

static const struct row rows[] = {
    ROW(ask__server_is_next__understood, OF(THREADS)),
    ROW(ask__client_is_next__understood, OF(THREADS)),
    ROW(ask__both_next__with_the_new_fields, OF(THREADS)),
    ROW(ask__sibling_comes_back_in_the_next_version__asked_again_in_that, ALL),
    ROW(field__of_the_next_version__bounded, OF(THREADS)),
};

int
main(void)
{
	return run_rows(rows, sizeof rows / sizeof rows[0]);
}
