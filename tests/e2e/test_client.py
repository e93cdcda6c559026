# SPDX-License-Identifier: Apache-2.0
"""`signet enroll` and `signet renew` against a server that is wrong in one place at a time: nothing
secret leaves before the CA is checked, no wrong answer becomes a file, every refusal says what to do."""

import base64
import json
import os
import signal
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

import der
import keys
import scep
import scepserver
import system
from scepdevice import nothing_sent
from scepserver import CLIENT_AUTH, ago, ca, fingerprint, pem, ra

pytestmark = pytest.mark.usefixtures("signet_bin")

# --- what is sent ------------------------------------------------------------------------------

def test_enroll__good_server__certificate_and_request_are_right(fake, device):
    device.enroll(fake, "--san", "dns:a.example", says=("certificate issued", "dns:a.example"))
    assert fake.asked == [("GET", "GetCACaps"), ("GET", "GetCACert"), ("POST", "PKIOperation")]
    seen = fake.seen[0]
    assert (seen.message_type, seen.cipher, seen.digest) == ("19", "aes128-cbc", "sha256")
    assert seen.csr.is_signature_valid and len(seen.nonce) == 16
    assert seen.csr.subject == seen.signer.subject == device.cert().subject
    challenge = seen.csr.attributes.get_attribute_for_oid(x509.oid.AttributeOID.CHALLENGE_PASSWORD)
    assert challenge.value == b"secret"


@pytest.mark.parametrize("more,want", [
    (("--cipher", "AES-256-CBC"), {"cipher": "aes256-cbc"}),
    (("--cipher", "aes-192"), {"cipher": "aes192-cbc"}),
    (("--cipher", "3des"), {"cipher": "des3-cbc"}),
    (("--digest", "sha512"), {"digest": "sha512"}),
    (("--digest", "SHA-384"), {"digest": "sha384"}),
    (("--oaep",), {"oaep": True}),
    (("--pss",), {}),
    (("--txid", "device-17"), {"transaction": "device-17"}),
    (("--get",), {})])
def test_enroll__options__are_in_the_message(fake, device, more, want):
    device.enroll(fake, *more)
    for name, value in want.items():
        assert getattr(fake.seen[0], name) == value
    assert fake.asked[-1][0] == ("GET" if more == ("--get",) else "POST")


def test_enroll__asked_extensions__are_in_the_request(fake, device):
    device.enroll(fake, "--key-usage", "digitalSignature,keyEncipherment", "--eku", "clientAuth",
                  "--eku", "1.3.6.1.5.5.7.3.1", "--san", "ip:192.0.2.1", "--san", "uri:https://x.example")
    ext = fake.seen[0].csr.extensions
    ku = ext.get_extension_for_class(x509.KeyUsage).value
    assert ku.digital_signature and ku.key_encipherment and not ku.key_cert_sign
    assert len(ext.get_extension_for_class(x509.ExtendedKeyUsage).value) == 2
    assert len(ext.get_extension_for_class(x509.SubjectAlternativeName).value) == 2


def test_enroll__again_after_failure__same_request_new_envelope(fake, device):
    fake.answer = fake.failure("2")
    device.enroll(fake, key="made.pem", rc=1)
    assert os.stat(device.at("made.pem")).st_mode & 0o777 == 0o600
    fake.answer = fake.success
    device.enroll(fake, key="made.pem")
    one, two = fake.seen
    assert one.csr_der == two.csr_der and one.transaction == two.transaction and one.nonce != two.nonce


def test_enroll__killed_while_waiting__same_request_again(fake, device):
    def slow(seen):
        time.sleep(30)

    fake.answer = slow
    p = subprocess.Popen(device.args(fake, key="made.pem"), stdin=subprocess.PIPE)
    p.stdin.write(b"secret")
    p.stdin.close()
    system.wait_for("the request", lambda: fake.seen)
    p.send_signal(signal.SIGKILL)
    assert p.wait() == -signal.SIGKILL
    fake.answer = fake.success
    device.enroll(fake, key="made.pem")
    assert fake.seen[0].csr_der == fake.seen[1].csr_der


# --- capabilities ------------------------------------------------------------------------------

@pytest.mark.parametrize("caps", [(404, "text/plain", b"no"), (200, "text/plain", b""),
                                  (200, "text/html", b"<p>AES SHA-256 POSTPKIOperation</p>"), None])
def test_caps__none__stops_or_takes_the_legacy_way(fake, device, caps):
    fake.caps = caps
    device.enroll(fake, rc=1, says=("AES", "GetCACaps", "--legacy"))
    nothing_sent(fake)
    device.enroll(fake, "--legacy")
    assert (fake.seen[0].cipher, fake.seen[0].digest) == ("des3-cbc", "sha1")
    assert fake.asked[-1] == ("GET", "PKIOperation")


