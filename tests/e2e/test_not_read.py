# SPDX-License-Identifier: Apache-2.0
"""What is not read (docs/scep.md): garbage in each field that decides nothing, and a good challenge. A
certificate comes in profile standard; profile strict has the letter of the RFCs where the table says
so. Every answer is read by asn1crypto, and those to odd signers by OpenSSL, too."""

import hashlib
import subprocess

import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives import serialization

import der
import keys
import scep
from expect import refused, traced, unchanged

KEY = keys.rsa("client")
SKI, KEY_USAGE, SAN, BASIC, EKU = ("2.5.29." + n for n in ("14", "15", "17", "19", "37"))
UNKNOWN = scep.algorithm("1.3.6.1.4.1.99999." + ".".join(["16383"] * 20), der.octets(b"\xff"))


def times(before, after=b"491231235959Z", tags=(der.UTC, der.UTC)):
    return der.seq(der.tlv(tags[0], before), der.tlv(tags[1], after))


def exts(*list_of, tag=0xA3):
    return der.tlv(tag, der.seq(*list_of))


def ext(oid, value):
    return scep.extension(oid, value)


# What differs from a good certificate; whether profile strict takes it, too.
CERTIFICATES = {
    "version 1": ({"version": b""}, True),
    "version 1 that is said": ({"version": der.explicit(0, der.integer(0))}, True),
    "version 4": ({"version": der.explicit(0, der.integer(3))}, False),
    "version of 9 bytes": ({"version": der.explicit(0, der.integer(1 << 64))}, False),
    "version that is a text": ({"version": der.explicit(0, der.utf8("three"))}, False),
    "version that is octets": ({"version": der.tlv(0x80, b"\2")}, False),
    "version that is empty": ({"version": der.explicit(0)}, False),
    "serial number that is negative": ({"serial": der.integer(-4711)}, True),
    "serial number of 64 bytes": ({"serial": der.tlv(der.INT, b"\x7f" * 64)}, True),
    "algorithm unknown": ({"algorithm": UNKNOWN}, False),
    "algorithm with another in NULL outside": ({"algorithm": scep.algorithm(scep.RSA_SIGNATURES["sha256"], b"")}, False),
    "algorithm that is none": ({"algorithm": der.null()}, False),
    "issuer empty": ({"issuer": der.seq()}, True),
    "issuer with an empty RDN": ({"issuer": der.seq(der.tlv(der.SET))}, False),
    "issuer with a type twice in an RDN": ({"issuer": der.seq(der.tlv(der.SET, *[
        der.seq(der.oid("2.5.4.3"), der.utf8("a"))] * 2))}, False),
    "issuer of 30 RDNs": ({"issuer": der.name([("OU", "u%d" % n) for n in range(30)])}, False),
    "issuer with control characters": ({"issuer": der.name([("CN", "a\x1b[2J\0")])}, True),
    "month 0": ({"validity": times(b"260001000000Z")}, False),
    "day 32": ({"validity": times(b"260132000000Z")}, False),
    "UTCTime without seconds": ({"validity": times(b"2601010000Z")}, False),
    "UTCTime with an offset": ({"validity": times(b"260101000000+0200")}, False),
    "UTCTime without Z": ({"validity": times(b"260101000000")}, False),
    "GeneralizedTime before 2050": ({"validity": times(b"20260101000000Z", tags=(der.GENERAL, der.UTC))}, True),
    "GeneralizedTime with a fraction": ({"validity": times(b"20260101000000.5Z", tags=(der.GENERAL, der.UTC))}, False),
    "dates empty": ({"validity": der.seq()}, False),
    "dates of octets": ({"validity": der.octets(b"\0\1\2")}, False),
    "dates in the wrong order": ({"validity": times(b"450101000000Z", b"200101000000Z")}, True),
    "subject empty": ({"subject": der.seq()}, True),
    "subject that is a text": ({"subject": der.utf8("device")}, False),
    "subject with an empty RDN": ({"subject": der.seq(der.tlv(der.SET))}, False),
    "subject of control characters": ({"subject": der.name([("CN", "a\x1b[2J\0")])}, True),
    "unique identifiers": ({"rest": der.tlv(0x81, b"\0a") + der.tlv(0x82, b"\0b")}, True),
    "unique identifiers of any type": ({"rest": der.explicit(1, der.null()) + der.explicit(2)}, False),
    "extensions empty": ({"rest": der.explicit(3)}, False),
    "extensions in version 1": ({"version": b"", "rest": exts(ext(SKI, der.octets(b"id")))}, False),
    "extensions twice": ({"rest": exts(ext(SKI, der.octets(b"id"))) * 2}, False),
    "an extension twice": ({"rest": exts(*[ext(SKI, der.octets(b"id"))] * 2)}, False),
    "extensions that are none": ({"rest": exts(der.null(), der.seq(), der.utf8("x"))}, False),
    "extensions of octets": ({"rest": der.tlv(0x83, b"\xff\xff")}, False),
    "an unknown critical extension": ({"rest": exts(scep.extension("1.2.3.4", b"\xff", True))}, True),
    "a SAN with an empty name": ({"rest": exts(scep.san_extension([der.implicit(2, b"")]))}, False),
    "a SAN without names": ({"rest": exts(ext(SAN, der.seq()))}, False),
    "a SAN of non-ASCII": ({"rest": exts(scep.san_extension([der.implicit(2, "dév".encode())]))}, False),
    "a SAN with an IP of 8 bytes": ({"rest": exts(scep.san_extension([der.implicit(7, b"\xff" * 8)]))}, False),
    "a SAN that is no DER": ({"rest": exts(ext(SAN, b"\x30\x80"))}, False),
    "key usage without bits": ({"rest": exts(ext(KEY_USAGE, der.tlv(der.BITS, b"\0")))}, None),
    "key usage that is no BIT STRING": ({"rest": exts(ext(KEY_USAGE, der.octets(b"\0")))}, False),
    "a CA with a path length of -1": ({"rest": exts(ext(BASIC, der.seq(der.boolean(True), der.integer(-1))))}, False),
    "EKU empty": ({"rest": exts(ext(EKU, der.seq()))}, False),
    "SKI without inner OCTET STRING": ({"rest": exts(ext(SKI, b"0123456789"))}, False),
    "SKI empty": ({"rest": exts(ext(SKI, b""))}, False),
    "signature empty": ({"outer": scep.algorithm(scep.RSA_SIGNATURES["sha256"]) + der.bits(b"")}, False),
    "signature that is none": ({"outer": der.null() + der.utf8("none")}, False),
    "signature absent": ({"outer": b""}, False),
    "more after the signature": ({"outer": b"".join([der.null()] * 9)}, False),
    "20 KB": ({"rest": exts(ext("1.2.3.4", b"x" * 20000))}, False),
    "issuer of 15 KB": ({"issuer": der.name([("O", "x" * 15000)])}, True),
}


