/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/x509/asn.h"

#include <string.h>

#include "asn1/derw.h"
#include "asn1/oid.h"
#include "base/hex.h"
#include "x509/constraints.h"
#include "x509/name_text.h"
#include "x509/san_text.h"

#define assert_ok(expr) assert_int_equal((expr), SG_OK)

/* One subtree: "dns:x", with the base as it is written; "subject:O=Test"; "ip:" and hexadecimal;
 * "other:" any otherName. */
static void
put_subtree(struct sg_buf *b, const char *text)
{
	static const struct {
		const char *word;
		unsigned tag;
	} kinds[] = {{"email:", SG_DER_CTX(1)}, {"dns:", SG_DER_CTX(2)}, {"uri:", SG_DER_CTX(6)},
	    {"subject:", SG_DER_CTX_CONS(4)}, {"ip:", SG_DER_CTX(7)},
	    {"other:", SG_DER_CTX_CONS(0)}, {"rid:", SG_DER_CTX(8)}};
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);

	for (size_t n = 0; n < sizeof kinds / sizeof kinds[0]; n++) {
		size_t len = strlen(kinds[n].word);
		sg_buf_scoped val = {0};
		if (strncmp(text, kinds[n].word, len) != 0)
			continue;
		if (n == 3)
			assert_ok(sg_name_from_text(sg_slice_str(text + len), &val, NULL));
		else if (n == 4)
			assert_ok(sg_hex_parse(sg_slice_str(text + len), &val, NULL));
		else
			sg_buf_puts(&val, text + len);
		sg_derw_tlv(b, kinds[n].tag, sg_buf_slice(&val));
	}
	sg_derw_end(b, seq);
}

static void
put_list(struct sg_buf *b, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		put_subtree(b, *texts);
}