def test_caps__none_and_told_what_to_do__does_it(fake, device):
    fake.caps = (404, "text/plain", b"")
    device.enroll(fake, "--cipher", "aes-128", "--digest", "sha256", "--post")
    assert (fake.seen[0].cipher, fake.seen[0].digest) == ("aes128-cbc", "sha256")


@pytest.mark.parametrize("caps", [b"scepstandard\r\n", b"\xef\xbb\xbfAES, SHA-256; POSTPKIOperation", b"X-Foo\r\naes\r\nsha-512\r\npostpkioperation"])
def test_caps__odd_writing__understood(fake, device, caps):
    fake.caps = (200, "application/octet-stream", caps)
    device.enroll(fake)
    assert fake.seen[0].cipher == "aes128-cbc" and fake.asked[-1][0] == "POST"


# --- wrong answers -----------------------------------------------------------------------------

def of_device(fake):
    return scepserver.issue(keys.rsa("other device"), "CN=other", fake.root, [
        scep.basic_constraints(False), scepserver.key_usage(0, 2), scep.eku_extension(CLIENT_AUTH)])


WRONG = {
    "nonce of another": (lambda f: {"nonce": b"x" * 16}, "recipientNonce"),
    "half a nonce": (lambda f: {"nonce": f.seen[-1].nonce[:8]}, "recipientNonce"),
    "no nonce": (lambda f: {"without": (scep.RECIPIENT_NONCE,)}, "recipientNonce"),
    "another transaction": (lambda f: {"transaction": "1"}, "transactionID"),
    "no transaction": (lambda f: {"without": (scep.TRANSACTION,)}, "transaction"),
    "signed by a device of the same CA": (lambda f: {"signer": of_device(f)}, "signed by none"),
    "signed by a stranger": (lambda f: {"signer": ca("other")}, "signed by none"),
    "stranger with the RA's name": (lambda f: {"signer": (f.ra[0], keys.rsa("other"))}, "signature"),
    "spoiled signature": (lambda f: {"corrupt": True}, "signature"),
    "status 1": (lambda f: {"status": "1"}, "pkiStatus"),
    "no status": (lambda f: {"without": (scep.STATUS,)}, "pkiStatus"),
    "another message type": (lambda f: {"message_type": "19"}, "messageType"),
    "no content": (lambda f: {"no_content": True}, "SUCCESS without"),
    "for another": (lambda f: {"recipient": scep.loaded(scep.self_signed(keys.rsa("x"), "CN=x"))},
                    "encrypted to another"),
    "single DES": (lambda f: {"cipher": "des-cbc"}, "--legacy-des"),
    "SHA-1": (lambda f: {"digest": "sha1"}, "--legacy"),
}


@pytest.mark.parametrize("what", WRONG)
def test_answer__wrong__no_file(fake, device, what):
    def answer(seen):
        fake.certrep = WRONG[what][0](fake)
        return fake.success(seen)

    fake.answer = answer
    device.enroll(fake, rc=1, says=WRONG[what][1])
    kept = what in ("no nonce", "single DES", "SHA-1")  # an option would have read it
    assert os.path.exists(device.at("cert.pem.unverified")) == kept
    if kept:
        assert device.cert("cert.pem.unverified").issuer == scep.loaded(fake.root[0]).subject


@pytest.mark.parametrize("more,certrep", [
    ("--legacy-des", {"cipher": "des-cbc", "digest": "sha1"}), ("--legacy-des", {"cipher": "des-cbc"}),
    ("--legacy", {"digest": "sha1"}), ("--legacy", {"without": (scep.RECIPIENT_NONCE,)})])
def test_answer__legacy__accepted_when_told(fake, device, more, certrep):
    fake.certrep = certrep
    device.enroll(fake, more)
    assert fake.seen[0].cipher == "aes128-cbc"


@pytest.mark.parametrize("recipients", [
    lambda own, cek: [scep.recipient(scep.self_signed(keys.rsa("other"), "CN=x"), cek), scep.recipient(own, cek)],
    lambda own, cek: [scep.recipient(own, cek), der.explicit(1, der.null()), der.seq()]])
def test_answer__to_several__ours_is_taken(fake, device, recipients):
    fake.certrep = {"recipients": recipients}
    device.enroll(fake)
    assert device.cert()


def test_answer__to_our_key_twice__refused(fake, device):
    fake.certrep = {"recipients": lambda own, cek: [scep.recipient(own, cek)] * 2}
    device.enroll(fake, rc=1, says="two recipientInfos")