def answer(signet, endpoint, subject, **o):
    o.setdefault("attrs", {"signing_time": scep.NOW} if endpoint == "strict" else {})
    return signet.server(endpoint).enrol(subject=subject, challenge=signet.challenge(subject, (), endpoint), **o)


def both(signet, subject, strict, fault=None, **o):
    """Issued in standard; in strict issued, or refused and, if said, for this reason."""
    _, rep = answer(signet, "default", subject, **o)
    assert rep.status == scep.SUCCESS, rep.fail_text
    if strict is None:
        return rep
    if "attrs" in o:
        o["attrs"] = dict({"signing_time": scep.NOW}, **o["attrs"])
    if strict:
        _, second = answer(signet, "strict", subject, **o)
        assert second.status == scep.SUCCESS, second.fail_text
        return rep
    with unchanged(signet):
        req, second = answer(signet, "strict", subject, **o)
    refused(second, scep.BAD_REQUEST, scep.BAD_ALG, scep.BAD_MESSAGE_CHECK)
    if fault:
        traced(signet, req.transaction, fault)
    return rep


def openssl(*args, data):
    out = subprocess.run(["openssl", *args], input=data, capture_output=True, timeout=60)
    assert out.returncode == 0, out.stderr.decode()
    return out.stdout


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "client.key"
    path.write_bytes(KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()))
    return str(path)


