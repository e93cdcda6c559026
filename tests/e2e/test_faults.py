# SPDX-License-Identifier: Apache-2.0
"""What breaks around Signet: disks, memory, descriptors, clocks, roles that hang. Every time: a clear
error, no wrong certificate, service by itself once the fault is gone, fsck content."""

import datetime
import errno
import http.client
import os
import random
import signal
import subprocess
import threading
import time

import pytest

import conftest
import faults
import keys
import owned
import scep
import system
import test_kills
import test_oracles
from cryptography import x509

LONG = bool(os.environ.get("SIGNET_LONG"))
HANG_S = 30 if LONG else 10
NAMES = iter(range(1, 1 << 30))


def device(one, **o):
    """A request of a device of its own, at the endpoint that asks for no work beforehand."""
    name = "f%d.printers.example" % next(NAMES)
    server = one.server("printers")
    return scep.Request(ra=server.ra, subject="CN=%s,O=Test" % name, sans=("dns:" + name,),
                        challenge=conftest.STATIC_SECRET, key=keys.rsa("faults"), **o)


def ask(one, req, timeout=None):
    """"ok", "refused" (a FAILURE), an HTTP status, or "closed"; a SUCCESS is checked and remembered."""
    server = one.server("printers")
    before = server.timeout
    server.timeout = timeout or before
    try:
        r = server.post(req.build())
    except (OSError, http.client.HTTPException):
        return "closed"
    finally:
        server.timeout = before
    if r.status != 200:
        return r.status
    rep = scep.read_certrep(r.body, server.ra, req.signer_key)
    if rep.status != scep.SUCCESS:
        return "refused"
    req.serials = getattr(req, "serials", set()) | {rep.serial}
    assert len(req.serials) == 1, "two certificates for one request"
    return "ok"


def ask_together(one, requests):
    """What each of them gets, when all are sent at once: a deadline that all meet is waited for once."""
    got = [None] * len(requests)

    def work(n):
        got[n] = ask(one, requests[n])
    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(requests))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return got


def ready(one):
    """Enrolments work."""
    def enrolled():
        return ask(one, device(one), timeout=5) == "ok"
    system.wait_for("an enrolment", enrolled, step=0.2)


def settle(one, requests):
    """The fault is gone: each request gets its certificate, one; then all is consistent."""
    ready(one)
    for req in requests:
        system.wait_for("the certificate of a request that met the fault",
                        lambda req=req: ask(one, req) == "ok", step=0.2)
    wanted = {system.norm_serial(s) for req in requests for s in req.serials}
    one.stop()
    one.fsck()
    assert wanted <= one.stored()


def deaths(one):
    return [line for line in one.said().splitlines() if "supervisor.death" in line]


def test_faults__without_any__library_is_harmless(faulty):
    one, f = faulty
    assert ask(one, device(one)) == "ok"
    assert f.get("ca", "alloc_seen") > 0, "the library is not in the roles"


@pytest.fixture
def faulty(fresh, request):
    """(an installation with fault.so in every role, its Faults); the parameter is the kind of the CA's key."""
    f = faults.Faults()
    one = fresh(start=False, lab=True, env=f.env, ca_key=getattr(request, "param", "p256"))
    f.clear()
    one.start()
    try:
        yield one, f
    finally:
        f.clear()
        f.remove()


# --- disks -------------------------------------------------------------------------------------

@pytest.mark.parametrize("folder", ["db/ca", "db/registrar"])
def test_disk_full__enrolments_refused_until_there_is_room(fresh, folder):
    one = fresh(lab=True)
    one.stop()
    with faults.small_disk(one, folder, "6m") as path:
        one.start()
        first = device(one)
        assert ask(one, first) == "ok"
        ballast = faults.fill(path)
        waiting, seen = [], {}
        # The log of the database may have room that is its own already: on until it has not.
        for _ in range(400):
            req = device(one)
            got = ask(one, req)
            seen[got] = seen.get(got, 0) + 1
            if got != "ok":
                waiting.append(req)
            if len(waiting) >= 5:
                break
        assert len(waiting) >= 5, "the disk never was full: %s" % seen
        assert set(seen) <= {"ok", 503}, seen
        assert "full" in one.said().lower(), "nobody said that the disk is full:\n" + one.said()[-3000:]
        os.remove(ballast)
        ready(one)
        for req in waiting + [first]:
            assert ask(one, req) == "ok"
        one.stop()
        one.fsck()
        stored = one.stored()
        assert all(system.norm_serial(s) in stored for r in waiting + [first] for s in r.serials)
        kept = os.path.join(one.path, "kept")
        os.mkdir(kept)
        faults.copy_owned(path, kept)


