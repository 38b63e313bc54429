// SPDX-License-Identifier: GPL-2.0
/* splitbench plan: write down what a run is to measure, and how much of it */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bench/folio_split_bench.h"
#include "analysis/sample_size.h"
#include "analysis/analysis.h"
#include "cmd/builtin.h"
#include "record/job_facts.h"
#include "record/order.h"
#include "record/plan.h"
#include "stats/stats.h"
#include "sys/fsb_module.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"

/* Boots of each build, if there are several and nothing is said */
#define BOOTS_OF_A_BUILD	2
/* A number that the command line does not have */
#define NOT_GIVEN		UINT_MAX

static uint32_t random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		die(EXIT_HARNESS, "no random seed: %s", strerror(errno));
	return seed;
}

static json_t *plan_json(const struct plan *plan, const char *name)
{
	json_t *cells = json_array(), *grown = json_array();
	char made[21];

	for (size_t i = 0; i < plan->nr_cells; i++)
		json_array_append_new(cells, cell_to_json(&plan->cells[i]));
	for (size_t i = 0; i < plan->nr_grown; i++)
		json_array_append_new(grown, json_integer(plan->grown[i]));
	now_utc(made);
	return json_pack("{s:s,s:s,s:s,s:i,s:o*,s:i,s:I,s:f,s:f,s:i,s:o,s:o,s:o*,s:O*}",
			 "schema", PLAN_SCHEMA, "run", name, "made", made,
			 "boots", plan->boots,
			 "builds", plan->builds > 1 ? json_integer(plan->builds) : NULL,
			 "cpus", plan->cpus,
			 "seed", (json_int_t)plan->seed,
			 "margin", plan->margin,
			 "confidence", plan->confidence,
			 "plant", plan->plant, "arms", plan_arms_json(plan),
			 "cells", cells,
			 "grown", plan->nr_grown ? grown : NULL,
			 "target", plan->target);
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
		die(EXIT_USAGE, "%s exists already; a plan is not changed", path);
	while (strlen(dir) > 1 && dir[strlen(dir) - 1] == '/')
		dir[strlen(dir) - 1] = '\0';
	name = strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir;
	doc = plan_json(plan, name);
	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
	free(path);
}

/**
 * struct options - what the command line says
 * @plan: the plan, but for what overrides the file's cells
 * @dir: folder of the run
 * @list: only print the cells
 * @params: only list the parameters of cells
 * @show: of that run, print what scripts want to know
 * @like: a run whose plan is taken over, but for its boots if they are given
 * @more: a run that boots are appended to
 * @check: only check whether that is possible
 * @arms: which are measured, separated by spaces or commas; NULL: as @cells says
 * @cells: a file of cells; NULL: none
 * @budget: seconds that the run may take; @like is a pilot then. 0: no limit
 * @boot_seconds: that a boot of the pilot took
 * @kernels: that a run of this size is made of, to be compared
 * @cpus: of a guest; 0: as many as the cells' threads
 * @seed: of everything random
 * @blocks: for all cells; NOT_GIVEN: as the file says
 * @reps: as @blocks
 * @warmup: as @blocks
 * @new_order: as @blocks
 */
struct options {
	struct plan plan;
	char *dir;
	bool list;
	bool params;
	const char *show;
	const char *like;
	const char *more;
	bool check;
	const char *arms;
	const char *cells;
	double budget;
	double boot_seconds;
	unsigned int kernels;
	unsigned int cpus;
	unsigned int seed;
	unsigned int blocks, reps, warmup, new_order;
};

static void check_keys(const char *path, const json_t *doc)
{
	static const char *const known[] = { "schema", "arms", "boots", "cells" };
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)doc, key, value) {
		if (name_index(known, ARRAY_SIZE(known), key) == ARRAY_SIZE(known))
			die(EXIT_USAGE, "%s: unknown '%s'; known: schema arms boots cells",
			    path, key);
	}
}

