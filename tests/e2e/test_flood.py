# SPDX-License-Identifier: Apache-2.0
"""Attack B5: bad messages by the thousand, of which every tenth costs operations of the RA's key, from
other addresses than the good clients'. SIGNET_LONG=1 has 5 000 a second for 30 s."""

import contextlib
import itertools
import json
import os
import re
import socket
import sqlite3
import threading
import time

import pytest

import crowd
import keys
import scep
import system

LONG = bool(os.environ.get("SIGNET_LONG"))
RATE, SECONDS = (5000, 30) if LONG else (1000, 4)
GOOD_PER_SECOND = 40 if LONG else 10
# So many that none is over its budget; prime, so that each sends messages of every kind.
ADDRESSES, CONNECTIONS = (331, 4 * 331) if LONG else (67, 4 * 67)
GOOD_ADDRESSES = 32
FEW_ADDRESSES, FEW_CONNECTIONS = (16, 512) if LONG else (2, 100)
P99_S = 1.0
OF_RATE = 0.9
PER_ADDRESS_MAX = 64  # SG_HTTP_PER_ADDR_MAX
# What deep_messages() are refused for by registrar: it asks keyd before it finds any of these.
AFTER_UNWRAP = re.compile(r"(challenge\.wrong|pattern\.no-subject|cms\.decrypt|csr\.signature|der|ber)\b")
REGISTRAR = 2  # EVENT_ROLE_REGISTRAR: not what front found


def post(body, path="/scep/crowd"):
    return (b"POST %s?operation=PKIOperation HTTP/1.1\r\nHost: a\r\n"
            b"Content-Type: application/x-pki-message\r\nContent-Length: %d\r\n\r\n%s"
            % (path.encode(), len(body), body))


def maker(one):
    """A function that makes messages of a stranger."""
    server, key = one.server("crowd"), keys.rsa("stranger")
    cert = scep.self_signed(key)

    def make(**o):
        return scep.Request(ra=server.ra, key=key, signer_cert=cert, **dict(
            dict(subject="CN=x.crowd.example,O=Test", challenge="guess"), **o)).build()
    return make


def deep_messages(one):
    """These come to the RA's key: a wrong challenge, a wrong signature, an envelope of nonsense."""
    make = maker(one)
    return [make(), make(csr={"corrupt": True}), make(csr=b"nonsense" * 40),
            make(subject="CN=other,O=Test", challenge=crowd.SECRET),
            make(envelope={"content_key": b"k" * 24})]


def signed_messages(one):
    """These are refused before, with an answer that the RA's key signs."""
    make = maker(one)
    return [make(signer={"corrupt": True}), make(message_type="18"),
            make(digest="sha1", signer={"digest": "sha1", "corrupt": True})]


def shallow_messages(one):
    """These are no SCEP messages, and answered with 400."""
    good = maker(one)()
    return [good[:-1], good[:200], os.urandom(2000), b"\x30\x80" * 1000,
            b"\x30" + b"\x84\xff\xff\xff\xff" + b"x" * 500, b"x"]


