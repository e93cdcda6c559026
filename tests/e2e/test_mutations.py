# SPDX-License-Identifier: Apache-2.0
"""Every TLV of every message x {delete, empty, duplicate, wrong type, wrong length}, single-bit flips and
all messageTypes against the running server (B6, A4). Nothing dies, every answer is one of those that
may be, and a certificate comes only where the change means nothing: those are in the table NEUTRAL.

SIGNET_LONG=1 sends all; `make check` a fixed share: N/M is every M-th from the N-th."""

import os

import pytest

import der
import keys
import mutate
import scep
import system
from conftest import many_renewals

LONG = bool(os.environ.get("SIGNET_LONG"))
SHARE = os.environ.get("SIGNET_SHARE", "0/1" if LONG else "5/12")
FLIPS = "0/3" if LONG else "7/83"
KINDS = ("PKCSReq", "RenewalReq", "CertPoll", "GetCert", "GetCRL")
FLIPPED = ("PKCSReq", "RenewalReq")
FLIPS_SENT = 20000  # by the kinds together
INNER = ("csr", "public-key", "extension-0", "extension-1", "extension-2")


# Where a change means nothing: the reason, the layer, the beginnings of paths, the operations ("" is
# every one), and the message when it is one only. tests/e2e/mutate.py says what the layers are.
BER = ("length-long-form", "length-indefinite")
CERTIFICATE = (1, 0, 3, 0)
NEUTRAL = [
    ("BER with the same meaning, as iOS, Java and Windows send it, is made DER first",
     ("outer", "envelope", "certificate"), [()], BER, ""),
    ("the signer's certificate twice in SignedData.certificates: either has the same key",
     ("certificate",), [()], ("duplicate",), ""),
    ("the signer's certificate twice in SignedData.certificates: either has the same key",
     ("outer",), [CERTIFICATE], ("duplicate",), ""),
    ("of a throw-away certificate issuer, serial number and key are read, and an issuer is any name",
     ("certificate",), [(0, p) for p in (0, 2, 3, 4, 5, 7)] + [(1,), (2,)], ("",), "PKCSReq"),
    ("nothing is read after the key of a throw-away certificate",
     ("certificate",), [(0,)], ("duplicate",), "PKCSReq"),
    ("the same in a message that is not signed anew: the certificate is not in what is signed",
     ("outer",), [CERTIFICATE + (0, p) for p in (0, 2, 3, 4, 5, 7)] + [CERTIFICATE + (1,), CERTIFICATE + (2,)],
     ("",), "PKCSReq"),
    ("the same in a message that is not signed anew: nothing is read after the key",
     ("outer",), [CERTIFICATE + (0,)], ("duplicate",), "PKCSReq"),
    ("the parameters of RSA and SHA-2 may be NULL or absent (RFC 4055 2.1, 5)",
     ("certificate", "csr"), [(0, 2, 1), (0, 6, 0, 1), (1, 1), (0, 2, 0, 1)], ("delete",), ""),
    ("the parameters of RSA and SHA-2 may be NULL or absent (RFC 4055 2.1, 5)",
     ("envelope",), [(1, 0, 1, 0, 2, 1)], ("delete",), ""),
    ("the parameters of RSA and SHA-2 may be NULL or absent (RFC 4055 2.1, 5)",
     ("outer",), [(1, 0, 4, 0, 2, 1), (1, 0, 4, 0, 4, 1)], ("delete",), ""),
    ("contentType, signingTime and senderNonce are required in profile strict only",
     ("attributes",), [(1,), (2,), (3,)], ("delete",), ""),
    ("messageType and transactionID may be UTF8String, as some clients send them",
     ("attributes",), [(0, 1, 0), (5, 1, 0)], ("type-0c",), ""),
    ("contentType and signingTime decide nothing outside profile strict",
     ("attributes",), [(1,), (2,)], ("",), ""),
    ("an attribute that is not required became one that nobody knows, which is not looked at",
     ("attributes",), [(3, 0)], ("bit", "empty"), ""),
    ("versions and contentType of SignedData and SignerInfo decide nothing",
     ("outer",), [(1, 0, 0), (1, 0, 4, 0, 0), (1, 0, 2, 0)], ("",), ""),
    ("versions and contentType of EnvelopedData and its recipient decide nothing",
     ("envelope",), [(1, 0, 0), (1, 0, 1, 0, 0), (1, 0, 2, 0)], ("",), ""),
    ("names are compared without letter case (RFC 5280 7.1)",
     ("outer",), [(1, 0, 4, 0, 1, 0)], ("bit",), ""),
    ("names are compared without letter case (RFC 5280 7.1, 7.2)",
     ("csr",), [(0, 1), (0, 3, 1, 1, 0, 0, 1)], ("bit",), ""),
    ("names are compared without letter case (RFC 5280 7.2)",
     ("extension-0",), [(0,)], ("bit",), ""),
    ("alternative names are a set: one that is said twice counts once",
     ("extension-0",), [(0,), (1,)], ("duplicate",), ""),
    ("a throw-away certificate may have any serial number; the message names it as it is",
     ("certificate",), [(0, 1)], ("bit",), "PKCSReq"),
    ("another time or nonce of the right form, and another transactionID, are as good",
     ("attributes",), [(2, 1, 0), (3, 1, 0), (5, 1, 0)], ("bit",), ""),
    ("the recipient is found by the serial number when a client writes the issuer anew",
     ("envelope",), [(1, 0, 1, 0, 1, 0)], ("",), ""),
    ("digestAlgorithms is a hint for one-pass readers; SignerInfo has the one that counts",
     ("outer",), [(1, 0, 1)], ("",), ""),
    ("a challenge may be of any string type",
     ("csr",), [(0, 3, 0, 1, 0)], ("type-0c",), "PKCSReq"),
    ("usages come from the template: what the request asks for, and what of it cannot be read, is left out",
     ("csr",), [(0, 3, 1, 1, 0, 1), (0, 3, 1, 1, 0, 2)], ("",), ""),
    ("usages come from the template: what the request asks for, and what of it cannot be read, is left out",
     ("extension-1", "extension-2"), [()], ("",), ""),
    ("a challenge that is said twice counts once",
     ("csr",), [(0, 3, 0), (0, 3, 0, 1, 0)], ("duplicate",), "PKCSReq"),
    ("an extension, or a list of them, that is said twice counts once",
     ("csr",), [(0, 3, 1), (0, 3, 1, 1, 0), (0, 3, 1, 1, 0, 0)], ("duplicate",), ""),
    ("an attribute of the request that nobody knows is not looked at",
     ("csr",), [(0, 3, 0)], ("",), "RenewalReq"),
]


