/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/inbox.h - what is read from a socket, split into frames that stay where they were read
 *
 * A socket is read into a block, as much as it has; the frames in the block are not copied. Each
 * holds the block until it is released, and so does the inbox. Where nobody holds it but the inbox,
 * the next read begins at its start; a frame of which the end has not come yet is moved into the
 * next block when it does not fit into this one.
 *
 * Limits:   a frame has SG_FRAME_MAX bytes; who holds a small one may hold a block of 64 KiB.
 * Security: the bytes of a frame are wiped when it is released, all others when the inbox ends.
 * Threads:  sg_inbox_release from any, the rest from the one that reads.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct sg_inbox_block;

/* The bytes of one frame after its length, borrowed until they are released. */
struct sg_inbox_hold {
	struct sg_inbox_block *block;
	uint8_t *p;
	size_t len;
};

/* Wipe and let go; an empty one is nothing. */
void
sg_inbox_release(struct sg_inbox_hold *hold);

/* Zeroed: empty. */
struct sg_inbox {
	struct sg_inbox_block *block;
	size_t at, end; /* what is in the block and was not given out */
};

/* Read what the socket has now, once there is no whole frame left; false when it has ended. Without
 * memory it waits for some: what comes after a frame that was lost would not be found. */
bool
sg_inbox_read(struct sg_inbox *in, int fd);

enum sg_inbox_next {
	SG_INBOX_FRAME, /* one in *ret */
	SG_INBOX_MORE,	/* its end has not come yet */
	SG_INBOX_BAD	/* longer than frames are */
};
enum sg_inbox_next
sg_inbox_next(struct sg_inbox *in, struct sg_inbox_hold *ret);

void
sg_inbox_clear(struct sg_inbox *in);
