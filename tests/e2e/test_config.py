# SPDX-License-Identifier: Apache-2.0
"""Mistakes in a configuration: one line each that says where and what to do, exit status not 0,
nothing started halfway."""

import json
import os
import re
import shutil
import socket
import subprocess

import pytest

import system
from conftest import STATIC_SECRET


@pytest.fixture(scope="module")
def stopped():
    """An installation that is set up and not running; its configuration is put back each time."""
    one = system.Signet(ca_key="p256")
    one.up()
    one.stop()
    with open(one.conf) as f:
        good = f.read()
    yield one, good
    one.remove()


def endpoint(text, **options):
    return system.with_endpoint(text, "extra", **options)


MISTAKES = {
    # name: (change, what the line must say, the line number is that of this text)
    "unknown_key_at_the_top": (lambda t: t + "\nfrobnicate: 1\n", r"frobnicate", "frobnicate"),
    "unknown_key_in_a_section": (lambda t: endpoint(t, frobnicate=1), r"frobnicate", "frobnicate"),
    "near_miss_of_a_key": (lambda t: endpoint(t, polcy="one-time"), r"polcy", "polcy"),
    "number_expected": (lambda t: re.sub(r"(?m)^#?\s*users:.*\n", "", t) + "\nusers: many\n", r"users",
                        "users: many"),
    "number_out_of_range": (lambda t: re.sub(r"(?m)^#?\s*users:.*\n", "", t) + "\nusers: 70000\n",
                            r"users.*(1000|65500)", "users: 70000"),
    "word_not_in_the_list": (lambda t: endpoint(t, policy="everybody"), r"everybody.*one-time|"
                             r"one-time.*everybody", "policy: everybody"),
    "boolean_expected": (lambda t: endpoint(t, renewal="perhaps"), r"renewal", "renewal: perhaps"),
    "list_of_words_expected": (lambda t: endpoint(t, allow=["sha1", "md5"]), r"md5", "allow"),
    "template_that_is_not_there": (lambda t: endpoint(t, template="nothing"), r"nothing",
                                   "template: nothing"),
    "duplicate_key": (lambda t: t + "\nsite: Again\n", r"site", "site: Again"),
    "section_where_a_value_belongs": (lambda t: re.sub(r"(?m)^#?\s*site:.*\n", "", t) +
                                      "\nsite:\n  name: x\n", r"site", "site:"),
    "listen_without_a_port": (lambda t: re.sub(r"listen:.*", "listen: [127.0.0.1]", t), r"listen|port",
                              "listen:"),
    "not_yaml": (lambda t: t + "\n  : : [\n", r".", None),
    "anchor": (lambda t: re.sub(r"(?m)^#?\s*site:.*\n", "", t) + "\nsite: &x Example\n", r"anchor|&",
               "site: &x"),
    "static_with_a_free_subject": (lambda t: endpoint(
        t, policy="static", challenge_file="static.challenge"), r"static|subject", None),
    "static_with_a_pattern_that_fits_all": (lambda t: endpoint(
        t, policy="static", challenge_file="static.challenge", subjects=["CN=*"]), r"CN=\*|subject",
        None),
    "static_without_a_challenge_file": (lambda t: endpoint(
        t, policy="static", subjects=["CN=*.a.example"]), r"challenge-file", None),
    "des_allowed": (lambda t: endpoint(t, allow=["des"]), r"des\b", "allow"),
    "ca_key_that_is_not_there": (lambda t: re.sub(r"(?m)^(ca:(?:\n(?:[ \t#].*|))*?\n[ \t]+key:).*",
                                                  r"\1 missing/ca.key", t), r"missing/ca\.key",
                                 "missing/ca.key"),
    "ra_key_that_is_not_a_key": (lambda t: re.sub(r"(?m)^(ra:(?:\n(?:[ \t#].*|))*?\n[ \t]+key:).*",
                                                  r"\1 garbage.pem", t), r"garbage\.pem", "garbage.pem"),
    "ra_key_of_another_certificate": (lambda t: re.sub(
        r"(?m)^(ra:(?:\n(?:[ \t#].*|))*?\n[ \t]+key:).*", r"\1 other.pem", t), r"other\.pem|match|belong",
        None),
}


