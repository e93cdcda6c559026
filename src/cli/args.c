/* SPDX-License-Identifier: Apache-2.0 */

/*
 * args.c - the command line read into a struct cli_args, which a command then asks for its options
 */

#include "cli/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "cli/text.h"

static const struct cli_option *
find_option(const struct cli_command *c, const char *arg, size_t len)
{
	for (const struct cli_option *o = c->options; o->name != NULL; o++) {
		if (arg[1] == '-' && strlen(o->name) == len - 2 &&
		    strncmp(o->name, arg + 2, len - 2) == 0)
			return o;
		if (arg[1] != '-' && len == 2 && o->letter == arg[1])
			return o;
	}
	return NULL;
}

/* One option at argv[at]; returns the index after it, or -1 after a message. */
static int
read_option(struct cli_args *a, int argc, char **argv, int at)
{
	const char *arg = argv[at], *equals = strchr(arg, '=');
	size_t len = equals == NULL || arg[1] != '-' ? strlen(arg) : (size_t)(equals - arg);
	const struct cli_option *o = find_option(a->command, arg, len);

	if (o == NULL) {
		cli_usage(
		    a, "no option '%s'; see: signet %s --help", cli_show(arg), a->command->name);
		return -1;
	}
	const char *value = "";
	if (o->arg != NULL && equals != NULL && arg[1] == '-')
		value = equals + 1;
	else if (o->arg != NULL && at + 1 < argc)
		value = argv[++at];
	else if (o->arg != NULL || (equals != NULL && arg[1] == '-')) {
		cli_usage(a, o->arg != NULL ? "--%s wants %s" : "--%s takes no value%.0s", o->name,
		    o->arg == NULL ? "" : o->arg);
		return -1;
	}
	if (a->value_n == CLI_VALUES_MAX) {
		cli_usage(a, "more than %u options", CLI_VALUES_MAX);
		return -1;
	}
	a->value[a->value_n++] = (struct cli_value){o, value};
	return at + 1;
}

/* A negative serial number, which is no option of one letter. */
static bool
is_number(const char *arg)
{
	size_t digits = strspn(arg + 1, "0123456789abcdefABCDEF:");
	return digits > 1 && arg[1 + digits] == '\0';
}

int
cli_args_read(const struct cli_command *c, int argc, char **argv, int at, struct cli_args *ret,
    bool *ret_help)
{
	*ret = (struct cli_args){.command = c};
	while (at < argc) {
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
			*ret_help = true;
			return EXIT_OK;
		}
		if (argv[at][0] == '-' && argv[at][1] != '\0' && !is_number(argv[at])) {
			at = read_option(ret, argc, argv, at);
			if (at < 0)
				return EXIT_USAGE;
		} else if (ret->pos_n == c->pos_max) {
			return cli_usage(ret, "one argument too many: '%s'; see: signet %s --help",
			    cli_show(argv[at]), c->name);
		} else {
			ret->pos[ret->pos_n++] = argv[at++];
		}
	}
	if (ret->pos_n < c->pos_min)
		return cli_usage(ret, "want %s; see: signet %s --help", c->args, c->name);
	return EXIT_OK;
}

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
	if (sg_duration_parse(sg_slice_str(text), &s, NULL) == SG_OK)
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
	if (sg_decimal_parse(sg_slice_str(text), (uint64_t)max, &v, NULL) == SG_OK)
		return (int64_t)v;
	cli_usage(a, "--%s: want a number from 0 to %lld, have '%s'", name, (long long)max,
	    cli_show(text));
	return -1;
}

int
cli_get_word(const struct cli_args *a, const char *name, const struct sg_json_word *words,
    bool *ret_has, int *ret)
{
	const char *text = cli_get(a, name);

	*ret_has = text != NULL;
	if (text == NULL)
		return EXIT_OK;
	for (const struct sg_json_word *w = words; w->name != NULL; w++)
		if (sg_ascii_is(sg_slice_str(text), w->name)) {
			*ret = w->value;
			return EXIT_OK;
		}
	fprintf(stderr, "signet %s: --%s: want ", a->command->name, name);
	for (const struct sg_json_word *w = words; w->name != NULL; w++)
		fprintf(stderr, "%s%s",
		    w == words		? ""
		    : w[1].name == NULL ? " or "
					: ", ",
		    w->name);
	fprintf(stderr, ", have '%s'\n", cli_show(text));
	return EXIT_USAGE;
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
cli_fail_file(const struct cli_args *a, const char *file, const struct sg_err *err)
{
	struct sg_err named = {0};

	sg_ignore(sg_fail(&named, err->code, err->rule, "%s: %s", cli_show(file), err->text));
	return cli_fail(a, &named);
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
