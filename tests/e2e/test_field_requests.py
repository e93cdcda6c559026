# SPDX-License-Identifier: Apache-2.0
"""Requests as devices of the field write them: every PKCS#10 of tests/cases/pkcs10 and more of the same
kinds, with a live challenge and the signature of a key of ours, and what comes of each."""

import os
from dataclasses import dataclass

import pytest

import der
import keys
import scep
import system
from conftest import many_refusals
from expect import refused, traced, unchanged
from system import with_endpoint

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cases/pkcs10")
SAN = "2.5.29.17"


# What these hold is a matter of names: tests/e2e/test_names.py.
ELSEWHERE = {"cn-empty.der", "cn-nfd.der", "serialnumber-printable-asterisk.der",
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
    Case("san-21.der", "CN=many,O=Test", tuple("dns:h%d.example" % n for n in range(21))),
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


# --- what templates allow ---------------------------------------------------------------------

CLIENT_AUTH, SMARTCARD = "1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2"
# A template of each option, and an endpoint of the same name that has it.
TEMPLATES = {"tight": "sans-max: 2", "nameless": "empty-subject: true", "lenient": "foreign-eku: ignore",
             "kinds": "sans: [dns, dirname, rid, other:1.3.6.1.4.1.9999.1, other:1.3.6.1.5.2.2]"}


def with_templates(text):
    for name, options in TEMPLATES.items():
        text = text.replace("\ntemplates:\n", "\ntemplates:\n  %s:\n%s" % (
            name, "".join("    %s\n" % o for o in options.split("; "))), 1)
        text = with_endpoint(text, name, template=name)
    return many_refusals(text)


@pytest.fixture(scope="module")
def field():
    """An installation with these templates."""
    with system.installed(with_templates) as one:
        yield one
        one.stop()
        one.fsck()


def refused_new(one, *args, endpoint="default"):
    """What `signet challenge new` says when it makes none."""
    p = one.cli("challenge", "new", "--endpoint", endpoint, *args, check=False)
    assert (p.returncode, p.stdout) == (2, ""), (p.returncode, p.stdout, p.stderr)
    assert p.stderr.count("\n") == 1, p.stderr
    return p.stderr


def stored_challenges(one):
    with one.db("registrar") as db:
        return db.execute("SELECT count(*) FROM challenge").fetchone()[0]


def sans_of(n):
    return tuple("dns:h%d.example" % i for i in range(n))


@pytest.mark.parametrize("endpoint,most", [("default", 100), ("tight", 2)])
def test_sans_max__as_many_and_one_more(field, endpoint, most):
    """The challenge, the request and the certificate agree about the limit."""
    _, rep = field.enrol("CN=many,O=Test", sans_of(most), endpoint=endpoint)
    expect_cert(rep, der.name("CN=many,O=Test"), sans_of(most))
    said = refused_new(field, "--subject", "CN=many", *[w for s in sans_of(most + 1) for w in ("--san", s)],
                       endpoint=endpoint)
    assert ("'sans-max: 3' would allow it" if most < 100 else "at most 100 names, a fixed limit") in said
    challenge = field.cli("challenge", "new", "--any", "--endpoint", endpoint).stdout.strip()
    with unchanged(field):
        req, rep = send(field, scep.csr(keys.rsa("field"), "CN=many", sans_of(most + 1), challenge), endpoint)
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, "sans-max: 3" if most < 100 else "at most 100 names, a fixed limit")


def test_empty_subject__with_names__critical_there(field):
    sans = ("dns:nameless.example", "email:a@b.example")
    _, rep = field.enrol("", sans, endpoint="nameless")
    expect_cert(rep, der.seq(), sans, critical=True)
    _, rep = field.enrol("CN=named", sans, endpoint="nameless")
    expect_cert(rep, der.name("CN=named"), sans)
    assert "bound to a name" in refused_new(field, endpoint="nameless")
    # A challenge for names alone is for no other subject, and one for a subject not for none.
    for subject, asked in (("", "CN=admin"), ("CN=named", "")):
        challenge = field.challenge(subject, sans, "nameless")
        with unchanged(field):
            req, rep = send(field, scep.csr(keys.rsa("field"), asked, sans, challenge), "nameless")
        refused(rep, scep.BAD_REQUEST)
        traced(field, req.transaction, r"binding\.subject")
    challenge = field.cli("challenge", "new", "--any", "--endpoint", "nameless").stdout.strip()
    with unchanged(field):
        req, rep = send(field, scep.csr(keys.rsa("field"), "", (), challenge), "nameless")
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, r"request\.subject-empty")


