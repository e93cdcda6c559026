# SPDX-License-Identifier: Apache-2.0
"""What comes from one enrolment: how much of it there may be, how often, and that it is revoked as one."""

import json
import re
import threading

import keys
import pytest
import scep
import system
from cryptography import x509
from test_revocation import crl_path, earlier, listed, new_ca

SUBJECT = "CN=line,O=Test"


def limits(**options):
    """A change of the configuration: the options of renewal in place of their comments."""
    def change(text):
        for name, value in options.items():
            name = name.replace("_", "-")
            text, n = re.subn(r"(?m)^    #%s: .*$" % name, "    %s: %s" % (name, value), text)
            assert n == 1, "signet up does not show " + name
        return text
    return change


class Line:
    """A device that enrolled; every further request has a PKCS#10 of its own."""

    def __init__(self, one, subject=SUBJECT):
        self.one, self.subject, self.key, self.n = one, subject, keys.rsa("line"), 0
        self.lock = threading.Lock()
        _, rep = one.enrol(subject, key=self.key)
        self.first = rep.cert

    def request(self, by=None):
        with self.lock:
            self.n += 1
            n = self.n
        return scep.Request(ra=self.one.server().ra, subject=self.subject, key=self.key, signer_key=self.key,
                            signer_cert=by or self.first, message_type=scep.RENEWAL_REQ,
                            csr={"challenge": "renewal %d" % n})

    def renew(self, by=None):
        req = self.request(by)
        return req, self.one.server().send(req)

    def refused(self, rule, by=None):
        """A renewal that is refused by that rule; what the trace says of it."""
        req, rep = self.renew(by)
        assert rep.status == scep.FAILURE
        said = " ".join(self.one.trace(req.transaction).split())
        assert "rule " + rule + ":" in said, said
        return said

    def states(self):
        return [c["state"] for c in system.rows(self.one.cli(
            "ca", "list", "--lineage", serial(self.first), "--limit", "1000", "--json").stdout)]


def serial(cert):
    return "%x" % cert.serial_number


