# SPDX-License-Identifier: Apache-2.0
"""The contract for JSON: that `signet api` prints OpenAPI, that every route refuses what it says it refuses, and that
a stranger can do with it and curl what it promises.

What each answer consists of is checked wherever a test gets one (openapi.py)."""

import json
import os
import re
import subprocess

import jsonschema
import pytest

import openapi
import system

CONTRACT = openapi.contract(system.BIN)
OPERATIONS = pytest.mark.parametrize("op", CONTRACT.operations, ids=lambda op: op.id)
HEX = "^([0-9a-f]{2})*$"
LINE_MAX = 4096  # what is longer is not asked for in a URL


# --- OpenAPI 3.1 ------------------------------------------------------------------------------------------

def keys(value, required, optional=()):
    """An object of these members and no others but extensions."""
    assert isinstance(value, dict), value
    have = {k for k in value if not k.startswith("x-signet-")}
    assert set(required) <= have <= set(required) | set(optional), sorted(have)
    return value


def check_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    for ref in re.findall(r'"\$ref": "([^"]*)"', json.dumps(schema)):
        assert ref.startswith("#/components/schemas/"), ref
        assert ref.rsplit("/", 1)[1] in CONTRACT.doc["components"]["schemas"], ref


def check_content(content):
    assert content
    for media, value in content.items():
        assert re.fullmatch(r"application/[a-z+-]+", media)
        keys(value, (), ("schema",))
        check_schema(value.get("schema", True))


def check_operation(path, op):
    keys(op, ("operationId", "tags", "description", "responses"), ("parameters", "requestBody"))
    names = [(p["name"], p["in"]) for p in op.get("parameters", [])]
    assert len(names) == len(set(names))
    assert {n for n, where in names if where == "path"} == set(re.findall(r"\{(\w+)\}", path))
    for p in op.get("parameters", []):
        keys(p, ("name", "in", "required", "description", "schema"))
        assert p["in"] == "query" or p["in"] == "path" and p["required"] is True
        check_schema(p["schema"])
    if "requestBody" in op:
        keys(op["requestBody"], ("required", "content"))
        check_content(op["requestBody"]["content"])
    keys(op["responses"], ("200", "default"))
    keys(op["responses"]["200"], ("description", "content"))
    check_content(op["responses"]["200"]["content"])
    assert op["responses"]["default"] == {"$ref": "#/components/responses/problem"}
    assert op["x-signet-right"] in CONTRACT.doc["x-signet-rights"]


def test_openapi__as_printed__is_openapi_3_1():
    doc = keys(CONTRACT.doc, ("openapi", "info", "servers", "paths", "components"))
    assert doc["openapi"] == "3.1.0"
    keys(doc["info"], ("title", "version", "description", "license"))
    keys(doc["info"]["license"], ("name", "identifier"))
    assert [s["url"] for s in doc["servers"]] == ["http://signet"]
    ids = []
    for path, item in doc["paths"].items():
        assert re.fullmatch(r"(/([a-z0-9_]+|\{[a-z0-9_]+\}))+", path)
        keys(item, (), openapi.METHODS)
        assert item["x-signet-socket"] == "run/%s.sock" % path.split("/")[2]
        for method in openapi.METHODS:
            if method in item:
                check_operation(path, item[method])
                ids.append(item[method]["operationId"])
    assert len(ids) == len(set(ids)) and len(ids) == len(CONTRACT.operations)
    keys(doc["components"], ("schemas", "responses"))
    for name, schema in doc["components"]["schemas"].items():
        assert re.fullmatch(r"[a-z0-9_]+", name)
        check_schema(schema)
    for value in doc["components"]["responses"].values():
        keys(value, ("description", "content"))
        check_content(value["content"])
    for value in doc["x-signet-commands"].values():
        check_schema(value)


def reached(schema, found):
    """The names of all components that a schema has in it."""
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema)):
        if name not in found:
            found.add(name)
            reached(CONTRACT.doc["components"]["schemas"][name], found)
    return found


