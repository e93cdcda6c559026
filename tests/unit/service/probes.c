/* SPDX-License-Identifier: Apache-2.0 */

/*
 * probes.c - what a child in a role's sandbox tries
 */

#include "unit/service/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "service/channel.h"
#include "db/db.h"
#include "store/schema.h"

static int
open_at(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
open_in(const char *name, int flags)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", bed.dir, name);
	return open_at(path, flags);
}

static int
result(long rc)
{
	return rc < 0 ? errno : 0;
}

int
open_registrar(int role UNUSED)
{
	return open_in("db/registrar/file", O_RDWR);
}

int
open_ca(int role UNUSED)
{
	return open_in("db/ca/file", O_RDWR);
}

int
create_registrar(int role UNUSED)
{
	return open_in("db/registrar/new", O_RDWR | O_CREAT | O_TRUNC);
}

int
create_ca(int role UNUSED)
{
	return open_in("db/ca/new", O_RDWR | O_CREAT | O_TRUNC);
}

int
publish(int role UNUSED)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];

	int rc = open_in("pub/new", O_WRONLY | O_CREAT);
	if (rc != 0)
		return rc;
	snprintf(from, sizeof from, "%s/pub/new", bed.dir);
	snprintf(to, sizeof to, "%s/pub/ca.crl", bed.dir);
	return result(rename(from, to));
}

int
open_key(int role UNUSED)
{
	return open_in("ra.key", O_RDONLY);
}

int
open_conf(int role UNUSED)
{
	return open_in("signet.yaml", O_RDONLY);
}

int
open_passwd(int role UNUSED)
{
	return open_at("/etc/passwd", O_RDONLY);
}

int
open_proc(int role UNUSED)
{
	return open_at("/proc/self/mem", O_RDWR);
}

int
open_random(int role UNUSED)
{
	return open_at("/dev/urandom", O_RDONLY);
}

int
create_outside(int role UNUSED)
{
	return open_in("outside", O_WRONLY | O_CREAT);
}

int
list_outside(int role UNUSED)
{
	return open_at("/", O_RDONLY | O_DIRECTORY);
}

int
rename_file(int role)
{
	char from[PATH_MAX + 32], to[PATH_MAX + 32];

	snprintf(from, sizeof from, "%s/db/%s/file", bed.dir, roles[role]);
	snprintf(to, sizeof to, "%s/db/%s/moved", bed.dir, roles[role]);
	return result(rename(from, to));
}

int
open_store(int role)
{
	struct sg_db *store = NULL;
	struct sg_err err;
	char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s/db/%s/test.db", bed.dir, roles[role]);
	struct sg_db_conf conf = {
	    .schema = role == CA ? &sg_store_schema_ca : &sg_store_schema_registrar, .path = path};
	if (sg_db_open(&conf, &store, &err) != SG_OK)
		return ENOTRECOVERABLE;
	sg_db_free(&store);
	return 0;
}

int
make_socket(int role UNUSED)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

int
make_socket_unix(int role UNUSED)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

int
make_socket_netlink(int role UNUSED)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

