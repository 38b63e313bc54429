/* SPDX-License-Identifier: GPL-2.0 */
/* Ratios of a cell, from what its boots say */
#ifndef SPLITBENCH_ESTIMATE_H
#define SPLITBENCH_ESTIMATE_H

#include "analysis/result.h"

/* All ratios of a cell, whose boots have been reduced */
void estimate_cell(struct analysis *a, struct cell_result *r);

/* Room for "old/new" */
struct ratio_name {
	char text[2 * ARM_NAME_LEN];
};

/* An arm and what it is compared with, such as "old/new" */
struct ratio_name ratio_name(const struct cell_result *r, unsigned int arm);

/**
 * ratio_candidate() - the arm that a ratio is about
 * @r: a cell
 * @arm: whose ratio it is
 *
 * Return: new, for that of old over new; else the arm itself.
 */
unsigned int ratio_candidate(const struct cell_result *r, unsigned int arm);

/* What that is compared with */
unsigned int ratio_base(const struct cell_result *r, unsigned int arm);

/* What the candidate costs, over the base */
struct stats_ratio ratio_cost(const struct cell_result *r, unsigned int arm);

/* What the kernel's own costs in one cell over what it costs in another, by boots with both */
struct stats_ratio analysis_over(const struct analysis *a, const struct cell_result *r,
				 const struct cell_result *other);

/* The cell that a cell's cost is compared with, see cell_base(); NULL if it was not measured */
const struct cell_result *analysis_base(const struct analysis *a,
					const struct cell_result *r);

/**
 * analysis_parts() - do the parts add up?
 * @r: a cell
 * @arm: of it
 *
 * Return: the sum of the median parts of traced calls over the median call that was
 * not traced; 0 if there is no trace.
 */
double analysis_parts(const struct cell_result *r, unsigned int arm);

/**
 * analysis_throughput() - what migrated in the time that the busiest thread of
 * a round was in its calls
 * @a: the run
 * @r: a cell of migrations
 * @arm: that has rounds
 *
 * Return: in the unit of analysis_throughput_unit().
 */
double analysis_throughput(const struct analysis *a,
			   const struct cell_result *r, unsigned int arm);
const char *analysis_throughput_unit(const struct analysis *a);

/**
 * analysis_rate() - calls of all processes in a time
 * @a: the run
 * @r: a cell of several processes
 * @arm: that has rounds
 *
 * Return: in the unit of analysis_rate_unit().
 */
double analysis_rate(const struct analysis *a, const struct cell_result *r,
		     unsigned int arm);
const char *analysis_rate_unit(const struct analysis *a);

#endif /* SPLITBENCH_ESTIMATE_H */
