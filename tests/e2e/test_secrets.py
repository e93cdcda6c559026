# SPDX-License-Identifier: Apache-2.0
"""Where secrets are after many enrolments and renewals (D6): the memory of every process, every file of
the installation. Challenges, content keys of requests and answers and parts of private keys are looked
for as bytes; each process may have what SECURITY.md says that it holds, and nothing else. A piece
of a secret is a find: memory that was given back has other things in its first bytes.

SIGNET_LONG=1: 1 000 enrolments that succeed, else 200. What looks at them is slow: to make them and to
search all memory for every piece of their secrets takes half a minute."""

import os

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import conftest
import keys
import scep
import system

COUNT = 1000 if os.environ.get("SIGNET_LONG") else 200
BAD_EVERY = 5  # so many good ones to one with a challenge that is none
RENEWALS = 50
ROLES = ("front", "registrar", "keyd", "ca")
# What a role holds: the key's file and the role that may.
HOLDERS = {"ca/ca.key": "ca", "ra/ra.key": "keyd", "keys/challenge.key": "registrar", "keys/unwrap.key": "keyd",
           "tls/server.key": "front"}
PIECE = 12  # bytes of a secret that are found wherever they are: 48 bits of hexadecimal digits
WORD = 8


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


def pieces(secret):
    """The beginning, the end, and what stays readable when free() has put two pointers into a buffer."""
    return {secret[at:at + PIECE] for at in (0, 16, len(secret) - PIECE) if 0 <= at <= len(secret) - PIECE}


class Search:
    """Looks for any number of secrets in one pass over the bytes."""

    def __init__(self, secrets):
        self.names = {}  # {first word of a piece: [(name, piece)]}
        for name, secret in secrets:
            assert len(secret) >= PIECE, name
            for piece in pieces(secret):
                word = int.from_bytes(piece[:WORD], "little")
                self.names.setdefault(word, []).append((name, piece))
        self.words = set(self.names)

    def of(self, data):
        """{name: piece} of what is in data."""
        found = set()
        for shift in range(WORD):
            n = (len(data) - shift) // WORD * WORD
            if n > 0:
                found |= self.words.intersection(memoryview(data)[shift:shift + n].cast("Q"))
        return {name: piece for word in found for name, piece in self.names[word] if piece in data}


def places(regions, needle):
    """Where a piece is, with what stands around it, so that its buffer can be recognized."""
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
    """{name: bytes} of the private parts of a key; of a secret that is no more than bytes, these."""
    with open(path, "rb") as f:
        text = f.read()
    if not text.startswith(b"-----BEGIN"):
        return {"the bytes": text}
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


class Load:
    """What goes through an installation, and every secret in it that can be known."""

    def __init__(self, one):
        self.one, self.server, self.key = one, one.server(), keys.rsa("secrets")
        self.by_tls = scep.Server(one.https_url)
        self.challenges, self.asked, self.renewed, self.answered = [], [], [], []
        self.issued = []

    def send(self, number, server, content_keys, **o):
        """A message of one of the ways in which it can be sent; its CertRep."""
        cek = os.urandom(16 if number % 4 == 3 else 32)
        content_keys.append(cek)
        rep = server.send(scep.Request(
            ra=server.ra, key=self.key, cipher="aes128-cbc" if len(cek) == 16 else "aes256-cbc",
            transport="oaep-sha256" if number % 3 == 2 else "pkcs1", envelope={"content_key": cek}, **o),
            "GET" if number % 7 == 6 else "POST")
        if rep.status == scep.SUCCESS:
            self.answered.append(rep.content_key)
        return rep

    def enrol(self, number):
        subject = "CN=secret%d,O=Test" % number
        challenge = self.one.challenge(subject)
        server = self.by_tls if number % 2 else self.server
        rep = self.send(number, server, self.asked, subject=subject, challenge=challenge)
        assert rep.status == scep.SUCCESS, (number, rep.fail_text)
        self.challenges.append(challenge)
        self.issued.append((subject, rep.cert))

    def fail(self, number):
        challenge = "CANARY" + os.urandom(16).hex()
        rep = self.send(number, self.server, self.asked, subject="CN=nobody,O=Test", challenge=challenge)
        assert rep.status == scep.FAILURE
        self.challenges.append(challenge)

    def renew(self, number, subject, cert):
        rep = self.send(number, self.server, self.renewed, subject=subject, signer_cert=cert,
                        message_type=scep.RENEWAL_REQ)
        assert rep.status == scep.SUCCESS, (number, rep.fail_text)

    def enrol_static(self, number):
        rep = self.send(number, self.one.server("printers"), self.asked, challenge=conftest.STATIC_SECRET,
                        subject="CN=p%d.printers.example,O=Test" % number)
        assert rep.status == scep.SUCCESS, (number, rep.fail_text)

    def secrets(self):
        """[(name, bytes)]; a name's first word is its kind."""
        kinds = {"challenge": [c.encode() for c in self.challenges], "static": [conftest.STATIC_SECRET.encode()],
                 "asked": self.asked, "renewed": self.renewed, "answered": self.answered}
        assert len(self.answered) >= COUNT + RENEWALS and len(self.renewed) == RENEWALS
        assert all(len(set(kind)) == len(kind) for kind in kinds.values())
        return [("%s %d" % (kind, n), secret) for kind, of in kinds.items() for n, secret in enumerate(of)]


