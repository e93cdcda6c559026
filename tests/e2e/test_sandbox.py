# SPDX-License-Identifier: Apache-2.0
"""The running roles, looked at from outside: what each may still do and what it holds. What happens
when one tries more is tests/unit/service/test_sandbox.c, by the same code."""

import ctypes
import errno
import json
import os
import re
import signal
import subprocess

import pytest

import system

ROLES = ("front", "registrar", "keyd", "ca")
ROOT = os.geteuid() == 0
FIRST_USER = 64100
DESCRIPTORS = {"front": 16512, "registrar": 256, "keyd": 64, "ca": 256}

root_only = pytest.mark.skipif(not ROOT, reason="only root sees the descriptors of the roles")


def missing(one):
    return "sandbox.missing" in one.said()


def fields(pid, name="status"):
    with open("/proc/%d/%s" % (pid, name)) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def limits(pid):
    with open("/proc/%d/limits" % pid) as f:
        return {line[:25].strip(): line[25:].split()[:2] for line in f}


def without_calls(*names):
    """A function for the new process: those system calls do not exist for it and its children."""
    lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_init.argtypes = [ctypes.c_uint32]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    lib.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    numbers = [lib.seccomp_syscall_resolve_name(n.encode()) for n in names]

    def apply():
        filter_ = lib.seccomp_init(0x7fff0000)
        for n in numbers:
            assert lib.seccomp_rule_add(filter_, 0x00050000 | errno.ENOSYS, n, 0) == 0
        assert lib.seccomp_load(filter_) == 0
    return apply


def spawn(one, **how):
    """one.start(), with other arguments for the new process."""
    one.log = open(one.log_path, "ab")
    one.log_from = one.log.tell()
    one.process = subprocess.Popen([system.BIN, "run", "-c", one.conf, *system.pass_env(one.env)], stdout=one.log,
                                   stderr=one.log, stdin=subprocess.DEVNULL, env=one.env,
                                   start_new_session=True, **how)


def sandbox(word):
    return lambda text: re.sub(r"(?m)^sandbox:.*$", "sandbox: " + word, text)


# --- what the kernel says ------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_status__running_role__nothing_left(signet, role):
    """No capability, no new privileges, a filter on system calls; as root a user each."""
    status = fields(signet.role(role))
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb") + (("CapBnd",) if ROOT else ()):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"] == "1"
    if not missing(signet):
        assert status["Seccomp"] == "2"
    if ROOT:
        user = str(FIRST_USER + ROLES.index(role))
        assert status["Uid"].split() == [user] * 4
        assert status["Gid"].split() == [user] * 4
        assert status["Groups"].strip() == ""


@pytest.mark.parametrize("role", ROLES)
def test_threads__running_role__all_filtered(signet, role):
    """The filter holds for every thread, not only for the first."""
    pid = signet.role(role)
    if missing(signet):
        pytest.skip("no seccomp here")
    tasks = os.listdir("/proc/%d/task" % pid)
    for tid in tasks:
        status = fields(pid, "task/%s/status" % tid)
        assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
        assert int(status["CapEff"], 16) == 0
    assert len(tasks) <= (3 if role == "keyd" else 32), "requests have no threads of their own"


@pytest.mark.parametrize("role", ROLES)
def test_limits__running_role__bounded(signet, role):
    have = limits(signet.role(role))
    assert have["Max core file size"] == ["0", "0"]
    assert int(have["Max open files"][0]) <= DESCRIPTORS[role]
    assert have["Max open files"][0] == have["Max open files"][1]
    assert have["Max data size"][1] != "unlimited" or "sanitizer" in signet.said()
    if ROOT:
        assert have["Max processes"] == ["4096", "4096"]


@root_only
@pytest.mark.parametrize("role", ROLES)
def test_memory__running_role__nobody_reads_it(signet, role):
    """Not dumpable: /proc/PID belongs to root, another user (or the same) cannot read it."""
    pid = signet.role(role)
    assert os.stat("/proc/%d/mem" % pid).st_uid == 0
    for user in range(FIRST_USER, FIRST_USER + len(ROLES)):
        p = system.run("setpriv", "--reuid=%d" % user, "--regid=%d" % user, "--clear-groups",
                       "head", "-c1", "/proc/%d/environ" % pid, check=False)
        assert p.returncode != 0 and "Permission denied" in p.stderr


