// SPDX-License-Identifier: GPL-2.0
#include "summary.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise.h"
#include "analysis.h"
#include "output.h"
#include "units.h"
#include "util.h"

#define SUMMARY_SCHEMA	"splitbench.summary/1"

/* The parts of a traced call have to add up to that of others, so nearly. */
#define PARTS_TOLERANCE	0.05

static int part_width(int part)
{
	int width = strlen(record_part_names[part]);

	return width < 5 ? 5 : width;
}

static json_t *arm_json(const struct stats_hist *hist)
{
	return json_pack("{s:I,s:f,s:f,s:f,s:I}",
			 "n", (json_int_t)stats_hist_n(hist),
			 "median", stats_hist_quantile(hist, 0.5),
			 "p90", stats_hist_quantile(hist, 0.9),
			 "p99", stats_hist_quantile(hist, 0.99),
			 "max", (json_int_t)stats_hist_max(hist));
}

static json_t *ratio_json(const struct stats_ratio *r, const char *verdict)
{
	return json_pack("{s:f,s:f,s:f,s:o,s:i,s:s}",
			 "estimate", r->estimate, "low", r->low,
			 "high", r->high,
			 "p", r->inference ? json_real(r->p) : json_null(),
			 "boots", (int)r->boots, "verdict", verdict);
}

static const char *aa_verdict(const struct cell_result *r)
{
	if (!r->ratio[PAIR_AGAIN].inference)
		return "no inference";
	return r->aa_failed ? "A/A FAILED" : "A/A holds";
}

static json_t *phases_json(const struct cell_result *r)
{
	json_t *phases = json_object();

	for (int i = 0; i < NR_PHASES; i++) {
		if (r->phases[i])
			json_object_set_new(phases, record_phase_names[i],
					    json_integer(r->phases[i]));
	}
	return phases;
}

static json_t *throughput_json(const struct analysis *a,
			       const struct cell_result *r)
{
	json_t *doc = json_object();

	json_object_set_new(doc, "unit", json_string(analysis_throughput_unit(a)));
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		if (r->busy[arm].rounds)
			json_object_set_new(doc, arm_names[arm],
					    json_real(analysis_throughput(a, r, arm)));
	}
	return doc;
}

static json_t *breakdown_json(const struct cell_result *r)
{
	json_t *doc = json_object();

	for (int arm = 0; arm < NR_ARMS; arm++) {
		json_t *parts;

		if (!r->whole[arm])
			continue;
		parts = json_pack("{s:f,s:f}", "whole", r->whole[arm],
				  "sum_to_untraced", analysis_parts(r, arm));
		for (int part = 0; part < NR_PARTS; part++)
			json_object_set_new(parts, record_part_names[part],
					    json_real(r->part[arm][part]));
		json_object_set_new(doc, arm_names[arm], parts);
	}
	return doc;
}

static json_t *cell_json(const struct analysis *a, const struct cell_result *r)
{
	json_t *arms = json_object(), *ratios = json_object(), *doc;
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];
	const struct stats_ratio *aa = &r->ratio[PAIR_AGAIN];

	for (int arm = 0; arm < NR_ARMS; arm++) {
		if (r->hist[arm])
			json_object_set_new(arms, arm_names[arm],
					    arm_json(r->hist[arm]));
	}
	if (ab->boots)
		json_object_set_new(ratios, pair_name(r, PAIR_OLD_NEW),
				    ratio_json(ab, stats_verdict_name(r->verdict)));
	if (aa->boots)
		json_object_set_new(ratios, pair_name(r, PAIR_AGAIN),
				    ratio_json(aa, aa_verdict(r)));
	if (r->fallback.boots)
		json_object_set_new(ratios, "cell/none",
				    ratio_json(&r->fallback, "none"));
	doc = json_pack("{s:s,s:o,s:o,s:o,s:f,s:f,s:I,s:I,s:I,s:I,s:I,s:o}",
			"name", r->cell->name, "params", cell_params(r->cell),
			"arms", arms, "ratios", ratios,
			"floor", 1 + r->floor, "margin", r->margin,
			"blocks", (json_int_t)r->blocks,
			"disturbed", (json_int_t)r->disturbed,
			"retries", (json_int_t)r->retries,
			"rejected", (json_int_t)r->rejected,
			"faults", (json_int_t)r->faults,
			"phase_ticks", phases_json(r));
	if (doc && r->cell->job == JOB_MIGRATE) {
		json_object_set_new(doc, "throughput", throughput_json(a, r));
		json_object_set_new(doc, "breakdown", breakdown_json(r));
	}
	return doc;
}

