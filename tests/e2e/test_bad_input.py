# SPDX-License-Identifier: Apache-2.0
"""What must not give a certificate. Each case: a well-formed answer, no change, and the cause in the
trace."""

import datetime
import http.client
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import der
import keys
import scep
import system
from expect import refused, traced, unchanged

LONG = bool(os.environ.get("SIGNET_LONG"))
ANY_EKU, CODE_SIGNING, OCSP_SIGNING = "2.5.29.37.0", "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.9"
CLIENT_AUTH, REQUEST_AGENT = "1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.1"


def attempt(signet, endpoint="default", subject="CN=bad,O=Test", challenge="valid", **o):
    """One request with a valid challenge unless said otherwise; (Request, CertRep)."""
    if challenge == "valid":
        challenge = signet.challenge(subject, o.get("sans", ()), endpoint)
    return signet.server(endpoint).enrol(subject=subject, challenge=challenge, **o)


# --- keys that strangers choose ---------------------------------------------------------------

def pretended(bits, exponent):
    """A signer certificate with a public key to which nobody has the private one."""
    modulus = (1 << (bits - 1)) + 2 * int.from_bytes(os.urandom(bits // 8 - 2), "big") + 1
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return scep.self_signed(key, signer=keys.rsa("pretender"))


@pytest.mark.parametrize("bits,exponent", [(8192, 65537), (4104, 65537), (2048, (1 << 32) + 1),
                                           (8192, (1 << 64) - 1)])
def test_signer_key__expensive__refused_before_it_is_used(signet, bits, exponent):
    """The signature is wrong, too: that is not what is found."""
    with unchanged(signet):
        req, rep = attempt(signet, signer_cert=pretended(bits, exponent))
    refused(rep, scep.BAD_REQUEST)
    traced(signet, req.transaction, r"key\.cost")


@pytest.mark.parametrize("bits,exponent", [(4096, 65537), (2048, (1 << 32) - 1), (2048, 3)])
def test_signer_key__within_bounds__used(signet, bits, exponent):
    with unchanged(signet):
        req, rep = attempt(signet, signer_cert=pretended(bits, exponent))
    refused(rep, scep.BAD_MESSAGE_CHECK)
    traced(signet, req.transaction, r"signature")


@pytest.mark.parametrize("corrupt", [False, True])
def test_signer_key__elliptic_curve__refused_before_it_is_used(signet, corrupt):
    """Nothing can be encrypted to it: FAILURE, which needs no key, whether the signature holds or not."""
    with unchanged(signet):
        req, rep = attempt(signet, key=keys.p256("ec"), signer={"corrupt": corrupt})
    refused(rep, scep.BAD_ALG)
    traced(signet, req.transaction, r"scep\.answer\.key")


@pytest.mark.parametrize("exponent", [(1 << 32) + 1, (1 << 63) + 1])
def test_request_key__expensive__refused_before_it_is_used(signet, exponent):
    numbers = keys.rsa("csr of great cost").public_key().public_numbers()
    key = rsa.RSAPublicNumbers(exponent, numbers.n).public_key()
    with unchanged(signet):
        req, rep = attempt(signet, csr={"spki": keys.spki(key)})
    refused(rep)
    traced(signet, req.transaction, r"key\.cost")


# --- challenges --------------------------------------------------------------------------------

def test_challenge__wrong__refused(signet):
    with unchanged(signet):
        req, rep = attempt(signet, challenge="0123456789abcdef0123456789abcdef")
    refused(rep, scep.BAD_REQUEST, scep.BAD_MESSAGE_CHECK)
    traced(signet, req.transaction, r"challenge")


@pytest.mark.parametrize("challenge", [None, "", " ", "\0", "A" * 16384])
def test_challenge__absent_or_nonsense__refused(signet, challenge):
    with unchanged(signet):
        _, rep = attempt(signet, challenge=challenge, csr={"challenge_tag": der.UTF8})
    refused(rep)


def test_challenge__longer_than_the_limit__refused(signet):
    with unchanged(signet):
        _, rep = attempt(signet, challenge="A" * 16385)
    refused(rep)


def test_challenge__used__refused(signet):
    subject = "CN=used,O=Test"
    challenge = signet.challenge(subject)
    signet.enrol(subject, challenge=challenge)
    with unchanged(signet):
        req, rep = attempt(signet, subject=subject, challenge=challenge, key=keys.rsa("second user"))
    refused(rep, scep.BAD_REQUEST, scep.BAD_MESSAGE_CHECK)
    traced(signet, req.transaction, r"used|consumed|challenge")


def test_challenge__expired__refused(signet):
    import time
    challenge = signet.challenge("CN=late,O=Test", expires="1s")
    time.sleep(2.1)
    with unchanged(signet):
        req, rep = attempt(signet, subject="CN=late,O=Test", challenge=challenge)
    refused(rep)
    traced(signet, req.transaction, r"expired")


@pytest.mark.parametrize("subject,sans", [
    ("CN=admin,O=Test", ("dns:dev1.example",)),
    ("CN=dev1,O=Other", ("dns:dev1.example",)),
    ("CN=dev1", ("dns:dev1.example",)),
    ("CN=dev1,O=Test,OU=More", ("dns:dev1.example",)),
    ("CN=dev1,CN=admin,O=Test", ("dns:dev1.example",)),
    ("", ("dns:dev1.example",)),
    ("CN=dev1,O=Test", ()),
    ("CN=dev1,O=Test", ("dns:admin.example",)),
    ("CN=dev1,O=Test", ("dns:dev1.example", "dns:admin.example")),
    ("CN=dev1,O=Test", ("dns:dev1.example", "upn:admin@example")),
    ("CN=dev1,O=Test", ("email:dev1.example",)),
    ("CN=dev1,O=Test", ("dns:*.example",)),
])
def test_challenge__for_another_name__refused(signet, subject, sans):
    challenge = signet.challenge("CN=dev1,O=Test", ("dns:dev1.example",))
    with unchanged(signet):
        _, rep = attempt(signet, subject=subject, sans=sans, challenge=challenge)
    refused(rep, scep.BAD_REQUEST, scep.BAD_MESSAGE_CHECK)


def test_challenge__of_another_endpoint__refused(signet):
    challenge = signet.challenge("CN=dev1,O=Test", endpoint="second")
    with unchanged(signet):
        _, rep = attempt(signet, challenge=challenge)
    refused(rep)


def test_challenge__two_attributes__refused(signet):
    one = scep.attribute(scep.CHALLENGE, der.printable(signet.challenge("CN=bad,O=Test")))
    two = scep.attribute(scep.CHALLENGE, der.printable("another"))
    with unchanged(signet):
        _, rep = attempt(signet, csr={"attributes": [one, two]})
    refused(rep)


def test_challenge__two_values__refused(signet):
    both = scep.attribute(scep.CHALLENGE, der.printable(signet.challenge("CN=bad,O=Test")),
                          der.printable("another"))
    with unchanged(signet):
        _, rep = attempt(signet, csr={"attributes": [both]})
    refused(rep)


def test_challenge__guesses__burn_nothing_of_others(signet):
    subject = "CN=patient,O=Test"
    challenge = signet.challenge(subject)
    for i in range(10):
        refused(attempt(signet, subject=subject, challenge=challenge[:-1] + "%x" % i * 2)[1])
    signet.enrol(subject, challenge=challenge)


def test_challenge__five_failures__burnt(signet):
    challenge = signet.challenge("CN=burn,O=Test")
    for _ in range(5):
        refused(attempt(signet, subject="CN=mistaken,O=Test", challenge=challenge)[1])
    with unchanged(signet):
        _, rep = attempt(signet, subject="CN=burn,O=Test", challenge=challenge)
    refused(rep)


def test_challenge__after_a_refused_request__still_good(signet):
    challenge = signet.challenge("CN=again,O=Test")
    refused(attempt(signet, subject="CN=mistaken,O=Test", challenge=challenge)[1])
    signet.enrol("CN=again,O=Test", challenge=challenge)


def test_static__secret_with_another_subject__refused(signet):
    import conftest
    with unchanged(signet):
        _, rep = attempt(signet, "printers", "CN=admin,O=Test", conftest.STATIC_SECRET)
    refused(rep)


def test_static__secret_with_the_subject__accepted(signet):
    import conftest
    name = "p1.printers.example"
    _, rep = attempt(signet, "printers", "CN=%s,O=Test" % name, conftest.STATIC_SECRET,
                     sans=("dns:" + name,))
    assert rep.status == scep.SUCCESS


def test_static__wrong_secret__refused(signet):
    with unchanged(signet):
        _, rep = attempt(signet, "printers", "CN=p2.printers.example,O=Test", "static-secret")
    refused(rep)


# --- requests ----------------------------------------------------------------------------------

def generic(signet, **o):
    with unchanged(signet):
        req, rep = attempt(signet, **o)
    refused(rep, scep.BAD_REQUEST)
    return req, rep


def test_csr__bad_signature__refused(signet):
    req, _ = generic(signet, csr={"corrupt": True})
    traced(signet, req.transaction, r"signature")


def test_csr__signed_by_another_key__refused(signet):
    generic(signet, csr={"signer": keys.rsa("other")})


def test_csr__somebody_elses_public_key__refused(signet):
    generic(signet, csr={"spki": keys.spki(keys.rsa("victim"))})


@pytest.mark.parametrize("digest", ["md5", "sha1"])
def test_csr__weak_digest__md5_refused(signet, digest):
    with unchanged(signet) if digest == "md5" else open(os.devnull):
        _, rep = attempt(signet, csr={"digest": digest})
    if digest == "md5":
        refused(rep)


@pytest.mark.parametrize("version", [1, 2, -1])
def test_csr__version__decides_nothing(signet, version):
    _, rep = attempt(signet, csr={"version": version})
    assert rep.status == scep.SUCCESS


def test_csr__version_of_hundreds_of_bytes__refused(signet):
    generic(signet, csr={"version": 1 << 4000})


@pytest.mark.parametrize("size", [1024, 1536])
def test_csr__short_rsa__refused(signet, size):
    with unchanged(signet):
        _, rep = attempt(signet, key=keys.rsa("short", size), signer_key=keys.rsa("signer"))
    refused(rep)


def test_csr__trailing_bytes__refused(signet):
    subject = "CN=bad,O=Test"
    good = scep.csr(keys.rsa("client"), subject, challenge=signet.challenge(subject))
    for extra in (b"\0", b"\x05\x00", good):
        generic(signet, csr=good + extra, challenge=None)


@pytest.mark.parametrize("garbage", [b"", b"\0", b"\x30\x00", b"\x30\x84\xff\xff\xff\xff", b"A" * 3000])
def test_csr__garbage__refused(signet, garbage):
    generic(signet, csr=garbage, challenge=None)


def test_csr__ca_true__leaf_without_it_or_refused(signet):
    exts = [scep.basic_constraints(True, 3),
            scep.extension("2.5.29.15", der.bits(b"\x06", 1), True)]  # keyCertSign, cRLSign
    _, rep = attempt(signet, csr={"extensions": exts})
    if rep.status == scep.SUCCESS:
        assert_leaf(rep.cert)
    else:
        refused(rep)


@pytest.mark.parametrize("eku", [ANY_EKU, CODE_SIGNING, OCSP_SIGNING, REQUEST_AGENT])
def test_csr__foreign_eku__not_taken_over(signet, eku):
    _, rep = attempt(signet, csr={"extensions": [scep.eku_extension(CLIENT_AUTH, eku)]})
    if rep.status == scep.SUCCESS:
        assert_leaf(rep.cert)
    else:
        refused(rep)


@pytest.mark.parametrize("oid,value", [
    ("1.3.6.1.4.1.311.25.2", b"\x30\x00"),  # SID
    ("2.5.29.30", b"\x30\x00"),  # name constraints
    ("2.5.29.31", b"\x30\x00"),  # CDP
    ("1.3.6.1.5.5.7.1.1", b"\x30\x00"),  # AIA
    ("1.2.3.4.5", b"\x04\x00"),
])
@pytest.mark.parametrize("critical", [False, True])
def test_csr__other_extensions__never_copied(signet, oid, value, critical):
    _, rep = attempt(signet, csr={"extensions": [scep.extension(oid, value, critical)]})
    if rep.status == scep.SUCCESS:
        assert_leaf(rep.cert)
        assert oid not in [e.oid.dotted_string for e in rep.cert.extensions]
    else:
        refused(rep)


def assert_leaf(cert):
    ext = cert.extensions
    x = scep.x509
    try:
        assert not ext.get_extension_for_class(x.BasicConstraints).value.ca
    except x.ExtensionNotFound:
        pass
    usage = ext.get_extension_for_class(x.KeyUsage).value
    assert not usage.key_cert_sign and not usage.crl_sign
    assert [o.dotted_string for o in
            ext.get_extension_for_class(x.ExtendedKeyUsage).value] == [CLIENT_AUTH]


@pytest.mark.parametrize("cn", [b"dev\0.evil", b"dev\x1b[31m", b"dev\x07", b"dev\r\nSet: x",
                                "dev\u202eelpmaxe".encode(), b"\xff\xfe", b"\xc0\x80", b"a" * 65, b""])
@pytest.mark.parametrize("tag", [der.UTF8, der.PRINTABLE, der.T61])
def test_csr__cn_with_nul_or_escapes__refused_and_harmless_in_the_trace(signet, cn, tag):
    with unchanged(signet):
        req, rep = attempt(signet, challenge=signet.challenge("CN=dev,O=Test"),
                           subject=[("CN", (tag, cn)), ("O", "Test")])
    refused(rep)
    out = signet.trace(req.transaction, check=False) + signet.events()
    assert not set(out) & set("\x1b\0\x07\r\u202e")


@pytest.mark.parametrize("san", [
    der.implicit(2, b"dev\0.example"), der.implicit(2, b""), der.implicit(7, b"\x01\x02\x03"),
    der.implicit(2, b"a" * 3000), der.implicit(2, b"dev1.example\n"), der.implicit(2, b"\xc3\xa4.example"),
    der.implicit(6, b"javascript:\0"), der.implicit(8, b"\x2a\x03"),
])
def test_csr__san_malformed__refused(signet, san):
    with unchanged(signet):
        _, rep = attempt(signet, challenge=signet.challenge("CN=dev,O=Test", ("dns:dev1.example",)),
                         subject="CN=dev,O=Test", sans=(san,))
    refused(rep)


def test_csr__two_extension_requests__refused(signet):
    one = scep.attribute(scep.EXTENSIONS, der.seq(scep.san_extension(["dns:a.example"])))
    two = scep.attribute(scep.EXTENSIONS, der.seq(scep.san_extension(["dns:b.example"])))
    ch = scep.attribute(scep.CHALLENGE, der.printable(
        signet.challenge("CN=bad,O=Test", ("dns:a.example",))))
    generic_or_later(signet, csr={"attributes": [ch, one, two]})


def generic_or_later(signet, **o):
    with unchanged(signet):
        _, rep = attempt(signet, **o)
    refused(rep)


# --- message types and attributes --------------------------------------------------------------

@pytest.mark.parametrize("message_type", [
    "0", "1", "2", "3", "4", "16", "18", "23", "99", "255", "256", "019", " 19", "19 ", "-1", "+19", "",
    "19\0", "nineteen", "1" * 300, "4294967315", "18446744073709551635"])
def test_message_type__unknown__refused(signet, message_type):
    with unchanged(signet):
        _, rep = attempt(signet, message_type=message_type)
    refused(rep, scep.BAD_REQUEST)


@pytest.mark.parametrize("value", [der.integer(19), der.octets(b"19"), der.null(), der.seq()])
def test_message_type__wrong_asn1_type__no_certificate(signet, value):
    no_certificate(signet, attrs={}, message_type=value)


@pytest.mark.parametrize("oid", [scep.MESSAGE_TYPE, scep.TRANSACTION, scep.MESSAGE_DIGEST])
def test_attribute__required_one_missing__no_certificate(signet, oid):
    no_certificate(signet, attrs={"without": (oid,)})


@pytest.mark.parametrize("oid", [scep.MESSAGE_TYPE, scep.TRANSACTION, scep.MESSAGE_DIGEST,
                                 scep.SENDER_NONCE])
def test_attribute__twice__no_certificate(signet, oid):
    no_certificate(signet, attrs={"twice": (oid,)})


@pytest.mark.parametrize("value", [
    der.printable(""), der.printable("x" * 256), der.integer(1), der.octets(b"id"),
    der.tlv(der.BMP, b"\0i\0d")])
def test_transaction__bad__no_certificate(signet, value):
    no_certificate(signet, transaction=value)


@pytest.mark.parametrize("value", ["'; DROP TABLE transactions; --", "a\r\nb", "%s%n", "\x1b[2J",
                                   "../../etc/passwd"])
def test_transaction__hostile_text__kept_as_data(signet, value):
    req, rep = attempt(signet, transaction=der.utf8(value))
    assert rep.status in (scep.SUCCESS, scep.FAILURE)
    assert "\x1b" not in signet.events()
    assert signet.certs() is not None


@pytest.mark.parametrize("nonce", [b"n" * 65, b"n" * 1000])
def test_nonce__too_long__no_certificate(signet, nonce):
    no_certificate(signet, nonce=nonce)


def no_certificate(signet, endpoint="default", **o):
    """HTTP 400, or a FAILURE; never a certificate."""
    server = signet.server(endpoint)
    subject = o.pop("subject", "CN=bad,O=Test")
    o.setdefault("challenge", signet.challenge(subject, (), endpoint))
    req = scep.Request(ra=server.ra, subject=subject, **o)
    with unchanged(signet):
        r = server.post(req.build())
    answered_no(server, r)
    return r


def answered_no(server, r):
    if r.status == 200:
        assert r.headers["content-type"] == "application/x-pki-message"
        refused(scep.read_certrep(r.body, server.ra))
    else:
        assert r.status == 400, (r.status, r.body)
        assert len(r.body) <= 200


# --- algorithms --------------------------------------------------------------------------------

def bad_alg(signet, endpoint="default", **o):
    with unchanged(signet):
        req, rep = attempt(signet, endpoint, **o)
    refused(rep, scep.BAD_ALG)
    return req


def test_digest__md5__bad_alg(signet):
    req = bad_alg(signet, digest="md5")
    traced(signet, req.transaction, r"md5")


@pytest.mark.parametrize("endpoint", ["default", "legacy", "strict"])
def test_cipher__single_des__bad_alg_everywhere(signet, endpoint):
    req = bad_alg(signet, endpoint, cipher="des-cbc", attrs={"signing_time": scep.NOW})
    traced(signet, req.transaction, r"\bdes\b")


def test_digest__md5_at_legacy__bad_alg(signet):
    bad_alg(signet, "legacy", digest="md5")


@pytest.mark.parametrize("cipher", ["des3-cbc", "rc2-cbc", "aes128-gcm", "aes128-ofb", "aes128-cfb",
                                    "aes128-ecb"])
def test_cipher__not_in_the_list__bad_alg(signet, cipher):
    bad_alg(signet, cipher=cipher)


def test_signature__md5_with_rsa_identifier__bad_alg(signet):
    bad_alg(signet, signer={"signature_oid": scep.RSA_SIGNATURES["md5"]})


def test_signature__identifier_of_another_digest__no_certificate(signet):
    no_certificate(signet, signer={"signature_oid": scep.RSA_SIGNATURES["sha512"]})


def test_digest__differs_from_the_attributes__no_certificate(signet):
    no_certificate(signet, attrs={"digest": "sha512"})


def test_digest__sha1_in_strict__bad_alg(signet):
    bad_alg(signet, "strict", digest="sha1", attrs={"signing_time": scep.NOW})


# --- CMS ---------------------------------------------------------------------------------------

def test_signature__wrong__no_certificate(signet):
    no_certificate(signet, signer={"corrupt": True})


def test_signature__by_another_key__no_certificate(signet):
    no_certificate(signet, signer_key=keys.rsa("other"),
                   signer_cert=scep.self_signed(keys.rsa("client")))


@pytest.mark.parametrize("signers", [0, 2, 5])
def test_signers__not_one__no_certificate(signet, signers):
    no_certificate(signet, signers=signers)


def test_signer_certificate__absent__no_certificate(signet):
    no_certificate(signet, outer={"certs": []})


def test_signer_certificate__another_only__no_certificate(signet):
    no_certificate(signet, outer={"certs": [scep.self_signed(keys.rsa("other"), "CN=other")]})


def test_certificates__more_than_64__no_certificate(signet):
    many = [scep.self_signed(keys.rsa("other"), "CN=%d" % i) for i in range(64)]
    own = scep.self_signed(keys.rsa("client"))
    no_certificate(signet, signer_cert=own, outer={"certs": [own] + many})


@pytest.mark.parametrize("count", [0, 2, 3, 17])
def test_recipients__none_or_the_ra_twice__no_certificate(signet, count):
    ra = signet.server().ra
    no_certificate(signet, envelope={
        "recipients": lambda key: [scep.recipient(ra, key)] * count})


def test_recipient__somebody_else__refused(signet):
    other = scep.self_signed(keys.rsa("other"), "CN=other RA")
    no_certificate(signet, envelope={"recipients": lambda key: [scep.recipient(other, key)]})


@pytest.mark.parametrize("encrypted", [b"\0" * 256, b"\xff" * 256, b"\1" * 255, b"", b"\1" * 257])
def test_recipient__encrypted_key_garbage__refused(signet, encrypted):
    ra = signet.server().ra
    no_certificate(signet, envelope={
        "recipients": lambda key: [scep.recipient(ra, key, encrypted=encrypted)]})


def test_recipient__key_of_wrong_length__refused(signet):
    ra = signet.server().ra
    no_certificate(signet, envelope={
        "recipients": lambda key: [scep.recipient(ra, key + b"\0" * 8)]})


def test_oaep__with_a_label__no_certificate(signet):
    ra = signet.server().ra
    no_certificate(signet, envelope={"recipients": lambda key: [
        scep.recipient(ra, key, "oaep-sha256", label=b"label")]})


def test_envelope__padding_wrong__refused(signet):
    subject = "CN=bad,O=Test"
    csr = scep.csr(keys.rsa("client"), subject, challenge=signet.challenge(subject))
    csr += b"\0" * (-len(csr) % 16) + b"\0" * 16
    generic(signet, csr=csr, challenge=None, envelope={"pad": False})


@pytest.mark.parametrize("o", [
    {"oid": "1.2.840.113549.1.9.16.1.23"}, {"oid": scep.DATA}, {"encrypted": b""}, {"encrypted": b"x" * 15}, {"encrypted": b"x" * 64}])
def test_envelope__wrong_in_some_field__no_certificate(signet, o):
    no_certificate(signet, envelope=o)


def test_envelope__csr_in_the_clear__no_certificate(signet):
    subject = "CN=bad,O=Test"
    csr = scep.csr(keys.rsa("client"), subject, challenge=signet.challenge(subject))
    no_certificate(signet, challenge=None, enveloped=csr)


@pytest.mark.parametrize("enveloped", [b"", b"\x30\x00", b"\0" * 100])
def test_envelope__absent_or_garbage__no_certificate(signet, enveloped):
    no_certificate(signet, enveloped=enveloped)


def test_envelope__trailing_bytes__no_certificate(signet):
    subject = "CN=bad,O=Test"
    env = scep.envelope(scep.csr(keys.rsa("client"), subject, challenge=signet.challenge(subject)),
                        signet.server().ra)
    for extra in (b"\0", b"\0\0", env):
        no_certificate(signet, challenge=None, enveloped=env + extra)


@pytest.mark.parametrize("o", [
    {"oid": scep.ENVELOPED}, {"oid": scep.DATA}])
def test_signed_data__wrong_in_some_field__no_certificate(signet, o):
    no_certificate(signet, outer=o)


def test_signed_data__trailing_bytes__no_certificate(signet):
    server = signet.server()
    m = scep.Request(ra=server.ra, challenge=signet.challenge()).build()
    with unchanged(signet):
        for extra in (b"\0", b"\0\0", b"\x30\x00", b"\r\n", m):
            answered_no(server, server.post(m + extra))


def test_signed_data__truncated_at_every_length__no_certificate(signet):
    server = signet.server()
    m = scep.Request(ra=server.ra, challenge=signet.challenge()).build()
    c = http.client.HTTPConnection(server.host, server.port, timeout=60)
    with unchanged(signet):
        for n in range(0, len(m)):
            try:
                c.request("POST", "/scep?operation=PKIOperation", body=m[:n])
                r = c.getresponse()
                body = r.read()
            except (http.client.HTTPException, ConnectionError):
                c.close()
                c.request("POST", "/scep?operation=PKIOperation", body=m[:n])
                r = c.getresponse()
                body = r.read()
            assert r.status in (200, 400), (n, r.status)
            if r.status == 200:
                refused(scep.read_certrep(body, server.ra))
    c.close()


def test_body__ends_before_content_length__no_certificate_and_no_harm(signet):
    server = signet.server()
    m = scep.Request(ra=server.ra, challenge=signet.challenge()).build()
    head = b"POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(m)
    with unchanged(signet):
        for n in range(0, len(m), 97 if not LONG else 7):
            got = server.raw(head + m[:n], half_close=True)
            assert got == b"" or b" 400 " in got.split(b"\r\n")[0] or b" 408 " in got.split(b"\r\n")[0]


# --- HTTP limits -------------------------------------------------------------------------------

def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_body__over_the_limit__413(signet):
    r = signet.server().post(b"\x30" * 65537)
    assert r.status == 413 and len(r.body) <= 200


def test_body__at_the_limit__400(signet):
    assert signet.server().post(b"\x30" * 65536).status == 400


def test_body__over_the_limit_chunked__413(signet):
    chunk = b"4000\r\n" + b"\x30" * 0x4000 + b"\r\n"
    got = signet.server().raw(b"POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: h\r\n"
                              b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5 + b"0\r\n\r\n")
    assert status_of(got) == 413


def test_body__content_length_absurd__413(signet):
    for n in (b"99999999999999999999", b"4294967297", b"1000000"):
        got = signet.server().raw(b"POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: h\r\n"
                                  b"Content-Length: %s\r\n\r\n" % n, half_close=True)
        assert status_of(got) in (400, 413)


def test_url__over_the_limit__414(signet):
    got = signet.server().raw(b"GET /scep?operation=PKIOperation&message=" + b"A" * 65534 +
                              b" HTTP/1.1\r\nHost: h\r\n\r\n")
    assert status_of(got) == 414


def test_url__just_under_the_limit__not_414(signet):
    line = b"GET /scep?operation=PKIOperation&message=%s HTTP/1.1"
    got = signet.server().raw(line % (b"A" * (65534 - len(line % b""))) +
                              b"\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert status_of(got) == 400


def test_field__over_the_limit__431(signet):
    got = signet.server().raw(b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: h\r\nX: " +
                              b"A" * 65535 + b"\r\n\r\n")
    assert status_of(got) == 431


def test_fields__more_than_a_hundred__431(signet):
    got = signet.server().raw(b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: h\r\n" +
                              b"X: y\r\n" * 100 + b"\r\n")
    assert status_of(got) == 431


@pytest.mark.parametrize("head", [
    b"POST /scep HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    b"POST /scep HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /scep HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx",
    b"POST /scep HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\n\r\nx",
    b"POST /scep HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n",
    b"GET /scep?operation=GetCACaps HTTP/1.1\nHost: h\n\n",
    b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
    b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: h\0\r\n\r\n",
    b"GET /scep?operation=GetCACaps HTTP/1.1\r\n: empty\r\n\r\n",
    b"GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /scep?operation=GetCACaps HTTP/2.0\r\nHost: h\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
], ids=["two-lengths", "length-and-chunked", "plus", "space-before-colon", "0x", "bare-lf", "fold", "nul",
        "empty-name", "two-hosts", "version", "tls"])
def test_http__what_smuggles__refused(signet, head):
    got = signet.server().raw(head, half_close=True)
    assert status_of(got) in (0, 400, 501, 505), got[:100]


@pytest.mark.parametrize("message", ["", "%", "%4", "%GG", "A", "====", "A=B=", "\u00e4", "%00", "QQ==QQ==",
                                     "-_-_"])
def test_get__not_base64__400(signet, message):
    r = signet.server().operation("PKIOperation", message.encode().decode("latin-1")
                                  if message.isascii() else "%C3%A4")
    assert r.status == 400 and len(r.body) <= 200


# --- renewals ----------------------------------------------------------------------------------

class Renewing:
    """A device with a certificate of ours."""

    def __init__(self, signet, name, endpoint="default"):
        self.signet, self.endpoint = signet, endpoint
        self.subject, self.sans = "CN=%s,O=Test" % name, ("dns:%s.example" % name,)
        self.key = keys.rsa("renewing " + name)
        _, rep = signet.enrol(self.subject, self.sans, endpoint, key=self.key)
        self.cert = rep.cert

    def renew(self, endpoint=None, **o):
        args = dict(subject=self.subject, sans=self.sans, key=keys.rsa("renewed"),
                    signer_key=self.key, signer_cert=self.cert, message_type=scep.RENEWAL_REQ)
        args.update(o)
        return self.signet.server(endpoint or self.endpoint).enrol(**args)


@pytest.fixture
def device(signet, request):
    return Renewing(signet, "r%d" % (abs(hash(request.node.name)) % 10**8))


@pytest.mark.parametrize("message_type", [scep.RENEWAL_REQ, scep.PKCS_REQ])
@pytest.mark.parametrize("new_key", [True, False])
def test_renewal__by_the_old_certificate__new_certificate(signet, device, message_type, new_key):
    _, rep = device.renew(message_type=message_type, key=keys.rsa("renewed") if new_key else device.key)
    assert rep.status == scep.SUCCESS
    assert rep.cert.serial_number != device.cert.serial_number
    assert rep.cert.subject == device.cert.subject


def test_renewal__twice_with_one_request__the_same_certificate(signet, device):
    req, one = device.renew()
    two = signet.server().send(scep.Request(**dict(
        ra=signet.server().ra, csr=req.csr, signer_key=device.key, signer_cert=device.cert,
        message_type=scep.RENEWAL_REQ)))
    assert two.status == scep.SUCCESS and two.serial == one.serial


def no_renewal(device, rule, **o):
    with unchanged(device.signet):
        req, rep = device.renew(**o)
    refused(rep)
    if rule:
        traced(device.signet, req.transaction, rule)


def test_renewal__self_signed_copy_of_issuer_and_serial__refused(signet, device):
    f = scep.CertFields.of(device.cert)
    thief = keys.rsa("thief")
    fake = scep.self_signed(thief, f.subject, issuer=f.issuer, serial=device.cert.serial_number)
    no_renewal(device, r"renewal|altered|foreign", signer_key=thief, signer_cert=fake)


def test_renewal__certificate_of_another_ca__refused(signet, device):
    other_ca = keys.rsa("other ca")
    foreign = scep.self_signed(device.key, device.subject, issuer=der.name("CN=Other CA"),
                               signer=other_ca)
    no_renewal(device, r"foreign|renewal|challenge", signer_cert=foreign)


def test_renewal__self_signed__refused(signet, device):
    no_renewal(device, r"foreign|renewal|self", signer_cert=scep.self_signed(device.key))


def test_renewal__altered_certificate__refused(signet, device):
    """Our certificate with the key it has, and another subject."""
    raw = scep.as_der(device.cert)
    cn = device.subject.split(",")[0][3:].encode()
    altered = raw.replace(cn, b"X" * len(cn), 1)
    assert altered != raw
    no_renewal(device, r"altered|foreign|renewal", signer_cert=altered)


def test_renewal__certificate_with_altered_signature__refused(signet, device):
    raw = bytearray(scep.as_der(device.cert))
    raw[-1] ^= 1
    no_renewal(device, r"altered|foreign|renewal", signer_cert=bytes(raw))


def test_renewal__revoked__refused(signet, device):
    signet.cli("ca", "revoke", "%x" % device.cert.serial_number)
    no_renewal(device, r"revoked")


def test_renewal__other_subject__refused(signet, device):
    no_renewal(device, r"subject", subject="CN=admin,O=Test")


@pytest.mark.parametrize("sans", [(), ("dns:admin.example",)])
def test_renewal__other_sans__refused(signet, device, sans):
    no_renewal(device, r"san", sans=sans)


def test_renewal__more_sans__refused(signet, device):
    no_renewal(device, r"san", sans=device.sans + ("dns:admin.example",))


def test_renewal__at_another_endpoint__refused(signet, device):
    no_renewal(device, r"endpoint", endpoint="second")


def test_renewal__where_switched_off__refused(signet):
    no_renewal(Renewing(signet, "norenewal", "norenewal"), r"renewal")


@pytest.mark.parametrize("digest", ["sha1", "md5"])
def test_renewal__weak_digest__refused_even_at_legacy(signet, digest):
    device = Renewing(signet, "weak-" + digest, "legacy")
    no_renewal(device, digest, digest=digest)


def test_renewal__request_signature_wrong__refused(signet, device):
    no_renewal(device, r"signature", csr={"corrupt": True})


def test_renewal__for_somebody_elses_key__refused(signet, device):
    no_renewal(device, r"signature", csr={"spki": keys.spki(keys.rsa("victim"))})


def test_renewal__by_a_challenge_and_type_17__is_not_a_way_round(signet):
    """RenewalReq by a throw-away signer: a challenge does not make it a renewal."""
    with unchanged(signet):
        _, rep = attempt(signet, challenge="wrong", message_type=scep.RENEWAL_REQ)
    refused(rep)


@pytest.mark.parametrize("which", [0, 1, -1])
def test_renewal__signed_with_our_own_ca_or_ra_certificate__refused(signet, device, which):
    """Anybody has these certificates, and nobody their keys."""
    cert = signet.server().ca_certs()[which]
    no_certificate(signet, challenge=None, subject=device.subject, signer_key=keys.rsa("thief"),
                   signer_cert=cert, message_type=scep.RENEWAL_REQ)


def test_renewal__expired__refused(fresh):
    """Past notAfter and the grace; the clock of every process is moved."""
    one = fresh()
    device = Renewing(one, "old")
    days = (device.cert.not_valid_after - datetime.datetime.utcnow()).days + 100
    one.stop()
    one.env.update(system.fake_time("+%dd" % days))
    one.start()
    no_renewal(device, r"expired")
