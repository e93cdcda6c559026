-- SPDX-License-Identifier: Apache-2.0
-- Which certificate of ours signed a request that a challenge authorized.

-- signer: its serial number; the two are in lineages of their own. NULL: none did, or the
-- certificate is of an earlier version.
ALTER TABLE cert ADD COLUMN signer BLOB;
