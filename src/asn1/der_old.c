/* SPDX-License-Identifier: Apache-2.0 */

/*
 * der_old.c - each reader of asn1/der.h as a call with a code of its own, for the parsers that
 * are not yet sticky
 */

#define SG_DER_STICKY_ONLY
#include "asn1/der.h"

struct sg_der
sg_der_init_rc(struct sg_slice contents)
{
	return (struct sg_der){.rest = contents};
}

/* Read with a state of its own; d moves on, and *ret is written, when nothing failed. */
#define READ(d, read, type, ret, err)                                                              \
	do {                                                                                       \
		struct sg_der s = sg_der_init((d)->rest, (err));                                   \
		type value = (read);                                                               \
		enum sg_code rc = sg_der_status(&s);                                               \
		if (rc == SG_OK) {                                                                 \
			*(ret) = value;                                                            \
			(d)->rest = s.rest;                                                        \
		}                                                                                  \
		return rc;                                                                         \
	} while (0)

enum sg_code
sg_der_any_rc(struct sg_der *d, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	READ(d, sg_der_any(&s, what), struct sg_tlv, ret, err);
}

enum sg_code
sg_der_get_rc(
    struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	READ(d, sg_der_get(&s, tag, what), struct sg_tlv, ret, err);
}

enum sg_code
sg_der_opt_rc(
    struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	READ(d, sg_der_opt(&s, tag, what), struct sg_tlv, ret, err);
}

enum sg_code
sg_der_uint_rc(struct sg_der *d, uint64_t max, const char *what, uint64_t *ret, struct sg_err *err)
{
	READ(d, sg_der_uint(&s, max, what), uint64_t, ret, err);
}

enum sg_code
sg_der_magnitude_rc(
    struct sg_der *d, size_t max_len, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	READ(d, sg_der_magnitude(&s, max_len, what), struct sg_slice, ret, err);
}

enum sg_code
sg_der_oid_rc(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	READ(d, sg_der_oid(&s, what), struct sg_slice, ret, err);
}

enum sg_code
sg_der_bool_rc(struct sg_der *d, const char *what, bool *ret, struct sg_err *err)
{
	READ(d, sg_der_bool(&s, what), bool, ret, err);
}

enum sg_code
sg_der_bits_rc(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err)
{
	READ(d, sg_der_bits(&s, what), struct sg_slice, ret, err);
}

enum sg_code
sg_der_time_rc(struct sg_der *d, const char *what, int64_t *ret, struct sg_err *err)
{
	READ(d, sg_der_time(&s, what), int64_t, ret, err);
}

enum sg_code
sg_der_enter_rc(
    struct sg_der *d, unsigned tag, const char *what, struct sg_der *ret, struct sg_err *err)
{
	struct sg_tlv tlv;
	enum sg_code rc = sg_der_get_rc(d, tag, what, &tlv, err);
	if (rc == SG_OK)
		*ret = sg_der_init_rc(tlv.val);
	return rc;
}

enum sg_code
sg_der_end_rc(const struct sg_der *d, const char *what, struct sg_err *err)
{
	struct sg_der s = sg_der_init(d->rest, err);
	sg_der_end(&s, what);
	return sg_der_status(&s);
}

enum sg_code
sg_der_whole_rc(
    struct sg_slice der, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err)
{
	struct sg_der s = sg_der_init(der, err);
	struct sg_tlv tlv = sg_der_whole(&s, tag, what);
	if (sg_der_ok(&s))
		*ret = tlv;
	return sg_der_status(&s);
}