def test_empty_subject__renewed__the_same(field):
    key, sans = keys.rsa("field nameless"), ("dns:again.example",)
    _, rep = field.enrol("", sans, endpoint="nameless", key=key)
    new = keys.rsa("field nameless new")
    _, again = send(field, scep.csr(new, "", sans), "nameless", key=new, signer_key=key, signer_cert=rep.cert,
                    message_type=scep.RENEWAL_REQ)
    expect_cert(again, der.seq(), sans, critical=True)


def test_empty_subject__not_in_the_template__refused_with_the_option(field):
    before = stored_challenges(field)
    assert "'empty-subject: true' would allow it" in refused_new(field, "--san", "dns:a.example")
    assert stored_challenges(field) == before
    challenge = field.cli("challenge", "new", "--any").stdout.strip()
    with unchanged(field):
        req, rep = send(field, scep.csr(keys.rsa("field"), "", ("dns:a.example",), challenge))
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, "'empty-subject: true' would allow it")


def test_foreign_eku__ignored__left_out_and_said(field):
    for ekus, left_out in (((CLIENT_AUTH,), False), ((CLIENT_AUTH, SMARTCARD), True), ((SMARTCARD,), True)):
        csr = scep.csr(keys.rsa("field"), "CN=eku", (), field.challenge("CN=eku", (), "lenient"),
                       extensions=[scep.eku_extension(*ekus)])
        req, rep = send(field, csr, "lenient")
        expect_cert(rep, der.name("CN=eku"), ())
        given = [e.value for e in rep.cert.extensions if e.oid.dotted_string == "2.5.29.37"]
        assert [o.dotted_string for o in given[0]] == [CLIENT_AUTH]
        assert ("foreign extended key usage left out" in field.trace(req.transaction)) == left_out
    with unchanged(field):
        csr = scep.csr(keys.rsa("field"), "CN=eku", (), field.challenge("CN=eku", (), "lenient"),
                       extensions=[scep.eku_extension(SMARTCARD), scep.basic_constraints(True)])
        req, rep = send(field, csr, "lenient")
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, r"request\.ca")


def test_foreign_eku__refused__with_both_remedies(field):
    csr = scep.csr(keys.rsa("field"), "CN=eku", (), field.challenge("CN=eku"),
                   extensions=[scep.eku_extension(CLIENT_AUTH, SMARTCARD)])
    with unchanged(field):
        req, rep = send(field, csr)
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, r"'%s' in its 'eku' would give it, 'foreign-eku: ignore'" % SMARTCARD)


# A Kerberos principal, host/a@TEST, as RFC 4556 3.2.2 writes it.
PRINCIPAL = der.seq(der.explicit(0, der.tlv(27, b"TEST")), der.explicit(1, der.seq(
    der.explicit(0, der.integer(1)), der.explicit(1, der.seq(der.tlv(27, b"host"), der.tlv(27, b"a"))))))
KINDS = ["dirname:CN=x,O=y", "rid:1.2.3.4", "other:1.3.6.1.4.1.9999.1:ser-\u00e4 1", "other:1.3.6.1.5.2.2:#" + PRINCIPAL.hex()]


@pytest.mark.parametrize("sans", [[k] for k in KINDS] + [["dns:kinds.example", *KINDS]], ids=range(5))
def test_kinds_of_names__in_the_template__certified_as_they_stand(field, work, sans):
    _, rep = field.enrol("CN=kinds", sans, endpoint="kinds")
    expect_cert(rep, der.name("CN=kinds"), sans)
    path = os.path.join(work, "kinds.der")
    with open(path, "wb") as f:
        f.write(scep.as_der(rep.cert))
    read = system.run("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-ext", "subjectAltName").stdout
    assert ("DirName" in read) == ("dirname:CN=x,O=y" in sans) and ("Registered ID" in read) == ("rid:1.2.3.4" in sans)


@pytest.mark.parametrize("san,kind", [("dirname:CN=x", "dirname"), ("rid:1.2.3.4", "rid"),
                                      ("other:1.3.6.1.4.1.9999.1:a", "other:1.3.6.1.4.1.9999.1")])
def test_kinds_of_names__not_in_the_template__refused_with_the_option(field, san, kind):
    says = "'%s' in its 'sans' would allow it" % kind
    assert says in refused_new(field, "--subject", "CN=kinds", "--san", san)
    challenge = field.cli("challenge", "new", "--any").stdout.strip()
    with unchanged(field):
        req, rep = send(field, scep.csr(keys.rsa("field"), "CN=kinds", (san,), challenge))
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, says.replace(" ", r"\s+"))


