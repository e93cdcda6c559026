/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain/steps.c - the steps of an enrolment: marked by each role, stored as text, printed by
 * signet trace
 */

#include "explain/steps.h"

#include <inttypes.h>
#include <string.h>

static const struct step_row {
	enum sg_step_id id;
	enum sg_step_group group;
	const char *what;
} rows[] = {
#define ROW(group, name, number, word, text) {SG_STEP_##name, SG_STEP_GROUP_##group, text},
    SG_STEP_ROWS(ROW)
#undef ROW
};

static const struct step_row *
find_step(unsigned id)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((unsigned)rows[i].id == id)
			return &rows[i];
	return NULL;
}

enum sg_step_group
sg_step_group(enum sg_step_id id)
{
	const struct step_row *row = find_step((unsigned)id);

	return row == NULL ? 0 : row->group;
}

static const char *
group_name(enum sg_step_group group)
{
	switch (group) {
#define ROW(name, number, word, text)                                                              \
	case SG_STEP_GROUP_##name:                                                                 \
		return word;
		SG_STEP_GROUP_ROWS(ROW)
#undef ROW
	}
	return "unknown";
}

const char *
sg_step_role_name(enum sg_step_role role)
{
	switch (role) {
#define ROW(name, number, word, text)                                                              \
	case SG_STEP_ROLE_##name:                                                                  \
		return word;
		SG_STEP_ROLE_ROWS(ROW)
#undef ROW
	case SG_STEP_ROLE_NONE:
		break;
	}
	return "unknown";
}

void
sg_steps_mark(struct sg_steps *s, enum sg_step_role role, enum sg_step_id id,
    enum sg_step_state state, int64_t at_us)
{
	size_t i = s->n < SG_STEPS_MAX ? s->n++ : SG_STEPS_MAX - 1;

	s->item[i] = (struct sg_step){id, role, state, at_us};
}

static void
put_base36(struct sg_buf *b, uint64_t v)
{
	char text[16];
	size_t at = sizeof text;

	do {
		text[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[v % 36];
		v /= 36;
	} while (v > 0);
	sg_buf_put(b, text + at, sizeof text - at);
}

void
sg_steps_put(struct sg_buf *b, const struct sg_steps *s)
{
	if (s->n == 0)
		return;
	/* A clock that was set back in between must not give negative offsets. */
	int64_t first = s->item[0].at_us;
	for (size_t i = 1; i < s->n; i++)
		if (s->item[i].at_us < first)
			first = s->item[i].at_us;
	if (first < 0)
		first = 0;
	sg_buf_puts(b, "1;");
	put_base36(b, (uint64_t)first);
	sg_buf_put_u8(b, ';');
	for (size_t i = 0; i < s->n; i++) {
		const struct sg_step *st = &s->item[i];
		if (i > 0)
			sg_buf_put_u8(b, ',');
		sg_buf_put_u8(b, (unsigned)st->role);
		sg_buf_put_u8(b, (unsigned)st->id);
		put_base36(b, st->at_us > first ? (uint64_t)(st->at_us - first) : 0);
		if (st->state != SG_STEP_OK)
			sg_buf_put_u8(b, (unsigned)st->state);
	}
}

#define AT_US_MAX (INT64_C(1) << 53) /* the year 2255 */
#define AT_DIGITS 11		     /* of it, base 36 */

static bool
is_role(unsigned letter)
{
	switch (letter) {
#define ROW(name, number, word, text) case number:
		SG_STEP_ROLE_ROWS(ROW)
#undef ROW
		return true;
	}
	return false;
}

/* Base 36 up to AT_US_MAX; false when there is none. */
static bool
take_base36(struct sg_slice *s, int64_t *ret)
{
	int64_t v = 0;
	size_t n = 0;

	for (; n < s->len && n <= AT_DIGITS; n++) {
		uint8_t c = s->p[n];
		int digit;
		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'z')
			digit = c - 'a' + 10;
		else
			break;
		v = v * 36 + digit;
	}
	if (n == 0 || n > AT_DIGITS || v > AT_US_MAX)
		return false;
	*s = sg_slice(s->p + n, s->len - n);
	*ret = v;
	return true;
}

