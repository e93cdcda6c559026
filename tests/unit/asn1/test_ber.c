/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "asn1/ber.h"
#include "base/limits.h"

#define EACH(rows) (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++)

static enum sg_code
convert(const char *text, unsigned depth, bool *ret_was_der, struct sg_buf *out, struct sg_err *err)
{
	sg_buf_scoped in = {0};
	struct sg_slice s = asn(&in, text);
	uint8_t *copy = exact(s);
	enum sg_code rc = sg_ber_to_der(sg_slice(copy, s.len), depth, ret_was_der, out, err);
	free(copy);
	return rc;
}

static void
der__as_it_is__nothing_copied(void **state)
{
	(void)state;
	static const char *const rows[] = {
	    "=0500",
	    "=3000",
	    "=0401ff",
	    "30{ 02:01 04'x' a0{ 31{ 05: } } }",
	    "30{ x100(04'abc') }",
	    "30{ x100(04'contents') }",
	    "24'not taken for segments'",
	};
	for
		EACH(rows)
		{
			sg_buf_scoped out = {0};
			struct sg_err err = {0};
			bool was_der = false;
			enum sg_code rc = convert(rows[n], 32, &was_der, &out, &err);
			if (rows[n][0] == '2') {
				assert_int_not_equal(rc, SG_OK);
				continue;
			}
			assert_int_equal(rc, SG_OK);
			assert_true(was_der);
			assert_int_equal(out.len, 0);
			assert_null(out.p);
		}
}

static void
ber__table__minimal_definite_primitive(void **state)
{
	(void)state;
	static const struct {
		const char *ber, *der;
	} rows[] = {
	    /* Indefinite lengths. */
	    {"=30800000", "=3000"},
	    {"=308005000000", "30{ 05: }"},
	    {"=308030803080000000000000", "30{ 30{ 30{ } } }"},
	    {"=a080020101300005000000", "a0{ 02:01 30{ } 05: }"},
	    {"=3007308005000000"
	     "00",
		NULL},
	    {"=3006308005000000", "30{ 30{ 05: } }"},
	    {"=308030020500"
	     "0000",
		"30{ 30{ 05: } }"},
	    /* Long forms of short lengths. */
	    {"=308100", "=3000"},
	    {"=30820000", "=3000"},
	    {"=048101ff", "04:ff"},
	    {"=0484000000"
	     "01ff",
		"04:ff"},
	    {"=04880000000000000001ff", "04:ff"},
	    {"=30818205820000", NULL},
	    {"=3081020500", "30{ 05: }"},
	    {"=30840000000205"
	     "00",
		"30{ 05: }"},
	    /* OCTET STRINGs in segments. */
	    {"=2400", "04:"},
	    {"=24800000", "04:"},
	    {"=24030401ff", "04:ff"},
	    {"=24800401010402020304000000", "04:010203"},
	    {"=2408040101240304"
	     "0102",
		"04:0102"},
	    {"=2480248024800401aa00000401bb00000401cc0000", "04:aabbcc"},
	    {"=24800481020102"
	     "0000",
		"04:0102"},
	    {"=30802480040101040102"
	     "00000500"
	     "0000",
		"30{ 04:0102 05: }"},
	    {"=a0802480040101"
	     "0000"
	     "0000",
		"a0{ 04:01 }"},
	    /* Constructed context tags stay constructed: whoever reads them knows what they are. */
	    {"=a0800401010401020000", "a0{ 04:01 04:02 }"},
	    {"=2380030200010000", "23{ 03:0001 }"},
	    /* A length whose form only looks long. */
	    {"=3080 x130(=00)", NULL},
	};
	for
		EACH(rows)
		{
			sg_buf_scoped out = {0}, want = {0};
			struct sg_err err = {0};
			bool was_der = true;
			enum sg_code rc = convert(rows[n].ber, 32, &was_der, &out, &err);
			if (rows[n].der == NULL) {
				assert_int_not_equal(rc, SG_OK);
				continue;
			}
			if (rc != SG_OK)
				fail_msg("row %zu: %s", n, err.text);
			assert_false(was_der);
			if (!sg_slice_eq(asn(&want, rows[n].der), sg_buf_slice(&out)))
				fail_msg("row %zu: %s", n, rows[n].ber);
			/* What came out is DER. */
			sg_buf_scoped again = {0};
			assert_int_equal(
			    sg_ber_to_der(sg_buf_slice(&out), 32, &was_der, &again, &err), SG_OK);
			assert_true(was_der);
		}
}

