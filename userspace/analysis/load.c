// SPDX-License-Identifier: GPL-2.0
/* A run's folder, read and analysed */
#include "analysis/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/builds.h"
#include "analysis/estimate.h"
#include "analysis/findings.h"
#include "analysis/reduce.h"
#include "analysis/verdict.h"
#include "machine/machine.h"
#include "record/job_facts.h"
#include "record/order.h"
#include "util/util.h"

/* Exact counts may differ by this much without that meaning anything. */
#define AA_TOLERANCE	0.001

static void load_machine(struct analysis *a, const char *run_dir)
{
	char *path = join(run_dir, "machine.json");
	const char *unit, *release, *cpu, *compiler;
	json_t *model, *doc = load_json(path, MACHINE_SCHEMA);
	json_int_t khz;

	if (json_unpack(doc, "{s:s,s:I,s:{s:s},s:{s:o}}", "unit", &unit,
			"counter_khz", &khz, "kernel", "release", &release,
			"cpu", "model", &model) ||
	    strlen(unit) >= sizeof(a->unit) ||
	    unit[strspn(unit, "abcdefghijklmnopqrstuvwxyz")])
		die(EXIT_HARNESS, "%s: not a machine's state", path);
	strcpy(a->unit, unit);
	a->tolerance = strcmp(unit, "instructions") ? 0 : AA_TOLERANCE;
	a->counter_khz = khz;
	a->release = strdup(release);
	compiler = json_string_value(json_object_get(json_object_get(doc, "kernel"), "compiler"));
	/* And the linker */
	a->compiler = compiler ? strndup(compiler, strcspn(compiler, ",")) : NULL;
	cpu = json_string_value(model);
	a->cpu = strdup(cpu ? cpu : "unknown CPU");
	json_decref(doc);
	free(path);
}

/* Which number each arm of the file has */
static void map_arms(const char *path, const struct record_header *header,
		     unsigned int *map)
{
	for (unsigned int i = 0; i < header->nr_arms; i++) {
		map[i] = arm_add(header->arms[i]);
		if (map[i] == ARM_NONE)
			die(EXIT_HARNESS, "%s:1: arm '%s' is one too many: %d can be known",
			    path, header->arms[i], ARM_MAX);
		if (!header->has_defs && !arm_is_usual(map[i]))
			die(EXIT_HARNESS, "%s:1: unknown arm '%s': there is no arm_defs that says what it is",
			    path, header->arms[i]);
	}
}

/* An older version left out what is the native split's. */
static bool differ(const char *a, const char *b)
{
	return *a && *b && strcmp(a, b);
}

/* All boots of a run are of one module, which says what its arms are. */
static void take_arms(struct reading *reading, const struct record_header *header,
		      const char *path)
{
	struct arm_defs usual, *arms = &reading->a->arms;
	unsigned int map[RECORD_MAX_ARMS];

	map_arms(path, header, map);
	usual = arm_defs_usual();
	for (unsigned int i = 0; i < header->nr_arms; i++) {
		const struct arm_def *def = header->has_defs ? &header->def[i] :
							       &usual.def[map[i]];
		struct arm_def *before = &arms->def[map[i]];

		if (*def->against && arm_number(def->against) == ARM_NONE)
			die(EXIT_HARNESS, "%s:1: arm '%s' is compared against '%s', which is not in the record",
			    path, header->arms[i], def->against);
		if (!(reading->defined & ARM_BIT(map[i])))
			*before = *def;
		reading->defined |= ARM_BIT(map[i]);
		if (before->control != def->control || differ(before->code, def->code) ||
		    differ(before->against, def->against))
			die(EXIT_HARNESS, "%s:1: arm '%s' is not what it is in the boots before: they were measured by different modules and are not one run",
			    path, header->arms[i]);
	}
}

static size_t cell_index(const struct analysis *a, const char *path,
			 const char *name)
{
	for (size_t i = 0; i < a->plan.nr_cells; i++) {
		if (!strcmp(a->plan.cells[i].name, name))
			return i;
	}
	die(EXIT_HARNESS, "%s: cell '%s' is not in the plan", path, name);
}

