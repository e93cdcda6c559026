/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * service/template.h - a template of the configuration in the words of x509/template.h, so
 * that registrar and ca judge requests by the same one
 */

#include "base/err.h"
#include "conf/conf.h"
#include "x509/template.h"

struct sg_templates;

/* All templates of a configuration, which must outlive them. SG_E_CONF ("conf.template")
 * for an EKU that is no OID and for more than SG_EKUS_MAX. */
SG_RC
sg_templates_new(const struct sg_conf *conf, struct sg_templates **ret, struct sg_err *err);
/* The template of an endpoint; never NULL for an endpoint of the same configuration. */
const struct sg_template *
sg_templates_of(const struct sg_templates *t, const struct sg_conf_endpoint *endpoint);
