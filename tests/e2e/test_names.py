# SPDX-License-Identifier: Apache-2.0
"""What stands in a certificate: whose spelling of a name, and which names can be in one at all."""

import contextlib
import json
import os
import pathlib
import re
import signal
import sqlite3
import threading

import pytest
from cryptography.hazmat.primitives import serialization

import bad_requests
import der
import keys
import scep
import system

from conftest import STATIC_SECRET as SECRET


def subject_of(cert):
    return scep.CertFields.of(cert).subject


def refused(signet, server, req, what):
    """The rule by which a request was refused."""
    rep = server.send(req)
    assert rep.status == scep.FAILURE, what
    found = system.wait_for("an event of " + what, lambda: json.loads(
        signet.cli("trace", req.transaction, "--json").stdout)["events"])
    return found[-1]["rule"]


# --- whose spelling ----------------------------------------------------------------------------

MINE = "C=FI, O=Test, CN=bob smith"
OTHER = [("C", (der.UTF8, b"fi")), ("O", (der.PRINTABLE, b"TEST")), ("CN", (der.BMP, " BOB   Smith ".encode("utf-16-be")))]
MY_SANS = ("dns:Bob.Example", "email:Bob@Example.org", "uri:http://Example.org/Bob", "upn:Bob@corp.Example",
           "ip:192.0.2.1")
OTHER_SANS = ("ip:192.0.2.1", "upn:Bob@CORP.example", "dns:BOB.example", "uri:HTTP://EXAMPLE.org/Bob",
              "email:Bob@EXAMPLE.ORG", "dns:bob.EXAMPLE")


def san_of(cert):
    return cert.extensions.get_extension_for_oid(scep.x509.OID_SUBJECT_ALTERNATIVE_NAME).value.public_bytes()


def sans_der(sans):
    return der.seq(*[scep.general_name(s) for s in sans])


def mine(cert, sans=MY_SANS):
    """The administrator's spelling, byte by byte."""
    assert subject_of(cert) == der.name(MINE)
    if sans:
        assert san_of(cert) == sans_der(sans)
    return cert


@pytest.mark.parametrize("challenge,asked", [
    ("CN=bob", [("CN", "BOB")]), ("CN=bob", [("CN", "  bob ")]), ("CN=bob", [("CN", (der.PRINTABLE, b"Bob"))]),
    ("CN=Bob", [("CN", "bob")]), ("CN=bob, O=Test", [("CN", (20, b"BOB")), ("O", (der.PRINTABLE, b"tEST"))]),
    ("E=Bob@Example, CN=b", [("E", (der.UTF8, b"bob@example")), ("CN", "B")])])
def test_challenge__other_spelling__the_administrators_is_certified(signet, work, challenge, asked):
    req, rep = signet.server().enrol(subject=asked, challenge=signet.challenge(challenge))
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert subject_of(rep.cert) == der.name(challenge)
    path = pathlib.Path(work) / "spelled.der"
    path.write_bytes(scep.as_der(rep.cert))
    said = system.run("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-subject", "-nameopt",
                      "RFC2253").stdout.strip()
    assert said.startswith("subject=") and challenge.split(",")[0].split("=")[1] in said
    assert challenge.split(",")[0].split("=")[1] in [a.value for a in rep.cert.subject]


CASES = pathlib.Path(__file__).parent.parent / "cases" / "pkcs10"


def subject_of_case(name):
    """The subject of a request that a device sent, byte by byte."""
    return scep.x509.load_der_x509_csr((CASES / (name + ".der")).read_bytes()).subject.public_bytes()


@pytest.mark.parametrize("challenge,asked", [
    ("CN=J\u00fcrgen, O=Test", "cn-nfd"), ("CN=\u00c4RZTE", [("CN", "\u00e4rzte")]),
    ("CN=Stra\u00dfe", [("CN", "STRASSE")]), ("CN=ab", [("CN", "a\u00ad\u200bB")]), ("CN=a b", [("CN", "a\u00a0B")]),
    ("CN=a", [("CN", (der.BMP, "\uff21".encode("utf-16-be")))])])
def test_challenge__other_spelling_beyond_ascii__the_administrators_is_certified(signet, challenge, asked):
    """RFC 5280 7.1, RFC 4518."""
    subject = subject_of_case(asked) if isinstance(asked, str) else asked
    req, rep = signet.server().enrol(subject=subject, challenge=signet.challenge(challenge))
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert subject_of(rep.cert) == der.name(challenge)


