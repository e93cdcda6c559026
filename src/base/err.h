/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/err.h - the one error type: a code that says who is to blame, the rule that
 * was broken, and a sentence for the operator
 *
 * The code's category chooses the reaction (HTTP status, failInfo, log level); the
 * rule is a stable word ("cms.digest.md5") that explain/catalog maps to cause and
 * remedy; the text is for the operator and never reaches the peer.
 * Threads: an sg_err belongs to one call chain.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define SG_MUST_CHECK __attribute__((warn_unused_result))
#define SG_RC SG_MUST_CHECK enum sg_code /* declared type of every fallible function */
/* clang has it on the type: so it counts for static functions and for callbacks, too. */
#ifdef __clang__
#define SG_MUST_CHECK_TYPE SG_MUST_CHECK
#else
#define SG_MUST_CHECK_TYPE
#endif

enum SG_MUST_CHECK_TYPE sg_code {
	SG_OK = 0,
	/* The peer's fault. */
	SG_E_MALFORMED = 0x100,
	SG_E_LIMIT,
	SG_E_ALG,
	SG_E_SIGNATURE,
	SG_E_TIME,
	SG_E_REPLAY,
	/* Policy. */
	SG_E_DENIED = 0x200,
	SG_E_PENDING,
	/* State. */
	SG_E_NOTFOUND = 0x300,
	SG_E_CONFLICT,
	/* Environment: try again. */
	SG_E_BUSY = 0x400,
	SG_E_TIMEOUT,
	SG_E_IO,
	SG_E_NOMEM,
	/* Our fault: alarm. */
	SG_E_INTERNAL = 0x500,
	SG_E_CRYPTO,
	/* The operator's: command line and configuration. */
	SG_E_USAGE = 0x600,
	SG_E_CONF,
};

struct sg_err {
	enum sg_code code;
	const char *rule; /* static string, never NULL after a failure */
	const char *file; /* for debugging only */
	int line;
	char text[512];
};

/*
 * Fill err (which may be NULL) and return code, so that callers write
 * "return sg_fail(err, SG_E_LIMIT, "cms.certs.count", "RFC 5652 5.1: ...", n);".
 * rule is a string literal; the text is made of one line: no newline, lower-case start. What is
 * left of a character that a bound cut is taken out, so that it is UTF-8.
 */
#define sg_fail(err, code, rule, ...)                                                              \
	sg_fail_at((err), (code), (rule), __FILE__, __LINE__, __VA_ARGS__)

enum sg_code
sg_fail_at(struct sg_err *err, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
enum sg_code
sg_fail_va(struct sg_err *err, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, va_list ap) __attribute__((format(printf, 6, 0)));

/* Put "what: " in front of the text of an error that is on its way up. */
void
sg_err_prefix(struct sg_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A stable word for a code: "malformed", "limit", ... "unknown". */
const char *
sg_code_name(enum sg_code code);

/* True for codes that mean "the request is at fault", not us and not the environment. */
int
sg_code_is_peer(enum sg_code code);

#define SG_RULE_OTHER "rule.other"

/* Small letters, digits, '.' and '-', at most 64 of them: what a rule word is made of. */
bool
sg_err_rule_is_word(const void *p, size_t len);
/*
 * A rule word that came from a sibling process as a string that lives for ever: equal
 * words give the same pointer. At most 512 different ones; past that, and for what is no
 * word, SG_RULE_OTHER.
 */
const char *
sg_err_rule_intern(const void *p, size_t len);

/* A result that is deliberately not looked at; say why in a comment. */
#define sg_ignore(expr)                                                                            \
	do {                                                                                       \
		if (expr) {                                                                        \
		}                                                                                  \
	} while (0)
