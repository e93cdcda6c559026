# SPDX-License-Identifier: Apache-2.0
"""A compromised role answers the command line: what it says is printed as data, whatever it is."""
import json
import select
import socket
import threading

import pytest

import owned
from expect import printable

WHO = "CN=owned,O=Test"


def answered(listener, answer, status):
    """Take one question of the command line, and answer it."""
    assert select.select([listener], [], [], 20)[0]
    sock = listener.accept()[0]
    sock.settimeout(20)
    question = b""
    while b"\r\n\r\n" not in question:
        question += sock.recv(65536)
    # As our own roles write it, but that nothing is escaped that need not be; bytes as they are.
    body = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    sock.sendall(b"HTTP/1.1 %d It is so\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                 b"Connection: close\r\n\r\n" % (status, len(body)) + body)
    sock.shutdown(socket.SHUT_WR)
    while sock.recv(65536):
        pass
    sock.close()


def says(one, role, answer, *command, status=200):
    """What a command prints when that role, which is ours, answers it so."""
    listener, = owned.sockets_of(one.role(role), listening=True)
    with owned.Owned(one, role):
        t = threading.Thread(target=answered, args=(listener, answer, status), daemon=True)
        t.start()
        p = one.cli(*command, check=False)
        t.join(20)
    listener.close()
    return p


LIE = "a\n2026-01-01T00:00:00Z forged \x1b[2J\x1b]0;title\x07 \u009b31m \u202e honest"


def lie(contract, schema, words=False):
    """A value that a schema of the contract allows, with a lie wherever there is a text, or a word unless words."""
    while "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kind = schema["type"]
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return {name: lie(contract, member, words) for name, member in schema["properties"].items()}
    if kind == "array":
        return [lie(contract, schema["items"], words)] * max(1, schema.get("minItems", 1))
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    if words and "enum" in schema:
        return schema["enum"][0]
    if "pattern" in schema:
        return "1" * max(2, schema.get("minLength", 2))
    return LIE if schema.get("maxLength", 1 << 20) >= len(LIE.encode()) else "\x1b[2J honest"


def lie_of(one, route, words=False):
    """An answer of this route that the contract allows."""
    contract = json.loads(one.cli("api", conf=False).stdout)
    operations = [op for path in contract["paths"].values() for op in path.values() if "operationId" in op]
    (operation,) = [op for op in operations if op["operationId"] == route]
    answer = lie(contract, operation["responses"]["200"]["content"]["application/json"]["schema"], words)
    if "next" in answer:
        answer["next"] = None
    return answer


@pytest.mark.parametrize("role,route,command", [
    ("registrar", "registrar.events", ["events"]), ("registrar", "registrar.trace", ["trace", "x"]),
    ("registrar", "registrar.challenge_new", ["challenge", "new", "--subject", WHO]),
    ("ca", "ca.audit", ["ca", "audit"]), ("ca", "ca.certificates", ["ca", "list"]), ("ca", "ca.certificate", ["ca", "show", "01"]),
    ("ca", "ca.revoke", ["ca", "revoke", "01", "--lineage"])])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_role__lies_to_the_command_line__printed_as_data(fresh, role, route, command, form):
    """can: lie in its events. The terminal of whoever asks, who may be root, obeys nobody."""
    one = fresh()
    # What --json prints is held to the contract, also here.
    p = says(one, role, lie_of(one, route, words=bool(form)), *command, *form)
    assert "honest" in p.stdout, p.stdout + p.stderr
    printable(p.stdout + p.stderr)


def test_role__answers_more_than_it_may_be_asked__printed(fresh):
    """A question ends at one MiB, and an answer does not: 100 transactions with all their steps."""
    one = fresh()
    answer = lie_of(one, "registrar.trace")
    for transaction in answer["transactions"]:
        transaction["steps"] *= 32
    answer = {name: rows * 100 for name, rows in answer.items()}
    assert len(json.dumps(answer)) > 1 << 20
    p = says(one, "registrar", answer, "trace", "x")
    assert p.returncode == 0 and p.stdout.count("honest") >= 100 * 2, p.stderr


def problem(status, code):
    return dict(type="urn:signet:rule:" + LIE, title=LIE, status=status, detail=LIE, code=code, rule="any.rule", remedy=LIE,
                trace="00" * 16)


@pytest.mark.parametrize("role,command,status,answer", [
    ("registrar", ["trace", "x"], 404, problem(404, "not-found")),
    ("registrar", ["trace", "x"], 200, [LIE]),
    ("registrar", ["trace", "x", "--json"], 200, LIE.encode()),
    ("registrar", ["challenge", "new", "--subject", WHO], 200, dict(challenge=[LIE])),
    ("registrar", ["challenge", "new", "--subject", WHO, "--json"], 200, b'{"challenge":"\x1b[2J"}'),
    ("ca", ["ca", "list", "--json"], 200, LIE.encode()),
    ("registrar", ["events", "--follow"], 200, dict(problem=problem(500, "internal"))),
    ("registrar", ["events", "--follow"], 200, [LIE]),
    ("ca", ["ca", "audit", "--follow"], 200, [LIE]),
    ("ca", ["ca", "release", "01"], 409, problem(409, "conflict")),
    ("ca", ["ca", "release", "01"], 200, dict(lists=LIE, honest=1)),
    ("ca", ["ca", "list"], 200, [LIE])])
def test_role__refuses_or_answers_with_what_is_none__said_as_data(fresh, role, command, status, answer):
    p = says(fresh(), role, answer, *command, status=status)
    assert p.returncode == 1 and p.stderr and not p.stdout, p.stdout + p.stderr
    printable(p.stderr)
