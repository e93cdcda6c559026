/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/cert_light.h - the light reader: of a certificate that authenticates nobody, what a message
 * needs
 *
 * A device that has no certificate signs its request with one that it made for the purpose, and
 * what such a certificate says is worth nothing: who it is, how long it holds and what for. Only
 * its key counts, for the signature and for the answer, and its issuer and serial number, which
 * the message and the answer name it by. All else is skipped by its length and never read.
 * Whoever authorizes by a certificate reads it with sg_cert_parse (x509/cert.h), after it has
 * been found to be one of ours.
 */

#include "base/err.h"
#include "base/slice.h"

/* Slices borrow. */
struct sg_cert_light {
	struct sg_slice raw;
	struct sg_slice serial; /* contents of the INTEGER, as encoded: padded, negative */
	struct sg_slice issuer; /* TLV, a Name in shape */
	struct sg_slice spki;	/* TLV: whether it is a key says crypto/key.h */
	/* For the log, and to tell whether it is self-issued. A TLV of any tag. */
	struct sg_slice subject;
	struct sg_slice after_key; /* of the TBSCertificate: unique identifiers, extensions */
};

/*
 * Parse a certificate of at most SG_MESSAGE_MAX bytes, which has nothing after its end. A
 * version may say anything or be missing. The issuer goes into our answer, so it has the shape of
 * a Name down to the values: a SEQUENCE of SETs of { OID, one element }, which may be empty, at
 * most SG_CERT_MAX bytes; what is inside a value is not looked at. The serial number has 1 to
 * SG_SERIAL_MAX bytes. Of what stands between them and the key only the lengths count, and
 * nothing is read after the key.
 * SG_E_MALFORMED ("der", "cert.serial"), SG_E_LIMIT ("cert.size", "cert.serial.long",
 * "cert.issuer.long", "der.oid"). On failure *ret is empty.
 */
SG_RC
sg_cert_light_parse(struct sg_slice der, struct sg_cert_light *ret, struct sg_err *err);

/* The contents of the subjectKeyIdentifier, or the whole value of an extension that holds no
 * OCTET STRING; empty: none. Other extensions, broken ones among them, are skipped. */
struct sg_slice
sg_cert_light_ski(const struct sg_cert_light *cert);
