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

OURS = ("ours", "ours_other_subject", "ours_other_endpoint", "ours_revoked")
NAMES_US = OURS + ("ours_altered", "pretender", "stolen_name")  # as the issuer, ours or not


def proves_key(signer):
    """The signature verifies with the certificate in the message."""
    return signer != "stolen_name"


def may_renew(signer, endpoint):
    _, renewal, _ = ENDPOINTS[endpoint]
    return signer == "ours" and renewal


def is_live(challenge, endpoint):
    """Something is granted for it, to whatever request; one secret for many stays good however often it is
    used, and is for no names of its own."""
    static = ENDPOINTS[endpoint][2]
    return challenge in ("good", "used") if static else challenge in ("good", "other_subject")


def authorized(challenge, endpoint):
    """A challenge for exactly this."""
    return is_live(challenge, endpoint) and challenge != "other_subject"


def verdict(signer, challenge, message_type, endpoint):
    strict = ENDPOINTS[endpoint][0]
    if message_type not in ("17", "19") or not proves_key(signer):
        return NO
    if signer in NAMES_US:
        # Strictly only a certificate that this CA did issue may be of another key than the request's.
        counts = message_type == "19" and (signer in OURS or not strict)
        if counts and is_live(challenge, endpoint):
            return YES if authorized(challenge, endpoint) else NO
        return YES if may_renew(signer, endpoint) else NO
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


# --- what is said about one message, and what it does to its challenge ----------------------------

class Outcome:
    """What comes of a message: issued by the "challenge" or the "certificate", or refused by a rule. counts: a
    failure of the challenge; state: what becomes of that; names: whose spelling is certified; alg: the device is
    told badAlg."""

    def __init__(self, by=None, rule=None, counts=False, state=None, names=None, told_both=False, alg=False):
        self.by, self.rule, self.counts, self.state = by, rule, counts, state
        self.names, self.told_both, self.alg = names, told_both, alg


# The rows and columns of that table. The certificates of ours are for the names that the request asks for and
# of its endpoint, unless they are called other.
ORDER_SIGNERS = ("self_signed", "foreign_ca", "ours", "ours_other_name", "ours_other_endpoint", "ours_expired",
                 "ours_revoked", "forged")
ORDER_CHALLENGES = {"one-time": ("none", "blank", "wrong", "used", "expired", "good", "mismatch"),
                    "static": ("none", "blank", "wrong", "good", "mismatch")}
# Why a challenge is not live, and whether a refusal of it alone counts against it.
DEAD = {"one-time": {"none": ("challenge.missing", False), "blank": ("challenge.missing", False),
                     "wrong": ("challenge.unknown", False), "used": ("challenge.used", False),
                     "expired": ("challenge.expired", True)},
        "static": {"none": ("challenge.missing", False), "blank": ("challenge.missing", False),
                   "wrong": ("challenge.wrong", False)}}
MISMATCH = {"one-time": "binding.subject", "static": "pattern.no-subject"}
STATES = {"used": "used", "expired": "free", "good": "free", "mismatch": "free"}
NOT_RENEWED = {"ours_other_name": "renewal.subject", "ours_other_endpoint": "renewal.endpoint",
               "ours_expired": "renewal.expired", "ours_revoked": "renewal.revoked", "forged": "renewal.foreign"}


def order(policy, signer, challenge, message_type, sha1=False):
    """The order of decision: (a) a RenewalReq under a certificate that names this CA by that certificate, (c) any
    other message by a challenge that is live, (d) by that certificate, where there is one, else by none. What an
    earlier attempt gave, (b), is a question of its own. A signature over SHA-1 is good enough where nothing is
    decided by it."""
    state = STATES.get(challenge) if policy == "one-time" else None
    by_certificate = signer not in ("self_signed", "foreign_ca")
    dead, counts = DEAD[policy].get(challenge, (None, False))
    if sha1 and message_type == "17":
        return Outcome(rule="scep.alg.sha1", state=state, alg=True)
    if by_certificate and (message_type == "17" or dead):
        both = message_type == "19" and challenge not in ("none", "blank")
        if sha1:
            return Outcome(rule="scep.alg.sha1", state=state, told_both=both, alg=True)
        if signer == "ours" and policy == "static" and challenge == "mismatch":
            return Outcome(rule="renewal.subject")  # nothing that fits no pattern was ever certified there
        if signer == "ours":
            return Outcome(by="certificate", state=state, names="certificate")
        return Outcome(rule=NOT_RENEWED[signer], state=state, told_both=both)
    if dead:
        if message_type == "17" and dead == "challenge.missing":
            dead = "renewal.foreign"  # what it would have needed otherwise
        return Outcome(rule=dead, counts=counts, state=state)
    if challenge == "mismatch":
        return Outcome(rule=MISMATCH[policy], counts=policy == "one-time", state=state)
    return Outcome(by="challenge", state="used" if policy == "one-time" else None,
                   names="challenge" if policy == "one-time" else "request")
