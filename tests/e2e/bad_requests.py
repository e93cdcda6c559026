# SPDX-License-Identifier: Apache-2.0
"""PKCS#10 requests for which no certificate may come, whoever authorized them: fields that would make a
certificate more than a device's, or another name in the eyes of whoever reads it (A12). Each row is a
text and the arguments of scep.csr that differ from those of a good request."""

from cryptography.hazmat.primitives.asymmetric import ec

import der
import keys
import scep

CN, ANY_EKU, CLIENT_AUTH = "2.5.4.3", "2.5.29.37.0", "1.3.6.1.5.5.7.3.2"
UID, UNSTRUCTURED = "0.9.2342.19200300.100.1.1", "1.2.840.113549.1.9.2"
FOREIGN_EKUS = {
    "anyExtendedKeyUsage": ANY_EKU, "serverAuth": "1.3.6.1.5.5.7.3.1", "codeSigning": "1.3.6.1.5.5.7.3.3",
    "emailProtection": "1.3.6.1.5.5.7.3.4", "timeStamping": "1.3.6.1.5.5.7.3.8",
    "OCSPSigning": "1.3.6.1.5.5.7.3.9", "smartcardLogon": "1.3.6.1.4.1.311.20.2.2",
    "enrollment agent": "1.3.6.1.4.1.311.20.2.1", "KDC": "1.3.6.1.5.2.3.5",
    "next to clientAuth": CLIENT_AUTH[:-1] + "22", "longer than clientAuth": CLIENT_AUTH + ".1",
    "shorter than clientAuth": CLIENT_AUTH[:-2]}


def rdn(*values):
    """A RelativeDistinguishedName of (OID, tag, bytes)."""
    return der.tlv(der.SET, *sorted(der.seq(der.oid(o), der.tlv(t, v)) for o, t, v in values))


def one_name(tag, value, oid=CN):
    return der.seq(rdn((oid, tag, value)))