def test_challenge__looks_alike__refused(signet):
    for asked in ("\u0430lice", "al\u0131ce", "alice\u0301"):
        req = scep.Request(ra=signet.server().ra, subject=[("CN", asked)], challenge=signet.challenge("CN=alice"))
        assert refused(signet, signet.server(), req, ascii(asked)) == "binding.subject"
        said = " ".join(signet.trace(req.transaction).split())
        assert re.search(r"character \d+ is (U\+0061|U\+0069|the end) there, U\+(0430|0131|0301) here", said) or \
            re.search(r"character \d+ is U\+0065 there", said), said
    long = "\u00e4" * 64
    req = scep.Request(ra=signet.server().ra, subject=[("OU", long), ("O", long), ("CN", "b")],
                       challenge=signet.challenge("OU=%s, O=%s, CN=a" % (long, long)))
    assert refused(signet, signet.server(), req, "long ones") == "binding.subject"
    assert "U+0061 there, U+0062 here" in " ".join(signet.trace(req.transaction).split())
    req = scep.Request(ra=signet.server().ra, subject=[("C", "FI"), ("O", "Test"), ("CN", "b")],
                       challenge=signet.challenge("CN=b, O=Test, C=FI"))
    assert refused(signet, signet.server(), req, "from its end") == "binding.subject"
    assert "that is the other order" in " ".join(signet.trace(req.transaction).split())


def test_static__beyond_ascii__only_as_the_pattern_is_spelled(fresh):
    """The device's bytes are certified there."""
    one = fresh(lab=True, configure=lambda t: t.replace("example, O=Test", "example, O=Stra\u00dfe"))
    server = one.server("printers")
    _, rep = server.enrol(subject=[("CN", "a.printers.example"), ("O", "STRA\u00dfE")], challenge=SECRET)
    assert rep.status == scep.SUCCESS, rep.fail_text
    req = scep.Request(ra=server.ra, subject=[("CN", "a.printers.example"), ("O", "STRASSE")], challenge=SECRET)
    assert refused(one, server, req, "folded") == "pattern.no-subject"


def test_challenge__names_in_any_order_and_case__the_administrators_are_certified(signet):
    challenge = signet.challenge(MINE, MY_SANS)
    req, rep = signet.server().enrol(subject=OTHER, sans=OTHER_SANS, challenge=challenge)
    assert rep.status == scep.SUCCESS, rep.fail_text
    mine(rep.cert)
    assert rep.cert.subject.rfc4514_string() == "CN=bob smith,O=Test,C=FI"
    row = [c for c in signet.certs() if system.norm_serial(c["serial"]) == system.norm_serial(rep.serial)][0]
    assert row["subject"] == MINE
    told = json.loads(signet.cli("trace", req.transaction, "--json").stdout)
    assert [t["subject"] for t in told["transactions"]] == [MINE]


def test_challenge__names_are_a_set__repeated_ones_count_once(signet):
    for ordered, asked in ((("dns:a.example",), ("dns:a.example", "dns:A.example")),
                           (("dns:a.example", "dns:A.EXAMPLE"), ("dns:a.example",))):
        challenge = signet.challenge("CN=set", ordered)
        _, rep = signet.server().enrol(subject="CN=set", sans=asked, challenge=challenge)
        assert rep.status == scep.SUCCESS, rep.fail_text
        assert san_of(rep.cert) == sans_der(("dns:a.example",))


@pytest.mark.parametrize("asked,sans", [
    ([("CN", "bob")], ()), ([("CN", "bobs")], ("dns:a.example",)), ([("CN", "bob")], ("dns:a.example", "dns:b.example")),
    ([("CN", "bob")], ("email:a@example",)), ([("CN", "bob"), ("O", "x")], ("dns:a.example",))])
def test_challenge__other_names__still_refused(signet, asked, sans):
    req = scep.Request(ra=signet.server().ra, subject=asked, sans=sans,
                       challenge=signet.challenge("CN=bob", ("dns:a.example",)))
    assert refused(signet, signet.server(), req, "another name").startswith("binding.")


def test_static_and_any__the_request_names_itself(signet):
    challenge = signet.cli("challenge", "new", "--any").stdout.strip()
    _, rep = signet.server().enrol(subject=[("CN", "A  b")], sans=("dns:B.example", "dns:a.example"), challenge=challenge)
    assert subject_of(rep.cert) == der.name([("CN", "A  b")])
    assert san_of(rep.cert) == sans_der(("dns:B.example", "dns:a.example"))
    _, rep = signet.server("printers").enrol(subject=[("CN", "A.Printers.example"), ("O", "TEST")], challenge=SECRET,
                                             sans=("dns:A.printers.Example",))
    assert subject_of(rep.cert) == der.name([("CN", "A.Printers.example"), ("O", "TEST")])
    assert san_of(rep.cert) == sans_der(("dns:A.printers.Example",))


