# SPDX-License-Identifier: Apache-2.0
"""No oracle (C1, C2): whatever goes wrong between the RSA padding and the signature of the request, the
answer is the same bytes but for what must differ: the client's ids and nonces, ours, the signature over
them, and the trace id."""

import hashlib
import os
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import der
import keys
import scep
from expect import unchanged

SUBJECT = "CN=oracle-classes,O=Test"
TIMES = int(os.environ.get("SIGNET_ORACLE", 200 if os.environ.get("SIGNET_LONG") else 6))


def raw_rsa(cert, block):
    """A block that is not what RFC 8017 pads, encrypted with the public key."""
    n = scep.loaded(cert).public_key().public_numbers()
    assert isinstance(scep.loaded(cert).public_key(), rsa.RSAPublicKey)
    size = (n.n.bit_length() + 7) // 8
    return pow(int.from_bytes(block[:size].ljust(size, b"\1"), "big") % n.n, n.e, n.n).to_bytes(size, "big")


def padded(cek, first=b"\0", kind=b"\2", end=b"\0", filler=None):
    fill = filler or bytes(1 + b % 255 for b in os.urandom(256 - 3 - len(cek)))
    return first + kind + fill[:256 - 3 - len(cek)] + end + cek


def mgf1(digest, seed, size):
    blocks = (hashlib.new(digest, seed + n.to_bytes(4, "big")).digest() for n in range(size // 20 + 1))
    return b"".join(blocks)[:size]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def oaep_block(cek, digest="sha256", mgf=None, first=b"\0", end=b"\1", zero=b"\0", label=b"", size=256):
    """RFC 8017 7.1.1, with each part as a test wants it."""
    label = hashlib.new(digest, label).digest()
    h, seed = len(label), os.urandom(len(label))
    fill = zero * (size - 2 * h - 2 - len(cek))
    body = label + fill + end + cek
    masked = xor(body, mgf1(mgf or digest, seed, len(body)))
    return first + xor(seed, mgf1(mgf or digest, masked, h)) + masked


def good_csr(ra, challenge="x" * 32, **o):
    return scep.csr(keys.rsa("oracle classes"), SUBJECT, (), challenge, **o)


def wrapped(make):
    """An envelope whose encrypted key is make(ra, cek)."""
    return lambda ra, plain: scep.envelope(plain, ra, recipients=lambda cek: [
        scep.recipient(ra, cek, encrypted=make(ra, cek))])


def oaep(says="oaep-sha256", **o):
    """An envelope that says OAEP and has a block that may be another; change is made to the content key."""
    change = o.pop("change", lambda cek: cek)
    return lambda ra, plain: scep.envelope(plain, ra, recipients=lambda cek: [
        scep.recipient(ra, cek, says, encrypted=raw_rsa(ra, oaep_block(change(cek), **o)))])


def oaep_raw(block):
    return lambda ra, plain: scep.envelope(plain, ra, recipients=lambda cek: [
        scep.recipient(ra, cek, "oaep-sha256", encrypted=raw_rsa(ra, block()))])


def inner(make):
    """An envelope that is good around make(the request)."""
    return lambda ra, plain: scep.envelope(make(plain), ra)


def sealed(make):
    """An envelope whose ciphertext is make(the padded request) encrypted without more padding."""
    def build(ra, plain):
        size = 16 - len(plain) % 16
        return scep.envelope(make(plain + bytes([size]) * size), ra, pad=False)
    return build


def other_serial(ra, plain):
    """For a certificate of this CA's name with another serial number."""
    other = scep.self_signed(keys.rsa("oracle ra"), issuer=scep.CertFields.of(ra).issuer,
                             signer=keys.rsa("other ca"))
    return scep.envelope(plain, other)


CLASSES = {
    "control": inner(lambda plain: plain[:-1] + bytes([plain[-1] ^ 1])),
    "padding-type-1": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek, kind=b"\1"))),
    "padding-first-byte": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek, first=b"\1"))),
    "padding-no-end": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek, end=b"\7").replace(b"\0", b"\7"))),
    "padding-zero-early": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek, filler=b"\5\5\0" + b"\5" * 250))),
    "padding-noise": wrapped(lambda ra, cek: raw_rsa(ra, b"\0" + os.urandom(255))),
    "cek-24-bytes": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek + b"8 bytes."))),
    "cek-15-bytes": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek[:-1]))),
    "cek-empty": wrapped(lambda ra, cek: raw_rsa(ra, padded(b""))),
    "cek-wrong": wrapped(lambda ra, cek: raw_rsa(ra, padded(os.urandom(16)))),
    "cbc-padding-0": sealed(lambda p: p[:-1] + b"\0"),
    "cbc-padding-17": sealed(lambda p: p[:-1] + b"\x11"),
    "cbc-padding-uneven": sealed(lambda p: p[:-16] + b"\2" * 13 + b"\3\2\3"),
    "ciphertext-noise": lambda ra, plain: scep.envelope(plain, ra, encrypted=os.urandom(512)),
    "ciphertext-one-block": lambda ra, plain: scep.envelope(plain, ra, encrypted=os.urandom(16)),
    "csr-not-der": inner(lambda plain: b"not a request at all"),
    "csr-empty": inner(lambda plain: b""),
    "csr-truncated": inner(lambda plain: plain[:200]),
    "csr-trailing-byte": inner(lambda plain: plain + b"\0"),
    "csr-another-type": inner(lambda plain: der.seq(der.integer(1))),
    "csr-signature": inner(lambda plain: plain[:-9] + bytes([plain[-9] ^ 0x40]) + plain[-8:]),
    "csr-signed-by-another": inner(lambda plain: good_csr(None, signer=keys.rsa("thief"))),
    "csr-md5": inner(lambda plain: good_csr(None, digest="md5")),
    "csr-bad-name": inner(lambda plain: scep.csr(
        keys.rsa("oracle classes"), [("CN", "a\0b")], (), "x" * 32)),
    "recipient-serial": other_serial,
    # Manger: whether the number that RSA gives is below 256^255 must not show.
    "oaep-first-byte": oaep(first=b"\1"),
    "oaep-first-byte-high": oaep(first=b"\x7f"),
    "oaep-sha1-first-byte": oaep("oaep-sha1", digest="sha1", first=b"\1"),
    "oaep-noise": oaep_raw(lambda: b"\0" + os.urandom(255)),
    "oaep-noise-above": oaep_raw(lambda: b"\x55" + os.urandom(255)),
    "oaep-is-pkcs1": oaep_raw(lambda: padded(os.urandom(16))),
    "pkcs1-is-oaep": wrapped(lambda ra, cek: raw_rsa(ra, oaep_block(cek))),
    "oaep-label": oaep(label=b"label"),
    "oaep-sha1-label": oaep("oaep-sha1", digest="sha1", label=b"\0"),
    "oaep-no-end": oaep(end=b"\0"),
    "oaep-other-end": oaep(end=b"\2"),
    "oaep-end-early": oaep(zero=b"\1"),
    "oaep-not-zero": oaep(zero=b"\x80"),
    "oaep-other-hash": oaep("oaep-sha256", digest="sha1"),
    "oaep-other-hash-512": oaep("oaep-sha512", digest="sha256"),
    "oaep-other-mgf1": oaep(mgf="sha1"),
    "oaep-cek-24-bytes": oaep(change=lambda cek: cek + b"8 bytes."),
    "oaep-cek-15-bytes": oaep(change=lambda cek: cek[:-1]),
    "oaep-cek-empty": oaep(change=lambda cek: b""),
    "oaep-cek-wrong": oaep(change=lambda cek: os.urandom(16)),
}
# Right in every part: what makes the classes above wrong is what their name says.
RIGHT = {
    "pkcs1": wrapped(lambda ra, cek: raw_rsa(ra, padded(cek))),
    "oaep-sha1": oaep("oaep-sha1", digest="sha1"),
    "oaep-sha256": oaep(),
    "oaep-sha512": oaep("oaep-sha512", digest="sha512"),
}