def names():
    """(what, subject)"""
    for what, length in (("CN", 65), ("O", 65), ("OU", 65), ("2.5.4.12", 65), ("L", 129), ("ST", 129),
                         ("serialNumber", 65), ("2.5.4.9", 129), (UID, 257), ("DC", 64),
                         (UNSTRUCTURED, 256), ("E", 256)):
        yield "%s of %d characters" % (what, length), [("CN", "a"), (what, "x" * length)] if what != "CN" else [
            ("CN", "x" * length)]
    yield "unknown type of 256 characters", der.seq(rdn((CN, der.UTF8, b"a")), rdn(("1.2.3.4", der.UTF8, b"x" * 256)))
    yield "O of 65 characters of two bytes", [("CN", "a"), ("O", "\u00e4" * 65)]
    yield "CN of 65 characters as BMPString", one_name(der.BMP, ("\u00e4" * 65).encode("utf-16-be"))
    for what in ("CN", "O", "OU", "C", "L", "E", "DC", UID, "serialNumber", UNSTRUCTURED):
        yield "an empty " + what, [(what, "")] + [("CN", "a")] * (what != "CN")
    yield "an empty unknown type", der.seq(rdn((CN, der.UTF8, b"a")), rdn(("1.2.3.4", der.UTF8, b"")))
    yield "an empty OU beside a CN", der.seq(rdn((CN, der.UTF8, b"a"), ("2.5.4.11", der.UTF8, b"")))
    for blank in (" ", "   ", "\u00a0", "\u200b", "\u3000"):
        yield "a CN of %r" % blank, [("CN", blank)]
    for country in ("F", "FIN", "F1", "12", "Suomi", "\u00c4\u00d6", "F "):
        yield "country %r" % country, [("C", (der.UTF8, country.encode())), ("CN", "a")]
    yield "21 RDNs", [("OU", "u%d" % i) for i in range(21)]
    yield "1 000 RDNs", [("OU", "u%d" % i) for i in range(1000)]
    yield "value of 2000 bytes", [("O", "x" * 2000)]
    for what, tag, value in (
            ("BMPString with a surrogate", der.BMP, b"\xd8\x00\x00a"), ("BMPString of odd length", der.BMP, b"\0a\0"),
            ("UTF-8 that is not", der.UTF8, b"\xff\xfe"), ("UTF-8 overlong", der.UTF8, b"\xc0\x80"),
            ("UTF-8 cut off", der.UTF8, b"a\xe2\x82"), ("UTF-8 of a surrogate", der.UTF8, b"\xed\xa0\x80"),
            ("UTF-8 beyond Unicode", der.UTF8, b"\xf4\x90\x80\x80"), ("PrintableString with high bytes", der.PRINTABLE, b"\xe9"),
            ("SEQUENCE", der.SEQ, b""), ("INTEGER", der.INT, b"\1"), ("OCTET STRING", der.OCTETS, b"a"),
            ("NULL", der.NULL, b""), ("BIT STRING", 3, b"\0a"), ("GeneralString", 27, b"a"), ("VideotexString", 21, b"a"),
            ("UniversalString beyond Unicode", 28, b"\0\x11\0\0"), ("UniversalString of 3 bytes", 28, b"\0\0a"),
            ("constructed UTF8String", der.UTF8 | 0x20, der.utf8("a")), ("context tag", 0x80, b"a")):
        yield "value: " + what, one_name(tag, value)
    for c in ["\0", "\x01", "\b", "\t", "\n", "\v", "\r", "\x1b", "\x1f", "\x7f", "\x80", "\x85", "\x9b"]:
        yield "UTF8String with %r" % c, [("CN", (der.UTF8, ("a%sb" % c).encode()))]
        yield "BMPString with %r" % c, [("CN", (der.BMP, ("a%sb" % c).encode("utf-16-be")))]
    for c in ("\0", "\n", "\x1b", "\x7f"):
        yield "IA5String with %r" % c, one_name(der.IA5, ("a%sb" % c).encode(), "1.2.840.113549.1.9.1")
        yield "TeletexString with %r" % c, one_name(20, ("a%sb" % c).encode())
    yield "RDN without a value", der.seq(der.tlv(der.SET))
    yield "RDN with one of three parts", der.seq(der.tlv(der.SET, der.seq(
        der.oid(CN), der.utf8("a"), der.utf8("b"))))
    yield "RDN that is a SEQUENCE", der.seq(der.seq(der.seq(der.oid(CN), der.utf8("a"))))
    yield "RDN with one CN twice", der.seq(rdn((CN, der.UTF8, b"a"), (CN, der.UTF8, b"a")))
    yield "type that is no OID", der.seq(der.tlv(der.SET, der.seq(der.integer(3), der.utf8("a"))))
    yield "type with an overlong OID", der.seq(der.tlv(der.SET, der.seq(
        b"\x06\x04\x55\x04\x80\x03", der.utf8("a"))))
    yield "no subject and no other name", der.seq()


def sans():
    """(what, subject alternative names)"""
    yield "101 names", tuple("dns:h%d.example" % i for i in range(101))
    yield "3 000 names", tuple("dns:h%d.ex" % i for i in range(3000))
    for value in ("", "*", "*.example", "a.*.example", "*a.example", "-a.example", "a-.example", "a..b", ".a", "a.",
                  "a b", "a\0b", "a\nb", "a/b", "a@b", "a:80", "\u00e4.example", "x" * 64 + ".example", "a." * 130 + "b"):
        yield "dns %.20r" % value, (der.implicit(2, value.encode()),)
    for value in ("", "no-at", "@host", "a@", "a@b@c", "a b@c.example", "a@*.example", "\"a\"@b.example", "a@b\0.example",
                  "a\r\n@b.example", "<a@b.example>", "a,b@c.example"):
        yield "email %.20r" % value, (der.implicit(1, value.encode()),)
        yield "upn %.20r" % value, ("upn:" + value,)
    for value in ("", "no-scheme", ":x", "http:", "http://a b", "http://a\0b", "http://a\r\nb", "javascript:\"x\"",
                  "http://\u00e4", "<a:b>", "1http://a"):
        yield "uri %.20r" % value, (der.implicit(6, value.encode()),)
    for size in (0, 1, 3, 5, 8, 15, 17, 32):
        yield "iPAddress of %d bytes" % size, (der.implicit(7, bytes(size)),)
    yield "x400Address", (der.tlv(0xA3, der.seq()),)
    yield "directoryName", (der.tlv(0xA4, der.name("CN=admin")),)
    yield "directoryName that is empty", (der.tlv(0xA4, der.seq()),)
    yield "ediPartyName", (der.tlv(0xA5, der.seq()),)
    yield "registeredID", (der.implicit(8, b"\x2a\x03"),)
    yield "tag 9", (der.implicit(9, b"x"),)
    yield "otherName of Kerberos", (der.tlv(0xA0, der.oid("1.3.6.1.5.2.2"), der.explicit(0, der.seq())),)
    yield "otherName without a value", (der.tlv(0xA0, der.oid("1.3.6.1.4.1.311.20.2.3")),)
    yield "upn that is an IA5String", (der.tlv(0xA0, der.oid("1.3.6.1.4.1.311.20.2.3"), der.explicit(
        0, der.tlv(der.INT, b"\1"))),)


