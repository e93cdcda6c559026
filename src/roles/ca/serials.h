/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/serials.h - serial numbers to sign with (private to roles/ca)
 *
 * They come in leases that are committed before their first number is given out (store/ca/cert.h).
 * The next lease travels with the commit of a certificate while there are still numbers, so in
 * general nobody waits for one.
 *
 * Security: a number is given out once. What is leased can be read in ca's database alone until
 *           it is in a certificate.
 * Threads: any. ca_serial_take and ca_serials_new may wait for a commit.
 */

#include "issue/serial.h"
#include "store/verbs.h"

struct ca_serials;
struct ca_lease;

/* One serial number, and what the commit of its certificate is to bring about beside it. */
struct ca_serial {
	uint8_t bytes[SG_ISSUE_SERIAL_LEN];
	struct sg_cadb_lease *lease; /* for sg_cadb_cert_add; NULL: nothing */
	struct ca_lease *from, *next;
};

/* With a first lease, which ends those of the process before; if there can be none now, the first
 * number that is taken brings it. */
SG_RC
ca_serials_new(struct sg_db *store, struct ca_serials **ret, struct sg_err *err);
void
ca_serials_free(struct ca_serials **sp);

/* Errors of sg_cadb_lease_add, of sg_random. */
SG_RC
ca_serial_take(struct ca_serials *s, struct ca_serial *ret, struct sg_err *err);
/* Once for each that was taken, when nothing will be signed with it any more. stored: the
 * certificate is committed, and serial->lease with it. */
void
ca_serial_done(struct ca_serials *s, struct ca_serial *serial, bool stored);