@pytest.mark.parametrize("san", [
    "other:1.3.6.1.4.1.9999.2:a", "email:a@b.example", der.tlv(0xA3, der.seq()), der.tlv(0xA4, der.seq()),
    der.tlv(0xA0, der.oid("1.3.6.1.4.1.9999.1"), der.explicit(0, der.utf8("a\n"))),
    der.tlv(0xA0, der.oid("1.3.6.1.4.1.9999.1"), der.explicit(0, der.seq(b"\x30\x05"))),
    der.tlv(0xA0, der.oid("1.3.6.1.4.1.9999.1"), der.explicit(0, der.null(), der.null())),
    der.tlv(0xA0, der.oid("1.3.6.1.4.1.9999.1")), der.implicit(8, b"\x2a\x83"), der.implicit(8, b"")], ids=range(10))
def test_kinds_of_names__broken_or_of_another_kind__refused(field, san):
    challenge = field.cli("challenge", "new", "--any", "--endpoint", "kinds").stdout.strip()
    with unchanged(field):
        req, rep = send(field, scep.csr(keys.rsa("field"), "CN=kinds", (san,), challenge), "kinds")
    refused(rep, scep.BAD_REQUEST)
    traced(field, req.transaction, r"request\.san|\bsan\.|\bder\b|name")


def test_kinds_of_names__bound__no_other_value(field):
    for san, asked in (("rid:1.2.3.4", "rid:1.2.3.5"), ("other:1.3.6.1.4.1.9999.1:a", "other:1.3.6.1.4.1.9999.1:b"),
                       ("other:1.3.6.1.4.1.9999.1:a", "other:1.3.6.1.5.2.2:a"), ("dirname:CN=x", "dirname:CN=y")):
        challenge = field.challenge("CN=kinds", [san], "kinds")
        with unchanged(field):
            req, rep = send(field, scep.csr(keys.rsa("field"), "CN=kinds", (asked,), challenge), "kinds")
        refused(rep, scep.BAD_REQUEST)
        traced(field, req.transaction, r"binding\.san")


# --- challenges that no request could use -----------------------------------------------------

@pytest.mark.parametrize("endpoint,args,says", [
    ("default", [], "not bound to a name"),
    ("default", ["--subject", "CN=a", "--any"], "not both"),
    ("default", ["--san", "dns:a.example", "--any"], "not both"),
    ("nowhere", ["--subject", "CN=a"], "no such endpoint: 'nowhere'; there are 'kinds', "),
    ("default", ["--subject", "CN=a", "--expires", "91d"], "want 1s to 90d"),
    ("default", ["--subject", "CN=a", "--expires", "0s"], "want 1s to 90d"),
    ("default", ["--subject", "CN=a", "-s", "CN=b"], "--subject is given twice"),
    ("default", ["--subject", "CN=a", "--san", "dns:*.example"], "wildcards are not given"),
    ("default", ["--subject", "CN=a, C=FIN"], "two letters"),
    ("default", ["--subject", "CN=a", "--san", "a.example"], "'a.example': want dns:"),
    ("default", ["--subject", "CN=a", "--san", "dns:\udcff.example"], "not well-formed UTF-8"),
    ("default", ["--subject", "CN=d\udce4", "--san", "dns:a.example"], "not well-formed UTF-8"),
    ("default", ["--subject", "CN=a", "--note", "\udcff"], "not well-formed UTF-8"),
    ("default", ["--subject", "CN=a O=b"], "want ',' before the next part"),
    ("default", ["--subject", "CN=a", "--san", "rid:x"], "number"),
    ("kinds", ["--subject", "CN=a", "--san", "other:1.3.6.1.4.1.9999.1:#0c"], "hexadecimal"),
    ("kinds", ["--subject", "CN=a", "--san", "other:1.3.6.1.4.1.9999.1:#0c010a"], "well-formed"),
    ("kinds", ["--subject", "CN=a", "--san", "other:1.3.6.1.4.1.311.20.2.3:a@b"], "upn:"),
    ("default", ["--subject", "CN=a", *["--san=uri:http://a.example/%d/%s" % (n, "x" * 700) for n in range(20)]],
     "a certificate has room for 10240"),
    ("default", ["--subject", "CN=a", "--san", "dns:" + "x" * 2049], "a fixed limit"),
])
def test_challenge_new__nothing_that_its_endpoint_gives__none_made(field, endpoint, args, says):
    before = stored_challenges(field)
    assert says in refused_new(field, *args, endpoint=endpoint)
    assert stored_challenges(field) == before


def test_challenge_new__static_endpoint__none_made(signet):
    before = stored_challenges(signet)
    for args in (["--any"], ["--subject", "CN=a.printers.example, O=Test"]):
        assert "policy static: its challenge is in" in refused_new(signet, *args, endpoint="printers")
    assert stored_challenges(signet) == before
