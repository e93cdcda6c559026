# SPDX-License-Identifier: Apache-2.0
"""HTTPS: who is let in and who is not, as openssl, curl and our client see it; broken and slow handshakes
and records; certificates that are replaced while clients come; what `signet check` says of them. That
all of HTTP is the same over it, is in test_http.py, whose tables run both ways."""

import contextlib
import os
import re
import resource
import select
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

import https
import keys
import owned
import scep
import system

LONG = bool(os.environ.get("SIGNET_LONG"))
IDLE = 10000 if LONG else 300
PER_ADDRESS = 60  # below front.connections-per-address
CAPS = b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture(scope="module")
def served():
    """An installation of this module, with two names: one of them with RSA and with an elliptic curve."""
    one = system.Signet(ca_key="p256")
    try:
        one.up()
        one.stop()
        https.put_pair(one, "server")
        https.put_pair(one, "rsa", https.rsa_key())
        https.put_pair(one, "other", names=("other.example", "*.wild.example"))
        one.serve_https(("server", "rsa", "other"))
        one.start()
        yield one
    finally:
        one.remove()


def s_client(port, *args, data=b"", name="localhost", check=True):
    """openssl s_client with our root; what it printed, and its exit status."""
    more = ["-servername", name] if name else ["-noservername"]
    p = system.run("openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-CAfile", https.ca().path,
                   "-verify_return_error", *more, *args, data=data, check=check)
    return (p.stdout + p.stderr).decode("utf-8", "replace"), p.returncode


def ask(s, data=CAPS):
    """The status of the next answer, and whether the connection stays; the body is read."""
    s.sendall(data)
    return answer(s)


def answer(s):
    got = b""
    while b"\r\n\r\n" not in got:
        more = s.recv(65536)
        assert more, "no answer: %r" % got
        got += more
    head, body = got.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length.group(1)):
        more = s.recv(65536)
        assert more, "the body is cut"
        body += more
    return int(head.split()[1])


def serial_of(port, name="localhost", context=None):
    with contextlib.closing(https.connect(port, context, name)) as s:
        return x509.load_der_x509_certificate(s.tls.getpeercert(True)).serial_number


def serial_in(one, name="server"):
    with open(os.path.join(one.data, "tls", name + ".pem"), "rb") as f:
        return x509.load_pem_x509_certificate(f.read()).serial_number


def event(one, rule):
    return system.wait_for("an event " + rule, lambda: rule in one.cli("events", "--rule", rule).stdout)


# --- clients -----------------------------------------------------------------------------------

def test_our_client__https__whole_enrolment_and_renewal(served, work):
    ca = os.path.join(served.data, "ca/ca.pem")
    challenge = os.path.join(work, "challenge")
    with open(challenge, "w") as f:
        f.write(served.challenge("CN=tls1,O=Test"))
    common = ["--ca-file", ca, "--tls-ca", https.ca().path, "--key", "k"]
    system.run(system.BIN, "enroll", served.https_url, "--subject", "CN=tls1,O=Test", "--challenge-file", challenge,
               "--out", "c", *common, cwd=work)
    system.run(system.BIN, "renew", served.https_url, "--cert", "c", "--out", "d", *common, cwd=work)
    system.run("openssl", "verify", "-CAfile", ca, "c", "d", cwd=work)


def test_our_client__https_of_an_unknown_ca__refused_with_the_way_out(served):
    r = system.run(system.BIN, "getcacaps", served.https_url, check=False)
    assert r.returncode == 3 and "TLS failed" in r.stderr and "the CA file" in r.stderr, r.stderr
    event(served, "tls.alert")


def test_python_client__both_ways_of_a_message__enrols(served):
    server = scep.Server(served.https_url)
    for by in ("POST", "GET"):
        subject = "CN=tls-%s,O=Test" % by.lower()
        _, rep = server.enrol(subject=subject, challenge=served.challenge(subject), by=by)
        assert rep.status == scep.SUCCESS


