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

static bool
has_prefix(struct sg_slice text, const char *word)
{
	size_t len = strlen(word);
	return text.len > len && text.p[len] == ':' && sg_ascii_is(sg_slice(text.p, len), word);
}

static SG_RC
read_ip(struct sg_slice text, struct sg_san *san, uint8_t *store, struct sg_err *err)
{
	char copy[INET6_ADDRSTRLEN];
	if (text.len >= sizeof copy || memchr(text.p, '\0', text.len) != NULL)
		return sg_fail(err, SG_E_MALFORMED, "san.text", "ip: want an IPv4 or IPv6 address");
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, store) == 1)
		san->val = sg_slice(store, 4);
	else if (inet_pton(AF_INET6, copy, store) == 1)
		san->val = sg_slice(store, 16);
	else
		return sg_fail(err, SG_E_MALFORMED, "san.text", "ip: want an IPv4 or IPv6 address");
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
		return sg_fail(err, SG_E_MALFORMED, "san.value.empty",
		    "%s: want a value behind ':'", sg_san_type_name(san->type));
	if (san->type == SG_SAN_IP)
		return read_ip(text, san, store, err);
	if (san->type == SG_SAN_DIRNAME)
		return read_built(sg_name_from_text, text, san, store, err);
	if (san->type == SG_SAN_RID)
		return read_built(sg_oid_from_dotted, text, san, store, err);
	if (san->type == SG_SAN_OTHERNAME)
		return read_built(sg_san_other_from_text, text, san, store, err);
	if (san->type != SG_SAN_UPN && memchr(text.p, ' ', text.len) != NULL)
		return sg_fail(err, SG_E_MALFORMED, "san.text", "%s: want no space in it",
		    sg_san_type_name(san->type));
	return read_bytes(text, san, store, err);
}

enum sg_code
sg_san_from_text(
    struct sg_slice text, struct sg_san *ret, uint8_t store[SG_SAN_LEN_MAX], struct sg_err *err)
{
	static const enum sg_san_type types[] = {SG_SAN_DNS, SG_SAN_EMAIL, SG_SAN_URI, SG_SAN_IP,
	    SG_SAN_UPN, SG_SAN_DIRNAME, SG_SAN_RID, SG_SAN_OTHERNAME};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const char *word = sg_san_type_name(types[i]);
		if (!has_prefix(text, word))
			continue;
		struct sg_san san = {.type = types[i]};
		size_t skip = strlen(word) + 1;
		struct sg_slice value = sg_slice(text.p + skip, text.len - skip);
		enum sg_code rc = read_value(value, &san, store, err);
		if (rc == SG_OK)
			rc = sg_san_check(&san, err);
		if (rc == SG_OK)
			*ret = san;
		return rc;
	}
	return sg_fail(err, SG_E_MALFORMED, "san.text",
	    "want dns:, email:, uri:, ip:, upn:, dirname:, rid: or other: in front of the name");
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
