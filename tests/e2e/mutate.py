# SPDX-License-Identifier: Apache-2.0
"""Mutants: a message is taken apart into layers, one TLV of one layer is changed, and what is outside
that layer is made again, so that the mutant is refused, if at all, where it is wrong and not before:
digests, signatures and encryption hold.

A layer is a name, the DER of the layer, and a function from changed bytes to a whole message.
"""

import hashlib
import http.client
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding

import der
import keys
import scep

WRONG_TYPES = (der.INT, der.OCTETS, der.NULL, der.SEQ, der.SET, der.UTF8, 0xA0)
LENGTHS = ("one-more", "one-less", "huge", "open", "long-form", "indefinite")
CLASSES = ("delete", "empty", "duplicate", "type", "length")


def operations(node):
    """The names of everything that is done to a TLV."""
    yield from CLASSES[:3]
    for tag in WRONG_TYPES:
        if tag != node.tag:
            yield "type-%02x" % tag
    for how in LENGTHS:
        if (how != "one-less" or node.body) and (how != "indefinite" or node.tag & 0x20):
            yield "length-" + how


def operated(node, op):
    """The bytes in place of the TLV."""
    raw, tag, size = node.der, bytes([node.tag]), len(node.body)
    if op == "delete":
        return b""
    if op == "empty":
        return tag + b"\0"
    if op == "duplicate":
        return raw + raw
    if op.startswith("type-"):
        return bytes([int(op[5:], 16)]) + raw[1:]
    how = op[7:]
    if how == "one-more":
        return tag + der.length(size + 1) + node.body
    if how == "one-less":
        return tag + der.length(size - 1) + node.body
    if how == "huge":
        return tag + b"\x84\xff\xff\xff\xff" + node.body
    if how == "open":
        return tag + b"\x80" + node.body
    if how == "long-form":
        return tag + b"\x84" + size.to_bytes(4, "big") + node.body
    return tag + b"\x80" + node.body + b"\0\0"


def paths(node, leave=lambda path, node: False, path=()):
    """(path, node) of every TLV; leave says where not to go into."""
    yield path, node
    if not leave(path, node):
        for i, child in enumerate(node.children):
            yield from paths(child, leave, path + (i,))


def at(node, path):
    for i in path:
        node = node[i]
    return node


def changed(data, path, op):
    if op.startswith("bit-"):
        byte, bit = map(int, op[4:].split("."))
        return data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1:]
    root = der.parse(data)
    target = at(root, path)
    return root.replaced(target, operated(target, op))


def leaf_at(node, byte, path=()):
    """The path of the innermost TLV that holds a byte."""
    for i, child in enumerate(node.children):
        if child.start <= byte < child.end:
            return leaf_at(child, byte, path + (i,))
    return path


@dataclass
class Mutant:
    kind: str  # the message
    layer: str
    path: tuple
    op: str

    def __str__(self):
        return "%s %s %s %s" % (self.kind, self.layer, "/".join(map(str, self.path)) or ".", self.op)


