/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Messages that real clients and servers made, read from the directory in SIGNET_VECTORS;
 * without it the whole program says that it is skipped.
 */

#include "unit/scep/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pem.h"
#include "cms/degenerate.h"
#include "crypto/keyfile.h"
#include "crypto/unwrap.h"
#include "scep/check.h"
#include "scep/getmsg.h"
#include "scep/pop.h"
#include "scep/query.h"
#include "scep/reply.h"
#include "scep/verify.h"
#include "x509/csr.h"

#define FILE_MAX_LEN 262144u

static const char *
vectors(void)
{
	return getenv("SIGNET_VECTORS");
}

/* SG_E_NOTFOUND when the file is not there. */
static enum sg_code
load(struct sg_buf *b, const char *a, const char *name)
{
	sg_buf_scoped path = {0};

	sg_buf_printf(&path, "%s/%s", a, name);
	FILE *f = fopen(sg_buf_text(&path), "rb");
	if (f == NULL)
		return SG_E_NOTFOUND;
	uint8_t *p = sg_buf_extend(b, FILE_MAX_LEN);
	assert_non_null(p);
	b->len = fread(p, 1, FILE_MAX_LEN, f);
	fclose(f);
	return SG_OK;
}

static void
must_load(struct sg_buf *b, const char *dir, const char *name)
{
	enum sg_code rc = load(b, dir, name);

	if (rc != SG_OK)
		print_error("no file %s/%s\n", dir, name);
	assert_int_equal(rc, SG_OK);
}

static void
load_pem(struct sg_buf *der, const char *dir, const char *name, const char *label)
{
	sg_buf_scoped text = {0};
	struct sg_err err = {0};
	size_t pos = 0;

	must_load(&text, dir, name);
	fx_assert_ok(sg_pem_next(sg_buf_slice(&text), label, &pos, der, &err), err);
}

static struct sg_key *
load_key(const char *dir, const char *name)
{
	sg_buf_scoped text = {0};
	struct sg_err err = {0};
	struct sg_key *key = NULL;

	must_load(&text, dir, name);
	fx_assert_ok(sg_key_from_pem(sg_buf_slice(&text), &key, &err), err);
	return key;
}

static void
decrypt(struct sg_slice content, const struct sg_key *key, bool des, struct sg_buf *out)
{
	sg_envelope_scoped env = {0};
	uint8_t cek[SG_CEK_MAX];
	struct sg_err err = {0};

	fx_assert_ok(sg_envelope_decode(content, &env, &err), err);
	assert_int_equal(env.recipient_n, 1);
	struct sg_cert_light own = {
	    .issuer = env.recipient[0].id.issuer, .serial = env.recipient[0].id.serial};
	fx_assert_ok(sg_envelope_choose(&env, &own, &err), err);
	assert_true(env.is_ours);
	size_t len = sg_cipher_key_len(env.cipher);
	fx_assert_ok(sg_unwrap_key(key, env.trans, env.wrapped,
			 sg_slice_str("a secret of the implicit rejection"), len, cek, &err),
	    err);
	fx_assert_ok(sg_envelope_decrypt(&env, sg_slice(cek, len), des, out, &err), err);
}

/* The inner body of a request is what its messageType says. */
static void
check_body(const struct sg_scep_msg *msg, struct sg_slice body)
{
	struct sg_err err = {0};
	struct sg_slice a = {0}, b = {0};
	static struct sg_csr csr;

	if (msg->type == SG_SCEP_CERTPOLL) {
		fx_assert_ok(sg_scep_issuer_subject_parse(body, &a, &b, &err), err);
		return;
	}
	if (msg->type == SG_SCEP_GETCERT || msg->type == SG_SCEP_GETCRL) {
		fx_assert_ok(sg_scep_issuer_serial_parse(body, &a, &b, &err), err);
		return;
	}
	fx_assert_ok(sg_csr_parse(body, &csr, &err), err);
	fx_assert_ok(sg_scep_pop_verify(&csr, NULL, &err), err);
}

struct pair {
	const char *dir;
	const struct sg_key *ca_key;
	struct sg_slice ca;
	struct sg_key *client[3];
	unsigned requests, sha1_refused, verified, opened;
};

