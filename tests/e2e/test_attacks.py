# SPDX-License-Identifier: Apache-2.0
"""Known attacks by their number: authorization (A), parsers (B), oracles (C), transport and platform (D).
The table says which tests are the answer to each, and is checked against the files; attacks that no
other file meets are here, with the number in the name.

SIGNET_LONG=1 sends the full numbers."""

import gzip
import json
import os
import random
import re
import threading
import urllib.parse

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import bad_requests
import crowd
import der
import keys
import mutate
import scep
from expect import refused, traced, unchanged
from system import wait_for
from test_bad_input import assert_leaf

LONG = bool(os.environ.get("SIGNET_LONG"))
HERE = os.path.dirname(os.path.abspath(__file__))

ATTACKS = {
    "A1 challenge for another identity": ["test_attacks.test_a1", "test_bad_input.test_challenge__for_another_name",
                                          "test_model.test_model__table__server_agrees"],
    "A2 static challenge with a free subject": ["test_config.test_check__mistake", "test_bad_input.test_static__secret"],
    "A3 issuing without the protocol's checks": ["test_owned.test_registrar__certificates_of_its_choice",
                                                 "test_owned.test_front__requests_that_no_device_made",
                                                 "test_owned.test_front__message_that_does_not_verify",
                                                 "test_owned.test_keyd__asks_instead_of_answering",
                                                 "test_mutations.test_mutants__every_tlv",
                                                 "test_sandbox.test_descriptors__running_role"],
    "A4 message type without a case": ["test_mutations.test_a4_message_types"],
    "A5 authorizer that fails open": ["test_faults.test_disk_error", "test_faults.test_no_memory"],
    "A6 renewal abuse": ["test_bad_input.test_renewal__revoked", "test_bad_input.test_renewal__altered",
                         "test_bad_input.test_renewal__expired", "test_model.test_model__table__server_agrees",
                         "test_lineage.test_cap__150_renewals_of_one_certificate",
                         "test_lineage.test_revoke_lineage__while_it_renews"],
    "A7 renewal without proof of possession": ["test_bad_input.test_renewal__for_somebody_elses_key",
                                               "test_bad_input.test_csr__somebody_elses_public_key",
                                               "test_owned.test_registrar__renewals__need"],
    "A8 another endpoint's right": ["test_bad_input.test_renewal__at_another_endpoint",
                                    "test_bad_input.test_challenge__of_another_endpoint",
                                    "test_owned.test_registrar__word_on_a_signer"],
    "A9 the RA's key as a master key": ["test_bad_input.test_renewal__signed_with_our_own_ca_or_ra_certificate",
                                      "test_owned.test_registrar__what_keyd_signs",
                                      "test_owned.test_registrar__word_on_a_signer"],
    "A10 transactionID of another": ["test_idempotency.test_same_transaction__other_signer"],
    "A11 replay": ["test_attacks.test_a11", "test_idempotency.test_parallel__64_copies"],
    "A12 fields of the request": ["test_attacks.test_a12", "test_bad_input.test_csr__ca_true",
                                  "test_bad_input.test_csr__foreign_eku"],
    "B1 holes of OpenSSL's CMS": ["test_attacks.test_b1", "test_replay.test_vectors__pwri_without_kdf"],
    "B2 earlier holes of OpenSSL": ["test_attacks.test_b2"],
    "B3 bombs of ASN.1": ["test_attacks.test_b3"],
    "B4 decompression": ["test_attacks.test_b4"],
    "B5 flood of bad messages": ["test_flood.test_flood__bad_messages", "test_flood.test_budget__refusals"],
    "B6 present but empty": ["test_mutations.test_mutants__every_tlv"],
    "C1 Bleichenbacher, Marvin": ["test_oracle_classes.test_c1_oracle"],
    "C2 CBC padding oracle": ["test_oracle_classes.test_c2_cbc_oracle"],
    "D1 slow senders": ["test_slow.test_slow__strangers_hold_connections"],
    "D2 request smuggling": ["test_bad_input.test_http__what_smuggles"],
    "D3 path traversal": ["test_attacks.test_d3"],
    "D4 SQL injection": ["test_attacks.test_d4"],
    "D5 log injection": ["test_attacks.test_d5", "test_bad_input.test_csr__cn_with_nul_or_escapes",
                         "test_owned.test_front__events_full_of_lies", "test_lies.test_role__lies_to_the_command_line"],
    "D6 secrets in logs and memory": ["test_secrets.test_d6_memory", "test_secrets.test_d6_files"],
}


