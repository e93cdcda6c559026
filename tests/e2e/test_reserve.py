# SPDX-License-Identifier: Apache-2.0
"""A full disk: nothing that was acknowledged is lost, revocations go on in the room that is kept for them,
and everything comes back by itself."""

import os
import re
import signal
import subprocess

import pytest

import faults
import system
from cryptography import x509
from test_faults import ask, device, ready

PIECE = 512 << 10
WHOLE = 8 << 20


def listed(one):
    """The serial numbers of the list as relying parties read it, nothing made anew."""
    with open(os.path.join(one.data, "pub/ca.crl"), "rb") as f:
        crl = x509.load_der_x509_crl(f.read())
    return {system.norm_serial("%x" % r.serial_number) for r in crl}


def reserve(one, role):
    path = os.path.join(one.data, "db", role, role + ".db.reserve")
    st = os.stat(path)
    assert st.st_mode & 0o777 == 0o600
    return st.st_size


def disk(one, role):
    return next(line for line in one.cli("status").stdout.splitlines()
                if re.match(r"disk +%s:" % role, line))


def is_full(one, role):
    return "full since" in disk(one, role)


def certificates(one, n):
    reqs = [device(one) for _ in range(n)]
    for req in reqs:
        assert ask(one, req) == "ok"
    return [next(iter(req.serials)) for req in reqs]




@pytest.fixture
def small(fresh):
    """small(folder, size): an installation, running, with a folder of its data on a small disk of its own."""
    disks = []

    def make(folder, size):
        one = fresh(lab=True)
        one.stop()
        ctx = faults.small_disk(one, folder, size)
        path = ctx.__enter__()
        disks.append(ctx)
        one.start()
        return one, path

    yield make
    for ctx in disks:
        ctx.__exit__(None, None, None)


def test_reserve__made_at_start_and_kept(fresh):
    one = fresh()
    for role in ("ca", "registrar"):
        assert reserve(one, role) == WHOLE
        assert re.search(r"has room, and 8\.0 MiB in reserve", disk(one, role))
        st = os.stat(os.path.join(one.data, "db", role, role + ".db.reserve"))
        assert st.st_blocks * 512 >= WHOLE, "it takes no space"
    before = os.stat(os.path.join(one.data, "db/ca/ca.db.reserve"))
    one.restart()
    after = os.stat(os.path.join(one.data, "db/ca/ca.db.reserve"))
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    one.stop()
    # What a copy with holes has instead takes no space.
    with open(os.path.join(one.data, "db/ca/ca.db.reserve"), "r+b") as f:
        f.truncate(0)
        f.truncate(WHOLE)
    one.start()
    st = os.stat(os.path.join(one.data, "db/ca/ca.db.reserve"))
    assert st.st_size == WHOLE and st.st_blocks * 512 >= WHOLE


@pytest.mark.parametrize("what", ["folder", "link", "fifo"])
def test_reserve__something_in_its_place__said(fresh, what):
    one = fresh()
    one.stop()
    path = os.path.join(one.data, "db/ca/ca.db.reserve")
    os.remove(path)
    if what == "folder":
        os.mkdir(path)
    elif what == "link":
        os.symlink("ca.db", path)
    else:
        os.mkfifo(path)
    p = system.run(system.BIN, "run", "-c", one.conf, *system.pass_env(one.env), check=False, data="",
                       env=one.env)
    assert p.returncode != 0
    assert "ca.db.reserve" in p.stdout + p.stderr, p.stdout + p.stderr
    (os.rmdir if what == "folder" else os.remove)(path)
    one.start()
    assert reserve(one, "ca") == WHOLE


