/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rows.c - the schema: a row per option, the words of each, and the rules of the check
 */

#include "base/limits.h"
#include "conf/schema.h"
#include "policy/renewal.h"
#include "x509/bounds.h"
#include "x509/san.h"
#include "x509/template.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define LIST_MAX SG_CONF_ITEMS_MAX

#define AT(field) offsetof(struct sg_conf, field)
#define AT_TEMPLATE(field) offsetof(struct sg_conf_template, field)
#define AT_ENDPOINT(field) offsetof(struct sg_conf_endpoint, field)
#define AT_EARLIER(field) offsetof(struct sg_conf_earlier, field)
#define AT_TLS(field) offsetof(struct sg_conf_tls, field)

static const struct sg_conf_word policy_words[] = {
#define ROW(number, file, word, text) {word, SG_POLICY_##number, NULL},
    SG_POLICY_ROWS(ROW)
#undef ROW
	{"order", 0, "it comes in a later version; write one-time or static"},
    {"webhook", 0, "it comes in a later version; write one-time or static"},
    {"intune", 0, "it comes in a later version; write one-time or static"},
    {"approval", 0, "it comes in a later version; write one-time or static"},
    {NULL, 0, NULL},
};

static const struct sg_conf_word sandbox_words[] = {
    {"auto", SG_CONF_SANDBOX_AUTO, NULL},
    {"required", SG_CONF_SANDBOX_REQUIRED, NULL},
    {"off", SG_CONF_SANDBOX_OFF, NULL},
    {NULL, 0, NULL},
};

static const struct sg_conf_word profile_words[] = {
    {"standard", SG_CONF_PROFILE_STANDARD, NULL},
    {"strict", SG_CONF_PROFILE_STRICT, NULL},
    {"ndes", SG_CONF_PROFILE_NDES, NULL},
    {"cisco", SG_CONF_PROFILE_CISCO, NULL},
    {NULL, 0, NULL},
};

static const struct sg_conf_word allow_words[] = {
    {"sha1", SG_CONF_ALLOW_SHA1, NULL},
    {"des3", SG_CONF_ALLOW_DES3, NULL},
    {"des", 0, "single DES is broken by anyone within a day; update the client"},
    {"md5", 0, "MD5 signatures can be forged; update the client"},
    {NULL, 0, NULL},
};

static const struct sg_conf_word key_usage_words[] = {
    {"digitalSignature", 1u << 0, NULL},
    {"nonRepudiation", 1u << 1, NULL},
    {"keyEncipherment", 1u << 2, NULL},
    {"dataEncipherment", 1u << 3, NULL},
    {"keyAgreement", 1u << 4, NULL},
    {"keyCertSign", 0, "a device would be a certification authority; remove it"},
    {"cRLSign", 0, "a device could revoke certificates of others; remove it"},
    {"encipherOnly", 0, "it narrows keyAgreement in ways that no client checks; remove it"},
    {"decipherOnly", 0, "it narrows keyAgreement in ways that no client checks; remove it"},
    {NULL, 0, NULL},
};

static const struct sg_conf_word key_type_words[] = {
    {"rsa-2048", SG_CONF_KEY_RSA2048, NULL},
    {"rsa-3072", SG_CONF_KEY_RSA3072, NULL},
    {"rsa-4096", SG_CONF_KEY_RSA4096, NULL},
    {"p256", SG_CONF_KEY_P256, NULL},
    {"p384", SG_CONF_KEY_P384, NULL},
    {"p521", SG_CONF_KEY_P521, NULL},
    {"rsa-1024", 0, "RSA below 2048 bits is too short; remove it"},
    {NULL, 0, NULL},
};

static const struct sg_conf_word san_words[] = {
    {"dns", SG_SAN_BIT(SG_SAN_DNS), NULL},
    {"email", SG_SAN_BIT(SG_SAN_EMAIL), NULL},
    {"uri", SG_SAN_BIT(SG_SAN_URI), NULL},
    {"ip", SG_SAN_BIT(SG_SAN_IP), NULL},
    {"upn", SG_SAN_BIT(SG_SAN_UPN), NULL},
    {"dirname", SG_SAN_BIT(SG_SAN_DIRNAME), NULL},
    {"rid", SG_SAN_BIT(SG_SAN_RID), NULL},
    {NULL, 0, NULL},
};

