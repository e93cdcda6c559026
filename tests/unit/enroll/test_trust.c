/* SPDX-License-Identifier: Apache-2.0 */

/* Whom the client believes: certificates, a pin and a time in, an RA or a refusal out. */

#include "unit/enroll/pki.h"

#include <stdlib.h>

#include "cms/degenerate.h"
#include "enroll/text.h"
#include "enroll/trust.h"
#include "lib/alloc_fail.h"
#include "scep/ra.h"

/* The trust is too big for a stack; one case at a time uses it. */
static struct sg_enroll_trust trust;

static void
begin(const struct sg_buf *const *certs, size_t n)
{
	struct sg_err err = {0};

	memset(&trust, 0, sizeof trust);
	for (size_t i = 0; i < n; i++)
		assert_ok(sg_enroll_trust_add(
			      &trust, sg_buf_slice(certs[i]), SG_ENROLL_FROM_SERVER, &err),
		    err);
}

#define BEGIN(...)                                                                                 \
	begin((const struct sg_buf *const[]){__VA_ARGS__},                                         \
	    sizeof((const struct sg_buf *const[]){__VA_ARGS__}) / sizeof(struct sg_buf *))

static struct sg_enroll_pin
fingerprint_of(const struct sg_buf *der)
{
	struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_FINGERPRINT};
	struct sg_err err = {0};

	assert_ok(sg_sha256(sg_buf_slice(der), pin.fingerprint, &err), err);
	return pin;
}

static void
assert_ra(const struct sg_buf *der)
{
	assert_true(sg_slice_eq(trust.item[trust.ra].cert.raw, sg_buf_slice(der)));
}

static void
settle__ca_and_ra__ra_chosen_and_may_sign(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	struct sg_slice signers[SG_ENROLL_CERTS_MAX];
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.ra_der);
	assert_int_equal(sg_enroll_trust_signers(&trust, &pin, signers), 2);
}

static void
settle__other_fingerprint__refused_and_named(void **state)
{
	struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_FINGERPRINT};
	char have[2 * SG_SHA256_LEN + 1];
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_ok(sg_enroll_fingerprint(sg_buf_slice(&pki.ca_der), have, &err), err);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.fingerprint", have);
	assert_non_null(strstr(err.text, "'O=Test, CN=CA'"));
	assert_non_null(strstr(err.text, "nothing was sent"));
}

static void
settle__no_pin__refused(void **state)
{
	struct sg_enroll_pin pin = {0};
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.fingerprint", "nothing was sent");
}

static void
settle__fingerprint_of_the_ra__no_ca(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ra_der);
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.anchor.ca",
	    "'O=Test, CN=RA' is pinned but is not a CA certificate: its basicConstraints says that "
	    "it is no CA; it was issued by 'O=Test, CN=CA': nothing was sent");
}

static void
settle__device_certificate_as_ra__needs_its_fingerprint(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	char have[2 * SG_SHA256_LEN + 1];
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.device_der, &pki.ca_der);
	assert_ok(sg_enroll_fingerprint(sg_buf_slice(&pki.device_der), have, &err), err);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.ra.purpose", have);
	pin.has_ra = true;
	assert_ok(sg_sha256(sg_buf_slice(&pki.device_der), pin.ra, &err), err);
	BEGIN(&pki.device_der, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.device_der);
	pin.ra[0] ^= 1;
	BEGIN(&pki.device_der, &pki.ca_der);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.ra.purpose", "has not the given fingerprint");
}

static void
settle__device_beside_the_ra__ra_chosen(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.device_der, &pki.ra_der, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.ra_der);
}

