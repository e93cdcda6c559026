/* SPDX-License-Identifier: Apache-2.0 */

#include "role/channel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum sg_code
sg_channel_send(int channel, enum sg_packet_kind kind, const char *name, int fd, struct sg_err *err)
{
	char byte = (char)kind;
	struct iovec iov[2] = {{&byte, 1}, {(void *)(uintptr_t)name, strlen(name)}};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {0};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	if (iov[1].iov_len > SG_CHANNEL_NAME_MAX)
		return sg_fail(
		    err, SG_E_LIMIT, "channel.name", "a name of %zu bytes", iov[1].iov_len);
	if (fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof control;
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	ssize_t n;
	do {
		n = sendmsg(channel, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return sg_fail(err, SG_E_IO, "channel.closed", "cannot send: %s", strerror(errno));
	return SG_OK;
}

enum sg_code
sg_channel_receive(int channel, struct sg_packet *ret, struct sg_err *err)
{
	char byte = 0;
	struct iovec iov[2] = {{&byte, 1}, {ret->name, SG_CHANNEL_NAME_MAX}};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct msghdr msg = {.msg_iov = iov,
	    .msg_iovlen = 2,
	    .msg_control = control,
	    .msg_controllen = sizeof control};
	ssize_t n;

	do {
		n = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return sg_fail(err, SG_E_IO, "channel.closed", "the other process has ended");
	ret->kind = (enum sg_packet_kind)byte;
	ret->name[n - 1] = '\0';
	ret->fd = -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&ret->fd, CMSG_DATA(c), sizeof ret->fd);
	return SG_OK;
}
