# SPDX-License-Identifier: Apache-2.0
"""Revocation tells the truth: whatever the clock, a backup or another key does, a list that is published
has what it must have, or none is published and somebody is told."""

import concurrent.futures
import datetime
import json
import os
import re
import shutil
import signal
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import system
from test_restore import keep, put_back

DAY = datetime.timedelta(days=1)


def crl_path(one):
    return os.path.join(one.data, "pub/ca.crl")


def read(path):
    with open(path, "rb") as f:
        return x509.load_der_x509_crl(f.read())


def listed(path):
    return {entry.serial_number for entry in read(path)}


def number(path):
    return read(path).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def revoked(one, name, reason="keyCompromise"):
    """Enrol and revoke; the serial number."""
    _, rep = one.enrol("CN=%s,O=Test" % name)
    one.cli("ca", "revoke", "%x" % rep.cert.serial_number, "--reason", reason)
    return rep.cert.serial_number


def status(one):
    return json.loads(one.cli("status", "--json").stdout)["ca"]


def with_clock(one, when):
    one.stop()
    one.env.pop("LD_PRELOAD", None)
    if when:
        one.env.update(system.fake_time(when))
    return one.start()


def published(one, before):
    """The list that the role publishes by itself after a start."""
    system.wait_for("a list with a number over %d" % before, lambda: number(crl_path(one)) > before)
    return read(crl_path(one))


# ---- clocks ----------------------------------------------------------------------------------------


def test_clock_set_back_by_15_s__nothing_is_lost(fresh):
    one = fresh()
    serials = {revoked(one, "dev%d" % n) for n in range(3)}
    before = read(crl_path(one))
    with_clock(one, "-15s")
    one.cli("ca", "crl")
    assert listed(crl_path(one)) == serials
    assert read(crl_path(one)).last_update >= before.last_update
    serials.add(revoked(one, "dev3"))
    assert listed(crl_path(one)) == serials
    with_clock(one, None)
    one.stop()
    one.fsck()


def test_clock_set_back_by_a_month__said_and_nothing_is_lost(fresh):
    one = fresh()
    serials = {revoked(one, "dev%d" % n) for n in range(3)}
    before = read(crl_path(one))
    with_clock(one, "-30d")
    system.wait_for("a word about it", lambda: "clock.back" in one.said())
    system.wait_for("the time that is known", lambda: status(one)["clock_behind"] > 0)
    assert 29 * 86400 < status(one)["clock_behind"] < 31 * 86400
    assert "went back" in one.cli("status").stdout
    one.cli("ca", "crl")
    after = read(crl_path(one))
    assert listed(crl_path(one)) == serials
    assert after.last_update >= before.last_update
    assert after.next_update - after.last_update >= 6 * DAY
    entries = {e.serial_number: e.revocation_date for e in after}
    assert all(date <= after.last_update for date in entries.values())
    one.stop()
    one.fsck()


def test_clock_was_ahead__dated_by_the_clock_when_somebody_says_so(fresh):
    one = fresh()
    serial = revoked(one, "dev")
    was = number(crl_path(one))
    with_clock(one, "+400d")
    ahead = published(one, was)
    assert serial in {e.serial_number for e in ahead}, "once more, beyond its end"
    one.cli("ca", "crl")
    assert serial not in listed(crl_path(one))
    with_clock(one, None)
    system.wait_for("the entry, by itself", lambda: serial in listed(crl_path(one)))
    one.cli("ca", "crl")
    assert read(crl_path(one)).last_update >= ahead.last_update, "by itself no list is dated back"
    assert serial in listed(crl_path(one)), "but it is on it again, whatever the date"
    one.cli("ca", "crl")
    assert serial in listed(crl_path(one))
    one.cli("ca", "crl", "--clock-was-ahead")
    now = datetime.datetime.utcnow()
    after = read(crl_path(one))
    assert now - DAY < after.last_update <= now
    assert {e.serial_number for e in after} == {serial}, "it has not ended by this clock"
    assert status(one)["clock_behind"] == 0
    one.stop()
    one.fsck()


