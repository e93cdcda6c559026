# SPDX-License-Identifier: Apache-2.0
"""Everything that we emit is read back by openssl's commands and python3-cryptography."""

import datetime
import os
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

import keys
import scep
import system


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


@pytest.fixture(scope="module")
def enrolled(signet):
    """One enrolment with a name of every kind."""
    return signet.enrol("CN=oracle,O=Test", SANS, key=keys.rsa("oracle"))


SANS = ("dns:oracle.example", "email:o@oracle.example", "uri:https://oracle.example/x", "ip:192.0.2.7",
        "ip:2001:db8::7", "upn:o@oracle.example")


def verify_issued(cert, issuer):
    key = issuer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(cert.signature, cert.tbs_certificate_bytes, padding.PKCS1v15(),
                   cert.signature_hash_algorithm)
    else:
        key.verify(cert.signature, cert.tbs_certificate_bytes, ec.ECDSA(cert.signature_hash_algorithm))


def chain_pem(signet, work):
    return write(os.path.join(work, "chain.pem"), b"".join(
        c.public_bytes(Encoding.PEM) for c in signet.server().ca_certs()[1:]))


def root_pem(signet, work):
    return write(os.path.join(work, "root.pem"),
                 signet.server().ca_certs()[-1].public_bytes(Encoding.PEM))


def test_certrep__openssl_cms__verifies_and_decrypts(signet, enrolled, work):
    req, rep = enrolled
    ra = write(os.path.join(work, "ra.pem"), signet.server().ra.public_bytes(Encoding.PEM))
    answer = write(os.path.join(work, "rep.der"), rep.raw)
    content = os.path.join(work, "content.der")
    system.run("openssl", "cms", "-verify", "-inform", "DER", "-in", answer, "-out", content,
               "-certfile", ra, "-CAfile", root_pem(signet, work), "-purpose", "any", "-binary")
    key = write(os.path.join(work, "key.pem"), keys.pem(req.signer_key))
    inner = os.path.join(work, "inner.der")
    system.run("openssl", "cms", "-decrypt", "-inform", "DER", "-in", content, "-inkey", key,
               "-out", inner, "-binary")
    out = system.run("openssl", "pkcs7", "-inform", "DER", "-in", inner, "-print_certs").stdout
    assert out.count("BEGIN CERTIFICATE") == 1
    got = x509.load_pem_x509_certificate(out[out.index("-----BEGIN"):].encode())
    assert got == rep.cert


def test_certrep_failure__openssl_cms__verifies(signet, work):
    req, rep = signet.server().enrol(subject="CN=no,O=Test", challenge="wrong")
    assert rep.status == scep.FAILURE
    answer = write(os.path.join(work, "rep.der"), rep.raw)
    out = system.run("openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", answer).stdout
    assert "2.16.840.1.113733.1.9.4" in out or "failInfo" in out


def test_getcacert__openssl_pkcs7__prints_the_chain(signet, work):
    body = write(os.path.join(work, "ca.p7"), signet.server().operation("GetCACert").body)
    out = system.run("openssl", "pkcs7", "-inform", "DER", "-in", body, "-print_certs").stdout
    assert out.count("BEGIN CERTIFICATE") == len(signet.server().ca_certs())


def test_certificate__openssl_verify__chain_and_purpose(signet, enrolled, work):
    _, rep = enrolled
    cert = write(os.path.join(work, "cert.pem"), rep.cert.public_bytes(Encoding.PEM))
    system.run("openssl", "verify", "-x509_strict", "-CAfile", root_pem(signet, work),
               "-untrusted", chain_pem(signet, work), "-purpose", "sslclient", cert)
    assert system.run("openssl", "verify", "-CAfile", root_pem(signet, work), "-untrusted",
                      chain_pem(signet, work), "-purpose", "sslserver", cert, check=False).returncode


def test_ra_and_ca_certificates__openssl_verify__strict(signet, work):
    certs = signet.server().ca_certs()
    for i, c in enumerate(certs):
        path = write(os.path.join(work, "%d.pem" % i), c.public_bytes(Encoding.PEM))
        system.run("openssl", "verify", "-x509_strict", "-CAfile", root_pem(signet, work),
                   "-untrusted", chain_pem(signet, work), path)