/* The cells of a file such as userspace/plans/default.json */
static void load_cells(struct options *o)
{
	unsigned int cpus = o->cpus ? o->cpus : sysconf(_SC_NPROCESSORS_ONLN);
	json_t *doc = read_json(o->cells, CELLS_SCHEMA, EXIT_USAGE), *line, *boots;
	struct plan *plan = &o->plan;
	const char *path = o->cells, *wrong;
	size_t i;

	if (cpus > CELL_MAX_THREADS)
		cpus = CELL_MAX_THREADS;
	check_keys(path, doc);
	json_array_foreach(json_object_get(doc, "cells"), i, line) {
		wrong = cells_expand(line, cpus, &plan->cells, &plan->nr_cells);
		if (wrong)
			die(EXIT_USAGE, "%s: entry %zu: %s", path, i + 1, wrong);
	}
	wrong = plan_set_arms(plan, json_object_get(doc, "arms"));
	if (wrong)
		die(EXIT_USAGE, "%s: %s", path, wrong);
	boots = json_object_get(doc, "boots");
	if (boots && (json_integer_value(boots) < 1 ||
		      json_integer_value(boots) > PLAN_MAX_BOOTS))
		die(EXIT_USAGE, "%s: boots is not a number from 1 to %d", path,
		    PLAN_MAX_BOOTS);
	/* What the command line says is not overruled. */
	if (boots && !plan->boots)
		plan->boots = json_integer_value(boots);
	if (!plan->nr_cells)
		die(EXIT_USAGE, "%s: there is no cell in it", path);
	json_decref(doc);
}

/* Calls of a block, those of the empty arm included */
static unsigned int calls_of_block(const struct order_arms *arms,
				   const struct cell *cell, unsigned int reps)
{
	bool back_to_back = cell->warmth == WARMTH_BACK_TO_BACK;

	return order_length(arms, reps, back_to_back) + reps;
}

/* Of some jobs, all calls of a block are one request to the module. */
static void refuse_too_many_calls(const struct order_arms *arms, const struct cell *cell)
{
	unsigned int room = job_facts[cell->job].most_calls, most = room;

	if (!room)
		return;
	while (most > 1 && (order_reps(arms, most) != most ||
			    calls_of_block(arms, cell, most) > room))
		most--;
	if (cell->reps > most)
		die(EXIT_USAGE, "cell %s: reps is %u, and with these arms %u at most: a block has room for %u calls",
		    cell->name, cell->reps, most, room);
}

/* So many calls that a balanced order of them can be drawn; said if not as asked */
static void round_reps(const struct plan *plan, struct cell *cell)
{
	struct arm_defs defs = arm_defs_usual();
	unsigned int set = plan_arms(plan, UINT32_MAX, &defs, ARM_NEW);
	struct order_arms arms = order_arms(set, &defs, ARM_NEW);
	unsigned int reps = order_reps(&arms, cell->reps);

	if (reps != cell->reps)
		fprintf(stderr, "splitbench: %s: reps rounded up from %u to %u, as an order of %u codes is balanced with multiples of %u\n",
			cell->name, cell->reps, reps, arms.codes, arms.codes - 1);
	cell->reps = reps;
	refuse_too_many_calls(&arms, cell);
}

/* Better now than by the module, when a kernel has been built for it */
static void require_source_arms(const struct plan *plan)
{
	char *known = strdup("");

	for (size_t i = 0; known && module_source_arms[i]; i++) {
		char *more;

		if (arm_number(module_source_arms[i]) == ARM_EMPTY)
			continue;
		if (asprintf(&more, "%s %s", known, module_source_arms[i]) < 0)
			die(EXIT_HARNESS, "out of memory");
		free(known);
		known = more;
	}
	for (unsigned int arm = ARM_OLD; arm < arms_known(); arm++) {
		size_t i = 0;

		while (module_source_arms[i] && strcmp(module_source_arms[i], arm_name(arm)))
			i++;
		if ((plan->arms & ARM_BIT(arm)) && !module_source_arms[i])
			die(EXIT_USAGE, "unknown arm '%s'; bench/arms.c has:%s",
			    arm_name(arm), known);
	}
	free(known);
}

