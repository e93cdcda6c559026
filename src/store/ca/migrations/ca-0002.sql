-- SPDX-License-Identifier: Apache-2.0
-- Serial numbers are leased before anything is signed with them.

-- serials: numbers of 20 bytes each, one behind the other. A row goes when all its numbers are
-- in cert or in an audit row "abandon". State 1 of cert is written no more.
CREATE TABLE lease (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	serials BLOB NOT NULL
);