def renewal(one, cert, key, who, subject, sans=(), **o):
    return scep.Request(ra=one.server().ra, subject=subject, sans=sans, key=keys.rsa(who), signer_key=key,
                        signer_cert=cert, message_type=scep.RENEWAL_REQ, **o)


def test_renewal__other_spelling__the_names_of_the_old_certificate(signet):
    key = keys.rsa("spelled old")
    _, rep = signet.enrol(MINE, MY_SANS, key=key)
    req = renewal(signet, rep.cert, key, "spelled new", OTHER, OTHER_SANS)
    new = signet.server().send(req)
    assert new.status == scep.SUCCESS, new.fail_text
    mine(new.cert)
    assert new.serial != rep.serial
    told = json.loads(signet.cli("trace", req.transaction, "--json").stdout)
    assert [t["subject"] for t in told["transactions"]] == [MINE]
    # The renewed one renews, too: nothing is added from time to time.
    again = signet.server().send(renewal(signet, new.cert, keys.rsa("spelled new"), "spelled newer", OTHER, MY_SANS))
    mine(again.cert)
    for subject, sans in ((OTHER, ()), (OTHER, OTHER_SANS[1:]), ([("CN", "bob smith")], MY_SANS)):
        req = renewal(signet, again.cert, keys.rsa("spelled newer"), "spelled newest", subject, sans)
        # The serial number of the signer decides, so each is its own refusal.
        assert signet.server().send(req).status == scep.FAILURE


def test_renewal__of_an_imported_certificate__its_bytes(fresh):
    """String types that we would not choose are the old authority's, and stay."""
    one = fresh()
    key = keys.rsa("imported")
    ca_key, ca = one.ca()
    for n, (subject, kept) in enumerate((
            ([("C", "FI"), ("CN", (der.PRINTABLE, b"Old Device"))], True),
            ([("CN", (20, b"J\xfcrgen"))], True),
            ([("C", (der.UTF8, b"FI")), ("CN", "odd")], False))):  # a country is no UTF8String
        subject = der.name(subject)
        cert = scep.self_signed(key, subject, issuer=scep.CertFields.of(ca).subject, signer=ca_key, days=30,
                                serial=4711 + n)
        path = pathlib.Path(one.path) / "imported.pem"
        path.write_bytes(scep.loaded(cert).public_bytes(serialization.Encoding.PEM))
        one.cli("ca", "import", path)
        rep = one.server().send(renewal(one, cert, key, "imported new %d" % n, subject))
        assert rep.status == scep.SUCCESS, rep.fail_text
        assert (subject_of(rep.cert) == subject) == kept
    one.stop()
    one.fsck()


def test_renewal__name_longer_than_the_bounds_of_today__refused_with_the_option(fresh):
    long = "CN=dev, O=" + "o" * 200
    one = fresh(configure=lambda t: t.replace("name-lengths: x520", "name-lengths: 255"))
    key = keys.rsa("long")
    _, rep = one.enrol(long, key=key)
    one.stop()
    one.configure(lambda t: t.replace("name-lengths: 255", "name-lengths: x520"))
    one.start()
    req = renewal(one, rep.cert, key, "longer", long)
    assert refused(one, one.server(), req, "a long name") == "name.length"
    assert "name-lengths: 255" in one.trace(req.transaction)
    one.stop()
    one.configure(lambda t: t.replace("name-lengths: x520", "name-lengths: 255"))
    one.start()
    rep = one.server().send(renewal(one, rep.cert, key, "longer", long))
    assert rep.status == scep.SUCCESS, rep.fail_text


def test_repeat__other_spelling__the_same_certificate(fresh):
    """At once, after a restart, and when the challenge has long been forgotten."""
    one = fresh()
    req = scep.Request(ra=one.server().ra, subject=OTHER, sans=OTHER_SANS, challenge=one.challenge(MINE, MY_SANS))
    first = mine(one.server().send(req).cert)
    assert one.server().send(req).cert == first
    one.restart()
    assert one.server().send(req).cert == first
    one.stop()
    with contextlib.closing(sqlite3.connect(one.data + "/db/registrar/registrar.db")) as db:
        assert db.execute("DELETE FROM challenge").rowcount == 1
        db.commit()
    one.start()
    assert one.server().send(req).cert == first
    told = json.loads(one.cli("trace", req.transaction, "--json").stdout)
    assert {t["subject"] for t in told["transactions"] + told["events"]} == {MINE}
    one.stop()
    one.fsck()


