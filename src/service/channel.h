/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/channel.h - the control channel between the supervisor and one role: small packets
 * with at most one descriptor
 *
 * A SOCK_SEQPACKET socketpair; each packet is a kind, a name and perhaps a descriptor. Its
 * end of file is the other side's death.
 */

#include <stddef.h>

#include "base/err.h"

#define SG_CHANNEL_FD 3 /* where a role finds it after exec */
#define SG_CHANNEL_NAME_MAX 1000u

enum sg_packet_kind {
	SG_PACKET_FILE = 'F',	/* name, descriptor: an opened file or socket */
	SG_PACKET_CONF = 'C',	/* the configuration's path, descriptor of its text */
	SG_PACKET_USER = 'U',	/* decimal user id to become; absent: stay */
	SG_PACKET_OWNER = 'O',	/* decimal user id that may use the control socket */
	SG_PACKET_EDGE = 'E',	/* name of an edge, descriptor of its socket */
	SG_PACKET_START = 'S',	/* everything for the start was sent */
	SG_PACKET_ENDED = 'N',	/* role to supervisor: the n-th socket of an edge ended, "edge n" */
	SG_PACKET_LOG = 'L',	/* role to supervisor: a log that it was handed is full, its name */
	SG_PACKET_TAKEN = 'T',	/* role to supervisor: it uses the files of a list, its name */
	SG_PACKET_KEPT = 'K',	/* role to supervisor: it refused them and keeps those before */
	SG_PACKET_READY = 'R',	/* role to supervisor: serving */
	SG_PACKET_FAILED = 'X', /* role to supervisor: cannot start, and why */
};

struct sg_packet {
	enum sg_packet_kind kind;
	char name[SG_CHANNEL_NAME_MAX + 1];
	int fd; /* -1: none; the receiver owns it */
};

/* fd -1: none; it stays the caller's. */
SG_RC
sg_channel_send(
    int channel, enum sg_packet_kind kind, const char *name, int fd, struct sg_err *err);
/* Blocks. SG_E_IO ("channel.closed") when the other side is dead. */
SG_RC
sg_channel_receive(int channel, struct sg_packet *ret, struct sg_err *err);
