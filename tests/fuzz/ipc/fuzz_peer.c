/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a sibling that was taken over, or a command line, may write to a socket: the bytes go to
 * a server of ipc/peer.h on an edge of the tests, which answers what it understands. It
 * ends the socket or goes on, and is there afterwards. The first byte says in which pieces they
 * are written.
 */

#include "fuzz/fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "unit/ipc/echo.h"

#define NO_HELLO 255 /* as the first byte: the others stand for it, too */

static void
answer(struct sg_peer_request *req, void *arg)
{
	sg_ignore(arg != NULL);
	if (req->frame != &sg_frame_echo) {
		sg_peer_drop(req);
		return;
	}
	struct sg_frame_echo_answer back = {.text = sg_peer_asked_echo(req)->text};
	if (back.text.len < 2)
		abort();
	sg_peer_reply_echo(req, &back);
}

static struct sg_peer *
server(void)
{
	static struct sg_peer *peer;
	static struct sg_loop *loop;

	if (peer == NULL && (sg_loop_new(&loop, NULL) != SG_OK ||
				sg_peer_new(&sg_edge_echo, SG_EDGE_SERVER, loop, answer, NULL,
				    &peer, NULL) != SG_OK ||
				sg_loop_start(loop, NULL) != SG_OK))
		abort();
	return peer;
}

/* Every answer that comes back is one to a question that was understood. */
static void
drain(int fd)
{
	uint8_t chunk[4096];
	sg_buf_scoped in = {.max = 4 * SG_FRAME_MAX};

	for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;)
		sg_buf_put(&in, chunk, (size_t)n);
	for (size_t at = SG_EDGE_HELLO_LEN; at + 4 <= in.len;) {
		const uint8_t *p = in.p + at;
		size_t len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
		struct sg_frame_echo_answer back;
		uint64_t id;
		if (len > in.len - at - 4)
			break;
		if (sg_frame_get(
			&sg_frame_echo_answer, 1, sg_slice(p + 4, len), &id, &back, NULL) != SG_OK)
			abort();
		at += 4 + len;
	}
}

static void
send_to(struct sg_peer *peer, const uint8_t *data, size_t len)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return;
	if (sg_peer_attach(peer, fd[0], NULL) != SG_OK)
		abort();
	uint8_t hello[SG_EDGE_HELLO_LEN];
	sg_edge_hello(&sg_edge_echo, hello);
	if (data[0] != NO_HELLO && send(fd[1], hello, sizeof hello, MSG_NOSIGNAL) < 0)
		abort();
	size_t piece = data[0] == 0 ? len : data[0];
	for (size_t at = 1; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		if (send(fd[1], data + at, n, MSG_NOSIGNAL) < 0)
			break; /* it was cut off already */
	}
	shutdown(fd[1], SHUT_WR);
	drain(fd[1]);
	close(fd[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* The answers fit into the socket's buffers: nobody reads while this writes. */
	if (len == 0 || len > 4096)
		return 0;
	send_to(server(), data, len);
	return 0;
}
