// SPDX-License-Identifier: GPL-2.0
/* What several processes at the same time come to, for people */
#include <math.h>
#include <stdio.h>

#include "report/json_parts.h"
#include "report/table_parts.h"
#include "report/units.h"

/* Less than that of an event would be printed as 0.0. */
#define LEAST_SHOWN	0.05

static void print_estimate(const struct stats_ratio *r)
{
	if (r->boots)
		printf(" %7.3f", r->estimate);
	else
		printf(" %7s", "-");
}

static void print_calls(const struct cell_result *r)
{
	const struct stats_ratio *ab = &r->ratio[ARM_OLD];

	printf("  %-32s", r->cell->name);
	table_median(r->hist[ARM_OLD]);
	table_median(r->hist[ARM_NEW]);
	if (ab->boots)
		printf("  %.3f [%.3f, %.3f]%c", ab->estimate, ab->low, ab->high,
		       r->claim[ARM_OLD].differs ? '*' : ' ');
	else
		printf("  %-21s", "-");
	printf("%7.2f%%", 100 * r->floor);
	print_estimate(&r->scaling[ARM_OLD]);
	print_estimate(&r->scaling[ARM_NEW]);
	printf(" %6.1f%%\n", 100 * rounds_overlap(r->rounds));
}

/* Was it possible to say, and what? A line for each cell that is about this. */
static void print_scaling(const struct analysis *a, const struct cell_result *r)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		const struct stats_ratio *s = &r->scaling[arm];

		if (!s->boots || !analysis_is_subject(a, arm))
			continue;
		printf("  %s: %s: %u processes make %.3f [%.3f, %.3f] times the calls of one%s\n",
		       r->cell->name, arm_name(arm), r->cell->threads,
		       s->estimate, s->low, s->high,
		       s->inference ? "" : "; no inference");
	}
	if (rounds_overlap(r->rounds) < 0.95 && r->cell->threads > 1)
		printf("  %s: only %.0f %% overlap of all processes in the median round (the last starts %.0f ticks after the first)\n",
		       r->cell->name, 100 * rounds_overlap(r->rounds),
		       stats_hist_quantile(r->rounds->skew, 0.5));
}

static bool has_beside(const struct cell_result *r)
{
	return r->rounds && r->rounds->beside[ARM_EMPTY] &&
	       stats_hist_n(r->rounds->beside[ARM_EMPTY]);
}

/* Median, 99th percentile and maximum of what was done beside an arm */
static void print_tail(const struct stats_hist *hist)
{
	char text[3][16];

	if (!hist || !stats_hist_n(hist)) {
		printf(" %8s %8s %8s", "-", "-", "-");
		return;
	}
	printf(" %8s %8s %8s",
	       units_ticks(stats_hist_quantile(hist, 0.5), text[0]),
	       units_ticks(stats_hist_quantile(hist, 0.99), text[1]),
	       units_ticks(stats_hist_max(hist), text[2]));
}

static void print_beside(const struct cell_result *r)
{
	printf("\n  %s\n", r->cell->name);
	for (int arm = 0; arm < ARM_MAX; arm++) {
		const struct stats_hist *hist = r->rounds->beside[arm];

		if (!hist)
			continue;
		printf("  %-9s %8llu",
		       arm == ARM_EMPTY ? "none" : arm_name(arm),
		       (unsigned long long)stats_hist_n(hist));
		print_tail(hist);
		if (r->beside[arm].boots)
			printf("  %.3f [%.3f, %.3f]", r->beside[arm].estimate,
			       r->beside[arm].low, r->beside[arm].high);
		else if (arm != ARM_EMPTY)
			printf("  none at all in some boots");
		putchar('\n');
	}
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		const struct stats_ratio *ratio = &r->beside_ratio[arm];

		if (ratio->boots)
			printf("  %s over %s: %.3f [%.3f, %.3f] times the operations%s\n",
			       arm_name(ratio_candidate(r, arm)),
			       arm_name(ratio_base(r, arm)), ratio->estimate,
			       ratio->low, ratio->high,
			       ratio->inference ? "" : "; no inference");
	}
}