@pytest.mark.parametrize("at", [
    der.tlv(der.UTC, b"231114221320+0100"), der.tlv(der.UTC, b"2311142213Z"), der.utf8("now"), der.null(),
    der.tlv(der.GENERAL, b"20231114221320.5Z")])
def test_answer__odd_signing_time__the_certificate_is_kept(fake, device, at):
    fake.answer = lambda seen: fake.certrep_of(seen, scep.SUCCESS, extra=[(scep.SIGNING_TIME, at)])
    device.enroll(fake)
    assert device.cert()


def test_issued__for_another_key__no_file(fake, device):
    fake.issued = {"key": keys.rsa("not ours")}
    device.enroll(fake, rc=1, says="none of them is for our key")
    assert os.listdir(device.path) == ["key.pem"]


@pytest.mark.parametrize("what,issued,says", [
    ("another CA", lambda f: {"under": ca("other")}, "no trusted CA"),
    ("pretended CA", lambda f: {"signer": keys.rsa("ca other")}, "signature"),
])
def test_issued__by_no_trusted_ca__kept_beside_the_file(fake, device, what, issued, says):
    """Not used, and not lost: it may be the pin that is wrong."""
    fake.issued = issued(fake)
    device.enroll(fake, rc=1, says=(says, "not used, but kept as " + device.at("cert.pem.unverified")))
    assert device.cert("cert.pem.unverified").public_key().public_numbers() == keys.rsa("device").public_key().public_numbers()
    device.enroll(fake, "--json", rc=1)
    fake.issued = {}
    device.enroll(fake)


def test_issued__not_as_the_rfc_wants_it__kept_beside_the_file(fake, device):
    """It is for our key, and may be all that the server gives."""
    fake.issued = {"extensions": [scep.extension("2.5.29.14", b"no octet string")]}
    p = device.enroll(fake, rc=1, says=("for our key", "kept as " + device.at("cert.pem.unverified"), "openssl verify"))
    assert "none of them" not in p.stderr
    assert system.run("openssl", "x509", "-in", device.at("cert.pem.unverified"), "-noout", "-subject").stdout


@pytest.mark.parametrize("what,issued,says", [
    ("expired", {"not_before": ago(60)}, "the certificate expired at"),
    ("ends before it begins", {"not_before": ago(1), "days": -1}, "after it ends"),
    ("of the future", {"not_before": ago(-1)}, "is this clock right?"),
])
def test_issued__dates_that_do_not_fit__warned(fake, device, what, issued, says):
    """The clock here may be the wrong one."""
    fake.issued = issued
    p = device.enroll(fake, "--json", says=says)
    assert [says in w for w in json.loads(p.stdout)["warnings"]] == [True]
    assert device.cert()


def test_issued__other_purposes__warned(fake, device):
    fake.issued = {"extensions": [scep.basic_constraints(False), scepserver.key_usage(0),
                                  scep.eku_extension("1.3.6.1.5.5.7.3.1")]}
    p = device.enroll(fake, "--key-usage", "digitalSignature,keyEncipherment", "--eku", "clientAuth", "--json")
    assert json.loads(p.stdout)["warnings"] == [
        "the server changed the key usage: asked for digitalSignature, keyEncipherment, certified digitalSignature",
        "the server changed the extended key usage: asked for clientAuth, certified serverAuth"]
    assert not json.loads(device.enroll(fake, "--json", out="plain.pem").stdout)["warnings"]


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_issued__file_cannot_be_written__the_certificate_is_shown(fake, device, more):
    """Somebody made the file while the server was asked: it is not replaced, and nothing is lost."""
    def answer(seen):
        device.put("cert.pem", b"mine")
        return fake.success(seen)

    fake.answer = answer
    p = system.run(*device.args(fake, *more), data="secret", check=False)
    assert p.returncode == 1 and "fix that and run the same command again" in p.stderr
    shown = json.loads(p.stdout)["certificate"] if more else p.stdout
    assert x509.load_pem_x509_certificate(shown.encode()).public_key().public_numbers() == keys.rsa("device").public_key().public_numbers()
    with open(device.at("cert.pem"), "rb") as f:
        assert f.read() == b"mine"


def test_issued__chain_cannot_be_written__the_certificate_is_there(fake, device):
    def answer(seen):
        device.put("ca.pem", b"mine")
        return fake.success(seen)

    fake.answer = answer
    p = system.run(*device.args(fake, "--ca-out", device.at("ca.pem")), data="secret", check=False)
    assert p.returncode == 1 and "the certificate is stored, its CAs (--ca-out) could not be" in p.stderr
    assert device.cert() and "BEGIN" not in p.stdout