def openssl_reads(rep, key_file):
    """The CertRep's signature, and what is in it, by OpenSSL."""
    content = openssl("cms", "-verify", "-noverify", "-binary", "-inform", "DER", data=rep.raw)
    certs = openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", key_file, data=content)
    assert rep.certs[0].public_bytes(serialization.Encoding.DER) in certs
    return content


@pytest.mark.parametrize("what", CERTIFICATES)
def test_signer_certificate__odd__issued(signet, key_file, what):
    parts, strict = CERTIFICATES[what]
    cert = scep.odd_certificate(KEY, **parts)
    rep = both(signet, "CN=odd,O=Test", strict, signer_cert=cert)
    if parts.get("issuer") or "serial" in what:
        # OpenSSL reads what it is shown with a name and a number that it would write itself.
        content = asn1_cms.ContentInfo.load(rep.raw)["content"]["encap_content_info"]["content"].native
    else:
        content = openssl_reads(rep, key_file)
    info = asn1_cms.ContentInfo.load(content)["content"]["recipient_infos"][0].chosen
    fields = scep.CertFields.of(cert)
    assert info["rid"].chosen.dump() == der.seq(fields.issuer, fields.serial)


@pytest.mark.parametrize("parts", [
    {"issuer": der.utf8("no name")}, {"issuer": der.seq(der.null())}, {"issuer": der.seq(der.tlv(der.SET, der.null()))},
    {"issuer": der.name([("O", "x" * 16400)])}, {"serial": der.tlv(der.INT, b"\1" * 65)}, {"key": der.null()},
    {"key": der.seq()}, {"key": der.seq(scep.algorithm(scep.RSA_OID), der.bits(b"\0"))}])
def test_signer_certificate__broken_in_what_is_used__no_certificate(signet, parts):
    subject = "CN=odd,O=Test"
    server = signet.server()
    message = scep.Request(ra=server.ra, subject=subject, challenge=signet.challenge(subject),
                           signer_cert=scep.odd_certificate(KEY, **parts)).build()
    with unchanged(signet):
        r = server.post(message)
    assert r.status == 400 or scep.read_certrep(r.body, server.ra).status == scep.FAILURE


@pytest.mark.parametrize("hashed", ["key", "whole", "extension", "odd extension"])
def test_signer_identifier__key_identifier__found(signet, key_file, hashed):
    spki = keys.spki(KEY)
    bits = der.parse(spki)[1].body[1:]
    key_id = {"key": hashlib.sha1(bits).digest(), "whole": hashlib.sha1(spki).digest()}.get(hashed, b"0123456789")
    rest = {"extension": exts(ext(SAN, b"\x30\x80"), ext(SKI, der.octets(key_id))),
            "odd extension": exts(ext(SKI, key_id))}.get(hashed, b"")
    cert = scep.odd_certificate(KEY, rest=rest)
    rep = both(signet, "CN=ski,O=Test", None, signer_cert=cert, signer={"sid": key_id})
    openssl_reads(rep, key_file)


