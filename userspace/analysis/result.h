/* SPDX-License-Identifier: GPL-2.0 */
/* What a run says of itself and of each of its cells */
#ifndef SPLITBENCH_RESULT_H
#define SPLITBENCH_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/claims.h"
#include "analysis/contention.h"
#include "record/arm.h"
#include "record/plan.h"
#include "record/record.h"
#include "stats/stats.h"

/**
 * struct cell_result - what a run says of one of its cells
 * @cell: the cell
 * @own: what the kernel does by itself: ARM_NEW, or ARM_OLD of a kernel that
 *	 is from before the change
 * @control: the A/A control that was measured; ARM_EMPTY: none was
 * @against: of each arm, which one it is compared with; ARM_EMPTY: none
 * @one_text: it is the code that it is held against: it sees neither what placement
 *	      of code is worth nor that its calls keep that code warm
 * @boots: how many boots have blocks of it; of a run of several builds, how many
 *	   builds have, and what is said below of a boot is of a build
 * @booted: how many boots in any case
 * @blocks: analysed blocks of all boots
 * @disturbed: calls that were disturbed, analysed all the same
 * @retries: blocks that were begun anew
 * @rejected: rounds that took another path, and do not count
 * @why: why, for one of them; empty if there was none
 * @faults: calls that broke the contract; they are analysed all the same
 * @hist: ticks of each arm's calls; NULL for an arm that was not measured
 * @first: ticks of calls that follow one of other code, where calls are made
 *	   back to back: these are in @hist, @logs and @level not
 * @warming: of each arm, the first call of a run over the later ones; of no
 *	     boots if calls are not made back to back
 * @first_logs: log of that of each boot
 * @calls: ticks of all calls of an arm together, and how many
 * @busy: ticks of all rounds of an arm together, of the busiest thread each
 * @logs: a boot's log-ratio, of each arm over @against, @boots of them
 * @level: of each arm, log of a boot's median, less the empty call; NAN for
 *	   a boot without
 * @boot: number of each of these boots
 * @within: variance of the logs of a boot's blocks (of old over new; of the
 *	    native split's median if it has one only), pooled over the boots
 * @block_ms: how long a block took on the target's clock, mean; 0: not known
 * @ratio: estimate of each arm over @against: old over new, a control over what it
 *	   controls; of no boots if there is none
 * @least_logs: as @logs, of the least of a boot's calls in place of medians
 * @least_ratio: as @ratio, of these. Disturbances make calls slower and never faster, so
 *	       on a clock the least calls vary less; of exact counts there is none
 * @over_base: what the native split costs in this cell over what it costs in the job's
 *	       base cell; of no boots if there is none
 * @phases: ticks around the calls, all blocks together
 * @rounds: what its rounds say, of several processes; NULL if it has none
 * @scaling: of each arm, calls a tick over those of the cell with one process and
 *	     all else the same; of no boots if there is none
 * @beside: of each arm, operations a tick beside it over those beside splitters
 *	    that do nothing; of no boots if there is no such thing
 * @beside_ratio: operations a tick beside the candidate of each ratio over those beside
 *		  its base: for old, those beside new over those beside old
 * @part: median ticks of each part of a traced call, of each arm; @whole too
 * @whole: median ticks of a traced call, of each arm; 0 if there is no trace
 * @floor: what the A/A pair says is noise: the farther bound of its interval
 *	   from 1, as a share
 * @margin: what is a regression: more than the plan's, or @floor if that is
 *	    larger; that there is none is judged by the plan's alone
 * @claim: what is claimed of the ratio of each arm but controls: of new against old
 *	   in that of old, else of the arm against what it is compared with. A
 *	   difference is more than @floor and @tolerance of the run
 * @aa_p: two-sided p of "the control costs what it is held against"; of exact counts, which
 *	  have no spread, within 0.1 %; 1 if there is no inference
 * @aa_failed: it does not, by Holm's rule over all cells
 */