class Message:
    """One message in layers. plain is a PKCS#10 made by csr_info(challenge), or a small body."""

    def __init__(self, kind, ra, signer_key, signer_cert, message_type, plain, csr_key=None):
        self.kind, self.ra, self.signer_key, self.message_type = kind, ra, signer_key, message_type
        self.cert, self.plain, self.csr_key = scep.as_der(signer_cert), plain, csr_key
        self.own_cert = csr_key is not None and message_type == scep.PKCS_REQ
        self.transaction, self.nonce = scep.random_id(), os.urandom(16)
        self._layers = None
        self.cek, self.iv = os.urandom(16), os.urandom(16)
        self.wrapped = scep.recipient(ra, self.cek)

    def envelope_of(self, plain):
        body = scep.encrypt(plain, "aes128-cbc", self.cek, self.iv)
        return der.seq(der.oid(scep.ENVELOPED), der.explicit(0, der.seq(
            der.integer(0), der.tlv(der.SET, self.wrapped),
            der.seq(der.oid(scep.DATA), der.seq(der.oid(scep.CIPHERS["aes128-cbc"][0]),
                                                der.octets(self.iv)), der.implicit(0, body)))))

    def attributes(self, content, message_type=None):
        made = scep.scep_attributes(content, message_type=message_type or self.message_type,
                                    transaction=self.transaction, nonce=self.nonce,
                                    signing_time=scep.NOW)
        return b"".join(sorted(a for _, a in made))

    def signed(self, content, attrs=None, cert=None, sid=None):
        """The whole message around an envelope, signed attributes signed anew."""
        attrs = self.attributes(content) if attrs is None else attrs
        cert = self.cert if cert is None else cert
        f = sid or scep.CertFields.of(self.cert)
        sig = self.signer_key.sign(der.tlv(der.SET, attrs), padding.PKCS1v15(), scep.hash_of("sha256"))
        digest = scep.algorithm(scep.DIGESTS["sha256"])
        info = der.seq(der.integer(1), der.seq(f.issuer, f.serial), digest, der.tlv(0xA0, attrs),
                       scep.algorithm(scep.RSA_OID), der.octets(sig))
        return scep.signed_data(content, [info], [cert])

    def with_plain(self, plain):
        return self.signed(self.envelope_of(plain))

    def build(self):
        return self.with_plain(self.plain)

    # --- layers: name -> (DER, where not to go, function of (path, changed bytes) to a message)

    def layers(self):
        if self._layers is None:
            self._layers = self.make_layers()
        return self._layers

    def make_layers(self):
        content = self.envelope_of(self.plain)
        made = {
            "outer": (self.signed(content), outer_leave, lambda path, data: data),
            "attributes": (der.tlv(der.SET, self.attributes(content)), None,
                           lambda path, data: self.signed(content, attrs=strip(data))),
            "envelope": (content, None, lambda path, data: self.signed(data)),
            "certificate": (self.cert, None, self.with_cert),
        }
        if self.csr_key is None:
            made["body"] = (self.plain, None, lambda path, data: self.with_plain(data))
            return made
        made["csr"] = (self.plain, None, self.with_csr)
        csr = der.parse(self.plain)
        spki = csr[0][2]
        made["public-key"] = (spki[1].body[1:], None, lambda path, data: self.with_csr(
            (0,), csr.replaced(spki[1], der.bits(data))))
        for i, value in enumerate(extension_values(csr)):
            made["extension-%d" % i] = (value.body, None, lambda path, data, v=value: self.with_csr(
                (0,), csr.replaced(v, der.octets(data))))
        return made

    def with_csr(self, path, data):
        """A changed PKCS#10: signed anew when the change is inside what is signed."""
        if path[:1] == (0,):
            try:
                parts = der.parse(data).children
                sig = self.csr_key.sign(parts[0].der, padding.PKCS1v15(), scep.hash_of("sha256"))
                data = der.seq(*[p.der for p in parts[:-1]], der.bits(sig))
            except (ValueError, IndexError):
                pass
        return self.with_plain(data)

    def with_cert(self, path, data):
        """A changed signer certificate: a throw-away one signed anew, and named as it now is."""
        sid = None
        if self.own_cert:
            try:
                tbs, alg, _ = der.parse(data).children
                if path[:1] == (0,):
                    data = der.seq(tbs.der, alg.der, der.bits(
                        scep.sign_raw(self.signer_key, tbs.der)[1]))
                sid = scep.CertFields.of(data)
            except (ValueError, IndexError):
                sid = None
        return self.signed(self.envelope_of(self.plain), cert=data, sid=sid)

    def mutants(self):
        for layer, (data, leave, _) in self.layers().items():
            for path, node in paths(der.parse(data), leave or (lambda p, n: False)):
                if layer in ("attributes",) and path == ():
                    continue  # the set itself belongs to the outer layer
                for op in operations(node):
                    if operated(node, op) != node.der:
                        yield Mutant(self.kind, layer, path, op)

    def flips(self):
        """Every bit: of the message as it goes out, and of the layers inside that are signed anew."""
        for layer, (data, _, _) in self.layers().items():
            root = der.parse(data)
            for byte in range(root.body_at if layer == "attributes" else 0, len(data)):
                path = leaf_at(root, byte)
                for bit in range(8):
                    yield Mutant(self.kind, layer, path, "bit-%d.%d" % (byte, bit))

    def mutant(self, m):
        data, _, whole = self.layers()[m.layer]
        return whole(m.path, changed(data, m.path, m.op))