static void print_all_beside(const struct analysis *a)
{
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (!has_beside(r))
			continue;
		if (!any)
			printf("\nbeside the splits: operations, each timed, in %s; and how many\n"
			       "there are in a time, over those beside splitters that do nothing\n\n"
			       "  %-9s %8s %8s %8s %8s  %s\n", units_text(a->unit),
			       "splits", "timed", "median", "p99", "max", "rate");
		any = true;
		print_beside(r);
	}
}

static void print_cell_events(const struct cell_result *r, unsigned int arm,
			      const bool *counted)
{
	printf("  %-32s %-6s", r->cell->name, arm_name(arm));
	for (int event = 0; event < NR_EVENTS; event++) {
		double each = rounds_events(r->rounds, arm, event);

		if (!counted[event])
			continue;
		if (isnan(each))
			printf(" %15s", "-");
		else
			printf(" %15.1f", each);
	}
	putchar('\n');
}

/* The most of an event that any cell and arm has; NaN if it was not counted */
static double most_events(const struct analysis *a, enum record_event event)
{
	double most = NAN;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct rounds *rounds = a->cell[i].rounds;

		for (unsigned int arm = ARM_OLD; rounds && arm < ARM_MAX; arm++) {
			if (analysis_is_subject(a, arm))
				most = fmax(most, rounds_events(rounds, arm, event));
		}
	}
	return most;
}

/* Those that anything was counted of, a column each */
static void print_events(const struct analysis *a)
{
	bool counted[NR_EVENTS], any = false;

	putchar('\n');
	if (isnan(most_events(a, EVENT_INSTRUCTIONS)))
		printf("  this machine does not count instructions\n");
	for (int event = 0; event < NR_EVENTS; event++) {
		double most = most_events(a, event);

		/* Of a column that shows nothing else, a line will do. */
		counted[event] = most >= LEAST_SHOWN;
		if (most < LEAST_SHOWN)
			printf("  %s: less than %.2f of each call in all cells\n",
			       record_event_names[event], LEAST_SHOWN);
	}
	for (int event = 0; event < NR_EVENTS; event++) {
		if (counted[event] && !any)
			printf("\ncounted in the kernel, of each call\n\n  %-32s %-6s",
			       "cell", "arm");
		if (counted[event])
			printf(" %15s", record_event_names[event]);
		any |= counted[event];
	}
	if (any)
		putchar('\n');
	for (size_t i = 0; any && i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		for (unsigned int arm = ARM_OLD; r->rounds && arm < ARM_MAX; arm++) {
			/* The lines of old and new are there, whatever was measured. */
			if (arm <= ARM_NEW || (r->hist[arm] && analysis_is_variant(a, arm)))
				print_cell_events(r, arm, counted);
		}
	}
}

static void print_contention(const struct analysis *a, enum cell_job job)
{
	bool inference = table_inference(a, job);

	printf("\nsplits of several processes at the same time: how many, and to which cgroups\n"
	       "their folios are charged; median per call, in thousands of %s;\n"
	       "x 1: calls of all in a time, over those of one process alone\n\n",
	       units_text(a->unit));
	printf("  %-32s %9s %9s  %-20s %8s %7s %7s %8s\n", "cell", "old", "new",
	       "old/new", "floor", "old x 1", "new x 1", "overlap");
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job && a->cell[i].rounds)
			print_calls(&a->cell[i]);
	}
	table_variants(a, job);
	putchar('\n');
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job && a->cell[i].rounds)
			print_scaling(a, &a->cell[i]);
	}
	table_least(a, job);
	table_warming(a, job);
	table_remarks(a, job, inference);
	print_all_beside(a);
	print_events(a);
}

const struct job_report contend_report = {
	.print = print_contention, .add_json = json_add_contend,
};
