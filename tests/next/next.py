#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Write the two sources of an edge as its next version would have them: a number, `next`, at the end of each
frame, and the edge's version. usage: next.py EDGE.h EDGE.c NEXT.h NEXT.c"""

import re
import sys


def main(header, source, next_header, next_source):
    with open(header) as f:
        rows = f.read()
    with open(source) as f:
        edge = f.read()
    (version,) = re.findall(r'SG_EDGE_DEFINE\(\w+, "[a-z-]+", (\d+),', edge)
    version = int(version) + 1
    rows, n = re.subn(r"(#define SG_FRAME_\w+_ROWS\(T, U, B\)(?:.*\\\n)*.*)\n",
                      r"\1 \\" "\n\tU(T, next, %d, 0, 9)\n" % version, rows)
    assert n == rows.count("SG_FRAME_DECLARE(") > 0
    edge = re.sub(r'(SG_EDGE_DEFINE\(\w+, "[a-z-]+", )\d+', r"\g<1>%d" % version, edge)
    for path, text in ((next_header, rows), (next_source, edge)):
        with open(path, "w") as f:
            f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
