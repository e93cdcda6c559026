# SPDX-License-Identifier: Apache-2.0
"""DER written by hand, so that tests can also write what no library would, and a reader of TLVs
that is just enough to take messages apart, change them and put them together again."""

import re

SEQ, SET = 0x30, 0x31
BOOL, INT, BITS, OCTETS, NULL, OID, UTF8 = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C
PRINTABLE, T61, IA5, UTC, GENERAL, BMP = 0x13, 0x14, 0x16, 0x17, 0x18, 0x1E


def length(n):
    if n < 0x80:
        return bytes([n])
    body = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(body)]) + body


def tlv(tag, *parts):
    body = b"".join(parts)
    return bytes([tag]) + length(len(body)) + body


def seq(*parts):
    return tlv(SEQ, *parts)


def set_of(*parts):
    """A SET OF in DER: sorted."""
    return tlv(SET, *sorted(parts))


def integer(n):
    if n == 0:
        return tlv(INT, b"\0")
    size = (n.bit_length() + 8) // 8 if n > 0 else ((n + 1).bit_length() + 8) // 8
    return tlv(INT, n.to_bytes(size, "big", signed=True))


def oid(text):
    arcs = [int(a) for a in text.split(".")]
    out = bytearray()
    for a in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        chunk = [a & 0x7F]
        a >>= 7
        while a:
            chunk.append(0x80 | (a & 0x7F))
            a >>= 7
        out += bytes(reversed(chunk))
    return tlv(OID, bytes(out))


def octets(data):
    return tlv(OCTETS, data)


def bits(data, unused=0):
    return tlv(BITS, bytes([unused]), data)


def null():
    return b"\x05\x00"


def boolean(value):
    return tlv(BOOL, b"\xff" if value else b"\0")


def printable(text):
    return tlv(PRINTABLE, raw(text))


def utf8(text):
    return tlv(UTF8, raw(text))


def ia5(text):
    return tlv(IA5, raw(text))


def raw(text):
    return text.encode() if isinstance(text, str) else text


def explicit(n, *parts):
    """[n] constructed."""
    return tlv(0xA0 | n, *parts)


def implicit(n, body):
    """[n] primitive."""
    return tlv(0x80 | n, body)


def utctime(at):
    return tlv(UTC, at.strftime("%y%m%d%H%M%SZ").encode())


class Node:
    """One TLV of a message: tag, where it is, and what is inside when it is constructed."""

    def __init__(self, data, start=0, limit=None):
        limit = len(data) if limit is None else limit
        self.data, self.start = data, start
        self.tag = data[start]
        i = start + 1
        n = data[i]
        i += 1
        if n & 0x80:
            size = n & 0x7F
            if not size:
                raise ValueError("indefinite length")
            n = int.from_bytes(data[i:i + size], "big")
            i += size
        self.body_at, self.end = i, i + n
        if self.end > limit:
            raise ValueError("TLV at %d ends past its parent" % start)
        self.children = []
        if self.tag & 0x20:
            while i < self.end:
                child = Node(data, i, self.end)
                self.children.append(child)
                i = child.end

    def __getitem__(self, i):
        return self.children[i]

    def __len__(self):
        return len(self.children)

    @property
    def body(self):
        return self.data[self.body_at:self.end]

    @property
    def der(self):
        return self.data[self.start:self.end]

    def walk(self):
        yield self
        for c in self.children:
            yield from c.walk()

    def replaced(self, target, new):
        """This TLV with the TLV target (a node inside it) replaced by bytes; lengths mended."""
        if self is target:
            return new
        if not (self.start <= target.start and target.end <= self.end):
            return self.der
        return tlv(self.tag, *[c.replaced(target, new) for c in self.children])


def parse(data):
    node = Node(data)
    if node.end != len(data):
        raise ValueError("%d bytes after the end" % (len(data) - node.end))
    return node


def oid_text(body):
    out, n = [], 0
    for b in body:
        n = n << 7 | b & 0x7F
        if not b & 0x80:
            out.append(n)
            n = 0
    first = min(out[0] // 40, 2)
    return ".".join(str(a) for a in [first, out[0] - 40 * first] + out[1:])


def ber(node, segment=0, deep=lambda n: True):
    """BER indefinite length as iOS, Java and Windows send it: every constructed TLV for which
    deep() holds becomes indefinite; with segment, longer OCTET STRINGs become segmented ones."""
    if node.tag == OCTETS and segment and len(node.body) > segment and deep(node):
        body = node.body
        parts = [octets(body[i:i + segment]) for i in range(0, len(body), segment)]
        return b"\x24\x80" + b"".join(parts) + b"\0\0"
    if node.tag & 0x20 and deep(node):
        return bytes([node.tag, 0x80]) + b"".join(ber(c, segment, deep) for c in node.children) + b"\0\0"
    return node.der


def long_form(data):
    """The outermost length in more bytes than it needs: BER, not DER."""
    node = Node(data)
    size = node.end - node.body_at
    return bytes([node.tag, 0x84]) + size.to_bytes(4, "big") + node.body + data[node.end:]


NAMES = {
    "CN": "2.5.4.3", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8",
    "O": "2.5.4.10", "OU": "2.5.4.11", "DC": "0.9.2342.19200300.100.1.25",
    "E": "1.2.840.113549.1.9.1",
}


def name(text):
    """A Name from "CN=dev1,O=Test" in the order as written; or from [(type, value)] with any value
    bytes (a TLV may be given as the value: begin it with the tag in a tuple (tag, bytes))."""
    pairs = text if isinstance(text, list) else [p.split("=", 1) for p in re.split(r",\s*", text)] \
        if text else []
    rdns = []
    for kind, value in pairs:
        kind = NAMES.get(kind.upper(), kind)
        if isinstance(value, tuple):
            val = tlv(value[0], value[1])
        elif kind == NAMES["C"]:
            val = printable(value)
        elif kind in (NAMES["DC"], NAMES["E"]):
            val = ia5(value)
        else:
            val = utf8(value)
        rdns.append(tlv(SET, seq(oid(kind), val)))
    return seq(*rdns)