/* Is it allowed with this one list? */
static bool
allows(bool excluded, const char *const *subtrees, const char *name)
{
	sg_buf_scoped list = {0};
	uint8_t store[SG_SAN_LEN_MAX];
	struct sg_san san;
	struct sg_constraints c = {0};

	put_list(&list, subtrees);
	*(excluded ? &c.excluded : &c.permitted) = sg_buf_slice(&list);
	if (sg_san_from_text(sg_slice_str(name), &san, store, NULL) != SG_OK)
		fail_msg("not a name: %s", name);
	return sg_constraints_allow(&c, &san);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
allow__one_permitted_subtree__those_within(void **state)
{
	static const struct {
		const char *base, *in[4], *out[5];
	} rows[] = {
	    {"dns:example.com", {"dns:example.com", "dns:a.EXAMPLE.com", "dns:a.b.example.com"},
		{"dns:badexample.com", "dns:example.org", "dns:com"}},
	    {"dns:.example.com", {"dns:a.example.com", "dns:a.b.example.com"},
		{"dns:example.com", "dns:badexample.com"}},
	    {"dns:", {"dns:anything.example"}, {NULL}},
	    {"email:example.com", {"email:a@example.com", "email:a@EXAMPLE.com"},
		{"email:a@b.example.com", "email:a@example.org"}},
	    {"email:.example.com", {"email:a@b.example.com"}, {"email:a@example.com"}},
	    {"email:root@example.com", {"email:root@Example.com"},
		{"email:Root@example.com", "email:a@example.com", "email:oot@example.com"}},
	    {"uri:example.com",
		{"uri:https://example.com/x", "uri:https://u@Example.com:8443",
		    "uri:x://example.com"},
		{"uri:https://a.example.com/", "uri:urn:example.com",
		    "uri:https://evil.org/@example.com"}},
	    {"uri:.example.com", {"uri:https://a.example.com/x"},
		{"uri:https://example.com", "uri:https://badexample.com"}},
	    {"ip:c0000200ffffff00", {"ip:192.0.2.0", "ip:192.0.2.255"},
		{"ip:192.0.3.1", "ip:2001:db8::1"}},
	    {"ip:20010db8000000000000000000000000ffffffff000000000000000000000000",
		{"ip:2001:db8::1"}, {"ip:2001:db9::1", "ip:192.0.2.1"}},
	    {"subject:O=Test", {"dirname:O=Test", "dirname:O=test, CN=a"},
		{"dirname:CN=a, O=Test", "dirname:O=Test2", "dirname:C=FI"}},
	    {"other:x", {NULL}, {"upn:a@b.example", "other:1.2.3:a", "other:1.2.3:#0500"}},
	    {"rid:*", {NULL}, {"rid:1.2.3", "rid:1.2"}},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		for (size_t i = 0; i < 4 && rows[n].in[i] != NULL; i++) {
			assert_true(allows(false, LIST(rows[n].base), rows[n].in[i]));
			assert_false(allows(true, LIST(rows[n].base), rows[n].in[i]));
		}
		for (size_t i = 0; i < 5 && rows[n].out[i] != NULL; i++) {
			assert_false(allows(false, LIST(rows[n].base), rows[n].out[i]));
			/* What no verifier compares is out of both lists. */
			bool compared = strncmp(rows[n].base, "other:", 6) != 0 &&
					strncmp(rows[n].base, "rid:", 4) != 0;
			assert_int_equal(
			    allows(true, LIST(rows[n].base), rows[n].out[i]), compared);
		}
	}
}

static void
allow__several_subtrees__one_of_the_kind_is_enough(void **state)
{
	const struct sg_san empty = {SG_SAN_DIRNAME, sg_slice("\x30\x00", 2)};
	struct sg_constraints c = {0};
	sg_buf_scoped list = {0};

	(void)state;
	assert_true(allows(false, LIST("dns:a.example", "dns:b.example"), "dns:x.b.example"));
	assert_true(allows(false, LIST("email:a.example", "dns:b.example"), "ip:192.0.2.1"));
	assert_true(allows(false, LIST("dns:a.example"), "upn:a@b.example"));
	assert_true(allows(false, LIST("dns:a.example", "rid:*"), "other:1.2.3:a"));
	assert_true(allows(false, LIST("dns:a.example", "other:x"), "rid:1.2.3"));
	assert_false(allows(true, LIST("dns:a.example", "dns:b.example"), "dns:x.b.example"));
	put_list(&list, LIST("subject:O=Test"));
	c.permitted = sg_buf_slice(&list);
	assert_true(sg_constraints_allow(&c, &empty));
	assert_true(sg_constraints_have(&c, SG_SAN_DIRNAME));
	assert_false(sg_constraints_have(&c, SG_SAN_DNS));
}

/* As much of a certificate as is read: one extension. */
static void
put_tbs(struct sg_buf *tbs, struct sg_slice oid, bool critical, struct sg_slice value)
{
	size_t whole = sg_derw_begin(tbs, SG_DER_SEQUENCE);

	sg_derw_uint(tbs, 1);
	size_t outer = sg_derw_begin(tbs, SG_DER_CTX_CONS(3));
	size_t exts = sg_derw_begin(tbs, SG_DER_SEQUENCE);
	size_t ext = sg_derw_begin(tbs, SG_DER_SEQUENCE);
	sg_derw_oid(tbs, oid);
	if (critical)
		sg_derw_bool(tbs, true);
	sg_derw_tlv(tbs, SG_DER_OCTET_STRING, value);
	sg_derw_end(tbs, ext);
	sg_derw_end(tbs, exts);
	sg_derw_end(tbs, outer);
	sg_derw_end(tbs, whole);
}

static enum sg_code
read_ext(struct sg_slice oid, bool critical, struct sg_slice value, struct sg_buf *text,
    struct sg_slice *ret_critical, struct sg_err *err)
{
	sg_buf_scoped tbs = {0};
	struct sg_constraints c;

	put_tbs(&tbs, oid, critical, value);
	const struct sg_cert cert = {.tbs = sg_buf_slice(&tbs), .has_exts = true};
	enum sg_code rc = sg_constraints_read(&cert, &c, ret_critical, err);
	if (text != NULL)
		sg_constraints_put_text(text, &c);
	ret_critical->p = NULL; /* borrows from tbs */
	return rc;
}

static void
put_both(struct sg_buf *b, const char *const *permitted, const char *const *excluded)
{
	size_t seq = sg_derw_begin(b, SG_DER_SEQUENCE);
	size_t list = sg_derw_begin(b, SG_DER_CTX_CONS(0));

	put_list(b, permitted);
	sg_derw_end(b, list);
	list = sg_derw_begin(b, SG_DER_CTX_CONS(1));
	put_list(b, excluded);
	sg_derw_end(b, list);
	sg_derw_end(b, seq);
}

static void
read__both_lists__shown(void **state)
{
	sg_buf_scoped value = {0}, text = {0};
	struct sg_slice critical;

	(void)state;
	put_both(&value,
	    LIST("dns:.example.com", "ip:c0000200ffffff00", "subject:C=FI, O=Test", "dns:"),
	    LIST("email:x.example", "uri:\x1b[2J", "other:y"));
	assert_ok(
	    read_ext(SG_OID(name_constraints), true, sg_buf_slice(&value), &text, &critical, NULL));
	assert_string_equal(sg_buf_text(&text),
	    "only dns:.example.com, ip:192.0.2.0/255.255.255.0, subject:C=FI, O=Test, dns:(all); "
	    "not email:x.example, uri:\\x1b[2J, othername");
	assert_int_equal(critical.len, 0);
}

static void
read__critical_extension__noted_unless_verifiers_know_it(void **state)
{
	static const uint8_t odd[] = {0x2a, 0x03, 0x04};
	struct sg_slice critical, value = sg_slice("\x30\x00", 2);

	(void)state;
	assert_ok(read_ext(sg_slice(odd, 3), true, value, NULL, &critical, NULL));
	assert_int_equal(critical.len, 3);
	assert_ok(read_ext(sg_slice(odd, 3), false, value, NULL, &critical, NULL));
	assert_int_equal(critical.len, 0);
	assert_ok(read_ext(SG_OID(inhibit_any_policy), true, value, NULL, &critical, NULL));
	assert_int_equal(critical.len, 0);
}

static void
read__broken__refused(void **state)
{
	sg_buf_scoped good = {0}, address = {0}, name = {0};
	struct sg_slice critical;
	struct sg_err err = {0};

	(void)state;
	put_both(&good, LIST("dns:a"), LIST("dns:b"));
	for (size_t n = 0; n < good.len; n++)
		assert_int_equal(read_ext(SG_OID(name_constraints), true, sg_slice(good.p, n), NULL,
				     &critical, NULL),
		    SG_E_MALFORMED);
	put_both(&address, LIST("ip:c0000200"), LIST("dns:b"));
	assert_int_equal(
	    read_ext(SG_OID(name_constraints), true, sg_buf_slice(&address), NULL, &critical, &err),
	    SG_E_MALFORMED);
	assert_string_equal(err.rule, "constraints");
	put_both(&name, LIST("subject:"), LIST("dns:b"));
	assert_ok(
	    read_ext(SG_OID(name_constraints), true, sg_buf_slice(&name), NULL, &critical, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(allow__one_permitted_subtree__those_within),
	    cmocka_unit_test(allow__several_subtrees__one_of_the_kind_is_enough),
	    cmocka_unit_test(read__both_lists__shown),
	    cmocka_unit_test(read__critical_extension__noted_unless_verifiers_know_it),
	    cmocka_unit_test(read__broken__refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
