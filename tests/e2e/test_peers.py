# SPDX-License-Identifier: Apache-2.0
"""Real clients against our server, and our client against a real server."""

import os

import pytest

import keys
import peers
import scep
import system
from expect import traced, unchanged


def check(cert_path, key_path, subject, sans=()):
    """A certificate for that key and those names; openssl agrees that they match."""
    cert = peers.load(cert_path)
    assert sorted(a.value for a in cert.subject) == sorted(
        p.split("=")[1].strip() for p in subject.split(","))
    if sans:
        got = cert.extensions.get_extension_for_class(scep.x509.SubjectAlternativeName).value
        assert sorted(got.get_values_for_type(scep.x509.DNSName)) == sorted(sans)
    a = system.run("openssl", "x509", "-in", cert_path, "-noout", "-pubkey").stdout
    b = system.run("openssl", "pkey", "-in", key_path, "-pubout").stdout
    assert a == b
    return cert


def signing_ca(signet, work):
    """The chain above the RA, as an administrator gives it to certmonger."""
    from cryptography.hazmat.primitives.serialization import Encoding
    path = os.path.join(work, "signing.pem")
    with open(path, "wb") as f:
        for c in signet.server().ca_certs()[1:]:
            f.write(c.public_bytes(Encoding.PEM))
    return path


# --- certmonger --------------------------------------------------------------------------------

def test_certmonger__scep_submit_caps_and_certs(signet):
    p = system.run(peers.SCEP_SUBMIT, "-u", signet.url, "-c")
    assert {"SCEPStandard", "Renewal", "AES", "SHA-256"} <= set(p.stdout.split())
    p = system.run(peers.SCEP_SUBMIT, "-u", signet.url, "-C")
    assert p.stdout.count("BEGIN CERTIFICATE") >= 2


@pytest.fixture
def certmonger():
    one = peers.Certmonger(system.make_dir("signet-certmonger-"))
    try:
        one.start()
        yield one
    finally:
        one.stop()
        import shutil
        shutil.rmtree(one.path, ignore_errors=True)


def test_certmonger__request_resubmit_rekey(signet, certmonger, work):
    subject, san = "CN=cm1,O=Test", "cm1.example"
    challenge = signet.challenge(subject, ("dns:" + san,))
    key, cert = certmonger.at("k.pem"), certmonger.at("c.pem")
    certmonger.add_ca("S", signet.url, signing_ca(signet, work))
    certmonger.getcert("request", "-c", "S", "-k", key, "-f", cert, "-I", "req1", "-N", subject,
                       "-D", san, "-L", challenge, "-w", "-v", check=False)
    certmonger.wait_monitoring("req1")
    first = check(cert, key, subject, (san,))

    certmonger.getcert("resubmit", "-i", "req1", "-w", check=False)
    certmonger.wait_monitoring("req1")
    system.wait_for("a second certificate", lambda: peers.load(cert) != first)
    second = check(cert, key, subject, (san,))
    assert second.public_key().public_numbers() == first.public_key().public_numbers()

    certmonger.getcert("rekey", "-i", "req1", "-w", check=False)
    certmonger.wait_monitoring("req1")
    system.wait_for("a third certificate", lambda: peers.load(cert) != second)
    third = check(cert, key, subject, (san,))
    assert third.public_key().public_numbers() != first.public_key().public_numbers()
    assert {"%x" % c.serial_number for c in (first, second, third)} <= signet.serials()


def test_certmonger__wrong_challenge__rejected_and_traced(signet, certmonger, work):
    certmonger.add_ca("S", signet.url, signing_ca(signet, work))
    with unchanged(signet):
        certmonger.getcert("request", "-c", "S", "-k", certmonger.at("k.pem"), "-f",
                           certmonger.at("c.pem"), "-I", "req1", "-N", "CN=cm2,O=Test", "-L", "wrong",
                           "-w", "-v", check=False)
        system.wait_for("the rejection", lambda: certmonger.status("req1") == "CA_REJECTED", 2 * system.SOON_S)
    traced(signet, "CN=cm2", r"challenge")


# --- strongSwan --------------------------------------------------------------------------------

PKI_CASES = {
    "aes_sha256": ("default", ()),
    "aes_sha384": ("default", ("--digest", "sha384")),
    "aes_sha512": ("default", ("--digest", "sha512")),
    "pss": ("default", ("--rsa-padding", "pss")),
    "pss_sha512": ("default", ("--rsa-padding", "pss", "--digest", "sha512")),
    "des3_sha256": ("legacy", ("--cipher", "des3")),
    "des3_sha1": ("legacy", ("--cipher", "des3", "--digest", "sha1")),
}


