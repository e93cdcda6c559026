/* SPDX-License-Identifier: Apache-2.0 */

/*
 * files.c - the client's keys and certificates on disk: looked at before anything is sent, written
 * when a key is made and when a certificate has come
 *
 * A file is complete or not there: all writing is by a temporary file and a rename.
 */

#include "enroll/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/pem.h"
#include "crypto/keyfile.h"
#include "enroll/text.h"
#include "enroll/trust.h"

#define CERTS_FILE_MAX (256u * 1024u)
#define KEY_FILE_MAX 65536u /* an RSA-8192 key is 6.4 KB of PEM */

void
sg_enroll_warn_open(const struct sg_enroll_listener *to, const char *what, const char *path)
{
	sg_buf_scoped shown = {0};
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	const char *name = sg_enroll_shown(&shown, path);
	if ((st.st_mode & 077) != 0)
		sg_enroll_warn(to,
		    "others may read the %s %s (mode %03o); close it with: chmod 600 %s", what,
		    name, (unsigned)(st.st_mode & 0777), name);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		sg_enroll_warn(to,
		    "the %s %s belongs to user %u, who may read and exchange it; if that is not "
		    "meant, run: chown %u %s",
		    what, name, (unsigned)st.st_uid, (unsigned)geteuid(), name);
}

enum sg_code
sg_enroll_key_load(
    const struct sg_enroll_listener *to, const char *path, struct sg_key **ret, struct sg_err *err)
{
	sg_buf_scoped pem = {.max = KEY_FILE_MAX}, shown = {0};
	sg_scoped(key) key = NULL;

	enum sg_code rc = sg_file_read(path, &pem, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_key_from_pem(sg_buf_slice(&pem), &key, err);
	if (rc != SG_OK) {
		sg_err_prefix(err, "%s", sg_enroll_shown(&shown, path));
		return rc;
	}
	if (sg_key_type(key) != SG_KEY_RSA)
		return sg_fail(err, SG_E_ALG, "client.key-type", "%s: want an RSA key, have %s",
		    sg_enroll_shown(&shown, path), sg_keytype_name(sg_key_type(key)));
	sg_enroll_warn_open(to, "private key", path);
	*ret = sg_steal(key);
	return SG_OK;
}

/* Better now than when the certificate exists and has no place. */
static enum sg_code
check_folder(const char *option, const char *path, struct sg_err *err)
{
	char copy[PATH_MAX];
	sg_buf_scoped shown = {0};

	snprintf(copy, sizeof copy, "%s", path);
	const char *folder = dirname(copy);
	if (access(folder, W_OK | X_OK) == 0)
		return SG_OK;
	int e = errno;
	return sg_fail(err, SG_E_USAGE, "client.path",
	    "--%s: no file can be made in %s: %s; nothing was sent", option,
	    sg_enroll_shown(&shown, folder), strerror(e));
}

enum sg_code
sg_enroll_key_check_place(const char *option, const char *path, struct sg_err *err)
{
	if (path[0] == '\0' || strlen(path) > PATH_MAX - 32)
		return sg_fail(
		    err, SG_E_USAGE, "client.path", "--%s: want the name of a file", option);
	return access(path, F_OK) == 0 ? SG_OK : check_folder(option, path, err);
}

enum sg_code
sg_enroll_key_make(const char *path, unsigned bits, struct sg_key **ret, struct sg_err *err)
{
	sg_scoped(key) key = NULL;
	sg_buf_scoped pem = {0};

	enum sg_code rc = sg_key_generate(SG_KEY_RSA, bits, &key, err);
	if (rc == SG_OK)
		rc = sg_key_put_pem(key, &pem, err);
	if (rc == SG_OK)
		rc = sg_file_create(path, sg_buf_slice(&pem), 0600, err);
	if (rc == SG_OK)
		*ret = sg_steal(key);
	return rc;
}

enum sg_code
sg_enroll_key_settle(const char *path, struct sg_err *err)
{
	char pending[PATH_MAX], folder[PATH_MAX];

	snprintf(pending, sizeof pending, "%s.pending", path);
	snprintf(folder, sizeof folder, "%s", path);
	/* link, not rename: a file that appeared meanwhile is not ours to replace. */
	if (link(pending, path) != 0)
		return sg_fail(err, SG_E_IO, "file.write", "%s: cannot be named %s: %s", pending,
		    path, strerror(errno));
	int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0) {
		int e = errno;
		if (fd >= 0)
			close(fd);
		return sg_fail(err, SG_E_IO, "file.write", "%s: directory: %s", path, strerror(e));
	}
	close(fd);
	sg_ignore(unlink(pending)); /* both names are the same file */
	return SG_OK;
}

enum sg_code
sg_enroll_check_free(const char *option, const char *path, bool replace, struct sg_err *err)
{
	sg_buf_scoped shown = {0};
	struct stat st;

	if (path[0] == '\0' || strlen(path) > PATH_MAX - 32)
		return sg_fail(
		    err, SG_E_USAGE, "client.path", "--%s: want the name of a file", option);
	enum sg_code rc = check_folder(option, path, err);
	if (rc != SG_OK)
		return rc;
	if (lstat(path, &st) != 0 && errno == ENOENT)
		return SG_OK;
	if (replace && S_ISREG(st.st_mode))
		return SG_OK;
	return sg_fail(err, SG_E_USAGE, "client.exists",
	    "--%s: %s is there already: choose another name, or --force to replace it; nothing was "
	    "sent",
	    option, sg_enroll_shown(&shown, path));
}

enum sg_code
sg_enroll_read_certs(const char *path, struct sg_buf *out, struct sg_slice *ret, size_t max,
    size_t *ret_n, struct sg_err *err)
{
	sg_buf_scoped pem = {.max = CERTS_FILE_MAX}, shown = {0};
	size_t pos = 0, n = 0, start[SG_ENROLL_CERTS_MAX + 1] = {0};

	enum sg_code rc = sg_file_read(path, &pem, err);
	if (rc != SG_OK)
		return rc;
	while (n < max && n < SG_ENROLL_CERTS_MAX) {
		rc = sg_pem_next(sg_buf_slice(&pem), "CERTIFICATE", &pos, out, err);
		if (rc != SG_OK)
			break;
		start[++n] = out->len;
	}
	if (rc == SG_E_NOTFOUND && n == 0)
		return sg_fail(err, SG_E_MALFORMED, "client.pem",
		    "%s: want PEM, 'BEGIN CERTIFICATE', and there is none",
		    sg_enroll_shown(&shown, path));
	if (rc != SG_OK && rc != SG_E_NOTFOUND) {
		sg_err_prefix(err, "%s", sg_enroll_shown(&shown, path));
		return rc;
	}
	for (size_t i = 0; i < n; i++)
		ret[i] = sg_slice(out->p + start[i], start[i + 1] - start[i]);
	*ret_n = n;
	return SG_OK;
}

enum sg_code
sg_enroll_write_certs(
    const char *path, const struct sg_slice *certs, size_t n, bool replace, struct sg_err *err)
{
	sg_buf_scoped pem = {0};

	for (size_t i = 0; i < n; i++)
		sg_pem_put(&pem, "CERTIFICATE", certs[i]);
	enum sg_code rc = sg_buf_check(&pem, err);
	if (rc != SG_OK)
		return rc;
	if (replace)
		return sg_file_write(path, sg_buf_slice(&pem), 0644, err);
	return sg_file_create(path, sg_buf_slice(&pem), 0644, err);
}
