/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "service/channel.h"

static struct sg_packet packet;

static int
open_descriptors(void)
{
	int n = 0;
	DIR *dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
make_channel(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
}

static void
close_channel(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

static void
receive(int fd, enum sg_packet_kind kind, const char *name)
{
	struct sg_err err = {0};
	memset(&packet, 0x55, sizeof packet);
	if (sg_channel_receive(fd, &packet, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(packet.kind, kind);
	assert_string_equal(packet.name, name);
}

static void
packets__without_descriptor__in_order(void **state)
{
	(void)state;
	int fd[2];
	struct sg_err err = {0};
	make_channel(fd);
	assert_int_equal(sg_channel_send(fd[0], SG_PACKET_START, "", -1, &err), SG_OK);
	assert_int_equal(sg_channel_send(fd[0], SG_PACKET_USER, "64100", -1, &err), SG_OK);
	assert_int_equal(sg_channel_send(fd[1], SG_PACKET_READY, "", -1, &err), SG_OK);
	receive(fd[1], SG_PACKET_START, "");
	assert_int_equal(packet.fd, -1);
	receive(fd[1], SG_PACKET_USER, "64100");
	receive(fd[0], SG_PACKET_READY, "");
	close_channel(fd);
}

static void
packet__descriptor__arrives_and_is_not_inherited(void **state)
{
	(void)state;
	int fd[2], pipe_fd[2];
	struct sg_err err = {0};
	char byte = 0;
	make_channel(fd);
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(sg_channel_send(fd[0], SG_PACKET_FILE, "key", pipe_fd[1], &err), SG_OK);
	assert_int_equal(write(pipe_fd[1], "x", 1), 1); /* still the sender's */
	close(pipe_fd[1]);
	receive(fd[1], SG_PACKET_FILE, "key");
	assert_true(packet.fd >= 0);
	assert_true(fcntl(packet.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(packet.fd, "y", 1), 1);
	close(packet.fd);
	assert_int_equal(read(pipe_fd[0], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(read(pipe_fd[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_int_equal(read(pipe_fd[0], &byte, 1), 0);
	close(pipe_fd[0]);
	close_channel(fd);
}

static void
name__each_length__up_to_the_most(void **state)
{
	(void)state;
	char name[SG_CHANNEL_NAME_MAX + 2];
	int fd[2];
	make_channel(fd);
	for (size_t len = 0; len < sizeof name; len++) {
		struct sg_err err = {0};
		memset(name, 'n', len);
		name[len] = '\0';
		enum sg_code rc = sg_channel_send(fd[0], SG_PACKET_CONF, name, -1, &err);
		if (len > SG_CHANNEL_NAME_MAX) {
			expect_err(rc, &err, SG_E_LIMIT, "channel.name");
		} else {
			assert_int_equal(rc, SG_OK);
			receive(fd[1], SG_PACKET_CONF, name);
		}
	}
	close_channel(fd);
}

static void
other_side__dead__closed(void **state)
{
	(void)state;
	int fd[2];
	struct sg_err err = {0};
	make_channel(fd);
	assert_int_equal(sg_channel_send(fd[0], SG_PACKET_START, "", -1, &err), SG_OK);
	close(fd[0]);
	receive(fd[1], SG_PACKET_START, ""); /* what was sent before still comes */
	expect_err(sg_channel_receive(fd[1], &packet, &err), &err, SG_E_IO, "channel.closed");
	expect_err(
	    sg_channel_send(fd[1], SG_PACKET_READY, "", -1, &err), &err, SG_E_IO, "channel.closed");
	close(fd[1]);
	expect_err(sg_channel_receive(-1, &packet, &err), &err, SG_E_IO, "channel.closed");
	expect_err(
	    sg_channel_send(-1, SG_PACKET_READY, "", -1, &err), &err, SG_E_IO, "channel.closed");
}

static void
send_many(int channel, const char *bytes, size_t len, size_t n, int pass)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 8)] = {0};
	struct iovec iov = {(void *)(uintptr_t)bytes, len};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = CMSG_SPACE(sizeof(int) * n)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	for (size_t k = 0; k < n; k++)
		memcpy(CMSG_DATA(c) + k * sizeof(int), &pass, sizeof pass);
	assert_int_equal(sendmsg(channel, &msg, MSG_NOSIGNAL), len);
}

/* A role that was taken over sends more descriptors than one: none stays open here. */
static void
receive__several_descriptors__all_closed(void **state)
{
	(void)state;
	int fd[2];
	make_channel(fd);
	int before = open_descriptors();
	for (size_t n = 2; n <= 8; n++) {
		send_many(fd[0], "R", 1, n, fd[0]);
		receive(fd[1], SG_PACKET_READY, "");
		assert_int_equal(packet.fd, -1);
		assert_int_equal(open_descriptors(), before);
	}
	send_many(fd[0], "Rname", 5, 1, fd[0]);
	receive(fd[1], SG_PACKET_READY, "name");
	assert_int_equal(open_descriptors(), before + 1);
	close(packet.fd);
	close_channel(fd);
}

static void
receive__longer_than_any_name__cut(void **state)
{
	(void)state;
	char longer[3000];
	int fd[2];
	struct sg_err err = {0};
	make_channel(fd);
	memset(longer, 'X', sizeof longer);
	assert_int_equal(send(fd[0], longer, sizeof longer, 0), sizeof longer);
	assert_int_equal(sg_channel_receive(fd[1], &packet, &err), SG_OK);
	assert_int_equal(strlen(packet.name), SG_CHANNEL_NAME_MAX);
	close_channel(fd);
}

/* A packet without a byte is the end for us; what came with it must not stay open. */
static void
receive__nothing_but_descriptors__closed(void **state)
{
	(void)state;
	int fd[2];
	make_channel(fd);
	int before = open_descriptors();
	for (size_t n = 1; n <= 3; n++) {
		struct sg_err err = {0};
		send_many(fd[0], "", 0, n, fd[0]);
		expect_err(
		    sg_channel_receive(fd[1], &packet, &err), &err, SG_E_IO, "channel.closed");
		assert_int_equal(open_descriptors(), before);
	}
	close_channel(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets__without_descriptor__in_order),
	    cmocka_unit_test(packet__descriptor__arrives_and_is_not_inherited),
	    cmocka_unit_test(name__each_length__up_to_the_most),
	    cmocka_unit_test(other_side__dead__closed),
	    cmocka_unit_test(receive__several_descriptors__all_closed),
	    cmocka_unit_test(receive__longer_than_any_name__cut),
	    cmocka_unit_test(receive__nothing_but_descriptors__closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
