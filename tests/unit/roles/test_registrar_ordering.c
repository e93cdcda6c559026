/* SPDX-License-Identifier: Apache-2.0 */

/* Orders for challenges: what is made and stored, and what a refusal says to a program. */

#include "unit/roles/registrar_ask.h"

#include "policy/bind.h"
#include "policy/request.h"

static struct sg_conf_endpoint confs[] = {
    {.name = "default"}, {.name = "printers", .challenge_file = "printers.secret"}};

/* Ask of a registrar with an endpoint of either policy. */
static json_t *
order(struct bed *t, const char *body, int want_status)
{
	struct sg_template tmpl;
	struct endpoint endpoints[] = {
	    {.conf = &confs[0], .policy = &sg_policy_one_time, .tmpl = &tmpl},
	    {.conf = &confs[1], .policy = &sg_policy_static, .tmpl = &tmpl}};
	struct registrar r = {.store = t->store, .endpoint = endpoints, .endpoint_n = 2};
	const struct sg_api_ask question = {.method = SG_HTTP_POST,
	    .path = text("/v1/registrar/challenges"),
	    .content_type = text("application/json"),
	    .body = text(body)};

	sg_template_client(&tmpl);
	sg_buf_puts(&r.challenge_key, "0123456789abcdef0123456789abcdef");
	json_t *o = ask_registrar(t, &r, &question, want_status);
	sg_buf_clear(&r.challenge_key);
	return o;
}

struct stored {
	size_t n;
	int64_t life;
	bool any;
	char created_by[32], note[32], endpoint[32];
	size_t sans;
};

static void
copy(char ret[32], struct sg_slice s)
{
	assert_true(s.len < 32);
	memset(ret, 0, 32);
	if (s.len > 0)
		memcpy(ret, s.p, s.len);
}

static bool
see(void *arg, const struct sg_regdb_challenge *row)
{
	struct stored *s = arg;
	struct sg_binding b;

	s->n++;
	s->life = row->expires_at - row->created_at;
	assert_int_equal(sg_binding_get(row->subject, &b, NULL), SG_OK);
	s->any = b.any;
	s->sans = b.sans.n;
	copy(s->created_by, row->created_by);
	copy(s->note, row->note);
	copy(s->endpoint, row->endpoint);
	return true;
}

static struct stored
stored(struct bed *t)
{
	struct stored s = {0};

	assert_ok(sg_regdb_challenge_list(t->store, 10, see, &s, &t->err));
	return s;
}

static void
challenge_new__names__stored_for_who_ordered_it(void **state)
{
	struct bed *t = *state;

	json_t *o = order(t,
	    "{\"subject\": \"CN=dev1\", \"sans\": [\"dns:a.example\", \"dns:b.example\"], "
	    "\"expires_s\": 60, \"note\": \"a note\"}",
	    200);
	assert_int_equal(strlen(text_of(o, "challenge")), SG_CHALLENGE_TEXT_LEN);
	expect(o, "endpoint", "default");
	json_decref(o);
	struct stored s = stored(t);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.life, 60);
	assert_int_equal(s.sans, 2);
	assert_false(s.any);
	assert_string_equal(s.created_by, "uid 0");
	assert_string_equal(s.note, "a note");
	assert_string_equal(s.endpoint, "default");
}

static void
challenge_new__any__an_hour(void **state)
{
	struct bed *t = *state;

	/* Letter case of an endpoint's name is ignored, as everywhere. */
	json_decref(order(t, "{\"any\": true, \"endpoint\": \"DEFAULT\", \"subject\": \"\"}", 200));
	struct stored s = stored(t);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.life, 3600);
	assert_true(s.any);
	assert_string_equal(s.note, "");
}

static void
challenge_new__cannot_be__says_which_member(void **state)
{
	struct bed *t = *state;
	static const struct {
		const char *body, *rule, *member, *expected, *found;
	} rows[] = {
	    {"{\"any\": true, \"endpoint\": \"no\"}", "control.endpoint", "endpoint",
		"'default', 'printers'", "no"},
	    {"{\"any\": true, \"endpoint\": \"printers\"}", "control.policy", "endpoint", NULL,
		"printers"},
	    {"{}", "binding.unbound", "subject", NULL, NULL},
	    {"{\"any\": true, \"subject\": \"CN=a\"}", "binding.any", "any", NULL, NULL},
	    {"{\"subject\": \"dev1\"}", "name.text", "subject", NULL, NULL},
	    {"{\"subject\": \"CN=a\", \"sans\": [\"dns:a\", \"b\"]}", "san.text", "sans[1]", NULL,
		NULL},
	    {"{\"subject\": \"CN=a\", \"sans\": [\"dns:*.a\"]}", "request.san", "sans", NULL, NULL},
	    {"{\"any\": true, \"expires_s\": 0}", "json.bounds", "expires_s", NULL, NULL},
	    {"{\"any\": true, \"expires_s\": 7776001}", "json.bounds", "expires_s", NULL, NULL},
	    {"{\"any\": 1}", "json.type", "any", NULL, NULL},
	    {"{\"any\": true, \"endpoint\": \"\"}", "json.bounds", "endpoint", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *o = order(t, rows[i].body, 400);
		expect(o, "rule", rows[i].rule);
		expect(o, "member", rows[i].member);
		if (rows[i].expected != NULL)
			expect(o, "expected", rows[i].expected);
		if (rows[i].found != NULL)
			expect(o, "found", rows[i].found);
		json_decref(o);
	}
	assert_int_equal(stored(t).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    case_registrar(challenge_new__names__stored_for_who_ordered_it),
	    case_registrar(challenge_new__any__an_hour),
	    case_registrar(challenge_new__cannot_be__says_which_member),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