/* One RA, wrong in one place: why it is not trusted. */
static void
settle__ra_wrong_in_one_place__why(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	const struct {
		struct pki_cert spec;
		const char *text;
	} rows[] = {
	    {{.not_before = PKI_NOW - 100, .not_after = PKI_NOW - 50},
		"it expired at 2025-11-20T11:59:10Z and here it is 2025-11-20T12:00:00Z"},
	    {{.not_before = PKI_NOW + 50}, "it is valid only from 2025-11-20T12:00:50Z"},
	    {{.not_before = PKI_NOW + 9, .not_after = PKI_NOW + 1}, "it begins ("},
	    {{.signer = pki.other_ca}, "signature"},
	    {{.issuer = "CN=Nobody"}, "no CA certificate above it is trusted"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct pki_cert spec = rows[n].spec;
		sg_buf_scoped der = {0};
		struct sg_err err = {0};
		spec.subject = "O=Test, CN=RA";
		spec.key = pki.ra;
		spec.ra = true;
		pki_make(&spec, &der);
		BEGIN(&der, &pki.ca_der);
		assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err,
		    SG_E_DENIED, "client.ra.untrusted", rows[n].text);
	}
}

static void
settle__expired_ra_beside_a_good_one__good_one(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	sg_buf_scoped old = {0};
	struct sg_err err = {0};

	(void)state;
	pki_make(
	    &(struct pki_cert){
		.subject = "CN=Old RA", .key = pki.ra, .ra = true, .not_after = PKI_NOW - 1},
	    &old);
	BEGIN(&old, &pki.ra_der, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.ra_der);
}

/* An intermediate CA, wrong in one place, between the pin and the RA. */
static void
settle__intermediate__only_as_a_ca_may(void **state)
{
	sg_buf_scoped root = {0}, middle = {0}, ra = {0};
	const struct {
		int root_len; /* as in struct pki_cert */
		struct pki_cert middle;
		const char *text; /* NULL: trusted */
	} rows[] = {
	    {0, {.ca = true, .key_usage = SG_KU_KEY_CERT_SIGN}, NULL},
	    {2, {.ca = true}, NULL},
	    {1, {.ca = true},
		"no CA certificate above it is trusted ('CN=Middle': its issuer's "
		"path length allows no CA below)"},
	    {0, {.ca = false}, "no CA certificate above it is trusted"},
	    {0, {.ca = true, .key_usage = SG_KU_CRL_SIGN}, "key usage lacks keyCertSign"},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct pki_cert spec = rows[n].middle;
		struct sg_err err = {0};
		pki_make(&(struct pki_cert){.subject = "O=Test, CN=CA",
			     .key = pki.ca,
			     .ca = true,
			     .path_len = rows[n].root_len},
		    &root);
		spec.subject = "CN=Middle";
		spec.key = pki.other_ca;
		pki_make(&spec, &middle);
		pki_make(&(struct pki_cert){.subject = "CN=RA",
			     .issuer = "CN=Middle",
			     .key = pki.ra,
			     .signer = pki.other_ca,
			     .ra = true},
		    &ra);
		struct sg_enroll_pin pin = fingerprint_of(&root);
		BEGIN(&ra, &middle, &root);
		enum sg_code rc = sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err);
		if (rows[n].text == NULL)
			assert_ok(rc, err);
		else if (rows[n].middle.ca)
			assert_refused(rc, err, SG_E_DENIED,
			    rows[n].root_len == 1 ? "client.anchor.path" : "client.ra.untrusted",
			    rows[n].text);
		else
			assert_int_equal(rc, SG_E_DENIED);
	}
}

/* CAs below each other, the last one with the key that is asked for. */
struct chain {
	struct sg_buf root, mid, sub;
};

static void
chain_clear(struct chain *c)
{
	sg_buf_clear(&c->root);
	sg_buf_clear(&c->mid);
	sg_buf_clear(&c->sub);
}

#define chain_scoped __attribute__((cleanup(chain_clear))) struct chain

