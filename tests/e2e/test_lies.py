# SPDX-License-Identifier: Apache-2.0
"""What a compromised role can say to the command line: it is stopped, and the test answers in its place."""

import threading

import pytest

import owned
from test_owned import printable

AT, TRACE = "2026-11-28T12:00:00Z", "ab" * 16
LYING_EVENT = dict(id=1, at=AT, trace=TRACE, role=owned.LIE, code=owned.LIE, rule=owned.LIE, text=owned.LIE,
                   endpoint=owned.LIE, peer=owned.LIE, transaction=owned.LIE, subject=owned.LIE)
LYING_STEP = dict(step=owned.LIE, done=owned.LIE, role=owned.LIE, at=AT, since_us=1, took_us=1, outcome=owned.LIE)
LYING_TRANSACTION = dict(
    id=1, attempt=1, state=owned.LIE, kind=owned.LIE, policy=owned.LIE, trace=TRACE, started_at=AT, finished_at=AT,
    endpoint=owned.LIE, transaction=owned.LIE, subject=owned.LIE, peer=owned.LIE, serial=owned.LIE, not_after=AT,
    signer=owned.LIE, rule=owned.LIE, text=owned.LIE, steps=[LYING_STEP])


@pytest.mark.parametrize("command,status,answer", [
    (["events"], 200, dict(items=[LYING_EVENT, dict(LYING_EVENT, rule="cms.digest")], next=None)),
    (["events", "--follow"], 200, LYING_EVENT),
    (["trace", "x"], 200, dict(transactions=[LYING_TRANSACTION], events=[dict(LYING_EVENT, trace="cd" * 16)])),
    (["challenge", "new", "--subject", "CN=a"], 200, dict(challenge=owned.LIE, expires_at=AT, endpoint=owned.LIE)),
    (["challenge", "new", "--subject", "CN=a"], 200, dict(challenge=[owned.LIE])),
    (["trace", "x"], 200, [owned.LIE]),
    (["trace", "x"], 404, dict(type="urn:" + owned.LIE, title=owned.LIE, status=404, detail=owned.LIE, code="not-found",
                               rule=owned.LIE, remedy=owned.LIE, trace=TRACE))])
def test_registrar__lies_to_the_command_line__printed_as_data(fresh, command, status, answer):
    """can: lie in its events. The terminal of whoever asks, who may be root, obeys nobody."""
    one = fresh()
    listener, = owned.sockets_of(one.role("registrar"), listening=True)
    with owned.Owned(one, "registrar"):
        t = threading.Thread(target=owned.answer_http, args=(listener, status, answer), daemon=True)
        t.start()
        p = one.cli(*command, check=False)
        t.join(20)
    listener.close()
    understood = status == 200 and isinstance(answer, dict) and answer.get("challenge") != [owned.LIE]
    assert ("honest" in p.stdout if understood else p.returncode == 1), p.stdout + p.stderr
    printable(p.stdout + p.stderr)
