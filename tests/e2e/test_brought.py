# SPDX-License-Identifier: Apache-2.0
"""A CA that an administrator brought along: what makes its certificates unusable is said before the
first device, and what is merely missing is accepted. The oracle is `openssl verify`: what is warned
of does not verify there, and what is accepted does."""

import datetime
import ipaddress
import os
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

import keys
import scep
import system

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)
CLIENT, SERVER, ANY = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH,
                       ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
SECRET = "a-secret-of-all-kiosks-1"
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")


def name(text):
    return x509.Name.from_rfc4514_string(text)


def usage(*words):
    return x509.KeyUsage(**{u: u in words for u in USAGES})


def certificate(subject, key, issuer, by, *, basic=(True, None), ku=("key_cert_sign", "crl_sign"), eku=None,
                names=None, names_critical=True, begin=-DAY, end=3650 * DAY, ski=True, aki=None,
                sha=hashes.SHA256(), more=()):
    b = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
    b = b.public_key(key.public_key()).serial_number(x509.random_serial_number())
    b = b.not_valid_before(NOW + begin).not_valid_after(NOW + end)
    if basic:
        b = b.add_extension(x509.BasicConstraints(*basic), True)
    if ku:
        b = b.add_extension(usage(*ku), True)
    if eku:
        b = b.add_extension(x509.ExtendedKeyUsage(eku), False)
    if names:
        b = b.add_extension(x509.NameConstraints(*names), names_critical)
    if ski:
        b = b.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    if aki:
        b = b.add_extension(x509.AuthorityKeyIdentifier(aki, None, None), False)
    for ext, critical in more:
        b = b.add_extension(ext, critical)
    return b.sign(by, sha)


def pem(cert):
    return cert.public_bytes(serialization.Encoding.PEM)


class Brought:
    """The files of an installation, which is stopped, and what openssl says of a device below."""

    def __init__(self, one):
        self.one = one
        with open(self.path("ca/ca.key"), "rb") as f:
            self.key = serialization.load_pem_private_key(f.read(), None)
        self.root_key = keys.p256("brought-root")
        self.good = {n: self.read(n) for n in ("ca/ca.pem", "ra/ra.pem", "signet.yaml")}

    def path(self, of):
        return os.path.join(self.one.data, of)

    def read(self, of):
        with open(self.path(of), "rb") as f:
            return f.read()

    def write(self, of, data):
        with open(self.path(of), "wb") as f:
            f.write(data)

    def restore(self):
        for of, data in self.good.items():
            self.write(of, data)

    def root(self, **o):
        return certificate("CN=Root,O=Test", self.root_key, "CN=Root,O=Test", self.root_key, **o)

    def issuing(self, root=True, subject="CN=Brought CA,O=Test", **o):
        issuer, by = ("CN=Root,O=Test", self.root_key) if root else (subject, self.key)
        return certificate(subject, self.key, issuer, by, **o)

    def bring(self, ca, chain=()):
        """The CA, and an RA below it, so that nothing is said of that."""
        self.write("ca/ca.pem", pem(ca))
        if os.path.exists(self.path("pub/ca.crl")):
            os.unlink(self.path("pub/ca.crl"))  # of another certificate
        with open(self.path("ra/ra.key"), "rb") as f:
            ra = serialization.load_pem_private_key(f.read(), None)
        self.write("ra/ra.pem", pem(certificate(
            "CN=RA,O=Test", ra, ca.subject.rfc4514_string(), self.key, basic=(False, None), end=300 * DAY,
            ku=("digital_signature", "key_encipherment"))))
        for n, cert in enumerate(chain):
            self.write("ca/chain%d.pem" % n, pem(cert))
        if chain:
            files = ", ".join("ca/chain%d.pem" % n for n in range(len(chain)))
            self.one.configure(lambda t: re.sub(r"(?m)^ca:$", "ca:\n  chain: [%s]" % files,
                                                re.sub(r"(?m)^  chain: .*\n", "", t), count=1))

    def list_as_pem(self):
        system.wait_for("the list", lambda: os.path.exists(self.path("pub/ca.crl")))
        system.run("openssl", "crl", "-inform", "DER", "-in", self.path("pub/ca.crl"), "-out", self.path("list.pem"))

    def check(self):
        return self.one.cli("check", check=False)

    def verify(self, ca, chain=(), subject="CN=x.dev.example,O=Test", sans=(), flags=("-purpose", "sslclient"),
               by=None):
        """Does a device's certificate, as the template gives it, verify at openssl?"""
        device = certificate(subject, keys.p256("brought-device"), ca.subject.rfc4514_string(), by or self.key,
                             basic=(False, None), ku=("digital_signature",), eku=[CLIENT], end=30 * DAY,
                             more=[(x509.SubjectAlternativeName(sans), False)] if sans else ())
        return self.openssl(pem(device), ca, chain, flags)

    def openssl(self, device, ca, chain=(), flags=("-purpose", "sslclient")):
        self.write("device.pem", device)
        self.write("anchor.pem", pem(chain[-1] if chain else ca))
        self.write("between.pem", b"".join(pem(c) for c in (ca, *chain[:-1])))
        p = system.run("openssl", "verify", "-CAfile", self.path("anchor.pem"), "-untrusted",
                       self.path("between.pem"), *flags, self.path("device.pem"), check=False)
        return p.returncode == 0, p.stdout + p.stderr