static void
check_request(struct pair *p, const char *stem, struct sg_slice der)
{
	sg_scep_msg_scoped msg = {0};
	struct sg_scep_rules rules = {.hashes = FX_HASHES, .ciphers = FX_CIPHERS};
	struct sg_err err = {0};
	sg_buf_scoped name = {0}, plain = {0}, want = {0};

	fx_assert_ok(sg_scep_decode(der, &msg, &err), err);
	if (msg.hash == SG_HASH_SHA1 && msg.type == SG_SCEP_RENEWALREQ) {
		fx_assert_fails(sg_scep_check(&msg, &rules, &err), err, SG_E_ALG, "scep.alg.sha1");
		p->sha1_refused++;
	} else {
		fx_assert_ok(sg_scep_check(&msg, &rules, &err), err);
	}
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	decrypt(msg.content, p->ca_key, true, &plain);
	sg_buf_printf(&name, "%s.decrypted.der", stem);
	must_load(&want, p->dir, sg_buf_text(&name));
	fx_assert_slice(sg_buf_slice(&plain), sg_buf_slice(&want));
	check_body(&msg, sg_buf_slice(&plain));
	p->requests++;
}

/* Open the answer with the client key that fits the request's signer, when it is there. */
static void
check_answer(struct pair *p, struct sg_slice request, struct sg_slice answer)
{
	sg_scep_msg_scoped msg = {0};
	sg_scep_reply_scoped reply = {0};
	sg_scoped(key) signer = NULL;
	struct sg_err err = {0};

	fx_assert_ok(sg_scep_decode(request, &msg, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, &signer, &err), err);
	struct sg_scep_reply_expect x = {
	    .txid = msg.txid,
	    .sender_nonce = msg.sender_nonce,
	    .ca_n = 1,
	    .ca = &p->ca,
	    .signer_cert = msg.signer.raw,
	    .legacy_des = true,
	    .legacy_sha1 = true,
	};
	for (size_t i = 0; i < 3; i++)
		if (p->client[i] != NULL && sg_key_same_public(p->client[i], signer, NULL) == SG_OK)
			x.key = p->client[i];
	enum sg_code rc = sg_scep_reply_open(answer, &x, &reply, &err);
	p->verified++;
	if (x.key == NULL && rc != SG_OK) {
		assert_string_equal(err.rule, "reply.key");
		return;
	}
	fx_assert_ok(rc, err);
	if (reply.status == SG_SCEP_SUCCESS)
		assert_true(reply.certs.cert_n > 0);
	p->opened++;
}

static void
check_exchange(struct pair *p, const char *file)
{
	sg_buf_scoped stem = {0}, name = {0}, request = {0}, answer = {0};
	size_t len = strlen(file) - strlen(".request.der");

	sg_buf_put(&stem, file, len);
	must_load(&request, p->dir, file);
	check_request(p, sg_buf_text(&stem), sg_buf_slice(&request));
	sg_buf_printf(&name, "%s.response.bin", sg_buf_text(&stem));
	must_load(&answer, p->dir, sg_buf_text(&name));
	if (answer.p[0] == 0x30)
		check_answer(p, sg_buf_slice(&request), sg_buf_slice(&answer));
}

/* Every exchange of a directory. */
static void
run_peer(const char *peer, const char *k1, const char *k2, struct pair *p)
{
	const char *root = vectors();
	sg_buf_scoped dir = {0}, keys = {0}, ca = {0};
	struct sg_key *ca_key = NULL;

	sg_buf_printf(&dir, "%s/%s", root, peer);
	sg_buf_printf(&keys, "%s/keys", root);
	load_pem(&ca, sg_buf_text(&keys), "test-ca.pem", "CERTIFICATE");
	ca_key = load_key(sg_buf_text(&keys), "test-ca.key");
	*p = (struct pair){sg_buf_text(&dir), ca_key, sg_buf_slice(&ca), {NULL}, 0, 0, 0, 0};
	p->client[0] = k1 != NULL ? load_key(sg_buf_text(&keys), k1) : NULL;
	p->client[1] = k2 != NULL ? load_key(sg_buf_text(&keys), k2) : NULL;
	DIR *d = opendir(sg_buf_text(&dir));
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		size_t len = strlen(e->d_name);
		if (len > 12 && strcmp(e->d_name + len - 12, ".request.der") == 0)
			check_exchange(p, e->d_name);
	}
	closedir(d);
	sg_key_free(&ca_key);
	sg_key_free(&p->client[0]);
	sg_key_free(&p->client[1]);
}

