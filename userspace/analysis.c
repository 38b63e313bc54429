// SPDX-License-Identifier: GPL-2.0
#include "analysis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "util.h"

/* The A/A ratio of exact counts may miss 1 by this without being noise. */
#define AA_TOLERANCE	0.001

const char *const arm_names[NR_ARMS] = { "empty", "old", "new", "again" };
const char *const pair_names[NR_PAIRS] = { "old/new", "again/new" };

static const enum arm pair_arm[NR_PAIRS] = { ARM_OLD, ARM_AGAIN };

/**
 * struct boot_logs - the log-ratios of one boot's blocks
 * @log: of each pair, @n of them
 * @n: how many blocks have both arms of the pair
 * @room: how many fit
 */
struct boot_logs {
	double *log[NR_PAIRS];
	size_t n[NR_PAIRS];
	size_t room;
};

static void *grow(void *list, size_t n, size_t size)
{
	list = reallocarray(list, n, size);
	if (!list)
		die(EXIT_HARNESS, "out of memory");
	return list;
}

__attribute__((format(printf, 2, 3)))
static void note_incomplete(struct analysis *a, const char *fmt, ...)
{
	char what[512], *all;
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (asprintf(&all, "%s%s\n", a->incomplete ? a->incomplete : "",
		     what) < 0)
		die(EXIT_HARNESS, "out of memory");
	free(a->incomplete);
	a->incomplete = all;
}

static void load_machine(struct analysis *a, const char *run_dir)
{
	char *path = join(run_dir, "machine.json");
	const char *unit, *release, *cpu;
	json_t *model, *doc = load_json(path, MACHINE_SCHEMA);
	json_int_t khz;

	if (json_unpack(doc, "{s:s,s:I,s:{s:s},s:{s:o}}", "unit", &unit,
			"counter_khz", &khz, "kernel", "release", &release,
			"cpu", "model", &model) ||
	    strlen(unit) >= sizeof(a->unit))
		die(EXIT_HARNESS, "%s: not a machine's state", path);
	strcpy(a->unit, unit);
	a->counter_khz = khz;
	a->release = strdup(release);
	cpu = json_string_value(model);
	a->cpu = strdup(cpu ? cpu : "unknown CPU");
	json_decref(doc);
	free(path);
}

/* Which of our arms each arm of the file is. */
static void map_arms(const char *path, const struct record_header *header,
		     enum arm *map)
{
	bool seen[NR_ARMS] = { false };

	for (unsigned int i = 0; i < header->nr_arms; i++) {
		for (map[i] = 0; map[i] < NR_ARMS; map[i]++) {
			if (!strcmp(arm_names[map[i]], header->arms[i]))
				break;
		}
		if (map[i] == NR_ARMS)
			die(EXIT_HARNESS, "%s:1: unknown arm '%s'", path,
			    header->arms[i]);
		if (seen[map[i]])
			die(EXIT_HARNESS, "%s:1: arm '%s' is there twice",
			    path, header->arms[i]);
		seen[map[i]] = true;
	}
}

/* A block's median per arm, less that of the empty one; NAN without calls. */
static void block_medians(const struct record_block *block,
			  const enum arm *map, double *median)
{
	double ticks[NR_ARMS][RECORD_MAX_CALLS];
	size_t n[NR_ARMS] = { 0 };

	for (unsigned int i = 0; i < block->nr; i++) {
		enum arm arm = map[block->arm[i]];

		ticks[arm][n[arm]++] = block->sample[i].ticks;
	}
	for (int arm = 0; arm < NR_ARMS; arm++)
		median[arm] = n[arm] ? stats_median(ticks[arm], n[arm]) : NAN;
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++)
		median[arm] -= n[ARM_EMPTY] ? median[ARM_EMPTY] : 0;
}

static void add_block(struct analysis *a, struct boot_logs *boot,
		      const struct record_block *block, const enum arm *map)
{
	double median[NR_ARMS];

	for (unsigned int i = 0; i < block->nr; i++) {
		enum arm arm = map[block->arm[i]];

		if (!a->hist[arm])
			a->hist[arm] = stats_hist_new();
		stats_hist_add(a->hist[arm], block->sample[i].ticks);
		a->disturbed += block->sample[i].disturbed != 0;
		a->faults += block->sample[i].fault != 0;
	}
	for (int i = 0; i < NR_PHASES; i++)
		a->phases[i] += block->phases[i];
	a->retries += block->retries;
	a->blocks++;

	block_medians(block, map, median);
	for (int pair = 0; pair < NR_PAIRS; pair++) {
		double ratio = median[pair_arm[pair]] / median[ARM_NEW];

		if (boot->n[pair] == boot->room) {
			boot->room = boot->room ? 2 * boot->room : 64;
			for (int i = 0; i < NR_PAIRS; i++)
				boot->log[i] = grow(boot->log[i], boot->room,
						    sizeof(double));
		}
		if (ratio > 0 && isfinite(ratio))
			boot->log[pair][boot->n[pair]++] = log(ratio);
	}
}

