/* SPDX-License-Identifier: Apache-2.0 */

/*
 * text.c - times and outside text for the terminal, by way of which everything goes that a command
 * prints and did not write itself
 */

#include "cli/text.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/escape.h"

const char *
cli_time(int64_t at)
{
	static char text[4][32];
	static unsigned turn;
	sg_buf_scoped b = {0};

	if (at == 0)
		return "-";
	sg_date_put(&b, at);
	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s", sg_buf_text(&b));
	return text[turn];
}

const char *
cli_time_us(int64_t at)
{
	return cli_time(at / SG_CLOCK_SECOND);
}

const char *
cli_word(const struct sg_json_word *words, int value)
{
	const char *word = sg_json_word_of(words, value);

	return word == NULL ? "unknown" : word;
}

const char *
cli_show(const char *s)
{
	return cli_show_slice(sg_slice_str(s));
}

static const char *
show(struct sg_slice s, void (*put)(struct sg_buf *b, struct sg_slice s, size_t max))
{
	static char text[4][1024];
	static unsigned turn;
	sg_buf_scoped b = {0};

	put(&b, s, sizeof text[0] - 16);
	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s", sg_buf_text(&b));
	return text[turn];
}

const char *
cli_show_slice(struct sg_slice s)
{
	return show(s, sg_escape_put);
}

const char *
cli_show_line(struct sg_slice s)
{
	return show(s, sg_escape_put_line);
}