def test_read_only__start_says_so_and_the_next_start_works(fresh):
    one = fresh(lab=True)
    req = device(one)
    assert ask(one, req) == "ok"
    one.stop()
    with faults.small_disk(one, "db", "20m") as path:
        subprocess.run(["mount", "-o", "remount,ro", path], check=True)
        p = system.run(system.BIN, "run", "-c", one.conf, *system.pass_env(one.env), check=False, data="",
                       env=one.env)
        assert p.returncode != 0
        said = (p.stdout + p.stderr).lower()
        assert "read-only" in said or "readonly" in said, said
        subprocess.run(["mount", "-o", "remount,rw", path], check=True)
        one.start()
        assert ask(one, req) == "ok"
        settle(one, [req, device(one)])


# A ca that cannot write ends again and again, and registrar waits for it.
DISK_ERRORS = [pytest.param(role, word, number, id="%s-%s-%s" % (word.split("_")[0], errno.errorcode[number], role),
                            marks=[pytest.mark.slow] if role == "ca" else [])
               for word, number in (("sync_errno", errno.EIO), ("sync_errno", errno.ENOSPC), ("write_errno", errno.EIO),
                                    ("write_errno", errno.EROFS), ("write_errno", errno.ENOSPC))
               for role in ("ca", "registrar")]


@pytest.mark.parametrize("role,word,number", DISK_ERRORS)
def test_disk_error__enrolments_refused_until_it_is_gone(faulty, role, word, number):
    """Slow where ca dies of it: registrar waits for the next ca for the 20 seconds that a request has."""
    one, f = faulty
    first = device(one)
    assert ask(one, first) == "ok"
    f.set(role, **{word: number})
    waiting = [device(one) for _ in range(4)]
    got = ask_together(one, waiting)
    # registrar that has died of it begins anew and is asked again, and ca, which has no fault, may
    # have issued meanwhile: its commit is what makes that true, and settle() looks for it.
    assert set(got) <= {503, "closed"} | ({"ok"} if role == "registrar" else set()), got
    assert f.get(role, "fired") > 0, "no fault happened"
    # What is on the disk is unknown, but where a write said that there is no space.
    assert number == errno.ENOSPC and word == "write_errno" or "store.dead" in one.said()
    f.clear()
    settle(one, waiting + [first])


# --- memory ------------------------------------------------------------------------------------

@pytest.mark.slow
@pytest.mark.parametrize("role,faulty", [(role, "p256") for role in faults.ROLES] + [("ca", "rsa-2048")],
                         indirect=["faulty"], ids=list(faults.ROLES) + ["ca-rsa"])
def test_no_memory__nth_allocation_of_an_enrolment__clean_refusal(faulty, role, request):
    """Slow: 25 enrolments, each with a failed allocation, after which a role that has lost its edge or
    ended is waited for."""
    one, f = faulty
    # An RSA key whose blinding met the fault is broken: the process that has it begins anew.
    rsa = role == "keyd" or "ca-rsa" in request.node.name
    ready(one)
    f.set(role, alloc_seen=0)
    assert ask(one, device(one)) == "ok"
    count = f.get(role, "alloc_seen")
    assert count > 5, "%d allocations of an enrolment in %s" % (count, role)
    # keyd ends itself and begins anew with a whole key: the fifth time in ten seconds costs a pause.
    numbers = range(1, count + 20) if LONG else sorted(random.Random(3).sample(
        range(1, count + 20), 8 if role == "keyd" else 25))
    asked, seen = [], {}
    for n in numbers:
        req = device(one)
        f.set(role, alloc_at=n, fired=0)
        got = ask(one, req, timeout=5)
        fired = f.get(role, "fired")
        f.set(role, alloc_at=0)
        seen[got, bool(fired)] = seen.get((got, bool(fired)), 0) + 1
        asked.append(req)
        died = deaths(one)
        assert not died or (rsa and "signal" not in str(died)), (
            "allocation %d of %s\n%s" % (n, role, one.said()[-2000:]))
    print("%s: %d allocations; %s; %d deaths" % (role, count, seen, len(deaths(one))))
    assert {got for got, _ in seen} <= {"ok", 503, "closed"}, seen
    f.clear()
    settle(one, asked)


