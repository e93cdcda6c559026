/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ipc/edges/registrar_keyd.h - what registrar asks keyd: the two operations with the RA key
 *
 * Algorithms are the enums of base/alg.h and codes are enum sg_code: the rows bound them as
 * numbers, and each side checks again what it gets.
 */

#include "ipc/peer.h"

enum {
	SG_FRAME_UNWRAP = 7,
	SG_FRAME_UNWRAP_ANSWER,
	SG_FRAME_SIGN,
	SG_FRAME_SIGN_ANSWER,
	SG_FRAME_KEYD_HEALTH = 21,
	SG_FRAME_KEYD_HEALTH_ANSWER,
};

/* A content key that was encrypted to the RA. */
#define SG_FRAME_UNWRAP_ROWS(T, U, B)                                                              \
	U(T, transport, 1, 0, SG_FRAME_ENUM_MAX) /* enum sg_transport */                           \
	U(T, oaep_hash, 1, 0, SG_FRAME_ENUM_MAX) /* enum sg_hash */                                \
	U(T, mgf1_hash, 1, 0, SG_FRAME_ENUM_MAX)                                                   \
	U(T, cek_len, 1, 0, SG_FRAME_CEK_MAX)                                                      \
	B(T, wrapped, 1, 1, SG_FRAME_RSA_MAX)
SG_FRAME_DECLARE(unwrap, SG_FRAME_UNWRAP_ROWS);

#define SG_FRAME_UNWRAP_ANSWER_ROWS(T, U, B)                                                       \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, cek, 1, 0, SG_FRAME_CEK_MAX) /* a secret */
SG_FRAME_DECLARE(unwrap_answer, SG_FRAME_UNWRAP_ANSWER_ROWS);
SG_PEER_QUESTION(unwrap, unwrap_answer);

/* The attributes of a CertRep: struct sg_scep_certrep_facts without the fresh nonce, which keyd
 * makes itself. */
#define SG_FRAME_SIGN_ROWS(T, U, B)                                                                \
	U(T, status, 1, 0, SG_FRAME_ENUM_MAX) /* enum sg_scep_status */                            \
	U(T, fail, 1, 0, SG_FRAME_ENUM_MAX)   /* enum sg_scep_fail */                              \
	B(T, fail_text, 1, 0, 255)                                                                 \
	B(T, txid, 1, 1, SG_TXID_MAX)                                                              \
	U(T, txid_tag, 1, 0, SG_FRAME_ENUM_MAX) /* of its ASN.1 string */                          \
	B(T, nonce, 1, 0, SG_NONCE_MAX)		/* the device's */                                 \
	U(T, hash, 1, 0, SG_FRAME_ENUM_MAX)	/* enum sg_hash */                                 \
	B(T, digest, 1, 0, 64)			/* of the content; SHA-512 */
SG_FRAME_DECLARE(sign, SG_FRAME_SIGN_ROWS);

#define SG_FRAME_SIGN_ANSWER_ROWS(T, U, B)                                                         \
	U(T, code, 1, 0, SG_FRAME_CODE_MAX)                                                        \
	B(T, attrs, 1, 0, 4096) /* as they were signed: two ids and a text of 255 bytes */         \
	B(T, sig, 1, 0, SG_FRAME_RSA_MAX)
SG_FRAME_DECLARE(sign_answer, SG_FRAME_SIGN_ANSWER_ROWS);
SG_PEER_QUESTION(sign, sign_answer);

/* Does it answer, and could it do its work? */
#define SG_FRAME_KEYD_HEALTH_ROWS(T, U, B) U(T, none, 2, 0, 0) /* a frame has a field */
SG_FRAME_DECLARE(keyd_health, SG_FRAME_KEYD_HEALTH_ROWS);

#define SG_FRAME_KEYD_HEALTH_ANSWER_ROWS(T, U, B) U(T, ready, 2, 0, 1)
SG_FRAME_DECLARE(keyd_health_answer, SG_FRAME_KEYD_HEALTH_ANSWER_ROWS);
SG_PEER_QUESTION(keyd_health, keyd_health_answer);

extern const struct sg_edge sg_edge_registrar_keyd;