def test_thisupdate__ten_minutes_ago_and_never_before_the_last(fresh):
    one = fresh()
    revoked(one, "dev1")
    first = read(crl_path(one))
    now = datetime.datetime.utcnow()
    assert datetime.timedelta(seconds=590) < now - first.last_update < datetime.timedelta(seconds=700)
    entry = next(iter(first))
    assert entry.revocation_date <= first.last_update, "clamped, and listed all the same"
    shown = json.loads(one.cli("ca", "show", "%x" % entry.serial_number, "--json").stdout)
    at = datetime.datetime.strptime(shown["revoked_at"], "%Y-%m-%dT%H:%M:%SZ")
    assert abs((at - now).total_seconds()) < 300, "the record keeps the true time"
    one.cli("ca", "crl")
    assert read(crl_path(one)).last_update >= first.last_update


def test_beyond_its_end__on_one_more_list(fresh):
    one = fresh()
    ended = revoked(one, "ended")
    was = number(crl_path(one))
    with_clock(one, "+366d")
    after = published(one, was)
    assert ended in {e.serial_number for e in after}
    living = revoked(one, "living")
    assert listed(crl_path(one)) == {living}
    one.stop()
    one.fsck()


# ---- many at once ----------------------------------------------------------------------------------


def test_parallel_revocations__each_is_on_the_list_when_its_command_returns(fresh):
    """And those that came together share lists: each list is signed and written whole."""
    one = fresh()
    serials = [one.enrol("CN=dev%d,O=Test" % n)[1].cert.serial_number for n in range(24)]
    was = number(crl_path(one))

    def revoke(serial):
        answer = json.loads(one.cli("ca", "revoke", "%x" % serial, "--reason", "superseded", "--json").stdout)
        assert number(crl_path(one)) >= int(answer["lists"][0]["number"])
        return serial in listed(crl_path(one))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for n in range(0, len(serials), 8):
            assert all(pool.map(revoke, serials[n:n + 8]))
            time.sleep(0.4)  # across edges of seconds
    assert listed(crl_path(one)) == set(serials)
    assert number(crl_path(one)) <= was + len(serials)
    again = json.loads(one.cli("ca", "revoke", "%x" % serials[0], "--reason", "superseded", "--json").stdout)
    assert not again["changed"] and int(again["lists"][0]["number"]) == number(crl_path(one))
    one.stop()
    one.fsck()


# ---- backups ---------------------------------------------------------------------------------------


def restored(one):
    """Revoked before, since (known to the backup), and since (issued since); a backup came back."""
    before = revoked(one, "before")
    _, rep = one.enrol("CN=since,O=Test")
    one.stop()
    kept = {role: keep(one, role, role + ".kept") for role in ("registrar", "ca")}
    one.start()
    one.cli("ca", "revoke", "%x" % rep.cert.serial_number, "--reason", "keyCompromise")
    new = revoked(one, "new", "superseded")
    one.stop()
    for role, source in kept.items():
        put_back(one, role, source)
    one.start()
    return before, rep.cert.serial_number, new


def test_backup_came_back__no_list_replaces_the_one_that_is_out(fresh):
    one = fresh()
    before, since, new = restored(one)
    out = open(crl_path(one), "rb").read()
    p = one.cli("ca", "crl", check=False)
    assert p.returncode == 1
    for serial in (since, new):
        assert "%x" % serial in p.stderr
    assert "%x" % before not in p.stderr and "--adopt" in p.stderr
    _, rep = one.enrol("CN=after,O=Test")
    p = one.cli("ca", "revoke", "%x" % rep.cert.serial_number, check=False)
    assert p.returncode == 1 and "is recorded, but" in p.stderr
    assert open(crl_path(one), "rb").read() == out, "nothing was published"
    system.wait_for("the reason in status", lambda: "adopt" in one.cli("status").stdout)


def test_backup_came_back__adopted_list_goes_on(fresh):
    one = fresh()
    before, since, new = restored(one)
    was = number(crl_path(one))
    p = one.cli("ca", "crl", "--adopt", crl_path(one))
    assert "1 certificates revoked" in p.stdout and "1 entries without a certificate" in p.stdout
    after = read(crl_path(one))
    assert listed(crl_path(one)) == {before, since, new}
    assert number(crl_path(one)) > was
    reason = after.get_revoked_certificate_by_serial_number(since).extensions
    assert reason.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
    assert not [n for n in os.listdir(os.path.join(one.data, "pub")) if "adopt" in n]
    assert "revoked" in one.show("%x" % since).stdout
    assert "problem" not in status(one)["lists"][0]
    one.stop()
    one.fsck()