def test_issued__changed_names__warned(fake, device):
    fake.subject = "CN=somebody else"
    fake.issued = {"extensions": [scep.basic_constraints(False), scep.san_extension(["dns:b.example"])]}
    p = device.enroll(fake, "--san", "dns:a.example", "--json",
                      says=("somebody else", "dns:a.example", "dns:b.example"))
    assert len(json.loads(p.stdout)["warnings"]) == 2


def test_issued__below_an_intermediate_that_comes_along__accepted(fake, device):
    sub = ca("sub", under=fake.root)
    fake.issuer, fake.more_certs = sub, [sub[0]]
    device.enroll(fake)


def test_issued__chain_before_leaf__the_leaf_is_found(fake, device):
    fake.more_certs = [fake.root[0], fake.ra[0]]
    device.enroll(fake)
    assert device.cert().subject.rfc4514_string()


def test_answer__failure__says_what_and_where_to_look(fake, device):
    fake.answer = fake.failure("2", "refused; trace 0123456789abcdef \x1b[31m\u202e")
    p = device.enroll(fake, rc=1, says=("badRequest", "signet trace 0123456789abcdef"))
    assert "\x1b" not in p.stderr and "\u202e" not in p.stderr


@pytest.mark.parametrize("fail,word", [("0", "badAlg"), ("1", "badMessageCheck"), ("2", "badRequest"),
                                       ("3", "badTime"), ("4", "badCertId")])
def test_answer__each_fail_info__named(fake, device, fail, word):
    fake.answer = fake.failure(fail)
    p = device.enroll(fake, "--json", rc=1, says=word)
    assert json.loads(p.stdout)["fail_info"] == word


ODD_REASONS = {
    "text in a PrintableString": ("2", [(scep.FAIL_TEXT, der.printable("no such order"))],
                                  "badRequest", "no such order", "have PrintableString"),
    "text in a BMPString": ("2", [(scep.FAIL_TEXT, der.tlv(der.BMP, "nö".encode("utf-16-be")))],
                            "badRequest", "nö", "have BMPString"),
    "text in octets": ("2", [(scep.FAIL_TEXT, der.octets(b"no"))], "badRequest", "no", "have tag 0x04"),
    "text that is none": ("2", [(scep.FAIL_TEXT, der.tlv(der.UTF8, b"\xff\x1b[31m"))],
                          "badRequest", "\\xff\\x1b[31m", "is not the text"),
    "text of two values": ("2", [(scep.FAIL_TEXT, der.utf8("one"), der.utf8("two"))],
                           "badRequest", "one", "not exactly one value"),
    "unknown failInfo": ("5", [(scep.FAIL_TEXT, der.utf8("no"))], "none", "no", "none of 0 to 4 but '5'"),
    "leading zero": ("02", [(scep.FAIL_TEXT, der.utf8("no"))], "badRequest", "no", "none of 0 to 4 but '02'"),
    "no failInfo": (None, [(scep.FAIL_TEXT, der.utf8("no"))], "none", "no", "FAILURE without a failInfo"),
    "failInfo as a number": (None, [(scep.FAIL_INFO, der.integer(2)), (scep.FAIL_TEXT, der.utf8("no"))],
                             "badRequest", "no", "have INTEGER"),
}


ODD_MESSAGES = {
    "signingTime with an offset": {"signing_time": der.tlv(der.UTC, b"261128090000+0100")},
    "signingTime with a fraction": {"signing_time": der.tlv(der.GENERAL, b"20261128090000.5Z")},
    "signingTime without seconds": {"signing_time": der.tlv(der.UTC, b"2611280900Z")},
    "signingTime that is none": {"signing_time": der.utf8("now")},
}


@pytest.mark.parametrize("what", ODD_MESSAGES)
def test_answer__odd_where_nothing_depends__certificate_and_a_warning(fake, device, what):
    extra = [(scep.SIGNING_TIME, ODD_MESSAGES[what]["signing_time"])]
    fake.answer = lambda seen: fake.certrep_of(seen, scep.SUCCESS, extra=extra)
    warnings = json.loads(device.enroll(fake, "--json").stdout)["warnings"]
    assert ["signingTime" in w and "the server's answer is odd" in w for w in warnings] == [True]


@pytest.mark.parametrize("certs", [[der.seq(der.null())], [scep.odd_certificate(keys.rsa("x"), key=der.utf8("none"))]])
def test_answer__broken_certificate_beside_the_signature__certificate_and_a_warning(fake, device, certs):
    """The signer's is known from GetCACert."""
    fake.certrep = {"certs": certs}
    warnings = json.loads(device.enroll(fake, "--json").stdout)["warnings"]
    assert ["a certificate beside the signature cannot be read" in w for w in warnings] == [True]