def test_openapi__questions_closed__answers_open():
    asked, answered = set(), set()
    for item in CONTRACT.doc["paths"].values():
        for method in openapi.METHODS:
            op = item.get(method, {})
            reached(op.get("requestBody", {}), asked)
            reached(op.get("responses", {}), answered)
    reached(CONTRACT.doc["components"]["responses"], answered)
    reached(CONTRACT.doc["x-signet-commands"], answered)
    assert not asked & answered  # else a reader of answers would refuse those of a later version
    schemas = CONTRACT.doc["components"]["schemas"]
    assert set(schemas) == asked | answered
    assert {n for n, s in schemas.items() if s.get("additionalProperties") is False} == asked


def test_openapi__committed__current():
    """What `make check` says, too; here beside the routes that differ."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/api/openapi.json")
    with open(path, encoding="utf-8") as f:
        assert json.load(f) == CONTRACT.doc, "type: tools/man"


# --- every route ------------------------------------------------------------------------------------------

def sample(schema):
    """A value that a schema allows."""
    schema = CONTRACT.resolve(schema)
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "string":
        if schema.get("format") == "date-time":
            return "2026-11-28T12:00:00Z"
        if schema.get("pattern") == HEX:
            return "0" * max(2, schema.get("minLength", 2))
        return "1" * max(1, schema.get("minLength", 1))
    if kind == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", [])}
    return {"integer": schema.get("minimum", 0), "boolean": True,
            "array": [sample(schema["items"])] * schema.get("minItems", 0) if kind == "array" else None}[kind]


def wrong_type(schema):
    """A value of JSON that is not of its type; its rule."""
    schema = CONTRACT.resolve(schema)
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    return {"string": 7, "integer": "7", "boolean": 1, "object": [], "array": {}}[kind]


def beyond(schema):
    """Values that are of its type and out of its bounds."""
    schema = CONTRACT.resolve(schema)
    if "enum" in schema:
        return ["no-such-word"]
    unit = 2 if schema.get("pattern") == HEX else 1
    out = []
    if "maxLength" in schema:
        out.append("0" * (schema["maxLength"] + unit))
    if schema.get("minLength", 0) > 0:
        out.append("0" * (schema["minLength"] - unit))
    if "minimum" in schema:
        out += [schema["minimum"] - 1, schema["maximum"] + 1]
    if "maxItems" in schema and CONTRACT.resolve(schema["items"]).get("type") == "string":
        out.append(["0"] * (schema["maxItems"] + 1))
    return out


def target(op, **query):
    """The path with its parameters, and these as the query; a list: several."""
    path = op.path
    for p in op.params:
        if p["in"] == "path":
            path = path.replace("{%s}" % p["name"], str(sample(p["schema"])))
        elif p["required"]:
            query.setdefault(p["name"], sample(p["schema"]))
    pairs = [(k, v) for k, vs in query.items() for v in (vs if isinstance(vs, list) else [vs])]
    return path + ("?" + "&".join("%s=%s" % p for p in pairs) if pairs else "")


def body_of(op, **members):
    return dict(sample(op.body), **members) if op.body else None


def refused(answer, status, rule, member):
    said = answer.json
    assert (answer.status, said["rule"], said.get("member")) == (status, rule, member), said
    assert said["title"] and said["remedy"] and re.fullmatch("[0-9a-f]{32}", said["trace"])
    if rule.startswith("json.") and rule != "json.syntax":
        assert said["found"] and said["expected"], said
    return said


def text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


@OPERATIONS
def test_route__parameter_that_is_wrong__named(signet, op):
    def ask(**query):
        return signet.ask(op.method, target(op, **query), body_of(op))
    refused(ask(no_such="1"), 400, "json.unknown", "no_such")
    for p in [p for p in op.params if p["in"] == "query"]:
        name, schema = p["name"], CONTRACT.resolve(p["schema"])
        one = text_of(sample(schema))
        refused(ask(**{name: [one, one]}), 400, "json.duplicate", name)
        plain = "enum" in schema or schema["type"] == "string" and "format" not in schema and "pattern" not in schema
        if not plain:
            refused(ask(**{name: "!"}), 400, "json.type", name)
        refused(ask(**{name: "%ff"}), 400, "json.bounds" if "enum" in schema else "json.type", name)
        for value in beyond(schema):
            if len(text_of(value)) < LINE_MAX:
                refused(ask(**{name: text_of(value)}), 400, "json.bounds", name)
        if p["required"]:
            without = re.sub(r"[?&]%s=[^&]*" % name, "", target(op))
            refused(signet.ask(op.method, without), 400, "json.absent", name)


@OPERATIONS
def test_route__member_that_is_wrong__named(signet, op):
    def ask(body):
        return signet.ask(op.method, target(op), body)
    if op.method == "GET":
        refused(ask({"no_such": 1}), 400, "http.framing.get", None)
        return
    if op.body is None:
        refused(ask({"no_such": 1}), 400, "json.unknown", "no_such")
        return
    schema = CONTRACT.resolve(op.body)
    refused(ask(body_of(op, no_such=1)), 400, "json.unknown", "no_such")
    refused(ask([]), 400, "json.type", None)
    refused(ask(b"{"), 400, "json.syntax", None)
    refused(ask(b"\xff{}"), 400, "json.syntax", None)
    for name, member in schema["properties"].items():
        good = json.dumps(sample(member))
        twice = json.dumps(body_of(op, **{name: sample(member)}))[:-1] + ", \"%s\": %s}" % (name, good)
        refused(ask(twice.encode()), 400, "json.duplicate", name)
        refused(ask(body_of(op, **{name: wrong_type(member)})), 400, "json.type", name)
        refused(ask(body_of(op, **{name: None})), 400, "json.type", name)
        for value in beyond(member):
            refused(ask(body_of(op, **{name: value})), 400, "json.bounds", name)
        if CONTRACT.resolve(member).get("type") == "array":
            refused(ask(body_of(op, **{name: [1]})), 400, "json.type", name + "[0]")
        if name in schema.get("required", []):
            without = body_of(op)
            del without[name]
            refused(ask(without), 400, "json.absent", name)


@OPERATIONS
def test_route__method_media_size_depth__refused(signet, op):
    allowed = {o.method for o in CONTRACT.operations if o.path == op.path}
    allowed |= {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        if method not in allowed:
            answer = signet.ask(method, target(op))
            refused(answer, 405, "api.method", None)
            assert set(answer.fields["Allow"].split(", ")) == allowed
    answer = signet.ask("OPTIONS", target(op))
    assert answer.status == 204 and set(answer.fields["Allow"].split(", ")) == allowed
    for below in ("/", "/no/such/path", "//"):
        refused(signet.ask(op.method, target(op).partition("?")[0] + below, role=op.path.split("/")[2]), 404,
                "api.path", None)
    if op.method == "GET":
        return
    for media in ("text/plain", "application/x-www-form-urlencoded"):
        refused(signet.ask(op.method, target(op), b"{}", Content_Type=media), 415, "api.media", None)
    deep = b'{"x":' + b"[" * 100 + b"]" * 100 + b"}"
    said = signet.ask(op.method, target(op), deep).json
    assert (said["status"], said["rule"]) == (400, "json.depth")
    answer = signet.ask(op.method, target(op), b"{" + b" " * (1 << 20) + b"}")
    assert answer.status == 413 and answer.json["rule"] == "http.body.size", answer.json


def test_roles__path_of_the_other__unknown(signet):
    """A path below /v1/ROLE is answered at that role's socket alone."""
    for op in CONTRACT.operations:
        other = "ca" if op.path.split("/")[2] == "registrar" else "registrar"
        refused(signet.ask(op.method, target(op), role=other), 404, "api.path", None)


