/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_differential.c - our decoders and OpenSSL's CMS and X509_REQ on the same mutants
 *
 * Every TLV of a SignedData, of its signed attributes (signed again), of an EnvelopedData
 * and of a PKCS#10 (signed again) x every operation, and every single bit of each. Both
 * sides say whether they accept and what they read. Where they differ, the difference must
 * be in the table `explained` with its reason; both accepting different contents has no
 * excuse. DIFFERENTIAL_SHOW=1 prints how often
 * each reason was needed.
 */

#include "unit/scep/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/sign.h"
#include "crypto/unwrap.h"
#include "scep/pop.h"
#include "unit/scep/fixture_keys.h"
#include "x509/csr.h"

#define NODES_MAX 256
#define DEPTH_MAX 24
#define SHOWN_MAX 40
#define FLIP_STEP 7 /* every seventh bit; SIGNET_LONG=1 flips all */

/* One TLV of a message in DER. */
struct node {
	size_t start, body, end;
	unsigned tag;
	char path[64]; /* "1/0/4": the indexes on the way to it */
};

struct tree {
	struct sg_slice der;
	size_t n;
	struct node node[NODES_MAX];
};

enum op {
	OP_DELETE,
	OP_EMPTY,
	OP_DUPLICATE,
	OP_INTEGER,
	OP_OCTETS,
	OP_NULL,
	OP_SEQUENCE,
	OP_SET,
	OP_UTF8,
	OP_CONTEXT,
	OP_ONE_MORE,
	OP_ONE_LESS,
	OP_HUGE,
	OP_OPEN,
	OP_LONG_FORM,
	OP_INDEFINITE,
	OP_COUNT,
	OP_BIT = OP_COUNT, /* and above: flips */
};

static const char *const op_names[] = {"delete", "empty", "duplicate", "type-02", "type-04",
    "type-05", "type-30", "type-31", "type-0c", "type-a0", "one-more", "one-less", "huge", "open",
    "long-form", "indefinite", "bit"};

/* What one side made of a mutant. */
struct verdict {
	bool accepts;
	const char *rule; /* ours, when refused */
	struct sg_buf content;
};

static EVP_PKEY *ra_key;
static X509 *ra_cert;

static void
verdict_clear(struct verdict *v)
{
	sg_buf_clear(&v->content);
}

#define verdict_scoped __attribute__((cleanup(verdict_clear))) struct verdict

/* --- trees ------------------------------------------------------------------------------- */

static void
add_nodes(struct tree *t, size_t at, size_t limit, const char *path, unsigned depth)
{
	unsigned index = 0;

	assert_true(depth < DEPTH_MAX);
	while (at < limit) {
		struct sg_err err = {0};
		struct sg_der d = sg_der_init(sg_slice(t->der.p + at, limit - at), &err);
		struct sg_tlv tlv = sg_der_any(&d, "node");

		fx_assert_ok(sg_der_status(&d), err);
		assert_true(t->n < NODES_MAX);
		struct node *n = &t->node[t->n++];
		n->start = at;
		n->body = at + (tlv.raw.len - tlv.val.len);
		n->end = at + tlv.raw.len;
		n->tag = tlv.tag;
		snprintf(n->path, sizeof n->path, "%s%s%u", path, *path != '\0' ? "/" : "", index);
		if ((tlv.tag & 0x20) != 0)
			add_nodes(t, n->body, n->end, n->path, depth + 1);
		at = n->end;
		index++;
	}
}

static void
tree_make(struct sg_slice der, struct tree *t)
{
	*t = (struct tree){.der = der};
	add_nodes(t, 0, der.len, "", 0);
}

static const struct node *
node_at(const struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->node[i].path, path) == 0)
			return &t->node[i];
	print_error("there is no node %s\n", path);
	abort();
}

