# SPDX-License-Identifier: Apache-2.0
"""Who may have a certificate, said a second time and in another way: from the words of the design, without
a look at the C code. A cell is a kind of signer, a state of the challenge, a message type and an
endpoint; the verdict is YES, NO, or EITHER where the words leave it open.
"""

YES, NO, EITHER = "yes", "no", "either"

# What signs the message.
SIGNERS = {
    "throwaway": "self-signed, with the request's key",
    "throwaway_other_key": "self-signed, with another key than the request's",
    "ours": "a valid certificate of this CA and endpoint, for this subject and these SANs",
    "ours_other_subject": "a valid certificate of this CA and endpoint, for another device",
    "ours_other_endpoint": "a valid certificate of this CA, from another endpoint",
    "ours_revoked": "a certificate of this CA that is revoked",
    "ours_altered": "the bytes of a certificate of this CA with another signature",
    "pretender": "self-signed, with issuer, serial and subject of a certificate of this CA",
    "foreign": "issued by another CA",
    "stolen_name": "a valid certificate of this CA in the message, signed with a key that is not its own",
}

# What the challenge is. Every one that exists is bound to the subject and SANs unless said.
CHALLENGES = {
    "good": "made for this subject, these SANs and this endpoint",
    "none": "no attribute",
    "empty": "an attribute with an empty string",
    "wrong": "never made",
    "used": "made for this subject and endpoint, and has given a certificate",
    "expired": "made for this, too old",
    "other_subject": "made for another subject",
    "other_endpoint": "made for this subject, at another endpoint",
}

TYPES = ("17", "19", "18", "3", "0", "20", "21", "99")

# name: (strict, may renew, static)
ENDPOINTS = {"default": (False, True, False), "strict": (True, True, False),
             "norenewal": (False, False, False), "printers": (False, True, True)}

OURS = ("ours", "ours_other_subject", "ours_other_endpoint", "ours_revoked", "ours_altered", "pretender",
        "stolen_name")


def proves_key(signer):
    """The signature verifies with the certificate in the message."""
    return signer != "stolen_name"


def may_renew(signer, endpoint):
    _, renewal, _ = ENDPOINTS[endpoint]
    return signer == "ours" and renewal


def authorized(challenge, endpoint):
    """A challenge for exactly this; one secret for many stays good however often it is used."""
    return challenge == "good" or (challenge == "used" and ENDPOINTS[endpoint][2])


def verdict(signer, challenge, message_type, endpoint):
    strict = ENDPOINTS[endpoint][0]
    if message_type not in ("17", "19") or not proves_key(signer):
        return NO
    if signer in OURS:
        # Who issued the signer's certificate makes it a renewal, whatever else is in the message.
        if not may_renew(signer, endpoint):
            return NO
        # The certificate authorizes; a challenge that is wrong besides is the policy's to judge.
        return YES if challenge in ("none", "empty", "used", "good") else EITHER
    if not authorized(challenge, endpoint):
        return NO
    if signer == "foreign":
        return EITHER
    if signer == "throwaway_other_key" and strict:
        return NO
    return YES


def cells():
    for endpoint in ENDPOINTS:
        for signer in SIGNERS:
            for challenge in CHALLENGES:
                for message_type in TYPES:
                    yield signer, challenge, message_type, endpoint