@pytest.fixture
def broken(stopped, request):
    one, good = stopped
    change, pattern, where = MISTAKES[request.param]
    for name, data in (("static.challenge", STATIC_SECRET), ("garbage.pem", "garbage\n")):
        with open(os.path.join(one.data, name), "w") as f:
            f.write(data)
    if not os.path.exists(os.path.join(one.data, "other.pem")):
        system.run("openssl", "genrsa", "-out", os.path.join(one.data, "other.pem"), "2048")
    text = change(good)
    assert text != good, "the generated configuration has nothing that this test could spoil"
    with open(one.conf, "w") as f:
        f.write(text)
    yield one, text, pattern, where
    with open(one.conf, "w") as f:
        f.write(good)


def assert_one_line_each(one, text, out, pattern, where):
    lines = [line for line in out.strip().splitlines() if line.strip()]
    assert lines, "nothing was said"
    told = [line for line in lines if re.search(pattern, line)]
    assert len(told) == 1, out
    m = re.match(r"(?:signet: |error: )*(.*signet\.yaml):(\d+): ", told[0])
    assert m, "no FILE:LINE: in front: " + told[0]
    if where:
        wanted = {n for n, line in enumerate(text.splitlines(), 1) if where in line}
        assert int(m.group(2)) in wanted, "%s is not in %s" % (told[0], wanted)
    for line in lines:
        assert len(line) < 600 and line.isprintable()


@pytest.mark.parametrize("broken", MISTAKES, indirect=True)
def test_check__mistake__one_line_with_its_place(broken):
    one, text, pattern, where = broken
    p = one.cli("check", check=False)
    assert p.returncode not in (0, None) and p.returncode < 100
    assert_one_line_each(one, text, p.stdout + p.stderr, pattern, where)


@pytest.mark.parametrize("broken", MISTAKES, indirect=True)
def test_run__mistake__nothing_started(broken):
    one, text, pattern, where = broken
    p = one.cli("run", check=False)
    assert p.returncode not in (0, None) and p.returncode < 100
    assert_one_line_each(one, text, p.stdout + p.stderr, pattern, where)
    assert_nothing_runs(one)


ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not ROOT, reason="only root gives files away")


@pytest.mark.parametrize("name,mode,what", [
    ("ca/ca.key", 0o640, "others may read"), ("keys/challenge.key", 0o604, "others may read"),
    ("signet.yaml", 0o646, "may be written by others"), ("ra/ra.pem", 0o646, "may be written by others"),
    ("ra", 0o777, "ra, a directory on the way, may be written by others"),
    ("", 0o777, "a directory on the way, may be written by others")])
def test_check__file_that_others_may_change__refused_with_the_command(stopped, name, mode, what):
    one, _ = stopped
    path = os.path.join(one.data, name).rstrip("/")
    before = os.stat(path).st_mode & 0o7777
    os.chmod(path, mode)
    try:
        check, run = one.cli("check", check=False), one.cli("run", check=False, timeout=20)
    finally:
        os.chmod(path, before)
    for p in (check, run):
        assert p.returncode == 1
        said = p.stdout + p.stderr
        assert what in said and re.search(r"run: chmod \S+ " + re.escape(path) + "$", said, re.M), said
    assert_nothing_runs(one)
    assert one.cli("check").returncode == 0


@root_only
@pytest.mark.parametrize("name", ["ca/ca.key", "ca/ca.pem", "ra/ra.key", "keys/unwrap.key", "signet.yaml", "keys", ""])
def test_check__file_of_another_user__refused_with_the_command(stopped, name):
    one, _ = stopped
    path = os.path.join(one.data, name).rstrip("/")
    os.chown(path, 12345, -1)
    try:
        check, run = one.cli("check", check=False), one.cli("run", check=False, timeout=20)
    finally:
        os.chown(path, 0, -1)
    for p in (check, run):
        said = p.stdout + p.stderr
        assert p.returncode == 1 and "belongs to user 12345, want root" in said, said
        assert "run: chown -h 0 " + path in said
    assert_nothing_runs(one)