def test_route__get__head_says_the_same_without_it(signet):
    for path in ("/v1/ca/certificates", "/v1/ca/status", "/v1/registrar/events", "/v1/registrar/status"):
        got, head = signet.ask("GET", path), signet.ask("HEAD", path)
        assert got.status == head.status == 200 and head.body == b""
        assert head.fields["Content-Type"] == got.fields["Content-Type"] == "application/json"
        assert got.fields["Cache-Control"] == "no-store"


def test_backup__only_its_head__none_made_and_none_recorded(fresh):
    one = fresh()
    for role in ("ca", "registrar"):
        head = one.ask("HEAD", "/v1/%s/backup" % role)
        assert head.status == 200 and head.body == b""
        assert head.fields["Content-Type"] == "application/octet-stream"
    assert json.loads(one.ask("GET", "/v1/ca/audit?act=backup").body)["items"] == []


# --- a stranger -------------------------------------------------------------------------------------------

class Stranger:
    """Somebody who has the file that `signet api` prints, curl, and the path of the data directory."""

    def __init__(self, data):
        self.data = data
        self.doc = json.loads(subprocess.run([system.BIN, "api"], check=True, capture_output=True).stdout)

    def find(self, *words):
        """The operation whose description has these words: path, method, and itself."""
        for path, item in self.doc["paths"].items():
            for method, op in item.items():
                if isinstance(op, dict) and all(w in op["description"].lower() for w in words):
                    return path, method.upper(), op
        raise AssertionError("no operation is described with %s" % (words,))

    def command(self, path, method, *more, **params):
        where = os.path.join(self.data, self.doc["paths"][path]["x-signet-socket"])
        for name, value in list(params.items()):
            if "{%s}" % name in path:
                path = path.replace("{%s}" % name, value)
                del params[name]
        command = ["curl", "--silent", "--unix-socket", where, "-X", method, *more]
        query = "&".join("%s=%s" % p for p in params.items())
        return command + [self.doc["servers"][0]["url"] + path + ("?" + query if query else "")]

    def curl(self, path, method, *more, **params):
        return json.loads(system.run(*self.command(path, method, *more, **params)).stdout)


