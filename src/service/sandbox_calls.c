/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sandbox_calls.c - what each role may do once it has its configuration and descriptors
 *
 * Read the last table first: a row per role. What stands nowhere ends the process: there is
 * no socket, bind, connect or listen, no sendmsg, no execve, fork or kill of others, no ptrace
 * or process_vm_*, no mount, chmod by path, keyctl, bpf, userfaultfd, io_uring, prctl or
 * setuid in any list. Found by tracing a whole end-to-end run, then read one by one: each
 * line says who needs it. A name that this processor does not have costs nothing.
 */

#include "service/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/limits.h"
#include "service/channel.h"

#define IS(n, value)                                                                               \
	{                                                                                          \
		(n), SCMP_CMP_EQ, (value), 0                                                       \
	}
#define BITS(n, mask, value)                                                                       \
	{                                                                                          \
		(n), SCMP_CMP_MASKED_EQ, (mask), (value)                                           \
	}

/* A call with a descriptor that is not 0 to 3, hence not the log: one of its bits above is set. A
 * comparison would be of all 64 bits, of which the kernel takes 32. */
#define NOT_THE_LOG(call)                                                                          \
	{.name = (call), .when = {BITS(0, 4, 4)}}, {.name = (call), .when = {BITS(0, 8, 8)}},      \
	    {.name = (call), .when = {BITS(0, 16, 16)}},                                           \
	    {.name = (call), .when = {BITS(0, 32, 32)}},                                           \
	    {.name = (call), .when = {BITS(0, 64, 64)}},                                           \
	{                                                                                          \
		.name = (call), .when = { BITS(0, 128, 128) }                                      \
	}

/* All that a send may ask for. MSG_FASTOPEN connects, and Landlock is not asked about it: a
 * listening socket that was shut down, as front has some, then calls whom it likes. */
#define SEND_OTHER_FLAGS (0xffffffffu & ~(unsigned)(MSG_NOSIGNAL | MSG_DONTWAIT))

/* Threads of this process, never another process and never another namespace. */
#define CLONE_CHECKED                                                                              \
	(CLONE_THREAD | CLONE_VFORK | CLONE_PTRACE | CLONE_PARENT | CLONE_PIDFD | CLONE_NEWNS |    \
	    CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |         \
	    CLONE_NEWNET)

/* Every role: frames on its edges, threads, memory, time, its end. */
static const struct sg_sandbox_call common[] = {
    /* The edges, files that were handed over, lines of the log. */
    {.name = "read"},
    {.name = "write"},
    {.name = "pread64"},
    /* send(): to nobody but the other end. sendmsg is in no list: a filter cannot look into
     * its message, which may hold an address or descriptors. */
    {.name = "sendto", .when = {IS(4, 0), BITS(3, SEND_OTHER_FLAGS, 0)}},
    {.name = "shutdown"},
    {.name = "close"},
    /* The supervisor's channel, alone, brings descriptors. */
    {.name = "recvmsg", .when = {IS(0, SG_CHANNEL_FD), IS(2, MSG_CMSG_CLOEXEC)}},
    /* Memory, never executable. */
    {.name = "mmap", .when = {BITS(2, PROT_EXEC, 0)}},
    {.name = "mprotect", .when = {BITS(2, PROT_EXEC, 0)}},
    {.name = "munmap"},
    {.name = "mremap"},
    {.name = "madvise"},
    {.name = "brk"},
    /* Threads. What clone3 asks for cannot be looked at: libc then tries clone. */
    {.name = "clone", .when = {BITS(0, CLONE_CHECKED, CLONE_THREAD)}},
    {.name = "clone3", .refuse = ENOSYS},
    {.name = "set_robust_list"},
    {.name = "rseq"},
    {.name = "futex"},
    {.name = "sched_yield"},
    {.name = "sched_getaffinity"}, /* malloc: how many arenas */
    {.name = "gettid"},
    {.name = "getpid"},	 /* OpenSSL: was there a fork? */
    {.name = "sysinfo"}, /* qsort: how much memory */
    {.name = "exit"},
    {.name = "exit_group"},
    /* Signals: a new thread blocks them; abort() sends one to itself. */
    {.name = "rt_sigprocmask"},
    {.name = "rt_sigaction"},
    {.name = "rt_sigreturn"},
    {.name = "restart_syscall"},
    {.name = "tgkill", .own_pid = true},
    /* Time, where the vDSO does not tell it, and waiting. */
    {.name = "clock_gettime"},
    {.name = "clock_getres"},
    {.name = "gettimeofday"},
    {.name = "time"},
    {.name = "nanosleep"},
    {.name = "clock_nanosleep"},
    {.name = "getrandom"},
    {.name = NULL},
};

/* All but keyd, which only reads and answers: loops over descriptors. */
static const struct sg_sandbox_call loop[] = {
    {.name = "epoll_create1"},
    {.name = "epoll_ctl"},
    {.name = "epoll_wait"},
    {.name = "epoll_pwait"},
    {.name = "epoll_pwait2"},
    {.name = "eventfd2"},
    {.name = NULL},
};