@pytest.mark.parametrize("what", ODD_REASONS)
def test_answer__odd_reason__shown_and_warned(fake, device, what):
    """The server's words are never hidden by the way in which they are written."""
    fail, extra, word, text, warning = ODD_REASONS[what]
    fake.answer = lambda seen: fake.certrep_of(seen, scep.FAILURE, fail=fail, extra=extra)
    p = device.enroll(fake, "--json", rc=1, says=(text, warning, "warning: the server's answer is odd"))
    said = json.loads(p.stdout)
    assert (said["result"], said["fail_info"], said["fail_info_text"]) == ("refused", word, text)
    assert len(said["warnings"]) == 1 and warning in said["warnings"][0]
    assert "\x1b" not in p.stderr


def test_answer__success_with_odd_extras__certificate(fake, device):
    extra = [(scep.FAIL_INFO, der.integer(9)), (scep.FAIL_TEXT, der.printable("fine")),
             ("1.2.3.4", der.utf8("x"), der.utf8("y"))]
    fake.answer = lambda seen: fake.certrep_of(seen, scep.SUCCESS, extra=extra)
    device.enroll(fake)


def test_answer__pending__exit_code_4(fake, device):
    fake.answer = fake.pending
    p = device.enroll(fake, "--json", rc=4, says="PENDING")
    assert json.loads(p.stdout)["result"] == "pending"


PKI_MESSAGE = "application/x-pki-message"
CERTS = ("application/x-x509-ca-cert", "application/x-x509-ca-ra-cert")


def p7(fake):
    return scep.signed_data(None, [], [scep.as_der(c) for c in fake.chain], digest_oids=[])


def pem_block(label, data):
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(data), label)


def outer_ber(data):
    """Indefinite lengths as far as SignedData; the certificates stay DER."""
    return der.ber(der.parse(data), deep=lambda n: len(n.der) > len(data) - 40)


PACKED = {
    "DER and a line end": (lambda f: p7(f) + b"\r\n", CERTS[1], "white space or NUL after its end"),
    "DER and a web page": (lambda f: p7(f) + b"<html>", CERTS[1], "something after its end"),
    "a line end and DER": (lambda f: b"\r\n" + p7(f), CERTS[1], "a byte order mark before it"),
    "one after the other": (lambda f: b"".join(scep.as_der(c) for c in f.chain), CERTS[1], "without a certs-only message"),
    "DER and NUL": (lambda f: p7(f) + b"\0\0", CERTS[1], "white space or NUL after its end"),
    "PEM": (lambda f: pem(*f.chain), CERTS[1], "PEM instead of DER"),
    "PEM with text around": (lambda f: b"Certificate:\n  Data:\n" + pem(f.chain[0]) + b"\n\nsubject=x\n" +
                             pem(f.chain[1]) + b"end", CERTS[1], "PEM instead of DER"),
    "PEM with CR LF": (lambda f: pem(*f.chain).replace(b"\n", b"\r\n"), CERTS[1], "PEM instead of DER"),
    "PEM of the message": (lambda f: pem_block(b"PKCS7", p7(f)), CERTS[1], "PEM instead of DER"),
    "base64": (lambda f: base64.encodebytes(p7(f)), CERTS[1], "base64 instead of DER"),
    "BER": (lambda f: outer_ber(p7(f)), CERTS[1], None),
    "another media type": (p7, "application/octet-stream", "RFC 8894 4 wants application/x-x509-ca-ra-cert"),
    "the media type of one": (p7, CERTS[0], "RFC 8894 4 wants application/x-x509-ca-ra-cert"),
    "a web page's media type": (p7, "text/html", "RFC 8894 4 wants"),
}


@pytest.mark.parametrize("what", PACKED)
def test_getcacert__packed_otherwise__read_and_warned(fake, device, what):
    make, kind, warning = PACKED[what]
    fake.cert_answer = (200, kind, make(fake))
    warnings = json.loads(device.enroll(fake, "--json").stdout)["warnings"]
    assert [warning in w for w in warnings] == [True] if warning else not warnings
    system.run(system.BIN, "getcacert", fake.url, "--out", device.at("all.pem"))
    with open(device.at("all.pem"), "rb") as f:
        assert f.read() == pem(*fake.chain)


@pytest.mark.parametrize("kind,tail,warning", [
    ("application/octet-stream", b"", "wants application/x-pki-message"),
    ("text/html", b"", "wants application/x-pki-message"), ("text/plain", b"", "wants"),
    (PKI_MESSAGE, b"\r\n", "white space or NUL after its end"), (PKI_MESSAGE, b"\0", "NUL after its end"),
    (PKI_MESSAGE, b"<!-- 12 ms -->", "something after its end")])