def tenths(deep, others):
    """A hundred requests, ten of which are of deep."""
    made = []
    for i in range(100):
        made.append(post(others[i % len(others)] if i % 10 else deep[i // 10 % len(deep)]))
    return made


def said(one):
    """The lines about addresses over their budget."""
    return one.cli("events", "--rule", "front.budget").stdout.splitlines()


@pytest.fixture
def town(fresh):
    one = fresh(start=False)
    crowd.crowd_config(one)
    one.start()
    return one


def unwrapped_at(one):
    """When each message of a stopped installation was refused that keyd had unwrapped, in seconds: by
    the database of registrar, which records every refusal with its reason."""
    with contextlib.closing(sqlite3.connect(os.path.join(one.data, "db/registrar/registrar.db"))) as db:
        rows = db.execute("SELECT at_us, rule FROM event WHERE role = ?", (REGISTRAR,)).fetchall()
    assert all(AFTER_UNWRAP.match(rule) for _, rule in rows), {rule for _, rule in rows}
    return sorted(at / 1e6 for at, _ in rows)


@pytest.mark.slow
@pytest.mark.alone
def test_flood__bad_messages__the_good_enrol(town, capsys):
    """Slow and alone: a thousand messages a second for four seconds.

    A tenth of the flood reaches unwrapping all the time: no address is over its budget. Until the
    strangers have a history they are as good as anybody, and when there is no room the address with the
    most that waits loses: so the good have addresses of their own here, as devices do, and in the next
    tests one for all."""
    good = crowd.Good(town)
    good.run(good.make(20))
    alone = good.run(good.make(40), per_second=GOOD_PER_SECOND)
    batch = good.make(GOOD_PER_SECOND * SECONDS)
    messages = tenths(deep_messages(town), shallow_messages(town))
    with crowd.unharmed(town), crowd.Strangers("flood", town.port, CONNECTIONS, SECONDS + 5, RATE,
                                               messages, ADDRESSES) as flood:
        begin = time.time()
        result = good.run(batch, GOOD_ADDRESSES, GOOD_PER_SECOND, GOOD_ADDRESSES)
        memory = crowd.memory_mib(town)
    said(town)  # which has what still waits written
    town.stop()
    at = unwrapped_at(town)
    thirds = [sum(0 <= t - begin - n * SECONDS / 3 < SECONDS / 3 for t in at) / (SECONDS / 3)
              for n in range(3)]
    crowd.say(capsys, "flood: alone: %s", alone)
    crowd.say(capsys, "flood: during: %s", result)
    crowd.say(capsys, "flood: %s", flood.stats)
    crowd.say(capsys, "flood: %.0f/s answered; unwrapped in each third: %s/s", flood.answered,
              ", ".join("%.0f" % n for n in thirds))
    crowd.say(capsys, "flood: %.0f MiB in all roles", memory)
    status = flood.stats["status"]
    assert set(status) <= {200, 400, 503}, status  # busy is an answer, too
    # By the server's books and by the answers: what was under way at the end has no answer.
    assert status[200] <= len(at) <= status[200] + CONNECTIONS, (status, len(at))
    if LONG:
        assert min(thirds) >= OF_RATE * RATE / 10, thirds
        assert flood.answered >= OF_RATE * RATE, flood.stats
        assert result.percentile(99) < P99_S, result


@pytest.mark.slow
@pytest.mark.alone
def test_flood__few_addresses__turned_away(town, capsys):
    """Slow and alone: two thousand messages a second for four seconds."""
    rate, seconds = (5000, 15) if LONG else (2000, 4)
    good = crowd.Good(town)
    good.run(good.make(20))
    batch = good.make(GOOD_PER_SECOND * seconds)
    messages = tenths(deep_messages(town), signed_messages(town) + shallow_messages(town))
    with crowd.unharmed(town), crowd.Strangers("flood", town.port, FEW_CONNECTIONS, 600, rate,
                                               messages, FEW_ADDRESSES) as flood:
        result = good.run(batch, 32, GOOD_PER_SECOND)
    crowd.say(capsys, "few: during: %s", result)
    crowd.say(capsys, "few: %s", flood.stats)
    status = flood.stats["status"]
    # Each address had some refused as always, before more were turned away.
    assert status.get(503, 0) > 0 and status.get(200, 0) > 0, status
    system.wait_for("an event about an address over its budget",
                    lambda: said(town), step=0.2)
    if LONG:
        assert flood.answered >= OF_RATE * rate, flood.stats
        assert result.percentile(99) < P99_S, result


@pytest.mark.slow
@pytest.mark.alone
def test_flood__many_addresses_below_the_budget__the_good_come_first(town, capsys):
    """Slow and alone: a flood of three seconds, and what waits after it.

    More operations of the RA's key than it can give, of addresses none of which is over its budget:
    the good wait for a machine that is full, but none is turned away."""
    rate, seconds, connections, addresses = (2000, 20, 2500, 250) if LONG else (600, 3, 300, 60)
    good = crowd.Good(town)
    good.run(good.make(20))
    batch = good.make(GOOD_PER_SECOND * seconds)
    messages = [post(m) for m in deep_messages(town)]
    with crowd.unharmed(town), crowd.Strangers("flood", town.port, connections, 600, rate,
                                               messages, addresses) as flood:
        if LONG:
            time.sleep(5)  # until they have a history: before that they are as good as anybody
        result = good.run(batch, 32, GOOD_PER_SECOND)
    crowd.say(capsys, "many: during: %s", result)
    crowd.say(capsys, "many: %.0f/s answered; %s", flood.answered, flood.stats)
    if LONG:
        assert result.percentile(99) < P99_S, result


def few_events(text):
    return re.sub(r"(?m)^  events-keep: .*$", "  events-keep: 1000", text)


def event_rows(one, where="1"):
    with contextlib.closing(sqlite3.connect(os.path.join(one.data, "db/registrar/registrar.db"))) as db:
        return db.execute("SELECT count(*) FROM event WHERE " + where).fetchone()[0]


def test_flood__within_the_budgets__events_bounded(fresh, capsys):
    """60 addresses of networks of their own, each refused as often as it may be: refusals that are kept
    do not grow, and those of a device that was refused before all that are still there."""
    one = fresh(start=False)
    crowd.crowd_config(one)
    one.configure(few_events)
    one.start()
    honest = scep.Server(one.url + "/crowd", source="127.8.0.1")
    for _ in range(3):
        assert honest.post(scep.Request(ra=honest.ra, challenge="wrong").build()).status == 200
    messages = [post(m) for m in deep_messages(one) + shallow_messages(one)]
    with crowd.unharmed(one), crowd.Strangers("flood", one.port, 240, 600, 1500, messages, 60) as flood:
        time.sleep(0.25)
        most, end = 0, time.monotonic() + 6
        while time.monotonic() < end:
            most = max(most, event_rows(one))
            time.sleep(0.1)
    crowd.say(capsys, "events: %d at most; %s", most, flood.stats)
    assert sum(flood.stats["status"].values()) > 2000, "not more refusals than are kept: %s" % flood.stats
    one.stop()
    assert most <= 1000 and event_rows(one) <= 1000
    assert event_rows(one) > 500
    assert event_rows(one, "peer = '127.8.0.1'") == 3
    one.start()
    one.enrol("CN=after,O=Test")


def test_flood__one_network__has_not_as_many_budgets_as_addresses(fresh, capsys):
    """60 addresses of one /24, each within its budget: the network is over its own."""
    one = fresh(start=False)
    crowd.crowd_config(one)
    one.configure(lambda text: re.sub(r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    one.start()
    message = scep.Request(ra=one.server().ra, challenge="wrong").build()
    begin, status = time.monotonic(), []
    while status[-10:] != [503] * 10 and len(status) < 2000:
        source = "127.7.7.%d" % (len(status) % 60 + 1)
        status.append(scep.Server(one.url, source=source).post(message).status)
    seconds = time.monotonic() - begin
    # 8 budgets of ten refusals each, as much of guests, who have one key here, and what comes back.
    assert 80 <= status.count(200) <= 90 + 9 * (seconds + 1), (seconds, status)
    assert status[-10:] == [503] * 10, status
    assert scep.Server(one.url, source="127.7.8.1").post(message).status == 200
    system.wait_for("the event", lambda: any("127.7.7.0/24" in n for n in said(one)), 10, 0.2)
    one.enrol("CN=neighbour,O=Test")


@pytest.mark.slow
@pytest.mark.alone
def test_flood__of_other_kinds__the_good_enrol(town, capsys):
    """Slow and alone: four floods of a second each."""
    rate, seconds = (4000, 10) if LONG else (1000, 1)
    kinds = {
        "GetCACert": b"GET /scep?operation=GetCACert HTTP/1.1\r\nHost: a\r\n\r\n",
        "connections": b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "bad heads": b"GET /scep HTTP/1.1\r\n\r\n",
        "largest bodies": post(b"\x30\x80" + b"\x24\x80\x04\x01a" * 13000),
    }
    good = crowd.Good(town)
    for kind, message in kinds.items():
        batch = good.make(GOOD_PER_SECOND * seconds)
        few = 4 if kind == "largest bodies" else 1
        with crowd.unharmed(town), crowd.Strangers("flood", town.port, FEW_CONNECTIONS, 600,
                                                   rate // few, [message], FEW_ADDRESSES) as flood:
            result = good.run(batch, 32, GOOD_PER_SECOND)
        crowd.say(capsys, "%s: during: %s", kind, result)
        crowd.say(capsys, "%s: %s", kind, flood.stats)
        if LONG:
            assert result.percentile(99) < P99_S, result


def is_turned_away(s):
    """Did the connection get a 503 without having sent anything? It is the whole of what it gets."""
    s.settimeout(system.SOON_S)
    got = b""
    while True:
        more = s.recv(4096)
        if not more:
            break
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert b"Connection: close" in lines and any(n.startswith(b"Retry-After: ") for n in lines), got
    assert body == b"" and b"Content-Length: 0" in lines, "an unsigned answer: %r" % got
    return lines[0].startswith(b"HTTP/1.1 503 ")


def test_budget__connections_of_one_address__other_addresses_are_served(fresh):
    one, source = fresh(), "127.0.0.9"
    crowded = scep.Server(one.url, source=source)
    ask = b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\n\r\n"

    def connect():
        return places.enter_context(socket.create_connection(("127.0.0.1", one.port), system.SOON_S, (source, 0)))

    with contextlib.ExitStack() as places:
        held = [connect() for _ in range(PER_ADDRESS_MAX)]
        for s in held:  # and all of them are served
            s.sendall(ask)
            assert s.recv(4096).startswith(b"HTTP/1.1 200 ")
        for _ in range(3):
            assert is_turned_away(connect())
        one.enrol("CN=neighbour,O=Test")
        assert scep.Server(one.url, source="127.0.0.10").caps()
        # A place that is given back is free.
        held[0].close()
        system.wait_for("a place", lambda: not answers_503(crowded), step=0.05)


def answers_503(server):
    return server.operation("GetCACaps").status == 503


def test_budget__refusals_of_one_address__other_addresses_notice_nothing(fresh):
    one = fresh(configure=lambda text: re.sub(
        r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    bad = scep.Server(one.url, source="127.0.0.9")
    message = scep.Request(ra=bad.ra, challenge="wrong").build()
    # Ten at once, and one a second after that, of which a slow machine may see some.
    answers = [bad.post(message)]
    while answers[-1].status == 200 and len(answers) < 500:
        answers.append(bad.post(message))
    *refused, away = answers
    assert len(refused) >= 10 and away.status == 503, (len(refused), away.status)
    assert int(away.headers["retry-after"]) > 0
    assert away.headers["content-type"] == "text/plain"
    assert bad.caps() and bad.ca_certs()  # what costs nothing is still answered
    one.enrol("CN=neighbour,O=Test")
    assert len(system.wait_for("the event", lambda: said(one), step=0.1)) == 1
    # The budget comes back with time, one a second.
    system.wait_for("an answer", lambda: bad.post(message).status == 200, step=0.3)


def flood_of_one_key(one, source, stop, status, per_second=150):
    """A wrong challenge again and again, as a fleet does whose profile is wrong."""
    server = one.server("crowd")
    key = keys.rsa("stranger")
    request = post(scep.Request(ra=server.ra, key=key, signer_cert=scep.self_signed(key),
                                subject="CN=x.crowd.example,O=Test", challenge="wrong").build())
    line = crowd.Line("127.0.0.1", one.port, source)
    due = time.monotonic()
    while not stop.is_set():
        due += 1 / per_second
        time.sleep(max(0, due - time.monotonic()))
        status.append(line.ask(request)[0])
    line.close()


@pytest.mark.parametrize("source", ["127.9.9.9", "127.9.9.77"], ids=["address", "network"])
def test_budget__good_devices_of_the_same_address__are_served(town, source):
    """150 requests a second with a wrong challenge, and 20 good devices with the same address, or one of
    the same network: every one of them is served at once, while the others are turned away."""
    stop, status = threading.Event(), []
    sources = ["127.9.9.9"] if source == "127.9.9.9" else ["127.9.9.%d" % n for n in range(9, 25)]
    floods = [threading.Thread(target=flood_of_one_key, args=(town, s, stop, status)) for s in sources]
    server = scep.Server(town.url + "/crowd", source=source)
    good = []
    for n in range(20):
        key = keys.rsa("good-%d" % (n % 4))
        req = scep.Request(ra=town.server("crowd").ra, key=key, signer_cert=scep.self_signed(key),
                           subject="CN=g%d.crowd.example,O=Test" % n, challenge=crowd.SECRET)
        good.append((req, req.build()))
    for f in floods:
        f.start()
    try:
        system.wait_for("somebody turned away", lambda: 503 in status, 30, 0.05)
        for _, message in good:
            answer = server.post(message)
            assert answer.status == 200, (answer.status, answer.body)
        away = status[len(status) // 2:].count(503)
    finally:
        stop.set()
        for f in floods:
            f.join()
    assert away > 0
    assert len([c for c in town.certs() if ".crowd.example" in json.dumps(c)]) == 20


class Devices:
    """Good ones with keys of their own: some have enrolled and renew, some come for the first time."""

    def __init__(self, town, source, new=20, old=5):
        self.server = scep.Server(town.url + "/crowd", source=source)
        self.ra = town.server("crowd").ra
        many = keys.rsa_many(new + old)
        self.old = [self.enrol(n, key) for n, key in enumerate(many[:old])]
        self.new = [self.request(n + old, key) for n, key in enumerate(many[old:])]

    def request(self, n, key, **o):
        return scep.Request(ra=self.ra, key=key, subject="CN=g%d.crowd.example,O=Test" % n,
                            **dict(dict(challenge=crowd.SECRET), **o))

    def enrol(self, n, key):
        req = self.request(n, key)
        rep = self.server.send(req)
        assert rep.status == scep.SUCCESS, rep.fail_text
        return self.request(n, key, message_type=scep.RENEWAL_REQ, signer_cert=rep.cert, challenge=None)

    def ask(self, req):
        """The seconds to wait, when it is told to wait; else None, and it has its certificate."""
        answer = self.server.post(req.build())
        if answer.status == 503:
            return int(answer.headers["retry-after"])
        assert answer.status == 200, (answer.status, answer.body)
        rep = scep.read_certrep(answer.body, self.ra, req.signer_key)
        assert rep.status == scep.SUCCESS, rep.fail_text
        return None


def flood_of_many(town, source, stop, status, messages, per_second):
    line = crowd.Line("127.0.0.1", town.port, source)
    due = time.monotonic()
    for message in messages:
        if stop.is_set():
            break
        due += 1 / per_second
        time.sleep(max(0, due - time.monotonic()))
        status.append(line.ask(post(message))[0])
    line.close()


@contextlib.contextmanager
def flooded(town, source, messages, per_second):
    """Somebody is turned away when the block begins, and still when it ends."""
    stop, status = threading.Event(), []
    thread = threading.Thread(target=flood_of_many, args=(town, source, stop, status, messages, per_second))
    thread.start()
    try:
        system.wait_for("somebody turned away", lambda: status[-20:].count(503) > 5, 60, 0.05)
        yield status
        assert thread.is_alive(), "the flood is over"
        assert 503 in status[-20:], status[-20:]
    finally:
        stop.set()
        thread.join()


def forged(message, key):
    """The same message again and again, each of another key that nobody has."""
    modulus = key.public_key().public_numbers().n.to_bytes(256, "big")
    assert modulus in message
    while True:
        yield message.replace(modulus, b"\xc0" + os.urandom(254) + b"\x01")


def test_budget__key_made_up_for_each_message__good_devices_are_served(town):
    """150 requests a second, each of a key that was never seen, or of a good device's, whose signature
    is none: those of the same address who have their keys do not even wait."""
    source = "127.9.9.9"
    devices = Devices(town, source)
    key = keys.rsa("stranger")
    message = scep.Request(ra=devices.ra, key=key, subject="CN=x.crowd.example,O=Test", challenge="x").build()
    borrowed = devices.request(0, devices.old[0].key, challenge="x", signer={"corrupt": True}).build()
    messages = (m for made in forged(message, key) for m in (made, borrowed))
    with flooded(town, source, messages, 150):
        for req in devices.old + devices.new:
            assert devices.ask(req) is None


def test_budget__good_key_turns_bad__turned_away_like_others(fresh):
    """An enrolled device that fails from now on: its key is known good until it is refused once."""
    one = fresh(start=False)
    crowd.crowd_config(one)
    one.configure(lambda text: re.sub(r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    one.start()
    devices = Devices(one, "127.9.9.9", new=0, old=1)
    key = devices.old[0].key
    message = scep.Request(ra=devices.ra, key=key, subject="CN=x.crowd.example,O=Test", challenge="x").build()
    begin, status = time.monotonic(), []
    while status[-10:] != [503] * 10 and len(status) < 1000:
        status.append(devices.server.post(message).status)
    # What an address has, three as a guest, and of both what comes back, one a second.
    assert 10 <= status.count(200) <= 14 + 2 * (time.monotonic() - begin + 1), status
    assert status[-10:] == [503] * 10, status


@pytest.mark.slow
def test_budget__real_key_for_each_message__good_devices_are_served(fresh):
    """Slow: keys are made, and who is new waits once.

    A challenge is guessed eight times as often as an address may be refused, each time by a key that
    was never seen and signs. Who renews is served at once; a new device is turned away as anybody, and
    served when it comes back as it was told."""
    one = fresh(start=False)
    crowd.crowd_config(one)
    one.configure(lambda text: re.sub(r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    one.start()
    source = "127.9.9.9"
    devices = Devices(one, source)
    messages = [scep.Request(ra=devices.ra, key=keys.rsa("stranger"), signer_key=key,
                             subject="CN=x.crowd.example,O=Test", challenge="x").build()
                for key in keys.rsa_many(260)]
    with flooded(one, source, itertools.cycle(messages), 8) as status:
        for req in devices.old:
            assert devices.ask(req) is None
        waiting, tries = devices.new, 0
        while waiting and tries < 5:
            tries += 1
            told = [(req, devices.ask(req)) for req in waiting]
            waiting = [req for req, wait in told if wait]
            if waiting:
                time.sleep(max(wait for _, wait in told if wait))
        assert not waiting, "%d of %d still wait, %s" % (len(waiting), len(devices.new), status)


def test_budget__key_made_up_for_each_message__no_more_than_twice(fresh):
    """Keys cost a stranger nothing when nobody verifies: guests have a budget, too."""
    one = fresh(configure=lambda text: re.sub(
        r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    bad = scep.Server(one.url, source="127.0.0.9")
    messages = []
    for n in range(12):
        key = keys.rsa("stranger-%d" % n)
        messages.append(scep.Request(ra=bad.ra, key=key, signer_cert=scep.self_signed(key),
                                     challenge="wrong").build())
    begin, status = time.monotonic(), []
    while status[-10:] != [503] * 10 and len(status) < 1000:
        status.append(bad.post(messages[len(status) % len(messages)]).status)
    seconds = time.monotonic() - begin
    # Ten, ten more of guests, and what comes back meanwhile, one a second of each.
    assert 12 <= status.count(200) <= 20 + 2 * (seconds + 1), (seconds, status)
    assert status[-10:] == [503] * 10, status
    one.enrol("CN=neighbour,O=Test")


def test_budget__zero__no_limit(fresh):
    one = fresh(configure=lambda text: re.sub(
        r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 0", text))
    server = one.server()
    message = scep.Request(ra=server.ra, challenge="wrong").build()
    assert {server.post(message).status for _ in range(250)} == {200}


def test_budget__successes__cost_nothing(fresh):
    one = fresh(configure=lambda text: re.sub(
        r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    req, rep = one.enrol("CN=patient,O=Test")
    message = req.build()
    for _ in range(30):  # the same request again: the same certificate
        again = one.server().send(message)
        assert again.status == scep.SUCCESS
