# SPDX-License-Identifier: Apache-2.0
"""kill -9 of any process at any moment, under load: nothing acknowledged is lost, the invariants hold.

SIGNET_KILLS is the number of rounds (200; 2000 in `make check-long`); SIGNET_SEED repeats a run.
SIGNET_LONG=1 also asserts how soon a role is back, on a machine that does nothing else."""

import os
import random
import signal
import threading
import time

import pytest

import conftest
import keys
import scep
import system

KILLS = int(os.environ.get("SIGNET_KILLS", "200"))
CLIENTS = 6
PARTS = 2  # as many installations, at once when there are workers: most of the time is the supervisor's pauses
GIVE_UP_S = 120
LONG = bool(os.environ.get("SIGNET_LONG"))
BACK_S = 1.0 if LONG else system.SOON_S


class Load(threading.Thread):
    """A client that never gives up: each request is repeated, now as the same bytes, now in a new
    message, until it has a certificate."""

    def __init__(self, one, number, challenges, seed, old=None):
        super().__init__(daemon=True)
        self.old = old  # a certificate of another name: some devices sign with it, and their challenge counts
        self.one, self.number, self.challenges = one, number, challenges
        self.random = random.Random("%d/%d" % (seed, number))
        self.stop = threading.Event()
        self.again = (502, 503, 504)  # what is tried again
        self.won = {}  # serial: how many requests saw it
        self.sent = self.retries = 0
        self.error = None
        self.slowest = 0.0

    def run(self):
        try:
            n = 0
            while not self.stop.is_set():
                n += 1
                self.one_device(n)
        except BaseException as e:  # noqa: B902 - reported by the test
            self.error = e

    def one_device(self, n):
        name = "k%d-%d.printers.example" % (self.number, n)
        key, signer = keys.p256("kill%d" % self.number), keys.rsa("signer%d" % (self.number % 3))
        cert = self.old if self.random.random() < 0.3 else None
        if self.challenges and self.random.random() < 0.5:
            try:
                subject, challenge = self.challenges.pop()
            except IndexError:
                return
            server, sans = self.one.server(), ()
        else:
            subject, challenge = "CN=%s,O=Test" % name, conftest.STATIC_SECRET
            server, sans = self.one.server("printers"), ("dns:" + name,)
        req = scep.Request(ra=server.ra, subject=subject, sans=sans, challenge=challenge, key=key,
                           signer_key=signer, signer_cert=cert)
        began, serials = time.monotonic(), set()
        message = req.build()
        self.sent += 1
        while True:
            serial = self.ask(server, req, message)
            if serial:
                serials.add(serial)
                # Once more now and then: an acknowledged request keeps its certificate.
                if len(serials) > 1 or self.random.random() < 0.7:
                    break
            else:
                self.retries += 1
                time.sleep(0.01)
            assert time.monotonic() - began < GIVE_UP_S, "no answer for %d s: %s" % (GIVE_UP_S, subject)
            if self.random.random() < 0.5:
                req = scep.Request(ra=server.ra, csr=req.csr, key=key, signer_key=signer, signer_cert=cert)
                message = req.build()
        assert len(serials) == 1, "two certificates for one request: %s" % serials
        self.slowest = max(self.slowest, time.monotonic() - began)
        serial = serials.pop()
        assert serial not in self.won
        self.won[serial] = subject

    def ask(self, server, req, message):
        """The serial, or None when it is worth trying again."""
        import http.client
        try:
            r = server.post(message)
        except (OSError, http.client.HTTPException):
            return None
        if r.status in self.again:
            return None
        assert r.status == 200, (r.status, r.body[:100])
        rep = scep.read_certrep(r.body, server.ra, req.signer_key)
        assert rep.status == scep.SUCCESS, "refused with %s (%s): %s" % (
            rep.fail_info, rep.fail_text, self.one.trace(rep.transaction, check=False))
        return rep.serial


def challenges_for(one, count):
    return [("CN=k%d,O=Test" % i, one.challenge("CN=k%d,O=Test" % i)) for i in range(count)]


def verify(one, loads):
    """Everything that a client saw is there, once; fsck is content."""
    for load in loads:
        if load.error:
            raise load.error
    won = [s for load in loads for s in load.won]
    assert won and len(set(won)) == len(won), "one certificate for two requests"
    for serial in random.sample(won, min(len(won), 100)):
        assert one.show(serial).returncode == 0
    one.stop()
    one.fsck()
    stored = one.stored()
    missing = set(won) - stored
    assert not missing, "lost: %s" % sorted(missing)[:5]
    # The load waits for every answer, so there is none that nobody saw.
    assert stored == set(won), "%d certificates that nobody saw" % len(stored - set(won))


