// SPDX-License-Identifier: GPL-2.0
/*
 * A job to begin with, see HACKING.md: iterations of an empty loop, of which `old` makes
 * twice as many as `new`. tests/bench.sh adds it to a copy of the project.
 */
#include <stdlib.h>

#include "machine/clock.h"
#include "util/util.h"
#include "workload/job.h"

struct loop {
	struct measure *m;
	const struct cell *cell;
	struct cell_order order;
};

/* Which arms the job has, as bits: the empty one is the overhead of the clock. */
static void *loop_begin(struct measure *m, const struct cell *cell)
{
	struct loop *loop = grow(NULL, 1, sizeof(*loop));

	loop->m = m;
	loop->cell = cell;
	loop->order = job_order(m, cell, ARM_BIT(ARM_EMPTY) | ARM_BIT(ARM_OLD) |
				ARM_BIT(ARM_NEW), ARM_NEW);
	return loop;
}

static void loop_block(void *state, struct record_block *block)
{
	static const unsigned int times[] = { [ARM_OLD] = 2, [ARM_NEW] = 1 };
	struct loop *loop = state;

	block->nr = loop->order.nr;
	block->lead = 1;
	job_draw(loop->m, &loop->order, block->arm);
	for (unsigned int i = 0; i < block->nr; i++) {
		unsigned int n = times[block->arm[i]] * 100 << loop->cell->order;
		uint64_t start = clock_ticks();

		while (n--)
			asm volatile("");
		block->sample[i].ticks = clock_ticks() - start;
	}
}

static void loop_end(void *state)
{
	free(state);
}

const struct job loop_job = {
	.begin = loop_begin, .block = loop_block, .end = loop_end,
};
