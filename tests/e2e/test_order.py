# SPDX-License-Identifier: Apache-2.0
"""In which order a message is decided: by its signer's certificate or by its challenge. Every kind of signer
with every state of a challenge in both types of message, each compared with the model: what came of it, by
which rule, whether it counted against the challenge and what became of that, and whose names are certified."""

import datetime
import hmac
import json
import os
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import conftest
import der
import keys
import model
import owned
import pytest
import scep
import system
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from expect import refused

NUMBER = iter(range(1, 1 << 30))
STATES = {1: "free", 2: "reserved", 3: "used", 4: "burned"}
POLICIES = {"one-time": "default", "static": "printers"}
SPELLING = {"certificate": str.lower, "challenge": str.title, "request": str.upper}


class Challenges:
    """The rows of an installation's challenges, which it knows by their keyed hashes."""

    def __init__(self, one):
        self.one = one
        with open(one.conf) as f:
            path = re.search(r"(?m)^ +challenge-key: *(\S+)", f.read()).group(1).strip('"')
        with open(os.path.join(one.data, path), "rb") as f:
            self.key = f.read()

    def row(self, challenge):
        """(state, failures); None: there is none, or it is forgotten."""
        name = hmac.digest(self.key, challenge.encode(), "sha256")
        with self.one.db("registrar") as db:
            row = db.execute("SELECT state, failures FROM challenge WHERE hash = ?", (name,)).fetchone()
        return row and (STATES[row[0]], row[1])

    def becomes(self, challenge, want):
        """The device has its answer before the outcome is committed."""
        system.wait_for("challenge %s" % (want,), lambda: self.row(challenge) == want)


def ended(one, key, subject, sans, endpoint, work):
    """A certificate that this CA's key signed, on record here, whose time is over."""
    ca, cert = one.ca()
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(x509.Name.from_rfc4514_string(",".join(
        reversed(subject.split(","))))).issuer_name(cert.subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now - datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(s[4:]) for s in sans]), False)
        .sign(ca, hashes.SHA256()))
    path = os.path.join(work, "%d.pem" % next(NUMBER))
    with open(path, "wb") as f:
        f.write(made.public_bytes(serialization.Encoding.PEM))
    one.cli("ca", "import", path, "--endpoint", endpoint)
    return made


class Cell:
    """One message: its names, its challenge and who signs it."""

    def __init__(self, one, policy, kind, state, message_type, work, digest="sha256"):
        self.one, self.policy, self.kind, self.state, self.type = one, policy, kind, state, message_type
        self.digest = digest
        self.endpoint, self.static = POLICIES[policy], policy == "static"
        self.word = "order-%s-%s-%d" % (kind.replace("_", "-"), state, next(NUMBER))
        self.key, self.device = keys.rsa("order csr"), keys.rsa("order device")
        self.signer = {"self_signed": self.key}.get(kind, keys.rsa("order thief") if kind == "forged" else self.device)
        self.cert = self.signer_cert(work)
        self.challenge = self.make_challenge()

    def names(self, spell="request", word=None):
        """As one of the three who say it spells it: the request, the challenge, the old certificate."""
        name = SPELLING[spell](word or self.word)
        if word is None and self.state == "mismatch" and self.static:
            return "CN=%s.elsewhere.example,O=Test" % name, ("dns:%s.printers.example" % name.lower(),)
        return "CN=%s.printers.example,O=Test" % name, ("dns:%s.printers.example" % name.lower(),)

    def enrolled(self, subject, sans, endpoint):
        _, rep = self.one.enrol(subject, sans, endpoint, key=self.device,
                                challenge=conftest.STATIC_SECRET if endpoint == "printers" else None)
        return rep.cert

    def signer_cert(self, work):
        subject, sans = self.names("certificate", self.word)
        if self.kind == "self_signed":
            return None
        if self.kind == "foreign_ca":
            return scep.self_signed(self.device, subject, issuer=der.name("CN=Elsewhere"), signer=keys.rsa("other ca"))
        if self.kind == "forged":
            return scep.self_signed(self.signer, subject, issuer=scep.CertFields.of(self.one.ca()[1]).subject)
        if self.kind == "ours_expired":
            return ended(self.one, self.device, subject, sans, self.endpoint, work)
        if self.kind == "ours_other_name":
            subject, sans = self.names("certificate", "other-" + self.word)
        cert = self.enrolled(subject, sans, "second" if self.kind == "ours_other_endpoint" else self.endpoint)
        if self.kind == "ours_revoked":
            self.one.cli("ca", "revoke", "%x" % cert.serial_number)
        return cert

    def make_challenge(self):
        if self.state in ("none", "blank", "wrong"):
            return {"none": None, "blank": "  ", "wrong": "f" * 32}[self.state]
        if self.static:
            return conftest.STATIC_SECRET
        subject, sans = self.names("challenge")
        if self.state == "mismatch":
            return self.one.challenge("CN=somebody-else,O=Test", sans)
        challenge = self.one.challenge(subject, sans, expires="1s" if self.state == "expired" else None)
        if self.state == "used":
            self.one.enrol(subject, sans, challenge=challenge, key=keys.rsa("first user"))
        return challenge

    def request(self, **o):
        subject, sans = self.names()
        args = dict(ra=self.one.server(self.endpoint).ra, subject=subject, sans=sans, challenge=self.challenge,
                    key=self.key, signer_key=self.signer, signer_cert=self.cert, message_type=self.type,
                    digest=self.digest)
        args.update(o)
        return scep.Request(**args)

    def send(self, req):
        return self.one.server(self.endpoint).send(req)

    def known(self, req):
        return json.loads(self.one.cli("trace", req.transaction, "--json").stdout)


