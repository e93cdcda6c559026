/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The differences between our decoders and OpenSSL's on mutants, with their reasons; part of
 * test_differential.c, which defines struct reason. Places: 0/1/0/3/0 is the signer's
 * certificate, 0/1/0/4/0 the SignerInfo and /3 in it its attributes.
 */

#define NARROW "the profile of SCEP is narrower than CMS: "
#define NOT_READ "of a throw-away certificate only issuer, serial number and key are read: "
#define SCEP_SAYS "RFC 8894, of which OpenSSL knows nothing: "

static struct reason explained[] = {
    /* SignedData, not signed anew. */
    {SIGNED, WE_REFUSE, "der", "0/1/0/1", NULL, "digestAlgorithms has the tag SET", 0},
    {SIGNED, WE_REFUSE, "der", "0/1/0/3", NULL,
	"certificates and what is in them are DER with the tags of RFC 5280", 0},
    {SIGNED, WE_REFUSE, "der", "0/1/0/4", NULL, "SignerInfo is DER with the tags of RFC 5652", 0},
    {SIGNED, WE_REFUSE, "ber", "0/1/0/3", NULL,
	"a value whose tag says constructed is made of TLVs", 0},
    {SIGNED, WE_REFUSE, "alg.params", "", NULL, "RSA and SHA-2 have NULL or nothing (RFC 4055)", 0},
    {SIGNED, WE_REFUSE, "cms.attrs.missing", "", NULL, SCEP_SAYS "there are signed attributes", 0},
    {SIGNED, WE_REFUSE, "cms.signers.count", "", NULL, SCEP_SAYS "there is one signer", 0},
    {SIGNED, WE_REFUSE, "alg.md5", "0/1/0/4/0/4", NULL,
	"OpenSSL does not compare signatureAlgorithm with digestAlgorithm", 0},
    {SIGNED, WE_REFUSE, "signature", "0/1/0/4/0/4", NULL,
	"OpenSSL does not compare signatureAlgorithm with digestAlgorithm", 0},
    {SIGNED, WE_REFUSE, "cms.signer.missing", "0/1/0/4/0/1", NULL,
	"OpenSSL takes a Name whose SEQUENCE or SET has the tag of a primitive", 0},
    {SIGNED, WE_REFUSE, "cms.signer.missing", "0/1/0/3/0/0/3", NULL,
	"OpenSSL takes a Name whose SEQUENCE or SET has the tag of a primitive", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/1", NULL,
	"digestAlgorithms is a hint for one-pass readers; SignerInfo has the one that counts", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/0/0", NULL, NOT_READ "version", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/0/2", NULL, NOT_READ "algorithm", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/0/4", NULL, NOT_READ "validity", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/0/5", NULL, NOT_READ "subject", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/0/7", NULL, NOT_READ "extensions", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/1", NULL, NOT_READ "algorithm outside", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/2", NULL, NOT_READ "signature", 0},
    {SIGNED, WE_ACCEPT, "", "", "long-form",
	"a needless length is BER (X.690 8.1.3.5); some OpenSSL releases refuse it in a NULL", 0},
    {SIGNED, WE_ACCEPT, "", "0/1/0/3/0/0", "duplicate", NOT_READ "nothing after the key", 0},

    /* Signed attributes, signed anew. */
    {ATTRIBUTES, WE_REFUSE, "ber", "", NULL, "a value whose tag says constructed is made of TLVs",
	0},
    {ATTRIBUTES, WE_REFUSE, "cms.attr.duplicate", "", NULL, "RFC 5652 5.3: an attribute once", 0},
    {ATTRIBUTES, WE_REFUSE, "cms.attr.values", "", NULL, SCEP_SAYS "one value each", 0},
    {ATTRIBUTES, WE_REFUSE, "cms.attrs.missing", "", NULL, SCEP_SAYS "there are signed attributes",
	0},
    {ATTRIBUTES, WE_REFUSE, "scep.attr.type", "", NULL, SCEP_SAYS "types of 3.2.1", 0},
    {ATTRIBUTES, WE_REFUSE, "scep.nonce", "", NULL, SCEP_SAYS "3.2.1.5", 0},
    {ATTRIBUTES, WE_REFUSE, "scep.txid", "", NULL, SCEP_SAYS "3.2.1.1", 0},
    {ATTRIBUTES, WE_REFUSE, "scep.txid.missing", "", NULL, SCEP_SAYS "3.2.1.1", 0},
    {ATTRIBUTES, WE_REFUSE, "scep.type", "", NULL, SCEP_SAYS "3.2.1.2", 0},
    {ATTRIBUTES, WE_REFUSE, "scep.type.missing", "", NULL, SCEP_SAYS "3.2.1.2", 0},
    {ATTRIBUTES, WE_ACCEPT, "", "0/1/0/4/0/3/1", NULL,
	"field clients leave contentType out; profile strict wants it (scep.strict.contenttype)",
	0},
    {ATTRIBUTES, WE_ACCEPT, "", "0/1/0/4/0/3/2", NULL,
	"signingTime decides nothing outside profile strict: devices have no clock", 0},
    {ATTRIBUTES, WE_ACCEPT, "", "0/1/0/4/0/3/3/0", "empty",
	"a type that is no OID is one that nobody knows: its values are not looked at", 0},

    /* EnvelopedData. */
    {ENVELOPED, WE_ACCEPT, "", "", "long-form",
	"a needless length is BER (X.690 8.1.3.5); some OpenSSL releases refuse it in a NULL", 0},
    {ENVELOPED, WE_REFUSE, "alg.iv", "", NULL, "RFC 3565 2.1: the IV is an OCTET STRING", 0},
    {ENVELOPED, WE_REFUSE, "alg.params", "", NULL, "rsaEncryption has NULL or nothing", 0},
    {ENVELOPED, WE_REFUSE, "alg.unknown", "", NULL,
	NARROW "the key transport is RSA (OpenSSL asks the certificate's key, not the message)", 0},
    {ENVELOPED, WE_REFUSE, "cms.recipients.twice", "", NULL,
	NARROW "one encrypted key for each recipient: the answer would say which was right", 0},
    {ENVELOPED, WE_REFUSE, "der", "0/1/0/1", NULL, "tags and INTEGERs of RFC 5652 6.1", 0},
    {ENVELOPED, WE_ACCEPT, "", "0/1/0/1/0/1/0", NULL,
	"the recipient is found by the serial number when a client writes the issuer anew", 0},

    /* PKCS#10, signed anew. */
    {REQUEST, WE_REFUSE, "der", "", "long-form", "a request is DER: no needless lengths", 0},
    {REQUEST, WE_REFUSE, "der", "", "indefinite", "a request is DER: definite lengths", 0},
    {REQUEST, WE_REFUSE, "der", "0/0", NULL, "an INTEGER is minimal; tags of RFC 2986", 0},
    {REQUEST, WE_REFUSE, "alg.params", "", NULL, "RSA and SHA-2 have NULL or nothing", 0},
    {REQUEST, WE_ACCEPT, "", "0/0/3/0/1/0", NULL,
	"a challenge that cannot be read is a fault of it alone: who asks for it is told", 0},
    {REQUEST, WE_REFUSE, "name.rdn.dup", "", NULL, "an RDN has an attribute once", 0},
    {REQUEST, WE_REFUSE, "name.rdn.empty", "", NULL, "X.501: an RDN has an attribute", 0},
    {REQUEST, WE_REFUSE, "name.value.type", "", NULL, "X.520: a DirectoryString (A12)", 0},
    {REQUEST, WE_REFUSE, "name.value.control", "", NULL, "no control characters in names (A12)", 0},
};
