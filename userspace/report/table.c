// SPDX-License-Identifier: GPL-2.0
/* A run for people */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/order_fit.h"
#include "analysis/sample_size.h"
#include "report/summary.h"
#include "report/units.h"
#include "util/util.h"

/* The parts of a traced call have to add up to that of others, so nearly. */
#define PARTS_TOLERANCE	0.05

/* More cells of splits than these are told in a line each. */
#define MANY_SPLITS		4

static int part_width(int part)
{
	int width = strlen(record_part_names[part]);

	return width < 5 ? 5 : width;
}

static void print_arms(const struct analysis *a, const struct cell_result *r)
{
	bool ns = !strcmp(a->unit, "tsc") && a->counter_khz;

	printf("  %-8s %8s %10s %10s %10s %10s%s\n", "arm", "calls", "median",
	       "p90", "p99", "max", ns ? "  median ns" : "");
	for (int arm = 0; arm < NR_ARMS; arm++) {
		const struct stats_hist *hist = r->hist[arm];
		double median;

		if (!hist && (arm == ARM_OLD || arm == ARM_NEW))
			printf("  %-8s is not in this kernel\n", arm_names[arm]);
		if (!hist)
			continue;
		median = stats_hist_quantile(hist, 0.5);
		printf("  %-8s %8llu %10.8g %10.8g %10.8g %10llu",
		       arm_names[arm], (unsigned long long)stats_hist_n(hist),
		       median, stats_hist_quantile(hist, 0.9),
		       stats_hist_quantile(hist, 0.99),
		       (unsigned long long)stats_hist_max(hist));
		if (ns)
			printf(" %10.0f", median * 1e6 / a->counter_khz);
		putchar('\n');
	}
}

static void print_ratio(const struct analysis *a, const struct cell_result *result,
			enum pair pair)
{
	const struct stats_ratio *r = &result->ratio[pair];

	if (!r->boots)
		return;
	printf("  %-12s %.5f  [%.5f, %.5f]", pair_name(result, pair), r->estimate,
	       r->low, r->high);
	if (r->inference)
		printf("  p = %.3f", r->p);
	printf("  %zu %s%s", r->boots, analysis_level(a), r->boots == 1 ? "" : "s");
	if (pair == PAIR_CONTROL)
		printf("  %s\n", summary_aa_verdict(result));
	else
		printf("  %s\n", r->inference ? "" : "no inference");
}

/* From build to build nothing but where code lies is different. */
static void print_builds(const struct analysis *a, const struct cell_result *r)
{
	double low = INFINITY, high = 0;

	if (a->plan.builds < 2 || !r->ratio[PAIR_OLD_NEW].boots)
		return;
	for (size_t i = 0; i < r->boots; i++) {
		low = fmin(low, exp(r->logs[PAIR_OLD_NEW][i]));
		high = fmax(high, exp(r->logs[PAIR_OLD_NEW][i]));
	}
	printf("  old/new of single builds, each with its code laid out another way: %.5f to %.5f\n",
	       low, high);
}

/* On a clock: the same ratios of the calls that others disturbed least */
static void print_low_ratios(const struct cell_result *r)
{
	for (int pair = 0; pair < NR_PAIRS; pair++) {
		const struct stats_ratio *low = &r->low_ratio[pair];

		if (low->boots)
			printf("  %-12s %.5f  [%.5f, %.5f]  of the lowest quarter of a boot's calls\n",
			       pair_name(r, pair), low->estimate, low->low, low->high);
	}
}

/* What the control can see decides what the noise floor means. */
static void print_control(const struct analysis *a, const struct cell_result *r)
{
	if (r->control == ARM_EMPTY)
		printf("  no A/A control was measured: the noise floor is not known\n");
	else if (r->one_text && strcmp(a->unit, "instructions"))
		printf("  %s is the code of %s under another name: it cannot see what placement\n"
		       "  and warmth of code are worth, and so cannot the noise floor\n",
		       arm_names[r->control],
		       arm_names[arm_against(r->control, r->own)]);
}