static void
make_chain(struct chain *c, const char *letter, uint32_t root_usage, struct pki_cert sub)
{
	char root[32], mid[32], low[32];

	snprintf(root, sizeof root, "CN=Root %s", letter);
	snprintf(mid, sizeof mid, "CN=Mid %s", letter);
	snprintf(low, sizeof low, "CN=Sub %s", letter);
	pki_make(&(struct pki_cert){.subject = root,
		     .issuer = root,
		     .key = pki.ra,
		     .signer = pki.ra,
		     .ca = true,
		     .key_usage = root_usage},
	    &c->root);
	pki_make(
	    &(struct pki_cert){
		.subject = mid, .issuer = root, .key = pki.device, .signer = pki.ra, .ca = true},
	    &c->mid);
	sub.subject = low;
	sub.issuer = mid;
	sub.key = sub.key != NULL ? sub.key : pki.ra;
	sub.signer = pki.device;
	sub.ca = true;
	pki_make(&sub, &c->sub);
}

/* No RA: whatever is pinned, and in whatever order they come, the CA that issues is asked. */
static void
settle__three_cas__the_lowest(void **state)
{
	enum { BOTH = SG_KU_KEY_CERT_SIGN | SG_KU_KEY_ENCIPHERMENT };
	chain_scoped c = {0}, other = {0};
	struct sg_err err = {0};

	(void)state;
	make_chain(&c, "A", BOTH, (struct pki_cert){.key_usage = BOTH});
	make_chain(&other, "B", 0, (struct pki_cert){0});
	const struct sg_buf *const pins[] = {&c.root, &c.mid, &c.sub};
	for (size_t n = 0; n < 3; n++) {
		struct sg_enroll_pin pin = fingerprint_of(pins[n]);
		BEGIN(&c.root, &c.mid, &c.sub);
		assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
		assert_ra(&c.sub);
		BEGIN(&c.sub, &c.root, &c.mid);
		assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
		assert_ra(&c.sub);
		/* Another hierarchy beside it is not asked. */
		BEGIN(&other.sub, &c.sub, &other.root, &c.root, &other.mid, &c.mid);
		assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
		assert_ra(&c.sub);
		pin.mode = SG_ENROLL_PIN_FILE;
		BEGIN(&c.root, &c.mid, &c.sub);
		assert_ok(
		    sg_enroll_trust_add(&trust, sg_buf_slice(pins[n]), SG_ENROLL_FROM_FILE, &err),
		    err);
		assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
		assert_ra(&c.sub);
	}
	struct sg_enroll_pin pin = fingerprint_of(&c.sub);
	pin.has_ra = true;
	assert_ok(sg_sha256(sg_buf_slice(&c.sub), pin.ra, &err), err);
	BEGIN(&c.root, &c.mid, &c.sub);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&c.sub);
}

/* The issuing CA cannot be believed: the one above it is not asked in its place. */
static void
settle__lowest_ca_not_believed__not_the_one_above(void **state)
{
	static const struct {
		struct pki_cert sub;
		const char *rule, *text;
	} rows[] = {
	    {{.not_after = PKI_NOW - 1}, "client.ra.untrusted",
		"the server's CA certificate 'CN=Sub A' is not trusted: it expired at"},
	    {{.hash = SG_HASH_SHA1}, "client.ra.untrusted", "--legacy accepts that"},
	};
	struct sg_err err = {0};

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		chain_scoped c = {0};
		make_chain(&c, "A", 0, rows[n].sub);
		struct sg_enroll_pin pin = fingerprint_of(&c.root);
		BEGIN(&c.root, &c.mid, &c.sub);
		assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err,
		    SG_E_DENIED, rows[n].rule, rows[n].text);
	}
	/* Beside one that is good it changes nothing. */
	chain_scoped c = {0};
	sg_buf_scoped good = {0};
	make_chain(&c, "A", 0, (struct pki_cert){.not_after = PKI_NOW - 1});
	pki_make(
	    &(struct pki_cert){
		.subject = "CN=Good", .issuer = "CN=Mid A", .signer = pki.device, .ca = true},
	    &good);
	struct sg_enroll_pin pin = fingerprint_of(&c.root);
	BEGIN(&c.root, &c.sub, &c.mid, &good);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&good);
}

