/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "base/base64.h"
#include "base/limits.h"
#include "lib/alloc_fail.h"
#include "scep/getmsg.h"

/* Bytes whose base64 has every character of the alphabet and padding. */
static void
message(struct sg_buf *b)
{
	for (unsigned i = 0; i < 256; i++)
		sg_buf_put_u8(b, i);
	sg_buf_put(b, "\xfb\xef\xbe\xff\xff\xff\x01", 7);
}

static void
escape(struct sg_buf *out, struct sg_slice text, char which, const char *with)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == (uint8_t)which)
			sg_buf_puts(out, with);
		else
			sg_buf_put_u8(out, text.p[i]);
	}
}

static void
decodes(struct sg_slice value, struct sg_slice want)
{
	sg_buf_scoped out = {0};
	struct sg_err err = {0};

	fx_assert_ok(sg_scep_getmsg_decode(value, &out, &err), err);
	fx_assert_slice(sg_buf_slice(&out), want);
}

static void
getmsg__every_escaping__same_bytes(void **state)
{
	static const struct {
		char which;
		const char *with;
	} rows[] = {
	    {'+', "+"},
	    {'+', " "},
	    {'+', "%2B"},
	    {'+', "%2b"},
	    {'+', "%252B"},
	    {'+', "-"},
	    {'/', "%2F"},
	    {'/', "%252f"},
	    {'/', "_"},
	    {'=', "%3D"},
	    {'=', "%253D"},
	    {'=', ""},
	    {'=', "=\n"},
	    {'A', "%41"},
	    {'A', "A%0A"},
	    {'A', "A%0D%0A"},
	    {'A', "A%250A"},
	    {'A', "\r\nA"},
	};
	sg_buf_scoped msg = {0}, text = {0};

	(void)state;
	message(&msg);
	sg_base64_put(&text, sg_buf_slice(&msg));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped value = {0};
		escape(&value, sg_buf_slice(&text), rows[i].which, rows[i].with);
		decodes(sg_buf_slice(&value), sg_buf_slice(&msg));
	}
	/* macOS: raw '+' and '/', but an escaped '='. Cisco: a line feed at the end. */
	sg_buf_scoped ours = {0};
	sg_scep_getmsg_put(&ours, sg_buf_slice(&msg));
	decodes(sg_buf_slice(&ours), sg_buf_slice(&msg));
	sg_buf_puts(&ours, "%0A");
	decodes(sg_buf_slice(&ours), sg_buf_slice(&msg));
}

