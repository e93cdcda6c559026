/* SPDX-License-Identifier: Apache-2.0 */

/*
 * channel.c - packets and descriptors between the supervisor and a role, sent and received
 */

#include "service/channel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t
send_descriptor(int channel, char *packet, size_t len, int fd)
{
	struct iovec iov = {packet, len};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {0};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(channel, &msg, MSG_NOSIGNAL);
}

/* The roles send no descriptor, and their sandbox has no sendmsg. */
enum sg_code
sg_channel_send(int channel, enum sg_packet_kind kind, const char *name, int fd, struct sg_err *err)
{
	char packet[1 + SG_CHANNEL_NAME_MAX];
	size_t len = strlen(name);
	ssize_t n;

	if (len > SG_CHANNEL_NAME_MAX)
		return sg_fail(err, SG_E_LIMIT, "channel.name", "a name of %zu bytes", len);
	packet[0] = (char)kind;
	memcpy(packet + 1, name, len);
	do {
		n = fd >= 0 ? send_descriptor(channel, packet, 1 + len, fd)
			    : send(channel, packet, 1 + len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return sg_fail(err, SG_E_IO, "channel.closed", "cannot send: %s", strerror(errno));
	return SG_OK;
}

#define FDS_MAX 16u

/* Exactly one descriptor, or none: what else came is closed. A compromised role must not be able
 * to fill the supervisor's table. */
static int
one_descriptor(struct msghdr *msg)
{
	int fds[FDS_MAX];
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t bytes = c->cmsg_len - CMSG_LEN(0);
		for (size_t at = 0; at + sizeof(int) <= bytes && n < FDS_MAX; at += sizeof(int))
			memcpy(&fds[n++], CMSG_DATA(c) + at, sizeof(int));
	}
	if (n == 1 && (msg->msg_flags & MSG_CTRUNC) == 0)
		return fds[0];
	while (n > 0)
		close(fds[--n]);
	return -1;
}

enum sg_code
sg_channel_receive(int channel, struct sg_packet *ret, struct sg_err *err)
{
	char byte = 0;
	struct iovec iov[2] = {{&byte, 1}, {ret->name, SG_CHANNEL_NAME_MAX}};
	/* Room for what CMSG_SPACE rounds up to is room for two: both are looked at. */
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr msg = {.msg_iov = iov,
	    .msg_iovlen = 2,
	    .msg_control = control,
	    .msg_controllen = sizeof control};
	ssize_t n;

	do {
		n = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	/* A packet without a byte looks like the end, but what came with it is ours to close. */
	int fd = n < 0 ? -1 : one_descriptor(&msg);
	if (n <= 0) {
		if (fd >= 0)
			close(fd);
		return sg_fail(err, SG_E_IO, "channel.closed", "the other process has ended");
	}
	ret->kind = (enum sg_packet_kind)byte;
	ret->name[n - 1] = '\0';
	ret->fd = fd;
	return SG_OK;
}
