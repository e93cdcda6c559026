/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "scep/ra.h"
#include "scep/reply.h"

static void
ra_select__by_key_usage(void **state)
{
	struct sg_buf certs[6] = {{0}, {0}, {0}, {0}, {0}, {0}};
	static const uint32_t usages[6] = {SG_KU_DIGITAL_SIGNATURE, 0, SG_KU_DATA_ENCIPHERMENT,
	    SG_KU_KEY_ENCIPHERMENT, SG_KU_KEY_CERT_SIGN | SG_KU_KEY_ENCIPHERMENT,
	    SG_KU_KEY_ENCIPHERMENT};
	struct sg_slice list[6];
	struct sg_err err = {0};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		sg_buf_scoped tbs = {0};
		struct sg_cert_facts f = {
		    .serial = sg_slice_str("serial"),
		    .sigalg = sg_key_sigalg(fx.ra_key, SG_HASH_SHA256),
		    .issuer = fx.ra.subject,
		    .subject = fx.ra.subject,
		    .spki = i == 5 ? fx.ec.spki : fx.ra.spki,
		    .not_after = 2000000000,
		    .ca = i == 4,
		    .path_len = -1,
		    .key_usage = usages[i],
		};
		sg_cert_put_tbs(&tbs, &f);
		size_t seq = sg_derw_begin(&certs[i], SG_DER_SEQUENCE);
		sg_buf_put_slice(&certs[i], sg_buf_slice(&tbs));
		/* RSA with SHA-256, and a signature that nobody looks at. */
		sg_buf_put(
		    &certs[i], "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15);
		sg_derw_bits(&certs[i], sg_slice_str("x"));
		sg_derw_end(&certs[i], seq);
		list[i] = sg_buf_slice(&certs[i]);
	}
	/* signature only, none, dataEncipherment, keyEncipherment, CA, EC: best first. */
	static const struct {
		size_t from, n, want;
	} rows[] = {{0, 6, 3}, {0, 3, 2}, {0, 2, 1}, {0, 1, 0}, {4, 2, 0}, {3, 1, 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t index = 99;
		fx_assert_ok(
		    sg_scep_ra_select(list + rows[i].from, rows[i].n, NULL, &index, &err), err);
		assert_int_equal(index, rows[i].want);
	}
	/* An RA that only signs, before and after a CA that says keyEncipherment. */
	struct sg_slice signer_and_ca[] = {list[0], list[4], list[0]};
	size_t index = 99;
	for (size_t from = 0; from < 2; from++) {
		fx_assert_ok(sg_scep_ra_select(signer_and_ca + from, 2, NULL, &index, &err), err);
		assert_int_equal(index, from == 0 ? 1 : 0);
	}
	static const bool not_the_ca[] = {true, false, true};
	fx_assert_ok(sg_scep_ra_select(signer_and_ca, 3, not_the_ca, &index, &err), err);
	assert_int_equal(index, 0);
	/* Without a key usage it reads. */
	struct sg_slice any_and_ca[] = {list[4], list[1]};
	fx_assert_ok(sg_scep_ra_select(any_and_ca, 2, NULL, &index, &err), err);
	assert_int_equal(index, 1);
	fx_assert_fails(
	    sg_scep_ra_select(list + 5, 1, NULL, &index, &err), err, SG_E_NOTFOUND, "reply.ra");
	fx_assert_fails(
	    sg_scep_ra_select(NULL, 0, NULL, &index, &err), err, SG_E_NOTFOUND, "reply.ra");
	struct sg_slice broken[] = {sg_slice_str("no certificate"), list[3]};
	fx_assert_ok(sg_scep_ra_select(broken, 2, NULL, &index, &err), err);
	assert_int_equal(index, 1);
	for (size_t i = 0; i < 6; i++)
		sg_buf_clear(&certs[i]);
}

/* A CA certificate by names and usage; a signature that nobody looks at. */
static void
put_ca(struct sg_buf *b, const char *subject, const char *issuer, uint32_t usage, bool ec)
{
	sg_buf_scoped tbs = {0}, own = {0}, above = {0};

	fx_name(&own, subject);
	fx_name(&above, issuer);
	struct sg_cert_facts f = {
	    .serial = sg_slice_str("serial"),
	    .sigalg = sg_key_sigalg(fx.ra_key, SG_HASH_SHA256),
	    .issuer = sg_buf_slice(&above),
	    .subject = sg_buf_slice(&own),
	    .spki = ec ? fx.ec.spki : fx.ra.spki,
	    .not_after = 2000000000,
	    .ca = true,
	    .path_len = -1,
	    .key_usage = usage,
	};
	sg_cert_put_tbs(&tbs, &f);
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	sg_buf_put_slice(b, sg_buf_slice(&tbs));
	sg_buf_put(b, "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15);
	sg_derw_bits(b, sg_slice_str("x"));
	sg_derw_end(b, seq);
}

/* In DER's order of a set either may come first. */
static void
ra_select__cas_alone__keyEncipherment_then_the_lowest(void **state)
{
	enum {
		SIGN = SG_KU_KEY_CERT_SIGN,
		BOTH = SG_KU_KEY_CERT_SIGN | SG_KU_KEY_ENCIPHERMENT,
		EC = 1u << 29,
		NOT = 1u << 30
	};
	static const struct {
		struct {
			const char *subject, *issuer;
			uint32_t usage; /* with EC: its key; NOT: not to be chosen */
		} ca[4];
		size_t want; /* 9: the lowest has no RSA key */
	} rows[] = {
	    {{{"CN=root", "CN=root", SIGN}, {"CN=sub", "CN=root", SIGN}}, 1},
	    {{{"CN=sub", "CN=root", SIGN}, {"CN=root", "CN=root", SIGN}}, 0},
	    {{{"CN=root", "CN=root", 0}, {"CN=sub", "CN=root", 0}}, 1},
	    {{{"CN=root", "CN=root", SIGN}, {"CN=sub", "CN=root", BOTH}}, 1},
	    {{{"CN=root", "CN=root", BOTH}, {"CN=sub", "CN=root", SIGN}}, 0},
	    {{{"CN=root", "CN=root", BOTH}, {"CN=sub", "CN=root", BOTH}}, 1},
	    {{{"CN=mid", "CN=root", SIGN}, {"CN=root", "CN=root", SIGN},
		 {"CN=sub", "CN=mid", SIGN}},
		2},
	    {{{"CN=sub", "CN=mid", SIGN}, {"CN=mid", "CN=root", SIGN},
		 {"CN=root", "CN=root", SIGN}},
		0},
	    /* Without a key usage all is allowed. */
	    {{{"CN=root", "CN=root", BOTH}, {"CN=sub", "CN=root", 0}}, 1},
	    {{{"CN=root", "CN=root", 0}, {"CN=sub", "CN=root", SIGN}}, 1},
	    {{{"CN=root", "CN=root", BOTH}, {"CN=mid", "CN=root", 0}, {"CN=sub", "CN=mid", SIGN}},
		1},
	    {{{"CN=mid", "CN=root", BOTH}, {"CN=root", "CN=root", BOTH},
		 {"CN=sub", "CN=mid", SIGN}},
		0},
	    /* A root that another root signed as well. */
	    {{{"CN=a", "CN=a", SIGN}, {"CN=a", "CN=b", SIGN}, {"CN=b", "CN=b", SIGN},
		 {"CN=sub", "CN=a", SIGN}},
		3},
	    {{{"CN=b", "CN=b", SIGN}, {"CN=a", "CN=a", SIGN}, {"CN=a", "CN=b", SIGN}}, 1},
	    /* Each root signed by the other, and one CA below. */
	    {{{"CN=a", "CN=b", SIGN}, {"CN=b", "CN=a", SIGN}, {"CN=sub", "CN=b", SIGN}}, 2},
	    /* Nothing can be encrypted to EC, and the CA above does not read it. */
	    {{{"CN=root", "CN=root", SIGN}, {"CN=sub", "CN=root", SIGN | EC}}, 9},
	    {{{"CN=root", "CN=root", BOTH}, {"CN=sub", "CN=root", SIGN | EC}}, 9},
	    {{{"CN=root", "CN=root", SIGN | EC}, {"CN=sub", "CN=root", SIGN}}, 1},
	    {{{"CN=root", "CN=root", SIGN}, {"CN=e", "CN=root", SIGN | EC},
		 {"CN=sub", "CN=root", SIGN}},
		2},
	    /* What may not be chosen still tells which one is the lowest. */
	    {{{"CN=root", "CN=root", SIGN}, {"CN=sub", "CN=root", SIGN | NOT}}, 0},
	    {{{"CN=root", "CN=root", SIGN}, {"CN=mid", "CN=root", SIGN},
		 {"CN=sub", "CN=mid", SIGN | NOT}},
		1},
	    {{{"CN=root", "CN=root", SIGN}, {"CN=mid", "CN=root", SIGN},
		 {"CN=sub", "CN=mid", SIGN | NOT}, {"CN=good", "CN=root", SIGN}},
		3},
	    /* Two keys of one name: the first. */
	    {{{"CN=root", "CN=root", SIGN}, {"CN=root", "CN=root", 0}}, 0},
	    /* Each above the other: there is no lowest. */
	    {{{"CN=a", "CN=b", SIGN}, {"CN=b", "CN=a", SIGN}}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sg_buf der[4] = {{0}, {0}, {0}, {0}};
		struct sg_slice list[4];
		bool may[4];
		struct sg_err err = {0};
		size_t n = 0, index = 99;
		for (; n < 4 && rows[i].ca[n].subject != NULL; n++) {
			put_ca(&der[n], rows[i].ca[n].subject, rows[i].ca[n].issuer,
			    rows[i].ca[n].usage & BOTH, (rows[i].ca[n].usage & EC) != 0);
			list[n] = sg_buf_slice(&der[n]);
			may[n] = (rows[i].ca[n].usage & NOT) == 0;
		}
		enum sg_code rc = sg_scep_ra_select(list, n, may, &index, &err);
		if (rows[i].want == 9) {
			fx_assert_fails(rc, err, SG_E_NOTFOUND, "reply.ra.key");
		} else {
			fx_assert_ok(rc, err);
			assert_int_equal(index, rows[i].want);
		}
		for (n = 0; n < 4; n++)
			sg_buf_clear(&der[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ra_select__by_key_usage),
	    cmocka_unit_test(ra_select__cas_alone__keyEncipherment_then_the_lowest),
	};

	return cmocka_run_group_tests(tests, fx_setup, fx_teardown);
}
