/* SPDX-License-Identifier: Apache-2.0 */

/*
 * signed.c - the last step of writing a request, certificate or CRL: the signature around it
 */

#include "x509/signed.h"

#include "asn1/derw.h"
#include "x509/algid.h"

void
sg_signed_put(struct sg_buf *b, struct sg_slice tbs, struct sg_sigalg alg, struct sg_slice sig)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, tbs);
	sg_algid_put_sig(b, alg);
	sg_derw_bits(b, sig);
	sg_derw_end(b, seq);
}
