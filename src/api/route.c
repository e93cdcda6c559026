/* SPDX-License-Identifier: Apache-2.0 */

/*
 * route.c - what rows of routes share: the words of rights, and the object that has no member
 */

#include "api/route.h"

const struct sg_json_word sg_api_right_words[] = {
    {"read", SG_API_READ, "look at everything but secrets"},
    {"challenge", SG_API_CHALLENGE, "make challenges: who has one gets a certificate"},
    {"certificate", SG_API_CERTIFICATE, "revoke, release and import certificates, publish lists"},
    {"backup", SG_API_BACKUP, "read a whole database"},
    {NULL, 0, NULL},
};

const struct sg_json_schema sg_api_none_schema = {.tag = "sg_api_none", .text = "no member"};

const struct sg_json_schema *
sg_api_none_of(void)
{
	return &sg_api_none_schema;
}
