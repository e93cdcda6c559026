/* SPDX-License-Identifier: Apache-2.0 */

/*
 * values.c - the enumerations of RFC 8894 3.2.1.2 to 3.2.1.4 and their texts
 */

#include "scep/values.h"

struct word {
	int value;
	const char *text, *name;
};

static const struct word types[] = {
    {SG_SCEP_CERTREP, "3", "CertRep"},
    {SG_SCEP_RENEWALREQ, "17", "RenewalReq"},
    {SG_SCEP_PKCSREQ, "19", "PKCSReq"},
    {SG_SCEP_CERTPOLL, "20", "CertPoll"},
    {SG_SCEP_GETCERT, "21", "GetCert"},
    {SG_SCEP_GETCRL, "22", "GetCRL"},
    {0, NULL, NULL},
};

static const struct word statuses[] = {
    {SG_SCEP_SUCCESS, "0", "SUCCESS"},
    {SG_SCEP_FAILURE, "2", "FAILURE"},
    {SG_SCEP_PENDING, "3", "PENDING"},
    {0, NULL, NULL},
};

static const struct word fails[] = {
    {SG_SCEP_BAD_ALG, "0", "badAlg"},
    {SG_SCEP_BAD_MESSAGE_CHECK, "1", "badMessageCheck"},
    {SG_SCEP_BAD_REQUEST, "2", "badRequest"},
    {SG_SCEP_BAD_TIME, "3", "badTime"},
    {SG_SCEP_BAD_CERT_ID, "4", "badCertId"},
    {0, NULL, NULL},
};

static int
parse(const struct word *w, struct sg_slice text)
{
	for (; w->text != NULL; w++)
		if (sg_slice_is(text, w->text))
			return w->value;
	return 0;
}

static const struct word *
find(const struct word *w, int value)
{
	for (; w->text != NULL; w++)
		if (w->value == value)
			return w;
	return NULL;
}

static const char *
text_of(const struct word *w)
{
	return w != NULL ? w->text : "";
}

static const char *
name_of(const struct word *w)
{
	return w != NULL ? w->name : "none";
}

enum sg_scep_type
sg_scep_type_parse(struct sg_slice text)
{
	return (enum sg_scep_type)parse(types, text);
}

enum sg_scep_status
sg_scep_status_parse(struct sg_slice text)
{
	return (enum sg_scep_status)parse(statuses, text);
}

enum sg_scep_fail
sg_scep_fail_parse(struct sg_slice text)
{
	return (enum sg_scep_fail)parse(fails, text);
}

const char *
sg_scep_type_text(enum sg_scep_type type)
{
	return text_of(find(types, (int)type));
}

const char *
sg_scep_status_text(enum sg_scep_status status)
{
	return text_of(find(statuses, (int)status));
}

const char *
sg_scep_fail_text(enum sg_scep_fail fail)
{
	return text_of(find(fails, (int)fail));
}

const char *
sg_scep_type_name(enum sg_scep_type type)
{
	return name_of(find(types, (int)type));
}

const char *
sg_scep_status_name(enum sg_scep_status status)
{
	return name_of(find(statuses, (int)status));
}

const char *
sg_scep_fail_name(enum sg_scep_fail fail)
{
	return name_of(find(fails, (int)fail));
}

enum sg_scep_fail
sg_scep_fail_from(enum sg_code code)
{
	if (code == SG_E_ALG)
		return SG_SCEP_BAD_ALG;
	if (code == SG_E_SIGNATURE)
		return SG_SCEP_BAD_MESSAGE_CHECK;
	if (code == SG_E_TIME)
		return SG_SCEP_BAD_TIME;
	if (code == SG_E_NOTFOUND)
		return SG_SCEP_BAD_CERT_ID;
	return SG_SCEP_BAD_REQUEST;
}