@pytest.mark.parametrize("written,copied", [(b"\0\0\7", b"\7"), (b"\7", b"\0\7"), (b"\xff\xff\x85", b"\x85")])
def test_signer_identifier__number_without_its_padding__found(signet, written, copied):
    """As programs write it that read numbers as numbers; the answer has the certificate's bytes."""
    cert = scep.odd_certificate(KEY, serial=der.tlv(der.INT, written))
    named = der.seq(scep.CertFields.of(cert).issuer, der.tlv(der.INT, copied))
    rep = both(signet, "CN=padded,O=Test", True, signer_cert=cert, signer={"who": named})
    content = asn1_cms.ContentInfo.load(rep.raw)["content"]["encap_content_info"]["content"].native
    info = asn1_cms.ContentInfo.load(content)["content"]["recipient_infos"][0].chosen
    assert info["rid"].chosen.dump() == der.seq(scep.CertFields.of(cert).issuer, scep.CertFields.of(cert).serial)


def test_signer_identifier__another_key_identifier__refused(signet):
    with unchanged(signet):
        req, rep = answer(signet, "default", "CN=ski,O=Test", signer_cert=scep.odd_certificate(KEY),
                          signer={"sid": b"0123456789"})
    refused(rep, scep.BAD_MESSAGE_CHECK)
    traced(signet, req.transaction, r"cms\.signer\.missing")


# --- the message -------------------------------------------------------------------------------

def time(tag, text):
    return {"extra": ((scep.SIGNING_TIME, der.tlv(tag, text)),), "signing_time": None}


SIGNING_TIMES = {
    "an offset": (der.UTC, b"231114221320+0100"), "no seconds": (der.UTC, b"2311142213Z"), "no Z": (der.UTC, b"231114221320"),
    "month 0": (der.UTC, b"230014221320Z"), "a fraction": (der.GENERAL, b"20231114221320.5Z"), "empty": (der.UTC, b""),
    "a number": (der.INT, b"\1"), "a text": (der.UTF8, b"now"), "garbage": (der.OCTETS, b"\xff" * 300), "NULL": (der.NULL, b"")}


@pytest.mark.parametrize("what", SIGNING_TIMES)
def test_signing_time__odd__issued(signet, what):
    both(signet, "CN=time,O=Test", False, r"time", attrs=time(*SIGNING_TIMES[what]))


ATTRIBUTES = {  # arguments of scep_attributes, whether strict takes it
    "signing time twice": ({"extra": ((scep.SIGNING_TIME, der.null()),), "signing_time": scep.NOW}, False),
    "signing time in 1950": ({"extra": ((scep.SIGNING_TIME, der.tlv(der.UTC, b"500101000000Z")),),
                              "signing_time": None}, True),
    "contentType absent": ({"without": (scep.CONTENT_TYPE,)}, False),
    "contentType twice": ({"twice": (scep.CONTENT_TYPE,)}, False),
    "contentType of an envelope": ({"content_type": scep.ENVELOPED}, False),
    "unknown twice": ({"extra": (("1.2.3.4", der.null()), ("1.2.3.4", der.octets(b"\xff")))}, True),
    "unknown with a long identifier": ({"extra": (("1.3.6.1.4.1." + ".".join(["16383"] * 30), der.seq()),)}, True),
    "pkiStatus of a request": ({"extra": ((scep.STATUS, der.integer(3)),)}, True),
    "pkiStatus twice in a request": ({"extra": ((scep.STATUS, der.printable("2")),) * 2}, True),
    "recipientNonce of a request": ({"extra": ((scep.RECIPIENT_NONCE, der.utf8("x" * 300)),)}, True),
    "recipientNonce without value": ({"extra": ((scep.RECIPIENT_NONCE, b""),)}, True),
    "failInfoText of a request": ({"extra": ((scep.FAIL_TEXT, der.tlv(der.BMP, b"\0")),)}, True),
    "failInfo of a request": ({"extra": ((scep.FAIL_INFO, der.integer(9)),)}, True),
}


@pytest.mark.parametrize("what", ATTRIBUTES)
def test_signed_attributes__not_used__issued(signet, what):
    attrs, strict = ATTRIBUTES[what]
    both(signet, "CN=attributes,O=Test", strict, attrs=attrs)