/* Rounds are recorded by process if the job says so, and only then. */
static bool is_of_cell(const struct record_block *block, const struct cell *cell)
{
	if (!job_facts[cell->job].by_process)
		return !block->threads && !block->has_beside;
	return block->threads == cell->threads &&
	       block->round == cell->threads * cell->thps &&
	       block->has_beside == (cell->beside != BESIDE_NONE);
}

static void read_blocks(struct reading *reading, struct record_reader *reader,
			const struct record_header *header, const char *path)
{
	struct analysis *a = reading->a;
	struct record_block *block = grow(NULL, 1, sizeof(*block));
	struct record_trace *trace = grow(NULL, 1, sizeof(*trace));
	struct record_skip skip;
	unsigned int map[RECORD_MAX_ARMS] = { 0 };
	enum record_status status;
	char *error = NULL;

	map_arms(path, header, map);
	for (;;) {
		size_t i;

		status = record_next(reader, block, trace, &skip, &error);
		if (status == RECORD_SKIP) {
			i = cell_index(a, path, skip.cell);
			reading->boot[i].skipped = true;
			free(a->skipped[i]);
			a->skipped[i] = strdup(skip.why);
			continue;
		}
		if (status == RECORD_TRACE) {
			i = cell_index(a, path, trace->cell);
			reduce_trace(&reading->traced[i][map[trace->arm]], trace);
			continue;
		}
		if (status != RECORD_OK)
			break;
		i = cell_index(a, path, block->cell);
		if (!is_of_cell(block, &a->plan.cells[i]))
			die(EXIT_HARNESS, "%s: block %u is none of cell %s",
			    path, block->block, block->cell);
		reading->last_ms = block->to_ms;
		if (!block->warmup)
			reduce_block(&a->cell[i], &reading->boot[i], block, map,
				     &a->arms, !*header->design);
	}
	if (status == RECORD_BAD)
		die(EXIT_HARNESS, "%s", error);
	if (status == RECORD_TRUNCATED)
		analysis_note_incomplete(a, "%s", error);
	reduce_boot(reading, header->boot, path);
	free(error);
	free(trace);
	free(block);
}

/* Whether calls find their code warm is another matter in each design. */
static void take_design(struct reading *reading, const struct record_header *header,
			const char *path)
{
	struct analysis *a = reading->a;

	if (*header->design && strcmp(header->design, ORDER_DESIGN))
		die(EXIT_HARNESS, "%s:1: unknown design '%s'; known: " ORDER_DESIGN,
		    path, header->design);
	if (!reading->has_design)
		strcpy(a->design, header->design);
	reading->has_design = true;
	if (strcmp(a->design, header->design))
		die(EXIT_HARNESS, "%s:1: the design is '%s', that of the boots before is '%s': they were measured by different versions and are not one run",
		    path, header->design, a->design);
}

/* Is it a boot that was read before? If not, it is remembered. */
static bool is_repeated(struct reading *reading, const struct record_header *header,
			const char *path)
{
	struct analysis *a = reading->a;

	for (size_t i = 0; i < a->nr_seen; i++) {
		if (!analysis_same_boot(&a->seen[i], header))
			continue;
		analysis_note_incomplete(a,
					 "%s is not counted: it is the same boot of the machine as boot-%u.jsonl; remove it, and measure boot %u",
					 path, a->seen[i].boot, header->boot);
		return true;
	}
	a->seen = grow(a->seen, a->nr_seen + 1, sizeof(*a->seen));
	a->seen[a->nr_seen++] = *header;
	return false;
}

