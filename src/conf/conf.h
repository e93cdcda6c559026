/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * conf/conf.h - the configuration file: YAML text to checked, typed values
 *
 * One schema table (schema.c) has a row per option; the parser, the check, the reference
 * (docs/configuration.md) and the list for completion all come from it. The file never
 * contains secrets, only names of files that hold them, because the supervisor hands its
 * text to every role. conf opens no file but is given text: what only the file system can
 * tell (unreadable key, port in use) is found by the supervisor and `signet check`, which add
 * it to the same list with sg_conf_error_add() and the line from sg_conf_line().
 *
 * Ownership: struct sg_conf owns everything in it; sg_conf_free releases it.
 * Limits:    SG_CONF_* in base/limits.h.
 * Security:  strict: unknown and duplicate keys, wrong types, anchors, aliases, tags, merge
 *            keys, directives, tabs, several documents and values over several lines are
 *            refused. Every mistake is reported, not only the first.
 * Threads:   no shared state; a parsed struct sg_conf is only read.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/alg.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "policy/policy.h"

/* One mistake. */
struct sg_conf_error {
	unsigned line;	  /* 1 and up; 0: the file as a whole */
	const char *rule; /* static: "conf.unknown", "conf.type", ... */
	char text[400];	  /* "'front.listen': expected ..., found ...; ..." */
};

struct sg_conf_errors {
	char file[256]; /* set by sg_conf_parse, for the messages */
	size_t n;
	size_t more; /* found, but past SG_CONF_ERRORS_MAX */
	struct sg_conf_error item[SG_CONF_ERRORS_MAX];
};

struct sg_conf_strs {
	size_t n;
	char **item;
};

struct sg_conf_listen {
	char *text; /* as written: "127.0.0.1:8080", "[::1]:8080" */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	uint16_t port;
};

struct sg_conf_listens {
	size_t n;
	struct sg_conf_listen *item;
};

enum sg_conf_profile {
	SG_CONF_PROFILE_STANDARD = 0,
	SG_CONF_PROFILE_STRICT = 1,
	SG_CONF_PROFILE_NDES = 2,
	SG_CONF_PROFILE_CISCO = 3,
};

/* What to do where the kernel lacks a part of the sandbox: go on, end, or never use it. */
enum sg_conf_sandbox {
	SG_CONF_SANDBOX_AUTO = 0,
	SG_CONF_SANDBOX_REQUIRED = 1,
	SG_CONF_SANDBOX_OFF = 2,
};

#define SG_CONF_ADOPT_SUFFIX ".adopt"

/* Flags of `allow`. */
#define SG_CONF_ALLOW_SHA1 (1u << 0)
#define SG_CONF_ALLOW_DES3 (1u << 1)

/* Flags of `key-types`. */
#define SG_CONF_KEY_RSA2048 (1u << 0)
#define SG_CONF_KEY_RSA3072 (1u << 1)
#define SG_CONF_KEY_RSA4096 (1u << 2)
#define SG_CONF_KEY_P256 (1u << 3)
#define SG_CONF_KEY_P384 (1u << 4)
#define SG_CONF_KEY_P521 (1u << 5)

struct sg_conf_template {
	char *name;
	int64_t validity_s;
	unsigned key_usage;	 /* bit n of RFC 5280's KeyUsage is 1u << n, as in x509/ext.h */
	struct sg_conf_strs eku; /* dotted decimal, words already translated */
	unsigned key_types;	 /* SG_CONF_KEY_* */
	unsigned sans;		 /* SG_SAN_BIT of x509/san.h */
	unsigned hash;		 /* enum sg_hash */
	unsigned name_lengths;	 /* enum sg_name_lengths */
};

struct sg_conf_endpoint {
	char *name;	 /* "default" is /scep, others are /scep/NAME */
	unsigned policy; /* enum sg_policy_kind, never 0 */
	char *template;
	const struct sg_conf_template *template0; /* the one of that name; lives in the conf */
	unsigned profile;			  /* enum sg_conf_profile */
	unsigned allow;				  /* SG_CONF_ALLOW_* */
	char *challenge_file;			  /* static only, else NULL */
	struct sg_conf_strs subjects;		  /* patterns, checked for syntax only */
	struct sg_conf_strs sans;		  /* "dns:*.dev.example" */
	bool renewal;
	int64_t renewal_grace_s;
	int64_t renewal_window_s;    /* 0: any time */
	uint64_t renewal_successors; /* live certificates of one lineage; 0: no limit */
	uint64_t renewals_per_day;   /* of one lineage; 0: no limit */
};

struct sg_conf_templates {
	size_t n;
	struct sg_conf_template *item;
};

struct sg_conf_endpoints {
	size_t n;
	struct sg_conf_endpoint *item;
};

/* A CA key that this installation had before. */
struct sg_conf_earlier {
	char *key; /* NULL: it is gone */
	char *certificate;
};

struct sg_conf_earliers {
	size_t n;
	struct sg_conf_earlier *item;
};