def masked(body):
    """The CertRep with what may differ replaced by as many zeros."""
    root = der.parse(body)
    si = root[1][0].children[-1][0]
    edits = [si.children[-1]]
    for a in si[3].children:
        kind = der.oid_text(a[0].body)
        value = a[1][0]
        if kind in (scep.TRANSACTION, scep.SENDER_NONCE, scep.RECIPIENT_NONCE):
            edits.append(value)
        if kind == scep.FAIL_TEXT:
            assert re.fullmatch(rb"refused; trace [0-9a-f]{32}", value.body), value.body
            edits.append(value)
    out = bytearray(body)
    for node in edits:
        out[node.body_at:node.end] = bytes(node.end - node.body_at)
    return bytes(out)


def headers(r):
    return sorted((k, v) for k, v in r.headers.items() if k != "date")


def answers_to(server, name, plain, o):
    """The set of masked answers to a class, sent some times."""
    seen = set()
    for n in range(TIMES):
        req = scep.Request(ra=server.ra, csr=plain, enveloped=CLASSES[name](server.ra, plain),
                           key=keys.rsa("oracle classes"), attrs={"signing_time": scep.NOW}, **o)
        r = server.get(req.build()) if n % 3 == 2 else server.post(req.build())
        assert r.status == 200, (name, r.status, r.body[:80])
        rep = scep.read_certrep(r.body, server.ra) if n == 0 else None
        assert rep is None or (rep.status, rep.fail_info) == (scep.FAILURE, scep.BAD_REQUEST), (name, rep)
        seen.add((masked(r.body), str(headers(r))))
    return seen


