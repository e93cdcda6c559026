# SPDX-License-Identifier: Apache-2.0
"""/health, the check of load balancers: whether an enrolment would be answered now, for as little as a ping."""

import json
import os
import signal
import threading
import time

import pytest

import system

HANG = ("registrar", "keyd", "ca")


@pytest.fixture(scope="module")
def one():
    with system.installed() as installation:
        yield installation


def health(one, method="GET", path="/health"):
    return one.server().request(method, path)


def is_well(one):
    return health(one).status == 200


def test_health__all_run__ok(one):
    system.wait_for("all roles are ready", lambda: is_well(one))
    r = health(one)
    assert (r.status, r.body, r.headers["content-type"]) == (200, b"ok\n", "text/plain")
    assert r.headers["cache-control"] == "no-store"
    for path in ("/health/", "//Health", "/health?x=y", "/health?operation=a&operation=b", "/h%65alth"):
        assert health(one, path=path).body == b"ok\n", path
    for path in ("/health/x", "/healthz", "/x/health", "/scep/health", "/health%2f"):
        assert health(one, path=path).status == 404, path


def test_health__methods(one):
    r = health(one, "HEAD")
    assert (r.status, r.body, r.headers["content-length"]) == (200, b"", "3")
    r = health(one, "OPTIONS")
    assert (r.status, r.body, r.headers["allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    r = health(one, "POST")
    assert (r.status, r.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("role", HANG)
def test_health__role_hangs__503_until_it_goes_on(one, role):
    """A hung role has its sockets still: only that it does not answer shows it."""
    system.wait_for("all roles are ready", lambda: is_well(one))
    pid = one.role(role)
    os.kill(pid, signal.SIGSTOP)
    try:
        system.wait_for("503", lambda: health(one).status == 503)
        r = health(one)
        assert (r.status, r.body) == (503, b"unavailable\n"), "who is missing is not for strangers"
        assert r.headers["retry-after"] == "5"
        assert health(one, "HEAD").status == 503
    finally:
        os.kill(pid, signal.SIGCONT)
    system.wait_for("200 again", lambda: is_well(one))
    assert one.role(role) == pid


def test_status__says_why_health_does_not_say_ok(one):
    """That of keyd, which has no socket for commands: registrar asks it."""
    system.wait_for("all roles are ready", lambda: is_well(one))
    assert "enrolments    are answered\n" in one.cli("status").stdout
    pid = one.role("keyd")
    os.kill(pid, signal.SIGSTOP)
    try:
        said = one.cli("status").stdout
        works = json.loads(one.cli("status", "--json").stdout)["registrar"]["works"]
    finally:
        os.kill(pid, signal.SIGCONT)
    assert "enrolments    are not answered: keyd does not answer\n" in said
    assert works == {"keyd": False, "ca": True}


@pytest.mark.parametrize("role", ["registrar", "ca"])
def test_status__role_hangs__named_within_seconds(one, role):
    """What the other says is shown all the same."""
    system.wait_for("all roles are ready", lambda: is_well(one))
    pid = one.role(role)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        p = one.cli("status", check=False)
        took = time.monotonic() - began
        told = json.loads(one.cli("status", "--json", check=False).stdout)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert p.returncode == 3, p.stdout + p.stderr
    assert "%s does not answer" % role in p.stderr and p.stderr.count("\n") == 1
    assert took < 12, "a minute is too long for whoever looks what is wrong"
    other = {"registrar": "ca", "ca": "registrar"}[role]
    assert list(told) == [other]
    assert "disk          %s: has room" % other in p.stdout
    if role == "ca":
        assert p.stdout.startswith("enrolments    are not answered: ca does not answer, or has no room to record\n")


@pytest.mark.parametrize("role", HANG)
def test_health__role_dies__back_with_it(one, role):
    system.wait_for("all roles are ready", lambda: is_well(one))
    pid = one.role(role)
    os.kill(pid, signal.SIGKILL)
    system.wait_for("another process", lambda: one.role(role) not in (pid, None))
    system.wait_for("200 again", lambda: is_well(one))
    one.enrol("CN=after-%s,O=Test" % role)


def test_health__many_ask_while_registrar_hangs__all_answered(one):
    """None is refused for being one of many, and none is forgotten."""
    system.wait_for("all roles are ready", lambda: is_well(one))
    pid, got = one.role("registrar"), []
    os.kill(pid, signal.SIGSTOP)
    threads = [threading.Thread(target=lambda: got.append(health(one).status)) for _ in range(40)]
    try:
        system.wait_for("503", lambda: health(one).status == 503)
        for t in threads:
            t.start()
        for t in threads:
            t.join(system.SOON_S)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert got == [503] * 40
    system.wait_for("200 again", lambda: is_well(one))


def test_health__of_an_address_over_its_budget__answered(one):
    """It is charged to nobody: a load balancer among devices that are refused sees the truth."""
    server = one.server()
    for _ in range(1000):
        if server.post(b"no message").status == 503:
            break
        assert is_well(one)
    assert is_well(one)


def test_health__in_the_access_log_and_not_in_the_database(one):
    before = one.events()
    assert is_well(one)
    log = os.path.join(one.data, "log/access.log")

    def logged():
        with open(log) as f:
            return any("/health" in line and " 200 " in line for line in f)
    system.wait_for("a line of the access log", logged)
    assert "/health" not in one.events() and len(one.events()) >= len(before)


