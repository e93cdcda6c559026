# SPDX-License-Identifier: Apache-2.0
"""What somebody who owns a process can and cannot do: the sentences of SECURITY.md, one by one. The
process is stopped and the test speaks in its place, frames that its siblings must take for well-formed."""

import os
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

import bad_requests
import der
import keys
import owned
import scep
from expect import unchanged
from owned import ENROL, RENEW
from test_bad_input import assert_leaf

PKCS1, SHA256 = 1, 2
WHO = "CN=owned,O=Test"


def code_of(answer):
    """"ok", or the class of an error: 1 the request's fault, 2 policy, 3 state; None when cut off."""
    return None if answer is None else "ok" if answer[0] == 0 else answer[0] >> 8


# --- registrar, asking ca ----------------------------------------------------------------------

class Orders:
    """An owned registrar's edge to ca."""

    def __init__(self, edges):
        self.edge = edges[2]

    def issue(self, csr, kind=ENROL, endpoint="default", number=None, message=b"", cek=b""):
        return self.edge.ask(owned.RC_ISSUE, number or os.urandom(28), os.urandom(16), kind,
                             endpoint.encode(), csr, message, cek)

    def works(self):
        """An order of which nothing is wrong; the certificate. Else no refusal would mean anything."""
        got = self.issue(scep.csr(keys.rsa("owned"), WHO))
        assert code_of(got) == "ok", got
        return x509.load_der_x509_certificate(got[3])


@pytest.fixture
def registrar(fresh):
    """(installation, Orders of its owned registrar, a device: key, certificate)."""
    one = fresh(lab=True)
    key = keys.rsa("owned device")
    _, rep = one.enrol("CN=device,O=Test", key=key)
    with owned.Owned(one, "registrar") as edges:
        yield one, Orders(edges), (key, rep.cert)


def test_registrar__certificates_of_its_choice__within_the_template(registrar):
    """can: have ca issue certificates for keys and names of its choice, without any challenge. cannot:
    CA:TRUE, keyCertSign, an EKU, key type or SAN type that the template does not give."""
    one, orders, _ = registrar
    honest = orders.works()
    assert_leaf(honest)
    refusals = 0
    for what, extensions in bad_requests.extensions():
        got = orders.issue(scep.csr(keys.rsa("owned"), WHO, extensions=extensions))
        if code_of(got) != "ok":
            assert code_of(got) in (1, 2), (what, got)
            refusals += 1
            continue
        cert = x509.load_der_x509_certificate(got[3])
        assert_leaf(cert)
        assert cert.not_valid_after - cert.not_valid_before == honest.not_valid_after - honest.not_valid_before
    assert refusals > 5, "hardly anything was refused"
    with unchanged(one):
        for what, csr in (("RSA 1024", scep.csr(keys.rsa("owned 1024", 1024), WHO)),
                          ("P-521", scep.csr(ec.generate_private_key(ec.SECP521R1()), WHO)),
                          ("foreign signature", scep.csr(keys.rsa("owned"), WHO, signer=keys.rsa("other"))),
                          ("spoiled signature", scep.csr(keys.rsa("owned"), WHO, corrupt=True))):
            got = orders.issue(csr)
            assert code_of(got) in (1, 2), (what, got)
    orders.works()


def test_registrar__unknown_endpoint_or_kind__nothing(registrar):
    one, orders, _ = registrar
    csr = scep.csr(keys.rsa("owned"), WHO)
    with unchanged(one):
        for o in ({"endpoint": "nowhere"}, {"endpoint": "default\0"}, {"kind": 0}, {"kind": 3}, {"kind": 255}):
            assert code_of(orders.issue(csr, **o)) == 2, o
    orders.works()


