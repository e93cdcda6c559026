/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alg.c - sizes and names of the algorithms, one row each; parsers, crypto and texts ask here
 */

#include "base/alg.h"

static const struct {
	size_t len;
	const char *name;
} hashes[] = {
    [SG_HASH_NONE] = {0, "none"},
    [SG_HASH_SHA1] = {20, "SHA-1"},
    [SG_HASH_SHA256] = {32, "SHA-256"},
    [SG_HASH_SHA384] = {48, "SHA-384"},
    [SG_HASH_SHA512] = {64, "SHA-512"},
};

static const struct {
	size_t key_len, block_len;
	const char *name;
} ciphers[] = {
    [SG_CIPHER_NONE] = {0, 0, "none"},
    [SG_CIPHER_AES128_CBC] = {16, 16, "AES-128-CBC"},
    [SG_CIPHER_AES192_CBC] = {24, 16, "AES-192-CBC"},
    [SG_CIPHER_AES256_CBC] = {32, 16, "AES-256-CBC"},
    [SG_CIPHER_DES3_CBC] = {24, 8, "3DES-CBC"},
    [SG_CIPHER_DES_CBC] = {8, 8, "DES-CBC"},
};

static const char *const keytypes[] = {
    [SG_KEY_NONE] = "none",
    [SG_KEY_RSA] = "RSA",
    [SG_KEY_P256] = "P-256",
    [SG_KEY_P384] = "P-384",
    [SG_KEY_P521] = "P-521",
};

static const char *const schemes[] = {
    [SG_SIG_NONE] = "none",
    [SG_SIG_RSA_PKCS1] = "RSA",
    [SG_SIG_RSA_PSS] = "RSA-PSS",
    [SG_SIG_ECDSA] = "ECDSA",
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

size_t
sg_hash_len(enum sg_hash hash)
{
	return (size_t)hash < COUNT(hashes) ? hashes[hash].len : 0;
}

size_t
sg_cipher_key_len(enum sg_cipher cipher)
{
	return (size_t)cipher < COUNT(ciphers) ? ciphers[cipher].key_len : 0;
}

size_t
sg_cipher_block_len(enum sg_cipher cipher)
{
	return (size_t)cipher < COUNT(ciphers) ? ciphers[cipher].block_len : 0;
}

const char *
sg_hash_name(enum sg_hash hash)
{
	return (size_t)hash < COUNT(hashes) ? hashes[hash].name : "unknown";
}

const char *
sg_cipher_name(enum sg_cipher cipher)
{
	return (size_t)cipher < COUNT(ciphers) ? ciphers[cipher].name : "unknown";
}

const char *
sg_keytype_name(enum sg_keytype type)
{
	return (size_t)type < COUNT(keytypes) ? keytypes[type] : "unknown";
}

const char *
sg_sigscheme_name(enum sg_sigscheme scheme)
{
	return (size_t)scheme < COUNT(schemes) ? schemes[scheme] : "unknown";
}
