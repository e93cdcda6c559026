# SPDX-License-Identifier: Apache-2.0
"""Keys for tests. RSA keys are slow to make, so that they are shared: rsa("who") is the same key for
the same word within a run, and tests that need a key of nobody else choose a word of their own."""

import threading

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa as rsa_keys

_cache = {}
_lock = threading.Lock()


def rsa(who="client", size=2048):
    with _lock:
        if (who, size) not in _cache:
            _cache[who, size] = rsa_keys.generate_private_key(65537, size)
        return _cache[who, size]


def rsa_many(n):
    """n keys, of which any two share no more than a prime: made in the time that a few take. Like this
    a stranger has a key for each message."""
    primes, made = [], []
    while len(made) < n:
        p = rsa_keys.generate_private_key(65537, 2048).private_numbers()
        for new in (p.p, p.q):
            for old in primes[:n - len(made)]:
                d = pow(65537, -1, (old - 1) * (new - 1))
                made.append(rsa_keys.RSAPrivateNumbers(
                    old, new, d, d % (old - 1), d % (new - 1), pow(new, -1, old),
                    rsa_keys.RSAPublicNumbers(65537, old * new)).private_key())
            primes.append(new)
    return made[:n]


def p256(who="client"):
    with _lock:
        if (who, "p256") not in _cache:
            _cache[who, "p256"] = ec.generate_private_key(ec.SECP256R1())
        return _cache[who, "p256"]


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def spki(key):
    public = key.public_key() if hasattr(key, "public_key") else key
    return public.public_bytes(serialization.Encoding.DER,
                               serialization.PublicFormat.SubjectPublicKeyInfo)