/* The innermost TLV that holds a byte. */
static const struct node *
node_of(const struct tree *t, size_t byte)
{
	const struct node *found = &t->node[0];

	for (size_t i = 0; i < t->n; i++)
		if (t->node[i].start <= byte && byte < t->node[i].end)
			found = &t->node[i];
	return found;
}

static void
put_op(const struct tree *t, const struct node *n, enum op op, struct sg_buf *b)
{
	static const uint8_t tags[] = {0x02, 0x04, 0x05, 0x30, 0x31, 0x0c, 0xa0};
	struct sg_slice raw = sg_slice(t->der.p + n->start, n->end - n->start);
	struct sg_slice val = sg_slice(t->der.p + n->body, n->end - n->body);
	size_t len = val.len;

	switch (op) {
	case OP_DELETE:
		return;
	case OP_EMPTY:
		sg_derw_head(b, n->tag, 0);
		return;
	case OP_DUPLICATE:
		sg_buf_put_slice(b, raw);
		sg_buf_put_slice(b, raw);
		return;
	case OP_ONE_MORE:
		sg_derw_head(b, n->tag, len + 1);
		break;
	case OP_ONE_LESS:
		sg_derw_head(b, n->tag, len == 0 ? 0 : len - 1);
		break;
	case OP_HUGE:
		sg_buf_put(b, (const uint8_t[]){(uint8_t)n->tag, 0x84, 0xff, 0xff, 0xff, 0xff}, 6);
		break;
	case OP_LONG_FORM:
		sg_buf_put(b,
		    (const uint8_t[]){
			(uint8_t)n->tag, 0x84, 0, 0, (uint8_t)(len >> 8), (uint8_t)(len & 0xff)},
		    6);
		break;
	case OP_OPEN:
	case OP_INDEFINITE:
		sg_buf_put(b, (const uint8_t[]){(uint8_t)n->tag, 0x80}, 2);
		break;
	case OP_INTEGER:
	case OP_OCTETS:
	case OP_NULL:
	case OP_SEQUENCE:
	case OP_SET:
	case OP_UTF8:
	case OP_CONTEXT:
		sg_derw_head(b, tags[op - OP_INTEGER], len);
		break;
	case OP_COUNT:
	default:
		fail_msg("operation %d", op);
	}
	sg_buf_put_slice(b, val);
	if (op == OP_INDEFINITE)
		sg_buf_put(b, (const uint8_t[]){0, 0}, 2);
}

/* Replacements of whole TLVs, in the order of the tree. */
struct edit {
	const struct node *node;
	struct sg_slice bytes;
};

static bool
holds(const struct node *outer, const struct node *inner)
{
	return outer->start <= inner->start && inner->end <= outer->end;
}

/* The TLV with the edits inside it made, the lengths around them mended. */
static void
put_edited(const struct tree *t, const struct node *n, const struct edit *edit, size_t edit_n,
    struct sg_buf *b)
{
	bool inside = false;

	for (size_t i = 0; i < edit_n; i++) {
		if (edit[i].node == n) {
			sg_buf_put_slice(b, edit[i].bytes);
			return;
		}
		inside = inside || holds(n, edit[i].node);
	}
	if (!inside) {
		sg_buf_put_slice(b, sg_slice(t->der.p + n->start, n->end - n->start));
		return;
	}
	size_t mark = sg_derw_begin(b, n->tag);
	size_t parent = (size_t)(n - t->node);
	for (size_t i = parent + 1; i < t->n && t->node[i].start < n->end;) {
		put_edited(t, &t->node[i], edit, edit_n, b);
		size_t end = t->node[i].end;
		while (i < t->n && t->node[i].start < end)
			i++;
	}
	sg_derw_end(b, mark);
}

/* --- the two sides -------------------------------------------------------------------------- */