@pytest.fixture(scope="module")
def installation():
    with system.installed(ca_key="p256") as one:
        one.stop()
        with open(os.path.join(one.data, "keys/kiosk"), "w") as f:
            f.write(SECRET + "\n")
        os.chmod(os.path.join(one.data, "keys/kiosk"), 0o600)
        yield one


@pytest.fixture
def brought(installation):
    b = Brought(installation)
    yield b
    installation.stop()
    b.restore()


def warned(p):
    return re.findall(r"(?m)^\S+:\d+: warning: '([^']+)': (.*)$", p.stdout)


DNS = x509.DNSName
HARMLESS = {
    "as it should be": {}, "no key usage": dict(ku=None), "no key identifier": dict(ski=False),
    "neither": dict(ku=None, ski=False), "pathlen of 0": dict(basic=(True, 0)),
    "purposes that have the template's": dict(eku=[SERVER, CLIENT]),
    "permitted names are the endpoint's": dict(names=([DNS("dev.example")], None)),
    "more key usages": dict(ku=("key_cert_sign", "crl_sign", "digital_signature", "key_encipherment")),
}


def static_only(text):
    """One endpoint, whose names are known before: x.dev.example."""
    text = re.sub(r"(?ms)^endpoints:.*", "endpoints:\n", text)
    return text.rstrip() + """
  default:
    policy: static
    template: client
    challenge-file: keys/kiosk
    subjects: ["CN=*.dev.example, O=Test"]
    sans: ["dns:*.dev.example"]
"""


@pytest.mark.parametrize("what", sorted(HARMLESS))
def test_check__harmless__accepted_and_it_verifies(brought, what):
    brought.one.configure(static_only)
    ca = brought.issuing(root=False, **HARMLESS[what])
    brought.bring(ca)
    p = brought.check()
    assert p.returncode == 0 and not warned(p), p.stdout + p.stderr
    ok, said = brought.verify(ca, sans=[DNS("x.dev.example")])
    assert ok, said


UNFIT = {
    "purpose of servers": (dict(eku=[SERVER]), "fitness.eku", "clientAuth"),
    "any purpose alone": (dict(eku=[ANY]), "fitness.eku", "clientAuth"),
    "other names permitted": (dict(names=([DNS("other.example")], None)), "fitness.names", "x.dev.example"),
    "names excluded": (dict(names=(None, [DNS("dev.example")])), "fitness.names", "x.dev.example"),
    "another organisation": (dict(names=([x509.DirectoryName(name(n)) for n in ("O=Other", "CN=RA,O=Test")], None)),
                             "fitness.names", "O=Test"),
    "a critical extension": (dict(more=[(x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
                                         True)]), "fitness.critical", "1.2.3.4"),
    "ended": (dict(begin=-9 * DAY, end=-DAY), "fitness.dates", "renewed"),
    "not begun": (dict(begin=DAY, end=900 * DAY), "fitness.dates", "clock"),
}