def explained(m):
    for why, layers, beginnings, ops, kind in NEUTRAL:
        if m.layer in layers and any(m.op.startswith(o) for o in ops) and kind in ("", m.kind) and (
                m.op in BER or any(m.path[:len(b)] == b for b in beginnings)):
            if beginnings != [()] or m.path == () or m.op in BER or m.layer.startswith("ext"):
                return why
    return None


def share(items, part):
    n, m = map(int, part.split("/"))
    return items[n % m::m]


class Run:
    """An installation, and what is the same before and after everything hostile."""

    def __init__(self, one):
        self.one = one
        self.seeds = mutate.Seeds(one)
        self.serials = set(self.seeds.serials)
        self.wire = mutate.Wire(one.server())
        self.roles = set(one.roles())
        self.accepted = {}
        self.sent = 0

    def control(self, message):
        """The message that is not changed, still good: what was refused was refused for its mutation."""
        rep = self.wire.judge(message.build(), message.kind + " control", self.seeds.key, full=True)
        assert rep and rep.status == scep.SUCCESS, "the control of %s was refused: %s" % (
            message.kind, rep and rep.fail_text)
        self.serials.add(rep.serial)

    def send(self, data, what):
        """Judge one answer; True when a certificate came."""
        self.sent += 1
        rep = self.wire.judge(data, what, self.seeds.key)
        if rep is None or rep.status == scep.FAILURE:
            return False
        if rep.status != scep.SUCCESS:
            self.wire.bad.append("%s: status %s" % (what, rep.status))
            return False
        self.serials.add(rep.serial)
        return True

    def verify(self):
        """Nothing died, every answer was allowed, and every certificate is one that was seen."""
        self.wire.close()
        print("answers: %s, asked again %d times" % (self.wire.answers, self.wire.busy))
        assert not self.wire.bad, "%d wrong answers:\n%s" % (
            len(self.wire.bad), "\n".join(self.wire.bad[:20]))
        assert set(self.one.roles()) == self.roles, "a role died:\n" + self.one.said()[-2000:]
        assert "supervisor.death" not in self.one.said(), self.one.said()[-2000:]
        self.one.stop()
        self.one.fsck()
        stored = self.one.stored()
        assert stored == {system.norm_serial(s) for s in self.serials}, "issued without an answer: %s" % (
            stored ^ {system.norm_serial(s) for s in self.serials})