OTHER_CERT, ATTRIBUTE_CERT = der.explicit(3, der.oid("1.2.3.4"), der.null()), der.explicit(2, der.seq(der.null()))
SIGNED_DATA = {  # arguments of signed_data, whether strict takes it
    **{"version %d" % v: ({"version": v}, v in (1, 3)) for v in (0, 1, 2, 3, 4, 9, 127, 70000)},
    "contentType of an envelope": ({"content_type": scep.ENVELOPED}, False),
    "a CRL": ({"crls": der.explicit(1, der.seq())}, False),
    "CRLs of other kinds": ({"crls": der.explicit(1, der.explicit(1, der.oid("1.2.3.4"), der.null()))}, False),
    "no CRL in a list of them": ({"crls": der.explicit(1)}, True),
    "no digest algorithm": ({"digest_oids": []}, True),
    "another digest algorithm": ({"digest_oids": [scep.DIGESTS["md5"], "1.2.3.4"]}, True),
    "30 digest algorithms": ({"digest_oids": ["1.2.3.%d" % n for n in range(30)]}, True),
}


@pytest.mark.parametrize("what", SIGNED_DATA)
def test_signed_data__not_used__issued(signet, what):
    outer, strict = SIGNED_DATA[what]
    both(signet, "CN=outer,O=Test", strict, outer=outer)


@pytest.mark.parametrize("beside", [
    [OTHER_CERT], [ATTRIBUTE_CERT] * 5 + [OTHER_CERT] * 10, [der.seq()], [der.seq(der.null())] * 9,
    [scep.odd_certificate(KEY, issuer=der.null())], [scep.odd_certificate(keys.rsa("other"), serial=der.integer(1))]])
def test_certificates__others_beside_the_signers__not_read(signet, beside):
    own = scep.self_signed(KEY)
    for certs in (beside + [own], [own] + beside):
        both(signet, "CN=beside,O=Test", True, signer_cert=own, outer={"certs": certs})


@pytest.mark.parametrize("signer,strict", [
    *[({"version": v}, v in (1, 3)) for v in (0, 2, 3, 9, 300)],
    ({"unsigned": der.explicit(1, scep.attribute("1.2.3.4", der.null()))}, True),
    ({"unsigned": der.explicit(1, scep.attribute(scep.MESSAGE_TYPE, der.printable("17")))}, True),
    ({"unsigned": der.explicit(1, der.null())}, True)])
def test_signer_info__not_used__issued(signet, signer, strict):
    both(signet, "CN=signer,O=Test", strict, signer=signer)


# --- the envelope ------------------------------------------------------------------------------

ENVELOPES = {  # arguments of envelope, whether strict takes it
    **{"version %d" % v: ({"version": v}, v in (0, 2)) for v in (0, 1, 2, 3, 4, 300)},
    "contentType signedData": ({"inner_type": scep.SIGNED}, False),
    "originatorInfo": ({"originator": der.explicit(0, der.explicit(0, der.null()))}, True),
    "originatorInfo empty": ({"originator": der.explicit(0)}, True),
    "unprotectedAttrs": ({"unprotected": der.explicit(1, scep.attribute("1.2.3.4", der.null()))}, True),
    "unprotectedAttrs that are none": ({"unprotected": der.explicit(1, der.null())}, True),
}


@pytest.mark.parametrize("what", ENVELOPES)
def test_envelope__not_used__issued(signet, what):
    envelope, strict = ENVELOPES[what]
    both(signet, "CN=envelope,O=Test", strict, envelope=envelope)


def other_recipient(serial, cek, **o):
    return scep.recipient(scep.self_signed(keys.rsa("other"), "CN=other", serial=serial), cek, **o)


