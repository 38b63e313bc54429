// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

struct plan plan_load(const char *run_dir)
{
	char *path = join(run_dir, "plan.json");
	json_t *doc = load_json(path, PLAN_SCHEMA), *cells, *cell;
	json_int_t boots, cpus, seed, plant;
	struct plan plan = { 0 };
	json_error_t error;
	const char *run;
	size_t i;

	if (json_unpack_ex(doc, &error, 0,
			   "{s:s,s:I,s:I,s:I,s:F,s:F,s:I,s:o}",
			   "run", &run, "boots", &boots, "cpus", &cpus,
			   "seed", &seed, "margin", &plan.margin,
			   "confidence", &plan.confidence,
			   "plant", &plant, "cells", &cells))
		die(EXIT_HARNESS, "%s: %s", path, error.text);
	if (boots < 1 || boots > PLAN_MAX_BOOTS || cpus < 1 ||
	    cpus > CELL_MAX_THREADS || plant < 0 || plant > UINT32_MAX ||
	    !(plan.margin > 0 && plan.margin < 1) ||
	    !(plan.confidence > 0 && plan.confidence < 1))
		die(EXIT_HARNESS, "%s: a number is out of its bounds", path);
	json_array_foreach(cells, i, cell) {
		const char *wrong = cells_expand(cell, &plan.cells,
						 &plan.nr_cells);

		if (wrong)
			die(EXIT_HARNESS, "%s: cell %zu: %s", path, i + 1, wrong);
	}
	if (!plan.nr_cells)
		die(EXIT_HARNESS, "%s: there is no cell in it", path);
	plan.run = strdup(run);
	plan.boots = boots;
	plan.cpus = cpus;
	plan.seed = seed;
	plan.plant = plant;
	json_decref(doc);
	free(path);
	return plan;
}

void plan_free(struct plan *plan)
{
	free(plan->cells);
	free(plan->run);
}

int plan_has_job(const struct plan *plan, enum cell_job job)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		if (plan->cells[i].job == job)
			return 1;
	}
	return 0;
}

static uint64_t random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		die(EXIT_HARNESS, "no random seed: %s", strerror(errno));
	return seed;
}

/* The cells of a file such as userspace/plans/default.json */
static void load_cells(const char *path, struct plan *plan)
{
	json_t *doc = load_json(path, CELLS_SCHEMA), *line;
	size_t i;

	json_array_foreach(json_object_get(doc, "cells"), i, line) {
		const char *wrong = cells_expand(line, &plan->cells,
						 &plan->nr_cells);

		if (wrong)
			die(EXIT_USAGE, "%s: entry %zu: %s", path, i + 1, wrong);
	}
	if (!plan->nr_cells)
		die(EXIT_USAGE, "%s: there is no cell in it", path);
	json_decref(doc);
}

static json_t *plan_json(const struct plan *plan, const char *name)
{
	json_t *cells = json_array();
	char made[21];

	for (size_t i = 0; i < plan->nr_cells; i++)
		json_array_append_new(cells, cell_to_json(&plan->cells[i]));
	now_utc(made);
	return json_pack("{s:s,s:s,s:s,s:i,s:i,s:I,s:f,s:f,s:i,s:o}",
			 "schema", PLAN_SCHEMA, "run", name, "made", made,
			 "boots", plan->boots, "cpus", plan->cpus,
			 "seed", (json_int_t)plan->seed,
			 "margin", plan->margin,
			 "confidence", plan->confidence,
			 "plant", plan->plant, "cells", cells);
}

static void write_plan(const struct plan *plan, char *dir)
{
	const char *name;
	json_t *doc;
	char *path;

	if (mkdir(dir, 0777) && errno != EEXIST)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	path = join(dir, "plan.json");
	if (!access(path, F_OK))
		die(EXIT_USAGE, "%s is there already; a plan is not changed", path);
	while (strlen(dir) > 1 && dir[strlen(dir) - 1] == '/')
		dir[strlen(dir) - 1] = '\0';
	name = strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir;
	doc = plan_json(plan, name);
	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
	free(path);
}

static const char usage[] =
"usage: splitbench plan --run DIR [options]\n"
"       splitbench plan --list [options]\n"
"       splitbench plan --show DIR\n"
"Make the folder of a run and write down what is to be measured in it.\n"
"  --cells FILE     what is measured (default: the split of a THP, alone)\n"
"  --boots N        boots, each a sample of its own (6; fewer: no inference)\n"
"  --blocks N       recorded blocks of each boot and cell, not as FILE says\n"
"  --reps N         calls or rounds of each arm in a block, not as FILE says\n"
"  --warmup N       blocks before them that are not analysed\n"
"  --cpus N         CPUs of a guest (1)\n"
"  --margin PCT     what counts as a difference, in percent (2)\n"
"  --new-order N    order that the split is to: 0, 2 to 8 (0)\n"
"  --seed N         of the order of calls (random)\n"
"  --plant N        slow new and again down by N iterations: proves the gate\n"
"  --list           only print the names of the cells\n"
"  --show DIR       print, for scripts: boots, CPUs, the seconds that a boot\n"
"                   may take on a slow machine, and the jobs of the plan there\n";

