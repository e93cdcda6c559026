/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * base/limits.h - every bound on what strangers and siblings may send, with its reason
 */

/* Encoding. */
#define SG_BUF_DEFAULT_MAX (1u << 20) /* no message of ours is larger; files say their own */
#define SG_DER_DEPTH_MAX 32u	      /* a SCEP message is 14 deep; bombs are thousands */
#define SG_OID_MAX 32u		      /* bytes; the longest OID in use here is 11 */
#define SG_INT_MAX_LEN 1025u	      /* bytes; an 8192-bit modulus and its sign byte */

/* HTTP: NDES's MaxFieldLength and MaxRequestBytes. */
#define SG_HTTP_LINE_MAX 65534u		/* request line and each field */
#define SG_HTTP_FIELDS_MAX 100u		/* header fields */
#define SG_HTTP_HEAD_MAX 131072u	/* the whole head */
#define SG_HTTP_HEADS_MAX (64u << 20)	/* all unfinished heads together */
#define SG_HTTP_HEAD_MS 10000		/* whole head, against slow senders */
#define SG_HTTP_BODY_MIN_RATE 1024	/* bytes a second a body must make */
#define SG_HTTP_BODY_GRACE_MS 5000	/* before that rate counts */
#define SG_HTTP_IDLE_MS 30000		/* between requests of one connection */
#define SG_HTTP_WRITE_MS 30000		/* a reader that takes nothing for so long is dropped */
#define SG_HTTP_PER_ADDR_MAX 64u	/* open connections of one address */
#define SG_HTTP_CONNS_MAX 16384u	/* open connections in all */
#define SG_HTTP_LINGER_MS 2000		/* reading on after the last answer, so that it arrives */
#define SG_HTTP_CHUNK_LINE_MAX 256u	/* chunk size and extensions */
#define SG_HTTP_CHUNK_EXTRA_MAX 8192u	/* extensions and trailers of one body together */
#define SG_HTTP_HOST_MAX 259u		/* a DNS name and a port */
#define SG_HTTP_PIPELINE_MAX 16384u	/* bytes read ahead while a request runs */
#define SG_HTTP_READ_MAX 16384u		/* bytes read of a socket at once */
#define SG_HTTP_ANSWER_MAX (256u << 10) /* what our client takes; a chain several times over */

/* TLS */
#define SG_TLS_PAIRS_MAX 32u	    /* of a server: RSA and EC for 16 names */
#define SG_TLS_CHAIN_MAX 8u	    /* certificates of one chain */
#define SG_TLS_NAMES_MAX 100u	    /* dNSNames of a certificate, as public CAs have it */
#define SG_TLS_SHAKE_MEM 49152u	    /* of a handshake that goes on: 45 KiB were measured */
#define SG_TLS_TURN_MAX (64u << 10) /* bytes of a socket at once, then others have their turn */
#define SG_TLS_LATER_MAX 32u	    /* messages of the handshake after it: new keys */
#define SG_TLS_HELLO_MAX 16384u	    /* of each message of a handshake; PQ keys among them */

/* What strangers may cost front (roles/front/budget.h). */
#define SG_BUDGET_ACCOUNTS 4096u     /* of each width of prefix; 56 bytes each */
#define SG_BUDGET_BURST_S 10	     /* as many seconds' worth at once: a room of devices retries */
#define SG_BUDGET_ALL 32u	     /* events of refusals: as many as 32 addresses cause */
#define SG_BUDGET_OWES_S 60	     /* refusals that count against an address in the queue */
#define SG_BUDGET_SAY_MS (60 * 1000) /* one line of an address that is over its budget */

/* The access log (roles/front/accesslog.h); rates are bytes a second. */
#define SG_ACCESS_LINE_MAX 1024u	 /* bytes of a line, whatever a stranger sends */
#define SG_ACCESS_WAITING_MAX (1u << 20) /* bytes that wait for a disk that takes nothing */
#define SG_ACCESS_RATE 1024u		 /* of an address, of what is not served: 3 lines */
#define SG_ACCESS_SERVED_RATE 16384u	 /* of what is served: 50 enrolments */
#define SG_ACCESS_BURST_S 128		 /* 128 KiB at once: some hundred lines */
#define SG_ACCESS_ALL 64u /* as many as 64 addresses have: the default size lasts an hour */

/* SCEP messages. */
#define SG_MESSAGE_MAX 65536u	  /* POST body, decoded GET message */
#define SG_ANSWER_MAX 262144u	  /* certs-only answers that our client reads: chains */
#define SG_CHALLENGE_MAX 16384u	  /* orders and Intune's challenges are kilobytes */
#define SG_TXID_MAX 255u	  /* opaque transactionID */
#define SG_NONCE_MAX 64u	  /* echoed byte by byte; 16 is the RFC's */
#define SG_CMS_CERTS_MAX 64u	  /* GetCACert of a company: each CA, with those before it */
#define SG_CHAIN_MAX 8u		  /* ca.chain: the longest known has five */
#define SG_CMS_ATTRS_MAX 32u	  /* a SCEP message has 5 to 8 */
#define SG_CMS_RECIPIENTS_MAX 16u /* RA and CA, each with an old certificate, and more */
#define SG_ENDPOINT_MAX 64u	  /* bytes of an endpoint's name */