def lists(server):
    """What is encrypted to whom: the RA and others, in both orders."""
    ra, ca = server.ca_certs()[:2]
    serial = ra.serial_number
    odd = {
        "RA and CA": lambda k: [scep.recipient(ra, k), scep.recipient(ca, k)],
        "RA by its key identifier, and CA": lambda k: [scep.recipient(ra, k, by="ski"), scep.recipient(ca, k)],
        "RA and one with its serial number": lambda k: [scep.recipient(ra, k), other_recipient(serial, k)],
        "RA and two with its serial number": lambda k: [scep.recipient(ra, k)] + [other_recipient(serial, k)] * 2,
        "RA with OAEP, CA without": lambda k: [scep.recipient(ra, k, "oaep-sha256"), scep.recipient(ca, k)],
        "RA and another, whose key is garbage": lambda k: [scep.recipient(ra, k), other_recipient(1, k, encrypted=b"")],
        "RA and kinds of others": lambda k: [scep.recipient(ra, k)] + [der.explicit(n, der.null()) for n in (1, 2, 3, 4)],
        "RA and what is nobody": lambda k: [scep.recipient(ra, k), der.seq(), der.seq(der.integer(0), der.null())],
        "RA and 15 others": lambda k: [scep.recipient(ra, k)] + [other_recipient(n + 1, k) for n in range(15)],
    }
    return odd


RECIPIENTS = ["RA and CA", "RA by its key identifier, and CA", "RA and one with its serial number",
              "RA and two with its serial number", "RA with OAEP, CA without", "RA and another, whose key is garbage",
              "RA and kinds of others", "RA and what is nobody", "RA and 15 others"]


@pytest.mark.parametrize("what", RECIPIENTS)
@pytest.mark.parametrize("backwards", [False, True])
def test_recipients__the_ras_among_others__issued(signet, what, backwards):
    made = lists(signet.server())
    assert set(made) == set(RECIPIENTS)
    both(signet, "CN=recipients,O=Test", True, envelope={
        "recipients": lambda k: made[what](k)[::-1] if backwards else made[what](k)})


@pytest.mark.parametrize("make,rule", [
    (lambda ra, k: [scep.recipient(ra, k)] * 2, r"cms\.recipients\.twice"),
    (lambda ra, k: [scep.recipient(ra, k), scep.recipient(ra, k, by="ski")], r"cms\.recipients\.twice"),
    (lambda ra, k: [scep.recipient(ra, k), scep.recipient(ra, b"wrong")], r"cms\.recipients\.twice"),
    (lambda ra, k: [other_recipient(ra.serial_number, k)] * 2, r"cms\.recipients\.twice"),
    (lambda ra, k: [scep.recipient(ra, k)] + [other_recipient(n, k) for n in range(16)], r"cms\.recipients\.many"),
    (lambda ra, k: [other_recipient(1, k), other_recipient(2, k)], r"cms\.recipient\.unknown"),
    (lambda ra, k: [der.explicit(1, der.null())], r"cms\.recipient\.kari"),
    (lambda ra, k: [der.explicit(2, der.null())] * 2, r"cms\.recipient\.kek"),
    (lambda ra, k: [der.explicit(3, der.null())], r"cms\.recipient\.pwri")])
def test_recipients__not_one_of_the_ra__refused(signet, make, rule):
    ra = signet.server().ra
    with unchanged(signet):
        req, rep = answer(signet, "default", "CN=recipients,O=Test", envelope={"recipients": lambda k: make(ra, k)})
    refused(rep)
    traced(signet, req.transaction, rule)


def test_recipients__single_des_to_two__named_first(signet):
    """micromdm's client encrypts to every certificate of GetCACert; this is what its user has to know."""
    ra = signet.server().ra
    with unchanged(signet):
        req, rep = answer(signet, "default", "CN=recipients,O=Test", cipher="des-cbc",
                          envelope={"recipients": lambda k: [scep.recipient(ra, k)] * 2})
    refused(rep, scep.BAD_ALG)
    traced(signet, req.transaction, r"alg\.des")
