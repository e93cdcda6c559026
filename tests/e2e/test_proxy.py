# SPDX-License-Identifier: Apache-2.0
"""Devices behind a proxy: what X-Forwarded-For of a trusted one says, and nobody else's. The proxy is
here a connection from its address, which writes the field as it likes."""

import contextlib
import itertools
import os
import re
import socket

import pytest

import keys
import scep
import system

PROXY, SECOND_PROXY, STRANGER = "127.0.50.1", "127.0.51.1", "127.0.60.9"


def behind(text, options={}):
    """The configuration with these proxies, and a budget that is soon used up."""
    text = re.sub(r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 1", text)
    for key, value in options.items():
        text = re.sub(r"(?m)^  %s: .*$" % key, "  %s: %s" % (key, value), text)
    return text.replace("\nfront:\n", "\nfront:\n  trusted-proxies: [%s/32, 127.0.51.0/24]\n" % PROXY, 1)


@pytest.fixture
def one(fresh):
    return fresh(configure=behind)


class By(scep.Server):
    """A server that is asked from an address, with this X-Forwarded-For (a text, or none)."""

    def __init__(self, one, forwarded=None, source=PROXY):
        super().__init__(one.url, source=source)
        self.forwarded = forwarded

    def request(self, method, target, body=None, headers=None):
        headers = dict(headers or {})
        if self.forwarded is not None:
            headers["X-Forwarded-For"] = self.forwarded
        return super().request(method, target, body, headers)


def wrong(one):
    key = keys.rsa("stranger")
    return scep.Request(ra=one.server().ra, key=key, signer_cert=scep.self_signed(key),
                        challenge="wrong").build()


def use_up(server, message, forwarded=itertools.repeat(None)):
    """Refusals until there is no budget; each with another field when they are given."""
    for n, text in zip(range(500), forwarded):
        server.forwarded = server.forwarded if text is None else text
        if server.post(message).status == 503:
            assert n >= 9, "turned away after %d" % n
            return
    pytest.fail("never turned away")


def is_away(server, message):
    """One that has its whole budget is never turned away so soon; one that has none may get a second's
    worth on a machine that is slow."""
    return 503 in [server.post(message).status for _ in range(5)]


def peers(one):
    """From where the refusals were, as the events say."""
    return {row["peer"] for row in system.rows(one.cli("events", "--json").stdout)}


def test_proxy__one_device_fails__others_notice_nothing(one):
    message = wrong(one)
    use_up(By(one, "192.0.2.1"), message)
    other = By(one, "198.51.100.1")
    assert other.post(message).status == 200
    req, rep = other.enrol(subject="CN=other,O=Test", challenge=one.challenge("CN=other,O=Test"))
    assert rep.status == scep.SUCCESS
    # The same device by another proxy is the same device.
    assert is_away(By(one, "192.0.2.1", SECOND_PROXY), message)
    assert is_away(By(one, "::ffff:192.0.2.1"), message)
    assert "192.0.2.1 via %s" % PROXY in peers(one)
    assert "from 198.51.100.1 via %s\n" % PROXY in one.trace(req.transaction)


def test_proxy__two_in_a_row__right_most_that_is_none(one):
    message = wrong(one)
    use_up(By(one), message, ("198.51.%d.1, 192.0.2.1:%d, 127.0.51.5" % (n, n + 1000) for n in itertools.count()))
    assert is_away(By(one, "192.0.2.1"), message)
    assert By(one, "203.0.113.1, 127.0.51.5").post(message).status == 200
    assert By(one, "198.51.0.1").post(message).status == 200


def test_proxy__field_of_a_stranger__changes_nothing(one):
    """Neither does it give him another's budget, nor make another pay for his."""
    message = wrong(one)
    use_up(By(one, source=STRANGER), message, ("192.0.%d.1, %s" % (n, PROXY) for n in itertools.count()))
    assert is_away(By(one, "198.51.100.1", STRANGER), message)
    assert By(one, "192.0.2.1").post(message).status == 200
    assert peers(one) == {STRANGER, "192.0.2.1 via %s" % PROXY}


def test_proxy__no_address__the_proxys_own_counts(one):
    """And the text is in no log, event or trace."""
    texts = ["unknown", "_hidden", "192.0.2.1, unix:", "192.0.2.1, 1.2.3", "", "192.0.2.1;\xff", ",,"]
    message = wrong(one)
    use_up(By(one), message, itertools.cycle(texts))
    for text in texts:
        assert is_away(By(one, text), message), text
    assert By(one, "203.0.113.1").post(message).status == 200
    assert peers(one) == {PROXY, "203.0.113.1 via %s" % PROXY}
    system.wait_for("the log", lambda: logged(one, PROXY), step=0.1)
    with open(os.path.join(one.data, "log/access.log")) as f:
        assert "192.0.2.1" not in f.read()


def logged(one, address):
    """The lines of the access log with this c-ip, or with any."""
    with open(os.path.join(one.data, "log/access.log")) as f:
        return "".join(n for n in f if n[0] != "#" and n.split()[8] == address)


def test_proxy__access_log__has_the_device(one):
    By(one, "192.0.2.77").caps()
    By(one, "192.0.2.78", STRANGER).caps()
    system.wait_for("the lines", lambda: logged(one, "192.0.2.77") and logged(one, STRANGER), step=0.1)
    assert not logged(one, "192.0.2.78")


def test_proxy__connections__of_its_clients_not_its_own(fresh):
    one = fresh(configure=lambda text: behind(text, {"connections-per-address": 3}))
    ask = b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\n\r\n"

    def answer(source):
        s = places.enter_context(socket.create_connection(("127.0.0.1", one.port), system.SOON_S, (source, 0)))
        s.sendall(ask)
        with contextlib.suppress(ConnectionResetError):
            return s.recv(4096)[:12]

    with contextlib.ExitStack() as places:
        assert [answer(PROXY) for _ in range(20)] == [b"HTTP/1.1 200"] * 20
        assert [answer(STRANGER) for _ in range(3)] == [b"HTTP/1.1 200"] * 3
        assert answer(STRANGER) != b"HTTP/1.1 200"
    said = system.wait_for("the event", lambda: one.cli("events", "--rule", "front.connections").stdout, step=0.2)
    assert STRANGER in said and "front.connections-per-address: 3" in said, said


def test_connections__zero__no_limit(fresh):
    one = fresh(configure=lambda text: behind(text, {"connections-per-address": 0}))
    with contextlib.ExitStack() as places:
        for _ in range(100):
            s = places.enter_context(socket.create_connection(("127.0.0.1", one.port), system.SOON_S, (STRANGER, 0)))
            s.sendall(b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\n\r\n")
            assert s.recv(4096).startswith(b"HTTP/1.1 200 ")
