-- SPDX-License-Identifier: Apache-2.0
-- Which certificates come from one enrolment.

-- lineage: id of the enrolment or import that a certificate comes from by renewals, its own for
-- one that begins a lineage; 0 where nothing was issued. What renews is newer than what it renews,
-- so walking along "renews" ends, whatever an old database holds: a certificate whose predecessor
-- is missing, or not older than itself, begins a lineage.
ALTER TABLE cert ADD COLUMN lineage INTEGER NOT NULL DEFAULT 0;

-- Only for what follows; SQLite would try every pair otherwise.
CREATE INDEX cert_renews ON cert (renews) WHERE renews IS NOT NULL;
WITH RECURSIVE walk (id, serial, first) AS (
	SELECT c.id, c.serial, c.id FROM cert c
	WHERE c.state BETWEEN 2 AND 5 AND NOT EXISTS (SELECT 1 FROM cert p
		WHERE p.serial = c.renews AND p.id < c.id AND p.state BETWEEN 2 AND 5)
	UNION ALL
	SELECT c.id, c.serial, w.first FROM walk w
	JOIN cert c ON c.renews = w.serial AND c.id > w.id AND c.state BETWEEN 2 AND 5
)
UPDATE cert SET lineage = walk.first FROM walk WHERE walk.id = cert.id;
DROP INDEX cert_renews;

-- Members of a lineage: the row with its id, and what is here. An enrolment writes no page of it.
CREATE INDEX cert_lineage ON cert (lineage, not_after) WHERE renews IS NOT NULL;