@pytest.mark.parametrize("attack", ATTACKS, ids=[a.split()[0] for a in ATTACKS])
def test_attacks__table__every_answer_exists(attack):
    for name in ATTACKS[attack]:
        module, test = name.split(".")
        with open(os.path.join(HERE, module + ".py")) as f:
            assert re.search(r"^def %s" % test, f.read(), re.M), name


def test_attacks__table__has_every_number():
    want = ["A%d" % n for n in range(1, 13)] + ["B%d" % n for n in range(1, 7)] + ["C1", "C2"] + [
        "D%d" % n for n in range(1, 7)]
    assert [a.split()[0] for a in ATTACKS] == want


def no_certificate(signet, server, message, what):
    """An answer that may be, and not a certificate."""
    wire = mutate.Wire(server, first=random.randrange(1 << 20))
    rep = wire.judge(message, what)
    wire.close()
    assert not wire.bad, wire.bad
    assert rep is None or rep.status == scep.FAILURE, "%s: status %s" % (what, rep.status)
    return rep


# --- A -----------------------------------------------------------------------------------------

ORDERED = ("CN=a1,O=Test", ("dns:a1.example",))  # what the challenges of A1 are for
CLIENT_AUTH = bad_requests.CLIENT_AUTH
EKUS = {"none": None, "clientAuth": (CLIENT_AUTH,), "serverAuth": ("1.3.6.1.5.5.7.3.1",),
        "client and server": (CLIENT_AUTH, "1.3.6.1.5.5.7.3.1"), "any": (bad_requests.ANY_EKU,),
        "client and any": (CLIENT_AUTH, bad_requests.ANY_EKU), "smart card": ("1.3.6.1.4.1.311.20.2.2",),
        "OCSP": ("1.3.6.1.5.5.7.3.9",)}
