/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/alg.h - the algorithms that exist for us, by name; what is not here is refused
 *
 * Values are stable: they travel in frames between processes (SG_*_NONE = absent or
 * unknown, never accepted).
 */

#include <stddef.h>

enum sg_hash {
	SG_HASH_NONE = 0,
	SG_HASH_SHA1 = 1,
	SG_HASH_SHA256 = 2,
	SG_HASH_SHA384 = 3,
	SG_HASH_SHA512 = 4,
};

enum sg_cipher {
	SG_CIPHER_NONE = 0,
	SG_CIPHER_AES128_CBC = 1,
	SG_CIPHER_AES192_CBC = 2,
	SG_CIPHER_AES256_CBC = 3,
	SG_CIPHER_DES3_CBC = 4,
	SG_CIPHER_DES_CBC = 5, /* our client's --legacy-des, decryption only */
};

enum sg_keytype {
	SG_KEY_NONE = 0,
	SG_KEY_RSA = 1,
	SG_KEY_P256 = 2,
	SG_KEY_P384 = 3,
	SG_KEY_P521 = 4,
};

enum sg_sigscheme {
	SG_SIG_NONE = 0,
	SG_SIG_RSA_PKCS1 = 1,
	SG_SIG_RSA_PSS = 2, /* what we make: MGF1 with the same hash, salt length = hash length */
	SG_SIG_ECDSA = 3,
};

/* A signature algorithm: how and over which hash. */
struct sg_sigalg {
	enum sg_sigscheme scheme;
	enum sg_hash hash;
	/* Only SG_SIG_RSA_PSS: 0..SG_PSS_SALT_MAX, as the bytes say, and the hash of MGF1 when it
	 * is another than that of the signature. */
	int pss_salt_len;
	enum sg_hash pss_mgf1;
};

enum sg_transport {
	SG_TRANSPORT_NONE = 0,
	SG_TRANSPORT_PKCS1 = 1,
	SG_TRANSPORT_OAEP = 2, /* hash and MGF1 hash in struct sg_keytrans */
};

struct sg_keytrans {
	enum sg_transport transport;
	enum sg_hash oaep_hash; /* SG_HASH_NONE for PKCS1 */
	enum sg_hash mgf1_hash;
};

size_t
sg_hash_len(enum sg_hash hash); /* bytes; 0 for NONE */
size_t
sg_cipher_key_len(enum sg_cipher cipher);
size_t
sg_cipher_block_len(enum sg_cipher cipher);
const char *
sg_hash_name(enum sg_hash hash); /* "SHA-256"; "none" */
const char *
sg_cipher_name(enum sg_cipher cipher); /* "AES-128-CBC" */
const char *
sg_keytype_name(enum sg_keytype type); /* "RSA", "P-256" */
const char *
sg_sigscheme_name(enum sg_sigscheme scheme); /* "RSA", "RSA-PSS", "ECDSA" */
