/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_sandbox.c - each role's sandbox, entered by a child of its own that then tries one
 * thing: what the role needs works, everything else is refused
 *
 * Every file here is open to everybody by its mode, so that it is Landlock that refuses.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/reference.h"
#include "crypto/init.h"
#include "service/channel.h"
#include "service/sandbox.h"
#include "roles/services.h"
#include "unit/service/probes.h"

#define FIRST_USER 64900u

const char *const roles[ROLES] = {"front", "registrar", "keyd", "ca"};
struct bed bed;

/* ---- one child ---- */

struct outcome {
	int signal; /* that ended the child; 0: none */
	int result; /* of the probe */
	struct sg_err err;
};

struct request {
	int role; /* ROLES: nobody */
	probe *run;
	void (*before)(void); /* in the child, before the sandbox */
};

static const struct sg_service nobody = {.name = "nobody", .descriptors = 64, .data_mib = 64};

static void
child_main(const struct request *r, int to)
{
	struct outcome out = {0};
	struct sg_sandbox s = {.role = r->role == ROLES ? &nobody : roles_services[r->role],
	    .conf = bed.conf,
	    .conf_path = bed.conf_path,
	    .has_user = geteuid() == 0,
	    .user = (uid_t)(FIRST_USER + (unsigned)r->role)};

	to = fcntl(to, F_DUPFD_CLOEXEC, 32); /* the channel's number must not be one of ours */
	signal(SIGXFSZ, SIG_IGN);	     /* as a role does */
	if (r->before != NULL)
		r->before();
	if (sg_sandbox_enter(&s, &out.err) == SG_OK)
		out.result = r->run(r->role);
	if (write(to, &out, sizeof out) != (ssize_t)sizeof out)
		_exit(9);
	_exit(0);
}

