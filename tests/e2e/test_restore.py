# SPDX-License-Identifier: Apache-2.0
"""Databases that come back from a backup: docs/operating.md says what then happens."""

import os
import shutil

import keys
import scep


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
