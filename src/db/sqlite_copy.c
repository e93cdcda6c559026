/* SPDX-License-Identifier: Apache-2.0 */

/*
 * db/sqlite_copy.c - a database read as the bytes of a file: SQLite's own copy (sqlite3_backup)
 * into a file that is not there, whose writes are given out
 *
 * SQLite copies page after page, and is told to write them after every few: so they are written in
 * the order of the file, but for the first one, which it holds until its end and changes then. So
 * the copy is made twice inside one read transaction, the first time for its first page alone. That
 * the order is this, that both copies have the same first page, and the length, are checked:
 * another SQLite may make this fail, not wrong.
 *
 * No page is kept: each is in memory only until it is written.
 */

#include "db/sqlite_copy_private.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "db/db.h"

#define VFS "signet-copy"
#define STEP_BYTES (64 * 1024)
#define PAGE_MIN 512
#define PAGE_MAX 65536
/* SQLite locks bytes of this page, and neither copies nor uses it. */
#define LOCK_AT ((sqlite3_int64)1 << 30)
/* Of a file's first page: 2 says that it has a log. This one has none, and can be opened where
 * none can be made. */
#define WRITE_VERSION_AT 18
#define READ_VERSION_AT 19
#define VERSION_WITHOUT_LOG 1
/* And whose it is: the last byte of the application id. */
#define MARK_AT 71

/* One time through. */
struct pass {
	const struct sg_db_backup_to *to; /* NULL: only the first page is wanted */
	uint8_t *first;			  /* of PAGE_MAX */
	size_t page;
	sqlite3_int64 at; /* the next byte of the file */
	uint8_t *piece;	  /* of STEP_BYTES */
	size_t len;
	enum sg_code rc; /* of what is not SQLite's to say, with err */
	struct sg_err *err;
};

struct copy_file {
	sqlite3_file file; /* first: what SQLite gives us */
	struct pass *pass;
};

static int
fail(struct pass *p, const char *what)
{
	p->rc = sg_fail(p->err, SG_E_INTERNAL, "store.sql",
	    "this SQLite (%s) does not copy as it is expected to: %s", sqlite3_libversion(), what);
	return SQLITE_IOERR_WRITE;
}

static int
give(struct pass *p)
{
	size_t len = p->len;

	p->len = 0;
	if (len > 0)
		p->rc = p->to->put(p->to->arg, sg_slice(p->piece, len), p->err);
	return p->rc == SG_OK ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

/* The next page; NULL: zeroes. */
static int
add(struct pass *p, const uint8_t *page)
{
	if (p->len + p->page > STEP_BYTES) {
		int code = give(p);
		if (code != SQLITE_OK)
			return code;
	}
	if (page != NULL)
		memcpy(p->piece + p->len, page, p->page); /* UNSAFE: fits, see above */
	else
		memset(p->piece + p->len, 0, p->page);
	p->len += p->page;
	p->at += (sqlite3_int64)p->page;
	return SQLITE_OK;
}

static int
write_first(struct pass *p, const uint8_t *page, size_t len)
{
	if (p->to != NULL)
		return len == p->page && memcmp(page, p->first, len) == 0
			   ? SQLITE_OK
			   : fail(p, "the first page changed");
	p->page = len;
	memcpy(p->first, page, len); /* UNSAFE: at most PAGE_MAX, by copy_write */
	return SQLITE_OK;
}

static int
copy_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
	struct pass *p = ((struct copy_file *)file)->pass;

	if (p == NULL || p->rc != SG_OK)
		return SQLITE_IOERR_WRITE;
	if (n <= 0 || n > PAGE_MAX)
		return fail(p, "a page of another size");
	if (at == 0)
		return write_first(p, data, (size_t)n);
	if (p->to == NULL)
		return SQLITE_OK;
	if ((size_t)n != p->page)
		return fail(p, "a page of another size");
	if (p->at == LOCK_AT && at > LOCK_AT) {
		int code = add(p, NULL);
		if (code != SQLITE_OK)
			return code;
	}
	return at == p->at ? add(p, data) : fail(p, "pages out of order");
}

static int
copy_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

/* SQLite looks at the file before it writes: it is empty. */
static int
copy_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	(void)file;
	(void)at;
	memset(out, 0, (size_t)len);
	return SQLITE_IOERR_SHORT_READ;
}

static int
copy_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	(void)file;
	*ret = 0;
	return SQLITE_OK;
}

static int
copy_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	(void)file;
	(void)size;
	return SQLITE_OK;
}

static int
copy_nothing(sqlite3_file *file, int what)
{
	(void)file;
	(void)what;
	return SQLITE_OK;
}

static int
copy_check_lock(sqlite3_file *file, int *ret)
{
	(void)file;
	*ret = 0;
	return SQLITE_OK;
}

