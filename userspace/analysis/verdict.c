// SPDX-License-Identifier: GPL-2.0
/* Is there a difference, a regression, a failed control? */
#include "analysis/verdict.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/claims.h"
#include "analysis/estimate.h"
#include "util/util.h"

/* On a clock, what a difference is worth is not known without a control. */
static bool has_floor(const struct analysis *a, const struct cell_result *r)
{
	return a->tolerance || r->ratio[r->control].boots;
}

/* What the ratio of an arm says by itself */
static struct claim claim_of(const struct analysis *a, const struct cell_result *r,
			     unsigned int arm)
{
	const struct stats_ratio *ratio = &r->ratio[arm];
	struct claim claim = {
		.inference = ratio->inference, .verdict = STATS_NO_INFERENCE,
		.regression_p = 1, .improvement_p = 1, .differs_p = 1,
	};
	double *less, *more = r->logs[arm];
	struct stats_ratio cost;

	if (!ratio->boots)
		return claim;
	cost = ratio_cost(r, arm);
	claim.verdict = stats_verdict(&cost, a->plan.margin, r->floor);
	if (!has_floor(a, r)) {
		if (claim.verdict != STATS_NO_INFERENCE)
			claim.verdict = STATS_INCONCLUSIVE;
		return claim;
	}
	claim.differs_alone = stats_differs(&cost, a->plan.confidence) &&
			      fabs(cost.estimate - 1) >= fmax(r->floor, a->tolerance);
	if (ratio->inference)
		claim.differs_p = stats_not_one(r->logs[arm], r->boots,
						log1p(a->tolerance));
	less = grow(NULL, r->boots, sizeof(double));
	for (size_t i = 0; i < r->boots; i++)
		less[i] = -r->logs[arm][i];
	/* Of the change, the ratio tells what it saves. */
	claim.regression_p = stats_beyond(arm == ARM_OLD ? less : more, r->boots,
					  log1p(r->margin));
	claim.improvement_p = stats_beyond(arm == ARM_OLD ? more : less, r->boots,
					   log1p(r->margin));
	free(less);
	return claim;
}

void verdict_cell(const struct analysis *a, struct cell_result *r)
{
	const struct stats_ratio *aa = &r->ratio[r->control];

	r->margin = a->plan.margin;
	r->aa_p = 1;
	if (aa->boots) {
		r->floor = fmax(aa->high, 1 / aa->low) - 1;
		r->aa_p = stats_not_one(r->logs[r->control], r->boots,
					log1p(a->tolerance));
		r->margin = fmax(r->margin, r->floor);
	}
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (analysis_is_subject(a, arm))
			r->claim[arm] = claim_of(a, r, arm);
	}
}

/* The controls are a family of their own, and come first. */
static void judge_controls(struct analysis *a)
{
	double *p = grow(NULL, a->nr_cells, sizeof(*p));
	bool *falls = grow(NULL, a->nr_cells, sizeof(bool));

	for (size_t i = 0; i < a->nr_cells; i++)
		p[i] = a->cell[i].aa_p;
	stats_holm(p, a->nr_cells, 1 - a->plan.confidence, falls);
	for (size_t i = 0; i < a->nr_cells; i++) {
		a->cell[i].aa_failed = falls[i];
		a->aa_failed += falls[i];
	}
	free(falls);
	free(p);
}

void verdict_run(struct analysis *a)
{
	struct claim *claim = grow(NULL, a->nr_cells * ARM_MAX, sizeof(*claim));
	struct claim_counts counts;
	size_t n = 0;

	judge_controls(a);
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			r->claim[arm].control_failed = r->aa_failed;
			if (analysis_is_asked(a, r, arm))
				claim[n++] = r->claim[arm];
		}
	}
	counts = claims_judge(claim, n, a->plan.confidence);
	n = 0;
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			if (analysis_is_asked(a, r, arm))
				r->claim[arm] = claim[n++];
		}
		a->faults += r->faults;
	}
	a->tested = counts.tested;
	a->regressions = counts.regressions;
	a->improvements = counts.improvements;
	a->inconclusive = counts.inconclusive;
	free(claim);
}