/* What the command line says of arms: "old new again" or "old,new,again" */
static void take_arms(struct plan *plan, const char *text)
{
	json_t *list = json_array();
	const char *wrong;

	while (*text) {
		size_t n = strcspn(text, ", ");

		if (n)
			json_array_append_new(list, json_stringn(text, n));
		text += n + !!text[n];
	}
	wrong = plan_set_arms(plan, list);
	if (wrong)
		die(EXIT_USAGE, "--arms: %s", wrong);
	json_decref(list);
}

static void override(struct options *o)
{
	struct plan *plan = &o->plan;

	for (size_t i = 0; i < plan->nr_cells; i++) {
		struct cell *cell = &plan->cells[i];
		const char *wrong;

		if (o->blocks != NOT_GIVEN)
			cell->blocks = o->blocks;
		if (o->reps != NOT_GIVEN)
			cell->reps = o->reps;
		if (o->warmup != NOT_GIVEN)
			cell->warmup = o->warmup;
		if (o->new_order != NOT_GIVEN &&
		    cell_param_is_of(&cell_param[PARAM_new_order], cell->job))
			cell->new_order = o->new_order;
		cell_set_name(cell);
		round_reps(plan, cell);
		wrong = cell_check(cell);
		if (wrong)
			die(EXIT_USAGE, "cell %s: %s", cell->name, wrong);
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(plan->cells[j].name, cell->name))
				die(EXIT_USAGE, "duplicate cell %s",
				    cell->name);
		}
		if (!o->cpus && cell_cpus(cell) > plan->cpus)
			plan->cpus = cell_cpus(cell);
	}
	if (o->cpus)
		plan->cpus = o->cpus;
}

/* Of another run's plan all but its name, seed, planted slowdown and kernel */
static void load_like(struct options *o)
{
	struct plan like = plan_load(o->like);
	struct plan *plan = &o->plan;

	plan->cells = like.cells;
	plan->nr_cells = like.nr_cells;
	plan->builds = like.builds;
	plan->cpus = like.cpus;
	plan->arms = like.arms;
	plan->margin = like.margin;
	plan->confidence = like.confidence;
	if (!plan->boots)
		plan->boots = like.boots;
	like.cells = NULL;
	plan_free(&like);
}

/* Sized by what was seen in the pilot, which is no part of the run. */
static void fit_budget(struct options *o)
{
	struct analysis pilot = analyse(o->like);
	struct advice advice = advise(&pilot, o->budget, o->boot_seconds,
				      o->kernels > 1, &o->plan);

	fprintf(stderr, "splitbench: %u boot(s) of about %.0f s %s the budget of %.0f s%s; blocks:",
		advice.boots, advice.boot_seconds,
		advice.boot_seconds > o->budget ? "do not fit" : "fit",
		o->budget, advice.enough ? " and will do" :
		advice.boots < STATS_MIN_BOOTS ? ", too few for inference" :
		", more would be needed for a verdict on each cell");
	for (size_t i = 0; i < o->plan.nr_cells; i++)
		fprintf(stderr, " %s %u", o->plan.cells[i].name,
			o->plan.cells[i].blocks);
	fputc('\n', stderr);
	analysis_free(&pilot);
}

static const char *parse_seconds(const char *text, double *seconds)
{
	char *end;

	*seconds = strtod(text, &end);
	return end == text || *end || !(*seconds > 0 && *seconds < 1e9) ?
	       "is not a number of seconds" : NULL;
}