def test_repeat__after_the_registrar_died__the_administrators_spelling(fresh):
    """The challenge is reserved and ca was asked when the registrar died: whoever goes on with that
    attempt, recovery or the device, certifies the same names."""
    one = fresh()
    req = scep.Request(ra=one.server().ra, subject=OTHER, sans=OTHER_SANS, challenge=one.challenge(MINE, MY_SANS))
    ca = one.role("ca")
    os.kill(ca, signal.SIGSTOP)
    try:
        asked = threading.Thread(target=lambda: one.server().post(req.build()), daemon=True)
        asked.start()
        system.wait_for("a reservation", lambda: reserved(one))
        os.kill(one.role("registrar"), signal.SIGKILL)
    finally:
        os.kill(ca, signal.SIGCONT)
    asked.join(30)

    def again():
        r = one.server().post(req.build())
        return r if r.status == 200 else None
    body = system.wait_for("an answer", again, 30, 0.2).body
    mine(scep.read_certrep(body, one.server().ra, req.signer_key).cert)
    one.stop()
    one.fsck()


def reserved(one):
    with one.db("registrar") as db:
        return db.execute("SELECT count(*) FROM challenge WHERE state = 2").fetchone()[0]


@pytest.mark.parametrize("how", ["any", "static"])
def test_san__repeated_where_the_request_names_itself__certified_and_counted_once(signet, how):
    if how == "any":
        server, subject, challenge = signet.server(), "CN=set", signet.cli("challenge", "new", "--any").stdout.strip()
    else:
        server, subject, challenge = signet.server("printers"), "CN=a.printers.example,O=Test", SECRET
    sans = ("dns:A.printers.example", "dns:b.printers.example") + ("dns:a.printers.example",) * 20
    _, rep = server.enrol(subject=subject, sans=sans, challenge=challenge)
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert san_of(rep.cert) == sans_der(sans[:2])


# --- bounds ------------------------------------------------------------------------------------

BOUNDS = [("CN", 64), ("O", 64), ("OU", 64), ("L", 128), ("ST", 128), ("SERIALNUMBER", 64), ("2.5.4.12", 64),
          ("2.5.4.9", 128), (bad_requests.UID, 256), ("DC", 63), ("E", 255), (bad_requests.UNSTRUCTURED, 255)]


@pytest.mark.parametrize("kind,most", BOUNDS)
def test_bounds__as_long_as_allowed__issued_and_read_by_others(signet, work, kind, most):
    """Characters count: where the type can hold it, each is two bytes."""
    letter = "x" if kind in ("SERIALNUMBER", "DC", "E") else "\u00e4"
    challenge = signet.cli("challenge", "new", "--any").stdout.strip()
    req, rep = signet.server().enrol(subject=[(kind, letter * most)], challenge=challenge)
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert [a.value for a in rep.cert.subject] == [letter * most]
    path = pathlib.Path(work) / "bounds.der"
    path.write_bytes(scep.as_der(rep.cert))
    assert "subject=" in system.run("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-subject",
                                    "-nameopt", "utf8").stdout


def test_bounds__names_of_the_cases__refused_by_their_rule(signet):
    rows = [([("CN", "")], "name.value.empty"), ([("CN", " \u200b")], "name.value.empty"),
            ([("CN", "\U0001d173")], "name.value.empty"), ([("CN", "a\ufdd0")], "name.value.control"),
            ([("C", "FIN"), ("CN", "a")], "name.country"), ([("O", "x" * 200), ("CN", "a")], "name.length"),
            ([("C", "F_"), ("CN", "a")], "name.country"), ([("C", (der.UTF8, "\u00c4\u00d6".encode())), ("CN", "a")],
                                                          "name.country"),
            (subject_of_case("cn-empty"), "name.value.empty"),
            ([("CN", "x" * 65)], "name.cn.length"), ([("DC", "x" * 64), ("CN", "a")], "name.dc.length")]
    for n, (subject, rule) in enumerate(rows):
        if n % 4 == 0:  # the fifth failure burns it
            challenge = signet.cli("challenge", "new", "--any").stdout.strip()
        req = scep.Request(ra=signet.server().ra, subject=subject, challenge=challenge)
        assert refused(signet, signet.server(), req, str(subject)) == rule
        assert signet.cli("explain", rule, conf=False).stdout


