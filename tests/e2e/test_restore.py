# SPDX-License-Identifier: Apache-2.0
"""Databases that come back from a backup: docs/operating.md says what then happens."""

import os
import shutil
import signal
import ssl
from concurrent.futures import ThreadPoolExecutor

from cryptography import x509
from cryptography.hazmat.primitives import serialization

import der
import keys
import scep
import system


def put_back(one, role, source):
    """The database folder of a stopped role as it was; owners stay."""
    target = os.path.join(one.data, "db", role)
    owner = os.stat(target)
    shutil.rmtree(target)
    shutil.copytree(source, target)
    for path in [target] + [os.path.join(target, n) for n in os.listdir(target)]:
        os.chown(path, owner.st_uid, owner.st_gid)


def keep(one, role, name):
    to = os.path.join(one.path, name)
    shutil.copytree(os.path.join(one.data, "db", role), to)
    return to


def test_both_databases_of_one_moment__everything_goes_on(fresh):
    one = fresh()
    one.enrol("CN=before,O=Test")
    one.stop()
    registrar, ca = keep(one, "registrar", "registrar.kept"), keep(one, "ca", "ca.kept")
    put_back(one, "registrar", registrar)
    put_back(one, "ca", ca)
    os.remove(os.path.join(one.data, "db/registrar/registrar.db.lock"))
    one.fsck()  # as root it makes the lock, which must not keep the role out
    one.start()
    one.enrol("CN=after,O=Test")
    one.stop()
    one.fsck()


def test_registrar_older_than_ca__no_device_gets_the_certificate_of_another(fresh):
    one = fresh()
    one.stop()
    kept = keep(one, "registrar", "registrar.kept")
    one.start()
    one.enrol("CN=first,O=Test", key=keys.rsa("first"))
    one.stop()
    put_back(one, "registrar", kept)
    one.start()
    challenge = one.challenge("CN=second,O=Test")
    ask = dict(subject="CN=second,O=Test", challenge=challenge, key=keys.rsa("second"))
    _, rep = one.server().enrol(**ask)
    assert rep.status == scep.FAILURE
    assert "request.mismatch" in one.events()
    _, rep = one.server().enrol(**ask)  # the next attempt has an id of its own
    assert rep.status == scep.SUCCESS


def test_registrar_older_than_ca__a_number_in_use_does_not_count_against_the_challenge(fresh):
    """Four failures are the device's; the fifth is ours, and would have burned the challenge."""
    one = fresh()
    one.stop()
    kept = keep(one, "registrar", "registrar.kept")
    one.start()
    one.enrol("CN=first,O=Test", key=keys.rsa("first"))
    one.stop()
    put_back(one, "registrar", kept)
    one.start()
    challenge = one.challenge("CN=second,O=Test")
    server, key = one.server(), keys.rsa("second")
    for n in range(4):
        _, rep = server.enrol(subject="CN=wrong%d,O=Test" % n, challenge=challenge, key=key)
        assert rep.status == scep.FAILURE
    _, rep = server.enrol(subject="CN=second,O=Test", challenge=challenge, key=key)
    assert rep.status == scep.FAILURE
    assert "request.mismatch" in one.events()
    before = one.serials()
    _, rep = server.enrol(subject="CN=second,O=Test", challenge=challenge, key=key)
    assert rep.status == scep.SUCCESS
    _, again = server.enrol(subject="CN=second,O=Test", challenge=challenge, key=key)
    assert again.cert == rep.cert, "the same request: the same certificate"
    _, other = server.enrol(subject="CN=second,O=Test", challenge=challenge, key=keys.rsa("third"))
    assert other.status == scep.FAILURE, "one challenge, one certificate"
    assert len(one.serials() - before) == 1
    one.stop()
    # What first got has no transaction any more, which fsck says.
    assert "I4" not in one.cli("fsck", check=False).stdout


def test_registrar_older_than_ca__a_crash_takes_no_certificate_of_another(fresh):
    """Recovery asks ca about an attempt that a crash left, whose number ca has of another device."""
    one = fresh()
    one.stop()
    kept = keep(one, "registrar", "registrar.kept")
    one.start()
    one.enrol("CN=first,O=Test", key=keys.rsa("first"))
    one.stop()
    put_back(one, "registrar", kept)
    one.start()
    server, registrar, ca = one.server(), one.role("registrar"), one.role("ca")
    ask = dict(subject="CN=second,O=Test", challenge=one.challenge("CN=second,O=Test"), key=keys.rsa("second"))
    os.kill(ca, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: server.post(scep.Request(ra=server.ra, **ask).build()))
        system.wait_for("the reservation", lambda: "second" in one.trace("second", check=False))
        os.kill(one.role("front"), signal.SIGKILL)  # it would ask the next registrar again
        os.kill(registrar, signal.SIGKILL)
        system.wait_for("a new registrar", lambda: one.role("registrar") not in (None, registrar))
        os.kill(ca, signal.SIGCONT)
        assert asked.exception(60) is not None
    one.wait_ready()
    system.wait_for("an outcome", lambda: "request.mismatch" in one.trace("second", check=False), 20)
    _, rep = server.enrol(**ask)
    assert rep.status == scep.SUCCESS
    assert rep.cert.subject.rfc4514_string() == "O=Test,CN=second"


