/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/scep/fixture.h"

#include "cms/oids.h"
#include "asn1/oid.h"

/* RFC 5652, RFC 8894 3.2.1, and Microsoft's own. */
static void
oids__dotted(void **state)
{
	static const struct {
		const struct sg_slice *oid;
		const char *dotted;
	} rows[] = {
	    {&sg_scep_oid_data, "1.2.840.113549.1.7.1"},
	    {&sg_scep_oid_signed_data, "1.2.840.113549.1.7.2"},
	    {&sg_scep_oid_enveloped_data, "1.2.840.113549.1.7.3"},
	    {&sg_scep_oid_digested_data, "1.2.840.113549.1.7.5"},
	    {&sg_scep_oid_encrypted_data, "1.2.840.113549.1.7.6"},
	    {&sg_scep_oid_auth_enveloped_data, "1.2.840.113549.1.9.16.1.23"},
	    {&sg_scep_oid_compressed_data, "1.2.840.113549.1.9.16.1.9"},
	    {&sg_scep_oid_content_type, "1.2.840.113549.1.9.3"},
	    {&sg_scep_oid_message_digest, "1.2.840.113549.1.9.4"},
	    {&sg_scep_oid_signing_time, "1.2.840.113549.1.9.5"},
	    {&sg_scep_oid_message_type, "2.16.840.1.113733.1.9.2"},
	    {&sg_scep_oid_pki_status, "2.16.840.1.113733.1.9.3"},
	    {&sg_scep_oid_fail_info, "2.16.840.1.113733.1.9.4"},
	    {&sg_scep_oid_sender_nonce, "2.16.840.1.113733.1.9.5"},
	    {&sg_scep_oid_recipient_nonce, "2.16.840.1.113733.1.9.6"},
	    {&sg_scep_oid_transaction_id, "2.16.840.1.113733.1.9.7"},
	    {&sg_scep_oid_fail_info_text, "1.3.6.1.5.5.7.24.1"},
	    {&sg_scep_oid_ms_hresult, "1.3.6.1.4.1.311.21.33"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sg_buf_scoped b = {0};
		struct sg_err err = {0};
		fx_assert_ok(sg_oid_from_dotted(sg_slice_str(rows[i].dotted), &b, &err), err);
		fx_assert_slice(*rows[i].oid, sg_buf_slice(&b));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(oids__dotted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
