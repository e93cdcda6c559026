# SPDX-License-Identifier: Apache-2.0
"""What a compromised process can and cannot do: the sentences of SECURITY.md, one by one. The
process is stopped and the test speaks in its place, frames that its siblings must take for well-formed."""

import contextlib
import hashlib
import http.server
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import threading
import urllib.parse

import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

import bad_requests
import der
import keys
import owned
import scep
import scepserver
import system
from expect import printable, unchanged
from owned import BOUND, ENROL, RENEW
from test_bad_input import assert_leaf

PKCS1, OAEP, SHA256 = 1, 2, 2
WHO = "CN=owned,O=Test"


def code_of(answer):
    """"ok", or the class of an error: 1 the request's fault, 2 policy, 3 state; None when cut off."""
    return None if answer is None else "ok" if answer[0] == 0 else answer[0] >> 8


# --- registrar, asking ca ----------------------------------------------------------------------

class Orders:
    """An owned registrar's edge to ca."""

    def __init__(self, edges):
        self.edge = edges[2]

    def issue(self, csr, kind=ENROL, endpoint="default", number=None, message=b"", cek=b"", signer=b""):
        return self.edge.ask(owned.RC_ISSUE, number or os.urandom(28), os.urandom(16), kind,
                             endpoint.encode(), csr, message, cek, signer)

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


def test_registrar__what_a_challenge_is_bound_to__only_the_spelling_is_its_word(registrar):
    """The names that it tells must be those of the request, in another spelling at most, and obey the floor."""
    one, orders, _ = registrar

    def binding(subject, *sans, bound=True, more=b""):
        names = der.seq(*[scep.general_name(s) for s in sans]) if sans else b""
        return der.seq(b"\1\1\0" if bound else b"\1\1\xff", der.name(subject), names, more)

    key = keys.rsa("owned")
    csr = scep.csr(key, "CN=OWNED,O=test", sans=("dns:A.example",))
    good = binding(WHO, "dns:a.example")
    with unchanged(one):
        for what, o in (
                ("another subject", dict(message=binding("CN=other,O=Test", "dns:a.example"))),
                ("another SAN", dict(message=binding(WHO, "dns:b.example"))),
                ("no SAN", dict(message=binding(WHO))),
                ("one more SAN", dict(message=binding(WHO, "dns:a.example", "dns:b.example"))),
                ("any name", dict(message=binding("", bound=False))),
                ("no subject", dict(message=binding("", "dns:a.example"))),
                ("nothing, which is a challenge that was forgotten", dict(message=b"")),
                ("a byte more", dict(message=good + b"\0")), ("a byte less", dict(message=good[:-1])),
                ("a field more", dict(message=binding(WHO, "dns:a.example", more=der.null()))),
                ("an endpoint with policy static", dict(message=good, endpoint="printers")),
                ("a blank CN", dict(csr=scep.csr(key, [("CN", " ")]), message=binding([("CN", " ")]))),
                ("C of three letters", dict(csr=scep.csr(key, [("C", "FIN")]), message=binding([("C", "FIN")]))),
                ("CA:TRUE", dict(csr=scep.csr(key, WHO, extensions=[bad_requests.basic(der.boolean(True))]),
                                 message=binding(WHO)))):
            got = orders.issue(**dict(dict(csr=csr, kind=BOUND), **o))
            assert code_of(got) in (1, 2), (what, got)
    got = orders.issue(csr, kind=BOUND, message=good)
    assert code_of(got) == "ok", got
    cert = x509.load_der_x509_certificate(got[3])
    assert scep.CertFields.of(cert).subject == der.name(WHO)
    assert_leaf(cert)
    # String types are ours, whatever it says.
    got = orders.issue(scep.csr(key, WHO), kind=BOUND, message=binding([("CN", (20, b"owned")), ("O", (der.BMP, b"\0T\0e\0s\0t"))]))
    assert scep.CertFields.of(x509.load_der_x509_certificate(got[3])).subject == der.name(WHO)
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