def test_registrar__renewals__need_the_devices_own_message(registrar):
    """cannot: renew a certificate whose key did not sign."""
    one, orders, (key, cert) = registrar
    new, cek = keys.rsa("owned new"), os.urandom(16)
    ra = one.server().ra

    def ask(message_cek=cek, csr=None, **o):
        """The message that a device would have sent, by one who may not have its key."""
        csr = csr or scep.csr(new, "CN=device,O=Test")
        given = dict(ra=ra, csr=csr, key=new, signer_key=key, signer_cert=cert, envelope={"content_key": message_cek},
                     message_type=scep.RENEWAL_REQ)
        given.update(o)
        return dict(csr=csr, kind=RENEW, message=scep.Request(**given).build(), cek=message_cek)

    def spoiled(order):
        last = order["message"][-1] ^ 1  # of the signature
        return dict(order, message=order["message"][:-1] + bytes([last]))

    with unchanged(one):
        for what, order in (
                ("no evidence", dict(ask(), message=b"", cek=b"")),
                ("no content key", dict(ask(), cek=b"")),
                ("another content key", dict(ask(), cek=os.urandom(16))),
                ("signed with another key", ask(signer_key=new)),
                ("another signer certificate", ask(signer_key=new, signer_cert=scep.self_signed(new))),
                ("the RA's certificate", ask(signer_key=new, signer_cert=ra)),
                ("another request than in the message", dict(ask(), csr=scep.csr(keys.rsa("owned"), "CN=device,O=Test"))),
                ("another name", ask(csr=scep.csr(new, "CN=somebody,O=Test"))),
                ("another endpoint", dict(ask(), endpoint="second")),
                ("an endpoint without renewal", dict(ask(), endpoint="norenewal")),
                ("a spoiled message", spoiled(ask()))):
            got = orders.issue(**order)
            assert code_of(got) in (1, 2, 5), (what, got)  # 5: does not decrypt
    # And with it: by message and with the content key that the device chose.
    good = ask()
    got = orders.issue(**good)
    assert code_of(got) == "ok", got
    # The same message again, under an id of its own, gives no second certificate.
    with unchanged(one):
        assert code_of(orders.issue(**good)) == 2
        one.cli("ca", "revoke", "%x" % cert.serial_number)
        assert code_of(orders.issue(**ask(csr=scep.csr(keys.rsa("owned"), "CN=device,O=Test"), key=keys.rsa("owned")))) == 2
    orders.works()


def test_registrar__request_ids__one_certificate_each(registrar):
    one, orders, _ = registrar
    number, csr = os.urandom(28), scep.csr(keys.rsa("owned"), WHO)
    first = orders.issue(csr, number=number)
    assert code_of(first) == "ok"
    with unchanged(one):
        assert orders.issue(csr, number=number)[3] == first[3], "the same again"
        assert code_of(orders.issue(scep.csr(keys.rsa("other"), WHO), number=number)) in (2, 3)
        # One that was given up is never issued, and one that was issued is not undone.
        gone = os.urandom(28)
        assert code_of(orders.edge.ask(owned.RC_CANCEL, gone)) == 3
        assert code_of(orders.issue(csr, number=gone)) == 3
        assert orders.edge.ask(owned.RC_CANCEL, number)[3] == first[3]
    assert one.show("%x" % x509.load_der_x509_certificate(first[3]).serial_number).returncode == 0


@pytest.mark.parametrize("what,kind", [("an answer", owned.RC_ISSUED), ("a word for keyd", owned.RK_SIGN),
                                       ("an administrator's word", 16), ("a word that nobody has", 99)])
def test_registrar__any_other_word_to_ca__cut_off(fresh, what, kind):
    """cannot: change a certificate's record or the audit, which ca keeps: there is no word for it."""
    one = fresh()
    with unchanged(one), owned.Owned(one, "registrar") as edges:
        how = owned.FIELDS.get(kind, "b")
        edges[2].sock.sendall(owned.put_frame(kind, 1, [0 if h == "u" else b'{"verb":"crl"}' for h in how], how))
        assert edges[2].read() is None, what


# --- registrar, asking keyd --------------------------------------------------------------------

def message_types(attrs):
    """The values of messageType in a SET of attributes."""
    return [v.body for a in der.parse(attrs).children if der.oid_text(a[0].body) == scep.MESSAGE_TYPE
            for v in a[1].children]


def test_registrar__what_keyd_signs__is_a_certrep(fresh):
    """can: have content keys unwrapped and CertReps signed. cannot: sign anything that is not a CertRep,
    nor take the RA key."""
    one = fresh()
    ra = scep.loaded(one.server().ra).public_key()
    with owned.Owned(one, "registrar") as edges:
        keyd, signed = edges[1], 0
        for status in (0, 1, 2, 3, 4, 19, 255):
            for fail in (0, 1, 5, 255):
                for digest in (b"", bytes(20), bytes(32), bytes(33), bytes(64)):
                    got = keyd.ask(owned.RK_SIGN, status, fail, b"", b"19", 0x13, bytes(16), SHA256, digest)
                    if code_of(got) != "ok":
                        assert not got[1] and not got[2]
                        continue
                    assert message_types(got[1]) == [b"3"], (status, fail)
                    ra.verify(got[2], got[1], padding.PKCS1v15(), hashes.SHA256())
                    signed += 1
        assert 0 < signed < 7 * 4 * 5
        cek = os.urandom(16)
        wrapped = ra.encrypt(cek, padding.PKCS1v15())
        assert keyd.ask(owned.RK_UNWRAP, PKCS1, 0, 0, 16, wrapped) == [0, cek]
        for o in ((0, 0, 0, 16, wrapped), (3, 0, 0, 16, wrapped), (2, 9, 9, 16, wrapped)):
            got = keyd.ask(owned.RK_UNWRAP, *o)
            assert code_of(got) != "ok" and not got[1], o
        # No length makes it a decryption of anything else: a substitute comes.
        got = keyd.ask(owned.RK_UNWRAP, PKCS1, 0, 0, 32, wrapped)
        assert code_of(got) != "ok" or (len(got[1]) == 32 and cek not in got[1])
        keyd.say(owned.RC_CANCEL, 1, b"x")
        assert keyd.read() is None, "there is no other word"


