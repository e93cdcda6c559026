# SPDX-License-Identifier: Apache-2.0
"""Attack D1 (slowloris, slow bodies, slow readers): strangers who hold connections open, from many
addresses, while good clients enrol. `make check` has 1 000 of each and asserts what is certain.

SIGNET_LONG=1 has 10 000, and asserts what they cost, in two ways. The rate of the good, who come as fast
as they can, before, during and after: the roles have a processor of their own for that, so that it is not
the strangers' processor time that is measured; what else the machine does still is in it, so one of
three tries has to succeed. And the processor time that the roles spend on strangers alone, as a share of
what they have when the good come: that is the part of the rate that strangers take."""

import contextlib
import os
import resource
import time

import pytest

import crowd

LONG = bool(os.environ.get("SIGNET_LONG"))
STRANGERS = 10000 if LONG else 1000
ENROLMENTS = 2000 if LONG else 60
DURING = 4 * ENROLMENTS if LONG else ENROLMENTS  # longer than the ten seconds of a head
TRIES = 3 if LONG else 1
MEMORY_MIB = 250  # all roles: 80 without strangers, and some kilobytes for each of them
COST = 0.1
OF_RATE = 0.9


@pytest.fixture
def town(fresh):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < (19000 if LONG else STRANGERS + 1000):
        pytest.skip("at most %d open files: ulimit -Hn" % most)
    one = fresh(lab=False, start=False, ca_key="p256")
    crowd.crowd_config(one)
    one.start()
    return one


def around(town, good, kind, capsys):
    """The good before, during and after: the part of their usual rate that they had during."""
    batches = [good.make(n) for n in (ENROLMENTS, DURING, ENROLMENTS)]
    before = good.run(batches[0])
    with crowd.unharmed(town), crowd.Strangers(kind, town.port, STRANGERS) as strangers:
        during = good.run(batches[1])
        memory = crowd.memory_mib(town)
    after = good.run(batches[2])
    part = during.rate / ((before.rate + after.rate) / 2)
    crowd.say(capsys, "%s: %s", kind, strangers.stats)
    for name, result in (("before", before), ("during", during), ("after", after)):
        crowd.say(capsys, "%s: %s: %s", kind, name, result)
    crowd.say(capsys, "%s: %.3f of the rate; %.0f MiB in all roles", kind, part, memory)
    assert strangers.stats["most"] >= STRANGERS * 0.9, strangers.stats
    assert memory < MEMORY_MIB
    return part


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("kind", ["idle", "drip"])
def test_slow__strangers_hold_connections__the_good_enrol(town, capsys, kind):
    """Slow and alone: a thousand connections at once; with SIGNET_LONG rates before, during and after."""
    good = crowd.Good(town)
    good.run(good.make(20))  # everything is warm
    parts = []
    with crowd.apart(town) if LONG else contextlib.nullcontext():
        while len(parts) < TRIES and max(parts, default=0) < OF_RATE:
            parts.append(around(town, good, kind, capsys))
    if LONG:
        alone, usual = shares(town, good, kind)
        crowd.say(capsys, "%s: alone: %.3f CPU of %.3f", kind, alone, usual)
        assert max(parts) >= OF_RATE, parts
        assert alone < COST * usual, "%.3f of %.3f" % (alone, usual)


def shares(town, good, kind):
    """Processor time a second that the roles spend on strangers alone, and on the good alone."""
    usual = good.run(good.make(ENROLMENTS))
    with crowd.unharmed(town), crowd.Strangers(kind, town.port, STRANGERS):
        alone = cpu_share(town, 25)  # every head of ten seconds ends, and begins again
    return alone, usual.cpu / usual.seconds


if LONG:
    @pytest.mark.slow
    @pytest.mark.alone
    @pytest.mark.parametrize("kind", ["idle", "drip"])
    def test_slow__more_strangers_than_places__the_good_enrol(town, capsys, kind):
        """Slow and alone: 18 000 connections. SG_HTTP_CONNS_MAX is 16384: whoever comes takes the place of who has waited longest."""
        good = crowd.Good(town)
        good.run(good.make(20))
        batch = good.make(200)
        with crowd.unharmed(town), crowd.Strangers(kind, town.port, 18000) as strangers:
            during = good.run(batch, per_second=20)
        crowd.say(capsys, "full: %s: %s", kind, strangers.stats)
        crowd.say(capsys, "full: %s: during: %s", kind, during)
        assert strangers.stats["most"] > 16000, strangers.stats
        assert during.percentile(99) < 1.0


def cpu_share(one, seconds):
    begin, cpu = time.monotonic(), crowd.cpu_seconds(one)
    time.sleep(seconds)
    return (crowd.cpu_seconds(one) - cpu) / (time.monotonic() - begin)