static void
ber__long_content__length_grows_right(void **state)
{
	(void)state;
	static const size_t lens[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
	for
		EACH(lens)
		{
			sg_buf_scoped in = {0}, out = {0}, want = {0};
			bool was_der = true;
			asn_hex("30802480", &in);
			for (size_t left = lens[n]; left > 0;) {
				size_t len = left < 1000 ? left : 1000;
				sg_derw_head(&in, SG_DER_OCTET_STRING, len);
				memset(sg_buf_extend(&in, len), 0x5a, len);
				left -= len;
			}
			asn_hex("00000000", &in);
			size_t mark = sg_derw_begin(&want, 0x30);
			sg_derw_head(&want, SG_DER_OCTET_STRING, lens[n]);
			uint8_t *p = sg_buf_extend(&want, lens[n]);
			assert_non_null(p);
			memset(p, 0x5a, lens[n]);
			sg_derw_end(&want, mark);
			assert_int_equal(
			    sg_ber_to_der(sg_buf_slice(&in), 32, &was_der, &out, NULL), SG_OK);
			assert_true(sg_slice_eq(sg_buf_slice(&out), sg_buf_slice(&want)));
		}
}

static void
ber__broken__refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *rule;
	} rows[] = {
	    {"", "ber"},
	    {"=30", "ber"},
	    {"=0000", "ber"},	  /* end-of-contents alone */
	    {"=008100", "ber"},	  /* the same in disguise */
	    {"=30020000", "ber"}, /* stray in a definite one */
	    {"=3080", "ber"},	  /* no end */
	    {"=308000", "ber"},
	    {"=30800500", "ber"},
	    {"=3080050000", "ber"},
	    {"=30043080"
	     "0500",
		"ber"}, /* the end is outside the parent */
	    {"=30043080"
	     "05000000",
		"ber"},
	    {"=0480ff0000", "ber"}, /* indefinite primitives */
	    {"=04800000", "ber"},
	    {"=0580", "ber"},
	    {"=0280020101"
	     "0000",
		"ber"},
	    {"=80800000", "ber"},
	    {"=1f0100", "ber"}, /* long tags */
	    {"=3f800000", "ber"},
	    {"=30801f01000000", "ber"},
	    {"=0401", "ber"}, /* cut */
	    {"=30030401", "ber"},
	    {"=30020401ff", "ber"}, /* the child is longer than its parent */
	    {"=0481", "ber"},
	    {"=048201", "ber"},
	    {"=04ff", "ber"},
	    {"=0485010000000000", "ber"},
	    {"=0489010000000000000000", "ber"}, /* does not fit a size */
	    {"=0488ffffffffffffffff", "ber"},
	    {"=24800201010000", "ber"}, /* a segment of another type */
	    {"=2403020101", "ber"},
	    {"=248030000000", "ber"},
	    {"=2480248030000000"
	     "0000",
		"ber"},
	    {"=24038001ff", "ber"},
	    {"=050000", "ber.trailing"},
	    {"=3080000000", "ber.trailing"},
	    {"=300005", "ber.trailing"},
	    {"=308000000000", "ber.trailing"},
	};
	for
		EACH(rows)
		{
			sg_buf_scoped out = {0};
			struct sg_err err = {0};
			bool was_der = true;
			enum sg_code rc = convert(rows[n].text, 32, &was_der, &out, &err);
			if (rc != SG_E_MALFORMED || strcmp(err.rule, rows[n].rule) != 0)
				fail_msg("row %zu: %s: %s", n, rows[n].text, err.text);
			expect_err(rc, &err, SG_E_MALFORMED, rows[n].rule);
			assert_true(was_der);
			assert_int_equal(out.len, 0);
		}
}

