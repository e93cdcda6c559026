/* SPDX-License-Identifier: Apache-2.0 */

/*
 * text.c - times and outside text for the terminal, by way of which everything goes that a command
 * prints and did not write itself
 */

#include "cli/text.h"

#include <stdio.h>

#include "base/date.h"
#include "base/escape.h"
#include "base/buf.h"
#include "base/slice.h"

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
cli_show(const char *s)
{
	static char text[4][1024];
	static unsigned turn;
	sg_buf_scoped b = {0};

	sg_escape_put(&b, sg_slice_str(s), sizeof text[0] - 16);
	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof text[turn], "%s", sg_buf_text(&b));
	return text[turn];
}