static void
settle__issuing_ca_without_rsa__says_so(void **state)
{
	chain_scoped c = {0};
	struct sg_err err = {0};

	(void)state;
	make_chain(&c, "A", 0, (struct pki_cert){.key = pki.ca});
	struct sg_enroll_pin pin = fingerprint_of(&c.root);
	BEGIN(&c.root, &c.mid, &c.sub);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_NOTFOUND,
	    "reply.ra.key", "nothing was sent: the CA 'CN=Sub A' that issues has no RSA key");
	/* Who knows better names the one to encrypt to. */
	pin.has_ra = true;
	assert_ok(sg_sha256(sg_buf_slice(&c.mid), pin.ra, &err), err);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&c.mid);
}

/* A pinned CA that cannot be one, with nobody else to ask. */
static void
settle__pinned_ca_that_is_none__refused_before_anything_leaves(void **state)
{
	static const struct {
		struct pki_cert spec;
		const char *rule, *text;
	} rows[] = {
	    {{.ca = false}, "client.anchor.ca", "is not a CA certificate: its basicConstraints"},
	    {{.ca = true, .key_usage = SG_KU_CRL_SIGN | SG_KU_DIGITAL_SIGNATURE},
		"client.anchor.usage",
		"that can issue: its key usage lacks keyCertSign (it has digitalSignature, "
		"cRLSign)"},
	    {{.ca = true, .not_after = PKI_NOW - 1}, "client.anchor.validity",
		"the pinned CA 'CN=Only' cannot be used: it expired at"},
	    {{.ca = true, .not_before = PKI_NOW + 60}, "client.anchor.validity",
		"is this clock right?"},
	};
	struct sg_err err = {0};

	(void)state;
	for (size_t n = 0; n < 2 * sizeof rows / sizeof rows[0]; n++) {
		struct pki_cert spec = rows[n / 2].spec;
		sg_buf_scoped der = {0};
		spec.subject = spec.issuer = "CN=Only";
		spec.key = spec.signer = pki.ra;
		pki_make(&spec, &der);
		struct sg_enroll_pin pin = fingerprint_of(&der);
		BEGIN(&der);
		if (n % 2 == 1) {
			pin.mode = SG_ENROLL_PIN_FILE;
			assert_ok(sg_enroll_trust_add(
				      &trust, sg_buf_slice(&der), SG_ENROLL_FROM_FILE, &err),
			    err);
		}
		assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err,
		    SG_E_DENIED, rows[n / 2].rule, rows[n / 2].text);
		assert_non_null(strstr(err.text, "nothing was sent"));
	}
}

/* A root whose path length is 0, and the CA below it that would issue. */
static void
settle__pinned_path_length__refused_without_an_ra_too(void **state)
{
	sg_buf_scoped root = {0}, sub = {0}, ra = {0};
	struct sg_err err = {0};

	(void)state;
	pki_make(&(struct pki_cert){.subject = "CN=Root",
		     .issuer = "CN=Root",
		     .key = pki.ra,
		     .signer = pki.ra,
		     .ca = true,
		     .path_len = 1},
	    &root);
	pki_make(
	    &(struct pki_cert){
		.subject = "CN=Sub", .issuer = "CN=Root", .signer = pki.ra, .ca = true},
	    &sub);
	struct sg_enroll_pin pin = fingerprint_of(&root);
	BEGIN(&root, &sub);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.anchor.path",
	    "the server's CA certificate 'CN=Sub' is not trusted: its issuer's path length");
	/* The CA below may be pinned by itself, and one that issues the RA only is not used. */
	pin = fingerprint_of(&sub);
	BEGIN(&root, &sub);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&sub);
	pki_make(&(struct pki_cert){.issuer = "CN=Root", .signer = pki.ra, .ra = true}, &ra);
	pin = fingerprint_of(&root);
	BEGIN(&root, &sub, &ra);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&ra);
}

