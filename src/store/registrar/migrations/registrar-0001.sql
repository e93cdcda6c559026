-- SPDX-License-Identifier: Apache-2.0
-- The registrar's database: challenges, transactions, events.
-- Ids only grow: request ids are made of them.

CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES ('instance', randomblob(16));

-- state: 1 free, 2 reserved, 3 used, 4 burned
CREATE TABLE challenge (
	hash BLOB PRIMARY KEY,
	state INTEGER NOT NULL,
	tx INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	endpoint TEXT NOT NULL,
	subject BLOB NOT NULL,
	sans TEXT NOT NULL,
	created_by TEXT NOT NULL,
	note TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX challenge_expires ON challenge (expires_at);

-- state: 1 running, 2 pending, 3 denied, 4 issued, 5 failed.
-- gen: one more each time the window of a static policy has passed.
CREATE TABLE tx (
	id INTEGER PRIMARY KEY,
	key BLOB NOT NULL,
	gen INTEGER NOT NULL,
	state INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	policy INTEGER NOT NULL,
	code INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	finished_at INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	trace BLOB NOT NULL,
	csr_hash BLOB NOT NULL,
	auth_hash BLOB NOT NULL,
	signer_hash BLOB NOT NULL,
	endpoint TEXT NOT NULL,
	txid BLOB NOT NULL,
	subject TEXT NOT NULL,
	peer TEXT NOT NULL,
	serial BLOB,
	cert_hash BLOB,
	rule TEXT,
	text TEXT,
	steps TEXT
);
CREATE UNIQUE INDEX tx_key ON tx (key, gen);
-- Traces begin with the time, so this one grows at its end.
CREATE INDEX tx_trace ON tx (trace);
CREATE INDEX tx_open ON tx (state) WHERE state <= 2;

CREATE TABLE event (
	id INTEGER PRIMARY KEY,
	at_us INTEGER NOT NULL,
	trace BLOB NOT NULL,
	role INTEGER NOT NULL,
	level INTEGER NOT NULL,
	code INTEGER NOT NULL,
	rule TEXT NOT NULL,
	text TEXT NOT NULL,
	endpoint TEXT NOT NULL,
	peer TEXT NOT NULL,
	txid BLOB NOT NULL,
	subject TEXT NOT NULL
);
CREATE INDEX event_trace ON event (trace);
