// SPDX-License-Identifier: GPL-2.0
#include "summary.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "util.h"

#define SUMMARY_SCHEMA	"splitbench.summary/1"

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

static const char *aa_verdict(const struct analysis *a)
{
	if (!a->ratio[PAIR_AGAIN_NEW].inference)
		return "no inference";
	return a->aa_failed ? "A/A FAILED" : "A/A holds";
}

static json_t *phases_json(const struct analysis *a)
{
	json_t *phases = json_object();

	for (int i = 0; i < NR_PHASES; i++)
		json_object_set_new(phases, record_phase_names[i],
				    json_integer(a->phases[i]));
	return phases;
}

static json_t *cell_json(const struct analysis *a)
{
	json_t *arms = json_object(), *ratios = json_object();
	const struct stats_ratio *ab = &a->ratio[PAIR_OLD_NEW];
	const struct stats_ratio *aa = &a->ratio[PAIR_AGAIN_NEW];

	for (int arm = 0; arm < NR_ARMS; arm++) {
		if (a->hist[arm])
			json_object_set_new(arms, arm_names[arm],
					    arm_json(a->hist[arm]));
	}
	if (ab->boots)
		json_object_set_new(ratios, pair_names[PAIR_OLD_NEW],
				    ratio_json(ab, stats_verdict_name(a->verdict)));
	if (aa->boots)
		json_object_set_new(ratios, pair_names[PAIR_AGAIN_NEW],
				    ratio_json(aa, aa_verdict(a)));
	return json_pack("{s:s,s:{s:s,s:s,s:i,s:i,s:i},s:o,s:o,s:f,s:f,s:I,s:I,s:I,s:I,s:o}",
			 "name", a->cell, "params", "job", "split",
			 "folio", "anon", "order", 9,
			 "new_order", a->plan.new_order, "threads", 1,
			 "arms", arms, "ratios", ratios,
			 "floor", 1 + a->floor, "margin", a->margin,
			 "blocks", (json_int_t)a->blocks,
			 "disturbed", (json_int_t)a->disturbed,
			 "retries", (json_int_t)a->retries,
			 "faults", (json_int_t)a->faults,
			 "phase_ticks", phases_json(a));
}

static void write_summary(const struct analysis *a, const char *run_dir)
{
	char *path = join(run_dir, "summary.json");
	json_t *doc = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:[o]}",
				"schema", SUMMARY_SCHEMA, "run", a->plan.run,
				"unit", a->unit, "kernel", a->release,
				"cpu", a->cpu, "complete", !a->incomplete,
				"plant", a->plan.plant, "cells", cell_json(a));

	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
	free(path);
}

static void print_arms(const struct analysis *a)
{
	bool ns = !strcmp(a->unit, "tsc") && a->counter_khz;

	printf("  %-6s %8s %10s %10s %10s %10s%s\n", "arm", "calls", "median",
	       "p90", "p99", "max", ns ? "  median ns" : "");
	for (int arm = 0; arm < NR_ARMS; arm++) {
		const struct stats_hist *hist = a->hist[arm];
		double median;

		if (!hist) {
			printf("  %-6s is not in this kernel\n", arm_names[arm]);
			continue;
		}
		median = stats_hist_quantile(hist, 0.5);
		printf("  %-6s %8llu %10.6g %10.6g %10.6g %10llu",
		       arm_names[arm], (unsigned long long)stats_hist_n(hist),
		       median, stats_hist_quantile(hist, 0.9),
		       stats_hist_quantile(hist, 0.99),
		       (unsigned long long)stats_hist_max(hist));
		if (ns)
			printf(" %10.0f", median * 1e6 / a->counter_khz);
		putchar('\n');
	}
}

static void print_ratio(const struct analysis *a, enum pair pair)
{
	const struct stats_ratio *r = &a->ratio[pair];

	if (!r->boots)
		return;
	printf("  %-10s %.5f  [%.5f, %.5f]", pair_names[pair], r->estimate,
	       r->low, r->high);
	if (r->inference)
		printf("  p = %.3f", r->p);
	printf("  %zu boot%s", r->boots, r->boots == 1 ? "" : "s");
	if (pair == PAIR_AGAIN_NEW)
		printf("  %s\n", aa_verdict(a));
	else
		printf("  %s\n", r->inference ? "" : "no inference");
}