@root_only
def test_check__access_log_that_another_user_may_lead_elsewhere__refused(stopped, work):
    """Root appends there what strangers ask for, for as long as Signet runs."""
    one, good = stopped
    folder, elsewhere = os.path.join(work, "logs"), os.path.join(work, "elsewhere")
    os.mkdir(folder)
    link = os.path.join(folder, "access.log")
    os.symlink(elsewhere, link)
    line = re.search(r"access-log: .*", good).group(0)
    with open(one.conf, "w") as f:
        f.write(good.replace(line, "access-log: " + link))
    try:
        for path in (folder, link):
            os.chown(path, 12345, -1, follow_symlinks=False)
            p = one.cli("run", check=False, timeout=20)
            os.chown(path, 0, -1, follow_symlinks=False)
            said = p.stdout + p.stderr
            assert p.returncode == 1 and "'front.access-log'" in said and "run: chown -h 0 " + path in said, said
            assert not os.path.exists(elsewhere)
        assert one.cli("check").returncode == 0, "a link of root's is one"
    finally:
        with open(one.conf, "w") as f:
            f.write(good)


@root_only
@pytest.mark.parametrize("name", ["db", "run"])
def test_run__folder_of_another_user_above_the_databases__refused(stopped, name):
    one, _ = stopped
    path = os.path.join(one.data, name)
    os.chown(path, 12345, -1)
    try:
        run = one.cli("run", check=False, timeout=20)
    finally:
        os.chown(path, 0, -1)
    assert run.returncode == 1 and "run: chown -h 0 " + path in run.stdout + run.stderr, run
    assert_nothing_runs(one)


@root_only
@pytest.mark.parametrize("command", ["run", "check", "up"])
def test_start__link_of_another_user__refused(stopped, command):
    """What it says today is ours, but its owner says what it says tomorrow."""
    one, _ = stopped
    shared = system.make_dir()
    os.chmod(shared, 0o1777)
    link = os.path.join(shared, "current")
    os.symlink(one.data, link)
    os.lchown(link, 12345, 12345)
    args = (link,) if command == "up" else ("-c", link + "/signet.yaml")
    p = one.cli(command, *args, check=False, conf=False, timeout=20)
    assert p.returncode != 0 and "run: chown -h 0 " + link in p.stdout + p.stderr, p
    assert_nothing_runs(one)
    os.lchown(link, 0, 0)
    assert one.cli("check", "-c", link + "/signet.yaml", conf=False).returncode == 0
    os.unlink(link)
    os.rmdir(shared)


def assert_nothing_runs(one):
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", one.port)) != 0, "something listens"
    left = subprocess.run(["pgrep", "-f", one.data], capture_output=True, text=True).stdout \
        if os.path.exists("/usr/bin/pgrep") else ""
    assert not left.strip(), "left running: " + left


def test_check__two_mistakes__both_reported(stopped):
    one, good = stopped
    with open(one.conf, "w") as f:
        f.write(endpoint(good, frob=1, policy="nobody"))
    try:
        p = one.cli("check", check=False)
    finally:
        with open(one.conf, "w") as f:
            f.write(good)
    out = p.stdout + p.stderr
    assert p.returncode != 0 and "frob" in out and "nobody" in out


def test_check__good__says_so(stopped):
    assert stopped[0].cli("check").returncode == 0


def test_run__port_in_use__one_line_and_nothing_started(stopped):
    one, _ = stopped
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", one.port))
        s.listen()
        p = one.cli("run", check=False)
    assert p.returncode != 0
    lines = (p.stdout + p.stderr).strip().splitlines()
    assert len(lines) == 1 and str(one.port) in lines[0], lines
    assert re.search(r"in use|taken|busy", lines[0])
    assert_nothing_runs(one)


