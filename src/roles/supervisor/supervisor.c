/* SPDX-License-Identifier: Apache-2.0 */

/*
 * supervisor.c - the life of the supervisor: what it checks and hands out before anything runs, and
 * then the roles, which it starts again until a signal ends it
 */

#include "roles/supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/escape.h"
#include "conf/files.h"
#include "service/channel.h"
#include "service/log.h"
#include "roles/supervisor/mistakes.h"
#include "roles/supervisor/edge.h"
#include "roles/supervisor/handout.h"
#include "roles/supervisor/logs.h"
#include "roles/supervisor/supervisor_private.h"
#include "roles/supervisor/tlsfiles.h"

#define DEATHS_WINDOW_MS 10000
#define BACK_OFF_MS 2000
#define STOP_MS 3000
#define SEND_S 2
#define ENV_MAX (SG_SERVICE_PASS_ENV_MAX + 8) /* beside sg_service_env, and the end */

void
supervisor_children_init(struct supervisor *s)
{
	const struct sg_service *const *all = s->given->services;

	s->child_n = 0;
	for (size_t n = 0; all[n] != NULL; n++)
		if (supervisor_runs(s->conf, all[n]))
			s->child[s->child_n++] = (struct child){
			    .service = all[n], .no = n, .channel = -1};
	supervisor_edges_init(s);
}

/* "NAME=value" of this process's environment; NULL: it is not set. */
static char *
find_env(const char *name)
{
	size_t len = strlen(name);

	for (char **e = environ; *e != NULL; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e;
	return NULL;
}

/* What a role inherits: ret has room for ENV_MAX, and ends with NULL. */
static void
make_env(const struct supervisor_conf *given, char *ret[ENV_MAX])
{
	size_t n = 0;

	for (const char *const *name = sg_service_env; *name != NULL; name++)
		if ((ret[n] = find_env(*name)) != NULL)
			n++;
	for (size_t i = 0; i < given->pass_env_n; i++)
		if ((ret[n] = find_env(given->pass_env[i])) != NULL)
			n++;
	ret[n] = NULL;
}

/* In the child, between fork and exec: only the channel stays open, as descriptor 3. */
static void
become_role(const struct supervisor *s, const struct child *c, int channel)
{
	char name[32];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A channel that already has the number would keep its close-on-exec flag. */
	int high = fcntl(channel, F_DUPFD_CLOEXEC, 64);
	int exe = fcntl(s->exe_fd, F_DUPFD_CLOEXEC, 64);
	if (high < 0 || exe < 0 || dup2(high, SG_CHANNEL_FD) < 0)
		_exit(127);
	snprintf(name, sizeof name, "%s", c->service->name);
	char program[] = "signet", verb[] = "role";
	char *argv[] = {program, verb, name, NULL}, *env[ENV_MAX];
	make_env(s->given, env);
	fexecve(exe, argv, env);
	_exit(127);
}

static enum sg_code
hand_over(struct supervisor *s, const struct child *c, struct sg_err *err)
{
	int channel = c->channel;
	char number[16];

	enum sg_code rc = sg_channel_send(
	    channel, SG_PACKET_CONF, s->given->conf_path, s->conf_fd, err);
	supervisor_handouts_listen_again(&s->handouts, c->service);
	for (size_t n = 0; rc == SG_OK && n < s->handouts.n; n++)
		if (s->handouts.item[n].role == c->service)
			rc = sg_channel_send(channel, SG_PACKET_FILE, s->handouts.item[n].name,
			    s->handouts.item[n].fd, err);
	snprintf(number, sizeof number, "%u", (unsigned)geteuid());
	if (rc == SG_OK)
		rc = sg_channel_send(channel, SG_PACKET_OWNER, number, -1, err);
	if (rc == SG_OK && geteuid() == 0) {
		snprintf(number, sizeof number, "%u", (unsigned)supervisor_user(s->conf, c->no));
		rc = sg_channel_send(channel, SG_PACKET_USER, number, -1, err);
	}
	if (rc == SG_OK)
		supervisor_edges_connect(s, c);
	if (rc == SG_OK)
		rc = sg_channel_send(channel, SG_PACKET_START, "", -1, err);
	return rc;
}

static void
start_role(struct supervisor *s, struct child *c)
{
	int pair[2];
	struct sg_err err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		sg_log(SG_LOG_ERROR, "supervisor.start", "socketpair: %s", strerror(errno));
		c->start_at_ms = sg_clock_mono_ms() + BACK_OFF_MS;
		return;
	}
	/* A role that does not take what it is given must not hold up the others. */
	struct timeval send_max = {SEND_S, 0};
	sg_ignore(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &send_max, sizeof send_max) != 0);
	pid_t pid = fork();
	if (pid == 0)
		become_role(s, c, pair[1]);
	close(pair[1]);
	if (pid < 0) {
		sg_log(SG_LOG_ERROR, "supervisor.start", "fork: %s", strerror(errno));
		close(pair[0]);
		c->start_at_ms = sg_clock_mono_ms() + BACK_OFF_MS;
		return;
	}
	c->pid = pid;
	c->channel = pair[0];
	c->ready = false;
	if (hand_over(s, c, &err) == SG_OK)
		return;
	sg_log(SG_LOG_ERROR, "supervisor.start", "%s: %s", c->service->name, err.text);
	kill(pid, SIGKILL); /* and another one is begun */
}

