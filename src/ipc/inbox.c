/* SPDX-License-Identifier: Apache-2.0 */

/*
 * inbox.c - the first step of what a sibling says: from the socket to the bytes of a frame, which
 * peer.c gives to frame.c
 */

#include "ipc/inbox.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"

#define BLOCK_SIZE 65536u /* twenty requests of 3 KiB */
#define ROOM_MIN 16384u	  /* what comes together is read at once */
#define LENGTH 4u

/* Between two tries to get memory for what a sibling sent. */
#define NO_MEMORY_WAIT_MS 10

struct sg_inbox_block {
	_Atomic unsigned holds; /* of the inbox, and of each frame that was given out */
	size_t size;
	uint8_t bytes[];
};

static void
let_go(struct sg_inbox_block *block)
{
	if (block != NULL && --block->holds == 0)
		sg_free(block);
}

void
sg_inbox_release(struct sg_inbox_hold *hold)
{
	if (hold->len > 0)
		sg_wipe(hold->p, hold->len);
	let_go(hold->block);
	*hold = (struct sg_inbox_hold){0};
}

static struct sg_inbox_block *
new_block(size_t size)
{
	struct timespec ts = {0, NO_MEMORY_WAIT_MS * 1000000};
	struct sg_inbox_block *block;

	while ((block = sg_alloc(sizeof *block + size)) == NULL)
		nanosleep(&ts, NULL);
	block->holds = 1;
	block->size = size;
	return block;
}

/* The length that the next frame says; false when that has not come yet. */
static bool
next_length(const struct sg_inbox *in, size_t *ret)
{
	if (in->end - in->at < LENGTH)
		return false;
	const uint8_t *p = in->block->bytes + in->at;
	*ret = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	return true;
}

/* Room for the rest of the frame that has begun, and for some more. */
static void
make_room(struct sg_inbox *in)
{
	size_t begun = in->end - in->at, whole = 0;

	if (in->block != NULL && begun == 0 && in->block->holds == 1)
		in->at = in->end = 0;
	if (next_length(in, &whole))
		whole += LENGTH;
	if (in->block != NULL &&
	    (whole > 0 ? in->block->size - in->at >= whole : in->block->size - in->end >= ROOM_MIN))
		return;
	struct sg_inbox_block *block = new_block(whole > BLOCK_SIZE ? whole : BLOCK_SIZE);
	if (begun > 0) {
		/* UNSAFE: begun is less than whole, or than a length. */
		memcpy(block->bytes, in->block->bytes + in->at, begun);
		sg_wipe(in->block->bytes + in->at, begun);
	}
	let_go(in->block);
	*in = (struct sg_inbox){.block = block, .end = begun};
}

bool
sg_inbox_read(struct sg_inbox *in, int fd)
{
	make_room(in);
	ssize_t n = read(fd, in->block->bytes + in->end, in->block->size - in->end);
	if (n > 0)
		in->end += (size_t)n;
	return n > 0 || (n < 0 && errno == EINTR);
}

enum sg_inbox_next
sg_inbox_next(struct sg_inbox *in, struct sg_inbox_hold *ret)
{
	size_t len = 0;

	if (!next_length(in, &len))
		return SG_INBOX_MORE;
	if (len > SG_FRAME_MAX)
		return SG_INBOX_BAD;
	if (in->end - in->at - LENGTH < len)
		return SG_INBOX_MORE;
	in->block->holds++;
	*ret = (struct sg_inbox_hold){in->block, in->block->bytes + in->at + LENGTH, len};
	in->at += LENGTH + len;
	return SG_INBOX_FRAME;
}

void
sg_inbox_clear(struct sg_inbox *in)
{
	if (in->end > in->at)
		sg_wipe(in->block->bytes + in->at, in->end - in->at);
	let_go(in->block);
	*in = (struct sg_inbox){0};
}
