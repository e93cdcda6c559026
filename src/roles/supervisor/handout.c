/* SPDX-License-Identifier: Apache-2.0 */

/*
 * handout.c - what roles are given, opened before the first of them starts: files, listening
 * sockets, control sockets; and the directories that they write to
 */

#include "roles/supervisor/handout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/owner.h"
#include "roles/supervisor/running.h"

#define BACKLOG 4096
#define CONTROL_BACKLOG 1024 /* a script that runs many commands at once: none is turned away */

struct opener {
	const struct supervisor_conf *given;
	const struct sg_conf *conf;
	bool run;
	struct handouts *out;
	struct sg_conf_errors *errs;
};

uid_t
supervisor_user(const struct sg_conf *conf, size_t n)
{
	return (uid_t)(conf->users + n);
}

bool
supervisor_runs(const struct sg_conf *conf, const struct sg_service *service)
{
	return sg_conf_has(conf, service->section);
}

static void
add(struct opener *o, const struct sg_service *role, enum sg_conf_file_kind kind, const char *name,
    int fd)
{
	struct handout *h = &o->out->item[o->out->n];
	if (o->out->n == HANDOUTS_MAX) {
		sg_conf_error_add(o->errs, 0, "conf.files", "more than %u files", HANDOUTS_MAX);
		close(fd);
		return;
	}
	h->role = role;
	h->kind = kind;
	h->fd = fd;
	snprintf(h->name, sizeof h->name, "%s", name);
	o->out->n++;
}

/* A secret that others may read is not one. */
static bool
mode_is_wrong(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && (st.st_mode & 077) != 0;
}

enum sg_code
supervisor_file_open(
    const char *conf_path, const struct sg_conf_file *f, int *ret_fd, struct sg_err *err)
{
	sg_buf_scoped full = {0};
	enum sg_code rc = SG_OK;

	sg_conf_put_path(&full, conf_path, f->path);
	const char *path = sg_buf_text(&full);
	/* What is opened while roles run must not hold up who starts them: a pipe without a writer.
	 */
	bool runs = f->kind == SG_CONF_FILE_TLS_CERTIFICATE || f->kind == SG_CONF_FILE_TLS_KEY;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (runs ? O_NONBLOCK : 0));
	if (fd < 0) {
		bool ra = errno == ENOENT && (strcmp(f->option, "ra.certificate") == 0 ||
						 strcmp(f->option, "ra.key") == 0);
		return sg_fail(err, SG_E_CONF, "conf.file", "cannot open %s: %s%s", path,
		    strerror(errno),
		    ra ? "; signet up makes it where CA and RA are below its directory" : "");
	}
	if (sg_conf_file_is_secret(f) && mode_is_wrong(fd))
		rc = sg_fail(err, SG_E_CONF, "conf.file.mode",
		    "others may read %s; run: chmod 600 %s", path, path);
	struct sg_err why;
	if (rc == SG_OK && (sg_owner_check_file(fd, path, &why) != SG_OK ||
			       sg_owner_check_way(path, &why) != SG_OK))
		rc = sg_fail(err, SG_E_CONF, "conf.file.owner", "%s", why.text);
	if (rc == SG_OK)
		*ret_fd = fd;
	else
		close(fd);
	return rc;
}

/* For reading. */
static void
hand_file(struct opener *o, const struct sg_service *role, const struct sg_conf_file *f)
{
	struct sg_err err;
	int fd;

	if (supervisor_file_open(o->given->conf_path, f, &fd, &err) == SG_OK)
		add(o, role, f->kind, f->option, fd);
	else
		sg_conf_error_add(o->errs, sg_conf_line(o->conf, f->option), err.rule, "'%s': %s",
		    f->option, err.text);
}