def check_refused(cell, want, req, rep, wrong):
    refused(rep, scep.BAD_ALG if want.alg else scep.BAD_REQUEST)
    known = cell.known(req)
    said = known["events"] + [t for t in known["transactions"] if t.get("rule")]
    # A challenge that expired may have been forgotten.
    rules = {want.rule, "challenge.unknown"} if want.rule == "challenge.expired" else {want.rule}
    if not said or {s["rule"] for s in said} - rules:
        wrong.append("refused by %s, want %s" % ([s["rule"] for s in said], want.rule))
    text = " ".join(s["text"] for s in said)
    if ("(challenge." in text) != want.told_both or (want.told_both and "does not count" not in text):
        wrong.append("the operator is told of %s: %s" % ("both" if want.told_both else "one", text))


def check_issued(cell, want, req, rep, wrong):
    (tx,) = cell.known(req)["transactions"]
    kind = "renew" if want.by == "certificate" else "enrol"
    policy = "renewal" if want.by == "certificate" else cell.policy
    if (tx["state"], tx["kind"], tx["policy"]) != ("issued", kind, policy):
        wrong.append("%s by %s, kind %s, want by %s" % (tx["state"], tx["policy"], tx["kind"], want.by))
    asked = cell.names(want.names)[0]
    if scep.CertFields.of(rep.cert).subject != der.name(asked):
        wrong.append("certified for %s, want %s" % (rep.cert.subject.rfc4514_string(), asked))
    row = json.loads(cell.one.cli("ca", "show", rep.serial, "--json").stdout)
    signed = want.by == "challenge" and cell.kind.startswith("ours")
    own = "%x" % cell.cert.serial_number if signed else ""
    for where, have in (("trace", tx.get("signer", "")), ("ca show", row.get("signer", ""))):
        if system.norm_serial(have) != own:
            wrong.append("%s says that %s signed it, want %s" % (where, have or "nobody", own or "nobody"))
    if (row["lineage_id"] == row["id"]) != (want.by == "challenge"):
        wrong.append("%s lineage" % ("a new" if row["lineage_id"] == row["id"] else "the old"))
    again = cell.send(cell.request(csr=req.csr))
    if again.status != scep.SUCCESS or again.serial != rep.serial:
        wrong.append("the same again did not give the same certificate")


def run_cell(cell, rows):
    want = model.order(cell.policy, cell.kind, cell.state, cell.type, cell.digest == "sha1")
    wrong, req = [], cell.request()
    rep = cell.send(req)
    if (rep.status == scep.SUCCESS) != (want.by is not None):
        return ["%s, want %s\n%s" % ("issued" if rep.status == scep.SUCCESS else "refused", want.by or want.rule,
                                     cell.one.trace(req.transaction))]
    (check_issued if want.by else check_refused)(cell, want, req, rep, wrong)
    if want.state is not None:
        if want.by == "challenge":
            rows.becomes(cell.challenge, (want.state, int(want.counts)))
        have = rows.row(cell.challenge)
        if have is None and cell.state == "expired":
            return wrong
        if have != (want.state, int(want.counts)):
            wrong.append("challenge %s with %d failures, want %s with %d" % (*have, want.state, want.counts))
    if not want.by:  # it is tried anew, and counted anew
        two = cell.request(csr=req.csr)
        check_refused(cell, want, two, cell.send(two), wrong)
        if want.counts and rows.row(cell.challenge) not in (None, (want.state, 2)):
            wrong.append("the second failure was not counted")
    return wrong


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", model.ORDER_SIGNERS)
def test_order__every_challenge_and_type__as_the_model_says(signet, work, policy, kind):
    cells = [Cell(signet, policy, kind, state, t, work)
             for state in model.ORDER_CHALLENGES[policy] for t in (scep.PKCS_REQ, scep.RENEWAL_REQ)]
    rows = Challenges(signet)
    if policy == "one-time":
        time.sleep(2.1)  # a challenge lives a second at least
    wrong = ["%s challenge, messageType %s: %s" % (c.state, c.type, w) for c in cells for w in run_cell(c, rows)]
    assert not wrong, "%s under %s:\n%s" % (kind, policy, "\n".join(wrong))


