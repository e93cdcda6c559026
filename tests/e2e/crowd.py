# SPDX-License-Identifier: Apache-2.0
"""Crowds: strangers by the thousand (strangers.c, compiled here), and good clients whose enrolments are
all made before the clock starts and checked after it stopped."""

import atexit
import contextlib
import functools
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import keys
import scep
import system

SECRET = "static-secret-of-the-crowd"
PER_ADDRESS = 60  # below SG_HTTP_PER_ADDR_MAX


@functools.lru_cache(maxsize=1)
def binary():
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "strangers.c")
    path = system.make_dir("signet-strangers-")
    atexit.register(shutil.rmtree, path, True)
    target = os.path.join(path, "strangers")
    system.run(os.environ.get("CC", "cc"), "-O2", "-o", target, source)
    return target


def crowd_config(one):
    """An endpoint whose challenge good clients share; budgets stay as they are by default."""
    path = os.path.join(one.data, "crowd.challenge")
    with open(path, "w") as f:
        f.write(SECRET + "\n")
    st = os.stat(one.conf)
    os.chown(path, st.st_uid, st.st_gid)
    os.chmod(path, 0o600)
    one.add_endpoint("crowd", policy="static", challenge_file="crowd.challenge",
                     subjects=["CN=*.crowd.example, O=Test"])


@contextlib.contextmanager
def unharmed(one):
    """No role ends in the block."""
    before = sorted(one.roles())
    yield
    assert sorted(one.roles()) == before, one.said()


@contextlib.contextmanager
def apart(one):
    """The roles have one processor and everything of ours the others, as the bench does it: what is
    measured in the block is what strangers cost the server, not what they cost who plays them."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        yield
        return
    put(one, cpus[:1])
    os.sched_setaffinity(0, cpus[1:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, cpus)
        put(one, cpus)


def put(one, cpus):
    """All threads of all roles on these processors."""
    for pid in one.roles():
        for thread in os.listdir("/proc/%d/task" % pid):
            os.sched_setaffinity(int(thread), cpus)


class Strangers:
    """A crowd as a context manager; .stats afterwards. It is there when the block begins."""

    def __init__(self, kind, port, n, seconds=600, rate=None, messages=(), addresses=None):
        self.stats = self.dir = None
        self.addresses = addresses or -(-n // PER_ADDRESS)
        args = [binary(), kind, str(port), str(n), str(self.addresses), str(seconds)]
        if kind == "flood":
            self.dir = system.make_dir("signet-flood-")
            path = os.path.join(self.dir, "messages")
            with open(path, "wb") as f:
                for m in messages:
                    f.write(struct.pack(">I", len(m)) + m)
            args += [str(rate), path]
        self.args = args

    def __enter__(self):
        self.process = subprocess.Popen(self.args, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=2 * system.SOON_S)
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.stats = json.loads(out.splitlines()[-1])
        self.stats["status"] = {int(k): v for k, v in self.stats["status"].items()}

    @property
    def answered(self):
        return sum(self.stats["status"].values()) / self.stats["seconds"]


class Line:
    """A connection that stays, with as little work for each answer as can be: who comes as fast as he
    can shall wait for the server and not for himself."""

    def __init__(self, host, port, source):
        self.where, self.source, self.socket = (host, port), (source, 0), None

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, request):
        """Status and body; status 0 when there is no answer."""
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.where, 60, self.source)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(request)
            return self.answer()
        except OSError as e:
            self.close()
            return 0, str(e).encode()

    def answer(self):
        got, end, need = b"", -1, 1
        while end < 0 or len(got) < need:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the answer ended too early: %r" % got[:80])
            got += more
            if end < 0:
                end = got.find(b"\r\n\r\n")
                if end >= 0:
                    need = end + 4 + int(re.search(rb"\r\nContent-Length: (\d+)\r\n", got).group(1))
        if b"\r\nConnection: close\r\n" in got[:end + 2]:
            self.close()
        return int(got[9:12]), got[end + 4:]


class Good:
    """Enrolments for the endpoint of crowd_config(), each with a name of its own."""

    def __init__(self, one, endpoint="crowd"):
        self.one, self.server = one, one.server(endpoint)
        self.key = keys.rsa("crowd")
        self.cert = scep.self_signed(self.key)
        self.count = 0

    def make(self, n):
        made = []
        for _ in range(n):
            self.count += 1
            req = scep.Request(ra=self.server.ra, subject="CN=d%d.crowd.example,O=Test" % self.count,
                               challenge=SECRET, key=self.key, signer_cert=self.cert)
            made.append((req, req.build()))
        return made

    def run(self, made, threads=8, per_second=None, addresses=1):
        """Send them: as fast as the threads go, or at a pace. A Result, whose answers are checked."""
        result = Result(len(made))
        cpu, own = cpu_seconds(self.one), time.process_time()
        todo = iter(enumerate(made))
        lock = threading.Lock()
        head = (b"POST %s?operation=PKIOperation HTTP/1.1\r\nHost: a\r\n"
                b"Content-Type: application/x-pki-message\r\nContent-Length: %%d\r\n\r\n"
                % self.server.path.encode())
        begin = time.monotonic()

        def work(n):
            line = Line(self.server.host, self.server.port, "127.2.0.%d" % (n % addresses + 1))
            while True:
                with lock:
                    i, item = next(todo, (None, None))
                if item is None:
                    break
                due = begin + i / per_second if per_second else 0
                time.sleep(max(0, due - time.monotonic()))
                at = time.monotonic()
                result.answers[i] = line.ask(head % len(item[1]) + item[1])
                # Late is late: a request that could not be sent in time counts from then on.
                result.latency[i] = time.monotonic() - (max(due, begin) if per_second else at)
            line.close()

        workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        result.seconds = time.monotonic() - begin
        result.cpu = cpu_seconds(self.one) - cpu
        result.own = time.process_time() - own
        for (req, _), (status, body) in zip(made, result.answers):
            assert status == 200, "a good enrolment was answered with %d: %r" % (status, body[:80])
            rep = scep.read_certrep(body, self.server.ra, req.signer_key)
            assert rep.status == scep.SUCCESS, "a good enrolment was refused: %s" % rep.fail_text
        return result


class Result:
    def __init__(self, n):
        self.answers, self.latency = [(0, b"")] * n, [0.0] * n
        self.seconds = self.cpu = self.own = 0.0

    @property
    def rate(self):
        return len(self.answers) / self.seconds

    def percentile(self, p):
        return sorted(self.latency)[min(len(self.latency) - 1, int(len(self.latency) * p / 100))]

    def __str__(self):
        return "%d enrolments, %.0f/s, %.2f CPU and %.2f our own, p50 %.0f ms, p99 %.0f ms, most %.0f ms" % (
            len(self.answers), self.rate, self.cpu / self.seconds, self.own / self.seconds,
            self.percentile(50) * 1000, self.percentile(99) * 1000, max(self.latency) * 1000)


def cpu_seconds(one):
    """Of all roles."""
    total = 0
    for pid in one.roles():
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory_mib(one):
    """Proportional set size of all roles."""
    total = 0
    for pid in one.roles():
        with open("/proc/%d/smaps_rollup" % pid) as f:
            total += sum(int(line.split()[1]) for line in f if line.startswith("Pss:"))
    return total / 1024


def say(capsys, text, *args):
    with capsys.disabled():
        print("\n    " + text % args, end="", flush=True)
