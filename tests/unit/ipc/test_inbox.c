/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "ipc/inbox.h"

static int fd[2];

static int
set_up(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd);
}

static int
tear_down(void **state)
{
	(void)state;
	close(fd[0]);
	close(fd[1]);
	return 0;
}

static void
put_frame(struct sg_buf *out, size_t len, unsigned fill)
{
	sg_buf_put_u32(out, (uint32_t)len);
	uint8_t *p = sg_buf_extend(out, len);
	if (p != NULL)
		memset(p, (int)fill, len);
	assert_int_equal(out->failed, SG_OK);
}

static void
expect_frame(struct sg_inbox *in, struct sg_inbox_hold *hold, size_t len, unsigned fill)
{
	assert_int_equal(sg_inbox_next(in, hold), SG_INBOX_FRAME);
	assert_int_equal(hold->len, len);
	for (size_t n = 0; n < len; n++)
		assert_int_equal(hold->p[n], fill);
}

/* Write what there is in pieces, reading as it comes. */
static size_t
pass_on(struct sg_inbox *in, struct sg_slice all, size_t piece, struct sg_inbox_hold *hold)
{
	size_t n = 0;
	for (size_t at = 0; at < all.len; at += piece) {
		size_t len = all.len - at < piece ? all.len - at : piece;
		assert_int_equal(send(fd[1], all.p + at, len, MSG_NOSIGNAL), len);
		for (size_t left = len; left > 0;) {
			size_t had = in->end - in->at;
			assert_true(sg_inbox_read(in, fd[0]));
			left -= in->end - in->at - had;
			while (sg_inbox_next(in, &hold[n]) == SG_INBOX_FRAME)
				n++;
		}
	}
	return n;
}

/* Frames of many sizes, held to the end or not, however they are cut: the same. */
static void
next__frames_in_pieces__each_whole(void **state)
{
	(void)state;
	static const size_t size[] = {
	    0, 1, 10, 3000, 65532, 65533, 4, 20000, 30000, 20000, 100000, 1};
	static const size_t piece[] = {13, 4096, 65536, 100000};
	enum { SIZES = sizeof size / sizeof size[0] };
	sg_buf_scoped all = {.max = 1u << 20};
	for (size_t n = 0; n < SIZES; n++)
		put_frame(&all, size[n], (unsigned)n + 1);
	for (size_t p = 0; p < sizeof piece / sizeof piece[0]; p++) {
		struct sg_inbox in = {0};
		struct sg_inbox_hold hold[SIZES + 1] = {{0}};
		assert_int_equal(pass_on(&in, sg_buf_slice(&all), piece[p], hold), SIZES);
		for (size_t n = 0; n < SIZES; n++) {
			assert_int_equal(hold[n].len, size[n]);
			for (size_t i = 0; i < size[n]; i++)
				assert_int_equal(hold[n].p[i], n + 1);
			sg_inbox_release(&hold[n]);
			assert_null(hold[n].block);
		}
		sg_inbox_clear(&in);
	}
}

/* Frames outlive the inbox; the last one that is released frees the block. */
static void
release__after_clear__still_there(void **state)
{
	(void)state;
	struct sg_inbox in = {0};
	struct sg_inbox_hold a, b;
	sg_buf_scoped all = {0};
	put_frame(&all, 100, 'a');
	put_frame(&all, 100, 'b');
	assert_int_equal(send(fd[1], all.p, all.len, MSG_NOSIGNAL), all.len);
	assert_true(sg_inbox_read(&in, fd[0]));
	expect_frame(&in, &a, 100, 'a');
	expect_frame(&in, &b, 100, 'b');
	assert_int_equal(sg_inbox_next(&in, &b), SG_INBOX_MORE);
	sg_inbox_clear(&in);
	const uint8_t *wiped = a.p;
	sg_inbox_release(&a);
	for (size_t n = 0; n < 100; n++) {
		assert_int_equal(wiped[n], 0); /* b still holds the block */
		assert_int_equal(b.p[n], 'b');
	}
	sg_inbox_release(&b);
	sg_inbox_release(&b); /* nothing */
}

/* A block that nobody holds is used again; one that is held keeps its bytes. */
static void
read__block_held_or_not__used_again_or_kept(void **state)
{
	(void)state;
	struct sg_inbox in = {0};
	struct sg_inbox_hold first, held, hold;
	sg_buf_scoped one = {0};
	put_frame(&one, 1000, 'x');
	assert_int_equal(pass_on(&in, sg_buf_slice(&one), one.len, &first), 1);
	const uint8_t *start = first.p;
	sg_inbox_release(&first);
	assert_int_equal(pass_on(&in, sg_buf_slice(&one), one.len, &held), 1);
	assert_ptr_equal(held.p, start);
	for (int n = 0; n < 300; n++) {
		assert_int_equal(pass_on(&in, sg_buf_slice(&one), one.len, &hold), 1);
		assert_true(hold.p != start);
		sg_inbox_release(&hold);
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(held.p[n], 'x');
	sg_inbox_release(&held);
	sg_inbox_clear(&in);
}

static void
next__longer_than_a_frame__bad(void **state)
{
	(void)state;
	struct sg_inbox in = {0};
	struct sg_inbox_hold hold;
	static const uint8_t most[] = {0, 8, 0, 0}, more[] = {0, 8, 0, 1},
			     far[] = {255, 255, 255, 255};
	assert_int_equal(SG_FRAME_MAX, 0x80000);
	assert_int_equal(pass_on(&in, sg_slice(most, 4), 4, &hold), 0);
	assert_int_equal(sg_inbox_next(&in, &hold), SG_INBOX_MORE);
	sg_inbox_clear(&in);
	assert_int_equal(pass_on(&in, sg_slice(more, 4), 4, &hold), 0);
	assert_int_equal(sg_inbox_next(&in, &hold), SG_INBOX_BAD);
	sg_inbox_clear(&in);
	assert_int_equal(pass_on(&in, sg_slice(far, 4), 4, &hold), 0);
	assert_int_equal(sg_inbox_next(&in, &hold), SG_INBOX_BAD);
	sg_inbox_clear(&in);
}

static void
read__ended_or_broken__false(void **state)
{
	(void)state;
	struct sg_inbox in = {0};
	struct sg_inbox_hold hold;
	assert_int_equal(send(fd[1], "\0\0\0\2x", 5, MSG_NOSIGNAL), 5);
	shutdown(fd[1], SHUT_WR);
	assert_true(sg_inbox_read(&in, fd[0]));
	assert_int_equal(sg_inbox_next(&in, &hold), SG_INBOX_MORE);
	assert_false(sg_inbox_read(&in, fd[0]));
	assert_false(sg_inbox_read(&in, -1));
	sg_inbox_clear(&in);
	sg_inbox_clear(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(next__frames_in_pieces__each_whole, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(release__after_clear__still_there, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		read__block_held_or_not__used_again_or_kept, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(next__longer_than_a_frame__bad, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(read__ended_or_broken__false, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
