/* SPDX-License-Identifier: Apache-2.0 */

/*
 * err.c - filling in an sg_err where something fails, and the names of codes in logs
 */

#include "base/err.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* A bound, of a "%.200s" or of the whole text, may cut a character: what is left of it goes. */
static void
drop_broken(char *text)
{
	size_t len = strlen(text), to = 0;

	for (size_t at = 0, n; at < len; at += n) {
		uint32_t c;
		n = sg_utf8_next((const uint8_t *)text + at, len - at, &c);
		if (n > 0)
			memmove(text + to, text + at, n);
		to += n;
		n = n > 0 ? n : 1;
	}
	text[to] = '\0';
}

enum sg_code
sg_fail_va(struct sg_err *err, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, va_list ap)
{
	if (err == NULL)
		return code;
	err->code = code;
	err->rule = rule;
	err->file = file;
	err->line = line;
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	drop_broken(err->text);
	return code;
}

enum sg_code
sg_fail_at(struct sg_err *err, enum sg_code code, const char *rule, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	code = sg_fail_va(err, code, rule, file, line, fmt, ap);
	va_end(ap);
	return code;
}

void
sg_err_prefix(struct sg_err *err, const char *fmt, ...)
{
	char old[sizeof err->text];

	if (err == NULL)
		return;
	memcpy(old, err->text, sizeof old);
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 3 >= sizeof err->text)
		return;
	size_t left = sizeof err->text - (size_t)n;
	size_t old_len = strnlen(old, sizeof old - 1);
	if (old_len > left - 3)
		old_len = left - 3;
	memcpy(err->text + n, ": ", 2);
	memcpy(err->text + n + 2, old, old_len);
	err->text[(size_t)n + 2 + old_len] = '\0';
	drop_broken(err->text);
}

const char *
sg_code_name(enum sg_code code)
{
	switch (code) {
#define ROW(name, number, word, text)                                                              \
	case name:                                                                                 \
		return word;
		SG_CODE_ROWS(ROW)
#undef ROW
	}
	return "unknown";
}

int
sg_code_is_peer(enum sg_code code)
{
	return code >= SG_E_MALFORMED && code < SG_E_BUSY;
}

#define INTERN_MAX 512u
#define INTERN_LEN_MAX 64u

static bool
is_rule_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool
sg_err_rule_is_word(const void *p, size_t len)
{
	const char *s = p;

	for (size_t n = 0; n < len; n++)
		if (!is_rule_char(s[n]))
			return false;
	return len > 0 && len <= INTERN_LEN_MAX;
}

const char *
sg_err_rule_intern(const void *p, size_t len)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char words[INTERN_MAX][INTERN_LEN_MAX + 1];
	static size_t n_words;
	const char *s = p;

	if (!sg_err_rule_is_word(p, len))
		return SG_RULE_OTHER;
	pthread_mutex_lock(&lock);
	size_t at = 0;
	while (at < n_words && (strncmp(words[at], s, len) != 0 || words[at][len] != '\0'))
		at++;
	if (at == n_words && n_words < INTERN_MAX) {
		memcpy(words[at], s, len);
		n_words++;
	}
	const char *word = at < n_words ? words[at] : SG_RULE_OTHER;
	pthread_mutex_unlock(&lock);
	return word;
}
