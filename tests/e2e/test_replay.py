# SPDX-License-Identifier: Apache-2.0
"""Messages that real clients sent to another server, sent again in their order to an endpoint whose
RA and CA key is that server's: the certificates that it issued are entered as our records, its time
is the clock, and the outcomes are those of our rules for idempotency and renewals."""

import glob
import os
import re

import pytest
from asn1crypto import cms
from asn1crypto import csr as asn1csr
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (Encoding, PublicFormat,
                                                          load_pem_private_key)

import der
import scep
import system

CAPTURED_AT = "@2026-11-20 12:02:30"
SUBJECTS = ["CN=cm-jscep, O=Peer Test", "C=FI, O=Peer Test, CN=pki-dev", "C=FI, O=Peer Test, CN=Poll",
            "C=US, O=scep-client, OU=MDM, CN=capdev"]
SECRET = "secret"
SANS = ["dns:cm-jscep.example", "dns:pki.example"]


class Captured:
    """One captured request, and what the client and the other server made of it."""

    def __init__(self, path):
        self.name = "/".join(path.split("/")[-2:]).replace(".request.der", "")
        with open(path, "rb") as f:
            self.message = f.read()
        with open(path.replace(".request.der", ".request.txt")) as f:
            self.method = f.readline().split()[0]
        sd = cms.ContentInfo.load(self.message)["content"]
        si = sd["signer_infos"][0]
        attrs = {a["type"].dotted: a["values"][0].native for a in si["signed_attrs"]}
        self.message_type = attrs[scep.MESSAGE_TYPE]
        self.transaction = attrs[scep.TRANSACTION]
        self.nonce = attrs.get(scep.SENDER_NONCE)
        self.digest = si["digest_algorithm"]["algorithm"].native
        number = si["sid"].chosen["serial_number"].native
        self.signer = [x509.load_der_x509_certificate(c.dump()) for c in sd["certificates"]
                       if c.chosen.serial_number == number][0]
        env = cms.ContentInfo.load(sd["encap_content_info"]["content"].native)["content"]
        self.cipher = env["encrypted_content_info"]["content_encryption_algorithm"]["algorithm"].dotted
        with open(path.replace(".request.der", ".decrypted.der"), "rb") as f:
            self.inner = f.read()

    def is_renewal(self, ca):
        return self.signer.issuer == ca.subject and self.signer.subject != ca.subject

    def sans_match(self):
        """The request asks for the SANs of the certificate that signed it."""
        csr = x509.load_der_x509_csr(self.inner)
        return san_values(csr) == san_values(self.signer) and csr.subject == self.signer.subject

    def counts_by_challenge(self):
        """A PKCSReq with the secret of the endpoint is granted by that, whoever signed it."""
        attributes = asn1csr.CertificationRequest.load(self.inner)["certification_request_info"]["attributes"]
        brought = [a["values"][0].native for a in attributes if a["type"].dotted == scep.CHALLENGE]
        return self.message_type == scep.PKCS_REQ and brought == [SECRET]

    def expected(self, ca):
        if self.cipher == scep.CIPHERS["des-cbc"][0]:
            return "badAlg"
        if self.message_type == scep.CERT_POLL:
            return "poll"
        if self.is_renewal(ca) and not self.counts_by_challenge():
            return "certificate" if self.sans_match() and self.digest != "sha1" else "refused"
        return "certificate"