static const struct sg_conf_word hash_words[] = {
    {"sha256", SG_HASH_SHA256, NULL},
    {"sha384", SG_HASH_SHA384, NULL},
    {"sha512", SG_HASH_SHA512, NULL},
    {"sha1", 0, "certificates signed over SHA-1 can be forged; write sha256"},
    {"md5", 0, "certificates signed over MD5 can be forged; write sha256"},
    {NULL, 0, NULL},
};

static const struct sg_conf_word lengths_words[] = {
    {"x520", SG_NAME_LENGTHS_X520, NULL},
    {"255", SG_NAME_LENGTHS_255, NULL},
    {NULL, 0, NULL},
};

static const struct sg_conf_word foreign_eku_words[] = {
    {"refuse", SG_FOREIGN_EKU_REFUSE, NULL},
    {"ignore", SG_FOREIGN_EKU_IGNORE, NULL},
    {NULL, 0, NULL},
};

static const struct sg_conf_word renewal_sans_words[] = {
    {"same", SG_RENEWAL_SANS_SAME, NULL},
    {"keep", SG_RENEWAL_SANS_KEEP, NULL},
    {NULL, 0, NULL},
};

const struct sg_conf_row sg_conf_rows[] = {
    {.path = "site",
	.type = SG_CONF_T_TEXT,
	.off = AT(site),
	.min = 1,
	.max = 64,
	.def = "Signet",
	.example = "Example",
	.text = "The name of this installation in outputs, so that two of them can be told "
		"apart."},
    {.path = "data",
	.type = SG_CONF_T_PATH,
	.off = AT(data),
	.def = ".",
	.file = SG_CONF_FILE_DIRECTORY,
	.text = "The directory of the databases and control sockets; only the roles that own "
		"them may read it."},
    {.path = "users",
	.type = SG_CONF_T_INT,
	.off = AT(users),
	.min = 1000,
	.max = 65500,
	.def = "64100",
	.text = "The first numeric user of the roles when started as root: each role has its own, "
		"counted from here, so that owning one gives no file of another; none needs an "
		"entry in passwd, and nobody else may use them."},
    {.path = "sandbox",
	.type = SG_CONF_T_WORD,
	.off = AT(sandbox),
	.words = sandbox_words,
	.def = "auto",
	.text = "What the kernel forbids each role beyond what its user may not do (Landlock and "
		"seccomp): auto takes what the kernel has and warns about the rest, required does "
		"not start without all of it, off is for debuggers."},

    {.path = "front",
	.type = SG_CONF_T_SECTION,
	.written = true,
	.text = "What devices reach: with this section the role front runs here."},
    {.path = "front.listen",
	.type = SG_CONF_T_LISTENS,
	.written = true,
	.off = AT(front.listen),
	.min = 1,
	.max = SG_CONF_LISTEN_MAX,
	.example = "[127.0.0.1:8080]",
	.file = SG_CONF_FILE_LISTENER,
	.to = "front",
	.text = "The addresses to listen on, numeric because a name would make the start depend "
		"on DNS; IPv6 as \"[::1]:8080\", in quotes. It may be left out where "
		"`front.listen-https` has an address."},
    {.path = "front.listen-https",
	.type = SG_CONF_T_LISTENS,
	.off = AT(front.listen_https),
	.min = 1,
	.max = SG_CONF_LISTEN_MAX,
	.example = "[127.0.0.1:8443]",
	.file = SG_CONF_FILE_LISTENER,
	.to = "front",
	.text = "The addresses to listen on with TLS 1.2 or 1.3: the same URLs, limits and access "
		"log as by HTTP. SCEP does not need it, for its messages are signed and encrypted "
		"by themselves; some clients take nothing but https, and it hides which device "
		"asks. The certificate is in `front.tls`."},
    {.path = "front.tls",
	.type = SG_CONF_T_ITEMS,
	.off = AT(front.tls),
	.size = sizeof(struct sg_conf_tls),
	.min = 0,
	.max = SG_TLS_PAIRS_MAX,
	.def = "[]",
	.example = "[{certificate: tls/fullchain.pem, key: tls/privkey.pem}]",
	.text =
	    "The certificates for HTTPS. A client that names the server (SNI) gets the one that "
	    "has this name, or `*.` and the rest of it, and is refused when none has; one that "
	    "names none, as with an address in its URL, gets the first. Of one name there may "
	    "be one with an RSA key and one with an elliptic-curve key. New ones under the "
	    "same names of files are used within seconds, without a connection lost."},
    {.path = "front.tls.*.certificate",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT_TLS(certificate),
	.example = "tls/fullchain.pem",
	.file = SG_CONF_FILE_TLS_CERTIFICATE,
	.to = "front",
	.text =
	    "The server's certificate and after it those above it, each one signed by the next, "
	    "the root left out: PEM, as `fullchain.pem` of ACME clients is."},
    {.path = "front.tls.*.key",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT_TLS(key),
	.example = "tls/privkey.pem",
	.file = SG_CONF_FILE_TLS_KEY,
	.to = "front",
	.text = "Its private key, PEM without a passphrase, as `privkey.pem` of ACME clients is; "
		"the only key that the role front holds, and never that of the CA or the RA."},
    {.path = "front.access-log",
	.type = SG_CONF_T_PATH,
	.off = AT(front.access_log),
	.written = true,
	.example = "log/access.log",
	.file = SG_CONF_FILE_LOG,
	.to = "front",
	.text = "The access log in W3C extended format, as IIS writes it, so that tools for NDES "
		"read it; without this option there is none."},
    {.path = "front.access-log-size",
	.type = SG_CONF_T_INT,
	.off = AT(front.access_log_size),
	.min = 1,
	.max = 65536,
	.def = "64",
	.text = "How many MiB the access log may have: then it becomes access.log.1, that one "
		"access.log.2 and so on, and a new one is begun. It never grows beyond, so that "
		"nobody fills the disk."},
    {.path = "front.access-log-keep",
	.type = SG_CONF_T_INT,
	.off = AT(front.access_log_keep),
	.min = 0,
	.max = 1000,
	.def = "3",
	.text = "How many older access logs stay; with the defaults all of them have 256 MiB."},
    {.path = "front.refusals-per-second",
	.type = SG_CONF_T_INT,
	.off = AT(front.refusals_per_second),
	.min = 0,
	.max = 1000000,
	.def = "20",
	.text =
	    "How many requests of one address (IPv6: of one /64) may be refused each second, "
	    "ten seconds' worth at once; each costs an RSA operation. Requests that succeed do "
	    "not count. An address that had more is answered with 503. Behind it (NAT) a device "
	    "whose last message succeeded is served all the same, and new ones share a second "
	    "budget of the same size. A /24 has 8 times as many, a /16 32 times; a /56 twice, a "
	    "/48 8 times, a /32 64 times. 0 is no limit; behind a proxy name it in "
	    "front.trusted-proxies instead."},
    {.path = "front.connections-per-address",
	.type = SG_CONF_T_INT,
	.off = AT(front.connections_per_address),
	.min = 0,
	.max = SG_HTTP_CONNS_MAX,
	.def = "64",
	.text = "How many connections one address (IPv6: one /64) may have open at once; one more "
		"is answered with 503 and closed, so that nobody has all places. Many devices "
		"behind one address that keep their connections may need more. Trusted proxies "
		"have no limit, and 0 is none for anybody."},
    {.path = "front.trusted-proxies",
	.type = SG_CONF_T_NETS,
	.off = AT(front.trusted_proxies),
	.max = LIST_MAX,
	.example = "[10.0.0.5, \"2001:db8::/64\"]",
	.text =
	    "Proxies and load balancers in front of this server, as addresses or networks. From "
	    "them, and nobody else, X-Forwarded-For says whose request it is: of all "
	    "addresses in it the right-most that is none of these has the budgets, the line "
	    "in the access log, the events and the trace. Where there is none, or a word stands "
	    "to the right of it, the proxy's own counts. Name only hosts that "
	    "append to this field or write it anew: what they pass on is believed."},

    {.path = "ca",
	.type = SG_CONF_T_SECTION,
	.needed_by = "registrar",
	.written = true,
	.text = "The issuing certification authority: with this section the role ca runs here. It "
		"can be the only one: then it keeps and publishes what was issued before."},
    {.path = "ca.certificate",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT(ca.certificate),
	.example = "ca/ca.pem",
	.file = SG_CONF_FILE_CERTIFICATE,
	.to = "registrar ca",
	.text = "The issuing certificate, PEM."},
    {.path = "ca.key",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT(ca.key),
	.example = "ca/ca.key",
	.file = SG_CONF_FILE_KEY,
	.to = "ca",
	.certificate = "ca.certificate",
	.text = "Its private key, PEM; only the role ca ever holds it."},
    {.path = "ca.chain",
	.type = SG_CONF_T_PATHS,
	.off = AT(ca.chain),
	.min = 0,
	.max = SG_CHAIN_MAX,
	.def = "[]",
	.example = "[ca/root.pem]",
	.file = SG_CONF_FILE_CERTIFICATE,
	.to = "registrar",
	.text = "The certificates above the issuing one, up to the root, each a PEM file; devices "
		"get them with it, because most cannot fetch them."},
    {.path = "ca.crl",
	.type = SG_CONF_T_PATH,
	.off = AT(ca.crl),
	.def = "pub/ca.crl",
	.file = SG_CONF_FILE_PUBLISHED,
	.to = "ca",
	.text = "Where the revocation list is published; it is replaced by renaming, so that a "
		"reader never sees half of it."},
    {.path = "ca.crl-validity",
	.type = SG_CONF_T_DURATION,
	.off = AT(ca.crl_validity_s),
	.min = HOUR,
	.max = YEAR,
	.def = "7d",
	.text = "How long a revocation list is valid (nextUpdate): longer survives longer outages "
		"of the CA, shorter makes a revocation known earlier."},
    {.path = "ca.cdp-url",
	.type = SG_CONF_T_URL,
	.off = AT(ca.cdp_url),
	.example = "http://pki.example/ca.crl",
	.text = "Where relying parties find that list; only when it is set do certificates carry "
		"a CRL distribution point, because one that does not answer makes clients fail."},
    {.path = "ca.aia-url",
	.type = SG_CONF_T_URL,
	.off = AT(ca.aia_url),
	.example = "http://pki.example/ca.cer",
	.text = "Where relying parties find the issuing certificate (caIssuers); only when it is "
		"set do certificates carry it."},
    {.path = "ca.earlier",
	.type = SG_CONF_T_ITEMS,
	.off = AT(ca.earlier),
	.size = sizeof(struct sg_conf_earlier),
	.min = 0,
	.max = SG_CONF_EARLIER_MAX,
	.def = "[]",
	.example = "[{key: ca/old.key, certificate: ca/old.pem}]",
	.text = "The CA keys that this installation had before: what they signed can only be "
		"revoked on lists that they sign, one for each, published beside `ca.crl`. Keep "
		"one here until all that it signed has ended."},
    {.path = "ca.earlier.*.certificate",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT_EARLIER(certificate),
	.example = "ca/old.pem",
	.file = SG_CONF_FILE_CERTIFICATE,
	.to = "ca",
	.text = "The certificate of an earlier key, PEM; its list is published as the name of "
		"`ca.crl` with the first 8 digits of its key identifier: `pub/ca-1a2b3c4d.crl`."},
    {.path = "ca.earlier.*.key",
	.type = SG_CONF_T_PATH,
	.off = AT_EARLIER(key),
	.example = "ca/old.key",
	.file = SG_CONF_FILE_EARLIER_KEY,
	.to = "ca",
	.text = "That private key, PEM. Without it the key is gone for good: what it signed "
		"cannot be revoked any more, and a new key under the old name may begin."},

    {.path = "registrar",
	.type = SG_CONF_T_SECTION,
	.needed_by = "front",
	.written = true,
	.text = "What decides about requests: with this section the role registrar runs here."},
    {.path = "registrar.challenge-key",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT(registrar.challenge_key),
	.example = "keys/challenge.key",
	.file = SG_CONF_FILE_SECRET,
	.to = "registrar",
	.text = "A file of exactly 32 random bytes with which challenges are hashed, so that a "
		"stolen database gives none away."},
    {.path = "registrar.events-keep",
	.type = SG_CONF_T_INT,
	.off = AT(registrar.events_keep),
	.min = 1000,
	.max = 100000000,
	.def = "250000",
	.text =
	    "How many refusals stay, of 512 bytes of text each on average at most, and how many "
	    "failed transactions: strangers cause them, and every one beyond makes an older "
	    "one go, one of the same address when it has more than a thousandth of them. "
	    "Certificates and their transactions always stay."},

    {.path = "ra",
	.type = SG_CONF_T_SECTION,
	.needed_by = "registrar",
	.written = true,
	.text = "The registration authority: devices encrypt requests to it, it signs answers. "
		"With this section the role keyd runs here, which holds its key."},
    {.path = "ra.certificate",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT(ra.certificate),
	.example = "ra/ra.pem",
	.file = SG_CONF_FILE_CERTIFICATE,
	.to = "registrar",
	.text = "Its certificate, PEM; it goes first in the answer to GetCACert."},
    {.path = "ra.key",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT(ra.key),
	.example = "ra/ra.key",
	.file = SG_CONF_FILE_KEY,
	.to = "keyd",
	.certificate = "ra.certificate",
	.text = "Its private key, PEM; only the role keyd ever holds it."},
    {.path = "ra.reject-secret",
	.type = SG_CONF_T_PATH,
	.required = true,
	.off = AT(ra.reject_secret),
	.example = "keys/unwrap.key",
	.file = SG_CONF_FILE_SECRET,
	.to = "keyd",
	.text = "A file of exactly 32 random bytes from which the substitute for a key that does "
		"not unwrap is made, so that an answer never tells whether it did."},

    {.path = "templates",
	.type = SG_CONF_T_NAMED,
	.needed_by = "endpoints",
	.written = true,
	.off = AT(templates),
	.size = sizeof(struct sg_conf_template),
	.min = 1,
	.max = SG_CONF_SECTIONS_MAX,
	.example = "client",
	.text = "What certificates look like; at least one."},
    {.path = "templates.*.validity",
	.type = SG_CONF_T_DURATION,
	.off = AT_TEMPLATE(validity_s),
	.min = HOUR,
	.max = 10 * YEAR,
	.def = "365d",
	.text = "How long a certificate is valid, never beyond its issuer; short ones need no "
		"revocation, but a device must be on line to renew."},
    {.path = "templates.*.key-usage",
	.type = SG_CONF_T_FLAGS,
	.off = AT_TEMPLATE(key_usage),
	.min = 1,
	.max = LIST_MAX,
	.words = key_usage_words,
	.def = "[digitalSignature, keyEncipherment]",
	.text = "The key usages of the certificate, whatever the request asks for."},
    {.path = "templates.*.eku",
	.type = SG_CONF_T_EKUS,
	.off = AT_TEMPLATE(eku),
	.min = 1,
	.max = SG_EKUS_MAX,
	.def = "[clientAuth]",
	.text = "The extended key usages of the certificate, words or dotted OIDs; at least one, "
		"because a certificate without any is good for every purpose."},
    {.path = "templates.*.key-types",
	.type = SG_CONF_T_FLAGS,
	.off = AT_TEMPLATE(key_types),
	.min = 1,
	.max = LIST_MAX,
	.words = key_type_words,
	.def = "[rsa-2048, rsa-3072, rsa-4096, p256, p384]",
	.text = "The kinds of key that a request may bring."},
    {.path = "templates.*.sans",
	.type = SG_CONF_T_KINDS,
	.off = AT_TEMPLATE(sans),
	.min = 0,
	.max = LIST_MAX,
	.words = san_words,
	.def = "[dns, email, uri, ip, upn]",
	.text = "The kinds of subject alternative name that the certificate may take over from an "
		"approved request; a request with another kind is refused. dirname is a "
		"directoryName, rid a registeredID, other:1.2.3 an otherName of the type with that "
		"OID (at most 16 types). A type that is more than a name to its readers, such as "
		"an account, belongs here only where each challenge says its value. Patterns of "
		"policy static have the first five kinds."},
    {.path = "templates.*.sans-max",
	.type = SG_CONF_T_INT,
	.commented = true,
	.off = AT_TEMPLATE(sans_max),
	.min = 1,
	.max = SG_SANS_MAX,
	.def = "100",
	.text = "How many subject alternative names a certificate may have; repeated ones count "
		"once. No certificate has more than 100, and subject and names together have at "
		"most 10 KiB."},
    {.path = "templates.*.empty-subject",
	.type = SG_CONF_T_BOOL,
	.commented = true,
	.off = AT_TEMPLATE(empty_subject),
	.def = "false",
	.text =
	    "Whether a request may have no subject where it has alternative names: they are then "
	    "critical in the certificate (RFC 5280 4.2.1.6), which old programs do not verify. "
	    "Patterns of policy static never fit an empty subject."},
    {.path = "templates.*.foreign-eku",
	.type = SG_CONF_T_WORD,
	.commented = true,
	.off = AT_TEMPLATE(foreign_eku),
	.words = foreign_eku_words,
	.def = "refuse",
	.text = "What becomes of a request for an extended key usage that the template does not "
		"give: refuse says so at once; ignore leaves it out, and the certificate may then "
		"be no good for what the device wants it for. `signet trace` shows that one was "
		"left out."},
    {.path = "templates.*.hash",
	.type = SG_CONF_T_WORD,
	.off = AT_TEMPLATE(hash),
	.words = hash_words,
	.def = "sha256",
	.text = "The hash under the certificate's signature."},
    {.path = "templates.*.name-lengths",
	.type = SG_CONF_T_WORD,
	.off = AT_TEMPLATE(name_lengths),
	.words = lengths_words,
	.def = "x520",
	.text = "How long an attribute of the subject may be, in characters: x520 is the bound of "
		"X.520 and RFC 5280 for each (CN, O, OU and title 64; L and ST 128), which "
		"programs rely on; 255 allows up to 255 for directories that have longer names. A "
		"country has two letters in either."},

    {.path = "endpoints",
	.type = SG_CONF_T_NAMED,
	.needed_by = "front registrar",
	.written = true,
	.off = AT(endpoints),
	.size = sizeof(struct sg_conf_endpoint),
	.min = 1,
	.max = SG_CONF_SECTIONS_MAX,
	.example = "default",
	.text = "The SCEP servers: `default` answers at /scep and at the paths of NDES, any other "
		"at /scep/NAME; at least one."},
    {.path = "endpoints.*.policy",
	.type = SG_CONF_T_WORD,
	.required = true,
	.off = AT_ENDPOINT(policy),
	.words = policy_words,
	.example = "one-time",
	.text = "How a request proves that it is wanted: with a challenge made for it (one-time) "
		"or with one secret for many devices (static); there is no default, because "
		"nothing is issued by accident."},
    {.path = "endpoints.*.template",
	.type = SG_CONF_T_NAME,
	.required = true,
	.off = AT_ENDPOINT(template),
	.example = "client",
	.text = "The template of its certificates."},
    {.path = "endpoints.*.profile",
	.type = SG_CONF_T_WORD,
	.off = AT_ENDPOINT(profile),
	.words = profile_words,
	.def = "standard",
	.text = "The habits of the clients: standard is RFC 8894 with the tolerance that the field "
		"needs, strict is without it, cisco adds the CA's certificate to answers, ndes is "
		"for clients of Windows servers and as yet the same as standard."},
    {.path = "endpoints.*.allow",
	.type = SG_CONF_T_FLAGS,
	.off = AT_ENDPOINT(allow),
	.min = 0,
	.max = LIST_MAX,
	.words = allow_words,
	.def = "[]",
	.example = "[sha1, des3]",
	.text = "Old algorithms that its clients still need; they are weak, so none is on by "
		"itself. des3: messages may be encrypted with 3DES. sha1: GetCACaps offers SHA-1, "
		"and queries may be signed over it. An enrolment that a challenge decides is "
		"accepted over SHA-1 in any case, except with profile strict; a renewal never is."},
    {.path = "endpoints.*.challenge-file",
	.type = SG_CONF_T_PATH,
	.off = AT_ENDPOINT(challenge_file),
	.example = "keys/static.challenge",
	.file = SG_CONF_FILE_CHALLENGE,
	.to = "registrar",
	.text = "The file with the secret of policy static, required there and refused "
		"elsewhere."},
    {.path = "endpoints.*.subjects",
	.type = SG_CONF_T_SUBJECTS,
	.off = AT_ENDPOINT(subjects),
	.min = 0,
	.max = LIST_MAX,
	.def = "[]",
	.example = "[\"CN=*.dev.example, O=Test\"]",
	.text = "Patterns of the subjects that policy static gives, required there because a "
		"leaked secret would otherwise give any name; in quotes. One '*' in a CN stands "
		"for letters and digits of ASCII, '-' and '_', one or more; what else it may stand "
		"for is written out in braces after it: \"CN=*{. }-kiosk\" allows '.' and the "
		"space, too, and \"CN=*{\\\\,}-kiosk\" the comma, which a name writes with '\\' "
		"and YAML's quotes double."},
    {.path = "endpoints.*.sans",
	.type = SG_CONF_T_SANS,
	.off = AT_ENDPOINT(sans),
	.min = 0,
	.max = LIST_MAX,
	.def = "[]",
	.example = "[\"dns:*.dev.example\"]",
	.text =
	    "Patterns of the alternative names that policy static gives, a kind and a name; '*' is "
	    "the first label in dns:, the part before '@' in email: and upn: (with '+', and '.' "
	    "inside), a part after the scheme in uri:, always of letters and digits of ASCII, '-' "
	    "and '_'; a name that none fits is refused."},
    {.path = "endpoints.*.renewal",
	.type = SG_CONF_T_BOOL,
	.off = AT_ENDPOINT(renewal),
	.def = "true",
	.text = "Whether a certificate of this endpoint may renew itself without a challenge."},
    {.path = "endpoints.*.renewal-grace",
	.type = SG_CONF_T_DURATION,
	.off = AT_ENDPOINT(renewal_grace_s),
	.min = 0,
	.max = YEAR,
	.def = "0d",
	.text = "How long after its end a certificate may still renew itself: a device that was "
		"off comes back, but so does one that was stolen."},
    {.path = "endpoints.*.renewal-window",
	.type = SG_CONF_T_DURATION,
	.commented = true,
	.off = AT_ENDPOINT(renewal_window_s),
	.min = 0,
	.max = 10 * YEAR,
	.def = "0d",
	.example = "60d",
	.text = "How long before its end a certificate may renew itself at the earliest; 0d is "
		"any time. Devices choose when they renew, often at two thirds of the validity or "
		"four weeks before the end: a window shorter than theirs only makes them ask "
		"again."},
    {.path = "endpoints.*.renewal-successors",
	.type = SG_CONF_T_INT,
	.commented = true,
	.off = AT_ENDPOINT(renewal_successors),
	.min = 0,
	.max = 1000000,
	.def = "8",
	.text = "How many live certificates one lineage may have, the one that a renewal would "
		"give among them: a lineage is all that comes from one enrolment by renewals, live "
		"is what is good or on hold and has not ended. So a stolen key does not become any "
		"number of certificates. 0 is no limit."},
    {.path = "endpoints.*.renewals-per-day",
	.type = SG_CONF_T_INT,
	.commented = true,
	.off = AT_ENDPOINT(renewals_per_day),
	.min = 0,
	.max = 1000000,
	.def = "10",
	.text = "How many renewals one lineage may have in 24 hours, whatever became of their "
		"certificates; the enrolment does not count, and neither does the same request "
		"again, which gets the same certificate. 0 is no limit."},
    {.path = "endpoints.*.renewal-sans",
	.type = SG_CONF_T_WORD,
	.commented = true,
	.off = AT_ENDPOINT(renewal_sans),
	.words = renewal_sans_words,
	.def = "same",
	.example = "keep",
	.text = "What becomes of a renewal that asks for no alternative names where the old "
		"certificate has some, as some clients do: same refuses it, keep certifies the old "
		"ones. One that asks for other names than the old ones is always refused."},
    {.path = NULL},
};

