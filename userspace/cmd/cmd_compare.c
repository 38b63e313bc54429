// SPDX-License-Identifier: GPL-2.0
/* splitbench compare: the table, and what scripts and people want of it */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/compare.h"
#include "cmd/builtin.h"
#include "report/compare_table.h"
#include "report/units.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

/* That can be compared at once */
#define MAX_RUNS	16

/* By this much the old split in its own kernel and beside the new one may differ. */
#define CONTROL_TOLERANCE	0.003

static void print_row(const struct compare_row *row)
{
	char arms[16], ticks[16];

	printf("  %-19s %-9s", row->cell[SIDE_A]->cell->name,
	       compare_arms(row, arms));
	for (int side = 0; side < NR_SIDES; side++)
		printf(" %9s", units_ticks(compare_quantile(row, side, 0.5),
					   ticks));
	if (!row->boots[SIDE_A] || !row->boots[SIDE_B]) {
		printf("  nothing to compare\n");
		return;
	}
	printf("  %.4f [%.4f, %.4f] %6.2f%% %6.2f%% %6.2f%%",
	       row->ratio.estimate, row->ratio.low, row->ratio.high,
	       100 * row->floor, 100 * row->spread[SIDE_A],
	       100 * row->spread[SIDE_B]);
	printf("  %s\n", compare_verdict(row));
}

/* What can be said of the difference, below or beyond the margin */
static void print_difference(const struct compare_row *row, double confidence)
{
	const struct stats_ratio *r = &row->ratio;

	if (row->control || row->aa_failed ||
	    (!row->differs && !stats_differs(r, confidence)))
		return;
	printf("  %s: ", row->cell[SIDE_A]->cell->name);
	if (!row->differs && row->differs_alone)
		printf("a difference by itself, but not among all the rows that were tested (Holm)\n");
	else if (!row->differs)
		printf("the difference is below the noise floor and is not claimed\n");
	else
		printf("B costs %.2f %% %s than A (p = %.4f)\n",
		       100 * fabs(r->estimate - 1),
		       r->estimate < 1 ? "less" : "more", r->p);
	if (r->low > 1 + row->margin && row->verdict == STATS_INCONCLUSIVE)
		printf("  %s: beyond the margin alone, but not corrected for all cells (Holm)\n",
		       row->cell[SIDE_A]->cell->name);
}

/* The old split in a kernel of its own, and beside the new one */
static void print_control(const struct compare_row *row)
{
	const struct stats_ratio *r = &row->ratio;
	const char *found = "not distinguishable from";

	if (!row->control || !r->boots)
		return;
	if (fabs(r->estimate - 1) <= CONTROL_TOLERANCE)
		found = "within";
	else if (r->low > 1 + CONTROL_TOLERANCE ||
		 r->high < 1 - CONTROL_TOLERANCE)
		found = "BEYOND";
	printf("  %s: the old split of A and that of B differ by %.3f %%: %s %.1f %%%s\n",
	       row->cell[SIDE_A]->cell->name, 100 * fabs(r->estimate - 1), found,
	       100 * CONTROL_TOLERANCE,
	       *found == 'B' ? "; see bench/README.md" : "");
}

static void print_needed(const struct comparison *c)
{
	const struct compare_row *most = NULL;

	for (size_t i = 0; i < c->nr_rows; i++) {
		const struct compare_row *row = &c->row[i];

		if (row->verdict != STATS_REGRESSION &&
		    !stats_verdict_good(row->verdict) && !row->control &&
		    (row->needed > row->boots[SIDE_A] ||
		     row->needed > row->boots[SIDE_B]) &&
		    (!most || row->needed > most->needed))
			most = row;
	}
	if (most)
		printf("  for a verdict on all, %s%u boots of each run are needed by the spread seen: make more\n",
		       most->needed == PLAN_MAX_BOOTS ? "more than " : "",
		       most->needed);
}