# --- front -------------------------------------------------------------------------------------

def from_front(edge, message, endpoint="default", code=0, peer=b"192.0.2.77", at_us=1):
    """(status, body) of what registrar answers to a message that front says it has checked."""
    status, _, _, body = edge.ask(owned.FR_SCEP, os.urandom(16), endpoint.encode(), peer, at_us, b"", code, b"", b"",
                                  message)
    return status, body


def outcome(one, edge, req, message=None, **o):
    status, body = from_front(edge, message or req.build(), **o)
    if status != 200:
        return status
    rep = scep.read_certrep(body, one.server().ra, req.signer_key)
    return "ok" if rep.status == scep.SUCCESS else "refused"


def test_front__requests_that_no_device_made__not_believed(fresh):
    """can: claim any address and time. cannot: have a request believed that no device made."""
    one = fresh(lab=True)
    key, other = keys.rsa("owned device"), keys.rsa("other")
    _, rep = one.enrol("CN=device,O=Test", key=key)
    challenge = {name: one.challenge("CN=%s,O=Test" % name) for name in ("honest", "victim")}
    server = one.server()
    with owned.Owned(one, "front") as (edge,):

        def request(**o):
            given = dict(ra=server.ra, subject="CN=victim,O=Test", challenge=challenge["victim"], key=key)
            given.update(o)
            return scep.Request(**given)

        with unchanged(one):
            for what, req in (
                    ("no challenge", request(challenge=None)),
                    ("a guessed challenge", request(challenge="A" * 32)),
                    ("a challenge of another name", request(challenge=challenge["honest"])),
                    ("a key that it does not have", request(csr={"signer": other})),
                    ("a renewal that another key signed", request(
                        signer_key=other, signer_cert=rep.cert, challenge=None, subject="CN=device,O=Test",
                        message_type=scep.RENEWAL_REQ)),
                    ("a poll", request(message_type=scep.CERT_POLL))):
                assert outcome(one, edge, req) in ("refused", 400), what
            assert outcome(one, edge, request(), endpoint="second") in ("refused", 400), "another endpoint"
            assert from_front(edge, request().build(), endpoint="nowhere")[0] == 404
            assert from_front(edge, b"\x30\x00")[0] == 400
        honest = scep.Request(ra=server.ra, subject="CN=honest,O=Test", challenge=challenge["honest"], key=key)
        message = honest.build()
        assert outcome(one, edge, honest, message) == "ok"
        with unchanged(one):
            assert outcome(one, edge, honest, message) == "ok", "recorded and sent again: the same certificate"
        renewal = scep.Request(ra=server.ra, subject="CN=device,O=Test", key=other, signer_key=key, signer_cert=rep.cert,
                               message_type=scep.RENEWAL_REQ)
        assert outcome(one, edge, renewal) == "ok", "what the device did make"
    assert "192.0.2.77" in one.events() + one.trace(honest.transaction), "it can lie about addresses"


