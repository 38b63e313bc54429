/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITBENCH_PLAN_H
#define SPLITBENCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define PLAN_SCHEMA	"splitbench.plan/1"
#define PLAN_MAX_BOOTS	1000
#define PLAN_MAX_REPS	16
#define PLAN_MAX_BLOCKS	10000000

/**
 * struct plan - what a run is to measure; fixed before it begins
 * @run: the run's name, its folder's
 * @boots: how many boots
 * @blocks: recorded blocks of each boot
 * @warmup: blocks before them that are recorded but not analysed
 * @reps: calls of each arm in a block
 * @seed: of everything random
 * @margin: what counts as a difference, such as 0.02
 * @confidence: of the intervals, such as 0.95
 * @plant: iterations added to each call of new and again, to prove that they
 *	   are found; 0 in any real run
 * @new_order: order that THPs are split to
 */
struct plan {
	char *run;
	unsigned int boots;
	unsigned int blocks;
	unsigned int warmup;
	unsigned int reps;
	uint64_t seed;
	double margin;
	double confidence;
	unsigned int plant;
	unsigned int new_order;
};

/* Read RUN/plan.json; does not return if there is none or it is not sound. */
struct plan plan_load(const char *run_dir);

/* The name of the plan's cell, such as "anon-9-0". To be freed. */
char *plan_cell(const struct plan *plan);

/* splitbench plan: write RUN/plan.json */
int cmd_plan(int argc, char **argv);

#endif /* SPLITBENCH_PLAN_H */
