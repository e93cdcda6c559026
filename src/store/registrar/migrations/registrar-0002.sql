-- SPDX-License-Identifier: Apache-2.0
-- How much there is of what strangers cause, counted where it is written, so that no purge counts
-- it; and the events of an address, so that one that makes many gives up its own.

CREATE TABLE size (
	what TEXT PRIMARY KEY,
	n INTEGER NOT NULL,
	bytes INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO size SELECT 'event', count(*), coalesce(sum(
	length(CAST(rule AS BLOB)) + length(CAST(text AS BLOB)) + length(CAST(endpoint AS BLOB)) +
	length(CAST(peer AS BLOB)) + length(txid) + length(CAST(subject AS BLOB))), 0) FROM event;
CREATE TRIGGER event_more AFTER INSERT ON event BEGIN
	UPDATE size SET n = n + 1, bytes = bytes +
		length(CAST(new.rule AS BLOB)) + length(CAST(new.text AS BLOB)) +
		length(CAST(new.endpoint AS BLOB)) + length(CAST(new.peer AS BLOB)) +
		length(new.txid) + length(CAST(new.subject AS BLOB))
		WHERE what = 'event';
END;
CREATE TRIGGER event_less AFTER DELETE ON event BEGIN
	UPDATE size SET n = n - 1, bytes = bytes -
		length(CAST(old.rule AS BLOB)) - length(CAST(old.text AS BLOB)) -
		length(CAST(old.endpoint AS BLOB)) - length(CAST(old.peer AS BLOB)) -
		length(old.txid) - length(CAST(old.subject AS BLOB))
		WHERE what = 'event';
END;
CREATE INDEX event_peer ON event (peer);

INSERT INTO size SELECT 'tx-failed', count(*), 0 FROM tx WHERE state = 5;
CREATE TRIGGER tx_failed_more AFTER UPDATE OF state ON tx
	WHEN new.state = 5 AND old.state <> 5 BEGIN
	UPDATE size SET n = n + 1 WHERE what = 'tx-failed';
END;
CREATE TRIGGER tx_failed_less AFTER UPDATE OF state ON tx
	WHEN old.state = 5 AND new.state <> 5 BEGIN
	UPDATE size SET n = n - 1 WHERE what = 'tx-failed';
END;
CREATE TRIGGER tx_failed_gone AFTER DELETE ON tx WHEN old.state = 5 BEGIN
	UPDATE size SET n = n - 1 WHERE what = 'tx-failed';
END;
CREATE INDEX tx_failed ON tx (state) WHERE state = 5;