def test_curl__health_and_caps__served_and_logged(served):
    url = "https://127.0.0.1:%d" % served.https_port
    curl = ("curl", "-sS", "--cacert", https.ca().path)
    assert system.run(*curl, url + "/health").stdout == "ok\n"
    assert "POSTPKIOperation" in system.run(*curl, url + "/scep?operation=GetCACaps&x=curl").stdout
    log = os.path.join(served.data, "log/access.log")
    system.wait_for("the line of the access log", lambda: re.search(
        r"(?m)^.* GET /scep operation=GetCACaps&x=curl %d .* 200 " % served.https_port, open(log).read()))


def test_strongswan__root_in_the_system__getcacert(served, work):
    """Its HTTP is libcurl's, which trusts what the system trusts."""
    if os.geteuid() != 0 or not shutil.which("pki"):
        pytest.skip("not root, or no pki: nobody else gives the system another root")
    command = "mount --bind %s /etc/ssl/certs/ca-certificates.crt && exec pki --scepca --url %s --caout ca --raout ra --outform pem"
    p = system.run("unshare", "-m", "sh", "-c", command % (https.ca().path, served.https_url), cwd=work, check=False)
    if "unshare" in p.stderr or "mount" in p.stderr:
        pytest.skip("no mounts here: " + p.stderr)
    assert p.returncode == 0 and os.path.exists(os.path.join(work, "ra.pem")), p.stderr


@pytest.mark.parametrize("root", [True, False])
def test_certmonger__https__its_helper_asks(served, root):
    """Its HTTP is libcurl's as well; `getcert add-scep-ca -R` gives it the root."""
    helper = "/usr/lib/certmonger/scep-submit"
    if not os.path.exists(helper):
        pytest.skip("certmonger is not installed")
    trust = ["-R", https.ca().path] if root else []
    p = system.run(helper, "-u", served.https_url, "-c", *trust, check=False)
    assert (p.returncode == 0 and "POSTPKIOperation" in p.stdout) == root, p.stdout + p.stderr


# --- handshakes --------------------------------------------------------------------------------

@pytest.mark.parametrize("version,ok", [("-tls1_3", True), ("-tls1_2", True), ("-tls1_1", False), ("-tls1", False)])
def test_version__only_12_and_13(served, version, ok):
    out, status = s_client(served.https_port, version, "-cipher", "DEFAULT@SECLEVEL=0", check=False)
    assert (status == 0 and "Verify return code: 0 (ok)" in out) == ok, out
    if not ok:
        event(served, "tls.version")


@pytest.mark.parametrize("cipher,ok", [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-RSA-AES256-GCM-SHA384", True), ("ECDHE-RSA-CHACHA20-POLY1305", True),
    ("AES128-GCM-SHA256", False), ("AES256-SHA", False), ("ECDHE-RSA-AES128-SHA", False), ("DHE-RSA-AES256-GCM-SHA384", False),
    ("ECDHE-ECDSA-AES128-SHA256", False)])
def test_cipher__forward_secret_and_authenticated_alone(served, cipher, ok):
    out, status = s_client(served.https_port, "-tls1_2", "-cipher", cipher + "@SECLEVEL=0", check=False)
    assert (status == 0) == ok, out


@pytest.mark.parametrize("offered,chosen", [("http/1.1", "http/1.1"), ("h2,http/1.1", "http/1.1"), (None, None), ("h2", False)])
def test_alpn__http11_or_none(served, offered, chosen):
    args = ["-alpn", offered] if offered else []
    out, status = s_client(served.https_port, *args, check=False)
    if chosen is False:
        assert status != 0 and "no application protocol" in out, out
        event(served, "tls.alpn")
    elif chosen:
        assert "ALPN protocol: " + chosen in out, out
    else:
        assert status == 0 and "No ALPN negotiated" in out, out


@pytest.mark.parametrize("name,pair", [
    ("localhost", "server"), ("LOCALHOST", "server"), (None, "server"), ("127.0.0.1", "server"), ("other.example", "other"), ("a.wild.example", "other"),
    ("a.b.wild.example", None), ("wild.example", None), ("elsewhere.example", None)])