# --- what they hold ------------------------------------------------------------------------


@root_only
@pytest.mark.parametrize("role", ROLES)
def test_descriptors__running_role__only_its_own(signet, role):
    """No key file, no directory, no file of another role, no terminal."""
    held = system.descriptors(signet.role(role))
    files = {v for v in held.values() if v.startswith("/")} - {"/dev/null", signet.log_path}
    own = {"front": {"log/access.log"}, "keyd": set()}
    tails = ("", "-wal", "-shm", ".lock", ".reserve")
    own["registrar"] = {"db/registrar/registrar.db" + t for t in tails}
    own["ca"] = {"db/ca/ca.db" + t for t in tails}
    assert files <= {os.path.join(signet.data, f) for f in own[role]}
    assert held[0] == held[1] == "/dev/null"
    assert held[2] == signet.log_path
    kinds = {re.sub(r":?\[.*", "", v) for v in held.values() if not v.startswith("/")}
    more = {"front": {"anon_inode", "pipe"}}  # all wait in a loop
    assert kinds <= {"socket"} | more.get(role, {"anon_inode"})
    anonymous = {v for v in held.values() if v.startswith("anon_inode")}
    assert anonymous <= {"anon_inode:[eventpoll]", "anon_inode:[eventfd]"}


@root_only
def test_descriptors__keyd__channel_and_edge(signet):
    held = system.descriptors(signet.role("keyd"))
    assert sorted(v.split(":")[0] for v in held.values() if v.startswith("socket")) == ["socket"] * 2
    assert len(held) == 7  # and what its loop waits with: epoll, eventfd


@root_only
def test_descriptors__given_to_the_supervisor__not_inherited(fresh):
    """What a shell or a service manager left open does not get to the roles."""
    one = fresh(start=False)
    with open(os.path.join(one.path, "left-open"), "w") as f:
        spawn(one, pass_fds=[f.fileno()])
        one.wait_ready()
        for role in ROLES:
            assert f.name not in system.descriptors(one.role(role)).values()


@root_only
def test_files__as_the_user_of_a_role__only_its_own(signet):
    """Apart from the sandbox, the users alone keep the roles from each other's files."""
    secret = {"ca": ["ca/ca.key", "db/ca/ca.db"], "keyd": ["ra/ra.key"],
              "registrar": ["db/registrar/registrar.db"], "front": ["tls/server.key"]}
    mine = {"ca": {"db/ca/ca.db"}, "registrar": {"db/registrar/registrar.db"}}
    for n, role in enumerate(ROLES):
        for path in sum(secret.values(), []):
            full = os.path.join(signet.data, path)
            assert os.path.exists(full), full
            p = system.run("setpriv", "--reuid=%d" % (FIRST_USER + n), "--regid=%d" %
                           (FIRST_USER + n), "--clear-groups", "head", "-c1", full, check=False)
            assert (p.returncode == 0) == (path in mine.get(role, ())), (role, path)


def test_environment__running_roles__only_what_was_named(fresh):
    """TZ and LANG, and what --pass-env names; status says of an installation that it has such."""
    one = fresh(start=False)
    one.env.update(LANG="C.UTF-8", SIGNET_PASSED="yes", SIGNET_OTHER="no")
    one.spawn("run", "-c", one.conf, "--pass-env", "SIGNET_PASSED", "--pass-env=SIGNET_UNSET")
    one.wait_ready()
    usual = {n.split("=", 1)[1] for n in system.pass_env(one.env)}
    for role in ROLES if ROOT else ():
        with open("/proc/%d/environ" % one.role(role)) as f:
            names = {v.split("=")[0] for v in f.read().split("\0") if v}
        assert names - usual == {"TZ", "LANG", "SIGNET_PASSED"}, role
    said = re.search(r"(?m)^environment .*$", one.cli("status").stdout).group(0)
    assert "SIGNET_PASSED" in said and "SIGNET_OTHER" not in said and "TZ" not in said
    assert "SIGNET_PASSED" in json.loads(one.cli("status", "--json").stdout)["ca"]["pass_env"]