def basic(*fields):
    return scep.extension("2.5.29.19", der.seq(*fields), True)


def extensions():
    """(what, [extension])"""
    for what, ext in (
            ("CA:TRUE", basic(der.boolean(True))), ("CA:TRUE, path 0", basic(der.boolean(True), der.integer(0))),
            ("CA:TRUE, not critical", scep.extension("2.5.29.19", der.seq(der.boolean(True)))),
            ("path without CA", basic(der.integer(0))), ("CA:TRUE as 01", basic(b"\1\1\1")),
            ("negative path", basic(der.boolean(True), der.integer(-1))),
            ("basicConstraints with more", basic(der.boolean(True), der.integer(0), der.null())),
            ("basicConstraints that is a SET", scep.extension("2.5.29.19", der.tlv(der.SET)))):
        yield what, [ext]
    # keyCertSign, cRLSign and both, alone and with what a device has.
    for usage in (0x04, 0x02, 0x06, 0xA4, 0xA2, 0xA6):
        yield "keyUsage %02x" % usage, [scep.extension("2.5.29.15", bytes([3, 2, 1, usage]), True)]
    for what, value in (("empty", b"\3\1\0"), ("unused bits set", b"\3\2\5\xbf"),
                        ("of 3 bytes", b"\3\4\0\xa0\0\1"), ("no BIT STRING", b"\4\1\xa0")):
        yield "keyUsage " + what, [scep.extension("2.5.29.15", value, True)]
    for what, oid in FOREIGN_EKUS.items():
        yield "EKU " + what, [scep.eku_extension(oid)]
        yield "clientAuth and EKU " + what, [scep.eku_extension(CLIENT_AUTH, oid)]
    yield "EKU that is empty", [scep.eku_extension()]
    yield "clientAuth twice", [scep.eku_extension(CLIENT_AUTH, CLIENT_AUTH)]
    yield "EKU that is a string", [scep.extension("2.5.29.37", der.utf8(CLIENT_AUTH))]
    yield "200 EKUs", [scep.eku_extension(*["1.3.6.1.4.1.99999.%d" % i for i in range(200)])]
    san = scep.san_extension(("dns:a.example",))
    for what, ext in (("subjectAltName", san), ("EKU", scep.eku_extension(CLIENT_AUTH)),
                      ("keyUsage", scep.extension("2.5.29.15", b"\3\2\5\xa0", True)), ("basicConstraints", basic())):
        yield what + " twice", [ext, ext]
    yield "an empty subjectAltName", [scep.san_extension(())]
    yield "a value with one byte more", [scep.extension("2.5.29.17", der.seq(scep.general_name("dns:a.example")) + b"\0")]


def key_rows():
    """(what, arguments): keys and signatures that no template of these tests takes."""
    yield "RSA of 1024 bits", {"key": keys.rsa("bad request", 1024)}
    yield "P-521", {"key": ec.generate_private_key(ec.SECP521R1())}
    for curve in (ec.SECP256K1, ec.SECP224R1, ec.SECP192R1, ec.BrainpoolP256R1):
        yield curve.name, {"key": ec.generate_private_key(curve())}
    yield "signed over MD5", {"digest": "md5"}
    yield "signed by another key", {"signer": keys.rsa("thief")}
    yield "a spoiled signature", {"corrupt": True}
    for version in (1, 2, -1, 256):
        yield "version %d" % version, {"version": version}