def test_answer__media_type_and_tail__certificate_and_a_warning(fake, device, kind, tail, warning):
    fake.answer = lambda seen: (200, kind, fake.success(seen) + tail)
    warnings = json.loads(device.enroll(fake, "--json").stdout)["warnings"]
    assert [warning in w for w in warnings] == [True]


@pytest.mark.parametrize("what,make", [
    ("a byte order mark before it", lambda a: b"\xef\xbb\xbf\n" + a), ("text (PEM or base64)", base64.encodebytes),
    ("text (PEM or base64)", lambda a: pem_block(b"PKCS7", a)), ("text (PEM or base64)", lambda a: pem_block(b"CMS", a))])
def test_answer__packed_otherwise__certificate_and_a_warning(fake, device, what, make):
    fake.answer = lambda seen: (200, PKI_MESSAGE, make(fake.success(seen)))
    warnings = json.loads(device.enroll(fake, "--json").stdout)["warnings"]
    assert [what in w for w in warnings] == [True]


def test_answer__cut_off__said_plainly(fake, device):
    fake.answer = lambda seen: fake.success(seen)[:-40]
    device.enroll(fake, rc=1, says=("cut off or damaged", "run the same command again"))


def test_answer__signed_by_an_ra_that_is_not_known__named(fake, device):
    fake.certrep = {"signer": ra(fake.root, "ra of tomorrow")}
    device.enroll(fake, rc=1, says=("signed by none of the 2", "but by 'CN=RA, O=Fake'", "run the same command"))


@pytest.mark.parametrize("answer,says", [
    ((500, "text/plain", b"\n  database \x1b[31m is gone\nmore"), "it says 'database \\x1b[31m is gone'"),
    ((403, "application/json", b'{"error": "nobody"}'), "nobody"),
    ((404, "text/html", b"<html><head><title>404 Not Found</title></head>"), "it says '404 Not Found'"),
    ((500, "text/plain", b"x" * 5000), "x" * 120 + "..."),
    ((200, "text/plain", b"challenge used"), "it says 'challenge used'")])
def test_http__body_of_a_refusal__its_first_line(fake, device, answer, says):
    fake.answer = lambda seen: answer
    p = device.enroll(fake, rc=1, says=says)
    assert "more" not in p.stderr and "\x1b" not in p.stderr


@pytest.mark.parametrize("answer", [(500, "application/octet-stream", b"abc\ndef"), (500, "text/plain", b"a\0b")])
def test_http__body_that_is_no_text__not_shown(fake, device, answer):
    fake.answer = lambda seen: answer
    assert "it says" not in device.enroll(fake, rc=1).stderr


@pytest.mark.parametrize("answer,rc,says", [
    ((200, "text/html", b"<p>hello"), 1, "web page"),
    ((200, "application/x-pki-message", b""), 1, "der"),
    ((200, "application/x-pki-message", b"x" * 300000), 1, "larger"),
    ((302, "text/plain", b"", {"Location": "http://127.0.0.1:1/"}), 1, "redirect"),
    ((404, "text/plain", b""), 1, "404"),
    ((414, "text/plain", b""), 1, "--post"),
    ((500, "text/plain", b""), 1, "log"),
    ((503, "text/plain", b""), 3, "overloaded"),
    (None, 3, "exchange failed"),
])
def test_http__other_answers__said(fake, device, answer, rc, says):
    fake.answer = lambda seen: answer if answer is not None else (_ for _ in ()).throw(OSError())
    p = device.enroll(fake, rc=rc)
    assert says in p.stderr or says == "der" and p.stderr, p.stderr


# --- trying again ------------------------------------------------------------------------------

def test_retry__503_then_success__waits_as_told(fake, device):
    answers = [(503, "text/plain", b"", {"Retry-After": "1"})]
    fake.answer = lambda seen: answers.pop() if answers else fake.success(seen)
    began = time.monotonic()
    device.enroll(fake, "--retries", "2")
    assert time.monotonic() - began > 1
    one, two = fake.seen
    assert one.csr_der == two.csr_der and one.nonce != two.nonce


def test_retry__connection_lost__again(fake, device):
    answers = [None]

    def answer(seen):
        if answers:
            answers.pop()
            raise OSError
        return fake.success(seen)

    fake.answer = answer
    device.enroll(fake, "--retries", "1")
    assert len(fake.seen) == 2


def test_retry__asked_to_wait_an_hour__says_so_at_once(fake, device):
    fake.answer = lambda seen: (503, "text/plain", b"", {"Retry-After": "3600"})
    device.enroll(fake, "--retries", "3", rc=3, says="3600")
    assert len(fake.seen) == 1


def test_retry__refusals__not_repeated(fake, device):
    fake.answer = lambda seen: (500, "text/plain", b"")
    device.enroll(fake, "--retries", "3", rc=1)
    assert len(fake.seen) == 1