/* Requests and certificates. */
#define SG_CSR_ATTRS_MAX 32u /* Windows sends 4 or 5 */
#define SG_CERT_MAX 16384u   /* bytes of one certificate */
#define SG_CERT_EXTS_MAX 32u
#define SG_SERIAL_MAX 64u      /* bytes; RFC says 20, throw-away signers send 32 and more */
#define SG_LEASE_MAX 64u       /* serial numbers of one lease: what is not used, the audit names */
#define SG_LEASE_ENDED_MAX 16u /* leases that one commit ends; on average it is one */
#define SG_NAME_RDNS_MAX 20u
#define SG_NAME_VALUE_MAX 4096u	 /* bytes of one attribute value: 1024 characters of any width */
#define SG_CERT_NAMES_MAX 10240u /* bytes of subject and SANs: leaves room for the rest */
#define SG_CN_MAX 64u		 /* characters, X.520 ub-common-name */
#define SG_SANS_MAX 100u
#define SG_SAN_LEN_MAX 2048u  /* bytes of one name */
#define SG_SAN_OTHERS_MAX 16u /* types of otherName of one template */
#define SG_EKUS_MAX 32u
#define SG_KEY_ID_MAX 64u /* bytes; a hash */
#define SG_RSA_MIN_BITS 2048u
#define SG_RSA_MAX_BITS 8192u		       /* above, verification costs more than our answer */
#define SG_RSA_E_MAX_LEN 8u		       /* bytes of a public exponent */
#define SG_PSS_SALT_MAX (SG_RSA_MAX_BITS / 8u) /* bytes; a key leaves room for less */
/* Of keys that a stranger chose: one verification costs at most ten times that of RSA-2048. */
#define SG_RSA_STRANGER_BITS 4096u
#define SG_RSA_STRANGER_E_LEN 4u  /* bytes; CryptoAPI holds no more, nearly all have 65537 */
#define SG_CRL_BACKDATE_S 600	  /* thisUpdate: relying parties whose clocks are slow */
#define SG_BACKDATE_S (24 * 3600) /* notBefore: Autopilot devices are up to 9 hours behind */
#define SG_PATTERNS_MAX 64u	  /* subject and SAN patterns of one endpoint, each */
#define SG_CRL_MAX (128u << 20)	  /* bytes of one CRL: two million rows, then it is sharded */

/* JSON that is asked for or answered with (json/read.h). */
#define SG_JSON_SIZE_MAX (1u << 20)   /* bytes of a question: a certificate in hex 30 times */
#define SG_JSON_DEPTH_MAX 8u	      /* a problem has one, a trace four */
#define SG_JSON_VALUES_MAX 65536u     /* of a question: 300 bytes each */
#define SG_API_ANSWER_MAX (16u << 20) /* bytes of one answer: a page has about one MiB */
#define SG_API_VALUES_MAX (1u << 20)  /* values of one answer: 500 transactions have 60 000 */

/* The control sockets (service/control.h). */
#define SG_CONTROL_HEAD_MAX 16384u /* a path, a query and what curl sends are 300 bytes */

/* Between processes. */
#define SG_FRAME_MAX (512u * 1024u) /* a message, its certificate and chain several times over */
#define SG_FRAME_FIELDS_MAX 32u
#define SG_FRAME_CODE_MAX 0xffffu   /* enum sg_code */
#define SG_FRAME_ENUM_MAX 255u	    /* of any other enum */
#define SG_FRAME_CEK_MAX 32u	    /* AES-256 */
#define SG_FRAME_RULE_MAX 64u	    /* of a refusal: rules are two or three words */
#define SG_FRAME_TEXT_MAX 511u	    /* what sg_err holds */
#define SG_FRAME_STEPS_MAX 1024u    /* of a trace: all that there are, several times over */
#define SG_FRAME_REQUEST_ID_MAX 32u /* instance, transaction, attempt */
#define SG_FRAME_TRACE_LEN 16u
#define SG_FRAME_ADDR_MAX 96u	      /* an address as text, and that of a proxy */
#define SG_FRAME_STATUS_MAX 599u      /* of HTTP */
#define SG_FRAME_MEDIA_MAX 64u	      /* a media type */
#define SG_FRAME_RSA_MAX 1024u	      /* what RSA-8192 makes */
#define SG_EDGE_BEHIND_MAX (4u << 20) /* bytes that wait for a sibling that does not read */

/* On the disk. */
#define SG_STORE_LOCK_MS 10000	    /* for a process of before that ends: a sync of a slow disk */
#define SG_STORE_RESERVE (8u << 20) /* kept beside each database: a thousand revocations */

/* Inside a process. */
#define SG_WORKERS 64u		      /* requests in hand at once, a fiber each */
#define SG_LOOP_ENDS_MAX 8u	      /* a role has at most four edges */
#define SG_FIBER_STACK (512u * 1024u) /* the deepest handler needs 64 KiB; touched pages count */

/* The log of a process (service/log.h). */
#define SG_LOG_BURST 20	    /* lines of a kind at once */
#define SG_LOG_LINE_MS 1000 /* and then one in so long */

/* The configuration file. */
#define SG_CONF_TEXT_MAX (256u * 1024u) /* bytes; 64 endpoints with all options are 40 KiB */
#define SG_CONF_DEPTH_MAX 8u		/* nesting; the schema needs 4 */
#define SG_CONF_NODES_MAX 16384u /* keys and values; bounds memory before the schema speaks */
#define SG_CONF_ERRORS_MAX 50u	 /* mistakes shown in one run */
#define SG_CONF_VALUE_MAX 1024u	 /* bytes of one value */
#define SG_CONF_SECTIONS_MAX 64u /* endpoints, templates */
#define SG_CONF_ITEMS_MAX 64u	 /* items of one list */
#define SG_CONF_LISTEN_MAX 16u	 /* addresses to listen on */
#define SG_CONF_EARLIER_MAX 8u	 /* earlier CA keys, each with a list of its own */