def tag_and_text(cert):
    """(string type, text) of each attribute of the subject, as python-cryptography reads them."""
    return [(a._type.value, a.value) for a in cert.subject]


def kinds_of(subject):
    return [kind for kind, _ in subject] if isinstance(subject, list) else ["CN", "serialNumber"]


TYPED = [  # the request's; what is certified
    ("serialnumber-utf8-underscore", [(der.UTF8, "ser"), (der.UTF8, "eui48_6827194B53C2")]),
    ("serialnumber-printable-asterisk", [(der.UTF8, "ser"), (der.UTF8, "SN*123")]),
    ([("SERIALNUMBER", (der.PRINTABLE, b"a_b@c#d&e"))], [(der.UTF8, "a_b@c#d&e")]),
    ([("SERIALNUMBER", (der.IA5, b"FDO_1"))], [(der.IA5, "FDO_1")]),
    ([("SERIALNUMBER", (der.T61, b"FDO_1"))], [(der.UTF8, "FDO_1")]),
    ([("SERIALNUMBER", (der.BMP, "FDO-1".encode("utf-16-be")))], [(der.PRINTABLE, "FDO-1")]),
    ([("2.5.4.46", (der.UTF8, b"q_1"))], [(der.UTF8, "q_1")]),
    ([("2.5.4.20", (der.PRINTABLE, b"*31#"))], [(der.UTF8, "*31#")]),
    ([("E", (der.UTF8, "j\u00fc@example".encode()))], [(der.UTF8, "j\u00fc@example")]),
    ([("DC", (der.UTF8, "b\u00fccher".encode()))], [(der.UTF8, "b\u00fccher")]),
    ([("C", (der.UTF8, b"fi")), ("E", (der.UTF8, b"a@b")), ("DC", (der.PRINTABLE, b"x"))],
     [(der.PRINTABLE, "fi"), (der.IA5, "a@b"), (der.IA5, "x")])]


@pytest.mark.parametrize("asked,want", TYPED)
@pytest.mark.parametrize("named", [True, False])
def test_string_types__what_the_standard_does_not_hold__text_kept_in_a_type_that_does(signet, work, asked, want, named):
    """The text is who named the subject's, the type the request's; renewed, both stay."""
    subject = subject_of_case(asked) if isinstance(asked, str) else asked
    if named:
        order = ", ".join("%s=%s" % (kind, text.replace("#", "\\#")) for kind, (_, text) in
                          zip(kinds_of(subject), want))
        challenge = signet.challenge(order)
    else:
        challenge = signet.cli("challenge", "new", "--any").stdout.strip()
    key = keys.rsa("typed")
    _, rep = signet.server().enrol(subject=subject, challenge=challenge, key=key)
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert tag_and_text(rep.cert) == want
    path = pathlib.Path(work) / "typed.der"
    path.write_bytes(scep.as_der(rep.cert))
    said = system.run("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-subject", "-nameopt", "utf8").stdout
    assert all(text in said for _, text in want), said
    new = signet.server().send(renewal(signet, rep.cert, key, "typed new", subject))
    assert new.status == scep.SUCCESS, new.fail_text
    assert subject_of(new.cert) == subject_of(rep.cert)


@pytest.mark.parametrize("written,subject", [
    ("/O=Test, Inc./CN=dev\\/1", [("O", "Test, Inc."), ("CN", "dev/1")]),
    ('O="Test, Inc."; cn = dev1', [("O", "Test, Inc."), ("CN", "dev1")]),
    ("EMAIL=a@b.example, OID.2.5.4.9=Road 1, surname=Doe, CN=d",
     [("E", "a@b.example"), ("2.5.4.9", "Road 1"), ("2.5.4.4", "Doe"), ("CN", "d")])])
def test_challenge_new__as_people_write_names__the_same_name(signet, work, written, subject):
    """For a challenge, and for our own client."""
    _, rep = signet.server().enrol(subject=subject, challenge=signet.challenge(written))
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert [a.value for a in rep.cert.subject] == [v for _, v in subject]
    path = str(pathlib.Path(work) / "written")
    system.run(system.BIN, "enroll", signet.url, "--subject", written, "--challenge-file", "-", "--key", path + ".key",
               "--out", path + ".pem", "--ca-file", signet.data + "/ca/ca.pem", data=signet.challenge(written))
    with open(path + ".pem", "rb") as f:
        assert scep.x509.load_pem_x509_certificate(f.read()).subject == rep.cert.subject


