// SPDX-License-Identifier: GPL-2.0
/* What is claimed of all rows of a table together */
#include "analysis/claims.h"

#include <stdlib.h>

#include "util/util.h"

/* Where two copies of the same code differ, nothing else can be believed. */
static void drop_failed(struct claim *claim, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!claim[i].control_failed)
			continue;
		claim[i].differs_alone = false;
		claim[i].differs_p = 1;
		claim[i].regression_p = 1;
		claim[i].improvement_p = 1;
		if (claim[i].verdict != STATS_NO_INFERENCE)
			claim[i].verdict = STATS_INCONCLUSIVE;
	}
}

static unsigned int judge_differences(struct claim *claim, size_t n, double alpha,
				      double *p, bool *falls)
{
	size_t tested = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		if (claim[i].inference)
			p[tested++] = claim[i].differs_p;
	}
	stats_holm(p, tested, alpha, falls);
	for (size_t i = 0; i < n; i++) {
		if (claim[i].inference)
			claim[i].differs = falls[at++] && claim[i].differs_alone;
	}
	return tested;
}

/* A verdict of @from that does not hold among the others is @to. */
static void judge_verdicts(struct claim *claim, size_t n, const bool *falls,
			   enum stats_verdict from, enum stats_verdict to)
{
	for (size_t i = 0; i < n; i++) {
		if (claim[i].verdict == from && !(falls[i] && claim[i].differs))
			claim[i].verdict = to;
	}
}

struct claim_counts claims_judge(struct claim *claim, size_t n, double confidence)
{
	double alpha = 1 - confidence, *p = grow(NULL, n + 1, sizeof(*p));
	bool *falls = grow(NULL, n + 1, sizeof(*falls));
	struct claim_counts counts = { 0 };

	drop_failed(claim, n);
	counts.tested = judge_differences(claim, n, alpha, p, falls);
	for (size_t i = 0; i < n; i++)
		p[i] = claim[i].regression_p;
	stats_holm(p, n, alpha / 2, falls);
	judge_verdicts(claim, n, falls, STATS_REGRESSION, STATS_INCONCLUSIVE);
	for (size_t i = 0; i < n; i++)
		p[i] = claim[i].improvement_p;
	stats_holm(p, n, alpha / 2, falls);
	judge_verdicts(claim, n, falls, STATS_IMPROVEMENT, STATS_NO_REGRESSION);
	for (size_t i = 0; i < n; i++) {
		counts.regressions += claim[i].verdict == STATS_REGRESSION;
		counts.improvements += claim[i].verdict == STATS_IMPROVEMENT;
		counts.inconclusive += claim[i].verdict != STATS_REGRESSION &&
				       !stats_verdict_good(claim[i].verdict);
	}
	free(falls);
	free(p);
	return counts;
}
