// SPDX-License-Identifier: GPL-2.0
/* splitbench: picks the command */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cmd/builtin.h"
#include "util/util.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "plan", cmd_plan, "create a run's plan" },
	{ "measure", cmd_measure, "benchmark one boot of a run" },
	{ "migrate", cmd_migrate, "time migrations of THPs, without a plan" },
	{ "summary", cmd_summary, "analyse a run: table and summary.json" },
	{ "compare", cmd_compare, "compare two runs, of different kernels" },
	{ "cover", cmd_cover, "write text for a cover letter, and a page" },
	{ "doctor", cmd_doctor, "check this machine for noise sources" },
	{ "watch", cmd_watch, "watch the splits and migrations of a running system" },
	{ "guard", cmd_guard, "run a command, and restore what it changes" },
	{ "flame", cmd_flame, "show where the time goes, from perf samples" },
	{ "plotdata", cmd_plotdata, "write the data that plots/ draws" },
};

static void usage(FILE *to)
{
	fputs("usage: splitbench COMMAND [options]; see COMMAND --help\n",
	      to);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].what);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("splitbench " SPLITBENCH_VERSION);
		return EXIT_DONE;
	}
	argp_err_exit_status = EXIT_USAGE;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		char *name;

		if (strcmp(argv[1], commands[i].name))
			continue;
		/* As --help and what is wrong with the options name it. */
		if (asprintf(&name, "splitbench %s", argv[1]) < 0)
			die(EXIT_HARNESS, "out of memory");
		argv[1] = name;
		return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "splitbench: unknown command '%s'\n", argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}
