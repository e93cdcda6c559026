# SPDX-License-Identifier: Apache-2.0
"""What stands in a certificate: whose spelling of a name, and which names can be in one at all."""

import contextlib
import json
import pathlib
import sqlite3

import pytest

import bad_requests
import der
import keys
import scep
import system


def subject_of(cert):
    return scep.CertFields.of(cert).subject


def refused(signet, server, req, what):
    """The rule by which a request was refused."""
    rep = server.send(req)
    assert rep.status == scep.FAILURE, what
    found = system.wait_for("an event of " + what, lambda: json.loads(
        signet.cli("trace", req.transaction, "--json").stdout)["events"])
    return found[-1]["rule"]


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
            ([("C", "FIN"), ("CN", "a")], "name.country"), ([("O", "x" * 200), ("CN", "a")], "name.length"),
            ([("CN", "x" * 65)], "name.cn.length"), ([("DC", "x" * 64), ("CN", "a")], "name.dc.length"),
            ([("SERIALNUMBER", (der.UTF8, b"a_b")), ("CN", "a")], "name.printable")]
    for n, (subject, rule) in enumerate(rows):
        if n % 4 == 0:  # the fifth failure burns it
            challenge = signet.cli("challenge", "new", "--any").stdout.strip()
        req = scep.Request(ra=signet.server().ra, subject=subject, challenge=challenge)
        assert refused(signet, signet.server(), req, str(subject)) == rule
        assert signet.cli("explain", rule, conf=False).stdout


@pytest.mark.parametrize("args,says", [
    (["--subject", "CN=a, O=" + "x" * 65], "name-lengths: 255"), (["--subject", "C=FIN, CN=a"], "two letters"),
    (["--subject", "CN=" + "x" * 65], "64"), (["--subject", "CN=\\ "], "at least one character"),
    (["--subject", "CN=a", "--san", "dns:a..b"], "well-formed"), (["--subject", "CN=a", "--san", "dns:*.b"], "wildcards"),
    (["--subject", "CN=a", "--san", "email:@b"], "well-formed"), (["--subject", "CN=a", "--san", "uri:nothing"], "well-formed"),
    (["--subject", "CN=a", "--san", "dns:" + "x" * 64], "well-formed")])
def test_challenge_new__name_that_no_certificate_can_have__refused(signet, args, says):
    p = signet.cli("challenge", "new", *args, check=False)
    assert p.returncode != 0 and says in p.stderr and not p.stdout, p.stderr


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

SECRET = "static-secret-of-printers"
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
    (dict(subjects=["CN=a*"], sans=["dns:*.a..b"]), "well-formed"), (dict(subjects=["CN=a*"], sans=["uri:1a:*"]), "well-formed")])
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
