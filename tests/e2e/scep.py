# SPDX-License-Identifier: Apache-2.0
"""SCEP in Python, independent of the C code: writes any pkiMessage, right or wrong, and reads
CertReps with asn1crypto and cryptography.

A message is made in layers, each replaceable: csr() -> envelope() -> signed_data(). Everything that
a test may want to be wrong is an argument.
"""

import base64
import datetime
import hashlib
import http.client
import os
import socket
import urllib.parse
from dataclasses import dataclass, field

from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, padding as block_padding
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import der
import https
import keys

SIGNED, ENVELOPED, DATA = ("1.2.840.113549.1.7." + n for n in "231")
MESSAGE_TYPE, STATUS, FAIL_INFO, SENDER_NONCE, RECIPIENT_NONCE, TRANSACTION = (
    "2.16.840.1.113733.1.9." + n for n in "234567")
FAIL_TEXT = "1.3.6.1.5.5.7.24.1"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = ("1.2.840.113549.1.9." + n for n in "345")
CHALLENGE, EXTENSIONS = "1.2.840.113549.1.9.7", "1.2.840.113549.1.9.14"
RSA_OID, PSS_OID, OAEP_OID, MGF1_OID = ("1.2.840.113549.1.1." + n for n in ("1", "10", "7", "8"))
EC_SIGNATURES = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2",
                 "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