static int
listen_on(const struct sg_conf_listen *l)
{
	int one = 1;
	int fd = socket(l->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	sg_ignore(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0);
	if (l->addr.ss_family == AF_INET6)
		sg_ignore(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0);
	if (bind(fd, (const struct sockaddr *)&l->addr, l->addr_len) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		int e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

static void
hand_listener(struct opener *o, const struct sg_service *role, const struct sg_conf_file *f)
{
	int fd = listen_on(f->listen);

	if (fd >= 0) {
		add(o, role, f->kind, f->option, fd);
		return;
	}
	int why = errno;
	sg_buf_scoped data = {0};
	sg_conf_put_path(&data, o->given->conf_path, o->conf->data);
	/* A check beside the Signet that will be restarted with what is checked. */
	if (!o->run && why == EADDRINUSE && supervisor_has_address(sg_buf_text(&data), f->listen))
		return;
	const char *hint =
	    why == EADDRINUSE
		? "another program listens there: choose another port or stop it (ss -ltnp)"
		: "choose an address of this machine and a port that this user may use";
	sg_conf_error_add(o->errs, sg_conf_line(o->conf, f->option), "conf.listen",
	    "'%s': cannot listen on %s: %s; %s", f->option, f->path, strerror(why), hint);
}

/* Its writer may wait for a reader of a pipe; this process, which starts roles, must not:
 * without one, the pipe is opened for both, which never waits. */
int
supervisor_log_open(const char *path, bool follow)
{
	int flags = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	if (!follow)
		flags |= O_NOFOLLOW;
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0640);
	if (fd < 0 && errno == ENXIO)
		fd = open(path, O_RDWR | flags);
	if (fd >= 0)
		sg_ignore(fcntl(fd, F_SETFL, O_APPEND) != 0);
	return fd;
}

static void
hand_log(struct opener *o, const struct sg_service *role, const struct sg_conf_file *f)
{
	sg_buf_scoped full = {0};

	sg_conf_put_path(&full, o->given->conf_path, f->path);
	unsigned line = sg_conf_line(o->conf, f->option);
	struct sg_err err;
	/* Strangers choose what is written there, as root: no link of another user's leads on. */
	if (sg_owner_check_way(sg_buf_text(&full), &err) != SG_OK) {
		sg_conf_error_add(
		    o->errs, line, "conf.file.owner", "'%s': %s", f->option, err.text);
		return;
	}
	int fd = supervisor_log_open(sg_buf_text(&full), true);
	if (fd >= 0)
		add(o, role, f->kind, f->option, fd);
	else
		sg_conf_error_add(o->errs, line, "conf.file", "'%s': cannot write %s: %s",
		    f->option, sg_buf_text(&full), strerror(errno));
}

/* A listening socket at data/run/NAME.sock; the long way round /proc because socket paths
 * end at 107 bytes. */
static void
hand_control(struct opener *o, const struct sg_service *role)
{
	sg_buf_scoped dir = {0};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	sg_conf_put_path(&dir, o->given->conf_path, o->conf->data);
	sg_buf_puts(&dir, "/run");
	int dir_fd = open(sg_buf_text(&dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(
	    addr.sun_path, sizeof addr.sun_path, "/proc/self/fd/%d/%s.sock", dir_fd, role->name);
	sg_ignore(unlink(addr.sun_path)); /* left behind by one that was killed */
	mode_t mask = umask(0177);
	bool ok = dir_fd >= 0 && fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof addr) == 0 &&
		  listen(fd, CONTROL_BACKLOG) == 0;
	int e = errno;
	umask(mask);
	if (dir_fd >= 0)
		close(dir_fd);
	if (ok) {
		add(o, role, SG_CONF_FILE_NONE, SG_SERVICE_CONTROL, fd);
		return;
	}
	sg_conf_error_add(o->errs, sg_conf_line(o->conf, "data"), "conf.file",
	    "'data': cannot make the control socket %s/%s.sock: %s", sg_buf_text(&dir), role->name,
	    strerror(e));
	if (fd >= 0)
		close(fd);
}

/* What the schema says of an option that is a file, for one of the roles that get it. */
static void
hand(struct opener *o, const struct sg_service *role, const struct sg_conf_file *f)
{
	switch (f->kind) {
	case SG_CONF_FILE_CERTIFICATE:
	case SG_CONF_FILE_KEY:
	case SG_CONF_FILE_EARLIER_KEY:
	case SG_CONF_FILE_TLS_CERTIFICATE:
	case SG_CONF_FILE_TLS_KEY:
	case SG_CONF_FILE_CHALLENGE:
	case SG_CONF_FILE_SECRET:
		hand_file(o, role, f);
		break;
	case SG_CONF_FILE_LISTENER:
		hand_listener(o, role, f);
		break;
	case SG_CONF_FILE_LOG:
		if (o->run)
			hand_log(o, role, f);
		break;
	case SG_CONF_FILE_NONE:
	case SG_CONF_FILE_PUBLISHED: /* by its path, within its sandbox */
	case SG_CONF_FILE_DIRECTORY:
		break;
	}
}

void
supervisor_handouts_open(const struct supervisor_conf *given, const struct sg_conf *conf, bool run,
    struct handouts *ret, struct sg_conf_errors *errs)
{
	struct opener o = {given, conf, run, ret, errs};
	struct sg_conf_file f = {0};

	while (sg_conf_file_next(conf, &f))
		for (size_t n = 0; given->services[n] != NULL; n++)
			if (supervisor_runs(conf, given->services[n]) &&
			    sg_conf_file_is_for(&f, given->services[n]->name))
				hand(&o, given->services[n], &f);
	for (size_t n = 0; run && given->services[n] != NULL; n++)
		if (supervisor_runs(conf, given->services[n]) && given->services[n]->api != NULL)
			hand_control(&o, given->services[n]);
}

void
supervisor_handouts_close(struct handouts *h)
{
	for (size_t n = 0; n < h->n; n++)
		close(h->item[n].fd);
	h->n = 0;
}

void
supervisor_handouts_listen_again(const struct handouts *h, const struct sg_service *role)
{
	for (size_t n = 0; n < h->n; n++)
		if (h->item[n].role == role && h->item[n].kind == SG_CONF_FILE_LISTENER)
			sg_ignore(listen(h->item[n].fd, BACKLOG) != 0);
}

/* Make data/NAME; as root it becomes the role's own. */
static enum sg_code
make_directory(const char *path, mode_t mode, bool own, uid_t user, struct sg_err *err)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return sg_fail(err, SG_E_IO, "supervisor.directory", "cannot make %s: %s", path,
		    strerror(errno));
	if (geteuid() == 0 &&
	    (chmod(path, mode) != 0 || (own && chown(path, user, (gid_t)user) != 0)))
		return sg_fail(err, SG_E_IO, "supervisor.directory",
		    "cannot give %s to user %u: %s", path, (unsigned)user, strerror(errno));
	return SG_OK;
}

enum sg_code
supervisor_reachable(const char *dir, struct sg_err *err)
{
	sg_buf_scoped path = {0};

	if (geteuid() != 0)
		return SG_OK;
	for (const char *end = dir; end != NULL && *end != '\0'; end = strchr(end + 1, '/')) {
		struct stat st;
		const char *stop = strchr(end + 1, '/');
		size_t len = stop == NULL ? strlen(dir) : (size_t)(stop - dir);
		sg_buf_reset(&path);
		sg_buf_put(&path, dir, len);
		if (stat(sg_buf_text(&path), &st) == 0 && (st.st_mode & 1) == 0)
			return sg_fail(err, SG_E_CONF, "supervisor.path",
			    "the roles run as users of their own and cannot enter %s (mode %03o): "
			    "put the data directory elsewhere, for example below /var/lib, or run: "
			    "chmod o+x %s",
			    sg_buf_text(&path), (unsigned)st.st_mode & 0777, sg_buf_text(&path));
	}
	return SG_OK;
}

/* Make the directories of a role. */
static enum sg_code
make_own(
    const struct supervisor_conf *given, const struct sg_conf *conf, size_t no, struct sg_err *err)
{
	enum sg_code rc = SG_OK;

	for (size_t n = 0; rc == SG_OK && n < SG_SERVICE_PATHS_MAX; n++) {
		const struct sg_service_path *p = &given->services[no]->path[n];
		sg_buf_scoped path = {0};
		if (p->kind != SG_SERVICE_PATH_OWN && p->kind != SG_SERVICE_PATH_MADE)
			continue;
		sg_conf_put_path(&path, given->conf_path, conf->data);
		sg_buf_puts(&path, p->path);
		rc = make_directory(
		    sg_buf_text(&path), p->mode, true, supervisor_user(conf, no), err);
	}
	return rc;
}

enum sg_code
supervisor_directories_make(const struct supervisor_conf *given, const struct sg_conf *conf,
    int *ret_lock_fd, struct sg_err *err)
{
	static const struct {
		const char *name;
		bool way; /* who else owns it could exchange the databases */
	} dirs[] = {{"", true}, {"/run", true}, {"/log", false}, {"/db", true}};
	sg_buf_scoped path = {0};
	enum sg_code rc = SG_OK;

	for (size_t n = 0; n < sizeof dirs / sizeof dirs[0]; n++) {
		sg_buf_reset(&path);
		sg_conf_put_path(&path, given->conf_path, conf->data);
		sg_buf_puts(&path, dirs[n].name);
		rc = make_directory(sg_buf_text(&path), 0755, false, 0, err);
		if (rc == SG_OK && n == 0)
			rc = supervisor_reachable(sg_buf_text(&path), err);
		if (rc == SG_OK && dirs[n].way)
			rc = sg_owner_check_way(sg_buf_text(&path), err);
		if (rc != SG_OK)
			return rc;
	}
	for (size_t n = 0; rc == SG_OK && given->services[n] != NULL; n++)
		if (supervisor_runs(conf, given->services[n]))
			rc = make_own(given, conf, n, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_reset(&path);
	sg_conf_put_path(&path, given->conf_path, conf->data);
	sg_buf_puts(&path, "/run/supervisor.lock");
	int fd = open(sg_buf_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int e = errno;
		if (fd >= 0)
			close(fd);
		return sg_fail(err, SG_E_BUSY, "supervisor.lock",
		    e == EWOULDBLOCK ? "%s: signet already runs with this data directory"
				     : "%s: cannot lock",
		    sg_buf_text(&path));
	}
	*ret_lock_fd = fd;
	return SG_OK;
}