/* At once, or after a pause when it has died too often lately. */
static void
plan_restart(struct child *c)
{
	int64_t now = sg_clock_mono_ms();
	size_t oldest = c->deaths % DEATHS_FREE;
	bool often = c->deaths >= DEATHS_FREE && now - c->death_ms[oldest] < DEATHS_WINDOW_MS;

	c->death_ms[oldest] = now;
	c->deaths++;
	c->start_at_ms = often ? now + BACK_OFF_MS : now;
}

static void
bury(struct supervisor *s, pid_t pid, int status)
{
	for (size_t n = 0; n < s->child_n; n++) {
		struct child *c = &s->child[n];
		if (c->pid != pid)
			continue;
		if (!s->stopping && !s->failed && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
			sg_log(SG_LOG_ERROR, "sandbox.violation",
			    "%s (process %d) was ended because it made a system call that its role "
			    "must not make (its number: 'audit: type=1326' in the kernel's log); "
			    "somebody may own it; it is started again",
			    c->service->name, (int)pid);
		else if (!s->stopping && !s->failed)
			sg_log(SG_LOG_WARNING, "supervisor.death",
			    "%s (process %d) ended by %s %d; it is started again", c->service->name,
			    (int)pid, WIFSIGNALED(status) ? "signal" : "exit code",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (c->channel >= 0)
			close(c->channel);
		c->channel = -1;
		c->pid = 0;
		c->ready = false;
		plan_restart(c);
	}
}

static void
take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		/* The end of a terminal ends what was started there. */
		if (info.ssi_signo == SIGHUP && !s->on_terminal) {
			supervisor_log_look(s);
			supervisor_tls_look(s);
		} else if (info.ssi_signo != SIGCHLD)
			s->stopping = true;
	}
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		bury(s, pid, status);
}

/* A role that cannot start because of an option says "option: what": a line of the
 * configuration like every other mistake. */