/* What it is that an option names: what may be done with it, and how it is checked. */
enum sg_conf_file_kind {
	SG_CONF_FILE_NONE,
	SG_CONF_FILE_CERTIFICATE, /* PEM, public: read */
	SG_CONF_FILE_KEY,	  /* a private key: secret, read */
	SG_CONF_FILE_EARLIER_KEY, /* likewise, and never the present one */
	SG_CONF_FILE_CHALLENGE,	  /* the secret of an endpoint: read */
	SG_CONF_FILE_SECRET,	  /* random bytes for one purpose: secret, read */
	SG_CONF_FILE_LOG,	  /* appended to, and another one when it is full */
	SG_CONF_FILE_PUBLISHED,	  /* replaced by renaming, by a role that may write beside it */
	SG_CONF_FILE_DIRECTORY,	  /* where files are kept */
	SG_CONF_FILE_LISTENER,	  /* an address: a socket that listens there */
};

struct sg_conf_row;

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

#define SG_CONF_OWN_MAX 8u /* roles that bring options of their own */

struct sg_conf_lines; /* private: where each option stands */

/* Paths are as written; sg_conf_put_path() makes them relative to the file's directory. */
struct sg_conf {
	char *site;
	char *data;
	uint64_t users;
	unsigned sandbox; /* enum sg_conf_sandbox */
	struct {
		struct sg_conf_listens listen;
		char *access_log;	      /* NULL: none */
		uint64_t access_log_size;     /* MiB */
		uint64_t access_log_keep;     /* older ones */
		uint64_t refusals_per_second; /* of one address; 0: no limit */
	} front;
	struct {
		char *certificate;
		char *key;
		struct sg_conf_strs chain;
		char *crl; /* and SG_CONF_ADOPT_SUFFIX: a list that is to be adopted */
		int64_t crl_validity_s;
		char *cdp_url; /* NULL: certificates carry no CDP */
		char *aia_url; /* NULL: certificates carry no AIA */
		struct sg_conf_earliers earlier;
	} ca;
	struct {
		char *challenge_key;
		uint64_t events_keep;
	} registrar;
	struct {
		char *certificate;
		char *key;
		char *reject_secret;
	} ra;
	struct sg_conf_templates templates;
	struct sg_conf_endpoints endpoints;
	size_t own_n; /* sections of sg_conf_rows_add that are written: see sg_conf_own */
	struct {
		const struct sg_conf_row *section;
		void *values;
	} own[SG_CONF_OWN_MAX];
	struct sg_conf_lines *lines;
};

/*
 * Parse and check the text of a configuration. file is only for the messages.
 * On success *ret is a new object, released with sg_conf_free(), and errs is empty.
 * On failure *ret is untouched and errs has every mistake, in the order of the lines.
 *
 * SG_E_CONF    errs has at least one mistake
 * SG_E_NOMEM   out of memory; errs may be incomplete
 */
SG_RC
sg_conf_parse(
    struct sg_slice text, const char *file, struct sg_conf **ret, struct sg_conf_errors *errs);

void
sg_conf_free(struct sg_conf **confp);

/* The values of a section whose rows a role brought; NULL: it is not written. */
const void *
sg_conf_own(const struct sg_conf *conf, const char *section);

/* Is it written, and not only a default? */
bool
sg_conf_has(const struct sg_conf *conf, const char *path);

/* The line of an option ("ca.key", "front.listen[1]", "endpoints.default.challenge-file"); of
 * the nearest section around it when it is not written; 1 when there is none. */
unsigned
sg_conf_line(const struct sg_conf *conf, const char *path);

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

/* By name, borrowed; NULL when there is none. */
const struct sg_conf_template *
sg_conf_template0(const struct sg_conf *conf, const char *name);
const struct sg_conf_endpoint *
sg_conf_endpoint0(const struct sg_conf *conf, struct sg_slice name);

/* Append path; in front of a relative one the directory of the configuration file. */
void
sg_conf_put_path(struct sg_buf *b, const char *file, const char *path);

/* Add a mistake that was found elsewhere: rule is a literal, the text one line. */
void
sg_conf_error_add(struct sg_conf_errors *errs, unsigned line, const char *rule, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

/* "FILE:LINE: TEXT\n" for each mistake, in the order of the lines, and one line for what was
 * left out. Outside text in it is escaped already. */
void
sg_conf_errors_put(const struct sg_conf_errors *errs, struct sg_buf *b);

/* A commented configuration for `signet up` that parses cleanly; site and listen are the
 * values of those options. SG_E_USAGE ("conf.default") when one of them is not acceptable. */
SG_RC
sg_conf_put_default(struct sg_buf *b, const char *site, const char *listen, struct sg_err *err);

/* The reference documentation, Markdown: docs/configuration.md is exactly this. */
void
sg_conf_put_reference(struct sg_buf *b);

/* Every option, one a line: path, tab, type, tab, default ("-": none). For completion. */
void
sg_conf_put_keys(struct sg_buf *b);
