/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client_options.c - the command line of enroll, renew, getcacert and getcacaps read into the
 * options of the library, with the refusals of what was typed
 */

#include "cli/client_options.h"

#include <string.h>
#include <unistd.h>

#include "asn1/oid.h"
#include "base/alloc.h"
#include "base/ascii.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "cli/args.h"
#include "cli/text.h"
#include "enroll/files.h"
#include "policy/challenge_text.h"
#include "x509/san_text.h"

#define RETRIES_MAX 20

enum sg_code
cli_client_read_net(const struct cli_args *a, struct sg_enroll_options *ret, struct sg_err *err)
{
	const char *time = cli_get(a, "timeout"), *retries = cli_get(a, "retries");
	int64_t s = 30;
	uint64_t n = 3;
	enum sg_code rc = SG_OK;

	if (time != NULL)
		rc = sg_duration_parse(sg_slice_str(time), &s, err);
	if (rc != SG_OK || s < 1 || s > 3600)
		return sg_fail(err, SG_E_USAGE, "client.timeout",
		    "--timeout: want 1s to 60m, have '%s'", cli_show(time));
	if (retries != NULL)
		rc = sg_decimal_parse(sg_slice_str(retries), RETRIES_MAX, &n, err);
	if (rc != SG_OK)
		return sg_fail(err, SG_E_USAGE, "client.retries",
		    "--retries: want 0 to %d, have '%s'", RETRIES_MAX, cli_show(retries));
	ret->timeout_ms = s * 1000;
	ret->retries = (unsigned)n;
	ret->tls_ca = cli_get(a, "tls-ca");
	ret->proxy = cli_get(a, "proxy");
	return SG_OK;
}

struct word {
	const char *name;
	unsigned value;
};

static const struct word ciphers[] = {
    {"aes128", SG_CIPHER_AES128_CBC},
    {"aes192", SG_CIPHER_AES192_CBC},
    {"aes256", SG_CIPHER_AES256_CBC},
    {"3des", SG_CIPHER_DES3_CBC},
    {"des3", SG_CIPHER_DES3_CBC},
};

static const struct word hashes[] = {
    {"sha256", SG_HASH_SHA256},
    {"sha512", SG_HASH_SHA512},
    {"sha384", SG_HASH_SHA384},
    {"sha1", SG_HASH_SHA1},
};

#define WORDS_N(words) (sizeof(words) / sizeof(words)[0])

/* Letters and digits alone, lower case, without "cbc": "AES-128-CBC" is "aes128". */
static void
plain_word(const char *text, char *ret, size_t size)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < size; text++)
		if (strchr("-_", *text) == NULL)
			ret[n++] = (char)sg_ascii_lower((uint8_t)*text);
	ret[n] = '\0';
	if (n > 3 && strcmp(ret + n - 3, "cbc") == 0)
		ret[n - 3] = '\0';
}

static const struct word *
find_word(const struct word *words, size_t n, const char *text)
{
	char plain[32];

	plain_word(text, plain, sizeof plain);
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i].name, plain) == 0)
			return &words[i];
	return NULL;
}

static enum sg_code
read_cipher(const struct cli_args *a, struct sg_enroll_choice *choice, struct sg_err *err)
{
	const char *asked = cli_get(a, "cipher");
	const struct word *w = asked == NULL ? NULL : find_word(ciphers, WORDS_N(ciphers), asked);

	if (asked != NULL && w == NULL)
		return sg_fail(err, SG_E_USAGE, "client.cipher.name",
		    "--cipher: want aes-128, aes-192, aes-256 or 3des, have '%s'%s",
		    cli_show(asked),
		    sg_ascii_is(sg_slice_str(asked), "des") ? " (single DES is never sent)" : "");
	choice->cipher = w == NULL ? SG_CIPHER_NONE : (enum sg_cipher)w->value;
	return SG_OK;
}