static void
ours_signed(struct sg_slice m, struct verdict *v)
{
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .ciphers = FX_CIPHERS};

	enum sg_code rc = sg_scep_decode(m, &msg, &err);
	if (rc == SG_OK)
		rc = sg_scep_check(&msg, &rules, &err);
	if (rc == SG_OK)
		rc = sg_scep_verify(&msg, NULL, &err);
	v->accepts = rc == SG_OK;
	v->rule = v->accepts ? "" : err.rule;
	if (v->accepts)
		sg_buf_put_slice(&v->content, msg.content);
}

/* A CMS of OpenSSL's that is all of m. */
static CMS_ContentInfo *
read_cms(struct sg_slice m)
{
	const unsigned char *p = m.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)m.len);

	if (cms != NULL && p != m.p + m.len) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	return cms;
}

static void
take(struct verdict *v, bool accepts, BIO *out)
{
	char *p = NULL;
	long n = BIO_get_mem_data(out, &p);

	v->accepts = accepts;
	if (accepts && n > 0)
		sg_buf_put(&v->content, (const uint8_t *)p, (size_t)n);
}

static void
theirs_signed(struct sg_slice m, struct verdict *v)
{
	CMS_ContentInfo *cms = read_cms(m);
	BIO *out = BIO_new(BIO_s_mem());

	bool ok = cms != NULL && CMS_verify(cms, NULL, NULL, NULL, out,
				     CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
	take(v, ok, out);
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
}

static void
ours_enveloped(struct sg_slice m, struct verdict *v)
{
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};
	uint8_t cek[SG_CEK_MAX];

	enum sg_code rc = sg_envelope_decode(m, &env, &err);
	if (rc == SG_OK)
		rc = sg_envelope_check(&env, FX_CIPHERS, false, &err);
	struct sg_cert_light ra = fx_light(&fx.ra);
	if (rc == SG_OK)
		rc = sg_envelope_choose(&env, &ra, &err);
	if (rc == SG_OK && !env.is_ours)
		rc = sg_fail(&err, SG_E_NOTFOUND, "cms.recipient.unknown", "not the RA");
	if (rc == SG_OK)
		rc = sg_unwrap_key(fx.ra_key, env.trans, env.wrapped,
		    sg_slice_str("a secret of the implicit rejection"),
		    sg_cipher_key_len(env.cipher), cek, &err);
	if (rc == SG_OK)
		rc = sg_envelope_decrypt(
		    &env, sg_slice(cek, sg_cipher_key_len(env.cipher)), false, &v->content, &err);
	v->accepts = rc == SG_OK;
	v->rule = v->accepts ? "" : err.rule;
}

static void
theirs_enveloped(struct sg_slice m, struct verdict *v)
{
	CMS_ContentInfo *cms = read_cms(m);
	BIO *out = BIO_new(BIO_s_mem());

	bool ok = cms != NULL && CMS_decrypt(cms, ra_key, ra_cert, NULL, out, CMS_BINARY) == 1;
	take(v, ok, out);
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
}

/* What a request says: subject, key; as one string of bytes. */
static void
ours_request(struct sg_slice m, struct verdict *v)
{
	struct sg_csr csr = {0};
	struct sg_err err = {0};

	enum sg_code rc = sg_csr_parse(m, &csr, &err);
	if (rc == SG_OK)
		rc = sg_scep_pop_verify(&csr, NULL, &err);
	v->accepts = rc == SG_OK;
	v->rule = v->accepts ? "" : err.rule;
	if (!v->accepts)
		return;
	sg_buf_put_slice(&v->content, csr.subject);
	sg_buf_put_slice(&v->content, csr.spki);
}

static void
theirs_request(struct sg_slice m, struct verdict *v)
{
	const unsigned char *p = m.p;
	X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)m.len);
	EVP_PKEY *key = req == NULL ? NULL : X509_REQ_get0_pubkey(req);

	v->accepts = key != NULL && p == m.p + m.len && X509_REQ_verify(req, key) == 1;
	if (v->accepts) {
		unsigned char *name = NULL, *spki = NULL;
		int name_n = i2d_X509_NAME(X509_REQ_get_subject_name(req), &name);
		int spki_n = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(req), &spki);

		assert_true(name_n > 0 && spki_n > 0);
		sg_buf_put(&v->content, name, (size_t)name_n);
		sg_buf_put(&v->content, spki, (size_t)spki_n);
		OPENSSL_free(name);
		OPENSSL_free(spki);
	}
	X509_REQ_free(req);
	ERR_clear_error();
}