def test_registrar__word_on_a_signer__only_of_our_own_certificates(registrar):
    """What ca says when it is asked whether a certificate may renew."""
    one, orders, (key, cert) = registrar
    raw, ra = scep.as_der(cert), scep.as_der(one.server().ra)
    spoiled = raw[:-1] + bytes([raw[-1] ^ 1])
    f = scep.CertFields.of(cert)
    twin = scep.self_signed(key, f.subject, issuer=f.issuer, serial=cert.serial_number)
    with open(os.path.join(one.data, "ca/ca.pem"), "rb") as f:
        ca = scep.as_der(x509.load_pem_x509_certificate(f.read()))

    def rule(der_, endpoint="default"):
        code, word, _, ours = orders.edge.ask(owned.RC_SIGNER, der_, endpoint.encode())
        assert (code == 0) == (word == b"")
        assert ours == (der_ == raw), "byte for byte, whether it may renew or not"
        return word.decode()

    assert rule(raw) == ""
    for what, asked, endpoint, want in (
            ("of another CA", scep.self_signed(key), "default", "renewal.foreign"), ("the CA's", ca, "default",
                                                                                     "renewal.foreign"),
            ("the RA's", ra, "default", "renewal.foreign"), ("spoiled", spoiled, "default", "renewal.altered"),
            ("of the same number", twin, "default", "renewal.altered"), ("elsewhere", raw, "second", "renewal.endpoint"),
            ("nowhere", raw, "nowhere", "renewal.off"), ("where nothing renews", raw, "norenewal", "renewal.off")):
        assert rule(asked, endpoint) == want, what
    one.cli("ca", "revoke", "%x" % cert.serial_number)
    assert rule(raw) == "renewal.revoked"


def test_registrar__word_on_who_signed__only_what_ca_has_is_recorded(registrar):
    """can: say that any certificate of this CA signed an enrolment; cannot: have another one recorded."""
    one, orders, (key, cert) = registrar
    raw = scep.as_der(cert)
    f = scep.CertFields.of(cert)
    for what, signer, recorded in (
            ("ours", raw, True), ("spoiled", raw[:-1] + bytes([raw[-1] ^ 1]), False), ("bytes", b"x" * 99, False),
            ("of another CA", scep.self_signed(key), False), ("none", b"", False),
            ("of the same number", scep.self_signed(key, f.subject, issuer=f.issuer, serial=cert.serial_number), False)):
        got = orders.issue(scep.csr(keys.rsa("owned"), WHO), signer=signer)
        assert code_of(got) == "ok", what
        assert (int.from_bytes(got[5], "big") == cert.serial_number) == recorded and bool(got[5]) == recorded, what
        row = json.loads(one.cli("ca", "show", "%x" % x509.load_der_x509_certificate(got[3]).serial_number,
                                 "--json").stdout)
        assert (int(row.get("signer", "0"), 16) == cert.serial_number) == recorded, what
        assert row["lineage_id"] == row["id"] and "renews" not in row, what


def test_registrar__old_renewal_message__not_with_sha1_and_not_of_another_type(registrar):
    """ca applies to the evidence what front and registrar apply to messages, not trusting that they did."""
    one, orders, (key, cert) = registrar
    cek, subject = os.urandom(16), "CN=device,O=Test"
    with unchanged(one):
        for o in ({"digest": "sha1"}, {"message_type": scep.CERT_POLL}, {"message_type": scep.GET_CERT}):
            given = dict(ra=one.server().ra, subject=subject, key=keys.rsa("owned new"), signer_key=key,
                         signer_cert=cert, message_type=scep.RENEWAL_REQ, envelope={"content_key": cek})
            req = scep.Request(**dict(given, **o))
            got = orders.issue(req.csr, kind=RENEW, message=req.build(), cek=cek)
            assert code_of(got) in (1, 2), (o, got)
            assert got[1] in (b"evidence.sha1", b"evidence.type"), (o, got)
    req = scep.Request(**given)
    assert code_of(orders.issue(req.csr, kind=RENEW, message=req.build(), cek=cek)) == "ok"