static enum sg_code
read_hash(const struct cli_args *a, struct sg_enroll_choice *choice, struct sg_err *err)
{
	const char *asked = cli_get(a, "digest");
	const struct word *w = asked == NULL ? NULL : find_word(hashes, WORDS_N(hashes), asked);

	if (asked != NULL && w == NULL)
		return sg_fail(err, SG_E_USAGE, "client.digest.name",
		    "--digest: want sha256, sha384, sha512 or sha1, have '%s'", cli_show(asked));
	choice->hash = w == NULL ? SG_HASH_NONE : (enum sg_hash)w->value;
	return SG_OK;
}

enum sg_code
cli_client_read_message(
    const struct cli_args *a, struct sg_enroll_job_options *ret, struct sg_err *err)
{
	struct sg_enroll_choice choice = {
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .pss = cli_get(a, "pss") != NULL,
	    .post = cli_get(a, "post") != NULL,
	    .get = cli_get(a, "get") != NULL,
	    .legacy = cli_get(a, "legacy") != NULL,
	    .legacy_des = cli_get(a, "legacy-des") != NULL,
	};
	const char *txid = cli_get(a, "txid");

	if (cli_get(a, "oaep") != NULL)
		choice.trans = (struct sg_keytrans){
		    SG_TRANSPORT_OAEP, SG_HASH_SHA256, SG_HASH_SHA256};
	if (choice.post && choice.get)
		return sg_fail(
		    err, SG_E_USAGE, "client.method", "--post and --get: want one of them");
	if (txid != NULL && (!sg_ascii_is_printable(sg_slice_str(txid)) || txid[0] == '\0' ||
				strlen(txid) > SG_TXID_MAX))
		return sg_fail(err, SG_E_USAGE, "client.txid",
		    "--txid: want 1 to %u letters, digits, spaces or any of '()+,-./:=?, have '%s'",
		    SG_TXID_MAX, cli_show(txid));
	enum sg_code rc = read_cipher(a, &choice, err);
	if (rc == SG_OK)
		rc = read_hash(a, &choice, err);
	if (rc != SG_OK)
		return rc;
	ret->choice = choice;
	ret->txid = txid;
	ret->chain_file = cli_get(a, "ca-out");
	ret->replace = cli_get(a, "force") != NULL;
	return SG_OK;
}

enum sg_code
cli_client_read_key_bits(const struct cli_args *a, unsigned *ret, struct sg_err *err)
{
	static const struct {
		const char *name;
		unsigned bits;
	} types[] = {{"rsa-2048", 2048}, {"rsa-3072", 3072}, {"rsa-4096", 4096}};
	const char *text = cli_get(a, "key-type");

	for (size_t n = 0; n < sizeof types / sizeof types[0]; n++) {
		if (text == NULL || sg_ascii_is(sg_slice_str(text), types[n].name)) {
			*ret = types[n].bits;
			return SG_OK;
		}
	}
	return sg_fail(err, SG_E_USAGE, "client.key-type",
	    "--key-type: want rsa-2048, rsa-3072 or rsa-4096, have '%s'", cli_show(text));
}

static enum sg_code
read_fingerprint(
    const char *option, const char *text, uint8_t ret[SG_SHA256_LEN], struct sg_err *err)
{
	sg_buf_scoped raw = {0};

	if (sg_hex_parse(sg_slice_str(text), &raw, err) != SG_OK || raw.len != SG_SHA256_LEN)
		return sg_fail(err, SG_E_USAGE, "client.fingerprint.form",
		    "--%s: want SHA-256 as 64 hexadecimal digits, with or without ':', have "
		    "'%s'%s; see: signet getcacert URL",
		    option, cli_show(text),
		    raw.len == 20   ? " (SHA-1)"
		    : raw.len == 16 ? " (MD5)"
				    : "");
	memcpy(ret, raw.p, SG_SHA256_LEN); /* the length was checked above */
	return SG_OK;
}

