# SPDX-License-Identifier: Apache-2.0
"""Where secrets are after many enrolments (D6): the memory of every process, every file of the
installation. Challenges, content keys and parts of private keys are looked for as bytes; each process
may have what DESIGN.md section 2 says that it holds, and nothing else.

SIGNET_LONG=1: 1 000 enrolments, else 200."""

import os
import re

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import conftest
import keys
import scep
import system

COUNT = 1000 if os.environ.get("SIGNET_LONG") else 200
ROLES = ("front", "registrar", "keyd", "ca")
# What a role holds: the key's file and the role that may.
HOLDERS = {"ca/ca.key": "ca", "ra/ra.key": "keyd"}


PAGE = 4096


def readable(pid):
    """(range, bytes) of what a process has mapped and can write: its heap, its stacks, its data. The
    rest is files as they are on the disk. Pages of zeros are left out."""
    with open("/proc/%d/maps" % pid) as f:
        lines = f.read().splitlines()
    with open("/proc/%d/mem" % pid, "rb", buffering=0) as mem:
        for line in lines:
            place, mode = line.split()[:2]
            name = line.split(None, 5)[5] if len(line.split(None, 5)) > 5 else "anonymous"
            if mode[:2] != "rw":
                continue
            start, end = (int(x, 16) for x in place.split("-"))
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            pages = (data[i:i + PAGE] for i in range(0, len(data), PAGE))
            yield "%s %s" % (place, name), b"".join(p for p in pages if p.count(0) != PAGE)


def memory_of(one):
    """{role: [(range, bytes)]} of every process of the installation; skips when that is not allowed."""
    found = {}
    pids = {role: one.role(role) for role in ROLES}
    pids["supervisor"] = one.process.pid
    for role, pid in pids.items():
        try:
            found[role] = list(readable(pid))
        except PermissionError:
            pytest.skip("LOUD: the memory of %s cannot be read here: nothing was proved; run as root" % role)
        assert sum(len(b) for _, b in found[role]) > 1 << 17, "too little memory of %s was read" % role
    return found


def files_of(one):
    for base, _, names in os.walk(one.path):
        for name in names:
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def places(regions, needle):
    """Where a secret is, with what stands around it, so that its buffer can be recognized."""
    out = []
    for name, data in regions:
        at = data.find(needle)
        while at >= 0:
            near = bytes(c if 32 <= c < 127 else 46 for c in data[max(0, at - 40):at + len(needle) + 24])
            out.append("%s +0x%x: %s" % (name, at, near.decode()))
            at = data.find(needle, at + 1)
    return out


def limbs(number):
    """As OpenSSL has it in a BIGNUM on this machine, and as DER and RFC 8017 write it."""
    size = (number.bit_length() + 7) // 8
    size += -size % 8
    return {"big-endian": number.to_bytes(size, "big").lstrip(b"\0"), "limbs": number.to_bytes(size, "little")}


def parameters(path):
    """{name: bytes} of the private parts of a key."""
    with open(path, "rb") as f:
        text = f.read()
    key = load_pem_private_key(text, None)
    n = key.private_numbers()
    numbers = {"p": n.p, "q": n.q, "d": n.d, "dmp1": n.dmp1, "dmq1": n.dmq1, "iqmp": n.iqmp} \
        if hasattr(n, "p") else {"d": n.private_value}
    found = {"%s %s" % (name, form): body for name, number in numbers.items()
             for form, body in limbs(number).items()}
    # The middle of the PEM text: a line that has nothing but key in it.
    lines = text.split(b"\n")
    found["a line of the PEM file"] = lines[len(lines) // 2] if len(lines) > 4 else lines[1]
    return found


@pytest.fixture(scope="module")
def busy():
    """An installation after COUNT enrolments, good and bad, and every secret that went through it."""
    if os.geteuid() != 0:
        pytest.skip("LOUD: not root, so the memory of the roles cannot be read: nothing was proved")
    one = system.Signet()
    try:
        one.up()
        one.stop()
        conftest.lab_config(one)
        one.start()
        ceks, challenges = [], []
        server, key = one.server(), keys.rsa("secrets")
        for i in range(COUNT):
            subject = "CN=secret%d,O=Test" % i
            challenge = one.challenge(subject) if i % 5 == 0 else "CANARY" + os.urandom(16).hex()
            cek = os.urandom(32)
            rep = server.send(scep.Request(ra=server.ra, subject=subject, challenge=challenge, key=key,
                                           cipher="aes256-cbc", envelope={"content_key": cek}))
            assert (rep.status == scep.SUCCESS) == (i % 5 == 0)
            challenges.append(challenge)
            ceks.append(cek)
        one.ceks, one.challenge_texts = ceks, challenges
        # Some work in which nothing of that is: buffers that are used again are not what is tested.
        server.caps()
        yield one
    finally:
        one.remove()


def hits(memory, secrets):
    """{role: [(secret, place)]}"""
    found = {}
    for role, regions in memory.items():
        for name, needle in secrets:
            if any(needle in data for _, data in regions):
                found.setdefault(role, []).append("%s at %s" % (name, places(regions, needle)[:3]))
    return found


def show(found):
    return "\n".join("%s: %d, such as\n  %s" % (role, len(what), "\n  ".join(what[:6]))
                     for role, what in found.items())


def test_d6_memory__after_the_load__no_challenge_anywhere(busy):
    memory = memory_of(busy)
    found = hits(memory, [("challenge %d" % i, c.encode()) for i, c in enumerate(busy.challenge_texts)])
    assert not found, show(found)


def test_d6_memory__after_the_load__no_content_key_anywhere(busy):
    memory = memory_of(busy)
    found = hits(memory, [("content key %d" % i, c) for i, c in enumerate(busy.ceks)])
    assert not found, show(found)


@pytest.mark.parametrize("path", HOLDERS)
def test_d6_memory__private_keys__only_in_the_role_that_holds_them(busy, path):
    memory = memory_of(busy)
    found = hits(memory, parameters(os.path.join(busy.data, path)).items())
    holder = found.pop(HOLDERS[path], None)
    assert holder, "the key is not even where it must be: what was looked for is wrong"
    assert not found, show(found)
    # Even there, no text of the file stays: only what OpenSSL computes with.
    assert not [h for h in holder if "PEM" in h], "the file itself stays in %s: %s" % (HOLDERS[path], holder)


def test_d6_files__after_the_load__no_secret_in_any(busy):
    needles = [c.encode() for c in busy.challenge_texts] + busy.ceks + [c.hex().encode() for c in busy.ceks]
    pattern = re.compile(b"|".join(re.escape(n) for n in needles))
    private = {os.path.join(busy.data, p): parameters(os.path.join(busy.data, p)) for p in HOLDERS}
    seen = 0
    for path in files_of(busy):
        with open(path, "rb") as f:
            data = f.read()
        seen += 1
        m = pattern.search(data)
        assert not m, "%s has a secret at %d: %r" % (path, m.start(), data[max(0, m.start() - 60):m.end()])
        for owner, parts in private.items():
            if path != owner:
                assert not [n for n, needle in parts.items() if needle in data], path
    assert seen > 8


def test_secrets__the_search_itself__finds_what_is_there():
    """A control: the same search finds a secret of this process."""
    secret = os.urandom(24)
    kept = bytearray(secret)
    found = hits({"self": list(readable(os.getpid()))}, [("of this process", bytes(kept))])
    assert found["self"]
