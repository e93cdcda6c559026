# SPDX-License-Identifier: Apache-2.0
"""The tools of these tests are tested too: openssl reads what scep.py writes, and the strict reader of
answers refuses each answer that is wrong in one place."""

import os

import pytest

import der
import keys
import scep
import system


@pytest.fixture(scope="module")
def ra():
    return scep.self_signed(keys.rsa("toolbox ra"), "CN=RA,O=Test")


def certs_only(*certs):
    return scep.signed_data(None, [], list(certs), digest_oids=[])


def answer(ra, status=scep.SUCCESS, key=None, drop=(), twice=(), content=None, fail=None, cipher="aes128-cbc",
           transport="pkcs1", digest="sha256", signers=1, inner=None, extra=(), **signer):
    """A CertRep, right unless told otherwise."""
    client = keys.rsa("toolbox client")
    leaf = scep.self_signed(client, "CN=leaf")
    if status == scep.SUCCESS and content is None:
        content = scep.envelope(inner or certs_only(leaf), scep.self_signed(client),
                                cipher=cipher, transport=transport)
    made = [(scep.CONTENT_TYPE, der.oid(scep.DATA)),
            (scep.MESSAGE_DIGEST, der.octets(scep.hashlib.new(digest, content or b"").digest())),
            (scep.MESSAGE_TYPE, der.printable("3")), (scep.STATUS, der.printable(status)),
            (scep.TRANSACTION, der.printable("tx")), (scep.SENDER_NONCE, der.octets(b"s" * 16)),
            (scep.RECIPIENT_NONCE, der.octets(b"r" * 16))]
    if fail is not None:
        made.append((scep.FAIL_INFO, der.printable(fail)))
    made = [m for m in made if m[0] not in drop] + [m for m in made if m[0] in twice] + list(extra)
    info = scep.signer_info(key or keys.rsa("toolbox ra"), ra, [scep.attribute(o, v) for o, v in made],
                            digest=digest, **signer)
    return scep.signed_data(content, [info] * signers, [], digests=(digest,))


@pytest.mark.parametrize("o", [
    {}, {"cipher": "aes256-cbc"}, {"cipher": "des3-cbc", "digest": "sha1"}, {"transport": "oaep-sha1"},
    {"transport": "oaep-sha256"}, {"digest": "sha512"}, {"scheme": "pss"}])
def test_reader__good_answers__read(ra, o):
    rep = scep.read_certrep(answer(ra, **o), ra, keys.rsa("toolbox client"))
    assert rep.status == scep.SUCCESS and len(rep.certs) == 1
    assert rep.cipher == o.get("cipher", "aes128-cbc") and rep.transport == o.get("transport", "pkcs1")
    assert (rep.transaction, rep.recipient_nonce) == ("tx", b"r" * 16)


def test_reader__failure__read(ra):
    rep = scep.read_certrep(answer(ra, scep.FAILURE, fail="2"), ra)
    assert (rep.status, rep.fail_info) == (scep.FAILURE, scep.BAD_REQUEST)


BAD = {
    "signature": {"corrupt": True},
    "another key": {"key": keys.rsa("toolbox client")},
    "no status": {"drop": (scep.STATUS,)},
    "no transaction": {"drop": (scep.TRANSACTION,)},
    "no nonce": {"drop": (scep.SENDER_NONCE,)},
    "no digest": {"drop": (scep.MESSAGE_DIGEST,)},
    "two statuses": {"twice": (scep.STATUS,)},
    "success with failInfo": {"fail": "2"},
    "status 1": {"status": "1"},
    "failure without failInfo": {"status": scep.FAILURE},
    "failInfo 5": {"status": scep.FAILURE, "fail": "5"},
    "failure with content": {"status": scep.FAILURE, "fail": "2", "content": b"x"},
    "two signers": {"signers": 2},
    "no signer": {"signers": 0},
    "no certificates": {"inner": certs_only()},
}


@pytest.mark.parametrize("what", BAD)
def test_reader__bad_answers__refused(ra, what):
    with pytest.raises((scep.BadAnswer, ValueError, KeyError, TypeError)):
        scep.read_certrep(answer(ra, **BAD[what]), ra, keys.rsa("toolbox client"))


def test_reader__trailing_byte_and_ber__refused(ra):
    good = answer(ra)
    for bad in (good + b"\0", der.ber(der.parse(good)), good[:-1]):
        with pytest.raises((scep.BadAnswer, ValueError, IndexError)):
            scep.read_certrep(bad, ra)