def test_run__twice__the_second_says_so_and_leaves_the_first_alone(fresh):
    one = fresh()
    p = one.cli("run", check=False)
    assert p.returncode != 0 and (p.stdout + p.stderr).strip()
    assert one.enrol("CN=alone,O=Test")[1].status == "0"


def test_run__configuration_that_is_not_there__one_line(signet_bin, work):
    p = system.run(system.BIN, "run", "-c", os.path.join(work, "no.yaml"), check=False)
    assert p.returncode != 0 and len((p.stdout + p.stderr).strip().splitlines()) == 1


def test_up__again__everything_is_used_again(fresh):
    one = fresh()
    _, rep = one.enrol("CN=kept,O=Test")
    chain = one.server().ca_certs()
    one.stop()
    one._servers.clear()
    one.up()
    assert one.server().ca_certs() == chain
    assert rep.serial in one.serials()


def test_up__files__only_keys_that_somebody_uses(fresh):
    """And what an earlier version left is named, not touched."""
    one = fresh()
    assert sorted(os.listdir(os.path.join(one.data, "ca"))) == ["ca.key", "ca.pem"]
    assert "earlier version" not in one.said()
    one.stop()
    left = os.path.join(one.data, "ca/role-ca.key")
    with open(left, "w") as f:
        os.chmod(left, 0o600)
        f.write("a key\n")
    one.up()
    assert "rm " + left + "\n" in one.said()
    assert os.path.exists(left)


def test_up__files__secrets_are_closed(stopped):
    """No key or secret is readable by others, and no role's files by another role."""
    one, _ = stopped
    loose = []
    for folder, _, files in os.walk(one.data):
        for name in files:
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode & 0o777
            if re.search(r"\.(key|secret|db|sqlite)", name) and mode & 0o077:
                loose.append("%o %s" % (mode, path))
    assert not loose, loose


@pytest.mark.parametrize("args", [[], ["frobnicate"], ["up", "--frob"], ["enroll"], ["run"], ["trace"],
                                  ["ca", "frob"], ["challenge", "new"]])
def test_command_line__mistake__says_what_to_do(signet_bin, args, work):
    p = system.run(system.BIN, *args, check=False, cwd=work)
    assert p.returncode not in (0, 1) or p.returncode == 1
    assert p.returncode != 0 and p.stderr.strip() and p.returncode < 100


def test_command_line__help_and_version(signet_bin):
    out = system.run(system.BIN, "--help").stdout
    for word in ("up", "run", "check", "enroll", "challenge", "trace", "fsck"):
        assert re.search(r"\b%s\b" % word, out), word
    assert re.search(r"\d+\.\d+", system.run(system.BIN, "--version").stdout)


# --- which roles run -----------------------------------------------------------------------


def only(*names):
    """A configuration with these sections of the one that `signet up` wrote, and what is above all."""
    def change(text):
        parts = re.split(r"(?m)^(?=[a-z]+:[ \t]*(?:#.*)?$)", text)
        return parts[0] + "".join(p for p in parts[1:] if p.partition(":")[0] in names)
    return change


def test_sections__ca_alone__runs_and_answers(fresh):
    """Nothing else is started or made: what was issued is kept, revoked and published."""
    one = fresh()
    req, rep = one.enrol("CN=before,O=Test")
    one.stop()
    one.configure(only("ca"))
    one.start()
    assert [line.split()[-1] for line in one.roles().values()] == ["ca"]
    assert len(one.certs()) == 1
    status = one.cli("status").stdout
    assert "1 good" in status and "registrar" not in status
    one.cli("ca", "revoke", one.certs()[0]["serial"])
    assert list(json.loads(one.cli("status", "--json").stdout)) == ["ca"]
    assert "1 entry" in one.cli("status").stdout
    one.stop()
    shutil.rmtree(os.path.join(one.data, "db", "registrar"))  # as on a host that never had it
    assert "1 certificates (1 revoked)" in one.cli("fsck").stdout
    counted = json.loads(one.cli("fsck", "--json").stdout)
    assert counted["findings"] == [] and (counted["certificates"], counted["revoked"]) == (1, 1)


