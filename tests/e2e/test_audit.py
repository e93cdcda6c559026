# SPDX-License-Identifier: Apache-2.0
"""signet ca audit: the acts of the CA without another program on its database."""

import json
import os
import subprocess
import threading

import system

WHO = "uid %d" % os.geteuid()


def rows(one, *args):
    """Newest first."""
    lines = one.cli("ca", "audit", "--json", *args).stdout.splitlines()
    return [json.loads(line) for line in reversed(lines)]


def test_audit__acts__by_whom_and_to_what(fresh):
    one = fresh()
    _, rep = one.enrol("CN=first,O=Test")
    one.cli("ca", "revoke", "%x" % rep.cert.serial_number, "--reason", "superseded")
    items = rows(one)
    assert [r["seq"] for r in items] == list(range(len(items), 0, -1)), "newest first, without a gap"
    revoked = next(r for r in items if r["act"] == "revoke")
    assert revoked["who"] == WHO
    assert system.norm_serial("%x" % rep.cert.serial_number) in revoked["object"].lower()
    assert len(revoked["hash"]) == 64 and revoked["at"].endswith("Z")
    issued = next(r for r in items if r["act"] == "issue")
    assert issued["seq"] < revoked["seq"]
    text = one.cli("ca", "audit").stdout.splitlines()
    assert len(text) == len(items)
    assert [int(line.split()[0]) for line in text] == list(range(1, len(items) + 1)), "oldest first, for people"
    line = text[revoked["seq"] - 1]
    assert revoked["at"] in line and WHO in line and " revoke " in line and revoked["object"] in line


def test_audit__rest_of_a_lease__cut_for_people_whole_as_json(fresh):
    one = fresh()
    one.enrol("CN=first,O=Test")
    one.stop()
    one.start()
    given_up = rows(one, "--act", "abandon")
    assert max(len(r["detail"]) for r in given_up) > 1000
    text = one.cli("ca", "audit").stdout.splitlines()
    assert max(map(len, text)) < 200 and not any(line.endswith(" ") for line in text)


def test_audit__limit_act_and_pages__that_part(fresh):
    one = fresh()
    for n in range(4):
        one.enrol("CN=d%d,O=Test" % n)
    last = rows(one)[0]["seq"]
    assert [r["seq"] for r in rows(one, "-n", "2")] == [last, last - 1]
    assert len(rows(one, "--act", "issue")) == 4
    assert rows(one, "--act", "no such act") == []
    assert one.cli("ca", "audit", "--act", "no such act").stdout == ""
    assert one.cli("ca", "audit", "-n", "0").stdout == ""
    assert one.cli("ca", "audit", "-n", "1001", check=False).returncode == 2
    # A page after the other, as a program does it.
    seen, after = [], ""
    while True:
        p = system.run("curl", "-sS", "--fail", "--unix-socket", os.path.join(one.data, "run/ca.sock"),
                       "http://signet/v1/ca/audit?limit=3" + after)
        answer = json.loads(p.stdout)
        seen += [r["seq"] for r in answer["items"]]
        if answer["next"] is None:
            break
        after = "&after=%d" % answer["next"]
    assert seen == list(range(last, 0, -1))


def test_audit__followed__as_it_is_done(fresh):
    one = fresh()
    one.enrol("CN=before,O=Test")
    p = subprocess.Popen([system.BIN, "ca", "audit", "--follow", "--json", "-n", "1", "-c", one.conf],
                         stdout=subprocess.PIPE, env=one.env, text=True)
    got = []
    reader = threading.Thread(target=lambda: got.extend(json.loads(line) for line in p.stdout), daemon=True)
    reader.start()
    try:
        system.wait_for("the last one", lambda: len(got) == 1)
        _, rep = one.enrol("CN=after,O=Test")
        one.cli("ca", "revoke", "%x" % rep.cert.serial_number)
        system.wait_for("what was done", lambda: "revoke" in [r["act"] for r in got])
    finally:
        p.kill()
        p.wait()
        reader.join(5)
    assert [r["seq"] for r in got] == list(range(got[0]["seq"], got[0]["seq"] + len(got))), "none twice, none left out"
    assert "issue" in [r["act"] for r in got[1:]]
