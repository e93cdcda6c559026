/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/base/base_test.h"

#include "service/template.h"

/* Templates live as long as their process: they are kept where a leak check sees them. */
static struct sg_templates *volatile kept[16];
static size_t kept_n;

static struct sg_templates *
make(const struct sg_conf *conf)
{
	struct sg_err err = {0};
	struct sg_templates *t = NULL;
	if (sg_templates_new(conf, &t, &err) != SG_OK)
		fail_msg("%s", err.text);
	kept[kept_n++] = t;
	return t;
}

static char *const client_auth = (char *)(uintptr_t) "1.3.6.1.5.5.7.3.2";
static char *const server_auth = (char *)(uintptr_t) "1.3.6.1.5.5.7.3.1";
static char *const kerberos = (char *)(uintptr_t) "1.3.6.1.5.2.2";
static char *const broken = (char *)(uintptr_t) "1.3.x";

static void
new__several__each_as_configured(void **state)
{
	(void)state;
	char *one[] = {client_auth}, *two[] = {server_auth, client_auth}, *others[] = {kerberos};
	struct sg_conf_template item[] = {
	    {.name = (char *)(uintptr_t) "first",
		.validity_s = 86400,
		.key_usage = 5,
		.eku = {1, one},
		.key_types = SG_CONF_KEY_RSA3072 | SG_CONF_KEY_P384,
		.sans = {SG_SAN_BIT(SG_SAN_DNS) | SG_SAN_BIT(SG_SAN_UPN), {1, others}},
		.hash = SG_HASH_SHA384,
		.name_lengths = SG_NAME_LENGTHS_255,
		.sans_max = 3,
		.empty_subject = true,
		.foreign_eku = SG_FOREIGN_EKU_IGNORE},
	    {.name = (char *)(uintptr_t) "second",
		.validity_s = 3600,
		.eku = {2, two},
		.key_types = SG_CONF_KEY_RSA2048 | SG_CONF_KEY_RSA4096},
	    {.name = (char *)(uintptr_t) "third", .key_types = SG_CONF_KEY_P256 | SG_CONF_KEY_P521},
	};
	struct sg_conf conf = {.templates = {3, item}};
	struct sg_templates *t = make(&conf);
	struct sg_conf_endpoint e = {.template0 = &item[0]};
	const struct sg_template *first = sg_templates_of(t, &e);
	assert_string_equal(first->name, "first");
	assert_true(first->validity_s == 86400 && first->backdate_s == SG_BACKDATE_S);
	assert_int_equal(first->key_usage, 5);
	assert_int_equal(first->eku_n, 1);
	expect_bytes(first->eku[0], "2b06010505070302");
	assert_int_equal(
	    first->key_types, SG_KEYTYPE_BIT(SG_KEY_RSA) | SG_KEYTYPE_BIT(SG_KEY_P384));
	assert_int_equal(first->rsa_min_bits, 3072);
	assert_int_equal(first->rsa_max_bits, 3072);
	assert_int_equal(first->san_types, SG_SAN_BIT(1) | SG_SAN_BIT(5));
	assert_int_equal(first->hash, SG_HASH_SHA384);
	assert_int_equal(first->name_lengths, SG_NAME_LENGTHS_255);
	assert_int_equal(first->san_others_n, 1);
	expect_bytes(first->san_others[0], "2b06010502"
					   "02");
	assert_int_equal(first->sans_max, 3);
	assert_true(first->empty_subject);
	assert_int_equal(first->foreign_eku, SG_FOREIGN_EKU_IGNORE);
	e.template0 = &item[1];
	const struct sg_template *second = sg_templates_of(t, &e);
	assert_string_equal(second->name, "second");
	assert_int_equal(second->eku_n, 2);
	expect_bytes(second->eku[0], "2b06010505070301");
	expect_bytes(second->eku[1], "2b06010505070302");
	assert_int_equal(second->key_types, SG_KEYTYPE_BIT(SG_KEY_RSA));
	assert_int_equal(second->rsa_min_bits, 2048);
	assert_int_equal(second->rsa_max_bits, 4096);
	assert_int_equal(second->hash, SG_HASH_NONE);
	assert_int_equal(second->name_lengths, SG_NAME_LENGTHS_X520);
	e.template0 = &item[2];
	const struct sg_template *third = sg_templates_of(t, &e);
	assert_int_equal(third->eku_n, 0);
	assert_int_equal(third->rsa_min_bits | third->rsa_max_bits, 0);
	assert_int_equal(
	    third->key_types, SG_KEYTYPE_BIT(SG_KEY_P256) | SG_KEYTYPE_BIT(SG_KEY_P521));
	assert_int_equal(third->san_types, 0);
	assert_int_equal(third->san_others_n, 0);
	assert_false(third->empty_subject);
	assert_int_equal(third->foreign_eku, SG_FOREIGN_EKU_REFUSE);
}

/* The OIDs' memory moves while it grows: every slice still points to its own. */
static void
new__most_usages__each_in_its_place(void **state)
{
	(void)state;
	static char text[32 * SG_EKUS_MAX][32];
	static char *words[32 * SG_EKUS_MAX];
	static struct sg_conf_template item[32];
	for (unsigned n = 0; n < 32; n++) {
		for (unsigned k = 0; k < SG_EKUS_MAX; k++) {
			unsigned at = n * SG_EKUS_MAX + k;
			snprintf(text[at], sizeof text[at], "1.3.6.1.4.1.%u", 128 + at);
			words[at] = text[at];
		}
		item[n].eku = (struct sg_conf_strs){SG_EKUS_MAX, &words[n * SG_EKUS_MAX]};
	}
	struct sg_conf conf = {.templates = {32, item}};
	struct sg_templates *t = make(&conf);
	for (unsigned n = 0; n < 32; n++) {
		struct sg_conf_endpoint e = {.template0 = &item[n]};
		const struct sg_template *got = sg_templates_of(t, &e);
		assert_int_equal(got->eku_n, SG_EKUS_MAX);
		for (unsigned k = 0; k < SG_EKUS_MAX; k++) {
			unsigned v = 128 + n * SG_EKUS_MAX + k;
			assert_int_equal(got->eku[k].len, 7);
			assert_int_equal(got->eku[k].p[5], 0x80 | v >> 7);
			assert_int_equal(got->eku[k].p[6], v & 0x7f);
		}
	}
}

static void
new__bad_usages__refused(void **state)
{
	(void)state;
	char *bad[] = {client_auth, broken}, *many[SG_EKUS_MAX + 1];
	for (size_t n = 0; n <= SG_EKUS_MAX; n++)
		many[n] = client_auth;
	const struct sg_conf_strs ekus[] = {{2, bad}, {SG_EKUS_MAX + 1, many}};
	for (size_t n = 0; n < 2; n++) {
		struct sg_conf_template item = {
		    .name = (char *)(uintptr_t) "client", .eku = ekus[n]};
		struct sg_conf conf = {.templates = {1, &item}};
		struct sg_templates *t = NULL;
		struct sg_err err = {0};
		expect_err(sg_templates_new(&conf, &t, &err), &err, SG_E_CONF, "conf.template");
		assert_non_null(strstr(err.text, "client"));
		assert_null(t);
	}
}

static void
new__no_templates__nothing(void **state)
{
	(void)state;
	struct sg_conf conf = {0};
	assert_non_null(make(&conf));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(new__several__each_as_configured),
	    cmocka_unit_test(new__most_usages__each_in_its_place),
	    cmocka_unit_test(new__bad_usages__refused),
	    cmocka_unit_test(new__no_templates__nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