/* --- layers --------------------------------------------------------------------------------- */

enum layer { SIGNED, ATTRIBUTES, ENVELOPED, REQUEST, LAYERS };

static const char *const layer_names[] = {"signed", "attributes", "enveloped", "request"};

/* What of the message is signed, and where the signature is: signed again after a change. */
static void
sign_again(const struct tree *t, const char *tbs_path, const char *sig_path, unsigned sig_tag,
    struct sg_slice tbs, struct sg_slice to_sign, const struct sg_key *key, struct sg_buf *b)
{
	sg_buf_scoped sig = {0}, tlv = {0};
	struct sg_err err = {0};

	fx_assert_ok(
	    sg_sign_tbs(key, sg_key_sigalg(key, SG_HASH_SHA256), to_sign, &sig, &err), err);
	if (sig_tag == SG_DER_BIT_STRING)
		sg_derw_bits(&tlv, sg_buf_slice(&sig));
	else
		sg_derw_tlv(&tlv, sig_tag, sg_buf_slice(&sig));
	struct edit edit[2] = {{.node = node_at(t, tbs_path), .bytes = tbs},
	    {.node = node_at(t, sig_path), .bytes = sg_buf_slice(&tlv)}};
	put_edited(t, &t->node[0], edit, 2, b);
}

/* A changed message, made whole again around the change. */
static void
finish(enum layer layer, const struct tree *t, const struct node *n, struct sg_slice changed,
    struct sg_buf *b)
{
	sg_buf_scoped to_sign = {0};

	if (layer == ATTRIBUTES) {
		/* Of the attributes alone: [0] in the message, SET in what is signed. */
		if (changed.len == 0)
			return;
		sg_buf_put_slice(&to_sign, changed);
		to_sign.p[0] = SG_DER_SET;
		sign_again(t, "0/1/0/4/0/3", "0/1/0/4/0/5", SG_DER_OCTET_STRING, changed,
		    sg_buf_slice(&to_sign), fx.dev_key, b);
	} else if (layer == REQUEST && holds(node_at(t, "0/0"), n)) {
		sign_again(t, "0/0", "0/2", SG_DER_BIT_STRING, changed, changed, fx.dev_key, b);
	} else {
		sg_buf_put_slice(b, changed);
	}
}

/* The part of the tree that is mutated, and whether finish wants that part alone. */
static const struct node *
part_of(enum layer layer, const struct tree *t, const struct node *n)
{
	if (layer == ATTRIBUTES)
		return node_at(t, "0/1/0/4/0/3");
	if (layer == REQUEST && holds(node_at(t, "0/0"), n))
		return node_at(t, "0/0");
	return &t->node[0];
}

static void
make_mutant(
    enum layer layer, const struct tree *t, const struct node *n, enum op op, struct sg_buf *b)
{
	sg_buf_scoped bytes = {0}, part = {0};

	put_op(t, n, op, &bytes);
	struct edit edit = {.node = n, .bytes = sg_buf_slice(&bytes)};
	put_edited(t, part_of(layer, t, n), &edit, 1, &part);
	finish(layer, t, n, sg_buf_slice(&part), b);
}

static void
make_flip(enum layer layer, const struct tree *t, size_t byte, unsigned bit, struct sg_buf *b)
{
	const struct node *n = node_of(t, byte), *part = part_of(layer, t, n);
	sg_buf_scoped copy = {0};

	sg_buf_put_slice(&copy, sg_slice(t->der.p + part->start, part->end - part->start));
	copy.p[byte - part->start] ^= (uint8_t)(1u << bit);
	finish(layer, t, n, sg_buf_slice(&copy), b);
}