@pytest.mark.parametrize("kind", model.ORDER_SIGNERS)
def test_order__signed_over_sha1__only_where_the_challenge_decides(signet, work, kind):
    cells = [Cell(signet, "one-time", kind, state, t, work, "sha1") for state in ("none", "used", "good", "mismatch")
             for t in (scep.PKCS_REQ, scep.RENEWAL_REQ)]
    rows = Challenges(signet)
    wrong = ["%s challenge, messageType %s: %s" % (c.state, c.type, w) for c in cells for w in run_cell(c, rows)]
    assert not wrong, "%s:\n%s" % (kind, "\n".join(wrong))


# --- one message, one certificate ------------------------------------------------------------------

def parallel(jobs):
    """The results of all, run at once."""
    barrier = threading.Barrier(len(jobs))

    def go(job):
        barrier.wait(system.SOON_S)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [f.result() for f in [pool.submit(go, j) for j in jobs]]


def sender(one, req):
    server, message = one.server(), req.build()
    return lambda: scep.read_certrep(server.post(message).body, server.ra, req.signer_key)


def test_repeated__32_at_once_under_another_devices_certificate__one_by_the_challenge(signet, work):
    cell = Cell(signet, "one-time", "ours_other_name", "good", scep.PKCS_REQ, work)
    first, before = cell.request(), signet.serials()
    reps = parallel([sender(signet, cell.request(csr=first.csr)) for _ in range(32)])
    assert {r.status for r in reps} == {scep.SUCCESS} and len({r.serial for r in reps}) == 1
    assert len(signet.serials() - before) == 1


def test_repeated__32_at_once_with_a_used_challenge__one_renewal(signet, work):
    cell = Cell(signet, "one-time", "ours", "used", scep.PKCS_REQ, work)
    first, before = cell.request(), signet.serials()
    reps = parallel([sender(signet, cell.request(csr=first.csr, message_type=t))
                     for _ in range(16) for t in (scep.PKCS_REQ, scep.RENEWAL_REQ)])
    assert {r.status for r in reps} == {scep.SUCCESS} and len({r.serial for r in reps}) == 1
    assert len(signet.serials() - before) == 1


def test_repeated__both_types_at_once_with_a_good_challenge__one_certificate_for_each_way(signet, work):
    """A RenewalReq is decided by the certificate; a PKCSReq that comes after its outcome gets that one."""
    cell = Cell(signet, "one-time", "ours", "good", scep.PKCS_REQ, work)
    first, before = cell.request(), signet.serials()
    types = [scep.PKCS_REQ, scep.RENEWAL_REQ] * 12
    reps = parallel([sender(signet, cell.request(csr=first.csr, message_type=t)) for t in types])
    assert {r.status for r in reps} == {scep.SUCCESS}
    for t in types[:2]:
        assert len({r.serial for r, asked in zip(reps, types) if asked == t}) == 1
    assert signet.serials() - before == {system.norm_serial(r.serial) for r in reps}


def test_repeated__a_pkcsreq_after_the_renewalreq__its_outcome_and_a_free_challenge(signet, work):
    cell = Cell(signet, "one-time", "ours", "good", scep.RENEWAL_REQ, work)
    req = cell.request()
    rep = cell.send(req)
    two = cell.send(cell.request(csr=req.csr, message_type=scep.PKCS_REQ))
    assert rep.status == two.status == scep.SUCCESS and rep.serial == two.serial
    assert Challenges(signet).row(cell.challenge) == ("free", 0)


def test_repeated__a_renewalreq_after_the_pkcsreq__is_decided_by_the_certificate(signet, work):
    for kind, status in (("ours", scep.SUCCESS), ("ours_revoked", scep.FAILURE)):
        cell = Cell(signet, "one-time", kind, "good", scep.PKCS_REQ, work)
        req = cell.request()
        rep = cell.send(req)
        assert rep.status == scep.SUCCESS
        two = cell.send(cell.request(csr=req.csr, message_type=scep.RENEWAL_REQ))
        assert two.status == status and (status != scep.SUCCESS or two.serial != rep.serial)
        assert cell.send(cell.request(csr=req.csr)).serial == rep.serial, "each way has its own outcome"