def attribute_rows():
    """(what, function of a challenge to a list of attributes)"""
    def plain(challenge):
        return scep.attribute(scep.CHALLENGE, der.printable(challenge))

    exts = scep.attribute(scep.EXTENSIONS, der.seq(scep.san_extension(("dns:a.example",))))
    twin = scep.attribute("1.3.6.1.4.1.311.2.1.14", der.seq(scep.san_extension(("dns:b.example",))))
    yield "two challenges", lambda c: [plain(c), plain(c)]
    yield "a challenge with two values", lambda c: [scep.attribute(
        scep.CHALLENGE, *sorted([der.printable(c), der.printable("x" * 32)]))]
    yield "a challenge without a value", lambda c: [scep.attribute(scep.CHALLENGE)]
    yield "two extensionRequests", lambda c: [plain(c), exts, exts]
    yield "extensions in both ways", lambda c: [plain(c), exts, twin]
    yield "an extensionRequest with two values", lambda c: [plain(c), scep.attribute(
        scep.EXTENSIONS, der.seq(), der.seq(scep.san_extension(("dns:a.example",))))]
    yield "an extensionRequest without a value", lambda c: [plain(c), scep.attribute(scep.EXTENSIONS)]
    yield "an extensionRequest that is a SET", lambda c: [plain(c), scep.attribute(
        scep.EXTENSIONS, der.tlv(der.SET, scep.san_extension(("dns:a.example",))))]


def rows():
    """(what, function of a challenge to arguments of scep.csr)"""
    for what, subject in names():
        yield "name: " + what, lambda c, s=subject: {"subject": s if isinstance(s, bytes) else der.name(s), "challenge": c}
    for what, value in sans():
        yield "SAN: " + what, lambda c, v=value: {"sans": v, "challenge": c}
    for what, exts in extensions():
        yield "extension: " + what, lambda c, e=exts: {"extensions": e, "challenge": c}
    for what, options in key_rows():
        yield "key: " + what, lambda c, o=options: dict(o, challenge=c)
    for what, made in attribute_rows():
        yield "attribute: " + what, lambda c, m=made: {"attributes": m(c)}


def tamed():
    """(what, arguments): not as the standards have it, but sent by devices; a certificate may come, in
    which it is put right."""
    yield "PrintableString with @", {"subject": one_name(der.PRINTABLE, b"a@b")}
    yield "PrintableString with *", {"subject": one_name(der.PRINTABLE, b"a*")}
    yield "TeletexString", {"subject": one_name(20, b"a\xe9")}
    yield "BMPString", {"subject": one_name(der.BMP, "a\u20ac".encode("utf-16-be"))}
    yield "two values that are not in the order of DER", {"subject": der.seq(der.tlv(der.SET, *sorted([
        der.seq(der.oid(CN), der.utf8("a")), der.seq(der.oid("2.5.4.11"), der.utf8("b"))], reverse=True)))}
    yield "CA:FALSE spelled out", {"extensions": [basic(b"\1\1\0")]}
    yield "keyUsage not minimal", {"extensions": [scep.extension("2.5.29.15", b"\3\2\0\xa0", True)]}
    yield "critical spelled FALSE", {"extensions": [der.seq(der.oid("2.5.29.17"), b"\1\1\0", der.octets(der.seq(
        scep.general_name("dns:a.example"))))]}
    yield "a policy that nobody gave", {"extensions": [scep.extension("2.5.29.32", der.seq(der.seq(
        der.oid("2.5.29.32.0"))))]}
    yield "name constraints", {"extensions": [scep.extension("2.5.29.30", der.seq(), True)]}
    yield "the SID of an administrator", {"extensions": [scep.extension("1.3.6.1.4.1.311.25.2", der.seq(der.tlv(
        0xA0, der.oid("1.3.6.1.4.1.311.25.2.1"), der.explicit(0, der.octets(b"S-1-5-21-1-2-3-500")))))]}
