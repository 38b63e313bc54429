// SPDX-License-Identifier: GPL-2.0
/* How many boots and blocks a run needs, from the variance of another */
#include "analysis/sample_size.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <string.h>

#define MIN_BLOCKS	2
#define MAX_BLOCKS	64

/* Of the median of many, against their mean's */
#define MEDIAN_VARIANCE	(M_PI / 2)

unsigned int advise_blocks(double within, double block_cost, double between,
			   double boot_cost)
{
	double blocks;

	/* Where nothing varies, nothing is gained by repeating it. */
	if (within <= 0)
		return MIN_BLOCKS;
	if (between <= 0 || block_cost <= 0)
		return MAX_BLOCKS;
	blocks = sqrt(MEDIAN_VARIANCE * within / block_cost) *
		 sqrt(boot_cost / between);
	if (blocks < MIN_BLOCKS)
		return MIN_BLOCKS;
	return blocks > MAX_BLOCKS ? MAX_BLOCKS : ceil(blocks);
}

unsigned int advise_boots(double variance, unsigned int runs, double target,
			  double confidence, unsigned int least)
{
	unsigned int n = least;

	for (; n < PLAN_MAX_BOOTS; n++) {
		double df = runs * (n - 1.0);
		double t = gsl_cdf_tdist_Pinv((1 + confidence) / 2, df) +
			   gsl_cdf_tdist_Pinv(ADVISE_POWER, df);

		if (t * sqrt(variance / n) <= target)
			break;
	}
	return n;
}

/* What a cell is judged by: old over new, or what the kernel does by itself */
static const double *logs_of(const struct cell_result *r, bool compare)
{
	if (r->ratio[ARM_OLD].boots && !compare)
		return r->logs[ARM_OLD];
	return r->level[r->own];
}

/* Variance between boots: of what they say, less what their blocks add to it */
static double between(const struct cell_result *r, bool compare,
		      double *of_boots)
{
	double blocks = (double)r->blocks / r->boots;

	*of_boots = r->boots > 1 ?
		gsl_stats_variance(logs_of(r, compare), 1, r->boots) : 0;
	return fmax(0, *of_boots - MEDIAN_VARIANCE * r->within / blocks);
}

unsigned int advise_needed(const struct analysis *a, const struct cell_result *r)
{
	double variance;

	if (r->boots < 2)
		return 0;
	between(r, false, &variance);
	return advise_boots(variance, 1, log1p(a->plan.margin),
			    a->plan.confidence, STATS_MIN_BOOTS);
}

static struct cell *cell_of(struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		if (!strcmp(plan->cells[i].name, name))
			return &plan->cells[i];
	}
	return NULL;
}

/* What a boot of the plan takes, in the pilot's seconds */
static double boot_time(const struct analysis *pilot, double scale,
			double empty_boot, struct plan *plan)
{
	double time = empty_boot;

	for (size_t i = 0; i < pilot->nr_cells; i++) {
		const struct cell_result *r = &pilot->cell[i];
		const struct cell *cell = cell_of(plan, r->cell->name);

		if (cell)
			time += scale * r->block_ms *
				(cell->blocks + cell->warmup);
	}
	return time;
}

/* Fewer blocks of each cell, until as many boots fit the time */
static void shrink(const struct analysis *pilot, double scale,
		   double empty_boot, double time, struct plan *plan)
{
	bool smaller = true;

	while (smaller && boot_time(pilot, scale, empty_boot, plan) > time) {
		smaller = false;
		for (size_t i = 0; i < plan->nr_cells; i++) {
			struct cell *cell = &plan->cells[i];

			if (cell->blocks <= MIN_BLOCKS)
				continue;
			cell->blocks = fmax(MIN_BLOCKS, 0.8 * cell->blocks);
			smaller = true;
		}
	}
}

struct advice advise(const struct analysis *pilot, double seconds,
		     double boot_seconds, bool compare, struct plan *plan)
{
	struct advice advice = { .boots = STATS_MIN_BOOTS };
	/* The target's clock may run slower than ours. */
	double scale = pilot->boot_ms > 0 ? boot_seconds / pilot->boot_ms : 0;
	double sum_between = 0, empty_boot = boot_seconds, unused;
	unsigned int most;

	for (size_t i = 0; i < pilot->nr_cells; i++) {
		const struct cell_result *r = &pilot->cell[i];

		sum_between += between(r, compare, &unused);
		empty_boot -= scale * r->block_ms *
			      (r->cell->blocks + r->cell->warmup);
	}
	empty_boot = fmax(empty_boot, 0.05 * boot_seconds);
	for (size_t i = 0; i < pilot->nr_cells; i++) {
		const struct cell_result *r = &pilot->cell[i];
		struct cell *cell = cell_of(plan, r->cell->name);

		if (!cell)
			continue;
		cell->blocks = advise_blocks(r->within, scale * r->block_ms,
					     sum_between, empty_boot);
		/* Fragmented memory has room for so many THPs and no more. */
		if (cell_check(cell))
			cell->blocks = r->cell->blocks;
	}
	shrink(pilot, scale, empty_boot, seconds / STATS_MIN_BOOTS, plan);
	for (size_t i = 0; i < pilot->nr_cells; i++) {
		const struct cell_result *r = &pilot->cell[i];
		const struct cell *cell = cell_of(plan, r->cell->name);
		unsigned int boots;
		double variance;

		if (!cell)
			continue;
		variance = between(r, compare, &unused) +
			   MEDIAN_VARIANCE * r->within / cell->blocks;
		/* Of a difference of two means the variances add up. */
		boots = advise_boots(compare ? 2 * variance : variance,
				     compare ? 2 : 1, log1p(plan->margin),
				     plan->confidence, STATS_MIN_BOOTS);
		if (boots > advice.boots)
			advice.boots = boots;
	}
	advice.boot_seconds = boot_time(pilot, scale, empty_boot, plan);
	most = fmax(1, fmin(PLAN_MAX_BOOTS, seconds / advice.boot_seconds));
	advice.enough = advice.boots <= most;
	if (!advice.enough)
		advice.boots = most;
	plan->boots = advice.boots;
	return advice;
}
