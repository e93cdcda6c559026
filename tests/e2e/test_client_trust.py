# SPDX-License-Identifier: Apache-2.0
"""Whom `signet enroll` and `signet renew` believe and to whom they encrypt: nothing secret leaves before
the CA is checked, and of several certificates the one is taken whose key the server has."""

import json
import os
import re

import pytest

import der
import keys
import scep
import scepserver
import system
from scepdevice import SUBJECT, nothing_sent
from scepserver import CLIENT_AUTH, ago, ca, fingerprint, issue, key_usage, pem, ra

pytestmark = pytest.mark.usefixtures("signet_bin")


def setup_chain(fake, what):
    """Make the chain wrong; the refusal's words."""
    root = fake.root
    other = ca("other")
    if what == "RA of another CA":
        fake.ra = ra(other)
    elif what == "RA pretends to be of this CA":
        fake.ra = ra((root[0], other[1]))
    elif what == "expired RA":
        fake.ra = ra(root, not_before=ago(60))
    elif what == "RA of the future":
        fake.ra = ra(root, not_before=ago(-3))
    elif what == "a device's certificate as RA":
        fake.ra = ra(root, eku=(CLIENT_AUTH,))
    elif what == "a device's certificate without purposes as RA":
        fake.ra = ra(root, eku=())
    elif what == "a device's certificate for any purpose as RA":
        fake.ra = ra(root, eku=("2.5.29.37.0",))
    elif what == "RA with SHA-1":
        fake.ra = ra(root, digest="sha1")
    elif what == "expired CA":
        fake.root = ca(not_before=ago(60))
    elif what == "intermediate that is none":
        sub = ca("sub", under=root, is_ca=False)
        fake.ra = ra(sub)
        fake.chain = [fake.ra[0], sub[0], root[0]]
        return
    elif what == "expired intermediate":
        sub = ca("sub", under=root, not_before=ago(60))
        fake.ra = ra(sub)
        fake.chain = [fake.ra[0], sub[0], root[0]]
        return
    elif what == "path length":
        fake.root = root = ca(path=0)
        sub = ca("sub", under=root)
        fake.ra = ra(sub)
        fake.chain = [fake.ra[0], sub[0], root[0]]
        return
    elif what == "unknown critical extension":
        fake.ra = scepserver.issue(keys.rsa("ra"), "CN=RA", root, [
            scep.basic_constraints(False), scep.extension("1.2.3.4", der.null(), True)])
    fake.chain = [fake.ra[0], fake.root[0]]


CHAINS = {
    "RA of another CA": "no CA certificate above it is trusted",
    "RA pretends to be of this CA": "signature",
    "expired RA": "expired", "RA of the future": "valid only from",
    "a device's certificate as RA": "--ra-fingerprint",
    "a device's certificate without purposes as RA": "--ra-fingerprint",
    "a device's certificate for any purpose as RA": "--ra-fingerprint",
    "RA with SHA-1": "--legacy",
    "expired CA": "expired",
    "intermediate that is none": "its issuer is not a CA certificate",
    "expired intermediate": "no CA certificate above it is trusted",
    "path length": "no CA certificate above it is trusted",
    "unknown critical extension": "1.2.3.4",
}


@pytest.mark.parametrize("what", CHAINS)
def test_trust__bad_chain__nothing_is_sent(fake, device, what):
    setup_chain(fake, what)
    p = device.enroll(fake, rc=1, says="nothing was sent", key="never-made.pem")
    if what not in ("expired CA",):
        assert CHAINS[what] in p.stderr, p.stderr
    nothing_sent(fake)
    assert not os.path.exists(device.at("never-made.pem"))


def test_trust__wrong_fingerprint__nothing_is_sent_and_the_right_one_is_named(fake, device):
    device.enroll(fake, rc=1, pin="00" * 32, says=("fingerprint", fingerprint(fake.root[0])))
    nothing_sent(fake)


def test_trust__fingerprint_of_the_ra__refused(fake, device):
    device.enroll(fake, rc=1, pin=fingerprint(fake.ra[0]), says="not a CA certificate")
    nothing_sent(fake)


