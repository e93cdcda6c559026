/* SPDX-License-Identifier: Apache-2.0 */

/* test_files.c - the files that a configuration names, and what they are */

#include "unit/conf/conf_test.h"

#include "conf/schema.h"

static struct sg_conf_errors errs;

static struct sg_conf *
parse(const char *text)
{
	struct sg_conf *conf = NULL;
	assert_int_equal(sg_conf_parse(sg_slice_str(text), "x.yaml", &conf, &errs), SG_OK);
	return conf;
}

static void
file_next__every_option__each_once_in_order(void **state)
{
	(void)state;
	static const struct {
		const char *option, *path, *to;
		enum sg_conf_file_kind kind;
	} want[] = {
	    {"data", ".", NULL, SG_CONF_FILE_DIRECTORY},
	    {"front.listen[0]", "127.0.0.1:8080", "front", SG_CONF_FILE_LISTENER},
	    {"front.listen[1]", "[::1]:8080", "front", SG_CONF_FILE_LISTENER},
	    {"front.access-log", "log/access.log", "front", SG_CONF_FILE_LOG},
	    {"ca.certificate", "ca/ca.pem", "registrar ca", SG_CONF_FILE_CERTIFICATE},
	    {"ca.key", "ca/ca.key", "ca", SG_CONF_FILE_KEY},
	    {"ca.chain[0]", "ca/root.pem", "registrar", SG_CONF_FILE_CERTIFICATE},
	    {"ca.crl", "pub/ca.crl", "ca", SG_CONF_FILE_PUBLISHED},
	    {"registrar.challenge-key", "keys/challenge.key", "registrar", SG_CONF_FILE_SECRET},
	    {"ra.certificate", "ra/ra.pem", "registrar", SG_CONF_FILE_CERTIFICATE},
	    {"ra.key", "ra/ra.key", "keyd", SG_CONF_FILE_KEY},
	    {"ra.reject-secret", "keys/unwrap.key", "keyd", SG_CONF_FILE_SECRET},
	    {"endpoints.kiosk.challenge-file", "keys/static.challenge", "registrar",
		SG_CONF_FILE_CHALLENGE},
	};
	sg_scoped(conf) conf = parse(GOOD_TEXT);
	struct sg_conf_file f = {0};
	for (size_t n = 0; n < sizeof want / sizeof want[0]; n++) {
		assert_true(sg_conf_file_next(conf, &f));
		assert_string_equal(f.option, want[n].option);
		assert_string_equal(f.path, want[n].path);
		assert_int_equal(f.kind, want[n].kind);
		assert_true((f.to == NULL) == (want[n].to == NULL));
		if (f.to != NULL)
			assert_string_equal(f.to, want[n].to);
		assert_true((f.listen != NULL) == (f.kind == SG_CONF_FILE_LISTENER));
		assert_true(sg_conf_line(conf, f.option) > 1);
	}
	assert_false(sg_conf_file_next(conf, &f));
}

static void
file_next__list_of_sections__each_item_by_its_number(void **state)
{
	(void)state;
	static const char *const want[] = {
	    "ca.earlier[0].certificate", "ca.earlier[1].certificate", "ca.earlier[1].key"};
	sg_buf_scoped text = {0};
	put_replaced(&text, GOOD_TEXT, "  crl: pub/ca.crl\n",
	    "  earlier: [{certificate: ca/a.pem}, {certificate: ca/b.pem, key: ca/b.key}]\n");
	sg_scoped(conf) conf = parse(sg_buf_text(&text));
	struct sg_conf_file f = {0};
	size_t n = 0;
	while (sg_conf_file_next(conf, &f))
		if (strncmp(f.option, "ca.earlier", 10) == 0)
			assert_string_equal(f.option, want[n++]);
	assert_int_equal(n, 3);
}

