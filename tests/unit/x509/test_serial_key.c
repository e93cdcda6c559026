/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/x509/asn.h"

#include "base/hex.h"
#include "x509/serial_key.h"

#define FF20 "ffffffffffffffffffffffffffffffffffffffff"

/* The contents of an INTEGER, the key that they are stored under, and openssl's text. */
static const struct {
	const char *contents, *key, *text;
} rows[] = {
    {"00", "00", "00"},
    {"01", "01", "01"},
    {"7f", "7f", "7f"},
    {"0080", "80", "80"},
    {"0a1b2c", "0a1b2c", "0a1b2c"},
    {"7fffffffffffffffffffffffffffffffffffffff", "7fffffffffffffffffffffffffffffffffffffff",
	"7fffffffffffffffffffffffffffffffffffffff"},
    {"00" FF20, FF20, FF20}, /* 2^160 - 1 */
    {"ff", "00ff", "-01"},
    {"80", "0080", "-80"},
    {"ff7f", "00ff7f", "-81"},
    {"ff00", "00ff00", "-0100"},
    {"8000000000000000000000000000000000000000", "008000000000000000000000000000000000000000",
	"-8000000000000000000000000000000000000000"},
    {FF20, "00" FF20, "-01"}, /* octets too many */
    {"ff80", "00ff80", "-80"},
    {"0001", "000001", "01"},
    {"0000", "000000", "00"},
    {"000080", "00000080", "80"},
};
#define ROWS (sizeof rows / sizeof rows[0])

static struct sg_slice
bytes(struct sg_buf *b, const char *hex)
{
	sg_buf_reset(b);
	assert_int_equal(sg_hex_parse(sg_slice_str(hex), b, NULL), SG_OK);
	return sg_buf_slice(b);
}

static void
serial_key__contents__back_byte_for_byte(void **state)
{
	(void)state;
	for (size_t n = 0; n < ROWS; n++) {
		sg_buf_scoped contents = {0}, want = {0}, tlv = {0}, same = {0};
		uint8_t store[SG_SERIAL_MAX + 1];
		struct sg_slice key = sg_serial_key(bytes(&contents, rows[n].contents), store);
		assert_true(sg_slice_eq(key, bytes(&want, rows[n].key)));
		sg_serial_key_put_integer(&tlv, key);
		sg_derw_tlv(&same, SG_DER_INTEGER, sg_buf_slice(&contents));
		assert_true(sg_slice_eq(sg_buf_slice(&tlv), sg_buf_slice(&same)));
	}
}

static void
serial_key__text__as_openssl(void **state)
{
	(void)state;
	for (size_t n = 0; n < ROWS; n++) {
		sg_buf_scoped key = {0}, text = {0};
		sg_serial_key_put_text(&text, bytes(&key, rows[n].key));
		assert_string_equal(sg_buf_text(&text), rows[n].text);
	}
}

/* From the text to the key, made wider where octets are too many. */
static void
serial_key__from_text__the_key_or_a_wider_one(void **state)
{
	(void)state;
	for (size_t n = 0; n < ROWS; n++) {
		sg_buf_scoped key = {0}, want = {0};
		bool found = false;
		struct sg_slice wanted = bytes(&want, rows[n].key);
		assert_int_equal(
		    sg_serial_key_from_text(sg_slice_str(rows[n].text), &key, NULL), SG_OK);
		while (!found && key.len <= 24) {
			found = sg_slice_eq(sg_buf_slice(&key), wanted);
			sg_serial_key_widen(&key);
		}
		if (!found)
			fail_msg("%s does not find %s", rows[n].text, rows[n].key);
	}
}

static void
serial_key__forms_of_text__understood_or_refused(void **state)
{
	static const char *const bad[] = {"", "-", "0", "xy", "--01", "-0", " 01", "01 ", "+01"};
	static const struct {
		const char *text, *key;
	} good[] = {{"0A:1B", "0a1b"}, {"000A", "0a"}, {"-00", "00"}, {"-0001", "00ff"}};

	(void)state;
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		sg_buf_scoped key = {0};
		assert_int_not_equal(
		    sg_serial_key_from_text(sg_slice_str(bad[n]), &key, NULL), SG_OK);
	}
	for (size_t n = 0; n < sizeof good / sizeof good[0]; n++) {
		sg_buf_scoped key = {0}, want = {0};
		assert_int_equal(
		    sg_serial_key_from_text(sg_slice_str(good[n].text), &key, NULL), SG_OK);
		assert_true(sg_slice_eq(sg_buf_slice(&key), bytes(&want, good[n].key)));
	}
}

/* The longest that a signer's certificate may have fits the store. */
static void
serial_key__longest__fits(void **state)
{
	uint8_t contents[SG_SERIAL_MAX], store[SG_SERIAL_MAX + 1];

	(void)state;
	memset(contents, 0xff, sizeof contents);
	struct sg_slice key = sg_serial_key(sg_slice(contents, sizeof contents), store);
	assert_int_equal(key.len, SG_SERIAL_MAX + 1);
	assert_memory_equal(key.p + 1, contents, sizeof contents);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(serial_key__contents__back_byte_for_byte),
	    cmocka_unit_test(serial_key__text__as_openssl),
	    cmocka_unit_test(serial_key__from_text__the_key_or_a_wider_one),
	    cmocka_unit_test(serial_key__forms_of_text__understood_or_refused),
	    cmocka_unit_test(serial_key__longest__fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