def next_victim(one, rng, deaths):
    """A random role, but no fifth death of one role in ten seconds: those the supervisor delays."""
    while True:
        now = time.monotonic()
        may = [(pid, line) for pid, line in sorted(one.roles().items())
               if len([t for t in deaths.get(line, ()) if now - t < 10.5]) < 4]
        if may:
            return rng.choice(may)
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_kill__random_role_under_load__nothing_is_lost(fresh, part):
    """Slow: a role may die four times in ten seconds before the supervisor delays its next start, so
    that a hundred kills of four roles take more than a minute."""
    kills = KILLS // PARTS
    seed = int(os.environ.get("SIGNET_SEED", random.randrange(1 << 30)))
    print("SIGNET_SEED=%d" % seed)
    rng = random.Random(seed)
    one = fresh(lab=True)
    loads = []
    for i in range(CLIENTS):
        _, rep = one.enrol("CN=old%d,O=Test" % i, key=keys.rsa("signer%d" % (i % 3)))
        loads.append(Load(one, i, None, seed, rep.cert))
        loads[-1].won[rep.serial] = "CN=old%d,O=Test" % i
    stock = challenges_for(one, min(kills, 200))
    for load in loads:
        load.challenges = stock
        load.start()
    killed, slow, deaths = {}, [], {}
    try:
        for n in range(kills):
            time.sleep(rng.random() * 0.2)
            assert one.process.poll() is None, "the supervisor ended:\n" + one.said()[-2000:]
            victim, what = next_victim(one, rng, deaths)
            count = len(one.roles())
            began = time.monotonic()
            os.kill(victim, signal.SIGKILL)
            deaths.setdefault(what, []).append(began)
            killed[what] = killed.get(what, 0) + 1
            system.wait_for("the role back after kill %d of %s" % (n, what),
                            lambda: victim not in (now := one.roles()) and len(now) >= count)
            slow.append(time.monotonic() - began)
            bad = [load.error for load in loads if load.error]
            if bad:
                raise bad[0]
    finally:
        for load in loads:
            load.stop.set()
        for load in loads:
            load.join(GIVE_UP_S + 10)
    slow.sort()
    print("%d kills of %s, back after %.3f s (median), %.3f s (worst)" % (
        sum(killed.values()), killed, slow[len(slow) // 2], slow[-1]))
    print("%d certificates, %d retries, slowest %.1f s" % (
        sum(len(x.won) for x in loads), sum(x.retries for x in loads), max(x.slowest for x in loads)))
    assert slow[-1] < BACK_S, "a role was away for %.3f s" % slow[-1]
    assert len(killed) >= min(4, kills // 10), "not every role was killed: %s" % killed
    assert "supervisor.edge" not in one.said(), "a death is not an edge that ended between two that live"
    verify(one, loads)


@pytest.mark.parametrize("role", ["front", "registrar", "keyd", "ca"])
def test_kill__one_role__back_at_once(fresh, role):
    one = fresh(lab=True)
    victim = one.role(role)
    assert victim, "no process of role %s: %s" % (role, one.roles())
    req, rep = one.enrol("CN=before,O=Test")
    os.kill(victim, signal.SIGKILL)
    system.wait_for("another %s" % role, lambda: one.role(role) not in (None, victim), BACK_S)

    def enrolled():
        try:
            return one.server().send(req).serial == rep.serial
        except (AssertionError, OSError):
            return False

    system.wait_for("the same certificate again", enrolled)
    one.enrol("CN=after,O=Test")
    one.stop()
    one.fsck()


@pytest.mark.parametrize("rounds", [3])
def test_kill__supervisor_under_load__roles_end_and_the_next_run_goes_on(fresh, rounds):
    one = fresh(lab=True)
    loads = [Load(one, i, None, 1) for i in range(CLIENTS)]
    for load in loads:
        load.start()
    try:
        for _ in range(rounds):
            time.sleep(0.25)
            roles = list(one.roles())
            assert roles
            one.process.kill()
            one.process.wait()
            system.wait_for("the end of every role", lambda: not any(map(system.alive, roles)), BACK_S)
            one.start()
    finally:
        for load in loads:
            load.stop.set()
        for load in loads:
            load.join(GIVE_UP_S + 10)
    verify(one, loads)


def test_stop__sigterm_and_ctrl_c__clean_end_within_seconds(fresh):
    one = fresh()
    for sig in (signal.SIGTERM, signal.SIGINT):
        roles = list(one.roles())
        began = time.monotonic()
        status = one.stop(sig)
        assert time.monotonic() - began < 5 * BACK_S
        assert status in (0, 128 + sig), status
        assert not any(map(system.alive, roles))
        one.fsck()
        one.start()


def test_kill__every_role_at_once__back_and_consistent(fresh):
    one = fresh(lab=True)
    req, rep = one.enrol("CN=all,O=Test")
    before = one.roles()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    system.wait_for("all roles back", lambda: len(one.roles()) >= len(before) and
                    not set(one.roles()) & set(before))

    def same():
        try:
            return one.server().send(req).serial == rep.serial
        except (AssertionError, OSError):
            return False

    system.wait_for("the same certificate", same)
    one.stop()
    one.fsck()
