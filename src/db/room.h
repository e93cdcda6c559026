/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db/room.h - room on the disk that is kept for revocations, private to src/db
 *
 * A file beside the database, DATABASE.reserve, that holds nothing but the space it takes. When
 * the disk is full it is given back to the file system in pieces, one for each write that found
 * no space, so that a program that goes on filling the disk gets the rest of one piece and not
 * everything. It is written with random bytes, piece by piece, each synchronised: so it takes its
 * size also where the file system compresses, finds duplicates, allocates late or copies on
 * write, and each piece is an extent of its own. Where a snapshot holds the file's blocks
 * nothing is freed by giving them up.
 *
 * Threads: any; lock is inside.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SG_ROOM_PIECE (512u << 10)

struct sg_room {
	pthread_mutex_t lock;
	char *path;
	int fd;
	uint64_t want; /* bytes of the whole; 0: there is none */
	uint64_t have; /* bytes that are kept now */
};

/*
 * Find the file for a database, or make it, empty. It is to take at most two fifths of the file
 * system, in whole pieces. No room for it is no failure. SG_E_CONF "store.reserve": something else
 * is in its place, or it cannot be opened.
 */
SG_RC
sg_room_open(struct sg_room *room, const char *database, uint64_t want, struct sg_err *err);

void
sg_room_close(struct sg_room *room);

/*
 * Make it whole again, where the disk has room for an eighth as much besides: it is really
 * written there for a moment, since a quota is not asked for otherwise. SG_E_IO "store.full": there
 * is not enough, what could be kept is kept; "store.reserve": it cannot be written.
 */
SG_RC
sg_room_fill(struct sg_room *room, struct sg_err *err);

/* Give pieces to the file system. False: there are not so many left, and none was given. */
bool
sg_room_give(struct sg_room *room, uint64_t pieces);

bool
sg_room_is_whole(struct sg_room *room);

/* Is this folder on the file system of the reserve? */
bool
sg_room_is_beside(struct sg_room *room, const char *folder);
