/* SPDX-License-Identifier: Apache-2.0 */

/*
 * running.c - who listens on an address that is in use: for `signet check` beside a Signet that
 * runs, whose addresses are no mistake of the configuration
 *
 * Asked of the kernel, not of the other process: who runs with a data directory has its lock open
 * (handout.c), and the sockets of that process are compared with those that listen.
 */

#include "roles/supervisor/running.h"

#include <dirent.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/decimal.h"

#define SOCKETS_MAX 512u
#define LISTENING "0A"	/* TCP_LISTEN, in /proc/net/tcp */
#define ADDRESS_LEN 32u /* digits of one of IPv6 there */

struct process {
	bool has_lock;
	size_t n;
	ino_t socket[SOCKETS_MAX];
};

/* Its sockets, and whether it has the lock open. */
static void
look_at_process(const char *pid, const struct stat *lock, struct process *ret)
{
	char path[300];
	struct stat st;

	ret->has_lock = false;
	ret->n = 0;
	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	DIR *dir = opendir(path);
	if (dir == NULL)
		return;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (!sg_ascii_is_digit((uint8_t)e->d_name[0]) ||
		    fstatat(dirfd(dir), e->d_name, &st, 0) != 0)
			continue;
		if (S_ISSOCK(st.st_mode) && ret->n < SOCKETS_MAX)
			ret->socket[ret->n++] = st.st_ino;
		ret->has_lock |= st.st_dev == lock->st_dev && st.st_ino == lock->st_ino;
	}
	closedir(dir);
}

/* The supervisor that runs with this data directory; false: none does. */
static bool
find_supervisor(const char *data, struct process *ret)
{
	sg_buf_scoped path = {0};
	struct stat lock;

	sg_buf_printf(&path, "%s/run/supervisor.lock", data);
	if (sg_buf_check(&path, NULL) != SG_OK || stat(sg_buf_text(&path), &lock) != 0)
		return false;
	DIR *dir = opendir("/proc");
	bool found = false;
	for (const struct dirent *e; dir != NULL && !found && (e = readdir(dir)) != NULL;) {
		if (!sg_ascii_is_digit((uint8_t)e->d_name[0]))
			continue;
		look_at_process(e->d_name, &lock, ret);
		found = ret->has_lock && ret->n > 0;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* What the kernel writes of an address: words of 32 bits, each as a number of this machine. */
static void
put_address(const struct sg_conf_listen *l, char text[ADDRESS_LEN + 1])
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	uint32_t word[4];
	size_t n = l->addr.ss_family == AF_INET6 ? 4 : 1;

	memcpy(&in, &l->addr, sizeof in);
	memcpy(&in6, &l->addr, sizeof in6);
	if (n == 4)
		memcpy(word, &in6.sin6_addr, sizeof word);
	else
		memcpy(word, &in.sin_addr, sizeof word[0]);
	for (size_t i = 0; i < n; i++)
		snprintf(text + 8 * i, 9, "%08X", word[i]);
}

static bool
is_all(const char *address)
{
	return address[strspn(address, "0")] == '\0';
}

static bool
has_socket(const struct process *p, uint64_t inode)
{
	for (size_t n = 0; n < p->n; n++)
		if (p->socket[n] == inode)
			return true;
	return false;
}

static struct sg_slice
next_word(const char **line)
{
	const char *start = *line + strspn(*line, " ");
	size_t len = strcspn(start, " \n");

	*line = start + len;
	return sg_slice(start, len);
}

/* A line of the table: "0: 0100007F:1F90 00000000:0000 0A" and, as the tenth word, the inode.
 * False: it does not listen, or is the head of the table. */
static bool
read_listener(
    const char *line, char local[ADDRESS_LEN + 1], struct sg_slice *ret_port, uint64_t *ret_inode)
{
	struct sg_slice word[10];

	for (size_t n = 0; n < 10; n++)
		word[n] = next_word(&line);
	const uint8_t *colon = word[1].len > 0 ? memchr(word[1].p, ':', word[1].len) : NULL;
	size_t len = colon == NULL ? 0 : (size_t)(colon - word[1].p);
	if (len == 0 || len > ADDRESS_LEN || !sg_slice_is(word[3], LISTENING))
		return false;
	snprintf(local, ADDRESS_LEN + 1, "%.*s", (int)len, (const char *)word[1].p);
	*ret_port = sg_slice(colon + 1, word[1].len - len - 1);
	return sg_decimal_parse(word[9], UINT64_MAX, ret_inode, NULL) == SG_OK;
}

/* The sockets that listen on this port and address, or on all addresses, or on any when it stands
 * for all: how many, and how many of them are the process's. */
static size_t
count_listeners(const char *table, const char *address, const char *port, const struct process *p,
    size_t *ret_own)
{
	char line[512], local[ADDRESS_LEN + 1];
	struct sg_slice at;
	uint64_t inode;
	size_t n = 0;
	FILE *f = fopen(table, "re");

	*ret_own = 0;
	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		if (!read_listener(line, local, &at, &inode) || !sg_slice_is(at, port) ||
		    (strcmp(local, address) != 0 && !is_all(local) && !is_all(address)))
			continue;
		n++;
		*ret_own += has_socket(p, inode);
	}
	if (f != NULL)
		fclose(f);
	return n;
}

bool
supervisor_has_address(const char *data, const struct sg_conf_listen *listen)
{
	static struct process p;
	char address[ADDRESS_LEN + 1], port[8];
	size_t own;
	bool v6 = listen->addr.ss_family == AF_INET6;

	if (!find_supervisor(data, &p))
		return false;
	put_address(listen, address);
	snprintf(port, sizeof port, "%04X", (unsigned)listen->port);
	size_t n = count_listeners(
	    v6 ? "/proc/net/tcp6" : "/proc/net/tcp", address, port, &p, &own);
	return n > 0 && own == n;
}