enum sg_code
cli_client_read_pin(
    const struct cli_args *a, bool renewal, struct sg_enroll_job_options *ret, struct sg_err *err)
{
	const char *fingerprint = cli_get(a, "ca-fingerprint"), *file = cli_get(a, "ca-file");
	const char *ra = cli_get(a, "ra-fingerprint");
	bool insecure = cli_get(a, "insecure-ca") != NULL;
	int given = (fingerprint != NULL) + (file != NULL) + insecure;
	enum sg_code rc = SG_OK;

	if (given > 1)
		return sg_fail(err, SG_E_USAGE, "client.pin",
		    "want one of --ca-fingerprint, --ca-file and --insecure-ca, have %d", given);
	if (given == 0 && !renewal)
		return sg_fail(err, SG_E_USAGE, "client.pin",
		    "want --ca-fingerprint HEX (see: signet getcacert %s) or --ca-file FILE, so "
		    "that the challenge goes to nobody else; nothing was sent",
		    cli_show(a->pos[0]));
	ret->pin.sha1 = cli_get(a, "legacy") != NULL;
	ret->pin.mode = fingerprint != NULL ? SG_ENROLL_PIN_FINGERPRINT
			: file != NULL	    ? SG_ENROLL_PIN_FILE
			: insecure	    ? SG_ENROLL_PIN_INSECURE
					    : SG_ENROLL_PIN_NONE;
	ret->pin_file = file;
	if (fingerprint != NULL)
		rc = read_fingerprint("ca-fingerprint", fingerprint, ret->pin.fingerprint, err);
	ret->pin.has_ra = ra != NULL;
	if (rc == SG_OK && ra != NULL)
		rc = read_fingerprint("ra-fingerprint", ra, ret->pin.ra, err);
	return rc;
}

static enum sg_code
read_challenge_file(const char *path, struct sg_buf *out, struct sg_err *err)
{
	uint8_t chunk[4096];
	ssize_t n = 0;

	if (strcmp(path, "-") != 0)
		return sg_file_read(path, out, err);
	while ((n = read(STDIN_FILENO, chunk, sizeof chunk)) > 0)
		sg_buf_put(out, chunk, (size_t)n);
	sg_wipe(chunk, sizeof chunk);
	if (n < 0)
		return sg_fail(err, SG_E_IO, "file.read", "standard input cannot be read");
	return sg_buf_check(out, err);
}

enum sg_code
cli_client_read_challenge(const struct cli_client *c, struct sg_buf *out, struct sg_err *err)
{
	const char *text = cli_get(c->args, "challenge");
	const char *path = cli_get(c->args, "challenge-file");
	sg_buf_scoped given = {.max = SG_CHALLENGE_MAX + 16};
	enum sg_code rc = SG_OK;

	if (text != NULL && path != NULL)
		return sg_fail(err, SG_E_USAGE, "client.challenge",
		    "--challenge and --challenge-file: want one of them");
	if (text != NULL)
		sg_buf_puts(&given, text);
	if (path != NULL)
		rc = read_challenge_file(path, &given, err);
	if (rc == SG_OK)
		rc = sg_buf_check(&given, err);
	if (rc == SG_OK && (text != NULL || path != NULL))
		rc = sg_challenge_normalize(sg_buf_slice(&given), out, err);
	if (rc == SG_E_DENIED)
		return sg_fail(err, SG_E_USAGE, "client.challenge", "the challenge is empty");
	if (rc == SG_E_MALFORMED)
		return sg_fail(err, SG_E_USAGE, "client.challenge",
		    "the challenge is not UTF-8 text: it has a NUL inside (a file in UTF-16?)");
	if (rc == SG_E_NOTFOUND || rc == SG_E_LIMIT)
		return sg_fail(err, SG_E_USAGE, "client.challenge",
		    "--challenge-file: want a file of at most %u bytes: %s", SG_CHALLENGE_MAX,
		    cli_show(path == NULL ? "" : path));
	if (rc == SG_OK && !sg_utf8_is_valid(sg_buf_slice(out)))
		return sg_fail(
		    err, SG_E_USAGE, "client.challenge", "the challenge is not UTF-8 text");
	if (rc == SG_OK && path != NULL && strcmp(path, "-") != 0)
		sg_enroll_warn_open(&c->session->options.listener, "challenge file", path);
	return rc;
}