def test_sni__name_of_a_certificate__that_one(served, name, pair):
    out, status = s_client(served.https_port, "-showcerts", name=name, check=False)
    if pair is None:
        assert status != 0 and "unrecognized name" in out, out
        event(served, "tls.name")
        return
    shown = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", out, re.S)
    assert x509.load_pem_x509_certificate(shown[0].encode()).serial_number == serial_in(served, pair)
    assert len(shown) == 2, "the chain goes out whole, and without the root"


def test_sni__what_no_name_has__printable_once(served):
    s_client(served.https_port, name="a\x1b[1m\\b.example", check=False)
    said = system.wait_for("the event", lambda: [
        line for line in served.cli("events", "--rule", "tls.name").stdout.splitlines() if "b.example" in line])
    assert said[-1].endswith('no certificate is for the name "a\\x1b[1m\\x5cb.example"'), said


@pytest.mark.parametrize("algorithms,pair", [("ECDSA+SHA256", "server"), ("RSA-PSS+SHA256", "rsa"), ("RSA-PSS+SHA256:ECDSA+SHA256", "server")])
def test_two_keys_of_one_name__as_the_client_can(served, algorithms, pair):
    out, _ = s_client(served.https_port, "-sigalgs", algorithms)
    shown = re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", out, re.S)
    assert x509.load_pem_x509_certificate(shown.group(0).encode()).serial_number == serial_in(served, pair)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_session__never_resumed(served, work, version):
    """No ticket is given, and none is taken: what could decrypt old connections is in no memory."""
    session = os.path.join(work, "session")
    out, _ = s_client(served.https_port, version, "-sess_out", session, "-ign_eof", data=CAPS.replace(
        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert "TLS session ticket" not in out and "NewSessionTicket" not in out, out
    if os.path.exists(session) and os.path.getsize(session):
        out, _ = s_client(served.https_port, version, "-sess_in", session)
        assert "Reused" not in out, out


def test_renegotiation__by_the_client__refused(served):
    p = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % served.https_port, "-tls1_2",
                          "-CAfile", https.ca().path, "-servername", "localhost"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    got = b""
    while b"Verify return code" not in got:
        got += os.read(p.stdout.fileno(), 65536)
    p.stdin.write(b"R\n")
    p.stdin.flush()
    out, _ = p.communicate(timeout=system.SOON_S)
    assert b"RENEGOTIATING" in out and (b"no renegotiation" in out or b"alert" in out.lower()), out
    assert serial_of(served.https_port)


def test_client_certificate__never_asked_for(served):
    out, _ = s_client(served.https_port)
    assert "No client certificate CA names sent" in out and "Acceptable client certificate" not in out


# --- what is no handshake, and no record -------------------------------------------------------

def test_plain_http__at_the_port_of_tls__400(served):
    with socket.create_connection(("127.0.0.1", served.https_port), 60) as s:
        s.sendall(CAPS)
        got = b"".join(iter(lambda: s.recv(4096), b""))
    assert got.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in got, got


def test_tls__at_the_plain_port__refused_and_said(served):
    with pytest.raises((ssl.SSLError, OSError)):
        https.connect(served.port)
    system.wait_for("an event", lambda: "TLS" in served.cli("events", "-n", "20").stdout)


def hello(name="localhost"):
    """The bytes of a ClientHello."""
    a, b = socket.socketpair()
    with a, b:
        t = https.Tls(a, name=name, shake=False)
        with contextlib.suppress(ssl.SSLWantReadError):
            t.tls.do_handshake()
        return t.outgoing.read()


@pytest.mark.parametrize("spoil", [
    lambda h: h[:1], lambda h: h[:5], lambda h: h[:-1], lambda h: b"\x16\x03\x01\xff\xff" + h[5:], lambda h: h[:5] + b"\xff" * (len(h) - 5),
    lambda h: b"\x17" + h[1:], lambda h: b"\x16\x03\x01\0\0" * 2000, lambda h: b"\x15\x03\x01\0\2\1\0" * 5, lambda h: b"\0" * 600,
    lambda h: h[:43] + b"\xff" + h[44:], lambda h: h + h, lambda h: b"\x80\x2e\x01\x00\x02" + b"\0" * 41],
    ids=["1-byte", "header", "cut", "too-long", "noise", "type", "empty-records", "alerts", "zeros", "session-id", "twice", "sslv2"])
def test_handshake__broken__closed_and_nothing_else(served, spoil):
    front = served.role("front")
    with socket.create_connection(("127.0.0.1", served.https_port), 60) as s:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            s.sendall(spoil(hello()))
            s.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while s.recv(65536):
                pass
    assert ask_new(served) == 200 and served.role("front") == front


def ask_new(one):
    with contextlib.closing(https.connect(one.https_port)) as s:
        return ask(s)


def test_record__changed_on_its_way__cut_off(served):
    with contextlib.closing(https.connect(served.https_port)) as s:
        data = bytearray(s.records(CAPS))
        data[-1] ^= 1
        s.raw.sendall(data)
        with pytest.raises((ssl.SSLError, OSError)):
            s.recv(1)
    assert ask_new(served) == 200


@pytest.mark.parametrize("keep", [0, 1, 4, 5, 20, -1])
def test_record__cut_in_two__no_answer_to_half_a_request(served, keep):
    with contextlib.closing(https.connect(served.https_port)) as s:
        data = s.records(CAPS)
        s.raw.sendall(data[:keep])
        s.raw.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ssl.SSLError, OSError):
            assert s.recv(1) == b"", "an answer"
    assert ask_new(served) == 200


def test_records__a_byte_each__one_request(served):
    with contextlib.closing(https.connect(served.https_port)) as s:
        for c in CAPS:
            s.sendall(bytes([c]))
        assert answer(s) == 200


def test_records__without_content__do_not_hold_up_others(served):
    """A stranger who sends nothing but empty records, as fast as he can, has his turn and no more."""
    context = https.ca().context(maximum_version=ssl.TLSVersion.TLSv1_2)
    done = threading.Event()

    def noise():
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.closing(https.connect(served.https_port, context)) as s:
            while not done.is_set():
                s.raw.sendall(b"\x15\x03\x03\0\0" * 1000)
    threads = [threading.Thread(target=noise) for _ in range(4)]
    for t in threads:
        t.start()
    try:
        assert [ask_new(served) for _ in range(20)] == [200] * 20
    finally:
        done.set()
        for t in threads:
            t.join()


def test_end__close_notify_of_the_server__says_that_it_is_whole(served):
    with contextlib.closing(https.connect(served.https_port)) as s:
        assert ask(s, CAPS.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) == 200
        assert s.recv(1) == b""  # and no end without it


# --- many --------------------------------------------------------------------------------------

def many(port, n):
    """n connections, one after the other, of as many addresses as that takes."""
    for i in range(n):
        source = "127.%d.%d.1" % (1 + i // PER_ADDRESS // 250, 1 + i // PER_ADDRESS % 250)
        s = socket.create_connection(("127.0.0.1", port), 60, (source, 0))
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield s


@pytest.mark.slow
def test_slow_handshakes__hundreds__good_clients_enrol(fresh):
    """Slow: the handshakes last until front's deadline for them has passed, ten seconds and more."""
    one = fresh(start=False)
    one.serve_https()
    one.start()
    front, data = one.role("front"), hello()
    strangers = list(many(one.https_port, 600))
    begin, enrolled, at = time.monotonic(), 0, 0
    server = scep.Server(one.https_url)
    while strangers and time.monotonic() - begin < system.SOON_S:
        for s in list(strangers):
            try:
                s.sendall(data[at:at + 1])
            except OSError:
                s.close()
                strangers.remove(s)
        at += 1
        readable, _, _ = select.select(strangers[:1000], [], [], 0) if strangers else ([], [], [])
        for s in readable:  # front ends them
            with contextlib.suppress(OSError):
                if s.recv(4096):
                    continue
            s.close()
            strangers.remove(s)
        if at % 3 == 0:
            subject = "CN=slow%d,O=Test" % at
            server.enrol(subject=subject, challenge=one.challenge(subject))
            enrolled += 1
        time.sleep(0.2)
    took = time.monotonic() - begin
    assert not strangers, "%d handshakes without an end after %d s" % (len(strangers), took)
    assert took > 5 and enrolled >= 3
    assert one.role("front") == front


def pss_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        return int(re.search(r"(?m)^Pss:\s+(\d+)", f.read()).group(1))


@pytest.mark.alone
@pytest.mark.slow
def test_idle__connections_that_are_kept__little_memory_each(fresh, capsys):
    """Slow: with SIGNET_LONG ten thousand handshakes. Alone: it measures memory."""
    if os.geteuid() != 0:
        pytest.skip("not root: the memory of front cannot be read")
    if system.SANITIZED:
        pytest.skip("a sanitizer's build, whose memory says nothing")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, IDLE + 1000), hard))
    one = fresh(start=False)
    one.serve_https()
    one.start()
    front = one.role("front")
    for _ in range(20):
        assert ask_new(one) == 200
    before, kept, context = pss_kib(front), [], https.ca().context()
    try:
        begin = time.monotonic()
        for s in many(one.https_port, IDLE):
            kept.append(s)
            tls = https.Tls(s, context)
            assert ask(tls) == 200
        took, after = time.monotonic() - begin, pss_kib(front)
        idle = len([s for s in kept if not has_ended(s)])
        with capsys.disabled():
            print("\n%d idle TLS connections: %.1f KiB of front's memory each; %.0f handshakes a second" % (
                idle, (after - before) / idle, IDLE / took))
        # On a slow machine the first ones are over, 30 seconds after their answer, when the last are begun.
        assert took > 25 or idle == IDLE
        assert (after - before) / idle < 40
        assert ask_new(one) == 200 and one.role("front") == front
    finally:
        for s in kept:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def has_ended(s):
    p = select.poll()
    p.register(s, select.POLLRDHUP | select.POLLIN)
    return bool(p.poll(0))


