# SPDX-License-Identifier: Apache-2.0
"""The completion of the shell, asked as bash asks it: the words that it offers are those that the
program knows."""

import os
import re

import pytest

import system

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/completion/signet.bash")
# What bash does at the tabulator key: the words are arguments, the last one is being written.
ASK = """set -u
source "$1"
[ "$(complete -p signet)" = "complete -F _signet signet" ] || exit 3
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_signet
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words, cwd=None):
    """What is offered for the last of the words behind `signet`."""
    p = system.run("bash", "--norc", "-c", ASK, "bash", SCRIPT, system.BIN, *words, cwd=cwd)
    assert p.stderr == "", p.stderr
    return p.stdout.split("\n")[:-1]


def help_of(*command):
    return system.run(system.BIN, *command, "--help").stdout


def commands():
    """Every command that the program knows, as words."""
    return [tuple(c.split()) for c in re.findall(r"(?m)^  signet ([a-z]+(?: [a-z]+)?)  ", system.run(
        system.BIN, "--help").stdout)]


@pytest.mark.parametrize("words,want", [
    (("ca", "re"), ["revoke", "release"]),
    (("ca", "c"), ["crl"]),
    (("ca", "x"), []),
    (("chal",), ["challenge"]),
    (("challenge", ""), ["new"]),
    (("challenge", "new", "--su"), ["--subject"]),
    (("challenge", "new", "--subject", ""), []),
    (("en",), ["enroll"]),
    (("get",), ["getcacaps", "getcacert"]),
    (("up", "--ca-key", "p"), ["p256", "p384"]),
    (("up", "--ca-key", "rsa-4"), ["rsa-4096"]),
    (("enroll", "--key-type", "rsa-2"), ["rsa-2048"]),
    (("enroll", "--digest", "sha5"), ["sha512"]),
    (("--v",), ["--version"]),
    (("nothing", ""), []),
], ids=lambda v: " ".join(v))
def test_completion__words__offered(signet_bin, words, want):
    assert complete(*words) == want


def test_completion__commands__all_and_no_others(signet_bin):
    known = commands()
    assert len(known) > 15
    firsts = {c[0] for c in known}
    assert set(complete("")) == firsts | {"--help", "--version"}
    for first in firsts:
        seconds = {c[1] for c in known if c[0] == first and len(c) > 1}
        if seconds:
            assert set(complete(first, "")) == seconds


def test_completion__options__those_of_the_help(signet_bin):
    for command in commands():
        known = set(re.findall(r"(?m)^ +(?:-\w, )?(--[a-z-]+)", help_of(*command)))
        assert "--help" in known
        assert set(complete(*command, "--")) == known, command


def test_completion__rules__from_the_program(signet_bin):
    offered = complete("explain", "challenge.u")
    assert "challenge.unknown" in offered and "challenge.used" in offered
    assert all(w.startswith("challenge.u") for w in offered)


def test_completion__files__of_the_folder(signet_bin, work):
    for name in ("signet.yaml", "signet.key", "other"):
        with open(os.path.join(work, name), "w"):
            pass
    assert sorted(complete("check", "-c", "sig", cwd=work)) == ["signet.key", "signet.yaml"]
    assert complete("enroll", "--key", "oth", cwd=work) == ["other"]
    assert complete("ca", "import", "oth", cwd=work) == ["other"]


def test_help__first_word_of_several_commands__all_of_them(signet_bin):
    said = help_of("ca")
    assert {"signet ca list", "signet ca revoke"} <= set(re.findall(r"signet ca \w+", said))
    p = system.run(system.BIN, "cax", "--help", check=False)
    assert p.returncode == 2 and "no command 'cax'" in p.stderr and not p.stdout
    for words, line in ((["ca"], "signet: 'ca' needs another word:"),
                        (["ca", "lst"], "signet: no command 'ca lst'; see: signet --help")):
        p = system.run(system.BIN, *words, check=False)
        assert p.returncode == 2 and p.stderr.splitlines()[0] == line and "signet ca list" in p.stderr
