// SPDX-License-Identifier: GPL-2.0
/* What the tables of all jobs share */
#include <math.h>
#include <stdio.h>

#include "report/table_parts.h"

/* The parts of a traced call have to add up to that of others, so nearly. */
#define PARTS_TOLERANCE	0.05

/* Of a cell that is not plainly without a regression. Return: was there anything? */
static bool print_exception(const struct analysis *a, const struct cell_result *r,
			    bool inference)
{
	const char *name = r->cell->name;

	if (r->aa_failed)
		printf("  %s: the A/A pair differs: this cell is invalid\n", name);
	else if (r->verdict == STATS_NO_INFERENCE && inference)
		printf("  %s: no inference, from %zu boots\n", name, r->boots);
	else if (r->verdict != STATS_NO_REGRESSION && inference)
		printf("  %s: %s of new against old at a margin of %.3g %%\n",
		       name, stats_verdict_name(r->verdict),
		       100 * a->plan.margin);
	else
		return false;
	return true;
}

static void print_oddities(const struct cell_result *r)
{
	for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
		double sum = analysis_parts(r, arm);

		if (sum > 0 && fabs(sum - 1) > PARTS_TOLERANCE)
			printf("  %s: the parts of %s add up to %.1f %% of the call that was not traced\n",
			       r->cell->name, arm_names[arm], 100 * sum);
	}
	if (r->rejected)
		printf("  %s: %llu rounds %s and are not counted (%s)\n",
		       r->cell->name, (unsigned long long)r->rejected,
		       r->cell->job == JOB_CONTEND ? "did not begin together" :
		       "took another path", r->why);
}

void table_remarks(const struct analysis *a, enum cell_job job, bool inference)
{
	unsigned int others = 0;
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job != job)
			continue;
		if (print_exception(a, &a->cell[i], inference))
			any = true;
		else
			others++;
	}
	if (inference && others)
		printf("  NO REGRESSION of new against old at a margin of %.3g %%%s\n",
		       100 * a->plan.margin, any ? " in the other cells" : "");
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			print_oddities(&a->cell[i]);
	}
}

const char *table_no_pair(const struct cell_result *r)
{
	if (!r->hist[ARM_OLD])
		return "no old in this kernel";
	return r->hist[ARM_NEW] ? "not in all boots" : "no new in this kernel";
}

/* Old/new of a line of its own, with a star if a difference is claimed, and the floor */
void table_ratio(const struct cell_result *r)
{
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];

	if (ab->boots)
		printf("  %.4f [%.4f, %.4f]%c", ab->estimate, ab->low, ab->high,
		       r->differs ? '*' : ' ');
	else
		printf("  %-24s", table_no_pair(r));
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
	       "  %u cells with old and new is wrong (Holm, t tests)\n",
	       of, 100 * (1 - a->plan.confidence), a->tested);
}

void table_least(const struct analysis *a, enum cell_job job)
{
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (r->cell->job != job || !r->least_ratio[PAIR_OLD_NEW].boots)
			continue;
		if (!any)
			printf("\n  ratios of the least of each boot's calls, as others make calls slower and never\n"
			       "  faster; nothing is claimed of them\n");
		any = true;
		printf("  %-30s", r->cell->name);
		for (int pair = 0; pair < NR_PAIRS; pair++) {
			const struct stats_ratio *least = &r->least_ratio[pair];

			if (least->boots)
				printf("  %s %.4f [%.4f, %.4f]", pair_name(r, pair),
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

		for (int arm = ARM_OLD; r->cell->job == job && arm < NR_ARMS; arm++) {
			const struct stats_ratio *w = &r->warming[arm];

			if (!w->boots)
				continue;
			if (!any)
				printf("\n  first call after a switch of code, over the later ones of its run\n");
			any = true;
			printf("  %-30s  %-8s %.4f [%.4f, %.4f]\n", r->cell->name,
			       arm_names[arm], w->estimate, w->low, w->high);
		}
	}
}
