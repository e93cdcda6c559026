/* SPDX-License-Identifier: Apache-2.0 */

/*
 * clock.c - the two clocks of the system
 */

#include "base/clock.h"

#include <time.h>

#include "base/err.h"

static int64_t
read_us(clockid_t id)
{
	struct timespec ts = {0, 0};
	sg_ignore(clock_gettime(id, &ts) != 0); /* cannot fail for these two clocks */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
sg_clock_now(void)
{
	return sg_clock_now_us() / 1000000;
}

int64_t
sg_clock_now_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
sg_clock_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
sg_clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
