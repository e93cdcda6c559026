# SPDX-License-Identifier: Apache-2.0
"""The table of kinds of signer x states of the challenge x message types x endpoints, each cell sent to
the running server and compared with the model. 0 wrong accepts, 0 wrong refusals."""

import time

import pytest

import conftest
import der
import keys
import model
import scep

NUMBER = iter(range(1, 1 << 30))


def test_model__table__is_large_enough():
    assert len(list(model.cells())) >= 1500


class Cell:
    """The world of one endpoint: what signers and challenges need, made once."""

    def __init__(self, one, endpoint):
        self.one, self.endpoint = one, endpoint
        self.static = model.ENDPOINTS[endpoint][2]
        self.other = "second"
        self.tag = "%s-%d" % (endpoint, next(NUMBER))
        self.key, self.device_key = keys.rsa("model csr"), keys.rsa("model device")
        self.certs = {}
        self.late = None
        if not self.static:
            self.late = one.challenge(*self.names("expired"), endpoint=endpoint, expires="1s")
            self.made_at = time.monotonic()

    def names(self, word):
        name = "m-%s-%s.printers.example" % (word.replace("_", "-"), self.tag)
        return "CN=%s,O=Test" % name, ("dns:" + name,)

    def attrs(self):
        return {"signing_time": scep.NOW}

    def certificate(self, word, endpoint=None):
        """A certificate of ours for the names of word."""
        endpoint = endpoint or self.endpoint
        if (word, endpoint) not in self.certs:
            subject, sans = self.names(word)
            static = endpoint == "printers"
            _, rep = self.one.enrol(subject, sans, endpoint, key=self.device_key, attrs=self.attrs(),
                                    challenge=conftest.STATIC_SECRET if static else None)
            self.certs[word, endpoint] = rep.cert
        return self.certs[word, endpoint]

    def signer(self, kind, word):
        """(key, certificate) of a kind of signer for a request with the names of word."""
        if kind == "throwaway":
            return self.key, None
        if kind == "throwaway_other_key":
            return self.device_key, None
        if kind == "foreign":
            return self.device_key, scep.self_signed(
                self.device_key, self.names(word)[0], issuer=der.name("CN=Elsewhere"),
                signer=keys.rsa("other ca"))
        if kind == "ours_other_endpoint":
            return self.device_key, self.certificate(word, self.other)
        if kind == "ours_other_subject":
            return self.device_key, self.certificate("somebody")
        cert = self.certificate(word)
        if kind == "ours_revoked":
            if word + "!" not in self.certs:
                self.one.cli("ca", "revoke", "%x" % cert.serial_number)
                self.certs[word + "!"] = cert
        elif kind == "ours_altered":
            raw = bytearray(scep.as_der(cert))
            raw[-1] ^= 1
            cert = bytes(raw)
        elif kind == "pretender":
            f = scep.CertFields.of(cert)
            thief = keys.rsa("thief")
            return thief, scep.self_signed(thief, f.subject, issuer=f.issuer, serial=cert.serial_number)
        elif kind == "stolen_name":
            return keys.rsa("thief"), cert
        return self.device_key, cert

    def challenge(self, state, word):
        subject, sans = self.names(word)
        if state == "none":
            return None
        if state in ("empty", "wrong"):
            return {"empty": "", "wrong": "f" * 32}[state]
        if self.static:
            # Only the secret itself exists; the states of one-time challenges are all "not it".
            return conftest.STATIC_SECRET if state in ("good", "used") else "f" * 31 + state
        if state == "good":
            return self.one.challenge(subject, sans, self.endpoint)
        if state == "used":
            challenge = self.one.challenge(subject, sans, self.endpoint)
            self.one.enrol(subject, sans, self.endpoint, challenge=challenge, attrs=self.attrs(),
                           key=keys.rsa("first user"))
            return challenge
        if state == "expired":
            time.sleep(max(0.0, 2.1 - (time.monotonic() - self.made_at)))
            return self.late
        if state == "other_subject":
            return self.one.challenge(*self.names("nobody"), endpoint=self.endpoint)
        return self.one.challenge(subject, sans, self.other)

    def send(self, kind, state, message_type):
        """True when a certificate came."""
        # Each cell that may give a certificate needs a request of its own, or it is a retry.
        word = "expired" if state == "expired" else kind
        key, cert = self.signer(kind, word)
        subject, sans = self.names(word)
        server = self.one.server(self.endpoint)
        unique = scep.attribute("1.2.3.4.%d" % next(NUMBER), der.null())
        challenge = self.challenge(state, word)
        attributes = [unique, scep.attribute(scep.EXTENSIONS, der.seq(scep.san_extension(sans)))]
        if challenge is not None:
            attributes.append(scep.attribute(scep.CHALLENGE, der.utf8(challenge)))
        req = scep.Request(ra=server.ra, subject=subject, key=self.key, signer_key=key, signer_cert=cert,
                           message_type=message_type, csr={"attributes": attributes}, attrs=self.attrs())
        r = server.post(req.build())
        assert r.status in (200, 400), r
        if r.status == 400:
            return False
        rep = scep.read_certrep(r.body, server.ra)
        assert rep.status in (scep.SUCCESS, scep.FAILURE)
        return rep.status == scep.SUCCESS


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", model.ENDPOINTS)
@pytest.mark.parametrize("kind", model.SIGNERS)
def test_model__table__server_agrees(signet, kind, endpoint):
    """Slow together, not each: a row has a request for every challenge and type, and waits until a
    challenge has expired."""
    world, wrong = Cell(signet, endpoint), []
    for state in model.CHALLENGES:
        for message_type in model.TYPES:
            want = model.verdict(kind, state, message_type, endpoint)
            got = world.send(kind, state, message_type)
            if want != model.EITHER and got != (want == model.YES):
                wrong.append("%s challenge, messageType %s: %s, want %s" % (
                    state, message_type, "certificate" if got else "refused", want))
    assert not wrong, "%s at %s:\n%s" % (kind, endpoint, "\n".join(wrong))
