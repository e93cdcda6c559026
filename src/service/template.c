/* SPDX-License-Identifier: Apache-2.0 */

/*
 * template.c - the configuration's templates turned into those of x509, once, when a role starts
 */

#include "service/template.h"

#include <string.h>

#include "base/alloc.h"
#include "asn1/oid.h"

struct entry {
	struct sg_template template;
	uint8_t oid[SG_EKUS_MAX][SG_OID_MAX];	      /* what the EKU slices point into */
	uint8_t other[SG_SAN_OTHERS_MAX][SG_OID_MAX]; /* and those of types of otherName */
};

struct sg_templates {
	const struct sg_conf *conf;
	struct entry *item; /* in the order of conf->templates */
};

static void
fill_keys(const struct sg_conf_template *from, struct sg_template *to)
{
	static const struct {
		unsigned flag;
		unsigned bits; /* RSA */
		enum sg_keytype type;
	} rows[] = {
	    {SG_CONF_KEY_RSA2048, 2048, SG_KEY_RSA},
	    {SG_CONF_KEY_RSA3072, 3072, SG_KEY_RSA},
	    {SG_CONF_KEY_RSA4096, 4096, SG_KEY_RSA},
	    {SG_CONF_KEY_P256, 0, SG_KEY_P256},
	    {SG_CONF_KEY_P384, 0, SG_KEY_P384},
	    {SG_CONF_KEY_P521, 0, SG_KEY_P521},
	};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		if ((from->key_types & rows[n].flag) == 0)
			continue;
		to->key_types |= SG_KEYTYPE_BIT(rows[n].type);
		if (rows[n].bits == 0)
			continue;
		if (to->rsa_min_bits == 0)
			to->rsa_min_bits = rows[n].bits;
		to->rsa_max_bits = rows[n].bits;
	}
}

/* Dotted OIDs to contents in store, where the slices of ret point. */
static enum sg_code
fill_oids(const char *name, const struct sg_conf_strs *from, size_t max,
    uint8_t (*store)[SG_OID_MAX], struct sg_slice *ret, size_t *ret_n, struct sg_err *err)
{
	if (from->n > max)
		return sg_fail(err, SG_E_CONF, "conf.template",
		    "template '%s': %zu OIDs in one option, at most %zu", name, from->n, max);
	for (size_t n = 0; n < from->n; n++) {
		sg_buf_scoped oid = {.max = SG_OID_MAX};
		enum sg_code rc = sg_oid_from_dotted(sg_slice_str(from->item[n]), &oid, err);
		if (rc != SG_OK)
			return sg_fail(err, SG_E_CONF, "conf.template",
			    "template '%s': '%s' is not an OID", name, from->item[n]);
		/* UNSAFE: the buffer's max is the array's size. */
		memcpy(store[n], oid.p, oid.len);
		ret[n] = sg_slice(store[n], oid.len);
		*ret_n = n + 1;
	}
	return SG_OK;
}

static enum sg_code
fill(struct sg_templates *t, size_t n, struct sg_err *err)
{
	const struct sg_conf_template *from = &t->conf->templates.item[n];
	struct sg_template *to = &t->item[n].template;

	to->name = from->name;
	to->key_usage = from->key_usage;
	to->validity_s = from->validity_s;
	to->backdate_s = SG_BACKDATE_S;
	to->hash = (enum sg_hash)from->hash;
	to->san_types = from->sans.flags;
	to->sans_max = from->sans_max;
	to->empty_subject = from->empty_subject;
	to->foreign_eku = (enum sg_foreign_eku)from->foreign_eku;
	to->name_lengths = (enum sg_name_lengths)from->name_lengths;
	fill_keys(from, to);
	enum sg_code rc = fill_oids(
	    from->name, &from->eku, SG_EKUS_MAX, t->item[n].oid, to->eku, &to->eku_n, err);
	if (rc != SG_OK)
		return rc;
	return fill_oids(from->name, &from->sans.others, SG_SAN_OTHERS_MAX, t->item[n].other,
	    to->san_others, &to->san_others_n, err);
}

enum sg_code
sg_templates_new(const struct sg_conf *conf, struct sg_templates **ret, struct sg_err *err)
{
	struct sg_templates *t = sg_xalloc(sizeof *t);
	enum sg_code rc = SG_OK;

	t->conf = conf;
	t->item = sg_xalloc((conf->templates.n + 1) * sizeof *t->item);
	for (size_t n = 0; n < conf->templates.n && rc == SG_OK; n++)
		rc = fill(t, n, err);
	if (rc != SG_OK) {
		sg_free(t->item);
		sg_free(t);
		return rc;
	}
	*ret = t;
	return SG_OK;
}

const struct sg_template *
sg_templates_of(const struct sg_templates *t, const struct sg_conf_endpoint *endpoint)
{
	return &t->item[endpoint->template0 - t->conf->templates.item].template;
}
