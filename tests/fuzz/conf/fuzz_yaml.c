/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fuzz_yaml.c - the configuration file: nothing crashes, what is refused says why in
 * printable lines in order, what is accepted can be asked for its lines
 */

#include "fuzz/fuzz.h"

#include <string.h>

#include "conf/conf.h"

static void
check_refusal(const struct sg_conf_errors *errs)
{
	sg_buf_scoped b = {0};
	require(errs->n > 0);
	for (size_t i = 0; i < errs->n; i++) {
		require(errs->item[i].rule != NULL && strncmp(errs->item[i].rule, "conf.", 5) == 0);
		require(i == 0 || errs->item[i - 1].line <= errs->item[i].line);
		/* Outside text is escaped; a text that was cut may end inside a character. */
		for (const char *s = errs->item[i].text; *s != '\0'; s++)
			require((unsigned char)*s >= 0x20 && *s != 0x7f);
	}
	sg_conf_errors_put(errs, &b);
	require(sg_buf_check(&b, NULL) == SG_OK);
}

static void
check_accepted(const struct sg_conf *conf)
{
	bool ca = sg_conf_has(conf, "ca"), front = sg_conf_has(conf, "front");
	require(conf->site != NULL);
	/* What a section requires is there with it; without it nothing is. */
	require(ca == (conf->ca.key != NULL) && front == (conf->front.listen.n > 0));
	for (size_t i = 0; i < conf->endpoints.n; i++) {
		const struct sg_conf_endpoint *e = &conf->endpoints.item[i];
		require(e->template0 != NULL && e->policy != 0);
		require((e->policy == SG_POLICY_STATIC) == (e->challenge_file != NULL));
		require(e->policy != SG_POLICY_STATIC || e->subjects.n > 0);
		require(sg_conf_endpoint0(conf, sg_slice_str(e->name)) == e);
	}
	require(!ca || sg_conf_line(conf, "ca.key") > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sg_conf_errors errs;
	struct sg_conf *conf = NULL;
	enum sg_code rc = sg_conf_parse(sg_slice(data, len), "fuzz.yaml", &conf, &errs);
	require(rc == SG_OK || rc == SG_E_CONF);
	require((rc == SG_OK) == (conf != NULL));
	if (rc == SG_OK)
		check_accepted(conf);
	else
		check_refusal(&errs);
	sg_conf_free(&conf);
	return 0;
}
