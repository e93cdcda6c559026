-- SPDX-License-Identifier: Apache-2.0
-- The CA's database: intents that become certificates, revocations, CRLs, audit.

CREATE TABLE issuer (
	id INTEGER PRIMARY KEY,
	key_hash BLOB NOT NULL UNIQUE,
	name TEXT NOT NULL,
	added_at INTEGER NOT NULL
);

-- state: 1 intent, 2 good, 3 hold, 4 revoked, 5 withdrawn, 6 failed.
-- serial is NULL only where a request id was cancelled before it came.
-- Serials and request ids begin with something that grows, so both indexes do at their end.
CREATE TABLE cert (
	id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,
	issuer INTEGER NOT NULL,
	shard INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	intent_at INTEGER NOT NULL,
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	done_at INTEGER NOT NULL,
	revoked_at INTEGER NOT NULL,
	request_id BLOB NOT NULL,
	serial BLOB,
	trace BLOB NOT NULL,
	csr_hash BLOB NOT NULL,
	spki_hash BLOB NOT NULL,
	cert_hash BLOB NOT NULL,
	endpoint TEXT NOT NULL,
	template TEXT NOT NULL,
	subject TEXT NOT NULL,
	order_id BLOB,
	renews BLOB,
	renews_hash BLOB,
	failure TEXT
);
CREATE UNIQUE INDEX cert_request ON cert (request_id);
CREATE UNIQUE INDEX cert_serial ON cert (serial) WHERE serial IS NOT NULL;
CREATE UNIQUE INDEX cert_order ON cert (order_id) WHERE order_id IS NOT NULL AND state <= 4;
CREATE UNIQUE INDEX cert_renewal ON cert (renews_hash, csr_hash)
	WHERE renews_hash IS NOT NULL AND state <= 4;
CREATE INDEX cert_revoked ON cert (issuer, shard, serial) WHERE state BETWEEN 3 AND 5;

-- The bytes of the certificates, apart: rows of cert keep their size when they change,
-- and lists read nothing but the facts.
CREATE TABLE cert_der (
	id INTEGER PRIMARY KEY,
	der BLOB NOT NULL
);

-- this_update is 0 while a number was only handed out; der is kept of the newest.
CREATE TABLE crl (
	issuer INTEGER NOT NULL,
	shard INTEGER NOT NULL,
	number INTEGER NOT NULL,
	taken_at INTEGER NOT NULL,
	this_update INTEGER NOT NULL,
	next_update INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	der BLOB,
	PRIMARY KEY (issuer, shard, number)
) WITHOUT ROWID;

CREATE TABLE audit (
	seq INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	who TEXT NOT NULL,
	act TEXT NOT NULL,
	object TEXT NOT NULL,
	detail TEXT NOT NULL,
	hash BLOB NOT NULL
);
