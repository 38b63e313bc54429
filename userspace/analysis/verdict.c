// SPDX-License-Identifier: GPL-2.0
/* Is there a difference, a regression, a failed control? */
#include "analysis/verdict.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/claims.h"
#include "util/util.h"

/* On a clock, what a difference is worth is not known without a control. */
static bool has_floor(const struct analysis *a, const struct cell_result *r)
{
	return a->tolerance || r->ratio[PAIR_CONTROL].boots;
}

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
	if (!has_floor(a, r) && r->verdict != STATS_NO_INFERENCE)
		r->verdict = STATS_INCONCLUSIVE;
	r->differs_alone = has_floor(a, r) && stats_differs(&cost, a->plan.confidence) &&
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
	if (!has_floor(a, r)) {
		r->differs_p = 1;
		r->regression_p = 1;
		r->improvement_p = 1;
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
	struct claim *claim = grow(NULL, a->nr_cells, sizeof(*claim));
	struct claim_counts counts;

	judge_controls(a);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		claim[i] = (struct claim){
			.inference = r->ratio[PAIR_OLD_NEW].inference,
			.control_failed = r->aa_failed,
			.differs_alone = r->differs_alone,
			.differs_p = r->differs_p,
			.regression_p = r->regression_p,
			.improvement_p = r->improvement_p,
			.verdict = r->verdict,
		};
	}
	counts = claims_judge(claim, a->nr_cells, a->plan.confidence);
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		r->differs_alone = claim[i].differs_alone;
		r->differs = claim[i].differs;
		r->verdict = claim[i].verdict;
		a->faults += r->faults;
	}
	a->tested = counts.tested;
	a->regressions = counts.regressions;
	a->improvements = counts.improvements;
	a->inconclusive = counts.inconclusive;
	free(claim);
}