static void print_table(const struct comparison *c)
{
	const struct analysis *a = &c->run[SIDE_A], *b = &c->run[SIDE_B];

	compare_table_kernel("A", c, SIDE_A);
	compare_table_kernel("B", c, SIDE_B);
	printf("%s\n\n", b->cpu);
	if (c->row[0].ratio.inference)
		printf("of %u rows tested: %u regressions, %u improvements, %u inconclusive\n",
		       c->tested, c->regressions, c->improvements, c->inconclusive);
	printf("B against A, median of a call or of the migration of a THP, in\n%s; lower is better\n\n",
	       units_text(a->unit));
	printf("  %-19s %-9s %9s %9s  %-23s %7s %7s %7s  %s\n", "cell", "arm",
	       "A", "B", "B/A", "floor", "sd A", "sd B", "verdict");
	for (size_t i = 0; i < c->nr_rows; i++)
		print_row(&c->row[i]);
	printf("\n  %.0f %% interval over boots (Welch), at a margin of %.3g %%; sd: between boots\n",
	       100 * a->plan.confidence, 100 * a->plan.margin);
	printf("  %u rows tested; all differences that are claimed below are wrong in %.0f %% of\n"
	       "  comparisons at most (Holm)\n", c->tested,
	       100 * (1 - a->plan.confidence));
	for (size_t i = 0; i < c->nr_rows; i++)
		print_difference(&c->row[i], a->plan.confidence);
	for (size_t i = 0; i < c->nr_rows; i++)
		print_control(&c->row[i]);
	if (!c->row[0].ratio.inference)
		printf("  too few boots: the numbers above, and no inference\n");
	print_needed(c);
	for (size_t i = 0; i < json_array_size(c->warnings); i++)
		printf("%s  %s\n", i ? "" : "\nWARNING: these differ between A and B, or are noise sources:\n",
		       json_string_value(json_array_get(c->warnings, i)));
}

/**
 * struct options - what the command line says
 * @dir: folders of the runs
 * @json: file for the comparison; NULL: none. So are those below.
 * @csv: as a table
 * @ktap: as test results
 * @quiet: no table
 */
struct options {
	const char *dir[MAX_RUNS];
	const char *json;
	const char *csv;
	const char *ktap;
	bool quiet;
};

static const struct option_row rows[] = {
	{ OPTION(TEXT, "json", 'j', "FILE",
		 "write the comparison to FILE (-: print it instead of the table)", json) },
	{ OPTION(TEXT, "csv", 'c', "FILE",
		 "write the table to FILE, for spreadsheets", csv) },
	{ OPTION(TEXT, "ktap", 'k', "FILE",
		 "write a test result for each row to FILE", ktap) },
	{ OPTION(FLAG, "quiet", 'q', NULL, "do not print the table", quiet) },
	{ }
};

/* Of the worst of the comparisons */
static int exit_code(const struct comparison *c, size_t nr)
{
	bool incomplete = false, differs = false, inconclusive = false;

	for (size_t i = 0; i < nr; i++) {
		incomplete |= c[i].incomplete;
		differs |= c[i].regressions || c[i].faults;
		inconclusive |= c[i].inconclusive;
	}
	if (incomplete)
		return EXIT_HARNESS;
	if (differs)
		return EXIT_DIFFERS;
	return inconclusive ? EXIT_INCONCLUSIVE : EXIT_DONE;
}

int cmd_compare(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "A B [C...]", .args = offsetof(struct options, dir),
		.min_args = NR_SIDES, .max_args = MAX_RUNS,
		.doc = "Compare the run of one kernel in folder B with that of another kernel in A. Of three or more runs, each is compared with the first and with the one before it.\vExit codes: 0 no regression; 1 a regression of B against A beyond the margin, or a broken contract; 2 inconclusive, or too few boots; 64 runs that cannot be compared; 70 a run that is incomplete or cannot be read.",
	};
	struct options o = { 0 };
	struct comparison *c;
	size_t runs = 0, nr;
	int code;

	options_parse(&table, argc, argv, &o);
	output_distinct((const char *const[]){ o.json, o.csv, o.ktap }, 3);
	while (runs < MAX_RUNS && o.dir[runs])
		runs++;
	c = compare_in_turn(o.dir, runs);
	nr = compare_before(runs - 1) + 1;
	if (o.json)
		compare_write_json(c, nr, o.json);
	if (o.csv)
		compare_write_csv(c, nr, o.csv);
	if (o.ktap)
		compare_write_ktap(c, nr, o.ktap);
	if (!o.quiet && !output_is_stdout(o.json) && !output_is_stdout(o.csv) &&
	    !output_is_stdout(o.ktap)) {
		if (nr > 1)
			compare_table_in_turn(c, runs);
		else
			print_table(c);
	}
	code = exit_code(c, nr);
	for (size_t i = 0; i < nr; i++)
		compare_free(&c[i]);
	free(c);
	output_flush("the table");
	return code;
}
