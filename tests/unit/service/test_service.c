/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_role.c - the files that a role was given; the start of a role as a whole is what every
 * end-to-end test does
 */
#include "unit/base/base_test.h"

#include <fcntl.h>
#include <unistd.h>

#include "service/service.h"

static void
give(struct sg_service_ctx *ctx, const char *name, const char *content)
{
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], content, strlen(content)), strlen(content));
	close(fd[1]);
	ctx->file[ctx->file_n++] = (struct sg_service_file){(char *)(uintptr_t)name, fd[0]};
}

static void
take_fd__given__once(void **state)
{
	(void)state;
	struct sg_service_ctx ctx = {0};
	give(&ctx, "ca-key", "one");
	give(&ctx, "ca-key-2", "two");
	ctx.file[ctx.file_n++] = (struct sg_service_file){NULL, 99};
	assert_int_equal(sg_service_take_fd(&ctx, "ca"), -1);
	assert_int_equal(sg_service_take_fd(&ctx, ""), -1);
	int fd = sg_service_take_fd(&ctx, "ca-key-2");
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(sg_service_take_fd(&ctx, "ca-key-2"), -1);
	fd = sg_service_take_fd(&ctx, "ca-key");
	assert_true(fd >= 0);
	close(fd);
}

static void
take_file__given__content_and_closed(void **state)
{
	(void)state;
	struct sg_service_ctx ctx = {0};
	struct sg_err err = {0};
	sg_buf_scoped b = {0};
	give(&ctx, "ca-key", "content");
	int fd = ctx.file[0].fd;
	assert_int_equal(sg_service_take_file(&ctx, "ca-key", &b, &err), SG_OK);
	assert_text(&b, "content");
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	expect_err(
	    sg_service_take_file(&ctx, "ca-key", &b, &err), &err, SG_E_INTERNAL, "role.file");
	assert_non_null(strstr(err.text, "ca-key"));
}

static void
take_file__too_large__limit_and_closed(void **state)
{
	(void)state;
	struct sg_service_ctx ctx = {0};
	struct sg_err err = {0};
	sg_buf_scoped b = {.max = 3};
	give(&ctx, "secret", "content");
	int fd = ctx.file[0].fd;
	expect_err(
	    sg_service_take_file(&ctx, "secret", &b, &err), &err, SG_E_LIMIT, "limit.buffer");
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(take_fd__given__once),
	    cmocka_unit_test(take_file__given__content_and_closed),
	    cmocka_unit_test(take_file__too_large__limit_and_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
