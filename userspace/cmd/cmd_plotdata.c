// SPDX-License-Identifier: GPL-2.0
/* splitbench plotdata: the columns that plots/ draws */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "cmd/builtin.h"
#include "report/figures/figures.h"
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

static const struct argp_option options[] = {
	{ "list", 'l', NULL, 0,
	  "print name, script and caption of each figure, with tabs between them", 0 },
	{ }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'l':
		o->list = true;
		break;
	case ARGP_KEY_ARG:
		if (o->run)
			argp_usage(state);
		o->run = arg;
		break;
	case ARGP_KEY_END:
		if (!o->run == !o->list)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cmd_plotdata(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options, .parser = parse, .args_doc = "RUN\n--list",
		.doc = "Write what plots/ draws of the run in folder RUN to RUN/plots.",
	};
	struct options o = { 0 };
	struct analysis a;
	char *dir;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
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