# --- certificates that are replaced ------------------------------------------------------------

@pytest.fixture
def one(fresh):
    one = fresh(start=False)
    one.serve_https()
    one.start()
    return one


class Load:
    """Clients that keep a connection, and clients that make one for each question, until stop();
    every one of their questions must be answered."""

    def __init__(self, port):
        self.port, self.done, self.asked, self.wrong = port, threading.Event(), 0, []
        self.threads = [threading.Thread(target=f) for f in (self.keep, self.keep, self.new, self.new)]
        for t in self.threads:
            t.start()

    def watched(self, step):
        while not self.done.is_set():
            try:
                assert step() == 200
                self.asked += 1
            except Exception as e:  # told by the test
                self.wrong.append(repr(e))
                return

    def keep(self):
        with contextlib.closing(https.connect(self.port)) as s:
            self.watched(lambda: ask(s))

    def new(self):
        def step():
            with contextlib.closing(https.connect(self.port)) as s:
                return ask(s)
        self.watched(step)

    def stop(self):
        self.done.set()
        for t in self.threads:
            t.join()
        assert not self.wrong, self.wrong


def test_exchange__under_load__nobody_is_cut_off(one):
    load = Load(one.https_port)
    try:
        for n in range(3):
            key = https.put_pair(one, key=keys.p256("exchange %d" % n))
            assert key
            one.process.send_signal(signal.SIGHUP)
            system.wait_for("the new certificate", lambda: serial_of(one.https_port) == serial_in(one))
            asked = load.asked
            system.wait_for("questions after it", lambda: load.asked > asked + 20 or load.wrong)
    finally:
        load.stop()
    assert one.said().count("tls.renewed") >= 1


