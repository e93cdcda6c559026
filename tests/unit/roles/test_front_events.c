/* SPDX-License-Identifier: Apache-2.0 */

/* From whom a request came, for registrar. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "roles/front/events.h"

#define V6 "2001:db8:ffff:ffff:ffff:ffff:ffff:fff1"
#define V4_IN_V6 "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
#define V1_MAX 64u /* bytes of an address in version 1 of the edge */

static void
peer__with_and_without_a_proxy__as_the_version_has_room(void **state)
{
	static const struct {
		unsigned version;
		const char *peer, *via, *want;
	} rows[] = {
	    {2, "192.0.2.1", NULL, "192.0.2.1"},
	    {2, "192.0.2.1", "10.0.0.5", "192.0.2.1 via 10.0.0.5"},
	    {2, V6, V6, V6 " via " V6},
	    {2, V4_IN_V6, V4_IN_V6, V4_IN_V6 " via " V4_IN_V6},
	    {0, V6, V6, V6 " via " V6},
	    {1, V6, NULL, V6},
	    {1, "192.0.2.1", "10.0.0.5", "192.0.2.1"},
	    {1, V6, V6, V6},
	    {1, V4_IN_V6, V4_IN_V6, V4_IN_V6},
	};
	(void)state;
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		char peer[FRONT_PEER_LEN];
		front_events_peer(rows[n].version, rows[n].peer, rows[n].via, peer);
		assert_string_equal(peer, rows[n].want);
		assert_true(strlen(peer) <= (rows[n].version == 1 ? V1_MAX : SG_FRAME_ADDR_MAX));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(peer__with_and_without_a_proxy__as_the_version_has_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
