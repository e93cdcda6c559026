/* SPDX-License-Identifier: Apache-2.0 */

#include "help.h"

#include "policy/request.h"
#include "x509/san_text.h"

#define KU_DS SG_KU_DIGITAL_SIGNATURE
#define KU_KE SG_KU_KEY_ENCIPHERMENT

enum tmpl { CLIENT, EMPTY, RSA_ONLY, EC_ONLY, WIDE, TWO_SANS, NO_SANS, RSA_EXACT, LONG };

enum basic { NO_BASIC, CA_FALSE, CA_TRUE, PATH_LEN, CA_PATH };

/* A host name of 253 characters: 3 labels of 63, one of 61. */
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct row {
	const char *subject, *key, *sans;
	uint32_t key_usage;
	const char *ekus; /* words */
	enum basic basic;
	enum tmpl tmpl;
	const char *rule; /* NULL: passes */
} rows[] = {
    /* What the field sends. */
    {"CN=dev1", "rsa2048", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa3072", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa4096", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2056", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "p256", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "p384", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "p521", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"C=FI, O=Test, CN=dev1", "rsa2048", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1+SERIALNUMBER=17", "rsa2048", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"O=Test", "rsa2048", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", KU_DS | KU_KE, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", KU_DS, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", KU_KE, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", KU_DS | SG_KU_NON_REPUDIATION | KU_KE | SG_KU_DATA_ENCIPHERMENT, "",
	NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", SG_KU_DATA_ENCIPHERMENT, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "p256", "", SG_KU_KEY_AGREEMENT, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "p256", "", SG_KU_KEY_AGREEMENT | SG_KU_ENCIPHER_ONLY, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "p256", "", SG_KU_DECIPHER_ONLY, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", 0, "clientAuth", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", KU_DS | KU_KE, "clientAuth", CA_FALSE, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", 0, "", CA_FALSE, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "", 0, "clientAuth serverAuth", NO_BASIC, WIDE, NULL},
    {"CN=dev1", "rsa2048", "", 0, "serverAuth", NO_BASIC, WIDE, NULL},
    {"CN=dev1", "rsa2048", "dns:dev1.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:dev1", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:DESKTOP_1", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:a-b.c--d.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:xn--bcher-kva.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:1.2.3.4.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:" L63 ".example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:" L63 "." L63 "." L63 "." L61, 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "email:a@b.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "email:a.b+c_d-e@b.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "email:o'neil@b", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "upn:dev1@corp.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "upn:J\xc3\xbcrgen@corp.example", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "uri:IntuneDeviceId://0a-1b", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "uri:tag:microsoft.com,2022-09-14:sid:S-1-5-21", 0, "", NO_BASIC, CLIENT,
	NULL},
    {"CN=dev1", "rsa2048", "uri:spiffe://x/y", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "uri:https://a.example/x?y=%20#z", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "uri:urn:uuid:1", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "ip:abcd", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "ip:abcdabcdabcdabcd", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:a;email:a@b;uri:x:y;ip:abcd;upn:a@b", 0, "", NO_BASIC, CLIENT,
	NULL},
    {"CN=dev1", "rsa2048", "dirname:CN=x", 0, "", NO_BASIC, WIDE, NULL},
    {"", "rsa2048", "dns:a.example", 0, "", NO_BASIC, EMPTY, NULL},
    {"", "p256", "upn:a@b.example", 0, "", NO_BASIC, EMPTY, NULL},
    {"CN=dev1", "rsa2048", "", 0, "", NO_BASIC, EMPTY, NULL},
    {"CN=dev1", "rsa2048", "", 0, "", NO_BASIC, RSA_ONLY, NULL},
    {"CN=dev1", "p384", "", 0, "", NO_BASIC, EC_ONLY, NULL},
    {"CN=dev1", "rsa2048", "dns:a;dns:b", 0, "", NO_BASIC, TWO_SANS, NULL},
    {"CN=dev1", "rsa2048", "", 0, "", NO_BASIC, NO_SANS, NULL},
    {"CN=dev1", "rsa3072", "", 0, "", NO_BASIC, RSA_EXACT, NULL},

    /* Keys. */
    {"CN=dev1", "rsa512", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa1024", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa1536", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa2040", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa2047", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa4097", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa4104", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa8192", "", 0, "", NO_BASIC, CLIENT, "request.key-size"},
    {"CN=dev1", "rsa16384", "", 0, "", NO_BASIC, CLIENT, "request.key"},
    {"CN=dev1", "rsa2048", "", 0, "", NO_BASIC, RSA_EXACT, "request.key-size"},
    {"CN=dev1", "rsa4096", "", 0, "", NO_BASIC, RSA_EXACT, "request.key-size"},
    {"CN=dev1", "p256", "", 0, "", NO_BASIC, RSA_ONLY, "request.key-type"},
    {"CN=dev1", "p384", "", 0, "", NO_BASIC, RSA_ONLY, "request.key-type"},
    {"CN=dev1", "p521", "", 0, "", NO_BASIC, RSA_ONLY, "request.key-type"},
    {"CN=dev1", "rsa2048", "", 0, "", NO_BASIC, EC_ONLY, "request.key-type"},
    {"CN=dev1", "p521", "", 0, "", NO_BASIC, EC_ONLY, "request.key-type"},

    /* Subjects. */
    {"", "rsa2048", "", 0, "", NO_BASIC, CLIENT, "request.subject-empty"},
    {"", "rsa2048", "dns:a.example", 0, "", NO_BASIC, CLIENT, "request.subject-empty"},
    {"", "p256", "", 0, "", NO_BASIC, CLIENT, "request.subject-empty"},
    {"", "rsa2048", "", 0, "", NO_BASIC, EMPTY, "request.subject-empty"},
    {"C=FIN, CN=dev1", "rsa2048", "", 0, "", NO_BASIC, CLIENT, "name.country"},
    {"CN=\\ ", "rsa2048", "", 0, "", NO_BASIC, CLIENT, "name.value.empty"},
    {"CN=" L63 "a", "rsa2048", "", 0, "", NO_BASIC, CLIENT, NULL},
    {"CN=" L63 "aa", "rsa2048", "", 0, "", NO_BASIC, CLIENT, "name.cn.length"},
    {"CN=dev1, O=" L63 "aa", "rsa2048", "", 0, "", NO_BASIC, CLIENT, "name.length"},
    {"CN=dev1, O=" L63 "aa", "rsa2048", "", 0, "", NO_BASIC, LONG, NULL},
    {"CN=dev1, DC=" L63 "a", "rsa2048", "", 0, "", NO_BASIC, LONG, "name.dc.length"},
    {"", "rsa2048", "", KU_DS, "clientAuth", CA_FALSE, EMPTY, "request.subject-empty"},

    /* The rights of a CA. */
    {"CN=dev1", "rsa2048", "", 0, "", CA_TRUE, CLIENT, "request.ca"},
    {"CN=dev1", "rsa2048", "", 0, "", CA_PATH, CLIENT, "request.ca"},
    {"CN=dev1", "rsa2048", "", 0, "", PATH_LEN, CLIENT, NULL},
    {"CN=dev1", "p256", "", KU_DS, "clientAuth", CA_TRUE, CLIENT, "request.ca"},
    {"CN=dev1", "rsa2048", "dns:a.example", 0, "", CA_TRUE, WIDE, "request.ca"},
    {"CN=dev1", "rsa2048", "", SG_KU_KEY_CERT_SIGN, "", NO_BASIC, CLIENT, "request.ku"},
    {"CN=dev1", "rsa2048", "", SG_KU_CRL_SIGN, "", NO_BASIC, CLIENT, "request.ku"},
    {"CN=dev1", "rsa2048", "", KU_DS | KU_KE | SG_KU_KEY_CERT_SIGN, "", NO_BASIC, CLIENT,
	"request.ku"},
    {"CN=dev1", "rsa2048", "", KU_DS | SG_KU_CRL_SIGN, "", NO_BASIC, CLIENT, "request.ku"},
    {"CN=dev1", "p256", "", 0x1ff, "", NO_BASIC, CLIENT, "request.ku"},
    {"CN=dev1", "p256", "", SG_KU_KEY_CERT_SIGN | SG_KU_CRL_SIGN, "", CA_FALSE, WIDE, "request.ku"},

    /* Purposes. */
    {"CN=dev1", "rsa2048", "", 0, "serverAuth", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "clientAuth serverAuth", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "any", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "clientAuth any", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "ocsp", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "codeSigning", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "email", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "timeStamping", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "requestAgent", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "smartcard", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "ipsec", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "unknown", NO_BASIC, CLIENT, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "any", NO_BASIC, WIDE, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "ocsp", NO_BASIC, WIDE, "request.eku"},
    {"CN=dev1", "rsa2048", "", 0, "clientAuth serverAuth codeSigning", NO_BASIC, WIDE,
	"request.eku"},

    /* Numbers and types of alternative names. */
    {"CN=dev1", "rsa2048", "dns:a;dns:b;dns:c", 0, "", NO_BASIC, TWO_SANS, "request.san-count"},
    {"CN=dev1", "rsa2048",
	"dns:a;dns:b;dns:c;dns:d;dns:e;dns:f;dns:g;dns:h;dns:i;dns:j;dns:k;dns:l;dns:m;dns:n;"
	"dns:o;dns:p;dns:q;dns:r;dns:s;dns:t",
	0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048",
	"dns:a;dns:b;dns:c;dns:d;dns:e;dns:f;dns:g;dns:h;dns:i;dns:j;dns:k;dns:l;dns:m;dns:n;"
	"dns:o;dns:p;dns:q;dns:r;dns:s;dns:t;dns:u",
	0, "", NO_BASIC, CLIENT, NULL},
    {"CN=dev1", "rsa2048", "dns:a", 0, "", NO_BASIC, NO_SANS, "request.san-type"},
    {"CN=dev1", "rsa2048", "upn:a@b", 0, "", NO_BASIC, NO_SANS, "request.san-type"},
    {"CN=dev1", "rsa2048", "dirname:CN=x", 0, "", NO_BASIC, CLIENT, "request.san-type"},
    {"CN=dev1", "rsa2048", "other:x", 0, "", NO_BASIC, CLIENT, "request.san-type"},
    {"CN=dev1", "rsa2048", "other:x", 0, "", NO_BASIC, WIDE, "request.san-type"},
    {"CN=dev1", "rsa2048", "dns:a.example;other:x", 0, "", NO_BASIC, WIDE, "request.san-type"},
    {"CN=dev1", "rsa2048", "uri:x:y", 0, "", NO_BASIC, TWO_SANS, "request.san-type"},

    /* Broken host names. */
    {"CN=dev1", "rsa2048", "dns:", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:*.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:*", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a*.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a..example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a.example.", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:.", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:-a.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a-.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a.example-", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a b.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a@b.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a/b.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:{{DeviceName}}", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:$HOST.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048",
	"dns:b\xc3\xbc"
	"cher.example",
	0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:a\x1b[31m.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:" L63 "a.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dns:" L63 "." L63 "." L63 "." L61 "a", 0, "", NO_BASIC, CLIENT,
	"request.san"},
    {"CN=dev1", "rsa2048", "dns:good.example;dns:bad..example", 0, "", NO_BASIC, CLIENT,
	"request.san"},

    /* Broken addresses. */
    {"CN=dev1", "rsa2048", "email:", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:@b.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a@", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a@b@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a b@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a,b@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:<a@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:\"a\"@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:\xc3\xa4@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a\n@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:a@*.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:*@c..example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "upn:a", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "upn:@b.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "upn:a@b@c", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "upn:a\\b@c.example", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "upn:a@\xc3\xa4.example", 0, "", NO_BASIC, CLIENT, "request.san"},

    /* Broken URIs and IP addresses. */
    {"CN=dev1", "rsa2048", "uri:", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:noscheme", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri::x", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:x:", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:a b:x", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:http://a b", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:http://{{id}}", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:http://<a>", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:1x:y", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "email:" L63 "aa@b", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "uri:+x:y", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "ip:abc", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "ip:abcde", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "ip:abcdabcd", 0, "", NO_BASIC, CLIENT, "request.san"},
    {"CN=dev1", "rsa2048", "dirname:", 0, "", NO_BASIC, WIDE, "request.san"},

    /* The first reason counts: key, subject, extensions, names. */
    {"", "rsa1024", "dns:*", SG_KU_CRL_SIGN, "any", CA_TRUE, CLIENT, "request.key-size"},
    {"", "rsa2048", "dns:*", SG_KU_CRL_SIGN, "any", CA_TRUE, CLIENT, "request.subject-empty"},
    {"CN=x", "rsa2048", "dns:*", SG_KU_CRL_SIGN, "any", CA_TRUE, CLIENT, "request.ca"},
    {"CN=x", "rsa2048", "dns:*", SG_KU_CRL_SIGN, "any", NO_BASIC, CLIENT, "request.ku"},
    {"CN=x", "rsa2048", "dns:*", 0, "any", NO_BASIC, CLIENT, "request.eku"},
    {"CN=x", "rsa2048", "dns:*", 0, "", NO_BASIC, CLIENT, "request.san"},
};

static struct sg_template
make_template(enum tmpl which)
{
	struct sg_template t;

	sg_template_client(&t);
	switch (which) {
	case CLIENT:
		break;
	case EMPTY:
		t.empty_subject = true;
		break;
	case RSA_ONLY:
		t.key_types = SG_KEYTYPE_BIT(SG_KEY_RSA);
		break;
	case EC_ONLY:
		t.key_types = SG_KEYTYPE_BIT(SG_KEY_P256) | SG_KEYTYPE_BIT(SG_KEY_P384);
		break;
	case WIDE:
		t.eku[t.eku_n++] = SG_OID(eku_server_auth);
		t.san_types = 0xffffffffu;
		break;
	case TWO_SANS:
		t.sans_max = 2;
		t.san_types = SG_SAN_BIT(SG_SAN_DNS);
		break;
	case NO_SANS:
		t.san_types = 0;
		break;
	case LONG:
		t.name_lengths = SG_NAME_LENGTHS_255;
		break;
	case RSA_EXACT:
		t.rsa_min_bits = t.rsa_max_bits = 3072;
		break;
	}
	return t;
}

static void
set_ekus(struct sg_exts *x, const char *words)
{
	static const uint8_t unknown[] = {0x2a, 0x03, 0x04};
	const struct {
		const char *word;
		struct sg_slice oid;
	} known[] = {{"clientAuth", SG_OID(eku_client_auth)},
	    {"serverAuth", SG_OID(eku_server_auth)}, {"any", SG_OID(eku_any)},
	    {"ocsp", SG_OID(eku_ocsp)}, {"codeSigning", SG_OID(eku_code_signing)},
	    {"email", SG_OID(eku_email)}, {"timeStamping", SG_OID(eku_time_stamping)},
	    {"requestAgent", SG_OID(eku_request_agent)}, {"smartcard", SG_OID(eku_smartcard_logon)},
	    {"ipsec", SG_OID(eku_ipsec_ike)}, {"unknown", {unknown, sizeof unknown}}};

	while (*words != '\0') {
		size_t len = strcspn(words, " "), before = x->eku_n;
		for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
			if (strlen(known[i].word) == len && memcmp(known[i].word, words, len) == 0)
				x->eku[x->eku_n++] = known[i].oid;
		assert_int_equal(x->eku_n, before + 1);
		words += len;
		words += *words == ' ';
	}
	x->has_eku = x->eku_n > 0;
}

static void
set_exts(struct sg_exts *x, const struct row *row)
{
	x->has_key_usage = row->key_usage != 0;
	x->key_usage = row->key_usage;
	set_ekus(x, row->ekus);
	x->has_basic = row->basic != NO_BASIC;
	x->ca = row->basic == CA_TRUE || row->basic == CA_PATH;
	if (row->basic == PATH_LEN || row->basic == CA_PATH)
		x->path_len = 0;
}

static void
request_check__table__as_documented(void **state)
{
	(void)state;
	assert_true(sizeof rows / sizeof rows[0] >= 150);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct sg_template t = make_template(row->tmpl);
		struct sg_err err = {.rule = "", .text = ""};
		struct request r;
		request_init(&r, row->subject, row->key, row->sans);
		set_exts(&r.csr.exts, row);
		enum sg_code rc = sg_request_check(&r.csr, &t, &err);
		if (row->rule == NULL && rc != SG_OK)
			fail_msg("row %zu: %s: %s", i, err.rule, err.text);
		if (row->rule != NULL && (rc != SG_E_DENIED || strcmp(err.rule, row->rule) != 0))
			fail_msg("row %zu: want %s, have %d %s %s", i, row->rule, (int)rc, err.rule,
			    err.text);
		for (const char *p = err.text; *p != '\0'; p++)
			assert_true((unsigned char)*p >= 0x20);
		request_clear(&r);
	}
}

static void
request_check_name__too_long__names_the_option_that_helps(void **state)
{
	struct sg_template t = make_template(CLIENT);
	struct sg_err err = {.rule = ""};
	sg_buf_scoped name = {0};

	(void)state;
	put_name(&name, "O=" L63 "aa");
	assert_int_equal(sg_request_check_name(sg_buf_slice(&name), &t, &err), SG_E_LIMIT);
	assert_string_equal(err.rule, "name.length");
	assert_non_null(strstr(err.text, "O: want at most 64 characters, found 65"));
	assert_non_null(strstr(err.text, "'name-lengths: 255' in template 'client'"));
	t.name_lengths = SG_NAME_LENGTHS_255;
	assert_ok(sg_request_check_name(sg_buf_slice(&name), &t, NULL));
	sg_buf_reset(&name);
	put_name(&name, "O=" L63 "aa, DC=" L63 "a");
	t.name_lengths = SG_NAME_LENGTHS_X520;
	assert_int_equal(sg_request_check_name(sg_buf_slice(&name), &t, &err), SG_E_LIMIT);
	assert_null(strstr(err.text, "name-lengths"));
}

/* A refusal that an option would lift names it; one that none would lift says so. */
static void
request_check__limits__name_the_option_or_are_fixed(void **state)
{
	static const struct {
		const char *subject, *key, *sans, *ekus;
		enum tmpl tmpl;
		const char *rule, *says;
	} texts[] = {
	    {"CN=a", "rsa2048", "dns:a;dns:b;dns:c", "", TWO_SANS, "request.san-count",
		"template 'client' takes at most 2; 'sans-max: 3' would allow it"},
	    {"", "p256", "dns:a", "", CLIENT, "request.subject-empty",
		"template 'client' wants one; 'empty-subject: true' would allow it"},
	    {"", "p256", "", "", CLIENT, "request.subject-empty",
		"neither a subject nor a subject alternative name"},
	    {"CN=a", "p256", "dirname:CN=b", "", CLIENT, "request.san-type",
		"does not take this type of name: dirname:CN=b; 'dirname' in its 'sans' would"},
	    {"CN=a", "p256", "email:a@b", "", TWO_SANS, "request.san-type",
		"; 'email' in its 'sans'"},
	    {"CN=a", "p256", "other:x", "", WIDE, "request.san-type",
		"does not take this type of name, and none can: unknown:78"},
	    {"CN=a", "p521", "", "", EC_ONLY, "request.key-type",
		"'p521' in its 'key-types' would allow it"},
	    {"CN=a", "p256", "", "", RSA_ONLY, "request.key-type",
		"'p256' in its 'key-types' would allow it"},
	    {"CN=a", "rsa3072", "", "", EC_ONLY, "request.key-type",
		"'rsa-3072' in its 'key-types' would allow it"},
	    {"CN=a", "rsa1024", "", "", CLIENT, "request.key-size",
		"wants 2048 to 4096; below 2048 and above 4096 no option allows it"},
	    {"CN=a", "p256", "", "serverAuth", CLIENT, "request.eku",
		"'1.3.6.1.5.5.7.3.1' in its 'eku' would give it, 'foreign-eku: ignore' would"},
	    {"CN=a", "p256", "", "any", CLIENT, "request.eku",
		"does not give it; no template can, 'foreign-eku: ignore' would leave it out"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct sg_template t = make_template(texts[i].tmpl);
		struct sg_err err = {.rule = ""};
		struct request r;
		request_init(&r, texts[i].subject, texts[i].key, texts[i].sans);
		set_ekus(&r.csr.exts, texts[i].ekus);
		assert_int_equal(sg_request_check(&r.csr, &t, &err), SG_E_DENIED);
		assert_string_equal(err.rule, texts[i].rule);
		if (strstr(err.text, texts[i].says) == NULL)
			fail_msg("row %zu: %s", i, err.text);
		request_clear(&r);
	}
}

/* By its type; what cannot be text is refused although the type is given. */
static void
request_check__other_name__by_its_type(void **state)
{
	static const uint8_t type[] = {0x2a, 0x03};
	static const struct {
		const char *text, *rule, *says;
	} names[] = {
	    {"other:1.2.3:a", NULL, NULL},
	    {"other:1.2.3:#30050c03616263", NULL, NULL},
	    {"other:1.2.3:#0c0100", "request.san", "not well-formed DER"},
	    {"other:1.2.4:a", "request.san-type", "'other:1.2.4' in its 'sans' would allow it"},
	    {"rid:1.2.3", "request.san-type", "'rid' in its 'sans' would allow it"},
	};
	struct sg_template t = make_template(CLIENT);

	(void)state;
	t.san_others[t.san_others_n++] = sg_slice(type, sizeof type);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		uint8_t store[SG_SAN_LEN_MAX];
		struct sg_err err = {.rule = ""};
		struct request r;
		request_init(&r, "CN=dev1", "p256", "");
		assert_ok(sg_san_from_text(
		    sg_slice_str(names[i].text), &r.csr.exts.sans.item[0], store, NULL));
		r.csr.exts.sans.n = 1;
		enum sg_code rc = sg_request_check(&r.csr, &t, &err);
		assert_int_equal(rc, names[i].rule == NULL ? SG_OK : SG_E_DENIED);
		if (names[i].rule != NULL) {
			assert_string_equal(err.rule, names[i].rule);
			assert_non_null(strstr(err.text, names[i].says));
		}
		request_clear(&r);
	}
}

static void
request_check__foreign_eku__ignored_where_the_template_says_so(void **state)
{
	struct sg_template t = make_template(CLIENT);
	struct request r;

	(void)state;
	t.foreign_eku = SG_FOREIGN_EKU_IGNORE;
	request_init(&r, "CN=dev1", "p256", "");
	set_ekus(&r.csr.exts, "clientAuth");
	assert_ok(sg_request_check(&r.csr, &t, NULL));
	assert_false(sg_request_leaves_eku_out(&r.csr, &t));
	r.csr.exts.eku_n = 0;
	set_ekus(&r.csr.exts, "clientAuth any");
	assert_ok(sg_request_check(&r.csr, &t, NULL));
	assert_true(sg_request_leaves_eku_out(&r.csr, &t));
	/* More than are read: one of those that are is none of the template's. */
	for (r.csr.exts.eku_n = 0; r.csr.exts.eku_n < SG_EKUS_MAX + 1;)
		r.csr.exts.eku[r.csr.exts.eku_n++] = SG_OID(eku_any);
	assert_ok(sg_request_check(&r.csr, &t, NULL));
	assert_true(sg_request_leaves_eku_out(&r.csr, &t));
	/* What makes a certificate more than a device's stays refused. */
	r.csr.exts.has_basic = r.csr.exts.ca = true;
	assert_rule(sg_request_check(&r.csr, &t, err), SG_E_DENIED, "request.ca");
	request_clear(&r);
}

static void
request_check__sid_and_unknown_extensions__ignored(void **state)
{
	struct sg_template t = make_template(CLIENT);
	struct request r;

	(void)state;
	request_init(&r, "CN=dev1", "p256", "");
	r.csr.exts.has_sid = true;
	r.csr.exts.unknown_critical = true;
	assert_ok(sg_request_check(&r.csr, &t, NULL));
	request_clear(&r);
}

static enum sg_code
check_spki(struct sg_buf *spki, struct sg_err *err)
{
	enum sg_keytype type = SG_KEY_NONE;
	unsigned bits = 0;
	enum sg_code rc = sg_request_key(sg_buf_slice(spki), &type, &bits, err);

	if (rc != SG_OK) {
		assert_int_equal(type, SG_KEY_NONE);
		assert_int_equal(bits, 0);
	}
	sg_buf_clear(spki);
	return rc;
}

static void
request_key__weak_exponents__refused(void **state)
{
	static const uint8_t zero[] = {0}, one[] = {1}, two[] = {2}, three[] = {3}, five[] = {5},
			     big_even[] = {1, 0, 2}, wide[] = {0xff, 0xff, 0xff, 0xff},
			     too_wide[] = {1, 0, 0, 0, 1};
	static const struct {
		const uint8_t *e;
		size_t len;
		const char *said; /* NULL: good */
	} exps[] = {{zero, 1, "exponent is even"}, {one, 1, "exponent is 1"},
	    {two, 1, "exponent is even"}, {three, 1, NULL}, {five, 1, NULL},
	    {big_even, 3, "exponent is even"}, {wide, 4, NULL},
	    {too_wide, 5, "exponent of 33 bits: want at most 32"}};
	uint8_t n[256];
	size_t len = make_modulus(n, 2048);

	(void)state;
	for (size_t i = 0; i < sizeof exps / sizeof exps[0]; i++) {
		struct sg_buf spki = {0};
		put_rsa(&spki, sg_slice(n, len), sg_slice(exps[i].e, exps[i].len));
		struct sg_err e = {.rule = ""};
		enum sg_code rc = check_spki(&spki, &e);
		assert_int_equal(rc, exps[i].said == NULL ? SG_OK : SG_E_DENIED);
		if (exps[i].said == NULL)
			continue;
		assert_string_equal(e.rule, "request.key-weak");
		assert_non_null(strstr(e.text, exps[i].said));
	}
}

static void
request_key__modulus_with_small_factor__refused(void **state)
{
	static const uint8_t e[] = {1, 0, 1};
	static const unsigned primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
	uint8_t n[256];
	size_t len = make_modulus(n, 2048);

	(void)state;
	for (size_t i = 0; i < sizeof primes / sizeof primes[0]; i++) {
		struct sg_buf spki = {0};
		uint8_t bad[256];
		memcpy(bad, n, len);
		/* Two up keeps it odd, except for the prime 2. */
		while (rest_of(bad, len, primes[i]) != 0) {
			unsigned low = (unsigned)bad[len - 2] << 8 | bad[len - 1];
			low += primes[i] == 2 ? 1 : 2;
			bad[len - 2] = (uint8_t)(low >> 8);
			bad[len - 1] = (uint8_t)low;
		}
		put_rsa(&spki, sg_slice(bad, len), sg_slice(e, sizeof e));
		assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key-weak");
	}
}

static void
request_key__curves_and_points__refused(void **state)
{
	static const uint8_t secp256k1[] = {0x2b, 0x81, 0x04, 0x00, 0x0a};
	struct sg_buf spki = {0};

	(void)state;
	put_ec(&spki, sg_slice(secp256k1, sizeof secp256k1), 65, 4);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key-type");
	put_ec(&spki, SG_OID(p256), 64, 4);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key");
	put_ec(&spki, SG_OID(p256), 33, 2);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key");
	put_ec(&spki, SG_OID(p256), 65, 2);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key");
	put_ec(&spki, SG_OID(p256), 97, 4);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key");
	put_ec(&spki, SG_OID(p256), 0, 4);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key");
}

static void
request_key__other_types__refused(void **state)
{
	static const uint8_t ed25519[] = {0x2b, 0x65, 0x70};
	struct sg_buf spki = {0};

	(void)state;
	size_t seq = sg_derw_begin(&spki, SG_DER_SEQUENCE);
	size_t alg = sg_derw_begin(&spki, SG_DER_SEQUENCE);
	sg_derw_oid(&spki, sg_slice(ed25519, sizeof ed25519));
	sg_derw_end(&spki, alg);
	sg_derw_bits(&spki, sg_slice("0123456789abcdef0123456789abcdef", 32));
	sg_derw_end(&spki, seq);
	assert_rule(check_spki(&spki, err), SG_E_DENIED, "request.key-type");
}

static void
request_key__every_prefix__refused(void **state)
{
	static const char *const kinds[] = {"rsa2048", "p256"};
	enum sg_keytype type;
	unsigned bits;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sg_buf_scoped spki = {0};
		put_key(&spki, kinds[i]);
		assert_ok(sg_request_key(sg_buf_slice(&spki), &type, &bits, NULL));
		for (size_t n = 0; n < spki.len; n++)
			assert_rule(sg_request_key(sg_slice(spki.p, n), &type, &bits, err),
			    SG_E_DENIED, "request.key");
		sg_buf_put_u8(&spki, 0);
		assert_rule(sg_request_key(sg_buf_slice(&spki), &type, &bits, err), SG_E_DENIED,
		    "request.key");
	}
}

static void
request_key__good_keys__type_and_size(void **state)
{
	static const struct {
		const char *kind;
		enum sg_keytype type;
		unsigned bits;
	} keys[] = {{"rsa2048", SG_KEY_RSA, 2048}, {"rsa2047", SG_KEY_RSA, 2047},
	    {"rsa2049", SG_KEY_RSA, 2049}, {"p256", SG_KEY_P256, 256}, {"p384", SG_KEY_P384, 384},
	    {"p521", SG_KEY_P521, 521}};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		sg_buf_scoped spki = {0};
		enum sg_keytype type = SG_KEY_NONE;
		unsigned bits = 0;
		put_key(&spki, keys[i].kind);
		assert_ok(sg_request_key(sg_buf_slice(&spki), &type, &bits, NULL));
		assert_int_equal(type, keys[i].type);
		assert_int_equal(bits, keys[i].bits);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_check__table__as_documented),
	    cmocka_unit_test(request_check_name__too_long__names_the_option_that_helps),
	    cmocka_unit_test(request_check__limits__name_the_option_or_are_fixed),
	    cmocka_unit_test(request_check__other_name__by_its_type),
	    cmocka_unit_test(request_check__foreign_eku__ignored_where_the_template_says_so),
	    cmocka_unit_test(request_check__sid_and_unknown_extensions__ignored),
	    cmocka_unit_test(request_key__weak_exponents__refused),
	    cmocka_unit_test(request_key__modulus_with_small_factor__refused),
	    cmocka_unit_test(request_key__curves_and_points__refused),
	    cmocka_unit_test(request_key__other_types__refused),
	    cmocka_unit_test(request_key__every_prefix__refused),
	    cmocka_unit_test(request_key__good_keys__type_and_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
