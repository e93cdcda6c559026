# SPDX-License-Identifier: Apache-2.0
"""Requests as devices of the field write them: every PKCS#10 of tests/cases/pkcs10 and more of the same
kinds, with a live challenge and the signature of a key of ours, and what comes of each."""

import os
from dataclasses import dataclass

import pytest
import der
import keys
import scep
from expect import refused, traced, unchanged

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cases/pkcs10")
SAN = "2.5.29.17"


# What these hold is a matter of names: tests/e2e/test_names.py.
ELSEWHERE = {"cn-empty.der", "cn-nfd.der", "san-21.der", "serialnumber-printable-asterisk.der",
             "serialnumber-utf8-underscore.der"}


@dataclass
class Case:
    """A file, what its challenge is bound to, and the outcome: the rule of a refusal, or a certificate
    with this subject (as bytes where its encoding matters) and these names."""
    file: str
    subject: str
    sans: tuple = ()
    rule: str = None
    want_subject: bytes = None
    want_sans: tuple = None

    @property
    def der_subject(self):
        return self.want_subject if self.want_subject is not None else der.name(self.subject)


CASES = [
    Case("version-1.der", "CN=ver1,O=Test"),
    Case("version-2.der", "CN=ver2,O=Test"),
    Case("extension-list-empty-set.der", "CN=empty,O=Test"),
    Case("extension-lists-both-same.der", "CN=fgt1,O=Test", ("dns:fgt1.example",)),
    Case("extension-lists-both-different.der", "CN=fgt2,O=Test", ("dns:fgt2.example",), rule="csr.exts.differ"),
    Case("extension-list-twice-same.der", "CN=fgt4,O=Test", ("dns:fgt4.example",)),
    Case("san-twice.der", "CN=twice,O=Test", ("dns:a.example",)),
]



def signed_anew(data, challenge, key):
    """The request in data with this challenge and this key; all other bytes as they stand."""
    info = der.parse(data)[0]
    info = der.parse(info.replaced(info[2], keys.spki(key)))
    for attribute in info[3].children if len(info) > 3 else ():
        if der.oid_text(attribute[0].body) == scep.CHALLENGE and len(attribute[1]):
            info = der.parse(info.replaced(attribute[1][0], der.printable(challenge)))
            break
    alg, sig = scep.sign_raw(key, info.der)
    return der.seq(info.der, alg, der.bits(sig))


def send(signet, csr, endpoint="default", **o):
    req = scep.Request(ra=signet.server(endpoint).ra, csr=csr, **o)
    return req, signet.server(endpoint).send(req)


def san_of(cert):
    """(the contents of the subjectAltName as they stand in the certificate, critical)"""
    ext = [e for e in cert.extensions if e.oid.dotted_string == SAN]
    if not ext:
        return None, None
    return ext[0].value.public_bytes(), ext[0].critical


def expect_cert(rep, subject, sans, critical=False):
    """A certificate with exactly these bytes of subject and names."""
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert scep.CertFields.of(rep.cert).subject == subject
    names = der.seq(*[s if isinstance(s, bytes) else scep.general_name(s) for s in sans]) if sans else None
    assert san_of(rep.cert) == (names, critical if sans else None)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.file)
def test_file__signed_anew__as_it_should_be(signet, case):
    with open(os.path.join(FOLDER, case.file), "rb") as f:
        data = f.read()
    csr = signed_anew(data, signet.challenge(case.subject, case.sans), keys.rsa("field"))
    if case.rule is None:
        _, rep = send(signet, csr)
        expect_cert(rep, case.der_subject, case.sans if case.want_sans is None else case.want_sans)
        return
    with unchanged(signet):
        req, rep = send(signet, csr)
    refused(rep, scep.BAD_REQUEST)
    traced(signet, req.transaction, case.rule.replace(".", r"\."))


def test_files__each__has_a_case():
    assert {c.file for c in CASES} | ELSEWHERE == set(os.listdir(FOLDER))


# --- a broken challenge where none is needed --------------------------------------------------

BROKEN = {
    "no string": [der.octets(b"x")], "not its encoding": [der.utf8(b"\xff")], "two that differ": [
        der.printable("a"), der.printable("b")], "NULL": [der.null()], "cut off": [b"\x13\x7f"],
    "too long": [der.utf8("x" * 16385)]}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_challenge__renewal__not_looked_at(signet, what):
    key, new = keys.rsa("field renews"), keys.rsa("field renewed")
    subject = "CN=broken challenge,O=Test"
    _, rep = signet.enrol(subject, key=key)
    csr = scep.csr(new, subject, attributes=[scep.attribute(scep.CHALLENGE, *BROKEN[what])])
    _, again = send(signet, csr, key=new, signer_key=key, signer_cert=rep.cert, message_type=scep.RENEWAL_REQ)
    expect_cert(again, der.name(subject), ())


@pytest.mark.parametrize("what,rule", [("no string", "csr.challenge.type"), ("not its encoding", "csr.challenge.encoding"),
                                       ("two that differ", "csr.challenge.values"), ("NULL", "csr.challenge.type"),
                                       ("cut off", "der"), ("too long", "csr.challenge.long")])
def test_broken_challenge__enrolment__told(signet, what, rule):
    csr = scep.csr(keys.rsa("field"), attributes=[scep.attribute(scep.CHALLENGE, *BROKEN[what])])
    with unchanged(signet):
        req, rep = send(signet, csr)
    refused(rep, scep.BAD_REQUEST)
    traced(signet, req.transaction, r"\b" + rule.replace(".", r"\."))