/* The same cells, boot after boot: nothing of the plan but their number */
static void append_boots(const char *dir, unsigned int boots, bool check)
{
	struct plan plan = plan_load(dir);
	char *path = join(dir, "plan.json");
	json_t *doc = load_json(path, PLAN_SCHEMA);
	json_t *grown = json_object_get(doc, "grown");

	if (boots % plan.builds)
		die(EXIT_USAGE, "%s: %u boots more cannot be shared evenly by its %u builds",
		    dir, boots, plan.builds);
	if (plan.boots + boots > PLAN_MAX_BOOTS)
		die(EXIT_USAGE, "%s: %u and %u boots more are above the limit of %u",
		    dir, plan.boots, boots, PLAN_MAX_BOOTS);
	if (plan.nr_grown == PLAN_MAX_GROWTHS)
		die(EXIT_USAGE, "%s: boots were appended %u times already, which is the limit",
		    dir, PLAN_MAX_GROWTHS);
	if (check)
		return;
	if (!grown)
		grown = json_array();
	else
		json_incref(grown);
	json_array_append_new(grown, json_integer(plan.boots));
	json_object_set_new(doc, "grown", grown);
	json_object_set_new(doc, "boots", json_integer(plan.boots + boots));
	if (write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
	free(path);
	plan_free(&plan);
}

static const char *take_target(void *options, char *text)
{
	struct plan *plan = &((struct options *)options)->plan;
	const char *value = strchr(text, '=');

	if (!value || value == text || strchr(text, '\n'))
		return "is not KEY=VALUE";
	if (!plan->target)
		plan->target = json_object();
	return json_object_setn_new(plan->target, text, value - text,
				    json_string(value + 1)) ? "is not UTF-8" : NULL;
}

static const char *take_margin(void *options, char *text)
{
	struct plan *plan = &((struct options *)options)->plan;
	char *end;
	double value = strtod(text, &end);

	plan->margin = value / 100;
	return end == text || *end || !(value > 0 && value < 100) ? "is not a percentage" : NULL;
}

/* A line each for scripts: the variables of make bench that choose the kernel */
static void show_target(const struct plan *plan)
{
	const char *key;
	json_t *value;

	json_object_foreach(plan->target, key, value)
		printf("\n%s %s", key, json_string_value(value));
}

/* What folios in the swapcache take; a request's are all there at once. */
static unsigned int plan_swap_mib(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		if (plan->cells[i].folio == FOLIO_SWAPCACHE)
			return 2 * 2 * FSB_MAX_FOLIOS;
	}
	return 0;
}

/* Of a guest, MiB: room for the THPs of all processes on one of its two nodes */
static unsigned int plan_memory_mib(const struct plan *plan)
{
	unsigned int most = 0;

	for (size_t i = 0; i < plan->nr_cells; i++) {
		const struct cell *cell = &plan->cells[i];
		unsigned int mib = 2 * cell->thps * cell_cpus(cell);

		if (mib > most)
			most = mib;
	}
	/* What the rest takes, and what these take beyond their THPs */
	return most > 512 ? 2 * (most + 512) : 2048;
}

static void show_plan(const char *dir)
{
	struct plan plan = plan_load(dir);
	uint64_t seconds = 120;

	for (size_t i = 0; i < plan.nr_cells; i++)
		seconds += cell_slow_seconds(&plan.cells[i]);
	/* A guest with a time limit of years has none; a month is one. */
	if (seconds > 2592000)
		seconds = 2592000;
	printf("boots %u\nbuilds %u\ncpus %u\nseconds %u\nmemory %u\nswap %u\njobs",
	       plan.boots, plan.builds, plan.cpus, (unsigned int)seconds,
	       plan_memory_mib(&plan), plan_swap_mib(&plan));
	for (int job = 0; job < NR_JOBS; job++) {
		if (plan_has_job(&plan, job))
			printf(" %s", job_facts[job].name);
	}
	show_target(&plan);
	putchar('\n');
	plan_free(&plan);
}

static const char *take_check_more(void *options, char *dir)
{
	struct options *o = options;

	o->check = true;
	o->more = dir;
	return NULL;
}

static const char *take_budget(void *options, char *text)
{
	return parse_seconds(text, &((struct options *)options)->budget);
}

static const char *take_boot_seconds(void *options, char *text)
{
	return parse_seconds(text, &((struct options *)options)->boot_seconds);
}

