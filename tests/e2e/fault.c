/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fault.c - a library for LD_PRELOAD that makes system calls on databases and memory fail
 * in the roles of a running installation, when a test says so
 *
 * Each role maps the file $SIGNET_FAULTS/<role> before it starts; the test writes to it.
 * Nothing is opened or asked afterwards, so that the sandbox stays on.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* As struct.pack("5i", ...) in faults.py. */
struct faults {
	_Atomic int sync_errno;	 /* fsync and fdatasync of any file */
	_Atomic int write_errno; /* pwrite, ftruncate and fallocate of a database or its log */
	_Atomic int alloc_at;	 /* the n-th allocation from now fails; 0: none */
	_Atomic int alloc_seen;	 /* allocations since it was set to 0 */
	_Atomic int fired;	 /* faults that happened */
};

static struct faults none, *faults = &none;
static unsigned char is_database[4096];

/* The word behind "role" of `signet role ca`. */
static void
role_of(char name[32])
{
	char line[512] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);

	if (fd >= 0)
		close(fd);
	snprintf(name, 32, "none");
	for (ssize_t i = 0; i + 5 < n; i += (ssize_t)strlen(line + i) + 1)
		if (strcmp(line + i, "role") == 0)
			snprintf(name, 32, "%.31s", line + i + 5);
}

__attribute__((constructor)) static void
map_faults(void)
{
	const char *dir = getenv("SIGNET_FAULTS");
	char name[32], path[512];

	role_of(name);
	if (dir == NULL)
		return;
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *p = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		faults = p;
}

static int
fails(const _Atomic int *what)
{
	int e = atomic_load(what);

	if (e == 0)
		return 0;
	atomic_fetch_add(&faults->fired, 1);
	errno = e;
	return 1;
}

/* The function that this library stands in front of: libc's, or a sanitizer's. */
#define NEXT(name)                                                                                 \
	static __typeof__(&name) next;                                                             \
	if (next == NULL)                                                                          \
	*(void **)&next = dlsym(RTLD_NEXT, #name)

/* --- memory ------------------------------------------------------------------------------ */

static int
no_memory(void)
{
	atomic_fetch_add(&faults->alloc_seen, 1);
	if (atomic_load(&faults->alloc_at) <= 0 || atomic_fetch_sub(&faults->alloc_at, 1) != 1)
		return 0;
	atomic_fetch_add(&faults->fired, 1);
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	NEXT(malloc);
	return no_memory() ? NULL : next(n);
}

void *
calloc(size_t n, size_t size)
{
	NEXT(calloc);
	return no_memory() ? NULL : next(n, size);
}

void *
realloc(void *p, size_t n)
{
	NEXT(realloc);
	return no_memory() ? NULL : next(p, n);
}

/* --- files ------------------------------------------------------------------------------- */

static int
remember(int fd, const char *path)
{
	size_t n = strlen(path);

	if (fd >= 0 && fd < (int)sizeof is_database)
		is_database[fd] = (n > 3 && strcmp(path + n - 3, ".db") == 0) ||
				  (n > 4 && strcmp(path + n - 4, "-wal") == 0) ||
				  (n > 8 && strcmp(path + n - 8, "-journal") == 0);
	return fd;
}

static int
real_open(const char *path, int flags, va_list ap)
{
	static int (*next)(const char *, int, ...);
	mode_t mode = 0;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(ap, mode_t);
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "open64");
	return remember(next(path, flags, mode), path);
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	int fd = real_open(path, flags, ap);
	va_end(ap);
	return fd;
}

int
open64(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	int fd = real_open(path, flags, ap);
	va_end(ap);
	return fd;
}

static int
write_fails(int fd)
{
	return fd >= 0 && fd < (int)sizeof is_database && is_database[fd] &&
	       fails(&faults->write_errno);
}

int
fsync(int fd)
{
	NEXT(fsync);
	return fails(&faults->sync_errno) ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);
	return fails(&faults->sync_errno) ? -1 : next(fd);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	NEXT(pwrite64);
	return write_fails(fd) ? -1 : next(fd, p, n, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

int
ftruncate(int fd, off_t n)
{
	NEXT(ftruncate64);
	return write_fails(fd) ? -1 : next(fd, n);
}

int
ftruncate64(int fd, off_t n)
{
	return ftruncate(fd, n);
}
