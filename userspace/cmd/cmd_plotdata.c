// SPDX-License-Identifier: GPL-2.0
/* splitbench plotdata: the columns that plots/ draws */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "cmd/builtin.h"
#include "report/figures/figures.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

/**
 * struct options - what the command line says
 * @run: folder of the run
 * @list: list figures
 */
struct options {
	const char *run;
	bool list;
};

static const struct option_row rows[] = {
	{ OPTION(FLAG, "list", 'l', NULL,
		 "print name, script and caption of each figure, with tabs between them",
		 list) },
	{ }
};

int cmd_plotdata(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .args_doc = "RUN\n--list",
		.args = offsetof(struct options, run), .max_args = 1,
		.doc = "Write the data that plots/ draws for the run in folder RUN to RUN/plots.",
	};
	struct options o = { 0 };
	struct analysis a;
	char *dir;

	options_parse(&table, argc, argv, &o);
	if (!o.run == !o.list)
		die(EXIT_USAGE, "either RUN or --list is needed; try --help");
	if (o.list) {
		figures_list(stdout);
		output_flush("the list");
		return EXIT_DONE;
	}
	a = analyse(o.run);
	dir = join(o.run, "plots");
	figures_write(&a, dir);
	analysis_free(&a);
	free(dir);
	return EXIT_DONE;
}
