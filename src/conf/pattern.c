/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pattern.c - patterns of subjects and alternative names, as far as syntax goes
 *
 * What they match is decided in policy/, which knows names; here they are only told from
 * mistakes, and from patterns that leave the name to whoever asks.
 */

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "conf/value.h"

struct attr {
	const char *type;
	size_t type_len;
	bool fixed; /* at least one letter or digit of the value is not up to the requester */
};

static bool
is_fixed_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* A word (letters, digits, '-') or dotted decimal. */
static bool
is_attr_type(const char *s, size_t len)
{
	if (len == 0 || len > 64)
		return false;
	bool dotted = isdigit((unsigned char)s[0]) != 0;
	bool has_dot = false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (dotted ? !(isdigit(c) || c == '.') : !(isalnum(c) || c == '-'))
			return false;
		has_dot = has_dot || c == '.';
	}
	return !dotted || has_dot;
}

/* The value up to the next ',' or '+' that is not escaped. NULL or what is wrong. */
static const char *
read_value(const char **p, struct attr *ret)
{
	const char *s = *p;
	size_t len = 0;
	while (*s == ' ')
		s++;
	for (; *s != '\0' && *s != ',' && *s != '+'; s++, len++) {
		if (*s == '\\') {
			s++;
			if (*s == '\0')
				return "a '\\' at the end";
			if (isxdigit((unsigned char)s[0]) && isxdigit((unsigned char)s[1]))
				s++;
			else if (isalnum((unsigned char)s[0]))
				return "a '\\' that escapes nothing";
			ret->fixed = true;
		} else if (strchr("=\"<>;", *s) != NULL) {
			return "one of = \" < > ; without '\\' in a value, is a comma missing?";
		} else if (is_fixed_char(*s)) {
			ret->fixed = true;
		}
	}
	*p = s;
	return len == 0 ? "a type without value" : NULL;
}

/* The next TYPE=VALUE; *p moves behind it and its separator. NULL or what is wrong. */
static const char *
next_attr(const char **p, struct attr *ret)
{
	const char *s = *p;
	while (*s == ' ')
		s++;
	size_t len = strcspn(s, "=,+");
	if (s[len] != '=')
		return "no TYPE=VALUE";
	*ret = (struct attr){.type = s, .type_len = len};
	while (ret->type_len > 0 && s[ret->type_len - 1] == ' ')
		ret->type_len--;
	if (!is_attr_type(s, ret->type_len))
		return "a type that is neither a word nor a dotted OID";
	s += len + 1;
	const char *wrong = read_value(&s, ret);
	if (wrong != NULL)
		return wrong;
	if (*s != '\0') {
		s++;
		if (*s == '\0')
			return "a separator at the end";
	}
	*p = s;
	return NULL;
}

const char *
sg_conf_subject_wrong(const char *pattern)
{
	size_t n = 0;
	if (*pattern == '\0')
		return "nothing";
	while (*pattern != '\0') {
		struct attr a;
		const char *wrong = next_attr(&pattern, &a);
		if (wrong != NULL)
			return wrong;
		if (++n > SG_NAME_RDNS_MAX)
			return "more attributes than a name may have";
	}
	return NULL;
}

static bool
type_is(const struct attr *a, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (strlen(*names) == a->type_len && strncasecmp(a->type, *names, a->type_len) == 0)
			return true;
	}
	return false;
}

bool
sg_conf_subject_is_free(const char *pattern)
{
	/* Relying parties take these as who somebody is. */
	static const char *const cn[] = {"CN", "commonName", "2.5.4.3", NULL};
	static const char *const identity[] = {"UID", "userId", "0.9.2342.19200300.100.1.1",
	    "emailAddress", "E", "email", "1.2.840.113549.1.9.1", NULL};
	bool has_cn = false;
	bool some_free = false;
	if (*pattern == '\0')
		return true;
	while (*pattern != '\0') {
		struct attr a;
		if (next_attr(&pattern, &a) != NULL)
			return true;
		bool is_cn = type_is(&a, cn);
		if (!a.fixed && (is_cn || type_is(&a, identity)))
			return true;
		has_cn = has_cn || is_cn;
		some_free = some_free || !a.fixed;
	}
	return !has_cn && some_free;
}

static const struct {
	const char *prefix;
	unsigned kind;
} san_kinds[] = {
    {"dns:", SG_CONF_SAN_DNS},
    {"email:", SG_CONF_SAN_EMAIL},
    {"uri:", SG_CONF_SAN_URI},
    {"ip:", SG_CONF_SAN_IP},
    {"upn:", SG_CONF_SAN_UPN},
};

#define SAN_KINDS_N (sizeof san_kinds / sizeof san_kinds[0])

/* The part behind "dns:", or NULL. */
static const char *
san_value(const char *pattern, unsigned *ret_kind)
{
	for (size_t i = 0; i < SAN_KINDS_N; i++) {
		size_t len = strlen(san_kinds[i].prefix);
		if (strncmp(pattern, san_kinds[i].prefix, len) == 0) {
			*ret_kind = san_kinds[i].kind;
			return pattern + len;
		}
	}
	return NULL;
}

unsigned
sg_conf_san_kind(const char *pattern)
{
	unsigned kind = 0;
	return san_value(pattern, &kind) != NULL ? kind : 0;
}

const char *
sg_conf_san_wrong(const char *pattern)
{
	unsigned kind = 0;
	const char *value = san_value(pattern, &kind);
	if (value == NULL)
		return "none of dns: email: uri: ip: upn: in front";
	if (*value == '\0')
		return "a kind without a name";
	if (kind == SG_CONF_SAN_IP && value[strspn(value, "0123456789abcdefABCDEF.:*")] != '\0')
		return "an address that is not numeric";
	for (const char *s = value; *s != '\0'; s++) {
		bool ascii = (unsigned char)*s < 0x80;
		if (*s == ' ' || (!ascii && kind != SG_CONF_SAN_UPN))
			return "a space or a character that is not ASCII";
	}
	return NULL;
}

bool
sg_conf_san_is_free(const char *pattern)
{
	unsigned kind = 0;
	const char *value = san_value(pattern, &kind);
	if (value == NULL)
		return true;
	/* A scheme alone fixes nobody. */
	const char *host = kind == SG_CONF_SAN_URI ? strstr(value, "://") : NULL;
	if (host != NULL)
		value = host + 3;
	for (; *value != '\0'; value++) {
		if (is_fixed_char(*value))
			return false;
	}
	return true;
}
