/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * x509/ext_private.h - extensions one by one, for the readers and writers of certificates,
 * requests and CRLs (private to x509/)
 */

#include "base/alg.h"
#include "asn1/der.h"
#include "x509/ext.h"

struct sg_ext {
	struct sg_slice oid;
	bool critical;
	struct sg_slice value; /* contents of extnValue */
};

/* The next Extension of the contents of an Extensions SEQUENCE. */
struct sg_ext
sg_ext_next(struct sg_der *exts);
/* The key id of an authorityKeyIdentifier, empty when it has none; "ext.aki.length". */
struct sg_slice
sg_ext_read_aki(struct sg_der *value);
/* As sg_exts_parse over what is left of d; *ret is empty before (path_len -1). */
void
sg_exts_read(struct sg_der *d, struct sg_exts *ret);
/* Writers: extnValue's contents go between begin and end. */
struct sg_extw {
	size_t seq, value;
};
struct sg_extw
sg_extw_begin(struct sg_buf *b, struct sg_slice oid, bool critical);
void
sg_extw_end(struct sg_buf *b, struct sg_extw w);
/* Critical, as RFC 5280 4.2.1.3 recommends; bits must not be zero. */
void
sg_ext_put_key_usage(struct sg_buf *b, uint32_t bits);
void
sg_ext_put_eku(struct sg_buf *b, const struct sg_slice *eku, size_t n);
void
sg_ext_put_san(struct sg_buf *b, const struct sg_sans *sans, bool critical);
void
sg_ext_put_aki(struct sg_buf *b, struct sg_slice key_id);