@pytest.mark.parametrize("form", [str.upper, lambda f: ":".join(re.findall("..", f)).upper()])
def test_trust__fingerprint_forms__accepted(fake, device, form):
    device.enroll(fake, pin=form(fingerprint(fake.root[0])))


@pytest.mark.parametrize("pin", ["00" * 20, "00" * 16, "zz" * 32, "00" * 33, ""])
def test_trust__not_sha256__wrong_command_line(fake, device, pin):
    device.enroll(fake, "--ca-fingerprint", pin, pin=None, rc=2, says="SHA-256")
    assert not fake.asked


@pytest.mark.parametrize("more", [(), ("--insecure-ca", "--ca-fingerprint", "00" * 32)])
def test_trust__no_or_two_pins__nothing_is_asked(fake, device, more):
    device.enroll(fake, *more, pin=None, rc=2, says="--ca-fingerprint")
    assert not fake.asked


@pytest.mark.parametrize("pinned", ["root", "sub"])
def test_trust__intermediate_ca__either_is_a_good_pin(fake, device, pinned):
    sub = ca("sub", under=fake.root, path=0)
    fake.ra, fake.issuer = ra(sub), sub
    fake.chain = [fake.ra[0], sub[0], fake.root[0]]
    device.enroll(fake, "--ca-out", device.at("ca.pem"),
                  pin=fingerprint(fake.root[0] if pinned == "root" else sub[0]))
    with open(device.at("ca.pem"), "rb") as f:
        assert f.read().startswith(pem(sub[0]))


def subtree(listed, tag, value):
    """Critical nameConstraints: 0 permits, 1 excludes."""
    return scep.extension("2.5.29.30", der.seq(der.tlv(0xa0 + listed, der.seq(der.tlv(tag, value)))), True)


BELOW = {  # a CA between root and RA, with a critical extension of RFC 5280; what is said
    "other kinds of names permitted": (subtree(0, 0x81, b".co.example"), None),
    "another organisation excluded": (subtree(1, 0xa4, der.name("O=Other")), None),
    "a policy required": (scep.extension("2.5.29.36", der.seq(der.tlv(0x80, b"\0")), True), None),
    "any policy inhibited": (scep.extension("2.5.29.54", der.integer(0), True), None),
    "the device's name excluded": (subtree(1, 0xa4, der.name(SUBJECT)), "will not verify: the name constraints"),
    "the RA's name excluded": (subtree(1, 0xa4, der.name("CN=RA,O=Fake")), "nothing was sent"),
    "broken": (scep.extension("2.5.29.30", der.null(), True), "nothing was sent"),
}


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("what", BELOW)
def test_trust__constrained_ca_below_the_pinned_one__judged_by_the_names(fake, device, what, deep):
    extension, says = BELOW[what]
    sub = issue(keys.rsa("ca sub"), "CN=sub,O=Fake", fake.root, [scep.basic_constraints(True), extension])
    low = ca("low", under=sub) if deep else sub
    fake.ra, fake.issuer = ra(low), low
    fake.chain = [fake.ra[0], low[0], sub[0], fake.root[0]]
    p = device.enroll(fake, rc=1 if says == "nothing was sent" else 0, says=says or ())
    assert says or not p.stderr, p.stderr
    if says == "nothing was sent":
        nothing_sent(fake)


@pytest.mark.parametrize("eku", [(CLIENT_AUTH,), ()])
def test_trust__ra_named_by_fingerprint__accepted_and_another_one_not(fake, device, eku):
    fake.ra = ra(fake.root, eku=eku)
    fake.chain = [fake.ra[0], fake.root[0]]
    device.enroll(fake, "--ra-fingerprint", "00" * 32, rc=1, says=fingerprint(fake.ra[0]))
    nothing_sent(fake)
    device.enroll(fake, "--ra-fingerprint", fingerprint(fake.ra[0]))


