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
#include "base/net.h"
#include "base/slice.h"
#include "conf/errors.h"
#include "policy/policy.h"

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

struct sg_conf_nets {
	size_t n;
	struct sg_net *item;
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

/* Kinds of alternative name. */
struct sg_conf_kinds {
	unsigned flags;		    /* SG_SAN_BIT of x509/san.h */
	struct sg_conf_strs others; /* types of otherName, dotted decimal */
};

struct sg_conf_template {
	char *name;
	int64_t validity_s;
	unsigned key_usage;	 /* bit n of RFC 5280's KeyUsage is 1u << n, as in x509/ext.h */
	struct sg_conf_strs eku; /* dotted decimal, words already translated */
	unsigned key_types;	 /* SG_CONF_KEY_* */
	struct sg_conf_kinds sans;
	unsigned hash;	       /* enum sg_hash */
	unsigned name_lengths; /* enum sg_name_lengths */
	uint64_t sans_max;     /* 1 to SG_SANS_MAX */
	bool empty_subject;
	unsigned foreign_eku; /* enum sg_foreign_eku */
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
	unsigned renewal_sans;	     /* enum sg_renewal_sans */
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

/* A certificate for HTTPS, with those above it, and its key. */
struct sg_conf_tls {
	char *certificate;
	char *key;
};

struct sg_conf_tlss {
	size_t n;
	struct sg_conf_tls *item;
};

#define SG_CONF_OWN_MAX 8u /* roles that bring options of their own */

struct sg_conf_row;
struct sg_conf_lines; /* private: where each option stands */

/* Paths are as written; sg_conf_put_path() makes them relative to the file's directory. */
struct sg_conf {
	char *site;
	char *data;
	uint64_t users;
	unsigned sandbox; /* enum sg_conf_sandbox */
	struct {
		struct sg_conf_listens listen;	     /* HTTP; one of the two has an address */
		struct sg_conf_listens listen_https; /* and then tls has a certificate */
		struct sg_conf_tlss tls;
		char *access_log;		  /* NULL: none */
		uint64_t access_log_size;	  /* MiB */
		uint64_t access_log_keep;	  /* older ones */
		uint64_t refusals_per_second;	  /* of one address; 0: no limit */
		uint64_t connections_per_address; /* 0: no limit */
		struct sg_conf_nets trusted_proxies;
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

/* By name, borrowed; NULL when there is none. The letter case of an endpoint does not count
 * (conf.case). */
const struct sg_conf_template *
sg_conf_template0(const struct sg_conf *conf, const char *name);
const struct sg_conf_endpoint *
sg_conf_endpoint0(const struct sg_conf *conf, struct sg_slice name);

/* Append path; in front of a relative one the directory of the configuration file. */
void
sg_conf_put_path(struct sg_buf *b, const char *file, const char *path);
