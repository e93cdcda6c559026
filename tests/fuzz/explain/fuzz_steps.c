/* SPDX-License-Identifier: Apache-2.0 */

/* Stored steps: what can be read is written again as the same steps. */

#include "fuzz/fuzz.h"

#include "explain/catalog.h"
#include "explain/steps.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sg_steps s = {.n = 0}, back = {.n = 0};
	sg_buf_scoped text = {0}, out = {0}, word = {0};

	sg_buf_put(&word, data, len);
	if (sg_catalog_find(sg_buf_text(&word)) == NULL)
		abort();
	if (sg_steps_add(&s, sg_slice(data, len), NULL) != SG_OK)
		return 0;
	sg_steps_put(&text, &s);
	if (sg_steps_add(&back, sg_buf_slice(&text), NULL) != SG_OK || back.n != s.n)
		abort();
	for (size_t i = 0; i < s.n; i++) {
		if (s.item[i].at_us != back.item[i].at_us || s.item[i].id != back.item[i].id)
			abort();
	}
	sg_steps_sort(&s);
	sg_steps_print(&out, &s);
	for (size_t i = 0; i < s.n; i++)
		if (sg_steps_since_us(&s, i) < 0 || sg_steps_took_us(&s, i) < 0 ||
		    sg_step_group(s.item[i].id) == 0)
			abort();
	return 0;
}
