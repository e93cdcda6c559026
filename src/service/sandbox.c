/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sandbox.c - giving up what the declaration of a role does not name
 *
 * The order matters: limits and the bounding set while there are rights to set them, then
 * the user, then everything that needs no right. Landlock comes before the filter, which
 * has none of the calls in here. All of it precedes the first thread: Landlock and
 * capabilities belong to the thread that calls and to those that it makes later.
 */

#include "service/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/files.h"
#include "service/log.h"

/* Sanitizers read /proc, map memory as they like and print before they end. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Threads of one user, over all installations that share its number. */
#define THREADS_MAX 4096u
#define FILE_MORE (1u << 20)

/* Newer than the headers that we build with. */
#define MDWE_SET 65
#define MDWE_REFUSE_EXEC_GAIN 1
#define FS_TRUNCATE (1ull << 14)	/* version 3 */
#define FS_IOCTL_DEV (1ull << 15)	/* version 5 */
#define NET_TCP 3ull			/* version 4: bind, connect */
#define SCOPE_ALL 3ull			/* version 6: abstract sockets, signals */
#define FS_VERSION_1 ((1ull << 13) - 1) /* execute ... make_sym */

/* As the kernel of version 6 has it; older ones take a shorter one. */
struct ruleset {
	uint64_t fs, net, scope;
};

/* ---- what is given up everywhere ---- */

static enum sg_code
drop_failed(const char *what, struct sg_err *err)
{
	return sg_fail(err, SG_E_IO, "role.drop", "cannot %s: %s", what, strerror(errno));
}

/* Up to the hard limit where it cannot be raised. */
static bool
limit(__rlimit_resource_t what, uint64_t want)
{
	struct rlimit now, both = {want, want};

	if (setrlimit(what, &both) == 0)
		return true;
	if (getrlimit(what, &now) != 0)
		return false;
	both.rlim_cur = both.rlim_max = now.rlim_max < want ? now.rlim_max : want;
	return setrlimit(what, &both) == 0;
}

/* What it writes, and a little for the end of a log of ours that is a file and larger. */
static uint64_t
file_max(const struct sg_sandbox *s)
{
	uint64_t max = s->role->file_max(s->conf) + FILE_MORE;
	struct stat st;

	if (fstat(STDERR_FILENO, &st) != 0 || !S_ISREG(st.st_mode))
		return max;
	uint64_t own = (uint64_t)st.st_size + FILE_MORE;
	return own > max ? own : max;
}

static enum sg_code
set_limits(const struct sg_sandbox *s, struct sg_err *err)
{
	bool ok = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, s->role->descriptors);

	/* A compromised role must not fill the disk by descriptors that it holds anyway. */
	if (s->role->file_max != NULL)
		ok = ok && limit(RLIMIT_FSIZE, file_max(s));

	/* Address space would count what malloc only reserves; a sanitizer's shadow is data. */
	if (!SANITIZED)
		ok = ok && limit(RLIMIT_DATA, s->role->data_mib << 20);
	/* An ordinary user's limit would count everything else that runs as it. */
	if (s->has_user)
		ok = ok && limit(RLIMIT_NPROC, THREADS_MAX);
	return ok ? SG_OK : drop_failed("set the limits of resources", err);
}

/* Without CAP_SETPCAP the bounding set stays: it only says what an exec could give, and
 * no new privileges takes that away. */
static void
drop_bounding_set(void)
{
	for (unsigned long cap = 0; cap < 64; cap++)
		sg_ignore(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0);
}

static enum sg_code
become_user(uid_t user, struct sg_err *err)
{
	gid_t gid = (gid_t)user;

	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(user, user, user) != 0 || setuid(0) == 0)
		return sg_fail(err, SG_E_IO, "role.drop", "cannot become user %u: %s",
		    (unsigned)user, strerror(errno));
	return SG_OK;
}

/* Also those that an ordinary user's service manager gave. */
static enum sg_code
drop_capabilities(struct sg_err *err)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
	    syscall(SYS_capset, &head, data) != 0)
		return drop_failed("give up capabilities", err);
	return SG_OK;
}