# --- descriptors -------------------------------------------------------------------------------

@pytest.mark.skipif(os.geteuid() != 0, reason="only root can count the descriptors of a role, which is not dumpable")
@pytest.mark.parametrize("role", ["front", "registrar", "ca"])
def test_no_descriptors__served_again_when_there_are_some(fresh, role):
    one = fresh(lab=True)
    ready(one)
    pid = one.role(role)
    system.wait_for("the end of every connection", lambda: not held_connections(one.port))
    used = len(os.listdir("/proc/%d/fd" % pid))
    soft, _ = faults.descriptors(pid)
    faults.descriptors(pid, used)
    waiting = [device(one) for _ in range(4)]
    began = cpu_of(pid)
    got = [ask(one, req, timeout=1.5) for req in waiting]
    assert set(got) <= {"ok", 503, "closed"}, got
    if role == "front":
        assert "ok" not in got, "front had descriptors left: %s" % got
        assert cpu_of(pid) - began < 3.0, "front spins when it has no descriptor"
    assert one.role(role) == pid, "it died:\n" + one.said()[-2000:]
    faults.descriptors(pid, soft)
    settle(one, waiting)
    assert not deaths(one)


def held_connections(port):
    """The server's ends of connections to a port that are still somebody's descriptor."""
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f.readlines()[1:]]
    return [r for r in rows if int(r[1].rpartition(":")[2], 16) == port and r[3] != "0A" and r[9] != "0"]


def cpu_of(pid):
    with open("/proc/%d/stat" % pid) as f:
        after = f.read().rpartition(")")[2].split()
    return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")


# --- clocks ------------------------------------------------------------------------------------

def at_time(when):
    return dict(system.fake_time(when), FAKETIME_NO_CACHE="1")


def validity(cert):
    return cert.not_valid_before, cert.not_valid_after


@pytest.mark.parametrize("when,year", [("@2038-02-01 12:00:00", 2038), ("@2051-06-01 12:00:00", 2051),
                                       ("@2049-12-31 23:59:50", 2049)])
def test_clock__installed_in_another_age__works(fresh, when, year):
    """UTCTime ends in 2049 and 32-bit time in 2038."""
    one = fresh(lab=True, env=at_time(when))
    req, rep = one.enrol("CN=age,O=Test")
    start, end = validity(rep.cert)
    assert start.year in (year, year - 1) and 0 < (end - start).days <= 367
    one.cli("ca", "revoke", rep.serial)
    crl = test_oracles.read_crl(one)
    assert crl.last_update.year in (year, year - 1, year + 1)
    assert rep.cert.serial_number in {r.serial_number for r in crl}
    one.stop()
    one.fsck()


@pytest.mark.parametrize("when", ["@1970-01-01 00:00:10", "@2100-01-01 00:00:00", "@2051-01-01 00:00:00"])
def test_clock__outside_the_cas_validity__nothing_issued_and_recovers(fresh, when):
    one = fresh(lab=True)
    first = device(one)
    assert ask(one, first) == "ok"
    one.stop()
    before = one.stored()
    env = dict(one.env)
    one.env.update(at_time(when))
    try:
        one.start()
        started = True
    except AssertionError:
        started = False
    if started:
        req = device(one)
        assert ask(one, req) in ("refused", 503)
        text = one.events() + one.said()
        assert any(w in text for w in ("clock", "valid", "expired", "time")), text[-2000:]
    else:
        assert any(w in one.said() for w in ("clock", "valid", "expired", "time")), one.said()[-2000:]
        req = device(one)
    one.stop()
    assert one.stored() == before
    one.env = env
    one.start()
    settle(one, [first, req])


