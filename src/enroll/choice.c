/* SPDX-License-Identifier: Apache-2.0 */

/*
 * choice.c - cipher, digest and method of the messages: decided after GetCACaps, before a request
 * is made
 */

#include "enroll/choice.h"

#include <stddef.h>

#include "base/buf.h"
#include "scep/caps.h"

/* In the order in which they are preferred; SHA-1 only where it is allowed. */
static const struct {
	enum sg_hash hash;
	uint32_t cap; /* that offers it */
} hashes[] = {
    {SG_HASH_SHA256, SG_CAP_SHA256},
    {SG_HASH_SHA512, SG_CAP_SHA512},
    {SG_HASH_SHA384, SG_CAP_SHA384},
};

/* "it offers: A B C", or why it offers nothing. */
static const char *
offer(struct sg_buf *b, uint32_t caps, const char *note)
{
	if (caps == 0) {
		sg_buf_printf(b, "GetCACaps gave nothing (%s)", note);
		return sg_buf_text(b);
	}
	sg_buf_puts(b, "it offers: ");
	sg_scep_caps_put(b, caps);
	for (size_t n = 0; n < b->len; n++)
		if (b->p[n] == '\n')
			b->p[n] = ' ';
	if (b->len > 0 && b->p[b->len - 1] == ' ')
		b->len--;
	return sg_buf_text(b);
}

enum sg_code
sg_enroll_choose(
    struct sg_enroll_choice *choice, uint32_t caps, const char *note, struct sg_err *err)
{
	struct sg_enroll_choice made = *choice;
	sg_buf_scoped text = {0};

	made.post = made.post || (!made.get && (caps & SG_CAP_POST) != 0);
	if (made.cipher == SG_CIPHER_NONE) {
		if ((caps & SG_CAP_AES) == 0 && !made.legacy)
			return sg_fail(err, SG_E_ALG, "client.cipher",
			    "the server does not offer AES; %s; nothing was sent: --cipher aes-128 "
			    "tries AES nevertheless, --legacy allows 3DES",
			    offer(&text, caps, note));
		made.cipher = caps & SG_CAP_AES ? SG_CIPHER_AES128_CBC : SG_CIPHER_DES3_CBC;
	}
	for (size_t n = 0; made.hash == SG_HASH_NONE && n < sizeof hashes / sizeof hashes[0]; n++)
		if (caps & hashes[n].cap)
			made.hash = hashes[n].hash;
	if (made.hash == SG_HASH_NONE && !made.legacy)
		return sg_fail(err, SG_E_ALG, "client.digest",
		    "the server does not offer SHA-256; %s; nothing was sent: --digest sha256 "
		    "tries it nevertheless, --legacy allows SHA-1",
		    offer(&text, caps, note));
	if (made.hash == SG_HASH_NONE)
		made.hash = SG_HASH_SHA1;
	*choice = made;
	return SG_OK;
}
