#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule word that the code can refuse with has a row in explain/rows_*.c, and the reverse.

usage: tools/check-rules.py [--words]

A rule word is the third argument of sg_fail, sg_fail_at or sg_der_fail, the rule of
sg_conf_error_add, or any other string literal with dots whose first part is one of theirs (rules
that go through a function of a file, or a choice). --words prints what was found, with the row that explains it.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LITERAL = r'"([a-z][a-z0-9]*(?:\.[a-z0-9-]+)*)"'
DIRECT = re.compile(r"\bsg_(?:der_)?(?:fail|fail_at)\(\s*[^;\"]*?" + LITERAL)
NAMED = re.compile(r"^#define SG_RULE_[A-Z_]+ " + LITERAL, re.M)
CONF = re.compile(r"\bsg_conf_error_add\(\s*[^;]*?" + LITERAL)
DOTTED = re.compile(r'"([a-z][a-z0-9]*(?:\.[a-z0-9-]+)+)"')
ROW = re.compile(r'^\s+\{"([a-z0-9.*-]+)", SG_BLAME_', re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)

OPTION = re.compile(r'\.path = "([a-z0-9.*-]+)"')


def options():
    """Names of options of the configuration: literals with dots that are not rules."""
    text = (ROOT / "src" / "conf" / "rows.c").read_text(encoding="utf-8")
    return set(OPTION.findall(text))


def words():
    """Rule words: {word: first place}."""
    sources = {}
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        name = str(path.relative_to(ROOT))
        if not name.startswith(("src/explain/rows_", "src/conf/rows.c", "src/conf/reference.c")):
            sources[name] = COMMENT.sub("", path.read_text(encoding="utf-8"))
    found = {}
    for name, text in sources.items():
        for word in DIRECT.findall(text) + NAMED.findall(text):
            found.setdefault(word, name)
    sure = set(found)
    for name, text in sources.items():
        for word in CONF.findall(text):
            found.setdefault(word, name)
    explained = set(rows())  # "sandbox.crl" is a rule although it looks like a file
    families = {word.split(".")[0] for word in found} | {row.split(".")[0] for row in rows()}
    for name, text in sources.items():
        for word in DOTTED.findall(text):
            if word.split(".")[0] in families and (word in explained or not is_file(word)):
                found.setdefault(word, name)
    return {word: name for word, name in found.items() if word in sure or word not in options()}


def is_file(word):
    return word.rsplit(".", 1)[1] in ("c", "h", "pem", "key", "crl", "cer", "der", "yaml", "log",
                                      "sock", "db", "lock", "sql", "tmp")


def rows():
    found = []
    for path in sorted((ROOT / "src" / "explain").glob("rows_*.c")):
        found += ROW.findall(path.read_text(encoding="utf-8"))
    return found


def explain(word, all_rows):
    """The row that sg_catalog_find gives, or None."""
    if word in all_rows:
        return word
    fits = [r for r in all_rows if r.endswith(".*") and (word + ".").startswith(r[:-1])]
    return max(fits, key=len, default=None)


def main(argv):
    all_rows = rows()
    found = words()
    used = {word: explain(word, all_rows) for word in found}
    missing = sorted(word for word, row in used.items() if row is None)
    unused = sorted(set(all_rows) - set(used.values()))
    twice = sorted({row for row in all_rows if all_rows.count(row) > 1})
    if "--words" in argv:
        for word in sorted(used):
            print(f"{word:36} {used[word] or '-':28} {found[word]}")
    for word in missing:
        print(f"{found[word]}: rule {word} has no row in src/explain/rows_*.c")
    for row in twice:
        print(f"src/explain: row {row} stands twice")
    for row in unused:
        print(f"src/explain: row {row} explains no rule of the code")
    print(f"{len(found)} rules, {len(all_rows)} rows: {len(missing)} without a row, "
          f"{len(twice)} twice, {len(unused)} rows without a rule")
    return 1 if missing or twice or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
