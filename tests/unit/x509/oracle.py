#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What x509/ writes, read by python3-cryptography, openssl and certtool (GnuTLS); names that it
compares, compared by Python.

usage: oracle.py EMIT [DIRECTORY]

EMIT is the program made from emit.c. With DIRECTORY the signed structures are left there.
Prints TAP. A missing openssl or certtool is told, not hidden.
"""
import datetime
import ipaddress
import itertools
import pathlib
import random
import shutil
import subprocess
import sys
import unicodedata

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

EMIT = sys.argv[1]
KEEP = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
NOT_BEFORE = datetime.datetime(2026, 1, 2, 3, 4, 5)
NOT_AFTER = datetime.datetime(2051, 1, 2, 3, 4, 5)
KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
}
KEYS["pss"] = KEYS["rsa"]


def emit(kind, alg, data):
    return subprocess.run([EMIT, kind, alg], input=data, stdout=subprocess.PIPE, check=True).stdout


def sign(alg, tbs):
    if alg == "ecdsa":
        return KEYS[alg].sign(tbs, ec.ECDSA(hashes.SHA256()))
    pad = padding.PKCS1v15()
    if alg == "pss":
        pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return KEYS[alg].sign(tbs, pad, hashes.SHA256())


def make(kind, alg):
    spki = KEYS[alg].public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    tbs = emit(kind, alg, spki)
    der = emit("signed", alg, len(tbs).to_bytes(4, "big") + tbs + sign(alg, tbs))
    if KEEP:
        (KEEP / f"{kind}-{alg}").write_bytes(der)
    return der


def tool(args, der, want):
    """Run a tool of another maker; it must succeed and say every one of want."""
    if not shutil.which(args[0]):
        print(f"# {args[0]} is not installed: not asked")
        return
    run = subprocess.run(args, input=der, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = run.stdout.decode("utf-8", "replace")
    assert run.returncode == 0, f"{args}: {text}"
    for word in want:
        assert word in text, f"{args}: {word!r} is not in:\n{text}"


def names(san):
    return [(type(n).__name__, n.value if not isinstance(n, x509.OtherName)
             else (n.type_id.dotted_string, n.value)) for n in san]


SANS = [
    ("DNSName", "a.example"),
    ("RFC822Name", "a@b.example"),
    ("UniformResourceIdentifier", "tag:microsoft.com,2022-09-14:sid:S-1-5"),
    ("IPAddress", ipaddress.ip_address("192.0.2.1")),
    ("IPAddress", ipaddress.ip_address("2001:db8::1")),
    ("OtherName", ("1.3.6.1.4.1.311.20.2.3", b"\x0c\x10" + "järvi@b.example".encode())),
    ("DirectoryName", x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "FI"),
                                 x509.NameAttribute(NameOID.COMMON_NAME, "other")])),
]


def key_usage(ext):
    return [n for n in ("digital_signature", "content_commitment", "key_encipherment",
                        "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
            if getattr(ext, n)]


def check_common(cert, alg):
    assert cert.version == x509.Version.v3
    assert cert.serial_number == int.from_bytes(bytes([255] + list(range(1, 20))), "big")
    assert cert.not_valid_before == NOT_BEFORE and cert.not_valid_after == NOT_AFTER
    assert cert.public_key().public_numbers() == KEYS[alg].public_key().public_numbers()
    assert cert.issuer.rfc4514_string() == "CN=Test CA,O=Test,C=FI"
    if alg == "ecdsa":
        KEYS[alg].public_key().verify(cert.signature, cert.tbs_certificate_bytes,
                                      ec.ECDSA(hashes.SHA256()))


def test_ca(alg):
    der = make("ca", alg)
    cert = x509.load_der_x509_certificate(der)
    check_common(cert, alg)
    ext = cert.extensions
    assert [e.oid.dotted_string for e in ext] == ["2.5.29.19", "2.5.29.15", "2.5.29.14"]
    bc = ext.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS)
    assert bc.critical and bc.value.ca and bc.value.path_length == 1
    ku = ext.get_extension_for_oid(ExtensionOID.KEY_USAGE)
    assert ku.critical and key_usage(ku.value) == ["key_cert_sign", "crl_sign"]
    tool(["openssl", "x509", "-inform", "der", "-text", "-noout"], der,
         ["CA:TRUE, pathlen:1", "Certificate Sign, CRL Sign", "Jan  2 03:04:05 2051 GMT"])
    tool(["certtool", "-i", "--inder"], der,
         ["Certificate Authority (CA): TRUE", "Path Length Constraint: 1"])


def test_leaf(alg):
    der = make("leaf", alg)
    cert = x509.load_der_x509_certificate(der)
    check_common(cert, alg)
    rdns = [[(a.oid.dotted_string, a.value) for a in rdn] for rdn in cert.subject.rdns]
    assert rdns == [[("2.5.4.6", "FI")], [("2.5.4.10", "Järvi, Oy")],
                    [("2.5.4.5", "77"), ("2.5.4.3", "dev1")],
                    [("1.2.840.113549.1.9.1", "a@b.example")]] or \
        rdns == [[("2.5.4.6", "FI")], [("2.5.4.10", "Järvi, Oy")],
                 [("2.5.4.3", "dev1"), ("2.5.4.5", "77")],
                 [("1.2.840.113549.1.9.1", "a@b.example")]], rdns
    ext = cert.extensions
    assert [e.oid.dotted_string for e in ext] == [
        "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.14", "2.5.29.35", "2.5.29.17",
        "2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.32"]
    assert [e.critical for e in ext] == [True, True] + [False] * 7
    get = ext.get_extension_for_oid
    assert not get(ExtensionOID.BASIC_CONSTRAINTS).value.ca
    assert key_usage(get(ExtensionOID.KEY_USAGE).value) == ["digital_signature",
                                                             "key_encipherment"]
    assert list(get(ExtensionOID.EXTENDED_KEY_USAGE).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON]
    assert get(ExtensionOID.SUBJECT_KEY_IDENTIFIER).value.digest == b"\1\2\3\4"
    assert get(ExtensionOID.AUTHORITY_KEY_IDENTIFIER).value.key_identifier == b"\5\6\7\x08"
    assert names(get(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value) == SANS
    cdp = get(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    assert [n.value for p in cdp for n in p.full_name] == ["http://pki.example/ca.crl"]
    aia = get(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    assert [(d.access_method.dotted_string, d.access_location.value) for d in aia] == [
        ("1.3.6.1.5.5.7.48.1", "http://pki.example/ocsp"),
        ("1.3.6.1.5.5.7.48.2", "http://pki.example/ca.cer")]
    policies = get(ExtensionOID.CERTIFICATE_POLICIES).value
    assert [p.policy_identifier.dotted_string for p in policies] == ["1.2.3.4", "1.2.3.5"]
    tool(["openssl", "x509", "-inform", "der", "-text", "-noout"], der,
         ["CA:FALSE", "DNS:a.example", "IP Address:192.0.2.1", "TLS Web Client Authentication",
          "URI:http://pki.example/ca.crl", "OCSP - URI:http://pki.example/ocsp",
          "Policy: 1.2.3.4"])
    tool(["certtool", "-i", "--inder"], der,
         ["a.example", "http://pki.example/ca.crl", "http://pki.example/ocsp", "1.2.3.5"])


def test_bare(alg):
    der = make("bare", alg)
    cert = x509.load_der_x509_certificate(der)
    check_common(cert, alg)
    assert len(cert.subject.rdns) == 0
    san = cert.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    assert san.critical and names(san.value) == SANS
    tool(["openssl", "x509", "-inform", "der", "-text", "-noout"], der,
         ["Subject Alternative Name: critical"])


def test_csr(alg):
    der = make("csr", alg)
    csr = x509.load_der_x509_csr(der)
    assert csr.subject.rfc4514_string() == "CN=dev1,O=Test,C=FI"
    if alg != "pss":
        assert csr.is_signature_valid
    challenge = csr.attributes.get_attribute_for_oid(x509.oid.AttributeOID.CHALLENGE_PASSWORD)
    assert challenge.value == b"a secret"
    get = csr.extensions.get_extension_for_oid
    assert names(get(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value) == SANS
    assert list(get(ExtensionOID.EXTENDED_KEY_USAGE).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert key_usage(get(ExtensionOID.KEY_USAGE).value) == ["digital_signature",
                                                             "key_encipherment"]
    tool(["openssl", "req", "-inform", "der", "-text", "-noout", "-verify"], der,
         ["verify OK", "challengePassword", "a secret", "DNS:a.example"])
    tool(["certtool", "--crq-info", "--inder"], der, ["a.example", "Self signature: verified"])


REASONS = [None, "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
           "cessationOfOperation", "certificateHold", "privilegeWithdrawn", "aACompromise"]


def test_crl(alg):
    der = make("crl", alg)
    crl = x509.load_der_x509_crl(der)
    assert crl.issuer.rfc4514_string() == "CN=Test CA,O=Test,C=FI"
    assert crl.last_update == NOT_BEFORE and crl.next_update == NOT_AFTER
    get = crl.extensions.get_extension_for_oid
    assert get(ExtensionOID.CRL_NUMBER).value.crl_number == 0xfedcba9876543210
    assert get(ExtensionOID.AUTHORITY_KEY_IDENTIFIER).value.key_identifier == b"\1\2\3\4"
    assert [e.serial_number for e in crl] == [0x800000 + i for i in range(9)]
    for i, entry in enumerate(crl):
        assert entry.revocation_date == NOT_BEFORE + datetime.timedelta(seconds=i)
        reasons = [e.value.reason.value for e in entry.extensions]
        assert reasons == ([REASONS[i]] if REASONS[i] else []), reasons
    if alg != "pss":
        assert crl.is_signature_valid(KEYS[alg].public_key())
    tool(["openssl", "crl", "-inform", "der", "-text", "-noout"], der,
         ["Version 2", "Key Compromise", "Certificate Hold", "Serial Number: 800008"])
    tool(["certtool", "--crl-info", "--inder"], der, ["Revoked certificates (9)", "800008"])


def test_crl_empty(alg):
    der = make("crl-empty", alg)
    crl = x509.load_der_x509_crl(der)
    assert len(crl) == 0
    tool(["openssl", "crl", "-inform", "der", "-text", "-noout"], der,
         ["No Revoked Certificates."])


# --- names that are compared, by the tables of Python ------------------------------------------

NOTHING = {0xad, 0x34f, 0x6dd, 0x70f, 0x1806, 0xfffc, 0xe0001, *range(0x180b, 0x180f), *range(0x200b, 0x200e),
           *range(0x2060, 0x2064), *range(0x206a, 0x2070), *range(0xfe00, 0xfe10), *range(0x1d173, 0x1d17b),
           *range(0xe0020, 0xe0080)}  # RFC 4518 2.2 but for control characters
MARKS = ("Mn", "Mc", "Me")


def prepared(text, exact):
    """RFC 4518 over Unicode 3.13 D146, written anew."""
    fold = str if exact else str.casefold
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text if ord(c) not in NOTHING)
    text = fold(unicodedata.normalize("NFD", text))
    text = unicodedata.normalize("NFKC", fold(unicodedata.normalize("NFKD", text)))
    words, word = [], ""
    for n, c in enumerate(text):
        if c == " " and unicodedata.category(text[n + 1:n + 2] or "x") not in MARKS:
            words, word = words + [word], ""
        else:
            word += c
    return " ".join(w for w in words + [word] if w)


def code_points():
    """All that both know: whose Unicode is older finds the newest not assigned."""
    for c in map(chr, range(0x110000)):
        if unicodedata.category(c) not in ("Cs", "Cn", "Cc", "Co"):
            yield c


def strings():
    odd = [c for c in code_points() if unicodedata.normalize("NFKD", c.casefold()) != c or
           unicodedata.category(c) in ("Mn", "Zs")]
    random.seed(4518)
    for _ in range(4000):
        yield "".join(random.choice((random.choice(odd), random.choice("aAbB  "))) for _ in range(random.randint(1, 6)))


def control(text):
    return any(ord(c) in (0x61c, 0x200e, 0x200f, 0xfeff) or 0x2028 <= ord(c) <= 0x202e or
               0x2066 <= ord(c) <= 0x2069 or 0xfff9 <= ord(c) <= 0xfffb for c in text)


def ask_equal(pairs, how):
    data = b"".join(len(t).to_bytes(2, "big") + t for pair in pairs for t in (s.encode() for s in pair))
    got = subprocess.run([EMIT, "equal", how], input=data, stdout=subprocess.PIPE, check=True).stdout.decode()
    assert len(got) == len(pairs)
    wrong = [(pair, g) for pair, g in zip(pairs, got)
             if g != "01"[prepared(pair[0], how == "exact") == prepared(pair[1], how == "exact")]]
    assert not wrong, [(tuple(ascii(t) for t in p), g) for p, g in wrong[:5]]
    return got


def test_names(how):
    """Each character and each of many texts against what it is prepared to, another spelling, and others."""
    texts = [t for t in itertools.chain(code_points(), strings()) if not control(t)]
    random.seed(4517)
    pairs = []
    for t in texts:
        pairs += [(t, prepared(t, how == "exact")), (t, unicodedata.normalize("NFD", t).upper())]
    pairs += [(t, random.choice(texts)) for t in texts[-4000:]]
    got = "".join(ask_equal(pairs[n:n + 50000], how) for n in range(0, len(pairs), 50000))
    assert got.count("1") > 4000 and got.count("0") > 3000


def main():
    cases = [(f, alg) for f in (test_ca, test_leaf, test_bare, test_csr, test_crl,
                                test_crl_empty) for alg in ("rsa", "pss", "ecdsa")]
    cases += [(test_names, how) for how in ("ignore", "exact")]
    bad = 0
    print(f"1..{len(cases)}")
    for n, (case, alg) in enumerate(cases, 1):
        try:
            case(alg)
            print(f"ok {n} - {case.__name__} {alg}")
        except Exception as why:
            bad += 1
            print(f"not ok {n} - {case.__name__} {alg}")
            for line in (repr(why)[:2000]).split("\\n"):
                print(f"# {line}")
    return 1 if bad else 0


sys.exit(main())
