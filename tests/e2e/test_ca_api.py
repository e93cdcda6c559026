# SPDX-License-Identifier: Apache-2.0
"""ca asked over HTTP: by many at once, by one who pages while certificates are issued, and by one whose
question its end comes before."""

import concurrent.futures
import http.client
import http.server
import json
import os
import re
import signal
import socketserver
import ssl
import threading
import time

import pytest
from cryptography.hazmat.primitives import serialization

import openapi
import system
from test_lineage import Line, limits, serial
from test_revocation import crl_path, listed

REVOKE = "/v1/ca/certificates/%s/revoke"


def ask(one, method, path, body=None):
    """(status, the answer as an object), held to the contract."""
    answer = one.ask(method, path, body)
    return answer.status, answer.json


def audited(one, what):
    """How many acts of revoking it the audit has."""
    with one.db("ca") as db:
        return db.execute("SELECT count(*) FROM audit WHERE act = 'revoke' AND lower(object) LIKE ?",
                          ("%" + what + "%",)).fetchone()[0]


# --- many at once -------------------------------------------------------------------------------


def test_revoke__twice_at_once__changed_once_and_on_the_list(fresh):
    one = fresh()
    serials = [serial(one.enrol("CN=dev%d,O=Test" % n)[1].cert) for n in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for s in serials:
            both = list(pool.map(lambda _: ask(one, "POST", REVOKE % s, {"reason": "superseded"}), range(4)))
            assert [status for status, _ in both] == [200] * 4, both
            assert sorted(a["changed"] for _, a in both) == [False] * 3 + [True]
            assert int(s, 16) in listed(crl_path(one))
            assert audited(one, s) == 1
    one.stop()
    one.fsck()


def test_revoke__two_reasons_at_once__one_stays_and_the_other_is_told(fresh):
    one = fresh()
    reasons = ("keyCompromise", "superseded", "cessationOfOperation", "affiliationChanged")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for n in range(6):
            s = serial(one.enrol("CN=dev%d,O=Test" % n)[1].cert)
            got = list(pool.map(lambda r: ask(one, "POST", REVOKE % s, {"reason": r}), reasons))
            assert sorted(status for status, _ in got) == [200, 409, 409, 409], got
            assert {a["rule"] for status, a in got if status == 409} == {"revoke.already"}
            reason, = [r for r, (status, _) in zip(reasons, got) if status == 200]
            assert ask(one, "GET", "/v1/ca/certificates/" + s)[1]["reason"] == reason
    one.stop()
    one.fsck()


def test_release__without_a_body_and_its_length__as_with_an_empty_one(fresh):
    """What `curl -X POST` sends."""
    one = fresh()
    s = serial(one.enrol()[1].cert)
    path = "/v1/ca/certificates/%s/release" % s
    for body in (None, {}):
        ask(one, "POST", REVOKE % s, {"reason": "certificateHold"})
        c = openapi.Connection(os.path.join(one.data, "run/ca.sock"), system.SOON_S)
        c.putrequest("POST", path)
        if body is not None:
            c.putheader("Content-Type", "application/json")
            c.putheader("Content-Length", "2")
        c.endheaders(b"" if body is None else b"{}")
        answer = c.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["lists"], answer.status
        assert ask(one, "POST", path)[0] == 409, "on a connection that it was sent to as a whole"
        c.close()


def test_list__paged_while_certificates_are_issued__none_twice_none_lost(fresh):
    one = fresh(configure=limits(renewal_successors=0, renewals_per_day=0))
    line, ended = Line(one), threading.Event()
    for _ in range(20):
        line.renew()
    before = {c["id"] for c in one.certs()}

    def work():
        while not ended.is_set():
            line.renew()
    threads = [threading.Thread(target=work) for _ in range(3)]
    try:
        for t in threads:
            t.start()
        for limit in (1, 3, 7):
            at_start = {c["id"] for c in one.certs()}
            got, after = [], ""
            while True:
                status, page = ask(one, "GET", "/v1/ca/certificates?limit=%d%s" % (limit, after))
                assert status == 200 and len(page["items"]) <= limit, page
                got += [c["id"] for c in page["items"]]
                if page["next"] is None:
                    break
                assert page["next"] == got[-1]
                after = "&after=%d" % page["next"]
            assert got == sorted(set(got), reverse=True), "each once, newest first"
            assert before <= at_start <= set(got)
            assert set(got) == set(range(1, max(got) + 1)), "nothing between two pages is left out"
    finally:
        ended.set()
        for t in threads:
            t.join(60)
    assert len(one.certs()) > len(before)


# --- a process that ends ------------------------------------------------------------------------


@pytest.mark.parametrize("lineage", [False, True])
def test_revoke__ca_killed_in_the_middle__recorded_or_not_and_never_half(fresh, lineage):
    """What was answered is recorded and on the list; what was not is whole or nothing, and the next process
    publishes the list that it owes."""
    one = fresh(configure=limits(renewal_successors=0, renewals_per_day=0))
    delay, outcomes = 0.01, set()
    for n in range(8):
        line = Line(one, "CN=dev%d,O=Test" % n)
        certs = [line.first] + [line.renew()[1].cert for _ in range(3 if lineage else 0)]
        ca, answer = one.role("ca"), []

        def revoke():
            try:
                answer.append(ask(one, "POST", REVOKE % serial(certs[0]),
                                  {"reason": "keyCompromise", "lineage": lineage}))
            except (OSError, http.client.HTTPException):
                pass
        t = threading.Thread(target=revoke)
        t.start()
        time.sleep(delay)
        os.kill(ca, signal.SIGKILL)
        t.join(60)
        assert not t.is_alive()
        system.wait_for("another ca", lambda: one.cli("ca", "list", check=False).returncode == 0, 20, 0.1)
        states = {ask(one, "GET", "/v1/ca/certificates/" + serial(c))[1]["state"] for c in certs}
        assert states in ({"good"}, {"revoked"}), states
        wanted = {c.serial_number for c in certs}
        if answer:
            assert answer[0][0] == 200 and states == {"revoked"}, answer
            assert wanted <= listed(crl_path(one))
        elif states == {"revoked"}:
            system.wait_for("the list that is owed", lambda: wanted <= listed(crl_path(one)), 20, 0.1)
        else:
            assert not wanted & listed(crl_path(one))
        # Towards the moment in which it is recorded, however fast the machine is.
        delay *= 2 if states == {"good"} else 0.6
        outcomes.add((bool(answer), states.pop()))
    assert (False, "revoked") in outcomes or len(outcomes) > 1, "all were too early, or too late: %s" % outcomes
    one.stop()
    one.fsck()


# --- the command line ---------------------------------------------------------------------------


@pytest.mark.parametrize("command,said", [
    (["ca", "show", "zz"], "a serial number of 1 to 20 bytes in hexadecimal, found 'zz'"),
    (["ca", "show", ""], "serial: want 1 to 192 bytes"),
    (["ca", "release", "01" * 23], "a serial number of 1 to 20 bytes"),
    (["ca", "revoke", "01", "--reason", "bored"], "--reason: want unspecified, keyCompromise, .* or aACompromise"),
    (["ca", "list", "--state", "all"], "--state: want good, revoked, hold, intent or failed, have 'all'"),
    (["ca", "list", "--lineage", "x"], "lineage: want a serial number"),
    (["ca", "list", "--limit", "-1"], "--limit: want a number"),
    (["ca", "list", "--subject", "\udcff"], "subject is not well-formed UTF-8")])
def test_command__mistake_of_the_operator__status_2(signet, command, said):
    p = signet.cli(*command, check=False)
    assert p.returncode == 2 and re.match("signet %s: .*%s" % (" ".join(command[:2]), said), p.stderr), p.stderr
    assert p.stdout == ""


def test_command__not_there__status_1(signet):
    for command in (["ca", "show", "12"], ["ca", "revoke", "12"], ["ca", "release", "12"],
                    ["ca", "list", "--lineage", "12"]):
        p = signet.cli(*command, check=False)
        assert p.returncode == 1 and "no certificate with this serial number" in p.stderr, p.stderr


def test_import__of_what_this_ca_issued__was_recorded_before(fresh):
    """Who puts all certificates of the devices back after a restore has some that are there."""
    one = fresh()
    cert = one.enrol()[1].cert
    path = os.path.join(one.path, "own.pem")
    with open(path, "wb") as f:
        f.write(cert.public_bytes(serialization.Encoding.PEM))
    for _ in range(2):
        assert one.cli("ca", "import", path).stdout == "was recorded before, serial %s\n" % serial(cert)
    assert len(ask(one, "GET", "/v1/ca/certificates")[1]["items"]) == 1
    one.stop()
    one.fsck()


def test_import__of_the_ca_itself__refused(fresh):
    """It lies beside the others where a loop imports all of a folder."""
    one = fresh()
    p = one.cli("ca", "import", os.path.join(one.data, "ca/ca.pem"), check=False)
    assert p.returncode == 1 and "the certificate of the CA itself" in p.stderr, p.stderr
    with open(os.path.join(one.data, "ca/ca.pem"), encoding="ascii") as f:
        contents = ssl.PEM_cert_to_DER_cert(f.read()).hex()
    status, said = ask(one, "POST", "/v1/ca/certificates", {"der": contents})
    assert (status, said["rule"], said["member"]) == (403, "import.self", "der")
    assert ask(one, "GET", "/v1/ca/certificates")[1]["items"] == []


def test_import_and_adopt__no_such_block__the_file_is_named(signet, tmp_path):
    path = str(tmp_path / "text")
    with open(path, "w") as f:
        f.write("no PEM\n")
    for command in (["ca", "import", path], ["ca", "crl", "--adopt", path]):
        p = signet.cli(*command, check=False)
        assert p.returncode == 1 and ": %s: no PEM block" % path in p.stderr, p.stderr


def test_revoke__reason_in_any_case__is_that_reason(fresh):
    one = fresh()
    s = serial(one.enrol()[1].cert)
    one.cli("ca", "revoke", s, "--reason", "KEYcompromise")
    assert ask(one, "GET", "/v1/ca/certificates/" + s.upper())[1]["reason"] == "keyCompromise"


@pytest.mark.parametrize("limit,asked,wanted,goes_on", [
    ("0", ["limit=1000", "limit=1000&after=4", "limit=1000&after=2"], [6, 5, 4, 3, 2, 1], None),
    ("2000", ["limit=1000", "limit=1000&after=4", "limit=1000&after=2"], [6, 5, 4, 3, 2, 1], None),
    ("4", ["limit=4", "limit=1&after=4"], [6, 5, 4, 3], 3), ("3", ["limit=3"], [6, 5, 4], 4)])
def test_list__more_than_a_page__asked_for_page_by_page(fresh, limit, asked, wanted, goes_on):
    """The pages are those of a role that cuts them short, as one does where they become long."""
    one = fresh()
    _, rep = one.enrol()
    real = ask(one, "GET", "/v1/ca/certificates")[1]["items"][0]
    one.stop()
    path, seen = os.path.join(one.data, "run/ca.sock"), []

    def page(query):
        items = dict(pair.split("=") for pair in query.split("&"))
        below = [n for n in range(6, 0, -1) if n < int(items.get("after", 7))]
        got = below[:min(int(items["limit"]), 3 if "after" not in items else 2)]
        return {"items": [dict(real, id=n) for n in got], "next": got[-1] if got[-1] > 1 else None}

    class Fake(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path.partition("?")[2])
            body = json.dumps(page(seen[-1])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self):
            return "command"

        def log_message(self, *a):
            pass

    os.unlink(path)  # of the process that has ended
    server = socketserver.UnixStreamServer(path, Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        got = json.loads(one.cli("ca", "list", "--limit", limit, "--json").stdout)
        assert [c["id"] for c in got["items"]] == wanted and got["next"] == goes_on
        assert got["items"][0] == dict(real, id=6)
        assert seen == asked
        lines = one.cli("ca", "list", "--limit", limit).stdout.splitlines()
        assert len(lines) == 1 + len(wanted) and lines[0].startswith("SERIAL")
    finally:
        server.shutdown()
        server.server_close()
        os.unlink(path)