@pytest.fixture
def hostile(fresh):
    return Run(fresh(many_renewals))


def test_mutants__count__at_least_ten_thousand(signet):
    seen = {(str(m)) for one in mutate.Seeds(signet).all() for m in one.mutants()}
    assert len(seen) >= 10000, len(seen)
    assert {m.split()[-1].split("-")[0] for m in seen} == set(mutate.CLASSES)


def send_all(run, message, mutants):
    """Each mutant in turn; those that gave a certificate without a reason in NEUTRAL."""
    unexplained, used = [], 0
    issuing = message.kind in ("PKCSReq", "RenewalReq")
    for n, m in enumerate(mutants):
        # Wrong requests use a challenge up, the fifth time for good.
        inner = m.layer in INNER and message.kind == "PKCSReq"
        if inner and used == 4:
            message, used = run.seeds.pkcsreq(), 0
        used += inner
        if run.send(message.mutant(m), m):
            why = explained(m)
            run.accepted[why] = run.accepted.get(why, 0) + 1
            if why is None:
                unexplained.append(str(m))
            if inner:
                message, used = run.seeds.pkcsreq(), 0
        elif issuing and n % 50 == 0 and not inner:
            run.control(message)
    if issuing:
        run.control(run.seeds.again(message.kind))
    for why, count in run.accepted.items():
        print("accepted %d: %s" % (count, why))
    return unexplained


@pytest.mark.parametrize("kind", KINDS)
def test_mutants__every_tlv__refused_or_explained(hostile, kind):
    message = next(m for m in hostile.seeds.all() if m.kind == kind)
    unexplained = send_all(hostile, message, share(list(message.mutants()), SHARE))
    hostile.verify()
    assert not unexplained, "%d certificates for what means something else:\n%s" % (
        len(unexplained), "\n".join(unexplained[:60]))


@pytest.mark.slow
@pytest.mark.parametrize("kind", FLIPPED)
def test_flips__single_bits__refused_or_explained(hostile, kind):
    """Slow: a message has more than twenty thousand bits, of which every so many is sent flipped."""
    message = next(m for m in hostile.seeds.all() if m.kind == kind)
    flips = list(message.flips())
    assert len(flips) >= 20000, len(flips)
    unexplained = send_all(hostile, message, share(flips, FLIPS))
    hostile.verify()
    print("sent %d of %d flips" % (hostile.sent, len(flips)))
    if LONG:
        assert hostile.sent >= FLIPS_SENT // len(FLIPPED), hostile.sent
    assert not unexplained, "%d certificates for what means something else:\n%s" % (
        len(unexplained), "\n".join(unexplained[:60]))


def type_values():
    """Every number, every single byte, and what reads like 17 or 19 to a careless eye."""
    for n in range(256):
        yield "number %d" % n, der.printable(str(n))
    for n in range(256):
        yield "byte 0x%02x" % n, der.tlv(der.PRINTABLE, bytes([n]))
    for text in ("", " 19", "19 ", "019", "+19", "19\0", "0x13", "1 9", "-19", "19.0", "1e1", "\u0661\u0669",
                 "275", "65555", "4294967315", "18446744073709551635", "19" * 100, "PKCSReq"):
        yield "text %.10r" % text, der.utf8(text)
    for n in (17, 19):
        yield "INTEGER %d" % n, der.integer(n)


def test_a4_message_types__all_256__only_17_and_19_issue(hostile):
    """A4, CVE-2026-30836: a type without a case in a switch must not reach issuing."""
    run, seeds, allowed, wrong = hostile, hostile.seeds, {}, []
    foreign = scep.self_signed(seeds.key, seeds.subject, issuer=der.name("CN=Elsewhere"),
                               signer=keys.rsa("other ca"))
    ours, throwaway = seeds.renewalreq(), seeds.pkcsreq()
    outside = seeds.pkcsreq()
    outside.cert = foreign
    for name, message in (("throwaway", throwaway), ("ours", ours), ("foreign", outside)):
        content = message.envelope_of(message.plain)
        for n, (what, value) in enumerate(type_values()):
            if name == "foreign" and not LONG and n % 8:
                continue
            data = message.signed(content, message.attributes(content, value))
            if run.send(data, "%s by %s" % (what, name)):
                allowed.setdefault(name, []).append(what)
    for name, whats in allowed.items():
        wrong += ["%s by %s" % (w, name) for w in whats if w not in ("number 17", "number 19")]
    assert "number 19" in allowed["throwaway"] and "number 17" in allowed["ours"]
    run.verify()
    assert not wrong, wrong
