/* SPDX-License-Identifier: Apache-2.0 */

/* Options in, files and an outcome out: a whole enrolment and renewal as an agent would make it,
 * without a terminal, several in one process. */

#include "scep/values.h"
#include "unit/enroll/pki.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/pem.h"
#include "crypto/keyfile.h"
#include "enroll/files.h"
#include "enroll/job.h"
#include "unit/enroll/folder.h"
#include "unit/enroll/server.h"
#include "x509/name.h"
#include "x509/name_text.h"

static const char *const names[] = {"key", "cert", "chain", "old.key", "old.cert", "new.key",
    "new.key.pending", "ca", "key2", "cert2", NULL};

static struct folder folder;
static char paths[10][128];
#define KEY paths[0]
#define CERT paths[1]
#define CHAIN paths[2]
#define OLD_KEY paths[3]
#define OLD_CERT paths[4]
#define NEW_KEY paths[5]
#define PENDING paths[6]
#define CA paths[7]
#define KEY2 paths[8]
#define CERT2 paths[9]

static struct sg_buf subject;

/* What one session heard. */
struct heard {
	unsigned warnings;
	char text[4096];
};

static void
hear(void *arg, const struct sg_enroll_event *event)
{
	struct heard *h = arg;

	h->warnings += event->kind == SG_ENROLL_WARNING;
	snprintf(h->text + strlen(h->text), sizeof h->text - strlen(h->text), "%s\n", event->text);
}

static int64_t
now(void)
{
	return PKI_NOW;
}

static int
setup(void **state)
{
	struct sg_err err = {0};

	(void)state;
	folder_make(&folder);
	for (size_t n = 0; names[n] != NULL; n++)
		folder_file(&folder, names[n], paths[n]);
	assert_ok(sg_name_from_text(sg_slice_str("CN=device"), &subject, &err), err);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	folder_remove(&folder, names);
	sg_buf_clear(&subject);
	return 0;
}

static struct sg_enroll *
session(const char *url, struct heard *heard)
{
	struct sg_enroll_options options = {
	    .url = url,
	    .user_agent = "test/1",
	    .timeout_ms = 30000,
	    .now = now,
	    .listener = {.tell = hear, .arg = heard},
	};
	struct sg_enroll *c = NULL;
	struct sg_err err = {0};

	assert_ok(sg_enroll_open(&options, &c, &err), err);
	return c;
}

/* A good server: an RA below the CA. */
static struct server
good_server(enum sg_scep_status status)
{
	return (struct server){.caps = "AES\nSHA-256\nPOSTPKIOperation\nRenewal\n",
	    .certs = {&pki.ra_der, &pki.ca_der},
	    .status = status};
}

static struct sg_enroll_job_options
enrolment(void)
{
	struct sg_enroll_job_options o = {
	    .pin = {.mode = SG_ENROLL_PIN_FINGERPRINT},
	    .choice = {.trans = {.transport = SG_TRANSPORT_PKCS1}},
	    .key_file = KEY,
	    .cert_file = CERT,
	    .chain_file = CHAIN,
	    .key_bits = 2048,
	    .subject = sg_buf_slice(&subject),
	};
	struct sg_err err = {0};

	assert_ok(sg_sha256(sg_buf_slice(&pki.ca_der), o.pin.fingerprint, &err), err);
	return o;
}

static void
write_pem(const char *path, const char *label, const struct sg_buf *der)
{
	sg_buf_scoped pem = {0};
	struct sg_err err = {0};

	sg_pem_put(&pem, label, sg_buf_slice(der));
	assert_ok(sg_file_write(path, sg_buf_slice(&pem), 0600, &err), err);
}

static void
write_key(const char *path, const struct sg_key *key)
{
	sg_buf_scoped pem = {0};
	struct sg_err err = {0};

	assert_ok(sg_key_put_pem(key, &pem, &err), err);
	assert_ok(sg_file_write(path, sg_buf_slice(&pem), 0600, &err), err);
}

