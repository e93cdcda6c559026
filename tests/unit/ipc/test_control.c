/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/ipc/ipc_test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/control.h"
#include "lib/alloc_fail.h"

static char folder[64], path[100];
static uid_t asked_by;
static atomic_int handled;

/* "big N" answers with N bytes; "code N" with a code; anything else comes back. */
static enum sg_code
handle(struct sg_slice question, uid_t who, struct sg_buf *json, void *arg)
{
	char text[32] = {0};
	assert_ptr_equal(arg, &handled);
	atomic_fetch_add(&handled, 1);
	asked_by = who;
	memcpy(text, question.p, question.len < sizeof text - 1 ? question.len : sizeof text - 1);
	if (strncmp(text, "big ", 4) == 0) {
		uint8_t *p = sg_buf_extend(json, strtoul(text + 4, NULL, 10));
		if (p != NULL)
			memset(p, 'b', json->len);
		return SG_OK;
	}
	sg_buf_put_slice(json, question);
	return strncmp(text, "code", 4) == 0 ? SG_E_DENIED : SG_OK;
}

static int
listen_at(const char *at)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	memcpy(addr.sun_path, at, strlen(at));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	sg_ignore(unlink(at));
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(chmod(at, 0666), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

static int
set_up(void **state)
{
	(void)state;
	struct sg_err err = {0};
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%.40s/sg-control-XXXXXX", base == NULL ? "/tmp" : base);
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	snprintf(path, sizeof path, "%s/socket", folder);
	assert_int_equal(
	    sg_control_serve(listen_at(path), geteuid(), handle, &handled, &err), SG_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void
expect_answer(const char *question)
{
	struct sg_err err = {0};
	sg_buf_scoped json = {0};
	enum sg_code code = SG_E_INTERNAL;
	if (sg_control_ask(path, sg_slice_str(question), &code, &json, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(code, SG_OK);
	assert_text(&json, question);
}

static int
connect_raw(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	memcpy(addr.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	return fd;
}

/* The server ends it without a word. */
static void
expect_closed(int fd)
{
	char byte;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_true(read(fd, &byte, 1) <= 0);
	close(fd);
}

static void
ask__question__answer_code_and_who(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped json = {0};
	enum sg_code code = SG_OK;
	expect_answer("{}");
	expect_answer("{\"verb\":\"status\"}");
	assert_int_equal(asked_by, geteuid());
	assert_int_equal(sg_control_ask(path, sg_slice_str("code"), &code, &json, &err), SG_OK);
	assert_int_equal(code, SG_E_DENIED);
	assert_text(&json, "code");
}

static void
ask__question_too_small_or_large__refused_here(void **state)
{
	(void)state;
	sg_buf_scoped q = {0}, json = {0};
	struct sg_err err = {0};
	enum sg_code code = SG_E_BUSY;
	expect_err(sg_control_ask(path, sg_slice_str("{"), &code, &json, &err), &err, SG_E_INTERNAL,
	    "frame.schema");
	memset(sg_buf_extend(&q, SG_MESSAGE_MAX), 'q', SG_MESSAGE_MAX);
	expect_answer(sg_buf_text(&q));
	sg_buf_put_u8(&q, 'q');
	expect_err(sg_control_ask(path, sg_buf_slice(&q), &code, &json, &err), &err, SG_E_INTERNAL,
	    "frame.schema");
	assert_int_equal(code, SG_E_BUSY);
	assert_int_equal(json.len, 0);
}

static void
answer__each_size__whole_or_too_large(void **state)
{
	(void)state;
	static const struct {
		unsigned long size;
		bool fits;
	} rows[] = {{0, false}, {1, false}, {2, true}, {65536, true}, {262144, true},
	    {SG_FRAME_MAX - 128, true}, {SG_FRAME_MAX - 127, false}, {SG_FRAME_MAX * 2, false}};
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		char question[32];
		struct sg_err err = {0};
		sg_buf_scoped json = {0};
		enum sg_code code = SG_OK;
		snprintf(question, sizeof question, "big %lu", rows[n].size);
		assert_int_equal(
		    sg_control_ask(path, sg_slice_str(question), &code, &json, &err), SG_OK);
		assert_int_equal(code, rows[n].fits ? SG_OK : SG_E_LIMIT);
		if (rows[n].fits)
			assert_int_equal(json.len, rows[n].size);
		else
			assert_non_null(strstr(sg_buf_text(&json), "\"error\""));
	}
	sg_buf_scoped small = {.max = 10};
	struct sg_err err = {0};
	enum sg_code code;
	expect_err(sg_control_ask(path, sg_slice_str("big 11"), &code, &small, &err), &err,
	    SG_E_LIMIT, "limit.buffer");
}

static void
server__garbage__closed_and_goes_on(void **state)
{
	(void)state;
	static const char *const bad[] = {
	    "ffffffff",
	    "00080001",
	    "00000000",
	    "000000010a",
	    "0000000a0000"
	    "0000000000000001",
	    "0000000affff"
	    "0000000000000001",
	    "0000000a0010"
	    "0000000000000001",
	    "0000000f0010"
	    "0000000000000001"
	    "0000000178",
	    "000000110010"
	    "0000000000000001"
	    "000000027b7d00",
	    "0000001800110000000000000001"
	    "0000000000000000"
	    "000000027b7d",
	    "474554202f20485454502f312e310d0a",
	};
	handled = 0;
	for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++) {
		sg_buf_scoped bytes = {0};
		asn_hex(bad[n], &bytes);
		int fd = connect_raw();
		assert_int_equal(send(fd, bytes.p, bytes.len, MSG_NOSIGNAL), bytes.len);
		shutdown(fd, SHUT_WR);
		expect_closed(fd);
	}
	/* Cut at every byte. */
	struct sg_frame_control ask = {.json = sg_slice_str("{}")};
	sg_buf_scoped good = {0};
	assert_int_equal(sg_frame_put(&sg_frame_control, 1, 3, &ask, &good, NULL), SG_OK);
	for (size_t n = 0; n < good.len; n++) {
		int fd = connect_raw();
		assert_int_equal(send(fd, good.p, n, MSG_NOSIGNAL), n);
		shutdown(fd, SHUT_WR);
		expect_closed(fd);
	}
	assert_int_equal(handled, 0);
	expect_answer("{\"still\":1}");
}

static void *
ask_many(void *arg)
{
	sg_ignore(arg);
	for (int n = 0; n < 50; n++) {
		sg_buf_scoped json = {0};
		enum sg_code code;
		if (sg_control_ask(path, sg_slice_str("{\"n\":1}"), &code, &json, NULL) != SG_OK ||
		    strcmp(sg_buf_text(&json), "{\"n\":1}") != 0)
			return "no answer";
	}
	return NULL;
}

static void
server__several_at_once__all_answered(void **state)
{
	(void)state;
	int idle = connect_raw(); /* says nothing, stops nobody */
	pthread_t thread[6];
	for (size_t n = 0; n < 6; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, ask_many, NULL), 0);
	for (size_t n = 0; n < 6; n++) {
		void *bad = NULL;
		pthread_join(thread[n], &bad);
		assert_null(bad);
	}
	close(idle);
}

static void *
ask_once(void *arg)
{
	sg_buf_scoped json = {0};
	enum sg_code code;
	return sg_control_ask(arg, sg_slice_str("{\"n\":1}"), &code, &json, NULL) == SG_OK
		   ? NULL
		   : "no answer";
}

/* A script that runs many commands at once: none is turned away. */
static void
server__more_than_places__wait_and_are_answered(void **state)
{
	(void)state;
	int idle[16];
	pthread_t thread[40];
	for (size_t n = 0; n < 16; n++)
		idle[n] = connect_raw();
	for (size_t n = 0; n < 40; n++)
		assert_int_equal(pthread_create(&thread[n], NULL, ask_once, path), 0);
	usleep(100000);
	for (size_t n = 0; n < 16; n++)
		close(idle[n]);
	for (size_t n = 0; n < 40; n++) {
		void *bad = NULL;
		pthread_join(thread[n], &bad);
		assert_null(bad);
	}
}

/* The exit code of a child that is another user: what happened to its question. */
static int
ask_as_other(const char *at)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct sg_err err = {0};
		sg_buf_scoped json = {0};
		enum sg_code code;
		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(9);
		enum sg_code rc = sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err);
		if (rc == SG_OK)
			_exit(0);
		if (rc == SG_E_IO && strncmp(err.rule, "control.", 8) == 0)
			_exit(1);
		_exit(rc == SG_E_DENIED && strcmp(err.rule, "control.connect") == 0 ? 2 : 3);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
permission__another_user__closed_without_an_answer(void **state)
{
	(void)state;
	char other[110];
	struct sg_err err = {0};
	snprintf(other, sizeof other, "%s.other", path);
	uid_t owner = geteuid() == 0 ? 65534 : geteuid() + 1;
	assert_int_equal(sg_control_serve(listen_at(other), owner, handle, &handled, &err), SG_OK);
	if (geteuid() == 0) {
		assert_int_equal(ask_as_other(path), 1);
		assert_int_equal(ask_as_other(other), 0); /* the owner may */
		assert_int_equal(chmod(other, 0600), 0);
		assert_int_equal(ask_as_other(other), 2);
		sg_buf_scoped json = {0};
		enum sg_code code;
		/* So may root. */
		assert_int_equal(
		    sg_control_ask(other, sg_slice_str("{}"), &code, &json, &err), SG_OK);
	} else {
		sg_buf_scoped json = {0};
		enum sg_code code;
		handled = 0;
		assert_int_equal(
		    sg_control_ask(other, sg_slice_str("{}"), &code, &json, &err), SG_E_IO);
		assert_int_equal(handled, 0);
	}
	unlink(other);
}

static void
ask__nobody_there__says_what_to_do(void **state)
{
	(void)state;
	struct sg_err err = {0};
	sg_buf_scoped json = {0};
	enum sg_code code;
	char at[300];
	snprintf(at, sizeof at, "%s.none", path);
	expect_err(sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err), &err, SG_E_IO,
	    "control.connect");
	assert_non_null(strstr(err.text, "signet up"));
	int fd = listen_at(at); /* a socket whose process has died */
	close(fd);
	expect_err(sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err), &err, SG_E_IO,
	    "control.connect");
	unlink(at);
	memset(at, 'x', sizeof at - 1);
	at[sizeof at - 1] = '\0';
	expect_err(sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err), &err, SG_E_USAGE,
	    "control.path");
	at[107] = '\0'; /* the longest that there is */
	expect_err(sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err), &err, SG_E_IO,
	    "control.connect");
	at[107] = 'x';
	at[108] = '\0';
	expect_err(sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err), &err, SG_E_USAGE,
	    "control.path");
}

