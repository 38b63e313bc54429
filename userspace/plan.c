// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

char *plan_cell(const struct plan *plan)
{
	char *name;

	if (asprintf(&name, "anon-9-%u", plan->new_order) < 0)
		die(EXIT_HARNESS, "out of memory");
	return name;
}

struct plan plan_load(const char *run_dir)
{
	char *path = join(run_dir, "plan.json");
	json_t *doc = load_json(path, PLAN_SCHEMA);
	json_int_t boots, blocks, warmup, reps, seed, plant, new_order;
	struct plan plan = { 0 };
	json_error_t error;
	const char *run;

	if (json_unpack_ex(doc, &error, 0,
			   "{s:s,s:I,s:I,s:I,s:I,s:I,s:F,s:F,s:I,s:I}",
			   "run", &run, "boots", &boots, "blocks", &blocks,
			   "warmup", &warmup, "reps", &reps, "seed", &seed,
			   "margin", &plan.margin,
			   "confidence", &plan.confidence,
			   "plant", &plant, "new_order", &new_order))
		die(EXIT_HARNESS, "%s: %s", path, error.text);
	if (boots < 1 || boots > PLAN_MAX_BOOTS || blocks < 1 ||
	    blocks > PLAN_MAX_BLOCKS || warmup < 0 || warmup > 1000 ||
	    reps < 1 || reps > PLAN_MAX_REPS || plant < 0 || new_order < 0 ||
	    new_order > 8 || !(plan.margin > 0 && plan.margin < 1) ||
	    !(plan.confidence > 0 && plan.confidence < 1))
		die(EXIT_HARNESS, "%s: a number is out of its bounds", path);
	plan.run = strdup(run);
	plan.boots = boots;
	plan.blocks = blocks;
	plan.warmup = warmup;
	plan.reps = reps;
	plan.seed = seed;
	plan.plant = plant;
	plan.new_order = new_order;
	json_decref(doc);
	free(path);
	return plan;
}

static uint64_t random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		die(EXIT_HARNESS, "no random seed: %s", strerror(errno));
	return seed;
}

static const char usage[] =
"usage: splitbench plan --run DIR [options]\n"
"Make the folder of a run and write down what is to be measured in it.\n"
"  --boots N        boots, each a sample of its own (6; fewer: no inference)\n"
"  --blocks N       recorded blocks of each boot (16)\n"
"  --reps N         calls of each arm in a block (4)\n"
"  --warmup N       blocks before them that are not analysed (1)\n"
"  --margin PCT     what counts as a difference, in percent (2)\n"
"  --new-order N    order to split to: 0, 2 to 8 (0)\n"
"  --seed N         of the order of calls (random)\n"
"  --plant N        slow new and again down by N iterations: proves the gate\n";

int cmd_plan(int argc, char **argv)
{
	static const struct option options[] = {
		{ "run", required_argument, NULL, 'r' },
		{ "boots", required_argument, NULL, 'b' },
		{ "blocks", required_argument, NULL, 'k' },
		{ "reps", required_argument, NULL, 'c' },
		{ "warmup", required_argument, NULL, 'w' },
		{ "margin", required_argument, NULL, 'm' },
		{ "new-order", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "plant", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	json_int_t boots = 6, blocks = 16, reps = 4, warmup = 1, plant = 0;
	json_int_t new_order = 0, seed = random_seed();
	char *dir = NULL, *path, made[21], *end;
	const char *name;
	double margin = 2;
	json_t *doc;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'r':
			dir = optarg;
			break;
		case 'b':
			boots = parse_u64("--boots", optarg, 1, PLAN_MAX_BOOTS);
			break;
		case 'k':
			blocks = parse_u64("--blocks", optarg, 1,
					   PLAN_MAX_BLOCKS);
			break;
		case 'c':
			reps = parse_u64("--reps", optarg, 1, PLAN_MAX_REPS);
			break;
		case 'w':
			warmup = parse_u64("--warmup", optarg, 0, 1000);
			break;
		case 'm':
			margin = strtod(optarg, &end);
			if (end == optarg || *end || !(margin > 0 && margin < 100))
				die(EXIT_USAGE, "--margin: '%s' is not a percentage",
				    optarg);
			break;
		case 'o':
			new_order = parse_u64("--new-order", optarg, 0, 8);
			if (new_order == 1)
				die(EXIT_USAGE,
				    "--new-order: an anonymous folio of order 1 does not exist");
			break;
		case 's':
			seed = parse_u64("--seed", optarg, 0, UINT32_MAX);
			break;
		case 'p':
			plant = parse_u64("--plant", optarg, 0, 1000000);
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (!dir || optind != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (mkdir(dir, 0777) && errno != EEXIST)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	path = join(dir, "plan.json");
	if (!access(path, F_OK))
		die(EXIT_USAGE, "%s is there already; a plan is not changed", path);
	while (strlen(dir) > 1 && dir[strlen(dir) - 1] == '/')
		dir[strlen(dir) - 1] = '\0';
	name = strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir;
	now_utc(made);
	doc = json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:I,s:I}",
			"schema", PLAN_SCHEMA, "run", name, "made", made,
			"boots", boots, "blocks", blocks, "warmup", warmup,
			"reps", reps, "seed", seed, "margin", margin / 100,
			"confidence", 0.95, "plant", plant,
			"new_order", new_order);
	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
	free(path);
	return EXIT_DONE;
}
