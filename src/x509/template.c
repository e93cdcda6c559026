/* SPDX-License-Identifier: Apache-2.0 */

/*
 * x509/template.c - which alternative names a template gives: asked before a certificate is
 * written, and again by lint
 */

#include "x509/template.h"

#include "x509/san_other.h"

bool
sg_san_is_given(const struct sg_template *tmpl, const struct sg_san *san)
{
	if (san->type < SG_SAN_DNS || san->type >= SG_SAN_OTHER)
		return false;
	if (san->type != SG_SAN_OTHERNAME)
		return (tmpl->san_types & SG_SAN_BIT(san->type)) != 0;
	struct sg_der d = sg_der_init(san->val, NULL);
	struct sg_san_other other = sg_san_other_read(&d);
	for (size_t i = 0; i < tmpl->san_others_n && sg_der_ok(&d); i++)
		if (sg_slice_eq(tmpl->san_others[i], other.type))
			return true;
	return false;
}