# --- files -------------------------------------------------------------------------------------

def test_files__existing_out__kept_unless_forced(fake, device):
    device.put("cert.pem", b"mine")
    p = system.run(*device.args(fake), data="secret", check=False)
    assert p.returncode == 2 and "--force" in p.stderr and not fake.asked
    with open(device.at("cert.pem"), "rb") as f:
        assert f.read() == b"mine"
    device.enroll(fake, "--force")
    assert device.cert()


def test_files__folder_missing__nothing_is_asked(fake, device):
    device.enroll(fake, out="no/such/cert.pem", rc=2, says="nothing was sent")
    device.enroll(fake, key="no/such/key.pem", rc=2, says="nothing was sent")
    assert not fake.asked


def test_files__open_key__warned(fake, device):
    os.chmod(device.at("key.pem"), 0o644)
    device.enroll(fake, says="chmod 600")


def test_files__ec_key__refused(fake, device):
    device.put("ec.pem", keys.pem(keys.p256("device")))
    device.enroll(fake, key="ec.pem", rc=1, says="RSA")
    assert not fake.asked


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
                                     b"-----END ENCRYPTED PRIVATE KEY-----\n"])
def test_files__broken_key__named_and_kept(fake, device, content):
    path = device.put("bad.pem", content)
    device.enroll(fake, key="bad.pem", rc=1, says="bad.pem")
    with open(path, "rb") as f:
        assert f.read() == content


@pytest.mark.parametrize("data", ["", "\n", "x" * 20000, b"\xff\xfe"],
                         ids=("empty", "line", "long", "binary"))
def test_challenge__empty_or_too_long_or_binary__wrong_command_line(fake, device, data):
    p = system.run(*device.args(fake), data=data, check=False)
    p.stdout, p.stderr = (t if isinstance(t, str) else t.decode() for t in (p.stdout, p.stderr))
    device.judge(p, 2, "challenge", "cert.pem")
    assert not fake.asked


# --- renewal -----------------------------------------------------------------------------------

@pytest.fixture
def enrolled(fake, device):
    device.enroll(fake, "--san", "dns:a.example", "--san", "email:a@b.example")
    fake.seen.clear()
    fake.asked.clear()
    return device


@pytest.mark.parametrize("caps,want", [(scepserver.CAPS, "17"),
                                       (scepserver.CAPS.replace(b"Renewal\n", b""), "19")])
