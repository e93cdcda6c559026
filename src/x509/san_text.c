/* SPDX-License-Identifier: Apache-2.0 */

/*
 * san_text.c - subject alternative names to text and back: options, patterns, logs
 */

#include "x509/san_text.h"

#include <arpa/inet.h>
#include <string.h>

#include "asn1/oid.h"
#include "base/ascii.h"
#include "base/escape.h"
#include "base/hex.h"
#include "x509/chars.h"
#include "x509/name_text.h"
#include "x509/san_other.h"
#include "x509/san_private.h"

/* What openssl and Windows call some kinds where they print names. */
static const struct {
	const char *word;
	enum sg_san_type type;
} aliases[] = {
    {"DNS Name", SG_SAN_DNS},
    {"RFC822 Name", SG_SAN_EMAIL},
    {"URL", SG_SAN_URI},
    {"IP Address", SG_SAN_IP},
    {"Principal Name", SG_SAN_UPN},
    {"Registered ID", SG_SAN_RID},
};

/* The kind that word is; SG_SAN_OTHER: none. */
static enum sg_san_type
read_type(struct sg_slice word)
{
	for (unsigned t = SG_SAN_DNS; t < SG_SAN_OTHER; t++)
		if (sg_ascii_is(word, sg_san_type_name((enum sg_san_type)t)))
			return (enum sg_san_type)t;
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
		if (sg_ascii_is(word, aliases[i].word))
			return aliases[i].type;
	return SG_SAN_OTHER;
}

/* Without spaces and line ends around it. */
static struct sg_slice
trim(struct sg_slice s)
{
	static const char spaces[] = " \t\r\n";

	while (s.len > 0 && memchr(spaces, s.p[0], strlen(spaces)) != NULL)
		s = sg_slice(s.p + 1, s.len - 1);
	while (s.len > 0 && memchr(spaces, s.p[s.len - 1], strlen(spaces)) != NULL)
		s.len--;
	return s;
}

static SG_RC
read_ip(struct sg_slice text, struct sg_san *san, uint8_t *store, struct sg_err *err)
{
	char copy[INET6_ADDRSTRLEN];
	if (text.len >= sizeof copy || memchr(text.p, '\0', text.len) != NULL)
		return sg_fail(err, SG_E_MALFORMED, "san.text",
		    "ip: want an IPv4 or IPv6 address, without mask, port and brackets");
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, store) == 1)
		san->val = sg_slice(store, 4);
	else if (inet_pton(AF_INET6, copy, store) == 1)
		san->val = sg_slice(store, 16);
	else
		return sg_fail(err, SG_E_MALFORMED, "san.text",
		    "ip: want an IPv4 or IPv6 address, without mask, port and brackets");
	return SG_OK;
}

static SG_RC
read_bytes(struct sg_slice text, struct sg_san *san, uint8_t *store, struct sg_err *err)
{
	if (text.len > SG_SAN_LEN_MAX)
		return sg_fail(err, SG_E_LIMIT, "san.long",
		    "%s: want at most %u bytes, a fixed limit, found %zu",
		    sg_san_type_name(san->type), SG_SAN_LEN_MAX, text.len);
	memcpy(store, text.p, text.len); /* UNSAFE: just compared with the size of store */
	san->val = sg_slice(store, text.len);
	return SG_OK;
}

/* A value that another reader of text makes. */
static SG_RC
read_built(SG_RC (*build)(struct sg_slice, struct sg_buf *, struct sg_err *), struct sg_slice text,
    struct sg_san *san, uint8_t *store, struct sg_err *err)
{
	sg_buf_scoped built = {0};
	enum sg_code rc = build(text, &built, err);
	if (rc == SG_OK)
		rc = read_bytes(sg_buf_slice(&built), san, store, err);
	return rc;
}

static SG_RC
read_value(struct sg_slice text, struct sg_san *san, uint8_t *store, struct sg_err *err)
{
	if (text.len == 0)
		return sg_fail(err, SG_E_MALFORMED, "san.value.empty", "%s: want a value after ':'",
		    sg_san_type_name(san->type));
	if (san->type == SG_SAN_IP)
		return read_ip(text, san, store, err);
	if (san->type == SG_SAN_DIRNAME)
		return read_built(sg_name_from_text, text, san, store, err);
	if (san->type == SG_SAN_RID)
		return read_built(sg_oid_from_dotted, text, san, store, err);
	if (san->type == SG_SAN_OTHERNAME)
		return read_built(sg_san_other_from_text, text, san, store, err);
	bool several = san->type != SG_SAN_URI && memchr(text.p, ',', text.len) != NULL;
	if (san->type != SG_SAN_UPN && (several || memchr(text.p, ' ', text.len) != NULL))
		return sg_fail(err, SG_E_MALFORMED, "san.text",
		    "%s: want no %s in it; of several names each is given by itself",
		    sg_san_type_name(san->type), several ? "comma" : "space");
	return read_bytes(text, san, store, err);
}

enum sg_code
sg_san_from_text(
    struct sg_slice text, struct sg_san *ret, uint8_t store[SG_SAN_LEN_MAX], struct sg_err *err)
{
	size_t len = 0;

	text = trim(text);
	while (len < text.len && text.p[len] != ':' && text.p[len] != '=')
		len++;
	struct sg_san san = {.type = read_type(trim(sg_slice(text.p, len)))};
	if (len == text.len || san.type == SG_SAN_OTHER)
		return sg_fail(err, SG_E_MALFORMED, "san.text",
		    "want dns:, email:, uri:, ip:, upn:, dirname:, rid: or other: in front of the "
		    "name, as in dns:a.example");
	struct sg_slice value = trim(sg_slice(text.p + len + 1, text.len - len - 1));
	enum sg_code rc = read_value(value, &san, store, err);
	if (rc == SG_OK)
		rc = sg_san_check(&san, err);
	if (rc == SG_OK)
		*ret = san;
	return rc;
}

void
sg_san_put_text(struct sg_buf *b, const struct sg_san *san)
{
	char ip[INET6_ADDRSTRLEN];
	sg_buf_printf(b, "%s:", sg_san_type_name(san->type));
	switch (san->type) {
	case SG_SAN_DNS:
	case SG_SAN_EMAIL:
	case SG_SAN_URI:
	case SG_SAN_UPN:
		sg_escape_put(b, san->val, SG_SAN_LEN_MAX);
		return;
	case SG_SAN_IP:
		if ((san->val.len == 4 || san->val.len == 16) &&
		    inet_ntop(san->val.len == 4 ? AF_INET : AF_INET6, san->val.p, ip, sizeof ip))
			sg_buf_puts(b, ip);
		else
			sg_hex_put(b, san->val);
		return;
	case SG_SAN_DIRNAME:
		sg_name_put_text(b, san->val);
		return;
	case SG_SAN_RID:
		sg_oid_put_text(b, san->val, 0);
		return;
	case SG_SAN_OTHERNAME:
		sg_san_other_put_text(b, san->val);
		return;
	case SG_SAN_OTHER:
		break;
	}
	sg_hex_put(b, san->val);
}
