/* SPDX-License-Identifier: Apache-2.0 */

/*
 * session.c - beginning and end of a client of one SCEP server
 */

#include "enroll/session.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "enroll/text.h"
#include "http/url.h"

enum sg_code
sg_enroll_open(const struct sg_enroll_options *options, struct sg_enroll **ret, struct sg_err *err)
{
	sg_enroll_scoped *c = sg_alloc(sizeof *c);
	sg_buf_scoped shown = {0};
	struct sg_err why;

	if (c == NULL)
		return sg_fail(err, SG_E_NOMEM, "memory", "out of memory for a SCEP client");
	c->options = *options;
	c->certs_der.max = c->file_der.max = c->answer_der.max = SG_ANSWER_MAX;
	if (sg_http_url_check(sg_slice_str(options->url), &why) != SG_OK)
		return sg_fail(err, SG_E_USAGE, "client.url",
		    "'%s': %s; want the SCEP URL of a server, such as http://scep.example/scep",
		    sg_enroll_shown(&shown, options->url), why.text);
	enum sg_code rc = sg_http_client_new(&c->http, err);
	if (rc == SG_OK)
		*ret = sg_steal(c);
	return rc;
}

void
sg_enroll_close(struct sg_enroll **sessionp)
{
	struct sg_enroll *c = *sessionp;

	if (c == NULL)
		return;
	sg_http_client_free(&c->http);
	sg_buf_clear(&c->caps_text);
	sg_buf_clear(&c->certs_der);
	sg_buf_clear(&c->file_der);
	sg_buf_clear(&c->answer_der);
	sg_free(c);
	*sessionp = NULL;
}