def test_renew__same_key__signed_with_the_old_certificate(fake, enrolled, caps, want):
    fake.caps = (200, "text/plain", caps)
    enrolled.renew(fake)
    seen = fake.seen[0]
    assert seen.message_type == want and seen.signer == enrolled.cert()
    assert seen.csr.subject == enrolled.cert().subject and not list(seen.csr.attributes)[1:]
    assert enrolled.cert("new.pem").public_key().public_numbers() == \
        enrolled.cert().public_key().public_numbers()
    names = enrolled.cert("new.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value == enrolled.cert().extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value


def test_renew__new_key__answer_to_the_old_key(fake, enrolled):
    enrolled.renew(fake, "--new-key", enrolled.at("new.key"))
    assert fake.seen[0].signer == enrolled.cert()
    assert os.stat(enrolled.at("new.key")).st_mode & 0o777 == 0o600
    assert not os.path.exists(enrolled.at("new.key.pending"))
    key = enrolled.key("new.key")
    assert key.public_key().public_numbers() == enrolled.cert("new.pem").public_key().public_numbers()
    assert fake.seen[0].csr.public_key().public_numbers() == key.public_key().public_numbers()


def test_renew__refused_then_allowed__the_pending_key_is_used(fake, enrolled):
    fake.answer = fake.failure("2")
    enrolled.renew(fake, "--new-key", enrolled.at("new.key"), rc=1)
    assert not os.path.exists(enrolled.at("new.key"))
    fake.answer = fake.success
    enrolled.renew(fake, "--new-key", enrolled.at("new.key"))
    assert fake.seen[0].csr_der == fake.seen[1].csr_der
    assert fake.seen[0].transaction == fake.seen[1].transaction


def test_renew__in_place__replaced_only_by_force(fake, enrolled):
    before = enrolled.cert()
    p = system.run(system.BIN, "renew", fake.url, "--key", enrolled.at("key.pem"), "--cert",
                   enrolled.at("cert.pem"), "--out", enrolled.at("cert.pem"), check=False)
    assert p.returncode == 2 and enrolled.cert() == before
    enrolled.renew(fake, "--force", out="cert.pem")
    assert enrolled.cert() != before


def test_renew__without_pin__only_the_ca_of_the_old_certificate(fake, enrolled):
    fake.root = fake.issuer = ca("other", subject="CN=root,O=Fake")
    fake.ra = ra(fake.root)
    fake.chain = [fake.ra[0], fake.root[0]]
    enrolled.renew(fake, rc=1, says=("signed the old certificate", "--ca-fingerprint"))
    nothing_sent(fake)
    enrolled.renew(fake, "--ca-fingerprint", fingerprint(fake.root[0]))


def test_renew__the_old_certificate_again__refused(fake, enrolled):
    old = scep.as_der(enrolled.cert())
    fake.leaf = lambda seen: old
    enrolled.renew(fake, rc=1, says="old certificate")


def test_renew__answer_to_the_new_key__refused(fake, enrolled):
    with open(enrolled.at("new.key"), "wb") as f:
        f.write(keys.pem(keys.rsa("new device")))
    fake.certrep = {"recipient": scep.loaded(scep.self_signed(keys.rsa("new device"), "CN=x"))}
    enrolled.renew(fake, "--new-key", enrolled.at("new.key"), rc=1, says="encrypted to another")


def test_renew__wrong_pairs_and_files__nothing_is_asked(fake, enrolled):
    enrolled.put("other.key", keys.pem(keys.rsa("not ours")))
    enrolled.renew(fake, key="other.key", rc=2, says="its own key")
    enrolled.renew(fake, "--new-key", enrolled.at("key.pem"), rc=2, says="another file")
    os.link(enrolled.at("key.pem"), enrolled.at("same.key"))
    enrolled.renew(fake, "--new-key", enrolled.at("same.key"), rc=2, says="another file")
    assert not fake.asked


def test_renew__killed_at_any_moment__a_matching_pair_is_there(fake, enrolled):
    """Kill after 0, 5, 10 ... ms: the old pair stays, and the new certificate has its key."""
    for n in range(24):
        names = [enrolled.at("%d.%s" % (n, s)) for s in ("key", "pem")]
        p = subprocess.Popen([system.BIN, "renew", fake.url, "--key", enrolled.at("key.pem"), "--cert",
                              enrolled.at("cert.pem"), "--new-key", names[0], "--out", names[1]],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(n * 0.02)
        p.kill()
        assert p.wait() in (0, -signal.SIGKILL)
        if os.path.exists(names[1]):
            assert enrolled.cert("%d.pem" % n).public_key().public_numbers() == \
                enrolled.key("%d.key" % n).public_key().public_numbers()
        assert enrolled.cert().fingerprint(hashes.SHA256())


# --- getcacert, getcacaps ----------------------------------------------------------------------

def test_getcacert__chain__shown_and_written(fake, device):
    p = system.run(system.BIN, "getcacert", fake.url, "--out", device.at("ca.pem"))
    assert fingerprint(fake.root[0]) in p.stdout and fingerprint(fake.ra[0]) in p.stdout
    with open(device.at("ca.pem"), "rb") as f:
        assert f.read() == pem(*fake.chain)
    o = json.loads(system.run(system.BIN, "getcacert", fake.url, "--json").stdout)
    assert {fingerprint(fake.root[0]), fingerprint(fake.ra[0])} == {c["sha256"] for c in o["certificates"]}
    assert [c["role"] for c in o["certificates"]] == ["RA", "CA"]
    assert [c["recipient"] for c in o["certificates"]] == [True, False]


def test_getcacert__hostile_names__escaped(fake):
    cert = scep.self_signed(keys.rsa("ca root"), der.seq(der.set_of(der.seq(
        der.oid("2.5.4.3"), der.utf8("x\x1b[31mred\x07\u202e")))))
    fake.chain = [cert]
    for more in ((), ("--json",)):
        out = system.run(system.BIN, "getcacert", fake.url, *more).stdout
        assert "\x1b" not in out and "\x07" not in out and "\u202e" not in out
        assert "\\u001b" not in out.lower()


def test_getcacaps__words__one_a_line(fake):
    fake.caps = (200, "text/plain", b"AES\r\nX-Odd\x1b[0m\r\n\r\nRenewal")
    out = system.run(system.BIN, "getcacaps", fake.url).stdout
    assert out.splitlines()[0] == "AES" and out.splitlines()[2] == "Renewal" and "\x1b" not in out
    o = json.loads(system.run(system.BIN, "getcacaps", fake.url, "--json").stdout)
    assert o["capabilities"][0] == "AES" and len(o["capabilities"]) == 3


def test_getcacaps__none__exit_code_1(fake):
    fake.caps = (404, "text/plain", b"")
    p = system.run(system.BIN, "getcacaps", fake.url, check=False)
    assert p.returncode == 1 and "404" in p.stderr