static bool
take_step(struct sg_slice *s, int64_t first, struct sg_step *ret)
{
	int64_t offset = 0;

	if (s->len < 3 || !is_role(s->p[0]) || find_step(s->p[1]) == NULL)
		return false;
	ret->role = (enum sg_step_role)s->p[0];
	ret->id = (enum sg_step_id)s->p[1];
	*s = sg_slice(s->p + 2, s->len - 2);
	if (!take_base36(s, &offset) || first + offset > AT_US_MAX)
		return false;
	ret->at_us = first + offset;
	ret->state = SG_STEP_OK;
	if (s->len > 0 && (s->p[0] == SG_STEP_FAILED || s->p[0] == SG_STEP_WAITS)) {
		ret->state = (enum sg_step_state)s->p[0];
		*s = sg_slice(s->p + 1, s->len - 1);
	}
	return true;
}

SG_RC
sg_steps_add(struct sg_steps *s, struct sg_slice text, struct sg_err *err)
{
	struct sg_steps got = {.n = 0};
	struct sg_slice rest = text;
	int64_t first = 0;
	bool ok = true;

	if (text.len == 0)
		return SG_OK;
	if (text.len < 2 || text.p[0] != '1' || text.p[1] != ';')
		return sg_fail(err, SG_E_MALFORMED, "steps", "steps of an unknown version");
	rest = sg_slice(rest.p + 2, rest.len - 2);
	ok = take_base36(&rest, &first) && rest.len > 0 && rest.p[0] == ';';
	while (ok && rest.len > 0 && got.n < SG_STEPS_MAX) {
		rest = sg_slice(rest.p + 1, rest.len - 1); /* ';' or ',' */
		ok = take_step(&rest, first, &got.item[got.n]);
		got.n += ok;
		ok = ok && (rest.len == 0 || rest.p[0] == ',');
	}
	if (!ok || rest.len > 0)
		return sg_fail(err, SG_E_MALFORMED, "steps",
		    "the stored steps cannot be read after %zu of %zu bytes", text.len - rest.len,
		    text.len);
	for (size_t i = 0; i < got.n; i++)
		sg_steps_mark(
		    s, got.item[i].role, got.item[i].id, got.item[i].state, got.item[i].at_us);
	return SG_OK;
}

static bool
before(const struct sg_step *a, const struct sg_step *b)
{
	if (a->at_us != b->at_us)
		return a->at_us < b->at_us;
	return a->id < b->id;
}

void
sg_steps_sort(struct sg_steps *s)
{
	/* At most SG_STEPS_MAX, nearly sorted: insertion. */
	for (size_t i = 1; i < s->n; i++) {
		struct sg_step st = s->item[i];
		size_t k = i;
		for (; k > 0 && before(&st, &s->item[k - 1]); k--)
			s->item[k] = s->item[k - 1];
		s->item[k] = st;
	}
}

static const char *
state_name(enum sg_step_state state)
{
	switch (state) {
#define ROW(name, number, word, text)                                                              \
	case SG_STEP_##name:                                                                       \
		return word;
		SG_STEP_STATE_ROWS(ROW)
#undef ROW
	}
	return "unknown";
}

/* "1.234 ms", "12.345 s": always the same width. */
static void
put_duration(struct sg_buf *b, int64_t us)
{
	if (us < 10000000)
		sg_buf_printf(b, "%5" PRId64 ".%03d ms", us / 1000, (int)(us % 1000));
	else
		sg_buf_printf(b, "%5" PRId64 ".%03d s ", us / 1000000, (int)(us / 1000 % 1000));
}

int64_t
sg_steps_since_us(const struct sg_steps *s, size_t i)
{
	return s->item[i].at_us - s->item[0].at_us;
}

int64_t
sg_steps_took_us(const struct sg_steps *s, size_t i)
{
	return i == 0 ? 0 : s->item[i].at_us - s->item[i - 1].at_us;
}

void
sg_steps_print(struct sg_buf *b, const struct sg_steps *s)
{
	const char *group = "";

	if (s->n == 0)
		return;
	sg_buf_printf(b, "%-8s %-28s %-10s %12s %12s  %s\n", "STEP", "WHAT", "ROLE", "SINCE START",
	    "TOOK", "OUTCOME");
	for (size_t i = 0; i < s->n; i++) {
		const struct sg_step *st = &s->item[i];
		const struct step_row *row = find_step((unsigned)st->id);
		const char *g = group_name(row == NULL ? 0 : row->group);
		/* A step's name once, its sub-steps below. */
		sg_buf_printf(b, "%-8s %-28s %-10s ", strcmp(g, group) == 0 ? "" : g,
		    row == NULL ? "unknown" : row->what, sg_step_role_name(st->role));
		group = g;
		put_duration(b, sg_steps_since_us(s, i));
		sg_buf_put_u8(b, ' ');
		put_duration(b, sg_steps_took_us(s, i));
		sg_buf_printf(b, "  %s\n", state_name(st->state));
	}
}