def test_disk_full__everything_on_it__revocations_go_on_and_all_comes_back(small):
    """Databases, lists and everything else of an installation share the disk."""
    one, path = small("../data", "40m")
    serials = certificates(one, 6)
    ballast = faults.fill(path)
    for n in range(400):
        if ask(one, device(one)) == 503 and is_full(one, "registrar"):
            break
    else:
        pytest.fail("the disk never was full")
    assert not one.stored() ^ set(one.serials())
    p = one.cli("challenge", "new", "--subject", "CN=dev1,O=Test", check=False)
    assert p.returncode != 0 and "full" in p.stderr, p.stderr
    # Recorded, published, and said.
    one.cli("ca", "revoke", serials[0], "--reason", "keyCompromise")
    one.cli("ca", "revoke", serials[1], "--reason", "certificateHold")
    assert listed(one) == {system.norm_serial(s) for s in serials[:2]}
    p = one.cli("ca", "release", serials[1], check=False)
    assert p.returncode != 0 and "only revocations" in p.stderr, p.stderr
    assert is_full(one, "ca") and "only revocations" in disk(one, "ca")
    assert reserve(one, "ca") < WHOLE and reserve(one, "ca") % PIECE == 0
    said = one.said()
    for role in ("ca", "registrar"):
        assert re.search(r" %s error store\.full the disk is full" % role, said), said
    # What was begun without a reserve that is whole goes on so.
    os.kill(one.role("ca"), signal.SIGKILL)
    system.wait_for("ca", lambda: one.cli("ca", "list", check=False).returncode == 0, 20, 0.2)
    assert is_full(one, "ca")
    one.cli("ca", "revoke", serials[2])
    assert listed(one) == {system.norm_serial(s) for s in serials[:3]}
    one.restart()
    assert is_full(one, "ca")
    one.cli("ca", "revoke", serials[3])
    assert listed(one) == {system.norm_serial(s) for s in serials[:4]}
    assert ask(one, device(one)) == 503
    os.remove(ballast)
    system.wait_for("room", lambda: not is_full(one, "ca") and not is_full(one, "registrar"), 30, 0.2)
    assert reserve(one, "ca") == WHOLE and reserve(one, "registrar") == WHOLE
    ready(one)
    assert re.search(r" ca notice store\.room ", one.said()), one.said()
    one.cli("ca", "release", serials[1])
    one.stop()
    one.fsck()
    assert {system.norm_serial(s) for s in serials} <= one.stored()


def test_disk_full__somebody_takes_what_is_given_up__until_it_is_used_up(small):
    """A program that fills the disk again after each revocation, and a ca that is killed meanwhile. What was
    acknowledged is on the list; the first that finds nothing left says so."""
    one, path = small("../data", "64m")
    serials = certificates(one, 40)
    ballast, done, n = faults.fill(path), [], 0
    for serial in serials:
        p = one.cli("ca", "revoke", serial, check=False)
        if p.returncode != 0:
            break
        done.append(system.norm_serial(serial))
        assert listed(one) >= set(done)
        if len(done) % 4 == 0:
            os.kill(one.role("ca"), signal.SIGKILL)
            system.wait_for("ca", lambda: one.cli("ca", "list", check=False).returncode == 0, 20, 0.2)
        n += 1
        os.rename(ballast, "%s%d" % (ballast, n))
        faults.fill(path)
    print("%d revocations, and then: %s" % (len(done), p.stderr))
    assert len(done) >= 8
    if p.returncode != 0:
        assert "space" in p.stderr or "full" in p.stderr, p.stderr
        assert reserve(one, "ca") < PIECE * 2
    assert one.cli("status").returncode == 0
    assert listed(one) >= set(done)
    for name in os.listdir(path):
        if name.startswith("ballast"):
            os.remove(os.path.join(path, name))
    system.wait_for("room", lambda: not is_full(one, "ca") and not is_full(one, "registrar"), 70, 0.2)
    ready(one)
    for serial in serials:
        one.cli("ca", "revoke", serial)
    assert listed(one) == {system.norm_serial(s) for s in serials}
    one.stop()
    one.fsck()


def test_disk_full__list_on_another_disk__reserve_is_not_given_for_it(small):
    one, path = small("pub", "64k")
    serials = certificates(one, 2)
    ballast = faults.fill(path)
    os.chown(ballast, 0, 0)
    p = one.cli("ca", "revoke", serials[0], check=False)
    assert p.returncode != 0 and "No space left" in p.stderr, p.stderr
    assert reserve(one, "ca") == WHOLE and not is_full(one, "ca")
    assert ask(one, device(one)) == "ok"
    os.remove(ballast)
    one.cli("ca", "crl")
    assert listed(one) == {system.norm_serial(serials[0])}
    one.stop()
    one.fsck()
