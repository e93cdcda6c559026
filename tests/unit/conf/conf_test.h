/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf_test.h - what the tests of conf share: cmocka, a good configuration, parsing it
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/conf.h"

/* Every option, each on a line of its own. */
#define GOOD_TEXT                                                                                  \
	"site: Example\n"                                                                          \
	"data: .\n"                                                                                \
	"users: 64100\n"                                                                           \
	"front:\n"                                                                                 \
	"  listen: [127.0.0.1:8080, \"[::1]:8080\"]\n" /* 5 */                                     \
	"  access-log: log/access.log\n"                                                           \
	"ca:\n"                                                                                    \
	"  certificate: ca/ca.pem\n"                                                               \
	"  key: ca/ca.key\n"                                                                       \
	"  chain: [ca/root.pem]\n" /* 10 */                                                        \
	"  crl: pub/ca.crl\n"                                                                      \
	"  crl-validity: 7d\n"                                                                     \
	"  cdp-url: http://pki.example/ca.crl\n"                                                   \
	"  aia-url: http://pki.example/ca.cer\n"                                                   \
	"registrar:\n" /* 15 */                                                                    \
	"  challenge-key: keys/challenge.key\n"                                                    \
	"ra:\n"                                                                                    \
	"  certificate: ra/ra.pem\n"                                                               \
	"  key: ra/ra.key\n"                                                                       \
	"  reject-secret: keys/unwrap.key\n" /* 20 */                                              \
	"templates:\n"                                                                             \
	"  client:\n"                                                                              \
	"    validity: 365d\n"                                                                     \
	"    key-usage: [digitalSignature, keyEncipherment]\n"                                     \
	"    eku: [clientAuth, 1.3.6.1.4.1.311.20.2.2]\n" /* 25 */                                 \
	"    key-types: [rsa-2048, rsa-3072, rsa-4096, p256, p384]\n"                              \
	"    sans: [dns, email, uri, ip, upn]\n"                                                   \
	"    hash: sha256\n"                                                                       \
	"endpoints:\n"                                                                             \
	"  default:\n" /* 30 */                                                                    \
	"    policy: one-time\n"                                                                   \
	"    template: client\n"                                                                   \
	"    profile: standard\n"                                                                  \
	"    allow: [sha1, des3]\n"                                                                \
	"    renewal: true\n" /* 35 */                                                             \
	"    renewal-grace: 0d\n"                                                                  \
	"  kiosk:\n"                                                                               \
	"    policy: static\n"                                                                     \
	"    template: client\n"                                                                   \
	"    challenge-file: keys/static.challenge\n" /* 40 */                                     \
	"    subjects: [\"CN=*.dev.example, O=Test\"]\n"                                           \
	"    sans: [\"dns:*.dev.example\"]\n"

/* The least that is accepted. */
#define SMALL_TEXT                                                                                 \
	"front: {listen: [127.0.0.1:8080]}\n"                                                      \
	"ca: {certificate: ca.pem, key: ca.key}\n"                                                 \
	"registrar: {challenge-key: c.key}\n"                                                      \
	"ra: {certificate: ra.pem, key: ra.key, reject-secret: r.key}\n"                           \
	"templates: {client: {}}\n"                                                                \
	"endpoints: {default: {policy: one-time, template: client}}\n"

/* text with the first occurrence of from replaced by to. */
static inline void
put_replaced(struct sg_buf *b, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	assert_non_null(at);
	sg_buf_put(b, text, (size_t)(at - text));
	sg_buf_puts(b, to);
	sg_buf_puts(b, at + strlen(from));
	assert_int_equal(sg_buf_check(b, NULL), SG_OK);
}