def test_registrar__certificate_that_it_does_not_record__ca_has_it(fresh):
    """cannot: make what it had issued disappear. ca lists it; fsck names what has a number of the registrar's
    own kind, but not what has a number that an earlier registrar or an import may have had."""
    one = fresh()
    one.enrol("CN=recorded,O=Test")
    one.stop()
    with contextlib.closing(sqlite3.connect(os.path.join(one.data, "db/ca/ca.db"))) as db:
        recorded, = db.execute("SELECT request_id FROM cert WHERE state = 2").fetchone()
    one.fsck()
    one.start()
    csr = scep.csr(keys.rsa("owned"), WHO)
    numbers = {"no transaction": recorded[:16] + struct.pack(">QI", 1 << 40, 1),
               "an attempt that never was": recorded[:24] + struct.pack(">I", 77), "foreign": os.urandom(28)}
    serials = {}
    with owned.Owned(one, "registrar") as edges:
        orders = Orders(edges)
        for what, number in numbers.items():
            got = orders.issue(csr, number=number)
            assert code_of(got) == "ok", what
            serials[what] = system.norm_serial("%x" % x509.load_der_x509_certificate(got[3]).serial_number)
    assert set(serials.values()) <= one.serials()
    one.stop()
    assert set(serials.values()) <= one.stored()
    told = json.loads(one.cli("fsck", "--json", check=False).stdout)["findings"]
    p = one.cli("fsck", check=False)
    assert p.returncode == 1 and len(re.findall(r"(?m)^I[13]: certificate \d+ was issued for transaction", p.stdout)) == 2
    assert p.stdout.splitlines()[:-1] == ["%(invariant)s: %(text)s" % row for row in told], told


def cut_off(one, role, why):
    """The role's log has that, in one line."""
    def lines():
        return [n for n in one.said().splitlines() if n.endswith(" %s warning %s" % (role, why))]
    assert len(system.wait_for(why, lines)) == 1, one.said()


@pytest.mark.parametrize("what,kind", [("an answer", owned.RC_ISSUED), ("a word for keyd", owned.RK_SIGN),
                                       ("an administrator's word of before", 16), ("a word that nobody has", 99)])
def test_registrar__any_other_word_to_ca__cut_off(fresh, what, kind):
    """cannot: change a certificate's record or the audit, which ca keeps: there is no word for it."""
    one = fresh()
    with unchanged(one), owned.Owned(one, "registrar") as edges:
        how = owned.FIELDS.get(kind, "b")
        edges[2].sock.sendall(owned.put_frame(kind, 1, [0 if h == "u" else b'{}' for h in how], how))
        assert edges[2].read() is None, what
    cut_off(one, "ca", "frame.type registrar-ca: the sibling is cut off: type %d is not for this side" % kind)


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