static void end_boot(struct analysis *a, struct boot_logs *boot,
		     unsigned int number)
{
	for (int pair = 0; pair < NR_PAIRS; pair++) {
		a->logs[pair] = grow(a->logs[pair], a->boots + 1,
				     sizeof(double));
		a->logs[pair][a->boots] = boot->n[pair] ?
			stats_median(boot->log[pair], boot->n[pair]) : NAN;
	}
	a->boot = grow(a->boot, a->boots + 1, sizeof(*a->boot));
	a->boot[a->boots++] = number;
}

static void read_blocks(struct analysis *a, struct record_reader *reader,
			const struct record_header *header, const char *path)
{
	struct record_block *block = grow(NULL, 1, sizeof(*block));
	struct boot_logs boot = { 0 };
	enum arm map[RECORD_MAX_ARMS];
	enum record_status status;
	uint64_t before = a->blocks;
	char *error = NULL;

	map_arms(path, header, map);
	for (;;) {
		status = record_next(reader, block, &error);
		if (status != RECORD_OK)
			break;
		if (strcmp(block->cell, a->cell))
			die(EXIT_HARNESS, "%s: block %u is of cell '%s', which is not in the plan",
			    path, block->block, block->cell);
		if (!block->warmup)
			add_block(a, &boot, block, map);
	}
	if (status == RECORD_BAD)
		die(EXIT_HARNESS, "%s", error);
	if (status == RECORD_TRUNCATED)
		note_incomplete(a, "%s", error);
	else if (a->blocks - before != a->plan.blocks)
		note_incomplete(a, "%s: %llu blocks, %u were planned", path,
				(unsigned long long)(a->blocks - before),
				a->plan.blocks);
	if (a->blocks > before)
		end_boot(a, &boot, header->boot);
	for (int pair = 0; pair < NR_PAIRS; pair++)
		free(boot.log[pair]);
	free(error);
	free(block);
}

static void read_boot(struct analysis *a, const char *run_dir,
		      unsigned int boot)
{
	char *path = join(run_dir, "boot-%u.jsonl", boot), *error = NULL;
	struct record_header header;
	struct record_reader *reader;

	if (access(path, F_OK)) {
		note_incomplete(a, "%s: not there", path);
		free(path);
		return;
	}
	reader = record_open(path, &header, &error);
	if (!reader && error && strstr(error, "truncated")) {
		note_incomplete(a, "%s", error);
		free(error);
		free(path);
		return;
	}
	if (!reader)
		die(EXIT_HARNESS, "%s", error ? error : path);
	if (header.boot != boot)
		die(EXIT_HARNESS, "%s:1: this is boot %u", path, header.boot);
	if (strcmp(header.unit, a->unit))
		die(EXIT_HARNESS, "%s:1: the unit is %s, the machine's is %s",
		    path, header.unit, a->unit);
	read_blocks(a, reader, &header, path);
	record_close(reader);
	free(path);
}

/* A pair that no boot has is none; one that some lack is told, and none too. */
static struct stats_ratio estimate(struct analysis *a, enum pair pair)
{
	size_t missing = 0;

	for (size_t i = 0; i < a->boots; i++)
		missing += isnan(a->logs[pair][i]) != 0;
	if (missing && missing < a->boots)
		note_incomplete(a, "%s: %zu of %zu boots do not have it",
				pair_names[pair], missing, a->boots);
	if (missing)
		return (struct stats_ratio){ 0 };
	return stats_paired(a->logs[pair], a->boots, a->plan.confidence);
}

static void judge(struct analysis *a)
{
	const struct stats_ratio *aa = &a->ratio[PAIR_AGAIN_NEW];
	const struct stats_ratio *ab = &a->ratio[PAIR_OLD_NEW];
	double tolerance = strcmp(a->unit, "instructions") ? 0 : AA_TOLERANCE;

	a->margin = a->plan.margin;
	if (aa->boots) {
		a->floor = fmax(aa->high, 1 / aa->low) - 1;
		a->holds = aa->low <= 1 + tolerance &&
			   aa->high >= 1 - tolerance;
		a->aa_failed = aa->inference && !a->holds;
		a->margin = fmax(a->margin, a->floor);
	}
	a->verdict = ab->boots ? stats_verdict(ab, a->margin) :
				 STATS_NO_INFERENCE;
	/* Where the same is not the same, nothing else can be believed. */
	if (a->aa_failed && a->verdict != STATS_NO_INFERENCE)
		a->verdict = STATS_INCONCLUSIVE;
}

struct analysis analyse(const char *run_dir)
{
	struct analysis a = { .plan = plan_load(run_dir) };

	load_machine(&a, run_dir);
	a.cell = plan_cell(&a.plan);
	for (unsigned int boot = 1; boot <= a.plan.boots; boot++)
		read_boot(&a, run_dir, boot);
	if (!a.boots || !a.hist[ARM_NEW])
		die(EXIT_HARNESS, "%s: there is no block to analyse", run_dir);
	for (int pair = 0; pair < NR_PAIRS; pair++)
		a.ratio[pair] = estimate(&a, pair);
	judge(&a);
	return a;
}

void analysis_free(struct analysis *a)
{
	for (int arm = 0; arm < NR_ARMS; arm++)
		stats_hist_free(a->hist[arm]);
	for (int pair = 0; pair < NR_PAIRS; pair++)
		free(a->logs[pair]);
	free(a->boot);
	free(a->release);
	free(a->cpu);
	free(a->cell);
	free(a->incomplete);
	free(a->plan.run);
}
