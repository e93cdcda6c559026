# SPDX-License-Identifier: Apache-2.0
"""Real SCEP software from Debian: certmonger, strongSwan's pki, micromdm's scepclient and scepserver."""

import os
import re
import shutil
import signal
import subprocess
import time

from cryptography import x509

import keys
import system

CHAIN_FREE = "digitalSignature,keyEncipherment,keyCertSign,cRLSign"
SCEP_SUBMIT = "/usr/lib/certmonger/scep-submit"


class ScepServer:
    """micromdm's scepserver: answers everything in single DES and SHA-1, renewals want the challenge."""

    challenge = "secret"

    def __init__(self):
        self.path = system.make_dir("signet-peer-")
        self.depot = os.path.join(self.path, "depot")
        self.port = system.free_port()
        self.url = "http://127.0.0.1:%d/scep" % self.port
        self.ca = os.path.join(self.depot, "ca.pem")
        self.process = None

    def start(self):
        os.mkdir(self.depot)
        plain = os.path.join(self.path, "ca.plain")
        system.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", plain,
                   "-out", self.ca, "-days", "30", "-subj", "/O=Peer/CN=Peer CA",
                   "-addext", "keyUsage=critical," + CHAIN_FREE)
        system.run("openssl", "rsa", "-traditional", "-aes256", "-passout", "pass:capass",
                   "-in", plain, "-out", os.path.join(self.depot, "ca.key"))
        self.log = open(os.path.join(self.path, "log"), "wb")
        self.process = subprocess.Popen(
            ["scepserver", "-depot", self.depot, "-port", str(self.port),
             "-challenge=" + self.challenge, "-capass=capass", "-allowrenew=0"],
            stdout=self.log, stderr=self.log)
        import scep
        server = scep.Server(self.url)

        def answers():
            try:
                return server.caps()
            except OSError:
                return None

        system.wait_for("scepserver", answers)

    def fingerprint(self):
        from cryptography.hazmat.primitives import hashes
        with open(self.ca, "rb") as f:
            return x509.load_pem_x509_certificate(f.read()).fingerprint(hashes.SHA256()).hex()

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.log.close()
        shutil.rmtree(self.path, ignore_errors=True)


# --- strongSwan --------------------------------------------------------------------------------

class Pki:
    """strongSwan's pki in a folder of its own, with the CA and RA certificates of url."""

    def __init__(self, url, path):
        self.url, self.path = url, path
        self.ra = self.at("ra.pem")
        p = system.run("pki", "--scepca", "--url", url, "--caout", self.at("ca.pem"), "--raout",
                       self.ra, "--outform", "pem", "--force")
        self.said = p.stdout + p.stderr
        self.cas = sorted(self.at(n) for n in os.listdir(path) if re.match(r"ca.*\.pem$", n))
        ras = sorted(self.at(n) for n in os.listdir(path) if re.match(r"ra.*\.pem$", n))
        ras = ras or self.cas  # a CA without an RA answers with its own certificate
        self.ra_enc, self.ra_sig = ras[0], ras[-1]

    def at(self, name):
        return os.path.join(self.path, name)

    def key(self, name):
        path = self.at(name)
        with open(path, "wb") as f:
            f.write(keys.pem(keys.rsa(path)))
        return path

    def scep(self, key, dn, challenge=None, sans=(), old=None, check=True, more=(), timeout=2 * system.SOON_S):
        """Enrol, or renew with old = (certificate path, key path); the certificate's path."""
        args = ["pki", "--scep", "--url", self.url, "--in", key, "--dn", dn,
                "--cacert-enc", self.ra_enc, "--cacert-sig", self.ra_sig, "--outform", "pem"]
        for ca in self.cas:
            args += ["--cacert", ca]
        for s in sans:
            args += ["--san", s]
        if challenge is not None:
            args += ["--password", challenge]
        if old:
            args += ["--cert", old[0], "--key", old[1]]
        p = system.run(*args, *more, check=False, timeout=timeout)
        if p.returncode != 0 or "BEGIN CERTIFICATE" not in p.stdout:
            assert not check, "pki --scep: exit status %d\n%s%s" % (p.returncode, p.stdout, p.stderr)
            return p
        out = key + ".cert"
        with open(out, "w") as f:
            f.write(p.stdout)
        return out


# --- certmonger --------------------------------------------------------------------------------

class Certmonger:
    """certmonger on a session bus of its own."""

    def __init__(self, path):
        self.path = path
        self.env = {"HOME": path, "XDG_CONFIG_HOME": os.path.join(path, "config"),
                    "XDG_RUNTIME_DIR": path, "TMPDIR": path}
        self.bus = self.daemon = None

    def start(self):
        conf = os.path.join(self.path, "bus.conf")
        with open(conf, "w") as f:
            f.write("""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s/bus</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>""" % self.path)
        self.bus = subprocess.Popen(["dbus-daemon", "--nofork", "--config-file", conf],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        system.wait_for("the bus", lambda: os.path.exists(self.path + "/bus"))
        self.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=%s/bus" % self.path
        os.makedirs(self.env["XDG_CONFIG_HOME"], exist_ok=True)
        self.log = open(self.at("certmonger.log"), "wb")
        self.daemon = subprocess.Popen(
            ["/usr/lib/certmonger/certmonger-session", "-n", "-s", "-d", "3"], env=dict(os.environ, **self.env),
            stdout=self.log, stderr=self.log, start_new_session=True)
        system.wait_for("certmonger", lambda: self.getcert("list", check=False).returncode == 0)

    def at(self, name):
        return os.path.join(self.path, name)

    def getcert(self, verb, *args, check=True, timeout=2 * system.SOON_S):
        return system.run("getcert", verb, "-s", *args, check=check, env=self.env, timeout=timeout)

    def add_ca(self, name, url, signing_ca):
        """signing_ca: the PEM of the CA above the RA; without it the answer is refused."""
        self.getcert("add-scep-ca", "-c", name, "-u", url, "-N", signing_ca)

    def status(self, req_id):
        out = self.getcert("list", "-i", req_id, check=False).stdout
        m = re.search(r"status: (\S+)", out)
        return m.group(1) if m else out

    def wait_monitoring(self, req_id, seconds=2 * system.SOON_S):
        """Wait until the certificate is there; fails with what certmonger says."""
        end = time.monotonic() + seconds
        while True:
            s = self.status(req_id)
            if s == "MONITORING":
                return
            assert time.monotonic() < end and s not in ("CA_REJECTED", "CA_UNREACHABLE", "CA_UNCONFIGURED"), \
                self.getcert("list", "-i", req_id, check=False).stdout + tail(self.at("certmonger.log"))
            time.sleep(0.1)

    def stop(self):
        for p in (self.daemon, self.bus):
            if p and p.poll() is None:
                p.send_signal(signal.SIGTERM)
                try:
                    p.wait(5)
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait()


def tail(path, lines=40):
    try:
        with open(path, errors="replace") as f:
            return "".join(f.readlines()[-lines:])
    except OSError:
        return ""


def load(path):
    with open(path, "rb") as f:
        return x509.load_pem_x509_certificate(f.read())