/* A space is '+' inside and at the end of a whole group, else it is nothing. */
static void
getmsg__trailing_space__means_nothing(void **state)
{
	static const struct {
		const char *value, *want;
		size_t len;
	} rows[] = {
	    {"AAAA ", "\0\0\0", 3},
	    {"AAAA%20", "\0\0\0", 3},
	    {"AAA= ", "\0\0", 2},
	    {"AA==  ", "\0", 1},
	    {"AAA ", "\0\0\x3e", 3},
	    {"A AA", "\x03\xe0\0", 3},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		decodes(sg_slice_str(rows[i].value), sg_slice(rows[i].want, rows[i].len));
}

static void
getmsg__every_length__round_trip(void **state)
{
	sg_buf_scoped msg = {0};

	(void)state;
	for (unsigned n = 1; n < 70; n++) {
		sg_buf_scoped value = {0};
		sg_buf_put_u8(&msg, 255 - n);
		sg_scep_getmsg_put(&value, sg_buf_slice(&msg));
		decodes(sg_buf_slice(&value), sg_buf_slice(&msg));
	}
}

static void
getmsg__appends(void **state)
{
	sg_buf_scoped out = {0};
	struct sg_err err = {0};

	(void)state;
	sg_buf_puts(&out, "before");
	fx_assert_ok(sg_scep_getmsg_decode(sg_slice_str("AAEC"), &out, &err), err);
	fx_assert_slice(sg_buf_slice(&out), sg_slice("before\0\1\2", 9));
}

static void
getmsg__broken__refused(void **state)
{
	static const struct {
		const char *value, *rule;
	} rows[] = {
	    {"", "getmsg.empty"},
	    {"%0A", "getmsg.empty"},
	    {"%", "getmsg.percent"},
	    {"AAAA%", "getmsg.percent"},
	    {"AAAA%2", "getmsg.percent"},
	    {"AAAA%2G", "getmsg.percent"},
	    {"AAAA%25", "getmsg.percent"},
	    {"AAAA%25252B", "getmsg.base64"},
	    {"AAAA%25zz", "getmsg.percent"},
	    {"A", "getmsg.base64"},
	    {"AAAAA", "getmsg.base64"},
	    {"AA=A", "getmsg.base64"},
	    {"AA==A", "getmsg.base64"},
	    {"AA===", "getmsg.base64"},
	    {"AAA==", "getmsg.base64"},
	    {"AA=", "getmsg.base64"},
	    {"====", "getmsg.base64"},
	    {"=", "getmsg.base64"},
	    {"AB==", "getmsg.base64"},
	    {"AAB=", "getmsg.base64"},
	    {"AAB", "getmsg.base64"},
	    {"AB", "getmsg.base64"},
	    {"AAAA*", "getmsg.base64"},
	    {"AAAA%00", "getmsg.base64"},
	    {"AAAA%2500", "getmsg.base64"},
	    {"AAAA\x80", "getmsg.base64"},
	    {"AAAA&operation=x", "getmsg.base64"},
	    {"AAAA\tAAAA", "getmsg.base64"},
	    {"../../etc/passwd", "getmsg.base64"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped out = {0};
		struct sg_err err = {0};
		sg_buf_puts(&out, "before");
		fx_assert_fails(sg_scep_getmsg_decode(sg_slice_str(rows[i].value), &out, &err), err,
		    SG_E_MALFORMED, rows[i].rule);
		assert_true(sg_slice_is(sg_buf_slice(&out), "before"));
	}
}

static void
getmsg__size__limited(void **state)
{
	sg_buf_scoped value = {0}, out = {0};
	struct sg_err err = {0};

	(void)state;
	uint8_t *p = sg_buf_extend(&value, SG_HTTP_LINE_MAX + 2);
	assert_non_null(p);
	memset(p, 'A', SG_HTTP_LINE_MAX + 2);
	value.len = SG_HTTP_LINE_MAX / 4 * 4;
	fx_assert_ok(sg_scep_getmsg_decode(sg_buf_slice(&value), &out, &err), err);
	assert_int_equal(out.len, SG_HTTP_LINE_MAX / 4 * 3);
	value.len = SG_HTTP_LINE_MAX + 1;
	fx_assert_fails(sg_scep_getmsg_decode(sg_buf_slice(&value), &out, &err), err, SG_E_LIMIT,
	    "getmsg.size");
}

static void
getmsg__no_memory__says_so(void **state)
{
	sg_buf_scoped out = {0}, b = {0};
	struct sg_err err = {0};

	(void)state;
	alloc_fail_at(1);
	enum sg_code rc = sg_scep_getmsg_decode(sg_slice_str("AAEC"), &out, &err);
	alloc_fail_at(0);
	assert_int_equal(rc, SG_E_NOMEM);
	alloc_fail_at(1);
	sg_scep_getmsg_put(&b, sg_slice_str("x"));
	alloc_fail_at(0);
	assert_int_equal(sg_buf_check(&b, &err), SG_E_NOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(getmsg__every_escaping__same_bytes),
	    cmocka_unit_test(getmsg__trailing_space__means_nothing),
	    cmocka_unit_test(getmsg__every_length__round_trip),
	    cmocka_unit_test(getmsg__appends),
	    cmocka_unit_test(getmsg__broken__refused),
	    cmocka_unit_test(getmsg__size__limited),
	    cmocka_unit_test(getmsg__no_memory__says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
