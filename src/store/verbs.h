/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/verbs.h - what every verb of a database keeps to
 *
 * A database belongs to one role. Its verbs are in store/registrar and store/ca, a header for each
 * subject; roles write no SQL. What a verb does, waits for and can fail with: db/db.h.
 *
 * Ownership: rows that a verb returns own their memory (field mem) until their _clear;
 *            rows given to a callback are borrowed and die when the callback returns.
 *            A verb with a callback holds a read connection: the callback calls no verb,
 *            and does not park its fiber.
 */

#define SG_STORE_HASH_LEN 32u	    /* SHA-256 or HMAC-SHA-256 */
#define SG_STORE_TRACE_LEN 16u	    /* a trace id */
#define SG_STORE_REQUEST_ID_LEN 28u /* instance 16, transaction 8, attempt 4 (big-endian) */

struct sg_db;