/* The certificate of the device's key, which is to be renewed. */
static struct sg_enroll_job_options
renewal(void)
{
	struct sg_enroll_job_options o = {
	    .choice = {.trans = {.transport = SG_TRANSPORT_PKCS1}},
	    .key_file = OLD_KEY,
	    .old_cert_file = OLD_CERT,
	    .cert_file = CERT,
	    .key_bits = 2048,
	};

	write_key(OLD_KEY, pki.device);
	write_pem(OLD_CERT, "CERTIFICATE", &pki.device_der);
	return o;
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The key and the certificate in these files belong together. */
static void
assert_pair(const char *key_file, const char *cert_file)
{
	static const struct sg_enroll_listener nobody = {0};
	sg_scoped(key) key = NULL;
	sg_scoped(key) certified = NULL;
	sg_buf_scoped der = {0};
	struct sg_slice one;
	struct sg_cert cert = {0};
	struct sg_err err = {0};
	size_t n = 0;

	assert_ok(sg_enroll_key_load(&nobody, key_file, &key, &err), err);
	assert_ok(sg_enroll_read_certs(cert_file, &der, &one, 1, &n, &err), err);
	assert_ok(sg_cert_parse(one, &cert, &err), err);
	assert_ok(sg_key_from_spki(cert.spki, &certified, &err), err);
	assert_ok(sg_key_same_public(key, certified, &err), err);
}

/* One job against a server, from the beginning to the end. */
static enum sg_code
make(struct server *s, const struct sg_enroll_job_options *options, struct heard *heard,
    struct sg_enroll_result *result, struct sg_err *err)
{
	sg_scoped(enroll_job) job = NULL;

	server_start(s);
	sg_enroll_scoped *c = session(s->url, heard);
	enum sg_code rc = sg_enroll_prepare(c, options, &job, err);
	if (rc == SG_OK)
		rc = sg_enroll_run(c, job, sg_slice_str("secret"), result, err);
	server_end(s);
	return rc;
}

static void
enrol__issued__pair_and_chain_on_disk(void **state)
{
	struct sg_enroll_job_options options = enrolment();
	struct server s = good_server(SG_SCEP_SUCCESS);
	sg_enroll_result_scoped result = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(make(&s, &options, &heard, &result, &err), err);
	assert_int_equal(result.reply.status, SG_SCEP_SUCCESS);
	assert_true(result.key_made);
	assert_string_equal(result.key_file, KEY);
	assert_int_equal(strlen(result.txid), 64);
	assert_int_equal(s.type, SG_SCEP_PKCSREQ);
	assert_string_equal(s.method, "POST");
	assert_int_equal(heard.warnings, 0);
	assert_pair(KEY, CERT);
	assert_true(is_there(CHAIN));
}

/* A repeat has the key of the first try, and so its transaction. */
static void
enrol__pending_then_issued__same_key_and_transaction(void **state)
{
	struct sg_enroll_job_options options = enrolment();
	struct server first = good_server(SG_SCEP_PENDING), second = good_server(SG_SCEP_SUCCESS);
	sg_enroll_result_scoped one = {0};
	sg_enroll_result_scoped two = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(make(&first, &options, &heard, &one, &err), err);
	assert_int_equal(one.reply.status, SG_SCEP_PENDING);
	assert_true(is_there(KEY));
	assert_false(is_there(CERT) || is_there(CHAIN));
	assert_ok(make(&second, &options, &heard, &two, &err), err);
	assert_false(two.key_made);
	assert_string_equal(one.txid, two.txid);
	assert_pair(KEY, CERT);
}

static void
enrol__refused__reason_and_no_certificate(void **state)
{
	struct sg_enroll_job_options options = enrolment();
	struct server s = good_server(SG_SCEP_FAILURE);
	sg_enroll_result_scoped result = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(make(&s, &options, &heard, &result, &err), err);
	assert_int_equal(result.reply.status, SG_SCEP_FAILURE);
	assert_int_equal(result.reply.fail, SG_SCEP_BAD_REQUEST);
	assert_int_equal(result.reply.fail_info_text.len, strlen("refused; trace 01a1b2c3d4e5f6"));
	assert_false(is_there(CERT) || is_there(CHAIN));
}

/* Nothing secret leaves, and no key is made, for a server that is not the right one. */
static void
enrol__server_not_trusted__nothing_sent_nothing_made(void **state)
{
	const struct {
		struct server server;
		const char *rule;
		uint8_t spoil;
	} rows[] = {
	    {{.caps = "AES\nSHA-256", .certs = {&pki.ra_der, &pki.ca_der}}, "client.fingerprint",
		1},
	    {{.caps = "AES\nSHA-256", .certs = {&pki.device_der, &pki.ca_der}}, "client.ra.purpose",
		0},
	    {{.caps = "SHA-256", .certs = {&pki.ra_der, &pki.ca_der}}, "client.cipher", 0},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_enroll_job_options options = enrolment();
		struct server s = rows[n].server;
		sg_enroll_result_scoped result = {0};
		struct heard heard = {0};
		struct sg_err err = {0};
		options.pin.fingerprint[0] ^= rows[n].spoil;
		enum sg_code rc = make(&s, &options, &heard, &result, &err);
		assert_int_not_equal(rc, SG_OK);
		assert_string_equal(err.rule, rows[n].rule);
		assert_non_null(strstr(err.text, "nothing was sent"));
		assert_int_equal(s.operations, 0);
		assert_false(is_there(KEY) || is_there(CERT));
	}
}

static void
enrol__insecure__warned_with_the_ra(void **state)
{
	struct sg_enroll_job_options options = enrolment();
	struct server s = good_server(SG_SCEP_SUCCESS);
	sg_enroll_result_scoped result = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	options.pin = (struct sg_enroll_pin){.mode = SG_ENROLL_PIN_INSECURE};
	assert_ok(make(&s, &options, &heard, &result, &err), err);
	assert_int_equal(heard.warnings, 1);
	assert_non_null(strstr(heard.text, "--insecure-ca: nobody checked"));
	assert_non_null(strstr(heard.text, "the RA is 'O=Test, CN=RA', SHA-256 "));
}

static void
renew__same_key__signed_by_the_old_pair(void **state)
{
	struct sg_enroll_job_options options = renewal();
	struct server s = good_server(SG_SCEP_SUCCESS);
	sg_enroll_result_scoped result = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	assert_ok(make(&s, &options, &heard, &result, &err), err);
	assert_int_equal(s.type, SG_SCEP_RENEWALREQ);
	assert_false(result.key_made);
	assert_string_equal(result.key_file, OLD_KEY);
	assert_pair(OLD_KEY, CERT);
	assert_pair(OLD_KEY, OLD_CERT);
}

static void
renew__server_without_renewal__pkcsreq(void **state)
{
	struct sg_enroll_job_options options = renewal();
	struct server s = good_server(SG_SCEP_PENDING);
	sg_enroll_result_scoped result = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	s.caps = "AES\nSHA-256\n";
	assert_ok(make(&s, &options, &heard, &result, &err), err);
	assert_int_equal(s.type, SG_SCEP_PKCSREQ);
	assert_string_equal(s.method, "GET");
}

static void
renew__new_key__pending_until_its_certificate_came(void **state)
{
	struct sg_enroll_job_options options = renewal();
	struct server s = good_server(SG_SCEP_PENDING);
	sg_enroll_result_scoped one = {0};
	sg_enroll_result_scoped two = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	options.new_key_file = NEW_KEY;
	assert_ok(make(&s, &options, &heard, &one, &err), err);
	assert_true(is_there(PENDING));
	assert_false(is_there(NEW_KEY));
	s = good_server(SG_SCEP_PENDING);
	assert_ok(make(&s, &options, &heard, &two, &err), err);
	assert_string_equal(one.txid, two.txid);
	assert_pair(OLD_KEY, OLD_CERT);
}

static void
renew__answered_with_the_old_certificate__refused(void **state)
{
	struct sg_enroll_job_options options = renewal();
	struct server s = good_server(SG_SCEP_SUCCESS);
	sg_enroll_result_scoped result = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	s.old_certificate = true;
	assert_refused(make(&s, &options, &heard, &result, &err), err, SG_E_MALFORMED,
	    "client.issued.old", "nothing was written");
	assert_false(is_there(CERT));
}

/* What is wrong is said before anything is sent: there is no server here at all. */
static void
prepare__wrong_options__refused(void **state)
{
	sg_buf_scoped other = {0};
	struct sg_err err = {0};

	(void)state;
	write_pem(CA, "CERTIFICATE", &pki.ca_der);
	pki_make(&(struct pki_cert){.subject = "CN=other", .key = pki.ra}, &other);
	struct sg_enroll_job_options rows[9];
	static const struct {
		const char *rule, *text;
	} want[] = {
	    {"client.files", "--key and --out: want two files"},
	    {"client.exists", "--out: "},
	    {"client.path", "--ca-out: no file can be made in"},
	    {"client.subject", "an empty --subject needs at least one --san"},
	    {"file.open", "--ca-file: "},
	    {"client.files", "--out and the keys: want different files"},
	    {"client.files", "--new-key: want another file than --key"},
	    {"client.pair", "have 'CN=other' and another key"},
	    {"client.pem", "want PEM, 'BEGIN CERTIFICATE', and there is none"},
	};
	for (size_t n = 0; n < 5; n++)
		rows[n] = enrolment();
	for (size_t n = 5; n < 9; n++)
		rows[n] = renewal();
	rows[0].cert_file = KEY;
	rows[1].cert_file = CA;
	rows[2].chain_file = "/nonexistent/chain";
	rows[3].subject = sg_slice("\x30\x00", 2);
	rows[4].pin.mode = SG_ENROLL_PIN_FILE;
	rows[4].pin_file = CERT2;
	rows[5].cert_file = OLD_KEY;
	rows[6].new_key_file = OLD_KEY;
	rows[7].old_cert_file = CERT2;
	rows[8].old_cert_file = OLD_KEY;
	for (size_t n = 0; n < 9; n++) {
		sg_scoped(enroll_job) job = NULL;
		struct heard heard = {0};
		if (n == 7)
			write_pem(CERT2, "CERTIFICATE", &other);
		sg_enroll_scoped *c = session("http://127.0.0.1:1/", &heard);
		enum sg_code rc = sg_enroll_prepare(c, &rows[n], &job, &err);
		assert_null(job);
		if (rc == SG_OK || strcmp(err.rule, want[n].rule) != 0 ||
		    strstr(err.text, want[n].text) == NULL)
			fail_msg("row %zu: %s: %s", n, err.rule, err.text);
		assert_false(is_there(KEY) || is_there(CERT));
	}
}

static void
prepare__expired__warned(void **state)
{
	struct sg_enroll_job_options options = renewal();
	sg_scoped(enroll_job) job = NULL;
	sg_buf_scoped old = {0};
	struct heard heard = {0};
	struct sg_err err = {0};

	(void)state;
	pki_make(&(struct pki_cert){.not_after = PKI_NOW - 1}, &old);
	write_pem(OLD_CERT, "CERTIFICATE", &old);
	sg_enroll_scoped *c = session("http://127.0.0.1:1/", &heard);
	assert_ok(sg_enroll_prepare(c, &options, &job, &err), err);
	assert_int_equal(heard.warnings, 1);
	assert_non_null(strstr(heard.text, "expired at 2025-11-20T11:59:59Z"));
}

static void
open__no_url__refused(void **state)
{
	static const struct {
		const char *url, *why;
	} rows[] = {
	    {"", "the URL does not begin with http://host or https://host"},
	    {"scep.example", "the URL does not begin with http://host or https://host"},
	    {"ftp://x/", "the URL does not begin with http://host or https://host"},
	    {"http://", "the URL does not begin with http://host or https://host"},
	    {"http://a b/", "byte 0x20 in a URL: percent-encode it"},
	    {"http://a/scep#x", "byte 0x23 in a URL: percent-encode it, and leave out what is"},
	};
	struct sg_enroll *c = NULL;
	struct sg_err err = {0};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct sg_enroll_options options = {.url = rows[n].url, .now = now};
		assert_refused(sg_enroll_open(&options, &c, &err), err, SG_E_USAGE, "client.url",
		    "want the SCEP URL of a server, such as http://scep.example/scep");
		assert_non_null(strstr(err.text, rows[n].why));
		assert_null(c);
	}
}

