/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api/registrar.c - the tables of what registrar answers, from the rows of the header
 */

#include "api/registrar.h"

#include "explain/steps.h"
#include "policy/policy.h"
#include "policy/transaction.h"

#define UNKNOWN                                                                                    \
	{                                                                                          \
		"unknown", SG_API_UNKNOWN, "what another version wrote"                            \
	}

const struct sg_json_word sg_api_transaction_states[] = {
    {"running", SG_TRANSACTION_RUNNING, "it is being worked on"},
    {"pending", SG_TRANSACTION_PENDING, "it waits for an approver"},
    {"denied", SG_TRANSACTION_DENIED, "an approver refused it"},
    {"issued", SG_TRANSACTION_ISSUED, "there is a certificate"},
    {"failed", SG_TRANSACTION_FAILED,
	"it was refused or failed; the same request begins another attempt"},
    UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_transaction_kinds[] = {
    {"enrol", SG_TRANSACTION_ENROL, "a first certificate"},
    {"renew", SG_TRANSACTION_RENEW, "the successor of a certificate"},
    UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_policies[] = {
#define WORD(number, file, word, text) {word, SG_POLICY_##number, text},
    SG_POLICY_ROWS(WORD) SG_POLICY_OTHER_ROWS(WORD)
#undef WORD
	UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_codes[] = {
#define WORD(name, number, word, text) {word, name, text},
    SG_CODE_ROWS(WORD)
#undef WORD
	UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_step_roles[] = {
#define WORD(name, number, word, text) {word, SG_STEP_ROLE_##name, text},
    SG_STEP_ROLE_ROWS(WORD)
#undef WORD
	UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_step_groups[] = {
#define WORD(name, number, word, text) {word, SG_STEP_GROUP_##name, text},
    SG_STEP_GROUP_ROWS(WORD)
#undef WORD
	UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_step_names[] = {
#define WORD(group, name, number, word, text) {word, SG_STEP_##name, text},
    SG_STEP_ROWS(WORD)
#undef WORD
	UNKNOWN,
    {0},
};

const struct sg_json_word sg_api_step_states[] = {
#define WORD(name, number, word, text) {word, SG_STEP_##name, text},
    SG_STEP_STATE_ROWS(WORD)
#undef WORD
	UNKNOWN,
    {0},
};

SG_JSON_DEFINE(sg_api_challenge_new, SG_API_CHALLENGE_NEW_ROWS, "an order for a challenge");
SG_JSON_DEFINE(sg_api_challenge, SG_API_CHALLENGE_ROWS, "a challenge that was made");
SG_JSON_DEFINE(sg_api_step, SG_API_STEP_ROWS, "a step of an enrolment");
SG_JSON_DEFINE(sg_api_transaction, SG_API_TRANSACTION_ROWS,
    "an enrolment or renewal: one request of a device, with all its attempts");
SG_JSON_DEFINE(sg_api_transaction_filter, SG_API_TRANSACTION_FILTER_ROWS,
    "which transactions; all of it counts");
SG_JSON_DEFINE(sg_api_event, SG_API_EVENT_ROWS, "a refusal, or what else is worth a line");
SG_JSON_DEFINE(sg_api_event_filter, SG_API_EVENT_FILTER_ROWS, "which events; all of it counts");
SG_JSON_DEFINE(sg_api_trace_ask, SG_API_TRACE_ASK_ROWS, "what is looked for");
SG_JSON_DEFINE(sg_api_trace, SG_API_TRACE_ROWS, "what was found");
SG_JSON_DEFINE(sg_api_works, SG_API_WORKS_ROWS, "which processes answer registrar");
SG_JSON_DEFINE(sg_api_registrar_status, SG_API_REGISTRAR_STATUS_ROWS, "the state of registrar");

SG_API_ROUTES_DEFINE(registrar, SG_API_REGISTRAR_ROUTES);