struct cell_result {
	const struct cell *cell;
	unsigned int own;
	unsigned int control;
	unsigned int against[ARM_MAX];
	bool one_text;
	size_t boots;
	size_t booted;
	uint64_t blocks;
	uint64_t disturbed;
	uint64_t retries;
	uint64_t rejected;
	char why[96];
	uint64_t faults;
	struct stats_hist *hist[ARM_MAX];
	struct stats_hist *first[ARM_MAX];
	struct stats_ratio warming[ARM_MAX];
	double *first_logs[ARM_MAX];
	struct { double ticks, n; } calls[ARM_MAX];
	struct { double ticks, rounds; } busy[ARM_MAX];
	double *logs[ARM_MAX];
	double *level[ARM_MAX];
	unsigned int *boot;
	double within;
	double block_ms;
	struct stats_ratio ratio[ARM_MAX];
	double *least_logs[ARM_MAX];
	struct stats_ratio least_ratio[ARM_MAX];
	struct stats_ratio over_base;
	uint64_t phases[NR_PHASES];
	struct rounds *rounds;
	struct stats_ratio scaling[ARM_MAX];
	struct stats_ratio beside[ARM_MAX];
	struct stats_ratio beside_ratio[ARM_MAX];
	double part[ARM_MAX][NR_PARTS];
	double whole[ARM_MAX];
	double floor;
	double margin;
	struct claim claim[ARM_MAX];
	double aa_p;
	bool aa_failed;
};

/**
 * struct analysis - what a run says
 * @plan: its plan
 * @unit: of all ticks
 * @counter_khz: ticks per millisecond, 0 if not known
 * @tolerance: what exact counts may differ by without that being claimed, as a
 *	       share; 0 of other units
 * @arms: what its kernel says of its arms
 * @design: how the order of calls was drawn; empty in old records
 * @release: the kernel's
 * @compiler: that has made it; NULL: not recorded
 * @cpu: the CPU's model
 * @cell: a result for each of the plan's cells that has blocks
 * @nr_cells: how many
 * @skipped: for each of the plan's cells, why it was not measured on this machine;
 *	     NULL: it was
 * @boot_ms: how long a boot took on the target's clock until its last block
 *	     was done, mean; 0: not known
 * @regressions: cells with one, by Holm's rule over all cells
 * @tested: cells of which it was asked whether old and new differ: the family
 * @improvements: cells with one, by the same rule
 * @inconclusive: cells of which neither a regression nor none can be said
 * @faults: of all cells
 * @aa_failed: cells whose A/A pair differs
 * @doctor: what would spoil the measurement, by check: its "level", the boots that it
 *	    was "found" before, each with what it was, and those that were "fixed"
 * @incomplete: what is missing, a line each, to be freed; NULL if nothing
 * @to_come: boots that the machine has not had yet, which is no fault
 * @seen: headers of the boots that were read
 * @nr_seen: how many
 */
struct analysis {
	struct plan plan;
	char unit[16];
	uint64_t counter_khz;
	double tolerance;
	struct arm_defs arms;
	char design[sizeof(((struct record_header *)0)->design)];
	char *release;
	char *compiler;
	char *cpu;
	struct cell_result *cell;
	size_t nr_cells;
	char **skipped;
	double boot_ms;
	unsigned int regressions;
	unsigned int improvements;
	unsigned int tested;
	unsigned int inconclusive;
	uint64_t faults;
	unsigned int aa_failed;
	json_t *doctor;
	char *incomplete;
	unsigned int to_come;
	struct record_header *seen;
	size_t nr_seen;
};

/* What intervals are over: "boot", or "build" */
const char *analysis_level(const struct analysis *a);

/**
 * analysis_same_boot() - are two records of one boot of a machine?
 * @a: the head of one
 * @b: and of the other
 *
 * A boot is one observation, whatever number is written on it. Records of versions
 * without its id are known by seed and time: seeds of a run's boots differ.
 *
 * Return: whether they are.
 */
bool analysis_same_boot(const struct record_header *a, const struct record_header *b);

/* Add a line about what is missing in a run. */
void analysis_note_incomplete(struct analysis *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The native split of a cell's kernel: new if it was measured, else old */
unsigned int analysis_own(const struct cell_result *r);

/* Is it an arm that something is asked of: neither empty nor an A/A control? */
bool analysis_is_subject(const struct analysis *a, unsigned int arm);

/* Is it one that is neither old nor new? */
bool analysis_is_variant(const struct analysis *a, unsigned int arm);

/* Is something asked of the ratio of an arm in a cell? If of no other, it is of old/new. */
bool analysis_is_asked(const struct analysis *a, const struct cell_result *r,
		       unsigned int arm);

/* Of a cell's A/A pair, in words */
const char *analysis_aa_verdict(const struct cell_result *r);

/* Has any cell a ratio of a variant? */
bool analysis_has_variants(const struct analysis *a);

void analysis_free(struct analysis *a);

#endif /* SPLITBENCH_RESULT_H */