def test_certificate__python_cryptography__every_field(signet, enrolled):
    _, rep = enrolled
    cert = rep.cert
    issuer = signet.server().ca_certs()[1]
    verify_issued(cert, issuer)
    assert cert.version == x509.Version.v3
    assert cert.issuer == issuer.subject
    assert 0 < cert.serial_number < 1 << 159 and cert.serial_number.bit_length() > 64
    now = datetime.datetime.utcnow()
    assert cert.not_valid_before <= now < cert.not_valid_after <= issuer.not_valid_after
    ext = cert.extensions
    by = {e.oid.dotted_string: e for e in ext}
    assert not ext.get_extension_for_class(x509.BasicConstraints).value.ca \
        if "2.5.29.19" in by else True
    usage = ext.get_extension_for_class(x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature and usage.value.key_encipherment
    assert not usage.value.key_cert_sign and not usage.value.crl_sign
    assert [o.dotted_string for o in ext.get_extension_for_class(x509.ExtendedKeyUsage).value] == [
        "1.3.6.1.5.5.7.3.2"]
    aki = ext.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    ski = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert aki.key_identifier == ski.digest
    assert ext.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert "2.5.29.31" not in by and "1.3.6.1.5.5.7.1.1" not in by, "no CDP or AIA without a URL"
    san = ext.get_extension_for_class(x509.SubjectAlternativeName)
    assert not san.critical
    v = san.value
    assert v.get_values_for_type(x509.DNSName) == ["oracle.example"]
    assert v.get_values_for_type(x509.RFC822Name) == ["o@oracle.example"]
    assert v.get_values_for_type(x509.UniformResourceIdentifier) == ["https://oracle.example/x"]
    assert [str(a) for a in v.get_values_for_type(x509.IPAddress)] == ["192.0.2.7", "2001:db8::7"]
    assert [o.type_id.dotted_string for o in v.get_values_for_type(x509.OtherName)] == [
        "1.3.6.1.4.1.311.20.2.3"]


def test_certificates__serials__differ_and_are_random(signet):
    serials = [signet.enrol("CN=serial%d,O=Test" % i)[1].cert.serial_number for i in range(4)]
    assert len(set(serials)) == 4
    low = [s & ((1 << 64) - 1) for s in serials]
    assert len({v >> 32 for v in low}) == 4, "the low 64 bits are random"


@pytest.mark.parametrize("url", ["http://pki.example/ca.crl"])
def test_certificate__with_urls_configured__cdp_and_aia(fresh, url):
    one = fresh(lambda t: re.sub(r"(?m)^ca:[ \t]*(#.*)?$", lambda m: m.group(0) +
                                 "\n  cdp-url: %s\n  aia-url: http://pki.example/ca.cer" % url,
                                 re.sub(r"(?m)^\s+#?\s*(cdp|aia)-url:.*\n", "", t)))
    _, rep = one.enrol("CN=urls,O=Test")
    ext = rep.cert.extensions
    cdp = ext.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [n.value for d in cdp for n in d.full_name] == [url]
    aia = ext.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [a.access_location.value for a in aia] == ["http://pki.example/ca.cer"]


def read_crl(one):
    out = one.cli("ca", "crl").stdout
    if "BEGIN X509 CRL" in out:
        return x509.load_pem_x509_crl(out[out.index("-----BEGIN"):].encode())
    path = os.path.join(one.data, "pub/ca.crl")
    with open(path, "rb") as f:
        data = f.read()
    return x509.load_pem_x509_crl(data) if b"BEGIN" in data else x509.load_der_x509_crl(data)


def test_crl__revoked_certificates__openssl_and_python_agree(fresh, work):
    one = fresh()
    certs = [one.enrol("CN=crl%d,O=Test" % i)[1].cert for i in range(3)]
    issuer = one.server().ca_certs()[1]
    empty = read_crl(one)
    assert empty.is_signature_valid(issuer.public_key())
    assert len(list(empty)) == 0
    one.cli("ca", "revoke", "%x" % certs[0].serial_number)
    one.cli("ca", "revoke", "%x" % certs[1].serial_number, "--reason", "keyCompromise")
    crl = read_crl(one)
    assert crl.is_signature_valid(issuer.public_key()) and crl.issuer == issuer.subject
    assert {r.serial_number for r in crl} == {c.serial_number for c in certs[:2]}
    number = x509.CRLNumber
    assert crl.extensions.get_extension_for_class(number).value.crl_number > \
        empty.extensions.get_extension_for_class(number).value.crl_number
    aki = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert aki.key_identifier == issuer.extensions.get_extension_for_class(
        x509.SubjectKeyIdentifier).value.digest
    reason = crl.get_revoked_certificate_by_serial_number(certs[1].serial_number).extensions
    assert reason.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
    assert crl.next_update > datetime.datetime.utcnow()

    crl_path = write(os.path.join(work, "crl.pem"), crl.public_bytes(Encoding.PEM))
    chain = chain_pem(one, work)
    system.run("openssl", "crl", "-in", crl_path, "-noout", "-verify", "-CAfile", chain)
    for cert, good in zip(certs, (False, False, True)):
        path = write(os.path.join(work, "c.pem"), cert.public_bytes(Encoding.PEM))
        p = system.run("openssl", "verify", "-crl_check", "-CRLfile", crl_path, "-CAfile",
                       root_pem(one, work), "-untrusted", chain, path, check=False)
        assert (p.returncode == 0) == good, p.stdout + p.stderr


def test_revoked__stays_revoked_after_a_restart(fresh):
    one = fresh()
    _, rep = one.enrol("CN=stay,O=Test")
    one.cli("ca", "revoke", rep.serial)
    one.restart()
    assert rep.cert.serial_number in {r.serial_number for r in read_crl(one)}
    assert one.cli("ca", "revoke", rep.serial, check=False).returncode is not None
    one.stop()
    one.fsck()


def test_our_client__key_and_certificate__openssl_reads(signet, work):
    subject = "CN=files,O=Test"
    path = os.path.join(work, "f")
    from test_peers import root_fingerprint
    system.run(system.BIN, "enroll", signet.url, "--subject", subject, "--challenge-file", "-",
               "--key", path + ".key", "--out", path + ".pem", "--ca-fingerprint",
               root_fingerprint(signet), data=signet.challenge(subject))
    key = load_pem_private_key(open(path + ".key", "rb").read(), None)
    cert = x509.load_pem_x509_certificate(open(path + ".pem", "rb").read())
    assert key.public_key().public_numbers() == cert.public_key().public_numbers()
    assert key.key_size >= 2048
    system.run("openssl", "rsa", "-in", path + ".key", "-check", "-noout")