@pytest.mark.parametrize("written,says", [
    ("SN=123, CN=a", "write 'surname=' or 'serialNumber='"), ("/CN=a/b", "character 7: want TYPE=value, found 'b'"),
    ("CN=a, dev1", "character 7: want TYPE=value"), ('CN="a', "'\"' at the end"), ("CN=a,", "nothing follows the last ','"),
    ("CN=a, X=b", "character 7: want an attribute type, found 'X'")])
def test_challenge_new__name_that_cannot_be_read__says_where_and_what_to_do(signet, written, says):
    p = signet.cli("challenge", "new", "--subject", written, check=False)
    assert p.returncode == 2 and says in p.stderr and not p.stdout, p.stderr


LONG_TEXT, MANY = "\u00e4" * 1024, tuple("uri:http://a.example/%d/" % n + "x" * 700 for n in range(20))


def test_bounds__longest_values_of_wide_characters__issued(signet):
    """1024 characters of a description, whatever bytes they need."""
    for value in ("\U0001f600" * 1024, (der.BMP, LONG_TEXT.encode("utf-16-be")), (28, LONG_TEXT.encode("utf-32-be"))):
        challenge = signet.cli("challenge", "new", "--any").stdout.strip()
        _, rep = signet.server().enrol(subject=[("2.5.4.13", value), ("CN", "a")], challenge=challenge)
        assert rep.status == scep.SUCCESS, rep.fail_text
        assert len([a.value for a in rep.cert.subject][0]) == 1024


@pytest.mark.parametrize("subject,sans", [([("2.5.4.13", LONG_TEXT)] * 6 + [("CN", "a")], ()), ("CN=a", MANY)])
def test_bounds__names_that_no_certificate_has_room_for__refused_not_repeated(signet, subject, sans):
    """Each is within its own bound. It is no fault of ours that would be tried again for ever."""
    challenge = signet.cli("challenge", "new", "--any").stdout.strip()
    req = scep.Request(ra=signet.server().ra, subject=subject, sans=sans, challenge=challenge)
    assert refused(signet, signet.server(), req, "much") == "request.names-size"
    assert "10 KiB" in signet.cli("explain", "request.names-size", conf=False).stdout
    _, rep = signet.server().enrol(subject="CN=less", sans=MANY[:13], challenge=challenge)
    assert rep.status == scep.SUCCESS, rep.fail_text


@pytest.mark.parametrize("sans,says", [(MANY, "room for"), (["dirname:CN=a"], "does not take this type"),
                                       (["dns:a%d.example" % n for n in range(101)], "at most 100")])
def test_challenge_new__names_that_the_template_does_not_give__refused(signet, sans, says):
    p = signet.cli("challenge", "new", "--subject", "CN=a", *[w for s in sans for w in ("--san", s)], check=False)
    assert p.returncode == 2 and says in p.stderr and not p.stdout, p.stderr


@pytest.mark.parametrize("args,says", [
    (["--subject", "CN=a, O=" + "x" * 65], "name-lengths: 255"), (["--subject", "C=FIN, CN=a"], "two letters"),
    (["--subject", "CN=" + "x" * 65], "64"), (["--subject", "CN=\\ "], "at least one character"),
    (["--subject", "CN=a", "--san", "dns:a..b"], "label 2 is empty"), (["--subject", "CN=a", "--san", "dns:*.b"], "wildcards"),
    (["--subject", "CN=a", "--san", "email:@b"], "nothing stands before the '@'"),
    (["--subject", "CN=a", "--san", "uri:http://"], "names nothing after its scheme"), (["--subject", "CN=a", "--san", "uri:x:%"], "hexadecimal"),
    (["--subject", "CN=a", "--san", "uri:nothing"], "no scheme"),
    (["--subject", "CN=a", "--san", "dns:" + "x" * 64], "label 1 has 64 characters")])
def test_challenge_new__name_that_no_certificate_can_have__refused(signet, args, says):
    p = signet.cli("challenge", "new", *args, check=False)
    assert p.returncode == 2 and says in p.stderr and not p.stdout, p.stderr


