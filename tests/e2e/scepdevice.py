# SPDX-License-Identifier: Apache-2.0
"""A folder with a key, in which `signet enroll` and `signet renew` run against a server of
scepserver.py."""

import os

from cryptography import x509
from cryptography.hazmat.primitives import serialization

import keys
import system
from scepserver import fingerprint

SUBJECT = "CN=dev1, O=Test"


class Device:
    """A folder with a key, in which the client runs."""

    def __init__(self, path):
        self.path = path
        with open(self.at("key.pem"), "wb") as f:
            f.write(keys.pem(keys.rsa("device")))
        os.chmod(self.at("key.pem"), 0o600)

    def at(self, name):
        return os.path.join(self.path, name)

    def args(self, fake, *more, pin=True, key="key.pem", out="cert.pem", subject=SUBJECT):
        args = [system.BIN, "enroll", fake.url, "--subject", subject, "--challenge-file", "-",
                "--key", self.at(key), "--out", self.at(out), "--retries", "0"]
        if pin is True:
            pin = fingerprint(fake.root[0])
        return args + (["--ca-fingerprint", pin] if pin else []) + list(more)

    def enroll(self, fake, *more, rc=0, says=(), **o):
        p = system.run(*self.args(fake, *more, **o), data="secret\n", check=False)
        return self.judge(p, rc, says, o.get("out", "cert.pem"))

    def renew(self, fake, *more, rc=0, says=(), out="new.pem", cert="cert.pem", key="key.pem"):
        p = system.run(system.BIN, "renew", fake.url, "--key", self.at(key), "--cert", self.at(cert),
                       "--out", self.at(out), "--retries", "0", *more, check=False)
        return self.judge(p, rc, says, out)

    def judge(self, p, rc, says, out):
        said = p.stdout + p.stderr
        assert p.returncode == rc, "exit status %d, want %d\n%s" % (p.returncode, rc, said)
        for word in (says,) if isinstance(says, str) else says:
            assert word in said, said
        assert os.path.exists(self.at(out)) == (rc == 0), said
        assert not [n for n in os.listdir(self.path) if ".new" in n], os.listdir(self.path)
        return p

    def cert(self, name="cert.pem"):
        with open(self.at(name), "rb") as f:
            return x509.load_pem_x509_certificate(f.read())

    def key(self, name="key.pem"):
        with open(self.at(name), "rb") as f:
            return serialization.load_pem_private_key(f.read(), None)

    def put(self, name, data):
        with open(self.at(name), "wb") as f:
            f.write(data)
        return self.at(name)


def nothing_sent(fake):
    assert "PKIOperation" not in fake.operations, fake.asked