def test_exchange__without_a_word__within_seconds(one):
    """As an ACME client leaves it: other files under the same links."""
    folder = os.path.join(one.data, "tls")
    for end in ("pem", "key"):
        path = os.path.join(folder, "server." + end)
        os.rename(path, os.path.join(folder, "archive1." + end))
        os.symlink("archive1." + end, path)
    serial = serial_in(one)
    key = keys.p256("archive")
    https.put(os.path.join(folder, "archive2.key"), https.key_pem(key), 0o600)
    https.put(os.path.join(folder, "archive2.pem"), https.ca().issue(key), 0o644)
    for end in ("pem", "key"):
        path = os.path.join(folder, "server." + end)
        os.symlink("archive2." + end, path + ".new")
        os.rename(path + ".new", path)
    assert serial_in(one) != serial
    system.wait_for("the new certificate", lambda: serial_of(one.https_port) == serial_in(one))


def kill_front(one):
    front = one.role("front")
    os.kill(front, signal.SIGKILL)
    system.wait_for("another front", lambda: one.role("front") not in (None, front))
    system.wait_for("HTTPS again", lambda: serves(one))


def serves(one):
    try:
        return ask_new(one) == 200
    except (OSError, ssl.SSLError):
        return False


def test_exchange__then_front_is_killed__its_successor_has_the_newest(one):
    https.put_pair(one, key=keys.p256("newest"))
    one.process.send_signal(signal.SIGHUP)
    system.wait_for("the new certificate", lambda: serial_of(one.https_port) == serial_in(one))
    kill_front(one)
    assert serial_of(one.https_port) == serial_in(one)


