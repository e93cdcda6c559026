/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a role that was taken over may send to the supervisor, which is root: packets of any
 * length with any number of descriptors, as the supervisor reads them, and the text of the one kind
 * that it takes apart, "edge n". No descriptor may stay, and no edge may get a new socket but the
 * one whose latest socket the asking role named.
 *
 * Input: packets, each a byte (bits 0-1: how many descriptors, bits 2-3: which role), two of the
 * length, lower one first, and so many bytes.
 */

#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/channel.h"
#include "roles/services.h"
#include "roles/supervisor/edge.h"
#include "roles/supervisor/supervisor_private.h"

#define SENT_MAX (SG_CHANNEL_NAME_MAX + 200)

/* All roles. */
#define CONF                                                                                       \
	"front: {listen: [127.0.0.1:8080]}\n"                                                      \
	"ca: {certificate: ca.pem, key: ca.key}\n"                                                 \
	"registrar: {challenge-key: c.key}\n"                                                      \
	"ra: {certificate: ra.pem, key: ra.key, reject-secret: r.key}\n"                           \
	"templates: {client: {}}\n"                                                                \
	"endpoints: {default: {policy: one-time, template: client}}\n"

static void
send_packet(int fd, const uint8_t *p, size_t len, size_t fds, int file)
{
	struct iovec iov = {(void *)(uintptr_t)p, len};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(3 * sizeof(int))] = {0};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fds > 0) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fds * sizeof(int));
		for (size_t n = 0; n < fds; n++)
			memcpy(CMSG_DATA(c) + n * sizeof file, &file, sizeof file);
	}
	require(sendmsg(fd, &msg, MSG_NOSIGNAL) == (ssize_t)len);
}

/* The lowest number that is free: the same one as long as nothing leaks. */
static int
lowest_free(int file)
{
	int fd = dup(file);

	require(fd >= 0 && close(fd) == 0);
	return fd;
}

/* Does text say of this edge that its n-th socket has ended? */
static bool
names(const char *text, const char *edge, unsigned n)
{
	size_t len = strlen(edge);
	uint64_t number = 0;

	if (strncmp(text, edge, len) != 0 || text[len] != ' ' || text[len + 1] == '\0' ||
	    text[len + 1] == '0') /* none is the 0-th, and a number has one spelling */
		return false;
	for (const char *p = text + len + 1; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || number > UINT32_MAX)
			return false;
		number = number * 10 + (unsigned)(*p - '0');
	}
	return number == n;
}

static void
check_edges(size_t role, const char *text)
{
	static const struct supervisor_conf given = {.services = roles_services};
	static const unsigned sent[] = {1, 20, UINT32_MAX};
	static struct supervisor s;

	if (s.conf == NULL) {
		static struct sg_conf_errors errs;
		s.given = &given;
		require(sg_conf_parse(sg_slice_str(CONF), "x.yaml", &s.conf, &errs) == SG_OK);
	}
	supervisor_children_init(&s);
	for (size_t n = 0; n < s.edge_n; n++)
		s.edge[n].sent = sent[n % 3];
	supervisor_edge_ended(&s, &s.child[role], text);
	for (size_t n = 0; n < s.edge_n; n++)
		require((s.edge[n].due_ms != 0) ==
			(s.edge[n].a == &s.child[role] &&
			    names(text, s.edge[n].edge->name, s.edge[n].sent)));
	/* Nothing was sent: there is no socket that could have ended. */
	supervisor_edges_init(&s);
	supervisor_edge_ended(&s, &s.child[role], text);
	for (size_t n = 0; n < s.edge_n; n++)
		require(s.edge[n].due_ms == 0);
}

static void
check_packet(const struct sg_packet *got, const uint8_t *p, size_t len, size_t fds)
{
	size_t name_len = len - 1 < SG_CHANNEL_NAME_MAX ? len - 1 : SG_CHANNEL_NAME_MAX;

	require((uint8_t)got->kind == p[0]);
	require(memcmp(got->name, p + 1, name_len) == 0 && got->name[name_len] == '\0');
	require((got->fd >= 0) == (fds == 1));
	require(got->fd < 0 || fcntl(got->fd, F_GETFD) == FD_CLOEXEC);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int pair[2], file = -1;
	static struct sg_packet got;

	if (file < 0) {
		file = open("/dev/null", O_RDONLY | O_CLOEXEC);
		require(file >= 0);
		require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	}
	int free_fd = lowest_free(file);
	for (size_t at = 0; at + 3 <= len;) {
		size_t fds = data[at] & 3u, n = data[at + 1] | (size_t)data[at + 2] << 8;
		size_t role = data[at] >> 2 & 3u;
		at += 3;
		if (n > len - at)
			n = len - at;
		if (n > SENT_MAX)
			n = SENT_MAX;
		send_packet(pair[1], data + at, n, fds, file);
		enum sg_code rc = sg_channel_receive(pair[0], &got, NULL);
		require((rc == SG_OK) == (n > 0)); /* an empty packet looks like the end */
		if (rc == SG_OK) {
			check_packet(&got, data + at, n, fds);
			if (got.fd >= 0)
				close(got.fd);
			check_edges(role, got.name);
		}
		require(lowest_free(file) == free_fd);
		at += n;
	}
	return 0;
}
