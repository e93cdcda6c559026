# SPDX-License-Identifier: Apache-2.0
"""The real system, started from the built binary in a folder of its own."""

import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import serialization

import https
import openapi
import scep

BIN = os.environ.get("SIGNET_BIN") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../build/signet")
# What an idle machine does at once has so long before a test fails: a busy one may do other things first.
SOON_S = 60
LIST_MAX = 1000  # as many as `signet ca list` shows at once
# What a sanitizer prints, its complaint about stacks that it was not told of, and the supervisor's line
# about a role that crashed.
REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer\b|: runtime error: |\bASan is ignoring|"
                    r"ended by signal (4|6|7|8|11);")
CRASHES = (-signal.SIGILL, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGSEGV)
# Roles end without destructors and hold pointers on stacks of their own, so nobody looks for leaks here;
# preloaded libraries may come first; and a stack's variables live elsewhere, where a switch of stacks
# does not forget what surrounds them.
SANITIZERS = {
    "ASAN_OPTIONS": "halt_on_error=1:exitcode=99:detect_leaks=0:verify_asan_link_order=0:"
                    "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:print_stacktrace=1",
}
# Ports come in blocks below the range that the kernel gives to clients. A process claims a block by a
# name in the abstract namespace of Unix sockets, which goes with it, whatever ends it: so neither two
# workers of a run nor the runs of two checkouts ever try the same port.
PORTS_FROM, PORTS_TO, PORTS_BLOCK = 20000, 32000, 100
_ports = {}