@pytest.mark.parametrize("what", sorted(UNFIT))
def test_check__unfit__a_warning_and_it_does_not_verify(brought, what):
    options, rule, word = UNFIT[what]
    brought.one.configure(static_only)
    ca = brought.issuing(root=False, **options)
    brought.bring(ca)
    p = brought.check()
    told = warned(p)
    assert p.returncode == 0 and told and all(option == "ca.certificate" for option, _ in told), p.stdout
    assert any(word in text for _, text in told), told
    ok, said = brought.verify(ca, sans=[DNS("x.dev.example")])
    assert not ok, said
    brought.one.start()
    assert re.search(r" ca warning %s 'ca.certificate': " % re.escape(rule), brought.one.said())


def test_check__ends_before_what_it_issues__said(brought):
    brought.bring(brought.issuing(root=False, end=90 * DAY))
    told = warned(brought.check())
    assert len(told) == 1 and "before a certificate of template 'client' would" in told[0][1], told


def test_check__no_crl_sign__a_warning_and_its_list_does_not_verify(brought):
    ca = brought.issuing(root=False, ku=("key_cert_sign",))
    brought.bring(ca)
    assert ["cRLSign" in text for _, text in warned(brought.check())] == [True]
    brought.one.start()
    assert brought.verify(ca)[0], "certificates verify"
    brought.list_as_pem()
    ok, said = brought.verify(ca, flags=("-crl_check", "-CRLfile", brought.path("list.pem")))
    assert not ok and "key usage does not include CRL signing" in said, said


@pytest.mark.parametrize("what,options,word", [
    ("no CA", dict(basic=(False, None)), "CA:FALSE"),
    ("no basicConstraints", dict(basic=None), "no basicConstraints"),
    ("no keyCertSign", dict(ku=("crl_sign",)), "keyCertSign")])
def test_start__nothing_could_verify__refused_with_the_remedy(brought, what, options, word):
    ca = brought.issuing(**options)
    chain = [brought.root()]
    brought.bring(ca, chain)
    ok, said = brought.verify(ca, chain)
    assert not ok, said
    check, run = brought.check(), brought.one.cli("run", check=False, timeout=20)
    for p in (check, run):
        lines = [li for li in (p.stdout + p.stderr).splitlines() if "'ca.certificate': " in li]
        assert p.returncode == 1 and lines, p.stdout + p.stderr
        assert word in lines[0] and "issued again" in lines[0] and lines[0].startswith(brought.one.conf + ":"), lines