def test_failed__at_ca__counted_and_tried_anew_by_the_same_challenge(fresh, work):
    one = fresh(lab=True)
    cell = Cell(one, "one-time", "ours_revoked", "good", scep.PKCS_REQ, work)
    first = cell.request()
    with owned.Owned(one, "ca") as (edge,):
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(sender(one, first))
            kind, number, fields = edge.read()
            assert kind == owned.RC_ISSUE and fields[2] == owned.BOUND
            assert fields[7] == scep.as_der(cell.cert), "who signed"
            edge.say(owned.RC_ISSUED, number, 0x200, b"test.owned", b"no", b"", b"", b"")
            refused(answer.result())
    assert Challenges(one).row(cell.challenge) == ("free", 1)
    system.wait_for("the next ca", lambda: one.role("ca"))
    again = cell.request(csr=first.csr)
    rep = system.wait_for("the certificate", lambda: issued(cell, again), step=0.2)
    (tx,) = cell.known(again)["transactions"]
    assert (tx["kind"], tx["attempt"], tx["state"]) == ("enrol", 2, "issued")
    assert system.norm_serial(tx["signer"]) == "%x" % cell.cert.serial_number
    Challenges(one).becomes(cell.challenge, ("used", 1))
    number = "%x" % cell.cert.serial_number
    assert re.search(r"(?m)^signed by  0*%s, a certificate of this CA$" % number, one.trace(again.transaction))
    assert re.search(r"(?m)^signed by   0*%s," % number, one.show(rep.serial).stdout)
    assert cell.send(cell.request(csr=first.csr)).serial == rep.serial
    one.stop()
    one.fsck()


def issued(cell, req):
    """The CertRep with a certificate; None while a role is not back."""
    response = cell.one.server(cell.endpoint).post(req.build())
    if response.status != 200:
        return None
    rep = scep.read_certrep(response.body, cell.one.server(cell.endpoint).ra, req.signer_key)
    return rep if rep.status == scep.SUCCESS else None


@pytest.mark.slow
@pytest.mark.parametrize("repeat_at_once", [False, True])
def test_crash__both_roles_while_the_challenge_is_reserved__one_certificate_by_the_challenge(
        fresh, work, repeat_at_once):
    """What a crash left is taken over by the device's retry, or recovery gives it up and the retry begins anew;
    never is it left to the certificate, which would be refused. Slow: the first request waits all the 20 seconds
    that registrar gives it, for a ca that does not answer."""
    one = fresh(lab=True)
    cell = Cell(one, "one-time", "ours_revoked", "good", scep.PKCS_REQ, work)
    first, before = cell.request(), one.serials()
    with owned.Owned(one, "ca") as (edge,):
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(lambda: one.server().post(first.build()).status)
            assert edge.read()[0] == owned.RC_ISSUE
            assert Challenges(one).row(cell.challenge) == ("reserved", 0)
            os.kill(one.role("registrar"), signal.SIGKILL)
            if not repeat_at_once:
                assert answer.result() == 503
    again = cell.request(csr=first.csr)
    rep = system.wait_for("the certificate", lambda: issued(cell, again), step=0.2)
    assert one.serials() - before == {system.norm_serial(rep.serial)}
    Challenges(one).becomes(cell.challenge, ("used", 0))
    one.stop()
    one.fsck()


# --- profile strict --------------------------------------------------------------------------------

def test_strict__another_key_than_the_requests__only_under_a_certificate_of_ours(signet):
    """RFC 8894 2.3: that a certificate names this CA is not enough."""
    server, subject = signet.server("strict"), "CN=strict-order,O=Test"
    device, thief = keys.rsa("order device"), keys.rsa("order thief")
    _, rep = signet.enrol("CN=strict-other,O=Test", endpoint="strict", key=device,
                          attrs={"signing_time": scep.NOW})
    issuer = scep.CertFields.of(rep.cert).issuer

    def send(signer, cert, key=None):
        challenge = signet.challenge(subject, endpoint="strict")
        req = scep.Request(ra=server.ra, subject=subject, challenge=challenge, key=key or keys.rsa("order csr"),
                           signer_key=signer, signer_cert=cert, attrs={"signing_time": scep.NOW})
        return req, server.send(req), Challenges(signet).row(challenge)

    _, ours, row = send(device, rep.cert)
    assert ours.status == scep.SUCCESS
    _, own_key, _ = send(thief, scep.self_signed(thief, issuer=issuer), key=thief)
    assert own_key.status == scep.SUCCESS, "the signer is as good as self-signed, with the request's key"
    req, forged, row = send(thief, scep.self_signed(thief, issuer=issuer))
    refused(forged, scep.BAD_REQUEST)
    assert row == ("free", 0)
    said = " ".join(signet.trace(req.transaction).split())
    assert "rule renewal.foreign:" in said and "(scep.strict.key)" in said, said