# Nothing here depends on who runs it where: the words of other programs are English, their times are in
# UTC, files that tests make can be read by the roles' users, and no proxy is asked for 127.0.0.1.
os.environ.update(LC_ALL="C.UTF-8", LANGUAGE="C", TZ="UTC")
for _name in [n for n in os.environ if n.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")]:
    del os.environ[_name]
os.umask(0o022)


def claim_block():
    blocks = list(range(PORTS_FROM, PORTS_TO, PORTS_BLOCK))
    start = os.getpid() % len(blocks)
    for first in blocks[start:] + blocks[:start]:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind("\0signet-e2e-ports-%d" % first)
        except OSError:
            claim.close()
            continue
        _ports.update(claim=claim, first=first, used=0)
        return
    raise AssertionError("all %d blocks of ports are taken by other runs of these tests" % len(blocks))


def free_port():
    if not _ports:
        claim_block()
    for _ in range(PORTS_BLOCK):
        port = _ports["first"] + _ports["used"] % PORTS_BLOCK
        _ports["used"] += 1
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port from %d on" % _ports["first"])


def is_sanitized(path):
    """Was the program built with AddressSanitizer?"""
    try:
        with open(path, "rb") as f:
            return b"__asan_init" in f.read()
    except OSError:
        return False


SANITIZED = is_sanitized(BIN)
if SANITIZED:
    for _name, _value in SANITIZERS.items():
        os.environ.setdefault(_name, _value)


# What a test gives to roles by their environment, of which they inherit nothing else but TZ and LANG.
PASSED = re.compile(r"LD_PRELOAD|FAKETIME.*|SIGNET_FAULTS|[A-Z]+SAN_OPTIONS")


def pass_env(env):
    """The options of `signet run` and `signet up` with which the roles get it."""
    return ["--pass-env=" + name for name in sorted(env) if PASSED.fullmatch(name)]


def no_report(text, of):
    """Fails when a sanitizer wrote a report or a role crashed; asked about all that the program says."""
    m = REPORT.search(text)
    assert not m, "a crash or a sanitizer's report of %s:\n%s" % (
        of, text[max(0, m.start() - 300):][:6000])


def make_dir(prefix="signet-e2e-"):
    """A folder whose path every user can walk: started as root, the roles are users of their own,
    and pytest's own temporary folders are closed to them."""
    path = tempfile.mkdtemp(prefix=prefix)
    os.chmod(path, 0o755)
    return path


def wait_for(what, condition, seconds=SOON_S, step=0.02):
    """The first true value of condition(), or an AssertionError that says what did not happen."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "not within %g s: %s" % (seconds, what)
        time.sleep(step)


def run(*command, check=True, data=None, timeout=2 * SOON_S, env=None, cwd=None):
    """A command; CompletedProcess with text. check fails with everything it said."""
    p = subprocess.run([str(c) for c in command], input=data, capture_output=True, timeout=timeout,
                       env=dict(os.environ, **(env or {})), cwd=cwd,
                       text=not isinstance(data, bytes))
    said = p.stdout + p.stderr
    no_report(said if isinstance(said, str) else said.decode("utf-8", "replace"), command[0])
    assert p.returncode not in CRASHES, "%s crashed: signal %d" % (command[0], -p.returncode)
    if check and p.returncode != 0:
        raise AssertionError("%s\nexit status %d\n%s%s" % (
            " ".join(str(c) for c in command), p.returncode, p.stdout, p.stderr))
    if command[0] == BIN and "--json" in command and p.stdout:
        openapi.contract(BIN).check_command(command[1:], p.stdout, p.returncode != 0)
    return p


def children(pid):
    """The living child processes of pid: {pid: command line}."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % entry) as f:
                after = f.read().rpartition(")")[2].split()
            if int(after[1]) != pid or after[0] == "Z":
                continue
            with open("/proc/%s/cmdline" % entry, "rb") as f:
                found[int(entry)] = f.read().replace(b"\0", b" ").decode().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def descriptors(pid):
    """{number: what it is} of a process; those that are closed while this looks are left out."""
    found = {}
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            found[int(fd)] = os.readlink("/proc/%d/fd/%s" % (pid, fd))
        except FileNotFoundError:
            continue
    return found


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def fake_time(when):
    """The environment in which every process of an installation has another clock: "+3d", or a moment
    "@2026-11-20 12:00:00" in UTC. The monotonic clock stays, so that timers work."""
    import pytest
    found = sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.skip("libfaketime is not installed: apt-get install faketime")
    return {"LD_PRELOAD": found[0], "FAKETIME": when, "TZ": "UTC",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1"}


class Signet:
    """One installation. start() is `signet up` the first time and `signet run` afterwards."""

    def __init__(self, path=None, port=None, env=None, ca_key=None):
        self.ca_key = ca_key
        self.path = path or make_dir()
        self.data = os.path.join(self.path, "data")
        self.port = port or free_port()
        self.https_port = None  # serve_https()
        self.conf = os.path.join(self.data, "signet.yaml")
        self.log_path = os.path.join(self.path, "signet.log")
        self.env = dict(os.environ, **(env or {}))
        self.process = None
        self._servers = {}
        self._judged = 0

    # --- life ------------------------------------------------------------------------------

    @property
    def url(self):
        return "http://127.0.0.1:%d/scep" % self.port

    def serve_https(self, names=("server",), http=True):
        """HTTPS beside HTTP, or alone, from the next start on; the pairs of https.put_pair() that are not
        there yet are made."""
        self.https_port = free_port()
        for name in names:
            if not os.path.exists(os.path.join(self.data, "tls", name + ".pem")):
                https.put_pair(self, name)
        self.configure(lambda text: https.with_https(text, self.https_port, names, http))

    @property
    def https_url(self):
        return "https://127.0.0.1:%d/scep" % self.https_port

    def server(self, endpoint="default"):
        """A scep.Server of an endpoint; its RA certificate is fetched once."""
        if endpoint not in self._servers:
            url = self.url if endpoint == "default" else self.url + "/" + endpoint
            self._servers[endpoint] = scep.Server(url)
        return self._servers[endpoint]

    def spawn(self, *args):
        self.log = open(self.log_path, "ab")
        self.log_from = self.log.tell()
        self.process = subprocess.Popen([BIN, *args, *pass_env(self.env)], stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL, env=self.env,
                                        start_new_session=True)

    def up(self):
        more = ["--ca-key", self.ca_key] if self.ca_key else []
        self.spawn("up", self.data, "--http", "127.0.0.1:%d" % self.port, *more)
        self.wait_ready()
        return self

    def start(self):
        if not os.path.exists(self.conf):
            return self.up()
        self.spawn("run", "-c", self.conf)
        self.wait_ready()
        return self

    def said(self):
        with open(self.log_path, "rb") as f:
            f.seek(self.log_from)
            return f.read().decode("utf-8", "replace")

    def judge(self):
        """Fails when a process of it crashed or wrote a sanitizer's report since the last time."""
        try:
            with open(self.log_path, "rb") as f:
                f.seek(self._judged)
                text = f.read()
        except FileNotFoundError:
            return
        self._judged += len(text)
        no_report(text.decode("utf-8", "replace"), "a process of " + self.path)

    def wait_ready(self):
        end = time.monotonic() + SOON_S
        while not re.search(r"^ready\b", self.said(), re.M):
            assert self.process.poll() is None, "ended with %s before it was ready:\n%s" % (
                self.process.returncode, self.said())
            assert time.monotonic() < end, "not ready after %d s:\n%s" % (SOON_S, self.said())
            time.sleep(0.02)

    def stop(self, sig=signal.SIGTERM):
        """Ask it to end, as Ctrl-C does; the exit status."""
        if self.process is None:
            return None
        roles = list(self.roles())
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            status = self.process.wait(SOON_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the supervisor did not end within %d s" % SOON_S) from None
        finally:
            self.log.close()
            for pid in roles:
                if alive(pid) and pid > 1:
                    wait_for("end of role %d" % pid, lambda p=pid: not alive(p))
        self.process = None
        self.judge()
        return status

    def restart(self):
        self.stop()
        return self.start()

    def remove(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.path, ignore_errors=True)

    def roles(self):
        """{pid: command line} of the role processes."""
        return children(self.process.pid) if self.process else {}

    def role(self, name):
        """The pid of a role; the command line or the process name says which it is."""
        for pid, line in self.roles().items():
            try:
                with open("/proc/%d/comm" % pid) as f:
                    comm = f.read()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if re.search(r"\b%s\b" % name, line) or re.search(r"\b%s\b" % name, comm):
                return pid
        return None

    # --- configuration ---------------------------------------------------------------------

    def configure(self, change):
        """Rewrite the configuration with change(text) -> text; the owner and mode stay."""
        with open(self.conf) as f:
            text = f.read()
        new = change(text)
        assert new != text, "the configuration does not have what was to be changed:\n" + text
        with open(self.conf, "w") as f:
            f.write(new)

    def add_endpoint(self, name, **options):
        self.configure(lambda text: with_endpoint(text, name, **options))

    # --- command line ----------------------------------------------------------------------

    def cli(self, *args, check=True, data=None, conf=True, timeout=2 * SOON_S):
        tail = ("-c", self.conf) if conf else ()
        return run(BIN, *args, *tail, check=check, data=data, timeout=timeout, env=self.env)

    def ask(self, method, target, body=None, role=None, **fields):
        """A question to a running role by HTTP, and its answer, held to the contract (openapi.py)."""
        path = os.path.join(self.data, "run", (role or target.split("/")[2]) + ".sock")
        return openapi.ask(BIN, path, method, target, body, **fields)

    def challenge(self, subject="CN=dev1,O=Test", sans=(), endpoint="default", expires=None):
        args = ["challenge", "new", "--endpoint", endpoint, "--subject", subject]
        for s in sans:
            args += ["--san", s]
        if expires:
            args += ["--expires", expires]
        out = self.cli(*args).stdout
        assert out.endswith("\n") and out.count("\n") == 1, "the challenge alone, got %r" % out
        return out[:-1]

    def certs(self):
        """The newest LIST_MAX certificates, objects with at least "serial"."""
        return rows(self.cli("ca", "list", "--json", "--limit", str(LIST_MAX)).stdout)

    def serials(self):
        return {norm_serial(c["serial"]) for c in self.certs()}

    def stored(self):
        """The serials of all issued certificates, read from the database of a stopped installation
        with Python's own SQLite."""
        with contextlib.closing(sqlite3.connect(os.path.join(self.data, "db/ca/ca.db"))) as db:
            return {norm_serial(bytes(row[0]).hex()) for row in db.execute(
                "SELECT c.serial FROM cert c JOIN cert_der d ON d.id = c.id "
                "WHERE c.state BETWEEN 2 AND 4")}

    @contextlib.contextmanager
    def db(self, role):
        """The database of a role that may run, to be read with Python's own SQLite."""
        path = os.path.join(self.data, "db", role, role + ".db")
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=SOON_S)) as db:
            yield db

    def ca(self):
        """The CA's private key and its certificate."""
        with open(os.path.join(self.data, "ca/ca.key"), "rb") as f:
            key = serialization.load_pem_private_key(f.read(), None)
        with open(os.path.join(self.data, "ca/ca.pem"), "rb") as f:
            return key, x509.load_pem_x509_certificate(f.read())

    def show(self, serial, check=True):
        return self.cli("ca", "show", serial, check=check)

    def trace(self, what, check=True):
        return self.cli("trace", str(what), check=check).stdout

    def events(self):
        return self.cli("events", check=False).stdout

    def fsck(self):
        p = self.cli("fsck", check=False)
        assert p.returncode == 0, "fsck: exit status %d\n%s%s" % (p.returncode, p.stdout, p.stderr)
        return p.stdout

    # --- short ways ------------------------------------------------------------------------

    def enrol(self, subject="CN=dev1,O=Test", sans=(), endpoint="default", challenge=None, **o):
        """A challenge and an enrolment that must succeed; (Request, CertRep)."""
        if challenge is None:
            challenge = self.challenge(subject, sans, endpoint)
        req, rep = self.server(endpoint).enrol(subject=subject, sans=tuple(sans),
                                               challenge=challenge, **o)
        assert rep.status == scep.SUCCESS, "status %s failInfo %s (%s)\n%s" % (
            rep.status, rep.fail_info, rep.fail_text, self.trace(req.transaction, check=False))
        return req, rep


@contextlib.contextmanager
def installed(configure=None, **o):
    """A Signet that runs, its configuration as this function of the text has it."""
    one = Signet(**o)
    try:
        one.up()
        if configure:
            one.stop()
            one.configure(configure)
            one.start()
        yield one
        one.stop()
    finally:
        one.remove()


def rows(text):
    """JSON that is a list, an object with one list in it, or an object per line."""
    text = text.strip()
    if not text:
        return []
    try:
        value = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]
    if isinstance(value, dict):
        lists = [v for v in value.values() if isinstance(v, list)]
        return lists[0] if lists else [value]
    return value


def norm_serial(text):
    return re.sub(r"[^0-9a-f]", "", text.lower()).lstrip("0")


def with_endpoint(text, name, **options):
    """The configuration with one more endpoint, in front of those that it has."""
    options.setdefault("policy", "one-time")
    options.setdefault("template", "client")
    lines = ["  %s:" % name] + ["    %s: %s" % (k.replace("_", "-"), yaml_value(v))
                                for k, v in options.items()]
    return re.sub(r"(?m)^endpoints:[ \t]*(#.*)?$", lambda m: m.group(0) + "\n" + "\n".join(lines),
                  text, count=1)


def yaml_value(v):
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join('"%s"' % i for i in v) + "]"
    return str(v).lower() if isinstance(v, bool) else str(v)
