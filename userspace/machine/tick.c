// SPDX-License-Identifier: GPL-2.0
/* When the last timer tick was: that is what the coarse clock says. */
#include "machine/tick.h"

#include <sched.h>
#include <time.h>

static uint64_t ns_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

uint64_t tick_now(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

void tick_avoid(uint64_t ns)
{
	uint64_t last = ns_of(CLOCK_MONOTONIC_COARSE), now = tick_now(), give_up;
	struct timespec period;

	clock_getres(CLOCK_MONOTONIC_COARSE, &period);
	if (ns && now - last + ns < (uint64_t)period.tv_nsec)
		return;
	/* Where no tick comes, there is none to avoid. */
	give_up = now + 2 * period.tv_nsec;
	while (ns_of(CLOCK_MONOTONIC_COARSE) == last && tick_now() < give_up)
		;
	/* What it has woken up runs now, not in the call. */
	sched_yield();
}