@pytest.mark.parametrize("beside", ["a device", "a device for clients", "an expired RA", "an RA of another CA"])
@pytest.mark.parametrize("at", [0, 2])
def test_trust__other_certificate_beside_the_ra__the_ra_is_encrypted_to(fake, device, beside, at):
    """Whatever comes first, and however good its key usage looks."""
    other = {"a device": lambda: ra(fake.root, "decoy", eku=()),
             "a device for clients": lambda: ra(fake.root, "decoy", eku=(CLIENT_AUTH,)),
             "an expired RA": lambda: ra(fake.root, "decoy", not_before=ago(60)),
             "an RA of another CA": lambda: ra(ca("other"), "decoy")}[beside]()
    fake.ra = ra(fake.root, usage=())
    fake.chain = [fake.ra[0], fake.root[0]]
    fake.chain.insert(at, other[0])
    device.enroll(fake)
    assert len(fake.seen) == 1  # decrypted with the key of the RA


def test_trust__ra_fingerprint__names_the_one_to_encrypt_to(fake, device):
    first = ra(fake.root, "first ra")
    fake.ra = ra(fake.root, "second ra", eku=(), usage=())
    fake.chain = [first[0], fake.ra[0], fake.root[0]]
    device.enroll(fake, "--ra-fingerprint", fingerprint(fake.ra[0]))


@pytest.mark.parametrize("pin", [(), ("--insecure-ca",)])
@pytest.mark.parametrize("chain", ["a CA alone", "another RA and a CA"])
def test_trust__ra_fingerprint_that_the_server_has_not__nothing_is_sent(fake, device, pin, chain):
    """Neither to the CA nor, where the CA is not checked, to anybody else."""
    fake.chain = [fake.root[0]] if chain == "a CA alone" else [fake.ra[0], fake.root[0]]
    device.enroll(fake, *pin, "--ra-fingerprint", "00" * 32, pin=not pin, rc=1, says=("given fingerprint", "nothing was sent"))
    nothing_sent(fake)
    if chain != "a CA alone":
        device.enroll(fake, *pin, "--ra-fingerprint", fingerprint(fake.ra[0]), pin=not pin)


@pytest.mark.parametrize("pinned", ["fingerprint", "file", "renew"])
@pytest.mark.parametrize("order", [0, 1])
def test_trust__issuing_ca_pinned_and_a_root_that_enciphers__the_issuing_ca(fake, device, pinned, order):
    """Trust flows down from what is pinned: the root above it is not believed, so not encrypted to."""
    fake.root = scepserver.issue(keys.rsa("ca root"), "CN=root,O=Fake", None, [
        scep.basic_constraints(True), scepserver.key_usage(2, 5, 6)])
    fake.ra = fake.issuer = ca("sub", under=fake.root)
    fake.chain = [fake.root[0], fake.ra[0]][::1 if order else -1]
    if pinned == "renew":
        cert, _ = scepserver.issue(keys.rsa("device"), SUBJECT, fake.issuer, [scep.basic_constraints(False)])
        device.put("cert.pem", pem(cert))
        device.renew(fake)
    elif pinned == "file":
        device.enroll(fake, "--ca-file", device.put("sub.pem", pem(fake.issuer[0])), pin=None)
    else:
        device.enroll(fake, pin=fingerprint(fake.issuer[0]))
    assert len(fake.seen) == 1


def test_trust__ra_that_does_not_say_so_and_a_ca__refused_not_the_ca(fake, device):
    """The CA's key is not the server's: what is encrypted to it nobody could read."""
    fake.ra = ra(fake.root, eku=())
    fake.chain = [fake.root[0], fake.ra[0]]
    device.enroll(fake, rc=1, says=("nothing was sent", "--ra-fingerprint " + fingerprint(fake.ra[0])))
    nothing_sent(fake)


def test_trust__ra_that_only_signs_and_another_without_purpose__refused_not_the_signing_one(fake, device):
    signing = ra(fake.root, "signing ra", usage=(0,))
    fake.ra = ra(fake.root, eku=(), usage=(2,))
    fake.chain = [signing[0], fake.ra[0], fake.root[0]]
    device.enroll(fake, rc=1, says=("nothing was sent", "--ra-fingerprint " + fingerprint(fake.ra[0])))
    nothing_sent(fake)
    device.enroll(fake, "--ra-fingerprint", fingerprint(fake.ra[0]), rc=0)


