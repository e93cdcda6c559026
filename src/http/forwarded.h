/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http/forwarded.h - the client's address that proxies put into X-Forwarded-For
 *
 * Each proxy appends whom it was asked by: what stands to the left of the first address that is no
 * trusted proxy's, from the right, is what a stranger wrote.
 *
 * Limits:   SG_HTTP_FORWARDED_MAX addresses from the right are looked at.
 * Security: nothing of the text goes on, but an address that was read and is written anew.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/net.h"
#include "base/slice.h"

#define SG_HTTP_FORWARDED_MAX 16u /* proxies after one another */

/*
 * fields: of a head (struct sg_http_head) that came from a trusted proxy; all X-Forwarded-For of it
 * are one list. True: the right-most address in no network of trusted. False: there is none, or
 * before it something is that is no address, and the proxy's own counts.
 */
bool
sg_http_forwarded(
    struct sg_slice fields, const struct sg_net *trusted, size_t n, struct sg_ip *ret);