def overwrite(one, name, data):
    """In its place: the same file, other bytes."""
    with open(os.path.join(one.data, "tls", name), "r+b") as f:
        f.write(data)
        f.truncate()


def test_wrong_pair__put_in_place__the_old_one_stays_whatever_ends(one):
    serial = serial_in(one)
    other = keys.p256("wrong")
    overwrite(one, "server.key", https.key_pem(other))
    system.wait_for("the refusal", lambda: "tls.refused" in one.said())
    assert re.search(r"warning tls\.refused front\.tls\[0\]\.key: ", one.said()), one.said()
    assert serial_of(one.https_port) == serial
    kill_front(one)
    assert serial_of(one.https_port) == serial, "a copy of the right pair was kept"
    overwrite(one, "server.pem", https.ca().issue(other))
    system.wait_for("the new certificate", lambda: serial_of(one.https_port) == serial_in(one))
    assert serial_in(one) != serial and "tls.renewed" in one.said()


def held_copies(one):
    """Where the supervisor has the copies that it gives to front."""
    pid = one.process.pid
    return ["/proc/%d/fd/%d" % (pid, fd) for fd, what in system.descriptors(pid).items() if "memfd:front.tls" in what]


def test_copies__for_front__nobody_changes_them(one):
    """Neither front, which gets the same open file as its successor, nor who may open it by another way."""
    paths = held_copies(one)
    assert len(paths) == 2
    for path in paths:
        with open(path, "rb") as f:
            was = f.read()
        with contextlib.suppress(PermissionError), open(path, "r+b", buffering=0) as f:
            f.write(b"x")
        with contextlib.suppress(PermissionError):
            os.truncate(path, 0)
        with open(path, "rb") as f:
            assert f.read() == was and was.startswith(b"-----BEGIN ")
    assert not [what for what in system.descriptors(one.role("front")).values() if "memfd" in what], "read once and closed"


@pytest.mark.parametrize("said", [b"Tfront.tls", b"Kfront.tls", b"Tfront.access-log", b"T"])
def test_front__lies_about_certificates__changes_nothing(one, said):
    """It was handed none since its start, or says it of something else."""
    serial, copies = serial_of(one.https_port), held_copies(one)
    channel, = owned.sockets_of(one.role("front"), kind=socket.SOCK_SEQPACKET)
    for _ in range(3):
        channel.send(said)
    channel.close()
    kill_front(one)
    assert serial_of(one.https_port) == serial and held_copies(one) == copies


@pytest.mark.parametrize("spoil,said", [
    (lambda path: os.chmod(path, 0o640), "others may read"), (os.unlink, "cannot open"),
    (lambda path: (os.unlink(path), os.mkfifo(path, 0o600)), "regular file")], ids=["mode", "gone", "pipe"])
def test_file__that_cannot_be_used__said_once_and_seen_when_corrected(one, spoil, said):
    path = os.path.join(one.data, "tls/server.key")
    with open(path, "rb") as f:
        text = f.read()
    spoil(path)
    system.wait_for("the warning", lambda: "tls.file" in one.said())
    assert said in one.said()
    assert ask_new(one) == 200
    time.sleep(5)  # two looks and more, at which nothing may be said again
    assert one.said().count("tls.file") == 1
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    https.put(path, text, 0o600)
    system.wait_for("the pair that is right again", lambda: "tls.renewed" in one.said())
    assert ask_new(one) == 200