static const struct option_row rows[] = {
	{ OPTION(TEXT, "run", 'r', "DIR", "create this folder, with the plan in it", dir) },
	{ OPTION(FLAG, "list", 'l', NULL, "only list the cells and their sizes", list) },
	{ OPTION(FLAG, "params", 'P', NULL,
		 "list the jobs, and the parameters of cells: jobs, default, values, what they mean",
		 params) },
	{ OPTION(TEXT, "show", 'S', "DIR",
		 "print, for scripts, that plan's boots, CPUs, seconds that a boot may take on a slow machine, and jobs",
		 show) },
	{ OPTION(TEXT, "more", 'M', "DIR", "append --boots boots to that plan", more) },
	{ OPTION(CALL, "check-more", 'C', "DIR", "check whether boots can be appended", more),
	  .call = take_check_more },
	{ OPTION(TEXT, "like", 'L', "DIR", "copy the plan of that run", like), .group = 1 },
	{ OPTION(CALL, "budget", 'B', "S",
		 "choose boots and blocks to fit into S seconds, from the spread in the run of --like",
		 budget), .call = take_budget, .group = 1 },
	{ OPTION(CALL, "boot-seconds", 'T', "S", "duration of a boot of that run, in seconds",
		 boot_seconds), .call = take_boot_seconds, .group = 1 },
	{ OPTION(NUMBER, "kernels", 'K', "N",
		 "number of runs of this size that will be compared (1)", kernels),
	  .min = 1, .max = 1000, .group = 1 },
	{ OPTION(CALL, "target", 't', "KEY=VALUE",
		 "record KEY=VALUE about the kernel; may be repeated", plan.target),
	  .call = take_target, .group = 1 },
	{ OPTION(TEXT, "cells", 'f', "FILE",
		 "file with the cells to measure (default: the split of one THP)", cells),
	  .group = 1 },
	{ OPTION(NUMBER, "boots", 'b', "N",
		 "number of boots, each an observation (6; fewer: no inference)", plan.boots),
	  .min = 1, .max = PLAN_MAX_BOOTS, .group = 1 },
	{ OPTION(NUMBER, "builds", 'n', "N",
		 "number of kernel builds, each with another code layout; intervals are then over builds (1)",
		 plan.builds), .min = 1, .max = PLAN_MAX_BUILDS, .group = 1 },
	{ OPTION(NUMBER, "blocks", 'k', "N",
		 "override the recorded blocks of each boot and cell", blocks),
	  .min = 1, .max = CELL_MAX_BLOCKS, .group = 1 },
	{ OPTION(NUMBER, "reps", 'c', "N",
		 "override the calls or rounds of each arm in a block", reps),
	  .min = 1, .max = CELL_MAX_REPS, .group = 1 },
	{ OPTION(NUMBER, "warmup", 'w', "N",
		 "override the blocks before them, which are not analysed", warmup),
	  .max = CELL_MAX_WARMUP, .group = 1 },
	{ OPTION(NUMBER, "cpus", 'u', "N", "CPUs of a guest (default: as many as threads)",
		 cpus), .min = 1, .max = CELL_MAX_THREADS, .group = 1 },
	{ OPTION(CALL, "margin", 'm', "PCT", "regression margin in percent (2)", plan.margin),
	  .call = take_margin, .group = 1 },
	{ OPTION(TEXT, "arms", 'a', "LIST",
		 "arms to measure, of those in bench/arms.c: old, new, variants, and of the A/A controls again (a second copy of new), same (new once more), same_old; without a control, the best one that the kernel has",
		 arms), .group = 1 },
	{ OPTION(NUMBER, "new-order", 'o', "N", "override the order to split to: 0, 2 to 8",
		 new_order), .max = 8, .group = 1 },
	{ OPTION(NUMBER, "seed", 's', "N", "seed of the order of calls (random)", seed),
	  .max = UINT32_MAX, .group = 1 },
	{ OPTION(NUMBER, "plant", 'p', "N",
		 "inject a slowdown of N iterations into new and again (self-test)",
		 plan.plant), .max = 1000000, .group = 1 },
	{ }
};