/* Where calls are made back to back: what the first of a run finds cold */
static void print_warming(const struct cell_result *r)
{
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		const struct stats_ratio *w = &r->warming[arm];

		if (w->boots)
			printf("  %-8s first call after other code: median %.8g, %.4f [%.4f, %.4f] times the later ones\n",
			       arm_names[arm], stats_hist_quantile(r->first[arm], 0.5),
			       w->estimate, w->low, w->high);
	}
}

static void print_verdict(const struct analysis *a, const struct cell_result *r)
{
	double margin = a->plan.margin, confidence = a->plan.confidence;
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];
	double change = 100 * (1 / ab->estimate - 1);

	if (!ab->boots)
		return;
	printf("\n  new against old: %s at a margin of %.3g %%\n",
	       stats_verdict_name(r->verdict), 100 * margin);
	if (r->aa_failed)
		printf("  the A/A pair differs: this run can tell nothing\n");
	else if (!ab->inference)
		printf("  fewer than %d %ss: the numbers above, and no inference\n",
		       STATS_MIN_BOOTS, analysis_level(a));
	else if (!r->differs_alone && !stats_differs(ab, confidence))
		printf("  no difference is established\n");
	else if (r->differs_alone && !r->differs)
		printf("  a difference by itself, but not among all the cells that were tested (Holm)\n");
	else if (!r->differs)
		printf("  the difference is below the noise floor and is not claimed\n");
	else
		printf("  new costs %.2f %% %s than old; lower is better\n",
		       fabs(change), change < 0 ? "less" : "more");
}

static void print_split(const struct analysis *a, const struct cell_result *r)
{
	static const char *const kinds[NR_FOLIOS] = {
		[FOLIO_ANON] = "anonymous folio",
		[FOLIO_DEVICE] = "device-private folio",
		[FOLIO_SWAPCACHE] = "folio in the swapcache",
	};

	printf("\n%s: split of %s order-%u %s to order %u\n", r->cell->name,
	       r->cell->state == STATE_MAPPED ? "a mapped" : "an unmapped",
	       r->cell->order, kinds[r->cell->folio], r->cell->new_order);
	printf("per call, in %s\n\n", units_text(a->unit));
	print_arms(a, r);
	printf("\n  ratio of medians less the empty call, %.0f %% interval over %ss\n",
	       100 * a->plan.confidence, analysis_level(a));
	print_ratio(a, r, PAIR_OLD_NEW);
	print_ratio(a, r, PAIR_CONTROL);
	print_low_ratios(r);
	printf("  noise floor %.3f %%; %llu calls disturbed, kept\n",
	       100 * r->floor, (unsigned long long)r->disturbed);
	print_builds(a, r);
	print_control(a, r);
	print_warming(r);
	print_verdict(a, r);
}

/* What is not as it should be, a line each; nothing if all is well */
void summary_print_remarks(const struct analysis *a, enum cell_job job,
			   bool inference)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];
		const char *name = r->cell->name;

		if (r->cell->job != job)
			continue;
		if (r->aa_failed)
			printf("  %s: the A/A pair differs: this cell can tell nothing\n",
			       name);
		else if (r->verdict == STATS_NO_INFERENCE && inference)
			printf("  %s: no inference, from %zu boots\n", name,
			       r->boots);
		else if (r->verdict != STATS_NO_REGRESSION && inference)
			printf("  %s: %s of new against old at a margin of %.3g %%\n",
			       name, stats_verdict_name(r->verdict),
			       100 * a->plan.margin);
		for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
			double sum = analysis_parts(r, arm);

			if (sum > 0 && fabs(sum - 1) > PARTS_TOLERANCE)
				printf("  %s: the parts of %s add up to %.1f %% of the call that was not traced\n",
				       name, arm_names[arm], 100 * sum);
		}
		if (r->rejected)
			printf("  %s: %llu rounds %s and are not counted (%s)\n",
			       name, (unsigned long long)r->rejected,
			       job == JOB_CONTEND ? "did not begin together" :
			       "took another path", r->why);
	}
}