const struct sg_conf_rule sg_conf_rules[] = {
    {"conf.size", "The file is larger than any configuration."},
    {"conf.empty", "The file has no options."},
    {"conf.utf8", "The text is not UTF-8."},
    {"conf.control", "A character shows nothing or reorders what a reader sees."},
    {"conf.tab", "Tabs outside comments: YAML forbids them as indentation, and nobody sees which "
		 "ones are."},
    {"conf.syntax", "The text is not YAML."},
    {"conf.documents", "More than one document: only one would count."},
    {"conf.directive", "A YAML directive changes what the rest means."},
    {"conf.anchor", "Anchors: a value stands where a reader does not look."},
    {"conf.alias", "Aliases: a value stands where a reader does not look, and they multiply."},
    {"conf.tag", "Tags: the schema knows every type."},
    {"conf.merge", "Merge keys: options come from elsewhere."},
    {"conf.key", "A key is not a plain word."},
    {"conf.multiline", "A value goes over several lines: nearly always wrong indentation."},
    {"conf.depth", "More levels than any option has."},
    {"conf.limit", "Too many or too long: keys, values or items of a list."},
    {"conf.duplicate", "An option, name or item stands twice: only one would count."},
    {"conf.unknown", "No such option or word: a typing error would otherwise be a default."},
    {"conf.secret", "A secret itself: the text of the configuration goes to every role, only "
		    "names of files may be in it."},
    {"conf.missing", "A required option is absent."},
    {"conf.type", "The value is of another type."},
    {"conf.range", "The value is outside its range."},
    {"conf.refused", "The word is known, but refused for the reason given."},
    {"conf.name",
	"The name of a template or endpoint has characters that a URL would change, or is "
	"what devices append to URLs."},
    {"conf.case", "The names of two endpoints differ by letter case alone, which URLs ignore."},
    {"conf.path", "The path is empty, needs a shell, or is a directory."},
    {"conf.url", "Not a plain http URL: a revocation list fetched by https needs a revocation "
		 "list first."},
    {"conf.listen", "Not a numeric address and port, or two that cannot both be bound."},
    {"conf.listen.none", "The section front without an address: no device could reach it."},
    {"conf.tls.none", "Addresses for HTTPS without a certificate to show there."},
    {"conf.tls.unused", "A certificate for HTTPS that no address shows: it would seem to protect."},
    {"conf.net",
	"Not a numeric address or network, or the whole Internet: from there anybody could "
	"give any address as his own."},
    {"conf.eku", "Not an extended key usage, or one that makes the device more than a device."},
    {"conf.usage", "Key usages that no allowed type of key can have (RFC 3279, RFC 8813)."},
    {"conf.pattern", "Not a pattern of names."},
    {"conf.quote", "A pattern in brackets without quotes: a comma in it would make it two."},
    {"conf.template", "No template has this name."},
    {"conf.static.subjects", "Policy static without patterns of subjects: one leaked secret would "
			     "give any name (VU#971035)."},
    {"conf.static.free", "Policy static with a pattern that leaves the name to the requester: one "
			 "leaked secret would give any name (VU#971035)."},
    {"conf.static.file", "Policy static without the file of its secret."},
    {"conf.static.only",
	"Patterns for a policy that does not look at them: they would seem to protect."},
    {"conf.challenge-file", "A secret for an endpoint that would never ask for it."},
    {"conf.strict", "Profile strict together with old algorithms."},
    {"conf.grace", "A time of grace where nothing renews."},
    {"conf.renewal", "A rule for renewals where nothing renews: it would seem to matter."},
    {"conf.window", "A window of renewal that is longer than certificates are valid: it would seem "
		    "to limit."},
    {"conf.successors",
	"One live certificate for each lineage: what renews is that one, so nothing "
	"could."},
    {"conf.san", "A pattern of a kind that the template does not put into certificates."},
    {"conf.same-file", "Two options name the same file: one would overwrite or give away the "
		       "other."},
    {NULL, NULL},
};
