# SPDX-License-Identifier: Apache-2.0
"""What the server makes of every way to write HTTP: tables of requests as bytes, with the statuses of the
answers and whether the connection lives on. Where it does, another request proves that both sides agree
where the last one ended. Attacks D1 (slow ones), D2 (smuggling), D3 (paths), and Q1 to Q11 of the field."""

import base64
import os
import random
import re
import socket
import threading
import time
import urllib.parse

import pytest

import https
import scep
import system

LONG = bool(os.environ.get("SIGNET_LONG"))
CAPS = "/scep?operation=GetCACaps"
PKI = "/scep?operation=PKIOperation"
BODY_MAX, LINE_MAX, HEAD_MAX = 65536, 65534, 131072
KEEP, CLOSE = True, False


def plain(port, timeout):
    s = socket.create_connection(("127.0.0.1", port), timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body


class Wire:
    """A connection that reads answers strictly."""

    def __init__(self, port, timeout=60, tls=False):
        self.s = https.connect(port, timeout=timeout) if tls else plain(port, timeout)
        self.got = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.s.close()

    def send(self, data):
        try:
            self.s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent

    def more(self):
        try:
            data = self.s.recv(65536)
        except ConnectionResetError:
            data = b""
        self.got += data
        return bool(data)

    def head(self):
        """(status, fields) of what comes next; None at the end."""
        while b"\r\n\r\n" not in self.got:
            if not self.more():
                assert self.got == b"", "the answer is cut: %r" % self.got
                return None
        head, self.got = self.got.split(b"\r\n\r\n", 1)
        line, *fields = head.split(b"\r\n")
        m = re.fullmatch(rb"HTTP/1\.1 (\d\d\d) [A-Za-z ]+", line)
        assert m, line
        parsed = {}
        for f in fields:
            name, value = re.fullmatch(rb"([A-Za-z-]+): ([ -~]+)", f).groups()
            assert name.lower() not in parsed, "%s twice" % name
            parsed[name.lower().decode()] = value.decode()
        return int(m.group(1)), parsed

    def answer(self, method="GET"):
        """The next answer, or None at the end; 100 Continue is passed over."""
        head = self.head()
        while head is not None and head[0] == 100:
            head = self.head()
        if head is None:
            return None
        status, fields = head
        assert "date" in fields and "location" not in fields, fields
        assert (status == 204) == ("content-length" not in fields), fields
        length = int(fields.get("content-length", 0)) if method != "HEAD" else 0
        while len(self.got) < length:
            assert self.more(), "the body is cut"
        body, self.got = self.got[:length], self.got[length:]
        assert (status in (204, 405)) == ("allow" in fields), fields
        assert status != 503 or "retry-after" in fields
        return Answer(status, fields, body)

    def ended(self):
        assert self.got == b"", "more than was asked for: %r" % self.got[:100]
        assert not self.more(), "more than was asked for: %r" % self.got[:100]


def get(target=CAPS, fields=b"Host: h\r\n", version="HTTP/1.1"):
    return b"GET %s %s\r\n%s\r\n" % (target.encode("latin-1"), version.encode(), fields)


def post(body, fields=None, target=PKI):
    fields = b"Content-Length: %d\r\n" % len(body) if fields is None else fields
    return b"POST %s HTTP/1.1\r\nHost: h\r\n%s\r\n%s" % (target.encode(), fields, body)


def field(line):
    return b"GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n" % (CAPS.encode(), line)


def chunked(body, coding=b"Transfer-Encoding: chunked\r\n"):
    return post(body, coding)


PROBE = get()
cases = []


def case(name, data, status, keep=None):
    """keep: by default answers below 400 and of the handler keep the connection."""
    statuses = status if isinstance(status, list) else [status]
    cases.append(pytest.param(data, statuses, statuses[-1] == 200 if keep is None else keep, id=name))


# --- methods -----------------------------------------------------------------------------------

case("method-get", get(), 200)
case("method-post", post(b"x"), 400, KEEP)
for m in ("PUT", "PATCH", "DELETE", "TRACE", "CONNECT"):
    case("method-" + m, b"%s /scep HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n" % m.encode(), 405)


def other(method, target="/scep", fields=b"", version=b"HTTP/1.1"):
    return b"%s %s %s\r\nHost: h\r\n%s\r\n" % (method.encode(), target.encode(), version, fields)


for target, status in (("/scep", 200), (CAPS, 200), ("/scep?operation=GetCACert", 200), (PKI, 405), (PKI + "&message=MIIB", 405),
                       ("/scep?x", 400), ("/scep?operation=x", 404), ("/x", 404), ("/certsrv/mscep_admin/", 404),
                       ("/scep?operation=GetCACaps&operation=GetCACert", 400)):
    case("method-head-" + target, other("HEAD", target), status, KEEP)
case("method-head-1.0", other("HEAD", CAPS, version=b"HTTP/1.0"), 200, CLOSE)
case("method-head-length-0", other("HEAD", CAPS, b"Content-Length: 0\r\n"), 200)
for target in ("/scep", CAPS, "/scep?operation=GetCACert", PKI, "*", "/Certsrv/mscep/"):
    case("method-options-" + target, other("OPTIONS", target), 204, KEEP)
for target, status in (("/x", 404), ("/scep?operation=x", 404), ("/scep?operation=GetCACaps&operation=GetCACert", 400)):
    case("method-options-" + target, other("OPTIONS", target), status, KEEP)
case("method-options-length-0", other("OPTIONS", "/scep", b"Content-Length: 0\r\n"), 204, KEEP)
case("method-options-star-path", other("OPTIONS", "/*"), 404, KEEP)
case("method-head-star", other("HEAD", "*"), 400)
case("method-connect-authority", b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405)
for m in ("get", "Get", "POSt", "GETT", "GE", "PROPFIND", "MKCOL", "SEARCH", "LOCK", "BREW", "M-SEARCH",
          "!#$%&'*+-.^_`|~", "0", "A" * 1000):
    case("method-unknown-" + m[:12], b"%s /scep HTTP/1.1\r\nHost: h\r\n\r\n" % m.encode(), 501)
for c in b"\0\t\"(),/:;<=>?@[\\]{}\x7f\x80\xff":
    case("method-byte-%02x" % c, b"G%cT /scep HTTP/1.1\r\nHost: h\r\n\r\n" % c, 400)
for c in b"\0\t \n\"(/:\x16\x80\xff":
    case("first-byte-%02x" % c, b"%cGET /scep HTTP/1.1\r\nHost: h\r\n\r\n" % c, 400)

# --- versions and the request line -------------------------------------------------------------

for v in ("HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/1.10", "HTTP/11", "HTTP/3", "HTTP/1.", "HTTP/.1",
          "HTTP/1.1.1", "HTTP/01.1", "HTTP/1.01"):
    case("version-" + v[5:], get(version=v), 505)
for v in ("HTTP/", "http/1.1", "Http/1.1", "HTTP/1.1x", "HTTP/1,1", "ICY/1.1", "HTTP/-1.1", "HTTP/+1.1",
          "HTTP/1.1;", "HTTPS/1.1", "HTP/1.1", "HTTP\\1.1"):
    case("version-" + v, get(version=v), 400)
case("version-none", b"GET /scep\r\nHost: h\r\n\r\n", 505)
case("version-http2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)
case("version-1.0", get(version="HTTP/1.0", fields=b""), 200, CLOSE)
case("version-1.0-keep", get(version="HTTP/1.0", fields=b"Connection: keep-alive\r\n"), 200, KEEP)
for name, line in [
    ("two-spaces", b"GET  /scep HTTP/1.1"), ("two-spaces-late", b"GET /scep  HTTP/1.1"),
    ("tab", b"GET\t/scep HTTP/1.1"), ("tab-late", b"GET /scep\tHTTP/1.1"), ("no-target", b"GET"),
    ("no-target-space", b"GET "), ("trailing-space", b"GET /scep HTTP/1.1 "),
    ("four-words", b"GET /scep x HTTP/1.1"), ("vertical-tab", b"GET /scep\x0bHTTP/1.1"),
    ("nbsp", b"GET /scep\xa0HTTP/1.1"), ("cr-inside", b"GET /scep\rHTTP/1.1"),
    ("cr-cr", b"GET /scep HTTP/1.1\r"), ("only-version", b"HTTP/1.1"),
    ("answer", b"HTTP/1.1 200 OK"), ("colon", b"GET: /scep HTTP/1.1"),
]:
    case("line-" + name, line + b"\r\nHost: h\r\n\r\n",
         505 if name in ("vertical-tab", "nbsp", "cr-inside", "tab-late") else 400)
case("line-lf", b"GET /scep HTTP/1.1\nHost: h\r\n\r\n", 400)
case("line-lf-only", b"GET /scep HTTP/1.1\nHost: h\n\n", 400)
case("line-empty-before", b"\r\n" + get(), 200)
case("line-two-empty-before", b"\r\n\r\n" + get(), 400)
case("line-lf-before", b"\n" + get(), 400)
case("line-cr-before", b"\rG", 400)
case("line-tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 32, 400)
case("line-ssh", b"SSH-2.0-OpenSSH_9.2\r\n", 400)
case("line-smtp", b"EHLO h\r\n", 505)
case("line-proxy-v1", b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n" + get(), 400)
case("line-proxy-v2", b"\r\n\r\n\0\r\nQUIT\n" + get(), 400)
case("line-longest", get(CAPS + "&x=" + "a" * (LINE_MAX - len("GET  HTTP/1.1") - len(CAPS + "&x="))), 200)
case("line-too-long", get(CAPS + "&x=" + "a" * (LINE_MAX - len("GET  HTTP/1.1") - len(CAPS + "&x=") + 1)),
     414)
case("line-endless", b"GET /" + b"a" * 70000, 414)

# --- targets: D3 and the names of section 9 ----------------------------------------------------

for p in ("/scep", "/scep/", "/SCEP", "/Scep/", "/scep/pkiclient.exe", "/scep/PKICLIENT.EXE",
          "/scep/pkiclient.exe/pkiclient.exe", "/scep/default", "/scep/default/", "/scep/second",
          "/scep/legacy/pkiclient.exe", "/scep/printers/pkiclient.exe/", "/certsrv/mscep/mscep.dll",
          "/CertSrv/mscep/mscep.dll", "/certsrv/mscep/mscep.dll/pkiclient.exe",
          "/certsrv/mscep/mscep.dll/pkiclient.exe/pkiclient.exe", "/certsrv/mscep/mscep.dll/",
          "/cgi-bin/pkiclient.exe", "/CGI-BIN/PKICLIENT.EXE", "/cgi-bin/pkiclient.exe/pkiclient.exe",
          "//scep", "/scep//", "/scep//pkiclient.exe", "/scep/default//", "//scep///second//pkiclient.exe//",
          "/scep/DEFAULT", "/scep/Default", "/scep/Second", "/%73cep", "/sce%70", "/scep/%64efault",
          "/scep/sec%6Fnd/pkiclient%2Eexe", "/certsrv/mscep", "/certsrv/mscep/", "/CertSrv/mscep/pkiclient.exe",
          "/certsrv//mscep//mscep.dll//", "/cgi-bin//pkiclient.exe"):
    case("path-good-" + p, get(p + "?operation=GetCACaps"), 200)
for p in ("/", "//", "/scep2", "/scepx", "/scep/none", "/scep/default/x", "/x/scep", "/certsrv", "/certsrv/",
          "/certsrv/mscep/default", "/certsrv/mscep_admin", "/certsrv/mscep_admin/", "/CertSrv/MSCEP_admin/mscep.dll",
          "/certsrv/mscep/mscep.dllx", "/cgi-bin/", "/cgi-bin/pkiclient.exe.bak",
          "/index.html", "/favicon.ico", "/robots.txt", "/.git/config", "/.env", "/server-status",
          "/scep%2f", "/scep/default%2f", "/scep%2fdefault", "/%2fscep", "/%2573cep", "/scep%3foperation=GetCACaps",
          "/./scep", "/scep/./default", "/scep/../scep", "/scep/a:b",
          "/scep:8081/pkiclient.exe", "/scep;x=1", "/scep/default;x=1", "/scep/" + "a" * 65,
          "/scep/" + "a" * 5000):
    case("path-none-" + p[:32] + (str(len(p)) if len(p) > 32 else ""), get(p + "?operation=GetCACaps"), 404, KEEP)
TRAVERSALS = [
    "..", "../", "../../etc/passwd", "../../../../../../../../etc/passwd", "..%2f..%2fetc%2fpasswd",
    "%2e%2e/", "%2e%2e%2f", "%2E%2E/etc/passwd", "..%5c..%5cwindows", "%2e%2e%5c", "%252e%252e%252f",
    "..%252f", "..%c0%af..", "%c0%ae%c0%ae/", "..%c1%9c", "..%ef%bc%8f", "%uff0e%uff0e", "....//",
    "....//....//etc/passwd", "..;/", "..;/..;/manager", ".;/", "./", "././scep", ".../",
    "file:%2f%2f%2fetc%2fpasswd", "%7e/", "default/../second", "default/../../etc", "default%00",
    "default%00.exe", "..%00/", "default%0d%0aX:y", "default%0a", "..\\..\\", "default%", "default%2",
    "default%zz", "default%u0041",
]
for prefix in ("/scep/", "/certsrv/mscep/mscep.dll/", "/cgi-bin/pkiclient.exe/"):
    for t in TRAVERSALS:
        broken = "\\" in t or "%00" in t or re.search(r"%(?![0-9a-fA-F]{2})", t)
        case("traversal-" + prefix[1:4] + "-" + t, get(prefix + t), 400 if broken else 404, not broken)
for c in list(range(0x00, 0x20)) + [0x22, 0x23, 0x3c, 0x3e, 0x5c, 0x5e, 0x60, 0x7b, 0x7c, 0x7d, 0x7f, 0x80,
                                    0xc3, 0xff]:
    case("path-byte-%02x" % c, b"GET /scep/a%cb HTTP/1.1\r\nHost: h\r\n\r\n" % c, 400)
for name, target, status in [
    ("absolute", "http://h/scep?operation=GetCACaps", 200),
    ("absolute-port", "http://h:80/scep?operation=GetCACaps", 200),
    ("absolute-https", "https://h/scep?operation=GetCACaps", 200),
    ("absolute-case", "HTTP://h/scep?operation=GetCACaps", 200),
    ("absolute-v6", "http://[::1]/scep?operation=GetCACaps", 200),
    ("absolute-no-path", "http://h", 404), ("absolute-query-only", "http://h?operation=GetCACaps", 404),
    ("absolute-no-host", "http:///scep", 400), ("absolute-user", "http://u@h/scep", 400),
    ("absolute-user-password", "http://u:p@h/scep", 400), ("absolute-bad-port", "http://h:x/scep", 400),
    ("absolute-long-port", "http://h:123456/scep", 400), ("ftp", "ftp://h/scep", 400),
    ("file", "file:///etc/passwd", 400), ("relative", "scep", 400), ("star", "*", 400),
    ("authority", "h:80", 400), ("fragment", "/scep#x", 400), ("query-alone", "?operation=GetCACaps", 400),
    ("backslash", "\\scep", 400), ("dot", ".", 400),
]:
    case("target-" + name, get(target), status, status != 400)

# --- queries (Q3, Q4, Q5) ----------------------------------------------------------------------

for q in ("operation=GetCACaps", "operation=getcacaps", "operation=GETCACAPS", "Operation=GetCACaps",
          "OPERATION=getCACaps", "operation=GetCACert", "operation=getcacert", "operation=GETCACERT",
          "message=x&operation=GetCACaps", "&operation=GetCACaps&", "&&&operation=GetCACaps", "=&operation=GetCACaps",
          "x&operation=GetCACaps", "operation=GetCACaps&operation2=x", "a=%zz&operation=GetCACaps",
          "operation=GetCACaps&a=../../etc/passwd", "operation=GetCACaps&a=\"<>{}|^`",
          "operation=GetCACaps&a=???/:@!$'()*+,;", "operation=GetCACaps&" + "&".join("a%d=b" % i for i in range(3000)),
          # A configured URL that ends in '?' or has a query, to which a client appends its own.
          "?operation=GetCACaps", "?operation=GetCACert&message=ca", "?&operation=GetCACaps",
          "foo=bar&operation=GetCACaps", "foo=bar?operation=GetCACaps", "/pkiclient.exe?operation=GetCACaps",
          "operation=%47etCACaps", "%6Fperation=%47%65tCACert", "operation=GetCACaps%20", "operation=+GetCACaps+",
          "operation=GetCACaps&operation=GetCACaps", "operation=GetCACert&Operation=getcacert&message=x",
          "operation=&operation=GetCACaps"):
    case("query-" + q[:40], get("/scep?" + q), 200)
for m in ("", "=", "=0", "=default", "=MDM", "=CAIdentifier", "=My%20CA", "=..%2f..", "=%00", "=%", "=a&message=b",
          "=" + "x" * 300):
    for op in ("GetCACaps", "GetCACert"):
        case("query-%s-message%s" % (op, m[:12]), get("/scep?operation=%s&message%s" % (op, m)), 200)
case("query-page-none", get("/scep"), 200)
case("query-page-empty", get("/scep?"), 200)
for q in ("x=y", "operatio=GetCACaps", "operationGetCACaps", "message=x", "operation", "operation=", "operation=%20",
          "?", "&", "/pkiclient.exe", "operation=GetCACaps&operation=GetCACert", "operation=PKIOperation?operation=GetCACaps",
          "operation=GetCACaps&operation=x"):
    case("query-bad-" + q, get("/scep?" + q), 400, KEEP)
for q in ("operation=x", "operation=GetCACapsX", "operation=GetNextCACert", "operation=GetCRL", "operation=..",
          "operation=PKIOperation2", "operation==GetCACaps", "operation=GetCACaps;x", "operation=%2547etCACaps",
          "operation=GetCACaps%00", "operation=GetCACaps%", "operation=x&operation=x"):
    case("query-unknown-" + q, get("/scep?" + q), 404, KEEP)
for q in ("operation=PKIOperation", "operation=PKIOperation&message=", "operation=PKIOperation&message=%",
          "operation=PKIOperation&message=AAAA", "operation=PKIOperation&message=MIIB&message=MIIB",
          "operation=PKIOperation&message=!!!!", "operation=pkioperation&message=MIAA",
          "operation=PKIOperation&message=" + "A" * 60000, "operation=PKIOperation&message=%00",
          "operation=PKIOperation&message=====", "operation=PKIOperation&message=MII"):
    case("query-pki-" + q[22:44] + str(len(q)), get("/scep?" + q), 400, KEEP)
case("post-caps", post(b"", target=CAPS), 405, KEEP)
case("post-cacert", post(b"x", target="/scep?operation=GetCACert"), 405, KEEP)
case("post-no-operation", post(b"x", target="/scep"), 400, KEEP)
case("post-unknown-path", post(b"x", target="/x"), 404, KEEP)
case("post-unknown-operation", post(b"x", target="/scep?operation=x"), 404, KEEP)
case("post-empty", post(b""), 400, KEEP)

# --- fields ------------------------------------------------------------------------------------

case("host-none", get(fields=b""), 400)
case("host-none-1.0", get(fields=b"", version="HTTP/1.0"), 200, CLOSE)
case("host-twice", get(fields=b"Host: h\r\nHost: h\r\n"), 400)
case("host-twice-case", get(fields=b"Host: h\r\nhOST: i\r\n"), 400)
for h in ("h", "H.Example", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8080", "a_b", "h:", "a-b.c:65535",
          "localhost.", "a" * 253):
    case("host-good-" + h[:20], get(fields=b"hOsT:%s\r\n" % h.encode()), 200)
for h in ("", " ", "h h", "h/", "h/x", "h@i", "u:p@h", "h:x", "h:-1", "h:123456", "h,i", "h?x", "h#x", "[::1",
          "::1", "[]", "[g]", "http://h", "h\\", "h%00", "h\"", "<h>", "h;i", "a" * 260, "\u00e4"):
    case("host-bad-" + h[:20], get(fields=b"Host:%s\r\n" % h.encode()), 400)
for name, line, status in [
    ("fold-space", b"A: b\r\n c", 400), ("fold-tab", b"A: b\r\n\tc", 400), ("no-colon", b"AB", 400),
    ("no-name", b": b", 400), ("space-before-colon", b"A : b", 400), ("tab-before-colon", b"A\t: b", 400),
    ("lf", b"A: b\nC: d", 400), ("lf-alone", b"A: b\n", 400), ("cr-inside", b"A: b\rC: d", 400),
    ("cr-end", b"A: b\r", 400), ("empty-value", b"A:", 200), ("spaces", b"A: \t b \t ", 200),
    ("no-space", b"A:b", 200), ("twice", b"A: b\r\nA: c", 200), ("long-name", b"A" * 5000 + b": b", 200),
    ("odd-name", b"!#$%&'*+-.^_`|~09Az: b", 200), ("obs-text", b"A: \x80\xff\xc3\xa4", 200),
    ("99-more", b"A: b\r\n" * 98 + b"A: b", 200), ("100-more", b"A: b\r\n" * 99 + b"A: b", 431),
    ("longest", b"A: " + b"b" * (LINE_MAX - 3), 200), ("too-long", b"A: " + b"b" * (LINE_MAX - 2), 431),
    ("two-longest", b"A: " + b"b" * (LINE_MAX - 3) + b"\r\nB: " + b"b" * (LINE_MAX - 3), 431),
    ("shellshock", b"User-Agent: () { :;}; /bin/id", 200), ("ansi", b"User-Agent: \x1b[31m", 400),
    ("script", b"Referer: <script>alert(1)</script>", 200), ("format", b"User-Agent: %s%n%x", 200),
    ("cookie", b"Cookie: a=b; c=d", 200), ("upgrade", b"Connection: Upgrade\r\nUpgrade: h2c", 200),
    ("range", b"Range: bytes=0-1", 200), ("conditional", b"If-None-Match: *", 200),
    ("authorization", b"Authorization: Basic YTpi", 200), ("forwarded", b"X-Forwarded-For: 10.0.0.1", 200),
    ("method-override", b"X-HTTP-Method-Override: PUT", 200), ("accept-gzip", b"Accept-Encoding: gzip", 200),
]:
    case("field-" + name, field(line), status)
case("field-fold-first", b"GET /scep HTTP/1.1\r\n Host: h\r\n\r\n", 400)
for c in list(range(0x00, 0x20)) + [0x7f]:
    if c != 0x09:
        case("field-value-byte-%02x" % c, field(b"A: x%cy" % c), 400)
for c in b"\0\x01\t \"(),/;<=>?@[\\]{}\x7f\x80\xff":
    case("field-name-byte-%02x" % c, field(b"A%cB: x" % c), 400)
for name, line, keep in [
    ("close", b"Connection: close", CLOSE), ("Close", b"connection: CLOSE", CLOSE),
    ("keep", b"Connection: keep-alive", KEEP), ("both", b"Connection: keep-alive, close", CLOSE),
    ("listed", b"Connection: x, close", CLOSE), ("two-fields", b"Connection: x\r\nConnection: close", CLOSE),
    ("nonsense", b"Connection: ,,;x", KEEP), ("closed", b"Connection: closed", KEEP),
]:
    case("connection-" + name, field(line), 200, keep)

# --- length and coding: D2 ---------------------------------------------------------------------

for v in ("+1", "-1", "-0", "0x1", "1x", "x", "1,1", "1, 1", "1;1", "1.0", "1e0", "1 1", "\"1\"", "'1'", "",
          "01", "00", "1,", ",1", "\u0661", "0b1", "0o1", "1_0", "1%", "NaN", "1\x0b"):
    case("length-" + (v or "empty"), post(b"x", b"Content-Length: %s\r\n" % v.encode()), 400)
for v in ("65537", "99999999", "4294967296", "4294967297", "9223372036854775808", "18446744073709551616",
          "18446744073709551617", "9" * 400):
    case("length-" + v[:20], post(b"x", b"Content-Length: %s\r\n" % v.encode()), 413)
for name, f, status in [
    ("twice-same", b"Content-Length: 1\r\nContent-Length: 1\r\n", 400),
    ("twice-other", b"Content-Length: 1\r\nContent-Length: 2\r\n", 400),
    ("twice-case", b"Content-Length: 1\r\ncontent-LENGTH: 1\r\n", 400),
    ("twice-zero", b"Content-Length: 0\r\nContent-Length: 1\r\n", 400),
    ("none", b"", 411), ("space-name", b"Content-Length : 1\r\n", 400),
    ("underscore", b"Content_Length: 1\r\n", 411), ("tab-name", b"Content-Length\t: 1\r\n", 400),
    ("folded", b"Content-Length:\r\n 1\r\n", 400), ("nul", b"Content-Length: 1\0\r\n", 400),
    ("cl-te", b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
    ("te-cl", b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400),
    ("cl-te-identity", b"Content-Length: 1\r\nTransfer-Encoding: identity\r\n", 501),
    ("te-lf-cl", b"Transfer-Encoding: chunked\nContent-Length: 1\r\n", 400),
    ("cl-lf-te", b"Content-Length: 1\nTransfer-Encoding: chunked\r\n", 400),
    ("cr-te", b"X: y\rTransfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400),
]:
    case("framing-" + name, post(b"x", f), status)
case("length-spaces", post(b"x", b"Content-Length: \t 1 \t\r\n"), 400, KEEP)
case("length-get-0", get(fields=b"Host: h\r\nContent-Length: 0\r\n"), 200)
case("length-get-1", get(fields=b"Host: h\r\nContent-Length: 1\r\n") + b"x", 400)
case("length-get-chunked", get(fields=b"Host: h\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\n", 400)
case("length-largest", post(b"x" * BODY_MAX), 400, KEEP)
for v in ("chunked", "Chunked", "CHUNKED", "  chunked  ", "\tchunked\t"):
    case("coding-%r" % v, chunked(b"0\r\n\r\n", b"Transfer-Encoding:%s\r\n" % v.encode()), 400, KEEP)
for v in ("chunked, chunked", "chunked,", ",chunked", "gzip, chunked", "chunked, gzip", "chunked, identity",
          "identity, chunked", "chunked;q=1", "chunked ;", "\x0bchunked", "chunked\x0c", "chunked\0", "chu nked",
          "\"chunked\"", "", "chunked\u00a0", "[chunked]", "chunked=1"):
    case("coding-bad-%r" % v, chunked(b"0\r\n\r\n", b"Transfer-Encoding: %s\r\n" % v.encode("latin-1")), 400)
for v in ("identity", "gzip", "deflate", "compress", "br", "xchunked", "chunkedx", "x", "cow", "chunk"):
    case("coding-other-" + v, chunked(b"0\r\n\r\n", b"Transfer-Encoding: %s\r\n" % v.encode()), 501)
for name, f, status in [
    ("twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
    ("twice-other", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", 400),
    ("first-other", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n", 501),
    ("space-name", b"Transfer-Encoding : chunked\r\n", 400), ("fold", b" Transfer-Encoding: chunked\r\n", 400),
    ("fold-value", b"Transfer-Encoding:\r\n chunked\r\n", 400),
    ("underscore", b"Transfer_Encoding: chunked\r\n", 411), ("x-name", b"X-Transfer-Encoding: chunked\r\n", 411),
    ("nul-name", b"Transfer-Encoding\0: chunked\r\n", 400), ("no-colon", b"Transfer-Encoding chunked\r\n", 400),
]:
    case("coding-" + name, chunked(b"0\r\n\r\n", f), status)
case("coding-1.0", b"POST /scep HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)
for v, status in (("gzip", 415), ("deflate", 415), ("br", 415), ("gzip, identity", 415), ("x", 415),
                  ("", 415), ("identity", 400), ("IDENTITY", 400)):
    case("encoding-" + v, post(b"x", b"Content-Length: 1\r\nContent-Encoding: %s\r\n" % v.encode()), status,
         status == 400)

# --- chunks ------------------------------------------------------------------------------------

END = b"0\r\n\r\n"
for name, body, status in [
    ("one", b"1\r\nx\r\n" + END, 400), ("none", END, 400), ("two", b"1\r\nx\r\n2\r\nyz\r\n" + END, 400),
    ("upper", b"A\r\n0123456789\r\n" + END, 400), ("lower", b"a\r\n0123456789\r\n" + END, 400),
    ("zeros", b"00000001\r\nx\r\n" + END, 400), ("zero-zeros", b"00000000\r\n\r\n", 400),
    ("extension", b"1;a\r\nx\r\n" + END, 400), ("extension-value", b"1;a=b\r\nx\r\n0;c=\"d e\"\r\n\r\n", 400),
    ("trailer", b"1\r\nx\r\n0\r\nA: b\r\n\r\n", 400), ("trailers", b"0\r\n" + b"A: b\r\n" * 100 + b"\r\n", 400),
    ("largest", b"10000\r\n" + b"x" * BODY_MAX + b"\r\n" + END, 400),
    ("many", b"1\r\nx\r\n" * 5000 + END, 400), ("extension-longest", b"1;" + b"a" * 253 + b"\r\nx\r\n" + END, 400),
]:
    case("chunk-good-" + name, chunked(body), status, KEEP)
for name, body, status in [
    ("no-size", b"\r\nx\r\n", 400), ("no-hex", b"g\r\n", 400), ("sign", b"+1\r\nx\r\n", 400),
    ("minus", b"-1\r\nx\r\n", 400), ("0x", b"0x1\r\nx\r\n", 400), ("space-before", b" 1\r\nx\r\n", 400),
    ("space-behind", b"1 \r\nx\r\n", 400), ("tab-behind", b"1\t\r\nx\r\n", 400), ("lf", b"1\nx\r\n", 400),
    ("cr-no-lf", b"1\rx\r\n", 400), ("nine-digits", b"000000001\r\nx\r\n", 400), ("nul", b"1\0\r\nx\r\n", 400),
    ("only-extension", b";a\r\nx\r\n", 400), ("data-short", b"2\r\nx\r\n" + END, 400),
    ("data-long", b"1\r\nxy\r\n" + END, 400), ("data-lf", b"1\r\nx\n" + END, 400),
    ("data-no-crlf", b"1\r\nx" + END, 400), ("end-lf", b"0\n\n", 400), ("end-data", b"0\r\nx\r\n\r\n", 400),
    ("extension-lf", b"1;a\nb\r\nx\r\n", 400), ("extension-nul", b"1;a\0\r\nx\r\n", 400),
    ("extension-cr", b"1;a\rb\r\nx\r\n", 400), ("extension-too-long", b"1;" + b"a" * 300 + b"\r\nx\r\n", 431),
    ("extensions-too-many", (b"1;" + b"a" * 200 + b"\r\nx\r\n") * 50, 431),
    ("trailer-length", b"0\r\nContent-Length: 1\r\n\r\n", 400),
    ("trailer-coding", b"0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("trailer-host", b"0\r\nHost: i\r\n\r\n", 400), ("trailer-fold", b"0\r\nA: b\r\n c\r\n\r\n", 400),
    ("trailer-no-colon", b"0\r\nA\r\n\r\n", 400), ("trailer-no-name", b"0\r\n: a\r\n\r\n", 400),
    ("trailer-space", b"0\r\nA : b\r\n\r\n", 400), ("trailer-lf", b"0\r\nA: b\n\r\n", 400),
    ("trailers-too-many", b"0\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
    ("trailer-too-long", b"0\r\nA: " + b"b" * 9000 + b"\r\n\r\n", 431),
    ("too-large", b"10001\r\n", 413), ("ffffffff", b"ffffffff\r\n", 413), ("7fffffff", b"7fffffff\r\n", 413),
    ("sum-too-large", b"8000\r\n" + b"x" * 0x8000 + b"\r\n8001\r\n", 413),
]:
    case("chunk-" + name, chunked(body), status)

# --- expectations ------------------------------------------------------------------------------

EXPECT = b"Content-Length: 1\r\nExpect: %s\r\n"
for v, status, keep in ((b"100-continue", 400, KEEP), (b"100-Continue", 400, KEEP), (b"200-ok", 417, CLOSE),
                        (b"", 417, CLOSE), (b"100-continue, x", 417, CLOSE), (b"100-continue;q=1", 417, CLOSE)):
    case("expect-" + v.decode(), post(b"x", EXPECT % v), status, keep)
case("expect-get", get(fields=b"Host: h\r\nExpect: 100-continue\r\n"), 200)
case("expect-1.0", b"POST /scep HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx", 400, CLOSE)
case("expect-too-large", post(b"", b"Content-Length: 65537\r\nExpect: 100-continue\r\n"), 413)
case("expect-unknown-path", post(b"x", EXPECT % b"100-continue", "/x"), 404, KEEP)

# --- several requests --------------------------------------------------------------------------

case("pipeline-two", get() * 2, [200, 200])
case("pipeline-forty", get() * 40, [200] * 40)
case("pipeline-mixed", get() + post(b"x") + get("/x") + get(), [200, 400, 404, 200])
case("pipeline-workers", get("/scep?operation=GetCACert") * 10, [200] * 10)
case("pipeline-bad-last", get() + b"BAD\r\n\r\n", [200, 400])
case("pipeline-bad-first", b"BAD\r\n\r\n" + get(), [400])
case("pipeline-close-first", field(b"Connection: close") + get(), [200], CLOSE)
case("pipeline-1.0-first", get(version="HTTP/1.0", fields=b"") + get(), [200], CLOSE)
case("pipeline-empty-line-between", get() + b"\r\n" + get(), [200, 200])
case("smuggle-body-is-request", post(get("/x")), 400, KEEP)
case("smuggle-chunk-is-request", chunked(b"%x\r\n%s\r\n" % (len(get("/x")), get("/x")) + END), 400, KEEP)
case("smuggle-behind-length", post(b"", b"Content-Length: 0\r\n") + get(), [400, 200])
case("smuggle-cl-te", post(b"0\r\n\r\n" + get("/x"), b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"), [400])
case("smuggle-te-cl", post(b"5c\r\n" + get("/x"), b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"), [400])
case("smuggle-te-te", post(b"0\r\n\r\n" + get("/x"),
                           b"Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n"), [400])
case("smuggle-get-body", get(fields=b"Host: h\r\nContent-Length: %d\r\n" % len(get("/x"))) + get("/x"), [400])
# Neither has a body here, so that nobody can see another end of it; a proxy that sends one is cut off.
for m in ("HEAD", "OPTIONS"):
    case("smuggle-length-" + m, other(m, CAPS, b"Content-Length: %d\r\n" % len(get("/x"))) + get("/x"), [400])
    case("smuggle-chunked-" + m, other(m, CAPS, b"Transfer-Encoding: chunked\r\n") + END + get("/x"), [400])
    case("smuggle-both-" + m, other(m, CAPS, b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + END + get("/x"), [400])
    case("smuggle-expect-" + m, other(m, CAPS, b"Content-Length: 5\r\nExpect: 100-continue\r\n") + b"12345" + get("/x"), [400])
    case("smuggle-lengths-" + m, other(m, CAPS, b"Content-Length: 0\r\nContent-Length: 5\r\n") + get("/x"), [400])
case("smuggle-early-response", post(b"GET /x HTTP/1.1\r\nX: y", b"Content-Length: 21 \r\nX: y\r\n"), 400, KEEP)
case("smuggle-0.cl", b"GET /scep HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n 7\r\n\r\nGET /x ", [400])
case("smuggle-chunk-size-overflow", chunked(b"100000001\r\nx\r\n" + get()), [400])
case("smuggle-chunk-extension-lf", chunked(b"2;\nxx\r\n4c\r\n" + END + get("/x")), [400])


@pytest.fixture
def front_lives(signet):
    before = signet.role("front")
    yield
    assert signet.role("front") == before


WAYS = ("http", "https")


def wire_of(signet, way, timeout=60):
    return Wire(signet.port if way == "http" else signet.https_port, timeout, way == "https")


@pytest.fixture(params=WAYS)
def wire(request, signet):
    """wire() is a connection, by HTTP in one run of the test and by HTTPS in the other."""
    return lambda: wire_of(signet, request.param)


@pytest.mark.parametrize("data,statuses,keep", cases)
def test_http(wire, data, statuses, keep):
    with wire() as w:
        w.send(data)
        for n, status in enumerate(statuses):
            a = w.answer(data[:4].decode("latin-1").strip())
            assert a is not None, "no answer %d" % (n + 1)
            assert a.status == status, "answer %d: %d, want %d" % (n + 1, a.status, status)
        assert (a.fields.get("connection") != "close") == keep
        if keep:
            w.send(PROBE)
            assert w.answer().status == 200
            w.s.shutdown(socket.SHUT_WR)
        w.ended()


def test_http__cases__enough():
    assert len(cases) >= 400
    assert len({c.id for c in cases}) == len(cases), "an id twice"


# --- what is not a table -----------------------------------------------------------------------

@pytest.fixture(scope="module")
def refused(signet):
    """A well-formed message that is answered with a CertRep."""
    return scep.Request(ra=signet.server().ra, challenge="wrong", csr={"corrupt": True}).build()


def certrep(a):
    assert a.status == 200
    assert a.fields["content-type"] == "application/x-pki-message"


@pytest.mark.parametrize("target", ["/scep", CAPS, "/scep?operation=GetCACert", "/scep?x", "/x", "/certsrv/mscep_admin"])
def test_head__is_get_without_the_body(wire, target):
    with wire() as w:
        w.send(get(target) + other("HEAD", target) * 2 + get(target))
        whole, heads, last = w.answer(), [w.answer("HEAD"), w.answer("HEAD")], w.answer()
    assert whole.body and last.body == whole.body
    for fields in [h.fields for h in heads] + [whole.fields]:
        fields.pop("date")
    assert [(h.status, h.fields) for h in heads] == [(whole.status, whole.fields)] * 2


def test_head__of_an_enrolment__enrols_nobody(wire, signet):
    subject = "CN=head,O=Test"
    req = scep.Request(ra=signet.server().ra, subject=subject, challenge=signet.challenge(subject))
    target = PKI + "&message=" + scep.escape(req.build())
    with wire() as w:
        w.send(other("HEAD", target) + other("OPTIONS", target))
        assert [w.answer("HEAD").status, w.answer().status] == [405, 204]
        assert subject.encode() not in signet.cli("ca", "list", "--json").stdout.encode()
        w.send(get(target))
        certrep(w.answer())
    assert signet.server().send(req).cert.subject.rfc4514_string() == "O=Test,CN=head"


@pytest.mark.parametrize("target,allow", [
    ("*", "GET, HEAD, POST, OPTIONS"), ("/scep", "GET, HEAD, POST, OPTIONS"), (CAPS, "GET, HEAD, OPTIONS"),
    ("/scep?operation=GetCACert", "GET, HEAD, OPTIONS"), (PKI, "GET, POST, OPTIONS")])
def test_options__says_what_is_served(wire, target, allow):
    with wire() as w:
        w.send(other("OPTIONS", target))
        a = w.answer()
        assert (a.status, a.fields["allow"]) == (204, allow)
        assert "content-type" not in a.fields
        if "HEAD" not in allow:
            w.send(other("HEAD", target))
            assert w.answer("HEAD").fields["allow"] == allow
        if "POST" not in allow:
            w.send(post(b"x", target=target))
            assert w.answer().fields["allow"] == allow


@pytest.mark.parametrize("kind", [
    None, "application/x-pki-message", "application/octet-stream", "application/pkcs7",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "image/png", ""])
def test_post__content_type__is_not_looked_at(wire, refused, kind):
    line = b"" if kind is None else b"Content-Type: %s\r\n" % kind.encode()
    with wire() as w:
        w.send(post(refused, b"Content-Length: %d\r\n%s" % (len(refused), line)))
        certrep(w.answer())


# Configured URLs of devices, to which they append "?operation=" and what follows.
URLS = ("/scep?", "/scep?&", "/scep?foo=bar", "/scep?foo=bar&", "/scep//pkiclient.exe", "/scep?/pkiclient.exe", "/scep/Default",
        "//SCEP//%64EFAULT//pkiclient%2eexe//", "/certsrv/mscep/", "/certsrv/mscep/mscep.dll/pkiclient.exe",
        "/cgi-bin/pkiclient.exe/pkiclient.exe")


@pytest.mark.parametrize("by", ["POST", "GET"])
@pytest.mark.parametrize("url", URLS)
def test_url__of_a_device__whole_enrolment(signet, url, by):
    server = scep.Server(signet.url)
    server.path = url
    assert server.caps() == signet.server().caps()
    assert [c.fingerprint(c.signature_hash_algorithm) for c in server.ca_certs()] == \
        [c.fingerprint(c.signature_hash_algorithm) for c in signet.server().ca_certs()]
    subject = "CN=url%d-%s,O=Test" % (URLS.index(url), by.lower())
    req = scep.Request(ra=server.ra, subject=subject, challenge=signet.challenge(subject))
    rep = server.send(req, by)
    assert rep.cert.subject.rfc4514_string() == "O=Test," + subject.split(",")[0]


@pytest.mark.parametrize("target", ["/scep?%6Fperation=%50KIOperation%20", "/scep?operation=PKIOperation&operation=pkioperation",
                                    "/scep?operation=&x=y", "/scep", "/Scep/"])
def test_url__post__operation_written_oddly(wire, refused, target):
    with wire() as w:
        w.send(post(refused, target=target))
        certrep(w.answer())


def test_url__get__message_said_twice(wire, refused):
    m = scep.escape(refused)
    with wire() as w:
        for query in ("&message=%s&message=%s" % (m, m), "&message=&%%6Dessage=%s" % m, "?message=%s" % m):
            w.send(get(PKI + query))
            certrep(w.answer())
        w.send(get(PKI + "&message=%s&message=%s" % (m, m[:-8])))
        assert w.answer().status == 400


@pytest.mark.parametrize("query,rule", [
    ("operation=GetCACaps&operation=GetCACert", "http.query.operation"),
    ("operation=PKIOperation&message=MIIB&message=MIIC", "http.query.message"),
])
def test_url__contradictory__says_its_rule(signet, query, rule):
    signet.server().request("GET", "/scep/second?" + query)
    system.wait_for("an event " + rule, lambda: rule in signet.cli("events", "--rule", rule).stdout)


@pytest.mark.parametrize("tail", ["?", "/", "?foo=bar", "?operation=GetCACert", "?x&Operation=PKIOperation&message=y&"])
def test_url__given_to_our_client__plain_form(signet, tail):
    """Also one that was copied together with an operation."""
    plain = system.run(system.BIN, "getcacaps", signet.url).stdout
    assert "POSTPKIOperation" in plain
    assert system.run(system.BIN, "getcacaps", signet.url + tail).stdout == plain


def test_url__https_where_there_is_no_tls__says_so(signet):
    r = system.run(system.BIN, "getcacaps", signet.url.replace("http:", "https:"), check=False)
    assert r.returncode != 0 and "check that this port has TLS (if not, the URL begins with http:)" in r.stderr, r.stderr


def test_url__page_of_ndes__says_where_challenges_come_from(signet):
    r = signet.server().request("GET", "/certsrv/mscep_admin/")
    assert r.status == 404 and b"signet challenge new" in r.body
    r = signet.server().request("GET", "/scep?message=x")
    assert r.status == 400 and b"GetCACaps, GetCACert or PKIOperation" in r.body


def url_safe(m):
    return base64.urlsafe_b64encode(m).decode()


@pytest.mark.parametrize("encode", [
    scep.escape, lambda m: base64.b64encode(m).decode(), url_safe, lambda m: url_safe(m).rstrip("="),
    lambda m: base64.b64encode(m).decode().rstrip("="),
    lambda m: base64.b64encode(m).decode().replace("+", "%20"),
    lambda m: urllib.parse.quote(base64.encodebytes(m).decode(), safe=""),
    lambda m: urllib.parse.quote(base64.encodebytes(m).decode().replace("\n", "\r\n"), safe=""),
    lambda m: base64.encodebytes(m).decode().replace("\n", "%0A"),
    lambda m: "".join("%%%02X" % c for c in base64.b64encode(m)),
    lambda m: "".join("%%%02x" % c for c in base64.b64encode(m)),
], ids=["escaped", "plain", "url-safe", "url-safe-unpadded", "unpadded", "plus-is-space", "lines", "crlf-lines",
        "lines-unescaped", "all-escaped", "all-escaped-lower"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_get__base64_of_the_field__read(wire, refused, encode, version):
    with wire() as w:
        w.send(get(PKI + "&message=" + encode(refused), b"Host: h\r\n" if version == "HTTP/1.1" else b"", version))
        certrep(w.answer())


def test_post__chunked_in_every_size__read(wire, refused):
    with wire() as w:
        for size in (1, 2, 15, 16, 17, 255, 256, 4096):
            pieces = [refused[i:i + size] for i in range(0, len(refused), size)]
            w.send(chunked(b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + END))
            certrep(w.answer())


def test_expect__waits_for_100__then_sends(wire, refused):
    with wire() as w:
        for _ in range(3):
            w.send(post(b"", b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(refused)))
            status, fields = w.head()
            assert status == 100 and not fields
            w.send(refused)
            certrep(w.answer())


def test_segments__every_cut__same_answer(wire):
    data = b"POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" \
           b"3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n"
    with wire() as w:
        for n in range(1, len(data)):
            w.send(data[:n])
            w.send(data[n:])
            assert w.answer().status == 400, n


def test_segments__byte_by_byte__same_answer(wire):
    with wire() as w:
        for data, status in ((get(), 200), (post(b"xyz"), 400), (chunked(b"1\r\nx\r\n" + END), 400)):
            for c in data:
                w.send(bytes([c]))
            assert w.answer().status == status


@pytest.mark.parametrize("data,status", [
    (get(), 200), (post(b"x"), 400), (chunked(b"1\r\nx\r\n" + END), 400), (get() + b"GE", 200), (b"GET /sc", None),
    (b"", None), (b"\r\n", None), (get()[:-2], None), (post(b"x", b"Content-Length: 2\r\n"), None),
    (chunked(b"2\r\nx"), None), (chunked(b"1\r\nx\r\n"), None), (chunked(b"0\r\n"), None), (b"GET\0", None),
], ids=str)
def test_half_close__what_is_whole_is_answered(wire, data, status):
    with wire() as w:
        w.send(data)
        w.s.shutdown(socket.SHUT_WR)
        if status is not None:
            assert w.answer().status == status
        w.ended()


def test_half_close__while_a_worker_has_it__answered(wire, refused):
    with wire() as w:
        w.send(post(refused) * 3)
        w.s.shutdown(socket.SHUT_WR)
        for _ in range(3):
            certrep(w.answer())
        w.ended()


def test_abort__in_every_phase__nothing_happens(wire, signet, refused, front_lives):
    whole = post(refused)
    for n in (0, 1, 10, 60, len(whole) - len(refused), len(whole) - 1, len(whole)):
        for _ in range(5):
            with wire() as w:
                w.send(whole[:n])
                w.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
    assert signet.server().caps()


@pytest.mark.parametrize("seed", range(20))
def test_garbage__refused_or_cut(wire, front_lives, seed):
    r = random.Random(seed)
    words = [b"GET ", b"POST ", CAPS.encode(), b" HTTP/1.1", b"\r\n", b"Host: h", b"Content-Length: 5", b"\n", b": ",
             b"Transfer-Encoding: chunked", b"0\r\n\r\n", b"\0", b" ", b"\t", b"5\r\nabcde\r\n", b"\xff", PROBE]
    for _ in range(25):
        data = b"".join(r.choice(words) for _ in range(r.randrange(1, 30)))
        with wire() as w:
            w.send(data)
            w.s.shutdown(socket.SHUT_WR)
            a = w.answer()
            while a is not None:
                assert a.status in (200, 400, 404, 405, 411, 413, 431, 501, 505), (data, a.status)
                a = w.answer()


# --- slow: begun together when the first test wants one ----------------------------------------

def slow_head(w):
    for c in get()[:-1] + b"X: " + b"y" * 100:
        w.send(bytes([c]))
        if select_readable(w.s, 0.5):
            break
    return w.answer()


def silent_head(w):
    w.send(get()[:-2])
    return w.answer()


def silent_body(w):
    w.send(post(b"x" * 10, b"Content-Length: 5000\r\n"))
    return w.answer()


def slow_body(w):
    w.send(post(b"", b"Content-Length: 60000\r\n"))
    for _ in range(100):
        w.send(b"x" * 100)
        if select_readable(w.s, 0.3):
            break
    return w.answer()


def slow_chunks(w):
    w.send(chunked(b""))
    for _ in range(100):
        w.send(b"1\r\nx\r\n")
        if select_readable(w.s, 0.3):
            break
    return w.answer()


def silent_expect(w):
    w.send(post(b"", b"Content-Length: 5\r\nExpect: 100-continue\r\n"))
    return w.answer()


def steady_body(w):
    """Slow, but as fast as it must be."""
    w.send(post(b"", b"Content-Length: 20000\r\n"))
    for _ in range(20):
        w.send(b"x" * 1000)
        time.sleep(0.4)
    return w.answer()


def slow_reader(w):
    """Reads a little at a time, and gets everything."""
    w.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    w.send(get("/scep?operation=GetCACert") * 20)
    for _ in range(19):
        assert w.answer().status == 200
        time.sleep(0.1)
    return w.answer()


def idle(w):
    w.send(get())
    assert w.answer().status == 200
    return w.answer()


def deaf(w):
    """Asks and asks and never reads."""
    w.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    w.s.settimeout(120)
    try:
        for _ in range(100000):
            w.s.sendall(get("/scep?operation=GetCACert") * 10)
    except (BrokenPipeError, ConnectionResetError):
        return None
    raise AssertionError("everything was taken")


def select_readable(s, seconds):
    import select
    return bool(select.select([s], [], [], seconds)[0])


# name: (conversation, status of the last answer or None for the end, seconds that it takes)
SLOW = {
    "head": (slow_head, 408, (8, 14)), "head-silent": (silent_head, 408, (8, 14)),
    "body-silent": (silent_body, 408, (4, 9)), "body": (slow_body, 408, (4, 9)),
    "chunks": (slow_chunks, 408, (4, 9)), "expect-silent": (silent_expect, 408, (4, 9)),
    "body-steady": (steady_body, 400, (7, 30)), "reader": (slow_reader, 200, (1, 30)),
}
if LONG:
    SLOW.update({"idle": (idle, None, (28, 36)), "deaf": (deaf, None, (20, 100))})


@pytest.fixture(scope="module")
def slow(signet):
    done = {}

    def run(way, name):
        begin = time.monotonic()
        try:
            with wire_of(signet, way) as w:
                answer = SLOW[name][0](w)
                if answer is not None and answer.status == 408:
                    w.ended()
        except Exception as e:  # told by the test
            answer = e
        done[way, name] = (answer, time.monotonic() - begin)
    threads = [threading.Thread(target=run, args=(way, name)) for way in WAYS for name in SLOW]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return done


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", list(SLOW))
def test_slow(slow, front_lives, way, name):
    """Slow: the deadlines of a request's head, body and answer pass, up to ten seconds, all at once."""
    answer, took = slow[way, name]
    if isinstance(answer, Exception):
        raise answer
    _, status, (least, most) = SLOW[name]
    assert (None if answer is None else answer.status) == status
    assert least <= took <= most * (3 if status != 200 else 10), "%.1f s" % took
