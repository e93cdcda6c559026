# SPDX-License-Identifier: Apache-2.0
"""A role that nothing in src knows (tests/roles/echo): a second program, of the same objects and libraries
with one more row in the table of roles, starts it, hands it its secret, and keeps it in a sandbox."""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re

import pytest

import openapi
import system

TOOLS = os.path.join(os.path.dirname(os.path.abspath(system.BIN)), "tests/roles")
SECRET = bytes(range(32))
ROOT = os.geteuid() == 0
USER = 64104  # the fifth of the table


def ask(one, route, **body):
    """(status, answer) of a question to echo; None where it ends in the middle of it."""
    try:
        with contextlib.closing(openapi.Connection(os.path.join(one.data, "run/echo.sock"), 2 * system.SOON_S)) as c:
            c.request("POST", "/v1/echo/" + route, json.dumps(body), {"Content-Type": "application/json"})
            answer = c.getresponse()
            return answer.status, json.loads(answer.read())
    except (ConnectionError, http.client.HTTPException):
        return None


@pytest.fixture(scope="module")
def echo():
    """A running installation of the second program, whose configuration has echo's section."""
    if not os.path.exists(os.path.join(TOOLS, "signet-echo")):
        pytest.skip("signet-echo is not built: tools/build build -Dtests=true")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(system, "BIN", os.path.join(TOOLS, "signet-echo"))
        one = system.Signet(ca_key="p256")
        try:
            one.up()
            one.stop()
            path = os.path.join(one.data, "keys/echo.key")
            with open(path, "wb") as f:
                f.write(SECRET)
            os.chmod(path, 0o600)
            one.configure(lambda text: text + "\necho:\n  secret: keys/echo.key\n")
            one.start()
            yield one
        finally:
            one.remove()


def status_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def test_started__beside_the_others__answers_under_its_secret(echo):
    assert sorted(line.split()[-1] for line in echo.roles().values()) == [
        "ca", "echo", "front", "keyd", "registrar"]
    code, answer = ask(echo, "say", text="a b c")
    mac = hmac.new(SECRET, b"a b c", hashlib.sha256).hexdigest()
    assert (code, answer) == (200, {"greeting": "hello", "text": "a b c", "mac": mac})
    assert ask(echo, "nothing")[1]["rule"] == "api.path"
    assert ask(echo, "say", text=1)[1]["rule"] == "json.type"
    echo.enrol("CN=beside-echo,O=Test")


def test_process__as_declared__its_own_user_and_few_descriptors(echo):
    status = status_of(echo.role("echo"))
    assert int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1"
    if ROOT:
        assert status["Uid"].split() == [str(USER)] * 4
        held = system.descriptors(echo.role("echo")).values()
        assert not [v for v in held if v.startswith("/") and v not in ("/dev/null", echo.log_path)]
        assert os.stat(os.path.join(echo.data, "db/echo")).st_uid == USER


def test_sandbox__file__refused(echo):
    if "sandbox.missing" in echo.said():
        pytest.skip("this machine lacks a part of the sandbox")
    for path in ("/etc/passwd", echo.conf, os.path.join(echo.data, "keys/echo.key")):
        assert ask(echo, "open", text=path) == (200, {"error": 13}), path


def test_sandbox__socket__ended_and_started_again(echo):
    if "sandbox.missing" in echo.said():
        pytest.skip("this machine lacks a part of the sandbox")
    pid = echo.role("echo")
    assert ask(echo, "socket") is None
    system.wait_for("report", lambda: "sandbox.violation echo (process %d)" % pid in echo.said())
    system.wait_for("an answer", lambda: ask(echo, "say", text="again"))


def test_options__of_the_role__checked_like_others(echo):
    """Its rows are the schema's; nobody else's program has them."""
    with open(echo.conf) as f:
        good = f.read()

    def said(text, program=None):
        with open(echo.conf, "w") as f:
            f.write(text)
        p = system.run(program or system.BIN, "check", "-c", echo.conf, check=False)
        return [line for line in p.stdout.splitlines() if "conf.listen" not in line and "'front.listen" not in line]

    path = os.path.join(echo.data, "keys/echo.key")
    try:
        assert said(good) == [echo.conf + ": no mistakes"]
        assert re.search(r":\d+: 'echo.secret': expected a path, found nothing", said(
            good.replace("  secret: keys/echo.key", "  greeting: x"))[0])
        assert any("did you mean 'secret'" in line for line in said(good.replace("  secret:", "  secrte:")))
        assert "'echo.secret': expected a file of its own" in said(good.replace("keys/echo.key", "keys/unwrap.key"))[0]
        os.chmod(path, 0o644)
        assert "'echo.secret': others may read" in said(good)[0]
        os.chmod(path, 0o600)
        plain = os.path.join(os.path.dirname(os.path.dirname(TOOLS)), "signet")
        assert "'echo': expected an option" in said(good, plain)[0]
    finally:
        os.chmod(path, 0o600)
        with open(echo.conf, "w") as f:
            f.write(good)
    assert "### echo.secret" in system.run(system.BIN, "check", "--reference").stdout


def test_alone__its_section_only__runs(echo):
    echo.stop()
    with open(echo.conf) as f:
        good = f.read()
    try:
        with open(echo.conf, "w") as f:
            f.write("data: .\necho: {secret: keys/echo.key, greeting: alone}\n")
        echo.start()
        assert [line.split()[-1] for line in echo.roles().values()] == ["echo"]
        assert ask(echo, "say", text="")[1]["greeting"] == "alone"
        if ROOT:
            assert status_of(echo.role("echo"))["Uid"].split()[0] == str(USER)
    finally:
        echo.stop()
        with open(echo.conf, "w") as f:
            f.write(good)
        echo.start()