@pytest.mark.parametrize("kind", ["RSA of 1024 bits", "Ed25519", "secp256k1", "encrypted"])
def test_start__key_that_cannot_be_used__refused_with_the_remedy(brought, kind):
    key = {"RSA of 1024 bits": lambda: rsa.generate_private_key(65537, 1024), "Ed25519": ed25519.Ed25519PrivateKey.generate,
           "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()), "encrypted": lambda: brought.key}[kind]()
    locked = serialization.BestAvailableEncryption(b"x") if kind == "encrypted" else serialization.NoEncryption()
    good = brought.read("ca/ca.key")
    brought.write("ca/ca.pem", pem(certificate("CN=K", key, "CN=K", key,
                                               sha=None if kind == "Ed25519" else hashes.SHA256())))
    brought.write("ca/ca.key", key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    try:
        check, run = brought.check(), brought.one.cli("run", check=False, timeout=20)
    finally:
        brought.write("ca/ca.key", good)
    remedy = "openssl pkey" if kind == "encrypted" else "make a CA with a key of"
    for p in (check, run):
        out = p.stdout + p.stderr
        assert p.returncode == 1 and re.search(r"signet.yaml:\d+: 'ca\..*%s" % remedy, out), out


# ---- what is above it -----------------------------------------------------------------------

def mid(b, **o):
    return certificate("CN=Mid,O=Test", keys.p256("brought-mid"), "CN=Root,O=Test", b.root_key, **o)


def below_mid(b, **o):
    return certificate("CN=Brought CA,O=Test", b.key, "CN=Mid,O=Test", keys.p256("brought-mid"), **o)


FATAL = {
    "pathlen of the root": lambda b: (b.issuing(), [b.root(basic=(True, 0))]),
    "pathlen of the root, two below": lambda b: (below_mid(b), [mid(b), b.root(basic=(True, 1))]),
    "pathlen in between": lambda b: (below_mid(b), [mid(b, basic=(True, 0)), b.root()]),
    "no CA in between": lambda b: (below_mid(b), [mid(b, basic=(False, None)), b.root()]),
    "no keyCertSign in between": lambda b: (below_mid(b), [mid(b, ku=("digital_signature",)), b.root()]),
    "name of the CA excluded": lambda b: (
        b.issuing(subject="CN=Brought CA,O=Else"), [b.root(names=([x509.DirectoryName(name("O=Test"))], None))]),
}


@pytest.mark.parametrize("what", sorted(FATAL))
def test_start__chain_that_forbids_the_ca__refused_with_the_remedy(brought, what):
    ca, chain = FATAL[what](brought)
    brought.bring(ca, chain)
    ok, said = brought.verify(ca, chain)
    assert not ok, said
    check, run = brought.check(), brought.one.cli("run", check=False, timeout=20)
    for p in (check, run):
        out = p.stdout + p.stderr
        assert p.returncode == 1 and re.search(r":\d+: 'ca\.chain\[\d\]': .*issued again", out), out
        assert "no certificate" in out


ABOVE = {
    "the right order": (lambda b: (below_mid(b), [mid(b), b.root()]), None, True),
    "room for one": (lambda b: (b.issuing(), [b.root(basic=(True, 1))]), None, True),
    "the middle alone": (lambda b: (below_mid(b), [mid(b)]), None, None),
    "a root without usage and identifier": (lambda b: (b.issuing(), [b.root(ku=None, ski=False)]), None, True),
    "middle for servers": (lambda b: (below_mid(b), [mid(b, eku=[SERVER]), b.root()]), "clientAuth", False),
    "middle has ended": (lambda b: (below_mid(b), [mid(b, begin=-9 * DAY, end=-DAY), b.root()]), "ended", False),
    "another root of the name": (
        lambda b: (b.issuing(), [certificate("CN=Root,O=Test", keys.p256("brought-other"), "CN=Root,O=Test",
                                             keys.p256("brought-other"))]), "its key did not sign", False),
    "a root of others": (
        lambda b: (b.issuing(), [certificate("CN=Other", keys.p256("brought-other"), "CN=Other",
                                             keys.p256("brought-other"))]), "did not issue", False),
    "key identifiers differ": (
        lambda b: (b.issuing(aki=b"\1\2\3"), [b.root()]), "authorityKeyIdentifier", False),
    "the wrong order": (lambda b: (below_mid(b), [b.root(), mid(b)]), "belongs at place 0", None),
    "itself": (lambda b: ((lambda ca: (ca, [ca, b.root()]))(b.issuing())), "ca.certificate itself", None),
    "twice": (lambda b: ((lambda r: (b.issuing(), [r, r]))(b.root())), "twice", None),
    "a root that ends soon": (lambda b: (b.issuing(), [b.root(end=90 * DAY)]), "before a certificate of template", True),
    "above the root": (lambda b: (b.issuing(), [b.root(), mid(b)]), "none of the certificates below", None),
}


@pytest.mark.parametrize("what", sorted(ABOVE))
def test_check__chain__warned_of_where_it_does_not_verify(brought, what):
    make, word, verifies = ABOVE[what]
    ca, chain = make(brought)
    brought.bring(ca, chain)
    p = brought.check()
    told = warned(p)
    assert p.returncode == 0, p.stdout + p.stderr
    assert any(word in text for _, text in told) if word else not told, p.stdout
    if verifies is not None:
        ok, said = brought.verify(ca, chain)
        assert ok == verifies, said


def test_check__version_1_root__accepted_and_it_verifies(brought):
    """It says nothing of what it may do, and is trusted by its key."""
    ca = brought.issuing()
    brought.write("root.key", keys.pem(brought.root_key))
    os.chmod(brought.path("root.key"), 0o600)
    system.run("openssl", "req", "-new", "-key", brought.path("root.key"), "-subj", "/O=Test/CN=Root", "-out",
               brought.path("root.csr"))
    system.run("openssl", "x509", "-req", "-in", brought.path("root.csr"), "-signkey", brought.path("root.key"),
               "-days", "999", "-out", brought.path("root.pem"))
    root = x509.load_pem_x509_certificate(brought.read("root.pem"))
    assert root.version == x509.Version.v1
    brought.bring(ca, [root])
    p = brought.check()
    assert p.returncode == 0 and not warned(p), p.stdout + p.stderr
    ok, said = brought.verify(ca, [root])
    assert ok, said


# ---- the RA ---------------------------------------------------------------------------------

@pytest.mark.parametrize("what,word", [
    ("no keyEncipherment", "no keyEncipherment"), ("of another CA", "not issued by"), ("ended", "it ended at"),
    ("excluded by the CA", "exclude its name (CN=RA)"), ("from before another key identifier", "issued again with the old"),
    ("as it should be", None)])
def test_check__ra__said(brought, what, word):
    named = (None, [x509.DirectoryName(name("CN=RA"))]) if what == "excluded by the CA" else None
    ca = brought.issuing(root=False, names=named)
    brought.bring(ca)
    if named:
        brought.one.configure(static_only)
    with open(brought.path("ra/ra.key"), "rb") as f:
        key = serialization.load_pem_private_key(f.read(), None)
    ku = ("digital_signature",) if what == "no keyEncipherment" else ("digital_signature", "key_encipherment")
    by = brought.root_key if what == "of another CA" else brought.key
    end = -DAY if what == "ended" else DAY
    aki = b"\1\2\3" if what == "from before another key identifier" else None
    brought.write("ra/ra.pem", pem(certificate("CN=RA", key, ca.subject.rfc4514_string(), by, begin=-9 * DAY,
                                               basic=(False, None), ku=ku, end=end, aki=aki)))
    p = brought.check()
    told = warned(p)
    assert p.returncode == 0 and [option for option, _ in told] == (["ra.certificate"] if word else []), p.stdout
    assert word is None or word in told[0][1]


@pytest.mark.parametrize("of", ["ca/ca.pem", "ra/ra.pem", "ca/chain0.pem"])
def test_check__second_certificate_in_a_file__said(brought, of):
    """As in a fullchain.pem, which other programs want."""
    option = {"ca/ca.pem": "ca.certificate", "ra/ra.pem": "ra.certificate", "ca/chain0.pem": "ca.chain[0]"}[of]
    brought.bring(brought.issuing(), [brought.root()])
    brought.write(of, brought.read(of) + pem(brought.root()) + pem(brought.root()))
    p = brought.check()
    told = warned(p)
    assert p.returncode == 0 and [o for o, _ in told] == [option] and "2 more are not" in told[0][1], p.stdout
    assert ("ca.chain" if of.startswith("ca/") else "remove them") in told[0][1]
    brought.one.start()
    assert brought.one.said().count("warning fitness.file '%s': " % option) == 1, brought.one.said()


def test_up__ra_that_was_removed__made_again(brought):
    """What the refusals of an RA certificate advise."""
    brought.bring(brought.issuing(root=False))
    for of in ("ra/ra.pem", "ra/ra.key"):
        os.rename(brought.path(of), brought.path(of + ".old"))
    try:
        p = brought.check()
        assert p.returncode == 1 and p.stdout.count("signet up makes it") == 2, p.stdout
        brought.one.up()
        ra = x509.load_pem_x509_certificate(brought.read("ra/ra.pem"))
        assert ra.issuer == name("CN=Brought CA,O=Test") and not warned(brought.check())
        brought.one._servers.clear()
        brought.one.enrol("CN=after-another-ra,O=Test")
    finally:
        brought.one.stop()
        for of in ("ra/ra.pem", "ra/ra.key"):
            os.rename(brought.path(of + ".old"), brought.path(of))
        brought.one._servers.clear()


def test_start__ca_of_the_same_key_with_another_name__said(brought):
    brought.bring(brought.issuing(root=False))
    brought.one._servers.clear()
    brought.one.start()
    brought.one.enrol("CN=before-another-name,O=Test")
    brought.one.stop()
    brought.bring(brought.issuing(root=False, subject="CN=Renamed CA,O=Test"))
    brought.one.start()
    assert re.search(r"warning issuer.renamed 'ca.certificate': .*'O=Test, CN=Renamed CA'", brought.one.said())


# ---- names that nobody knows before ------------------------------------------------------------

def test_check__names_of_challenges__the_constraints_are_said(brought):
    names = ([DNS("dev.example"), x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))], None)
    brought.bring(brought.issuing(root=False, names=names))
    told = warned(brought.check())
    assert len(told) == 1, told
    assert "only dns:dev.example, ip:192.0.2.0/255.255.255.0" in told[0][1] and "challenges" in told[0][1]