def test_end__of_the_certificate__said_before_it_comes(fresh):
    one = fresh(start=False)
    https.put_pair(one, ends=10)
    one.serve_https()
    one.start()
    assert re.search(r"front notice tls\.used .* until \d{4}-", one.said()), one.said()
    system.wait_for("the warning", lambda: "tls.ends" in one.said())
    https.put_pair(one, ends=60)
    system.wait_for("the new certificate", lambda: "tls.renewed" in one.said())
    assert one.said().count("tls.ends") == 1


# --- the configuration -------------------------------------------------------------------------

def leaf(**o):
    return lambda one, key: https.ca().issue(key, **o)


def other_key(one):
    https.put(os.path.join(one.data, "tls/server.key"), https.key_pem(keys.p256("another")), 0o600)


def encrypted(one):
    https.put(os.path.join(one.data, "tls/server.key"), https.key_pem(keys.p256("tls server"), b"x"), 0o600)


def backwards(one, key):
    chain = https.ca().issue(key)
    return https.pem_of(https.ca().cert) + chain[:-len(https.pem_of(https.ca().cert))]


def of_the_ca(one):
    with open(os.path.join(one.data, "ra/ra.key"), "rb") as f, open(os.path.join(one.data, "ra/ra.pem"), "rb") as g:
        https.put(os.path.join(one.data, "tls/server.key"), f.read(), 0o600)
        https.put(os.path.join(one.data, "tls/server.pem"), g.read(), 0o644)


# name: (chain of the certificate or None, what else is changed, is it a mistake?, option, words)
MISTAKES = {
    "other_key": (None, other_key, True, "key", "not"),
    "encrypted_key": (None, encrypted, True, "key", "encrypted|passphrase"),
    "chain_backwards": (backwards, None, True, "", "first|order|certif"),
    "unrelated_chain": (lambda one, key: https.ca().issue(key)[:-len(https.pem_of(https.ca().cert))] +
                        https.pem_of(https.ca().root), None, True, "certificate", "sign|order|issue"),
    "no_certificate": (lambda one, key: b"nothing", None, True, "certificate", "CERTIFICATE"),
    "ended": (leaf(begins=-30, ends=-1), None, False, "certificate", "ended at"),
    "not_begun": (leaf(begins=1), None, False, "certificate", "does not begin before"),
    "client_only": (leaf(eku=(ExtendedKeyUsageOID.CLIENT_AUTH,)), None, False, "certificate", "serverAuth"),
    "no_names": (leaf(names=()), None, False, "certificate", "subjectAltName"),
    "ca": (lambda one, key: https.pem_of(https.ca().sign("x", key.public_key(), https.ca().cert, ca=True)), None, True, "certificate", "a CA"),
    "key_of_the_ra": (None, of_the_ca, True, "key", "of the CA or the RA"),
}


def line_of(one, option):
    with open(one.conf) as f:
        return 1 + [n for n, line in enumerate(f) if line.startswith("  tls:")][0]


@pytest.fixture(scope="module")
def checked():
    one = system.Signet(ca_key="p256")
    try:
        one.up()
        one.stop()
        one.serve_https()
        yield one
    finally:
        one.remove()


@pytest.mark.parametrize("name", MISTAKES)
def test_check__one_line_with_its_place(checked, name):
    chain, change, fatal, option, words = MISTAKES[name]
    key = keys.p256("tls server")
    https.put_pair(checked, key=key, chain=chain(checked, key) if chain else None)
    if change:
        change(checked)
    p = checked.cli("check", check=False)
    lines = [line for line in p.stdout.splitlines() if "front.tls" in line]
    assert p.returncode == (1 if fatal else 0), p.stdout
    assert [bool(re.match(r"%s:%d: %s'front\.tls\[0\]\.%s" % (re.escape(checked.conf), line_of(checked, option),
                                                            "" if fatal else "warning: ", option), li)) for li in lines if re.search(words, li)], p.stdout
    mistakes = [li for li in lines if "warning: " not in li]
    assert len(mistakes) == (1 if fatal else 0), p.stdout
    if not fatal:
        assert len(lines) == 1, p.stdout


