# SPDX-License-Identifier: Apache-2.0
"""What tests say about outcomes."""

import contextlib
import re

import scep
import system


@contextlib.contextmanager
def unchanged(one):
    """No certificate comes or goes in the block."""
    before = one.serials()
    yield
    after = one.serials()
    assert not after - before, "new: %s" % (after - before)
    assert len(before) == system.LIST_MAX or not before - after, "gone: %s" % (before - after)


def refused(rep, *fail_infos):
    """The answer is a FAILURE with one of these failInfos, and nothing is in it."""
    assert rep.status == scep.FAILURE, "status %s" % rep.status
    assert not rep.certs
    if fail_infos:
        assert rep.fail_info in fail_infos, "failInfo %s (%s), want %s" % (
            rep.fail_info, rep.fail_text, fail_infos)
    if rep.fail_text is not None:
        assert len(rep.fail_text.encode()) <= 255 and rep.fail_text.isprintable()


def traced(one, what, pattern):
    """`signet trace` of it comes to say pattern (refusals at front are stored in batches)."""
    def look():
        out = one.trace(what, check=False)
        return out if re.search(pattern, out, re.I) else None
    try:
        return system.wait_for("trace of %s with /%s/" % (what, pattern), look, step=0.1)
    except AssertionError:
        raise AssertionError("trace of %s does not say /%s/:\n%s" % (
            what, pattern, one.trace(what, check=False))) from None


def printable(text):
    """Nothing that a terminal obeys, and no line that a lie began."""
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", text), repr(text)
    assert not re.search(r"^2026-01-01T00:00:00Z forged", text, re.M)
