/* SPDX-License-Identifier: Apache-2.0 */

/*
 * client_options.c - the command line of the client, and what follows from the server's
 * capabilities
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "enroll/client.h"
#include "base/file.h"
#include "scep/caps.h"
#include "asn1/oid.h"

struct word {
	const char *name;
	unsigned value;
	uint32_t cap; /* that offers it */
};

static const struct word ciphers[] = {
    {"aes128", SG_CIPHER_AES128_CBC, SG_CAP_AES},
    {"aes192", SG_CIPHER_AES192_CBC, SG_CAP_AES},
    {"aes256", SG_CIPHER_AES256_CBC, SG_CAP_AES},
    {"3des", SG_CIPHER_DES3_CBC, SG_CAP_DES3},
    {"des3", SG_CIPHER_DES3_CBC, SG_CAP_DES3},
};

/* In the order in which they are preferred. */
static const struct word hashes[] = {
    {"sha256", SG_HASH_SHA256, SG_CAP_SHA256},
    {"sha512", SG_HASH_SHA512, SG_CAP_SHA512},
    {"sha384", SG_HASH_SHA384, SG_CAP_SHA384},
    {"sha1", SG_HASH_SHA1, SG_CAP_SHA1},
};

#define WORDS_N(words) (sizeof(words) / sizeof(words)[0])

/* Letters and digits alone, lower case, without "cbc": "AES-128-CBC" is "aes128". */
static void
plain_word(const char *text, char *ret, size_t size)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < size; text++)
		if (strchr("-_", *text) == NULL)
			ret[n++] = *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text;
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

/* "it offers: A B C", or why it offers nothing. */
static const char *
offer(struct sg_enroll *c)
{
	static char text[512];
	sg_buf_scoped words = {0};

	if (c->caps == 0) {
		snprintf(text, sizeof text, "GetCACaps gave nothing (%s)", c->caps_note);
		return text;
	}
	sg_caps_put(&words, c->caps);
	snprintf(text, sizeof text, "it offers: %s", sg_buf_text(&words));
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			*p = p[1] == '\0' ? '\0' : ' ';
	return text;
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
		    strcasecmp(asked, "des") == 0 ? " (single DES is never sent)" : "");
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
cli_client_read_choice(const struct cli_args *a, struct sg_enroll_choice *ret, struct sg_err *err)
{
	struct sg_enroll_choice choice = {
	    .trans = {.transport = SG_TRANSPORT_PKCS1},
	    .pss = cli_get(a, "pss") != NULL,
	    .post = cli_get(a, "post") != NULL,
	    .get = cli_get(a, "get") != NULL,
	    .legacy = cli_get(a, "legacy") != NULL,
	    .legacy_des = cli_get(a, "legacy-des") != NULL,
	    .txid = cli_get(a, "txid"),
	};

	if (cli_get(a, "oaep") != NULL)
		choice.trans = (struct sg_keytrans){
		    SG_TRANSPORT_OAEP, SG_HASH_SHA256, SG_HASH_SHA256};
	if (choice.post && choice.get)
		return sg_fail(
		    err, SG_E_USAGE, "client.method", "--post and --get: want one of them");
	if (choice.txid != NULL && (!sg_ascii_is_printable(sg_slice_str(choice.txid)) ||
				       choice.txid[0] == '\0' || strlen(choice.txid) > SG_TXID_MAX))
		return sg_fail(err, SG_E_USAGE, "client.txid",
		    "--txid: want 1 to %u letters, digits, spaces or any of '()+,-./:=?, have '%s'",
		    SG_TXID_MAX, cli_show(choice.txid));
	enum sg_code rc = read_cipher(a, &choice, err);
	if (rc == SG_OK)
		rc = read_hash(a, &choice, err);
	if (rc == SG_OK)
		*ret = choice;
	return rc;
}