# --- a renewal that leaves the alternative names out -------------------------------------------------

@pytest.fixture(scope="module")
def keeping():
    """Endpoints "default" and "keep", and "bare", whose template allows an empty subject, too."""
    def change(text):
        text = text.replace("\ntemplates:\n", "\ntemplates:\n  bare:\n    empty-subject: true\n", 1)
        text = system.with_endpoint(text, "keep", renewal_sans="keep")
        return conftest.many_refusals(system.with_endpoint(text, "bare", template="bare", renewal_sans="keep"))

    with system.installed(change) as one:
        yield one


def renew(one, endpoint, subject, sans, asked, message_type, key):
    """Enrol, then ask for other names under that certificate; (old, Request, CertRep)."""
    _, old = one.enrol(subject, sans, endpoint, key=key)
    server = one.server(endpoint)
    req = scep.Request(ra=server.ra, subject=subject.swapcase().replace("cn=", "CN=").replace("o=", "O="),
                       sans=asked, key=keys.rsa("order csr"), signer_key=key, signer_cert=old.cert,
                       message_type=message_type)
    return old.cert, req, server.send(req)


def san_bytes(cert):
    return cert.extensions.get_extension_for_class(x509.SubjectAlternativeName)


@pytest.mark.parametrize("message_type", [scep.PKCS_REQ, scep.RENEWAL_REQ])
def test_renewal__without_sans__by_the_endpoint(keeping, message_type):
    key, sans = keys.rsa("order device"), ("dns:Left.example", "email:out@left.example")
    _, req, rep = renew(keeping, "default", "CN=left,O=Test", sans, (), message_type, key)
    refused(rep, scep.BAD_REQUEST)
    said = " ".join(keeping.trace(req.transaction).split())
    assert "rule renewal.san:" in said and "has dns:Left.example, email:out@left.example, " in said, said
    assert "asks for no names" in said and "endpoints.default.renewal-sans: keep" in said, said
    old, req, rep = renew(keeping, "keep", "CN=left,O=Test", sans, (), message_type, key)
    assert rep.status == scep.SUCCESS
    assert san_bytes(rep.cert) == san_bytes(old) and rep.cert.subject == old.subject
    again = scep.Request(ra=keeping.server("keep").ra, csr=req.csr, key=req.key, signer_key=key, signer_cert=old,
                         message_type=message_type)
    assert keeping.server("keep").send(again).serial == rep.serial
    assert '"renew"' in keeping.cli("trace", req.transaction, "--json").stdout
    # Without a subject the names are all that it has.
    old, req, rep = renew(keeping, "bare", "", sans, (), message_type, key)
    assert rep.status == scep.SUCCESS and san_bytes(rep.cert) == san_bytes(old) and san_bytes(old).critical


@pytest.mark.parametrize("endpoint", ["default", "keep"])
@pytest.mark.parametrize("sans,asked", [(("dns:a.example", "dns:b.example"), ("dns:a.example",)),
                                        (("dns:a.example",), ("dns:b.example",)), ((), ("dns:a.example",))])
def test_renewal__with_other_sans__refused_whatever_the_endpoint_keeps(keeping, endpoint, sans, asked):
    _, req, rep = renew(keeping, endpoint, "CN=others,O=Test", sans, asked, scep.RENEWAL_REQ, keys.rsa("order device"))
    refused(rep, scep.BAD_REQUEST)
    said = keeping.trace(req.transaction)
    assert "renewal.san:" in said and "renewal-sans: keep'" not in " ".join(said.split()), said


def test_enrolment__without_the_sans_of_the_challenge__refused_where_renewals_keep(keeping):
    """The option is about certificates that renew: a challenge is for the names that it is for."""
    challenge = keeping.challenge("CN=bound,O=Test", ("dns:bound.example",), "keep")
    req, rep = keeping.server("keep").enrol(subject="CN=bound,O=Test", challenge=challenge)
    refused(rep, scep.BAD_REQUEST)
    assert "binding.san" in keeping.trace(req.transaction)