static const char *no_pair(const struct cell_result *r)
{
	if (!r->hist[ARM_OLD])
		return "no old in this kernel";
	return r->hist[ARM_NEW] ? "not in all boots" : "no new in this kernel";
}

/* Old/new of a line of its own, with a star if a difference is claimed, and the floor */
static void print_row_ratio(const struct cell_result *r)
{
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];

	if (ab->boots)
		printf("  %.4f [%.4f, %.4f]%c", ab->estimate, ab->low, ab->high,
		       r->differs ? '*' : ' ');
	else
		printf("  %-24s", no_pair(r));
	if (r->control == ARM_EMPTY)
		printf("%7s", "-");
	else
		printf("%6.2f%%", 100 * r->floor);
}

/* What the stars mean */
static void print_family(const struct analysis *a)
{
	printf("  *: a difference is claimed; any claim of the %u cells tested is wrong in %.0f %%\n"
	       "  of runs at most (Holm)\n",
	       a->tested, 100 * (1 - a->plan.confidence));
}

/* A line a cell; what "mapped" costs over the unmapped split is told, too. */
static void print_split_rows(const struct analysis *a)
{
	bool inference = false;

	printf("\nsplits: folio, its order, and to which; less the empty call, per call,\n"
	       "in %s\n\n  %-30s %10s %10s  %-23s %7s %7s\n",
	       units_text(a->unit), "cell", "old", "new", "old/new", "floor",
	       "x usual");
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];
		const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];

		if (r->cell->job != JOB_SPLIT)
			continue;
		inference |= ab->inference;
		printf("  %-30s", r->cell->name);
		for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
			if (r->hist[arm])
				printf(" %10.8g", fit_cost(r, arm));
			else
				printf(" %10s", "-");
		}
		print_row_ratio(r);
		if (r->usual.boots)
			printf(" %7.3f", r->usual.estimate);
		putchar('\n');
	}
	printf("\n  x usual: the kernel's own, over an unmapped THP as it comes, to the same order\n");
	if (inference)
		print_family(a);
	if (inference)
		printf("  NO REGRESSION of new against old at a margin of %.3g %%, but for what follows\n",
		       100 * a->plan.margin);
	summary_print_remarks(a, JOB_SPLIT, inference);
}

static const struct cell_result *first_of(const struct analysis *a,
					  enum cell_job job)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == job)
			return &a->cell[i];
	}
	return NULL;
}

/* One decimal of thousands is enough to read; summary.json has the rest. */
void summary_print_median(const struct stats_hist *hist)
{
	if (hist)
		printf(" %9.1f", stats_hist_quantile(hist, 0.5) / 1000);
	else
		printf(" %9s", "-");
}

static void print_migration(const struct cell_result *r)
{
	printf("  %-19s", r->cell->name);
	summary_print_median(r->hist[ARM_OLD]);
	summary_print_median(r->hist[ARM_NEW]);
	print_row_ratio(r);
	if (r->fallback.boots)
		printf(" %7.3f", r->fallback.estimate);
	else
		printf(" %7s", r->cell->kind == KIND_NONE ? "1" : "-");
	putchar('\n');
}

static void print_migrations(const struct analysis *a)
{
	bool inference = false;
	size_t boots = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (r->cell->job != JOB_MIGRATE)
			continue;
		inference |= r->ratio[PAIR_OLD_NEW].inference;
		boots = r->boots > boots ? r->boots : boots;
	}

	printf("\nmigrations to and from the test device: direction, why it falls back, THPs\n");
	printf("median per THP, in thousands of %s\n\n", units_text(a->unit));
	printf("  %-19s %9s %9s  %-23s %7s %7s\n", "cell", "old", "new",
	       "old/new", "floor", "x whole");
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == JOB_MIGRATE)
			print_migration(&a->cell[i]);
	}
	printf("\n  %.0f %% interval over %zu %s%s%s; x whole: %s, over the THP that migrates whole\n",
	       100 * a->plan.confidence, boots, analysis_level(a), boots == 1 ? "" : "s",
	       inference ? "" : ", no inference",
	       arm_names[first_of(a, JOB_MIGRATE)->own]);
	if (inference)
		print_family(a);
	if (inference)
		printf("  NO REGRESSION of new against old at a margin of %.3g %%, but for what follows\n",
		       100 * a->plan.margin);
	summary_print_remarks(a, JOB_MIGRATE, inference);
}

