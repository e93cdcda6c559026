/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain/rows_system.c - the rules of processes, files, stores, configuration, HTTP and the client
 */

#include "explain/rows.h"

const struct sg_catalog_rule sg_catalog_system[] = {
    {"rule.other", SG_BLAME_SIGNET, SG_TOLD_NONE, "more rules than expected",
	"A sibling process reported a rule word that could not be kept.",
	"See the text above. Please report it."},
    {"memory", SG_BLAME_SERVER, SG_TOLD_NONE, "out of memory",
	"The system had no memory left for this. Nothing was lost: the request is answered "
	"with 503 and may come again.",
	"Look at what uses the memory (`ps aux --sort -rss`), and at limits of the service or "
	"container."},
    {"buffer", SG_BLAME_SIGNET, SG_TOLD_NONE, "something that cannot be written",
	"A value does not fit the form that it is written in.",
	"Report this with the lines of the log before it."},
    {"limit.buffer", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "too large",
	"Something in the message grew beyond its limit.",
	"Update the client; real messages are far below every limit."},
    {"base64", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "not base64",
	"The text is not base64, or it is cut.",
	"Copy it whole. If it came from a device, look for proxies that change what they "
	"carry."},
    {"hex", SG_BLAME_ADMIN, SG_TOLD_NONE, "not hexadecimal",
	"The text is not pairs of hexadecimal digits.",
	"Copy it whole: digits 0 to 9 and a to f, \":\" between bytes is allowed."},
    {"pem", SG_BLAME_ADMIN, SG_TOLD_NONE, "no PEM block",
	"The file has no block \"-----BEGIN ...-----\" of the kind that is needed, or the "
	"block has no end.",
	"Check that it is the right file; `openssl x509 -inform der -in FILE` converts DER to "
	"PEM."},
    {"number", SG_BLAME_ADMIN, SG_TOLD_NONE, "not a number",
	"A number was expected, without sign or spaces, within its limits.",
	"Correct it; the text above says the limit."},
    {"duration", SG_BLAME_ADMIN, SG_TOLD_NONE, "not a duration",
	"A time span was expected: a number and one of s, m, h, d, w, y.",
	"Write it as in 90d or 60m."},
    {"steps", SG_BLAME_SIGNET, SG_TOLD_NONE, "stored steps cannot be read",
	"The times of the steps of an enrolment are damaged in the store. The outcome itself "
	"is not.",
	"Run `signet fsck`. Please report it."},
    {"hash.unknown", SG_BLAME_SIGNET, SG_TOLD_NONE, "impossible hash",
	"A hash that does not exist was asked for.", "Please report it with the text above."},
    {"cipher.*", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "cipher that is not used",
	"A cipher was asked for that Signet does not use, or with a wrong size.",
	"Set the client to AES. If the text above does not come from a client, please report "
	"it."},
    {"keytrans.*", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "key transport that is not used",
	"The content key is transported in a way that Signet does not know, or with a wrong "
	"size.",
	"Set the client to RSA with PKCS#1 v1.5 or OAEP."},
    {"unwrap.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "content key cannot be unwrapped",
	"The encrypted content key has not the size of the RA key: the client encrypted to "
	"another certificate, or the message is damaged.",
	"Let the client fetch the certificates again: compare with `signet getcacert`."},
    {"sig.*", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "signature algorithm and key do not fit",
	"The signature algorithm does not fit the type of key, or has parameters that are not "
	"accepted.",
	"Update the client. If the text above does not come from a client, please report it."},
    {"crypto.*", SG_BLAME_SERVER, SG_TOLD_NONE, "OpenSSL does not work",
	"The cryptographic library of this system gives no random numbers, or lacks an "
	"algorithm (a FIPS policy can do that).",
	"Check `openssl list -digest-algorithms` and the OpenSSL configuration of this system."},
    {"key.size", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "size of key not accepted",
	"The RSA key is shorter than 2048 or longer than 8192 bits.",
	"Use a key of 2048, 3072 or 4096 bits. Throw-away certificates of old clients with "
	"1024-bit keys are refused, too."},
    {"key.cost", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "key too expensive to verify with",
	"The RSA key is longer than 4096 bits, or its exponent longer than 32. A stranger could "
	"keep the server busy with such keys, so nothing is verified with them.",
	"Use a key of 2048, 3072 or 4096 bits with the exponent 65537."},
    {"key.type", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "type of key not accepted",
	"The key is neither RSA nor EC on P-256, P-384 or P-521.",
	"Use RSA with 2048 bits or more, or P-256."},
    {"key.curve", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "curve not accepted",
	"The EC key is not on P-256, P-384 or P-521, or does not name its curve.", "Use P-256."},
    {"key.encrypted", SG_BLAME_ADMIN, SG_TOLD_NONE, "key file with a passphrase",
	"The private key is encrypted; a server that starts by itself cannot ask for a "
	"passphrase.",
	"Write it without one, readable by its owner only: `openssl pkey -in OLD -out NEW`, "
	"then `chmod 600 NEW`."},
    {"key.match", SG_BLAME_ADMIN, SG_TOLD_NONE, "key and certificate do not belong together",
	"The private key is not the one of the certificate.",
	"Put the right pair into place; the text above says which."},
    {"key.pair", SG_BLAME_ADMIN, SG_TOLD_NONE, "damaged private key",
	"The private and the public part of the key file do not belong together.",
	"Restore the file from a backup."},
    {"key.pem", SG_BLAME_ADMIN, SG_TOLD_NONE, "no private key in the file",
	"The file has no private key, or several.",
	"Check that the configuration names the right file; it must have one block PRIVATE "
	"KEY."},
    {"key.decode", SG_BLAME_ADMIN, SG_TOLD_NONE, "private key cannot be read",
	"The PEM block is not a private key, or it is damaged.",
	"Restore the file from a backup; `openssl pkey -in FILE -check` tells more."},
    {"key.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "key cannot be used",
	"The numbers of a key are not those of a sound key, or it is not of the kind needed "
	"here.",
	"Make the key anew. If the text above does not come from a client, check the key files "
	"of the configuration."},
    {"http.body.size", SG_BLAME_DEVICE, SG_TOLD_NONE, "message too large",
	"The body of the HTTP request is larger than 64 KiB, at a control socket than 1 MiB "
	"(answered with 413). SCEP messages have 2 to 8 KiB.",
	"Let the client send only its own certificate, not a chain. If it is not a SCEP client "
	"at all, it may be ignored. At a control socket `signet api` says what a body has."},
    {"http.line.size", SG_BLAME_DEVICE, SG_TOLD_NONE, "URL too long",
	"The URL is longer than 65534 bytes (answered with 414).",
	"Set the client to POST; it does so by itself when GetCACaps offers POSTPKIOperation."},
    {"http.head.size", SG_BLAME_DEVICE, SG_TOLD_NONE, "HTTP head too large",
	"The head of the request is larger than 131072 bytes, at a control socket than 16 KiB "
	"(answered with 431).",
	"Look at proxies that add fields, cookies for example. At a control socket, ask with a "
	"shorter URL and fewer fields."},
    {"http.field.size", SG_BLAME_DEVICE, SG_TOLD_NONE, "HTTP field too large",
	"A field of the head is larger than 65534 bytes (answered with 431).",
	"Look at proxies that add fields, cookies for example."},
    {"http.head.slow", SG_BLAME_DEVICE, SG_TOLD_NONE, "slow client",
	"The head of the request took longer than 10 seconds. A bad line does this, and "
	"attacks that hold connections open.",
	"Nothing, if it is rare. Many from one address: block it in front of the server."},
    {"http.body.slow", SG_BLAME_DEVICE, SG_TOLD_NONE, "slow client",
	"The body of the request came slower than 1 KiB a second. A bad line does this, and "
	"attacks that hold connections open.",
	"Nothing, if it is rare. Many from one address: block it in front of the server."},
    {"http.framing.get", SG_BLAME_DEVICE, SG_TOLD_NONE, "body where none belongs",
	"A GET, HEAD or OPTIONS has a body (answered with 400). Servers and proxies differ in "
	"whether they read one there, which is how requests are smuggled, so it is refused and the "
	"connection closed.",
	"Set the client to POST, or to send no body with GET; look at proxies between."},
    {"http.framing.length", SG_BLAME_DEVICE, SG_TOLD_NONE, "length of the body is missing",
	"A POST does not say how long its body is (answered with 411).",
	"Update the client: it has to send Content-Length, or Transfer-Encoding chunked."},
    {"http.framing.*", SG_BLAME_ATTACK, SG_TOLD_NONE, "ambiguous HTTP request",
	"The request leaves open where its body ends. Behind a proxy this is how requests are "
	"smuggled, so it is refused and the connection closed.",
	"If a proxy of yours sends it, update or correct the proxy. Otherwise it is a scanner."},
    {"http.host.*", SG_BLAME_DEVICE, SG_TOLD_NONE, "Host is missing or no host",
	"A request of HTTP/1.1 has one field Host, with a name or an address and maybe a port; "
	"this one has none, two, or something else in it (answered with 400).",
	"Look at the host in the client's URL, and at proxies that write the field. A client that "
	"cannot send it has to speak HTTP/1.0."},
    {"tls.chain", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate for HTTPS cannot be read",
	"A certificate file for HTTPS has no PEM block CERTIFICATE, too many of them, or one "
	"that is damaged; the text says which.",
	"Write the server's own certificate and then those of the CAs above it into the file, as "
	"PEM: `fullchain.pem` of an ACME client is such a file."},
    {"tls.chain.order", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificates for HTTPS in the wrong order",
	"Each certificate of the file must be signed by the next one, or clients cannot build a "
	"chain; the text says where that ends.",
	"Put the server's own certificate first, then the CA that signed it, then the CA above "
	"that. The root may be left out."},
    {"tls.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "private key of another certificate",
	"The private key does not belong to the first certificate of the file, so no client could "
	"be answered.",
	"Name the two files that were made together. When a certificate was renewed with a new "
	"key, both files are replaced."},
    {"tls.names", SG_BLAME_ADMIN, SG_TOLD_NONE, "names of a certificate for HTTPS",
	"A dNSName of the certificate is not the name of a host (a star stands only for the whole "
	"first label), or there are more than 100.",
	"Have a certificate issued with the names that clients have in their URLs."},
    {"tls.weak", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate for HTTPS too weak",
	"A certificate of the file has an RSA key below 2048 bits, or is signed with SHA-1. "
	"Clients "
	"of today refuse such a server.",
	"Have a new certificate issued with SHA-256, for RSA of 2048 bits or P-256."},
    {"tls.pairs", SG_BLAME_ADMIN, SG_TOLD_NONE, "number of certificates for HTTPS",
	"HTTPS needs one certificate at least, and takes 32.",
	"Put several names into one certificate."},
    {"tls.context", SG_BLAME_SIGNET, SG_TOLD_NONE, "OpenSSL gives no TLS",
	"OpenSSL has not what TLS 1.2 and 1.3 need: it was built without.",
	"Install the system's own OpenSSL 3 (`openssl version`)."},
    {"tls.version", SG_BLAME_DEVICE, SG_TOLD_NONE, "TLS too old",
	"The client offers only TLS 1.1 or older, which is broken; TLS 1.2 and 1.3 are spoken "
	"here.",
	"Update the client. SCEP needs no TLS: what cannot speak 1.2 can use a port of `listen`."},
    {"tls.cipher", SG_BLAME_DEVICE, SG_TOLD_NONE, "no algorithms in common",
	"The client has no cipher suite, no curve or no kind of signature that is in use here: "
	"ECDHE on X25519, P-256 or P-384 with AES-GCM or ChaCha20-Poly1305.",
	"Update the client. One that has only RSA signatures needs a certificate with an RSA key: "
	"`front.tls` may have one of each kind for the same name."},
    {"tls.alpn", SG_BLAME_DEVICE, SG_TOLD_NONE, "another protocol than HTTP/1.1",
	"The client offers protocols in its TLS handshake (ALPN), and http/1.1 is not among them.",
	"Let the client speak HTTP/1.1. Otherwise it is a scanner."},
    {"tls.name", SG_BLAME_DEVICE, SG_TOLD_NONE, "no certificate for this name",
	"The client asks for a server name (SNI) that no certificate of `front.tls` has.",
	"If clients shall use this name, have a certificate with it issued and add it to "
	"`front.tls`. Otherwise correct the URL of the client, or it is a scanner."},
    {"tls.alert", SG_BLAME_DEVICE, SG_TOLD_NONE, "client refuses the TLS connection",
	"The client ended the connection with an alert, which the text names. \"unknown ca\" and "
	"the "
	"alerts about certificates mean that it does not trust ours.",
	"Install the root of the server's certificate on the client, and see that the file of "
	"`front.tls` has all CAs below it: `openssl s_client -connect HOST:PORT -showcerts`."},
    {"tls.bytes", SG_BLAME_ATTACK, SG_TOLD_NONE, "not TLS",
	"Something that is not TLS came to a port of HTTPS.",
	"If a client or proxy of yours is behind that address, give it the right port or URL. "
	"Otherwise it is a scanner."},
    {"tls.plain", SG_BLAME_DEVICE, SG_TOLD_NONE, "HTTP on the port of HTTPS",
	"A request of HTTP without TLS came to a port of `listen-https`. It was answered with 400 "
	"and a sentence that says so.",
	"Correct the URL of the client: it begins with https://, or has the port of `listen`."},
    {"tls.handshake", SG_BLAME_DEVICE, SG_TOLD_NONE, "TLS handshake failed",
	"The client's messages do not make a TLS handshake; the text says what OpenSSL found.",
	"Update the client. Scanners cause this, too."},
    {"tls.left", SG_BLAME_DEVICE, SG_TOLD_NONE, "client left in the handshake",
	"The client closed the connection before the TLS handshake was done. Some do so without a "
	"word when they do not trust the certificate.",
	"Install the root of the server's certificate on the client. Scanners cause this, too."},
    {"tls.slow", SG_BLAME_DEVICE, SG_TOLD_NONE, "TLS handshake too slow",
	"The handshake was not done within 10 seconds.",
	"The network drops packets, or somebody keeps connections open on purpose; see the "
	"client's "
	"address above."},
    {"tls.record", SG_BLAME_ATTACK, SG_TOLD_NONE, "damaged TLS record",
	"What came over an established TLS connection does not decrypt, or is no TLS. The network "
	"or a machine on the way changed it, or somebody tries to.",
	"If it happens again with one network, look for a firewall that looks into TLS there."},
    {"tls.keys", SG_BLAME_ATTACK, SG_TOLD_NONE, "TLS keys changed too often",
	"Over one TLS connection the client changed its keys, or asked for another handshake, more "
	"than 32 times. A client of SCEP has no reason to. The connection was ended.",
	"Somebody tries to keep this server busy: block the address if it goes on."},
    {"tls.socket", SG_BLAME_DEVICE, SG_TOLD_NONE, "connection reset in the handshake",
	"The connection was reset by the client or the network before TLS was established.",
	"Look at the client's own log. Scanners cause this, too."},
    {"http.client.tls", SG_BLAME_ADMIN, SG_TOLD_NONE, "TLS with the server failed",
	"The port has no TLS, the server's certificate does not verify here, or both sides have no "
	"version or cipher in common.",
	"If the port has no TLS, the URL begins with http: (SCEP protects its messages itself). "
	"Else `openssl s_client -connect HOST:PORT` shows what the server offers, and `--tls-ca` "
	"names the CA of its certificate."},
    {"http.client.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "exchange with the server failed",
	"Our client did not reach the server, or its answer did not come whole.",
	"The text above says what failed. Check host, port and path of the URL, and proxies "
	"between, with `curl -i \"URL?operation=GetCACaps\"`."},
    {"http.method.*", SG_BLAME_DEVICE, SG_TOLD_NONE, "method not served",
	"The request has another method than GET, HEAD, POST or OPTIONS.",
	"Check the client. Scanners do this all day; it may be ignored."},
    {"http.query.*", SG_BLAME_DEVICE, SG_TOLD_NONE, "contradictory URL",
	"The query of the URL has two operations, or two messages, that differ (answered with "
	"400).",
	"Enter the URL in the client without an operation: the client appends it. If a proxy "
	"rewrites URLs, look at its rules."},
    {"http.blocking.*", SG_BLAME_SERVER, SG_TOLD_NONE, "answer at a control socket was not whole",
	"Who asked a role at its control socket went away, or read nothing of the answer for ten "
	"seconds; or the answer was not as long as it had been said.",
	"Nothing, where a command was ended or stopped. Otherwise ask again."},
    {"http.log.write", SG_BLAME_ADMIN, SG_TOLD_NONE, "access log cannot be written",
	"The disk of the access log is full or takes nothing. Lines wait, and those that find no "
	"room are lost and counted; requests are served all the same.",
	"Make room where the log is (`df`), or set `front.access-log-size` and "
	"`front.access-log-keep` lower. The log itself says how many lines it lost."},
    {"http.escape", SG_BLAME_DEVICE, SG_TOLD_NONE, "broken percent-encoding",
	"In the URL a '%' is not followed by two hexadecimal digits (RFC 3986 2.1).",
	"Write '%' itself as %25. Look at proxies that rewrite URLs."},
    {"http.*", SG_BLAME_DEVICE, SG_TOLD_NONE, "broken HTTP request",
	"The request is not HTTP/1.1 as RFC 9112 has it; the connection was closed. Proxies "
	"with errors do this, scanners, and browsers that speak TLS to a plain port.",
	"The text above says what was found. Of a device: check that the URL in its profile says "
	"http where the port has no TLS, and look at proxies between. At a control socket: ask "
	"with curl --unix-socket, which writes requests as they have to be."},
    {"rpc.socket", SG_BLAME_ADMIN, SG_TOLD_NONE, "no descriptor for a socket to a sibling",
	"A role had no descriptor left for the socket to another one; it asks for another every "
	"second until there is one.",
	"Raise the limit of open files of whoever starts Signet (`ulimit -n`, LimitNOFILE)."},
    {"rpc.timeout", SG_BLAME_SERVER, SG_TOLD_NONE, "another process did not answer",
	"A role waited for another one in vain: it hangs, is overloaded, or the disk under its "
	"database is.",
	"`signet events` shows what that role did last. Look at load and disk of the machine; "
	"if it hangs, end that process: it is started again at once and nothing is lost."},
    {"frame.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "processes do not understand each other",
	"A frame between two roles breaks their table; the log names the edge, and what it was or "
	"which versions the two speak. Mixed versions do this after an update without restart; "
	"otherwise a process may have been taken over.",
	"Restart `signet run`. If it comes again, please report it, and see SECURITY.md."},
    {"control.connect", SG_BLAME_ADMIN, SG_TOLD_NONE, "no running system",
	"The command line reached no running Signet: it is not started, its data directory is "
	"another one, or you may not open its control socket.",
	"Start it with `signet run -c FILE`, name the right configuration, or run the command "
	"as the user that started it."},
    {"control.user", SG_BLAME_ADMIN, SG_TOLD_NONE, "another user at a control socket",
	"Only root and the user who started Signet may ask at the control sockets; somebody "
	"changed the mode of one, so that others reach it.",
	"Ask as root or as that user. Give the socket its mode 0600 back, or restart Signet."},
    {"control.stays", SG_BLAME_ADMIN, SG_TOLD_NONE, "too many callers that stay",
	"As many callers as may do so follow a list of this role or fetch a file from it.",
	"End one of them (`signet events --follow`, a backup, a `curl` that was forgotten), or ask "
	"later. Other questions are answered meanwhile."},
    {"api.path", SG_BLAME_ADMIN, SG_TOLD_NONE, "no such path",
	"The path of the URL is none of those that this role answers.",
	"`signet api` prints them all, and at which socket each is asked."},
    {"api.method", SG_BLAME_ADMIN, SG_TOLD_NONE, "not asked in this way",
	"The path exists, and is asked with another method of HTTP.",
	"Use one of those in the answer's field Allow; `signet api` says what each does."},
    {"api.right", SG_BLAME_ADMIN, SG_TOLD_NONE, "no right to this",
	"Who asks is known, and may not do this. Nothing was done.",
	"Let somebody do it who has the right that the text above names; `signet api` says "
	"which right each route needs."},
    {"api.media", SG_BLAME_ADMIN, SG_TOLD_NONE, "a body that is not said to be JSON",
	"A body came without the media type application/json.",
	"Send the field Content-Type: application/json, with curl by -H."},
    {"api.escape", SG_BLAME_ADMIN, SG_TOLD_NONE, "broken percent-encoding",
	"A '%' in the query of the URL stands before something else than two hexadecimal digits.",
	"Write it as %25; curl encodes a parameter by itself with -G --data-urlencode NAME=VALUE."},
    {"api.follow", SG_BLAME_ADMIN, SG_TOLD_NONE, "two places to begin at",
	"A list that is followed begins with its newest items (limit) or after a key (after).",
	"Leave out one of the two."},
    {"api.handler", SG_BLAME_SIGNET, SG_TOLD_NONE, "a question that was not answered",
	"The code that answers this question gave no answer, or not the one that it announced.",
	"Report this with the lines of the log that have its trace."},
    {"api.answer", SG_BLAME_SIGNET, SG_TOLD_NONE, "an answer that is not understood",
	"What the running process answered is none of the answers that there are for this. It "
	"may be of another version.",
	"Start Signet again with the version that this command is of; if it stays, report it."},
    {"control.serial", SG_BLAME_ADMIN, SG_TOLD_NONE, "not a serial number",
	"What was asked about is no serial number: want at most 20 bytes in hexadecimal, as "
	"`openssl x509 -noout -serial` prints them; a ':' may stand between two bytes.",
	"Copy the number from the certificate, or from `signet ca list`."},
    {"control.endpoint", SG_BLAME_ADMIN, SG_TOLD_NONE, "no such endpoint",
	"What was asked for names an endpoint that the configuration of the running system does "
	"not have.",
	"Name one of those that the message lists, or write the endpoint into the configuration "
	"and start again."},
    {"control.policy", SG_BLAME_ADMIN, SG_TOLD_NONE, "endpoint without challenges of its own",
	"Challenges are made for endpoints with policy one-time. At this endpoint all devices have "
	"the challenge that is in its challenge-file.",
	"Give the devices that one, or name an endpoint with policy one-time."},
    {"control.*", SG_BLAME_SERVER, SG_TOLD_NONE, "command was not answered",
	"The connection to the running system broke, or it did not answer in time.",
	"Try again; `signet events` shows whether a role was restarted."},
    {"json.syntax", SG_BLAME_ADMIN, SG_TOLD_NONE, "not JSON",
	"The text is not one object of JSON (RFC 8259) in UTF-8: the place is in the text "
	"above.",
	"Correct it there; `python3 -m json.tool FILE` reads the same syntax."},
    {"json.unknown", SG_BLAME_ADMIN, SG_TOLD_NONE, "no such member",
	"There is a name that the object, or the query of the URL, does not have.",
	"Take it out or correct its spelling; `signet api` prints every name there is."},
    {"json.absent", SG_BLAME_ADMIN, SG_TOLD_NONE, "a member is missing",
	"A member, or a parameter of the URL, is not there and has to be.",
	"Add it; `signet api` prints what is required."},
    {"json.type", SG_BLAME_ADMIN, SG_TOLD_NONE, "a member of another type",
	"A member is of another type than it has to be, or a text has not the form of what it "
	"stands for: a time, hexadecimal digits, a number. The refusal names it, what is wanted "
	"and what was found.",
	"Write what it says is wanted; `signet api` prints the type of each."},
    {"json.duplicate", SG_BLAME_ADMIN, SG_TOLD_NONE, "a member twice",
	"The same name is there twice in one object or in the query of a URL: which of them "
	"counts, different readers answer differently.",
	"Leave one of them."},
    {"json.bounds", SG_BLAME_ADMIN, SG_TOLD_NONE, "a member out of its bounds",
	"A number, or a length, is outside its bounds, a word is none of those that are "
	"possible, or a date does not exist. The refusal names it, what is wanted and what was "
	"found.",
	"Write what it says is wanted; `signet api` prints the bounds of each."},
    {"json.size", SG_BLAME_ADMIN, SG_TOLD_NONE, "too much JSON",
	"The text has more bytes or more values than are read at once.",
	"Ask for less at once: a list has the parameter limit."},
    {"json.depth", SG_BLAME_ADMIN, SG_TOLD_NONE, "JSON too deep",
	"More arrays and objects are inside each other than anything here has.",
	"Correct the text; `signet api` prints what is expected."},
    {"json.kind", SG_BLAME_SIGNET, SG_TOLD_NONE, "impossible kind of member",
	"A member that is an object or a list was asked for as one word.",
	"Please report it with the text above."},
    {"channel.*", SG_BLAME_SERVER, SG_TOLD_NONE, "supervisor and role cannot talk",
	"The channel between the supervisor and a role is closed: one of the two ended.",
	"Nothing, if it is rare: the role is started again. A role without its supervisor ends "
	"on purpose."},
    {"thread", SG_BLAME_SERVER, SG_TOLD_NONE, "no thread", "The system gave no further thread.",
	"Raise the limit of processes for this user or container (`ulimit -u`, TasksMax)."},
    {"loop.ends", SG_BLAME_SIGNET, SG_TOLD_NONE, "too many edges for one loop",
	"A role has more edges to other processes than its loop can serve. This is an error in "
	"Signet.",
	"Please report it with the text above."},
    {"loop.*", SG_BLAME_SERVER, SG_TOLD_NONE, "no descriptor for a loop",
	"The system gave a role no further descriptor, or no memory for one, to wait for the other "
	"processes with.",
	"Raise the limit of open files for this user or service (`ulimit -n`, LimitNOFILE)."},
    {"store.full", SG_BLAME_SERVER, SG_TOLD_NONE, "disk full",
	"There is no space left for the database; nothing was recorded, and the request was "
	"answered with 503. From the first write that found none until there is room again only "
	"revocations, holds and revocation lists are recorded, in room that is kept for them.",
	"Free space (`df -h`, quotas) or move the data directory. It goes on by itself: the line "
	"`store.room` in the log says when."},
    {"store.room", SG_BLAME_SERVER, SG_TOLD_NONE, "disk no longer full",
	"The disk had been full; now there is room, and the reserve for revocations is whole "
	"again.",
	"Nothing. Look at what filled it (`signet explain store.full`)."},
    {"store.reserve", SG_BLAME_ADMIN, SG_TOLD_NONE, "no reserve for revocations",
	"The file that keeps room for revocations beside a database cannot be made or written: "
	"something else is in its place, or the folder is not the role's.",
	"Move away what the text above names; Signet makes the file itself."},
    {"store.busy", SG_BLAME_SERVER, SG_TOLD_NONE, "database held by another program",
	"Another program has the database locked, a backup or a sqlite3 shell perhaps.",
	"End it. Backups must use copies, never locks."},
    {"store.locked", SG_BLAME_ADMIN, SG_TOLD_NONE, "database already open",
	"Another Signet process has this database open.",
	"Stop the other one first; two systems must never share a data directory."},
    {"store.backup", SG_BLAME_ADMIN, SG_TOLD_NONE, "backup under way",
	"A backup of this database is being made already; there is one at a time.",
	"Wait until the other one is done, or stop it."},
    {"store.backup.slow", SG_BLAME_ADMIN, SG_TOLD_NONE, "backup read too slowly",
	"While a backup is read, the log of the database cannot be written anew and grows. It grew "
	"by 256 MiB, or by half of what was free on the disk, so the backup was given up.",
	"Make the backup into a file on a local disk and move it from there, or make it when less "
	"is enrolled."},
    {"store.corrupt", SG_BLAME_SERVER, SG_TOLD_NONE, "database damaged",
	"The database cannot be read as what it should be: the disk, the memory or another "
	"program damaged it.",
	"Stop, run `signet fsck`, restore a backup, and check the disk."},
    {"store.dead", SG_BLAME_SERVER, SG_TOLD_NONE, "database given up",
	"A write failed in a way that leaves open what is on the disk; it is not tried again "
	"on purpose. The process ends and starts anew.",
	"Look at disk and kernel log. If it comes again, run `signet fsck` on the stopped "
	"system."},
    {"store.mode", SG_BLAME_ADMIN, SG_TOLD_NONE, "database open to others",
	"Other users may read or write the database file.",
	"Run chmod 600 on the file that the text above names."},
    {"store.newer", SG_BLAME_ADMIN, SG_TOLD_NONE, "database of a newer version",
	"The database was written by a newer Signet than this one.",
	"Install the newer version again; there is no way back but a backup."},
    {"store.kind", SG_BLAME_ADMIN, SG_TOLD_NONE, "database of another role",
	"The file is a database of Signet, but of another role.",
	"Check the data directory: the files of two installations may be mixed."},
    {"store.path", SG_BLAME_ADMIN, SG_TOLD_NONE, "database cannot be opened",
	"The file of the database cannot be made or opened where the configuration says.",
	"Check that the folder exists, belongs to the user of the role and lies on a local "
	"disk."},
    {"store.io", SG_BLAME_SERVER, SG_TOLD_NONE, "error of the disk",
	"Reading or writing the database failed.",
	"Look at the kernel log (`dmesg`), the mount and the owner of the files."},
    {"store.memory", SG_BLAME_SERVER, SG_TOLD_NONE, "out of memory", "The database got no memory.",
	"Look at what uses the memory, and at limits of the service or container."},
    {"store.unique", SG_BLAME_SIGNET, SG_TOLD_NONE, "row that exists already",
	"A row was to be stored that must exist only once. Nothing was stored twice.",
	"Run `signet fsck`. Please report it with the text above."},
    {"store.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "store refused",
	"The store was asked for something that it does not do.",
	"Please report it with the text above."},
    {"conf.file", SG_BLAME_ADMIN, SG_TOLD_NONE, "file cannot be used",
	"A file that the configuration names, or the configuration itself, cannot be read or "
	"written.",
	"Correct the path or the rights that the text above names, or put the file back. `signet "
	"up DIR` makes the RA's key and certificate again where they are missing; nothing else "
	"that a configuration names is made again."},
    {"conf.file.mode", SG_BLAME_ADMIN, SG_TOLD_NONE, "secret file open to others",
	"Other users may read a file with a secret.",
	"Run chmod 600 on the file that the text above names, and consider what it held as "
	"known."},
    {"conf.file.owner", SG_BLAME_ADMIN, SG_TOLD_NONE, "file that another user may change",
	"A file that the configuration names, or a directory on the way to it, belongs to another "
	"user than root and the one who starts Signet, or others may write it: they could put "
	"another one in its place.",
	"Run the chown or chmod that the text above names, after a look at whether the file is "
	"still the one that it was; or keep the data directory where only root writes, as "
	"below /var/lib."},
    {"file.owner", SG_BLAME_ADMIN, SG_TOLD_NONE, "configuration that another user may change",
	"The configuration, or a directory on the way to it, belongs to another user than root and "
	"the one who starts Signet, or others may write it: they could put another one in its "
	"place.",
	"Run the chown or chmod that the text above names, after a look at whether the file is "
	"still the one that it was; or keep the data directory where only root writes, as "
	"below /var/lib."},
    {"conf.listen", SG_BLAME_ADMIN, SG_TOLD_NONE, "address in use or not ours",
	"The server cannot listen on this address: another program does, it is not an address "
	"of this machine, or the port needs rights.",
	"`ss -ltnp` shows who listens. Change `front.listen` or stop the other program."},
    {"conf.static.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "static challenge without bounds",
	"A static challenge must come with a file and with patterns that bound the subjects: "
	"otherwise one leaked secret would give any name.",
	"Add `challenge-file` and `subjects` to the endpoint, or use policy one-time; then run "
	"`signet check`."},
    {"conf.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "mistake in the configuration",
	"The configuration has a mistake in the line that the text above names. Nothing was "
	"started.",
	"Correct that line; `signet check -c FILE` shows all mistakes at once."},
    {"conf", SG_BLAME_ADMIN, SG_TOLD_NONE, "mistake in the configuration",
	"The configuration has a mistake in the line that the text above names. Nothing was "
	"started.",
	"Correct that line; `signet check -c FILE` shows all mistakes at once."},
    {"tls.ca", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate of a CA for HTTPS",
	"A certificate of `front.tls` is that of a CA. Its key would be in the process that "
	"strangers reach: whoever takes that over could issue certificates.",
	"Have a certificate with serverAuth issued for this server and a key of its own "
	"(docs/operating.md, \"HTTPS\")."},
    {"tls.shared", SG_BLAME_ADMIN, SG_TOLD_NONE, "HTTPS with the key of the CA or RA",
	"The key of `front.tls` is the one of `ca.certificate`, `ra.certificate` or a CA above. "
	"It would be in the process that strangers reach.",
	"Make a key for this server alone, and have a certificate with serverAuth issued for it."},
    {"tls.dates", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate for HTTPS not valid now",
	"A certificate of `front.tls` has ended or has not begun. It is shown all the same, and "
	"clients refuse it.",
	"Look at the clock (`date -u`). If it is right, renew the certificate; new files under the "
	"same names are used within seconds."},
    {"tls.purpose", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate for HTTPS made for something else",
	"A certificate of `front.tls` has an extKeyUsage without serverAuth, so that clients "
	"refuse "
	"it.",
	"Have it issued with serverAuth; with Signet as its CA that is `eku` of the template."},
    {"tls.nameless", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate for HTTPS without a name",
	"A certificate of `front.tls` has no DNS name and no address among its alternative names. "
	"Clients compare the host of the URL with these alone, not with the common name.",
	"Have it issued with subjectAltName: the host of the URL, or its address."},
    {"tls.twice", SG_BLAME_ADMIN, SG_TOLD_NONE, "two certificates for one name",
	"Two certificates of `front.tls` have the same name and the same type of key. The one that "
	"stands first is shown, and the other never.",
	"Remove one of them. One with RSA and one with an elliptic curve may share names."},
    {"tls.file", SG_BLAME_ADMIN, SG_TOLD_NONE, "new files for HTTPS cannot be used",
	"A file of `front.tls` was replaced, and the new one cannot be opened, others may read a "
	"key, or somebody else may change it. The certificates in use stay.",
	"Correct what the text above names; the change is seen by itself. A hook of the ACME "
	"client that copies files has to keep mode 600 for keys."},
    {"tls.refused", SG_BLAME_ADMIN, SG_TOLD_NONE, "new certificates for HTTPS refused",
	"The files of `front.tls` were replaced, and what is in them now does not serve; the text "
	"names what. The certificates in use stay.",
	"Put the right files there; the change is seen by itself. `signet check` says the same "
	"before."},
    {"tls.used", SG_BLAME_SERVER, SG_TOLD_NONE, "certificates for HTTPS in use",
	"front has read the certificates of `front.tls`; the text says when the first of them "
	"ends.",
	"Nothing."},
    {"tls.renewed", SG_BLAME_SERVER, SG_TOLD_NONE, "new certificates for HTTPS in use",
	"The files of `front.tls` were replaced, and new connections get what is in them now; "
	"connections that are open go on with what they began with.",
	"Nothing."},
    {"tls.ends", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate for HTTPS ends soon",
	"A certificate of `front.tls` ends within 14 days, or has ended. After its end clients "
	"refuse the server. Said once a day.",
	"Renew it, or look at why the ACME client does not. New files under the same names are "
	"used within seconds."},
    {"file.exists", SG_BLAME_ADMIN, SG_TOLD_NONE, "file is there already",
	"A file was to be written that exists; nothing is overwritten silently.",
	"Remove it, or name another."},
    {"file.full", SG_BLAME_SERVER, SG_TOLD_NONE, "no space for a file",
	"There is no space left on the file system of the file that the text above names. It is "
	"as it was before.",
	"Free space (`df -h`, `df -i`, quotas). A revocation list is published by itself then."},
    {"file.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "file cannot be used",
	"A file cannot be opened, read or written.",
	"Correct the path, the rights or the space that the text above names."},
    {"role.*", SG_BLAME_SERVER, SG_TOLD_NONE, "role cannot start",
	"A role did not get what it needs from the supervisor, or could not give up its "
	"rights.",
	"Start the system with `signet run`, never a role by itself. In containers without "
	"user namespaces run it as an ordinary user."},
    {"sandbox.violation", SG_BLAME_SERVER, SG_TOLD_NONE, "forbidden system call",
	"A role made a system call that its list does not have, and the kernel ended it: an "
	"attacker owns it, or a library was changed under it.",
	"Look for `audit: type=1326` in the kernel's log and at what came in at that time. With "
	"LD_PRELOAD or a debugger set `sandbox: off`."},
    {"sandbox.crl", SG_BLAME_ADMIN, SG_TOLD_NONE, "revocation list among files of others",
	"The role ca may write beneath the directory of `ca.crl`, and files of other roles are "
	"there too; only their modes protect them when ca is compromised.",
	"Give the list a directory of its own, which the user of the role ca owns."},
    {"sandbox.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "sandbox not complete",
	"The kernel, or the container around it, lacks a part of what keeps an attacker who owns "
	"a role inside it.",
	"Use a kernel of version 5.13 or later with Landlock and seccomp, and let the container "
	"pass landlock_* and seccomp; or set `sandbox: auto` to go on with what there is."},
    {"supervisor.death", SG_BLAME_SERVER, SG_TOLD_NONE, "role ended",
	"A role ended by itself or was ended. What was in flight is repeated; it is started "
	"again, after five deaths in ten seconds with a pause of two.",
	"Nothing, if it is rare. Else read the lines before it: what killed it stands there."},
    {"supervisor.back", SG_BLAME_SERVER, SG_TOLD_NONE, "role serves again",
	"A role that had ended has been started again and is ready.", "Nothing."},
    {"supervisor.edge", SG_BLAME_SERVER, SG_TOLD_NONE, "socket between two roles ended",
	"One of two roles cut off the other, which said something that is not in their table, or "
	"had no memory or descriptor for their socket. Both live and have a new one.",
	"Once, under lack of memory: nothing. Again and again: one of the two may be owned by "
	"somebody, or has a fault; stop Signet and look at what came in."},
    {"supervisor.log", SG_BLAME_ADMIN, SG_TOLD_NONE, "access log cannot be rotated",
	"The access log is full or was moved, and the supervisor cannot rename it or begin a new "
	"one. Until it can, lines are lost and counted; requests are served all the same.",
	"The line says what failed. Make room, or give the directory of `front.access-log` back to "
	"the user who starts Signet."},
    {"supervisor.log.held", SG_BLAME_SERVER, SG_TOLD_NONE, "front does not let go of a log",
	"front was handed a new file for the access log and still has the one before open, which "
	"takes up the disk even when it is thrown away. It gets no other. Either its disk hangs, "
	"or front is compromised.",
	"Look at the disk of `front.access-log`. If it works, keep the process for your "
	"investigation or end it: it is started again with one file."},
    {"supervisor.*", SG_BLAME_SERVER, SG_TOLD_NONE, "supervisor cannot start its roles",
	"The supervisor lacks a right, a directory or a resource to start the roles.",
	"The text above names it. As an ordinary user, keep the data directory in your own "
	"home."},
    {"keyd.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "RA key or secret cannot be used",
	"The key process was given a key or a secret that does not serve: an EC key where "
	"clients encrypt with RSA, or too short a secret.",
	"Remove what the text above names and let `signet up` make it anew."},
    {"utf8", SG_BLAME_ADMIN, SG_TOLD_NONE, "text that is not UTF-8",
	"An argument is not well-formed UTF-8.",
	"Use a UTF-8 locale, or write the character as \\HH in names."},
    {"front.budget", SG_BLAME_DEVICE, SG_TOLD_NONE, "too many refused requests of one address",
	"More requests of this address, or of the network that it is in, were refused than "
	"`front.refusals-per-second` allows: a /24 has 8 times as many as one address, a /16 32 "
	"times, an IPv6 /56 twice as many as a /64, a /48 8 times, a /32 64 times. Until that has "
	"passed, requests from there are answered with 503, but for those of devices whose key "
	"succeeded last, and of those whose key was not refused of late, which share a budget of "
	"the same size. One line a minute says so.",
	"Look for the refusals of this address before this one (`signet events`): devices that "
	"repeat the same mistake, or an attack, which a firewall can keep away. Behind a proxy all "
	"devices have one address unless `front.trusted-proxies` names it."},
    {"front.connections", SG_BLAME_DEVICE, SG_TOLD_NONE, "too many connections of one address",
	"This address (IPv6: a /64) had as many open connections as "
	"`front.connections-per-address` "
	"gives to one, and wanted more: those were answered with 503 and closed. One line a minute "
	"says so.",
	"Many devices behind one address (NAT) need a larger `front.connections-per-address`; a "
	"proxy in front of Signet is to be named in `front.trusted-proxies`; else it is a client "
	"that does not close its connections, or an attack."},
    {"front.*", SG_BLAME_SERVER, SG_TOLD_NONE, "front cannot serve",
	"The process that devices reach could not set itself up.",
	"Look at the limits of the system (open files, memory) and at the text above."},
    {"registrar.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "challenge key cannot be used",
	"The file `registrar.challenge-key` is shorter than it must be.",
	"Restore it from a backup. Without it, challenges made so far are worth nothing: then "
	"remove it and let `signet up` make a new one."},
    {"ra.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "RA key of another certificate",
	"The key in `ra.key` does not belong to `ra.certificate`.",
	"Put the right pair into place, or remove both and let `signet up` make them."},
    {"store.older", SG_BLAME_ADMIN, SG_TOLD_NONE, "database of an older version",
	"The database was written by an older Signet than this one.",
	"Start the system once (`signet run`): it brings the database up to date; then run the "
	"command again."},
    {"crl.none", SG_BLAME_ADMIN, SG_TOLD_BAD_CERT_ID, "no CRL yet",
	"No revocation list has been published yet.", "Make one: `signet ca crl`."},
    {"up.directory", SG_BLAME_ADMIN, SG_TOLD_NONE, "directory cannot be made",
	"`signet up` cannot make or use the data directory.",
	"Name another one (`signet up DIR`), or correct the rights that the text above names."},
    {"up.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "type of key cannot be made",
	"`signet up` was asked for a type of key that it does not make for this purpose.",
	"See `signet up --help` for the types."},
};

const size_t sg_catalog_system_n = sizeof sg_catalog_system / sizeof sg_catalog_system[0];
