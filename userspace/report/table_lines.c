// SPDX-License-Identifier: GPL-2.0
/* The table of a job's cells, a line each, for any job */
#include <stdio.h>

#include "analysis/order_fit.h"
#include "record/job_facts.h"
#include "report/table_parts.h"
#include "report/units.h"

static void print_line(const struct analysis *a, const struct cell_result *r)
{
	printf("  %-30s", r->cell->name);
	for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
		if (r->hist[arm])
			printf(" %10.8g", fit_cost(r, arm));
		else
			printf(" %10s", "-");
	}
	table_ratio(a, r, ARM_OLD);
	if (r->over_base.boots)
		printf(" %7.3f", r->over_base.estimate);
	putchar('\n');
}

void table_lines(const struct analysis *a, enum cell_job job)
{
	const struct job_facts *facts = &job_facts[job];
	bool inference = table_inference(a, job);

	printf("\n%s; less the empty call, per call,\n"
	       "in %s\n\n  %-30s %10s %10s  %-23s %7s%s\n",
	       facts->title ? facts->title : facts->help, units_text(a->unit), "cell", "old",
	       "new", "old/new", "floor", facts->base_key ? " vs base" : "");
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			print_line(a, &a->cell[i]);
	}
	table_variants(a, job);
	putchar('\n');
	if (facts->base_key)
		printf("  vs base: cost relative to %s\n", facts->base_help);
	if (inference)
		table_family(a);
	table_least(a, job);
	table_warming(a, job);
	table_remarks(a, job, inference);
}

/* What the worst calls cost is no matter of medians. */
static void print_tail(const struct cell_result *r, unsigned int arm)
{
	const struct stats_hist *hist = r->hist[arm];

	if (hist)
		printf("  %-30s %-8s %8llu %10.8g %10.8g %10.8g %10llu\n", r->cell->name,
		       arm_name(arm), (unsigned long long)stats_hist_n(hist),
		       stats_hist_quantile(hist, 0.5), stats_hist_quantile(hist, 0.9),
		       stats_hist_quantile(hist, 0.99),
		       (unsigned long long)stats_hist_max(hist));
}

static void print_plain(const struct analysis *a, enum cell_job job)
{
	table_lines(a, job);
	printf("\n  %-30s %-8s %8s %10s %10s %10s %10s\n", "cell", "arm",
	       job_facts[job].calls, "median", "p90", "p99", "max");
	for (size_t i = 0; i < a->nr_cells; i++) {
		for (unsigned int arm = 0; arm < ARM_MAX && a->cell[i].cell->job == job; arm++)
			print_tail(&a->cell[i], arm);
	}
}

const struct job_report plain_report = { .print = print_plain };