RSA_SIGNATURES = {"md5": "1.2.840.113549.1.1.4", "sha1": "1.2.840.113549.1.1.5",
                  "sha224": "1.2.840.113549.1.1.14", "sha256": "1.2.840.113549.1.1.11",
                  "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}
DIGESTS = {"md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26",
           "sha224": "2.16.840.1.101.3.4.2.4", "sha256": "2.16.840.1.101.3.4.2.1",
           "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
CIPHERS = {  # name: (OID, key bytes, block bytes)
    "aes128-cbc": ("2.16.840.1.101.3.4.1.2", 16, 16),
    "aes192-cbc": ("2.16.840.1.101.3.4.1.22", 24, 16),
    "aes256-cbc": ("2.16.840.1.101.3.4.1.42", 32, 16),
    "des3-cbc": ("1.2.840.113549.3.7", 24, 8),
    "des-cbc": ("1.3.14.3.2.7", 8, 8),
    "aes128-ofb": ("2.16.840.1.101.3.4.1.3", 16, 16),
    "aes128-cfb": ("2.16.840.1.101.3.4.1.4", 16, 16),
    "aes128-gcm": ("2.16.840.1.101.3.4.1.6", 16, 16),
    "aes128-ecb": ("2.16.840.1.101.3.4.1.1", 16, 16),
    "rc2-cbc": ("1.2.840.113549.3.2", 16, 8),
}
SUCCESS, FAILURE, PENDING = "0", "2", "3"
BAD_ALG, BAD_MESSAGE_CHECK, BAD_REQUEST, BAD_TIME, BAD_CERT_ID = "01234"
RENEWAL_REQ, PKCS_REQ, CERT_POLL, GET_CERT, GET_CRL = "17", "19", "20", "21", "22"

NOW = object()  # the signing time of the moment


def hash_of(name):
    return getattr(hashes, name.upper())()


def random_id():
    return os.urandom(16).hex()


# --- certificates and requests -----------------------------------------------------------------

def algorithm(oid, params=b"\x05\x00"):
    return der.seq(der.oid(oid), params)


def sign_raw(key, data, digest="sha256", scheme="pkcs1"):
    """(AlgorithmIdentifier of a certificate or request, signature)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return (algorithm(EC_SIGNATURES[digest], der.null() if scheme == "null" else b""),
                key.sign(data, ec.ECDSA(hash_of(digest))))
    if scheme.startswith("pss"):
        _, salt, mgf = (scheme + "--").split("-")[:3]  # "pss-222", "pss-32-sha1"
        salt, mgf = int(salt or hash_of(digest).digest_size), mgf or digest
        return (pss_algorithm(digest, salt, mgf),
                key.sign(data, padding.PSS(padding.MGF1(hash_of(mgf)), salt), hash_of(digest)))
    return (algorithm(RSA_SIGNATURES[digest]), key.sign(data, padding.PKCS1v15(), hash_of(digest)))


def pss_algorithm(digest, salt, mgf):
    """What is a default is left out, as DER wants it."""
    return algorithm(PSS_OID, der.seq(
        der.explicit(0, algorithm(DIGESTS[digest])),
        der.explicit(1, algorithm(MGF1_OID, algorithm(DIGESTS[mgf]))) if mgf != "sha1" else b"",
        der.explicit(2, der.integer(salt)) if salt != 20 else b""))


def extension(oid, value, critical=False):
    return der.seq(der.oid(oid), der.boolean(True) if critical else b"", der.octets(value))


def general_name(text):
    """dns:, email:, uri:, ip:, upn:, dirname:, rid:OID, other:OID:TEXT, other:OID:#HEX"""
    kind, value = text.split(":", 1)
    if kind == "dns":
        return der.implicit(2, der.raw(value))
    if kind == "email":
        return der.implicit(1, der.raw(value))
    if kind == "uri":
        return der.implicit(6, der.raw(value))
    if kind == "ip":
        family = socket.AF_INET6 if ":" in value else socket.AF_INET
        return der.implicit(7, socket.inet_pton(family, value))
    if kind == "dirname":
        return der.explicit(4, der.name(value))
    if kind == "rid":
        return der.implicit(8, der.parse(der.oid(value)).body)
    oid = "1.3.6.1.4.1.311.20.2.3"
    if kind == "other":
        oid, value = value.split(":", 1)
    held = bytes.fromhex(value[1:]) if kind == "other" and value.startswith("#") else der.utf8(value)
    return der.tlv(0xA0, der.oid(oid), der.explicit(0, held))


def san_extension(sans, critical=False):
    return extension("2.5.29.17", der.seq(*[s if isinstance(s, bytes) else general_name(s)
                                            for s in sans]), critical)


def basic_constraints(ca, path=None):
    return extension("2.5.29.19", der.seq(
        der.boolean(True) if ca else b"", der.integer(path) if path is not None else b""), True)


def eku_extension(*oids):
    return extension("2.5.29.37", der.seq(*[der.oid(o) for o in oids]))


def attribute(oid, *values):
    return der.seq(der.oid(oid), der.tlv(der.SET, *values))


def csr(key, subject="CN=dev1,O=Test", sans=(), challenge=None, challenge_tag=der.PRINTABLE,
        extensions=(), attributes=None, digest="sha256", signer=None, spki=None, version=0,
        corrupt=False, scheme="pkcs1"):
    """A PKCS#10. attributes replaces the list of attributes; signer signs in place of key; corrupt
    spoils the signature."""
    if attributes is None:
        attributes = []
        if challenge is not None:
            attributes.append(attribute(CHALLENGE, der.tlv(challenge_tag, der.raw(challenge))))
        exts = ([san_extension(sans)] if sans else []) + list(extensions)
        if exts:
            attributes.append(attribute(EXTENSIONS, der.seq(*exts)))
    name = subject if isinstance(subject, bytes) else der.name(subject)
    info = der.seq(der.integer(version), name, spki or keys.spki(key),
                   der.tlv(0xA0, *sorted(attributes)))
    alg, sig = sign_raw(signer or key, info, digest, scheme)
    if corrupt:
        sig = sig[:-1] + bytes([sig[-1] ^ 1])
    return der.seq(info, alg, der.bits(sig))


def self_signed(key, subject="CN=throw-away", issuer=None, serial=None, signer=None, digest="sha256",
                days=1, extensions=(), not_before=None, version=2):
    """A throw-away signer certificate; issuer and signer let it pretend to be another's."""
    start = not_before or datetime.datetime.utcnow() - datetime.timedelta(hours=1)
    subject = subject if isinstance(subject, bytes) else der.name(subject)
    exts = der.explicit(3, der.seq(*extensions)) if extensions else b""
    alg = algorithm(RSA_SIGNATURES[digest]) if not isinstance(
        signer or key, ec.EllipticCurvePrivateKey) else algorithm(EC_SIGNATURES[digest], b"")
    tbs = der.seq(
        der.explicit(0, der.integer(version)) if version else b"",
        der.integer(int.from_bytes(os.urandom(16), "big") >> 1 if serial is None else serial),
        alg, issuer or subject,
        der.seq(der.utctime(start), der.utctime(start + datetime.timedelta(days=days))),
        subject, keys.spki(key), exts)
    return der.seq(tbs, alg, der.bits(sign_raw(signer or key, tbs, digest)[1]))


def odd_certificate(private, outer=None, **parts):
    """A throw-away certificate of which each part may be any bytes, b"" leaves it out; outer is what
    follows the TBSCertificate."""
    at, alg, name = datetime.datetime.utcnow(), algorithm(RSA_SIGNATURES["sha256"]), der.name("CN=throw-away")
    made = {"version": der.explicit(0, der.integer(2)), "serial": der.integer(4711), "algorithm": alg, "issuer": name,
            "validity": der.seq(der.utctime(at), der.utctime(at)), "subject": name, "key": keys.spki(private), "rest": b""}
    assert set(parts) <= set(made), parts
    tbs = der.seq(*dict(made, **parts).values())
    return der.seq(tbs, alg + der.bits(sign_raw(private, tbs)[1]) if outer is None else outer)


@dataclass
class CertFields:
    """The pieces of a certificate as they are encoded, for identifiers and for pretenders."""
    issuer: bytes
    serial: bytes
    subject: bytes
    spki: bytes

    @classmethod
    def of(cls, cert):
        tbs = der.parse(as_der(cert))[0]
        at = 1 if tbs[0].tag in (0x80, 0xA0) else 0
        return cls(tbs[at + 2].der, tbs[at].der, tbs[at + 4].der, tbs[at + 5].der)


def as_der(cert):
    if isinstance(cert, bytes):
        return cert
    from cryptography.hazmat.primitives.serialization import Encoding
    return cert.public_bytes(Encoding.DER)


def loaded(cert):
    return x509.load_der_x509_certificate(cert) if isinstance(cert, bytes) else cert


# --- EnvelopedData -----------------------------------------------------------------------------

def cipher_for(name, key, iv):
    kind, mode = name.split("-")
    if name == "rc2-cbc":
        return Cipher(algorithms.AES(key), modes.CBC(iv * 2))  # never decrypted: any bytes do
    block = algorithms.AES(key) if kind.startswith("aes") else \
        algorithms.TripleDES(key * 3 if len(key) == 8 else key)
    return Cipher(block, {"cbc": lambda: modes.CBC(iv), "ofb": lambda: modes.OFB(iv),
                          "cfb": lambda: modes.CFB(iv), "gcm": lambda: modes.GCM(iv[:12]),
                          "ecb": modes.ECB}[mode]())


def encrypt(content, name, key, iv, pad=True):
    if pad and not name.endswith(("ofb", "cfb", "gcm")):
        p = block_padding.PKCS7(CIPHERS[name][2] * 8 if name != "rc2-cbc" else 128).padder()
        content = p.update(content) + p.finalize()
    e = cipher_for(name, key, iv).encryptor()
    return e.update(content) + e.finalize()


def transport_of(name, label=b""):
    """(AlgorithmIdentifier, padding) of a key transport."""
    if name == "pkcs1":
        return algorithm(RSA_OID), padding.PKCS1v15()
    h = name.split("-")[1]
    pad = padding.OAEP(padding.MGF1(hash_of(h)), hash_of(h), label or None)
    if h == "sha1" and not label:
        return algorithm(OAEP_OID, der.seq()), pad
    params = der.seq(
        der.explicit(0, algorithm(DIGESTS[h])),
        der.explicit(1, algorithm(MGF1_OID, algorithm(DIGESTS[h]))),
        der.explicit(2, algorithm("1.2.840.113549.1.1.9", der.octets(label))) if label else b"")
    return algorithm(OAEP_OID, params), pad


def recipient(cert, content_key, transport="pkcs1", encrypted=None, by="issuer", label=b""):
    """A KeyTransRecipientInfo. encrypted replaces the encrypted key."""
    alg, pad = transport_of(transport, label)
    f = CertFields.of(cert)
    if encrypted is None:
        encrypted = loaded(cert).public_key().encrypt(content_key, pad)
    if by == "issuer":
        return der.seq(der.integer(0), der.seq(f.issuer, f.serial), alg, der.octets(encrypted))
    ski = loaded(cert).extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return der.seq(der.integer(2), der.implicit(0, ski), alg, der.octets(encrypted))


def envelope(content, ra, cipher="aes128-cbc", transport="pkcs1", recipients=None, content_key=None,
             inner_type=DATA, pad=True, oid=ENVELOPED, version=None, encrypted=None, by="issuer",
             constructed=False, originator=b"", unprotected=b""):
    """A ContentInfo with EnvelopedData of content for ra. recipients replaces the list of
    RecipientInfos and is called with the content key."""
    alg, key_len, block = CIPHERS[cipher]
    key = content_key or os.urandom(key_len)
    iv = os.urandom(block)
    params = der.octets(iv) if not cipher.endswith(("gcm", "ecb")) else \
        der.seq(der.octets(iv[:12])) if cipher.endswith("gcm") else der.null()
    infos = recipients(key) if recipients else [recipient(ra, key, transport, by=by)]
    body = encrypt(content, cipher, key, iv, pad) if encrypted is None else encrypted
    held = der.tlv(0xA0, der.octets(body[:1000]), der.octets(body[1000:])) if constructed else \
        der.implicit(0, body)
    data = der.seq(
        der.integer((0 if by == "issuer" else 2) if version is None else version),
        originator,
        der.tlv(der.SET, *infos),
        der.seq(der.oid(inner_type), der.seq(der.oid(alg), params), held),
        unprotected)
    return der.seq(der.oid(oid), der.explicit(0, data))


# --- SignedData --------------------------------------------------------------------------------

def scep_attributes(content, digest="sha256", message_type=PKCS_REQ, transaction=None, nonce=None,
                    content_type=DATA, signing_time=None, without=(), twice=(), extra=()):
    """The signed attributes, as a list of (OID, Attribute); without and twice name OIDs."""
    made = [
        (CONTENT_TYPE, der.oid(content_type)),
        (MESSAGE_DIGEST, der.octets(hashlib.new(digest, content).digest())),
        (MESSAGE_TYPE, message_type if isinstance(message_type, bytes)
         else der.printable(message_type)),
        (TRANSACTION, transaction if isinstance(transaction, bytes)
         else der.printable(transaction or random_id())),
        (SENDER_NONCE, der.octets(os.urandom(16) if nonce is None else nonce)),
    ]
    if signing_time is not None:
        at = datetime.datetime.utcnow() if signing_time is NOW else signing_time
        made.append((SIGNING_TIME, der.utctime(at)))
    out = [(o, attribute(o, v)) for o, v in made if o not in without]
    out += [(o, attribute(o, v)) for o, v in made if o in twice]
    return out + [(o, attribute(o, v)) for o, v in extra]


def signer_info(key, cert, attrs, digest="sha256", scheme="pkcs1", sid="issuer", corrupt=False,
                digest_oid=None, signature_oid=None, version=None, unsigned=b"", who=None):
    """A SignerInfo over attrs, a list of encoded Attributes in any order; who replaces what names the signer."""
    body = b"".join(sorted(attrs))
    to_sign = der.tlv(der.SET, body)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        alg, sig = sign_raw(key, to_sign, digest)
    elif scheme.startswith("pss"):
        alg, sig = sign_raw(key, to_sign, digest, scheme)
    else:
        sig = key.sign(to_sign, padding.PKCS1v15(), hash_of(digest))
        alg = algorithm(RSA_SIGNATURES[digest] if scheme == "hash-with-rsa" else RSA_OID)
    if signature_oid:
        alg = algorithm(signature_oid)
    if corrupt:
        sig = sig[:-1] + bytes([sig[-1] ^ 1])
    f = CertFields.of(cert)
    if who is None and sid == "issuer":
        who = der.seq(f.issuer, f.serial)
    elif who is None:
        who = der.implicit(0, sid if isinstance(sid, bytes) else
                           loaded(cert).extensions.get_extension_for_class(
                               x509.SubjectKeyIdentifier).value.digest)
    return der.seq(der.integer((1 if sid == "issuer" else 3) if version is None else version), who,
                   algorithm(digest_oid or DIGESTS[digest]),
                   der.tlv(0xA0, body), alg, der.octets(sig), unsigned)


def signed_data(content, infos, certs, digests=("sha256",), content_type=DATA, version=1, crls=b"",
                oid=SIGNED, digest_oids=None):
    """ContentInfo with SignedData. content None: no eContent."""
    held = der.explicit(0, der.octets(content)) if content is not None else b""
    data = der.seq(
        der.integer(version),
        der.tlv(der.SET, *[algorithm(o) for o in digest_oids or [DIGESTS[d] for d in digests]]),
        der.seq(der.oid(content_type), held),
        der.tlv(0xA0, *certs) if certs else b"", crls,
        der.tlv(der.SET, *infos))
    return der.seq(der.oid(oid), der.explicit(0, data))


@dataclass
class Request:
    """One request and what is needed to read its answer. The fields that name layers (csr, envelope,
    attrs, signer, outer) are dictionaries of arguments of the functions above."""
    ra: object
    subject: object = "CN=dev1,O=Test"
    sans: tuple = ()
    challenge: object = None
    key: object = None
    signer_key: object = None
    signer_cert: bytes = None
    message_type: object = PKCS_REQ
    transaction: object = None
    nonce: bytes = None
    digest: str = "sha256"
    cipher: str = "aes128-cbc"
    transport: str = "pkcs1"
    scheme: str = "pkcs1"
    csr: object = None  # bytes of a PKCS#10, or a dictionary
    envelope: dict = field(default_factory=dict)
    enveloped: bytes = None  # in place of what envelope() makes
    attrs: dict = field(default_factory=dict)
    signer: dict = field(default_factory=dict)
    outer: dict = field(default_factory=dict)
    signers: int = 1

    def __post_init__(self):
        self.key = self.key or keys.rsa("client")
        self.signer_key = self.signer_key or self.key
        if self.signer_cert is None:
            self.signer_cert = self_signed(self.signer_key)
        self.signer_cert = as_der(self.signer_cert)
        self.transaction = self.transaction or random_id()
        self.nonce = os.urandom(16) if self.nonce is None else self.nonce
        if not isinstance(self.csr, bytes):
            o = dict(subject=self.subject, sans=self.sans, challenge=self.challenge)
            o.update(self.csr or {})
            self.csr = csr(self.key, **o)

    def build(self):
        content = self.enveloped
        if content is None:
            o = dict(cipher=self.cipher, transport=self.transport)
            o.update(self.envelope)
            content = envelope(self.csr, self.ra, **o)
        attrs = scep_attributes(content, **dict(dict(
            digest=self.digest, message_type=self.message_type, transaction=self.transaction,
            nonce=self.nonce), **self.attrs))
        info = signer_info(self.signer_key, self.signer_cert, [a for _, a in attrs],
                           **dict(dict(digest=self.digest, scheme=self.scheme), **self.signer))
        return signed_data(content, [info] * self.signers,
                           **dict(dict(certs=[self.signer_cert], digests=(self.digest,)),
                                  **self.outer))


# --- answers -----------------------------------------------------------------------------------

class BadAnswer(AssertionError):
    """An answer that is not what RFC 8894 asks of a server."""


@dataclass
class CertRep:
    status: str
    fail_info: str
    fail_text: str
    transaction: str
    recipient_nonce: bytes
    sender_nonce: bytes
    digest: str
    signature_oid: str
    signer: object
    certs: list
    cipher: str = None
    transport: str = None
    content_key: bytes = None
    raw: bytes = b""

    @property
    def cert(self):
        return self.certs[0]

    @property
    def serial(self):
        return "%x" % self.cert.serial_number


def need(condition, text, *args):
    if not condition:
        raise BadAnswer(text % args if args else text)


def one_value(attrs, oid, kind=None):
    found = [a for a in attrs if a["type"].dotted == oid]
    need(len(found) == 1, "%d attributes %s", len(found), oid)
    values = found[0]["values"]
    need(len(values) == 1, "%d values in %s", len(values), oid)
    value = values[0]
    raw = value.dump()
    node = der.parse(raw)
    need(kind is None or node.tag == kind, "attribute %s has tag 0x%02x", oid, node.tag)
    return node.body


def optional(attrs, oid, kind=None):
    return one_value(attrs, oid, kind) if any(a["type"].dotted == oid for a in attrs) else None


def read_certrep(body, ra, key=None):
    """Check and take apart a CertRep: strict about everything that the standard says, the signature
    by ra among it; with key, decrypts what a SUCCESS carries."""
    der.parse(body)  # definite lengths only, nothing behind
    info = asn1_cms.ContentInfo.load(body, strict=True)
    need(info["content_type"].dotted == SIGNED, "not SignedData")
    sd = info["content"]
    need(sd["version"].native == "v1", "SignedData version %s", sd["version"].native)
    need(len(sd["signer_infos"]) == 1, "%d signers", len(sd["signer_infos"]))
    need(sd["encap_content_info"]["content_type"].dotted == DATA, "eContentType is not data")
    si = sd["signer_infos"][0]
    attrs = list(si["signed_attrs"])
    digest = si["digest_algorithm"]["algorithm"].native
    need([a["algorithm"].native for a in sd["digest_algorithms"]] == [digest], "digestAlgorithms")

    ra = loaded(ra)
    signer = ra.public_key()
    sid = si["sid"].chosen
    need(sid["serial_number"].native == ra.serial_number, "signed by another certificate")
    need(sid["issuer"].dump() == CertFields.of(ra).issuer, "the signer's issuer differs")
    signed = bytearray(si["signed_attrs"].dump())
    signed[0] = der.SET
    inner = [c.der for c in der.parse(bytes(signed)).children]
    need(inner == sorted(inner), "signed attributes are not in the order of DER")
    signature_oid = si["signature_algorithm"]["algorithm"].dotted
    h = hash_of(digest)
    try:
        if signature_oid == PSS_OID:
            salt = si["signature_algorithm"]["parameters"]["salt_length"].native
            signer.verify(si["signature"].native, bytes(signed), padding.PSS(padding.MGF1(h), salt), h)
        elif isinstance(signer, rsa.RSAPublicKey):
            signer.verify(si["signature"].native, bytes(signed), padding.PKCS1v15(), h)
        else:
            signer.verify(si["signature"].native, bytes(signed), ec.ECDSA(h))
    except InvalidSignature:
        raise BadAnswer("the CertRep's signature does not verify") from None

    need(der.oid_text(one_value(attrs, CONTENT_TYPE, der.OID)) == DATA, "contentType is not data")
    need(one_value(attrs, MESSAGE_TYPE, der.PRINTABLE) == b"3", "messageType is not CertRep")
    status = one_value(attrs, STATUS, der.PRINTABLE).decode()
    need(status in (SUCCESS, FAILURE, PENDING), "pkiStatus %r", status)
    fail = optional(attrs, FAIL_INFO, der.PRINTABLE)
    need((fail is not None) == (status == FAILURE), "failInfo belongs to FAILURE and only to it")
    need(fail is None or fail in (b"0", b"1", b"2", b"3", b"4"), "failInfo %r", fail)
    text = optional(attrs, FAIL_TEXT, der.UTF8)
    nonce = one_value(attrs, SENDER_NONCE, der.OCTETS)
    need(len(nonce) == 16, "senderNonce has %d bytes", len(nonce))

    content = sd["encap_content_info"]["content"].native
    if isinstance(content, str):
        content = content.encode("latin-1")
    need(one_value(attrs, MESSAGE_DIGEST, der.OCTETS) == hashlib.new(digest, content or b"").digest(),
         "messageDigest")
    transaction = der.parse(asn1_value(attrs, TRANSACTION)).body
    rep = CertRep(status, fail and fail.decode(), text and text.decode(),
                  transaction.decode("latin-1"), optional(attrs, RECIPIENT_NONCE, der.OCTETS), nonce,
                  digest, signature_oid, ra, [], raw=body)
    if status != SUCCESS:
        need(not content, "%d bytes of content in an answer without content", len(content or b""))
    elif key is not None:
        rep.certs, rep.cipher, rep.transport, rep.content_key = open_envelope(content, key)
        need(rep.certs, "SUCCESS without certificates")
    return rep


def asn1_value(attrs, oid):
    found = [a for a in attrs if a["type"].dotted == oid]
    need(len(found) == 1 and len(found[0]["values"]) == 1, "attribute %s", oid)
    return found[0]["values"][0].dump()


def open_envelope(content, key):
    """(certificates, cipher, transport, content key) of the answer's EnvelopedData."""
    der.parse(content)
    info = asn1_cms.ContentInfo.load(content, strict=True)
    need(info["content_type"].dotted == ENVELOPED, "the content is not EnvelopedData")
    ed = info["content"]
    need(len(ed["recipient_infos"]) == 1, "%d recipients", len(ed["recipient_infos"]))
    ri = ed["recipient_infos"][0].chosen
    alg = ri["key_encryption_algorithm"]
    if alg["algorithm"].dotted == RSA_OID:
        transport, pad = "pkcs1", padding.PKCS1v15()
    else:
        need(alg["algorithm"].dotted == OAEP_OID, "key transport %s", alg["algorithm"].dotted)
        h = alg["parameters"]["hash_algorithm"]["algorithm"].native
        mgf = alg["parameters"]["mask_gen_algorithm"]["parameters"]["algorithm"].native
        transport, pad = "oaep-" + h, padding.OAEP(padding.MGF1(hash_of(mgf)), hash_of(h), None)
    content_key = key.decrypt(ri["encrypted_key"].native, pad)
    eci = ed["encrypted_content_info"]
    need(eci["content_type"].dotted == DATA, "the inner content type is not data")
    oid = eci["content_encryption_algorithm"]["algorithm"].dotted
    cipher = [n for n, c in CIPHERS.items() if c[0] == oid]
    need(len(cipher) == 1, "cipher %s", oid)
    need(len(content_key) == CIPHERS[cipher[0]][1], "the content key has %d bytes", len(content_key))
    iv = eci["content_encryption_algorithm"]["parameters"].native
    d = cipher_for(cipher[0], content_key, iv).decryptor()
    plain = d.update(eci["encrypted_content"].native) + d.finalize()
    p = block_padding.PKCS7(CIPHERS[cipher[0]][2] * 8).unpadder()
    return read_degenerate(p.update(plain) + p.finalize()), cipher[0], transport, content_key


def read_degenerate(body):
    """The certificates of a certs-only SignedData."""
    der.parse(body)
    info = asn1_cms.ContentInfo.load(body, strict=True)
    sd = info["content"]
    need(len(sd["signer_infos"]) == 0, "degenerate SignedData with signers")
    need(sd["encap_content_info"]["content"].native is None, "degenerate SignedData with content")
    return [x509.load_der_x509_certificate(c.dump()) for c in sd["certificates"]]


# --- the server --------------------------------------------------------------------------------

@dataclass
class Response:
    status: int
    headers: dict
    body: bytes


def escape(message):
    """base64 and RFC 3986 escapes, as a well-behaved client does."""
    return urllib.parse.quote(base64.b64encode(message).decode(), safe="")


class Server:
    """A SCEP server by URL, and its RA certificate."""

    def __init__(self, url, timeout=60, source=None):
        self.url, self.timeout = url, timeout
        self.source = (source, 0) if source else None  # another loopback address: 127.1.2.3
        parts = urllib.parse.urlsplit(url)
        self.tls = https.ca().context() if parts.scheme == "https" else None
        self.host, self.port, self.path = parts.hostname, parts.port, parts.path
        self._ra = None

    def request(self, method, target, body=None, headers=None):
        o = {"timeout": self.timeout, "source_address": self.source}
        c = (http.client.HTTPSConnection(self.host, self.port, context=self.tls, **o) if self.tls
             else http.client.HTTPConnection(self.host, self.port, **o))
        try:
            c.request(method, target, body=body, headers=headers or {})
            r = c.getresponse()
            return Response(r.status, {k.lower(): v for k, v in r.getheaders()}, r.read())
        finally:
            c.close()

    def raw(self, data, half_close=False):
        """Bytes out, every byte in until the server closes."""
        with socket.create_connection((self.host, self.port), self.timeout,
                                      self.source) as s:
            try:
                s.sendall(data)
                if half_close:
                    s.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            got = b""
            try:
                while True:
                    more = s.recv(65536)
                    if not more:
                        return got
                    got += more
            except ConnectionResetError:
                return got

    def operation(self, name, message=None):
        query = "?operation=" + name + ("&message=" + message if message is not None else "")
        return self.request("GET", self.path + query)

    def caps(self):
        r = self.operation("GetCACaps")
        assert r.status == 200, r
        return r.body.decode().split()

    def ca_certs(self):
        r = self.operation("GetCACert")
        assert r.status == 200, r
        if r.headers["content-type"] == "application/x-x509-ca-cert":
            return [x509.load_der_x509_certificate(r.body)]
        assert r.headers["content-type"] == "application/x-x509-ca-ra-cert", r.headers
        return read_degenerate(r.body)

    @property
    def ra(self):
        if self._ra is None:
            self._ra = self.ca_certs()[0]
        return self._ra

    def post(self, message, content_type="application/x-pki-message"):
        return self.request("POST", self.path + "?operation=PKIOperation", body=message,
                            headers={"Content-Type": content_type} if content_type else {})

    def get(self, message, encode=escape):
        return self.operation("PKIOperation", encode(message))

    def send(self, req, by="POST"):
        """Send a Request; the checked CertRep."""
        message = req if isinstance(req, bytes) else req.build()
        r = self.post(message) if by == "POST" else self.get(message)
        assert r.status == 200, (r.status, r.body[:200])
        assert r.headers["content-type"] == "application/x-pki-message", r.headers
        if isinstance(req, bytes):
            return read_certrep(r.body, self.ra)
        rep = read_certrep(r.body, self.ra, req.signer_key
                           if isinstance(req.signer_key, rsa.RSAPrivateKey) else None)
        if isinstance(req.transaction, str):
            need(rep.transaction == req.transaction, "the answer is of another transaction")
        if SENDER_NONCE not in req.attrs.get("without", ()):
            need(rep.recipient_nonce == req.nonce, "recipientNonce")
        return rep

    def enrol(self, **o):
        """Build and send; (Request, CertRep)."""
        by = o.pop("by", "POST")
        req = Request(ra=self.ra, **o)
        return req, self.send(req, by)