/* A server of ours that answers with given bytes. */
struct liar {
	int fd;
	struct sg_buf bytes;
};

static void *
liar_main(void *arg)
{
	struct liar *liar = arg;
	uint8_t question[100];
	int fd = accept(liar->fd, NULL, NULL);
	sg_ignore(read(fd, question, sizeof question) < 0);
	sg_ignore(send(fd, liar->bytes.p, liar->bytes.len, MSG_NOSIGNAL) < 0);
	close(fd);
	return NULL;
}

static void
ask__server_lies__refused(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		enum sg_code code;
		const char *rule;
	} rows[] = {
	    {"", SG_E_IO, "control.closed"},
	    {"000000", SG_E_IO, "control.closed"},
	    {"0000000a0011", SG_E_IO, "control.closed"},
	    {"00080001", SG_E_LIMIT, "frame.size"},
	    {"ffffffff", SG_E_LIMIT, "frame.size"},
	    {"00000000", SG_E_MALFORMED, "frame.type"},
	    {"0000000a0010"
	     "0000000000000001",
		SG_E_MALFORMED, "frame.type"},
	    {"0000000a0011"
	     "0000000000000001",
		SG_E_MALFORMED, "frame.cut"},
	    {"000000180011"
	     "0000000000000001"
	     "0000000000010000"
	     "000000027b7d",
		SG_E_MALFORMED, "frame.field"},
	    {"000000170011"
	     "0000000000000001"
	     "0000000000000000"
	     "000000017b",
		SG_E_MALFORMED, "frame.field"},
	    {"000000190011"
	     "0000000000000001"
	     "0000000000000000"
	     "000000027b7d00",
		SG_E_MALFORMED, "frame.trailing"},
	    {"000000180011"
	     "0000000000000001"
	     "0000000000000000"
	     "000000027b7d",
		SG_OK, ""},
	};
	char at[110];
	snprintf(at, sizeof at, "%s.liar", path);
	for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
		struct liar liar = {.fd = listen_at(at)};
		struct sg_err err = {0};
		sg_buf_scoped json = {0};
		enum sg_code code = SG_E_BUSY;
		pthread_t thread;
		asn_hex(rows[n].hex, &liar.bytes);
		assert_int_equal(pthread_create(&thread, NULL, liar_main, &liar), 0);
		enum sg_code rc = sg_control_ask(at, sg_slice_str("{}"), &code, &json, &err);
		pthread_join(thread, NULL);
		if (rows[n].code == SG_OK) {
			assert_int_equal(rc, SG_OK);
			assert_text(&json, "{}");
		} else {
			expect_err(rc, &err, rows[n].code, rows[n].rule);
			assert_int_equal(code, SG_E_BUSY);
			assert_int_equal(json.len, 0);
		}
		sg_buf_clear(&liar.bytes);
		close(liar.fd);
		unlink(at);
	}
}

static void
serve__no_memory__says_so(void **state)
{
	(void)state;
	struct sg_err err = {0};
	alloc_fail_at(1);
	enum sg_code rc = sg_control_serve(-1, 0, handle, NULL, &err);
	alloc_fail_at(0);
	expect_err(rc, &err, SG_E_NOMEM, "memory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ask__question__answer_code_and_who),
	    cmocka_unit_test(ask__question_too_small_or_large__refused_here),
	    cmocka_unit_test(answer__each_size__whole_or_too_large),
	    cmocka_unit_test(server__garbage__closed_and_goes_on),
	    cmocka_unit_test(server__several_at_once__all_answered),
	    cmocka_unit_test(server__more_than_places__wait_and_are_answered),
	    cmocka_unit_test(permission__another_user__closed_without_an_answer),
	    cmocka_unit_test(ask__nobody_there__says_what_to_do),
	    cmocka_unit_test(ask__server_lies__refused),
	    cmocka_unit_test(serve__no_memory__says_so),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
