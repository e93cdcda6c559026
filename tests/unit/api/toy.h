/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * toy.h - a role of the tests with a route of each shape, and a sink that keeps what came
 */

#include "unit/base/base_test.h"

#include "api/serve.h"

extern const struct sg_json_word toy_colours[];

#define TOY_ID_ROWS(R, T) R(T, hex, required, id, (1, 4), "which thing")
SG_JSON_DECLARE(toy_id, TOY_ID_ROWS);
#define TOY_FILTER_ROWS(R, T)                                                                      \
	R(T, enum, optional, colour, (toy_colours), "only of this colour")                         \
	R(T, text, optional, name, (1, 8), "only of this name")                                    \
	R(T, time, optional, since, (), "only since then")                                         \
	R(T, bool, optional, loud, (), "only loud ones")
SG_JSON_DECLARE(toy_filter, TOY_FILTER_ROWS);
#define TOY_WANT_ROWS(R, T) R(T, int, required, size, (1, 10), "how large")
SG_JSON_DECLARE(toy_want, TOY_WANT_ROWS);
#define TOY_TOUCH_ROWS(R, T) R(T, text, optional, note, (0, 8), "why")
SG_JSON_DECLARE(toy_touch, TOY_TOUCH_ROWS);
#define TOY_THING_ROWS(R, T)                                                                       \
	R(T, int, required, key, (1, SG_JSON_INT_MAX), "its number")                               \
	R(T, enum, required, colour, (toy_colours), "its colour")                                  \
	R(T, text, nullable, name, (0, 8), "its name")
SG_JSON_DECLARE(toy_thing, TOY_THING_ROWS);

#define TOY_ROUTES(R)                                                                              \
	R(toy, things, GET, "/v1/toy/things", LIST, READ, toy_filter, sg_api_none, toy_thing,      \
	    "newest first")                                                                        \
	R(toy, thing, GET, "/v1/toy/things/{id}", ONE, READ, toy_id, sg_api_none, toy_thing,       \
	    "one thing")                                                                           \
	R(toy, make, POST, "/v1/toy/things", ONE, CHALLENGE, sg_api_none, toy_want, toy_thing,     \
	    "make one")                                                                            \
	R(toy, touch, POST, "/v1/toy/things/{id}/touch", ONE, CERTIFICATE, toy_id, toy_touch,      \
	    sg_api_none, "touch one")                                                              \
	R(toy, events, GET, "/v1/toy/events", FOLLOWED, READ, sg_api_none, sg_api_none, toy_thing, \
	    "what happens")                                                                        \
	R(toy, file, GET, "/v1/toy/file", BYTES, BACKUP, sg_api_none, sg_api_none, sg_api_none,    \
	    "a file")
SG_API_ROUTES_DECLARE(toy, TOY_ROUTES);

/* The state of the role: what handlers were asked, and what they are to say. */
struct toy {
	unsigned calls;
	int64_t keys;		/* there are things 1..keys */
	int64_t comes;		/* so many more with each call */
	const char *refuse;	/* a rule to refuse with */
	enum sg_code code;	/* and its code */
	unsigned refuse_from;	/* from this call on */
	const char *member;	/* and by sg_api_refuse_member */
	bool silent;		/* no answer, but SG_OK */
	int colour;		/* of things */
	int64_t length, pieces; /* of a file: announced, and put; 0: 10 */
	struct toy_filter filter;
	char name[16], id[16], note[16], trace[33];
	bool has_note;
	int64_t size;
};

/* Where an answer goes. */
struct kept {
	int status;
	char type[64], fields[256];
	bool has_length, ended;
	uint64_t length;
	struct sg_buf body;
	int64_t waits; /* until the other side has gone; 0: at once */
	int fail_at;   /* the n-th put fails */
	int puts;
	bool no_stay; /* no answer may stay */
	unsigned stays;
	unsigned refusals;
	int refused_status;
	char refused_rule[64];
};

extern const struct sg_api toy_api;
extern const struct sg_api_principal toy_root;

/* Ask "GET /v1/toy/things?x=y"; body NULL: none, else type is its media type. Asserts that it is an
 * answer, and no more; its result otherwise. */
enum sg_code
toy_ask_as(const struct sg_api_principal *who, struct toy *toy, const char *line, const char *type,
    const char *body, struct kept *ret);
/* As root, from an empty kept; asserts SG_OK. */
void
toy_ask(struct toy *toy, const char *line, const char *body, struct kept *ret);
/* The answer is a problem: this status, rule, member (NULL: none). */
void
toy_expect_at(const struct kept *k, int status, const char *rule, const char *member, int line);
#define toy_expect(k, status, rule, member) toy_expect_at((k), (status), (rule), (member), __LINE__)