static void write_summary(const struct analysis *a, const char *run_dir)
{
	char *path = join(run_dir, "summary.json");
	json_t *cells = json_array(), *doc;

	for (size_t i = 0; i < a->nr_cells; i++)
		json_array_append_new(cells, cell_json(a, &a->cell[i]));
	doc = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:o}",
			"schema", SUMMARY_SCHEMA, "run", a->plan.run,
			"unit", a->unit, "kernel", a->release,
			"cpu", a->cpu, "complete", !a->incomplete,
			"plant", a->plan.plant, "cells", cells);
	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
	free(path);
}

static void print_arms(const struct analysis *a, const struct cell_result *r)
{
	bool ns = !strcmp(a->unit, "tsc") && a->counter_khz;

	printf("  %-6s %8s %10s %10s %10s %10s%s\n", "arm", "calls", "median",
	       "p90", "p99", "max", ns ? "  median ns" : "");
	for (int arm = 0; arm < NR_ARMS; arm++) {
		const struct stats_hist *hist = r->hist[arm];
		double median;

		if (!hist) {
			printf("  %-6s is not in this kernel\n", arm_names[arm]);
			continue;
		}
		median = stats_hist_quantile(hist, 0.5);
		printf("  %-6s %8llu %10.8g %10.8g %10.8g %10llu",
		       arm_names[arm], (unsigned long long)stats_hist_n(hist),
		       median, stats_hist_quantile(hist, 0.9),
		       stats_hist_quantile(hist, 0.99),
		       (unsigned long long)stats_hist_max(hist));
		if (ns)
			printf(" %10.0f", median * 1e6 / a->counter_khz);
		putchar('\n');
	}
}

static void print_ratio(const struct cell_result *result, enum pair pair)
{
	const struct stats_ratio *r = &result->ratio[pair];

	if (!r->boots)
		return;
	printf("  %-10s %.5f  [%.5f, %.5f]", pair_name(result, pair), r->estimate,
	       r->low, r->high);
	if (r->inference)
		printf("  p = %.3f", r->p);
	printf("  %zu boot%s", r->boots, r->boots == 1 ? "" : "s");
	if (pair == PAIR_AGAIN)
		printf("  %s\n", aa_verdict(result));
	else
		printf("  %s\n", r->inference ? "" : "no inference");
}

static void print_verdict(const struct cell_result *r)
{
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];
	double change = 100 * (1 / ab->estimate - 1);

	if (!ab->boots)
		return;
	printf("\n  new against old: %s at a margin of %.3g %%\n",
	       stats_verdict_name(r->verdict), 100 * r->margin);
	if (r->aa_failed)
		printf("  the A/A pair differs: this run can tell nothing\n");
	else if (!ab->inference)
		printf("  fewer than %d boots: the numbers above, and no inference\n",
		       STATS_MIN_BOOTS);
	else if (ab->low <= 1 && ab->high >= 1)
		printf("  no difference is established\n");
	else if (fabs(ab->estimate - 1) < r->floor)
		printf("  the difference is below the noise floor and is not claimed\n");
	else
		printf("  new costs %.2f %% %s than old; lower is better\n",
		       fabs(change), change < 0 ? "less" : "more");
}

static void print_split(const struct analysis *a, const struct cell_result *r)
{
	printf("\n%s: split of %s order-9 anonymous folio to order %u\n",
	       r->cell->name,
	       r->cell->state == STATE_MAPPED ? "a mapped" : "an unmapped",
	       r->cell->new_order);
	printf("per call, in %s\n\n", units_text(a->unit));
	print_arms(a, r);
	printf("\n  ratio of medians less the empty call, %.0f %% interval over boots\n",
	       100 * a->plan.confidence);
	print_ratio(r, PAIR_OLD_NEW);
	print_ratio(r, PAIR_AGAIN);
	printf("  noise floor %.3f %%; %llu calls disturbed, kept\n",
	       100 * r->floor, (unsigned long long)r->disturbed);
	print_verdict(r);
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
static void print_median(const struct stats_hist *hist)
{
	if (hist)
		printf(" %9.1f", stats_hist_quantile(hist, 0.5) / 1000);
	else
		printf(" %9s", "-");
}

static const char *no_pair(const struct cell_result *r)
{
	if (!r->hist[ARM_OLD])
		return "no old in this kernel";
	return r->hist[ARM_NEW] ? "not in all boots" : "no new in this kernel";
}

static void print_migration(const struct cell_result *r)
{
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];

	printf("  %-19s", r->cell->name);
	print_median(r->hist[ARM_OLD]);
	print_median(r->hist[ARM_NEW]);
	if (ab->boots)
		printf("  %.4f [%.4f, %.4f]", ab->estimate, ab->low, ab->high);
	else
		printf("  %-23s", no_pair(r));
	printf(" %6.2f%%", 100 * r->floor);
	if (r->fallback.boots)
		printf(" %7.3f", r->fallback.estimate);
	else
		printf(" %7s", r->cell->kind == KIND_NONE ? "1" : "-");
	putchar('\n');
}