def test_front__answers_of_its_own__devices_refuse_them(fresh):
    """cannot: sign an answer. What it can make of registrar's is a refusal by the client."""
    one = fresh()
    challenge = one.challenge(WHO)
    req = scep.Request(ra=one.server().ra, subject=WHO, challenge=challenge, key=keys.rsa("owned"))
    with owned.Owned(one, "front") as (edge,):
        status, body = from_front(edge, req.build())
        assert status == 200, (status, body)
        right = scep.read_certrep(body, req.ra, req.signer_key)
        assert right.status == scep.SUCCESS, right
        for at in range(len(body) // 2, len(body), 97):
            changed = bytearray(body)
            changed[at] ^= 1
            try:
                rep = scep.read_certrep(bytes(changed), req.ra, req.signer_key)
            except Exception:  # whatever the strict reader says of it
                continue
            assert (rep.status, rep.certs) == (right.status, right.certs), "byte %d of %s" % (at, body.hex())


# --- keyd --------------------------------------------------------------------------------------

def certrep_attributes(status, fail, text, transaction, tag, nonce, digest, content):
    """What a keyd that nobody owns signs."""
    made = [(scep.CONTENT_TYPE, der.oid(scep.DATA)), (scep.MESSAGE_DIGEST, der.octets(content)),
            (scep.MESSAGE_TYPE, der.printable("3")), (scep.TRANSACTION, der.tlv(tag, transaction)),
            (scep.STATUS, der.printable({1: scep.SUCCESS, 2: scep.FAILURE}[status])),
            (scep.SENDER_NONCE, der.octets(os.urandom(16))), (scep.RECIPIENT_NONCE, der.octets(nonce))]
    if status == 2:
        made += [(scep.FAIL_INFO, der.printable(scep.BAD_REQUEST)), (scep.FAIL_TEXT, der.utf8(text.decode()))]
    assert digest == SHA256 and fail < 6
    return der.tlv(der.SET, *sorted(scep.attribute(oid, value) for oid, value in made))


class Keyd(threading.Thread):
    """An owned keyd that answers with the RA's key as it likes: unwrap and sign change what is right."""

    def __init__(self, one, edge, unwrap=lambda cek: cek, sign=lambda sig: sig):
        super().__init__(daemon=True)
        with open(os.path.join(one.data, "ra/ra.key"), "rb") as f:
            self.key = serialization.load_pem_private_key(f.read(), None)
        self.edge, self.unwrap, self.sign, self.asked = edge, unwrap, sign, []

    def run(self):
        try:
            self.serve()
        except (OSError, ValueError):
            pass  # the edge was closed

    def serve(self):
        while (got := self.edge.read()) is not None:
            kind, number, f = got
            self.asked.append(kind)
            if kind == owned.RK_UNWRAP:
                cek = self.key.decrypt(f[4], padding.PKCS1v15())
                self.edge.say(owned.RK_UNWRAP_ANSWER, number, 0, self.unwrap(cek))
            else:
                attrs = certrep_attributes(*f)
                sig = self.key.sign(attrs, padding.PKCS1v15(), hashes.SHA256())
                self.edge.say(owned.RK_SIGN_ANSWER, number, 0, attrs, self.sign(sig))


@pytest.mark.parametrize("lie", ["none", "content key", "content key of another length", "signature"])
def test_keyd__wrong_answers__no_certificate_and_no_believed_answer(fresh, lie):
    """can: answer registrar with wrong content keys or signatures. cannot: issue anything by itself."""
    one = fresh()
    challenge = one.challenge(WHO)
    server = one.server()
    server.timeout = 40
    req = scep.Request(ra=server.ra, subject=WHO, challenge=challenge, key=keys.rsa("owned"))
    change = {"content key": {"unwrap": lambda cek: bytes(len(cek))},
              "content key of another length": {"unwrap": lambda cek: cek + cek},
              "signature": {"sign": lambda sig: sig[:-1] + bytes([sig[-1] ^ 1])}}.get(lie, {})
    before = one.serials()
    with owned.Owned(one, "keyd") as (edge,):
        keyd = Keyd(one, edge, **change)
        keyd.start()
        r = server.post(req.build())
        assert owned.RK_UNWRAP in keyd.asked
    new = one.serials() - before
    if lie == "none":
        assert scep.read_certrep(r.body, server.ra, req.signer_key).status == scep.SUCCESS and len(new) == 1
        return
    if r.status == 200:
        try:
            rep = scep.read_certrep(r.body, server.ra, req.signer_key)
        except scep.BadAnswer:
            pass  # what the device sees of it
        else:
            assert rep.status == scep.FAILURE, "a device believes it"
    # With the right content key the request was good and may have been issued; the device asks again.
    assert not new or lie == "signature"


# --- ca ----------------------------------------------------------------------------------------

def test_ca__what_it_is_told__no_key_and_only_the_spent_challenge(fresh):
    """cannot: read challenges that wait, or the RA key. It sees the request that it certifies, and the
    challenge that is in it."""
    one = fresh()
    challenges = {name: one.challenge("CN=%s,O=Test" % name) for name in ("asked", "waiting")}
    server = one.server()
    req = scep.Request(ra=server.ra, subject="CN=asked,O=Test", challenge=challenges["asked"], key=keys.rsa("owned"))
    with open(os.path.join(one.data, "ra/ra.key"), "rb") as f:
        numbers = serialization.load_pem_private_key(f.read(), None).private_numbers()
    with owned.Owned(one, "ca") as (edge,):
        post = threading.Thread(target=lambda: server.post(req.build()), daemon=True)
        post.start()
        kind, number, fields = edge.read()
        assert kind == owned.RC_ISSUE and fields[2] == ENROL
        told = b"".join(f for f in fields if isinstance(f, bytes))
        assert req.csr in told
        assert fields[5] == fields[6] == b"", "of an enrolment neither message nor content key"
        assert challenges["asked"].encode() in told, "SECURITY.md says that ca sees it"
        assert challenges["waiting"].encode() not in told
        for secret in (numbers.p, numbers.q, numbers.d):
            assert secret.to_bytes((secret.bit_length() + 7) // 8, "big") not in told
        edge.say(owned.RC_ISSUED, number, 0x200, b"test.owned", b"no", b"", b"")
        post.join(30)
