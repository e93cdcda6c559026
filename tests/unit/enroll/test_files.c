/* SPDX-License-Identifier: Apache-2.0 */

/* Keys and certificates on disk: made whole, never replaced unasked, and never open to others
 * without a warning. */

#include "unit/enroll/pki.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/pem.h"
#include "crypto/keyfile.h"
#include "enroll/files.h"
#include "enroll/trust.h"
#include "unit/enroll/folder.h"

static struct folder folder;
static char path[128], other[128];
static char heard[4096];

static void
hear(void *arg, const struct sg_enroll_event *event)
{
	(void)arg;
	snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s\n", event->text);
}

static const struct sg_enroll_listener listener = {.tell = hear};

static int
setup(void **state)
{
	(void)state;
	folder_make(&folder);
	folder_file(&folder, "file", path);
	folder_file(&folder, "file.pending", other);
	heard[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"file", "file.pending", NULL};

	(void)state;
	folder_remove(&folder, names);
	return 0;
}

static void
key_make__new__private_and_loaded_again(void **state)
{
	sg_scoped(key) made = NULL;
	sg_scoped(key) loaded = NULL;
	struct stat st;
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_enroll_key_make(path, 2048, &made, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(sg_enroll_key_load(&listener, path, &loaded, &err), err);
	assert_ok(sg_key_same_public(made, loaded, &err), err);
	assert_string_equal(heard, "");
	sg_key_free(&loaded);
	assert_int_equal(chmod(path, 0644), 0);
	assert_ok(sg_enroll_key_load(&listener, path, &loaded, &err), err);
	assert_non_null(strstr(heard, "others may read the private key"));
	assert_non_null(strstr(heard, "(mode 644); close it with: chmod 600"));
}

static void
key_make__exists__stays(void **state)
{
	sg_scoped(key) key = NULL;
	sg_buf_scoped have = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_file_create(path, sg_slice("mine", 4), 0600, &err), err);
	assert_int_equal(sg_enroll_key_make(path, 2048, &key, &err), SG_E_CONFLICT);
	assert_null(key);
	assert_ok(sg_file_read(path, &have, &err), err);
	assert_string_equal(sg_buf_text(&have), "mine");
}

static void
key_load__absent_broken_and_ec__said(void **state)
{
	sg_scoped(key) key = NULL;
	sg_buf_scoped pem = {0};
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_enroll_key_load(&listener, path, &key, &err), SG_E_NOTFOUND);
	assert_ok(sg_key_put_pem(pki.ca, &pem, &err), err);
	assert_ok(sg_file_create(path, sg_buf_slice(&pem), 0600, &err), err);
	assert_refused(sg_enroll_key_load(&listener, path, &key, &err), err, SG_E_ALG,
	    "client.key-type", "want an RSA key, have ");
	assert_ok(sg_file_write(path, sg_slice("x", 1), 0600, &err), err);
	assert_int_equal(sg_enroll_key_load(&listener, path, &key, &err), SG_E_MALFORMED);
	assert_non_null(strstr(err.text, path));
}

static void
key_settle__pending__moved_and_never_over_another(void **state)
{
	sg_buf_scoped have = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_file_create(other, sg_slice("new", 3), 0600, &err), err);
	assert_ok(sg_enroll_key_settle(path, &err), err);
	assert_ok(sg_file_read(path, &have, &err), err);
	assert_string_equal(sg_buf_text(&have), "new");
	assert_int_equal(access(other, F_OK), -1);
	assert_ok(sg_file_create(other, sg_slice("late", 4), 0600, &err), err);
	assert_refused(
	    sg_enroll_key_settle(path, &err), err, SG_E_IO, "file.write", "cannot be named");
	assert_int_equal(access(other, F_OK), 0);
	sg_buf_reset(&have);
	assert_ok(sg_file_read(path, &have, &err), err);
	assert_string_equal(sg_buf_text(&have), "new");
}

static void
places__before_anything_is_sent__checked(void **state)
{
	char absent[128];
	struct sg_err err = {0};

	(void)state;
	assert_ok(sg_enroll_key_check_place("key", path, &err), err);
	assert_ok(sg_enroll_check_free("out", path, false, &err), err);
	folder_file(&folder, "no/file", absent);
	assert_refused(sg_enroll_key_check_place("key", absent, &err), err, SG_E_USAGE,
	    "client.path", "--key: no file can be made in ");
	assert_refused(sg_enroll_check_free("ca-out", "", false, &err), err, SG_E_USAGE,
	    "client.path", "--ca-out: want the name of a file");
	assert_ok(sg_file_create(path, sg_slice("x", 1), 0600, &err), err);
	assert_ok(sg_enroll_key_check_place("key", path, &err), err);
	assert_refused(sg_enroll_check_free("out", path, false, &err), err, SG_E_USAGE,
	    "client.exists", "--force to replace it; nothing was sent");
	assert_ok(sg_enroll_check_free("out", path, true, &err), err);
	/* A folder is not replaced by a file, whoever asks. */
	assert_int_equal(sg_enroll_check_free("out", folder.path, true, &err), SG_E_USAGE);
}

static void
certs__written__read_again(void **state)
{
	struct sg_slice certs[] = {sg_buf_slice(&pki.ra_der), sg_buf_slice(&pki.ca_der)};
	struct sg_slice got[SG_ENROLL_CERTS_MAX];
	sg_buf_scoped der = {0};
	struct sg_err err = {0};
	size_t n = 0;

	(void)state;
	assert_ok(sg_enroll_write_certs(path, certs, 2, false, &err), err);
	assert_int_equal(sg_enroll_write_certs(path, certs, 1, false, &err), SG_E_CONFLICT);
	assert_ok(sg_enroll_read_certs(path, &der, got, SG_ENROLL_CERTS_MAX, &n, &err), err);
	assert_int_equal(n, 2);
	assert_true(sg_slice_eq(got[0], certs[0]) && sg_slice_eq(got[1], certs[1]));
	sg_buf_reset(&der);
	assert_ok(sg_enroll_write_certs(path, certs, 1, true, &err), err);
	assert_ok(sg_enroll_read_certs(path, &der, got, SG_ENROLL_CERTS_MAX, &n, &err), err);
	assert_int_equal(n, 1);
	assert_ok(sg_file_write(path, sg_slice("nothing", 7), 0644, &err), err);
	assert_refused(sg_enroll_read_certs(path, &der, got, SG_ENROLL_CERTS_MAX, &n, &err), err,
	    SG_E_MALFORMED, "client.pem", "want PEM, 'BEGIN CERTIFICATE', and there is none");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(key_make__new__private_and_loaded_again),
	    CASE(key_make__exists__stays),
	    CASE(key_load__absent_broken_and_ec__said),
	    CASE(key_settle__pending__moved_and_never_over_another),
	    CASE(places__before_anything_is_sent__checked),
	    CASE(certs__written__read_again),
	};

	return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
