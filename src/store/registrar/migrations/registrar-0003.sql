-- SPDX-License-Identifier: Apache-2.0
-- Which certificate of ours signed a request that a challenge authorized.

-- signer_serial: its serial number as ca stores it; NULL: none did, or the transaction is of an
-- earlier version.
ALTER TABLE tx ADD COLUMN signer_serial BLOB;