def test_backup_came_back__held_before__neither_hold_nor_release_explains_a_revocation(fresh):
    one = fresh()
    released, held, again = ("%x" % one.enrol("CN=%s,O=Test" % n)[1].cert.serial_number
                             for n in ("released", "held", "again"))
    for serial in (released, held, again):
        one.cli("ca", "revoke", serial, "--reason", "certificateHold")
    one.cli("ca", "release", released)
    one.cli("ca", "release", again)
    one.stop()
    kept = keep(one, "ca", "ca.kept")
    one.start()
    for serial in (released, held):
        one.cli("ca", "revoke", serial, "--reason", "keyCompromise")
    one.cli("ca", "revoke", again, "--reason", "certificateHold")
    out = open(crl_path(one), "rb").read()
    one.stop()
    put_back(one, "ca", kept)
    one.start()
    p = one.cli("ca", "crl", check=False)
    assert p.returncode == 1 and all(serial in p.stderr for serial in (released, held, again)), p.stderr
    assert open(crl_path(one), "rb").read() == out, "nothing was published"
    one.cli("ca", "crl", "--adopt", crl_path(one))
    reasons = {"%x" % e.serial_number: e.extensions.get_extension_for_class(x509.CRLReason).value.reason
               for e in read(crl_path(one))}
    assert reasons == {released: x509.ReasonFlags.key_compromise, held: x509.ReasonFlags.key_compromise,
                       again: x509.ReasonFlags.certificate_hold}
    one.cli("ca", "release", again)
    assert len(listed(crl_path(one))) == 2
    one.stop()
    one.fsck()


def test_died_between_an_act_and_its_list__published_after_the_start(fresh):
    one = fresh()
    _, rep = one.enrol("CN=dev,O=Test")
    serial = rep.cert.serial_number
    for act in (("revoke", "%x" % serial, "--reason", "certificateHold"), ("release", "%x" % serial)):
        was = number(crl_path(one))
        os.chmod(crl_path(one), 0)  # so that nothing is published
        p = one.cli("ca", *act, check=False)
        assert p.returncode != 0 and "is recorded, but" in p.stderr
        os.chmod(crl_path(one), 0o644)
        assert number(crl_path(one)) == was
        os.kill(one.role("ca"), signal.SIGKILL)
        published(one, was)
        assert (serial in listed(crl_path(one))) == (act[0] == "revoke")
    was = number(crl_path(one))
    one.restart()
    one.cli("status")
    assert number(crl_path(one)) == was, "nothing is owed: nothing is published"
    one.stop()
    one.fsck()


def test_backup_came_back__nothing_revoked_since__the_number_grows(fresh):
    one = fresh()
    serial = revoked(one, "dev")
    one.stop()
    kept = keep(one, "ca", "ca.kept")
    one.start()
    for _ in range(3):
        one.cli("ca", "crl")
    was = number(crl_path(one))
    one.stop()
    put_back(one, "ca", kept)
    one.start()
    one.cli("ca", "crl")
    assert number(crl_path(one)) > was and listed(crl_path(one)) == {serial}


def test_adopt__not_ours__refused_and_nothing_changed(fresh, work):
    one, other = fresh(), fresh()
    serial = revoked(other, "theirs")
    p = one.cli("ca", "crl", "--adopt", crl_path(other), check=False)
    assert p.returncode == 1 and "no key" not in p.stdout
    assert "this is no revocation list that a key of this CA signed" in p.stderr
    path = os.path.join(work, "cut.crl")
    with open(crl_path(one), "rb") as f, open(path, "wb") as g:
        g.write(f.read()[:-1])
    p = one.cli("ca", "crl", "--adopt", path, check=False)
    assert p.returncode == 1 and "revocation list" in p.stderr
    p = one.cli("ca", "crl", "--adopt", crl_path(one), "--clock-was-ahead", check=False)
    assert p.returncode == 2 and "two steps" in p.stderr
    text = os.path.join(work, "text.pem")  # as openssl writes it for people
    system.run("openssl", "crl", "-inform", "DER", "-in", crl_path(one), "-text", "-out", text)
    assert "taken over: 0 certificates revoked" in one.cli("ca", "crl", "--adopt", text).stdout
    p = one.cli("ca", "crl", "--adopt", os.path.join(work, "none.crl"), check=False)
    assert p.returncode == 1 and "none.crl" in p.stderr
    assert serial not in listed(crl_path(one))
    assert not [n for n in os.listdir(os.path.join(one.data, "pub")) if "adopt" in n]