def test_name_lengths__255__issued_and_no_longer(fresh):
    one = fresh()
    one.stop()
    one.configure(lambda t: t.replace("name-lengths: x520", "name-lengths: 255"))
    one.start()
    for length in (200, 255):
        subject = "CN=%s,O=%s" % ("c" * length, "o" * length)
        _, rep = one.enrol(subject)
        assert [len(a.value) for a in rep.cert.subject] == [length, length]
    assert "255" in one.cli("challenge", "new", "--subject", "CN=a,O=" + "o" * 256, check=False).stderr
    assert "two letters" in one.cli("challenge", "new", "--subject", "CN=a,C=FIN", check=False).stderr
    req = scep.Request(ra=one.server().ra, subject="CN=a,O=" + "o" * 256,
                       challenge=one.cli("challenge", "new", "--any").stdout.strip())
    assert refused(one, one.server(), req, "an O of 256 characters") == "name.length"
    one.stop()
    one.fsck()


@pytest.mark.parametrize("site", ["x" * 65, "", "   ", "\u200b", "a\tb", "\u00e4" * 65], ids=range(6))
def test_up__site_that_cannot_be_a_name__one_line_and_nothing_made(signet_bin, work, site):
    data = pathlib.Path(work) / "data"
    p = system.run(signet_bin, "up", data, "--http", "127.0.0.1:1", "--site", site, check=False)
    assert p.returncode != 0 and len(p.stderr.strip().splitlines()) <= 2, p.stderr
    assert "--site" in p.stderr or "site" in p.stderr
    assert not data.exists()


# --- keys --------------------------------------------------------------------------------------

def test_key__rsa_without_null__written_with_it_and_known_as_the_same(fresh):
    """RFC 3279 2.3.1: the parameters are NULL; some clients leave them out."""
    one = fresh()
    key = keys.rsa("spelling")
    whole = keys.spki(key)
    bits = der.parse(whole)[1].der
    other = der.seq(der.seq(der.oid(scep.RSA_OID)), bits)
    certs = []
    for spki in (whole, other):
        req = scep.Request(ra=one.server().ra, key=key, csr=dict(
            subject="CN=spelling", challenge=one.challenge("CN=spelling"), spki=spki))
        rep = one.server().send(req)
        assert rep.status == scep.SUCCESS, rep.fail_text
        certs.append(rep.cert)
        assert scep.CertFields.of(rep.cert).spki == whole
    assert len({c.extensions.get_extension_for_oid(scep.x509.OID_SUBJECT_KEY_IDENTIFIER).value.digest
                for c in certs}) == 1
    one.stop()
    with contextlib.closing(sqlite3.connect(one.data + "/db/ca/ca.db")) as db:
        assert db.execute("SELECT count(DISTINCT spki_hash), count(*) FROM cert").fetchone() == (1, 2)
    one.fsck()


def test_key__strict_and_two_spellings_of_one_key__issued(signet):
    """Profile strict wants the request's key to sign the message: the same key is the same however it is written."""
    key = keys.rsa("spelling")
    bits = der.parse(keys.spki(key))[1].der
    server, spki = signet.server("strict"), der.seq(der.seq(der.oid(scep.RSA_OID)), bits)
    for who, status in (("spelling", scep.SUCCESS), ("thief", scep.FAILURE)):
        req = scep.Request(ra=server.ra, key=key, signer_key=keys.rsa(who), attrs=dict(signing_time=scep.NOW), csr=dict(
            subject="CN=spelling", challenge=signet.challenge("CN=spelling", endpoint="strict"), spki=spki))
        rep = server.send(req)
        assert rep.status == status, rep.fail_text
        assert status == scep.SUCCESS or "scep.strict.key" in signet.trace(req.transaction)


