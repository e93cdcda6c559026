# SPDX-License-Identifier: Apache-2.0
"""A SCEP server in Python that answers rightly unless it is told otherwise: what `signet enroll` and
`signet renew` are tested against."""

import base64
import datetime
import hashlib
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding as block_padding
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

import der
import keys
import scep

REQUEST_AGENT, CLIENT_AUTH = "1.3.6.1.4.1.311.20.2.1", "1.3.6.1.5.5.7.3.2"
CAPS = b"AES\nPOSTPKIOperation\nRenewal\nSCEPStandard\nSHA-256\n"


def key_usage(*numbers):
    bits = sum(0x80 >> n for n in numbers)
    return scep.extension("2.5.29.15", der.bits(bytes([bits])), True)


def ago(days):
    return datetime.datetime.utcnow() - datetime.timedelta(days=days)


def fingerprint(cert):
    return hashlib.sha256(scep.as_der(cert)).hexdigest()


def pem(*certs):
    return b"".join(scep.loaded(c).public_bytes(Encoding.PEM) for c in certs)


def ca(who="root", subject=None, under=None, path=None, is_ca=True, **o):
    """(certificate, key) of a CA, self-signed or under another."""
    extensions = [scep.basic_constraints(is_ca, path), key_usage(5, 6)]
    return issue(keys.rsa("ca " + who), subject or "CN=%s,O=Fake" % who, under, extensions, **o)


def ra(under, who="ra", eku=(REQUEST_AGENT,), usage=(0, 2), **o):
    extensions = [scep.basic_constraints(False)]
    extensions += [key_usage(*usage)] if usage else []
    extensions += [scep.eku_extension(*eku)] if eku else []
    return issue(keys.rsa(who), "CN=RA,O=Fake", under, extensions, **o)


def issue(key, subject, under, extensions=(), days=30, **o):
    o = dict(o)
    if under:
        cert, signer = under
        o.setdefault("issuer", scep.CertFields.of(cert).subject)
        o.setdefault("signer", signer)
    return scep.self_signed(key, subject, days=days, extensions=extensions, **o), key


class Seen:
    """One request as the server understood it."""

    def __init__(self, body, ra_key):
        sd = asn1_cms.ContentInfo.load(body)["content"]
        si = sd["signer_infos"][0]
        attrs = list(si["signed_attrs"])
        self.transaction = scep.one_value(attrs, scep.TRANSACTION, der.PRINTABLE).decode()
        self.nonce = scep.one_value(attrs, scep.SENDER_NONCE, der.OCTETS)
        self.message_type = scep.one_value(attrs, scep.MESSAGE_TYPE, der.PRINTABLE).decode()
        self.digest = si["digest_algorithm"]["algorithm"].native
        self.signer = x509.load_der_x509_certificate(sd["certificates"][0].dump())
        ed = asn1_cms.ContentInfo.load(sd["encap_content_info"]["content"].native)["content"]
        ri = ed["recipient_infos"][0].chosen
        self.oaep = ri["key_encryption_algorithm"]["algorithm"].dotted == scep.OAEP_OID
        pad = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None) if self.oaep \
            else padding.PKCS1v15()
        cek = ra_key.decrypt(ri["encrypted_key"].native, pad)
        eci = ed["encrypted_content_info"]
        oid = eci["content_encryption_algorithm"]["algorithm"].dotted
        self.cipher = [n for n, c in scep.CIPHERS.items() if c[0] == oid][0]
        iv = eci["content_encryption_algorithm"]["parameters"].native
        d = scep.cipher_for(self.cipher, cek, iv).decryptor()
        p = block_padding.PKCS7(scep.CIPHERS[self.cipher][2] * 8).unpadder()
        plain = p.update(d.update(eci["encrypted_content"].native) + d.finalize())
        self.csr_der = plain + p.finalize()
        self.csr = x509.load_der_x509_csr(self.csr_der)


