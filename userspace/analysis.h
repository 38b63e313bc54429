/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run's samples, reduced level by level as measuring.md says: calls to a
 * median per arm and block, blocks to a median log-ratio per boot, boots to
 * an estimate. Memory does not grow with the number of calls.
 */
#ifndef SPLITBENCH_ANALYSIS_H
#define SPLITBENCH_ANALYSIS_H

#include "plan.h"
#include "record.h"
#include "stats.h"

enum arm { ARM_EMPTY, ARM_OLD, ARM_NEW, ARM_AGAIN, NR_ARMS };
enum pair { PAIR_OLD_NEW, PAIR_AGAIN_NEW, NR_PAIRS };

extern const char *const arm_names[NR_ARMS];
extern const char *const pair_names[NR_PAIRS];

/**
 * struct analysis - what a run says
 * @plan: its plan
 * @unit: of all ticks
 * @counter_khz: ticks per millisecond, 0 if not known
 * @release: the kernel's
 * @cpu: the CPU's model
 * @cell: the cell's name
 * @boots: how many boots have blocks
 * @blocks: analysed blocks of all boots
 * @disturbed: calls that were disturbed, analysed all the same
 * @retries: blocks that were begun anew
 * @faults: calls that broke the contract; they are analysed all the same
 * @hist: ticks of each arm's calls; NULL for an arm that was not measured
 * @logs: a boot's log-ratio, of each pair, @boots of them
 * @boot: number of each of these boots
 * @ratio: estimate of each pair; of no boots if it was not measured
 * @phases: ticks around the calls, all blocks together
 * @floor: what the A/A pair says is noise: the farther bound of its interval
 *	   from 1, as a share
 * @margin: the plan's, or @floor if that is larger
 * @verdict: on new against old
 * @holds: the A/A interval contains 1; of exact counts, which have no spread,
 *	   or misses it by less than 0.1 %
 * @aa_failed: it does not, and there are enough boots to say so
 * @incomplete: what is missing, a line each, to be freed; NULL if nothing
 */
struct analysis {
	struct plan plan;
	char unit[16];
	uint64_t counter_khz;
	char *release;
	char *cpu;
	char *cell;
	size_t boots;
	uint64_t blocks;
	uint64_t disturbed;
	uint64_t retries;
	uint64_t faults;
	struct stats_hist *hist[NR_ARMS];
	double *logs[NR_PAIRS];
	unsigned int *boot;
	struct stats_ratio ratio[NR_PAIRS];
	uint64_t phases[NR_PHASES];
	double floor;
	double margin;
	enum stats_verdict verdict;
	bool holds;
	bool aa_failed;
	char *incomplete;
};

/**
 * analyse() - read a run
 * @run_dir: its folder
 *
 * What a crash cut off is told in @incomplete, and the rest is used. Does
 * not return if a file is corrupt, of another schema, or if there is nothing
 * to analyse; the message names the file and line.
 */
struct analysis analyse(const char *run_dir);
void analysis_free(struct analysis *a);

#endif /* SPLITBENCH_ANALYSIS_H */
