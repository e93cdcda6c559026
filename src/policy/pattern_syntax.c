/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pattern_syntax.c - patterns of subjects and alternative names, as far as syntax goes
 *
 * What they match is decided in policy/pattern, which knows names and refuses the same
 * patterns again; here a mistake gets its line, and a pattern that leaves the name to
 * whoever asks its reason.
 */

#include "policy/pattern_syntax.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"

struct attr {
	const char *type;
	size_t type_len;
	size_t stars;
	bool fixed;  /* at least one letter or digit of the value is not up to the requester */
	bool joined; /* '+' before or behind it */
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

/* What follows a '\\': its length, 0 when it escapes nothing. A '*' cannot be escaped: in a
 * name it would be one of its own accord. */
static size_t
escape_len(const char *s)
{
	if (isxdigit((unsigned char)s[0]) && isxdigit((unsigned char)s[1]))
		return s[0] == '2' && (s[1] == 'a' || s[1] == 'A') ? 0 : 2;
	return s[0] != '\0' && strchr(",+\"\\<>;= #", s[0]) != NULL ? 1 : 0;
}

/* The value up to the next ',' or '+' that is not escaped. What stands between the braces after a
 * '*' is what it may be, too, and fixes nothing. NULL or what is wrong. */
static const char *
read_value(const char **p, struct attr *ret)
{
	const char *s = *p;
	size_t len = 0;
	bool braces = false;
	while (*s == ' ')
		s++;
	for (; *s != '\0' && *s != ',' && *s != '+'; s++, len++) {
		if (braces && *s == '}') {
			if (s[-1] == '{')
				return "nothing between '{' and '}' after '*'";
			braces = false;
			continue;
		}
		if (*s == '\\') {
			size_t escaped = escape_len(s + 1);
			if (escaped == 0)
				return "a '\\' that escapes nothing";
			s += escaped; /* not taken for a letter, whatever it is */
		} else if (strchr("=\"<>;", *s) != NULL) {
			return "one of = \" < > ; without '\\' in a value, is a comma missing?";
		} else if (*s == '*') {
			ret->stars++;
			if (s[1] == '{' && !braces) {
				braces = true;
				s++;
			}
		} else if (braces && *s == '{') {
			return "a '{' between '{' and '}'";
		} else if (!braces && is_fixed_char(*s)) {
			ret->fixed = true;
		}
	}
	*p = s;
	if (braces)
		return "a '{' after '*' without a '}'";
	return len == 0 ? "a type without value" : NULL;
}

static bool
is_cn(const struct attr *a)
{
	static const char *const names[] = {"CN", "commonName", "2.5.4.3"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strlen(names[i]) == a->type_len &&
		    strncasecmp(a->type, names[i], a->type_len) == 0)
			return true;
	}
	return false;
}

/* The next TYPE=VALUE; *p moves behind it and its separator. NULL or what is wrong. */
static const char *
next_attr(const char **p, struct attr *ret)
{
	const char *s = *p;
	bool joined = ret->joined && ret->type != NULL && s[-1] == '+';
	while (*s == ' ')
		s++;
	size_t len = strcspn(s, "=,+");
	if (s[len] != '=')
		return "no TYPE=VALUE";
	*ret = (struct attr){.type = s, .type_len = len, .joined = joined};
	while (ret->type_len > 0 && s[ret->type_len - 1] == ' ')
		ret->type_len--;
	if (!is_attr_type(s, ret->type_len))
		return "a type that is neither a word nor a dotted OID";
	s += len + 1;
	const char *wrong = read_value(&s, ret);
	if (wrong != NULL)
		return wrong;
	if (*s != '\0') {
		ret->joined = ret->joined || *s == '+';
		s++;
		if (*s == '\0')
			return "a separator at the end";
	}
	*p = s;
	if (ret->stars > 0 && (!is_cn(ret) || ret->joined))
		return "a '*' elsewhere than in a CN that stands alone";
	return ret->stars > 1 ? "more than one '*' in a CN" : NULL;
}

