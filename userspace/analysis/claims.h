/* SPDX-License-Identifier: GPL-2.0 */
/* What is claimed of all rows of a table together */
#ifndef SPLITBENCH_CLAIMS_H
#define SPLITBENCH_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/stats.h"

/**
 * struct claim - what a row says alone, and what it says among the others
 * @inference: there is inference on its ratio: it is one of the family
 * @control_failed: its A/A control differs, so nothing is claimed of it
 * @differs_alone: a difference would be claimed if it were the only row
 * @differs_p: two-sided p of "both cost the same"
 * @regression_p: one-sided p of "it does not cost more by the margin"
 * @improvement_p: one-sided p of "it does not cost less by the margin"
 * @verdict: alone; after claims_judge(), among the others
 * @differs: set by claims_judge(): a difference is claimed
 */
struct claim {
	bool inference;
	bool control_failed;
	bool differs_alone;
	double differs_p;
	double regression_p;
	double improvement_p;
	enum stats_verdict verdict;
	bool differs;
};

/**
 * struct claim_counts - of all rows
 * @tested: rows in the family of differences
 * @regressions: rows with a regression
 * @improvements: rows with an improvement
 * @inconclusive: rows of which neither a regression nor none can be said
 */
struct claim_counts {
	unsigned int tested;
	unsigned int regressions;
	unsigned int improvements;
	unsigned int inconclusive;
};

/**
 * claims_judge() - correct the claims of a table for their number
 * @claim: what each row says alone
 * @n: how many rows
 * @confidence: such as 0.95
 *
 * By Holm's procedure, any difference that is claimed is wrong with a probability of
 * 1 - @confidence at most. A regression or an improvement is such a difference that is
 * also beyond the margin by the same procedure: chance must not find one among many.
 * Nothing is claimed of a row whose control failed.
 *
 * Return: how many rows say what.
 */
struct claim_counts claims_judge(struct claim *claim, size_t n, double confidence);

#endif /* SPLITBENCH_CLAIMS_H */