def test_stranger__contract_and_curl__lists_revokes_follows(fresh):
    one = fresh()
    for n in range(3):
        one.enrol("CN=device%d,O=Test" % n)
    stranger = Stranger(one.data)

    path, method, op = stranger.find("list certificates")
    seen, after = [], {}
    while True:
        page = stranger.curl(path, method, limit="2", **after)
        seen += page["items"]
        if page["next"] is None:
            break
        after = {"after": str(page["next"])}
    assert sorted(c["subject"] for c in seen) == ["CN=device%d, O=Test" % n for n in range(3)]

    victim = next(c for c in seen if c["subject"].startswith("CN=device1,"))
    path, method, op = stranger.find("revoke a certificate")
    said = stranger.curl(path, method, "-H", "Content-Type: application/json", "-d",
                         json.dumps({"reason": "keyCompromise"}), serial=victim["serial"])
    assert said["changed"] is True
    assert [c["serial"] for c in stranger.curl("/v1/ca/certificates", "GET", state="revoked")["items"]] == [
        victim["serial"]]

    path, method, op = stranger.find("refusals")
    assert any(p["name"] == "follow" for p in op["parameters"])
    one.server().enrol(subject="CN=before,O=Test", challenge="wrong")
    reader = subprocess.Popen(stranger.command(path, method, "--no-buffer", follow="true", limit="1"),
                              stdout=subprocess.PIPE)
    try:
        lines = (json.loads(line) for line in reader.stdout if line.strip())
        assert next(lines)["subject"] == "CN=before, O=Test"
        one.server().enrol(subject="CN=stranger,O=Test", challenge="wrong")
        event = next(lines)
        assert (event["rule"], event["subject"]) == ("challenge.unknown", "CN=stranger, O=Test")
    finally:
        reader.kill()
        reader.wait()
        reader.stdout.close()

    wrong = stranger.curl("/v1/ca/certificates", "GET", limt="5")
    assert (wrong["rule"], wrong["member"]) == ("json.unknown", "limt")
    assert "limit" in wrong["expected"]


def blocks_of(page):
    """The indented blocks of a page, as they would be typed."""
    found = re.findall(r"(?<=\n\n)((?:    .*\n|\n(?=    ))+)", page)
    return [re.sub(r"(?m)^    ", "", block) for block in found]


def test_docs__every_command__runs_as_written(fresh, work):
    one = fresh()
    for n in range(4):
        one.enrol("CN=doc%d,O=Test" % n)
    os.symlink(one.data, os.path.join(work, "signet-data"))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/api.md"), encoding="utf-8") as f:
        blocks = blocks_of(f.read())
    assert len(blocks) >= 10
    path = os.path.dirname(os.path.abspath(system.BIN)) + ":" + os.environ["PATH"]
    for block in blocks:
        p = system.run("bash", "-c", block, cwd=work, env={"PATH": path}, check=False)
        ends = 28 if "--max-time" in block else 0
        assert (p.returncode, p.stderr) == (ends, ""), "%s\n%d\n%s%s" % (block, p.returncode, p.stdout, p.stderr)
        if block.startswith("curl") and not re.search("follow|limit=5000| -o ", block):
            said = json.loads(p.stdout)
            assert "rule" not in said, "%s\n%s" % (block, p.stdout)
    assert len(one.certs()) == 4
