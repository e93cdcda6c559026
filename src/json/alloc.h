/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * json/alloc.h - the memory of jansson: ours, wiped when it is freed, and its failures counted
 *
 * Security: what is read and written has secrets in it. The hash of jansson's objects gets a seed
 *           that nobody knows: time stays linear whatever names a stranger sends.
 * Threads:  any.
 */

/* To be called before jansson is. How many allocations of jansson failed so far, in all threads:
 * where the number has grown meanwhile, what jansson gave is not to be trusted (SG_E_NOMEM). */
unsigned long
sg_json_alloc_failures(void);
