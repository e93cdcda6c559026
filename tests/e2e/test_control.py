# SPDX-License-Identifier: Apache-2.0
"""The control sockets: who reaches them, from outside and from inside every role."""

import os
import signal
import socket
import struct
import subprocess

import pytest

import inside
import system

ROLES = ("front", "registrar", "keyd", "ca")
ROOT = os.geteuid() == 0
ORDINARY, STRANGER = 64201, 64202

root_only = pytest.mark.skipif(not ROOT, reason="only root can be another user")


def path_of(one, role):
    return os.path.join(one.data, "run", role + ".sock")


# --- from inside the roles -----------------------------------------------------------------


class OfUser(system.Signet):
    """An installation that an ordinary user starts: its roles share his id, and whatever keeps one from
    another's socket is the sandbox."""

    def spawn(self, *args):
        for parent, folders, files in os.walk(self.path):
            for name in [parent] + [os.path.join(parent, f) for f in folders + files]:
                os.chown(name, ORDINARY, ORDINARY, follow_symlinks=False)
        self.log = open(self.log_path, "ab")
        self.log_from = self.log.tell()
        self.process = subprocess.Popen(
            ["setpriv", "--reuid=%d" % ORDINARY, "--regid=%d" % ORDINARY, "--clear-groups", system.BIN, *args,
             *system.pass_env(self.env)],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env=self.env, start_new_session=True)


@pytest.fixture(scope="module", params=["as-root", "as-ordinary-user"])
def started(request):
    """By whom; a test of an ordinary user runs without root's users."""
    if request.param == "as-root" and not ROOT:
        pytest.skip("not root")
    one = (OfUser if ROOT and request.param == "as-ordinary-user" else system.Signet)(ca_key="p256")
    try:
        yield one.up()
    finally:
        one.remove()


def users_of(one):
    users = set()
    for pid in one.roles():
        with open("/proc/%d/status" % pid) as f:
            users.update(line.split()[1] for line in f if line.startswith("Uid:"))
    return users


def test_inside__roles__users_as_expected(started):
    assert len(users_of(started)) == (1 if isinstance(started, OfUser) or not ROOT else len(ROLES))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("call", ["socket", "connect", "sendto"])
def test_inside__role_tries_control_sockets__ended(started, role, call):
    """No role makes a socket, connects one that it has, or sends to an address."""
    if "sandbox.missing" in started.said():
        pytest.skip("this machine lacks a part of the sandbox")
    target = path_of(started, "ca" if role == "registrar" else "registrar")
    address = struct.pack("=H", socket.AF_UNIX) + target.encode() + b"\0"
    assert len(address) < 110
    pid, back = started.role(role), "supervisor.back %s serves again" % role
    before = started.said().count(back)
    with inside.Inside(pid) as process:
        if call == "socket":
            got = process.call("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0)
        elif call == "connect":
            got = process.call("connect", 3, process.text(address), len(address))
        else:
            got = process.call("sendto", 3, process.text(b"GET "), 4, 0, process.text(address), len(address))
    assert got == signal.SIGSYS, "%s %s of %s: %s" % (call, target, role, got)
    system.wait_for("a report", lambda: "sandbox.violation %s (process %d)" % (role, pid) in started.said())
    system.wait_for("a new %s" % role, lambda: started.said().count(back) > before)


def test_inside__allowed_call__made(started):
    """That those were refused is the sandbox's doing, not that of how they were tried."""
    pid = started.role("front")
    with inside.Inside(pid) as process:
        assert process.call("getpid") == pid
    assert started.role("front") == pid
    started.cli("status")


# --- other users ---------------------------------------------------------------------------


ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
try:
    s.connect(sys.argv[1])
except PermissionError:
    sys.exit("no permission")
if sys.argv[2] == "ask":
    s.sendall(b"GET /v1/ca/status HTTP/1.1\\r\\nHost: signet\\r\\n\\r\\n")
data = b""
try:
    while b"}" not in data:
        more = s.recv(65536)
        if not more:
            break
        data += more
except ConnectionResetError:
    pass
print(data.decode())
"""


def ask_as(user, path, how):
    return system.run("setpriv", "--reuid=%d" % user, "--regid=%d" % user, "--clear-groups", "/usr/bin/python3",
                      "-c", ASK, path, how, check=False)


@root_only
@pytest.mark.parametrize("role", ["registrar", "ca"])
def test_user__another_one__refused(fresh, role):
    one = fresh()
    p = ask_as(STRANGER, path_of(one, role), "ask")
    assert p.returncode == 1 and "no permission" in p.stderr
    p = system.run("setpriv", "--reuid=%d" % STRANGER, "--regid=%d" % STRANGER, "--clear-groups", system.BIN,
                   "status", "-c", one.conf, check=False)
    assert p.returncode == 2 or "you may not" in p.stderr or "Permission denied" in p.stderr
    # Where somebody changed the socket's mode he is told, and what he says is not read.
    os.chmod(path_of(one, role), 0o666)
    said = ask_as(STRANGER, path_of(one, role), "listen").stdout
    assert said.startswith("HTTP/1.1 403 Forbidden\r\n") or said.startswith("HTTP/1.1 403 Forbidden\n"), said
    assert '"rule":"control.user"' in said and "uid %d" % STRANGER in said
    # Nor may the users of the roles themselves.
    for user in range(64100, 64104):
        assert '"rule":"control.user"' in ask_as(user, path_of(one, role), "listen").stdout


# --- nobody there --------------------------------------------------------------------------


def test_nobody__not_running__exit_3_and_what_to_do(fresh):
    one = fresh(start=False)
    for command in (["status"], ["ca", "list"], ["events", "--follow"], ["challenge", "new"]):
        p = one.cli(*command, check=False)
        assert p.returncode == 3 and "signet up" in p.stderr, p.stderr
    os.unlink(path_of(one, "registrar"))
    assert one.cli("events", check=False).returncode == 3