@pytest.fixture(scope="module")
def busy():
    """An installation after COUNT enrolments that succeeded, bad ones and renewals among them."""
    if os.geteuid() != 0:
        pytest.skip("LOUD: not root, so the memory of the roles cannot be read: nothing was proved")
    one = system.Signet()
    try:
        one.up()
        one.stop()
        conftest.lab_config(one)
        one.start()
        one.load = load = Load(one)
        for i in range(COUNT):
            load.enrol(i)
            if i % BAD_EVERY == 0:
                load.fail(i)
            if i % (COUNT // RENEWALS) == 0:
                load.renew(i, *load.issued[i])
                load.enrol_static(i)
        # Some work in which nothing of that is: buffers that are used again are not what is tested.
        load.server.caps()
        one.memory = memory_of(one)
        yield one
    finally:
        one.remove()


def hits(memory, secrets):
    """{role: [(secret, place)]}"""
    found, search = {}, Search(secrets)
    for role, regions in memory.items():
        for region in regions:
            for name, piece in search.of(region[1]).items():
                found.setdefault(role, []).append("%s at %s" % (name, places([region], piece)[:3]))
    return found


def show(found):
    return "\n".join("%s: %d, such as\n  %s" % (role, len(what), "\n  ".join(what[:6]))
                     for role, what in found.items())


@pytest.fixture(scope="module")
def left(busy):
    """What is left of challenges and content keys in memory, all kinds."""
    return hits(busy.memory, busy.load.secrets())


def of_kind(found, kind):
    kept = {role: [h for h in what if h.startswith(kind + " ")] for role, what in found.items()}
    return {role: what for role, what in kept.items() if what}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["challenge", "static"])
def test_d6_memory__after_the_load__no_challenge_anywhere(left, kind):
    """Slow: 200 enrolments, and a search of all memory for each piece of their secrets."""
    found = of_kind(left, kind)
    assert not found, show(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["asked", "renewed", "answered"])
def test_d6_memory__after_the_load__no_content_key_anywhere(left, kind):
    """Of a request, of a renewal, which ca gets as evidence, and of an answer. Slow as the one before."""
    found = of_kind(left, kind)
    assert not found, show(found)


@pytest.mark.slow
@pytest.mark.parametrize("path", HOLDERS)
def test_d6_memory__private_keys__only_in_the_role_that_holds_them(busy, path):
    """Slow: after the 200 enrolments, when what was used for them has been everywhere."""
    found = hits(busy.memory, parameters(os.path.join(busy.data, path)).items())
    holder = found.pop(HOLDERS[path], None)
    assert holder, "the key is not even where it must be: what was looked for is wrong"
    assert not found, show(found)
    # Even there, no text of the file stays: only what OpenSSL computes with.
    assert not [h for h in holder if "PEM" in h], "the file itself stays in %s: %s" % (HOLDERS[path], holder)


@pytest.mark.slow
def test_d6_files__after_the_load__no_secret_in_any(busy):
    """Slow: after the 200 enrolments, each of which leaves something in the databases and logs."""
    known = busy.load.secrets()
    # As bytes, and in the two ways in which a log or a trace would write bytes.
    known += [(name + " in hexadecimal", secret.hex().encode()) for name, secret in known] + [
        (name + " in HEXADECIMAL", secret.hex().upper().encode()) for name, secret in known]
    # What an administrator wrote: the static secret, and the keys.
    owners = {"static 0": {os.path.join(busy.data, "static.challenge")}}
    for path in HOLDERS:
        for name, secret in parameters(os.path.join(busy.data, path)).items():
            known.append(("%s %s" % (path, name), secret))
            owners["%s %s" % (path, name)] = {os.path.join(busy.data, path)}
    search, seen, own = Search(known), 0, 0
    for path in files_of(busy):
        with open(path, "rb") as f:
            data = f.read()
        seen += 1
        for name, piece in search.of(data).items():
            assert path in owners.get(name, ()), "%s has %s: %s" % (path, name, places([("at", data)], piece))
            own += 1
    assert seen > 8
    assert own >= 1 + len(HOLDERS), "not even the files of the keys were found: what was looked for is wrong"


@pytest.mark.parametrize("shift", range(WORD))
def test_secrets__the_search_itself__finds_pieces_at_every_place(shift):
    secret, other = os.urandom(32), os.urandom(16)
    search = Search([("secret", secret), ("other", other)])
    noise = os.urandom(997)
    assert search.of(noise + bytes(shift)) == {}
    for part in (secret, secret[:PIECE], secret[16:], secret[-PIECE:]):
        assert list(search.of(noise[:shift] + part + noise)) == ["secret"], part
        assert list(search.of(noise[:shift] + part)) == ["secret"]
    assert set(search.of(other + secret)) == {"secret", "other"}
    assert search.of(secret[:WORD] + noise) == {}


def test_secrets__the_search_itself__finds_what_is_there():
    """A control: the same search finds a secret of this process."""
    secret = os.urandom(24)
    kept = bytearray(secret)
    found = hits({"self": list(readable(os.getpid()))}, [("of this process", bytes(kept))])
    assert found["self"]