enum sg_code
cli_client_read_sans(
    const struct cli_args *a, struct sg_buf *store, struct sg_sans *ret, struct sg_err *err)
{
	const char *text;

	store->max = (size_t)SG_SANS_MAX * SG_SAN_LEN_MAX;
	uint8_t *at = cli_get(a, "san") == NULL ? NULL : sg_buf_extend(store, store->max);
	for (size_t n = 0; (text = cli_get_nth(a, "san", n)) != NULL; n++) {
		if (at == NULL || n == SG_SANS_MAX)
			return sg_fail(
			    err, SG_E_USAGE, "client.san", "more than %u --san", SG_SANS_MAX);
		if (sg_san_from_text(
			sg_slice_str(text), &ret->item[n], at + n * SG_SAN_LEN_MAX, err) != SG_OK) {
			sg_err_prefix(err, "--san %s", cli_show(text));
			err->code = SG_E_USAGE;
			return SG_E_USAGE;
		}
		ret->n = n + 1;
	}
	return SG_OK;
}

/* One word of --key-usage, compared with the name of each bit. */
static uint32_t
key_usage_bit(struct sg_slice word)
{
	for (uint32_t bit = SG_KU_DIGITAL_SIGNATURE; bit <= SG_KU_DECIPHER_ONLY; bit <<= 1) {
		sg_buf_scoped name = {0};
		sg_ext_put_usage_text(&name, bit);
		if (sg_ascii_same(sg_buf_slice(&name), word))
			return bit;
	}
	return 0;
}

enum sg_code
cli_client_read_key_usage(const struct cli_args *a, uint32_t *ret, struct sg_err *err)
{
	const char *text;
	uint32_t bits = 0;

	for (size_t n = 0; (text = cli_get_nth(a, "key-usage", n)) != NULL; n++) {
		for (const char *p = text; *p != '\0';) {
			size_t len = strcspn(p, ", ");
			uint32_t bit = key_usage_bit(sg_slice(p, len));
			if (bit == 0)
				return sg_fail(err, SG_E_USAGE, "client.key-usage",
				    "--key-usage: want words such as "
				    "digitalSignature,keyEncipherment, have '%s'",
				    cli_show(text));
			bits |= bit;
			p += len + strspn(p + len, ", ");
		}
	}
	*ret = bits;
	return SG_OK;
}

void
cli_client_ekus_clear(struct cli_client_ekus *ekus)
{
	for (size_t n = 0; n < SG_EKUS_MAX; n++)
		sg_buf_clear(&ekus->item[n]);
}

enum sg_code
cli_client_read_ekus(const struct cli_args *a, struct cli_client_ekus *store,
    struct sg_enroll_job_options *ret, struct sg_err *err)
{
	const char *text;

	for (size_t n = 0; (text = cli_get_nth(a, "eku", n)) != NULL; n++) {
		const struct sg_oid_entry *known = sg_oid_by_name(sg_slice_str(text));
		if (n == SG_EKUS_MAX)
			return sg_fail(
			    err, SG_E_USAGE, "client.eku", "more than %u --eku", SG_EKUS_MAX);
		if (known != NULL)
			sg_buf_put_slice(&store->item[n], known->oid);
		else if (sg_oid_from_dotted(sg_slice_str(text), &store->item[n], err) != SG_OK)
			return sg_fail(err, SG_E_USAGE, "client.eku",
			    "--eku: want a name such as clientAuth or a number such as "
			    "1.3.6.1.5.5.7.3.2, have '%s'",
			    cli_show(text));
		enum sg_code rc = sg_buf_check(&store->item[n], err);
		if (rc != SG_OK)
			return rc;
		ret->eku[n] = sg_buf_slice(&store->item[n]);
		ret->eku_n = n + 1;
	}
	return SG_OK;
}
