/* SPDX-License-Identifier: Apache-2.0 */

/*
 * files.c - the client's keys and certificates on disk
 *
 * A file is complete or not there: all writing is by a temporary file and a rename.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pem.h"
#include "enroll/client.h"
#include "base/file.h"

#define KEY_FILE_MAX 65536u /* an RSA-8192 key is 6.4 KB of PEM */

enum sg_code
cli_client_key_bits(const struct cli_args *a, unsigned *ret, struct sg_err *err)
{
	static const struct {
		const char *name;
		unsigned bits;
	} types[] = {{"rsa-2048", 2048}, {"rsa-3072", 3072}, {"rsa-4096", 4096}};
	const char *text = cli_get(a, "key-type");

	for (size_t n = 0; n < sizeof types / sizeof types[0]; n++) {
		if (text == NULL || strcasecmp(types[n].name, text) == 0) {
			*ret = types[n].bits;
			return SG_OK;
		}
	}
	return sg_fail(err, SG_E_USAGE, "client.key-type",
	    "--key-type: want rsa-2048, rsa-3072 or rsa-4096, have '%s'", cli_show(text));
}

void
sg_enroll_warn_open(struct sg_enroll *c, const char *what, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if ((st.st_mode & 077) != 0)
		cli_client_warn(c,
		    "others may read the %s %s (mode %03o); close it with: chmod 600 %s", what,
		    cli_show(path), (unsigned)(st.st_mode & 0777), cli_show(path));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		cli_client_warn(c,
		    "the %s %s belongs to user %u, who may read and exchange it; if that is not "
		    "meant, run: chown %u %s",
		    what, cli_show(path), (unsigned)st.st_uid, (unsigned)geteuid(), cli_show(path));
}

enum sg_code
sg_enroll_key_load(struct sg_enroll *c, const char *path, struct sg_key **ret, struct sg_err *err)
{
	sg_buf_scoped pem = {.max = KEY_FILE_MAX};
	sg_scoped(key) key = NULL;

	enum sg_code rc = sg_file_read(path, &pem, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_key_from_pem(sg_buf_slice(&pem), &key, err);
	if (rc != SG_OK) {
		sg_err_prefix(err, "%s", cli_show(path));
		return rc;
	}
	if (sg_key_type(key) != SG_KEY_RSA)
		return sg_fail(err, SG_E_ALG, "client.key-type", "%s: want an RSA key, have %s",
		    cli_show(path), sg_keytype_name(sg_key_type(key)));
	sg_enroll_warn_open(c, "private key", path);
	*ret = sg_steal(key);
	return SG_OK;
}

/* Better now than when the certificate is there and has no place. */
static enum sg_code
check_folder(const char *option, const char *path, struct sg_err *err)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof copy, "%s", path);
	const char *folder = dirname(copy);
	if (access(folder, W_OK | X_OK) == 0)
		return SG_OK;
	return sg_fail(err, SG_E_USAGE, "client.path",
	    "--%s: no file can be made in %s: %s; nothing was sent", option, cli_show(folder),
	    strerror(errno));
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
sg_enroll_check_free(const struct cli_args *a, const char *option, struct sg_err *err)
{
	const char *path = cli_get(a, option);
	struct stat st;

	if (path == NULL)
		return SG_OK;
	if (path[0] == '\0' || strlen(path) > PATH_MAX - 32)
		return sg_fail(
		    err, SG_E_USAGE, "client.path", "--%s: want the name of a file", option);
	enum sg_code rc = check_folder(option, path, err);
	if (rc != SG_OK)
		return rc;
	if (lstat(path, &st) != 0 && errno == ENOENT)
		return SG_OK;
	if (cli_get(a, "force") != NULL && S_ISREG(st.st_mode))
		return SG_OK;
	return sg_fail(err, SG_E_USAGE, "client.exists",
	    "--%s: %s is there already: choose another name, or --force to replace it; nothing was "
	    "sent",
	    option, cli_show(path));
}

enum sg_code
sg_enroll_read_certs(const char *path, struct sg_buf *out, struct sg_slice *ret, size_t max,
    size_t *ret_n, struct sg_err *err)
{
	sg_buf_scoped pem = {.max = SG_ENROLL_FILE_MAX};
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
		    "%s: want PEM, 'BEGIN CERTIFICATE', and there is none", cli_show(path));
	if (rc != SG_OK && rc != SG_E_NOTFOUND) {
		sg_err_prefix(err, "%s", cli_show(path));
		return rc;
	}
	for (size_t i = 0; i < n; i++)
		ret[i] = sg_slice(out->p + start[i], start[i + 1] - start[i]);
	*ret_n = n;
	return SG_OK;
}

enum sg_code
sg_enroll_write_certs(const struct cli_args *a, const char *path, const struct sg_slice *certs,
    size_t n, struct sg_err *err)
{
	sg_buf_scoped pem = {0};

	for (size_t i = 0; i < n; i++)
		sg_pem_put(&pem, "CERTIFICATE", certs[i]);
	enum sg_code rc = sg_buf_check(&pem, err);
	if (rc != SG_OK)
		return rc;
	if (cli_get(a, "force") != NULL)
		return sg_file_write(path, sg_buf_slice(&pem), 0644, err);
	return sg_file_create(path, sg_buf_slice(&pem), 0644, err);
}