def in_parallel(n, run):
    threads = [threading.Thread(target=run) for _ in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
        assert not t.is_alive()


def test_cap__150_renewals_of_one_certificate__8_live_and_the_option_is_said(fresh):
    one = fresh()
    line, good, todo = Line(one), [], list(range(150))

    def work():
        while todo:
            try:
                todo.pop()
            except IndexError:
                return
            _, rep = line.renew()
            if rep.status == scep.SUCCESS:
                good.append(rep.cert)
    in_parallel(6, work)
    assert len(good) == 7 and line.states() == ["good"] * 8
    said = line.refused("renewal.successors")
    assert "endpoints.default.renewal-successors is 8" in said, said
    # Nor by way of a successor, and another device is not concerned.
    line.refused("renewal.successors", by=good[-1])
    assert Line(one, "CN=other,O=Test").renew()[1].status == scep.SUCCESS
    # What is revoked makes room, what is on hold does not.
    one.cli("ca", "revoke", serial(good[0]), "--reason", "certificateHold")
    line.refused("renewal.successors")
    one.cli("ca", "revoke", serial(good[0]), "--reason", "superseded")
    assert line.renew()[1].status == scep.SUCCESS
    line.refused("renewal.successors")
    one.stop()
    one.fsck()


def test_rate__over_the_whole_lineage__next_time_is_said(fresh):
    one = fresh(configure=limits(renewal_successors=0, renewals_per_day=5))
    line = Line(one)
    by = line.first
    for _ in range(5):
        _, rep = line.renew(by)
        assert rep.status == scep.SUCCESS
        one.cli("ca", "revoke", serial(by), "--reason", "superseded")
        by = rep.cert
    said = line.refused("renewal.rate", by)
    assert "endpoints.default.renewals-per-day is 5" in said and "not before" in said, said


def test_no_limits__as_many_as_are_asked_for(fresh):
    line = Line(fresh(configure=limits(renewal_successors=0, renewals_per_day=0)))
    for _ in range(15):
        assert line.renew()[1].status == scep.SUCCESS


def test_window__too_early__refused_until_it_opens(fresh):
    one = fresh(configure=limits(renewal_window="364d"))
    line = Line(one)
    said = line.refused("renewal.window")
    assert "endpoints.default.renewal-window" in said and "renews from" in said, said
    one.stop()
    one.configure(lambda t: t.replace("renewal-window: 364d", "renewal-window: 365d"))
    one.start()
    assert line.renew()[1].status == scep.SUCCESS


def test_repeat__at_the_cap_and_outside_the_window__the_same_certificate(fresh):
    one = fresh(configure=limits(renewal_successors=2))
    line = Line(one)
    req, rep = line.renew()
    assert rep.status == scep.SUCCESS
    line.refused("renewal.successors")
    again = dict(ra=one.server().ra, csr=req.csr, signer_key=line.key, signer_cert=line.first,
                 message_type=scep.RENEWAL_REQ)
    assert one.server().send(scep.Request(**again)).cert == rep.cert
    one.stop()
    one.configure(limits(renewal_window="1h", renewals_per_day=1))
    one.start()
    line.refused("renewal.window")
    assert one.server().send(scep.Request(**again)).cert == rep.cert


def test_revoke__one_for_key_compromise__says_what_is_good_still(fresh):
    one = fresh()
    line = Line(one)
    for _ in range(2):
        line.renew()
    first = serial(line.first)
    out = one.cli("ca", "revoke", first, "--reason", "keyCompromise").stdout
    hint = re.search(r"^2 more certificates of its lineage are good: signet (.*) revokes them$", out, re.M)
    assert hint, out
    # The command that it names does that.
    one.cli(*hint.group(1).split())
    assert line.states() == ["revoked"] * 3
    out = one.cli("ca", "revoke", serial(Line(one, "CN=alone,O=Test").first), "--reason", "keyCompromise").stdout
    assert "lineage" not in out, out


def test_revoke_lineage__chain_and_fan__all_on_the_list_none_renews(fresh):
    one = fresh()
    line, other = Line(one), Line(one, "CN=other,O=Test")
    certs = [line.first]
    for by in (line.first, line.first, None, None):
        certs.append(line.renew(by or certs[-1])[1].cert)
    one.cli("ca", "revoke", serial(certs[1]), "--reason", "superseded")
    got = json.loads(one.cli("ca", "revoke", serial(certs[2]), "--lineage", "--reason", "keyCompromise",
                             "--json").stdout)
    want = {system.norm_serial(serial(c)) for c in certs}
    done = got["lineage"]
    assert got["changed"] and done["size"] == 5 and done["revoked"] == 4 and done["ended"] == 0
    assert {system.norm_serial(s) for s in done["serials"]} == want - {system.norm_serial(serial(certs[1]))}
    with open(one.data + "/pub/ca.crl", "rb") as f:
        crl = x509.load_der_x509_crl(f.read())
    reasons = {system.norm_serial("%x" % r.serial_number): r.extensions.get_extension_for_class(
        x509.CRLReason).value.reason.value for r in crl}
    assert set(reasons) == want and reasons[system.norm_serial(serial(certs[1]))] == "superseded"
    for c in certs:
        line.refused("renewal.revoked", by=c)
    assert other.renew()[1].status == scep.SUCCESS
    out = one.cli("ca", "revoke", serial(certs[0]), "--lineage").stdout
    assert "revoked 0 of the 5 certificates of the lineage, 5 were revoked or on hold before" in out, out
    one.stop()
    one.fsck()


def test_revoke_lineage__while_it_renews__none_slips_through(fresh):
    one = fresh(configure=limits(renewal_successors=0, renewals_per_day=0))
    line, ended = Line(one), threading.Event()

    def work():
        by = line.first
        while not ended.is_set():
            _, rep = line.renew(by)
            if rep.status == scep.SUCCESS:
                by = rep.cert
            elif revoked.is_set():
                return
    revoked = threading.Event()

    def revoke():
        system.wait_for("renewals", lambda: line.n > 20)
        one.cli("ca", "revoke", serial(line.first), "--lineage", "--reason", "keyCompromise")
        revoked.set()
    threads = [threading.Thread(target=work) for _ in range(6)] + [threading.Thread(target=revoke)]
    try:
        for t in threads:
            t.start()
        for t in threads:
            t.join(60)
            assert not t.is_alive()
    finally:
        ended.set()
    states = line.states()
    assert len(states) > 6 and set(states) == {"revoked"}
    one.stop()
    one.fsck()


@pytest.mark.parametrize("key_is_here", [True, False])
def test_revoke_lineage__of_two_ca_keys__each_on_its_list_or_it_is_said(fresh, key_is_here):
    one = fresh()
    line = Line(one)
    one.stop()
    old, _ = new_ca(one, "old")
    one.configure(lambda t: earlier(t, "{key: ca/old.key, certificate: ca/old.pem}" if key_is_here
                                    else "{certificate: ca/old.pem}"))
    one.start()
    new = line.renew()[1].cert
    p = one.cli("ca", "revoke", serial(new), "--lineage", "--reason", "keyCompromise", check=key_is_here)
    # Whatever a list can tell: neither renews.
    assert line.states() == ["revoked"] * 2
    for cert in (line.first, new):
        line.refused("renewal.revoked", by=cert)
    assert listed(crl_path(one)) == {new.serial_number}
    if key_is_here:
        ski = old.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()[:8]
        assert listed(one.data + "/pub/ca-%s.crl" % ski) == {line.first.serial_number}
    else:
        for _ in range(2):  # again is no success either
            assert p.returncode == 1 and "1 of its certificates" in p.stderr, p.stderr
            assert "ca.earlier" in p.stderr
            p = one.cli("ca", "revoke", serial(line.first), "--lineage", check=False)
    one.stop()
    one.fsck()


def test_show__lineage__first_and_relations(fresh):
    one = fresh()
    line = Line(one)
    assert "this one alone" in one.show(serial(line.first)).stdout
    middle = line.renew()[1].cert
    last = line.renew(middle)[1].cert
    out = one.show(serial(middle)).stdout
    assert re.search(r"(?m)^lineage +3 certificates, 3 live, begins with %s$" % serial(line.first), out), out
    for cert, relation in ((line.first, "renewed by it"), (middle, "this one"), (last, "renews it")):
        assert re.search(r"(?m)^  %s  good .*  %s$" % (serial(cert), relation), out), out
    got = json.loads(one.cli("ca", "show", serial(last), "--json").stdout)["lineage"]
    assert (got["first"], got["size"], got["live"], got["more"]) == (serial(line.first), 3, 3, 0)
    assert [m["serial"] for m in got["members"]] == [serial(c) for c in (last, middle, line.first)]
    assert got["members"][1]["renews"] == serial(line.first) and "renews" not in got["members"][2]


def test_show__many__newest_and_a_count(fresh):
    one = fresh(configure=limits(renewal_successors=0, renewals_per_day=0))
    line = Line(one)
    for _ in range(24):
        line.renew()
    out = one.show(serial(line.first)).stdout
    assert "25 certificates, 25 live" in out and "and 5 older (signet ca list --lineage" in out, out


@pytest.mark.parametrize("what", ["zz", "", "12", "00" * 21])
def test_list_and_revoke__no_such_lineage__said(signet, what):
    for command in (["ca", "list", "--lineage", what], ["ca", "revoke", what, "--lineage"]):
        p = signet.cli(*command, check=False)
        assert p.returncode != 0 and p.stderr.startswith("signet " + " ".join(command[:2])), p.stderr


def test_rhythm_of_certmonger__years_of_renewals__never_refused(fresh):
    """28 days before each end, for nine years: two are live at a time."""
    one = fresh()
    line = Line(one)
    by = line.first
    for n in range(1, 9):
        one.stop()
        one.env = dict(one.env, **system.fake_time("+%dd" % (n * (365 - 28))))
        one.start()
        _, rep = line.renew(by)
        assert rep.status == scep.SUCCESS, one.events()
        by = rep.cert
    assert len(line.states()) == 9
