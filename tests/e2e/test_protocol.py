# SPDX-License-Identifier: Apache-2.0
"""What a client may send and what it gets: capabilities, GetCACert, POST and GET, every algorithm,
BER, tolerance. Each accepted message ends in a certificate that matches the request."""

import base64
import os
import urllib.parse

import pytest

import der
import keys
import scep
import system

from conftest import STATIC_SECRET

TEST_NO = iter(range(1000000))


def fresh_name(prefix="p"):
    return "%s%d" % (prefix, next(TEST_NO))


def good(signet, endpoint="default", sans=None, **o):
    """An enrolment of a name of its own that must succeed and give what was asked."""
    cn = fresh_name()
    sans = ("dns:%s.example" % cn,) if sans is None else sans
    key = o.pop("key", None) or keys.rsa("protocol")
    req, rep = signet.enrol("CN=%s,O=Test" % cn, sans, endpoint, key=key, **o)
    assert rep.cert.public_key().public_numbers() == key.public_key().public_numbers()
    assert [a.value for a in rep.cert.subject] == [cn, "Test"]
    return req, rep


def test_caps__default__exactly_the_documented_words(signet):
    r = signet.server().operation("GetCACaps")
    assert r.status == 200
    assert r.headers["content-type"].split(";")[0] == "text/plain"
    assert sorted(r.body.decode().split()) == sorted(
        ["AES", "POSTPKIOperation", "Renewal", "SCEPStandard", "SHA-256", "SHA-384", "SHA-512"])


def test_caps__legacy_endpoint__adds_sha1_and_des3(signet):
    assert {"SHA-1", "DES3"} <= set(signet.server("legacy").caps())


def test_caps__no_renewal__does_not_say_renewal(signet):
    assert "Renewal" not in signet.server("norenewal").caps()


@pytest.mark.parametrize("message", [None, "", "0", "default", "MDM", "CAIdentifier", "%2e%2e%2fetc"])
@pytest.mark.parametrize("operation", ["GetCACaps", "GetCACert"])
def test_message_parameter__anything__ignored(signet, operation, message):
    assert signet.server().operation(operation, message).status == 200


@pytest.mark.parametrize("operation", ["getcacaps", "GETCACERT", "PKIoperation"])
def test_operation__letter_case__does_not_matter(signet, operation):
    assert signet.server().operation(operation).status != 404


def test_getcacert__ra_first_then_chain_to_root(signet):
    certs = signet.server().ca_certs()
    assert len(certs) >= 2
    ra, issuing, root = certs[0], certs[1], certs[-1]
    usage = ra.extensions.get_extension_for_class(scep.x509.KeyUsage).value
    assert usage.digital_signature and usage.key_encipherment
    assert not ra.extensions.get_extension_for_class(scep.x509.BasicConstraints).value.ca
    assert issuing.extensions.get_extension_for_class(scep.x509.BasicConstraints).value.ca
    assert root.issuer == root.subject
    for child, parent in zip(certs[1:], certs[2:]):
        assert child.issuer == parent.subject
    ca_usage = issuing.extensions.get_extension_for_class(scep.x509.KeyUsage).value
    assert ca_usage.key_cert_sign and ca_usage.crl_sign and ca_usage.digital_signature


@pytest.mark.parametrize("path", [
    "/scep", "/scep/default", "/scep/pkiclient.exe", "/certsrv/mscep/mscep.dll",
    "/certsrv/mscep/mscep.dll/pkiclient.exe", "/cgi-bin/pkiclient.exe"])
def test_path__compatibility_names__are_the_default_endpoint(signet, path):
    r = signet.server().request("GET", path + "?operation=GetCACaps")
    assert r.status == 200 and b"SCEPStandard" in r.body


@pytest.mark.parametrize("path", ["/", "/scep/nobody", "/scepx", "/scep/../scep/", "/scep/%2e%2e/x",
                                  "/scep/a;b", "/scep/" + "a" * 65])
