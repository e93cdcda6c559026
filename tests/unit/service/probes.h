/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * unit/service/probes.h - what a child in a role's sandbox tries, one function each
 */

#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/types.h>

#include "conf/conf.h"

#define UNUSED __attribute__((unused))

enum { FRONT, REGISTRAR, KEYD, CA, ROLES };

extern const char *const roles[ROLES];

/* What is open before the sandbox closes: as in a role, where the supervisor opened it. */
struct bed {
	char dir[PATH_MAX], conf_path[PATH_MAX + 16];
	struct sg_conf *conf;
	int listener, tcp, udp, pair[2];
	int told[2];		    /* a pipe that call_as_32_bit and call_as_x32 write to */
	int log;		    /* O_APPEND, as long as a file of front may be */
	struct sockaddr_in address; /* of the listener */
	int own;		    /* a listener of the child alone, which it may break */
	pid_t parent;
};

extern struct bed bed;

typedef int
probe(int role); /* 0: it could; otherwise why not, as errno */

probe open_registrar, open_ca, create_registrar, create_ca, publish, open_key, open_conf,
    open_passwd, open_proc, open_random, create_outside, list_outside, rename_file, open_store,
    make_socket, make_socket_unix, make_socket_netlink, make_pair, connect_loopback, bind_port,
    listen_more, send_datagram, send_edge, receive_descriptor, accept_connection,
    type_into_terminal, bind_to_device, execute, execute_descriptor, make_process, make_process_3,
    make_thread, make_epoll, make_event, give_memory_back, socket_in_thread, trace_parent,
    read_parent, write_parent, kill_parent, slow_parent, slow_user, slow_itself,
    kill_thread_of_parent, kill_self, become_root, become_group, be_dumpable, raise_limit, map_code,
    turn_data_into_code, map_data, random_and_time, append_to_log, call_never, call_as_32_bit,
    call_as_x32;

/* Ways to connect with a listener that was shut down, bed.own, by MSG_FASTOPEN. */
probe fast_open_message, fast_open_on_channel, fast_open_messages, fast_open_send, fast_open_bare;

/* Relatives: other flags and options of sockets, descriptors from role to role, the log. */
probe send_out_of_band, send_with_address, pass_descriptor, peek_channel, fast_open_option,
    repair_option, ulp_option, filter_option, ip_option, clear_append, cut_log,
    cut_log_by_high_bits, write_into_log, go_back_in_log;

/* Calls that no role has a word for; call_never makes number never_no. */
struct never {
	const char *name;
	long no;
};

extern const struct never never[];
extern const size_t never_n;
extern long never_no;
