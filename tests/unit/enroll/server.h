/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A SCEP server in a thread, just enough of one to answer the client of enroll/: it reads no
 * request, and certifies the name and key of the certificate that signed it, which for an
 * enrolment are those of the request.
 */

#include <pthread.h>
#include <stdbool.h>

#include "scep/values.h"
#include "base/buf.h"

struct server {
	/* Set before server_start(). */
	const char *caps;	       /* the answer to GetCACaps; NULL: 404 */
	const struct sg_buf *certs[4]; /* GetCACert, in this order */
	const char *web_page;	       /* instead of any other answer, HTTP 200 */
	const char *answer;	       /* the whole of every answer */
	unsigned busy;		       /* so many answers are 503 first */
	enum sg_scep_status status;    /* of a CertRep */
	bool old_certificate;	       /* SUCCESS brings the signer's own */

	char url[64];
	unsigned requests;	/* read after server_end() */
	unsigned operations;	/* PKIOperation among them */
	enum sg_scep_type type; /* of the last */
	char method[8];		/* of the last */
	int fd;
	pthread_t thread;
};

void
server_start(struct server *s);
void
server_end(struct server *s);