def test_list_that_does_not_verify__moved_aside_and_said(fresh):
    one = fresh()
    serial = revoked(one, "dev")
    one.stop()
    with open(crl_path(one), "r+b") as f:
        data = bytearray(f.read())
        data[-1] ^= 1
        f.seek(0)
        f.write(data)
    one.start()
    system.wait_for("a list that is ours", lambda: os.path.exists(crl_path(one)) and
                    open(crl_path(one), "rb").read() != bytes(data))
    assert "crl.aside" in one.said()
    assert listed(crl_path(one)) == {serial}
    aside = [n for n in os.listdir(os.path.join(one.data, "pub")) if ".aside-" in n]
    assert len(aside) == 1
    with open(os.path.join(one.data, "pub", aside[0]), "rb") as f:
        assert f.read() == bytes(data), "kept as it was"


@pytest.mark.parametrize("what", ["empty", "pipe", "folder", "huge"])
def test_something_else_in_the_place_of_the_list__moved_aside_or_said(fresh, what):
    one = fresh()
    serial = revoked(one, "dev")
    path = crl_path(one)
    os.remove(path)
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        os.mkdir(path)
    else:
        with open(path, "wb") as f:
            f.truncate(0 if what == "empty" else (128 << 20) + 1)
    p = one.cli("ca", "crl", check=False)
    if p.returncode != 0:  # the sandbox lets nobody rename what is no file
        assert what in ("pipe", "folder") and "move it away" in p.stderr, p.stderr
        os.rename(path, path + ".away")
        one.cli("ca", "crl")
    else:
        assert "crl.aside" in one.said()
    assert listed(path) == {serial}
    one.stop()
    one.fsck()


def test_list_that_cannot_be_read__not_replaced_and_said(fresh):
    one = fresh()
    serial = revoked(one, "dev")
    os.chmod(crl_path(one), 0)
    p = one.cli("ca", "crl", check=False)
    assert p.returncode != 0 and "Permission denied" in p.stderr and "let the role ca read it" in p.stderr
    os.chmod(crl_path(one), 0o644)
    one.cli("ca", "crl")
    assert listed(crl_path(one)) == {serial}


def test_two_moved_aside_in_a_second__both_are_kept(fresh):
    one = fresh()
    # The list of the start comes from a thread: until it is out it could take the place of ours.
    system.wait_for("the list of the start", lambda: os.path.exists(crl_path(one)))
    for n in range(6):
        with open(crl_path(one), "w") as f:
            f.write("no list, %d" % n)
        one.cli("ca", "crl")
    aside = [n for n in os.listdir(os.path.join(one.data, "pub")) if ".aside-" in n]
    assert len(aside) == 6


# ---- keys ------------------------------------------------------------------------------------------


def new_ca(one, keep_as, key_id=None):
    """The CA gets another key under its name; the old files stay with another name."""
    folder = os.path.join(one.data, "ca")
    for ext in ("key", "pem"):
        shutil.copy2(os.path.join(folder, "ca." + ext), os.path.join(folder, "%s.%s" % (keep_as, ext)))
    with open(os.path.join(folder, "ca.pem"), "rb") as f:
        old = x509.load_pem_x509_certificate(f.read())
    key = ec.generate_private_key(ec.SECP256R1())
    usage = old.extensions.get_extension_for_class(x509.KeyUsage).value
    cert = (x509.CertificateBuilder().subject_name(old.subject).issuer_name(old.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(old.not_valid_before).not_valid_after(old.not_valid_after)
            .add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
            .add_extension(x509.SubjectKeyIdentifier(key_id) if key_id else
                           x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256()))
    with open(os.path.join(folder, "ca.key"), "wb") as f:  # in place: owner and mode stay
        f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()))
    with open(os.path.join(folder, "ca.pem"), "wb") as f:
        f.write(cert.public_bytes(serialization.Encoding.PEM))
    return old, cert


def earlier(text, item):
    return re.sub(r"(?m)^  #?earlier:.*$", "  earlier: [%s]" % item, text)


def refused_start(one):
    """What the supervisor says when a role cannot start."""
    one.spawn("run", "-c", one.conf)
    system.wait_for("the end", lambda: one.process.poll() is not None, 30)
    said = one.said()
    one.log.close()
    one.process = None
    return said