def san_values(thing):
    try:
        return sorted(thing.extensions.get_extension_for_class(
            x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        return []


def captured(vectors):
    return [Captured(p) for p in sorted(glob.glob(vectors + "/*/*PKIOperation.request.der"))]


@pytest.fixture
def replaying(fresh, vectors, work):
    """An installation with the other server's key, clock and certificates."""
    one = fresh(start=False)
    take_over(one, os.path.join(vectors, "keys/test-ca.pem"), os.path.join(vectors, "keys/test-ca.key"))
    with open(os.path.join(one.data, "static.challenge"), "w") as f:
        f.write(SECRET)
    same_owner(os.path.join(one.data, "static.challenge"), one.conf, 0o600)
    one.configure(lambda t: system.with_endpoint(t, "replay", policy="static",
                  challenge_file="static.challenge", subjects=SUBJECTS, sans=SANS,
                  allow=["sha1", "des3"]))
    one.env.update(system.fake_time(CAPTURED_AT))
    one.start()
    if "ca import" not in one.cli("--help", conf=False).stdout:
        pytest.skip("`signet ca import` is not there: captured certificates cannot be our records")
    with open(os.path.join(vectors, "keys/test-ca.pem"), "rb") as f:
        ca = x509.load_pem_x509_certificate(f.read())
    for i, c in enumerate(captured(vectors)):
        if c.is_renewal(ca):
            path = os.path.join(work, "%d.pem" % i)
            with open(path, "wb") as f:
                f.write(c.signer.public_bytes(Encoding.PEM))
            one.cli("ca", "import", path, "--endpoint", "replay")
    return one, ca


def take_over(one, cert, key):
    """Make that key RA and CA of a stopped installation: its files in their places, empty stores."""
    text = open(one.conf).read()
    for section in ("ca", "ra"):
        for option, source in (("certificate", cert), ("key", key)):
            m = re.search(r"(?m)^%s:(?:\n(?:[ \t#].*|))*?\n[ \t]+%s: *(\S+)" % (section, option), text)
            assert m, "no %s.%s in the configuration" % (section, option)
            path = os.path.join(one.data, m.group(1).strip('"'))
            with open(source, "rb") as f, open(path, "wb") as to:
                to.write(f.read())
    one.configure(lambda t: re.sub(r"(?m)^([ \t]+)chain:.*$", r"\1chain: []", t)
                  if re.search(r"(?m)^[ \t]+chain:", t) else t + "\n")
    for path in glob.glob(one.data + "/**/*.db*", recursive=True) + glob.glob(
            one.data + "/**/*.sqlite*", recursive=True):
        os.remove(path)


def same_owner(path, like, mode):
    st = os.stat(like)
    os.chown(path, st.st_uid, st.st_gid)
    os.chmod(path, mode)


def send(one, c, ca):
    server = one.server("replay")
    r = server.post(c.message) if c.method == "POST" else server.get(c.message)
    assert r.status == 200, (c.name, r.status, r.body[:100])
    rep = scep.read_certrep(r.body, ca)
    assert rep.transaction == c.transaction and rep.recipient_nonce == c.nonce
    return rep


def test_replay__captured_sequences__our_rules(replaying, vectors):
    one, ca = replaying
    all_of_them = captured(vectors)
    assert len(all_of_them) >= 12
    before, serials = one.serials(), {}
    for c in all_of_them:
        rep = send(one, c, ca)
        want = c.expected(ca)
        have = one.serials() - before - set(serials.values())
        if want == "certificate":
            assert rep.status == scep.SUCCESS, (c.name, rep.fail_info, one.trace(c.transaction))
            assert len(have) == 1, (c.name, have)
            serials[c.name] = have.pop()
        elif want == "poll":
            assert rep.status in (scep.FAILURE, scep.SUCCESS), c.name
            assert not have
        else:
            assert rep.status == scep.FAILURE and not have, c.name
            assert want != "badAlg" or rep.fail_info == scep.BAD_ALG
    # Each request once more, in the same order: the same outcome, and nothing new.
    for c in all_of_them:
        rep = send(one, c, ca)
        assert (rep.status == scep.SUCCESS) == (c.name in serials) or c.message_type == scep.CERT_POLL
    assert one.serials() == before | set(serials.values())
    one.stop()
    one.fsck()


def test_replay__answers__the_clients_own_keys_open_them(replaying, vectors):
    one, ca = replaying
    opened = 0
    clients = []
    for path in glob.glob(vectors + "/keys/*.pem"):
        with open(path, "rb") as f:
            data = f.read()
        if b"PRIVATE KEY" in data:
            clients.append(load_pem_private_key(data, None))
    for c in captured(vectors):
        if c.expected(ca) != "certificate":
            continue
        server = one.server("replay")
        body = (server.post(c.message) if c.method == "POST" else server.get(c.message)).body
        for key in clients:
            if key.public_key().public_numbers() == c.signer.public_key().public_numbers():
                rep = scep.read_certrep(body, ca, key)
                # Not python-cryptography's reader: it refuses the attributes' order, which
                # one of the real clients does not sort.
                info = asn1csr.CertificationRequest.load(c.inner)["certification_request_info"]
                assert rep.cert.public_key().public_bytes(
                    Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == info["subject_pk_info"].dump()
                opened += 1
    assert opened


# --- messages by themselves --------------------------------------------------------------------

def test_vectors__ios_prefix__answered_without_harm(signet, vectors):
    with open(os.path.join(vectors, "ios_pkioperation_prefix.der"), "rb") as f:
        data = f.read()
    assert signet.server().post(data).status == 400


def test_vectors__pwri_without_kdf__answered_without_harm(signet, vectors):
    with open(os.path.join(vectors, "cve-2026-42766_pwri_nokdf.der"), "rb") as f:
        data = f.read()
    server = signet.server()
    assert server.post(data).status == 400
    req = scep.Request(ra=server.ra, enveloped=data)
    r = server.post(req.build())
    assert r.status in (200, 400)
    if r.status == 200:
        assert scep.read_certrep(r.body, server.ra).status == scep.FAILURE


def test_vectors__every_file__no_certificate_at_a_stranger(signet, vectors):
    """Each file as a message to an endpoint that is not theirs; and every answer of a server, too."""
    server, before = signet.server(), signet.serials()
    for path in sorted(glob.glob(vectors + "/**/*", recursive=True)):
        if not path.endswith((".der", ".bin", ".pem")) or os.path.getsize(path) > 60000:
            continue
        with open(path, "rb") as f:
            r = server.post(f.read())
        assert r.status in (200, 400), (path, r.status)
        if r.status == 200:
            assert scep.read_certrep(r.body, server.ra).status == scep.FAILURE, path
    assert signet.serials() == before


def test_toolbox__captured_messages__are_der_or_ber_as_the_readme_says(vectors):
    """The toolbox itself reads what real clients wrote."""
    for c in captured(vectors):
        top = der.Node(c.message)
        assert top.end == len(c.message) and top.tag == der.SEQ
        assert c.transaction and c.message_type in (scep.PKCS_REQ, scep.RENEWAL_REQ, scep.CERT_POLL)
