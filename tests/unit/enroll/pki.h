/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates for the tests of enroll/: a CA, its RA, a device, and whatever a case wants to be
 * wrong with one of them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "x509/cert.h"

#define PKI_NOW 1763640000 /* 2025-11-20T12:00:00Z */
#define PKI_YEAR (365 * 86400)

/* Made once per program: RSA for what is encrypted to, P-256 for what signs. */
extern struct pki {
	struct sg_key *ca, *other_ca, *ra, *device;
	struct sg_buf ca_der, ra_der, device_der;
} pki;

/* cmocka group set-up and tear-down. */
int
pki_setup(void **state);
int
pki_teardown(void **state);

/* A certificate; what is 0 or NULL is that of a device by the CA. */
struct pki_cert {
	const char *subject, *issuer;
	const struct sg_key *key, *signer;
	int64_t not_before, not_after;
	bool ca;
	int path_len; /* with ca: one more than the value, so that 0 is none */
	uint32_t key_usage;
	bool ra;     /* has the purpose of an RA */
	bool cmc_ra; /* has it by RFC 6402 */
	const struct sg_sans *sans;
	enum sg_hash hash;
};
void
pki_make(const struct pki_cert *spec, struct sg_buf *out);
/* A device's certificate by the CA, whose subject is a Name TLV. */
void
pki_make_raw(struct sg_slice subject, const struct sg_key *key, struct sg_buf *out);
struct sg_cert
pki_parse(const struct sg_buf *der);

#define assert_ok(rc, err)                                                                         \
	do {                                                                                       \
		enum sg_code rc_ = (rc);                                                           \
		if (rc_ != SG_OK)                                                                  \
			fail_msg("%s: %s", (err).rule, (err).text);                                \
	} while (0)

/* A refusal: code, rule, and a part of the text. */
#define assert_refused(rc, err, want_code, want_rule, want_text)                                   \
	do {                                                                                       \
		enum sg_code rc_ = (rc);                                                           \
		if (rc_ != (want_code) || strcmp((err).rule, (want_rule)) != 0 ||                  \
		    strstr((err).text, (want_text)) == NULL)                                       \
			fail_msg("have %s %s: %s", sg_code_name(rc_),                              \
			    rc_ == SG_OK ? "-" : (err).rule, rc_ == SG_OK ? "-" : (err).text);     \
	} while (0)