/* Two clients at once, step by step in turn: neither hears or sees the other. */
static void
two__in_one_process__independent(void **state)
{
	struct sg_enroll_job_options a = enrolment(), b = enrolment();
	struct server sa = good_server(SG_SCEP_SUCCESS), sb = good_server(SG_SCEP_PENDING);
	sg_enroll_result_scoped ra = {0};
	sg_enroll_result_scoped rb = {0};
	sg_scoped(enroll_job) ja = NULL;
	sg_scoped(enroll_job) jb = NULL;
	struct heard ha = {0}, hb = {0};
	struct sg_err ea = {0}, eb = {0};

	(void)state;
	b.key_file = KEY2;
	b.cert_file = CERT2;
	b.chain_file = NULL;
	b.pin = (struct sg_enroll_pin){.mode = SG_ENROLL_PIN_INSECURE};
	server_start(&sa);
	server_start(&sb);
	sg_enroll_scoped *ca = session(sa.url, &ha);
	sg_enroll_scoped *cb = session(sb.url, &hb);
	enum sg_code rc = sg_enroll_prepare(ca, &a, &ja, &ea);
	if (rc == SG_OK)
		rc = sg_enroll_prepare(cb, &b, &jb, &eb);
	if (rc == SG_OK)
		rc = sg_enroll_run(ca, ja, sg_slice_str("one"), &ra, &ea);
	if (rc == SG_OK)
		rc = sg_enroll_run(cb, jb, sg_slice_str("two"), &rb, &eb);
	server_end(&sa);
	server_end(&sb);
	assert_int_equal(rc, SG_OK);
	assert_int_equal(ra.reply.status, SG_SCEP_SUCCESS);
	assert_int_equal(rb.reply.status, SG_SCEP_PENDING);
	assert_string_not_equal(ra.txid, rb.txid);
	assert_int_equal(ha.warnings, 0);
	assert_int_equal(hb.warnings, 1);
	assert_pair(KEY, CERT);
	assert_false(is_there(CERT2));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(enrol__issued__pair_and_chain_on_disk),
	    CASE(enrol__pending_then_issued__same_key_and_transaction),
	    CASE(enrol__refused__reason_and_no_certificate),
	    CASE(enrol__server_not_trusted__nothing_sent_nothing_made),
	    CASE(enrol__insecure__warned_with_the_ra),
	    CASE(renew__same_key__signed_by_the_old_pair),
	    CASE(renew__server_without_renewal__pkcsreq),
	    CASE(renew__new_key__pending_until_its_certificate_came),
	    CASE(renew__answered_with_the_old_certificate__refused),
	    CASE(prepare__wrong_options__refused),
	    CASE(prepare__expired__warned),
	    CASE(two__in_one_process__independent),
	    cmocka_unit_test(open__no_url__refused),
	};

	return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