/* Return: false if it is not there. */
static bool read_boot(struct reading *reading, const char *run_dir,
		      unsigned int boot)
{
	char *path = join(run_dir, "boot-%u.jsonl", boot), *error = NULL;
	struct analysis *a = reading->a;
	struct record_header header;
	struct record_reader *reader;

	if (access(path, F_OK)) {
		free(path);
		return false;
	}
	reader = record_open(path, &header, &error);
	if (!reader && error && strstr(error, "truncated")) {
		analysis_note_incomplete(a, "%s", error);
		free(error);
		free(path);
		return true;
	}
	if (!reader)
		die(EXIT_HARNESS, "%s", error ? error : path);
	if (header.boot != boot)
		die(EXIT_HARNESS, "%s:1: this is boot %u", path, header.boot);
	if (strcmp(header.unit, a->unit))
		die(EXIT_HARNESS, "%s:1: the unit is %s, the machine's is %s",
		    path, header.unit, a->unit);
	if (header.build != plan_build_of(&a->plan, boot))
		die(EXIT_HARNESS, "%s:1: this is of build %u, boot %u is of %u", path,
		    header.build, boot, plan_build_of(&a->plan, boot));
	if (is_repeated(reading, &header, path)) {
		record_close(reader);
		free(path);
		return true;
	}
	take_design(reading, &header, path);
	take_arms(reading, &header, path);
	findings_add(a, &header, path);
	read_blocks(reading, reader, &header, path);
	record_close(reader);
	free(path);
	return true;
}

static void note_missing(struct analysis *a, unsigned int from, unsigned int to)
{
	if (from > to)
		return;
	/* A machine that is somebody's is not booted for us. */
	if (plan_on_host(&a->plan))
		a->to_come += to - from + 1;
	else if (from == to)
		analysis_note_incomplete(a, "boot %u is not there", from);
	else
		analysis_note_incomplete(a, "boots %u to %u are not there", from, to);
}

static void read_boots(struct reading *reading, const char *run_dir)
{
	unsigned int next = 1, boots = reading->a->plan.boots;

	for (unsigned int boot = 1; boot <= boots; boot++) {
		if (!read_boot(reading, run_dir, boot))
			continue;
		note_missing(reading->a, next, boot - 1);
		next = boot + 1;
	}
	note_missing(reading->a, next, boots);
}

/* Cells without any block are left out. */
static void drop_empty_cells(struct analysis *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		r->own = analysis_own(r);
		if (r->boots && r->hist[r->own])
			a->cell[kept++] = *r;
	}
	a->nr_cells = kept;
}

struct analysis analyse(const char *run_dir)
{
	struct analysis a = { .plan = plan_load(run_dir) };
	struct reading reading = { .a = &a };

	a.doctor = json_object();
	load_machine(&a, run_dir);
	a.nr_cells = a.plan.nr_cells;
	a.cell = calloc(a.nr_cells, sizeof(*a.cell));
	a.skipped = calloc(a.nr_cells, sizeof(*a.skipped));
	reading.boot = calloc(a.nr_cells, sizeof(*reading.boot));
	reading.traced = calloc(a.nr_cells, sizeof(*reading.traced));
	reading.within = calloc(a.nr_cells, sizeof(*reading.within));
	if (!a.cell || !a.skipped || !reading.boot || !reading.traced || !reading.within)
		die(EXIT_HARNESS, "out of memory");
	for (size_t i = 0; i < a.nr_cells; i++)
		a.cell[i].cell = &a.plan.cells[i];
	read_boots(&reading, run_dir);
	for (size_t i = 0; i < a.nr_cells; i++) {
		reduce_traces(&a.cell[i], reading.traced[i]);
		if (a.skipped[i] && a.cell[i].boots)
			analysis_note_incomplete(&a, "cell %s: skipped in some boots only: %s",
						 a.plan.cells[i].name, a.skipped[i]);
		if (reading.within[i].df)
			a.cell[i].within = reading.within[i].squares /
					   reading.within[i].df;
	}
	drop_empty_cells(&a);
	if (!a.nr_cells)
		die(EXIT_HARNESS, "%s: there is no block to analyse", run_dir);
	for (size_t i = 0; i < a.nr_cells; i++) {
		a.cell[i].booted = a.cell[i].boots;
		if (a.plan.builds > 1)
			builds_reduce(&a, &a.cell[i]);
	}
	for (size_t i = 0; i < a.nr_cells; i++) {
		estimate_cell(&a, &a.cell[i]);
		verdict_cell(&a, &a.cell[i]);
	}
	verdict_run(&a);
	free(reading.boot);
	free(reading.traced);
	free(reading.within);
	return a;
}
