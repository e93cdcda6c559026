# SPDX-License-Identifier: Apache-2.0
"""Attack B5: bad messages by the thousand, of which every tenth costs operations of the RA's key, from
other addresses than the good clients'. SIGNET_LONG=1 has 5 000 a second for 30 s."""

import os
import re
import time

import pytest

import crowd
import keys
import scep
import system

LONG = bool(os.environ.get("SIGNET_LONG"))
RATE, SECONDS = (5000, 30) if LONG else (2000, 4)
GOOD_PER_SECOND = 40 if LONG else 10
# In four seconds few addresses come to the end of what they may have at once.
ADDRESSES, CONNECTIONS = (16, 512) if LONG else (2, 100)
P99_S = 1.0


def post(body, path="/scep/crowd"):
    return (b"POST %s?operation=PKIOperation HTTP/1.1\r\nHost: a\r\n"
            b"Content-Type: application/x-pki-message\r\nContent-Length: %d\r\n\r\n%s"
            % (path.encode(), len(body), body))


def bad_messages(one):
    """A hundred requests, ten of which reach unwrapping."""
    server, key = one.server("crowd"), keys.rsa("stranger")
    cert = scep.self_signed(key)

    def make(**o):
        return scep.Request(ra=server.ra, key=key, signer_cert=cert, **dict(
            dict(subject="CN=x.crowd.example,O=Test", challenge="guess"), **o)).build()
    # These come to the RA's key: a wrong challenge, a wrong signature, an envelope of nonsense.
    deep = [make(), make(csr={"corrupt": True}), make(csr=os.urandom(300)),
            make(subject="CN=other,O=Test", challenge=crowd.SECRET),
            make(envelope={"content_key": b"k" * 24})]
    good = make()
    # These are refused before; the first three cost the signature of an answer all the same.
    shallow = [make(signer={"corrupt": True}), make(message_type="18"),
               make(digest="sha1", signer={"digest": "sha1", "corrupt": True}),
               good[:-1], good[:200], os.urandom(2000), b"\x30\x80" * 1000,
               b"\x30" + b"\x84\xff\xff\xff\xff" + b"x" * 500, b"x"]
    made = []
    for i in range(10):
        made.append(post(deep[i % len(deep)]))
        made += [post(m) for m in shallow]
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


@pytest.mark.slow
def test_flood__bad_messages__the_good_enrol(town, capsys):
    good = crowd.Good(town)
    good.run(good.make(20))
    alone = good.run(good.make(40), per_second=GOOD_PER_SECOND)
    batch = good.make(GOOD_PER_SECOND * SECONDS)
    with crowd.unharmed(town), crowd.Strangers("flood", town.port, CONNECTIONS, SECONDS + 5, RATE,
                                               bad_messages(town), ADDRESSES) as flood:
        result = good.run(batch, 32, GOOD_PER_SECOND)
        memory = crowd.memory_mib(town)
    crowd.say(capsys, "flood: alone: %s", alone)
    crowd.say(capsys, "flood: during: %s", result)
    crowd.say(capsys, "flood: %s", flood.stats)
    crowd.say(capsys, "flood: %.0f MiB in all roles", memory)
    status = flood.stats["status"]
    # The rest was cut off, by its address: some were refused as always, more were turned away.
    assert status.get(503, 0) > 0 and status.get(200, 0) > 0, status
    system.wait_for("an event about an address over its budget",
                    lambda: said(town), 10, 0.2)
    if LONG:
        assert flood.stats["sent"] > 0.95 * RATE * SECONDS, flood.stats
        assert result.percentile(99) < P99_S, result


@pytest.mark.slow
def test_flood__many_addresses_below_the_budget__the_good_come_first(town, capsys):
    """More operations of the RA's key than it can give, of addresses none of which is over its budget:
    the good wait for a machine that is full, but none is turned away."""
    rate, seconds, connections, addresses = (2000, 20, 2500, 250) if LONG else (600, 3, 300, 60)
    good = crowd.Good(town)
    good.run(good.make(20))
    batch = good.make(GOOD_PER_SECOND * seconds)
    with crowd.unharmed(town), crowd.Strangers("flood", town.port, connections, 600, rate,
                                               bad_messages(town)[::10], addresses) as flood:
        if LONG:
            time.sleep(5)  # until they have a history: before that they are as good as anybody
        result = good.run(batch, 32, GOOD_PER_SECOND)
    crowd.say(capsys, "many: during: %s", result)
    crowd.say(capsys, "many: %s", flood.stats)


@pytest.mark.slow
def test_flood__of_other_kinds__the_good_enrol(town, capsys):
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
        with crowd.unharmed(town), crowd.Strangers("flood", town.port, CONNECTIONS, 600, rate // few, [message],
                                                   ADDRESSES) as flood:
            result = good.run(batch, 32, GOOD_PER_SECOND)
        crowd.say(capsys, "%s: during: %s", kind, result)
        crowd.say(capsys, "%s: %s", kind, flood.stats)
        if LONG:
            assert result.percentile(99) < P99_S, result


def test_budget__refusals_of_one_address__other_addresses_notice_nothing(fresh):
    one = fresh(configure=lambda text: re.sub(
        r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text))
    bad = scep.Server(one.url, source="127.0.0.9")
    message = scep.Request(ra=bad.ra, challenge="wrong").build()
    answers = [bad.post(message) for _ in range(15)]
    assert [r.status for r in answers[:10]] == [200] * 10
    assert [r.status for r in answers[12:]] == [503] * 3
    away = answers[-1]
    assert int(away.headers["retry-after"]) > 0
    assert away.headers["content-type"] == "text/plain"
    assert bad.caps() and bad.ca_certs()  # what costs nothing is still answered
    one.enrol("CN=neighbour,O=Test")
    assert len(system.wait_for("the event", lambda: said(one), 5, 0.1)) == 1
    # The budget comes back with time, one a second.
    system.wait_for("an answer", lambda: bad.post(message).status == 200, 10, 0.3)


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
