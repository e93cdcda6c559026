# SPDX-License-Identifier: Apache-2.0
"""One trace for each enrolment: steps, times, outcome; for a refusal the rule, cause and remedy."""

import glob
import json
import os
import re
import subprocess

import pytest

import scep
import system
from expect import refused, traced


@pytest.fixture(scope="module")
def one(signet):
    return signet.enrol("CN=traced,O=Test", ("dns:traced.example",))


@pytest.mark.parametrize("what", ["transaction", "serial", "subject"])
def test_trace__issued__found_by(signet, one, what):
    req, rep = one
    key = {"transaction": req.transaction, "serial": rep.serial, "subject": "CN=traced,"}[what]
    out = signet.trace(key)
    for role in ("front", "registrar", "ca"):
        assert role in out, out
    assert rep.serial in out.lower().replace(":", "")
    assert "CN=traced" in out


def test_trace__issued__all_processes_share_one_id(signet, one):
    req, rep = one
    ids = {m for m in re.findall(r"\b[0-9a-f]{16,32}\b|\b[0-9A-Z]{20,32}\b", signet.trace(rep.serial))}
    by_id = [i for i in ids if signet.cli("trace", i, check=False).returncode == 0]
    assert by_id


def test_trace__json__steps_as_objects(signet, one):
    req, rep = one
    told = json.loads(signet.cli("trace", rep.serial, "--json").stdout)
    (tx,) = told["transactions"]
    assert (tx["state"], tx["kind"], tx["transaction"]) == ("issued", "enrol", req.transaction)
    assert system.norm_serial(tx["serial"]) == system.norm_serial(rep.serial)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", tx["started_at"])
    steps = tx["steps"]
    assert {s["role"] for s in steps} >= {"front", "registrar", "ca"}
    assert [s["since_us"] for s in steps] == sorted(s["since_us"] for s in steps)
    assert {s["outcome"] for s in steps} == {"ok"}
    assert ("issue", "ca-signed") in {(s["step"], s["done"]) for s in steps}


def test_trace__unknown__says_so(signet):
    p = signet.cli("trace", "no-such-transaction", check=False)
    assert p.returncode != 0 and (p.stdout + p.stderr).strip()


def test_trace__refusal__rule_cause_and_remedy(signet):
    req, rep = signet.server().enrol(subject="CN=traced-no,O=Test", challenge="wrong")
    refused(rep)
    out = traced(signet, req.transaction, r"challenge")
    assert re.search(r"signet challenge new|challenge", out)
    assert len(out.splitlines()) >= 3


def test_trace__refusal_at_front__is_there(signet):
    req, rep = signet.server().enrol(challenge="x", digest="md5")
    refused(rep, scep.BAD_ALG)
    assert "front" in traced(signet, req.transaction, r"md5")


def test_events__filter_and_json(signet):
    assert signet.server().enrol(subject="CN=event,O=Test", challenge="wrong")[1].status == scep.FAILURE
    assert signet.cli("events", "--json").stdout.strip()
    for line in system.rows(signet.cli("events", "--json").stdout):
        assert isinstance(line, dict)


def test_events__follow__the_last_and_what_comes(signet):
    """One question: nothing is asked again and again."""
    refused(signet.server().enrol(subject="CN=before,O=Test", challenge="wrong")[1])
    p = subprocess.Popen([system.BIN, "events", "--follow", "--json", "-n", "1", "-c", signet.conf],
                         stdout=subprocess.PIPE, text=True)
    try:
        first = json.loads(p.stdout.readline())
        assert first["subject"] == "CN=before, O=Test"
        for n in range(3):
            refused(signet.server().enrol(subject="CN=after%d,O=Test" % n, challenge="wrong")[1])
            e = json.loads(p.stdout.readline())
            assert (e["subject"], e["role"], e["code"]) == ("CN=after%d, O=Test" % n, "registrar", "denied")
            assert e["id"] > first["id"]
    finally:
        p.kill()
        p.communicate()


def test_events__limit__the_newest_in_their_order(signet):
    for n in range(3):
        refused(signet.server().enrol(subject="CN=limit%d,O=Test" % n, challenge="wrong")[1])
    told = system.rows(signet.cli("events", "--json", "-n", "2", "--subject", "cn=LIMIT").stdout)
    assert [e["subject"] for e in told] == ["CN=limit1, O=Test", "CN=limit2, O=Test"]
    assert signet.cli("events", "-n", "0").stdout == ""
    assert signet.cli("events", "-n", "1001", check=False).returncode == 2
    assert signet.cli("trace", "limit", "-n", "0", check=False).returncode == 2


def test_trace_and_events__no_challenge_in_them(signet):
    challenge = signet.challenge("CN=canary,O=Test")
    req, rep = signet.server().enrol(subject="CN=canary,O=Test", challenge=challenge)
    assert rep.status == scep.SUCCESS
    text = signet.trace(rep.serial) + signet.events() + open(signet.log_path, errors="replace").read()
    assert challenge not in text
    for path in glob.glob(signet.data + "/**/*", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                assert challenge.encode() not in f.read(), path


def test_access_log__w3c_extended__as_iis_writes_it(signet, one):
    logs = [p for p in glob.glob(signet.data + "/**/*.log", recursive=True) if "access" in p]
    assert logs, "no access log under " + signet.data

    def complete():
        with open(logs[0]) as f:
            text = f.read()
        return text if "PKIOperation" in text else None

    text = system.wait_for("a line in the access log", complete)
    fields = re.search(r"(?m)^#Fields: (.*)$", text).group(1).split()
    for want in ("date", "time", "cs-method", "cs-uri-stem", "cs-uri-query", "c-ip", "sc-status"):
        assert want in fields
    assert re.search(r"(?m)^#Software:", text) and re.search(r"(?m)^#Version: 1\.0$", text)
    rows = [line.split(" ") for line in text.splitlines() if line and not line.startswith("#")]
    assert rows and all(len(r) == len(fields) for r in rows)
    assert any(r[fields.index("sc-status")] == "200" for r in rows)


def test_status__counts_certificates(signet, one):
    out = signet.cli("status").stdout
    assert int(re.search(r"certificates\s+(\d+) good", out).group(1)) >= 1
    assert isinstance(json.loads(signet.cli("status", "--json").stdout), dict)


def test_explain__every_rule_of_the_list__cause_and_remedy(signet_bin):
    listed = system.run(system.BIN, "explain").stdout.splitlines()
    assert len(listed) > 50
    for line in listed[::7]:
        assert len(system.run(system.BIN, "explain", line.split()[0]).stdout.splitlines()) >= 3


def test_roles__each_its_own_process_and_as_root_its_own_user(signet):
    pids = signet.roles()
    assert len(pids) >= 4
    if os.geteuid() == 0:
        uids = [uid_of(p) for p in pids]
        assert 0 not in uids and len(set(uids)) == len(uids), uids


def uid_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"(?m)^Uid:\s+(\d+)", f.read()).group(1))
