# SPDX-License-Identifier: Apache-2.0
"""The oracle of all JSON that Signet writes: the contract as `signet api` prints it, read by python3-jsonschema.

An answer is held to what this version writes: where the schema leaves room for members of a later one,
there is none here.
"""

import copy
import datetime
import functools
import http.client
import json
import os
import re
import socket
import subprocess

import jsonschema

METHODS = ("get", "post")
CHECKS = jsonschema.FormatChecker(formats=())
# What commands print with --json where it is the answer of a route; the others are x-signet-commands.
COMMANDS = {
    "challenge new": "registrar.challenge_new",
    "trace": "registrar.trace",
    "events": "registrar.events",
    "ca list": "ca.certificates",
    "ca show": "ca.certificate",
    "ca revoke": "ca.revoke",
    "ca release": "ca.release",
    "ca import": "ca.import",
    "ca audit": "ca.audit",
    "ca crl": "ca.publish",
    "ca crl --adopt": "ca.adopt",
}


@CHECKS.checks("date-time", raises=ValueError)
def is_time(text):
    return not isinstance(text, str) or datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) is not None


def no_doubles(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "a name twice: %s" % sorted(names)
    return dict(pairs)


def loads(text):
    """JSON without doubles, infinities and what else Python reads beside the standard."""
    def refuse(word):
        raise ValueError("%s is not JSON" % word)
    return json.loads(text, object_pairs_hook=no_doubles, parse_constant=refuse)


def close(schema):
    """The same where no object has further members."""
    if isinstance(schema, list):
        return [close(v) for v in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: close(v) for k, v in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        out["additionalProperties"] = False
    return out


class Operation:
    def __init__(self, path, method, item, op):
        self.path, self.method, self.op = path, method.upper(), op
        self.id = op["operationId"]
        self.socket = item["x-signet-socket"]
        self.right = op["x-signet-right"]
        self.params = op.get("parameters", [])
        self.content = op["responses"]["200"]["content"]
        body = op.get("requestBody")
        self.body = body and body["content"]["application/json"]["schema"]
        self.rx = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))

    @property
    def followed(self):
        return "application/jsonl" in self.content


class Contract:
    def __init__(self, text):
        self.doc = loads(text)
        self.closed = close(copy.deepcopy(self.doc))
        self.operations = [Operation(path, method, item, item[method])
                           for path, item in self.closed["paths"].items() for method in METHODS if method in item]
        self.by_id = {op.id: op for op in self.operations}

    def resolve(self, schema):
        """A schema, or what it refers to."""
        while "$ref" in schema:
            at = self.closed
            for part in schema["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            schema = at
        return schema

    def check(self, value, schema, what):
        resolver = jsonschema.RefResolver("", self.closed)
        for e in jsonschema.Draft202012Validator(schema, resolver=resolver,
                                                 format_checker=CHECKS).iter_errors(value):
            raise AssertionError("%s: %s: %s\n%s" % (what, "/".join(str(p) for p in e.absolute_path), e.message[:300],
                                                     json.dumps(value, indent=2)[:3000]))

    def operation(self, method, target):
        """The one that is asked; None: there is none."""
        path = target.partition("?")[0]
        for op in self.operations:
            if op.method == ("GET" if method == "HEAD" else method) and op.rx.fullmatch(path):
                return op
        return None

    def check_problem(self, status, value):
        self.check(value, {"$ref": "#/components/schemas/problem"}, "a problem")
        assert value["status"] == status and value["type"] == "urn:signet:rule:" + value["rule"]

    def check_answer(self, method, target, status, media, body):
        """What came as an answer, whatever it is."""
        if method in ("HEAD", "OPTIONS"):
            assert body == b"", (method, target, body)
            return
        if status != 200:
            assert media == "application/problem+json", (method, target, status, media, body)
            self.check_problem(status, loads(body))
            return
        op = self.operation(method, target)
        assert op is not None, "%s %s is answered and not in the contract" % (method, target)
        assert media in op.content, (method, target, media)
        schema = op.content[media].get("schema")
        if media == "application/json":
            self.check(loads(body), schema, "%s %s" % (method, target))
        elif media == "application/jsonl":
            for line in body.split(b"\n"):
                if line:
                    self.check(loads(line), schema, "a line of %s %s" % (method, target))

    def check_command(self, args, said, failed=False):
        """What a command printed with --json: where the role refused, its problem."""
        words = [str(a) for a in args]
        two = " ".join(words[:2])
        name = two if two in COMMANDS or two in self.closed["x-signet-commands"] else words[0]
        if name == "ca crl" and "--adopt" in words:
            name += " --adopt"
        if name in COMMANDS and failed:
            self.check(loads(said), {"$ref": "#/components/schemas/problem"}, "signet " + name)
        elif name in COMMANDS and self.by_id[COMMANDS[name]].followed:  # lines, whether it goes on or not
            for line in said.splitlines():
                self.check(loads(line), self.by_id[COMMANDS[name]].content["application/jsonl"]["schema"],
                           "signet " + name)
        else:
            schema = (self.by_id[COMMANDS[name]].content["application/json"]["schema"] if name in COMMANDS
                      else self.closed["x-signet-commands"][name])
            self.check(loads(said), schema, "signet " + name)


@functools.lru_cache(maxsize=None)
def contract(program):
    return Contract(subprocess.run([program, "api"], check=True, capture_output=True, text=True).stdout)


class Connection(http.client.HTTPConnection):
    """To a Unix socket, by way of /proc: their paths end at 107 bytes."""

    def __init__(self, path, timeout):
        super().__init__("signet", timeout=timeout)
        self.unix = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        folder = os.open(os.path.dirname(self.unix), os.O_PATH)
        try:
            self.sock.connect("/proc/self/fd/%d/%s" % (folder, os.path.basename(self.unix)))
        finally:
            os.close(folder)


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body
        self.media = fields.get("Content-Type", "").partition(";")[0]

    @property
    def json(self):
        return loads(self.body)


def ask(program, path, method, target, body=None, timeout=60, **fields):
    """One question at a control socket, and its answer, which is held to the contract. body: what becomes
    JSON, or bytes. fields: Content_Type="text/plain"."""
    send = {name.replace("_", "-"): value for name, value in fields.items()}
    if body is not None:
        send.setdefault("Content-Type", "application/json")
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    one = Connection(path, timeout)
    try:
        one.request(method, target, body=body, headers=send)
        got = one.getresponse()
        answer = Answer(got.status, dict(got.getheaders()), got.read())
    finally:
        one.close()
    contract(program).check_answer(method, target, answer.status, answer.media, answer.body)
    return answer
