/* SPDX-License-Identifier: Apache-2.0 */

/* One request and its answer; which answers are ours is scep/reply's, and tested there. */

#include "scep/reply.h"
#include "scep/values.h"
#include "unit/enroll/pki.h"

#include "base/alloc.h"
#include "enroll/send.h"
#include "unit/enroll/server.h"

static int64_t
now(void)
{
	return PKI_NOW;
}

static void
trace__texts__id_or_nothing(void **state)
{
	static const struct {
		const char *text, *id;
	} rows[] = {
	    {"refused; trace 01a1b2c3d4e5f6", "01a1b2c3d4e5f6"},
	    {"trace 01234567.", "01234567"},
	    {"trace 0123456", ""}, /* shorter than an id is */
	    {"trace", ""},
	    {"no id", ""},
	    {"", ""},
	    {"trace zz345678", ""},
	};

	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		char id[SG_ENROLL_TRACE_MAX + 1];
		sg_enroll_trace(sg_slice_str(rows[n].text), id);
		assert_string_equal(id, rows[n].id);
	}
	char id[SG_ENROLL_TRACE_MAX + 1];
	sg_buf_scoped text = {0};
	sg_buf_puts(&text, "trace ");
	for (int n = 0; n < 100; n++)
		sg_buf_put_u8(&text, 'a');
	sg_enroll_trace(sg_buf_slice(&text), id);
	assert_int_equal(strlen(id), SG_ENROLL_TRACE_MAX);
	/* The bytes after the text are not looked at. */
	sg_enroll_trace(sg_slice("trace 0123456789", 12), id);
	assert_string_equal(id, "");
}

/* A pending answer: sent by the method that was chosen, and ours by transaction and signer. */
static void
send__pending__by_post_and_by_get(void **state)
{
	(void)state;
	for (int post = 0; post < 2; post++) {
		struct server s = {.status = SG_SCEP_PENDING};
		struct sg_enroll_options options = {.user_agent = "test/1", .now = now};
		struct sg_enroll_choice choice = {.cipher = SG_CIPHER_AES128_CBC,
		    .hash = SG_HASH_SHA256,
		    .trans = {.transport = SG_TRANSPORT_PKCS1},
		    .post = post};
		struct sg_enroll_request request = {.type = SG_SCEP_PKCSREQ,
		    .choice = &choice,
		    .csr = sg_slice("a request", 9),
		    .signer_key = pki.device,
		    .subject = sg_slice("\x30\x00", 2),
		    .txid = "transaction-1"};
		sg_enroll_scoped *c = NULL;
		sg_scep_reply_scoped reply = {0};
		struct sg_err err = {0};

		server_start(&s);
		options.url = s.url;
		assert_ok(sg_enroll_open(&options, &c, &err), err);
		c->pin.mode = SG_ENROLL_PIN_INSECURE;
		assert_ok(sg_enroll_trust_add(
			      &c->trust, sg_buf_slice(&pki.ra_der), SG_ENROLL_FROM_SERVER, &err),
		    err);
		assert_ok(sg_enroll_trust_settle(&c->trust, &c->pin, PKI_NOW, &err), err);
		enum sg_code rc = sg_enroll_send(c, &request, &reply, &err);
		server_end(&s);
		assert_ok(rc, err);
		assert_int_equal(reply.status, SG_SCEP_PENDING);
		assert_int_equal(s.operations, 1);
		assert_string_equal(s.method, post ? "POST" : "GET");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trace__texts__id_or_nothing),
	    cmocka_unit_test(send__pending__by_post_and_by_get),
	};

	return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
