// SPDX-License-Identifier: GPL-2.0
/* splitbench plotdata: the columns that plots/ draws */
#include <argp.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "cmd/builtin.h"
#include "report/figures/figures.h"
#include "util/util.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **run = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*run)
			argp_usage(state);
		*run = arg;
		break;
	case ARGP_KEY_END:
		if (!*run)
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
		.parser = parse, .args_doc = "RUN",
		.doc = "Write what plots/ draws of the run in folder RUN to RUN/plots.",
	};
	const char *run = NULL;
	struct analysis a;
	char *dir;

	argp_parse(&argp, argc, argv, 0, NULL, &run);
	a = analyse(run);
	dir = join(run, "plots");
	figures_write(&a, dir);
	analysis_free(&a);
	free(dir);
	return EXIT_DONE;
}
