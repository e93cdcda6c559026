/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain/rows_message.c - the rules of messages and encodings: SCEP, CMS, algorithms, X.509, DER
 */

#include "explain/rows.h"

const struct sg_catalog_rule sg_catalog_message[] = {
    {"alg.md5", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "MD5",
	"The message or the request is signed with MD5 (or older). Anyone can forge that, so "
	"it is never accepted.",
	"Set the hash in the client to SHA-256. Devices that can only do MD5 (old IOS, for "
	"example) cannot be served."},
    {"alg.des", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "single DES",
	"The client encrypts with single DES, whose key anyone finds within a day. Debian's "
	"scepclient does so whatever the server offers, old Cisco IOS too. The challenge in "
	"this request must be considered known to whoever listened.",
	"Set the cipher in the client to AES. If it cannot do AES but 3DES, add des3 to "
	"`allow` of the endpoint. Otherwise update the client or use another one (`signet "
	"enroll`)."},
    {"alg.unknown", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "unknown algorithm",
	"The message uses an algorithm that is not among those that Signet knows; the text "
	"above names it.",
	"Set the client to SHA-256, AES and RSA. GetCACaps (`signet getcacaps`) lists what it "
	"may use."},
    {"alg.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "algorithm with wrong parameters",
	"The identifier of an algorithm in the message has parameters that its standard does "
	"not allow.",
	"Update the client. The text above says which standard and what was found."},
    {"scep.alg.sha1", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "SHA-1 not accepted here",
	"The message is signed with SHA-1 where that would authenticate somebody: in a renewal "
	"(a RenewalReq, or a PKCSReq under a certificate of this CA without a challenge that is "
	"still good), in a query, or at an endpoint with profile strict.",
	"Set the hash in the client to SHA-256; a renewal is never accepted otherwise. A new "
	"challenge lets a PKCSReq over SHA-1 pass outside profile strict. Queries pass with sha1 "
	"in `allow` of the endpoint."},
    {"scep.alg.hash", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "hash not accepted here",
	"The hash of the message is not among those of the endpoint.",
	"Set the hash in the client to SHA-256, or add it to `allow` of the endpoint."},
    {"scep.alg.cipher", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "cipher not accepted here",
	"The message is encrypted with a cipher that the endpoint does not accept, mostly "
	"3DES.",
	"Set the cipher in the client to AES. If old devices leave no choice, add des3 to "
	"`allow` of the endpoint."},
    {"scep.answer.key", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "signer cannot be answered",
	"The message is signed with an elliptic-curve key. The answer of SCEP is encrypted to the "
	"signer's key, which only RSA keys can take, so nothing of the message is verified.",
	"Let the client sign with an RSA key (a throw-away one will do); the key that is to be "
	"certified may be of another type."},
    {"scep.type", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "unknown kind of message",
	"The messageType is none of the five that a client may send. 18 is an old draft's, "
	"which no client uses.",
	"Update the client."},
    {"scep.type.missing", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "no kind of message",
	"The message does not say what it is (messageType).",
	"Update the client; it does not speak SCEP as RFC 8894 has it."},
    {"scep.txid", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken transactionID",
	"The transactionID is empty, longer than 255 bytes, or not a string.",
	"Update the client."},
    {"scep.txid.missing", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "no transactionID",
	"The message has no transactionID.",
	"Update the client; it does not speak SCEP as RFC 8894 has it."},
    {"scep.nonce", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken senderNonce",
	"The senderNonce is empty or longer than 64 bytes.", "Update the client."},
    {"scep.content.missing", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "message without content",
	"The message has no encrypted content, although its type needs one.", "Update the client."},
    {"scep.message.empty", SG_BLAME_DEVICE, SG_TOLD_NONE, "message is missing",
	"A POST came without a body (answered with 400).",
	"Look at proxies and filters between that read bodies or follow redirects; else update the "
	"client, or let it use GET."},
    {"scep.message.size", SG_BLAME_DEVICE, SG_TOLD_NONE, "message too large",
	"The message is larger than 64 KiB. Real ones have 2 to 8 KiB; a long chain of "
	"certificates in it is the usual cause.",
	"Let the client send only its own certificate."},
    {"scep.strict.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "less than profile strict asks for",
	"The endpoint has profile strict, which wants senderNonce, contentType and signingTime "
	"in every message; one is missing.",
	"Update the client, or set `profile: standard` for the endpoint."},
    {"scep.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "message breaks a rule of SCEP",
	"The message is signed data, but not as RFC 8894 has it.",
	"Update the client. The text above says what was expected and what was found."},
    {"cms.decrypt", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "message could not be decrypted",
	"The content does not decrypt with the RA key. Mostly the client encrypted to an older "
	"RA or CA certificate that it still has, sometimes it is damaged. What exactly failed "
	"is not told, on purpose.",
	"Let the client fetch the certificates again (GetCACert). Compare what it uses with "
	"`signet getcacert`. After an exchange of the RA key, clients must fetch once."},
    {"cms.digest", SG_BLAME_DEVICE, SG_TOLD_BAD_MESSAGE_CHECK, "message altered on the way",
	"The content of the message is not what was signed (messageDigest). A proxy changed "
	"it, or the client computes the digest with another hash than it says.",
	"Look for proxies or filters between device and server; use POST rather than GET. "
	"Update the client if nothing is between."},
    {"signature", SG_BLAME_DEVICE, SG_TOLD_BAD_MESSAGE_CHECK, "signature does not hold",
	"The signature does not fit its content and key: the message, the request or the "
	"certificate was altered, or signed with another key than the one in its certificate.",
	"Let the client try again. If it fails always, update it, or look for proxies that "
	"change what they carry."},
    {"cms.recipients.count", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "no recipient",
	"The message is encrypted to nobody.", "Update the client."},
    {"cms.recipients.many", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "too many recipients",
	"The message is encrypted to more than 16 recipients.",
	"Let the client encrypt to the RA certificate alone (the first of `signet getcacert`)."},
    {"cms.recipients.twice", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "two keys for one recipient",
	"The message has two encrypted keys for the RA. It may be for others as well, but has one "
	"for each.",
	"Let the client encrypt to each certificate once. If no client of yours does this, "
	"somebody looks for a way to guess keys."},
    {"cms.recipient.unknown", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST,
	"encrypted to another certificate",
	"The message is encrypted to a certificate that is not the RA of this server.",
	"Let the client fetch the certificates again: compare with `signet getcacert`."},
    {"cms.recipient.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "recipient of another kind",
	"The content key is not encrypted with RSA to the RA certificate, as this endpoint "
	"needs it.",
	"Check that the client uses the RA certificate (the first of `signet getcacert`). EC "
	"keys cannot receive requests."},
    {"cms.signers.count", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "not exactly one signer",
	"The message has no signature or several; SCEP has exactly one.", "Update the client."},
    {"cms.signer.missing", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST,
	"certificate of the signer is missing",
	"The message does not carry the certificate that its signature is made with.",
	"Update the client, or let it include its certificate."},
    {"cms.certs.count", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "too many certificates",
	"The message carries more certificates than a signer and its chain.",
	"Let the client send only its own certificate."},
    {"cms.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST,
	"not the signed or encrypted data that SCEP uses",
	"The message is not CMS (PKCS#7) in the narrow form that SCEP uses, or it is damaged.",
	"Use POST rather than GET, look for proxies that change what they carry, update the "
	"client. The text above says which rule of RFC 5652 is broken."},
    {"certrep.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "answer could not be made",
	"The facts for an answer were not possible.", "Please report it with the text above."},
    {"envelope.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "message could not be encrypted",
	"Key and cipher of an answer do not fit.", "Please report it with the text above."},
    {"evidence.*", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "evidence does not carry the renewal",
	"The signed message that accompanies a renewal is not by the recorded certificate, not "
	"a renewal, signed with SHA-1, or does not contain this request. Between honest "
	"processes this does not happen: a process may have been taken over.",
	"Look at `signet events` around this time on all roles. Stop the system (Ctrl-C of "
	"`signet run`) if more of these come, and see SECURITY.md."},
    {"getmsg.*", SG_BLAME_DEVICE, SG_TOLD_NONE, "broken message in a GET request",
	"The message in the URL is not base64, is empty or cut. Proxies that cut long URLs or "
	"decode them twice do this.",
	"Set the client to POST (it does so by itself when GetCACaps offers POSTPKIOperation), "
	"or take the proxy away."},
    {"request.facts", SG_BLAME_SIGNET, SG_TOLD_NONE, "request of our client could not be made",
	"The facts for a request of our own client were not possible.",
	"Please report it with the text above."},
    {"csr.signature", SG_BLAME_DEVICE, SG_TOLD_BAD_MESSAGE_CHECK,
	"request not signed with its own key",
	"The signature of the certificate request does not hold with the key in it: the client "
	"does not have the private key, or the request was altered.",
	"Let the client make a new key and request. If it fails always, update it."},
    {"csr.alg", SG_BLAME_DEVICE, SG_TOLD_BAD_ALG, "request signed with another algorithm",
	"The certificate request is signed with an algorithm that is not accepted.",
	"Set the client to SHA-256 with RSA or ECDSA."},
    {"csr.challenge.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken challenge in the request",
	"The challengePassword of the request is there twice and differs, too long or not a "
	"string.",
	"Check the challenge in the profile of the device; update the client."},
    {"csr.exts.differ", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "two lists of extensions that differ",
	"The request has several lists of extensions (extensionRequest twice, or Microsoft's "
	"beside it) that ask for different things: programs disagree about which one counts.",
	"Set the names in one place of the device's configuration; update the client."},
    {"csr.exts.twice", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "extension twice that differs",
	"One extension occurs twice in the request and asks for different things. Programs "
	"disagree about which one counts, which is what an attacker would use.",
	"Make the request anew; update the program that made it."},
    {"csr.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken certificate request",
	"The certificate request is not PKCS#10 as RFC 2986 has it.",
	"Update the client, or make the request anew: `openssl req -in FILE -text -verify` "
	"shows what is in it."},
    {"ext.dup", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "extension twice",
	"An extension of a certificate occurs twice. Programs disagree about which one counts, "
	"which is what an "
	"attacker would use.",
	"Make the request anew; update the program that made it."},
    {"ext.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken extension",
	"An extension of a request or certificate is not encoded as RFC 5280 has it.",
	"Update the program that made it. The text above names the extension."},
    {"san.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken alternative name",
	"A subject alternative name is not well-formed: other characters than its type allows, "
	"empty, too long, too many, or an address of a wrong length.",
	"Correct it in the profile of the device or on the command line (\"dns:host\", "
	"\"email:a@b\", \"uri:...\", \"ip:192.0.2.1\", \"upn:a@b\", \"dirname:CN=a\", "
	"\"rid:1.2.3\", \"other:1.2.3:text\"). A variable that the "
	"management system did not fill in is a frequent cause."},
    {"name.text", SG_BLAME_ADMIN, SG_TOLD_NONE, "name cannot be read",
	"The name on the command line or in the configuration is neither \"CN=device, O=Example\" "
	"(type, \"=\", value, with commas between; , + \" \\ < > ; in a value are written with "
	"\"\\\" in front, or the value is quoted) nor OpenSSL's \"/CN=device/O=Example\".",
	"Correct the name at the character that the text above says."},
    {"name.value.control", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "control characters in a name",
	"A name contains NUL, line feeds, escape sequences or other control characters. That "
	"is how one name is made to look like another in some program.",
	"Honest clients do not do this by themselves: look at how the name gets into the "
	"profile. `signet trace` shows the address."},
    {"name.cn.length", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "CN too long",
	"The CN is longer than the 64 characters that X.520 allows.",
	"Shorten it in the profile; put the long name into a subject alternative name. If the "
	"directory really has such names, write `name-lengths: 255` into the template."},
    {"name.length", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "attribute of a name too long",
	"A value in the subject has more characters than X.520 and RFC 5280 allow for its type: "
	"O, OU, title and serialNumber 64, L and ST 128, a type that is not known 255.",
	"Shorten it in the profile. If the directory really has such names, write "
	"`name-lengths: 255` into the template. A certificate from before these bounds were held "
	"renews only where they allow its name."},
    {"name.dc.length", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "domain component too long",
	"A domainComponent is one label of a domain: at most 63 characters.",
	"Write one DC for each label: \"DC=example, DC=com\"."},
    {"name.value.empty", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "empty value in a name",
	"A value in the subject has no character (a DirectoryString has at least one), or only "
	"such of which a reader sees nothing.",
	"Take the attribute out of the profile, or give it a value; a variable of the profile may "
	"have had none for this device."},
    {"name.country", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "country that is not two letters",
	"A countryName is the code of ISO 3166 of two letters, for example FI; not the name of the "
	"country, not the code of three letters, and never empty.",
	"Correct it in the profile, or leave it out."},
    {"name.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken name",
	"A subject or issuer is not encoded as X.501 and RFC 5280 have it, or too long.",
	"Check the subject in the profile of the device; update the client."},
    {"oid", SG_BLAME_ADMIN, SG_TOLD_NONE, "object identifier cannot be read",
	"An object identifier is not numbers with dots between.",
	"Write it as in 1.3.6.1.5.5.7.3.2."},
    {"oid.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "object identifier cannot be used",
	"An object identifier is too short, too long or begins with impossible numbers.",
	"Write it as in 1.3.6.1.5.5.7.3.2."},
    {"string.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken string",
	"A text in the message is not of the string type that it declares.", "Update the client."},
    {"cert.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken certificate",
	"A certificate cannot be read, or carries what its issuer may not put there.",
	"If it came with a message, update the client. If it is a file of ours, check that it "
	"is the right one: `openssl x509 -in FILE -text`."},
    {"der.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken encoding",
	"The message or a part of it is not DER: it is cut, has bytes too many, or is "
	"something else altogether.",
	"Look for proxies that cut or change what they carry, use POST rather than GET, update "
	"the client. The text above says which part broke."},
    {"ber.*", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken encoding",
	"The message is not even BER: it is cut, has bytes too many, is nested endlessly, or "
	"is something else altogether.",
	"Look for proxies that cut or change what they carry, use POST rather than GET, update "
	"the client."},
    {"time", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "impossible time",
	"A date or time does not exist.", "Correct it, or update the program that made it."},
    {"reply.des", SG_BLAME_ADMIN, SG_TOLD_NONE, "answer in single DES",
	"The server answered in single DES, whose key anyone finds within a day, although our "
	"client asked in AES.",
	"Update the server. If it cannot be and you accept the risk: `signet enroll "
	"--legacy-des`."},
    {"reply.sha1", SG_BLAME_ADMIN, SG_TOLD_NONE, "answer signed with SHA-1",
	"The server signed its answer with SHA-1.",
	"Update the server, or accept the risk: `signet enroll --legacy`."},
    {"reply.signer", SG_BLAME_ATTACK, SG_TOLD_NONE, "answer signed by a stranger",
	"The answer is not signed by any certificate that the server had given (GetCACert): "
	"somebody stands between, or the server exchanged its RA just now.",
	"Fetch the certificates again (`signet getcacert`) and check their fingerprint before "
	"you try again."},
    {"reply.nonce", SG_BLAME_ATTACK, SG_TOLD_NONE, "answer to another request",
	"The recipientNonce is not what our client sent: the answer is old or somebody else's.",
	"Try again. If it comes again, somebody between repeats old answers, or the server is "
	"defective."},
    {"reply.txid", SG_BLAME_ATTACK, SG_TOLD_NONE, "answer to another transaction",
	"The transactionID is not what our client sent.",
	"Try again. If it comes again, somebody between mixes answers, or the server is "
	"defective."},
    {"reply.ra.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "issuing CA without an RSA key",
	"The server sends no RA certificate, and its issuing CA has an EC key, to which nothing "
	"can be encrypted. The CA above it, though it may have an RSA key, does not read requests "
	"of devices. Nothing was sent.",
	"The administrator of the server must give it an RA certificate with an RSA key. If the "
	"server does decrypt with another of its certificates, name that one with "
	"`--ra-fingerprint`."},
    {"reply.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "answer of the server cannot be used",
	"The server's answer is not what RFC 8894 has for this request. Nothing was written.",
	"Check the URL. If it is another product, see its log; if it is a Signet server, "
	"`signet trace` there."},
    {"client.fingerprint", SG_BLAME_ATTACK, SG_TOLD_NONE, "CA is not the expected one",
	"None of the certificates of the server has the fingerprint that was given. It is the "
	"wrong server or fingerprint, or somebody stands between. Nothing was sent, the "
	"challenge neither.",
	"Ask the administrator of the CA for the SHA-256 fingerprint of its certificate and "
	"compare it with `signet getcacert`."},
    {"client.anchor", SG_BLAME_ATTACK, SG_TOLD_NONE, "CA is not the expected one",
	"The server did not give the CA that was pinned by a file or by the old certificate. "
	"It is the wrong server, its CA was exchanged, or somebody stands between. Nothing was "
	"sent.",
	"Compare with `signet getcacert`. If the CA was exchanged, enrol anew with its "
	"fingerprint and a challenge."},
    {"client.anchor.ca", SG_BLAME_ADMIN, SG_TOLD_NONE, "pinned certificate is no CA",
	"The certificate that was pinned is an RA's, a server's or a device's: it cannot have "
	"issued anything. Nothing was sent.",
	"Pin the CA that issued it: the text above has its name, its administrator has its "
	"fingerprint."},
    {"client.anchor.usage", SG_BLAME_ADMIN, SG_TOLD_NONE, "pinned CA may not sign certificates",
	"The key usage of the pinned CA has no keyCertSign: no certificate that it signs can be "
	"verified, here or anywhere else. Nothing was sent.",
	"The CA's certificate must be made anew, with keyCertSign (and cRLSign) in its key usage."},
    {"client.anchor.path", SG_BLAME_ADMIN, SG_TOLD_NONE, "pinned CA allows no CA below it",
	"The path length of a CA forbids the CA below it that issues to devices: nobody who trusts "
	"the upper one can verify a device's certificate. Nothing was sent.",
	"The upper CA's certificate must be made anew, without a path length or with a greater "
	"one. Pinning the issuing CA itself works for this client, and for no verifier that knows "
	"only the upper one."},
    {"client.anchor.validity", SG_BLAME_ADMIN, SG_TOLD_NONE, "pinned CA is not valid now",
	"The pinned CA has expired, or is not valid yet, by the clock of this machine. Nothing "
	"was sent.",
	"Check the clock (`date -u`). If it is right, ask the administrator for the CA's new "
	"certificate and pin that."},
    {"client.ra.untrusted", SG_BLAME_ADMIN, SG_TOLD_NONE, "RA certificate does not hold",
	"The certificate to which the request would be encrypted, the server's RA or its issuing "
	"CA, is not issued by the pinned CA, has expired, or its signature does not hold. Nothing "
	"was sent.",
	"The text above says which. The administrator of the server must renew or exchange that "
	"certificate, or have the server send the CA in between; check the clock here, too "
	"(`date -u`)."},
    {"client.ra.purpose", SG_BLAME_ATTACK, SG_TOLD_NONE,
	"RA certificate that looks like a device's",
	"The server gave a certificate of its CA that does not say that it is an RA. Any "
	"device with such a certificate could stand between and read the challenge. Nothing "
	"was sent.",
	"Ask the administrator of the server. If this really is the RA, name it with "
	"`--ra-fingerprint`."},
    {"client.issuer", SG_BLAME_ADMIN, SG_TOLD_NONE, "issued by a CA that is not trusted",
	"The certificate that came is for our key, but none of the CAs below the pin signed it. It "
	"is kept beside the file that was asked for, with `.unverified` in its name, and not used.",
	"Find out which CA issues there and whether to trust it. Then repeat the command with that "
	"CA in `--ca-file` or `--ca-fingerprint`."},
    {"client.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "our client cannot go on",
	"What the server sent, or what was asked for on the command line, does not serve. "
	"Nothing was written.",
	"The text above says what was expected. See `signet getcacaps` and `signet getcacert` "
	"of the same URL, and --help of the command."},
};

const size_t sg_catalog_message_n = sizeof sg_catalog_message / sizeof sg_catalog_message[0];
