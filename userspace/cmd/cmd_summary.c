// SPDX-License-Identifier: GPL-2.0
/* splitbench summary: what a run says */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/builtin.h"
#include "report/summary.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

/**
 * struct options - what the command line says
 * @dir: folder of the run
 * @gate: the exit code depends on the verdict of old and new
 * @phases: print where the ticks around the calls went
 * @quiet: no table
 * @check: nothing is written into the folder
 * @csv: file for the table; NULL: none
 * @ktap: file for test results; NULL: none
 */
struct options {
	const char *dir;
	bool gate;
	bool phases;
	bool quiet;
	bool check;
	const char *csv;
	const char *ktap;
};

static const struct option_row rows[] = {
	{ OPTION(FLAG, "gate", 'g', NULL,
		 "exit with 1 for a regression of new against old, 2 if that is inconclusive; 1 for a failed A/A or a broken contract in any case",
		 gate) },
	{ OPTION(FLAG, "phases", 'p', NULL,
		 "also print how long the steps around the calls took", phases) },
	{ OPTION(FLAG, "quiet", 'q', NULL, "do not print the table", quiet) },
	{ OPTION(FLAG, "check", 'n', NULL, "do not write DIR/summary.json", check) },
	{ OPTION(TEXT, "csv", 'c', "FILE",
		 "write the table to FILE, for spreadsheets", csv) },
	{ OPTION(TEXT, "ktap", 'k', "FILE",
		 "write a test result for each cell to FILE", ktap) },
	{ }
};

int cmd_summary(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "DIR", .args = offsetof(struct options, dir),
		.min_args = 1, .max_args = 1,
		.doc = "Analyse the run in DIR, write DIR/summary.json and print a table.",
	};
	struct options o = { 0 };
	int code = EXIT_DONE;
	struct analysis a;
	char *path;

	options_parse(&table, argc, argv, &o);
	output_distinct((const char *const[]){ o.csv, o.ktap }, 2);
	a = analyse(o.dir);
	path = join(o.dir, "summary.json");
	if (!o.check)
		summary_write_json(&a, path);
	free(path);
	if (o.csv)
		summary_write_csv(&a, o.csv);
	if (o.ktap)
		summary_write_ktap(&a, o.ktap);
	if (!o.quiet && !output_is_stdout(o.csv) && !output_is_stdout(o.ktap))
		summary_print_table(&a);
	if (o.phases)
		summary_print_phases(&a);
	if (a.incomplete)
		code = EXIT_HARNESS;
	else if (a.faults || a.aa_failed || (o.gate && a.regressions))
		code = EXIT_DIFFERS;
	else if (o.gate && a.inconclusive)
		code = EXIT_INCONCLUSIVE;
	analysis_free(&a);
	output_flush("the table");
	return code;
}
