/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/show.h - what the declaration of a role says, as text from which documents are made
 */

#include "base/buf.h"
#include "service/service.h"

/* A line without its end: name, section of the configuration, edges on which it asks, edges on
 * which it is asked, files and sockets that it is handed, what its sandbox allows; separated by
 * tabs, each a list with ", ", empty where there is nothing. */
void
sg_service_show(const struct sg_service *service, struct sg_buf *out);