/* What `signet getcacert --out` wrote may be given as --ca-file. */
static void
settle__file_with_the_ra__the_ca_counts(void **state)
{
	struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_FILE};
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_ok(
	    sg_enroll_trust_add(&trust, sg_buf_slice(&pki.ra_der), SG_ENROLL_FROM_FILE, &err), err);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.anchor.ca", "'O=Test, CN=RA'");
	assert_ok(
	    sg_enroll_trust_add(&trust, sg_buf_slice(&pki.ca_der), SG_ENROLL_FROM_FILE, &err), err);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.ra_der);
	assert_false(trust.item[0].anchor);
}

static void
settle__ra_of_nobody_here__says_who_is_missing(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	sg_buf_scoped ra = {0}, ca = {0};
	struct sg_err err = {0};

	(void)state;
	pki_make(&(struct pki_cert){.subject = "CN=RA",
		     .issuer = "CN=Other",
		     .key = pki.ra,
		     .signer = pki.other_ca,
		     .ra = true},
	    &ra);
	BEGIN(&ra, &pki.ca_der);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.ra.untrusted", "('CN=Other' is neither sent by the server nor pinned)");
	pki_make(&(struct pki_cert){.subject = "CN=Other",
		     .issuer = "CN=Other",
		     .key = pki.other_ca,
		     .signer = pki.other_ca,
		     .ca = true},
	    &ca);
	BEGIN(&ra, &ca, &pki.ca_der);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.ra.untrusted",
	    "no CA certificate above it is trusted ('CN=Other' is not pinned)");
}

static void
settle__ra_by_cmc__taken_as_one(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	sg_buf_scoped ra = {0};
	struct sg_err err = {0};

	(void)state;
	pki_make(&(struct pki_cert){.subject = "CN=RA", .key = pki.ra, .cmc_ra = true}, &ra);
	BEGIN(&ra, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&ra);
}

static void
settle__issuer_of_the_old_certificate__only_its_ca(void **state)
{
	struct sg_cert old = pki_parse(&pki.device_der);
	struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_ISSUER, .issued = &old};
	sg_buf_scoped name_sake = {0};
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.ra_der);
	/* The name alone is anybody's. */
	pki_make(&(struct pki_cert){.subject = "O=Test, CN=CA",
		     .key = pki.other_ca,
		     .signer = pki.other_ca,
		     .ca = true},
	    &name_sake);
	BEGIN(&pki.ra_der, &name_sake);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.anchor",
	    "the CA that signed the old certificate (O=Test, CN=CA); the one of that name has "
	    "another key");
}

static void
settle__file__only_what_the_owner_gave(void **state)
{
	struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_FILE};
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_int_equal(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), SG_E_DENIED);
	BEGIN(&pki.ra_der);
	assert_ok(
	    sg_enroll_trust_add(&trust, sg_buf_slice(&pki.ca_der), SG_ENROLL_FROM_FILE, &err), err);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.ra_der);
}

static void
settle__insecure__whatever_is_valid(void **state)
{
	struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_INSECURE};
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.device_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	assert_ra(&pki.device_der);
	BEGIN(&pki.device_der);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW + 2 * PKI_YEAR, &err), err,
	    SG_E_DENIED, "client.ra.untrusted", "it expired at");
}

static void
settle__sha1__only_when_allowed(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	sg_buf_scoped ca = {0}, ra = {0};
	struct sg_err err = {0};

	(void)state;
	pki_make(&(struct pki_cert){.subject = "CN=Old CA",
		     .issuer = "CN=Old CA",
		     .key = pki.ra,
		     .signer = pki.ra,
		     .ca = true},
	    &ca);
	pki_make(&(struct pki_cert){.subject = "CN=Old RA",
		     .issuer = "CN=Old CA",
		     .signer = pki.ra,
		     .ra = true,
		     .hash = SG_HASH_SHA1},
	    &ra);
	pin = fingerprint_of(&ca);
	BEGIN(&ra, &ca);
	assert_refused(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err, SG_E_DENIED,
	    "client.ra.untrusted", "--legacy accepts that");
	pin.sha1 = true;
	BEGIN(&ra, &ca);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
}

