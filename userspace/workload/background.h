/* SPDX-License-Identifier: GPL-2.0 */
/* What goes on beside splits, one timed operation after the other */
#ifndef SPLITBENCH_BACKGROUND_H
#define SPLITBENCH_BACKGROUND_H

#include <stdatomic.h>

#include "sys/fsb_module.h"
#include "sys/thp_region.h"

/* Operations of a round, at most */
#define BESIDE_MAX_OPS		1024

/**
 * struct beside - who does it
 * @what: what
 * @module: the module, for waiting and for interrupts
 * @cpu: to interrupt
 * @khz: of the counter
 * @node: where its memory is to be
 * @region: its memory
 * @bytes: of one operation
 */
struct beside {
	enum contend_beside what;
	struct module *module;
	unsigned int cpu;
	uint64_t khz;
	int node;
	struct region region;
	size_t bytes;
};

/**
 * struct beside_ops - what was done in a round
 * @nr: how many operations
 * @start: of each, ticks
 * @ticks: of each; of a sleep, only what it was longer than asked for
 */
struct beside_ops {
	unsigned int nr;
	uint64_t start[BESIDE_MAX_OPS];
	uint64_t ticks[BESIDE_MAX_OPS];
};

/* Get its memory. Return: 0; -1 with errno set. */
int beside_begin(struct beside *b, size_t thp_size);
void beside_end(struct beside *b);

/**
 * beside_round() - wait at the barrier, and then run until it is enough
 * @b: who
 * @barrier: where to wait
 * @limit: operations at most
 * @running: go on while this is not 0; NULL: until @limit
 * @ops: gets them
 *
 * Return: 0; an errno of the module's.
 */
int beside_round(struct beside *b, const struct fsb_barrier *barrier,
		 unsigned int limit, const atomic_uint *running,
		 struct beside_ops *ops);

#endif /* SPLITBENCH_BACKGROUND_H */
