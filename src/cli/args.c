/* SPDX-License-Identifier: Apache-2.0 */

/*
 * args.c - what every command does with its command line
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

const char *
cli_get(const struct cli_args *a, const char *name)
{
	for (size_t n = a->value_n; n > 0; n--)
		if (strcmp(a->value[n - 1].option->name, name) == 0)
			return a->value[n - 1].value;
	return NULL;
}

const char *
cli_get_nth(const struct cli_args *a, const char *name, size_t nth)
{
	for (size_t n = 0; n < a->value_n; n++)
		if (strcmp(a->value[n].option->name, name) == 0 && nth-- == 0)
			return a->value[n].value;
	return NULL;
}

int64_t
cli_get_duration(const struct cli_args *a, const char *name, int64_t otherwise)
{
	const char *text = cli_get(a, name);
	int64_t s = 0;

	if (text == NULL)
		return otherwise;
	if (sg_parse_duration(sg_slice_str(text), &s, NULL) == SG_OK)
		return s;
	cli_usage(
	    a, "--%s: want a duration such as 30m, 12h or 90d, have '%s'", name, cli_show(text));
	return -1;
}

int64_t
cli_get_number(const struct cli_args *a, const char *name, int64_t max, int64_t otherwise)
{
	const char *text = cli_get(a, name);
	uint64_t v = 0;

	if (text == NULL)
		return otherwise;
	if (sg_parse_u64(sg_slice_str(text), (uint64_t)max, &v, NULL) == SG_OK)
		return (int64_t)v;
	cli_usage(a, "--%s: want a number from 0 to %lld, have '%s'", name, (long long)max,
	    cli_show(text));
	return -1;
}

int
cli_fail(const struct cli_args *a, const struct sg_err *err)
{
	fprintf(stderr, "signet %s: %s\n", a->command->name, err->text);
	switch (err->code & 0xf00) {
	case 0x400:
		return EXIT_NO_ANSWER;
	case 0x600:
		return EXIT_USAGE;
	default:
		return err->code == SG_E_PENDING ? EXIT_PENDING : EXIT_FAILED;
	}
}

int
cli_usage(const struct cli_args *a, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "signet %s: ", a->command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return EXIT_USAGE;
}

const char *
cli_time(int64_t at)
{
	static char text[4][32];
	static unsigned turn;
	sg_buf_scoped b = {0};

	if (at == 0)
		return "-";
	sg_put_time(&b, at);
	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s", sg_buf_text(&b));
	return text[turn];
}

const char *
cli_show(const char *s)
{
	static char text[4][1024];
	static unsigned turn;
	sg_buf_scoped b = {0};

	sg_escape(&b, sg_slice_str(s), sizeof text[0] - 16);
	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s", sg_buf_text(&b));
	return text[turn];
}