static enum sg_code
give_up_rights(const struct sg_sandbox *s, struct sg_err *err)
{
	enum sg_code rc = set_limits(s, err);

	if (rc == SG_OK)
		drop_bounding_set();
	if (rc == SG_OK && s->has_user)
		rc = become_user(s->user, err);
	if (rc == SG_OK)
		rc = drop_capabilities(err);
	if (rc != SG_OK)
		return rc;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return drop_failed("forbid core dumps and new privileges", err);
	/* The channel's end says the same; this also reaches a process that is stopped. A
	 * change of user clears it, hence here. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return drop_failed("end with the supervisor", err);
	return SG_OK;
}

/* ---- Landlock ---- */

/* 0: none. */
static int
landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return v > 0 ? (int)v : 0;
}

static uint64_t
landlock_files(int version)
{
	uint64_t fs = FS_VERSION_1;

	if (version >= 2)
		fs |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		fs |= FS_TRUNCATE;
	if (version >= 5)
		fs |= FS_IOCTL_DEV;
	return fs;
}

/* A path that does not exist gives nothing; the code that needs it says so when it opens it. */
static bool
allow_path(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
	bool ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ==
		  0;
	close(rule.parent_fd);
	return ok;
}

/* The directory of what the role publishes: files are made beside it and renamed. */
static bool
allow_published(const struct sg_sandbox *s, int ruleset, uint64_t access)
{
	struct sg_conf_file f = {0};
	char name[PATH_MAX];
	bool ok = true;

	while (ok && sg_conf_file_next(s->conf, &f)) {
		sg_buf_scoped path = {0};
		if (f.kind != SG_CONF_FILE_PUBLISHED || !sg_conf_file_is_for(&f, s->role->name))
			continue;
		sg_conf_put_path(&path, s->conf_path, f.path);
		snprintf(name, sizeof name, "%s", sg_buf_text(&path));
		ok = path.failed == SG_OK && allow_path(ruleset, dirname(name), access);
	}
	return ok;
}

static bool
allow_paths(const struct sg_sandbox *s, int ruleset, uint64_t handled)
{
	const uint64_t keep = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
			      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
			      LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE;
	bool ok = allow_published(s, ruleset, keep & handled);

	for (size_t n = 0; ok && n < SG_SERVICE_PATHS_MAX; n++) {
		const struct sg_service_path *p = &s->role->path[n];
		sg_buf_scoped path = {0};
		if (p->kind != SG_SERVICE_PATH_OWN && p->kind != SG_SERVICE_PATH_READ)
			continue;
		if (p->kind == SG_SERVICE_PATH_OWN)
			sg_conf_put_path(&path, s->conf_path, s->conf->data);
		sg_buf_puts(&path, p->path);
		ok = path.failed == SG_OK &&
		     allow_path(ruleset, sg_buf_text(&path),
			 p->kind == SG_SERVICE_PATH_READ ? LANDLOCK_ACCESS_FS_READ_FILE
							 : keep & handled);
	}
	return ok;
}

static bool
restrict_files(const struct sg_sandbox *s, int version)
{
	struct ruleset set = {landlock_files(version), NET_TCP, SCOPE_ALL};
	size_t size = version >= 6 ? sizeof set : version >= 4 ? 16 : 8;

	int fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
	if (fd < 0)
		return false;
	bool ok = allow_paths(s, fd, set.fs) && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	int e = errno;
	close(fd);
	errno = e;
	return ok;
}

/* ---- seccomp ---- */