/* front: a server on listening sockets that it was handed. */
static const struct sg_sandbox_call http[] = {
    {.name = "accept4"},
    {.name = "readv"},
    {.name = "writev"}, /* head and body of an answer at once */
    {.name = "getsockname"},
    {.name = "getpeername"},
    {.name = "setsockopt", .when = {IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)}},
    {.name = "ioctl", .when = {IS(1, FIONREAD)}},
    {.name = "fcntl", .when = {IS(1, F_GETFL)}}, /* never SETFL: the logs stay append-only */
    NOT_THE_LOG("lseek"),			 /* the access log: how long is it? */
    {.name = "pipe2"},
    {.name = "getuid"}, /* libevent: is the environment to be trusted? */
    {.name = "geteuid"},
    {.name = "getgid"},
    {.name = "getegid"},
    {.name = NULL},
};

/* front, keyd: no file at all. But before malloc gives memory of a thread back, which it does
 * when a thousand connections have gone, it asks whether memory is overcommitted; where it
 * cannot know, it keeps the addresses and gives back the pages. */
static const struct sg_sandbox_call no_files[] = {
    {.name = "openat", .when = {IS(2, O_RDONLY | O_CLOEXEC)}, .refuse = EACCES},
    {.name = NULL},
};

/* registrar, ca: SQLite; Landlock says below which directory. */
static const struct sg_sandbox_call database[] = {
    {.name = "open"},
    {.name = "openat"},
    {.name = "access"},
    {.name = "faccessat"},
    {.name = "faccessat2"},
    {.name = "stat"},
    {.name = "lstat"},
    {.name = "fstat"},
    {.name = "newfstatat"},
    {.name = "statx"},
    {.name = "readlink"},
    {.name = "readlinkat"},
    {.name = "getcwd"},
    {.name = "geteuid"}, /* would root's files need another owner? */
    /* Writing, but not over the log of the process, which is descriptor 2. */
    NOT_THE_LOG("lseek"),
    NOT_THE_LOG("pwrite64"),
    {.name = "fsync"},
    {.name = "fdatasync"},
    /* SQLite's log after a checkpoint; the reserve, when it is given up. */
    NOT_THE_LOG("ftruncate"),
    NOT_THE_LOG("fallocate"),
    {.name = "statfs"}, /* how large the disk is, and whether it has room for the reserve */
    {.name = "fstatfs"},
    /* SQLite's log gets the mode of its database. */
    NOT_THE_LOG("fchmod"),
    {.name = "unlink"},
    {.name = "unlinkat"},
    {.name = "flock"},
    {.name = "fcntl", .when = {IS(1, F_SETLK)}},
    {.name = "fcntl", .when = {IS(1, F_GETLK)}},
    {.name = "fcntl", .when = {IS(1, F_GETFD)}},
    {.name = "fcntl", .when = {IS(1, F_SETFD)}},
    /* The writer is patient, so that commits are grouped: a thread of itself, no sibling. */
    {.name = "setpriority", .when = {IS(0, PRIO_PROCESS), IS(1, 0)}},
    {.name = NULL},
};

/* registrar, ca: the command line's socket, which listens already. */
static const struct sg_sandbox_call control[] = {
    {.name = "accept4"},
    {.name = "getsockopt", .when = {IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)}},
    {.name = "setsockopt", .when = {IS(1, SOL_SOCKET), IS(2, SO_RCVTIMEO)}},
    {.name = "setsockopt", .when = {IS(1, SOL_SOCKET), IS(2, SO_SNDTIMEO)}},
    {.name = NULL},
};

/* ca: revocation lists, published by rename; opening and the rest is `database`. */
static const struct sg_sandbox_call publish[] = {
    {.name = "rename"},
    {.name = "renameat"},
    {.name = "renameat2"},
    {.name = NULL},
};

/* SQLite's own random numbers, for names of temporary files and the instance's id. */
#define RANDOM                                                                                     \
	{                                                                                          \
		SG_SANDBOX_ROOT, "/dev/urandom", false                                             \
	}

/*
 * Only front has a limit of the size of files: databases have none. Memory is a few times what
 * the largest load measured.
 */
const struct sg_sandbox_row sg_sandbox_rows[] = {
    {
	.role = "front", /* the internet: no file at all; it may accept, not connect */
	.group = {common, loop, http, no_files},
	.descriptors = SG_HTTP_CONNS_MAX + 64,
	.data_mib = 2048,
	.appends = true,
    },
    {
	.role = "registrar",
	.group = {common, loop, database, control},
	.path = {{SG_SANDBOX_DATA, "/db/registrar", true}, RANDOM},
	.descriptors = 256,
	.data_mib = 1024,
    },
    {
	.role = "keyd", /* one socket, and the keys that it has in memory */
	.group = {common, no_files},
	.descriptors = 64,
	.data_mib = 256,
    },
    {
	.role = "ca",
	.group = {common, loop, database, control, publish},
	.path = {{SG_SANDBOX_DATA, "/db/ca", true}, {SG_SANDBOX_CRL, "", true}, RANDOM},
	.descriptors = 256,
	.data_mib = 2048, /* a revocation list of millions, twice */
    },
    {.role = NULL},
};
