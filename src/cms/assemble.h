/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/assemble.h - putting a SignedData together, for answers and requests
 */

#include <stddef.h>
#include <stdint.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "cms/id.h"

struct sg_cms_parts {
	struct sg_slice attrs; /* from sg_scep_certrep_put_attrs */
	enum sg_hash hash;
	struct sg_sigalg sigalg; /* RSA_PKCS1 or ECDSA with the same hash; PSS */
	struct sg_slice sig;
	struct sg_cms_id signer; /* by issuer and serial number */
	size_t cert_n;		 /* certificates to carry, the signer's first */
	const struct sg_slice *certs;
	struct sg_slice content; /* a ContentInfo with EnvelopedData; empty: an empty eContent */
};

/* Append the ContentInfo with SignedData: answers and requests.
 * SG_E_INTERNAL ("certrep.parts") when a part is missing or attrs is no SET. */
SG_RC
sg_cms_assemble(struct sg_buf *b, const struct sg_cms_parts *parts, struct sg_err *err);