static bool
seccomp_exists(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool
add_call(scmp_filter_ctx filter, const struct sg_sandbox_call *call)
{
	int no = seccomp_syscall_resolve_name(call->name);
	uint32_t action = call->refuse != 0 ? SCMP_ACT_ERRNO((unsigned)call->refuse)
					    : SCMP_ACT_ALLOW;
	struct scmp_arg_cmp when[2] = {call->when[0], call->when[1]};
	unsigned n = when[0].op == 0 ? 0 : when[1].op == 0 ? 1 : 2;

	if (call->own_pid) {
		when[0] = (struct scmp_arg_cmp){0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};
		n = 1;
	}
	/* libseccomp of an older distribution, or another processor: nobody can call it. */
	if (no == __NR_SCMP_ERROR)
		return true;
	int rc = seccomp_rule_add_array(filter, action, no, n, when);
	/* Twice the same is one; a call that this processor does not have is none. */
	return rc == 0 || rc == -EEXIST || rc == -EDOM;
}

static bool
add_calls(scmp_filter_ctx filter, const struct sg_sandbox_calls *calls)
{
	bool ok = true;

	for (const struct sg_sandbox_call *c = calls->call; ok && c->name != NULL; c++)
		ok = add_call(filter, c);
	return ok;
}

static bool
restrict_calls(const struct sg_service *role)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (filter == NULL)
		return false;
	bool ok = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
	/* No code of others runs in here: slower memory against speculation protects nobody,
	 * but costs some kernels a tenth of every signature. Older libraries cannot say it. */
	sg_ignore(seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1) != 0);
	sg_ignore(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0);
	ok = ok && add_calls(filter, &sg_sandbox_common);
	if (role->api != NULL)
		ok = ok && add_calls(filter, &sg_sandbox_control);
	for (size_t n = 0; ok && n < SG_SERVICE_CALLS_MAX && role->calls[n] != NULL; n++)
		ok = add_calls(filter, role->calls[n]);
	int rc = ok ? seccomp_load(filter) : -EINVAL;
	seccomp_release(filter);
	errno = rc < 0 ? -rc : 0;
	return rc == 0;
}

/* ---- together ---- */

bool
sg_sandbox_missing(struct sg_buf *out)
{
	int version = landlock_version();
	bool seccomp = seccomp_exists();

	/* An old version of Landlock is enough: what newer ones add, seccomp forbids too. */
	if (SANITIZED) {
		sg_buf_puts(out, "this is a sanitizer's build: no seccomp, no Landlock");
		return true;
	}
	if (!seccomp)
		sg_buf_puts(out, "no seccomp: a role may make any system call");
	if (version == 0)
		sg_buf_printf(out, "%sno Landlock: only file modes keep a role from files",
		    seccomp ? "" : "; ");
	return out->len > 0;
}

/* `auto` goes on with a warning where `required` ends. */
static enum sg_code
lacks(const struct sg_sandbox *s, const char *what, struct sg_err *err)
{
	const char *why = strerror(errno);

	if (s->conf->sandbox == SG_CONF_SANDBOX_REQUIRED)
		return sg_fail(err, SG_E_CONF, "sandbox.missing",
		    "the configuration requires the sandbox, and %s failed: %s", what, why);
	sg_log(SG_LOG_WARNING, "sandbox.missing", "%s failed: %s; going on without it", what, why);
	return SG_OK;
}

static enum sg_code
restrict_all(const struct sg_sandbox *s, struct sg_err *err)
{
	bool required = s->conf->sandbox == SG_CONF_SANDBOX_REQUIRED;
	int version = landlock_version();
	enum sg_code rc = SG_OK;

	/* Since Linux 6.3; where it is missing, the filter refuses the same. */
	sg_ignore(prctl(MDWE_SET, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0);
	if ((version > 0 || required) && !restrict_files(s, version))
		rc = lacks(s, "Landlock", err);
	if (rc == SG_OK && (seccomp_exists() || required) && !restrict_calls(s->role))
		rc = lacks(s, "seccomp", err);
	return rc;
}

enum sg_code
sg_sandbox_enter(const struct sg_sandbox *s, struct sg_err *err)
{
	enum sg_code rc = give_up_rights(s, err);
	if (rc == SG_OK && s->conf->sandbox != SG_CONF_SANDBOX_OFF && !SANITIZED)
		rc = restrict_all(s, err);
	return rc;
}
