# SPDX-License-Identifier: Apache-2.0
"""PKCS#10 requests for which no certificate may come, whoever authorized them: fields that would make a
certificate more than a device's, or another name in the eyes of whoever reads it (A12). Each row is a
text and the arguments of scep.csr that differ from those of a good request."""

from cryptography.hazmat.primitives.asymmetric import ec

import der
import keys
import scep

MS_EXTENSIONS = "1.3.6.1.4.1.311.2.1.14"
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


def twice():
    """(what, extension, another one of its kind)"""
    yield "subjectAltName", scep.san_extension(("dns:a.example",)), scep.san_extension(("dns:b.example",))
    yield "EKU", scep.eku_extension(CLIENT_AUTH), scep.eku_extension(CLIENT_AUTH, ANY_EKU)
    yield "keyUsage", usage(b"\3\2\5\xa0"), usage(b"\3\2\7\x80")
    yield "basicConstraints", basic(), basic(der.boolean(True))


def usage(value):
    return scep.extension("2.5.29.15", value, True)


def extensions():
    """(what, [extension])"""
    for what, ext in (
            ("CA:TRUE", basic(der.boolean(True))), ("CA:TRUE, path 0", basic(der.boolean(True), der.integer(0))),
            ("CA:TRUE, not critical", scep.extension("2.5.29.19", der.seq(der.boolean(True)))),
            ("CA:TRUE as 01", basic(b"\1\1\1")), ("CA:TRUE in a long length", basic(b"\1\x81\1\xff")),
            ("CA:TRUE of no definite length", scep.extension("2.5.29.19", b"\x30\x80\1\1\xff\0\0")),
            ("CA:TRUE after the path", basic(der.integer(0), der.boolean(True))),
            ("negative path", basic(der.boolean(True), der.integer(-1))),
            ("basicConstraints with more", basic(der.boolean(True), der.integer(0), der.null()))):
        yield what, [ext]
    # keyCertSign, cRLSign and both, alone and with what a device has.
    for bits in (0x04, 0x02, 0x06, 0xA4, 0xA2, 0xA6):
        yield "keyUsage %02x" % bits, [usage(bytes([3, 2, 1, bits]))]
    for what, value in (("keyCertSign with zero bits after it", b"\3\3\0\4\0"),
                        ("cRLSign and bits beyond the last", b"\3\4\0\2\0\1"),
                        ("keyCertSign in a long length", b"\3\x81\2\0\4"),
                        ("keyCertSign in segments", b"\x23\x80\3\2\0\4\0\0"),
                        ("keyCertSign and more after it", b"\3\2\0\4" + der.null())):
        yield "keyUsage " + what, [usage(value)]
    for what, oid in FOREIGN_EKUS.items():
        yield "EKU " + what, [scep.eku_extension(oid)]
        yield "clientAuth and EKU " + what, [scep.eku_extension(CLIENT_AUTH, oid)]
    yield "a foreign EKU after what is none", [scep.extension("2.5.29.37", der.seq(der.null(), der.oid(ANY_EKU)))]
    yield "200 EKUs", [scep.eku_extension(*["1.3.6.1.4.1.99999.%d" % i for i in range(200)])]
    for what, ext, other in twice():
        yield what + " twice, and different", [ext, other]
        yield what + " twice, and different, the other way round", [other, ext]
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
    yield "a version of 9 bytes", {"version": 1 << 64}