@pytest.mark.parametrize("at", [0, 1])
def test_trust__ra_that_only_signs_beside_a_ca_that_enciphers__the_ca_is_encrypted_to(fake, device, at):
    signing = ra(fake.root, usage=(0,))
    key = fake.root[1]
    fake.root = issue(key, "CN=root,O=Fake", None, [scep.basic_constraints(True), key_usage(2, 5, 6)])
    fake.issuer, fake.ra = fake.root, fake.root
    fake.chain = [fake.root[0]]
    fake.chain.insert(at, signing[0])
    fake.certrep = {"signer": signing}
    device.enroll(fake)


def test_trust__long_list_of_cas__the_ra_is_found(fake, device):
    """As a company has them: each CA with those before it, and other hierarchies."""
    other = ca("other")
    more = [ca("other", "CN=CA %d,O=Fake" % n, under=other)[0] for n in range(61)]
    fake.chain = more[:40] + [fake.ra[0]] + more[40:] + [other[0], fake.root[0]]
    device.enroll(fake)
    device.enroll(fake, "--ca-file", device.put("all.pem", pem(*fake.chain)), pin=None, key="b.key", out="b.pem")
    fake.chain += [ca("other", "CN=One more,O=Fake", under=other)[0]]
    device.enroll(fake, rc=1, says="at most 64", key="c.key", out="c.pem")


def test_getcacert__certificate_like_the_ras_without_its_purpose__the_ra_is_named(fake):
    fake.chain = [ra(fake.root, "decoy", eku=())[0], fake.ra[0], fake.root[0]]
    shown = json.loads(system.run(system.BIN, "getcacert", fake.url, "--json").stdout)["certificates"]
    assert [c["recipient"] for c in shown] == [False, True, False]


@pytest.mark.parametrize("o", [{"usage": (2,)}, {"usage": ()}])
def test_trust__other_ras_of_the_field__accepted(fake, device, o):
    fake.ra = ra(fake.root, **o)
    fake.chain = [fake.ra[0], fake.root[0]]
    device.enroll(fake)


def test_trust__two_ras_as_ndes__both_known(fake, device):
    signing = ra(fake.root, "signing ra", usage=(0,))
    fake.chain = [signing[0], fake.ra[0], fake.root[0]]
    fake.certrep = {"signer": signing}
    device.enroll(fake)


def test_trust__ca_alone__raw_certificate(fake, device):
    fake.root = fake.ra = fake.issuer = scepserver.issue(
        keys.rsa("ca root"), "CN=only,O=Fake", None, [scep.basic_constraints(True)])
    fake.chain = [fake.root[0]]
    device.enroll(fake)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("pin", ["root", "sub", "root in a file", "sub in a file"])
def test_trust__issuing_ca_and_root_without_ra__the_issuing_ca_is_used(fake, device, pin, order):
    """Whatever is pinned, and in which order they come; its renewal goes there, too."""
    sub = ca("sub", under=fake.root, path=0)
    fake.ra = fake.issuer = sub
    fake.chain = [(sub, fake.root)[n][0] for n in order]
    pinned = fake.root[0] if "root" in pin else sub[0]
    if "file" in pin:
        device.enroll(fake, "--ca-file", device.put("roots.pem", pem(pinned)), pin=None)
    else:
        device.enroll(fake, pin=fingerprint(pinned))
    device.renew(fake)
    assert len(fake.seen) == 2


def test_getcacert__captured_answer_without_ra__the_issuing_ca_is_named(fake):
    """Issuing CA and root in DER's order, the root first, both with keyEncipherment."""
    with open(os.path.join(os.path.dirname(__file__), "../cases/getcacert-ca-root-no-ra.der"), "rb") as f:
        fake.cert_answer = (200, "application/x-x509-ca-ra-cert", f.read())
    shown = json.loads(system.run(system.BIN, "getcacert", fake.url, "--json").stdout)["certificates"]
    assert [(c["subject"], c["recipient"]) for c in shown] == [("CN=UCM Root", False), ("CN=UCM CA, O=UCM", True)]


@pytest.mark.parametrize("usages", [((0, 2, 5, 6), (0, 2, 5, 6)), ((5, 6), (0, 2, 5, 6)), ((), ()), ((), (5, 6)),
                                    ((0, 2, 5, 6), ())])
