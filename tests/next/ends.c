/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ends.c - one end of the edge between registrar and keyd, on a socket that it was started with:
 * "ends client FD VERSION" asks both questions, "ends server FD VERSION" answers them until the
 * other end has gone. The exit status is 0 where VERSION was spoken and every field arrived: those
 * of the next version (NEXT: this build has them) where both ends speak it, and else as 0.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/edges/registrar_keyd.h"

#define SOON_MS 20000

static unsigned spoken;

static void
expect(bool good, const char *what)
{
	if (good)
		return;
	fprintf(
	    stderr, "ends: version %u of %u: %s\n", spoken, sg_edge_registrar_keyd.version, what);
	_exit(1);
}

#ifdef NEXT
#define WITH(n) .next = (n),
/* What arrived in it, where n was written. */
#define HAS(frame, n)                                                                              \
	((frame)->next == (spoken == sg_edge_registrar_keyd.version ? (uint64_t)(n) : 0))
#else
#define WITH(n)
#define HAS(frame, n) true
#endif

static void
ended(const struct sg_edge *edge, uint64_t n, const struct sg_err *why)
{
	sg_ignore(edge != NULL && n > 0);
	expect(why->code == SG_OK, why->text);
	_exit(0);
}

static void
answer(struct sg_peer_request *req, void *arg)
{
	sg_ignore(arg != NULL);
	expect(req->version == spoken, "another version is spoken");
	if (req->frame->type == SG_FRAME_UNWRAP) {
		const struct sg_frame_unwrap *ask = sg_peer_asked_unwrap(req);
		struct sg_frame_unwrap_answer reply = {
		    WITH(2).code = ask->cek_len, .cek = ask->wrapped};
		expect(HAS(ask, 1), "the field in unwrap");
		sg_peer_reply_unwrap(req, &reply);
	} else {
		const struct sg_frame_sign *ask = sg_peer_asked_sign(req);
		struct sg_frame_sign_answer reply = {
		    WITH(4).code = ask->status, .attrs = ask->txid, .sig = ask->digest};
		expect(HAS(ask, 3), "the field in sign");
		sg_peer_reply_sign(req, &reply);
	}
}

static void
ask_both(struct sg_peer *peer)
{
	int64_t deadline_ms = sg_clock_mono_ms() + SOON_MS;
	struct sg_frame_unwrap unwrap = {WITH(1).cek_len = 16, .wrapped = sg_slice_str("wrapped")};
	struct sg_frame_sign sign = {
	    WITH(3).status = 5, .txid = sg_slice_str("txid"), .digest = sg_slice_str("digest")};
	sg_frame_scoped(unwrap_answer) unwrapped = {0};
	sg_frame_scoped(sign_answer) signature = {0};
	struct sg_err err = {.text = ""};

	expect(sg_peer_ask_unwrap(peer, &unwrap, deadline_ms, &unwrapped, &err) == SG_OK, err.text);
	expect(unwrapped.code == 16 && sg_slice_is(unwrapped.cek, "wrapped"), "unwrap_answer");
	expect(HAS(&unwrapped, 2), "the field in unwrap_answer");
	expect(sg_peer_ask_sign(peer, &sign, deadline_ms, &signature, &err) == SG_OK, err.text);
	expect(signature.code == 5 && sg_slice_is(signature.attrs, "txid") &&
		   sg_slice_is(signature.sig, "digest"),
	    "sign_answer");
	expect(HAS(&signature, 4), "the field in sign_answer");
	expect(sg_peer_version(peer) == spoken, "another version is spoken");
}

int
main(int argc, char **argv)
{
	struct sg_err err = {.text = ""};
	struct sg_loop *loop = NULL;
	struct sg_peer *peer = NULL;

	if (argc != 4)
		return 2;
	bool asks = strcmp(argv[1], "client") == 0;
	spoken = (unsigned)strtoul(argv[3], NULL, 10);
	expect(sg_loop_new(&loop, &err) == SG_OK, err.text);
	expect(sg_peer_new(&sg_edge_registrar_keyd, asks ? SG_EDGE_CLIENT : SG_EDGE_SERVER, loop,
		   asks ? NULL : answer, NULL, &peer, &err) == SG_OK,
	    err.text);
	if (!asks)
		sg_peer_on_end(peer, ended);
	expect(sg_loop_start(loop, &err) == SG_OK, err.text);
	expect(sg_peer_attach(peer, (int)strtoul(argv[2], NULL, 10), &err) == SG_OK, err.text);
	if (!asks)
		for (;;)
			pause();
	ask_both(peer);
	_exit(0); /* the loop runs */
}