@pytest.mark.parametrize("endpoint,o", [("default", {}), ("default", {"digest": "sha512"}), ("strict", {})],
                         ids=["default", "sha512", "strict"])
def test_c1_oracle__every_class_of_failure__identical_answers(signet, endpoint, o):
    server = signet.server(endpoint)
    assert len(CLASSES) >= 9
    plain = good_csr(server.ra, signet.challenge(SUBJECT, endpoint=endpoint))
    with unchanged(signet):
        seen = {name: answers_to(server, name, plain, o) for name in CLASSES}
    control = seen["control"]
    assert len(control) == 1, "the control itself differs"
    different = [name for name, got in seen.items() if got != control]
    assert not different, "told apart: %s" % different
    # All this was with a good challenge, and the request itself was good.
    rep = server.send(scep.Request(ra=server.ra, csr=plain, key=keys.rsa("oracle classes"),
                                   attrs={"signing_time": scep.NOW}, **o))
    assert rep.status == scep.SUCCESS


@pytest.mark.parametrize("name", RIGHT)
def test_c1_oracle__blocks_of_these_tests_with_no_mistake__issued(signet, name):
    server, subject = signet.server(), "CN=oracle-right-%s,O=Test" % name
    plain = scep.csr(keys.rsa("oracle classes"), subject, (), signet.challenge(subject))
    rep = server.send(scep.Request(ra=server.ra, csr=plain, enveloped=RIGHT[name](server.ra, plain),
                                   key=keys.rsa("oracle classes")))
    assert rep.status == scep.SUCCESS, rep.fail_text


def test_c2_cbc_oracle__every_bit_of_the_last_blocks__identical_answers(signet):
    """Padding oracle on the content: the last two blocks of a good ciphertext, bit by bit."""
    server = signet.server()
    plain = good_csr(server.ra, signet.challenge(SUBJECT))
    cek, iv = os.urandom(16), os.urandom(16)
    body = scep.encrypt(plain, "aes128-cbc", cek, iv)
    ri = scep.recipient(server.ra, cek)
    seen = {}
    step = 1 if os.environ.get("SIGNET_LONG") else 5
    with unchanged(signet):
        for bit in range(0, 256, step):
            bad = bytearray(body)
            bad[len(body) - 32 + bit // 8] ^= 1 << bit % 8
            enveloped = der.seq(der.oid(scep.ENVELOPED), der.explicit(0, der.seq(
                der.integer(0), der.tlv(der.SET, ri), der.seq(
                    der.oid(scep.DATA), der.seq(der.oid(scep.CIPHERS["aes128-cbc"][0]), der.octets(iv)),
                    der.implicit(0, bytes(bad))))))
            req = scep.Request(ra=server.ra, csr=plain, enveloped=enveloped, key=keys.rsa("oracle classes"))
            r = server.post(req.build())
            assert r.status == 200
            seen.setdefault(masked(r.body), []).append(bit)
    assert len(seen) == 1, "told apart: %s" % list(seen.values())