static void
vectors__certmonger__all_open(void **state)
{
	struct pair p;

	(void)state;
	run_peer("certmonger-0.79.17", "certmonger-last.pem", NULL, &p);
	assert_int_equal(p.requests, 3);
	assert_int_equal(p.verified, 3);
}

static void
vectors__strongswan__all_open(void **state)
{
	struct pair p;

	(void)state;
	run_peer("strongswan-pki-5.9.8", "strongswan-pk.pem", "strongswan-pk2.pem", &p);
	assert_int_equal(p.requests, 7);
	assert_int_equal(p.opened, 6);
}

static void
vectors__scepclient__single_des_opens_with_legacy(void **state)
{
	struct pair p;

	(void)state;
	run_peer("scepclient-2.1.0", NULL, NULL, &p);
	assert_int_equal(p.requests, 2);
	assert_int_equal(p.sha1_refused, 1);
	assert_int_equal(p.verified, 2);
}

static void
vectors__scepclient__single_des_refused(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "scepclient-2.1.0/003-POST-PKIOperation.request.der");
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	fx_assert_ok(sg_envelope_decode(msg.content, &env, &err), err);
	fx_assert_fails(sg_envelope_check(&env, UINT32_MAX, false, &err), err, SG_E_ALG, "alg.des");
}

static void
vectors__getcacert__decodes(void **state)
{
	sg_buf_scoped der = {0};
	struct sg_cert cert;
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "strongswan-pki-5.9.8/001-GET-GetCACert.response.bin");
	fx_assert_ok(sg_cert_parse(sg_buf_slice(&der), &cert, &err), err);
}

/* certmonger's request lines hold the same bytes as the decoded files. */
static void
vectors__certmonger_get__decodes(void **state)
{
	static const char *const stems[] = {"005", "007", "009"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		sg_buf_scoped name = {0}, head = {0}, der = {0}, out = {0};
		struct sg_err err = {0};
		sg_buf_printf(&name, "certmonger-0.79.17/%s-GET-PKIOperation.request", stems[i]);
		sg_buf_scoped txt = {0};
		sg_buf_printf(&txt, "%s.txt", sg_buf_text(&name));
		must_load(&head, vectors(), sg_buf_text(&txt));
		sg_buf_puts(&name, ".der");
		must_load(&der, vectors(), sg_buf_text(&name));
		const char *p = strstr(sg_buf_text(&head), "message=");
		assert_non_null(p);
		p += 8;
		fx_assert_ok(
		    sg_scep_getmsg_decode(sg_slice(p, strcspn(p, " &\r\n")), &out, &err), err);
		fx_assert_slice(sg_buf_slice(&out), sg_buf_slice(&der));
	}
}

/* Of long ago: an attribute that nobody knows any more, and RSA keys of 1536 bits. */
static void
vectors__jscep_request__decodes(void **state)
{
	sg_buf_scoped der = {0}, env_der = {0}, csr_der = {0};
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	static struct sg_csr csr;
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "jscep-samples/scep_req2.der");
	must_load(&env_der, vectors(), "jscep-samples/scep_req1.der");
	must_load(&csr_der, vectors(), "jscep-samples/scep_req0.der");
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	assert_int_equal(msg.refused.code, SG_OK);
	assert_int_equal(msg.type, SG_SCEP_PKCSREQ);
	fx_assert_fails(sg_scep_verify(&msg, NULL, &err), err, SG_E_LIMIT, "key.size");
	fx_assert_slice(msg.content, sg_buf_slice(&env_der));
	fx_assert_ok(sg_envelope_decode(msg.content, &env, &err), err);
	fx_assert_ok(sg_csr_parse(sg_buf_slice(&csr_der), &csr, &err), err);
}