def attribute_rows():
    """(what, function of a challenge to a list of attributes)"""
    def plain(challenge):
        return scep.attribute(scep.CHALLENGE, der.printable(challenge))

    exts = scep.attribute(scep.EXTENSIONS, der.seq(scep.san_extension(("dns:a.example",))))
    twin = scep.attribute(MS_EXTENSIONS, der.seq(scep.san_extension(("dns:b.example",))))
    more = scep.attribute(scep.EXTENSIONS, der.seq(scep.san_extension(("dns:a.example",)), usage(b"\3\2\7\x80")))
    yield "two challenges", lambda c: [plain(c), plain("x" * 32)]
    yield "a challenge with two values", lambda c: [scep.attribute(
        scep.CHALLENGE, *sorted([der.printable(c), der.printable("x" * 32)]))]
    yield "a challenge and one that is no string", lambda c: [plain(c), scep.attribute(scep.CHALLENGE, der.octets(b"x"))]
    yield "two extensionRequests, one with more", lambda c: [plain(c), exts, more]
    yield "extensions in both ways", lambda c: [plain(c), exts, twin]
    yield "an extensionRequest with two values", lambda c: [plain(c), scep.attribute(
        scep.EXTENSIONS, *[der.seq(scep.san_extension((n,))) for n in ("dns:a.example", "dns:b.example")])]
    yield "a hundred lists", lambda c: [plain(c), scep.attribute(
        scep.EXTENSIONS, *[der.seq(scep.san_extension(("dns:a.example",)))] * 100)]
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
    # What is not used is not read strictly: certificates say what the template gives.
    for version in (1, 2, -1, 256):
        yield "version %d" % version, {"version": version}
    for what, value in (("empty", b"\3\1\0"), ("unused bits set", b"\3\2\5\xbf"), ("of 3 bytes", b"\3\4\0\xa0\0\1"),
                        ("no BIT STRING", b"\4\1\xa0"), ("nothing", b""), ("cut off", b"\3\5\0")):
        yield "keyUsage " + what, {"extensions": [usage(value)]}
    for what, value in (("path without CA", der.seq(der.integer(0))), ("a SET", der.tlv(der.SET)), ("nothing", b""),
                        ("a negative path without CA", der.seq(der.integer(-1)))):
        yield "basicConstraints: " + what, {"extensions": [scep.extension("2.5.29.19", value, True)]}
    for what, value in (("empty", der.seq()), ("a string", der.utf8(CLIENT_AUTH)), ("nothing", b""),
                        ("clientAuth twice", der.seq(der.oid(CLIENT_AUTH), der.oid(CLIENT_AUTH)))):
        yield "EKU: " + what, {"extensions": [scep.extension("2.5.29.37", value)]}
    for what, ext, _ in twice():
        yield what + " twice", {"extensions": [ext, ext]}
    yield "an empty subjectAltName", {"extensions": [scep.san_extension(())]}
    yield "an empty subjectAltName beside another", {"extensions": [scep.san_extension(()), scep.san_extension((
        "dns:a.example",))]}
    yield "critical that is neither", {"extensions": [der.seq(
        der.oid("2.5.29.17"), b"\1\1\7", der.octets(der.seq(scep.general_name("dns:a.example"))))]}
    yield "an unknown extension twice, critical and broken", {"extensions": [
        scep.extension("1.3.6.1.4.1.99999.1", b"\xff", True)] * 2}


def tamed_attributes():
    """(what, function of a challenge to a list of attributes), as tamed()."""
    names = der.seq(scep.san_extension(("dns:a.example",)))
    exts, twin = scep.attribute(scep.EXTENSIONS, names), scep.attribute(MS_EXTENSIONS, names)

    def plain(challenge, tag=der.PRINTABLE):
        return scep.attribute(scep.CHALLENGE, der.tlv(tag, challenge.encode()))

    yield "two challenges that are one", lambda c: [plain(c), plain(c)]
    yield "a challenge in two string types", lambda c: [plain(c), plain(c, der.UTF8)]
    yield "a challenge with one value twice", lambda c: [scep.attribute(scep.CHALLENGE, *[der.printable(c)] * 2)]
    yield "a challenge and one without a value", lambda c: [scep.attribute(scep.CHALLENGE), plain(c)]
    yield "two extensionRequests that are one", lambda c: [plain(c), exts, exts]
    yield "extensions in both ways, the same", lambda c: [plain(c), exts, twin]
    yield "extensions in both ways, the same as read", lambda c: [plain(c), exts, scep.attribute(
        MS_EXTENSIONS, der.seq(basic(), scep.san_extension(("dns:A.Example", "dns:a.example"), critical=True)))]
    yield "an extensionRequest with a list twice", lambda c: [plain(c), scep.attribute(scep.EXTENSIONS, names, names)]
    yield "an extensionRequest with an empty list, too", lambda c: [plain(c), scep.attribute(
        scep.EXTENSIONS, der.seq(), names)]
    yield "an extensionRequest without a value", lambda c: [plain(c), scep.attribute(scep.EXTENSIONS)]
    yield "an extensionRequest of NULL", lambda c: [plain(c), scep.attribute(scep.EXTENSIONS, der.null())]
    yield "an unknown attribute without a value", lambda c: [plain(c), scep.attribute("1.2.3.4")]
