/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cms/oids.h - object identifiers of CMS (RFC 5652) and SCEP (RFC 8894 3.2.1), as DER
 * contents
 */

#include "base/slice.h"

/* Content types. */
extern const struct sg_slice sg_scep_oid_data, sg_scep_oid_signed_data, sg_scep_oid_enveloped_data,
    sg_scep_oid_digested_data, sg_scep_oid_encrypted_data, sg_scep_oid_auth_enveloped_data,
    sg_scep_oid_compressed_data;
/* Signed attributes of CMS. */
extern const struct sg_slice sg_scep_oid_content_type, sg_scep_oid_message_digest,
    sg_scep_oid_signing_time;
/* Transaction attributes of SCEP. */
extern const struct sg_slice sg_scep_oid_message_type, sg_scep_oid_pki_status,
    sg_scep_oid_fail_info, sg_scep_oid_sender_nonce, sg_scep_oid_recipient_nonce,
    sg_scep_oid_transaction_id, sg_scep_oid_fail_info_text, sg_scep_oid_ms_hresult;