/* What options say in place of the file; -1: nothing */
struct overrides {
	int64_t blocks, reps, warmup, new_order;
};

static void override(struct plan *plan, const struct overrides *o)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		struct cell *cell = &plan->cells[i];
		const char *wrong;

		if (o->blocks >= 0)
			cell->blocks = o->blocks;
		if (o->reps >= 0)
			cell->reps = o->reps;
		if (o->warmup >= 0)
			cell->warmup = o->warmup;
		if (o->new_order >= 0 && cell->job == JOB_SPLIT)
			cell->new_order = o->new_order;
		cell_set_name(cell);
		wrong = cell_check(cell);
		if (wrong)
			die(EXIT_USAGE, "cell %s: %s", cell->name, wrong);
	}
}

static double parse_percent(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0 && value < 100))
		die(EXIT_USAGE, "--margin: '%s' is not a percentage", text);
	return value / 100;
}

/* Emulated, on a slow machine, with room: a hang is to be seen as one. */
static unsigned int slow_seconds(const struct cell *cell)
{
	unsigned int blocks = cell->blocks + cell->warmup;

	if (cell->job == JOB_SPLIT)
		return blocks * cell->reps * 4 / 10 + 10;
	return (blocks * cell->reps * 3 + 8) * cell->thps * cell->threads / 3 +
	       (cell->kind == KIND_FRAGMENT ? 120 : 20);
}

static void show_plan(const char *dir)
{
	struct plan plan = plan_load(dir);
	unsigned int seconds = 120;

	for (size_t i = 0; i < plan.nr_cells; i++)
		seconds += slow_seconds(&plan.cells[i]);
	printf("boots %u\ncpus %u\nseconds %u\njobs", plan.boots, plan.cpus,
	       seconds);
	for (int job = 0; job < NR_JOBS; job++) {
		if (plan_has_job(&plan, job))
			printf(" %s", cell_jobs[job]);
	}
	putchar('\n');
	plan_free(&plan);
}

int cmd_plan(int argc, char **argv)
{
	static const struct option options[] = {
		{ "run", required_argument, NULL, 'r' },
		{ "cells", required_argument, NULL, 'f' },
		{ "boots", required_argument, NULL, 'b' },
		{ "blocks", required_argument, NULL, 'k' },
		{ "reps", required_argument, NULL, 'c' },
		{ "warmup", required_argument, NULL, 'w' },
		{ "cpus", required_argument, NULL, 'u' },
		{ "margin", required_argument, NULL, 'm' },
		{ "new-order", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "plant", required_argument, NULL, 'p' },
		{ "list", no_argument, NULL, 'l' },
		{ "show", required_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct overrides over = { -1, -1, -1, -1 };
	struct plan plan = {
		.boots = 6, .cpus = 1, .margin = 0.02, .confidence = 0.95,
		.seed = random_seed(),
	};
	struct cell split = cell_split(0);
	char *dir = NULL;
	bool list = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'r':
			dir = optarg;
			break;
		case 'f':
			load_cells(optarg, &plan);
			break;
		case 'b':
			plan.boots = parse_u64("--boots", optarg, 1,
					       PLAN_MAX_BOOTS);
			break;
		case 'k':
			over.blocks = parse_u64("--blocks", optarg, 1,
						CELL_MAX_BLOCKS);
			break;
		case 'c':
			over.reps = parse_u64("--reps", optarg, 1,
					      CELL_MAX_REPS);
			break;
		case 'w':
			over.warmup = parse_u64("--warmup", optarg, 0,
						CELL_MAX_WARMUP);
			break;
		case 'u':
			plan.cpus = parse_u64("--cpus", optarg, 1,
					      CELL_MAX_THREADS);
			break;
		case 'm':
			plan.margin = parse_percent(optarg);
			break;
		case 'o':
			over.new_order = parse_u64("--new-order", optarg, 0, 8);
			break;
		case 's':
			plan.seed = parse_u64("--seed", optarg, 0, UINT32_MAX);
			break;
		case 'p':
			plan.plant = parse_u64("--plant", optarg, 0, 1000000);
			break;
		case 'l':
			list = true;
			break;
		case 'S':
			show_plan(optarg);
			return EXIT_DONE;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (!dir == !list || optind != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (!plan.nr_cells) {
		plan.nr_cells = 1;
		plan.cells = malloc(sizeof(split));
		if (!plan.cells)
			die(EXIT_HARNESS, "out of memory");
		*plan.cells = split;
	}
	override(&plan, &over);
	if (list) {
		for (size_t i = 0; i < plan.nr_cells; i++)
			puts(plan.cells[i].name);
	} else {
		write_plan(&plan, dir);
	}
	plan_free(&plan);
	return EXIT_DONE;
}
