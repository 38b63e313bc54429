// SPDX-License-Identifier: GPL-2.0
/* Is there a difference, a regression, a failed control? */
#include "analysis/verdict.h"

#include <math.h>
#include <stdlib.h>

#include "util/util.h"

void verdict_cell(const struct analysis *a, struct cell_result *r)
{
	const struct stats_ratio *aa = &r->ratio[PAIR_CONTROL];
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];
	struct stats_ratio cost;
	double *slower;

	r->margin = a->plan.margin;
	r->aa_p = 1;
	if (aa->boots) {
		r->floor = fmax(aa->high, 1 / aa->low) - 1;
		r->aa_p = stats_not_one(r->logs[PAIR_CONTROL], r->boots,
					log1p(a->tolerance));
		r->margin = fmax(r->margin, r->floor);
	}
	r->verdict = STATS_NO_INFERENCE;
	r->regression_p = 1;
	r->improvement_p = 1;
	r->differs_p = 1;
	if (!ab->boots)
		return;
	cost = stats_inverse(ab);
	r->verdict = stats_verdict(&cost, a->plan.margin, r->floor);
	r->differs_alone = stats_differs(&cost, a->plan.confidence) &&
			   fabs(cost.estimate - 1) >= fmax(r->floor, a->tolerance);
	if (ab->inference)
		r->differs_p = stats_not_one(r->logs[PAIR_OLD_NEW], r->boots,
					     log1p(a->tolerance));
	slower = grow(NULL, r->boots, sizeof(double));
	for (size_t i = 0; i < r->boots; i++)
		slower[i] = -r->logs[PAIR_OLD_NEW][i];
	r->regression_p = stats_beyond(slower, r->boots, log1p(r->margin));
	r->improvement_p = stats_beyond(r->logs[PAIR_OLD_NEW], r->boots,
					log1p(r->margin));
	free(slower);
}

/*
 * Of many cells, one in twenty would differ by chance alone: what is claimed of all of
 * them together is wrong in 5 % of runs at most.
 */
static void judge_differences(struct analysis *a, double *p, bool *falls)
{
	size_t n = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].ratio[PAIR_OLD_NEW].inference)
			p[n++] = a->cell[i].differs_p;
	}
	stats_holm(p, n, 1 - a->plan.confidence, falls);
	a->tested = n;
	n = 0;
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].ratio[PAIR_OLD_NEW].inference)
			a->cell[i].differs = falls[n++] && a->cell[i].differs_alone;
	}
}

/* Where the same is not the same, nothing else can be believed. */
static void judge_controls(struct analysis *a, double *p, bool *falls)
{
	for (size_t i = 0; i < a->nr_cells; i++)
		p[i] = a->cell[i].aa_p;
	stats_holm(p, a->nr_cells, 1 - a->plan.confidence, falls);
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		r->aa_failed = falls[i];
		if (!r->aa_failed)
			continue;
		r->differs_alone = false;
		r->differs_p = 1;
		r->regression_p = 1;
		r->improvement_p = 1;
		if (r->verdict != STATS_NO_INFERENCE)
			r->verdict = STATS_INCONCLUSIVE;
	}
}

/*
 * A regression or an improvement is a difference that is claimed, too: beyond the
 * margin by Holm's rule, and among those that differ at all.
 */
static void judge_changes(struct analysis *a, double *p, bool *falls)
{
	double alpha = (1 - a->plan.confidence) / 2;

	for (size_t i = 0; i < a->nr_cells; i++)
		p[i] = a->cell[i].regression_p;
	stats_holm(p, a->nr_cells, alpha, falls);
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		if (r->verdict == STATS_REGRESSION && !(falls[i] && r->differs))
			r->verdict = STATS_INCONCLUSIVE;
		p[i] = r->improvement_p;
	}
	stats_holm(p, a->nr_cells, alpha, falls);
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		if (r->verdict == STATS_IMPROVEMENT && !(falls[i] && r->differs))
			r->verdict = STATS_NO_REGRESSION;
	}
}

void verdict_run(struct analysis *a)
{
	double *p = grow(NULL, a->nr_cells, sizeof(*p));
	bool *falls = grow(NULL, a->nr_cells, sizeof(bool));

	judge_controls(a, p, falls);
	judge_differences(a, p, falls);
	judge_changes(a, p, falls);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		a->regressions += r->verdict == STATS_REGRESSION;
		a->improvements += r->verdict == STATS_IMPROVEMENT;
		a->inconclusive += r->verdict != STATS_REGRESSION &&
				   !stats_verdict_good(r->verdict);
		a->aa_failed += r->aa_failed;
		a->faults += r->faults;
	}
	free(falls);
	free(p);
}