static int
copy_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
copy_zero(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const struct sqlite3_io_methods copy_methods = {
    .iVersion = 1,
    .xClose = copy_close,
    .xRead = copy_read,
    .xWrite = copy_write,
    .xTruncate = copy_truncate,
    .xSync = copy_nothing,
    .xFileSize = copy_size,
    .xLock = copy_nothing,
    .xUnlock = copy_nothing,
    .xCheckReservedLock = copy_check_lock,
    .xFileControl = copy_control,
    .xSectorSize = copy_zero,
    .xDeviceCharacteristics = copy_zero,
};

static int
open_copy(sqlite3_vfs *self, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)self;
	(void)name;
	*(struct copy_file *)file = (struct copy_file){.file.pMethods = &copy_methods};
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int
delete_copy(sqlite3_vfs *self, const char *name, int sync)
{
	(void)self;
	(void)name;
	(void)sync;
	return SQLITE_OK;
}

/* Nothing exists. */
static int
access_copy(sqlite3_vfs *self, const char *name, int flags, int *ret)
{
	(void)self;
	(void)name;
	(void)flags;
	*ret = 0;
	return SQLITE_OK;
}

static int
name_copy(sqlite3_vfs *self, const char *name, int room, char *out)
{
	(void)self;
	sqlite3_snprintf(room, out, "%s", name);
	return SQLITE_OK;
}

static sqlite3_vfs vfs;

void
sg_sqlite_copy_init(void)
{
	const sqlite3_vfs *system_vfs = sqlite3_vfs_find(NULL);

	if (system_vfs == NULL)
		return; /* opening will say so */
	vfs = *system_vfs;
	vfs.pNext = NULL;
	vfs.zName = VFS;
	vfs.szOsFile = (int)sizeof(struct copy_file);
	vfs.xOpen = open_copy;
	vfs.xDelete = delete_copy;
	vfs.xAccess = access_copy;
	vfs.xFullPathname = name_copy;
	sqlite3_vfs_register(&vfs, 0);
}

/* All of a copy; *ret_pages. */
static int
copy_once(sqlite3 *from, sqlite3 *to, int step, int *ret_pages)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");

	if (b == NULL)
		return sqlite3_extended_errcode(to);
	int code = sqlite3_backup_step(b, step);
	while (code == SQLITE_OK) {
		code = sqlite3_db_cacheflush(to);
		if (code == SQLITE_OK)
			code = sqlite3_backup_step(b, step);
	}
	*ret_pages = sqlite3_backup_pagecount(b);
	int end = sqlite3_backup_finish(b);
	return code == SQLITE_DONE ? end : code;
}

static int
run_pass(struct pass *p, sqlite3 *from, int *ret_pages)
{
	sqlite3_file *file = NULL;
	sqlite3 *to = NULL;

	int code = sqlite3_open_v2(
	    "copy", &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, VFS);
	/* Room for what one step copies, or it would be written before, in another order. */
	if (code == SQLITE_OK)
		code = sqlite3_exec(to,
		    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=256", NULL,
		    NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_file_control(to, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (code == SQLITE_OK) {
		((struct copy_file *)file)->pass = p;
		code = copy_once(from, to, STEP_BYTES / 2048, ret_pages);
	}
	sqlite3_close_v2(to);
	return p->rc == SG_OK ? code : SQLITE_ABORT;
}

static int
run_both(struct pass *p, sqlite3 *from, const struct sg_db_backup_to *to)
{
	int pages = 0, again = 0;

	int code = run_pass(p, from, &pages);
	if (code == SQLITE_OK && p->page < PAGE_MIN)
		code = fail(p, "no first page");
	if (code != SQLITE_OK)
		return p->rc == SG_OK ? code : SQLITE_ABORT;
	sqlite3_int64 length = (sqlite3_int64)pages * (sqlite3_int64)p->page;
	p->to = to;
	p->rc = to->begin(to->arg, (uint64_t)length, p->err);
	if (p->rc != SG_OK || add(p, p->first) != SQLITE_OK)
		return SQLITE_ABORT;
	p->piece[WRITE_VERSION_AT] = VERSION_WITHOUT_LOG;
	p->piece[READ_VERSION_AT] = VERSION_WITHOUT_LOG;
	p->piece[MARK_AT] |= SG_DB_MARK_BACKUP;
	code = run_pass(p, from, &again);
	if (code != SQLITE_OK)
		return code;
	if (p->at != length || again != pages)
		sg_ignore(fail(p, "another length"));
	else
		sg_ignore(give(p));
	return p->rc == SG_OK ? SQLITE_OK : SQLITE_ABORT;
}

SG_RC
sg_sqlite_copy(sqlite3 *db, const struct sg_db_backup_to *to, int *ret_code, struct sg_err *err)
{
	struct pass p = {.first = sg_alloc(PAGE_MAX), .piece = sg_alloc(STEP_BYTES), .err = err};

	*ret_code = SQLITE_NOMEM;
	/* The transaction begins with what is read first. */
	if (p.first != NULL && p.piece != NULL)
		*ret_code = sqlite3_exec(
		    db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	if (*ret_code == SQLITE_OK)
		*ret_code = run_both(&p, db, to);
	sg_free(p.first);
	sg_free(p.piece);
	return p.rc;
}