static void print_verdict(const struct analysis *a)
{
	const struct stats_ratio *ab = &a->ratio[PAIR_OLD_NEW];
	double change = 100 * (1 / ab->estimate - 1);

	if (!ab->boots)
		return;
	printf("\n  new against old: %s at a margin of %.3g %%\n",
	       stats_verdict_name(a->verdict), 100 * a->margin);
	if (a->aa_failed)
		printf("  the A/A pair differs: this run can tell nothing\n");
	else if (!ab->inference)
		printf("  fewer than %d boots: the numbers above, and no inference\n",
		       STATS_MIN_BOOTS);
	else if (ab->low <= 1 && ab->high >= 1)
		printf("  no difference is established\n");
	else if (fabs(ab->estimate - 1) < a->floor)
		printf("  the difference is below the noise floor and is not claimed\n");
	else
		printf("  new costs %.2f %% %s than old; lower is better\n",
		       fabs(change), change < 0 ? "less" : "more");
}

static void print_table(const struct analysis *a)
{
	static const char *const meaning[][2] = {
		{ "instructions", "instructions executed (emulated CPU, exact; not time)" },
		{ "emulated", "ticks of an emulated CPU (not the time of hardware)" },
		{ "tsc", "TSC ticks" },
	};
	const char *unit = a->unit;

	for (size_t i = 0; i < ARRAY_SIZE(meaning); i++) {
		if (!strcmp(meaning[i][0], a->unit))
			unit = meaning[i][1];
	}
	printf("%s  Linux %s\n%s\n", a->plan.run, a->release, a->cpu);
	if (a->plan.plant)
		printf("PLANTED: new and again were slowed down by %u iterations\n",
		       a->plan.plant);
	printf("\n%s: split of an unmapped order-9 anonymous folio to order %u\n",
	       a->cell, a->plan.new_order);
	printf("per call, in %s\n\n", unit);
	print_arms(a);
	printf("\n  ratio of medians less the empty call, %.0f %% interval over boots\n",
	       100 * a->plan.confidence);
	print_ratio(a, PAIR_OLD_NEW);
	print_ratio(a, PAIR_AGAIN_NEW);
	printf("  noise floor %.3f %%; %llu calls disturbed, kept\n",
	       100 * a->floor, (unsigned long long)a->disturbed);
	print_verdict(a);
	if (a->faults)
		printf("\nBROKEN CONTRACT: %llu calls did not do what they promise\n",
		       (unsigned long long)a->faults);
	if (a->incomplete)
		printf("\nINCOMPLETE, the rest was used:\n%s", a->incomplete);
}

/* Where the ticks of a sample go, the harness's own part last. */
static void print_phases(const struct analysis *a)
{
	uint64_t calls = 0;

	for (int arm = 0; arm < NR_ARMS; arm++)
		calls += a->hist[arm] ? stats_hist_n(a->hist[arm]) : 0;
	printf("\n  around a call, per folio, in %s:\n", a->unit);
	for (int i = 0; i < NR_PHASES; i++)
		printf("  %-10s %12.0f\n", record_phase_names[i],
		       (double)a->phases[i] / calls);
}

static const char usage[] =
"usage: splitbench summary [--gate] [--phases] [--quiet] DIR\n"
"Analyse the run in DIR, write DIR/summary.json and print a table.\n"
"  --gate     exit with 1 for a regression of new against old, 2 if that is\n"
"             inconclusive; 1 for a failed A/A or a broken contract in any case\n"
"  --phases   also print where the ticks around the calls went\n"
"  --quiet    no table\n";

int cmd_summary(int argc, char **argv)
{
	static const struct option options[] = {
		{ "gate", no_argument, NULL, 'g' },
		{ "phases", no_argument, NULL, 'p' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	bool gate = false, phases = false, quiet = false;
	struct analysis a;
	int opt, code = EXIT_DONE;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'g':
			gate = true;
			break;
		case 'p':
			phases = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	a = analyse(argv[optind]);
	write_summary(&a, argv[optind]);
	if (!quiet)
		print_table(&a);
	if (phases)
		print_phases(&a);
	if (a.incomplete)
		code = EXIT_HARNESS;
	else if (a.faults || a.aa_failed ||
		 (gate && a.verdict == STATS_REGRESSION))
		code = EXIT_DIFFERS;
	else if (gate && a.verdict != STATS_NO_REGRESSION)
		code = EXIT_INCONCLUSIVE;
	analysis_free(&a);
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_HARNESS, "writing the table: %s", strerror(errno));
	return code;
}
