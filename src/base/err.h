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

/* X(name, number, word, what it means): the peer's fault, policy, state, environment (try again),
 * our fault (alarm), the operator's: command line and configuration. */
#define SG_CODE_ROWS(X)                                                                            \
	X(SG_OK, 0, "ok", "nothing was refused")                                                   \
	X(SG_E_MALFORMED, 0x100, "malformed", "it cannot be read")                                 \
	X(SG_E_LIMIT, 0x101, "limit", "it is beyond a bound")                                      \
	X(SG_E_ALG, 0x102, "algorithm", "it has an algorithm that is not accepted")                \
	X(SG_E_SIGNATURE, 0x103, "signature", "a signature does not verify")                       \
	X(SG_E_TIME, 0x104, "time", "it is too early or too late for it")                          \
	X(SG_E_REPLAY, 0x105, "replay", "it belongs to something else, and was sent again")        \
	X(SG_E_DENIED, 0x200, "denied", "a policy refuses it")                                     \
	X(SG_E_PENDING, 0x201, "pending", "an approver has not decided yet")                       \
	X(SG_E_NOTFOUND, 0x300, "not-found", "what it names does not exist")                       \
	X(SG_E_CONFLICT, 0x301, "conflict", "it contradicts what is recorded")                     \
	X(SG_E_BUSY, 0x400, "busy", "there is too much to do: try again")                          \
	X(SG_E_TIMEOUT, 0x401, "timeout", "somebody did not answer in time: try again")            \
	X(SG_E_IO, 0x402, "io", "a disk or a connection failed: try again")                        \
	X(SG_E_NOMEM, 0x403, "memory", "there is too little memory: try again")                    \
	X(SG_E_INTERNAL, 0x500, "internal", "a mistake in Signet: report it")                      \
	X(SG_E_CRYPTO, 0x501, "crypto", "cryptography failed that must not fail: report it")       \
	X(SG_E_USAGE, 0x600, "usage", "what an operator asked for cannot be")                      \
	X(SG_E_CONF, 0x601, "configuration", "the configuration is wrong")

enum SG_MUST_CHECK_TYPE sg_code {
#define SG_CODE(name, number, word, text) name = (number),
	SG_CODE_ROWS(SG_CODE)
#undef SG_CODE
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
