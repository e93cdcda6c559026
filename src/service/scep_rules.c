/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scep_rules.c - from an endpoint's options to the algorithms and capabilities that it allows
 */

#include "service/scep_rules.h"

#include "scep/caps.h"
#include "scep/check.h"

struct sg_scep_rules
sg_service_scep_rules(const struct sg_conf_endpoint *endpoint)
{
	struct sg_scep_rules rules = {
	    .hashes = 1u << SG_HASH_SHA256 | 1u << SG_HASH_SHA384 | 1u << SG_HASH_SHA512,
	    .ciphers = 1u << SG_CIPHER_AES128_CBC | 1u << SG_CIPHER_AES192_CBC |
		       1u << SG_CIPHER_AES256_CBC,
	    .strict = endpoint->profile == SG_CONF_PROFILE_STRICT,
	};
	if (endpoint->allow & SG_CONF_ALLOW_SHA1)
		rules.hashes |= 1u << SG_HASH_SHA1;
	if (endpoint->allow & SG_CONF_ALLOW_DES3)
		rules.ciphers |= 1u << SG_CIPHER_DES3_CBC;
	return rules;
}

uint32_t
sg_service_scep_caps(const struct sg_conf_endpoint *endpoint)
{
	uint32_t caps = SG_CAPS_DEFAULT;

	if (!endpoint->renewal)
		caps &= ~(uint32_t)SG_CAP_RENEWAL;
	if (endpoint->allow & SG_CONF_ALLOW_SHA1)
		caps |= SG_CAP_SHA1;
	if (endpoint->allow & SG_CONF_ALLOW_DES3)
		caps |= SG_CAP_DES3;
	return caps;
}