def test_registrar_lost__a_new_one_goes_on(fresh):
    one = fresh()
    one.enrol("CN=first,O=Test")
    one.stop()
    folder = os.path.join(one.data, "db/registrar")
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    one.start()
    one.enrol("CN=second,O=Test")
    one.stop()
    one.fsck()


def test_both_databases_old__imported_certificate_renews_and_is_revoked(fresh):
    """What was issued since the backup comes back from the device that has it."""
    one = fresh()
    one.enrol("CN=before,O=Test")
    one.stop()
    kept = {role: keep(one, role, role + ".kept") for role in ("registrar", "ca")}
    one.start()
    key = keys.rsa("since")
    _, rep = one.enrol("CN=since,O=Test", key=key)
    one.stop()
    for role, source in kept.items():
        put_back(one, role, source)
    one.fsck()
    one.start()
    server = one.server()

    def renew(new):
        ask = scep.Request(ra=server.ra, subject="CN=since,O=Test", key=keys.rsa(new), signer_key=key,
                           signer_cert=rep.cert, message_type=scep.RENEWAL_REQ)
        return scep.read_certrep(server.post(ask.build()).body, server.ra, key)

    assert renew("renewed").status == scep.FAILURE, "unknown certificates do not renew"
    path = os.path.join(one.path, "since.pem")
    with open(path, "wb") as f:
        f.write(rep.cert.public_bytes(serialization.Encoding.PEM))
    one.cli("ca", "import", path)
    assert renew("renewed").status == scep.SUCCESS
    serial = "%x" % rep.cert.serial_number
    one.cli("ca", "revoke", serial, "--reason", "superseded")
    assert "revoked" in one.show(serial).stdout
    assert renew("renewed again").status == scep.FAILURE, "nor do revoked ones"
    one.enrol("CN=after,O=Test")
    one.stop()
    one.fsck()


SERIALS = {  # the contents of the INTEGER, and what openssl x509 -serial prints
    "zero": ("00", "00"), "one": ("01", "01"), "minus one": ("ff", "-01"),
    "negative of 20 octets": ("80" + "00" * 18 + "01", "-7F" + "FF" * 19),
    "negative, magnitude with high bit": ("ff7f", "-81"),
    "160 bits": ("00" + "fe" * 20, "FE" * 20), "159 bits": ("7e" * 20, "7E" * 20),
    "a zero too many": ("00" + "6d" * 20, "6D" * 20), "an ff too many": ("ffff85", "-7B"),
}


def issued_elsewhere(one, contents, who):
    """A certificate of the CA's key with a serial number of any shape."""
    key, ca = one.ca()
    made = scep.self_signed(keys.rsa("elsewhere"), subject="CN=%s,O=Test" % who, days=30, signer=key,
                            issuer=ca.subject.public_bytes(), serial=0x4d4d4d4d4d4d4d4d)
    tbs = der.parse(made)[0]
    body = tbs.replaced(tbs[1], der.tlv(der.INT, bytes.fromhex(contents)))
    algorithm, signature = scep.sign_raw(key, body)
    return der.seq(body, algorithm, der.bits(signature))


def test_imported_serials__of_any_shape__the_same_everywhere(fresh):
    """Listed, shown, revoked by what openssl prints; on the list byte for byte."""
    one = fresh()
    for name, (contents, text) in SERIALS.items():
        pem = os.path.join(one.path, "imported.pem")
        with open(pem, "w") as f:
            f.write(ssl.DER_cert_to_PEM_cert(issued_elsewhere(one, contents, name.replace(",", ""))))
        printed = system.run("openssl", "x509", "-in", pem, "-noout", "-serial", check=False).stdout
        assert printed.strip() == "serial=" + text or "too many" in name, "openssl does not read that"
        assert "serial %s\n" % text.lower() in one.cli("ca", "import", pem).stdout, name
        assert text.lower() in one.cli("ca", "list").stdout.split(), name
        assert "serial      %s\n" % text.lower() in one.show(text).stdout, name
        assert one.cli("ca", "revoke", text, "--reason", "superseded").returncode == 0, name
        assert "revoked" in one.show(text).stdout, name
        with open(os.path.join(one.data, "pub/ca.crl"), "rb") as f:
            crl = f.read()
        entry = der.tlv(der.INT, bytes.fromhex(contents)) + b"\x17\x0d"
        assert crl.count(entry) >= 1, name
    p = one.show("-4d4d", check=False)
    assert p.returncode != 0 and "no certificate with this serial number" in p.stderr
    one.stop()
    one.fsck()