const char *
sg_pattern_subject_wrong(const char *pattern)
{
	struct attr a = {0};
	size_t n = 0;
	if (*pattern == '\0')
		return "nothing";
	while (*pattern != '\0') {
		const char *wrong = next_attr(&pattern, &a);
		if (wrong != NULL)
			return wrong;
		if (++n > SG_NAME_RDNS_MAX)
			return "more attributes than a name may have";
	}
	return NULL;
}

bool
sg_pattern_subject_is_free(const char *pattern)
{
	struct attr a = {0};
	if (*pattern == '\0')
		return true;
	while (*pattern != '\0') {
		if (next_attr(&pattern, &a) != NULL)
			return true;
		/* Relying parties take the CN as who somebody is. */
		if (a.stars > 0 && !a.fixed)
			return true;
	}
	return false;
}

static const struct {
	const char *prefix;
	enum sg_san_type kind;
} san_kinds[] = {
    {"dns:", SG_SAN_DNS},
    {"email:", SG_SAN_EMAIL},
    {"uri:", SG_SAN_URI},
    {"ip:", SG_SAN_IP},
    {"upn:", SG_SAN_UPN},
};

#define SAN_KINDS_N (sizeof san_kinds / sizeof san_kinds[0])

/* The part behind "dns:", or NULL. */
static const char *
san_value(const char *pattern, enum sg_san_type *ret_kind)
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

enum sg_san_type
sg_pattern_san_kind(const char *pattern)
{
	enum sg_san_type kind = 0;
	return san_value(pattern, &kind) != NULL ? kind : 0;
}

/* Where '*' may stand, by the kind: what policy/pattern can match. */
static const char *
star_wrong(enum sg_san_type kind, const char *value)
{
	const char *star = strchr(value, '*');
	if (star == NULL)
		return NULL;
	if (strchr(star + 1, '*') != NULL)
		return "more than one '*'";
	if (kind == SG_SAN_DNS && (star != value || star[1] != '.' || star[2] == '\0'))
		return "a '*' that is not the whole first label";
	if ((kind == SG_SAN_EMAIL || kind == SG_SAN_UPN) &&
	    (star != value || star[1] != '@' || star[2] == '\0'))
		return "a '*' that is not the whole part before '@'";
	const char *colon = strchr(value, ':');
	if (kind == SG_SAN_URI && (colon == NULL || colon > star))
		return "a '*' that does not stand behind the scheme";
	return NULL;
}

static bool
is_address(const char *s)
{
	struct in6_addr addr;
	return inet_pton(AF_INET, s, &addr) == 1 || inet_pton(AF_INET6, s, &addr) == 1;
}

const char *
sg_pattern_san_wrong(const char *pattern)
{
	enum sg_san_type kind = 0;
	const char *value = san_value(pattern, &kind);
	if (value == NULL)
		return "none of dns: email: uri: ip: upn: in front";
	if (*value == '\0')
		return "a kind without a name";
	if (kind == SG_SAN_IP && !is_address(value))
		return "an address that is not numeric and whole";
	for (const char *s = value; *s != '\0'; s++) {
		bool ascii = (unsigned char)*s < 0x80;
		if (*s == ' ' || (!ascii && kind != SG_SAN_UPN))
			return "a space or a character that is not ASCII";
	}
	return star_wrong(kind, value);
}

bool
sg_pattern_san_is_free(const char *pattern)
{
	enum sg_san_type kind = 0;
	const char *value = san_value(pattern, &kind);
	if (value == NULL)
		return true;
	/* A scheme alone fixes nobody. */
	const char *host = kind == SG_SAN_URI ? strstr(value, "://") : NULL;
	if (host != NULL)
		value = host + 3;
	for (; *value != '\0'; value++) {
		if (is_fixed_char(*value))
			return false;
	}
	return true;
}