static enum sg_code
choose_cipher(struct sg_enroll *c, struct sg_enroll_choice *choice, struct sg_err *err)
{
	if (choice->cipher != SG_CIPHER_NONE)
		return SG_OK;
	if ((c->caps & SG_CAP_AES) == 0 && !choice->legacy)
		return sg_fail(err, SG_E_ALG, "client.cipher",
		    "the server does not offer AES; %s; nothing was sent: --cipher aes-128 tries "
		    "AES nevertheless, --legacy allows 3DES",
		    offer(c));
	choice->cipher = c->caps & SG_CAP_AES ? SG_CIPHER_AES128_CBC : SG_CIPHER_DES3_CBC;
	return SG_OK;
}

static enum sg_code
choose_hash(struct sg_enroll *c, struct sg_enroll_choice *choice, struct sg_err *err)
{
	if (choice->hash != SG_HASH_NONE)
		return SG_OK;
	for (size_t n = 0; choice->hash == SG_HASH_NONE && n < WORDS_N(hashes); n++)
		if ((c->caps & hashes[n].cap) && hashes[n].value != SG_HASH_SHA1)
			choice->hash = (enum sg_hash)hashes[n].value;
	if (choice->hash == SG_HASH_NONE && choice->legacy)
		choice->hash = SG_HASH_SHA1;
	if (choice->hash == SG_HASH_NONE)
		return sg_fail(err, SG_E_ALG, "client.digest",
		    "the server does not offer SHA-256; %s; nothing was sent: --digest sha256 "
		    "tries it nevertheless, --legacy allows SHA-1",
		    offer(c));
	return SG_OK;
}

