/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store/registrar/tx_private.h - what statements about transactions share, private to src/store
 */

#include "db/sql.h"
#include "policy/transaction.h"

/* After "state": a transaction that runs or waits, in the words of the index of those. */
#define SG_REGDB_IS_OPEN " <= " SG_SQL_NO(TRANSACTION_PENDING)
