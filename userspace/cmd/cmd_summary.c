// SPDX-License-Identifier: GPL-2.0
/* splitbench summary: what a run says */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/builtin.h"
#include "report/summary.h"
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

static const struct argp_option options[] = {
	{ "gate", 'g', NULL, 0,
	  "exit with 1 for a regression of new against old, 2 if that is inconclusive; 1 for a failed A/A or a broken contract in any case",
	  0 },
	{ "phases", 'p', NULL, 0,
	  "also print where the ticks around the calls went", 0 },
	{ "quiet", 'q', NULL, 0, "no table", 0 },
	{ "check", 'n', NULL, 0, "do not write DIR/summary.json", 0 },
	{ "csv", 'c', "FILE", 0, "write the table for spreadsheets there", 0 },
	{ "ktap", 'k', "FILE", 0, "write a test result for each cell there", 0 },
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
	case 'n':
		o->check = true;
		break;
	case 'c':
		o->csv = arg;
		break;
	case 'k':
		o->ktap = arg;
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
	char *path;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
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