static struct outcome
try(const struct request *r)
{
	struct outcome out = {0};
	int pipe_fd[2], status = 0;

	assert_int_equal(pipe(pipe_fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_main(r, pipe_fd[1]);
	close(pipe_fd[1]);
	ssize_t n = read(pipe_fd[0], &out, sizeof out);
	close(pipe_fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		out.signal = WTERMSIG(status);
	else
		assert_int_equal(n, sizeof out);
	return out;
}

/* ---- the table: front, registrar, keyd, ca ---- */

#define KILL (-1) /* SIGSYS */
#define NO EACCES
#define OK 0

struct row {
	const char *name;
	probe *run;
	int want[ROLES];
};

static const struct row rows[] = {
    {"enter__registrar_database__registrar_only", open_registrar, {KILL, OK, KILL, NO}},
    {"enter__registrar_new_file__registrar_only", create_registrar, {KILL, OK, KILL, NO}},
    {"enter__ca_database__ca_only", open_ca, {KILL, NO, KILL, OK}},
    {"enter__ca_new_file__ca_only", create_ca, {KILL, NO, KILL, OK}},
    {"enter__publish_list__ca_only", publish, {KILL, NO, KILL, OK}},
    {"enter__rename__ca_only", rename_file, {KILL, KILL, KILL, OK}},
    {"enter__key_file__nobody", open_key, {EACCES, NO, EACCES, NO}},
    {"enter__configuration__nobody", open_conf, {EACCES, NO, EACCES, NO}},
    {"enter__passwd__nobody", open_passwd, {EACCES, NO, EACCES, NO}},
    {"enter__own_memory_file__nobody", open_proc, {KILL, NO, KILL, NO}},
    {"enter__random_device__databases_only", open_random, {EACCES, OK, EACCES, OK}},
    {"enter__write_outside__nobody", create_outside, {KILL, NO, KILL, NO}},
    {"enter__list_outside__nobody", list_outside, {KILL, NO, KILL, NO}},
    {"enter__socket_inet__nobody", make_socket, {KILL, KILL, KILL, KILL}},
    {"enter__socket_unix__nobody", make_socket_unix, {KILL, KILL, KILL, KILL}},
    {"enter__socket_netlink__nobody", make_socket_netlink, {KILL, KILL, KILL, KILL}},
    {"enter__socketpair__nobody", make_pair, {KILL, KILL, KILL, KILL}},
    {"enter__connect_loopback__nobody", connect_loopback, {KILL, KILL, KILL, KILL}},
    {"enter__bind__nobody", bind_port, {KILL, KILL, KILL, KILL}},
    {"enter__listen__nobody", listen_more, {KILL, KILL, KILL, KILL}},
    {"enter__datagram__nobody", send_datagram, {KILL, KILL, KILL, KILL}},
    {"enter__bind_to_device__nobody", bind_to_device, {KILL, KILL, KILL, KILL}},
    {"enter__receive_descriptor__nobody", receive_descriptor, {KILL, KILL, KILL, KILL}},
    {"enter__accept__all_but_keyd", accept_connection, {OK, OK, KILL, OK}},
    {"enter__edge__everybody", send_edge, {OK, OK, OK, OK}},
    {"enter__send_out_of_band__nobody", send_out_of_band, {KILL, KILL, KILL, KILL}},
    {"enter__send_with_address__nobody", send_with_address, {KILL, KILL, KILL, KILL}},
    {"enter__pass_descriptor__nobody", pass_descriptor, {KILL, KILL, KILL, KILL}},
    {"enter__peek_channel__nobody", peek_channel, {KILL, KILL, KILL, KILL}},
    {"enter__fast_open_option__nobody", fast_open_option, {KILL, KILL, KILL, KILL}},
    {"enter__repair_option__nobody", repair_option, {KILL, KILL, KILL, KILL}},
    {"enter__ulp_option__nobody", ulp_option, {KILL, KILL, KILL, KILL}},
    {"enter__filter_option__nobody", filter_option, {KILL, KILL, KILL, KILL}},
    {"enter__ip_option__nobody", ip_option, {KILL, KILL, KILL, KILL}},
    {"enter__clear_append__nobody", clear_append, {KILL, KILL, KILL, KILL}},
    {"enter__cut_log__nobody", cut_log, {KILL, KILL, KILL, KILL}},
    {"enter__cut_log_by_high_bits__nobody", cut_log_by_high_bits, {KILL, KILL, KILL, KILL}},
    {"enter__write_into_log__nobody", write_into_log, {KILL, KILL, KILL, KILL}},
    {"enter__go_back_in_log__nobody", go_back_in_log, {KILL, KILL, KILL, KILL}},
    {"enter__terminal__nobody", type_into_terminal, {KILL, KILL, KILL, KILL}},
    {"enter__exec__nobody", execute, {KILL, KILL, KILL, KILL}},
    {"enter__exec_descriptor__nobody", execute_descriptor, {KILL, KILL, KILL, KILL}},
    {"enter__fork__nobody", make_process, {KILL, KILL, KILL, KILL}},
    {"enter__clone3__nobody", make_process_3, {ENOSYS, ENOSYS, ENOSYS, ENOSYS}},
    {"enter__thread__everybody", make_thread, {OK, OK, OK, OK}},
    {"enter__epoll__all", make_epoll, {OK, OK, OK, OK}},
    {"enter__eventfd__all", make_event, {OK, OK, OK, OK}},
    {"enter__give_memory_back__everybody", give_memory_back, {OK, OK, OK, OK}},
    {"enter__socket_in_thread__nobody", socket_in_thread, {KILL, KILL, KILL, KILL}},
    {"enter__ptrace__nobody", trace_parent, {KILL, KILL, KILL, KILL}},
    {"enter__read_process__nobody", read_parent, {KILL, KILL, KILL, KILL}},
    {"enter__write_process__nobody", write_parent, {KILL, KILL, KILL, KILL}},
    {"enter__kill__nobody", kill_parent, {KILL, KILL, KILL, KILL}},
    {"enter__slow_down_a_sibling__nobody", slow_parent, {KILL, KILL, KILL, KILL}},
    {"enter__slow_down_a_user__nobody", slow_user, {KILL, KILL, KILL, KILL}},
    {"enter__slow_down_itself__databases", slow_itself, {KILL, OK, KILL, OK}},
    {"enter__kill_thread_of_other__nobody", kill_thread_of_parent, {KILL, KILL, KILL, KILL}},
    {"enter__signal_to_self__everybody", kill_self, {OK, OK, OK, OK}},
    {"enter__setuid__nobody", become_root, {KILL, KILL, KILL, KILL}},
    {"enter__setgroups__nobody", become_group, {KILL, KILL, KILL, KILL}},
    {"enter__dumpable__nobody", be_dumpable, {KILL, KILL, KILL, KILL}},
    {"enter__raise_limit__nobody", raise_limit, {KILL, KILL, KILL, KILL}},
    {"enter__map_code__nobody", map_code, {KILL, KILL, KILL, KILL}},
    {"enter__data_into_code__nobody", turn_data_into_code, {KILL, KILL, KILL, KILL}},
    {"enter__map_data__everybody", map_data, {OK, OK, OK, OK}},
    {"enter__random_and_time__everybody", random_and_time, {OK, OK, OK, OK}},
    {"enter__append_to_full_log__not_front", append_to_log, {EFBIG, OK, OK, OK}},
};

static void
skip_when_incomplete(void)
{
	struct sg_buf what = {0};

	bool missing = sg_sandbox_missing(&what);
	if (missing)
		print_message("skipped: %s\n", sg_buf_text(&what));
	sg_buf_clear(&what); /* skip() jumps */
	if (missing)
		skip();
}

static void
expect(const char *what, int role, const struct outcome *out, int want)
{
	if (out->err.code != SG_OK)
		fail_msg("%s: %s: %s", roles[role], what, out->err.text);
	if (want == KILL && out->signal != SIGSYS)
		fail_msg("%s: %s: want SIGSYS, have signal %d, result %d", roles[role], what,
		    out->signal, out->result);
	if (want != KILL && (out->signal != 0 || out->result != want))
		fail_msg("%s: %s: want %d, have signal %d, result %d", roles[role], what, want,
		    out->signal, out->result);
}

static void
run_row(void **state)
{
	const struct row *row = *state;

	skip_when_incomplete();
	for (int role = 0; role < ROLES; role++) {
		struct request r = {role, row->run, NULL};
		struct outcome out = try(&r);
		expect(row->name, role, &out, row->want[role]);
	}
}

static void
enter__calls_of_nobody__killed(void **state)
{
	(void)state;
	skip_when_incomplete();
	for (size_t n = 0; n < never_n; n++) {
		for (int role = 0; role < ROLES; role++) {
			struct request r = {role, call_never, NULL};
			never_no = never[n].no;
			struct outcome out = try(&r);
			expect(never[n].name, role, &out, KILL);
		}
	}
}

#ifdef __x86_64__
static bool
told(void)
{
	char c;

	return read(bed.told[0], &c, 1) == 1;
}

/* Ways in with other numbers than those of the list. What ends the attempt is the kernel's choice:
 * the filter (SIGSYS), a kernel without that way (SIGSEGV), or an error. That the call does not
 * happen is what counts: the probe would leave a byte in the pipe. */
static void
expect_no_call(probe *run)
{
	for (int role = 0; role < ROLES; role++) {
		struct request r = {role, run, NULL};
		struct outcome out = try(&r);
		if (out.err.code != SG_OK)
			fail_msg("%s: %s", roles[role], out.err.text);
		if (told())
			fail_msg("%s: the call was made", roles[role]);
		if (out.signal != SIGSYS && out.signal != SIGSEGV && out.result == 0)
			fail_msg("%s: want SIGSYS, SIGSEGV or an error, have signal %d",
			    roles[role], out.signal);
	}
}

static void
enter__32_bit_call__nobody(void **state)
{
	(void)state;
	skip_when_incomplete();
	expect_no_call(call_as_32_bit);
}

static void
enter__x32_call__nobody(void **state)
{
	(void)state;
	skip_when_incomplete();
	expect_no_call(call_as_x32);
}

/* What expect_no_call() looks for is seen when the call is made; most kernels can show it. */
static void
enter__not_entered__call_is_seen(void **state)
{
	static probe *const ways[] = {call_as_32_bit, call_as_x32};
	unsigned seen = 0;
	int status;

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(ways[n](FRONT) == 0 ? 0 : 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		bool made = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		assert_int_equal(told(), made);
		seen += made;
	}
	if (seen == 0) {
		print_message("skipped: this kernel has neither 32-bit nor x32 calls\n");
		skip();
	}
}
#endif

/* ---- no way to connect ---- */

/* A listener as front is handed them, which only this child has. */
static void
own_listener(void)
{
	bed.own = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bed.own < 0 || listen(bed.own, 1) != 0)
		_exit(8);
}

static void
own_listener_on_channel(void)
{
	own_listener();
	if (dup2(bed.own, SG_CHANNEL_FD) != SG_CHANNEL_FD)
		_exit(8);
}

/* Has somebody called, or tried to? A connection on the loopback is complete at once. */
static bool
was_called(void)
{
	int fd = accept4(bed.listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const struct {
	const char *name;
	probe *run;
	void (*before)(void);
} callers[] = {
    {"sendmsg", fast_open_message, own_listener},
    {"sendmsg on the channel", fast_open_on_channel, own_listener_on_channel},
    {"sendmmsg", fast_open_messages, own_listener},
    {"sendto", fast_open_send, own_listener},
    {"send without an address", fast_open_bare, own_listener},
};

/* Also where Landlock knows nothing of the network, or is missing. */
static void
enter__fast_open_of_a_listener__calls_nobody(void **state)
{
	(void)state;
	skip_when_incomplete();
	for (size_t n = 0; n < sizeof callers / sizeof callers[0]; n++) {
		for (int role = 0; role < ROLES; role++) {
			struct request r = {role, callers[n].run, callers[n].before};
			struct outcome out = try(&r);
			expect(callers[n].name, role, &out, KILL);
			assert_false(was_called());
		}
	}
}

/* What is refused above would have worked, or the kernel has it switched off. */
static void
enter__fast_open_without_sandbox__calls(void **state)
{
	(void)state;
	bed.conf->sandbox = SG_CONF_SANDBOX_OFF;
	for (size_t n = 0; n < sizeof callers / sizeof callers[0]; n++) {
		struct request r = {FRONT, callers[n].run, callers[n].before};
		if (callers[n].run == fast_open_bare)
			continue; /* nobody to call */
		struct outcome out = try(&r);
		struct pollfd ready = {bed.listener, POLLIN, 0};
		/* Without a cookie of the other side the bytes wait for it: in progress. */
		bool called = out.result == OK || out.result == EINPROGRESS;
		if (!called && out.result != EOPNOTSUPP)
			fail_msg("%s: %s", callers[n].name, strerror(out.result));
		if (called)
			assert_int_equal(poll(&ready, 1, 5000), 1);
		assert_true(was_called() == called);
	}
	bed.conf->sandbox = SG_CONF_SANDBOX_AUTO;
}

static void
enter__database__opens(void **state)
{
	(void)state;
	skip_when_incomplete();
	for (int role = 0; role < ROLES; role++) {
		struct request r = {role, open_store, NULL};
		if (role != REGISTRAR && role != CA)
			continue;
		struct outcome out = try(&r);
		expect("a database", role, &out, OK);
	}
}

/* ---- what the kernel says about a process in its sandbox ---- */

static int
wait_for_parent(int role UNUSED)
{
	char c;

	return read(bed.pair[0], &c, 1) < 0 ? errno : 0;
}

static void
read_text(pid_t pid, const char *name, char *text, size_t max)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(text, 1, max - 1, f);
	text[n] = '\0';
	fclose(f);
}

/* The line of a field, up to its end. */
static const char *
field(char *text, const char *name)
{
	static char line[128];
	const char *at = strstr(text, name);

	assert_non_null(at);
	snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

static void
check_status(pid_t pid, int role, bool filtered)
{
	char text[8192], want[64];
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd"};

	/* Only root could shrink the bounding set, and nothing can be executed. */
	for (size_t n = 0; n < (geteuid() == 0 ? 5u : 4u); n++) {
		read_text(pid, "status", text, sizeof text);
		snprintf(want, sizeof want, "%s:\t0000000000000000", sets[n]);
		assert_string_equal(field(text, sets[n]), want);
	}
	assert_string_equal(field(text, "NoNewPrivs"), "NoNewPrivs:\t1");
	assert_string_equal(field(text, "Seccomp:"), filtered ? "Seccomp:\t2" : "Seccomp:\t0");
	if (geteuid() == 0) {
		unsigned user = FIRST_USER + (unsigned)role;
		snprintf(want, sizeof want, "Uid:\t%u\t%u\t%u\t%u", user, user, user, user);
		assert_string_equal(field(text, "Uid"), want);
		snprintf(want, sizeof want, "Gid:\t%u\t%u\t%u\t%u", user, user, user, user);
		assert_string_equal(field(text, "Gid"), want);
		assert_null(strpbrk(field(text, "Groups"), "0123456789"));
	}
	read_text(pid, "limits", text, sizeof text);
	/* Soft and hard; how many blanks are between them is the kernel's choice. */
	const char *at = field(text, "Max core file size") + strlen("Max core file size");
	for (int n = 0; n < 2; n++) {
		at += strspn(at, " ");
		assert_int_equal(strncmp(at++, "0 ", 2), 0);
	}
}

static void
look_at(int role, bool filtered)
{
	struct request r = {role, wait_for_parent, NULL};
	int pipe_fd[2], status;
	char text[8192];

	assert_int_equal(pipe(pipe_fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_main(&r, pipe_fd[1]);
	for (int n = 0; n < 500; n++) { /* until it has entered: then it reads */
		read_text(pid, "status", text, sizeof text);
		if (strstr(field(text, "NoNewPrivs"), "1") != NULL &&
		    strstr(field(text, "State"), "S") != NULL &&
		    (!filtered || strstr(field(text, "Seccomp:"), "2") != NULL))
			break;
		usleep(5000);
	}
	check_status(pid, role, filtered);
	assert_int_equal(write(bed.pair[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

static void
enter__status__nothing_left(void **state)
{
	(void)state;
	skip_when_incomplete();
	for (int role = 0; role < ROLES; role++)
		look_at(role, true);
}

static void
enter__off__rights_are_dropped_all_the_same(void **state)
{
	(void)state;
	bed.conf->sandbox = SG_CONF_SANDBOX_OFF;
	for (int role = 0; role < ROLES; role++)
		look_at(role, false);
	struct request r = {KEYD, open_passwd, NULL};
	struct outcome out = try(&r);
	bed.conf->sandbox = SG_CONF_SANDBOX_AUTO;
	expect("a file, with sandbox: off", KEYD, &out, OK);
}

/* ---- machines that lack something ---- */

static void
refuse_calls(const char *const *names)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	for (; *names != NULL; names++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
			seccomp_syscall_resolve_name(*names), 0) != 0)
			_exit(8);
	if (seccomp_load(filter) != 0)
		_exit(8);
	seccomp_release(filter);
}

static void
without_landlock(void)
{
	static const char *const names[] = {
	    "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", NULL};
	refuse_calls(names);
}

static void
with_half_of_landlock(void)
{
	static const char *const names[] = {"landlock_restrict_self", NULL};
	refuse_calls(names);
}

static void
without_seccomp(void)
{
	static const char *const names[] = {"seccomp", NULL};
	refuse_calls(names);
}

static int
say_missing(int role UNUSED)
{
	sg_buf_scoped what = {0};

	if (!sg_sandbox_missing(&what))
		return 0;
	return strstr(sg_buf_text(&what), "no Landlock") != NULL ? ENODATA : ENOTUNIQ;
}

static void
enter__no_landlock__auto_goes_on(void **state)
{
	(void)state;
	skip_when_incomplete();
	struct request r = {CA, open_passwd, without_landlock};
	struct outcome out = try(&r);
	expect("a file", CA, &out, OK); /* only its mode would refuse it now */
	r.run = make_socket;
	out = try(&r);
	expect("a socket", CA, &out, KILL); /* the rest holds */
	r = (struct request){CA, open_passwd, with_half_of_landlock};
	out = try(&r);
	expect("a file", CA, &out, OK);
}

static void
expect_missing(const struct request *r, const char *word)
{
	bed.conf->sandbox = SG_CONF_SANDBOX_REQUIRED;
	struct outcome out = try(r);
	bed.conf->sandbox = SG_CONF_SANDBOX_AUTO;
	assert_int_equal(out.signal, 0);
	assert_int_equal(out.err.code, SG_E_CONF);
	assert_non_null(strstr(out.err.text, word));
}

static void
enter__no_landlock__required_fails(void **state)
{
	(void)state;
	skip_when_incomplete();
	struct request r = {CA, open_passwd, without_landlock};
	expect_missing(&r, "Landlock");
	r.before = with_half_of_landlock;
	expect_missing(&r, "Landlock");
}

static void
enter__no_seccomp__auto_goes_on_required_fails(void **state)
{
	(void)state;
	skip_when_incomplete();
	struct request r = {KEYD, make_socket, without_seccomp};
	struct outcome out = try(&r);
	expect("a socket", KEYD, &out, OK);
	r.run = open_passwd;
	out = try(&r);
	expect("a file", KEYD, &out, NO); /* Landlock holds */
	expect_missing(&r, "seccomp");
}

static void
missing__no_landlock__said(void **state)
{
	(void)state;
	skip_when_incomplete();
	bed.conf->sandbox = SG_CONF_SANDBOX_OFF; /* so that it may ask from inside */
	struct request r = {CA, say_missing, without_landlock};
	struct outcome out = try(&r);
	bed.conf->sandbox = SG_CONF_SANDBOX_AUTO;
	expect("what is missing", CA, &out, ENODATA);
}

/* What a declaration does not say is not allowed. */
static void
enter__declaration_says_nothing__no_file_no_socket(void **state)
{
	static probe *const probes[] = {open_passwd, open_random, accept_connection};

	(void)state;
	skip_when_incomplete();
	for (size_t n = 0; n < sizeof probes / sizeof probes[0]; n++) {
		struct request r = {ROLES, probes[n], NULL};
		struct outcome out = try(&r);
		assert_int_equal(out.err.code, SG_OK);
		assert_int_equal(out.signal, SIGSYS);
	}
}

/* ---- the folder and the sockets ---- */

static void
make_file(const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", bed.dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0666), 0);
	close(fd);
}

static void
make_folder(const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", bed.dir, name);
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(chmod(path, 0777), 0);
}

static void
make_sockets(void)
{
	socklen_t len = sizeof bed.address;

	bed.address = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	bed.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bed.tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bed.log = memfd_create("log", 0);
	assert_true(bed.log >= 0);
	assert_int_equal(fcntl(bed.log, F_SETFL, O_APPEND), 0);
	/* The default of `front.access-log-size`, and the MiB on top. */
	assert_int_equal(ftruncate(bed.log, 65 << 20), 0);
	bed.udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(bed.listener, (struct sockaddr *)&bed.address, len), 0);
	assert_int_equal(listen(bed.listener, 4), 0);
	assert_int_equal(getsockname(bed.listener, (struct sockaddr *)&bed.address, &len), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bed.pair), 0);
	assert_int_equal(pipe2(bed.told, O_NONBLOCK | O_CLOEXEC), 0);
	/* The channel's number must not be one of ours. */
	for (size_t n = 0; n < 2; n++)
		bed.pair[n] = fcntl(bed.pair[n], F_DUPFD_CLOEXEC, 32);
}

static int
set_up(void **state)
{
	sg_buf_scoped text = {0};
	struct sg_conf_errors *errs = sg_xalloc(sizeof *errs);
	struct sg_err err;
	char here[PATH_MAX - 64];

	(void)state;
	bed.parent = getpid();
	if (getcwd(here, sizeof here) == NULL)
		return -1;
	snprintf(bed.dir, sizeof bed.dir, "%s/sandbox-test-XXXXXX", here);
	if (mkdtemp(bed.dir) == NULL || chmod(bed.dir, 0777) != 0)
		return -1;
	snprintf(bed.conf_path, sizeof bed.conf_path, "%s/signet.yaml", bed.dir);
	make_folder("db");
	make_folder("db/registrar");
	make_folder("db/ca");
	make_folder("pub");
	make_file("db/registrar/file");
	make_file("db/ca/file");
	make_file("ra.key");
	make_file("signet.yaml");
	make_sockets();
	if (sg_crypto_init(&err) != SG_OK ||
	    sg_conf_put_default(&text, "Test", "127.0.0.1:8080", &err) != SG_OK ||
	    sg_conf_parse(sg_buf_slice(&text), bed.conf_path, &bed.conf, errs) != SG_OK)
		return -1;
	sg_free(errs);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const names[] = {"db/registrar/file", "db/registrar/moved",
	    "db/registrar/new", "db/registrar/test.db", "db/registrar/test.db-wal",
	    "db/registrar/test.db-shm", "db/registrar/test.db.lock", "db/ca/file", "db/ca/moved",
	    "db/ca/new", "db/ca/test.db", "db/ca/test.db-wal", "db/ca/test.db-shm",
	    "db/ca/test.db.lock", "pub/new", "pub/ca.crl", "ra.key", "signet.yaml", "outside",
	    "db/registrar", "db/ca", "pub", "db", ""};
	char path[PATH_MAX + 64];

	(void)state;
	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
		snprintf(path, sizeof path, "%s/%s", bed.dir, names[n]);
		sg_ignore(unlink(path) != 0 && rmdir(path) != 0);
	}
	sg_conf_free(&bed.conf);
	return 0;
}

#define ROWS (sizeof rows / sizeof rows[0])

int
main(void)
{
	static const struct CMUnitTest others[] = {
	    cmocka_unit_test(enter__calls_of_nobody__killed),
#ifdef __x86_64__
	    cmocka_unit_test(enter__32_bit_call__nobody),
	    cmocka_unit_test(enter__x32_call__nobody),
	    cmocka_unit_test(enter__not_entered__call_is_seen),
#endif
	    cmocka_unit_test(enter__fast_open_of_a_listener__calls_nobody),
	    cmocka_unit_test(enter__fast_open_without_sandbox__calls),
	    cmocka_unit_test(enter__database__opens),
	    cmocka_unit_test(enter__status__nothing_left),
	    cmocka_unit_test(enter__off__rights_are_dropped_all_the_same),
	    cmocka_unit_test(enter__no_landlock__auto_goes_on),
	    cmocka_unit_test(enter__no_landlock__required_fails),
	    cmocka_unit_test(enter__no_seccomp__auto_goes_on_required_fails),
	    cmocka_unit_test(missing__no_landlock__said),
	    cmocka_unit_test(enter__declaration_says_nothing__no_file_no_socket),
	};
	static struct CMUnitTest tests[ROWS + sizeof others / sizeof others[0]];
	static struct row copy[ROWS]; /* cmocka's state is not const */

	memcpy(copy, rows, sizeof rows);
	for (size_t n = 0; n < ROWS; n++)
		tests[n] = (struct CMUnitTest){
		    .name = copy[n].name, .test_func = run_row, .initial_state = &copy[n]};
	memcpy(tests + ROWS, others, sizeof others);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