@pytest.mark.parametrize("case", PKI_CASES)
def test_strongswan__enrol_and_renew(signet, work, case):
    endpoint, more = PKI_CASES[case]
    name = "sw-" + case.replace("_", "-")
    dn, san = "CN=%s, O=Test" % name, name + ".example"
    pki = peers.Pki(signet.server(endpoint).url, work)
    key = pki.key("k.pem")
    challenge = signet.challenge(dn.replace(", ", ","), ("dns:" + san,), endpoint)
    cert = pki.scep(key, dn, challenge, (san,), more=more)
    first = check(cert, key, dn, (san,))
    if "sha1" in more:
        return  # SHA-1 is refused in renewals
    new = pki.key("new.pem")
    second = check(pki.scep(new, dn, None, (san,), old=(cert, key), more=more), new, dn, (san,))
    assert second.serial_number != first.serial_number


def test_strongswan__renewal_with_sha1__refused(signet, work):
    dn = "CN=sw-old,O=Test"
    pki = peers.Pki(signet.server("legacy").url, work)
    key = pki.key("k.pem")
    cert = pki.scep(key, dn, signet.challenge(dn, (), "legacy"))
    with unchanged(signet):
        p = pki.scep(pki.key("new.pem"), dn, old=(cert, key), more=("--digest", "sha1"), check=False)
    assert p.returncode != 0


def test_strongswan__des3_where_not_allowed__bad_alg_and_traced(signet, work):
    dn = "CN=sw-des3,O=Test"
    pki = peers.Pki(signet.url, work)
    with unchanged(signet):
        p = pki.scep(pki.key("k.pem"), dn, signet.challenge(dn), more=("--cipher", "des3"), check=False)
    assert p.returncode != 0
    traced(signet, "CN=sw-des3", r"des-?3|3des|des-ede3")


def test_strongswan__wrong_challenge__refused(signet, work):
    pki = peers.Pki(signet.url, work)
    with unchanged(signet):
        p = pki.scep(pki.key("k.pem"), "CN=sw-wrong,O=Test", "wrong", check=False)
    assert p.returncode != 0
    traced(signet, "CN=sw-wrong", r"challenge")


# --- micromdm's scepclient ---------------------------------------------------------------------

def test_scepclient__single_des__bad_alg_and_the_trace_names_it(signet, work):
    subject = "C=US,O=scep-client,OU=MDM,CN=des-device"
    challenge = signet.challenge(subject)
    with unchanged(signet):
        p = system.run("scepclient", "-server-url=" + signet.url, "-challenge=" + challenge,
                       "-cn", "des-device", "-private-key", os.path.join(work, "client.key"),
                       "-certificate", os.path.join(work, "client.pem"), check=False, cwd=work)
    assert p.returncode != 0 or not os.path.exists(os.path.join(work, "client.pem"))
    assert "badAlg" in p.stdout + p.stderr or "BadAlg" in p.stdout + p.stderr
    events = system.wait_for("the refusal in the events", lambda: (
        lambda out: out if "des" in out.lower() else None)(signet.events()), step=0.1)
    assert "des" in events.lower()


# --- our client against micromdm's scepserver --------------------------------------------------

def enroll(url, work, *more, challenge="secret", subject="CN=our-device,O=Test", check=True,
           fingerprint=None, name="ours"):
    path = os.path.join(work, name)
    args = [system.BIN, "enroll", url, "--subject", subject, "--challenge-file", "-",
            "--key", path + ".key", "--out", path + ".pem"]
    if fingerprint:
        args += ["--ca-fingerprint", fingerprint]
    return system.run(*args, *more, data=challenge, check=check), path


def test_our_client__scepserver_with_legacy_des__enrols(signet_bin, peer_ca, work):
    _, path = enroll(peer_ca.url, work, "--legacy-des", fingerprint=peer_ca.fingerprint())
    check(path + ".pem", path + ".key", "CN=our-device,O=Test")
    assert os.stat(path + ".key").st_mode & 0o777 == 0o600


