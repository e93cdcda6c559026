# SPDX-License-Identifier: Apache-2.0
"""Attack D1 (slowloris, slow bodies, slow readers): strangers who hold connections open, from many
addresses, while good clients enrol. `make check` has 1 000 of each and asserts what is certain.

SIGNET_LONG=1 has 10 000, and asserts what they cost. The rate of the good before, during and after is
printed; but the strangers' own processor time, and that of whatever else this machine does, is in it. So
what is asserted is the processor time that the roles spend on strangers alone, as a share of what they
have when the good come as fast as they can: that is the part of the rate that strangers take."""

import os
import resource
import time

import pytest

import crowd

LONG = bool(os.environ.get("SIGNET_LONG"))
STRANGERS = 10000 if LONG else 1000
ENROLMENTS = 1500 if LONG else 60
MEMORY_MIB = 250  # all roles: 80 without strangers, and some kilobytes for each of them
COST = 0.1


@pytest.fixture
def town(fresh):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < (19000 if LONG else STRANGERS + 1000):
        pytest.skip("at most %d open files: ulimit -Hn" % most)
    one = fresh(lab=False, start=False, ca_key="p256")
    crowd.crowd_config(one)
    one.start()
    return one


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["idle", "drip"])
def test_slow__strangers_hold_connections__the_good_enrol(town, capsys, kind):
    good = crowd.Good(town)
    good.run(good.make(20))  # everything is warm
    batches = [good.make(ENROLMENTS) for _ in range(3)]
    before = good.run(batches[0])
    alone = 0.0
    with crowd.unharmed(town), crowd.Strangers(kind, town.port, STRANGERS) as strangers:
        during = good.run(batches[1])
        if LONG:
            alone = cpu_share(town, 25)  # every head of ten seconds ends, and begins again
        memory = crowd.memory_mib(town)
    after = good.run(batches[2])
    crowd.say(capsys, "%s: %s", kind, strangers.stats)
    for name, result in (("before", before), ("during", during), ("after", after)):
        crowd.say(capsys, "%s: %s: %s", kind, name, result)
    crowd.say(capsys, "%s: %.0f MiB in all roles; strangers alone: %.3f CPU", kind, memory, alone)
    assert strangers.stats["most"] >= STRANGERS * 0.9, strangers.stats
    assert memory < MEMORY_MIB
    if LONG:
        usual = max(r.cpu / r.seconds for r in (before, after))
        assert alone < COST * usual, "%.3f of %.3f" % (alone, usual)


if LONG:
    @pytest.mark.parametrize("kind", ["idle", "drip"])
    def test_slow__more_strangers_than_places__the_good_enrol(town, capsys, kind):
        """SG_HTTP_CONNS_MAX is 16384: whoever comes takes the place of who has waited longest."""
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