static void
vectors__jscep_answer__decodes(void **state)
{
	sg_buf_scoped der = {0}, certs = {0};
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	sg_degenerate_scoped deg = {0};
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "jscep-samples/scep_resp2.der");
	must_load(&certs, vectors(), "jscep-samples/scep_resp0.der");
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	assert_int_equal(msg.refused.code, SG_OK);
	assert_int_equal(msg.type, SG_SCEP_CERTREP);
	assert_int_equal(msg.status, SG_SCEP_SUCCESS);
	fx_assert_ok(sg_envelope_decode(msg.content, &env, &err), err);
	fx_assert_ok(sg_degenerate_decode(sg_buf_slice(&certs), &deg, &err), err);
	assert_true(deg.cert_n > 0);
}

static void
vectors__micromdm__request_verifies(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "micromdm-scep/testdata/PKCSReq.der");
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	fx_assert_ok(sg_scep_verify(&msg, NULL, &err), err);
	assert_int_equal(msg.type, SG_SCEP_PKCSREQ);
	fx_assert_ok(sg_envelope_decode(msg.content, &env, &err), err);
}

static void
vectors__ndes_fail__decodes_with_hresult(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	load_pem(&der, vectors(), "ndes_fail.pem", "PKCS7");
	fx_assert_ok(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err);
	assert_int_equal(msg.refused.code, SG_OK);
	assert_int_equal(msg.type, SG_SCEP_CERTREP);
	assert_int_equal(msg.status, SG_SCEP_FAILURE);
	assert_true(sg_slice_is(msg.fail_info.val, "2"));
	assert_true(sg_slice_is(msg.hresult.val, "-2147024809"));
	assert_true(sg_slice_is(msg.txid, "9CB1CB998B7FCC0142297B492988AFB4"));
	assert_int_equal(msg.sender_nonce.len, 16);
	assert_int_equal(msg.recipient_nonce.len, 16);
	assert_int_equal(msg.cert_n, 0);
	fx_assert_fails(
	    sg_scep_verify(&msg, NULL, &err), err, SG_E_SIGNATURE, "cms.signer.missing");
}

/* The document shows only its beginning. */
static void
vectors__ios__cut_refused(void **state)
{
	sg_buf_scoped der = {0};
	sg_scep_msg_scoped msg = {0};
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "ios_pkioperation_prefix.der");
	fx_assert_fails(sg_scep_decode(sg_buf_slice(&der), &msg, &err), err, SG_E_MALFORMED, "ber");
}

static void
vectors__pwri_without_kdf__refused(void **state)
{
	sg_buf_scoped der = {0};
	sg_envelope_scoped env = {0};
	struct sg_err err = {0};

	(void)state;
	must_load(&der, vectors(), "cve-2026-42766_pwri_nokdf.der");
	fx_assert_fails(sg_envelope_decode(sg_buf_slice(&der), &env, &err), err, SG_E_ALG,
	    "cms.recipient.pwri");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors__certmonger__all_open),
	    cmocka_unit_test(vectors__strongswan__all_open),
	    cmocka_unit_test(vectors__scepclient__single_des_opens_with_legacy),
	    cmocka_unit_test(vectors__scepclient__single_des_refused),
	    cmocka_unit_test(vectors__getcacert__decodes),
	    cmocka_unit_test(vectors__certmonger_get__decodes),
	    cmocka_unit_test(vectors__jscep_request__decodes),
	    cmocka_unit_test(vectors__jscep_answer__decodes),
	    cmocka_unit_test(vectors__micromdm__request_verifies),
	    cmocka_unit_test(vectors__ndes_fail__decodes_with_hresult),
	    cmocka_unit_test(vectors__ios__cut_refused),
	    cmocka_unit_test(vectors__pwri_without_kdf__refused),
	};

	if (vectors() == NULL) {
		fprintf(stderr, "SKIPPED: SIGNET_VECTORS does not say where the vectors are\n");
		puts("1..0 # SKIP SIGNET_VECTORS is not set");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
