// SPDX-License-Identifier: GPL-2.0
/* splitbench: a subcommand a job */
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
	{ "plan", cmd_plan, "write down what a run is to measure" },
	{ "measure", cmd_measure, "measure a boot of it" },
	{ "migrate", cmd_migrate, "migrate THPs, and tell what each took" },
	{ "summary", cmd_summary, "analyse a run: table and summary.json" },
	{ "compare", cmd_compare, "hold a run against another, of another kernel" },
	{ "cover", cmd_cover, "write the text for a cover letter, and a page" },
	{ "doctor", cmd_doctor, "tell what about this machine would spoil it" },
	{ "guard", cmd_guard, "run a command, and put back what it changes" },
	{ "flame", cmd_flame, "tell from perf's samples where the time goes" },
	{ "plotdata", cmd_plotdata, "write the columns that plots/ draws" },
};

static void usage(FILE *to)
{
	fputs("usage: splitbench COMMAND [options]; COMMAND --help tells more\n",
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