def outer_leave(path, node):
    """The outer layer does not go into certificates and signed attributes, which have their own."""
    return path in ((1, 0, 3, 0), (1, 0, 4, 0, 3))


def strip(data):
    """The contents of a SET that may be broken inside."""
    return data[len(data) - body_size(data):]


def body_size(data):
    first = data[1]
    return first if not first & 0x80 else int.from_bytes(data[2:2 + (first & 0x7F)], "big")


def extension_values(csr):
    """The extnValue OCTET STRINGs of a PKCS#10."""
    return [ext.children[-1] for a in csr[0][3].children if der.oid_text(a[0].body) == scep.EXTENSIONS
            for ext in a[1][0].children]


# --- the wire ----------------------------------------------------------------------------------

class Wire:
    """A client that keeps its connection, comes from many loopback addresses (each has its budget of
    refusals), and judges what it gets."""

    def __init__(self, server, first=0):
        self.server, self.at, self.c = server, first, None
        self.answers, self.bad, self.busy = {}, [], 0
        self.ra_key = server.ra.public_key()

    def connect(self):
        self.close()
        self.at += 1
        source = "127.%d.%d.%d" % (20 + self.at // 60000 % 200, self.at // 250 % 240, 1 + self.at % 250)
        self.c = http.client.HTTPConnection(self.server.host, self.server.port, timeout=120,
                                            source_address=(source, 0))
        self.left = 25

    def close(self):
        if self.c:
            self.c.close()
        self.c = None

    def post(self, message):
        for attempt in range(6):
            fresh = self.c is None or self.left == 0
            if fresh:
                self.connect()
            self.left -= 1
            try:
                self.c.request("POST", self.server.path + "?operation=PKIOperation", body=message,
                               headers={"Content-Type": "application/x-pki-message"})
                r = self.c.getresponse()
                body = r.read()
            except (http.client.HTTPException, OSError):
                self.close()
                if fresh and attempt:
                    raise
                continue
            if r.getheader("connection", "").lower() == "close":
                self.close()
            if r.status == 503 and attempt < 5:
                self.busy += 1
                self.close()
                continue
            return r.status, body
        return None, b""

    def judge(self, message, what, key=None, full=False):
        """Send, check that the answer is one that may be; the CertRep, or None for an HTTP refusal.
        Answers of an unknown kind and every twentieth are read in full, others by quick_rep."""
        try:
            status, body = self.post(message)
        except (http.client.HTTPException, OSError) as e:
            self.bad.append("%s: no answer: %r" % (what, e))
            return None
        if status in (400, 413):
            self.count(str(status))
            return None
        if status != 200:
            self.bad.append("%s: status %s" % (what, status))
            return None
        try:
            rep = quick_rep(body, self.ra_key)
            seen = self.count("%s/%s" % (rep.status, rep.fail_info))
            if full or seen <= 5 or seen % 20 == 0 or rep.status != scep.FAILURE:
                rep = scep.read_certrep(body, self.server.ra, key)
        except (AssertionError, ValueError, IndexError, KeyError) as e:
            self.bad.append("%s: answer is wrong: %r" % (what, e))
            return None
        return rep

    def count(self, word):
        self.answers[word] = self.answers.get(word, 0) + 1
        return self.answers[word]


def quick_rep(body, ra_key):
    """As scep.read_certrep, for a FAILURE, without objects: shape, digest, signature, attributes."""
    info = der.parse(body)
    scep.need(der.oid_text(info[0].body) == scep.SIGNED, "not SignedData")
    sd = info[1][0]
    content = sd[2][1][0].body if len(sd[2]) > 1 else b""
    si = sd.children[-1]
    scep.need(len(si) == 1, "%d signers", len(si))
    attrs_node, sig = si[0][3], si[0].children[5 if len(si[0]) > 5 else 4]
    try:
        ra_key.verify(sig.body, b"\x31" + attrs_node.der[1:], padding.PKCS1v15(),
                      scep.hash_of(digest_name(si[0][2])))
    except InvalidSignature:
        raise scep.BadAnswer("the signature does not verify") from None
    attrs = {}
    for a in attrs_node.children:
        name = der.oid_text(a[0].body)
        scep.need(name not in attrs and len(a[1]) == 1, "attribute %s twice", name)
        attrs[name] = a[1][0].body
    digest = hashlib.new(digest_name(si[0][2]), content).digest()
    scep.need(attrs[scep.MESSAGE_DIGEST] == digest, "messageDigest")
    scep.need(attrs[scep.MESSAGE_TYPE] == b"3", "messageType")
    status = attrs[scep.STATUS].decode()
    fail = attrs.get(scep.FAIL_INFO)
    scep.need(status in "023" and (fail is not None) == (status == scep.FAILURE), "status")
    scep.need(status == scep.SUCCESS or not content, "content in a FAILURE")
    text = attrs.get(scep.FAIL_TEXT)
    return scep.CertRep(status, fail and fail.decode(), text and text.decode(),
                        attrs[scep.TRANSACTION].decode("latin-1"), attrs.get(scep.RECIPIENT_NONCE),
                        attrs[scep.SENDER_NONCE], "", "", None, [], raw=body)


def digest_name(alg):
    oid = der.oid_text(alg[0].body)
    return next(n for n, o in scep.DIGESTS.items() if o == oid)


# --- the seeds ---------------------------------------------------------------------------------

class Seeds:
    """The five messages at an installation, with the challenge and certificate that make them good."""

    EXTENSIONS = (scep.eku_extension("1.3.6.1.5.5.7.3.2"),
                  scep.extension("2.5.29.15", b"\x03\x02\x05\xa0", True))

    def __init__(self, one):
        self.one, self.server, self.serials = one, one.server(), set()
        self.key = keys.rsa("mutant device")
        self.sans = ("dns:mutant.example", "ip:192.0.2.9")
        self.subject = "CN=mutant,O=Test"
        req, rep = one.enrol(self.subject, self.sans, key=self.key)
        self.cert = rep.cert
        self.serials.add(rep.serial)
        self.throwaway = scep.self_signed(self.key, extensions=[
            scep.extension("2.5.29.15", b"\x03\x02\x05\xa0", True)])
        self.issuer = scep.CertFields.of(self.cert).issuer
        self.transaction = req.transaction

    def csr(self, challenge):
        return scep.csr(self.key, self.subject, self.sans, challenge, extensions=self.EXTENSIONS)

    def pkcsreq(self):
        challenge = self.one.challenge(self.subject, self.sans)
        return Message("PKCSReq", self.server.ra, self.key, self.throwaway, scep.PKCS_REQ,
                       self.csr(challenge), self.key)

    def renewalreq(self):
        # A null attribute makes it a request of its own.
        unique = scep.attribute("1.2.3.4.%d" % int.from_bytes(os.urandom(4), "big"), der.null())
        exts = scep.attribute(scep.EXTENSIONS, der.seq(
            scep.san_extension(self.sans), *self.EXTENSIONS))
        plain = scep.csr(self.key, self.subject, attributes=[unique, exts])
        return Message("RenewalReq", self.server.ra, self.key, self.cert, scep.RENEWAL_REQ, plain,
                       self.key)

    def poll(self):
        f = scep.CertFields.of(self.cert)
        m = Message("CertPoll", self.server.ra, self.key, self.throwaway, scep.CERT_POLL,
                    der.seq(f.issuer, f.subject))
        m.transaction = self.transaction
        return m

    def getcert(self, message_type=scep.GET_CERT):
        f = scep.CertFields.of(self.cert)
        return Message("GetCert" if message_type == scep.GET_CERT else "GetCRL", self.server.ra,
                       self.key, self.cert, message_type, der.seq(f.issuer, f.serial))

    def getcrl(self):
        return self.getcert(scep.GET_CRL)

    def all(self):
        return [self.pkcsreq(), self.renewalreq(), self.poll(), self.getcert(), self.getcrl()]

    def again(self, kind):
        return {"PKCSReq": self.pkcsreq, "RenewalReq": self.renewalreq}[kind]()