/* --- differences ------------------------------------------------------------------------------ */

enum who { WE_REFUSE, WE_ACCEPT };

/* A difference that has a reason. rule: our rule word (WE_REFUSE), "" for any; path: the
 * beginning of where the change is; op: NULL for any. */
struct reason {
	enum layer layer;
	enum who who;
	const char *rule, *path, *op, *why;
	unsigned seen;
};

#include "unit/scep/differences.h"

static struct reason *
reason_for(enum layer layer, enum who who, const char *rule, const char *path, const char *op)
{
	for (size_t i = 0; i < sizeof explained / sizeof explained[0]; i++) {
		struct reason *r = &explained[i];

		if (r->layer == layer && r->who == who &&
		    (r->rule[0] == '\0' || strcmp(r->rule, rule) == 0) &&
		    strncmp(path, r->path, strlen(r->path)) == 0 &&
		    (r->op == NULL || strcmp(r->op, op) == 0))
			return r;
	}
	return NULL;
}

/* The bit that was flipped last, to find a difference again. */
static size_t flipped;

struct tally {
	unsigned mutants, both_accept, both_refuse, differ, unexplained;
};

/* An unwrapped key that is wrong is noise on both sides, which decrypts once in 256. */
static bool
only_noise(enum layer layer, const struct verdict *v)
{
	return layer == ENVELOPED && v->accepts &&
	       !sg_slice_eq(sg_buf_slice(&v->content), sg_buf_slice(&fx.csr));
}

static void
compare(enum layer layer, const struct node *n, enum op op, struct sg_slice m, struct tally *tally)
{
	static void (*const sides[LAYERS][2])(struct sg_slice, struct verdict *) = {
	    {ours_signed, theirs_signed}, {ours_signed, theirs_signed},
	    {ours_enveloped, theirs_enveloped}, {ours_request, theirs_request}};
	verdict_scoped us = {0};
	verdict_scoped them = {0};

	sides[layer][0](m, &us);
	sides[layer][1](m, &them);
	tally->mutants++;
	if (strcmp(n->path, "0/1/0/1/0/3") == 0 || strncmp(n->path, "0/1/0/1/0/2", 11) == 0) {
		us.accepts = us.accepts && !only_noise(layer, &us);
		them.accepts = them.accepts && !only_noise(layer, &them);
	}
	if (us.accepts && them.accepts) {
		fx_assert_slice(sg_buf_slice(&us.content), sg_buf_slice(&them.content));
		tally->both_accept++;
		return;
	}
	if (!us.accepts && !them.accepts) {
		tally->both_refuse++;
		return;
	}
	tally->differ++;
	enum who who = us.accepts ? WE_ACCEPT : WE_REFUSE;
	const char *name = op_names[op];
	struct reason *r = reason_for(layer, who, us.rule, n->path, name);
	if (r != NULL) {
		r->seen++;
		return;
	}
	if (tally->unexplained++ < SHOWN_MAX || getenv("DIFFERENTIAL_SHOW") != NULL)
		print_error("unexplained: %s %s %s %zu.%zu: %s %s\n", layer_names[layer], n->path,
		    name, flipped / 8 - n->start, flipped % 8,
		    us.accepts ? "we accept" : "we refuse with", us.accepts ? "" : us.rule);
}

static void
layer_seed(enum layer layer, struct sg_buf *b)
{
	struct fx_spec spec;

	if (layer == ENVELOPED) {
		sg_buf_put_slice(b, sg_buf_slice(&fx.envelope));
	} else if (layer == REQUEST) {
		sg_buf_put_slice(b, sg_buf_slice(&fx.csr));
	} else {
		fx_spec(&spec);
		fx_build(&spec, b);
	}
}