static void
issuer__of_issued_certificates__ca_or_refusal(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	const struct sg_enroll_cert *issuer = NULL;
	sg_buf_scoped foreign = {0};
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ra_der, &pki.ca_der);
	assert_ok(sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err), err);
	struct sg_cert cert = pki_parse(&pki.device_der);
	assert_ok(sg_enroll_trust_issuer(&trust, &cert, &pin, &issuer, &err), err);
	assert_true(sg_slice_eq(issuer->cert.raw, sg_buf_slice(&pki.ca_der)));
	pki_make(&(struct pki_cert){.issuer = "CN=Elsewhere", .signer = pki.other_ca}, &foreign);
	cert = pki_parse(&foreign);
	assert_refused(sg_enroll_trust_issuer(&trust, &cert, &pin, &issuer, &err), err,
	    SG_E_SIGNATURE, "client.issuer", "none of the trusted CA certificates has");
	pki_make(&(struct pki_cert){.signer = pki.other_ca}, &foreign);
	cert = pki_parse(&foreign);
	assert_refused(sg_enroll_trust_issuer(&trust, &cert, &pin, &issuer, &err), err,
	    SG_E_SIGNATURE, "client.issuer", "(its issuer: 'O=Test, CN=CA')");
}

static void
add__twice_and_too_many__once_and_limit(void **state)
{
	struct sg_err err = {0};

	(void)state;
	BEGIN(&pki.ca_der);
	assert_ok(
	    sg_enroll_trust_add(&trust, sg_buf_slice(&pki.ca_der), SG_ENROLL_FROM_ANSWER, &err),
	    err);
	assert_int_equal(trust.n, 1);
	assert_int_equal(trust.item[0].sources, SG_ENROLL_FROM_SERVER | SG_ENROLL_FROM_ANSWER);
	assert_int_equal(sg_enroll_trust_add(&trust, sg_slice("x", 1), SG_ENROLL_FROM_SERVER, &err),
	    SG_E_MALFORMED);
	assert_int_equal(trust.n, 1);
	trust.n = SG_ENROLL_CERTS_MAX;
	assert_refused(
	    sg_enroll_trust_add(&trust, sg_buf_slice(&pki.ra_der), SG_ENROLL_FROM_SERVER, &err),
	    err, SG_E_LIMIT, "client.certs", "more than");
}

/* Without memory somebody is believed less, never another one. */
static void
settle__nth_allocation_fails__same_ra_or_refused(void **state)
{
	struct sg_enroll_pin pin = fingerprint_of(&pki.ca_der);
	unsigned refused = 0;

	(void)state;
	for (unsigned long n = 1; n <= 64; n++) {
		struct sg_err err = {0};
		/* Beside another certificate the RA is looked at once more. */
		if (n % 2 == 0)
			BEGIN(&pki.device_der, &pki.ra_der, &pki.ca_der);
		else
			BEGIN(&pki.ra_der, &pki.ca_der);
		alloc_fail_at((n + 1) / 2);
		enum sg_code rc = sg_enroll_trust_settle(&trust, &pin, PKI_NOW, &err);
		alloc_fail_at(0);
		if (rc == SG_OK)
			assert_ra(&pki.ra_der);
		refused += rc != SG_OK;
	}
	assert_int_not_equal(refused, 0);
}

