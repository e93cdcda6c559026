/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * roles/ca/show.h - certificates in questions and answers (private to roles/ca)
 */

#include "api/ca.h"
#include "api/call.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/ca/cert.h"

/* A serial number as text, from the key that it is stored under; "" of an empty key. */
struct ca_serial_text {
	char text[2 * SG_CADB_SERIAL_KEY_MAX + 2];
};
struct sg_slice
ca_serial_text(struct ca_serial_text *store, struct sg_slice key);

/* A certificate as an answer has it, all but its lineage. *ret borrows from row and store. */
struct ca_shown {
	struct ca_serial_text serial, renews, signer;
};
void
ca_show(const struct sg_cadb_cert *row, struct ca_shown *store, struct sg_api_certificate *ret);

/* The certificate that a member of the question names by its serial number, also where another CA
 * wrote the number with octets too many. SG_E_USAGE "control.serial", SG_E_NOTFOUND
 * "serial.unknown". */
SG_RC
ca_find_certificate(struct sg_api_call *call, const char *member, struct sg_slice text,
    struct sg_cadb_cert *ret, struct sg_err *err);
