/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/files.h - the files and addresses that a configuration names, and the roles that get them
 */

#include "conf/conf.h"

/* What it is that an option names: what may be done with it, and how it is checked. */
enum sg_conf_file_kind {
	SG_CONF_FILE_NONE,
	SG_CONF_FILE_CERTIFICATE,     /* PEM, public: read */
	SG_CONF_FILE_KEY,	      /* a private key: secret, read */
	SG_CONF_FILE_EARLIER_KEY,     /* likewise, and never the present one */
	SG_CONF_FILE_TLS_CERTIFICATE, /* PEM, public; exchanged while Signet runs: read */
	SG_CONF_FILE_TLS_KEY,	      /* likewise, secret, and never a key of another purpose */
	SG_CONF_FILE_CHALLENGE,	      /* the secret of an endpoint: read */
	SG_CONF_FILE_SECRET,	      /* random bytes for one purpose: secret, read */
	SG_CONF_FILE_LOG,	      /* appended to, and another one when it is full */
	SG_CONF_FILE_PUBLISHED,	      /* replaced by renaming, by a role that may write beside it */
	SG_CONF_FILE_DIRECTORY,	      /* where files are kept */
	SG_CONF_FILE_LISTENER,	      /* an address: a socket that listens there */
};

#define SG_CONF_OPTION_MAX 127u /* bytes of the name of an option that is a file */

/* One of them, as the configuration has it. */
struct sg_conf_file {
	enum sg_conf_file_kind kind;
	char option[SG_CONF_OPTION_MAX + 1]; /* "ca.chain[1]", "endpoints.x.challenge-file" */
	const char *path;		     /* as written */
	const char *to;			     /* the roles that get it: "registrar ca" */
	const char *certificate;	     /* of a private key, an option; NULL: not said */
	const struct sg_conf_listen *listen; /* of a listener */
	const struct sg_conf_row *row;	     /* private, as what follows: where the search is */
	size_t element, item;
};

/* The next file that the configuration names, in the order of the schema and of the lists; f begins
 * as zeros and borrows from conf. False: that was the last one. */
bool
sg_conf_file_next(const struct sg_conf *conf, struct sg_conf_file *f);
/* Is it for that role? */
bool
sg_conf_file_is_for(const struct sg_conf_file *f, const char *role);
/* Only its owner may read it. */
bool
sg_conf_file_is_secret(const struct sg_conf_file *f);