def openssl_reads(message, work):
    """The PKCS#10 inside, by openssl's commands."""
    paths = {n: os.path.join(work, n) for n in ("m", "env", "csr", "key")}
    with open(paths["m"], "wb") as f:
        f.write(message)
    with open(paths["key"], "wb") as f:
        f.write(keys.pem(keys.rsa("toolbox ra")))
    system.run("openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", paths["m"],
               "-out", paths["env"])
    system.run("openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", paths["env"], "-inkey",
               paths["key"], "-out", paths["csr"])
    p = system.run("openssl", "req", "-inform", "DER", "-in", paths["csr"], "-noout", "-verify", "-text")
    assert "verify OK" in p.stdout + p.stderr
    return p.stdout


@pytest.mark.parametrize("o", [
    {}, {"scheme": "pss"}, {"scheme": "hash-with-rsa"}, {"transport": "oaep-sha256"},
    {"transport": "oaep-sha1", "cipher": "des3-cbc"}, {"digest": "sha512", "cipher": "aes256-cbc"},
    {"key": keys.p256("toolbox"), "signer_key": keys.rsa("toolbox client")},
    {"signer_key": keys.p256("toolbox signer")}])
def test_writer__requests__openssl_reads_them(ra, work, o):
    out = openssl_reads(scep.Request(ra=ra, challenge="secret", sans=(
        "dns:a.example", "ip:192.0.2.1", "ip:2001:db8::1", "upn:u@example", "email:e@example",
        "uri:https://u.example"), **o).build(), work)
    for want in ("dev1", "secret", "a.example", "192.0.2.1", "e@example"):
        assert want in out


@pytest.mark.parametrize("segment", [0, 100, 1000])
def test_writer__ber__openssl_reads_it(ra, work, segment):
    from test_protocol import ber_message
    req = scep.Request(ra=ra, challenge="secret")
    req.enveloped = der.ber(der.parse(scep.envelope(req.csr, ra, constructed=True)), segment)
    assert "secret" in openssl_reads(ber_message(req.build(), segment), work)


def test_writer__corrupt_signatures__openssl_refuses(ra, work):
    with pytest.raises(AssertionError):
        openssl_reads(scep.Request(ra=ra, signer={"corrupt": True}).build(), work)
    with pytest.raises(AssertionError):
        openssl_reads(scep.Request(ra=ra, csr={"corrupt": True}).build(), work)


def test_der__node__takes_apart_and_puts_together(ra):
    top = der.parse(scep.as_der(ra))
    assert top.replaced(top, b"x") == b"x"
    for node in top.walk():
        assert top.replaced(node, node.der) == top.der
    with pytest.raises(ValueError):
        der.parse(top.der + b"\0")


@pytest.mark.parametrize("n", [0, 1, 127, 128, 255, 256, -1, -128, -129, 1 << 159])
def test_der__integer__two_complement(n):
    assert int.from_bytes(der.parse(der.integer(n)).body, "big", signed=True) == n
    assert len(der.parse(der.integer(n)).body) == max(1, ((n if n >= 0 else ~n).bit_length() + 8) // 8)


def test_system__with_endpoint__is_in_front_of_the_others():
    text = system.with_endpoint("site: x\nendpoints: # all\n  default:\n    policy: one-time\n", "new",
                                allow=["sha1"])
    assert text == ("site: x\nendpoints: # all\n  new:\n    allow: [\"sha1\"]\n    policy: one-time\n"
                    "    template: client\n  default:\n    policy: one-time\n")


@pytest.mark.parametrize("line", [
    "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011",
    "AddressSanitizer:DEADLYSIGNAL",
    "../src/base/buf.c:12:3: runtime error: signed integer overflow: 2147483647 + 1",
    "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior ../src/base/buf.c:12:3",
    "WARNING: ThreadSanitizer: data race (pid=7)",
    "==7==WARNING: ASan is ignoring requested __asan_handle_no_return: stack top: 0x7f",
    "supervisor warning supervisor.death ca (process 7) ended by signal 11; it is started again"])
def test_system__report_of_a_sanitizer_or_crash__fails(work, line):
    one = system.Signet(path=work)
    with open(one.log_path, "w") as f:
        f.write("ready\n")
    one.judge()
    with open(one.log_path, "a") as f:
        f.write("supervisor.death ca (process 6) ended by signal 9; it is started again\n")
    one.judge()
    with open(one.log_path, "a") as f:
        f.write(line + "\nafterwards\n")
    with pytest.raises(AssertionError, match="report of a process"):
        one.judge()
    one.judge()
    for at in ("", " >&2"):
        with pytest.raises(AssertionError, match="report of sh"):
            system.run("sh", "-c", "echo '%s'%s; exit 3" % (line, at), check=False)


def test_system__command_that_crashes__fails():
    with pytest.raises(AssertionError, match="signal 11"):
        system.run("sh", "-c", "kill -SEGV $$", check=False)
