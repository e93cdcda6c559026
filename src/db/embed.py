#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn numbered migrations (NAME-NNNN.sql) into the arrays that HEADER declares, PREFIX_NAME:
embed.py OUT.c HEADER PREFIX FILE.sql ..."""
import os
import re
import sys

out, header, prefix, files = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
kinds = {}
for path in sorted(files, key=os.path.basename):
    kind, number = re.fullmatch(r"([a-z]+)-(\d{4})\.sql", os.path.basename(path)).groups()
    with open(path, "rb") as f:
        text = b"".join(l for l in f.readlines() if not l.lstrip().startswith(b"--"))
    if any(c > 126 for c in text):
        sys.exit(f"{path}: only ASCII is allowed in migrations")
    kinds.setdefault(kind, []).append((int(number), text))

with open(out, "w", encoding="ascii") as f:
    f.write(f'#include "{header}"\n\n#include <stddef.h>\n')
    for kind, migrations in sorted(kinds.items()):
        if [n for n, _ in migrations] != list(range(1, len(migrations) + 1)):
            sys.exit(f"{kind}: migrations must be numbered 0001, 0002, ... without a gap")
        for number, text in migrations:
            f.write(f"\nstatic const char {kind}_{number}[] = {{\n")
            for i in range(0, len(text), 20):
                f.write("\t" + " ".join(f"{c}," for c in text[i : i + 20]) + "\n")
            f.write("\t0,\n};\n")
        f.write(f"\nconst struct sg_db_migration {prefix}_{kind}[] = {{\n")
        for number, _ in migrations:
            f.write(f"\t{{{number}, {kind}_{number}}},\n")
        f.write("\t{0, NULL},\n};\n")
