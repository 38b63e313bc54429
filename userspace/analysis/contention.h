/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rounds of several processes say beyond their calls: how many calls
 * they made in all, whether they really were at it at the same time, and what
 * became of the one beside them.
 */
#ifndef SPLITBENCH_CONTENTION_H
#define SPLITBENCH_CONTENTION_H

#include "record/arm.h"
#include "record/record.h"
#include "stats/stats.h"

struct rounds_list {
	double *v;
	size_t n;
	size_t room;
};

/**
 * struct rounds - of a cell
 * @overlap: of each round that splits, the part of the time from its first call's
 *	     beginning to its last one's end that all processes were in their
 *	     calls, in millionths
 * @skew: of each round that splits, ticks from the first process's beginning to the last one's
 * @beside: ticks of each operation beside the rounds of an arm; NULL: none
 * @rate: of each arm, log of the calls a tick of a boot, a number a boot;
 *	  NAN for a boot without
 * @beside_rate: of each arm, log of the operations a tick, of all rounds of a
 *		 boot together; NAN for a boot without any
 * @events: of each arm and event, how often it was counted in all, and in how many
 *	    calls; 0 if it was not
 * @boot_rate: of the boot that is being read, of its rounds
 * @boot_beside: and operations, and ticks of all its rounds
 */
struct rounds {
	struct stats_hist *overlap;
	struct stats_hist *skew;
	struct stats_hist *beside[ARM_MAX];
	double *rate[ARM_MAX];
	double *beside_rate[ARM_MAX];
	struct { double count, calls; } events[ARM_MAX][NR_EVENTS];
	struct rounds_list boot_rate[ARM_MAX];
	struct { double ops, ticks; } boot_beside[ARM_MAX];
};

struct rounds *rounds_new(void);
void rounds_free(struct rounds *r);

/**
 * rounds_add() - take in a block
 * @r: the cell's
 * @block: with spans
 * @arm: which arm each of the record's is
 */
void rounds_add(struct rounds *r, const struct record_block *block,
		const unsigned int *arm);

/* A boot has ended, before which there were @boots. */
void rounds_end_boot(struct rounds *r, size_t boots);

/* Of such an event a call of that arm; NAN if it was not counted */
double rounds_events(const struct rounds *r, unsigned int arm,
		     enum record_event event);

/* Median overlap as a share, 0 to 1 */
double rounds_overlap(const struct rounds *r);

#endif /* SPLITBENCH_CONTENTION_H */