def test_path__unknown__404_with_a_short_body(signet, path):
    r = signet.server().request("GET", path + "?operation=GetCACaps")
    assert r.status in (400, 404) and len(r.body) <= 200


@pytest.mark.parametrize("method,statuses", [("HEAD", (200,)), ("OPTIONS", (204,)), ("PUT", (405, 501)),
                                             ("DELETE", (405, 501))])
def test_method__others__served_where_safe(signet, method, statuses):
    r = signet.server().request(method, "/scep?operation=GetCACaps")
    assert r.status in statuses and (method != "HEAD" or r.body == b"")


@pytest.mark.parametrize("operation", ["", "Nothing", "GetNextCACert", "GetCACaps%00"])
def test_operation__unknown__404_or_400(signet, operation):
    assert signet.server().operation(operation).status in (400, 404)


@pytest.mark.parametrize("content_type", [
    "application/x-pki-message", None, "application/octet-stream", "application/pkcs7-mime",
    "application/x-www-form-urlencoded", "text/plain; charset=utf-8"])
def test_post__any_content_type__accepted(signet, content_type):
    challenge = signet.challenge("CN=ct,O=Test")
    server = signet.server()
    req = scep.Request(ra=server.ra, subject="CN=ct,O=Test", challenge=challenge)
    r = server.post(req.build(), content_type)
    assert r.status == 200
    assert scep.read_certrep(r.body, server.ra, req.signer_key).status == scep.SUCCESS


def test_post__without_operation__accepted(signet):
    server = signet.server()
    req = scep.Request(ra=server.ra, subject="CN=noop,O=Test",
                       challenge=signet.challenge("CN=noop,O=Test"))
    r = server.request("POST", server.path, req.build())
    assert r.status == 200 and scep.read_certrep(r.body, server.ra).status == scep.SUCCESS