@pytest.mark.parametrize("jump", ["+1y", "-1y", "+20y", "-60y"])
def test_clock__jumps_while_running__right_dates_or_nothing(fresh, work, jump):
    clock = os.path.join(work, "clock")

    def set_clock(text):
        with open(clock + ".new", "w") as f:
            f.write(text + "\n")
        os.chmod(clock + ".new", 0o644)
        os.rename(clock + ".new", clock)

    set_clock("+0")
    env = at_time("+0")
    del env["FAKETIME"]
    env["FAKETIME_TIMESTAMP_FILE"] = clock
    one = fresh(start=False, lab=True)
    one.env.update(env)
    one.configure(faults.without_sandbox)
    one.start()
    first, second, third = device(one), device(one), device(one)
    assert ask(one, first) == "ok"
    years = int(jump[:-1])
    set_clock("%+d" % (years * 31557600))
    now = datetime.datetime.utcnow() + datetime.timedelta(seconds=years * 31557600)
    ca = one.server().ca_certs()[1]
    inside = ca.not_valid_before <= now <= ca.not_valid_after
    got = ask(one, second)
    if inside:
        assert got == "ok"
    else:
        assert got in ("refused", 503), got
    for serial in getattr(second, "serials", ()):
        out = one.show(serial).stdout
        cert = x509.load_pem_x509_certificate(out[out.index("-----BEGIN"):].encode())
        assert abs((cert.not_valid_before - now).total_seconds()) < 2 * 86400
        assert cert.not_valid_after <= ca.not_valid_after
    set_clock("+0")
    assert ask(one, first) == "ok", "the first certificate is still the answer to its request"
    settle(one, [third] + ([second] if got != "refused" else []))


# --- hung roles --------------------------------------------------------------------------------

@pytest.mark.slow
@pytest.mark.parametrize("role", faults.ROLES)
def test_hung__role_stopped_under_load__goes_on_afterwards(fresh, role):
    """Slow: the role hangs for ten seconds, which is longer than an edge waits for its reader, and half
    of what a request has."""
    one = fresh(lab=True)
    ready(one)
    loads = [test_kills.Load(one, i, None, 7) for i in range(4)]
    for load in loads:
        if role == "front":
            load.again += (408,)  # what it had begun to read: its clock goes on while it hangs
        load.start()
    system.wait_for("load", lambda: sum(len(x.won) for x in loads) > 8)
    pid = one.role(role)
    os.kill(pid, signal.SIGSTOP)
    began, answers = time.monotonic(), {}
    try:
        while time.monotonic() - began < HANG_S:
            got = ask(one, device(one), timeout=2)
            answers[got] = answers.get(got, 0) + 1
            time.sleep(0.1)
    finally:
        if system.alive(pid):
            os.kill(pid, signal.SIGCONT)
    assert set(answers) <= {503, "closed", "ok"}, answers
    print("%s hung %d s: %s" % (role, HANG_S, answers))
    ready(one)
    won = sum(len(x.won) for x in loads)
    system.wait_for("the load goes on", lambda: sum(len(x.won) for x in loads) > won + 4)
    for load in loads:
        load.stop.set()
    for load in loads:
        load.join(test_kills.GIVE_UP_S + 10)
        if load.error:
            raise load.error
    one.stop()
    one.fsck()
    stored = one.stored()
    assert not {system.norm_serial(s) for x in loads for s in x.won} - stored


# --- edges -------------------------------------------------------------------------------------

@pytest.mark.parametrize("role", faults.ROLES)
def test_edge_cut__role_sends_garbage__new_socket_and_nobody_dies(fresh, role):
    """Whoever hears a frame that the edge's table does not have cuts its sibling off; where that was a
    fault and not an attack, both go on without a restart."""
    one = fresh(lab=True)
    ready(one)
    before = one.roles()
    cut = owned.sockets_of(one.role(role))
    assert len(cut) == (3 if role == "registrar" else 1)
    for s in cut:
        s.sendall(b"\0\0\0\0")
        s.settimeout(system.SOON_S)
        while s.recv(65536):  # until the sibling has hung up
            pass
        s.close()
    req = device(one)
    system.wait_for("an enrolment", lambda: ask(one, req) == "ok")
    assert one.roles() == before, "the roles are the same processes"
    lines = [line for line in one.said().splitlines() if "supervisor.edge" in line]
    assert len(lines) == len(cut), lines
    one.stop()
    one.fsck()


def test_edge_without_descriptor__asked_again_until_there_is_one(fresh):
    """front has no descriptor left when its sibling comes back."""
    one = fresh(lab=True)
    ready(one)
    pid = one.role("front")
    soft, _ = faults.descriptors(pid)
    faults.descriptors(pid, 4)
    os.kill(one.role("registrar"), signal.SIGKILL)
    system.wait_for("front has no descriptor", lambda: one.said().count("rpc.socket") > 1)
    faults.descriptors(pid, soft)
    req = device(one)
    system.wait_for("an enrolment", lambda: ask(one, req, timeout=5) == "ok")
    assert one.role("front") == pid
    assert len(deaths(one)) == 1
    assert "supervisor.edge" in one.said()
