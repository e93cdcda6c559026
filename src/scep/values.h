/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scep/values.h - the values of messageType, pkiStatus and failInfo (RFC 8894 3.2.1.2 to
 * 3.2.1.4): numbers of ours, texts on the wire, names
 */

#include "base/err.h"
#include "base/slice.h"

/* messageType, RFC 8894 3.2.1.2; everything else is SG_SCEP_TYPE_NONE and refused. */
enum sg_scep_type {
	SG_SCEP_TYPE_NONE = 0,
	SG_SCEP_CERTREP = 3,
	SG_SCEP_RENEWALREQ = 17,
	SG_SCEP_PKCSREQ = 19,
	SG_SCEP_CERTPOLL = 20,
	SG_SCEP_GETCERT = 21,
	SG_SCEP_GETCRL = 22,
};

/* pkiStatus. Our own numbers (they travel in frames): zero is not SUCCESS. */
enum sg_scep_status {
	SG_SCEP_STATUS_NONE = 0,
	SG_SCEP_SUCCESS = 1, /* "0" on the wire */
	SG_SCEP_FAILURE = 2, /* "2" */
	SG_SCEP_PENDING = 3, /* "3" */
};

/* failInfo; the text on the wire is one less. */
enum sg_scep_fail {
	SG_SCEP_FAIL_NONE = 0,
	SG_SCEP_BAD_ALG = 1,
	SG_SCEP_BAD_MESSAGE_CHECK = 2,
	SG_SCEP_BAD_REQUEST = 3,
	SG_SCEP_BAD_TIME = 4,
	SG_SCEP_BAD_CERT_ID = 5,
};

/* The failInfo for a refusal: ALG badAlg, SIGNATURE badMessageCheck, TIME badTime,
 * NOTFOUND badCertId, everything else badRequest. */
enum sg_scep_fail
sg_scep_fail_from(enum sg_code code);

/* Exact text to value: "19" and nothing like it. NONE for everything unknown. */
enum sg_scep_type
sg_scep_type_parse(struct sg_slice text);
enum sg_scep_status
sg_scep_status_parse(struct sg_slice text);
enum sg_scep_fail
sg_scep_fail_parse(struct sg_slice text);
/* The text on the wire; "" for NONE. */
const char *
sg_scep_type_text(enum sg_scep_type type);
const char *
sg_scep_status_text(enum sg_scep_status status);
const char *
sg_scep_fail_text(enum sg_scep_fail fail);
/* The word of the RFC: "PKCSReq", "SUCCESS", "badAlg"; "none". */
const char *
sg_scep_type_name(enum sg_scep_type type);
const char *
sg_scep_status_name(enum sg_scep_status status);
const char *
sg_scep_fail_name(enum sg_scep_fail fail);
