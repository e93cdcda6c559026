# SPDX-License-Identifier: Apache-2.0
"""One request, one certificate: retries, parallel requests, concurrency, restarts."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import conftest
import crowd
import keys
import scep
from expect import refused


def again(req, ra, **o):
    """The same PKCS#10 in a new message: fresh nonce, fresh encryption, fresh throw-away signer."""
    args = dict(ra=ra, csr=req.csr, key=req.key, signer_key=req.signer_key, signer_cert=None)
    args.update(o)
    return scep.Request(**args)


def test_retry__same_bytes__same_certificate(signet):
    req, rep = signet.enrol("CN=bytes,O=Test")
    assert signet.server().send(req).serial == rep.serial


@pytest.mark.parametrize("change", ["signer", "transaction", "both", "cipher"])
def test_retry__same_request_in_a_new_message__same_certificate(signet, change):
    req, rep = signet.enrol("CN=retry-%s,O=Test" % change)
    o = {}
    if change in ("signer", "both"):
        o["signer_key"] = keys.rsa("fresh signer")
    if change != "signer":
        o["transaction"] = scep.random_id()
    else:
        o["transaction"] = req.transaction
    if change == "cipher":
        o.update(cipher="aes256-cbc", digest="sha512")
    for _ in range(3):
        two = signet.server().send(again(req, signet.server().ra, **o))
        assert two.status == scep.SUCCESS and two.serial == rep.serial
        assert two.sender_nonce != rep.sender_nonce


def test_retry__renewalreq_type_with_a_throw_away_signer__same_certificate(signet):
    """Enrol or renew is told by who issued the signer certificate, not by messageType."""
    req, rep = signet.enrol("CN=type,O=Test")
    two = signet.server().send(again(req, signet.server().ra, message_type=scep.RENEWAL_REQ))
    assert two.status == scep.SUCCESS and two.serial == rep.serial


def test_retry__after_a_restart__same_certificate(fresh):
    one = fresh()
    req, rep = one.enrol("CN=restart,O=Test")
    one.restart()
    assert one.server().send(again(req, one.server().ra)).serial == rep.serial


def test_same_transaction__other_request__is_a_new_operation(signet):
    req, rep = signet.enrol("CN=tx-a,O=Test")
    _, two = signet.enrol("CN=tx-b,O=Test", transaction=req.transaction)
    assert two.serial != rep.serial


def test_same_transaction__other_signer_and_request__gets_nothing_of_the_first(signet):
    req, rep = signet.enrol("CN=tx-c,O=Test")
    _, two = signet.server().enrol(subject="CN=tx-c,O=Test", transaction=req.transaction,
                                   key=keys.rsa("thief"), challenge=req and "wrong")
    refused(two)


def test_refused_request__retried__is_judged_again(signet):
    """A FAILURE ends the attempt: it is not remembered as the answer."""
    subject = "CN=judge,O=Test"
    challenge = signet.challenge(subject)
    bad = scep.Request(ra=signet.server().ra, subject="CN=mistake,O=Test", challenge=challenge)
    for _ in range(2):
        refused(signet.server().send(bad))
    signet.enrol(subject, challenge=challenge)


def parallel(jobs, threads=64):
    """Run all at once, as near as a barrier gets."""
    barrier = threading.Barrier(min(threads, len(jobs)))

    def go(job):
        barrier.wait(30)
        return job()

    with ThreadPoolExecutor(min(threads, len(jobs))) as pool:
        return [f.result() for f in [pool.submit(go, j) for j in jobs]]


def test_parallel__64_requests_with_one_challenge__one_certificate(signet):
    """64 different keys race for one challenge."""
    subject = "CN=race,O=Test"
    challenge = signet.challenge(subject)
    before = signet.serials()
    server = signet.server()
    signer = keys.rsa("signer")
    messages = [scep.Request(ra=server.ra, subject=subject, challenge=challenge,
                             key=keys.p256("race%d" % i), signer_key=signer) for i in range(64)]
    built = [(m, m.build()) for m in messages]
    reps = parallel([lambda m=m, b=b: scep.read_certrep(server.post(b).body, server.ra, m.signer_key)
                     for m, b in built])
    won = [r for r in reps if r.status == scep.SUCCESS]
    assert len(won) == 1, "%d certificates" % len(won)
    for r in reps:
        if r.status != scep.SUCCESS:
            refused(r)
    assert signet.serials() - before == {won[0].serial}


def test_parallel__64_copies_of_one_request__one_certificate(signet):
    subject = "CN=copies,O=Test"
    server = signet.server()
    req = scep.Request(ra=server.ra, subject=subject, challenge=signet.challenge(subject))
    before = signet.serials()
    copies = [again(req, server.ra, signer_key=keys.rsa("signer%d" % (i % 4))) for i in range(64)]
    built = [(c, c.build()) for c in copies]
    reps = parallel([lambda c=c, b=b: scep.read_certrep(server.post(b).body, server.ra, c.signer_key)
                     for c, b in built])
    assert {r.status for r in reps} == {scep.SUCCESS}
    assert len({r.serial for r in reps}) == 1
    assert signet.serials() - before == {reps[0].serial}


def test_parallel__64_renewals_with_one_request__one_certificate(signet):
    key = keys.rsa("renewing")
    _, rep = signet.enrol("CN=renew-race,O=Test", key=key)
    server = signet.server()
    req = scep.Request(ra=server.ra, subject="CN=renew-race,O=Test", key=keys.rsa("renewed"),
                       signer_key=key, signer_cert=rep.cert, message_type=scep.RENEWAL_REQ)
    built = [req.build() for _ in range(64)]
    reps = parallel([lambda b=b: scep.read_certrep(server.post(b).body, server.ra, key) for b in built])
    assert {r.status for r in reps} == {scep.SUCCESS}
    assert len({r.serial for r in reps}) == 1


def test_parallel__200_devices__each_its_own_certificate(signet):
    """Concurrency: every answer belongs to its request."""
    server = signet.server("printers")
    names = ["d%d.printers.example" % i for i in range(200)]
    signer = [keys.rsa("signer%d" % i) for i in range(4)]

    def job(i):
        key = keys.p256("device%d" % i)
        req, rep = server.enrol(subject="CN=%s,O=Test" % names[i], sans=("dns:" + names[i],),
                                challenge=conftest.STATIC_SECRET, key=key, signer_key=signer[i % 4])
        assert rep.status == scep.SUCCESS, rep
        assert rep.cert.subject.rfc4514_string().count(names[i]) == 1
        assert rep.cert.public_key().public_numbers() == key.public_key().public_numbers()
        return rep.serial

    with ThreadPoolExecutor(32) as pool:
        serials = list(pool.map(job, range(200)))
    assert len(set(serials)) == 200
    assert set(serials) <= signet.serials()


def test_static__same_request__same_certificate(signet):
    name = "again.printers.example"
    req, rep = signet.enrol("CN=%s,O=Test" % name, ("dns:" + name,), "printers",
                            challenge=conftest.STATIC_SECRET)
    server = signet.server("printers")
    assert server.send(again(req, server.ra)).serial == rep.serial


def test_load__64_connections__each_its_certificate(fresh):
    """Every loop, fiber and thread of the roles at work at once: as many connections as an address may have."""
    one = fresh(start=False)
    crowd.crowd_config(one)
    one.start()
    good = crowd.Good(one)
    made = good.make(640)
    with crowd.unharmed(one):
        good.run(made, threads=64)
    one.stop()
    one.fsck()
    assert len(one.stored()) == 640