@pytest.mark.parametrize("pinned", ["root", "issuing", "root in a file", "issuing in a file", "both in a file", "renew"])
def test_trust__ca_and_root_without_ra__the_issuing_ca_is_asked(fake, device, pinned, usages):
    """By the key usages that such servers have, and whatever is pinned."""
    def one(who, usage, under=None):
        extensions = [scep.basic_constraints(True)] + ([scepserver.key_usage(*usage)] if usage else [])
        return scepserver.issue(keys.rsa("ca " + who), "CN=" + who, under, extensions)

    fake.root = one("root", usages[0])
    fake.ra = fake.issuer = one("sub", usages[1], fake.root)
    fake.chain = [fake.root[0], fake.ra[0]]
    root, issuing = fake.chain
    if pinned == "renew":
        cert, _ = scepserver.issue(keys.rsa("device"), SUBJECT, fake.issuer, [scep.basic_constraints(False)])
        device.put("cert.pem", pem(cert))
        device.renew(fake)
    elif "file" in pinned:
        chosen = {"root": [root], "issu": [issuing], "both": [root, issuing]}[pinned[:4]]
        device.enroll(fake, "--ca-file", device.put("ca.pem", pem(*chosen)), pin=None)
    else:
        device.enroll(fake, pin=fingerprint(root if pinned == "root" else issuing))
    assert len(fake.seen) == 1  # decrypted with the key of the issuing CA


def test_getcacert__issuing_ca_without_rsa__says_that_nothing_can_be_encrypted(fake):
    setup_pin(fake, "issuing CA of EC")
    p = system.run(system.BIN, "getcacert", fake.url, "--json")
    shown = json.loads(p.stdout)
    assert not any(c["recipient"] for c in shown["certificates"])
    assert "requests can be encrypted to none of them: the CA 'CN=ec' that issues has no RSA key" in shown["warnings"][0]


def setup_pin(fake, what):
    """The pinned certificate."""
    only = {"no CA": {"is_ca": False}, "expired": {"not_before": ago(60)}, "of the future": {"not_before": ago(-3)}}
    if what in only:
        fake.root = fake.ra = ca(**only[what])
        fake.chain = [fake.root[0]]
    elif what == "without basicConstraints":
        fake.root = scepserver.issue(keys.rsa("ca root"), "CN=bare", None, [scepserver.key_usage(2, 5)])
        fake.chain = [fake.root[0]]
    elif what == "no keyCertSign":
        fake.root = scepserver.issue(keys.rsa("ca root"), "CN=weak", None, [
            scep.basic_constraints(True), scepserver.key_usage(0, 2, 6)])
        fake.chain = [fake.root[0]]
    elif what == "path length":
        fake.root = ca(path=0)
        fake.chain = [fake.root[0], ca("sub", under=fake.root)[0]]
    elif what == "another name":
        fake.chain = [ra(ca("other"))[0], fake.root[0]]
    elif what == "another key":
        fake.chain = [ra((fake.root[0], keys.rsa("ca other")))[0], fake.root[0]]
    elif what == "issuing CA of EC":
        key = keys.p256("ec ca")
        sub, _ = scepserver.issue(key, "CN=ec", fake.root, [scep.basic_constraints(True), scepserver.key_usage(5, 6)])
        fake.chain = [fake.root[0], sub]
    return fake.root[0]


PINS = {
    "no CA": ("basicConstraints says that it is no CA", "pin the CA that issued it"),
    "without basicConstraints": ("it has no basicConstraints", "pin the CA that issued it"),
    "no keyCertSign": ("key usage lacks keyCertSign (it has digitalSignature, keyEncipherment, cRLSign)",
                       "keyCertSign in the key usage"),
    "path length": ("path length allows no CA below", "pin the CA that issues"),
    "expired": ("cannot be used: it expired", "date -u"),
    "of the future": ("cannot be used: it is valid only from", "date -u"),
    "another name": ("'CN=other, O=Fake' is neither sent by the server nor pinned",),
    "another key": ("signature",),
    "issuing CA of EC": ("the CA 'CN=ec' that issues has no RSA key", "--ra-fingerprint"),
}