enum sg_code
sg_enroll_choose(struct sg_enroll *c, struct sg_enroll_choice *choice, struct sg_err *err)
{
	choice->post = choice->post || (!choice->get && (c->caps & SG_CAP_POST) != 0);
	enum sg_code rc = choose_cipher(c, choice, err);
	if (rc == SG_OK)
		rc = choose_hash(c, choice, err);
	return rc;
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

static enum sg_code
read_ca_file(struct sg_enroll *c, const char *path, struct sg_err *err)
{
	struct sg_slice certs[SG_CMS_CERTS_MAX];
	size_t n = 0;

	enum sg_code rc = sg_enroll_read_certs(
	    path, &c->file_der, certs, SG_CMS_CERTS_MAX, &n, err);
	for (size_t i = 0; rc == SG_OK && i < n; i++)
		rc = sg_enroll_trust_add(&c->trust, certs[i], SG_ENROLL_FROM_FILE, err);
	if (rc != SG_OK) {
		sg_err_prefix(err, "--ca-file");
		err->code = SG_E_USAGE;
	}
	return rc == SG_OK ? SG_OK : SG_E_USAGE;
}

static enum sg_code
read_pin_mode(struct sg_enroll *c, const char *fingerprint, const char *file, bool insecure,
    struct sg_err *err)
{
	int given = (fingerprint != NULL) + (file != NULL) + insecure;

	if (given > 1)
		return sg_fail(err, SG_E_USAGE, "client.pin",
		    "want one of --ca-fingerprint, --ca-file and --insecure-ca, have %d", given);
	if (given == 0 && c->pin.issued == NULL)
		return sg_fail(err, SG_E_USAGE, "client.pin",
		    "want --ca-fingerprint HEX (see: signet getcacert %s) or --ca-file FILE, so "
		    "that the challenge goes to nobody else; nothing was sent",
		    cli_show(c->url));
	if (given == 0)
		c->pin.mode = SG_ENROLL_PIN_ISSUER;
	else
		c->pin.mode = fingerprint != NULL ? SG_ENROLL_PIN_FINGERPRINT
			      : file != NULL	  ? SG_ENROLL_PIN_FILE
						  : SG_ENROLL_PIN_INSECURE;
	if (fingerprint != NULL)
		return read_fingerprint("ca-fingerprint", fingerprint, c->pin.fingerprint, err);
	return file != NULL ? read_ca_file(c, file, err) : SG_OK;
}

enum sg_code
cli_client_read_pin(struct sg_enroll *c, const struct sg_cert *issued, struct sg_err *err)
{
	const char *ra = cli_get(c->args, "ra-fingerprint");

	c->pin.issued = issued;
	c->pin.sha1 = cli_get(c->args, "legacy") != NULL;
	enum sg_code rc = read_pin_mode(c, cli_get(c->args, "ca-fingerprint"),
	    cli_get(c->args, "ca-file"), cli_get(c->args, "insecure-ca") != NULL, err);
	if (rc != SG_OK || ra == NULL)
		return rc;
	c->pin.has_ra = true;
	return read_fingerprint("ra-fingerprint", ra, c->pin.ra, err);
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
cli_client_read_challenge(struct sg_enroll *c, struct sg_buf *out, struct sg_err *err)
{
	const char *text = cli_get(c->args, "challenge");
	const char *path = cli_get(c->args, "challenge-file");
	enum sg_code rc = SG_OK;

	out->max = SG_CHALLENGE_MAX + 2;
	if (text != NULL && path != NULL)
		return sg_fail(err, SG_E_USAGE, "client.challenge",
		    "--challenge and --challenge-file: want one of them");
	if (text != NULL)
		sg_buf_puts(out, text);
	if (path != NULL)
		rc = read_challenge_file(path, out, err);
	if (rc == SG_OK)
		rc = sg_buf_check(out, err);
	if (rc == SG_E_NOTFOUND || rc == SG_E_LIMIT)
		return sg_fail(err, SG_E_USAGE, "client.challenge",
		    "--challenge-file: want a file of at most %u bytes: %s", SG_CHALLENGE_MAX,
		    cli_show(path == NULL ? "" : path));
	while (rc == SG_OK && out->len > 0 && strchr("\r\n", out->p[out->len - 1]) != NULL)
		out->len--;
	if (rc == SG_OK && (text != NULL || path != NULL) && out->len == 0)
		return sg_fail(err, SG_E_USAGE, "client.challenge", "the challenge is empty");
	if (rc == SG_OK && !sg_utf8_is_valid(sg_buf_slice(out)))
		return sg_fail(
		    err, SG_E_USAGE, "client.challenge", "the challenge is not UTF-8 text");
	if (rc == SG_OK && path != NULL && strcmp(path, "-") != 0)
		sg_enroll_warn_open(c, "challenge file", path);
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
		sg_key_usage_put_text(&name, bit);
		if (name.len == word.len &&
		    strncasecmp(sg_buf_text(&name), (const char *)word.p, word.len) == 0)
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
sg_enroll_ekus_clear(struct sg_enroll_ekus *ekus)
{
	for (size_t n = 0; n < SG_EKUS_MAX; n++)
		sg_buf_clear(&ekus->store[n]);
	ekus->n = 0;
}

enum sg_code
cli_client_read_ekus(const struct cli_args *a, struct sg_enroll_ekus *ret, struct sg_err *err)
{
	const char *text;

	for (size_t n = 0; (text = cli_get_nth(a, "eku", n)) != NULL; n++) {
		const struct sg_oid_entry *known = sg_oid_by_name(sg_slice_str(text));
		if (n == SG_EKUS_MAX)
			return sg_fail(
			    err, SG_E_USAGE, "client.eku", "more than %u --eku", SG_EKUS_MAX);
		if (known != NULL)
			sg_buf_put_slice(&ret->store[n], known->oid);
		else if (sg_oid_from_dotted(sg_slice_str(text), &ret->store[n], err) != SG_OK)
			return sg_fail(err, SG_E_USAGE, "client.eku",
			    "--eku: want a name such as clientAuth or a number such as "
			    "1.3.6.1.5.5.7.3.2, have '%s'",
			    cli_show(text));
		ret->n = n + 1;
	}
	return SG_OK;
}
