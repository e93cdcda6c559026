/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * asn1/der_old.h - the readers of asn1/der.h with a code from each call, for the parsers that
 * are not yet sticky; the number of arguments says which one is meant
 *
 * On failure *ret is untouched.
 */

struct sg_der
sg_der_init_rc(struct sg_slice contents);
SG_RC
sg_der_any_rc(struct sg_der *d, const char *what, struct sg_tlv *ret, struct sg_err *err);
SG_RC
sg_der_get_rc(
    struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err);
SG_RC
sg_der_opt_rc(
    struct sg_der *d, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err);
SG_RC
sg_der_enter_rc(
    struct sg_der *d, unsigned tag, const char *what, struct sg_der *ret, struct sg_err *err);
SG_RC
sg_der_end_rc(const struct sg_der *d, const char *what, struct sg_err *err);
SG_RC
sg_der_whole_rc(
    struct sg_slice der, unsigned tag, const char *what, struct sg_tlv *ret, struct sg_err *err);
SG_RC
sg_der_uint_rc(struct sg_der *d, uint64_t max, const char *what, uint64_t *ret, struct sg_err *err);
SG_RC
sg_der_magnitude_rc(
    struct sg_der *d, size_t max_len, const char *what, struct sg_slice *ret, struct sg_err *err);
SG_RC
sg_der_oid_rc(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err);
SG_RC
sg_der_bool_rc(struct sg_der *d, const char *what, bool *ret, struct sg_err *err);
SG_RC
sg_der_bits_rc(struct sg_der *d, const char *what, struct sg_slice *ret, struct sg_err *err);
SG_RC
sg_der_time_rc(struct sg_der *d, const char *what, int64_t *ret, struct sg_err *err);

#ifndef SG_DER_STICKY_ONLY
/* The name after as many arguments as there are. */
#define SG_DER_PICK(a1, a2, a3, a4, a5, name, ...) name
#define SG_DER_1_2(one, two, ...) SG_DER_PICK(__VA_ARGS__, , , , two, one, )(__VA_ARGS__)
#define SG_DER_2_3(two, three, ...) SG_DER_PICK(__VA_ARGS__, , , three, two, , )(__VA_ARGS__)
#define SG_DER_2_4(two, four, ...) SG_DER_PICK(__VA_ARGS__, , four, , two, , )(__VA_ARGS__)
#define SG_DER_3_5(three, five, ...) SG_DER_PICK(__VA_ARGS__, five, , three, , , )(__VA_ARGS__)

#define SG_DER_INIT(der, error)                                                                    \
	((struct sg_der){(der), &(struct sg_der_state){.code = SG_OK, .err = (error)}})
#undef sg_der_init
#define sg_der_init(...) SG_DER_1_2(sg_der_init_rc, SG_DER_INIT, __VA_ARGS__)
#define sg_der_any(...) SG_DER_2_4(sg_der_any, sg_der_any_rc, __VA_ARGS__)
#define sg_der_get(...) SG_DER_3_5(sg_der_get, sg_der_get_rc, __VA_ARGS__)
#define sg_der_opt(...) SG_DER_3_5(sg_der_opt, sg_der_opt_rc, __VA_ARGS__)
#define sg_der_enter(...) SG_DER_3_5(sg_der_enter, sg_der_enter_rc, __VA_ARGS__)
#define sg_der_end(...) SG_DER_2_3(sg_der_end, sg_der_end_rc, __VA_ARGS__)
#define sg_der_whole(...) SG_DER_3_5(sg_der_whole, sg_der_whole_rc, __VA_ARGS__)
#define sg_der_uint(...) SG_DER_3_5(sg_der_uint, sg_der_uint_rc, __VA_ARGS__)
#define sg_der_magnitude(...) SG_DER_3_5(sg_der_magnitude, sg_der_magnitude_rc, __VA_ARGS__)
#define sg_der_oid(...) SG_DER_2_4(sg_der_oid, sg_der_oid_rc, __VA_ARGS__)
#define sg_der_bool(...) SG_DER_2_4(sg_der_bool, sg_der_bool_rc, __VA_ARGS__)
#define sg_der_bits(...) SG_DER_2_4(sg_der_bits, sg_der_bits_rc, __VA_ARGS__)
#define sg_der_time(...) SG_DER_2_4(sg_der_time, sg_der_time_rc, __VA_ARGS__)
#endif