@pytest.mark.parametrize("names,missing", [
    (("front", "ra", "ca", "templates", "endpoints"), ["registrar"]),
    (("registrar", "templates", "endpoints"), ["ca", "ra"]),
    (("front", "registrar", "ra", "ca", "templates"), ["endpoints"])])
def test_sections__what_another_needs__one_line_each(stopped, names, missing):
    one, good = stopped
    with open(one.conf, "w") as f:
        f.write(only(*names)(good))
    try:
        for command in ("check", "run"):
            p = one.cli(command, check=False)
            said = (p.stdout + p.stderr).splitlines()
            assert p.returncode == 1 and len(said) == len(missing), said
            for name, line in zip(missing, said):
                assert re.search(r"signet\.yaml:\d+: '%s': expected .* needs it, found nothing; add '%s:'" % (
                    name, name), line), line
            assert_nothing_runs(one)
    finally:
        with open(one.conf, "w") as f:
            f.write(good)


def test_sections__no_role__said(stopped):
    one, good = stopped
    with open(one.conf, "w") as f:
        f.write("site: Nothing\ndata: .\n")
    try:
        for command in ("check", "run"):
            p = one.cli(command, check=False)
            assert p.returncode == 1
            assert "expected a section of at least one role (front, registrar, ra, ca), found none" in p.stdout + p.stderr
    finally:
        with open(one.conf, "w") as f:
            f.write(good)


# ---- beside a Signet that runs -------------------------------------------------------------------

def listen_on(*addresses):
    return lambda text: re.sub(r"(?m)^  listen: .*$", "  listen: [%s]" % ", ".join(addresses), text)


def test_check__beside_the_signet_that_runs__its_addresses_are_no_mistake(fresh):
    """Edit, check, restart: with the same address, with one more, with all instead of one."""
    one = fresh()
    good, more = open(one.conf).read(), system.free_port()
    own = "127.0.0.1:%d" % one.port
    for change in (lambda t: t, listen_on(own, "127.0.0.1:%d" % more), listen_on("0.0.0.0:%d" % one.port)):
        with open(one.conf, "w") as f:
            f.write(change(good))
        p = one.cli("check", check=False)
        assert p.returncode == 0 and "no mistakes" in p.stdout, p.stdout + p.stderr


def test_check__beside_the_signet_that_runs__ipv6_as_well(fresh):
    one, more = fresh(), system.free_port()
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", more))
    except OSError as e:
        pytest.skip("no IPv6 here: %s" % e)
    one.configure(listen_on("127.0.0.1:%d" % one.port, "'[::1]:%d'" % more))
    one.restart()
    assert one.cli("check").returncode == 0
    one.configure(listen_on("'[::]:%d'" % more))
    assert one.cli("check").returncode == 0


def test_check__address_of_another_program_beside_the_running_signet__a_mistake(fresh):
    one = fresh()
    good = open(one.conf).read()
    with socket.socket() as s, socket.socket() as beside:
        port = system.free_port()
        s.bind(("127.0.0.1", port))
        s.listen()
        beside.bind(("127.0.0.2", one.port))  # another program's, which all addresses would meet
        beside.listen()
        for addresses in (("127.0.0.1:%d" % one.port, "127.0.0.1:%d" % port), ("0.0.0.0:%d" % one.port,)):
            with open(one.conf, "w") as f:
                f.write(listen_on(*addresses)(good))
            p = one.cli("check", check=False)
            lines = [li for li in (p.stdout + p.stderr).splitlines() if "cannot listen" in li]
            assert p.returncode == 1 and len(lines) == 1, p.stdout + p.stderr
            assert addresses[-1] in lines[0] and "another program listens there" in lines[0]


def test_check__address_of_another_signet__a_mistake(fresh):
    """Another data directory is another Signet: it goes on listening when this one is restarted."""
    one, other = fresh(), fresh(start=False)
    other.configure(listen_on("127.0.0.1:%d" % one.port))
    p = other.cli("check", check=False)
    assert p.returncode == 1 and "another program listens there" in p.stdout + p.stderr, p.stdout + p.stderr
