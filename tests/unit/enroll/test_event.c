/* SPDX-License-Identifier: Apache-2.0 */

#include "unit/enroll/pki.h"

#include "enroll/event.h"

struct heard {
	size_t n;
	enum sg_enroll_event_kind kind;
	char text[2048];
	int64_t wait_ms;
};

static void
hear(void *arg, const struct sg_enroll_event *event)
{
	struct heard *h = arg;

	h->n++;
	h->kind = event->kind;
	h->wait_ms = event->wait_ms;
	snprintf(h->text, sizeof h->text, "%s", event->text);
}

static void
tell__warning_and_wait__typed(void **state)
{
	struct heard heard = {0};
	struct sg_enroll_listener to = {.tell = hear, .arg = &heard};

	(void)state;
	sg_enroll_warn(&to, "the %s is %d", "answer", 42);
	assert_int_equal(heard.kind, SG_ENROLL_WARNING);
	assert_string_equal(heard.text, "the answer is 42");
	sg_enroll_tell_wait(&to, 1500, "HTTP status 503");
	assert_int_equal(heard.kind, SG_ENROLL_WAIT);
	assert_int_equal(heard.wait_ms, 1500);
	assert_string_equal(heard.text, "HTTP status 503");
	assert_int_equal(heard.n, 2);
}

static void
warn__long__cut(void **state)
{
	struct heard heard = {0};
	struct sg_enroll_listener to = {.tell = hear, .arg = &heard};

	(void)state;
	sg_enroll_warn(&to, "%1500s", "x");
	assert_int_equal(strlen(heard.text), 1023);
}

static void
tell__nobody_listens__nothing(void **state)
{
	struct sg_enroll_listener to = {0};

	(void)state;
	sg_enroll_warn(&to, "x");
	sg_enroll_tell_wait(&to, 1, "x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tell__warning_and_wait__typed),
	    cmocka_unit_test(warn__long__cut),
	    cmocka_unit_test(tell__nobody_listens__nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
