// SPDX-License-Identifier: GPL-2.0
/* A run for people */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/sample_size.h"
#include "report/job_report.h"
#include "report/summary.h"
#include "report/table_parts.h"

/* The same comparison in several cells: what it differs by there is not the change. */
static void print_spreads(const struct analysis *a)
{
	struct analysis_spread *spreads;
	size_t n = analysis_spreads(a, &spreads);

	for (size_t i = 0; i < n; i++)
		printf("%s  %s in %zu cells: old/new from %.5f to %.5f\n",
		       i ? "" : "\nthe same split, after other calls or on other nodes\n\n",
		       spreads[i].name, spreads[i].cells, spreads[i].low,
		       spreads[i].high);
	free(spreads);
}

/*
 * On a clock, where the code lies can be worth more than the intervals over boots say:
 * boots do not move it. Instructions do not depend on it.
 */
static void print_layout(const struct analysis *a)
{
	if (a->tolerance || a->plan.builds > 1)
		return;
	printf("\n  one build of the kernel: the intervals do not cover the effect of its code layout;\n");
	if (plan_on_host(&a->plan))
		printf("  another build may differ\n");
	else
		printf("  BUILDS=6 measures it\n");
}

/* How large the run would have to be, by the spread between its boots */
static void print_needed(const struct analysis *a)
{
	const char *level = analysis_level(a);
	const struct cell_result *most = NULL;
	unsigned int boots = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		unsigned int needed = advise_needed(a, &a->cell[i]);

		if (needed > boots) {
			boots = needed;
			most = &a->cell[i];
		}
	}
	if (most)
		printf("\n  for the margin, %s%u %ss are needed by the spread seen (%s); there are %zu\n",
		       boots == PLAN_MAX_BOOTS ? "more than " : "", boots, level,
		       most->cell->name, most->boots);
	else
		printf("\n  how many %ss the margin takes is not known from one: make more\n",
		       level);
}

static void print_growth(const struct analysis *a)
{
	for (size_t i = 0; i < a->plan.nr_grown; i++)
		printf("  " PLAN_GROWN_TEXT "\n", a->plan.grown[i]);
}

/* What this machine cannot measure is a hole, and has its reason. */
static void print_skipped(const struct analysis *a)
{
	for (size_t i = 0; i < a->plan.nr_cells; i++) {
		if (a->skipped[i])
			printf("\n  %s was skipped: %s\n",
			       a->plan.cells[i].name, a->skipped[i]);
	}
}

/* What varies with it is not the kernel's doing. */
static void print_doctor(const struct analysis *a)
{
	json_t *spoiled = analysis_spoiled(a), *line, *finding;
	const char *check, *before = "fixed for the run: ";
	size_t i;

	json_array_foreach(spoiled, i, line)
		printf("SPOILED by %s\n", json_string_value(line));
	json_decref(spoiled);
	json_object_foreach(a->doctor, check, finding) {
		if (!json_array_size(json_object_get(finding, "fixed")))
			continue;
		printf("%s%s", before, check);
		before = ", ";
	}
	if (*before == ',')
		putchar('\n');
}

void summary_print_table(const struct analysis *a)
{
	printf("%s  Linux %s%s%s\n%s\n", a->plan.run, a->release, a->compiler ? ", " : "",
	       a->compiler ? a->compiler : "", a->cpu);
	if (plan_target(&a->plan, "stock"))
		printf("%s\n  the kernel as its distribution has built it: migrations only, and no old split to compare with\n",
		       plan_target(&a->plan, "title"));
	if (a->plan.plant)
		printf("PLANTED: new and again were slowed down by %u iterations\n",
		       a->plan.plant);
	print_doctor(a);
	for (int job = 0; job < NR_JOBS; job++) {
		if (table_first_of(a, job))
			job_reports[job]->print(a, job);
	}
	print_spreads(a);
	print_layout(a);
	print_needed(a);
	print_growth(a);
	print_skipped(a);
	if (a->faults)
		printf("\nBROKEN CONTRACT: %llu calls did not do what they promise\n",
		       (unsigned long long)a->faults);
	if (a->to_come)
		printf("\n%u of %u boots are still to come\n", a->to_come,
		       a->plan.boots);
	if (a->incomplete)
		printf("\nINCOMPLETE, the rest was used:\n%s", a->incomplete);
}

/* Where the ticks of a sample go, the harness's own part last. */
void summary_print_phases(const struct analysis *a)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];
		bool empty = job_reports[r->cell->job]->empty_has_folio;
		double calls = 0;

		for (int arm = empty ? ARM_EMPTY : ARM_OLD; arm < ARM_MAX; arm++)
			calls += r->hist[arm] ? stats_hist_n(r->hist[arm]) : 0;
		printf("\n  %s: around a call, per folio, in %s:\n",
		       r->cell->name, a->unit);
		for (int phase = 0; phase < NR_PHASES; phase++) {
			if (r->phases[phase])
				printf("  %-10s %12.0f\n",
				       record_phase_names[phase],
				       r->phases[phase] / calls);
		}
	}
}