static void
report_failure(struct supervisor *s, const struct child *c, const char *text)
{
	char option[64];
	const char *colon = strstr(text, ": ");
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);

	snprintf(option, sizeof option, "%.*s", (int)(len < 63 ? len : 63), text);
	if (s->was_ready || len == 0 || strchr(option, '.') == NULL ||
	    option[strspn(option, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-[]")] != '\0') {
		sg_log(SG_LOG_ERROR, "supervisor.failed", "%s cannot start: %s", c->service->name,
		    text);
		return;
	}
	sg_buf_scoped shown = {0}; /* on a terminal, and the role may be compromised */
	sg_escape_put(&shown, sg_slice_str(colon + 2), SG_CHANNEL_NAME_MAX);
	dprintf(STDERR_FILENO, "%s:%u: '%s': %s\n", s->given->conf_path,
	    sg_conf_line(s->conf, option), option, sg_buf_text(&shown));
}

static void
take_word(struct supervisor *s, struct child *c)
{
	static struct sg_packet p;

	if (sg_channel_receive(c->channel, &p, NULL) != SG_OK) {
		/* It is dead or dying: SIGCHLD does the rest; a hung one is ended. */
		kill(c->pid, SIGKILL);
		close(c->channel);
		c->channel = -1;
		return;
	}
	if (p.fd >= 0)
		close(p.fd);
	if (p.kind == SG_PACKET_LOG) {
		supervisor_log_wanted(s, c, p.name);
	} else if (p.kind == SG_PACKET_ENDED) {
		supervisor_edge_ended(s, c, p.name);
	} else if (p.kind == SG_PACKET_TAKEN || p.kind == SG_PACKET_KEPT) {
		supervisor_tls_answered(s, c, p.name, p.kind == SG_PACKET_TAKEN);
	} else if (p.kind == SG_PACKET_READY) {
		c->ready = true;
		supervisor_tls_ready(s, c);
		if (s->was_ready)
			sg_log(
			    SG_LOG_NOTICE, "supervisor.back", "%s serves again", c->service->name);
	} else if (p.kind == SG_PACKET_FAILED) {
		report_failure(s, c, p.name);
		s->failed = s->failed || !s->was_ready;
	}
}

static void
announce_when_ready(struct supervisor *s)
{
	for (size_t n = 0; n < s->child_n; n++)
		if (!s->child[n].ready)
			return;
	if (!s->was_ready && s->given->ready != NULL)
		s->given->ready(s->given->arg, s->conf);
	s->was_ready = true;
}

/* The restarts that are due, and until when the next one waits. */
static void
start_due(struct supervisor *s, int64_t *next_ms)
{
	int64_t now = sg_clock_mono_ms();

	for (size_t n = 0; n < s->child_n; n++) {
		struct child *c = &s->child[n];
		if (c->pid == 0 && c->start_at_ms <= now)
			start_role(s, c);
		if (c->pid == 0 && c->start_at_ms < *next_ms)
			*next_ms = c->start_at_ms;
	}
}

/* How long poll may sleep: -1 for ever. */
static int
do_what_is_due(struct supervisor *s)
{
	int64_t next_ms = SG_CLOCK_NEVER;

	start_due(s, &next_ms);
	supervisor_edges_connect_due(s, &next_ms);
	supervisor_log_due(s, &next_ms);
	supervisor_tls_due(s, &next_ms);
	if (next_ms == SG_CLOCK_NEVER)
		return -1;
	int64_t wait = next_ms - sg_clock_mono_ms();
	return wait < 1 ? 1 : (int)wait;
}

static void
loop(struct supervisor *s)
{
	while (!s->stopping && !s->failed) {
		struct pollfd fds[SG_SERVICES_MAX + 1];
		int wait = do_what_is_due(s);
		for (size_t n = 0; n < s->child_n; n++)
			fds[n] = (struct pollfd){s->child[n].channel, POLLIN, 0};
		fds[s->child_n] = (struct pollfd){s->signal_fd, POLLIN, 0};
		if (poll(fds, (nfds_t)s->child_n + 1, wait) < 0 && errno != EINTR)
			break;
		for (size_t n = 0; n < s->child_n; n++)
			if (fds[n].revents != 0 && s->child[n].channel >= 0)
				take_word(s, &s->child[n]);
		take_signals(s);
		announce_when_ready(s);
	}
}

/* The end of its channel ends a role; one that does not hear it is killed. */
static void
stop_all(struct supervisor *s)
{
	int64_t deadline = sg_clock_mono_ms() + STOP_MS;

	for (size_t n = 0; n < s->child_n; n++) {
		if (s->child[n].channel >= 0)
			close(s->child[n].channel);
		s->child[n].channel = -1;
	}
	for (size_t n = 0; n < s->child_n; n++) {
		pid_t pid = s->child[n].pid;
		while (pid != 0 && waitpid(pid, NULL, WNOHANG) == 0) {
			if (sg_clock_mono_ms() > deadline)
				kill(pid, SIGKILL);
			usleep(2000);
		}
	}
}

static enum sg_code
watch_signals(struct supervisor *s, struct sg_err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	s->signal_fd = -1;
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->exe_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (s->signal_fd < 0 || s->exe_fd < 0)
		return sg_fail(err, SG_E_IO, "supervisor.start",
		    "cannot watch signals or open this program: %s", strerror(errno));
	return SG_OK;
}

static bool
prepare(struct supervisor *s, struct sg_conf_errors *errs)
{
	struct sg_err err;

	if (supervisor_load_conf(s->given->conf_path, &s->conf_fd, &s->conf, errs) != SG_OK)
		return false;
	supervisor_check_roles(s->given, s->conf, errs);
	supervisor_check_directories(s->conf, s->given->conf_path, errs);
	if (errs->n > 0)
		return false;
	if (supervisor_directories_make(s->given, s->conf, &s->lock_fd, &err) != SG_OK) {
		sg_conf_error_add(
		    errs, sg_conf_line(s->conf, "data"), err.rule, "'data': %s", err.text);
		return false;
	}
	supervisor_check_sandbox(s->conf, true, errs);
	supervisor_check_patterns(s->conf, errs);
	struct sg_conf_file f = {0};
	while (sg_conf_file_next(s->conf, &f))
		if (f.kind == SG_CONF_FILE_PUBLISHED)
			supervisor_check_published(s->conf, s->given->conf_path, &f);
	supervisor_handouts_open(s->given, s->conf, true, &s->handouts, errs);
	supervisor_tls_init(s, errs);
	supervisor_children_init(s);
	return errs->n == 0;
}

int
supervisor_run(const struct supervisor_conf *conf)
{
	static struct supervisor s;
	struct sg_conf_errors *errs = sg_xalloc(sizeof *errs);
	struct sg_err err;

	s = (struct supervisor){.given = conf, .lock_fd = -1};
	s.on_terminal = isatty(STDIN_FILENO) || isatty(STDERR_FILENO);
	sg_log_setup("supervisor", SG_LOG_NOTICE);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN); /* a file is opened on which a lease is tried */
	bool ok = prepare(&s, errs);
	if (!ok)
		supervisor_print_errors(errs, STDERR_FILENO);
	sg_free(errs);
	if (ok && watch_signals(&s, &err) != SG_OK) {
		sg_log(SG_LOG_ERROR, err.rule, "%s", err.text);
		ok = false;
	}
	if (ok) {
		loop(&s);
		stop_all(&s);
	}
	supervisor_handouts_close(&s.handouts);
	sg_conf_free(&s.conf);
	return ok && !s.failed ? 0 : 1;
}