KEYS = {"rsa-2048": lambda: keys.rsa("client"), "p256": lambda: keys.p256("client"),
        "rsa-1024": lambda: keys.rsa("a1 short", 1024), "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
        "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1())}
MAY = [(eku, key) for eku in ("none", "clientAuth") for key in ("rsa-2048", "p256")]


def other_names():
    """Every pair of a subject and a list of names that differs from what was ordered in one place or more."""
    subjects = [ORDERED[0], "CN=A2,O=Test", "CN=a1", "O=Test,CN=a1", "CN=a1,O=Test,O=Test",
                "CN=a1,OU=x,O=Test",
                "CN=a1.,O=Test", "CN=a1\u200b,O=Test", "CN=\u0430\u0031,O=Test", "CN=a1,O=Tes", "CN=a1,O=Test2",
                "CN=admin,O=Test", "E=a1@example,O=Test", "", "CN=a1,O=Test,C=DE", "SERIALNUMBER=a1,O=Test"]
    sans = [ORDERED[1], (), ("dns:a1.example", "dns:b.example"), ("dns:a1.example.",), ("dns:*.example",),
            ("dns:b.example",), ("email:a1.example",), ("uri:a1.example",), ("ip:192.0.2.1",), ("upn:a1.example",),
            ("dns:a1.example", "upn:admin@example"), ("dns:a1.example", "ip:192.0.2.1"), ("dns:a1.exampl",),
            ("dns:sub.a1.example",), ("dns:a1.example\0.evil",)]
    return [(s, n) for s in subjects for n in sans if (s, n) != ORDERED]


def combinations():
    """(subject, names, extended key usages, kind of key), each with something that was not ordered: all
    names with what a template gives, and some names with every usage and key."""
    for names in other_names():
        yield *names, "none", "rsa-2048"
    for subject in (ORDERED[0], "CN=admin,O=Test"):
        for sans in (ORDERED[1], ("dns:b.example",), ORDERED[1] + ("upn:admin@example",)):
            for eku in EKUS:
                for key in KEYS:
                    if (subject, sans) != ORDERED or (eku, key) not in MAY:
                        yield subject, sans, eku, key


def a1_request(server, challenge, subject, sans, eku, key):
    exts = [scep.eku_extension(*EKUS[eku])] if EKUS[eku] else []
    return scep.Request(ra=server.ra, csr=scep.csr(
        KEYS[key](), subject, sans, challenge, extensions=exts))


def test_a1_challenge__for_something_else__refused(signet):
    rows = list(combinations())
    assert len(rows) >= 400
    server, challenge, left = signet.server(), None, 0
    with unchanged(signet):
        for row in rows if LONG else rows[3::4]:
            if left == 0:  # the fifth failure burns it, after which nothing is proved
                challenge, left = signet.challenge(*ORDERED), 4
            left -= 1
            rep = server.send(a1_request(server, challenge, *row))
            assert rep.status == scep.FAILURE, row


@pytest.mark.parametrize("eku,key", MAY)
def test_a1_challenge__for_this__certificate(signet, eku, key):
    """What the rows above would get if nothing in them were wrong."""
    server = signet.server()
    rep = server.send(a1_request(server, signet.challenge(*ORDERED), *ORDERED, eku, key))
    assert rep.status == scep.SUCCESS, rep.fail_text


def test_a11_replay__of_one_message__one_certificate(signet):
    subject = "CN=replayed,O=Test"
    server = signet.server()
    message = scep.Request(ra=server.ra, subject=subject, challenge=signet.challenge(subject)).build()
    before = signet.serials()
    times, threads, wrong = (200, 50, []) if LONG else (20, 10, [])

    def replay(number):
        wire = mutate.Wire(server, first=number * 977)
        for _ in range(times):
            rep = wire.judge(message, "replay")
            if rep is None or rep.status != scep.SUCCESS:
                wrong.append(rep)
        wrong.extend(wire.bad)
        wire.close()

    running = [threading.Thread(target=replay, args=(n,)) for n in range(threads)]
    for t in running:
        t.start()
    for t in running:
        t.join()
    assert not wrong, wrong[:3]
    assert len(signet.serials() - before) == 1


def any_name(signet):
    """A challenge that leaves the names to the request: what is refused with it is refused by rule."""
    return signet.cli("challenge", "new", "--any").stdout.strip()


def refused_by(signet, req, what):
    """The rule by which a request was refused, as the operator sees it."""
    no_certificate(signet, signet.server(), req.build(), what)
    found = wait_for("an event of " + what, lambda: json.loads(
        signet.cli("trace", req.transaction, "--json").stdout)["events"])
    assert len(found) == 1, found
    return found[0]["rule"]


def test_a12_fields_of_the_request__bad__no_certificate(signet):
    rows = list(bad_requests.rows())
    assert len(rows) >= 150
    challenge, left, wrong = None, 0, []
    with unchanged(signet):
        for what, arguments in rows:
            if left == 0:  # the fifth failure burns it
                challenge, left = any_name(signet), 4
            left -= 1
            o = {"subject": "CN=a12,O=Test", **arguments(challenge)}
            key = o.pop("key", keys.rsa("client"))
            req = scep.Request(ra=signet.server().ra, csr=scep.csr(key, **o))
            rule = refused_by(signet, req, what)
            if rule.startswith(("challenge.", "binding.")):
                wrong.append("%s: %s" % (what, rule))
    assert not wrong, "refused for another reason: %s" % wrong


TAMED = [*bad_requests.tamed(), *bad_requests.tamed_attributes()]


@pytest.mark.parametrize("what,arguments", TAMED, ids=[w for w, _ in TAMED])
def test_a12_fields_of_the_request__tolerated__not_copied(signet, what, arguments):
    challenge = any_name(signet)
    if callable(arguments):
        arguments = {"attributes": arguments(challenge)}
    req = scep.Request(ra=signet.server().ra, csr=dict(
        {"subject": "CN=a12,O=Test", "challenge": challenge}, **arguments))
    rep = signet.server().send(req)
    assert rep.status == scep.SUCCESS, rep.fail_text
    assert_leaf(rep.cert)
    assert {e.oid.dotted_string for e in rep.cert.extensions} <= {
        "2.5.29." + n for n in ("14", "15", "17", "19", "31", "35", "37")} | {"1.3.6.1.5.5.7.1.1"}
    for part in der.parse(scep.CertFields.of(rep.cert).subject).children:
        values = [v.der for v in part.children]
        assert values == sorted(values), "not in the order of DER"
        assert {v[1].tag for v in part.children} <= {der.UTF8}


# --- B -----------------------------------------------------------------------------------------

def info_envelope(infos, oid=scep.ENVELOPED, version=0, cipher=None, extra=b""):
    alg = cipher or scep.algorithm(scep.CIPHERS["aes128-cbc"][0], der.octets(bytes(16)))
    return der.seq(der.oid(oid), der.explicit(0, der.seq(
        der.integer(version), der.tlv(der.SET, *infos),
        der.seq(der.oid(scep.DATA), alg, der.implicit(0, bytes(64))), extra)))


def hostile_envelopes(ra):
    wrap, f = scep.algorithm("2.16.840.1.101.3.4.1.5", b""), scep.CertFields.of(ra)
    pwri = "1.2.840.113549.1.9.16.3.9"
    kdf = der.tlv(0xA0, der.oid("1.2.840.113549.1.5.12"), der.seq(der.octets(b"salt"), der.integer(1 << 40)))
    inner = scep.algorithm(scep.CIPHERS["aes128-cbc"][0], der.octets(bytes(16)))
    stream = scep.algorithm(scep.CIPHERS["aes128-cfb"][0], der.octets(bytes(16)))
    yield "CVE-2026-42766 PWRI without KDF", info_envelope([der.tlv(
        0xA3, der.integer(0), scep.algorithm(pwri, inner), der.octets(bytes(32)))], version=3)
    yield "CVE-2025-9230 PWRI with a short key", info_envelope([der.tlv(
        0xA3, der.integer(0), kdf, scep.algorithm(pwri, inner), der.octets(b"\xff"))], version=3)
    yield "CVE-2026-9076 PWRI with a stream cipher", info_envelope([der.tlv(
        0xA3, der.integer(0), kdf, scep.algorithm(pwri, stream), der.octets(bytes(3)))], version=3)
    yield "CVE-2026-28389 KARI without parameters", info_envelope([der.tlv(
        0xA1, der.integer(3), der.explicit(0, der.tlv(0xA1, der.seq(der.oid("1.2.840.10045.2.1")), der.bits(b""))),
        scep.algorithm("1.3.132.1.11.1", b""), der.seq())], version=2)
    yield "KARI with wrap", info_envelope([der.tlv(
        0xA1, der.integer(3), der.explicit(0, der.tlv(0xA1, scep.algorithm("1.2.840.10045.2.1", b""), der.bits(
            b"\4" + bytes(64)))), scep.algorithm("1.3.132.1.11.1", wrap), der.seq())], version=2)
    for params in (b"", der.null(), der.seq(der.explicit(0, der.seq())), der.seq(der.explicit(1, der.seq(
            der.oid(scep.MGF1_OID)))), der.seq(der.explicit(2, der.null()))):
        yield "CVE-2026-28390 OAEP %s" % params.hex(), info_envelope([der.seq(
            der.integer(0), der.seq(f.issuer, f.serial), scep.algorithm(scep.OAEP_OID, params),
            der.octets(bytes(256)))])
    yield "CVE-2026-42768 two recipients", info_envelope([scep.recipient(ra, bytes(16))] * 2)
    yield "CVE-2025-15467 AEAD with a long nonce", info_envelope(
        [scep.recipient(ra, bytes(16))], cipher=scep.algorithm(
            "2.16.840.1.101.3.4.1.6", der.seq(der.octets(bytes(4000)), der.integer(16))))
    yield "CVE-2026-34182 AuthEnvelopedData", info_envelope(
        [scep.recipient(ra, bytes(16))], oid="1.2.840.113549.1.9.16.1.23", extra=der.octets(bytes(16)))
    yield "KEKRI", info_envelope([der.tlv(0xA2, der.integer(4), der.seq(der.octets(b"k")), wrap, der.octets(
        bytes(24)))], version=2)
    yield "other recipient", info_envelope([der.tlv(0xA4, der.oid("1.2.3"), der.null())], version=3)
    yield "no recipient", info_envelope([])
    yield "attributes that are not protected", info_envelope(
        [scep.recipient(ra, bytes(16))], extra=der.tlv(0xA1, scep.attribute("1.2.3", der.null())), version=2)


def test_b1_cms__each_hole_of_openssl__no_certificate_and_alive(signet):
    server = signet.server()
    with unchanged(signet):
        for what, body in hostile_envelopes(server.ra):
            no_certificate(signet, server, scep.Request(ra=server.ra, enveloped=body).build(), what)
    signet.enrol("CN=after-b1,O=Test")


def hostile_keys():
    """SubjectPublicKeyInfos."""
    point = b"\4" + bytes(64)
    p256 = int("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16)
    explicit = der.seq(der.integer(1), der.seq(der.oid("1.2.840.10045.1.1"), der.integer(p256)),
                       der.seq(der.octets(bytes(32)), der.octets(bytes(32))), der.octets(point), der.integer(p256))
    yield "CVE-2022-0778 explicit curve", der.seq(scep.algorithm("1.2.840.10045.2.1", explicit), der.bits(
        b"\2" + bytes(32)))
    yield "point at infinity", der.seq(scep.algorithm("1.2.840.10045.2.1", der.oid("1.2.840.10045.3.1.7")),
                                       der.bits(b"\0"))
    yield "point not on the curve", der.seq(scep.algorithm("1.2.840.10045.2.1", der.oid("1.2.840.10045.3.1.7")),
                                            der.bits(b"\4" + b"\1" * 64))
    yield "DSA", der.seq(scep.algorithm("1.2.840.10040.4.1", der.seq(*[der.integer(7)] * 3)), der.bits(
        der.integer(2)))
    yield "CVE-2023-3446 DH", der.seq(scep.algorithm("1.2.840.113549.1.3.1", der.seq(
        der.integer((1 << 40000) + 1), der.integer(2))), der.bits(der.integer(2)))
    for n, e in ((0, 3), (1, 1), ((1 << 2047) + 1, 1), ((1 << 2047) + 1, 2), ((1 << 2047) + 1, (1 << 2000) + 1),
                 ((1 << 40000) + 1, 65537), (-(1 << 2047), 3)):
        yield "RSA of %d bits, e of %d" % (n.bit_length(), e.bit_length()), der.seq(
            scep.algorithm(scep.RSA_OID), der.bits(der.seq(der.integer(n), der.integer(e))))


def test_b2_keys_and_certificates__earlier_holes_of_openssl__no_certificate_and_alive(signet):
    server, key = signet.server(), keys.rsa("client")
    with unchanged(signet):
        for what, spki in hostile_keys():
            req = scep.Request(ra=server.ra, csr={"spki": spki, "challenge": "x" * 32})
            no_certificate(signet, server, req.build(), what)
        long_oid = b"\x06\x82\x10\x00" + b"\x81" * 4095 + b"\x01"
        names = {
            "CVE-2022-3602 punycode": scep.extension("2.5.29.30", der.seq(der.tlv(0xA0, der.seq(der.implicit(
                1, b"xn--" + b"a" * 3000))))),
            "CVE-2023-0286 x400Address": scep.extension("2.5.29.31", der.seq(der.seq(der.tlv(0xA0, der.tlv(
                0xA0, der.tlv(0xA3, der.octets(bytes(200)))))))),
            "CVE-2023-2650 long OID": der.seq(long_oid, der.octets(b"")),
            "CVE-2023-0464 policies": scep.extension("2.5.29.32", der.seq(*[der.seq(der.oid(
                "1.2.3.%d" % i)) for i in range(1000)])),
            "CVE-2026-35189 CRLDP": scep.extension("2.5.29.31", der.seq(*[der.seq(der.tlv(0xA0, der.tlv(
                0xA1, der.seq(der.oid("2.5.4.3"), der.utf8("x" * 20))))) for i in range(500)])),
            "D7 URLs": scep.extension("1.3.6.1.5.5.7.1.1", der.seq(der.seq(der.oid("1.3.6.1.5.5.7.48.2"), der.implicit(
                6, b"http://169.254.169.254/")))),
        }
        for what, ext in names.items():
            cert = scep.self_signed(key, extensions=[ext])
            no_certificate(signet, server, scep.Request(
                ra=server.ra, signer_cert=cert, challenge="x" * 32).build(), what)
    signet.enrol("CN=after-b2,O=Test")


def nest(depth, opening, closing, core=b"\x05\x00"):
    return opening * depth + core + closing * depth


def nest_definite(depth, tag=b"\x30"):
    body = b"\x05\x00"
    for _ in range(depth):
        body = tag + der.length(len(body)) + body
    return body


FAST_S = 1.0  # of processor time of all roles, which another program's does not count in; most take a hundredth


def refused_fast(signet, server, message, what):
    before = crowd.cpu_seconds(signet)
    no_certificate(signet, server, message, what)
    took = crowd.cpu_seconds(signet) - before
    assert took < FAST_S, "%s: %.2f s of processor time" % (what, took)


def test_b3_asn1__bombs__refused_fast(signet):
    server = signet.server()
    bombs = {
        "indefinite 10 000 deep": nest(10000, b"\x30\x80", b"\0\0"),
        "indefinite 30 000 deep, open": b"\x30\x80" * 30000,
        "segments 10 000 deep": nest(10000, b"\x24\x80", b"\0\0", b"\x04\x01x"),
        "definite 5 000 deep": nest_definite(5000),
        "30 000 empty SEQUENCEs": der.seq(b"\x30\x00" * 30000),
        "2^31 bytes": b"\x30\x84\x80\x00\x00\x00" + bytes(100),
        "2^64 bytes": b"\x30\x88" + b"\xff" * 8 + bytes(100),
        "length of 126 bytes": b"\x30\xfe" + b"\1" * 126,
        "long tag": b"\x3f" + b"\xff" * 60000,
    }
    with unchanged(signet):
        for what, bomb in bombs.items():
            refused_fast(signet, server, bomb, what)
            refused_fast(signet, server, scep.Request(ra=server.ra, enveloped=bomb[:50000]).build(), what + " inside")
            refused_fast(signet, server, scep.Request(ra=server.ra, csr=bomb[:40000]).build(), what + " as request")
        many = scep.Request(ra=server.ra, attrs={"extra": [
            ("1.2.3.%d" % i, der.null()) for i in range(3000)]})
        refused_fast(signet, server, many.build(), "3 000 attributes")
        same = scep.Request(ra=server.ra, attrs={"extra": [("1.2.3.4", der.null())] * 3000})
        refused_fast(signet, server, same.build(), "one attribute 3 000 times")
        values = scep.Request(ra=server.ra, csr={"attributes": [scep.attribute("1.2.3", *[der.null()] * 20000)]})
        refused_fast(signet, server, values.build(), "20 000 values")
    signet.enrol("CN=after-b3,O=Test")


def test_b4_compression__gzip_and_compressed_data__refused(signet):
    server, subject = signet.server(), "CN=zip,O=Test"
    good = scep.Request(ra=server.ra, subject=subject, challenge=signet.challenge(subject)).build()
    with unchanged(signet):
        for name, body in (("gzip", gzip.compress(good)), ("deflate", good), ("identity, gzip", good)):
            r = server.request("POST", server.path + "?operation=PKIOperation", body=body, headers={
                "Content-Type": "application/x-pki-message", "Content-Encoding": name})
            assert r.status in (400, 415), (name, r.status)
        packed = der.seq(der.oid("1.2.840.113549.1.9.16.1.9"), der.explicit(0, der.seq(
            der.integer(0), scep.algorithm("1.2.840.113549.1.9.16.3.8", b""),
            der.seq(der.oid(scep.DATA), der.explicit(0, der.octets(gzip.compress(bytes(1 << 20))))))))
        no_certificate(signet, server, packed, "CompressedData")
        no_certificate(signet, server, scep.Request(ra=server.ra, enveloped=packed).build(), "inside")


# --- D -----------------------------------------------------------------------------------------

def test_d3_paths__traversal_in_every_writing__404(signet):
    server = signet.server()
    dots = ["..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%00", "%c0%ae%c0%ae", "\\..", "....//", "..;"]
    files = ["etc/passwd", "data/signet.yaml", "ca/ca.key", "default", "signet.yaml%00"]
    ends = ["", "?operation=GetCACert&message=../../ca/ca.key"]
    targets = ["/scep/" + "/".join([d] * 3) + "/" + f + e for d in dots for f in files for e in ends]
    assert len(targets) >= 100
    for target in targets:
        got = server.raw(b"GET " + target.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert re.match(rb"HTTP/1.1 (400|404) ", got), (target, got[:60])
        assert b"PRIVATE" not in got and b"root:" not in got
    for message in ("../../ca/ca.key", "/etc/passwd", "..%2f..%2fca"):
        r = server.operation("GetCACert", urllib.parse.quote(message))
        assert r.status == 200 and b"PRIVATE" not in r.body


HOSTILE_TEXT = ["'; DROP TABLE cert; --", "' OR '1'='1", "\" OR \"\"=\"", "1); DELETE FROM tx; --", "%s%s%n%x",
                "') UNION SELECT der FROM cert_der --", "\\'; --", "${jndi:ldap://x}", "$(reboot)", "`id`",
                "a\\u0000b", "{{7*7}}", "<script>", "&lt;", "\u202Egnp", "\uFEFF", "a,CN=admin", "a+CN=admin",
                "CN=a\\,O=b", "?", "?1", ":name", "NULL", "0x41", "/* */", ";", "||", "x' AND 1=randomblob(9999999999) --"]


def test_d4_sql__hostile_text_in_every_field__is_data(signet):
    """In the CN, the challenge and the transactionID; nothing is issued, lost, or told."""
    server = signet.server()
    before = signet.serials()
    for text in HOSTILE_TEXT:
        for subject, challenge, transaction in (([("CN", text)], "c" * 32, None), ("CN=d4,O=Test", text, None),
                                                ("CN=d4,O=Test", "c" * 32, text)):
            req = scep.Request(ra=server.ra, csr=scep.csr(
                keys.rsa("client"), der.name(subject), (), challenge, challenge_tag=der.UTF8),
                transaction=der.utf8(transaction) if transaction else None)
            no_certificate(signet, server, req.build(), text)
    # As a name that was ordered it is a name.
    signet.enrol("CN=O'Brien' OR '1'='1' --,O=Test")
    assert before < signet.serials()


def test_d5_logs__hostile_text_in_every_field__one_line_each(signet):
    server = signet.server()
    marks = ["a\r\n2026-01-01T00:00:00Z forged", "\x1b[2J\x1b[1;31mred", "\u202Eltr", "x" * 255, "\x9b31m", "\u2028new"]
    transactions = []
    for mark in marks:
        req = scep.Request(ra=server.ra, csr=scep.csr(
            keys.rsa("client"), der.name([("CN", mark[:60])]), (), "c" * 32),
            transaction=der.utf8(mark), attrs={"signing_time": scep.NOW})
        no_certificate(signet, server, req.build(), mark)
        server.request("GET", "/scep?operation=GetCACaps", headers={
            "User-Agent": mark.encode("ascii", "replace").decode().replace("\r\n", " ").replace("\x1b", "?")})
        transactions.append(mark)
    told = [signet.events(), signet.said()]
    log = os.path.join(signet.data, "log", "access.log")
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="surrogateescape") as f:
            told.append(f.read())
    for text in told:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", text), "raw control characters"
        assert not re.search(r"^2026-01-01T00:00:00Z forged", text, re.M)
        assert max(map(len, text.splitlines()), default=0) < 8192