static void
run_layer(enum layer layer)
{
	unsigned flip_step = getenv("SIGNET_LONG") != NULL ? 1 : FLIP_STEP;
	sg_buf_scoped seed = {0};
	static struct tree t;
	struct tally tally = {0};

	flipped = 0;
	layer_seed(layer, &seed);
	tree_make(sg_buf_slice(&seed), &t);
	struct node none = {.path = "."};
	compare(layer, &none, OP_BIT, sg_buf_slice(&seed), &tally);
	assert_int_equal(tally.both_accept, 1);

	for (size_t i = 0; i < t.n; i++) {
		if (layer == ATTRIBUTES && !holds(node_at(&t, "0/1/0/4/0/3"), &t.node[i]))
			continue;
		for (enum op op = 0; op < OP_COUNT; op++) {
			sg_buf_scoped m = {0};

			make_mutant(layer, &t, &t.node[i], op, &m);
			compare(layer, &t.node[i], op, sg_buf_slice(&m), &tally);
		}
	}
	for (size_t bit = 0; bit < seed.len * 8; bit += flip_step) {
		sg_buf_scoped m = {0};

		if (layer == ATTRIBUTES && !holds(node_at(&t, "0/1/0/4/0/3"), node_of(&t, bit / 8)))
			continue;
		flipped = bit;
		make_flip(layer, &t, bit / 8, bit % 8, &m);
		compare(layer, node_of(&t, bit / 8), OP_BIT, sg_buf_slice(&m), &tally);
	}
	print_message("%s: %u mutants, both accept %u, both refuse %u, differ %u\n",
	    layer_names[layer], tally.mutants, tally.both_accept, tally.both_refuse, tally.differ);
	if (tally.unexplained > 0)
		fail_msg("%u differences without a reason", tally.unexplained);
}

static void
differential__signed_data__explained(void **state)
{
	(void)state;
	run_layer(SIGNED);
}

static void
differential__signed_attributes__explained(void **state)
{
	(void)state;
	run_layer(ATTRIBUTES);
}

static void
differential__enveloped_data__explained(void **state)
{
	(void)state;
	run_layer(ENVELOPED);
}

static void
differential__request__explained(void **state)
{
	(void)state;
	run_layer(REQUEST);
}

/* A reason that stands for nothing is a mistake in the table, when all mutants were sent. */
static void
differential__table__every_reason_is_needed(void **state)
{
	unsigned idle = 0;

	(void)state;
	for (size_t i = 0; i < sizeof explained / sizeof explained[0]; i++) {
		const struct reason *r = &explained[i];

		if (getenv("DIFFERENTIAL_SHOW") != NULL)
			print_message("%5u  %s %s %s: %s\n", r->seen, layer_names[r->layer],
			    r->who == WE_ACCEPT ? "accepted at" : r->rule, r->path, r->why);
		if (r->seen == 0) {
			print_message(
			    "# never seen: %s %s %s\n", layer_names[r->layer], r->rule, r->path);
			idle++;
		}
	}
	if (getenv("SIGNET_LONG") != NULL)
		assert_int_equal(idle, 0);
}

static int
setup(void **state)
{
	if (fx_setup(state) != 0)
		return -1;
	BIO *pem = BIO_new_mem_buf(FX_KEY_RA, -1);
	const unsigned char *p = fx.ra_der.p;

	ra_key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);
	ra_cert = d2i_X509(NULL, &p, (long)fx.ra_der.len);
	BIO_free(pem);
	return ra_key != NULL && ra_cert != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	EVP_PKEY_free(ra_key);
	X509_free(ra_cert);
	return fx_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(differential__signed_data__explained),
	    cmocka_unit_test(differential__signed_attributes__explained),
	    cmocka_unit_test(differential__enveloped_data__explained),
	    cmocka_unit_test(differential__request__explained),
	    cmocka_unit_test(differential__table__every_reason_is_needed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