@pytest.mark.parametrize("name", ["other_key", "ca"])
def test_start__with_a_mistake__the_same_line(checked, name):
    chain, change, _, option, _ = MISTAKES[name]
    key = keys.p256("tls server")
    https.put_pair(checked, key=key, chain=chain(checked, key) if chain else None)
    if change:
        change(checked)
    p = system.run(system.BIN, "run", "-c", checked.conf, check=False)
    assert p.returncode == 1
    assert "%s:%d: 'front.tls[0].%s': " % (checked.conf, line_of(checked, option), option) in p.stdout + p.stderr, p.stderr


def test_check__two_of_one_name_and_kind__warned(fresh):
    one = fresh(start=False)
    https.put_pair(one, "a")
    https.put_pair(one, "b", names=("LocalHost", "b.example"))
    https.put_pair(one, "c", https.rsa_key())
    one.serve_https(("a", "b", "c"))
    p = one.cli("check")
    lines = [line for line in p.stdout.splitlines() if "front.tls" in line]
    assert len(lines) == 1 and "warning: 'front.tls[1].certificate': front.tls[0] has the name localhost" in lines[0], p.stdout


def test_https_alone__no_http__urls_and_enrolment(fresh):
    one = fresh(start=False)
    one.serve_https(http=False)
    one.start()
    assert re.search(r"(?m)^https://127\.0\.0\.1:%d/scep$" % one.https_port, one.said()), one.said()
    assert "http://" not in one.said()
    server = scep.Server(one.https_url)
    server.enrol(subject="CN=dev1,O=Test", challenge=one.challenge())


def test_proxy__by_https__whose_address_counts(fresh):
    one = fresh(lambda text: re.sub(r"(?m)^  #trusted-proxies: .*$", "  trusted-proxies: [127.0.0.1]", text), start=False)
    one.serve_https()
    one.start()
    with contextlib.closing(https.connect(one.https_port)) as s:
        assert ask(s, CAPS.replace(b"Host: h", b"Host: h\r\nX-Forwarded-For: 192.0.2.99")) == 200
    log = os.path.join(one.data, "log/access.log")
    system.wait_for("the line of the access log", lambda: "192.0.2.99" in open(log).read())


def test_documentation__certificate_from_the_own_ca__as_written(fresh, work):
    """docs/operating.md, "HTTPS": its commands, in their order."""
    with open(os.path.join(os.path.dirname(__file__), "../../docs/operating.md")) as f:
        text = f.read().split("\n## HTTPS\n")[1].split("\n## ")[0]
    yaml = re.search(r"(?ms)^    templates:\n.*?^(?=\S)", text).group(0)
    shell = re.search(r"(?ms)^    mkdir .*?^(?=\S)", text).group(0)
    one = fresh(start=False)
    template, endpoint = re.search(r"(?s)templates:\n(.*?)    endpoints:\n(.*)", yaml).groups()
    one.configure(lambda t: re.sub(r"(?m)^templates:.*$", lambda m: m.group(0) + "\n" + dedent(template), t, count=1))
    one.configure(lambda t: re.sub(r"(?m)^endpoints:.*$", lambda m: m.group(0) + "\n" + dedent(endpoint), t, count=1))
    one.start()
    shell = shell.replace("DATA", one.data).replace("127.0.0.1:8080", "127.0.0.1:%d" % one.port)
    shell = re.sub(r"(?m)^ *signet ", "%s " % system.BIN, shell).replace("scep.example", "localhost")
    system.run("sh", "-e", "-c", "umask 077; " + shell, cwd=work)
    port = system.free_port()
    one.configure(lambda t: re.sub(
        r"(?m)^(  listen: .*)$", r"\1\n  listen-https: [127.0.0.1:%d]\n  tls: [{certificate: tls/server.pem, key: tls/server.key}]" % port, t))
    assert "front.tls" not in one.cli("check").stdout
    one.restart()
    system.run("curl", "-sS", "--cacert", os.path.join(one.data, "ca/ca.pem"), "https://localhost:%d/health" % port)


def dedent(text):
    return re.sub(r"(?m)^    ", "", text).rstrip("\n")
