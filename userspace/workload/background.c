// SPDX-License-Identifier: GPL-2.0
/* Background loads beside splits, one timed operation after the other */
#include "workload/background.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "machine/clock.h"
#include "util/util.h"
#include "workload/job.h"

/* The kernel moves pages between its lists 31 at a time. */
#define OP_PAGES	32
#define WAKE_NS		100000

#ifndef MADV_COLD
#define MADV_COLD	20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

static void touch(const struct beside *b)
{
	size_t page = sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < b->bytes; i += page)
		((volatile unsigned char *)b->region.addr)[i]++;
}

static int advise(const struct beside *b, int advice)
{
	return madvise(b->region.addr, b->bytes, advice);
}

static int nap(void)
{
	const struct timespec time = { .tv_nsec = WAKE_NS };

	return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL) ? -1 : 0;
}

/* Return: 0; -1 with errno set. */
static int operate(const struct beside *b)
{
	switch (b->what) {
	case BESIDE_FAULT:
		touch(b);
		return advise(b, MADV_DONTNEED);
	case BESIDE_COLD:
		return advise(b, MADV_COLD);
	case BESIDE_ISOLATE:
		/* What is swapped out on the way is wanted back. */
		if (advise(b, MADV_PAGEOUT))
			return -1;
		touch(b);
		return 0;
	default:
		return nap();
	}
}

int beside_begin(struct beside *b, size_t thp_size)
{
	b->bytes = OP_PAGES * sysconf(_SC_PAGESIZE);
	if (region_map(&b->region, 1, thp_size, b->node, false))
		return -1;
	touch(b);
	/* Does it work here at all? */
	if (b->what != BESIDE_PING && operate(b)) {
		int saved = errno;

		region_unmap(&b->region);
		errno = saved;
		return -1;
	}
	return 0;
}

void beside_end(struct beside *b)
{
	region_unmap(&b->region);
}

static int ping(struct beside *b, struct fsb_ping *request,
		struct beside_ops *ops)
{
	static struct fsb_sample sample[BESIDE_MAX_OPS];

	request->samples = (uintptr_t)sample;
	if (module_ping(b->module, request))
		return errno;
	for (unsigned int i = 0; i < request->nr; i++) {
		ops->start[i] = sample[i].start;
		ops->ticks[i] = sample[i].ticks;
	}
	ops->nr = request->nr;
	return 0;
}

int beside_round(struct beside *b, const struct fsb_barrier *barrier,
		 unsigned int limit, const atomic_uint *running,
		 struct beside_ops *ops)
{
	struct fsb_ping request = {
		.version = FSB_VERSION, .cpu = b->cpu, .barrier = *barrier,
		.nr = b->what == BESIDE_PING ? limit : 0,
	};
	uint64_t asked = b->what == BESIDE_WAKE ?
			 b->khz * WAKE_NS / 1000000 : 0;
	int error;

	ops->nr = 0;
	error = ping(b, &request, ops);
	if (error || b->what == BESIDE_PING)
		return error;
	while (ops->nr < limit && (!running || atomic_load(running))) {
		uint64_t start = clock_ticks(), ticks;

		if (operate(b))
			return errno;
		ticks = clock_ticks() - start;
		ops->start[ops->nr] = start;
		ops->ticks[ops->nr++] = ticks > asked ? ticks - asked : 1;
	}
	return 0;
}
