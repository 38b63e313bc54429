// SPDX-License-Identifier: GPL-2.0
/* The CPU's cycle counter, which times all calls, and the time since boot */
#include "machine/clock.h"

#include <time.h>
#include <unistd.h>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

uint64_t clock_ticks(void)
{
#ifdef __x86_64__
	/* Earlier instructions have to be done, and later ones must not begin. */
	uint64_t ticks;

	_mm_lfence();
	ticks = __rdtsc();
	_mm_lfence();
	return ticks;
#else
	return 0;
#endif
}

uint64_t clock_khz(void)
{
	struct timespec from, to;
	uint64_t ticks;
	double ms;

	clock_gettime(CLOCK_MONOTONIC_RAW, &from);
	ticks = clock_ticks();
	usleep(20000);
	clock_gettime(CLOCK_MONOTONIC_RAW, &to);
	ticks = clock_ticks() - ticks;
	ms = (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6;
	return ticks / ms + 0.5;
}

uint64_t clock_since_boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