/* What is not as it should be, a line each; nothing if all is well */
static void print_remarks(const struct analysis *a, bool inference)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];
		const char *name = r->cell->name;

		if (r->cell->job != JOB_MIGRATE)
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
			       100 * r->margin);
		for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
			double sum = analysis_parts(r, arm);

			if (sum > 0 && fabs(sum - 1) > PARTS_TOLERANCE)
				printf("  %s: the parts of %s add up to %.1f %% of the call that was not traced\n",
				       name, arm_names[arm], 100 * sum);
		}
		if (r->rejected)
			printf("  %s: %llu rounds took another path and are not counted (%s)\n",
			       name, (unsigned long long)r->rejected, r->why);
	}
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
	printf("\n  %.0f %% interval over %zu boot%s%s; x whole: %s, over the THP that migrates whole\n",
	       100 * a->plan.confidence, boots, boots == 1 ? "" : "s",
	       inference ? "" : ", no inference",
	       arm_names[first_of(a, JOB_MIGRATE)->own]);
	if (inference)
		printf("  NO REGRESSION of new against old at a margin of %.3g %%, but for what follows\n",
		       100 * a->plan.margin);
	print_remarks(a, inference);
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

/* How large the run would have to be, by the spread between its boots */
static void print_needed(const struct analysis *a)
{
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
		printf("\n  for the margin, %u boots are needed by the spread seen (%s); there are %zu\n",
		       boots, most->cell->name, most->boots);
	else
		printf("\n  how many boots the margin takes is not known from one: make more\n");
}

/* Boots that were appended until the result pleased would be no evidence. */
static void print_growth(const struct analysis *a)
{
	if (!a->plan.nr_grown)
		return;
	printf("  boots were appended when there were");
	for (size_t i = 0; i < a->plan.nr_grown; i++)
		printf(" %u", a->plan.grown[i]);
	printf(": p and interval do not allow for a look in between\n");
}

static void print_table(const struct analysis *a)
{
	printf("%s  Linux %s\n%s\n", a->plan.run, a->release, a->cpu);
	if (a->plan.plant)
		printf("PLANTED: new and again were slowed down by %u iterations\n",
		       a->plan.plant);
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].cell->job == JOB_SPLIT)
			print_split(a, &a->cell[i]);
	}
	if (first_of(a, JOB_MIGRATE)) {
		print_migrations(a);
		print_breakdown(a);
	}
	print_needed(a);
	print_growth(a);
	if (a->faults)
		printf("\nBROKEN CONTRACT: %llu calls did not do what they promise\n",
		       (unsigned long long)a->faults);
	if (a->incomplete)
		printf("\nINCOMPLETE, the rest was used:\n%s", a->incomplete);
}

/* Where the ticks of a sample go, the harness's own part last. */
static void print_phases(const struct analysis *a)
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

/**
 * struct options - what the command line says
 * @dir: folder of the run
 * @gate: the exit code tells of old and new
 * @phases: print where the ticks around the calls went
 * @quiet: no table
 */
struct options {
	const char *dir;
	bool gate;
	bool phases;
	bool quiet;
};

static const struct argp_option options[] = {
	{ "gate", 'g', NULL, 0,
	  "exit with 1 for a regression of new against old, 2 if that is inconclusive; 1 for a failed A/A or a broken contract in any case",
	  0 },
	{ "phases", 'p', NULL, 0,
	  "also print where the ticks around the calls went", 0 },
	{ "quiet", 'q', NULL, 0, "no table", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'g':
		o->gate = true;
		break;
	case 'p':
		o->phases = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case ARGP_KEY_ARG:
		if (o->dir)
			argp_usage(state);
		o->dir = arg;
		break;
	case ARGP_KEY_END:
		if (!o->dir)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cmd_summary(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "DIR",
		.doc = "Analyse the run in DIR, write DIR/summary.json and print a table.",
	};
	struct options o = { 0 };
	int code = EXIT_DONE;
	struct analysis a;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	a = analyse(o.dir);
	write_summary(&a, o.dir);
	if (!o.quiet)
		print_table(&a);
	if (o.phases)
		print_phases(&a);
	if (a.incomplete)
		code = EXIT_HARNESS;
	else if (a.faults || a.aa_failed || (o.gate && a.regressions))
		code = EXIT_DIFFERS;
	else if (o.gate && a.inconclusive)
		code = EXIT_INCONCLUSIVE;
	analysis_free(&a);
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_HARNESS, "writing the table: %s", strerror(errno));
	return code;
}
