# SPDX-License-Identifier: Apache-2.0
"""Fixtures: `signet` is one installation for the whole run with an endpoint of every kind, `fresh`
makes installations of a test's own, `peer_ca` is Debian's scepserver."""

import contextlib
import os
import re
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import peers  # noqa: E402
import scepdevice  # noqa: E402
import scepserver  # noqa: E402
import system  # noqa: E402

SLOW_S = 20
STATIC_SECRET = "static-secret-of-printers"


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out by `make check-fast`; says why in its head")
    config.addinivalue_line("markers", "alone: measures or floods; tools/check runs it when nothing else runs")
    config.addinivalue_line("markers", "needs_product: uses build/signet")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    if not os.access(system.BIN, os.X_OK):
        skip = pytest.mark.skip(reason="%s is not there: `make build`" % system.BIN)
        for item in items:
            if {"signet", "fresh", "signet_bin", "stopped"} & set(item.fixturenames):
                item.add_marker(skip)
    if hasattr(config, "workerinput"):  # a worker of several
        for item in items:
            share(item)
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def share(item):
    """Tests that share a fixture of their module run in one worker, so that it is made once."""
    if any(defs[-1].scope == "module" for defs in item._fixtureinfo.name2fixturedefs.values()):
        item.add_marker(pytest.mark.xdist_group(os.path.splitext(os.path.basename(item.path))[0]))


def write_collected(ids):
    """One line for each test that shall run: tools/check compares them with the results."""
    path = os.environ.get("SIGNET_COLLECTED")
    if path:
        with open(path, "w") as f:
            f.writelines(name + "\n" for name in ids)


def pytest_collection_finish(session):
    config = session.config
    if not hasattr(config, "workerinput") and not getattr(config.option, "numprocesses", None):
        write_collected([item.nodeid for item in session.items])


def pytest_terminal_summary(terminalreporter):
    """A note, and no failure: how long a test takes is also a matter of what else the machine does."""
    for rep in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        if rep.duration > SLOW_S and "slow" not in rep.keywords:
            terminalreporter.line("%s of %s took %d s: mark it slow, and say why in its head" % (
                rep.when, rep.nodeid, rep.duration))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids):
    write_collected(ids)


@pytest.fixture(scope="session")
def signet_bin():
    return system.BIN


def many_refusals(text):
    """All tests have one address, and send more bad messages than the default lets through."""
    return re.sub(r"(?m)^  refusals-per-second: .*$", "  refusals-per-second: 100000", text)


def many_renewals(text):
    """Many tests share one device."""
    return re.sub(r"(?m)^    #(renewal-successors|renewals-per-day): .*$", r"    \1: 0", text)


def lab_config(installation):
    """An endpoint of every kind, so that one installation serves nearly every test."""
    installation.configure(many_refusals)
    installation.configure(many_renewals)
    installation.serve_https()
    secret = os.path.join(installation.data, "static.challenge")
    with open(secret, "w") as f:
        f.write(STATIC_SECRET + "\n")
    st = os.stat(installation.conf)
    os.chown(secret, st.st_uid, st.st_gid)
    os.chmod(secret, 0o600)
    add = installation.add_endpoint
    unlimited = dict(renewal_successors=0, renewals_per_day=0)
    add("legacy", allow=["sha1", "des3"], **unlimited)
    add("strict", profile="strict", **unlimited)
    add("second", **unlimited)
    add("norenewal", renewal=False)
    add("printers", policy="static", challenge_file="static.challenge",
        subjects=["CN=*.printers.example, O=Test"], sans=["dns:*.printers.example"], **unlimited)


@pytest.fixture(scope="session")
def signet():
    """The shared installation. Tests may add certificates and challenges, nothing else."""
    one = system.Signet()
    try:
        one.up()
        one.stop()
        lab_config(one)
        one.start()
        yield one
    finally:
        one.remove()


@pytest.fixture(autouse=True)
def reports(request):
    """A sanitizer's report fails the test in which the shared installation wrote it."""
    yield
    shared = request.node.funcargs.get("signet")
    if shared is not None:
        shared.judge()


@pytest.fixture
def fresh(request):
    """fresh() is a new installation, running; fresh(start=False) one that is set up and stopped;
    configure is a function of the text of its configuration."""
    made, ends = [], contextlib.ExitStack()

    def make(configure=None, start=True, env=None, lab=False, ca_key="p256"):
        one = system.Signet(env=env, ca_key=ca_key)
        made.append(one)
        ends.callback(one.remove)
        one.up()
        if configure or lab or not start:
            one.stop()
            if lab:
                lab_config(one)
            if configure:
                one.configure(configure)
            if start:
                one.start()
        return one

    yield make
    request.node.installations = made
    if getattr(request.node, "failed_call", False):
        for one in made:
            report(one)
    ends.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    rep = outcome.get_result()
    if rep.when == "call" and rep.failed:
        item.failed_call = True
        shared = item.funcargs.get("signet")
        if shared is not None:
            rep.sections.append(("signet events", tail(events_of(shared))))
            rep.sections.append(("signet log", tail(read(shared.log_path))))


def events_of(one):
    try:
        return one.events()
    except (AssertionError, subprocess.TimeoutExpired, OSError) as e:
        return str(e)


def report(one):
    print("--- events of %s\n%s" % (one.path, tail(events_of(one))))
    print("--- log of %s\n%s" % (one.path, tail(read(one.log_path))))


def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except OSError as e:
        return str(e)


def tail(text, lines=40):
    return "\n".join(text.splitlines()[-lines:])


@pytest.fixture
def work():
    """A temporary folder that every user can walk."""
    path = system.make_dir("signet-work-")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def peer_ca():
    """Debian's scepserver with a CA of its own; .url, .ca (path of the PEM)."""
    one = peers.ScepServer()
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def vectors():
    """The folder of captured messages; skips when there is none on this machine."""
    path = os.environ.get("SIGNET_VECTORS")
    if not path or not os.path.isdir(path):
        pytest.skip("SIGNET_VECTORS does not name the folder of captured messages")
    return path


@pytest.fixture
def fake():
    """A SCEP server in Python, for our client."""
    one = scepserver.Fake().start()
    yield one
    one.stop()


@pytest.fixture
def device(work):
    """A folder with a key, in which our client runs."""
    return scepdevice.Device(work)