static void print_breakdown(const struct analysis *a)
{
	bool any = false;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (!r->whole[r->own] || !r->hist[r->own])
			continue;
		if (!any) {
			printf("\n  where it goes, with %s: percent of the traced call; sum: of all parts, as\n"
			       "  percent of the median call that was not traced\n\n  %-19s",
			       arm_names[r->own], "cell");
			for (int part = 0; part < NR_PARTS; part++)
				printf(" %*s", part_width(part),
				       record_part_names[part]);
			printf("    sum\n");
		}
		any = true;
		printf("  %-19s", r->cell->name);
		for (int part = 0; part < NR_PARTS; part++)
			printf(" %*.1f", part_width(part),
			       100 * r->part[r->own][part] / r->whole[r->own]);
		printf(" %6.1f\n", 100 * analysis_parts(r, r->own));
	}
}

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

/* Few cells are told at length, of many a line each. */
static void print_splits(const struct analysis *a)
{
	unsigned int cells = 0;

	for (size_t i = 0; i < a->nr_cells; i++)
		cells += a->cell[i].cell->job == JOB_SPLIT;
	if (cells > MANY_SPLITS) {
		print_split_rows(a);
		return;
	}
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == JOB_SPLIT)
			print_split(a, &a->cell[i]);
	}
}

static void print_fits(const struct analysis *a)
{
	static const char *const what[NR_FIT_SERIES] = {
		[FIT_TO_PAGES] = "folios of all orders, to order 0",
		[FIT_FROM_THP] = "THPs, to all orders",
	};
	bool any = false;

	for (int series = 0; series < NR_FIT_SERIES; series++) {
		for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
			struct fit fit = fit_orders(a, series, arm);

			if (!fit.n)
				continue;
			if (!any)
				printf("\ncost of a call = fixed + each x folios it makes, in %s\n\n",
				       units_text(a->unit));
			any = true;
			printf("  %-34s %-4s fixed %8.1f  each %8.2f  R squared %.6f (%zu orders)\n",
			       what[series], arm_names[arm], fit.fixed, fit.each,
			       fit.r2, fit.n);
		}
	}
}

/* What varies with it is not the kernel's doing. */
static void print_doctor(const struct analysis *a)
{
	json_t *spoiled = analysis_spoiled(a), *line, *finding;
	const char *check, *before = "mended meanwhile: ";
	size_t i;

	json_array_foreach(spoiled, i, line)
		printf("SPOILED by %s\n", json_string_value(line));
	json_decref(spoiled);
	json_object_foreach(a->doctor, check, finding) {
		if (!json_array_size(json_object_get(finding, "mended")))
			continue;
		printf("%s%s", before, check);
		before = ", ";
	}
	if (*before == ',')
		putchar('\n');
}

void summary_print_table(const struct analysis *a)
{
	printf("%s  Linux %s\n%s\n", a->plan.run, a->release, a->cpu);
	if (a->plan.plant)
		printf("PLANTED: new and again were slowed down by %u iterations\n",
		       a->plan.plant);
	print_doctor(a);
	print_splits(a);
	print_fits(a);
	if (first_of(a, JOB_MIGRATE)) {
		print_migrations(a);
		print_breakdown(a);
	}
	summary_print_contention(a);
	print_spreads(a);
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
		bool split = r->cell->job == JOB_SPLIT;
		double calls = 0;

		/* The empty arm of a migration has no folio. */
		for (int arm = split ? ARM_EMPTY : ARM_OLD; arm < NR_ARMS; arm++)
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
