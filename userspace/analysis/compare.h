/* SPDX-License-Identifier: GPL-2.0 */
/* Two runs, of two kernels, held against each other: the compare question. */
#ifndef SPLITBENCH_COMPARE_H
#define SPLITBENCH_COMPARE_H

#include "analysis/analysis.h"

#define COMPARE_SCHEMA	"splitbench.compare/1"
/* Several of them */
#define COMPARISONS_SCHEMA	"splitbench.comparisons/1"

/* Of either run of a comparison: the base, and what is held against it */
enum side { SIDE_A, SIDE_B, NR_SIDES };

/**
 * struct compare_row - an arm of a cell that both runs have
 * @cell: the cell in each run
 * @arm: the arm in each run: what the kernel does by itself, or of a control
 *	 row the same function in both
 * @control: the row is no verdict on the kernels: one of them has the old split
 *	     alone, the other has it beside the new, and they are to agree
 * @variant: the arm is neither old nor new: the same in both runs
 * @boots: of each run, those that have it
 * @spread: of each run: standard deviation of its boots' logs, as a share
 * @ratio: cost in B over cost in A
 * @floor: the larger of both runs' noise floors, as a share
 * @margin: what is a regression: more than the plans', or @floor if that is
 *	    larger; that there is none is judged by the plans' alone
 * @differs: the runs do, by more than @floor and what exact counts may, and by
 *	     Holm's rule over all rows that were tested
 * @differs_alone: as @differs, of this row as if it were the only one
 * @differs_p: two-sided p of "B costs what A costs"; 1 if there is no inference
 * @regression_p: one-sided p of "B does not cost more than A by the margin"
 * @improvement_p: one-sided p of "B does not cost less than A by the margin"
 * @verdict: on B against A
 * @aa_failed: of either run; then nothing can be concluded
 * @needed: boots of each run that would show, in four of five cases, that
 *	    there is no regression if there is no difference, by the spread
 *	    seen; 0 if that is not known yet
 */
struct compare_row {
	const struct cell_result *cell[NR_SIDES];
	unsigned int arm[NR_SIDES];
	bool control;
	bool variant;
	size_t boots[NR_SIDES];
	double spread[NR_SIDES];
	struct stats_ratio ratio;
	double floor;
	double margin;
	bool differs;
	bool differs_alone;
	double differs_p;
	double regression_p;
	double improvement_p;
	enum stats_verdict verdict;
	bool aa_failed;
	unsigned int needed;
};

/**
 * struct comparison - B against A
 * @dir: folders of the runs
 * @name: of the folders, without where they are
 * @run: what is in them
 * @row: a row for each arm of each cell that both have
 * @nr_rows: how many
 * @tested: rows of which it was asked whether the runs differ: the family
 * @regressions: rows with one, by Holm's rule over all rows
 * @improvements: rows with one, by the same rule
 * @inconclusive: rows of which neither a regression nor none can be said
 * @faults: calls of either run that broke the contract
 * @incomplete: either run is
 * @warnings: array of strings: what differs but the kernel; what one run
 *	      lacks; what is not whole
 */
struct comparison {
	const char *dir[NR_SIDES];
	char *name[NR_SIDES];
	struct analysis run[NR_SIDES];
	struct compare_row *row;
	size_t nr_rows;
	unsigned int tested;
	unsigned int regressions;
	unsigned int improvements;
	unsigned int inconclusive;
	uint64_t faults;
	bool incomplete;
	json_t *warnings;
};

/**
 * compare_runs() - read two runs and compare them
 * @a: folder of the base's
 * @b: folder of what is held against it
 *
 * Does not return if they cannot be compared (of different units, or of
 * plans that measure a cell differently) or not be read.
 *
 * Return: the comparison; to be given to compare_free().
 */
struct comparison compare_runs(const char *a, const char *b);
void compare_free(struct comparison *c);

/**
 * compare_in_turn() - compare several runs: each with the first, and with the one before
 * @dir: folders of the runs, in order
 * @n: how many, 2 or more
 *
 * As compare_runs(), and all rows of all comparisons are one family of claims.
 *
 * Return: an array with the comparisons at compare_first() and compare_before(); each is
 * to be given to compare_free(), and the array to free().
 */
struct comparison *compare_in_turn(const char *const *dir, size_t n);

/* Where the comparison of run @i, from 1, with run 0 is */
static inline size_t compare_first(size_t i)
{
	return i > 1 ? 2 * i - 3 : 0;
}

/* Where that of run @i with run @i - 1 is: of run 1 the same */
static inline size_t compare_before(size_t i)
{
	return 2 * i - 2;
}

/* What tells the kernel of a run from the other one: how make bench calls it, or the run's name */
const char *compare_label(const struct comparison *c, enum side side);

/* "new", or "old > new" of kernels from before and after the change */
const char *compare_arms(const struct compare_row *row, char text[16]);

/* In words; a control row is not judged */
const char *compare_verdict(const struct compare_row *row);

/* Of a row's calls in one run; 0.5 is the median */
double compare_quantile(const struct compare_row *row, enum side side, double q);

/**
 * compare_write_json() - all of it, as splitbench.compare/1; several as a list of these
 * @c: the comparisons
 * @nr: how many
 * @path: the file, or "-"
 */
void compare_write_json(const struct comparison *c, size_t nr, const char *path);

/* The rows for spreadsheets, a header first; numbers in full. Of several, A and B come first */
void compare_write_csv(const struct comparison *c, size_t nr, const char *path);

/* A KTAP subtest for each row: ok, not ok, or skipped if inconclusive */
void compare_write_ktap(const struct comparison *c, size_t nr, const char *path);

#endif /* SPLITBENCH_COMPARE_H */
