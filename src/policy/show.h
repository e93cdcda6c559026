/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy/show.h - names and SANs in refusals, escaped (private to policy/)
 *
 * Two names may differ and look the same (a Cyrillic and a Latin 'a', characters that show nothing,
 * 0 and O): then the refusal says code points. What is ASCII on both sides, and differs in more
 * than one character, is shown as it is.
 */

#include "base/buf.h"
#include "x509/ext.h"

/* A subject as text, "(no subject)" when empty. */
const char *
sg_policy_show_name(struct sg_buf *b, struct sg_slice name);
/* "dns:a, dns:b", or "no names". */
const char *
sg_policy_show_sans(struct sg_buf *b, const struct sg_sans *sans);
/* The first characters beyond ASCII of a text: " (U+0430 at character 4, ...)"; "" where it has
 * none. */
const char *
sg_policy_show_points(struct sg_buf *b, const char *text);
/*
 * The name of an authority (there) and the other one that a request asks for (here), for the end of
 * a sentence: "\"CN=alice\", the request asks for \"CN=...\"". Unless all of it is ASCII and
 * differs in what is shown, in more than one character, where they first differ and the code points
 * of both: "; character 4 is U+0061 there, U+0430 here". What sg_name_equal takes for the same is
 * passed over. One name that is the other from its end is called that.
 */
const char *
sg_policy_show_names(struct sg_buf *b, struct sg_slice there, struct sg_slice here);
/* The same for sets of alternative names, each with its sg_policy_show_points. */
const char *
sg_policy_show_sets(struct sg_buf *b, const struct sg_sans *there, const struct sg_sans *here);