def test_new_key_under_the_old_name__only_when_the_operator_says_so(fresh):
    one = fresh()
    _, rep = one.enrol("CN=old,O=Test")
    first = revoked(one, "revoked before")
    one.stop()
    old, new = new_ca(one, "old")
    said = refused_start(one)
    assert "issuer.new-key" in said or "new key under the name" in said
    assert "ca.earlier" in said
    assert listed(crl_path(one)) == {first}, "the list of the earlier key is still out"

    one.configure(lambda t: earlier(t, "{key: ca/old.key, certificate: ca/old.pem}"))
    one.start()
    ski = old.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()[:8]
    path = os.path.join(one.data, "pub/ca-%s.crl" % ski)
    system.wait_for("a list of each key", lambda: os.path.exists(path) and
                    read(crl_path(one)).is_signature_valid(new.public_key()))
    one.cli("ca", "revoke", "%x" % rep.cert.serial_number, "--reason", "keyCompromise")
    assert read(path).is_signature_valid(old.public_key())
    assert listed(path) == {first, rep.cert.serial_number}
    assert listed(crl_path(one)) == set()
    second = revoked(one, "of the new key")
    assert listed(crl_path(one)) == {second}
    assert read(crl_path(one)).is_signature_valid(new.public_key())
    assert {entry["path"] for entry in status(one)["lists"]} == {path, crl_path(one)}
    assert one.cli("ca", "crl").returncode == 0
    one.stop()
    one.fsck()


def test_earlier_key_is_gone__its_certificates_cannot_be_revoked_and_that_is_said(fresh):
    one = fresh()
    _, rep = one.enrol("CN=old,O=Test")
    serial = "%x" % rep.cert.serial_number
    before = revoked(one, "revoked before")
    out = open(crl_path(one), "rb").read()
    one.stop()
    old, new = new_ca(one, "old")
    os.remove(os.path.join(one.data, "ca/old.key"))
    one.configure(lambda t: earlier(t, "{certificate: ca/old.pem}"))
    one.start()
    p = one.cli("ca", "revoke", serial, check=False)
    assert p.returncode == 1 and "ca.earlier" in p.stderr and "nothing was changed" in p.stderr
    assert "good" in one.show(serial).stdout
    p = one.cli("ca", "revoke", serial, "--reason", "certificateHold", check=False)
    assert p.returncode == 1 and "good" in one.show(serial).stdout
    assert "its key is gone" in one.cli("status").stdout
    ski = old.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()[:8]
    system.wait_for("a list of the new key", lambda:
                    read(crl_path(one)).is_signature_valid(new.public_key()))
    with open(os.path.join(one.data, "pub/ca-%s.crl" % ski), "rb") as f:
        assert f.read() == out, "its last list stays"
    p = one.cli("ca", "crl", "--adopt", os.path.join(one.data, "pub/ca-%s.crl" % ski))
    assert "it stays the last one" in p.stdout and "number 0" not in p.stdout
    assert before not in listed(crl_path(one))
    one.stop()
    one.fsck()


def test_earlier__two_keys_with_one_key_identifier__a_list_each(fresh):
    one = fresh()
    folder = os.path.join(one.data, "ca")
    serials = []
    for n in range(3):
        serials.append(one.enrol("CN=dev%d,O=Test" % n)[1].cert.serial_number)
        one.stop()
        new_ca(one, "old%d" % n, b"same" if n < 2 else None)
        items = ["{key: ca/old%d.key, certificate: ca/old%d.pem}" % (i, i) for i in range(n + 1)]
        one.configure(lambda t, i=", ".join(items): earlier(t, i))
        one.start()
    for serial in serials:
        one.cli("ca", "revoke", "%x" % serial)
    assert os.path.isdir(folder)
    paths = [entry["path"] for entry in status(one)["lists"]]
    assert len(set(paths)) == 4
    assert [listed(p) for p in paths[1:]] == [{serial} for serial in serials]
    one.stop()
    one.fsck()


def test_earlier__mistakes__named(fresh):
    one = fresh()
    one.stop()
    for item, word in (("{key: ca/ca.key, certificate: ca/ca.pem}", "ca.earlier[0].key"),
                       ("{key: ca/none.key, certificate: ca/ca.pem}", "none.key"),
                       ("{key: ca/old.key}", "certificate")):
        text = open(one.conf).read()
        one.configure(lambda t, i=item: earlier(t, i))
        p = one.cli("check", check=False)
        assert p.returncode != 0 and word in p.stdout + p.stderr, p.stdout + p.stderr
        with open(one.conf, "w") as f:
            f.write(text)
    one.configure(lambda t: earlier(t, "{certificate: ca/ca.pem}"))
    assert "the key was not" in one.cli("explain", "issuer.same-key", conf=False).stdout
    assert "needs no item" in refused_start(one)
