/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ask.c - ask a control socket: signet-ask SOCKET JSON prints the answer; the exit status is 0
 * where that is no error, 1 where it is one, 2 where nobody answers
 */

#include <stdio.h>

#include "ipc/control.h"

int
main(int argc, char **argv)
{
	sg_buf_scoped json = {0};
	enum sg_code code = SG_OK;
	struct sg_err err = {.text = ""};

	if (argc != 3)
		return 2;
	if (sg_control_ask(argv[1], sg_slice_str(argv[2]), &code, &json, &err) != SG_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	printf("%s\n", sg_buf_text(&json));
	return code == SG_OK ? 0 : 1;
}