class Fake:
    """The server. Everything that a test may want to be wrong is an attribute; answer(seen) may be
    replaced by a function that gives bytes, or (status, headers, bytes)."""

    def __init__(self, chain=None, ra=None):
        self.root = ca()
        self.ra = ra or globals()["ra"](self.root)
        self.chain = [self.ra[0], self.root[0]] if chain is None else chain
        self.issuer = self.root
        self.caps = (200, "text/plain", CAPS)
        self.cert_answer = None
        self.issued = {}  # arguments of issue()
        self.subject = None
        self.certrep = {}  # arguments of certrep()
        self.more_certs = []
        self.answer = self.success
        self.seen, self.asked, self.fails = [], [], []

    # --- answers ---------------------------------------------------------------------------

    def leaf(self, seen):
        o = dict(self.issued)
        key = o.pop("key", None) or seen.csr.public_key()
        extensions = [e for e in seen.csr.extensions if e.oid.dotted_string == "2.5.29.17"]
        made = [scep.basic_constraints(False)] + [
            scep.extension("2.5.29.17", e.value.public_bytes()) for e in extensions]
        subject = self.subject or der.parse(seen.csr_der)[0][1].der
        cert, _ = issue(key, subject, o.pop("under", self.issuer), o.pop("extensions", made), **o)
        return cert

    def success(self, seen):
        return self.certrep_of(seen, scep.SUCCESS)

    def failure(self, fail, text=None):
        extra = [(scep.FAIL_TEXT, der.utf8(text))] if text is not None else []
        return lambda seen: self.certrep_of(seen, scep.FAILURE, fail=fail, extra=extra)

    def pending(self, seen):
        return self.certrep_of(seen, scep.PENDING)

    def certrep_of(self, seen, status, fail=None, extra=(), **more):
        o = dict(self.certrep, **more)
        content = None
        if status == scep.SUCCESS and not o.pop("no_content", False):
            certs = [self.leaf(seen)] + self.more_certs
            inner = scep.signed_data(None, [], [scep.as_der(c) for c in certs], digest_oids=[])
            others = o.pop("recipients", None)  # of the signer and the content key
            content = scep.envelope(inner, o.pop("recipient", None) or seen.signer,
                                    cipher=o.pop("cipher", "aes128-cbc"),
                                    transport=o.pop("transport", "pkcs1"),
                                    recipients=others and (lambda cek: others(seen.signer, cek)))
        digest = o.pop("digest", "sha256")
        made = [(scep.CONTENT_TYPE, der.oid(scep.DATA)),
                (scep.MESSAGE_DIGEST, der.octets(hashlib.new(digest, content or b"").digest())),
                (scep.MESSAGE_TYPE, der.printable(o.pop("message_type", "3"))),
                (scep.STATUS, der.printable(o.pop("status", status))),
                (scep.TRANSACTION, der.printable(o.pop("transaction", seen.transaction))),
                (scep.SENDER_NONCE, der.octets(b"s" * 16)),
                (scep.RECIPIENT_NONCE, der.octets(o.pop("nonce", seen.nonce)))]
        if fail is not None:
            made.append((scep.FAIL_INFO, der.printable(fail)))
        without = o.pop("without", ())
        made = [m for m in made if m[0] not in without] + list(extra)
        cert, key = o.pop("signer", self.ra)
        certs = o.pop("certs", [scep.as_der(cert)])
        info = scep.signer_info(key, cert, [scep.attribute(*m) for m in made], digest=digest, **o)
        return scep.signed_data(content, [info], certs, digests=(digest,))

    # --- HTTP ------------------------------------------------------------------------------

    def respond(self, operation, message):
        if self.fails:
            return self.fails.pop(0)
        if operation == "GetCACaps":
            return self.caps
        if operation == "GetCACert":
            if self.cert_answer:
                return self.cert_answer
            if len(self.chain) == 1:
                return (200, "application/x-x509-ca-cert", scep.as_der(self.chain[0]))
            return (200, "application/x-x509-ca-ra-cert", scep.signed_data(
                None, [], [scep.as_der(c) for c in self.chain], digest_oids=[]))
        seen = Seen(message, self.ra[1])
        self.seen.append(seen)
        answer = self.answer(seen)
        return answer if isinstance(answer, tuple) else (200, "application/x-pki-message", answer)

    def start(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def serve(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                operation = query.get("operation", [""])[0]
                fake.asked.append((self.command, operation))
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if self.command == "GET" and "message" in query:
                    body = base64.b64decode(query["message"][0])
                answer = fake.respond(operation, body)
                if answer is None:
                    self.connection.close()
                    return
                status, kind, content = answer[:3]
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                for name, value in (answer[3] if len(answer) > 3 else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = serve

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args):
                pass  # the client hangs up when it has read enough

        self.http = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    @property
    def url(self):
        return "http://127.0.0.1:%d/scep" % self.http.server_port

    @property
    def operations(self):
        return [o for _, o in self.asked]

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
