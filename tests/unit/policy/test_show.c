/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "base/utf8.h"
#include "policy/show.h"

static void
policy_show__names__escaped(void **state)
{
	sg_buf_scoped empty = {0}, name = {0}, out = {0};

	(void)state;
	put_name(&empty, "");
	assert_string_equal(sg_policy_show_name(&out, sg_buf_slice(&empty)), "(no subject)");
	put_name(&name, "CN=dev1, O=Test");
	assert_string_equal(sg_policy_show_name(&out, sg_buf_slice(&name)), "CN=dev1, O=Test");
}

static void
policy_show__sans__list(void **state)
{
	struct sg_sans sans = {.n = 0};
	sg_buf_scoped store = {0}, out = {0}, hostile = {0};

	(void)state;
	assert_string_equal(sg_policy_show_sans(&out, &sans), "no names");
	set_sans(&sans, &store, "dns:a.example;email:x@y.example");
	assert_string_equal(sg_policy_show_sans(&out, &sans), "dns:a.example, email:x@y.example");
	sans.n = 1;
	sans.item[0].val = sg_slice("a\x1b[31m\n", 7);
	const char *text = sg_policy_show_sans(&hostile, &sans);
	for (const char *p = text; *p != '\0'; p++)
		assert_true(*p >= 0x20);
}

static const char *
names(struct sg_buf *out, const char *there, const char *here)
{
	sg_buf_scoped a = {0}, b = {0};

	sg_buf_reset(out);
	assert_ok(sg_name_from_text(sg_slice_str(there), &a, NULL));
	assert_ok(sg_name_from_text(sg_slice_str(here), &b, NULL));
	return sg_policy_show_names(out, sg_buf_slice(&a), sg_buf_slice(&b));
}

static void
policy_show_names__ascii__as_they_are(void **state)
{
	sg_buf_scoped out = {0};

	(void)state;
	assert_string_equal(names(&out, "CN=alice, O=Test", "CN=bob"),
	    "\"CN=alice, O=Test\", the request asks for \"CN=bob\"");
	assert_string_equal(names(&out, "CN=dev0", "CN=devO"),
	    "\"CN=dev0\", the request asks for \"CN=devO\"; character 7 is U+0030 there, U+004F "
	    "here");
	/* From the other end. */
	assert_non_null(
	    strstr(names(&out, "CN=alice, OU=a, DC=b", "DC=b, OU=A, CN=Alice"), "the other order"));
	assert_null(strstr(names(&out, "CN=alice, OU=a", "OU=b, CN=alice"), "the other order"));
	assert_null(strstr(names(&out, "CN=alice", "CN=b"), "the other order"));
	assert_string_equal(
	    names(&out, "CN=alice", ""), "\"CN=alice\", the request asks for \"(no subject)\"");
}

static void
policy_show_names__look_alike__code_points(void **state)
{
	static const struct {
		const char *there, *here, *says;
	} rows[] = {
	    {"CN=alice", "CN=\xd0\xb0lice", "; character 4 is U+0061 there, U+0430 here"},
	    {"CN=\xd0\xb0lice", "CN=alice", "; character 4 is U+0430 there, U+0061 here"},
	    /* What is the same in another spelling is passed over. */
	    {"O=J\xc3\xbcrgen, CN=o", "O=JU\xcc\x88RGEN, CN=\xd0\xbe",
		"; character 14 is U+006F there, U+043E here"},
	    {"O=Stra\xc3\x9f"
	     "e, CN=o",
		"O=STRASSE, CN=\xd0\xbe", "; character 14 is U+006F there, U+043E here"},
	    {"O=a\xc2\xad\xc2\xad"
	     "b, CN=o",
		"O=ab, CN=\xd0\xbe", "; character 12 is U+006F there, U+043E here"},
	    {"O=a, CN=a b", "O=\xef\xbc\xa1, CN=ab", "; character 10 is U+0020 there, U+0062 here"},
	    {"CN=\xc3\xa4", "CN=\xc3\xa4x", "; character 5 is the end there, U+0078 here"},
	};
	sg_buf_scoped out = {0}, a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = names(&out, rows[i].there, rows[i].here);
		if (strstr(text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, text);
	}
	/* They differ after what is shown, and in what no text shows. */
	static char there[200] = "CN=", here[200] = "CN=";
	memset(there + 3, 'x', 180);
	memset(here + 3, 'x', 180);
	there[183] = 'a';
	here[183] = 'b';
	assert_non_null(
	    strstr(names(&out, there, here), "; character 184 is U+0061 there, U+0062 here"));
	/* Characters are shown whole. */
	char wide[200] = "O=a";
	for (size_t i = 0; i < 90; i++)
		memcpy(wide + 3 + 2 * i, "\xc3\xa4", 2);
	assert_true(sg_utf8_is_valid(sg_slice_str(names(&out, wide, "CN=a"))));
	assert_ok(sg_name_from_text(sg_slice_str("CN=a"), &a, NULL));
	sg_buf_reset(&out);
	assert_non_null(strstr(sg_policy_show_names(&out, sg_buf_slice(&a), sg_buf_slice(&a)),
	    "; they differ in what is not shown"));
}

static void
policy_show_sets__beyond_ascii__code_points(void **state)
{
	struct sg_sans a = {.n = 0}, b = {.n = 0};
	sg_buf_scoped store_a = {0}, store_b = {0}, out = {0};

	(void)state;
	set_sans(&a, &store_a, "upn:j\xc3\xa4@x.example;dns:a");
	set_sans(&b, &store_b, "dns:a");
	assert_string_equal(sg_policy_show_sets(&out, &a, &b),
	    "upn:j\xc3\xa4@x.example, dns:a (U+00E4 at character 6), the request asks for dns:a");
}

static void
policy_show_points__many__four(void **state)
{
	sg_buf_scoped out = {0};

	(void)state;
	assert_string_equal(sg_policy_show_points(&out, "abc"), "");
	assert_string_equal(
	    sg_policy_show_points(&out, "\xd0\xb0\xd0\xb1z\xd0\xb2\xd0\xb3\xd0\xb4"),
	    " (U+0430 at character 1, U+0431 at character 2, U+0432 at character 4, "
	    "U+0433 at character 5, ...)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(policy_show__names__escaped),
	    cmocka_unit_test(policy_show__sans__list),
	    cmocka_unit_test(policy_show_names__ascii__as_they_are),
	    cmocka_unit_test(policy_show_names__look_alike__code_points),
	    cmocka_unit_test(policy_show_sets__beyond_ascii__code_points),
	    cmocka_unit_test(policy_show_points__many__four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