@pytest.mark.parametrize("how", ["fingerprint", "file"])
@pytest.mark.parametrize("what", PINS)
def test_trust__pinned_ca_that_cannot_be_one__said_before_anything_leaves(fake, device, what, how):
    pinned = setup_pin(fake, what)
    if how == "file":
        p = device.enroll(fake, "--ca-file", device.put("ca.pem", pem(pinned)), pin=None, rc=1)
    else:
        p = device.enroll(fake, rc=1)
    nothing_sent(fake)
    assert "nothing was sent" in p.stderr
    for text in PINS[what]:
        assert text in p.stderr, p.stderr
    assert "getcacert" not in p.stderr


def test_trust__root_with_critical_constraints__pinned_is_trusted(fake, device):
    """An anchor is a name and a key: its extensions are for those who issue below it."""
    names = der.seq(der.implicit(0, der.seq(der.tlv(0x82, b"example"))))
    fake.root = fake.issuer = scepserver.issue(keys.rsa("ca root"), "CN=root,O=Fake", None, [
        scep.basic_constraints(True), scepserver.key_usage(5, 6), scep.extension("2.5.29.30", names, True)])
    fake.ra = ra(fake.root)
    fake.chain = [fake.ra[0], fake.root[0]]
    device.enroll(fake)


def test_trust__root_of_version_1__the_ca_below_is_asked(fake, device):
    fake.root = scep.self_signed(keys.rsa("ca root"), "CN=old root", version=0), keys.rsa("ca root")
    fake.ra = fake.issuer = ca("sub", under=fake.root)
    fake.chain = [fake.root[0], fake.ra[0]]
    device.enroll(fake)
    assert len(fake.seen) == 1


def test_trust__two_hierarchies_without_ra__the_pinned_one_is_asked(fake, device):
    other = ca("other")
    fake.ra = fake.issuer = ca("sub", under=fake.root)
    fake.chain = [ca("other sub", under=other)[0], other[0], fake.ra[0], fake.root[0]]
    device.enroll(fake)
    fake.chain.reverse()
    device.enroll(fake, out="again.pem")
    assert len(fake.seen) == 2


def test_trust__file_of_getcacert__may_be_the_pin(fake, device):
    system.run(system.BIN, "getcacert", fake.url, "--out", device.at("ca.pem"))
    device.enroll(fake, "--ca-file", device.at("ca.pem"), pin=None)


def test_trust__ra_by_cmc__accepted(fake, device):
    fake.ra = ra(fake.root, eku=("1.3.6.1.5.5.7.3.28",))
    fake.chain = [fake.ra[0], fake.root[0]]
    device.enroll(fake)


def test_trust__ca_file__root_that_the_server_does_not_send(fake, device):
    fake.chain = [fake.ra[0]]
    path = device.put("roots.pem", pem(ca("other")[0], fake.root[0]))
    device.enroll(fake, "--ca-file", path, pin=None)


def test_trust__ca_file_of_another_ca__nothing_is_sent(fake, device):
    path = device.put("roots.pem", pem(ca("other")[0]))
    device.enroll(fake, "--ca-file", path, pin=None, rc=1, says="nothing was sent")
    nothing_sent(fake)


def test_trust__insecure__works_and_says_what_it_means(fake, device):
    device.enroll(fake, "--insecure-ca", pin=None, says=("warning", "challenge", fingerprint(fake.ra[0])))


def test_trust__no_rsa__says_so(fake, device):
    cert = scep.self_signed(keys.p256("ec ca"), "CN=ec", extensions=[scep.basic_constraints(True)])
    fake.chain = [cert]
    device.enroll(fake, pin=fingerprint(cert), rc=1, says="RSA")
    nothing_sent(fake)


@pytest.mark.parametrize("body", [b"", b"<html>", b"0\x82\xff\xff", b"\x30\x00", b"x" * 300000],
                         ids=("empty", "web page", "cut", "empty sequence", "too large"))
def test_trust__no_certificates__refused(fake, device, body):
    fake.cert_answer = (200, "text/html", body)
    p = device.enroll(fake, rc=1)
    assert "GetCACert" in p.stderr or "larger" in p.stderr
    nothing_sent(fake)
