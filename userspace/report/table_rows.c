// SPDX-License-Identifier: GPL-2.0
/* What the tables of all jobs share */
#include <math.h>
#include <stdio.h>

#include "record/job_facts.h"
#include "report/table_parts.h"

/* The parts of a traced call have to add up to that of others, so nearly. */
#define PARTS_TOLERANCE	0.05

static bool is_first(const struct analysis *a, const struct cell_result *r,
		     unsigned int arm)
{
	for (unsigned int other = ARM_OLD; other < arm; other++) {
		if (analysis_is_asked(a, r, other))
			return false;
	}
	return true;
}

/*
 * What is asked of an arm in a cell, if it is not plainly without a regression. Return:
 * was there anything?
 */
static bool print_exception(const struct analysis *a, const struct cell_result *r,
			    unsigned int arm, bool inference)
{
	enum stats_verdict verdict = r->claim[arm].verdict;
	const char *name = r->cell->name;

	if (r->aa_failed && is_first(a, r, arm))
		printf("  %s: A/A FAILED: this cell is invalid\n", name);
	else if (r->aa_failed)
		return true;
	else if (verdict == STATS_NO_INFERENCE && inference)
		printf("  %s: no inference, from %zu boots\n", name, r->boots);
	else if (verdict != STATS_NO_REGRESSION && inference)
		printf("  %s: %s of %s against %s at a margin of %.3g %%\n", name,
		       stats_verdict_name(verdict), arm_name(ratio_candidate(r, arm)),
		       arm_name(ratio_base(r, arm)), 100 * a->plan.margin);
	else
		return false;
	return true;
}

static void print_oddities(const struct cell_result *r)
{
	const char *rejected = job_facts[r->cell->job].rejected;

	for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
		double sum = analysis_parts(r, arm);

		if (sum > 0 && fabs(sum - 1) > PARTS_TOLERANCE)
			printf("  %s: the parts of %s add up to %.1f %% of the call that was not traced\n",
			       r->cell->name, arm_name(arm), 100 * sum);
	}
	if (r->rejected)
		printf("  %s: %llu rounds %s and are not counted (%s)\n",
		       r->cell->name, (unsigned long long)r->rejected,
		       rejected ? rejected : "were repeated", r->why);
}

static void print_verdicts(const struct analysis *a, enum cell_job job,
			   unsigned int arm, bool inference)
{
	const struct cell_result *other = NULL;
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (r->cell->job != job || !analysis_is_asked(a, r, arm))
			continue;
		if (print_exception(a, r, arm, inference))
			any = true;
		else
			other = r;
	}
	if (inference && other)
		printf("  NO REGRESSION of %s against %s at a margin of %.3g %%%s\n",
		       arm_name(ratio_candidate(other, arm)),
		       arm_name(ratio_base(other, arm)), 100 * a->plan.margin,
		       any ? " in the other cells" : "");
}

void table_remarks(const struct analysis *a, enum cell_job job, bool inference)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (analysis_is_subject(a, arm))
			print_verdicts(a, job, arm, inference);
	}
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			print_oddities(&a->cell[i]);
	}
}

bool table_inference(const struct analysis *a, enum cell_job job)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			if (a->cell[i].cell->job == job && analysis_is_subject(a, arm) &&
			    a->cell[i].ratio[arm].inference)
				return true;
		}
	}
	return false;
}

/* Why a cell has no old/new, in words */
static const char *no_pair(const struct analysis *a, const struct cell_result *r)
{
	if (!(a->plan.arms & ARM_BIT(ARM_OLD)))
		return "old is not in the plan";
	if (!(a->plan.arms & ARM_BIT(ARM_NEW)))
		return "new is not in the plan";
	if (!r->hist[ARM_OLD])
		return "no old in this kernel";
	return r->hist[ARM_NEW] ? "not in all boots" : "no new in this kernel";
}

void table_ratio(const struct analysis *a, const struct cell_result *r, unsigned int arm)
{
	const struct stats_ratio *ratio = &r->ratio[arm];

	if (ratio->boots)
		printf("  %.4f [%.4f, %.4f]%c", ratio->estimate, ratio->low,
		       ratio->high, r->claim[arm].differs ? '*' : ' ');
	else
		printf("  %-24s", no_pair(a, r));
	if (r->control == ARM_EMPTY)
		printf("%7s", "unknown");
	else
		printf("%6.2f%%", 100 * r->floor);
}

const struct cell_result *table_first_of(const struct analysis *a,
					 enum cell_job job)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			return &a->cell[i];
	}
	return NULL;
}

/* One decimal of thousands is enough to read; summary.json has the rest. */
void table_median(const struct stats_hist *hist)
{
	if (hist)
		printf(" %9.1f", stats_hist_quantile(hist, 0.5) / 1000);
	else
		printf(" %9s", "-");
}

/* What the stars mean */
void table_family(const struct analysis *a)
{
	const char *of = a->tolerance || a->plan.builds > 1 ? "" : " of this build";

	printf("  *: a difference%s is claimed; in %.0f %% of runs at most, any claim of the run's\n"
	       "  %u %s is wrong (Holm, t tests)\n",
	       of, 100 * (1 - a->plan.confidence), a->tested,
	       analysis_has_variants(a) ? "ratios" : "cells with old and new");
}

static bool has_least(const struct cell_result *r)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (r->least_ratio[arm].boots && arm != r->control)
			return true;
	}
	return false;
}

void table_least(const struct analysis *a, enum cell_job job)
{
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (r->cell->job != job || !has_least(r))
			continue;
		if (!any)
			printf("\n  ratios of the least of each boot's calls, as others make calls slower and never\n"
			       "  faster; nothing is claimed of them\n");
		any = true;
		printf("  %-30s", r->cell->name);
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			const struct stats_ratio *least = &r->least_ratio[arm];

			if (least->boots)
				printf("  %s %.4f [%.4f, %.4f]", ratio_name(r, arm).text,
				       least->estimate, least->low, least->high);
		}
		putchar('\n');
	}
}

void table_warming(const struct analysis *a, enum cell_job job)
{
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		for (int arm = ARM_OLD; r->cell->job == job && arm < ARM_MAX; arm++) {
			const struct stats_ratio *w = &r->warming[arm];

			if (!w->boots)
				continue;
			if (!any)
				printf("\n  first call after a switch of code, over the later ones of its run\n");
			any = true;
			printf("  %-30s  %-8s %.4f [%.4f, %.4f]\n", r->cell->name,
			       arm_name(arm), w->estimate, w->low, w->high);
		}
	}
}