def test_environment__nothing_named__status_does_not_speak_of_it(signet):
    if system.pass_env(signet.env):
        pytest.skip("a sanitizer's build, whose options are passed on")
    assert "environment" not in signet.cli("status").stdout


@pytest.mark.parametrize("name", ["", "A=b"])
def test_environment__no_name__usage(signet, name):
    p = signet.cli("run", "--pass-env", name, check=False)
    assert p.returncode == 2 and "--pass-env" in p.stderr


# --- what is said --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_violation__reported_and_started_again(fresh, role):
    """The kernel ends a violator with SIGSYS; the supervisor says so, and service goes on."""
    one = fresh()
    pid = one.role(role)
    os.kill(pid, signal.SIGSYS)
    system.wait_for("report", lambda: "sandbox.violation %s (process %d)" % (role, pid) in one.said())
    system.wait_for("a new %s" % role, lambda: one.role(role) not in (None, pid))
    one.enrol("CN=after-violation,O=Test")


@pytest.mark.parametrize("role", ROLES)
def test_crash__no_core(fresh, role):
    one = fresh()
    pid = one.role(role)
    os.kill(pid, signal.SIGTRAP)  # dumps as a crash does, and is none: those fail every test
    system.wait_for("end of %s" % role, lambda: not system.alive(pid))
    found = [f for _, _, files in os.walk(one.path) for f in files if re.match(r"core(\.|$)", f)]
    assert found == []
    one.enrol("CN=after-crash,O=Test")


def test_option__off__said_and_rights_still_dropped(fresh):
    one = fresh(configure=sandbox("off"))
    assert one.said().count("sandbox.missing") == 1
    for role in ROLES:
        status = fields(one.role(role))
        assert (status["Seccomp"], status["NoNewPrivs"]) == ("0", "1")
        assert int(status["CapEff"], 16) == 0
    one.enrol("CN=off,O=Test")


def test_option__required__starts_where_it_is_complete(fresh, signet):
    if missing(signet):
        pytest.skip("this machine lacks a part")
    one = fresh(configure=sandbox("required"))
    assert "sandbox" not in one.said()
    for role in ROLES:
        assert fields(one.role(role))["Seccomp"] == "2"


@pytest.mark.parametrize("calls,word", [
    (("landlock_create_ruleset", "landlock_restrict_self"), "no Landlock"),
    (("seccomp",), "no seccomp")])
def test_option__auto_on_less__says_it_once_and_serves(fresh, calls, word):
    one = fresh(start=False)
    spawn(one, preexec_fn=without_calls(*calls))
    one.wait_ready()
    said = [line for line in one.said().splitlines() if "sandbox.missing" in line]
    assert len(said) == 1 and word in said[0]
    one.enrol("CN=less,O=Test")


def test_option__required_on_less__nothing_starts(fresh):
    one = fresh(start=False)
    one.configure(sandbox("required"))
    spawn(one, preexec_fn=without_calls("landlock_create_ruleset"))
    assert one.process.wait(15) == 1
    assert re.search(r"signet\.yaml:[0-9]+: 'sandbox': .*no Landlock", one.said())
    assert one.roles() == {}


@pytest.mark.parametrize("path,said", [("pub/ca.crl", False), ("ca.crl", True), ("ra/ca.crl", True),
                                       ("lists/ca.crl", False)])
def test_crl_directory__with_files_of_others__warned(fresh, path, said):
    """What Landlock gives to ca is the directory of its list."""
    one = fresh(start=False)
    one.configure(lambda text: re.sub(r"(?m)^  #? ?crl:.*$", "  crl: " + path, text) + "\n")
    one.start()
    assert ("sandbox.crl" in one.said()) == said