def test_our_client__scepserver_without_legacy_des__says_what_to_do(signet_bin, peer_ca, work):
    p, path = enroll(peer_ca.url, work, fingerprint=peer_ca.fingerprint(), check=False,
                     subject="CN=our-device2,O=Test")
    assert p.returncode != 0
    assert "--legacy-des" in p.stderr and "DES" in p.stderr
    assert not os.path.exists(path + ".pem")
    # What was issued is not lost: its key and its CA prove it.
    check(path + ".pem.unverified", path + ".key", "CN=our-device2,O=Test")


def test_our_client__wrong_fingerprint__challenge_never_leaves(signet_bin, work):
    """The CA is checked before the challenge leaves: nothing but GetCACaps and GetCACert is asked."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from cryptography.hazmat.primitives.serialization import Encoding
    asked = []
    cert = scep.loaded(scep.self_signed(keys.rsa("mitm"), "CN=Man in the middle")).public_bytes(
        Encoding.DER)

    class Mitm(BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("content-length") or 0)
            asked.append((self.command, self.path, self.rfile.read(length)))
            caps = "GetCACaps" in self.path
            body = b"AES\nSHA-256\nPOSTPKIOperation\nSCEPStandard\n" if caps else cert
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if caps else "application/x-x509-ca-cert")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Mitm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        p, path = enroll("http://127.0.0.1:%d/scep" % server.server_port, work, fingerprint="00" * 32,
                         check=False, challenge="canary-challenge")
    finally:
        server.shutdown()
        server.server_close()
    assert p.returncode != 0 and "fingerprint" in p.stderr.lower()
    assert not any("PKIOperation" in path for _, path, _ in asked), asked
    assert not os.path.exists(path + ".pem")


# --- our client against our server -------------------------------------------------------------

def root_fingerprint(signet):
    from cryptography.hazmat.primitives import hashes
    return signet.server().ca_certs()[-1].fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize("more", [(), ("--get",), ("--cipher", "aes-256", "--digest", "sha512")])
def test_our_client__our_server__enrols_and_renews(signet, work, more):
    subject = "CN=own%d,O=Test" % len(more)
    _, path = enroll(signet.url, work, "--san", "dns:own.example", *more, subject=subject,
                     challenge=signet.challenge(subject, ("dns:own.example",)),
                     fingerprint=root_fingerprint(signet))
    first = check(path + ".pem", path + ".key", subject, ("own.example",))
    new = os.path.join(work, "new")
    system.run(system.BIN, "renew", signet.url, "--key", path + ".key", "--cert", path + ".pem",
               "--new-key", new + ".key", "--out", new + ".pem",
               "--ca-fingerprint", root_fingerprint(signet))
    second = check(new + ".pem", new + ".key", subject, ("own.example",))
    assert second.serial_number != first.serial_number


def test_our_client__existing_key__is_used_and_kept(signet, work):
    path = os.path.join(work, "given.key")
    with open(path, "wb") as f:
        f.write(keys.pem(keys.rsa("given")))
    before = open(path, "rb").read()
    subject = "CN=given,O=Test"
    enroll(signet.url, work, subject=subject, challenge=signet.challenge(subject), name="given",
           fingerprint=root_fingerprint(signet))
    assert open(path, "rb").read() == before
    check(os.path.join(work, "given.pem"), path, subject)


def test_our_client__refused__says_the_fail_info_and_writes_no_certificate(signet, work):
    with unchanged(signet):
        p, path = enroll(signet.url, work, check=False, challenge="wrong",
                         fingerprint=root_fingerprint(signet))
    assert p.returncode != 0 and "badRequest" in p.stderr
    assert not os.path.exists(path + ".pem")


def test_our_client__json__one_object(signet, work):
    import json
    subject = "CN=json,O=Test"
    p, _ = enroll(signet.url, work, "--json", subject=subject, challenge=signet.challenge(subject),
                  fingerprint=root_fingerprint(signet))
    assert json.loads(p.stdout)["result"] == "issued"
    assert json.loads(p.stdout)["warnings"] == []  # our own server does nothing odd


def test_our_client__getcacaps_and_getcacert(signet):
    assert "SCEPStandard" in system.run(system.BIN, "getcacaps", signet.url).stdout
    p = system.run(system.BIN, "getcacert", signet.url)
    assert "warning" not in p.stderr
    out = p.stdout
    assert root_fingerprint(signet) in out.replace(":", "").lower()


def test_our_client__nobody_listens__one_line(signet_bin, work):
    p, _ = enroll("http://127.0.0.1:%d/scep" % system.free_port(), work, check=False,
                  fingerprint="00" * 32)
    assert p.returncode != 0 and len(p.stderr.strip().splitlines()) == 1