def test_post__chunked__accepted(signet):
    server = signet.server()
    req = scep.Request(ra=server.ra, subject="CN=chunk,O=Test",
                       challenge=signet.challenge("CN=chunk,O=Test"))
    m = req.build()
    parts = [m[i:i + 700] for i in range(0, len(m), 700)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
    got = server.raw(b"POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n" + body)
    head, _, answer = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert scep.read_certrep(answer, server.ra, req.signer_key).status == scep.SUCCESS


def test_answer__pki_message__is_not_cached(signet):
    r = signet.server().operation("GetCACaps")
    assert "no-store" in r.headers.get("cache-control", "")


# --- GET ---------------------------------------------------------------------------------------

def b64(m):
    return base64.b64encode(m).decode()


def lines(m, end):
    t = b64(m)
    return end.join(t[i:i + 64] for i in range(0, len(t), 64)) + end


ENCODINGS = {
    "rfc3986": lambda m: scep.escape(m),
    "only_equals_escaped": lambda m: b64(m).replace("=", "%3D"),
    "nothing_escaped": lambda m: b64(m),
    "plus_became_space": lambda m: b64(m).replace("+", "%20"),
    "plus_as_plus_and_slash_escaped": lambda m: b64(m).replace("/", "%2F"),
    "lower_case_escapes": lambda m: urllib.parse.quote(b64(m), safe="").replace(
        "%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
    "line_feeds": lambda m: lines(m, "%0A"),
    "carriage_returns": lambda m: lines(m, "%0D%0A"),
    "no_padding": lambda m: scep.escape(m).replace("%3D", ""),
    "double_escaped": lambda m: urllib.parse.quote(scep.escape(m), safe=""),
    "everything_escaped": lambda m: "".join("%%%02X" % ord(c) for c in b64(m)),
    "space_at_the_end": lambda m: scep.escape(m) + "%20",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_get__encodings_of_the_field__accepted(signet, encoding):
    server = signet.server()
    cn = fresh_name("get")
    req = scep.Request(ra=server.ra, subject="CN=%s,O=Test" % cn,
                       challenge=signet.challenge("CN=%s,O=Test" % cn))
    # A length that needs padding, so that "no padding" is one.
    while True:
        m = req.build()
        if len(m) % 3:
            break
        req.transaction += "x"
    r = server.get(m, ENCODINGS[encoding])
    assert r.status == 200, (r.status, r.body)
    assert scep.read_certrep(r.body, server.ra, req.signer_key).status == scep.SUCCESS


def test_get__http_1_0_without_host__accepted(signet):
    server = signet.server()
    req = scep.Request(ra=server.ra, subject="CN=ios,O=Test",
                       challenge=signet.challenge("CN=ios,O=Test"))
    got = server.raw(b"GET /scep/pkiclient.exe?operation=PKIOperation&message=%s HTTP/1.0\r\n\r\n"
                     % lines(req.build(), "%0A").encode())
    head, _, body = got.partition(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0]
    assert scep.read_certrep(body, server.ra, req.signer_key).status == scep.SUCCESS


# --- algorithms --------------------------------------------------------------------------------

@pytest.mark.parametrize("cipher", ["aes128-cbc", "aes192-cbc", "aes256-cbc"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_algorithms__default_endpoint__mirrored(signet, cipher, digest):
    _, rep = good(signet, cipher=cipher, digest=digest)
    assert (rep.cipher, rep.digest) == (cipher, digest)


@pytest.mark.parametrize("scheme", ["pss-32-sha1", "pss-20-sha1", "pss-32-sha512"])
def test_signature__pss_with_another_hash_in_mgf1__accepted(signet, scheme):
    """RFC 4055 3.1 recommends the same and makes SHA-1 the default; Java writes what it is given."""
    good(signet, scheme=scheme, csr={"scheme": scheme})


def test_request__ecdsa_with_null__accepted(signet):
    good(signet, csr={"scheme": "null"}, key=keys.p256("null"), signer_key=keys.rsa("client"))


@pytest.mark.parametrize("transport", ["pkcs1", "oaep-sha1", "oaep-sha256"])
def test_key_transport__mirrored(signet, transport):
    _, rep = good(signet, transport=transport)
    assert rep.transport == transport


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_signature__pss__accepted(signet, digest):
    good(signet, scheme="pss", digest=digest)


@pytest.mark.parametrize("digest,salt", [("sha256", 0), ("sha256", 20), ("sha256", 65), ("sha256", 222),
                                         ("sha384", 206), ("sha512", 1), ("sha512", 190)])
def test_signature__pss_with_any_salt_that_the_key_allows__accepted(signet, digest, salt):
    """OpenSSL takes the longest one, unless it is told otherwise: 222 bytes with RSA-2048 and SHA-256."""
    good(signet, scheme="pss-%d" % salt, digest=digest, csr={"scheme": "pss-%d" % salt, "digest": digest})


def test_signature__hash_with_rsa_identifier__accepted(signet):
    good(signet, scheme="hash-with-rsa")


def test_answer__signature_algorithm__is_rsa_encryption(signet):
    _, rep = good(signet)
    assert rep.signature_oid == scep.RSA_OID, "strongSwan 5.9.8 accepts no other"


def test_sha1__self_signed_pkcsreq_at_default__accepted(signet):
    _, rep = good(signet, digest="sha1")
    assert rep.digest in ("sha1", "sha256")


@pytest.mark.parametrize("cipher,digest", [("des3-cbc", "sha1"), ("des3-cbc", "sha256"),
                                           ("aes128-cbc", "sha1")])
def test_algorithms__legacy_endpoint__mirrored(signet, cipher, digest):
    _, rep = good(signet, "legacy", cipher=cipher, digest=digest)
    assert (rep.cipher, rep.digest) == (cipher, digest)


def test_request_key__p256_with_rsa_signer__accepted(signet):
    good(signet, key=keys.p256("csr"), signer_key=keys.rsa("signer"))


def test_signer__key_differs_from_requests__accepted_but_in_strict(signet):
    good(signet, signer_key=keys.rsa("signer"))
    cn = "CN=strict-other,O=Test"
    _, rep = signet.server("strict").enrol(
        subject=cn, challenge=signet.challenge(cn, endpoint="strict"), key=keys.rsa("protocol"),
        signer_key=keys.rsa("signer"), attrs={"signing_time": scep.NOW})
    assert (rep.status, rep.fail_info) == (scep.FAILURE, scep.BAD_REQUEST)


@pytest.mark.parametrize("size", [3072, 4096])
def test_request_key__larger_rsa__accepted(signet, size):
    good(signet, key=keys.rsa("big", size), signer_key=keys.rsa("signer"))


def test_signer_certificate__md5_self_signature__is_not_looked_at(signet):
    good(signet, signer_cert=scep.self_signed(keys.rsa("protocol"), digest="md5"))


def test_signer_certificate__long_serial__accepted(signet):
    good(signet, signer_cert=scep.self_signed(keys.rsa("protocol"), serial=(1 << 255) - 19))


def test_signer_certificate__critical_aki__accepted(signet):
    aki = scep.extension("2.5.29.35", der.seq(der.implicit(0, b"\x11" * 20)), True)
    good(signet, signer_cert=scep.self_signed(keys.rsa("protocol"), extensions=[aki]))


def test_signer__by_subject_key_identifier__accepted(signet):
    ski = scep.extension("2.5.29.14", der.octets(b"\x22" * 20))
    good(signet, signer_cert=scep.self_signed(keys.rsa("protocol"), extensions=[ski]),
         signer={"sid": b"\x22" * 20})


def test_recipient__by_subject_key_identifier__accepted(signet):
    good(signet, envelope={"by": "ski"})


# --- attributes --------------------------------------------------------------------------------

@pytest.mark.parametrize("nonce", [b"", b"8 bytes.", b"\0" * 16, b"n" * 64])
def test_nonce__lengths_of_the_field__echoed(signet, nonce):
    if nonce == b"":
        req, rep = good(signet, attrs={"without": (scep.SENDER_NONCE,)})
        assert rep.recipient_nonce in (None, b"")
    else:
        good(signet, nonce=nonce)  # send() compares


@pytest.mark.parametrize("transaction", [
    "1", "A" * 40, "GXaSgPq4i4O4Wb7WNl6y4nufkGs=", "x" * 255, "a b'()+,-./:=?"])
def test_transaction__opaque__echoed(signet, transaction):
    good(signet, transaction=transaction)


def test_transaction__utf8string__echoed(signet):
    req, rep = good(signet, transaction=der.utf8("tränsaktion"))
    assert rep.transaction.encode("latin-1").decode() == "tränsaktion"


@pytest.mark.parametrize("without", [(), (scep.CONTENT_TYPE,), (scep.SENDER_NONCE,)])
def test_attributes__absent_ones_of_the_field__accepted(signet, without):
    good(signet, attrs={"without": without})


@pytest.mark.parametrize("year", [1970, 2000, 2049])
def test_signing_time__far_off__accepted(signet, year):
    good(signet, attrs={"signing_time": scep.datetime.datetime(year, 1, 2)})


def test_attributes__unknown__ignored(signet):
    good(signet, attrs={"extra": [("1.2.840.113549.1.9.25.3", der.octets(b"random"))]})


@pytest.mark.parametrize("without", [scep.CONTENT_TYPE, scep.SENDER_NONCE, scep.SIGNING_TIME])
def test_strict__attribute_missing__refused(signet, without):
    cn = "CN=%s,O=Test" % fresh_name("strict")
    o = {"signing_time": None if without == scep.SIGNING_TIME else scep.NOW, "without": (without,)}
    _, rep = signet.server("strict").enrol(
        subject=cn, challenge=signet.challenge(cn, endpoint="strict"), attrs=o)
    assert rep.status == scep.FAILURE


def test_strict__complete_message__accepted(signet):
    good(signet, "strict", attrs={"signing_time": scep.NOW})


@pytest.mark.parametrize("tag", [der.PRINTABLE, der.UTF8, der.IA5, der.T61])
def test_challenge__string_types__accepted(signet, tag):
    good(signet, csr={"challenge_tag": tag})


def test_challenge__bmpstring__accepted(signet):
    cn = "CN=bmp,O=Test"
    good_challenge = signet.challenge(cn)
    _, rep = signet.server().enrol(subject=cn, csr={
        "challenge_tag": der.BMP, "challenge": good_challenge.encode("utf-16-be")})
    assert rep.status == scep.SUCCESS


@pytest.mark.parametrize("change", [lambda c: c + "\0", lambda c: " " + c + "  ", lambda c: c + "\r\n",
                                    lambda c: "\t" + c + "\n\0"])
def test_challenge__white_space_around_it__stripped(signet, change):
    cn = "CN=strip,O=Test"
    _, rep = signet.server().enrol(subject=cn, challenge=change(signet.challenge(cn)),
                                   csr={"challenge_tag": der.UTF8})
    assert rep.status == scep.SUCCESS


def test_challenge__files_of_other_editors__as_without(fresh, work):
    """The secret of an endpoint, and what our own client reads: a mark, lines that end in CR LF, tabs."""
    one = fresh(lab=True, start=False)
    with open(one.data + "/static.challenge", "wb") as f:  # its owner and mode stay
        f.write(b"\xef\xbb\xbf\t" + STATIC_SECRET.encode() + b"\r\n\r\n")
    one.start()
    _, rep = one.server("printers").enrol(subject="CN=a.printers.example,O=Test", challenge=STATIC_SECRET + " ",
                                          csr={"challenge_tag": der.UTF8})
    assert rep.status == scep.SUCCESS, rep.fail_text
    path = os.path.join(work, "challenge")
    with open(path, "wb") as f:
        f.write(b"\xef\xbb\xbf " + one.challenge("CN=file,O=Test").encode() + b" \r\n")
    os.chmod(path, 0o600)
    system.run(system.BIN, "enroll", one.url, "--subject", "CN=file,O=Test", "--challenge-file", path,
               "--key", path + ".key", "--out", path + ".pem", "--ca-file", one.data + "/ca/ca.pem")
    assert "CN=file" in system.run("openssl", "x509", "-in", path + ".pem", "-noout", "-subject", "-nameopt",
                                   "RFC2253").stdout
    one.stop()


# --- BER ---------------------------------------------------------------------------------------



@pytest.mark.parametrize("segment", [0, 1000, 300])
@pytest.mark.parametrize("inner", [False, True])
def test_ber__indefinite_length__accepted(signet, inner, segment):
    server = signet.server()
    cn = fresh_name("ber")
    req = scep.Request(ra=server.ra, subject="CN=%s,O=Test" % cn,
                       challenge=signet.challenge("CN=%s,O=Test" % cn))
    if inner:
        env = scep.envelope(req.csr, server.ra, constructed=True)
        req.enveloped = der.ber(der.parse(env), segment)
    r = server.post(ber_message(req.build(), segment))
    assert r.status == 200, r.body
    assert scep.read_certrep(r.body, server.ra, req.signer_key).status == scep.SUCCESS


def ber_message(message, segment):
    """The outer layers in BER; certificates and SignerInfos stay as they are."""
    top = der.parse(message)
    sd = top[1][0]
    stay = [c for c in sd.children if c.tag == 0xA0] + [sd[len(sd) - 1]]
    skip = {(n.start, n.end) for s in stay for n in s.walk() if n is not s}
    return der.ber(top, segment, lambda n: (n.start, n.end) not in skip)


@pytest.mark.parametrize("times", [1])
def test_ber__non_minimal_length__answered(signet, times):
    server = signet.server()
    cn = fresh_name("ber")
    req = scep.Request(ra=server.ra, subject="CN=%s,O=Test" % cn,
                       challenge=signet.challenge("CN=%s,O=Test" % cn))
    assert server.post(der.long_form(req.build())).status in (200, 400)