@pytest.mark.parametrize("critical", [True, False])
def test_challenge__excluded_name__not_made_where_no_verifier_may_accept_it(brought, critical):
    brought.bring(brought.issuing(root=False, names=([DNS("dev.example")], None), names_critical=critical))
    brought.one.start()
    assert brought.one.challenge("CN=x", ["dns:a.dev.example"])
    args = ("challenge", "new", "--subject", "CN=x", "--san", "dns:a.example")
    p = brought.one.cli(*args, check=False)
    assert p.returncode == (2 if critical else 0), p.stdout + p.stderr
    if critical:
        assert "exclude dns:a.example (only dns:dev.example)" in p.stderr and not p.stdout, p.stderr


# ---- with a device ----------------------------------------------------------------------------

@pytest.mark.parametrize("what", ["no key usage", "no key identifier", "neither"])
def test_enrol__below_a_plain_ca__verifies(brought, what):
    """The list, too; and once more when the CA's certificate is made again with a key identifier."""
    ca = brought.issuing(root=False, **HARMLESS[what])
    brought.bring(ca)
    brought.one._servers.clear()
    brought.one.start()
    _, rep = brought.one.enrol("CN=%s,O=Test" % what.replace(" ", "-"))
    cert = x509.load_der_x509_certificate(scep.as_der(rep.certs[0]))
    brought.list_as_pem()
    again = brought.issuing(root=False)
    for one in (ca, again):
        ok, said = brought.openssl(pem(cert), one, flags=("-purpose", "sslclient", "-crl_check", "-CRLfile",
                                                          brought.path("list.pem")))
        assert ok, said
    ski = x509.SubjectKeyIdentifier.from_public_key(brought.key.public_key()).digest
    assert cert.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == ski


def test_up__with_a_ca_that_lies_there__used_and_said_before_ready(work):
    """The way of docs/operating.md: key and certificate first, then `signet up`."""
    one = system.Signet(path=os.path.join(work, "own"))
    key = keys.p256("brought-own")
    os.makedirs(os.path.join(one.data, "ca"), mode=0o755)
    cert = certificate("CN=Own CA,O=Test", key, "CN=Own CA,O=Test", key, eku=[SERVER], ku=None, ski=False)
    for of, data in (("ca/ca.pem", pem(cert)), ("ca/ca.key", keys.pem(key))):
        with open(os.path.join(one.data, of), "wb") as f:
            f.write(data)
    os.chmod(os.path.join(one.data, "ca/ca.key"), 0o600)
    try:
        one.up()
        said = one.said()
        assert re.search(r" ca warning fitness.eku 'ca.certificate': .*clientAuth", said), said
        assert said.index("fitness.eku") < said.index("ready"), "before the first device"
        _, rep = one.enrol("CN=own-1,O=Test")
        issued = x509.load_der_x509_certificate(scep.as_der(rep.certs[0]))
        assert issued.issuer == cert.subject
    finally:
        one.remove()
