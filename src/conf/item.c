/* SPDX-License-Identifier: Apache-2.0 */

/*
 * item.c - addresses to listen on and extended key usages, from their text
 */

#include "conf/item_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/decimal.h"

const char *
sg_conf_listen_parse(const char *text, struct sg_conf_listen *ret)
{
	char host[INET6_ADDRSTRLEN + 2];
	const char *colon = strrchr(text, ':');
	if (colon == NULL)
		return "write the port too, for example 127.0.0.1:8080";
	size_t len = (size_t)(colon - text);
	if (len == 0)
		return "write the address too: 0.0.0.0 and \"[::]\" mean all of them";
	bool v6 = text[0] == '[';
	if (!v6 && memchr(text, ':', len) != NULL)
		return "write an IPv6 address in brackets and quotes: \"[::1]:8080\"";
	if (len >= sizeof host || (v6 && (len < 3 || text[len - 1] != ']')))
		return "write a numeric address and a port, for example 127.0.0.1:8080";
	memcpy(host, text + (v6 ? 1 : 0), len - (v6 ? 2 : 0));
	host[len - (v6 ? 2 : 0)] = '\0';
	uint64_t port = 0;
	if (sg_decimal_parse(sg_slice_str(colon + 1), 65535, &port, NULL) != SG_OK || port == 0)
		return "write a port from 1 to 65535";
	ret->port = (uint16_t)port;
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(ret->port)};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(ret->port)};
	if (v6 && inet_pton(AF_INET6, host, &in6.sin6_addr) == 1) {
		if (IN6_IS_ADDR_MULTICAST(&in6.sin6_addr))
			return "write an address of this host, not a multicast one";
		ret->addr_len = sizeof in6;
		memcpy(&ret->addr, &in6, sizeof in6);
		return NULL;
	}
	if (!v6 && inet_pton(AF_INET, host, &in4.sin_addr) == 1) {
		if (ntohl(in4.sin_addr.s_addr) >= 0xe0000000u)
			return "write an address of this host, not a multicast one";
		ret->addr_len = sizeof in4;
		memcpy(&ret->addr, &in4, sizeof in4);
		return NULL;
	}
	return "write the address in numbers: the start must not depend on DNS";
}

static const struct {
	const char *word;
	const char *oid;
} eku_words[] = {
    {"clientAuth", "1.3.6.1.5.5.7.3.2"},
    {"serverAuth", "1.3.6.1.5.5.7.3.1"},
    {"codeSigning", "1.3.6.1.5.5.7.3.3"},
    {"emailProtection", "1.3.6.1.5.5.7.3.4"},
    {"ipsecIKE", "1.3.6.1.5.5.7.3.17"},
    {"eapOverLAN", "1.3.6.1.5.5.7.3.14"},
    {"smartcardLogon", "1.3.6.1.4.1.311.20.2.2"},
    /* Known so that the reason can be given; refused by eku_refused. */
    {"anyExtendedKeyUsage", "2.5.29.37.0"},
    {"OCSPSigning", "1.3.6.1.5.5.7.3.9"},
    {"certificateRequestAgent", "1.3.6.1.4.1.311.20.2.1"},
    {"cmcRA", "1.3.6.1.5.5.7.3.28"},
};

#define EKU_WORDS_N (sizeof eku_words / sizeof eku_words[0])

/* What would make a device more than a device. */
static const char *
eku_refused(const char *dotted)
{
	static const struct {
		const char *oid;
		const char *why;
	} refused[] = {
	    {"2.5.29.37.0",
		"anyExtendedKeyUsage makes a device's certificate good for every purpose; list "
		"what it is for"},
	    {"1.3.6.1.5.5.7.3.9",
		"OCSPSigning lets a device answer for the revocation of others; remove it"},
	    {"1.3.6.1.4.1.311.20.2.1",
		"a certificate request agent may ask for certificates of others; remove it"},
	    {"1.3.6.1.5.5.7.3.28",
		"a registration authority may ask for certificates of others; remove it"},
	    {"1.3.6.1.4.1.311.21.6", "a key recovery agent may read keys of others; remove it"},
	    {"1.3.6.1.4.1.311.21.5",
		"it is for the key exchange of a certification authority; remove it"},
	};
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (strcmp(dotted, refused[i].oid) == 0)
			return refused[i].why;
	}
	return NULL;
}

/* Dotted decimal that fits our encoding: arcs without leading zeroes, below 2^32. */
static bool
is_dotted_oid(const char *s)
{
	size_t arcs = 0, encoded = 0;
	uint64_t first = 0;
	while (true) {
		size_t len = strcspn(s, ".");
		uint64_t v = 0;
		if (sg_decimal_parse(sg_slice(s, len), UINT32_MAX, &v, NULL) != SG_OK)
			return false;
		if ((arcs == 0 && v > 2) || (arcs == 1 && first < 2 && v > 39))
			return false;
		if (arcs == 0)
			first = v;
		for (arcs++; v > 0x7f; v >>= 7)
			encoded++;
		encoded++;
		if (s[len] == '\0')
			return arcs >= 2 && encoded <= SG_OID_MAX;
		s += len + 1;
	}
}

const char *
sg_conf_eku_parse(const char *text, const char **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < EKU_WORDS_N; i++) {
		if (strcmp(text, eku_words[i].word) == 0)
			*ret = eku_words[i].oid;
	}
	if (*ret == NULL && is_dotted_oid(text))
		*ret = text;
	if (*ret != NULL)
		return eku_refused(*ret);
	return "write clientAuth, serverAuth, codeSigning, emailProtection, ipsecIKE, eapOverLAN, "
	       "smartcardLogon or a dotted OID";
}

const char *
sg_conf_other_parse(const char *text, const char **ret)
{
	size_t len = strlen("other:");

	*ret = strncmp(text, "other:", len) == 0 ? text + len : NULL;
	if (*ret == NULL && strcmp(text, "other") != 0 && strcmp(text, "otherName") != 0)
		return NULL;
	if (*ret == NULL)
		*ret = "";
	if (strcmp(*ret, "1.3.6.1.4.1.311.20.2.3") == 0)
		return "write upn";
	return is_dotted_oid(*ret) ? NULL : "write for example other:1.3.6.1.5.2.2";
}