/* What a real server answered, pinned by its real CA, at the time of the capture. */
static void
settle__captured_getcacert__trusted_by_its_ca_alone(void **state)
{
	static const char *const files[] = {"scepclient-2.1.0/001-GET-GetCACert.response.bin",
	    "strongswan-pki-5.9.8/001-GET-GetCACert.response.bin",
	    "certmonger-0.79.17/002-GET-GetCACert.response.bin"};
	const char *vectors = getenv("SIGNET_VECTORS");

	(void)state;
	if (vectors == NULL)
		skip();
	for (size_t n = 0; n < sizeof files / sizeof files[0]; n++) {
		sg_degenerate_scoped certs = {0};
		sg_buf_scoped path = {0}, body = {0};
		struct sg_err err = {0};
		sg_buf_printf(&path, "%s/%s", vectors, files[n]);
		FILE *f = fopen(sg_buf_text(&path), "rb");
		assert_non_null(f);
		uint8_t *p = sg_buf_extend(&body, 65536);
		assert_non_null(p);
		body.len = fread(p, 1, 65536, f);
		fclose(f);
		memset(&trust, 0, sizeof trust);
		if (sg_enroll_trust_add(&trust, sg_buf_slice(&body), SG_ENROLL_FROM_SERVER, &err) !=
		    SG_OK) {
			assert_ok(sg_degenerate_decode(sg_buf_slice(&body), &certs, &err), err);
			for (size_t i = 0; i < certs.cert_n; i++)
				assert_ok(sg_enroll_trust_add(
					      &trust, certs.cert[i], SG_ENROLL_FROM_SERVER, &err),
				    err);
		}
		int64_t then = trust.item[0].cert.not_before + 3600;
		struct sg_enroll_pin pin = {.mode = SG_ENROLL_PIN_FINGERPRINT};
		assert_int_equal(sg_enroll_trust_settle(&trust, &pin, then, &err), SG_E_DENIED);
		for (size_t i = 0; i < trust.n; i++)
			if (sg_scep_is_ca(&trust.item[i].cert))
				assert_ok(
				    sg_sha256(trust.item[i].cert.raw, pin.fingerprint, &err), err);
		assert_ok(sg_enroll_trust_settle(&trust, &pin, then, &err), err);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(settle__ca_and_ra__ra_chosen_and_may_sign),
	    cmocka_unit_test(settle__other_fingerprint__refused_and_named),
	    cmocka_unit_test(settle__no_pin__refused),
	    cmocka_unit_test(settle__fingerprint_of_the_ra__no_ca),
	    cmocka_unit_test(settle__device_certificate_as_ra__needs_its_fingerprint),
	    cmocka_unit_test(settle__device_beside_the_ra__ra_chosen),
	    cmocka_unit_test(settle__ra_wrong_in_one_place__why),
	    cmocka_unit_test(settle__expired_ra_beside_a_good_one__good_one),
	    cmocka_unit_test(settle__intermediate__only_as_a_ca_may),
	    cmocka_unit_test(settle__three_cas__the_lowest),
	    cmocka_unit_test(settle__lowest_ca_not_believed__not_the_one_above),
	    cmocka_unit_test(settle__issuing_ca_without_rsa__says_so),
	    cmocka_unit_test(settle__pinned_ca_that_is_none__refused_before_anything_leaves),
	    cmocka_unit_test(settle__pinned_path_length__refused_without_an_ra_too),
	    cmocka_unit_test(settle__file_with_the_ra__the_ca_counts),
	    cmocka_unit_test(settle__ra_of_nobody_here__says_who_is_missing),
	    cmocka_unit_test(settle__ra_by_cmc__taken_as_one),
	    cmocka_unit_test(settle__issuer_of_the_old_certificate__only_its_ca),
	    cmocka_unit_test(settle__file__only_what_the_owner_gave),
	    cmocka_unit_test(settle__insecure__whatever_is_valid),
	    cmocka_unit_test(settle__sha1__only_when_allowed),
	    cmocka_unit_test(issuer__of_issued_certificates__ca_or_refusal),
	    cmocka_unit_test(add__twice_and_too_many__once_and_limit),
	    cmocka_unit_test(settle__nth_allocation_fails__same_ra_or_refused),
	    cmocka_unit_test(settle__captured_getcacert__trusted_by_its_ca_alone),
	};

	return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
