-- SPDX-License-Identifier: Apache-2.0
-- Revocation lists that can be checked against what they must have.

-- revoked_seq: the audit row of the act that revoked it or put it on hold; 0: of an earlier version.
-- last_list: the number of the first list after the certificate's end that had it, which was its
-- last one (RFC 5280 3.3); 0: the next list has it.
ALTER TABLE cert ADD COLUMN revoked_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cert ADD COLUMN last_list INTEGER NOT NULL DEFAULT 0;
DROP INDEX cert_revoked;
CREATE INDEX cert_revoked ON cert (issuer, shard, serial)
	WHERE state BETWEEN 3 AND 5 AND last_list = 0;

-- audit_seq: the last audit row that the list knew of; 0: of an earlier version.
ALTER TABLE crl ADD COLUMN audit_seq INTEGER NOT NULL DEFAULT 0;

-- Entries of a list of ours whose certificates are not here: a backup came back.
CREATE TABLE adopted (
	issuer INTEGER NOT NULL,
	serial BLOB NOT NULL,
	revoked_at INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (issuer, serial)
) WITHOUT ROWID;

-- Whether a certificate was released is asked for each entry of a list that it lacks.
CREATE INDEX audit_release ON audit (object) WHERE act = 'release';

-- The latest time that this CA is known to have been at.
CREATE TABLE clock (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL
);
INSERT INTO clock VALUES (1, 0);