static void
file_next__https__secret_keys_for_front(void **state)
{
	(void)state;
	static const struct {
		const char *option, *path;
		enum sg_conf_file_kind kind;
	} want[] = {
	    {"front.listen-https[0]", "127.0.0.1:443", SG_CONF_FILE_LISTENER},
	    {"front.tls[0].certificate", "a.pem", SG_CONF_FILE_TLS_CERTIFICATE},
	    {"front.tls[1].certificate", "b.pem", SG_CONF_FILE_TLS_CERTIFICATE},
	    {"front.tls[0].key", "a.key", SG_CONF_FILE_TLS_KEY},
	    {"front.tls[1].key", "b.key", SG_CONF_FILE_TLS_KEY},
	};
	sg_buf_scoped text = {0};
	put_replaced(&text, GOOD_TEXT, "  access-log: log/access.log\n",
	    "  listen-https: [127.0.0.1:443]\n"
	    "  tls: [{certificate: a.pem, key: a.key}, {certificate: b.pem, key: b.key}]\n");
	sg_scoped(conf) conf = parse(sg_buf_text(&text));
	struct sg_conf_file f = {0};
	size_t n = 0;
	while (sg_conf_file_next(conf, &f)) {
		if (strncmp(f.option, "front.listen-https", 18) != 0 &&
		    strncmp(f.option, "front.tls", 9) != 0)
			continue;
		assert_string_equal(f.option, want[n].option);
		assert_string_equal(f.path, want[n].path);
		assert_int_equal(f.kind, want[n].kind);
		assert_true(sg_conf_file_is_for(&f, "front"));
		assert_int_equal(sg_conf_file_is_secret(&f), want[n].kind == SG_CONF_FILE_TLS_KEY);
		n++;
	}
	assert_int_equal(n, sizeof want / sizeof want[0]);
}

static void
file_is_for__names__whole_words(void **state)
{
	(void)state;
	struct sg_conf_file f = {.to = "registrar ca"};
	assert_true(sg_conf_file_is_for(&f, "registrar"));
	assert_true(sg_conf_file_is_for(&f, "ca"));
	assert_false(sg_conf_file_is_for(&f, "regis"));
	assert_false(sg_conf_file_is_for(&f, "c"));
	assert_false(sg_conf_file_is_for(&f, "registrar ca"));
	assert_false(sg_conf_file_is_for(&f, ""));
	f.to = NULL;
	assert_false(sg_conf_file_is_for(&f, "ca"));
}

/* What is a path says what is there; nothing else does. A secret says who gets it, and so does what
 * is opened for a role. */
static void
rows__paths__say_what_is_there(void **state)
{
	(void)state;
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++) {
		bool path = row->type == SG_CONF_T_PATH || row->type == SG_CONF_T_PATHS ||
			    row->type == SG_CONF_T_LISTENS;
		if (path != (row->file != SG_CONF_FILE_NONE))
			fail_msg("%s", row->path);
		bool given = path && row->file != SG_CONF_FILE_DIRECTORY;
		if (given != (row->to != NULL))
			fail_msg("%s", row->path);
	}
}

static void
rows__private_keys__name_their_certificate(void **state)
{
	(void)state;
	for (const struct sg_conf_row *row = sg_conf_rows; row->path != NULL; row++) {
		const struct sg_conf_row *of = sg_conf_rows;
		assert_true((row->certificate != NULL) == (row->file == SG_CONF_FILE_KEY));
		if (row->certificate == NULL)
			continue;
		while (of->path != NULL && strcmp(of->path, row->certificate) != 0)
			of++;
		assert_non_null(of->path);
		assert_int_equal(of->file, SG_CONF_FILE_CERTIFICATE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(file_next__every_option__each_once_in_order),
	    cmocka_unit_test(file_next__list_of_sections__each_item_by_its_number),
	    cmocka_unit_test(file_next__https__secret_keys_for_front),
	    cmocka_unit_test(file_is_for__names__whole_words),
	    cmocka_unit_test(rows__paths__say_what_is_there),
	    cmocka_unit_test(rows__private_keys__name_their_certificate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
