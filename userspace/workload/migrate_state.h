/* SPDX-License-Identifier: GPL-2.0 */
/* What the rounds of a cell of migrations share */
#ifndef SPLITBENCH_MIGRATE_STATE_H
#define SPLITBENCH_MIGRATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/cell.h"
#include "sys/fragment.h"
#include "sys/pattern.h"
#include "sys/thp_counters.h"
#include "sys/thp_region.h"
#include "workload/job.h"
#include "workload/toucher.h"

/* What takes another path or fails is tried so often. */
#define MIGRATE_MAX_REJECTED	8

/**
 * struct migrate_worker - a thread's own things
 * @fd: its device
 * @node: NUMA node of its CPU
 * @region: its THPs
 * @copy: what the device read back
 * @sample: of its calls
 * @start: ticks before each call
 * @end: ticks after it
 * @failed: errno of a call; 0 if all is well
 * @wrong: pages that the device did not see as they were written
 * @whole: calls after which the driver said that the THP went whole
 * @call_ns: how long the last call took; 0 before the first
 * @waited: ticks of this round that it waited for a timer tick to be over
 */
struct migrate_worker {
	int fd;
	int node;
	struct region region;
	unsigned char *copy;
	struct fsb_sample *sample;
	uint64_t start[CELL_MAX_THPS];
	uint64_t end[CELL_MAX_THPS];
	int failed;
	size_t wrong;
	unsigned int whole;
	uint64_t call_ns;
	uint64_t waited;
};

/**
 * struct migrate - what a cell's rounds need
 * @m: of the boot
 * @cell: what is measured
 * @pages: of a THP
 * @pattern: that THPs are filled with
 * @worker: one a thread
 * @has_switch: this kernel has several splits to choose from
 * @has: arms that this kernel has, as bits
 * @order: which of them, and how many rounds of each, a block has
 * @own: what this kernel does by itself: ARM_NEW, or ARM_OLD of one from
 *	 before the change
 * @arm: of the round that is going on
 * @stamp: of the round's first THP: no two THPs have the same
 * @fragment: the fragmented memory, if that is the kind
 * @pool: THPs made before it was fragmented, for all rounds
 * @used: how many of them are used up
 * @taken: what taking blocks was counted as: it splits THPs as well
 * @compacted: memory was compacted for this cell
 * @seen: a byte a page, where the device says it is
 * @toucher: who touches a page of the THP while it migrates; NULL: nobody
 * @turn: of each arm, rounds whose page was touched
 * @touched: number of this round's page in its THP
 * @away: it was away when it was touched
 */
struct migrate {
	struct measure *m;
	const struct cell *cell;
	size_t pages;
	struct pattern pattern;
	struct migrate_worker worker[CELL_MAX_THREADS];
	bool has_switch;
	unsigned int has;
	struct cell_order order;
	unsigned int own;
	unsigned int arm;
	uint64_t stamp;
	struct fragment *fragment;
	struct region pool;
	unsigned int used;
	struct counters taken;
	bool compacted;
	uint8_t *seen;
	struct toucher *toucher;
	unsigned int turn[ARM_MAX];
	unsigned int touched;
	bool away;
};

static inline bool migrate_falls_back(const struct migrate *s)
{
	return s->cell->kind == KIND_FLAG || s->cell->kind == KIND_INJECT ||
	       s->cell->kind == KIND_FRAGMENT;
}

static inline void *migrate_thp(const struct region *r, unsigned int i)
{
	return r->addr + i * r->thp_size;
}

static inline uint64_t migrate_stamp_of(const struct migrate *s, unsigned int number,
					unsigned int i)
{
	return s->stamp + number * s->cell->thps + i;
}

#endif /* SPLITBENCH_MIGRATE_STATE_H */
