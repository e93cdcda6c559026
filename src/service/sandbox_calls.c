/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sandbox_calls.c - the groups of system calls that roles share; which a role has stands in its
 * service.c, and sandbox.c makes a filter of them before the role starts
 *
 * What stands nowhere ends the process: there is
 * no socket, bind, connect or listen, no sendmsg, no execve, fork or kill of others, no ptrace
 * or process_vm_*, no mount, chmod by path, keyctl, bpf, userfaultfd, io_uring, prctl or
 * setuid in any list. Found by tracing a whole end-to-end run, then read one by one: each
 * line says who needs it. A name that this processor does not have costs nothing.
 */

#include "service/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "service/channel.h"

/* All that a send may ask for. MSG_FASTOPEN connects, and Landlock is not asked about it: a
 * listening socket that was shut down, as front has some, then calls whom it likes. */
#define SEND_OTHER_FLAGS (0xffffffffu & ~(unsigned)(MSG_NOSIGNAL | MSG_DONTWAIT))

/* Threads of this process, never another process and never another namespace. */
#define CLONE_CHECKED                                                                              \
	(CLONE_THREAD | CLONE_VFORK | CLONE_PTRACE | CLONE_PARENT | CLONE_PIDFD | CLONE_NEWNS |    \
	    CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |         \
	    CLONE_NEWNET)

/* Every role: frames on its edges, threads, memory, time, its end. */
static const struct sg_sandbox_call common_calls[] = {
    /* The edges, files that were handed over, lines of the log. */
    {.name = "read"},
    {.name = "write"},
    {.name = "pread64"},
    /* send(): to nobody but the other end. sendmsg is in no list: a filter cannot look into
     * its message, which may hold an address or descriptors. */
    {.name = "sendto", .when = {SG_CALL_IS(4, 0), SG_CALL_BITS(3, SEND_OTHER_FLAGS, 0)}},
    {.name = "shutdown"},
    {.name = "close"},
    /* The supervisor's channel, alone, brings descriptors. */
    {.name = "recvmsg", .when = {SG_CALL_IS(0, SG_CHANNEL_FD), SG_CALL_IS(2, MSG_CMSG_CLOEXEC)}},
    /* Memory, never executable. */
    {.name = "mmap", .when = {SG_CALL_BITS(2, PROT_EXEC, 0)}},
    {.name = "mprotect", .when = {SG_CALL_BITS(2, PROT_EXEC, 0)}},
    {.name = "munmap"},
    {.name = "mremap"},
    {.name = "madvise"},
    {.name = "brk"},
    /* Threads. What clone3 asks for cannot be looked at: libc then tries clone. */
    {.name = "clone", .when = {SG_CALL_BITS(0, CLONE_CHECKED, CLONE_THREAD)}},
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
    /* The loop that reads the edges; they tell of descriptors that the role has anyway. */
    {.name = "epoll_create1"},
    {.name = "epoll_ctl"},
    {.name = "epoll_wait"},
    {.name = "epoll_pwait"},
    {.name = "epoll_pwait2"},
    {.name = "eventfd2"},
    {.name = NULL},
};
const struct sg_sandbox_calls sg_sandbox_common = {NULL, common_calls};

/* front, keyd: no file at all. But before malloc gives memory of a thread back, which it does
 * when a thousand connections have gone, it asks whether memory is overcommitted; where it
 * cannot know, it keeps the addresses and gives back the pages. */
static const struct sg_sandbox_call no_files_calls[] = {
    {.name = "openat", .when = {SG_CALL_IS(2, O_RDONLY | O_CLOEXEC)}, .refuse = EACCES},
    {.name = NULL},
};
const struct sg_sandbox_calls sg_sandbox_no_files = {NULL, no_files_calls};

/* registrar, ca: SQLite; Landlock says below which directory. */
static const struct sg_sandbox_call database_calls[] = {
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
    SG_CALL_NOT_THE_LOG("lseek"),
    SG_CALL_NOT_THE_LOG("pwrite64"),
    {.name = "fsync"},
    {.name = "fdatasync"},
    /* SQLite's log after a checkpoint; the reserve, when it is given up. */
    SG_CALL_NOT_THE_LOG("ftruncate"),
    SG_CALL_NOT_THE_LOG("fallocate"),
    {.name = "statfs"}, /* how large the disk is, and whether it has room for the reserve */
    {.name = "fstatfs"},
    /* SQLite's log gets the mode of its database. */
    SG_CALL_NOT_THE_LOG("fchmod"),
    {.name = "unlink"},
    {.name = "unlinkat"},
    {.name = "flock"},
    {.name = "fcntl", .when = {SG_CALL_IS(1, F_SETLK)}},
    {.name = "fcntl", .when = {SG_CALL_IS(1, F_GETLK)}},
    {.name = "fcntl", .when = {SG_CALL_IS(1, F_GETFD)}},
    {.name = "fcntl", .when = {SG_CALL_IS(1, F_SETFD)}},
    /* The writer is patient, so that commits are grouped: a thread of itself, no sibling. */
    {.name = "setpriority", .when = {SG_CALL_IS(0, PRIO_PROCESS), SG_CALL_IS(1, 0)}},
    {.name = NULL},
};
const struct sg_sandbox_calls sg_sandbox_database = {NULL, database_calls};

/* registrar, ca: the command line's socket, which listens already. */
static const struct sg_sandbox_call control_calls[] = {
    {.name = "accept4"},
    /* Waiting for a question, for room for its answer, for the end of who follows. */
    {.name = "poll"},
    {.name = "ppoll"},
    {.name = "getsockopt", .when = {SG_CALL_IS(1, SOL_SOCKET), SG_CALL_IS(2, SO_PEERCRED)}},
    {.name = NULL},
};
const struct sg_sandbox_calls sg_sandbox_control = {"accept on its control socket", control_calls};