int
make_pair(int role UNUSED)
{
	int fd[2];

	return result(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
}

int
connect_loopback(int role UNUSED)
{
	return result(connect(bed.tcp, (struct sockaddr *)&bed.address, sizeof bed.address));
}

int
bind_port(int role UNUSED)
{
	struct sockaddr_in any = {.sin_family = AF_INET};

	return result(bind(bed.tcp, (struct sockaddr *)&any, sizeof any));
}

int
listen_more(int role UNUSED)
{
	return result(listen(bed.tcp, 1));
}

int
send_datagram(int role UNUSED)
{
	return result(
	    sendto(bed.udp, "x", 1, 0, (struct sockaddr *)&bed.address, sizeof bed.address));
}

int
send_edge(int role UNUSED)
{
	char c;

	if (send(bed.pair[0], "x", 1, MSG_NOSIGNAL) != 1)
		return errno;
	return result(read(bed.pair[1], &c, 1));
}

int
receive_descriptor(int role UNUSED)
{
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	return result(recvmsg(bed.pair[0], &msg, MSG_DONTWAIT)) == EAGAIN ? 0 : errno;
}

/* The listener does not block and nobody connects: EAGAIN is as far as it gets. */
int
append_to_log(int role UNUSED)
{
	return result((int)write(bed.log, "x", 1));
}

int
accept_connection(int role UNUSED)
{
	int rc = result(accept4(bed.listener, NULL, NULL, SOCK_CLOEXEC));
	return rc == EAGAIN ? 0 : rc;
}

int
type_into_terminal(int role UNUSED)
{
	return result(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

int
bind_to_device(int role UNUSED)
{
	return result(setsockopt(bed.tcp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
}

int
execute(int role UNUSED)
{
	char name[] = "true";
	char *argv[] = {name, NULL}, *env[] = {NULL};

	return result(execve("/bin/true", argv, env));
}

int
execute_descriptor(int role UNUSED)
{
	char name[] = "true";
	char *argv[] = {name, NULL}, *env[] = {NULL};

	return result(fexecve(bed.pair[0], argv, env));
}

int
make_process(int role UNUSED)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return result(pid);
}

int
make_process_3(int role UNUSED)
{
	uint64_t args[8] = {0, 0, 0, 0, SIGCHLD};

	long pid = syscall(SYS_clone3, args, sizeof args);
	if (pid == 0)
		_exit(0);
	return result(pid);
}

static void *
nothing_main(void *arg)
{
	return arg;
}

int
make_thread(int role UNUSED)
{
	pthread_t thread;
	void *ret = NULL;

	int rc = pthread_create(&thread, NULL, nothing_main, &bed);
	return rc != 0 ? rc : pthread_join(thread, &ret);
}

/* As after a thousand connections: malloc gives the memory of a thread back. */
static void *
give_back_main(void *arg)
{
	void *block[64];

	for (size_t n = 0; n < 64; n++)
		block[n] = sg_alloc(100000);
	for (size_t n = 64; n > 0; n--)
		sg_free(block[n - 1]);
	return arg;
}

int
make_epoll(int role UNUSED)
{
	struct epoll_event ev = {.events = EPOLLIN};
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, bed.pair[0], &ev) != 0 ||
	    epoll_wait(fd, &ev, 1, 0) < 0)
		return errno;
	return result(close(fd));
}

int
make_event(int role UNUSED)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fd < 0 ? errno : result(close(fd));
}

int
give_memory_back(int role UNUSED)
{
	pthread_t thread;
	void *ret = NULL;

	int rc = pthread_create(&thread, NULL, give_back_main, &bed);
	return rc != 0 ? rc : pthread_join(thread, &ret);
}

static void *
socket_main(void *arg)
{
	sg_ignore(socket(AF_INET, SOCK_STREAM, 0) < 0);
	return arg;
}

/* A thread inherits everything, and its violation ends the process. */
int
socket_in_thread(int role UNUSED)
{
	pthread_t thread;

	int rc = pthread_create(&thread, NULL, socket_main, &bed);
	return rc != 0 ? rc : pthread_join(thread, NULL);
}

int
trace_parent(int role UNUSED)
{
	return result(ptrace(PTRACE_ATTACH, bed.parent, NULL, NULL));
}

int
read_parent(int role UNUSED)
{
	char c[8];
	struct iovec here = {c, sizeof c}, there = {&bed, sizeof c};

	return result(process_vm_readv(bed.parent, &here, 1, &there, 1, 0));
}

int
write_parent(int role UNUSED)
{
	char c[8] = {0};
	struct iovec here = {c, sizeof c}, there = {&bed, sizeof c};

	return result(process_vm_writev(bed.parent, &here, 1, &there, 1, 0));
}

int
kill_parent(int role UNUSED)
{
	return result(kill(bed.parent, 0));
}

int
slow_parent(int role UNUSED)
{
	return result(setpriority(PRIO_PROCESS, (id_t)bed.parent, 19));
}

int
slow_user(int role UNUSED)
{
	return result(setpriority(PRIO_USER, 0, 19));
}

int
slow_itself(int role UNUSED)
{
	return result(setpriority(PRIO_PROCESS, 0, 19));
}

int
kill_thread_of_parent(int role UNUSED)
{
	return result(tgkill(bed.parent, bed.parent, 0));
}

int
kill_self(int role UNUSED)
{
	return result(tgkill(getpid(), gettid(), 0));
}

int
become_root(int role UNUSED)
{
	return result(setuid(0));
}

int
become_group(int role UNUSED)
{
	gid_t group = 0;

	return result(syscall(SYS_setgroups, 1, &group));
}

int
be_dumpable(int role UNUSED)
{
	return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

int
raise_limit(int role UNUSED)
{
	struct rlimit core = {RLIM_INFINITY, RLIM_INFINITY};

	return result(setrlimit(RLIMIT_CORE, &core));
}

int
map_code(int role UNUSED)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? errno : 0;
}

int
turn_data_into_code(int role UNUSED)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? 0 : result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

int
map_data(int role UNUSED)
{
	void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? errno : result(munmap(p, 1 << 20));
}

int
random_and_time(int role UNUSED)
{
	uint8_t bytes[16];
	struct timespec ts = {0, 1000};

	if (syscall(SYS_getrandom, bytes, sizeof bytes, 0) != (long)sizeof bytes)
		return errno;
	return result(nanosleep(&ts, NULL));
}

/* ---- connecting without connect ---- */

static struct msghdr
message_to(struct iovec *iov)
{
	return (struct msghdr){.msg_name = &bed.address,
	    .msg_namelen = sizeof bed.address,
	    .msg_iov = iov,
	    .msg_iovlen = 1};
}

static int
fast_open_by(int fd)
{
	struct iovec iov = {(char[]){"x"}, 1};
	struct msghdr msg = message_to(&iov);

	if (shutdown(fd, SHUT_RDWR) != 0)
		return errno;
	return result(sendmsg(fd, &msg, MSG_FASTOPEN | MSG_NOSIGNAL));
}

int
fast_open_message(int role UNUSED)
{
	return fast_open_by(bed.own);
}

/* The channel is closed, and a listener has its number. */
int
fast_open_on_channel(int role UNUSED)
{
	return fast_open_by(SG_CHANNEL_FD);
}

int
fast_open_messages(int role UNUSED)
{
	struct iovec iov = {(char[]){"x"}, 1};
	struct mmsghdr msg = {.msg_hdr = message_to(&iov)};

	if (shutdown(bed.own, SHUT_RD) != 0)
		return errno;
	return result(syscall(SYS_sendmmsg, bed.own, &msg, 1, MSG_FASTOPEN));
}

int
fast_open_send(int role UNUSED)
{
	if (shutdown(bed.own, SHUT_RD) != 0)
		return errno;
	return result(sendto(bed.own, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
	    (struct sockaddr *)&bed.address, sizeof bed.address));
}

int
fast_open_bare(int role UNUSED)
{
	if (shutdown(bed.own, SHUT_RDWR) != 0)
		return errno;
	return result(send(bed.own, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT));
}

int
send_out_of_band(int role UNUSED)
{
	return result(send(bed.pair[0], "x", 1, MSG_OOB | MSG_NOSIGNAL));
}

/* Without any flag, on an edge. */
int
send_with_address(int role UNUSED)
{
	return result(
	    sendto(bed.pair[0], "x", 1, 0, (struct sockaddr *)&bed.address, sizeof bed.address));
}

int
pass_descriptor(int role UNUSED)
{
	return sg_channel_send(bed.pair[0], SG_PACKET_FILE, "x", bed.tcp, NULL) == SG_OK ? 0 : EIO;
}

int
peek_channel(int role UNUSED)
{
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	return result(recvmsg(SG_CHANNEL_FD, &msg, MSG_PEEK | MSG_DONTWAIT));
}

static int
set_option(int level, int option)
{
	int one = 1;

	return result(setsockopt(bed.tcp, level, option, &one, sizeof one));
}

int
fast_open_option(int role UNUSED)
{
	return set_option(IPPROTO_TCP, TCP_FASTOPEN_CONNECT);
}

int
repair_option(int role UNUSED)
{
	return set_option(IPPROTO_TCP, TCP_REPAIR);
}

int
ulp_option(int role UNUSED)
{
	return result(setsockopt(bed.tcp, IPPROTO_TCP, TCP_ULP, "tls", 3));
}

int
filter_option(int role UNUSED)
{
	return set_option(SOL_SOCKET, SO_ATTACH_FILTER);
}

int
ip_option(int role UNUSED)
{
	return set_option(IPPROTO_IP, IP_OPTIONS);
}

/* ---- the log, which every role holds ---- */

int
clear_append(int role UNUSED)
{
	return result(fcntl(STDERR_FILENO, F_SETFL, 0));
}

int
cut_log(int role UNUSED)
{
	return result(ftruncate(STDERR_FILENO, 0));
}

/* The kernel takes 32 bits of the 64 that a filter sees. */
int
cut_log_by_high_bits(int role UNUSED)
{
	return result(syscall(SYS_ftruncate, 1L << 32 | STDERR_FILENO, 0L));
}

int
write_into_log(int role UNUSED)
{
	return result(pwrite(STDERR_FILENO, "x", 1, 0));
}

/* To write over it where a shell opened it without O_APPEND. */
int
go_back_in_log(int role UNUSED)
{
	return result(lseek(STDERR_FILENO, 0, SEEK_SET) != 0 ? -1 : 0);
}

/* Calls that no role has a word for. */
const struct never never[] = {
    {"connect", SYS_connect},
    {"sendmsg", SYS_sendmsg},
    {"sendmmsg", SYS_sendmmsg},
    {"recvmmsg", SYS_recvmmsg},
    {"recvfrom", SYS_recvfrom},
    {"splice", SYS_splice},
    {"tee", SYS_tee},
    {"vmsplice", SYS_vmsplice},
    {"sendfile", SYS_sendfile},
    {"copy_file_range", SYS_copy_file_range},
    {"io_uring_enter", SYS_io_uring_enter},
    {"io_uring_register", SYS_io_uring_register},
    {"io_submit", SYS_io_submit},
    {"mount", SYS_mount},
    {"umount2", SYS_umount2},
    {"fsopen", SYS_fsopen},
    {"chroot", SYS_chroot},
    {"pivot_root", SYS_pivot_root},
    {"unshare", SYS_unshare},
    {"setns", SYS_setns},
    {"keyctl", SYS_keyctl},
    {"add_key", SYS_add_key},
    {"bpf", SYS_bpf},
    {"userfaultfd", SYS_userfaultfd},
    {"io_uring_setup", SYS_io_uring_setup},
    {"perf_event_open", SYS_perf_event_open},
    {"memfd_create", SYS_memfd_create},
    {"pidfd_open", SYS_pidfd_open},
    {"pidfd_getfd", SYS_pidfd_getfd},
    {"open_by_handle_at", SYS_open_by_handle_at},
    {"personality", SYS_personality},
    {"truncate", SYS_truncate},
    {"mkdirat", SYS_mkdirat},
    {"symlinkat", SYS_symlinkat},
    {"linkat", SYS_linkat},
    {"mknodat", SYS_mknodat},
    {"fchmodat", SYS_fchmodat},
    {"fchownat", SYS_fchownat},
    {"fchown", SYS_fchown},
    {"setxattr", SYS_setxattr},
    {"setresuid", SYS_setresuid},
    {"capset", SYS_capset},
    {"seccomp", SYS_seccomp},
    {"settimeofday", SYS_settimeofday},
    {"clock_settime", SYS_clock_settime},
    {"sethostname", SYS_sethostname},
    {"reboot", SYS_reboot},
    {"init_module", SYS_init_module},
    {"kcmp", SYS_kcmp},
    {"shmget", SYS_shmget},
    {"msgget", SYS_msgget},
    {"inotify_init1", SYS_inotify_init1},
    {"fanotify_init", SYS_fanotify_init},
    {"dup", SYS_dup},
    {"sched_setscheduler", SYS_sched_setscheduler},
};
const size_t never_n = sizeof never / sizeof never[0];
long never_no;

int
call_never(int role UNUSED)
{
	return result(syscall(never_no, -1, 0, 0, 0, 0, 0));
}

#ifdef __x86_64__
/* The list is one of 64-bit numbers: the other ways in have others. Both write a byte. */
int
call_as_32_bit(int role UNUSED)
{
	/* Such a call has room for 32 bits of an address. */
	long rc = 4;
	char *byte = mmap(
	    NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (byte == MAP_FAILED)
		return 0;
	__asm__ volatile("int $0x80"
			 : "+a"(rc)
			 : "b"((long)bed.told[1]), "c"(byte), "d"(1L)
			 : "memory", "r8", "r9", "r10", "r11");
	return rc < 0 ? (int)-rc : 0;
}

int
call_as_x32(int role UNUSED)
{
	return result(syscall(0x40000000 | SYS_write, bed.told[1], "x", 1));
}
#endif
