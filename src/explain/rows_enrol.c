/* SPDX-License-Identifier: Apache-2.0 */

/*
 * explain/rows_enrol.c - the rules of policy and issuing: challenges, names, requests, renewals
 */

#include "explain/rows.h"

const struct sg_catalog_rule sg_catalog_enrol[] = {
    {"challenge.missing", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "no challenge",
	"The request carries no challenge, or an empty one. The endpoint asks for one, except "
	"when the device renews with a certificate that it got here.",
	"Put a challenge into the SCEP profile of the device: make one with `signet challenge "
	"new`. If the device meant to renew, it must sign with its old certificate; `signet "
	"trace` of the request says which certificate signed it."},
    {"challenge.wrong", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "wrong challenge",
	"The challenge of the request is not the static challenge of this endpoint. Usually "
	"the profile has an old value, or the address of another endpoint.",
	"Compare the challenge in the profile with the file that `challenge-file` of the "
	"endpoint names, and the URL in the profile with the name of the endpoint. Many of "
	"these from one address are somebody guessing: see `signet events`."},
    {"challenge.unknown", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge never made here",
	"No one-time challenge of this text exists. It was typed wrong, was cut when it was "
	"copied, belongs to another server, or expired so long ago that it was forgotten.",
	"Make a new one with `signet challenge new` and copy it whole, with the hyphens. Many "
	"of these from one address are somebody guessing: see `signet events`."},
    {"challenge.used", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge already used",
	"The challenge already gave a certificate to another request. Either one challenge was "
	"put into two devices, or the device made a new key and asked again, or somebody "
	"copied the challenge.",
	"`signet trace` of the subject shows the first use. If that one was the right device, "
	"make a new challenge with `signet challenge new` for this one. If nobody of yours "
	"used it, revoke the first certificate with `signet ca revoke` and find out who could "
	"read the challenge."},
    {"challenge.reserved", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge in use",
	"Another request with the same challenge is being served at this moment, with another "
	"key. Two devices share a challenge, or a device started its enrolment twice.",
	"Wait until the first is done: `signet trace` of the subject shows it. Give every "
	"device a challenge of its own: `signet challenge new`."},
    {"challenge.burned", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge burnt",
	"Five refused requests used this challenge, so it is worth nothing any more. This "
	"stops a device in a loop, and somebody who tries names with a stolen challenge.",
	"`signet trace` of the subject shows why they were refused. Correct that in the "
	"profile, then make a new challenge with `signet challenge new`."},
    {"challenge.expired", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge expired",
	"The device came after the end of the challenge. It was switched off too long, the "
	"profile reached it late, or the clock of this server is wrong.",
	"Check the clock of the server (`date -u`). Then make a new challenge with `signet "
	"challenge new`, with `--expires 24h` for example if devices need more time."},
    {"challenge.endpoint", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge of another endpoint",
	"The challenge was made for another endpoint than the one the device called.",
	"Correct the SCEP URL in the profile, or make a challenge for this endpoint with "
	"`signet challenge new --endpoint`."},
    {"challenge.state", SG_BLAME_SIGNET, SG_TOLD_NONE, "challenge in an unknown state",
	"The store holds a challenge in a state that this version does not know: it was "
	"written by a newer version.",
	"Install the newer version again; then run `signet fsck`."},
    {"challenge.nul", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge with a NUL inside",
	"The challenge has a NUL character in the middle. One at the end is common and "
	"tolerated; inside it is a defect of the client, or an attempt to make two programs "
	"read different texts.",
	"Update the client; look at how the challenge gets into it."},
    {"challenge.length", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge too long",
	"The challenge is longer than 16384 bytes.",
	"Check what was put into the challenge of the profile; a file or a certificate has no "
	"place there."},
    {"challenge.string", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "challenge not readable",
	"The challenge is not text in the string type that the request declares.",
	"Update the client, or use a challenge of letters, digits and hyphens only, as `signet "
	"challenge new` makes them."},
    {"binding.subject", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "subject is not the one ordered",
	"The challenge was made for one subject and the request asks for another. Every part "
	"counts, and so does the order: C, O, CN is not CN, O, C. The profile of the device "
	"builds its subject differently, or somebody uses the challenge for a name that is not "
	"theirs.",
	"Compare both names in the text above; where they look the same it says which characters "
	"differ. Correct the subject in the profile, or make a "
	"challenge with exactly the subject that the device asks for: `signet challenge new "
	"--subject`."},
    {"binding.san", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST,
	"alternative names are not the ones ordered",
	"The subject alternative names of the request are not the set that the challenge was "
	"made for: each one must be there, and no other.",
	"Compare both lists in the text above. Correct the profile, or make a challenge with "
	"exactly these names: `signet challenge new --san`, once for each. Many clients add "
	"the host name by themselves."},
    {"binding.unbound", SG_BLAME_ADMIN, SG_TOLD_NONE, "challenge bound to nothing",
	"A challenge without a subject would give its holder any name, so it is not made by "
	"accident.",
	"Say the subject that the device will ask for: `signet challenge new --subject "
	"\"CN=dev1\"`. If it really cannot be known, say so with `--any`."},
    {"binding.any", SG_BLAME_ADMIN, SG_TOLD_NONE, "challenge bound and not bound",
	"The order says that the challenge is for any name and names one as well.",
	"Leave out either `--any` or the names."},
    {"binding.encoding", SG_BLAME_SIGNET, SG_TOLD_NONE, "damaged challenge in the store",
	"What the challenge is bound to cannot be read from the store.",
	"Run `signet fsck`; make a new challenge with `signet challenge new`. Please report "
	"it."},
    {"pattern.no-subject", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "subject not allowed here",
	"The endpoint has a static challenge, so it gives only subjects that fit its patterns; "
	"this one fits none. In a pattern every attribute must be there in the same order, and "
	"\"*\" stands for letters and digits of ASCII, \"-\" and \"_\" of a CN, and for what is "
	"written in braces after it. Beside a \"*\" spaces count as they stand.",
	"Correct the subject in the profile, or add a pattern under `subjects` of the endpoint "
	"and run `signet check`."},
    {"pattern.no-san", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "alternative name not allowed here",
	"The endpoint has a static challenge, so it gives only alternative names that fit its "
	"patterns; one of the request fits none. In \"dns:\" a \"*\" stands for exactly one "
	"label.",
	"Correct the names in the profile, or add a pattern under `sans` of the endpoint and "
	"run `signet check`."},
    {"pattern.subject", SG_BLAME_ADMIN, SG_TOLD_NONE, "subject pattern cannot be used",
	"A pattern under `subjects` is not a name, or fits none that can be certified (an empty "
	"value, one that is too long, a country that is not two letters), or has \"*\" where it "
	"may not be: one in a CN that stands alone, nowhere else. Braces after it hold printable "
	"ASCII without \"*\", \"{\" and \"}\", and Latin letters.",
	"Correct the pattern that the text above quotes, for example \"CN=*.dev.example, "
	"O=Test\", and run `signet check`."},
    {"pattern.san", SG_BLAME_ADMIN, SG_TOLD_NONE, "alternative name pattern cannot be used",
	"A pattern under `sans` is not a name, or has \"*\" where it may not be: the first "
	"label of dns:, the part before \"@\" of email: and upn:, behind the scheme of uri:.",
	"Correct the pattern that the text above quotes, for example \"dns:*.dev.example\", "
	"and run `signet check`."},
    {"pattern.free", SG_BLAME_ADMIN, SG_TOLD_NONE, "pattern that fits any name",
	"The CN of the pattern is left wholly to whoever asks. With a static challenge one "
	"leaked secret would give a certificate for any name.",
	"Fix a part of the CN (\"CN=*.dev.example\"), or use policy one-time."},
    {"pattern.count", SG_BLAME_ADMIN, SG_TOLD_NONE, "too many patterns",
	"The endpoint has more patterns than one should have to read.",
	"Join them with \"*\", or make a second endpoint."},
    {"policy.none", SG_BLAME_ADMIN, SG_TOLD_BAD_REQUEST, "endpoint without a policy",
	"Nothing decides about requests at this endpoint, so nothing is issued.",
	"Give the endpoint a `policy` in the configuration and run `signet check`."},
    {"policy.failed", SG_BLAME_SIGNET, SG_TOLD_BAD_REQUEST, "policy without a decision",
	"The policy of the endpoint gave an answer that is neither yes nor no. Nothing is "
	"issued then.",
	"Look at the lines before this one in `signet events`. Please report it."},
    {"request.key", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken public key",
	"The public key in the request is not well-formed.",
	"Update the client, or make its key anew."},
    {"request.key-type", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "type of key not allowed",
	"The template does not take this type of key, or the curve is not one of P-256, P-384 "
	"and P-521.",
	"Set the type of key in the profile to one that the template lists under `key-types`, "
	"or add it there."},
    {"request.key-size", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "size of key not allowed",
	"The RSA key is shorter or longer than the template takes. Less than 2048 bits is "
	"never accepted, more than 4096 neither.",
	"Set the size of key in the profile to 2048, 3072 or 4096 bits, as `key-types` of the "
	"template says. Old devices that can only do 1024 bits cannot be served safely."},
    {"request.key-weak", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "weak key",
	"The RSA key has an exponent or a modulus that no sound generator makes; its private "
	"key could be computed.",
	"Make a new key on the device. If several devices show this, their random numbers are "
	"broken: update their firmware before you give them certificates."},
    {"request.subject-empty", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "request without a subject",
	"The request has no subject, or neither a subject nor an alternative name.",
	"Set a subject in the profile, for example the CN of the device. Where devices have "
	"alternative names alone, write `empty-subject: true` into the template."},
    {"request.ca", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "request for a CA certificate",
	"The request asks for basicConstraints CA:TRUE: its holder could issue certificates "
	"for anybody. Honest devices never ask for this; a request made from a wrong OpenSSL "
	"template does.",
	"If it is your own test, remove basicConstraints from the request. Otherwise find out "
	"who had the challenge: `signet trace` shows the address."},
    {"request.ku", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "request for the rights of a CA",
	"The request asks for key usage keyCertSign or cRLSign, which only a CA has.",
	"Set the key usage in the profile to digitalSignature and keyEncipherment. If it is "
	"not your own request, find out who had the challenge: `signet trace` shows the "
	"address."},
    {"request.eku", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "purpose not given by the template",
	"The request asks for an extended key usage that the template does not have. A device "
	"cannot choose what its certificate is good for.",
	"Remove it from the profile, or, if all devices of this template shall have it, add it "
	"under `eku` of the template. Where the profile cannot be changed and the device does not "
	"need it, `foreign-eku: ignore` in the template leaves it out of the certificate."},
    {"request.san", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "broken alternative name",
	"A subject alternative name is not well-formed: a host name with other characters than "
	"letters, digits, \"-\" and \"_\", a wildcard, an address without \"@\", a URI without "
	"scheme or with a broken %-escape.",
	"Correct it in the profile. A variable that the management system did not fill in is a "
	"frequent cause."},
    {"request.san-type", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST,
	"type of alternative name not allowed",
	"The template does not give this type of subject alternative name.",
	"Remove it from the profile, or add the type under `sans` of the template."},
    {"request.san-count", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "too many alternative names",
	"The request has more subject alternative names than the template gives.",
	"Remove those that the device does not need, or raise `sans-max` of the template; more "
	"than 100 are in no certificate."},
    {"request.names-size", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "names too large together",
	"Subject and subject alternative names are each within their bounds, but together more "
	"than 10 KiB: readers refuse certificates of that size, ours too.",
	"Remove those that the device does not need."},
    {"renewal.foreign", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal with a foreign certificate",
	"The message is signed with a certificate that names this CA but was not issued by it, or "
	"is a renewal signed with another; and it has no challenge that is still good, or is a "
	"RenewalReq, which goes by the certificate alone. The device still has one from an older "
	"CA, or from a server of the same name that was set up anew.",
	"Enrol the device anew with a challenge: `signet challenge new`. If it should be ours: "
	"`signet ca list` shows what was issued; after a restored backup run `signet fsck`."},
    {"renewal.altered", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "renewal with a forged certificate",
	"The signing certificate has a serial number of ours, but other content than what was "
	"issued. Somebody built it.",
	"Find out who sent it: `signet trace` shows the address. The certificate with that "
	"serial itself is in `signet ca show`."},
    {"renewal.endpoint", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal at another endpoint",
	"The certificate was issued at one endpoint and shall be renewed at another, which has "
	"other rules.",
	"Correct the SCEP URL in the profile, or enrol the device at this endpoint with a new "
	"challenge; a PKCSReq may be signed with the certificate that it has."},
    {"renewal.off", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "endpoint does not renew",
	"The endpoint has `renewal: false`: every certificate needs a challenge there.",
	"Enrol with a new challenge (`signet challenge new`), or set `renewal: true` for the "
	"endpoint."},
    {"renewal.revoked", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal with a revoked certificate",
	"The certificate that signed the renewal is revoked. A device that was reported lost "
	"and came back does this, and so does a thief.",
	"`signet ca show` of the serial says when and why it was revoked. If the device is "
	"trusted again, enrol it with a new challenge: `signet challenge new`. If the text above "
	"says that a challenge did not count, that one was no longer good."},
    {"renewal.not-yet", SG_BLAME_SERVER, SG_TOLD_BAD_REQUEST,
	"renewal before the certificate begins",
	"The old certificate is not valid yet by the clock of this server: that clock went "
	"back, since it was right when the certificate was issued.",
	"Check the clock of the server (`date -u`) and its time service."},
    {"renewal.expired", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal too late",
	"The old certificate had ended before the device renewed it, by more than "
	"`renewal-grace` of the endpoint. Devices that were switched off for long come too "
	"late.",
	"Enrol the device with a new challenge: `signet challenge new`. If this happens often, "
	"set `renewal-grace`, or let devices renew earlier. Also check the clock of the server "
	"(`date -u`)."},
    {"renewal.window", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal too early",
	"The certificate is valid for longer than `renewal-window` of the endpoint: it may renew, "
	"but later. The device asks earlier than the endpoint wants, or somebody collects "
	"certificates.",
	"Wait: devices ask again. If they all come too early, make `renewal-window` longer than "
	"the time before the end at which they begin, or remove it."},
    {"renewal.successors", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST,
	"too many live certificates of one lineage",
	"What comes from one enrolment by renewals has as many live certificates as "
	"`renewal-successors` of the endpoint allows. A device renews far more often than its "
	"certificates end, several devices share one certificate, or somebody who has its key "
	"collects certificates.",
	"`signet ca list --lineage SERIAL` shows them, `signet trace` of each who asked. If a key "
	"was stolen, `signet ca revoke SERIAL --lineage --reason keyCompromise` revokes them all. "
	"Otherwise correct how often the device renews and revoke what it does not use "
	"(`--reason superseded`), or enrol it anew with a challenge; where many renewals are "
	"right, raise `renewal-successors`."},
    {"renewal.rate", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "too many renewals of one lineage",
	"What comes from one enrolment was renewed as often in 24 hours as `renewals-per-day` of "
	"the endpoint allows. A device that renews in a loop does this, and so does somebody who "
	"has its key.",
	"`signet ca list --lineage SERIAL` shows the certificates, `signet trace` of each who "
	"asked. If a key was stolen, `signet ca revoke SERIAL --lineage --reason keyCompromise`. "
	"Otherwise correct the device: it may renew again when a day has passed since the first of "
	"them. Where many renewals are right, raise `renewals-per-day`."},
    {"renewal.subject", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal for another subject",
	"A renewal must ask for exactly the subject of the old certificate; this one asks for "
	"another.",
	"Compare both in the text above. If the new name is right, enrol with a new challenge "
	"for it: `signet challenge new`; a PKCSReq may be signed with the certificate that the "
	"device has."},
    {"renewal.san", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "renewal for other alternative names",
	"A renewal must ask for exactly the alternative names of the old certificate. Some "
	"clients leave them out when they renew.",
	"Compare both lists in the text above and correct the profile of the client; where it asks "
	"for none at all, `renewal-sans: keep` of the endpoint certifies the old ones. Or enrol "
	"with a new challenge: `signet challenge new`."},
    {"renewal.repeated", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "certificate already renewed",
	"The old certificate and this request already gave another certificate.",
	"`signet trace` of the subject shows it; the device should use that one."},
    {"renewal.record", SG_BLAME_SIGNET, SG_TOLD_NONE, "damaged record of a certificate",
	"The certificate that shall be renewed cannot be read from our own store.",
	"Run `signet fsck` and restore a backup if it says so. Please report it."},
    {"issue.issuer-expired", SG_BLAME_ADMIN, SG_TOLD_NONE, "the CA has ended",
	"The certificate of the CA is not valid at this time, so nothing can be issued. It has "
	"expired, or the clock of this server is wrong.",
	"Check the clock (`date -u`). If the CA really has ended, it needs a new certificate; "
	"`signet ca show` says until when it was valid."},
    {"issue.key-usage", SG_BLAME_ADMIN, SG_TOLD_NONE, "no key usage left",
	"None of the key usages of the template fits the type of key in the request: an EC key "
	"cannot do keyEncipherment, an RSA key no keyAgreement.",
	"Add digitalSignature to `key-usage` of the template, or take the type of key out of "
	"`key-types`."},
    {"issue.validity", SG_BLAME_ADMIN, SG_TOLD_NONE, "no validity",
	"The template or the CA was given no time of validity, or a CA a hash that is too "
	"weak.",
	"Give `validity` in the template, for example 365d, and run `signet check`."},
    {"issue.no-subject", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA or RA without a name",
	"A certificate of our own needs a subject.",
	"Give it a name, for example \"CN=Example Issuing CA, O=Example\"."},
    {"issue.ra-key", SG_BLAME_ADMIN, SG_TOLD_NONE, "RA key that cannot decrypt",
	"Clients encrypt their requests to the RA with RSA; an EC key cannot receive them.",
	"Make an RSA key for the RA: remove `ra.key` and `ra.certificate` and let `signet up` "
	"make them."},
    {"issue.verify", SG_BLAME_SERVER, SG_TOLD_NONE, "signature does not verify",
	"The signature that was just made with the CA key does not hold, so it was thrown "
	"away: publishing it could give the key away. The memory or the processor of this "
	"machine is at fault, or the key was exchanged under a running system.",
	"Restart. If it comes again, take the machine out of service and check its memory."},
    {"issue.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "certificate could not be made",
	"The facts for a certificate were not possible. That is a mistake in Signet itself, "
	"nothing was signed.",
	"Please report it with the text above."},
    {"lint.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "certificate failed its own check",
	"A certificate that was about to be signed breaks a rule that all our certificates "
	"keep. Nothing was signed. A template that asks for a forbidden purpose (OCSP signing, "
	"any, request agent) does this too.",
	"Look at `eku` and `key-usage` of the template and run `signet check`. If they are "
	"right, please report it with the text above."},
    {"issuer.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA key of another certificate",
	"The private key in `ca.key` does not belong to the certificate in `ca.certificate`.",
	"Put the right pair into place; a backup of only one of the two does not help."},
    {"issuer.key-kind", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA key that is not used here",
	"The key of `ca.certificate` is RSA below 2048 or above 8192 bits, or of another kind: "
	"Ed25519, RSA for PSS alone, a curve other than P-256, P-384 and P-521.",
	"Make a CA with such a key (`signet up --ca-key`), have it certified by the CA above, and "
	"give devices the new one."},
    {"issuer.*", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate that cannot be a CA",
	"The certificate in `ca.certificate` lacks what every relying party wants of an issuing "
	"CA: basicConstraints with CA:TRUE, keyCertSign where it has a key usage at all, a "
	"subject; or it would sign with SHA-1. Nothing that it signs would verify.",
	"Have the certificate issued again for the same key. With openssl: an extension file with "
	"`basicConstraints = critical,CA:TRUE` and `keyUsage = critical,keyCertSign,cRLSign`, "
	"and `openssl x509 -req -extfile FILE ...`; `signet up` makes a CA that has all of it."},
    {"fitness.crl-sign", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA certificate that may not sign lists",
	"`ca.certificate` has a key usage without cRLSign. Certificates verify, the revocation "
	"lists do not: relying parties that want one refuse everything, the others never learn "
	"of a revocation.",
	"Have the certificate issued again for the same key, with keyUsage = "
	"critical,keyCertSign,cRLSign (`openssl x509 -req -extfile FILE ...`)."},
    {"fitness.eku", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA that is good for other purposes",
	"A CA certificate has an extKeyUsage. Relying parties (OpenSSL, Windows, browsers) take "
	"it as a limit of everything below, and it has not all that a template gives. OpenSSL "
	"does not count anyExtendedKeyUsage here.",
	"Have the CA certificate issued again without extKeyUsage, or with the purposes of the "
	"template; or give only what it has (`eku` of the template). Try it: `openssl verify "
	"-purpose sslclient -CAfile ROOT -untrusted CA DEVICE`."},
    {"fitness.names", SG_BLAME_ADMIN, SG_TOLD_NONE, "names that the CA may not certify",
	"A CA certificate has name constraints, and an endpoint gives names that they exclude, "
	"or may be asked for some. Relying parties refuse such certificates. A CN that looks "
	"like a host name counts as one for OpenSSL when no DNS name stands beside it.",
	"Give names within the constraints (`openssl x509 -in CA -noout -ext nameConstraints`), "
	"by patterns and challenges, or have the CA certificate issued again."},
    {"fitness.excluded", SG_BLAME_ADMIN, SG_TOLD_NONE, "challenge for what the CA may not certify",
	"The CA's certificate has critical name constraints, which exclude a name that the "
	"challenge would be for. Everything that verifies certificates has to refuse such a one.",
	"Ask for names within the constraints (`openssl x509 -in CA -noout -ext "
	"nameConstraints`), or have the CA certificate issued again without them."},
    {"fitness.constraints", SG_BLAME_ADMIN, SG_TOLD_NONE,
	"CA certificate with broken name constraints",
	"The name constraints of a CA certificate are not as RFC 5280 4.2.1.10 has them, so that "
	"relying parties refuse it or differ in what it allows.",
	"Have it issued again; see what it says with `openssl asn1parse -in CA`."},
    {"fitness.critical", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA certificate that few understand",
	"A CA certificate has a critical extension that RFC 5280 does not ask relying parties to "
	"know. Who does not know it must refuse everything below.",
	"Have it issued again without that extension, or with it not critical."},
    {"fitness.dates", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate of the CA or RA not valid now",
	"A certificate of the configuration has ended or has not begun. Below an issuing CA that "
	"has ended nothing is issued any more, and revocation lists are still made.",
	"Look at the clock (`date -u`). If it is right, have the certificate renewed for the same "
	"key and restart."},
    {"fitness.short", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA that ends before what it issues",
	"`ca.certificate` ends before a certificate that is issued now with that template would. "
	"None may outlive its issuer, so they are cut to its end.",
	"Renew the CA certificate in time, or write a shorter `validity` in the template. Of a "
	"certificate of `ca.chain`, which cuts nothing: devices' certificates do not verify after "
	"its end; have it renewed for the same key."},
    {"fitness.signature", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA certificate signed with an old hash",
	"A CA certificate that is no root is signed with MD5 or SHA-1, which can be forged; most "
	"relying parties refuse it. On a root it does no harm.",
	"Have it issued again with SHA-256."},
    {"fitness.key", SG_BLAME_ADMIN, SG_TOLD_NONE, "key of a CA above of an unusual size",
	"The key of a certificate of `ca.chain` is shorter than 2048 bits, or longer than what "
	"is checked here. Relying parties refuse short ones.",
	"Plan a new hierarchy; RSA with 3072 bits or P-384 for its root."},
    {"fitness.chain", SG_BLAME_ADMIN, SG_TOLD_NONE, "chain that does not lead up",
	"`ca.chain` is given to devices, which make a way from the issuing CA to a root with it. "
	"A certificate in it is not on that way: another CA's, another one of the same name, "
	"the issuing CA itself, one that stands twice, or one in another order.",
	"Name the certificate that issued `ca.certificate` first, then the one that issued that, "
	"to the root: `openssl x509 -noout -subject -issuer -in FILE` tells."},
    {"fitness.file", SG_BLAME_ADMIN, SG_TOLD_NONE, "file with more than one certificate",
	"Of each file that the configuration names, the first certificate is used. There are more, "
	"as in a `fullchain.pem`, and devices do not get them.",
	"Put each CA above the issuing one into a file of its own, and name these in `ca.chain`, "
	"the one that issued `ca.certificate` first. Remove what is of no use."},
    {"fitness.not-ca", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate above the CA that is none",
	"A certificate of `ca.chain` issued the CA, or one above it, and may not: it says "
	"CA:FALSE, or its key usage has no keyCertSign. Nothing below it verifies.",
	"Have it issued again with basicConstraints = critical,CA:TRUE and keyUsage = "
	"critical,keyCertSign,cRLSign."},
    {"fitness.path-len", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA deeper than the one above allows",
	"A certificate of `ca.chain` says how many CAs may be below it (pathlen), and there are "
	"more, so that nothing that the issuing CA signs verifies.",
	"Have the certificate above issued again with a larger pathlen or none, or the issuing "
	"CA by another one. Try it: `openssl verify -CAfile ROOT -untrusted CA DEVICE`."},
    {"fitness.ca-name", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA whose name is excluded above",
	"The name constraints of a certificate of `ca.chain` exclude the subject of a CA below "
	"it, so that nothing which that CA signs verifies.",
	"Have the CA issued again under a name that is permitted."},
    {"fitness.ra", SG_BLAME_ADMIN, SG_TOLD_NONE, "RA certificate that some devices refuse",
	"Devices encrypt to `ra.certificate` and verify answers with it. It lacks a key usage "
	"for that, another CA than `ca.certificate` issued it, the CA's name constraints exclude "
	"its name, or the CA's certificate was renewed with another key identifier. Some devices "
	"refuse it.",
	"Have it issued by the CA with keyUsage = critical,digitalSignature,keyEncipherment; or "
	"remove `ra.key` and `ra.certificate`, and `signet up` makes them."},
    {"fitness.ra-key", SG_BLAME_ADMIN, SG_TOLD_NONE, "RA with the key of the CA",
	"The RA's key decrypts what strangers send, in a process of its own. Here it is the CA's: "
	"who compromises that process can issue any certificate.",
	"Give the RA a key of its own: remove `ra.key` and `ra.certificate`, and `signet up` "
	"makes them."},
    {"constraints", SG_BLAME_ADMIN, SG_TOLD_NONE, "broken name constraints",
	"The name constraints of a CA certificate are not as RFC 5280 4.2.1.10 has them.",
	"Have it issued again."},
    {"crl.next", SG_BLAME_ADMIN, SG_TOLD_NONE, "CRL that is due before it begins",
	"The time of validity of the CRL is not positive.",
	"Set `ca.crl-validity`, for example 7d, and run `signet check`."},
    {"issuer.new-key", SG_BLAME_ADMIN, SG_TOLD_NONE, "new CA key under the old name",
	"`ca.key` is another key than before, and the name of the CA is the same. What the "
	"earlier key signed can only be revoked on a list that it signs; a list of the new key "
	"under the same name revokes none of it.",
	"Name the earlier key and its certificate in `ca.earlier`. Where that key is gone, name "
	"its certificate alone: what it signed can then not be revoked any more. If the new key "
	"was put there by mistake, put the old one back."},
    {"issuer.same-key", SG_BLAME_ADMIN, SG_TOLD_NONE, "earlier key that is the present one",
	"An item of `ca.earlier` has the key of `ca.certificate`: the certificate was renewed, "
	"the key was not.",
	"Remove the item: one list has all that a key signed, under any of its certificates."},
    {"issuer.renamed", SG_BLAME_ADMIN, SG_TOLD_NONE, "CA with another name and the same key",
	"`ca.certificate` was exchanged for one of the same key with another subject. Certificates "
	"name their issuer by its subject: those from before lead to no CA certificate here, and "
	"to no revocation list, which has one issuer's name.",
	"Have the CA certificate issued again with the subject that it had. A new name is for a "
	"new key: the earlier key and its certificate then go into `ca.earlier`."},
    {"issuer.earlier", SG_BLAME_ADMIN, SG_TOLD_NONE, "earlier CA key is not here",
	"Certificates of a CA key that this installation had before are valid, and neither "
	"`ca.key` nor `ca.earlier` names that key: no list can revoke them.",
	"Add the key and its certificate to `ca.earlier`, and start again."},
    {"revoke.issuer", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate of a CA key that is not here",
	"Only a list that the same key signs can revoke what a CA key signed, and that key is "
	"neither `ca.key` nor in `ca.earlier`. Nothing was changed.",
	"Add the key and its certificate to `ca.earlier`, start again, and revoke again."},
    {"revoke.unlisted", SG_BLAME_ADMIN, SG_TOLD_NONE, "revoked, and on no list",
	"A lineage was revoked, and some of its certificates were signed with a CA key that is "
	"neither `ca.key` nor in `ca.earlier`. They are revoked in the database and renew no more, "
	"but only a list that this key signs can tell relying parties.",
	"Add the key and its certificate to `ca.earlier` and start again: its list has them. "
	"Where that key is gone, remove its certificate from what relying parties trust."},
    {"crl.ahead", SG_BLAME_ADMIN, SG_TOLD_NONE, "published CRL knows more than the database",
	"The list that is out was signed by this CA's key and has revocations of which "
	"the database does not know: a backup of the database came back. Another list in its "
	"place would un-revoke them, so nothing is published.",
	"Run `signet ca crl --adopt FILE` with that list (`ca.crl`, or a newer one that a web "
	"server still has); then import certificates that were issued since the backup."},
    {"crl.aside", SG_BLAME_ADMIN, SG_TOLD_NONE, "file in the place of the CRL",
	"The file at `ca.crl` is no list that a key of this CA signed: another program writes "
	"there, or the CA's key was exchanged. It was moved aside and not used.",
	"Look who wrote it. If the CA has a new key, see `ca.earlier`. What cannot be moved aside "
	"has to be moved away by hand."},
    {"crl.unreadable", SG_BLAME_ADMIN, SG_TOLD_NONE, "CRL that is out cannot be read",
	"The role ca must read the list that is out before another takes its place, because it may "
	"have revocations of which the database does not know.",
	"Look at the owner and mode of the file and its folder. If it is no list, move it away."},
    {"crl.kind", SG_BLAME_ADMIN, SG_TOLD_NONE, "no file in the place of the CRL",
	"What is at `ca.crl` is a folder, a pipe or the like. It is moved aside and not used.",
	"Look who made it."},
    {"crl.size", SG_BLAME_ADMIN, SG_TOLD_NONE, "file in the place of the CRL is too large",
	"What is at `ca.crl` is larger than any list. It is moved aside and not used.",
	"Look who wrote it."},
    {"crl.number", SG_BLAME_SIGNET, SG_TOLD_NONE, "CRL number in use",
	"Another list with this number or a larger one was recorded while this one was made.",
	"Publish again: `signet ca crl`. If it stays, run `signet fsck`."},
    {"adopt.foreign", SG_BLAME_ADMIN, SG_TOLD_NONE, "not a CRL of this CA",
	"What was to be adopted is no revocation list, or no key of this CA signed it.",
	"Give the list as it was published, in DER or PEM. One of an earlier key needs that key's "
	"certificate in `ca.earlier`."},
    {"clock.back", SG_BLAME_SERVER, SG_TOLD_NONE, "clock went back",
	"This machine's clock shows an earlier time than before. Lists of revoked certificates "
	"lose nothing by it and are not dated back; new certificates are dated by the clock.",
	"Check the clock (`date -u`) and its time service. If it was ahead before and is right "
	"now, lists are dated in the future until then: `signet ca crl --clock-was-ahead`."},
    {"crl.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "CRL not usable",
	"The revocation list could not be written, or a list that was read is not one.",
	"If it is a file from elsewhere, check it. If it is our own, run `signet fsck`; please "
	"report it."},
    {"cert.altered", SG_BLAME_ATTACK, SG_TOLD_BAD_REQUEST, "forged copy of a certificate",
	"A certificate has a serial number of ours, but other content than what was issued. "
	"Somebody built it.",
	"Find out who sent it: `signet trace` shows the address. `signet ca show` of the "
	"serial shows the real one."},
    {"challenge.exists", SG_BLAME_ADMIN, SG_TOLD_NONE, "challenge exists already",
	"Exactly this challenge was made before. With random challenges this does not happen; "
	"one that was typed may have been used already.",
	"Let Signet choose it: `signet challenge new` without a text of your own."},
    {"request.denied", SG_BLAME_ADMIN, SG_TOLD_BAD_REQUEST, "denied by an approver",
	"An administrator looked at this request and denied it.",
	"If that was wrong, the device must make a new request; `signet trace` shows who "
	"denied it."},
    {"request.pending", SG_BLAME_ADMIN, SG_TOLD_BAD_REQUEST, "waits for an approver",
	"The request waits for the decision of an administrator; the device asks again by "
	"itself.",
	"`signet trace` shows what is asked for."},
    {"request.cancelled", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "attempt given up",
	"The registrar gave this attempt up, because ca did not answer in time or the device "
	"began anew. There is no certificate for it and will be none; the challenge is free "
	"again.",
	"Let the device try again. If this comes often, look at load and disk of the machine."},
    {"request.mismatch", SG_BLAME_SERVER, SG_TOLD_NONE, "databases do not fit",
	"The registrar asked ca for another request under a number that ca knows already. The "
	"registrar's database is an older file that is no backup made by `signet registrar "
	"backup`. It does not count against the challenge.",
	"Let the device try again: its next attempt has another number. To be rid of it for the "
	"other devices, too, stop the system and restore such backups; see `signet fsck`."},
    {"request.unknown", SG_BLAME_SIGNET, SG_TOLD_NONE, "request that ca does not know",
	"The registrar asked after a request of which ca has no record.",
	"If a backup was restored, run `signet fsck`. Otherwise the device may simply try "
	"again."},
    {"order.used", SG_BLAME_DEVICE, SG_TOLD_BAD_REQUEST, "order already fulfilled",
	"This order gave a certificate already; an order is good for one.",
	"`signet trace` of the subject shows the first one. Order a new certificate for the "
	"device."},
    {"serial.taken", SG_BLAME_SIGNET, SG_TOLD_NONE, "serial number exists",
	"A new serial number was already in use; with 128 random bits this cannot happen by "
	"chance.",
	"Check the random numbers of this machine and restart. Please report it."},
    {"serial.unknown", SG_BLAME_ADMIN, SG_TOLD_BAD_CERT_ID, "no such certificate",
	"This CA has issued no certificate with this serial number.",
	"`signet ca list` shows what it issued; serial numbers are hexadecimal."},
    {"revoke.already", SG_BLAME_ADMIN, SG_TOLD_NONE, "revoked already",
	"The certificate is revoked already, and a revocation stays as it is.",
	"Nothing to do; `signet ca show` says when and why."},
    {"release.state", SG_BLAME_ADMIN, SG_TOLD_NONE, "not on hold",
	"Only a certificate that is on hold can be released; other revocations stay.",
	"One that is good needs nothing. Where it is revoked for good, enrol the device anew "
	"with a challenge: `signet challenge new`."},
    {"import.der", SG_BLAME_ADMIN, SG_TOLD_NONE, "not a certificate",
	"What should be taken over is not one whole certificate of X.509 in DER.",
	"Check the file with `openssl x509 -in FILE -noout -text`, and give it to "
	"`signet ca import`."},
    {"import.issuer", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate of another CA",
	"The certificate that should be taken over was not issued by this CA.",
	"Check that you have the right file and the right CA: `signet ca show`."},
    {"import.self", SG_BLAME_ADMIN, SG_TOLD_NONE, "certificate of the CA itself",
	"The certificate that should be taken over has the key of this CA, or of an earlier one. "
	"Only what it issued to others is recorded.",
	"Leave it out. Certificates of the CA belong into `ca.certificate` and `ca.earlier`."},
    {"import.serial", SG_BLAME_ADMIN, SG_TOLD_NONE, "serial number too long",
	"The serial number of the certificate that should be taken over is longer than the 20 "
	"octets that RFC 5280 allows; other software could not read a revocation list that names "
	"it.",
	"Let it be replaced by a certificate of this CA before it is needed here."},
    {"serial.text", SG_BLAME_ADMIN, SG_TOLD_NONE, "not a serial number",
	"A serial number is written in hexadecimal, two digits for each octet, with a '-' before a "
	"negative one.",
	"Copy it from `signet ca list` or from `openssl x509 -noout -serial`."},
    {"tx.repeated", SG_BLAME_DEVICE, SG_TOLD_NONE, "the same request again",
	"The device sent a request again that had its certificate already, and got the same "
	"one. This is as it should be.",
	"Nothing. If a device does this without end, it does not receive or accept our "
	"answers: see its own log."},
    {"tx.changed", SG_BLAME_SERVER, SG_TOLD_NONE, "attempt overtaken",
	"The attempt ended in another way while this one was waiting.",
	"Let the device try again."},
    {"tx.timeout", SG_BLAME_SERVER, SG_TOLD_NONE, "first attempt still running",
	"The same request came again while its first attempt still runs, and waited for that "
	"in vain.",
	"Let the device try again in a minute. If this comes often, look at load and disk of "
	"the machine."},
    {"tx.interrupted", SG_BLAME_SERVER, SG_TOLD_NONE, "attempt interrupted",
	"A process ended while this attempt ran. There is no certificate; the challenge is "
	"free again.",
	"Let the device try again."},
    {"tx.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "transaction in an unexpected state",
	"The record of this enrolment is not in the state it should be in.",
	"Let the device try again. If it comes again, run `signet fsck` and report it."},
    {"recovery.*", SG_BLAME_SERVER, SG_TOLD_NONE, "outcome not known yet",
	"After a restart the registrar asks ca what became of the attempts that were running; "
	"ca did not answer yet.",
	"Wait a moment. If it stays, see whether ca runs: `signet events`."},
    {"trace.none", SG_BLAME_ADMIN, SG_TOLD_NONE, "nothing known",
	"No enrolment fits what was asked for.",
	"Give a trace id, a transactionID, a serial number or a part of the subject; `signet "
	"events` shows the latest. A request that was refused before it was read is there, "
	"too."},
    {"poll.unknown", SG_BLAME_DEVICE, SG_TOLD_BAD_CERT_ID, "nothing pending",
	"The device polls for a request that is not pending here: it was decided, forgotten, "
	"or made at another server.",
	"Let the device begin anew, with a new challenge if it needs one."},
    {"query.none", SG_BLAME_DEVICE, SG_TOLD_BAD_CERT_ID, "kind of question not served",
	"GetCert and GetCRL are not served at this endpoint.",
	"Fetch the CRL from the URL in the certificates, if one is configured (`ca.cdp-url`), "
	"or from the file `ca.crl`."},
    {"ca.endpoint", SG_BLAME_ADMIN, SG_TOLD_NONE, "endpoint unknown to ca",
	"The registrar named an endpoint that is not in the configuration of ca: they run with "
	"different ones.",
	"Restart `signet run`, so that all roles have the same configuration."},
    {"ca.names", SG_BLAME_SERVER, SG_TOLD_BAD_REQUEST, "names of a challenge not known",
	"ca certifies the names that a challenge is bound to, as the administrator spelled them; "
	"what the registrar told of them cannot be read or does not belong to the endpoint, or the "
	"challenge was forgotten since the request was served and ca has no record of that. The "
	"latter happens when the database of ca was restored from an older backup.",
	"Make a new challenge: `signet challenge new`. If the database of ca was not restored, run "
	"`signet fsck` and report it."},
    {"ca.*", SG_BLAME_SIGNET, SG_TOLD_NONE, "ca cannot do this",
	"The registrar asked ca for something that it does not do, or a record of ca is in an "
	"unknown state.",
	"Restart `signet run`; run `signet fsck`. Please report it if it comes again."},
};

const size_t sg_catalog_enrol_n = sizeof sg_catalog_enrol / sizeof sg_catalog_enrol[0];
