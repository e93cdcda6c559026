# SPDX-License-Identifier: Apache-2.0
"""A process of Signet that somebody owns: it is stopped, and a test speaks on its edges. Frames are
written here once more, from the rows in src/ipc/edges, so that the test is what is tested against."""

import ctypes
import errno
import json
import os
import re
import select
import signal
import socket
import struct

import pytest

import system

# Type: the fields behind type and id; u a number of eight bytes, b bytes behind their length.
FIELDS = {0: "", 1: "bbbububbb", 2: "uuub", 3: "b", 4: "ubb", 5: "b", 6: "u", 7: "uuuub", 8: "ub", 9: "uubbubub",
          10: "ubb", 11: "bbubbbbb", 12: "b", 13: "ubbbbb", 14: "bb", 15: "ubbu",
          18: "buubbbbb"}
(FR_SCEP, FR_SCEP_ANSWER, FR_CACERT, FR_CACERT_ANSWER, FR_EVENTS, FR_EVENTS_ANSWER, RK_UNWRAP, RK_UNWRAP_ANSWER,
 RK_SIGN, RK_SIGN_ANSWER, RC_ISSUE, RC_CANCEL, RC_ISSUED, RC_SIGNER, RC_SIGNER_ANSWER) = range(1, 16)
EVENT = 18  # a record of FR_EVENTS
ENROL, RENEW, BOUND = 1, 2, 3


def may_take_descriptors():
    with open("/proc/self/status") as f:
        return int(re.search(r"^CapEff:\s*(\w+)", f.read(), re.M).group(1), 16) >> 19 & 1 == 1


def sockets_of(pid, family=socket.AF_UNIX, listening=False, kind=socket.SOCK_STREAM):
    """Copies of the edges' ends that a role holds, in the order in which it got them; or of other sockets."""
    if not may_take_descriptors():
        pytest.skip("taking a descriptor from another process needs CAP_SYS_PTRACE")
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = libc.syscall(434, pid, 0)  # pidfd_open
    assert pidfd >= 0, os.strerror(ctypes.get_errno())
    found = []
    for fd, what in sorted(system.descriptors(pid).items()):
        if not what.startswith("socket:"):
            continue
        copy = libc.syscall(438, pidfd, fd, 0)  # pidfd_getfd
        if copy < 0 and ctypes.get_errno() == errno.EBADF:  # closed meanwhile: no edge is
            continue
        assert copy >= 0, os.strerror(ctypes.get_errno())
        s = socket.socket(fileno=copy)
        if (s.family == family and s.type == kind and
                bool(s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)) == listening):
            found.append(s)
        else:
            s.close()
    os.close(pidfd)
    return found


def put_frame(kind, number, fields, table=None):
    body = struct.pack(">HQ", kind, number)
    table = table or FIELDS[kind]
    assert len(fields) == len(table)
    for how, value in zip(table, fields):
        body += struct.pack(">Q", value) if how == "u" else struct.pack(">I", len(value)) + value
    return struct.pack(">I", len(body)) + body


class Edge:
    """One end of an edge, in place of the process that has it."""

    def __init__(self, sock):
        self.sock, self.data, self.last = sock, b"", 1 << 40
        sock.settimeout(system.SOON_S)

    def read(self):
        """(type, number, fields) of the next frame; None at the end. What a new socket begins with is left out."""
        while len(self.data) < 4 or len(self.data) < 4 + struct.unpack(">I", self.data[:4])[0]:
            more = self.sock.recv(65536)
            if not more:
                return None
            self.data += more
        size = struct.unpack(">I", self.data[:4])[0]
        body, self.data = self.data[4:4 + size], self.data[4 + size:]
        kind, number = struct.unpack(">HQ", body[:10])
        at, fields = 10, []
        for how in FIELDS[kind]:
            if how == "u":
                fields.append(struct.unpack(">Q", body[at:at + 8])[0])
                at += 8
            else:
                n = struct.unpack(">I", body[at:at + 4])[0]
                fields.append(body[at + 4:at + 4 + n])
                at += 4 + n
        assert at == len(body)
        return (kind, number, fields) if kind != 0 else self.read()

    def say(self, kind, number, *fields):
        self.sock.sendall(put_frame(kind, number, fields))

    def ask(self, kind, *fields):
        """The fields of the answer; None when the sibling has hung up."""
        self.last += 1
        self.say(kind, self.last, *fields)
        while True:
            got = self.read()
            if got is None or got[1] == self.last:
                return got and got[2]


# What a role may say to a terminal.
LIE = "a\n2026-01-01T00:00:00Z forged \x1b[2J\x1b]0;title\x07 \u009b31m \u202e honest"


def answer_http(listener, status, answer):
    """Take one question of the command line at a control socket, and answer it."""
    assert select.select([listener], [], [], system.SOON_S)[0]
    with listener.accept()[0] as connection:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += connection.recv(65536)
        body = json.dumps(answer).encode() + b"\n"
        connection.sendall(b"HTTP/1.1 %d It is so\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                           b"Connection: close\r\n\r\n%s" % (status, len(body), body))


def is_stopped(pid):
    """Every thread of it?"""
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/stat" % (pid, task)) as f:
            if f.read().rpartition(")")[2].split()[0] != "T":
                return False
    return True


class Owned:
    """with Owned(one, "registrar") as edges: the role is stopped; edges are its own, in its order."""

    def __init__(self, one, role):
        self.pid = one.role(role)
        self.edges = [Edge(s) for s in sockets_of(self.pid)]

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)
        system.wait_for("%d stops" % self.pid, lambda: is_stopped(self.pid))
        return self.edges

    def __exit__(self, *_):
        for edge in self.edges:
            edge.sock.close()
        os.kill(self.pid, signal.SIGKILL)  # what it did not see it must not go on with
