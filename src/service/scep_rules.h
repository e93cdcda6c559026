/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/scep_rules.h - an endpoint's configuration in the words of scep/, the same for front,
 * which refuses early, and registrar, which refuses again
 */

#include "conf/conf.h"
#include "scep/check.h"
#include "scep/message.h"

struct sg_scep_rules
sg_service_scep_rules(const struct sg_conf_endpoint *endpoint);
/* The capabilities that the endpoint offers: bits of scep/caps.h. */
uint32_t
sg_service_scep_caps(const struct sg_conf_endpoint *endpoint);