static void
depth__each__bounded(void **state)
{
	(void)state;
	for (unsigned depth = 1; depth < 40; depth++) {
		for (int form = 0; form < 3; form++) {
			sg_buf_scoped in = {0}, out = {0};
			struct sg_err err = {0};
			bool was_der;
			size_t mark[40];
			for (unsigned n = 0; n < depth; n++) {
				if (form == 0)
					mark[n] = sg_derw_begin(&in, 0x30);
				else
					asn_hex(form == 1 ? "3080" : "2480", &in);
			}
			for (unsigned n = depth; n > 0; n--) {
				if (form == 0)
					sg_derw_end(&in, mark[n - 1]);
				else
					asn_hex("0000", &in);
			}
			enum sg_code rc = sg_ber_to_der(
			    sg_buf_slice(&in), SG_DER_DEPTH_MAX, &was_der, &out, &err);
			if (depth <= SG_DER_DEPTH_MAX)
				assert_int_equal(rc, SG_OK);
			else
				expect_err(rc, &err, SG_E_LIMIT, "ber.depth");
		}
	}
}

/* Thousands of openings: refused after a few, at once. */
static void
depth__bombs__refused(void **state)
{
	(void)state;
	static const char *const open[] = {"3080", "2480", "a080", "30820000"};
	for
		EACH(open)
		{
			sg_buf_scoped in = {0}, out = {0};
			struct sg_err err = {0};
			bool was_der;
			for (unsigned k = 0; k < 16384; k++)
				asn_hex(open[n], &in);
			enum sg_code rc = sg_ber_to_der(
			    sg_buf_slice(&in), 32, &was_der, &out, &err);
			if (n == 3)
				expect_err(rc, &err, SG_E_MALFORMED, "ber.trailing");
			else
				expect_err(rc, &err, SG_E_LIMIT, "ber.depth");
		}
	/* Wide instead of deep: as many elements as fit. */
	sg_buf_scoped in = {0}, out = {0};
	bool was_der;
	asn_hex("3080", &in);
	for (unsigned k = 0; k < 16384; k++)
		asn_hex("24800000", &in);
	asn_hex("0000", &in);
	assert_int_equal(sg_ber_to_der(sg_buf_slice(&in), 32, &was_der, &out, NULL), SG_OK);
	assert_int_equal(out.len, 4 + 2 * 16384);
}

static const char sample[] = "=3080020101248004020102240304010304810104"
			     "0000a0803080048200020506000000003000"
			     "0000";

static enum sg_code
parse_sample(struct sg_slice ber, struct sg_err *err)
{
	sg_buf_scoped out = {0};
	bool was_der;
	return sg_ber_to_der(ber, 32, &was_der, &out, err);
}

static void
sample__prefixes_and_changes__refused_or_survived(void **state)
{
	(void)state;
	sg_buf_scoped b = {0};
	expect_whole(parse_sample, asn(&b, sample));
}

static enum sg_code
sample_once(void)
{
	sg_buf_scoped out = {0};
	bool was_der;
	static const uint8_t ber[] = {0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xff, 0, 0, 0, 0};
	return sg_ber_to_der(sg_slice(ber, sizeof ber), 32, &was_der, &out, NULL);
}

static void
alloc_fails__each__nomem(void **state)
{
	(void)state;
	expect_nomem(sample_once);
}

static void
out__too_small__limit(void **state)
{
	(void)state;
	static const uint8_t ber[] = {0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xff, 0, 0, 0, 0};
	for (size_t max = 1; max < 6; max++) {
		sg_buf_scoped out = {.max = max};
		struct sg_err err = {0};
		bool was_der = true;
		enum sg_code rc = sg_ber_to_der(
		    sg_slice(ber, sizeof ber), 32, &was_der, &out, &err);
		if (max < 5)
			expect_err(rc, &err, SG_E_LIMIT, "limit.buffer");
		else
			assert_int_equal(rc, SG_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(der__as_it_is__nothing_copied),
	    cmocka_unit_test(ber__table__minimal_definite_primitive),
	    cmocka_unit_test(ber__long_content__length_grows_right),
	    cmocka_unit_test(ber__broken__refused),
	    cmocka_unit_test(depth__each__bounded),
	    cmocka_unit_test(depth__bombs__refused),
	    cmocka_unit_test(sample__prefixes_and_changes__refused_or_survived),
	    cmocka_unit_test(alloc_fails__each__nomem),
	    cmocka_unit_test(out__too_small__limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
