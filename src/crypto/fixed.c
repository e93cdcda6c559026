/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fixed.c - check an ECDSA P-256 signature under a key that never changes
 *
 * A CA checks every signature of its own before it leaves, always under the same public key
 * Q. EVP_PKEY_verify computes u1*G + u2*Q with tables for G alone, and u2*Q is four fifths
 * of its 77 us. OpenSSL makes the same tables for any point that is the generator of a
 * group: a copy of P-256 with Q in the place of G has them for Q, and the check takes 38.
 * The rest is SEC 1 4.1.4 to the letter. Nothing here is secret.
 *
 * Security: a fault in the tables makes right signatures look wrong, never the other way
 * round, except for one x-coordinate in 2^256.
 */

/* EC_GROUP_precompute_mult is deprecated since 3.0, without a successor; nothing else that
 * is deprecated is used, here or elsewhere. */
#undef OPENSSL_NO_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/fixed_private.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "asn1/der.h"
#include "base/alloc.h"
#include "crypto/init_private.h"

#define ORDER_LEN 32u

SG_DEFINE_CLEANUP(BN_CTX, BN_CTX_free)
SG_DEFINE_CLEANUP(EC_POINT, EC_POINT_free)

struct sg_fixed {
	EC_GROUP *curve;    /* P-256 */
	EC_GROUP *with_key; /* the same with the key as its generator */
	BN_MONT_CTX *mont;  /* for the order, which is prime */
	BIGNUM *order_2;    /* the order - 2 */
};

static bool
make_tables(EC_GROUP *group, BN_CTX *bn)
{
#ifdef OPENSSL_NO_DEPRECATED_3_0
	(void)group;
	(void)bn;
	return false;
#else
	return EC_GROUP_precompute_mult(group, bn) == 1;
#endif
}

static bool
fill(struct sg_fixed *f, struct sg_slice point, BN_CTX *bn)
{
	f->curve = EC_GROUP_new_by_curve_name_ex(sg_ossl.ctx, NULL, NID_X9_62_prime256v1);
	if (f->curve == NULL)
		return false;
	const BIGNUM *order = EC_GROUP_get0_order(f->curve);
	sg_auto(EC_POINT) key = EC_POINT_new(f->curve);
	f->with_key = EC_GROUP_dup(f->curve);
	f->mont = BN_MONT_CTX_new();
	f->order_2 = BN_dup(order);
	return key != NULL && f->with_key != NULL && f->mont != NULL && f->order_2 != NULL &&
	       EC_POINT_oct2point(f->curve, key, point.p, point.len, bn) == 1 &&
	       !EC_POINT_is_at_infinity(f->curve, key) &&
	       EC_GROUP_set_generator(f->with_key, key, order, BN_value_one()) == 1 &&
	       make_tables(f->with_key, bn) && BN_MONT_CTX_set(f->mont, order, bn) == 1 &&
	       BN_sub_word(f->order_2, 2) == 1;
}

struct sg_fixed *
sg_fixed_new(struct sg_slice point)
{
	struct sg_fixed *f = sg_alloc(sizeof *f);
	if (f == NULL)
		return NULL;
	sg_auto(BN_CTX) bn = BN_CTX_new_ex(sg_ossl.ctx);
	if (bn != NULL && fill(f, point, bn))
		return f;
	ERR_clear_error();
	sg_fixed_free(f);
	return NULL;
}

void
sg_fixed_free(struct sg_fixed *f)
{
	if (f == NULL)
		return;
	EC_GROUP_free(f->curve);
	EC_GROUP_free(f->with_key);
	BN_MONT_CTX_free(f->mont);
	BN_free(f->order_2);
	sg_free(f);
}

/* Both numbers of a signature, in strict DER. */
static bool
read_sig(struct sg_slice sig, struct sg_slice *r, struct sg_slice *s)
{
	struct sg_der d = sg_der_init(sig, NULL);
	struct sg_der seq = sg_der_inside(&d, sg_der_whole(&d, SG_DER_SEQUENCE, "signature").val);

	*r = sg_der_magnitude(&seq, ORDER_LEN, "r");
	*s = sg_der_magnitude(&seq, ORDER_LEN, "s");
	sg_der_end(&seq, "signature");
	return sg_der_ok(&d);
}

/* 1 to the order - 1. */
static bool
in_range(const BIGNUM *v, const BIGNUM *order)
{
	return !BN_is_zero(v) && BN_cmp(v, order) < 0;
}

struct numbers {
	BIGNUM *r, *s, *e, *u1, *u2, *x;
};

/* u1 = e / s, u2 = r / s: SEC 1 4.1.4 steps 1 to 4. */
static bool
scalars(const struct sg_fixed *f, struct sg_slice sig, struct sg_slice hash, struct numbers *n,
    BN_CTX *bn)
{
	const BIGNUM *order = EC_GROUP_get0_order(f->curve);
	int hash_len = hash.len < ORDER_LEN ? (int)hash.len : (int)ORDER_LEN;
	struct sg_slice r, s;

	return read_sig(sig, &r, &s) && BN_bin2bn(r.p, (int)r.len, n->r) != NULL &&
	       BN_bin2bn(s.p, (int)s.len, n->s) != NULL && in_range(n->r, order) &&
	       in_range(n->s, order) && BN_bin2bn(hash.p, hash_len, n->e) != NULL &&
	       /* Fermat: s^(order - 2) is 1/s, and faster to have than BN_mod_inverse's. */
	       BN_mod_exp_mont(n->x, n->s, f->order_2, order, bn, f->mont) == 1 &&
	       BN_mod_mul(n->u1, n->e, n->x, order, bn) == 1 &&
	       BN_mod_mul(n->u2, n->r, n->x, order, bn) == 1;
}

/* u1*G + u2*Q has an x-coordinate that is r: steps 5 to 8. */
static bool
point_fits(const struct sg_fixed *f, struct numbers *n, BN_CTX *bn)
{
	sg_auto(EC_POINT) a = EC_POINT_new(f->curve);
	sg_auto(EC_POINT) b = EC_POINT_new(f->curve);

	return a != NULL && b != NULL && EC_POINT_mul(f->curve, a, n->u1, NULL, NULL, bn) == 1 &&
	       EC_POINT_mul(f->with_key, b, n->u2, NULL, NULL, bn) == 1 &&
	       EC_POINT_add(f->curve, a, a, b, bn) == 1 && !EC_POINT_is_at_infinity(f->curve, a) &&
	       EC_POINT_get_affine_coordinates(f->curve, a, n->x, NULL, bn) == 1 &&
	       BN_nnmod(n->x, n->x, EC_GROUP_get0_order(f->curve), bn) == 1 &&
	       BN_cmp(n->x, n->r) == 0;
}

bool
sg_fixed_holds(const struct sg_fixed *f, struct sg_slice sig, struct sg_slice hash)
{
	sg_auto(BN_CTX) bn = BN_CTX_new_ex(sg_ossl.ctx);
	if (bn == NULL) {
		ERR_clear_error();
		return false;
	}
	BN_CTX_start(bn);
	struct numbers n = {
	    .r = BN_CTX_get(bn),
	    .s = BN_CTX_get(bn),
	    .e = BN_CTX_get(bn),
	    .u1 = BN_CTX_get(bn),
	    .u2 = BN_CTX_get(bn),
	    .x = BN_CTX_get(bn),
	};
	/* BN_CTX_get goes on failing once it failed. */
	bool holds = n.x != NULL && scalars(f, sig, hash, &n, bn) && point_fits(f, &n, bn);
	BN_CTX_end(bn);
	if (!holds)
		ERR_clear_error();
	return holds;
}
