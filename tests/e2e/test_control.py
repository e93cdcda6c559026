# SPDX-License-Identifier: Apache-2.0
"""The control sockets: who reaches them, from outside and from inside every role, and what callers that hang, read
nothing or stay for long cost the others."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import time

import pytest

import inside
import system

ROLES = ("front", "registrar", "keyd", "ca")
ROOT = os.geteuid() == 0
ORDINARY, STRANGER = 64201, 64202
PLACES, STAYS = 16, 8

root_only = pytest.mark.skipif(not ROOT, reason="only root can be another user")


def path_of(one, role):
    return os.path.join(one.data, "run", role + ".sock")


def connect(one, role):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(2 * system.SOON_S)
    s.connect(path_of(one, role))
    return s


def question(target):
    return ("GET %s HTTP/1.1\r\nHost: signet\r\n\r\n" % target).encode()


def hear(s, *texts):
    """What comes until all of these have come."""
    data = b""
    while not all(t in data for t in texts):
        more = s.recv(65536)
        assert more, "it ended after %r" % data
        data += more
    return data


def body_of(data):
    return json.loads(data.partition(b"\r\n\r\n")[2])


def kept(one, role):
    """A connection whose question was answered, and that is kept."""
    s = connect(one, role)
    s.sendall(question("/v1/%s/status" % role))
    hear(s, b"HTTP/1.1 200 OK\r\n", b"}")
    return s


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


# --- callers that cost something -----------------------------------------------------------


@pytest.mark.parametrize("role", ["registrar", "ca"])
def test_places__taken_by_silent_callers__others_answered(fresh, role):
    """Connections that are kept, or on which nothing is ever said, make room."""
    one = fresh()
    with contextlib.ExitStack() as stack:
        for n in range(4 * PLACES):
            stack.enter_context(kept(one, role) if n % 2 else connect(one, role))
        begin = time.monotonic()
        one.cli("status")
        assert time.monotonic() - begin < system.SOON_S / 2


def test_places__taken_by_callers_that_hang__others_answered_in_time(fresh):
    """In the middle of a question each may hang for ten seconds, and no longer."""
    one = fresh()
    with contextlib.ExitStack() as stack:
        half = [stack.enter_context(connect(one, "ca")) for _ in range(PLACES)]
        for s in half:
            s.sendall(b"POST /v1/ca/crl HTTP/1.1\r\nHost: signet\r\nContent-Length: 100\r\n\r\n{")
        one.cli("ca", "list")
        for s in half:
            assert hear(s, b"HTTP/1.1 408 ", b'"rule":"http.body.slow"')


def test_places__caller_that_reads_nothing__dropped(fresh):
    one = fresh()
    with connect(one, "registrar") as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(20000):
                s.sendall(question("/v1/registrar/status"))
        one.cli("status")


def follow(one, target="/v1/registrar/events?follow=true&limit=1"):
    s = connect(one, "registrar")
    s.sendall(question(target))
    hear(s, b"HTTP/1.1 ", b"\r\n\r\n")
    return s


def test_followers__as_many_as_may__leave_the_places_to_others(fresh):
    one = fresh()
    with contextlib.ExitStack() as stack:
        followers = [stack.enter_context(follow(one)) for _ in range(STAYS)]
        with connect(one, "registrar") as ninth:
            ninth.sendall(question("/v1/registrar/events?follow=true"))
            said = hear(ninth, b"\r\n\r\n", b"}")
            assert said.startswith(b"HTTP/1.1 503 ") and body_of(said)["rule"] == "control.stays"
        p = one.cli("events", "--follow", check=False)
        assert p.returncode == 3 and "follow" in p.stderr
        one.cli("status")
        followers[0].close()

        def again():
            with connect(one, "registrar") as s:
                s.sendall(question("/v1/registrar/events?follow=true"))
                return hear(s, b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
        system.wait_for("a stay that is free again", again, step=0.2)


def test_follow__role_killed__said_and_exit_3(fresh):
    one = fresh()
    p = subprocess.Popen([system.BIN, "events", "--follow", "-c", one.conf], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, env=one.env)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            p.wait(1.5)
        os.kill(one.role("registrar"), signal.SIGKILL)
        out, err = p.communicate(timeout=system.SOON_S)
    finally:
        p.kill()
    assert (p.returncode, out) == (3, "")
    assert "registrar ended the connection" in err
    system.wait_for("an answer", lambda: one.cli("status", check=False).returncode == 0)


# --- nobody there --------------------------------------------------------------------------


def test_nobody__not_running__exit_3_and_what_to_do(fresh):
    one = fresh(start=False)
    for command in (["status"], ["ca", "list"], ["events", "--follow"], ["challenge", "new"]):
        p = one.cli(*command, check=False)
        assert p.returncode == 3 and "signet up" in p.stderr, p.stderr
    os.unlink(path_of(one, "registrar"))
    assert one.cli("events", check=False).returncode == 3


def test_nobody__something_else_listens__exit_3(fresh):
    """Such as a Signet of before these sockets spoke HTTP: it reads four bytes, and closes."""
    one = fresh(start=False)
    os.unlink(path_of(one, "ca"))
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path_of(one, "ca"))
        s.listen()
        p = subprocess.Popen([system.BIN, "ca", "list", "-c", one.conf], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, env=one.env)
        other, _ = s.accept()
        assert other.recv(4) == b"GET "
        other.close()
        _, err = p.communicate(timeout=system.SOON_S)
    assert p.returncode == 3 and "ca ended the connection" in err
