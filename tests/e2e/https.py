# SPDX-License-Identifier: Apache-2.0
"""HTTPS for the tests: a CA for servers' certificates, their files, and TLS over a socket whose records a
test has in hand (Python's own SSLSocket can neither close one direction nor send half a record)."""

import datetime
import functools
import ipaddress
import os
import re
import shutil
import socket
import ssl
import tempfile
import atexit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import keys

LOCAL = ("localhost", "127.0.0.1", "127.0.0.2")
DAY = datetime.timedelta(days=1)


def pem_of(cert):
    return cert.public_bytes(serialization.Encoding.PEM)


def key_pem(key, password=None):
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Ca:
    """A root and one CA below it, which issues."""

    def __init__(self, name="Test Servers"):
        self.root_key, self.key = keys.p256("tls root " + name), keys.p256("tls ca " + name)
        self.root = self.sign("%s Root" % name, self.root_key.public_key(), None, ca=True, names=())
        self.cert = self.sign("%s CA" % name, self.key.public_key(), self.root, ca=True, names=())

    def sign(self, cn, public, issuer=None, names=LOCAL, ca=False, eku=(ExtendedKeyUsageOID.SERVER_AUTH,),
             begins=-1, ends=90):
        """The certificate of a public key, valid from now + begins to now + ends, in days."""
        now = datetime.datetime.now(datetime.timezone.utc)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
        b = x509.CertificateBuilder().subject_name(subject).public_key(public)
        b = b.issuer_name(issuer.subject if issuer else subject).serial_number(x509.random_serial_number())
        b = b.not_valid_before(now + begins * DAY).not_valid_after(now + ends * DAY)
        b = b.add_extension(x509.BasicConstraints(ca, None), True)
        if names:
            b = b.add_extension(x509.SubjectAlternativeName([alternative(n) for n in names]), False)
        if eku and not ca:
            b = b.add_extension(x509.ExtendedKeyUsage(eku), False)
        key = self.key if issuer is not None and issuer is getattr(self, "cert", None) else self.root_key
        return b.sign(key, hashes.SHA256())

    def issue(self, key, **o):
        """The chain of a server, as ACME clients write it, PEM."""
        return pem_of(self.sign("server", key.public_key(), self.cert, **o)) + pem_of(self.cert)

    @functools.cached_property
    def path(self):
        """The root, as a file."""
        folder = tempfile.mkdtemp(prefix="signet-tls-")
        os.chmod(folder, 0o755)
        atexit.register(shutil.rmtree, folder, True)
        path = os.path.join(folder, "root.pem")
        with open(path, "wb") as f:
            f.write(pem_of(self.root))
        return path

    def context(self, **o):
        """Of a client that trusts it."""
        context = ssl.create_default_context(cafile=self.path)
        for name, value in o.items():
            setattr(context, name, value)
        return context


@functools.lru_cache(maxsize=1)
def ca():
    """The one that servers of tests have their certificate of."""
    return Ca()


def put(path, data, mode):
    """A whole file, as ACME clients do it: another one beside it, and then a rename."""
    with open(path + ".new", "wb") as f:
        os.fchmod(f.fileno(), mode)
        f.write(data)
    os.rename(path + ".new", path)


def put_pair(one, name="server", key=None, chain=None, **o):
    """tls/NAME.pem and tls/NAME.key of an installation; the key."""
    folder = os.path.join(one.data, "tls")
    os.makedirs(folder, 0o755, exist_ok=True)
    if key is None:
        key = keys.p256("tls " + name)
    put(os.path.join(folder, name + ".key"), key_pem(key), 0o600)
    put(os.path.join(folder, name + ".pem"), chain or ca().issue(key, **o), 0o644)
    return key


def with_https(text, port, names=("server",), http=True):
    """The configuration with HTTPS on 127.0.0.1, and the pairs of put_pair()."""
    pairs = ", ".join("{certificate: tls/%s.pem, key: tls/%s.key}" % (n, n) for n in names)
    more = "  listen-https: [127.0.0.1:%d]\n  tls: [%s]\n" % (port, pairs)
    return re.sub(r"(?m)^(  listen: .*\n)", (r"\1" if http else "") + more, text, count=1)


class Tls:
    """TLS over a connected socket, as far as a test needs it to look like one."""

    def __init__(self, raw, context=None, name="localhost", shake=True):
        self.raw = raw
        self.context = context or ca().context()
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        if shake:
            self.run(self.tls.do_handshake)

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.raw.sendall(data)

    def feed(self):
        """What comes next on the socket; False at its end."""
        data = self.raw.recv(65536)
        if not data:
            self.incoming.write_eof()
            return False
        self.incoming.write(data)
        return True

    def run(self, step):
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self.flush()
                if not self.feed():
                    raise ConnectionResetError("the server ended the connection") from None
                continue
            except ssl.SSLError:
                self.flush()
                raise
            self.flush()
            return result

    def records(self, data):
        """The bytes of the records in which data would go out."""
        self.tls.write(data)
        return self.outgoing.read()

    def sendall(self, data):
        while data:
            n = self.tls.write(data[:16384])
            data = data[n:]
            self.flush()

    def recv(self, n):
        """b"" only where the server said that it ends (close_notify)."""
        while True:
            try:
                return self.tls.read(n)
            except ssl.SSLWantReadError:
                self.flush()
                if not self.feed():
                    raise ConnectionResetError("the end without close_notify") from None
            except ssl.SSLZeroReturnError:
                return b""

    def shutdown(self, how):
        """Of writing alone: close_notify, and the direction of the socket ends."""
        assert how == socket.SHUT_WR
        try:
            self.tls.unwrap()
        except (ssl.SSLWantReadError, ssl.SSLSyscallError):
            pass
        self.flush()
        self.raw.shutdown(socket.SHUT_WR)

    def setsockopt(self, *a):
        self.raw.setsockopt(*a)

    def settimeout(self, s):
        self.raw.settimeout(s)

    def fileno(self):
        return self.raw.fileno()

    def close(self):
        self.raw.close()


def connect(port, context=None, name="localhost", timeout=60, **o):
    raw = socket.create_connection(("127.0.0.1", port), timeout)
    try:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Tls(raw, context, name, **o)
    except BaseException:
        raw.close()
        raise


def rsa_key(size=2048):
    return rsa_keys.generate_private_key(65537, size) if size != 2048 else keys.rsa("tls")