@pytest.mark.parametrize("what", ["compressed", "hybrid", "parameters", "zero in front", "PSS"])
def test_key__other_spelling__no_certificate(signet, what):
    """What is not the one form of DER is refused, never copied."""
    ec_key, rsa_key = keys.p256("spelling"), keys.rsa("spelling")
    point = der.parse(keys.spki(ec_key))[1].body[1:]
    curve = der.seq(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7"))
    n = rsa_key.public_key().public_numbers()
    numbers = der.parse(keys.spki(rsa_key))[1].body[1:]
    key, spki = {
        "compressed": (ec_key, der.seq(curve, der.bits(bytes([2 + (point[-1] & 1)]) + point[1:33]))),
        "hybrid": (ec_key, der.seq(curve, der.bits(bytes([6 + (point[-1] & 1)]) + point[1:]))),
        "parameters": (rsa_key, der.seq(scep.algorithm(scep.RSA_OID, der.integer(0)), der.bits(numbers))),
        "zero in front": (rsa_key, der.seq(scep.algorithm(scep.RSA_OID), der.bits(der.seq(
            der.tlv(der.INT, bytes(2) + n.n.to_bytes(256, "big")), der.integer(n.e))))),
        "PSS": (rsa_key, der.seq(scep.algorithm(scep.PSS_OID, b""), der.bits(numbers))),
    }[what]
    req = scep.Request(ra=signet.server().ra, key=key, signer_key=rsa_key, csr=dict(
        subject="CN=spelling", challenge=signet.challenge("CN=spelling"), spki=spki))
    refused(signet, signet.server(), req, what)


# --- patterns ----------------------------------------------------------------------------------

FOREIGN = [",", "+", "=", "\"", "#", ";", "<", ">", "\\", "/", "@", ".", " ", "*", "'", "(", ":", "?", "{", "|", "%", "~",
           "\u200b", "\u00ad", "\u2060", "\uff41", "\u0430", "\u00e4", "a\u0308", "\u00a0", "\u3000", "\u2024"]


@pytest.mark.parametrize("c", FOREIGN, ids=["U+%04X" % ord(c[-1]) for c in FOREIGN])
def test_pattern__foreign_character_where_the_star_is__refused(signet, c):
    server = signet.server("printers")
    for cn in (c + "a", "a" + c + "b", "a" + c, c):
        req = scep.Request(ra=server.ra, subject=[("CN", cn + ".printers.example"), ("O", "Test")], challenge=SECRET)
        assert refused(signet, server, req, repr(cn)) in ("pattern.no-subject", "name.value.control")


@pytest.mark.parametrize("cn", [" a.printers.example", "a.printers.example ", ".printers.example"])
def test_pattern__blanks_and_nothing__refused(signet, cn):
    server = signet.server("printers")
    req = scep.Request(ra=server.ra, subject=[("CN", cn), ("O", "Test")], challenge=SECRET)
    assert refused(signet, server, req, repr(cn)) == "pattern.no-subject"


def test_pattern__braces__what_they_say_and_nothing_else(fresh):
    one = fresh(lab=True, configure=lambda t: system.with_endpoint(
        t, "halls", policy="static", challenge_file="static.challenge", subjects=["CN=*{. ,}-kiosk".replace(",", "\\\\,")]))
    server = one.server("halls")
    for cn in ("hall-3-kiosk", "Hall 3.1-kiosk", "a,b-kiosk", "_-KIOSK"):
        _, rep = server.enrol(subject=[("CN", cn)], challenge=SECRET)
        assert rep.status == scep.SUCCESS, (cn, rep.fail_text)
        assert [a.value for a in rep.cert.subject] == [cn]
    for cn in ("a+b-kiosk", "a/b-kiosk", "{.}-kiosk", "a\u00e4-kiosk", "-kiosk"):
        req = scep.Request(ra=server.ra, subject=[("CN", cn)], challenge=SECRET)
        assert refused(one, server, req, cn) == "pattern.no-subject"


@pytest.mark.parametrize("options,says", [
    (dict(subjects=["CN=*{abc}"]), "any name"), (dict(subjects=["CN=a*{.", "CN=b"]), "'}'"),
    (dict(subjects=["CN=a*{}"]), "nothing between"), (dict(subjects=["CN=a*{\u00d7}"]), "between"),
    (dict(subjects=["CN=a*, O=" + "x" * 65]), "at most 64"), (dict(subjects=["CN=a*, C=FIN"]), "two letters"),
    (dict(subjects=["CN=a*"], sans=["dns:*.a..b"]), "label 3 is empty"), (dict(subjects=["CN=a*"], sans=["uri:1a:*"]), "begin with a letter")])
def test_check__pattern_that_is_none__one_line_with_its_place(fresh, options, says):
    one = fresh(lab=True, start=False)
    one.add_endpoint("bad", policy="static", challenge_file="static.challenge", **options)
    with open(one.conf) as f:
        lines = f.read().splitlines()
    line = lines.index("  bad:") + 1
    while not lines[line - 1].startswith("    %s:" % list(options)[-1]):
        line += 1
    for args in (("check",), ("run",)):
        p = one.cli(*args, check=False)
        found = [t for t in (p.stdout + p.stderr).splitlines() if t.startswith("%s:%d:" % (one.conf, line))]
        assert p.returncode != 0 and len(found) == 1 and says in found[0], p.stdout + p.stderr