/* What goes together */
static const char *check_options(void *options)
{
	const struct options *o = options;

	if (!!o->dir + o->list + o->params + !!o->show + !!o->more != 1)
		return "one of --run, --list, --more, --show and --params is wanted";
	if (o->more && (o->like || o->cells || o->plan.margin || o->cpus ||
			o->plan.plant || o->plan.target))
		return "--more appends boots and changes nothing else";
	if (o->budget && (!o->like || !o->boot_seconds || o->plan.boots))
		return "--budget goes with --like and --boot-seconds, and without --boots";
	if (o->like && (o->cells || o->plan.margin || o->cpus || o->blocks != NOT_GIVEN ||
			o->reps != NOT_GIVEN || o->warmup != NOT_GIVEN ||
			o->new_order != NOT_GIVEN || o->arms || o->plan.builds > 1))
		return "--like copies a plan: only --boots, --seed, --plant, --target go with it";
	return NULL;
}

/* How much of a boot it is */
static void list_cell(const struct cell *cell)
{
	printf("%-40s %u blocks, each %u %s of each arm\n", cell->name, cell->blocks,
	       cell->reps * cell->thps * cell->threads, job_facts[cell->job].calls);
}

static void list_param(const struct cell_param *p)
{
	printf("%s (", p->name);
	for (int job = 0, n = 0; job < NR_JOBS; job++) {
		unsigned int usual = cell_param_usual(p, job);

		if (!cell_param_is_of(p, job))
			continue;
		printf("%s%s: ", n++ ? ", " : "", job_facts[job].name);
		if (p->words)
			printf("%s", p->words[usual]);
		else if (usual > p->most)
			printf("any");
		else
			printf("%u", usual);
	}
	fputs(")\n  ", stdout);
	for (unsigned int i = 0; i < p->nr_words; i++)
		printf("%s%s", p->words[i], i + 1 < p->nr_words ? ", " : "\n  ");
	if (!p->words)
		printf("%u to %u\n  ", p->least, p->most);
	puts(p->help);
}

/* The jobs, then each parameter with its default by job, its values, and what it means */
static void list_params(void)
{
	puts("job");
	for (int job = 0; job < NR_JOBS; job++)
		printf("  %s: %s\n", job_facts[job].name, job_facts[job].help);
	for (int i = 0; i < NR_PARAMS; i++)
		list_param(&cell_param[i]);
	output_flush("the list");
}

int cmd_plan(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows, .doc = "Create the plan of a run.", .check = check_options,
	};
	struct options o = {
		.plan = {
			.confidence = 0.95, .builds = 1, .arms = PLAN_USUAL_ARMS,
		},
		.seed = random_seed(), .blocks = NOT_GIVEN, .reps = NOT_GIVEN,
		.warmup = NOT_GIVEN, .new_order = NOT_GIVEN,
	};
	struct plan *plan = &o.plan;

	options_parse(&table, argc, argv, &o);
	plan->seed = o.seed;
	if (o.show) {
		show_plan(o.show);
		return EXIT_DONE;
	}
	if (o.params) {
		list_params();
		return EXIT_DONE;
	}
	if (o.like)
		load_like(&o);
	if (o.cells)
		load_cells(&o);
	if (o.budget)
		fit_budget(&o);
	if (!plan->boots)
		plan->boots = plan->builds > 1 ? BOOTS_OF_A_BUILD * plan->builds :
						 STATS_MIN_BOOTS;
	if (plan->boots % plan->builds)
		die(EXIT_USAGE, "%u boots cannot be shared evenly by %u builds: say a multiple of %u",
		    plan->boots, plan->builds, plan->builds);
	if (o.more) {
		append_boots(o.more, plan->boots, o.check);
		return EXIT_DONE;
	}
	if (!plan->margin)
		plan->margin = 0.02;
	if (!plan->cpus)
		plan->cpus = 1;
	if (!plan->nr_cells) {
		plan->nr_cells = 1;
		plan->cells = malloc(sizeof(*plan->cells));
		if (!plan->cells)
			die(EXIT_HARNESS, "out of memory");
		*plan->cells = cell_split(0);
	}
	if (o.arms)
		take_arms(plan, o.arms);
	require_source_arms(plan);
	override(&o);
	if (o.list) {
		for (size_t i = 0; i < plan->nr_cells; i++)
			list_cell(&plan->cells[i]);
		printf("%u boots, %u CPUs\n", plan->boots, plan->cpus);
	} else {
		write_plan(plan, o.dir);
	}
	plan_free(plan);
	return EXIT_DONE;
}