def test_registrar__any_number_to_unwrap__keyd_goes_on(fresh):
    """can: have content keys unwrapped. The numbers at the ends of the range, under every transport, tell
    no more than that they are too large."""
    one = fresh()
    ra = scep.loaded(one.server().ra).public_key()
    n, pid, cek = ra.public_numbers().n, one.role("keyd"), os.urandom(16)
    with owned.Owned(one, "registrar") as edges:
        keyd = edges[1]
        for number in (0, 1, 2, n >> 1, n - 1, n, n + 1, (1 << 2048) - 1, 1 << 2048, (1 << 8192) - 1):
            wrapped = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
            for transport, hash_ in ((PKCS1, 0), (OAEP, 1), (OAEP, SHA256), (OAEP, 4)):
                for size in (0, 1, 16, 32):
                    got = keyd.ask(owned.RK_UNWRAP, transport, hash_, hash_, size, wrapped)
                    assert (code_of(got) == "ok") == (number < n and size > 0), (number, transport, size)
                    assert len(got[1]) == (size if code_of(got) == "ok" else 0)
        # Under another transport than it was wrapped for, no error, always the same, and not the key.
        right = ra.encrypt(cek, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        assert keyd.ask(owned.RK_UNWRAP, OAEP, SHA256, SHA256, 16, right) == [0, cek]
        for ask in ((PKCS1, 0, 0), (OAEP, 1, 1), (OAEP, SHA256, 1)):
            got = keyd.ask(owned.RK_UNWRAP, *ask, 16, right)
            assert code_of(got) == "ok" and got[1] != cek
            assert keyd.ask(owned.RK_UNWRAP, *ask, 16, right) == got
    assert one.role("keyd") == pid


@pytest.mark.parametrize("version,why", [(0, "version"), (4, "version"), (None, "hello")])
def test_registrar__begins_a_socket_with_no_version_that_keyd_has__cut_off(fresh, version, why):
    """And the log says which versions there are."""
    one = fresh()
    pid = one.role("registrar")
    with owned.Owned(one, "registrar"):
        channel, = owned.sockets_of(pid, kind=socket.SOCK_SEQPACKET)
        channel.settimeout(system.SOON_S)
        os.kill(one.role("keyd"), signal.SIGKILL)
        packet, (fd,), _, _ = socket.recv_fds(channel, 1024, 1)
        channel.close()
        assert packet == b"Eregistrar-keyd"
        edge = owned.Edge(socket.socket(fileno=fd))
        edge.sock.sendall(owned.put_frame(0, version, []) if version is not None else owned.put_frame(
            owned.RK_SIGN_ANSWER, 1, [0, b"", b""]))
        assert edge.read() is None
        edge.sock.close()
        cut_off(one, "keyd", "frame.%s registrar-keyd: the sibling is cut off: the other side %s" % (
            why, "does not say its version first" if version is None else
            "speaks version %d, this one 2" % version))
    one.enrol("CN=after,O=Test")


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


@pytest.mark.parametrize("spoil", ["signature", "digest", "content"])
def test_front__message_that_does_not_verify_but_is_said_to__no_renewal(fresh, spoil):
    """cannot: of a renewal ca checks the whole message itself, whatever front says of it."""
    one = fresh()
    key, new, ra = keys.rsa("owned device"), keys.rsa("other"), one.server().ra
    _, rep = one.enrol("CN=device,O=Test", key=key)
    o = {"signature": {"signer": {"corrupt": True}},
         "digest": {"attrs": {"without": (scep.MESSAGE_DIGEST,),
                              "extra": [(scep.MESSAGE_DIGEST, der.octets(bytes(32)))]}},
         "content": {}}[spoil]
    given = dict(ra=ra, subject="CN=device,O=Test", key=new, signer_key=key, signer_cert=rep.cert,
                 message_type=scep.RENEWAL_REQ)
    req = scep.Request(**dict(given, **o))
    message = req.build()
    if spoil == "content":  # another request in the place of the one that was signed
        other = scep.Request(**dict(given, key=keys.rsa("thief")))
        inner, thiefs = (asn1_content(m) for m in (message, other.build()))
        assert len(inner) == len(thiefs)
        message = message.replace(inner, thiefs)
    with unchanged(one), owned.Owned(one, "front") as (edge,):
        assert outcome(one, edge, req, message) == "refused"
        honest = scep.Request(**given)
    one.server().timeout = 40
    system.wait_for("front", lambda: one.server().operation("GetCACaps"))
    assert one.server().send(honest).status == scep.SUCCESS


def asn1_content(message):
    return asn1_cms.ContentInfo.load(message)["content"]["encap_content_info"]["content"].native


def test_front__false_verdicts__cost_the_device_nothing_for_good(fresh):
    """can: drop, delay, claim. Whatever it says of a message, the device has its certificate afterwards."""
    one = fresh()
    req = scep.Request(ra=one.server().ra, subject=WHO, challenge=one.challenge(WHO), key=keys.rsa("owned"))
    message = req.build()
    with owned.Owned(one, "front") as (edge,):
        with unchanged(one):
            for code in (0x100, 0x102, 0x103, 0x200, 0x201, 0x300, 0x400, 0x403, 0x500, 0x501, 0x600, 0x7ff, 0xffff):
                status, body = from_front(edge, message, code=code)
                assert status in (200, 503), code
                if status == 200:
                    assert scep.read_certrep(body, req.ra).status in (scep.FAILURE, scep.PENDING), code
        assert outcome(one, edge, req, message) == "ok"


LIES = [b"a\r\n2026-01-01T00:00:00Z forged", b"\x1b[2J\x1b[31mred", "\u202egnp".encode(), b"\xff\xfe\xc0\x80", b"%s%n%x",
        b"a\0b", "\u2028new".encode(), b"'; DROP TABLE event; --", b"\x9b31m"]


def test_front__events_full_of_lies__are_data(fresh):
    """can: fill events with lies. They are told as what they are, one line each, and the rest stays readable."""
    one = fresh()
    message, records = scep.Request(ra=one.server().ra).build(), b""
    for at_us in (0, 1, (1 << 63) - 2):
        for lie in LIES:
            records += owned.put_frame(owned.EVENT, 0, [os.urandom(16), at_us, 0xffff, lie[:64], lie, lie, lie, lie],
                                       owned.FIELDS[owned.EVENT])
    records += owned.put_frame(owned.EVENT, 0, [os.urandom(16), 1, 0x101, b"cms.digest", b"an honest one", b"default",
                                                b"192.0.2.9", b"txid"], owned.FIELDS[owned.EVENT])
    records += struct.pack(">I", 1 << 31) + b"half a record"
    with owned.Owned(one, "front") as (edge,):
        assert edge.ask(owned.FR_EVENTS, records) == [0]
        for lie in LIES:
            status, _, _, _ = edge.ask(owned.FR_SCEP, os.urandom(16), b"default", lie, (1 << 63) - 1, lie, 0x103,
                                       lie, lie, message)
            assert status == 200

    def told():
        return "an honest one" in one.cli("events", "--limit", "200").stdout
    system.wait_for("the events", told)
    plain = one.cli("events", "--limit", "200").stdout
    lines = one.cli("events", "--limit", "200", "--json").stdout
    assert plain.count("\n") == lines.count("\n") >= 4 * len(LIES), plain
    for text in (plain, one.trace("txid", check=False), one.said()):
        printable(text)
    for line in lines.rstrip("\n").split("\n"):
        event = json.loads(line)
        printable(one.trace(event["trace"]))
    one.enrol("CN=after,O=Test")
    one.stop()
    one.fsck()


@pytest.mark.parametrize("what", ["peer", "steps", "rule", "text", "trace", "endpoint", "message", "time", "none"])
def test_front__field_over_its_bound__cut_off(fresh, what):
    one = fresh()
    pid = one.role("registrar")
    fields = dict(trace=bytes(16), endpoint=b"default", peer=bytes(96), time=1, steps=b"", code=0x200, rule=b"r" * 64,
                  text=b"t" * 511, message=scep.Request(ra=one.server().ra).build())
    fields.update({"peer": {"peer": bytes(97)}, "steps": {"steps": bytes(1025)}, "rule": {"rule": bytes(65)},
                   "text": {"text": bytes(512)}, "trace": {"trace": bytes(15)}, "endpoint": {"endpoint": b""},
                   "message": {"message": bytes(65537)}, "time": {"time": 1 << 63}, "none": {}}[what])
    with owned.Owned(one, "front") as (edge,):
        got = edge.ask(owned.FR_SCEP, *fields.values())
        assert (got is None) == (what != "none"), got
    assert one.role("registrar") == pid


def test_front__ends_its_listeners__its_successor_has_them(fresh):
    """shutdown() of a handed socket holds for the supervisor's copy, too."""
    one = fresh()
    pid = one.role("front")
    listeners = owned.sockets_of(pid, socket.AF_INET, listening=True)
    assert listeners
    for s in listeners:
        s.shutdown(socket.SHUT_RDWR)
        s.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", one.port), 5).close()
    os.kill(pid, 9)
    system.wait_for("a new front", lambda: one.role("front") not in (None, pid))
    one.wait_ready()
    one.enrol("CN=successor,O=Test")


@pytest.mark.parametrize("role", ["front", "keyd"])
def test_role__lies_to_the_supervisor__one_line_of_the_log(fresh, role):
    """As the reason why it cannot start."""
    one = fresh()
    channel, = owned.sockets_of(one.role(role), kind=socket.SOCK_SEQPACKET)
    channel.send(b"Xbad.rule: no\n2026-01-01T00:00:00Z ca error forged \x1b[31m\xff")
    channel.close()
    said = system.wait_for("the line", lambda: [n for n in one.said().splitlines() if "forged" in n])
    assert len(said) == 1 and not said[0].startswith("2026-01-01")
    assert "\\x0a2026-01-01" in said[0] and "\\x1b[31m\\xff" in said[0], said
    assert " supervisor " in said[0]


def test_front__cacert__is_what_everybody_gets(fresh):
    """can: read GetCACert's answer; there is nothing else in it than on the network."""
    one = fresh(lab=True)
    public = one.server().operation("GetCACert")
    with owned.Owned(one, "front") as (edge,):
        for endpoint in (b"default", b"second"):
            assert edge.ask(owned.FR_CACERT, endpoint) == [200, public.headers["content-type"].encode(), public.body]
        for endpoint in (b"nowhere", b"../ca", b"default\0"):
            assert edge.ask(owned.FR_CACERT, endpoint) == [404, b"", b""]


class OwnedFront(http.server.HTTPServer):
    """It accepts on the sockets of front, asks registrar, and answers what lie(answer) makes of it."""

    def __init__(self, one, edge, lie):
        super().__init__(("127.0.0.1", 0), self.Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, = owned.sockets_of(one.role("front"), socket.AF_INET, True)
        self.edge, self.lie, self.posted = edge, lie, 0
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def handle_error(self, *args):
        pass

    class Handler(http.server.BaseHTTPRequestHandler):
        def serve(self):
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            operation = query["operation"][0]
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind, answer = "text/plain", scepserver.CAPS
            if operation == "GetCACert":
                _, kind, answer = self.server.edge.ask(owned.FR_CACERT, b"default")
                kind = kind.decode()
            elif operation == "PKIOperation":
                kind = "application/x-pki-message"
                self.server.posted += 1
                answer = self.server.lie(body, from_front(self.server.edge, body)[1])
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = serve

        def log_message(self, *args):
            pass


@pytest.mark.parametrize("lie", ["none", "own certificate, own key", "signature", "answer of another request", "its own CA"])
def test_front__answers_a_real_client_with_what_it_likes__no_certificate_file(fresh, work, lie):
    """can: answer devices with whatever it likes. cannot: sign such an answer: devices refuse it."""
    one = fresh()
    challenge, public = one.challenge(WHO), one.server().ca_certs()
    stale = scep.Request(ra=public[0], subject="CN=other,O=Test", challenge=one.challenge("CN=other,O=Test"),
                         key=keys.rsa("owned"))
    fake = scepserver.Fake()
    key, out = os.path.join(work, "key.pem"), os.path.join(work, "cert.pem")
    with open(key, "wb") as f:
        f.write(keys.pem(keys.rsa("owned")))
    os.chmod(key, 0o600)
    with owned.Owned(one, "front") as (edge,):
        old = from_front(edge, stale.build())[1]

        def forged(signer):
            def answer(message, body):
                """A CertRep like the right one in everything that front can know, for a certificate of its own."""
                sd = asn1_cms.ContentInfo.load(message)["content"]
                attrs = list(sd["signer_infos"][0]["signed_attrs"])
                seen = scepserver.Seen.__new__(scepserver.Seen)
                seen.transaction = scep.one_value(attrs, scep.TRANSACTION, der.PRINTABLE).decode()
                seen.nonce = scep.one_value(attrs, scep.SENDER_NONCE, der.OCTETS)
                seen.signer = x509.load_der_x509_certificate(sd["certificates"][0].dump())
                seen.csr_der = scep.csr(keys.rsa("owned"), WHO)
                seen.csr = x509.load_der_x509_csr(seen.csr_der)
                fake.certrep = {"signer": signer}
                return fake.success(seen)
            return answer

        lies = {"none": lambda message, body: body,
                "own certificate, own key": forged((public[0], keys.rsa("thief"))),
                "signature": lambda message, body: body[:-1] + bytes([body[-1] ^ 1]),
                "answer of another request": lambda message, body: old,
                "its own CA": forged(fake.ra)}
        front = OwnedFront(one, edge, lies[lie])
        front.thread.start()
        p = system.run(system.BIN, "enroll", one.url, "--subject", WHO, "--challenge-file", "-", "--key", key, "--out",
                       out, "--retries", "0", "--ca-fingerprint", scepserver.fingerprint(public[1]), check=False,
                       data=challenge + "\n")
        front.shutdown()
        front.socket.close()
    assert front.posted, "the client said nothing to it: " + p.stderr
    assert (p.returncode == 0) == os.path.exists(out) == (lie == "none"), p.stdout + p.stderr


# --- keyd --------------------------------------------------------------------------------------

def certrep_attributes(status, fail, text, transaction, tag, nonce, digest, content):
    """What a keyd that nobody owns signs."""
    made = [(scep.CONTENT_TYPE, der.oid(scep.DATA)), (scep.MESSAGE_DIGEST, der.octets(content or hashlib.sha256().digest())),
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
        self.edge, self.asked = edge, []
        self.unwrap_answer = lambda cek: (0, unwrap(cek))
        self.sign_answer = lambda attrs, sig: (0, attrs, sign(sig))

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
                self.edge.say(owned.RK_UNWRAP_ANSWER, number, *self.unwrap_answer(cek))
            else:
                attrs = certrep_attributes(*f)
                sig = self.key.sign(attrs, padding.PKCS1v15(), hashes.SHA256())
                self.edge.say(owned.RK_SIGN_ANSWER, number, *self.sign_answer(attrs, sig))


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


@pytest.mark.parametrize("what", ["no content key", "error", "error with a key", "no attributes", "no SET", "length",
                                  "no signature", "long signature"])
def test_keyd__answers_that_are_none__registrar_goes_on(fresh, what):
    """can: answer registrar with what it likes; registrar neither issues without the right content key nor ends."""
    one = fresh()
    server, pid = one.server(), one.role("registrar")
    req = scep.Request(ra=server.ra, subject=WHO, challenge=one.challenge(WHO), key=keys.rsa("owned"))
    message, before = req.build(), one.serials()
    unwrapped = {"no content key": lambda cek: (0, b""), "error": lambda cek: (0x100, b""),
                 "error with a key": lambda cek: (0x500, cek)}.get(what)
    signed = {"no attributes": lambda a, s: (0, b"", s), "no SET": lambda a, s: (0, b"\x30\0", s),
              "length": lambda a, s: (0, b"\x31\x84\xff\xff\xff\xff", s), "no signature": lambda a, s: (0, a, b""),
              "long signature": lambda a, s: (0, a, s * 4)}.get(what)
    with owned.Owned(one, "keyd") as (edge,):
        keyd = Keyd(one, edge)
        if unwrapped:
            keyd.unwrap_answer = unwrapped
        if signed:
            keyd.sign_answer = signed
        keyd.start()
        r = server.post(message)
        assert r.status in (200, 503), r
        if r.status == 200:
            try:
                assert scep.read_certrep(r.body, server.ra, req.signer_key).status == scep.FAILURE
            except (scep.BadAnswer, ValueError):
                assert signed, "what keyd signed rightly is right"
        if unwrapped:
            assert one.serials() == before
    assert one.role("registrar") == pid
    system.wait_for("the certificate", lambda: server.post(message).status == 200, step=0.5)
    assert server.send(req).status == scep.SUCCESS
    assert len(one.serials() - before) == 1


@pytest.mark.parametrize("kind", [owned.RC_ISSUE, owned.RC_ISSUED, owned.RK_UNWRAP, owned.FR_SCEP, 16])
def test_keyd__asks_instead_of_answering__cut_off(fresh, kind):
    """cannot: issue anything by itself: ca does not hear keyd, and registrar takes no order from it."""
    one = fresh()
    with unchanged(one), owned.Owned(one, "keyd") as edges:
        assert len(edges) == 1, "keyd has an edge to registrar alone"
        how = owned.FIELDS.get(kind, "b")
        csr = scep.csr(keys.rsa("owned"), WHO)
        values = [os.urandom(28), bytes(16), ENROL, b"default", csr, b"", b"", b""] if kind == owned.RC_ISSUE else [
            1 if h == "u" else bytes(16) for h in how]
        edges[0].sock.sendall(owned.put_frame(kind, 1, values, how))
        assert edges[0].read() is None
    one.enrol("CN=after,O=Test")


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
        assert kind == owned.RC_ISSUE and fields[2] == BOUND
        told = b"".join(f for f in fields if isinstance(f, bytes))
        assert req.csr in told
        assert fields[5] == der.seq(b"\1\1\0", der.name("CN=asked,O=Test")), "what the challenge is bound to"
        assert fields[6] == b"", "of an enrolment neither message nor content key"
        assert challenges["asked"].encode() in told, "SECURITY.md says that ca sees it"
        assert challenges["waiting"].encode() not in told
        for secret in (numbers.p, numbers.q, numbers.d):
            assert secret.to_bytes((secret.bit_length() + 7) // 8, "big") not in told
        edge.say(owned.RC_ISSUED, number, 0x200, b"test.owned", b"no", b"", b"", b"")
        post.join(30)
