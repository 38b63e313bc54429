// SPDX-License-Identifier: GPL-2.0
#include "analysis/analysis.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/machine.h"
#include "util/util.h"

/* Exact counts may differ by this much without that meaning anything. */
#define AA_TOLERANCE	0.001
#define THP_BYTES	(2.0 * 1024 * 1024)

/* Of a boot's calls of an arm, these are looked at for the lowest quarter. */
#define MAX_LOW_CALLS	(1U << 20)
#define LOW_QUANTILE	0.25

/* Ticks of a boot's calls of an arm */
struct calls {
	double *ticks;
	size_t n;
	size_t room;
};

/**
 * struct boot_logs - what one boot's blocks of a cell say
 * @log: log-ratios of each pair, @n of them
 * @n: how many blocks have both arms of the pair
 * @level: logs of the blocks' medians of each arm, @levels of them
 * @levels: how many
 * @first: logs of the first call of a run over the later ones, of each arm, @firsts of them
 * @firsts: how many
 * @calls: ticks of the calls of each arm
 * @own: what the kernel calls itself
 * @blocks: blocks that are analysed
 * @room: how many fit
 * @skipped: it was not measured, on purpose
 */
struct boot_logs {
	double *log[NR_PAIRS];
	size_t n[NR_PAIRS];
	double *level[NR_ARMS];
	size_t levels[NR_ARMS];
	double *first[NR_ARMS];
	size_t firsts[NR_ARMS];
	struct calls calls[NR_ARMS];
	enum arm own;
	uint64_t blocks;
	size_t room;
	bool skipped;
};

/* Traced calls of a cell and arm: of each part, and of the whole at the end */
struct traced {
	double *v[NR_PARTS + 1];
	size_t n;
};

/**
 * struct reading - a run, while it is read
 * @a: what is known of it so far
 * @boot: of the boot being read, one for each of the plan's cells
 * @traced: of all boots, for each of the plan's cells and arms
 * @within: for each of the plan's cells, sum of squares about the boots' means
 *	    and degrees of freedom of it
 * @last_ms: of the boot being read, when its last block was done
 * @boots: how many boots have told
 */
struct reading {
	struct analysis *a;
	struct { double squares, df; } *within;
	uint64_t last_ms;
	unsigned int boots;
	struct boot_logs *boot;
	struct traced (*traced)[NR_ARMS];
};

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
	    strlen(unit) >= sizeof(a->unit) ||
	    unit[strspn(unit, "abcdefghijklmnopqrstuvwxyz")])
		die(EXIT_HARNESS, "%s: not a machine's state", path);
	strcpy(a->unit, unit);
	a->tolerance = strcmp(unit, "instructions") ? 0 : AA_TOLERANCE;
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

/* What a call of a block is to the analysis */
enum call_use { CALL_NOT, CALL_FIRST, CALL_USED };

/* A kernel from before the change has no new way: its own is the old one. */
static enum arm own_of(const struct record_block *block, const enum arm *map)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		if (map[block->arm[i]] == ARM_NEW)
			return ARM_NEW;
	}
	return ARM_OLD;
}

/* Of calls made back to back, one that follows a call of other code is apart. */
static enum call_use use_of(const struct record_block *block, unsigned int i,
			    const enum arm *map, bool back_to_back, enum arm own)
{
	enum arm arm = map[block->arm[i]];

	if (i < block->lead)
		return CALL_NOT;
	if (back_to_back && i && arm != ARM_EMPTY &&
	    arm_code(arm, own) != arm_code(map[block->arm[i - 1]], own))
		return CALL_FIRST;
	return CALL_USED;
}

/* A block's median per arm of calls of that use, less that of the empty one; NAN
 * without calls
 */
static void block_medians(const struct record_block *block, const uint8_t *use,
			  enum call_use wanted, const enum arm *map, double *median)
{
	static double ticks[NR_ARMS][RECORD_MAX_CALLS];
	size_t n[NR_ARMS] = { 0 };

	for (unsigned int i = 0; i < block->nr; i++) {
		enum arm arm = map[block->arm[i]];

		if (use[i] == wanted || (arm == ARM_EMPTY && use[i] == CALL_USED))
			ticks[arm][n[arm]++] = block->sample[i].ticks;
	}
	for (int arm = 0; arm < NR_ARMS; arm++)
		median[arm] = n[arm] ? stats_median(ticks[arm], n[arm]) : NAN;
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++)
		median[arm] -= n[ARM_EMPTY] ? median[ARM_EMPTY] : 0;
}

/* The A/A control that a block has; ARM_EMPTY: none */
static enum arm control_of(const double *median)
{
	for (enum arm arm = ARM_AGAIN; arm < NR_ARMS; arm++) {
		if (!isnan(median[arm]))
			return arm;
	}
	return ARM_EMPTY;
}

static void add_log(double **list, size_t *n, size_t room, double value)
{
	if (isfinite(value) && *n < room)
		(*list)[(*n)++] = value;
}

static void add_rounds(struct cell_result *r, const struct record_block *block,
		       const enum arm *map)
{
	unsigned int arm[RECORD_MAX_ARMS];

	for (int i = 0; i < RECORD_MAX_ARMS; i++)
		arm[i] = map[i];
	if (!r->rounds)
		r->rounds = rounds_new();
	rounds_add(r->rounds, block, arm);
}

static void count_calls(struct cell_result *r, const struct record_block *block,
			const uint8_t *use, const enum arm *map)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		enum arm arm = map[block->arm[i]];
		struct stats_hist **hist = use[i] == CALL_FIRST ? r->first : r->hist;

		r->faults += block->sample[i].fault != 0;
		if (use[i] == CALL_NOT)
			continue;
		r->disturbed += block->sample[i].disturbed != 0;
		if (!hist[arm])
			hist[arm] = stats_hist_new();
		stats_hist_add(hist[arm], block->sample[i].ticks);
		if (use[i] == CALL_FIRST)
			continue;
		r->calls[arm].ticks += block->sample[i].ticks;
		r->calls[arm].n++;
		if (block->round && i % block->round == 0) {
			r->busy[arm].ticks += block->busy[i / block->round];
			r->busy[arm].rounds++;
		}
	}
}

static void count_block(struct cell_result *r, const struct record_block *block)
{
	for (int i = 0; i < NR_PHASES; i++)
		r->phases[i] += block->phases[i];
	r->retries += block->retries;
	r->rejected += block->nr_rejected;
	if (block->nr_rejected && !*r->why)
		strcpy(r->why, block->rejected[0]);
	r->block_ms += (block->to_ms - block->from_ms - r->block_ms) /
		       (r->blocks + 1.0);
	r->blocks++;
}

static void keep_calls(struct boot_logs *boot, const struct record_block *block,
		       const uint8_t *use, const enum arm *map)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		struct calls *c = &boot->calls[map[block->arm[i]]];

		if (use[i] != CALL_USED || c->n == MAX_LOW_CALLS)
			continue;
		if (c->n == c->room) {
			c->room = c->room ? 2 * c->room : 64;
			c->ticks = grow(c->ticks, c->room, sizeof(double));
		}
		c->ticks[c->n++] = block->sample[i].ticks;
	}
}

/* The lowest quarter of a boot's calls, less the median empty one; NAN without calls */
static double low_call(struct boot_logs *boot, enum arm arm)
{
	struct calls *c = &boot->calls[arm], *empty = &boot->calls[ARM_EMPTY];

	if (!c->n)
		return NAN;
	gsl_sort(c->ticks, 1, c->n);
	return gsl_stats_quantile_from_sorted_data(c->ticks, 1, c->n, LOW_QUANTILE) -
	       (empty->n ? stats_median(empty->ticks, empty->n) : 0);
}

static void make_room(struct boot_logs *boot)
{
	if (boot->blocks <= boot->room)
		return;
	boot->room = boot->room ? 2 * boot->room : 64;
	for (int i = 0; i < NR_PAIRS; i++)
		boot->log[i] = grow(boot->log[i], boot->room, sizeof(double));
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		boot->level[arm] = grow(boot->level[arm], boot->room, sizeof(double));
		boot->first[arm] = grow(boot->first[arm], boot->room, sizeof(double));
	}
}

static void add_block(struct cell_result *r, struct boot_logs *boot,
		      const struct record_block *block, const enum arm *map,
		      bool one_text)
{
	bool back_to_back = r->cell->warmth == WARMTH_BACK_TO_BACK;
	double median[NR_ARMS], first[NR_ARMS];
	enum arm own = own_of(block, map), control;
	static uint8_t use[RECORD_MAX_CALLS];

	for (unsigned int i = 0; i < block->nr; i++)
		use[i] = use_of(block, i, map, back_to_back, own);
	count_calls(r, block, use, map);
	if (block->threads)
		add_rounds(r, block, map);
	count_block(r, block);
	boot->blocks++;
	boot->own = own;
	make_room(boot);
	keep_calls(boot, block, use, map);

	block_medians(block, use, CALL_USED, map, median);
	control = control_of(median);
	if (control != ARM_EMPTY) {
		r->control = control;
		r->one_text = one_text || control != ARM_AGAIN;
		add_log(&boot->log[PAIR_CONTROL], &boot->n[PAIR_CONTROL], boot->room,
			log(median[control] / median[arm_against(control, own)]));
	}
	add_log(&boot->log[PAIR_OLD_NEW], &boot->n[PAIR_OLD_NEW], boot->room,
		log(median[ARM_OLD] / median[ARM_NEW]));
	block_medians(block, use, CALL_FIRST, map, first);
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		add_log(&boot->level[arm], &boot->levels[arm], boot->room,
			log(median[arm]));
		add_log(&boot->first[arm], &boot->firsts[arm], boot->room,
			log(first[arm] / median[arm]));
	}
}

static void add_trace(struct traced *t, const struct record_trace *trace)
{
	for (int part = 0; part <= NR_PARTS; part++)
		t->v[part] = grow(t->v[part], t->n + trace->nr, sizeof(double));
	for (unsigned int i = 0; i < trace->nr; i++, t->n++) {
		for (int part = 0; part < NR_PARTS; part++)
			t->v[part][t->n] = trace->part[i][part];
		t->v[NR_PARTS][t->n] = trace->whole[i];
	}
}

static double median_or_nan(double *list, size_t n)
{
	return n ? stats_median(list, n) : NAN;
}

static double low_log(const struct cell_result *r, struct boot_logs *boot, enum pair pair)
{
	if (pair == PAIR_OLD_NEW)
		return log(low_call(boot, ARM_OLD) / low_call(boot, ARM_NEW));
	if (r->control == ARM_EMPTY)
		return NAN;
	return log(low_call(boot, r->control) /
		   low_call(boot, arm_against(r->control, boot->own)));
}

static void end_boot(struct cell_result *r, struct boot_logs *boot,
		     unsigned int number)
{
	for (int pair = 0; pair < NR_PAIRS; pair++) {
		r->logs[pair] = grow(r->logs[pair], r->boots + 1,
				     sizeof(double));
		r->logs[pair][r->boots] = median_or_nan(boot->log[pair],
							boot->n[pair]);
		r->low_logs[pair] = grow(r->low_logs[pair], r->boots + 1,
					 sizeof(double));
		r->low_logs[pair][r->boots] = low_log(r, boot, pair);
	}
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		r->level[arm] = grow(r->level[arm], r->boots + 1,
				     sizeof(double));
		r->level[arm][r->boots] = median_or_nan(boot->level[arm],
							boot->levels[arm]);
		r->first_logs[arm] = grow(r->first_logs[arm], r->boots + 1,
					  sizeof(double));
		r->first_logs[arm][r->boots] = median_or_nan(boot->first[arm],
							     boot->firsts[arm]);
	}
	if (r->rounds)
		rounds_end_boot(r->rounds, r->boots);
	r->boot = grow(r->boot, r->boots + 1, sizeof(*r->boot));
	r->boot[r->boots++] = number;
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

/* How far apart are a boot's blocks, in what the cell is judged by? */
static void add_within(struct reading *reading, size_t cell,
		       const struct boot_logs *boot)
{
	const struct cell_result *r = &reading->a->cell[cell];
	enum arm own = r->hist[ARM_NEW] ? ARM_NEW : ARM_OLD;
	const double *logs = boot->log[PAIR_OLD_NEW];
	size_t n = boot->n[PAIR_OLD_NEW];

	if (!n) {
		logs = boot->level[own];
		n = boot->levels[own];
	}
	if (n < 2)
		return;
	reading->within[cell].squares += (n - 1) * gsl_stats_variance(logs, 1, n);
	reading->within[cell].df += n - 1;
}

/* A boot has ended, well or not: what there is of each cell counts. */
static void end_boots(struct reading *reading, unsigned int number,
		      const char *path)
{
	struct analysis *a = reading->a;

	for (size_t i = 0; i < a->plan.nr_cells; i++) {
		struct boot_logs *boot = &reading->boot[i];

		if (boot->blocks != a->plan.cells[i].blocks && !boot->skipped)
			note_incomplete(a, "%s: cell %s: %llu blocks, %u were planned",
					path, a->plan.cells[i].name,
					(unsigned long long)boot->blocks,
					a->plan.cells[i].blocks);
		add_within(reading, i, boot);
		if (boot->blocks)
			end_boot(&a->cell[i], boot, number);
		for (int pair = 0; pair < NR_PAIRS; pair++)
			free(boot->log[pair]);
		for (int arm = 0; arm < NR_ARMS; arm++) {
			free(boot->level[arm]);
			free(boot->first[arm]);
			free(boot->calls[arm].ticks);
		}
		*boot = (struct boot_logs){ 0 };
	}
	if (reading->last_ms)
		a->boot_ms += (reading->last_ms - a->boot_ms) / ++reading->boots;
	reading->last_ms = 0;
}

/* Of several processes, and only then, are the rounds told as such. */
static bool is_of_cell(const struct record_block *block, const struct cell *cell)
{
	if (cell->job != JOB_CONTEND)
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
	enum arm map[RECORD_MAX_ARMS] = { 0 };
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
			add_trace(&reading->traced[i][map[trace->arm]], trace);
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
			add_block(&a->cell[i], &reading->boot[i], block, map,
				  !*header->design);
	}
	if (status == RECORD_BAD)
		die(EXIT_HARNESS, "%s", error);
	if (status == RECORD_TRUNCATED)
		note_incomplete(a, "%s", error);
	end_boots(reading, header->boot, path);
	free(error);
	free(trace);
	free(block);
}

/*
 * What was found on a machine before a boot's measuring, added to that of others: for
 * each check the boots that were mended, and of the others each with what it was.
 */
static void add_doctor(struct analysis *a, const struct record_header *header,
		       const char *path)
{
	const char *check, *level, *what;
	json_t *found, *known;
	int mended;

	json_object_foreach(header->doctor, check, found) {
		if (json_unpack(found, "{s:s,s:s,s:b}", "level", &level, "what",
				&what, "mended", &mended))
			die(EXIT_HARNESS, "%s:1: '%s' is no finding", path, check);
		known = json_object_get(a->doctor, check);
		if (!known) {
			known = json_pack("{s:s,s:[],s:[]}", "level", level, "found",
					  "mended");
			json_object_set_new(a->doctor, check, known);
		}
		if (mended)
			json_array_append_new(json_object_get(known, "mended"),
					      json_integer(header->boot));
		else
			json_array_append_new(json_object_get(known, "found"),
					      json_pack("{s:i,s:s}", "boot",
							(int)header->boot,
							"what", what));
	}
}

json_t *analysis_spoiled(const struct analysis *a)
{
	json_t *list = json_array(), *finding, *found, *one;
	const char *check, *what;
	size_t i;

	json_object_foreach(a->doctor, check, finding) {
		size_t size = 0;
		char *text = NULL;
		FILE *file;

		found = json_object_get(finding, "found");
		if (!json_array_size(found) ||
		    strcmp(json_string_value(json_object_get(finding, "level")), "SPOILS"))
			continue;
		what = json_string_value(json_object_get(json_array_get(found, 0), "what"));
		file = open_memstream(&text, &size);
		if (!file)
			die(EXIT_HARNESS, "out of memory");
		fprintf(file, "%s: %s (boot", check, what);
		json_array_foreach(found, i, one)
			fprintf(file, " %lld",
				(long long)json_integer_value(json_object_get(one, "boot")));
		fputc(')', file);
		fclose(file);
		json_array_append_new(list, json_string(text));
		free(text);
	}
	return list;
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
		note_incomplete(a, "%s", error);
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
	add_doctor(a, &header, path);
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
		note_incomplete(a, "boot %u is not there", from);
	else
		note_incomplete(a, "boots %u to %u are not there", from, to);
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

/* A pair that no boot has is none; one that some lack is told, and none too. */
static struct stats_ratio estimate(struct analysis *a,
				   const struct cell_result *r, enum pair pair)
{
	size_t missing = 0;

	for (size_t i = 0; i < r->boots; i++)
		missing += isnan(r->logs[pair][i]) != 0;
	if (missing && missing < r->boots)
		note_incomplete(a, "%s: %s: %zu of %zu %ss do not have it",
				r->cell->name, pair_name(r, pair), missing,
				r->boots, analysis_level(a));
	if (missing)
		return (struct stats_ratio){ 0 };
	return stats_paired(r->logs[pair], r->boots, a->plan.confidence);
}

/* The ratio of logs, from the boots that have them */
static struct stats_ratio estimate_of(const struct analysis *a,
				      const struct cell_result *r, const double *of_boot)
{
	double *logs = grow(NULL, r->boots, sizeof(double));
	struct stats_ratio ratio = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		if (isfinite(of_boot[i]))
			logs[n++] = of_boot[i];
	}
	if (n)
		ratio = stats_paired(logs, n, a->plan.confidence);
	free(logs);
	return ratio;
}

static void end_trace(struct cell_result *r, struct traced traced[NR_ARMS])
{
	for (int arm = 0; arm < NR_ARMS; arm++) {
		struct traced *t = &traced[arm];

		for (int part = 0; t->n && part < NR_PARTS; part++)
			r->part[arm][part] = stats_median(t->v[part], t->n);
		if (t->n)
			r->whole[arm] = stats_median(t->v[NR_PARTS], t->n);
		for (int part = 0; part <= NR_PARTS; part++)
			free(t->v[part]);
	}
}

const char *pair_name(const struct cell_result *r, enum pair pair)
{
	static const char *const controls[NR_ARMS][2] = {
		[ARM_AGAIN] = { "again/new", "again/old" },
		[ARM_SAME] = { "same/new", "same/old" },
		[ARM_SAME_OLD] = { "same_old/old", "same_old/old" },
	};

	if (pair == PAIR_OLD_NEW)
		return "old/new";
	return controls[r->control][r->own == ARM_OLD];
}

const struct cell_result *analysis_reference(const struct analysis *a,
					     const struct cell_result *r)
{
	struct cell whole = *r->cell;

	if (whole.job != JOB_MIGRATE || whole.kind == KIND_NONE)
		return NULL;
	whole.kind = KIND_NONE;
	cell_set_name(&whole);
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (!strcmp(a->cell[i].cell->name, whole.name))
			return &a->cell[i];
	}
	return NULL;
}

double analysis_parts(const struct cell_result *r, enum arm arm)
{
	double sum = 0;

	if (!r->whole[arm] || !r->hist[arm])
		return 0;
	for (int part = 0; part < NR_PARTS; part++)
		sum += r->part[arm][part];
	return sum / stats_hist_quantile(r->hist[arm], 0.5);
}

const char *analysis_throughput_unit(const struct analysis *a)
{
	if (!strcmp(a->unit, "instructions"))
		return "bytes/instruction";
	return strcmp(a->unit, "tsc") ? "GiB/s (emulated)" : "GiB/s";
}

double analysis_throughput(const struct analysis *a,
			   const struct cell_result *r, enum arm arm)
{
	double thps = r->busy[arm].rounds * r->cell->thps * r->cell->threads;
	double rate = thps * THP_BYTES / r->busy[arm].ticks;

	if (!strcmp(a->unit, "instructions"))
		return rate;
	return rate * a->counter_khz * 1000 / (1 << 30);
}

const char *analysis_rate_unit(const struct analysis *a)
{
	if (!strcmp(a->unit, "instructions"))
		return "splits/M instructions";
	return strcmp(a->unit, "tsc") ? "splits/s (emulated)" : "splits/s";
}

double analysis_rate(const struct analysis *a, const struct cell_result *r,
		     enum arm arm)
{
	double sum = 0, rate;
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		if (isfinite(r->rounds->rate[arm][i])) {
			sum += r->rounds->rate[arm][i];
			n++;
		}
	}
	rate = n ? exp(sum / n) : NAN;
	if (!strcmp(a->unit, "instructions"))
		return rate * 1e6;
	return rate * a->counter_khz * 1000;
}

/*
 * The ratio of what boots say of one cell and of another, or of two arms of
 * one, from the boots that have both
 */
static struct stats_ratio between(const struct analysis *a,
				  const struct cell_result *r, const double *level,
				  const struct cell_result *other,
				  const double *other_level)
{
	double *logs = grow(NULL, r->boots, sizeof(double));
	struct stats_ratio ratio = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		for (size_t j = 0; j < other->boots; j++) {
			double log = level[i] - other_level[j];

			if (other->boot[j] == r->boot[i] && isfinite(log))
				logs[n++] = log;
		}
	}
	if (n)
		ratio = stats_paired(logs, n, a->plan.confidence);
	free(logs);
	return ratio;
}

/* No boot is left out: one where nothing got done says the most. */
static struct stats_ratio between_all(const struct analysis *a,
				      const struct cell_result *r,
				      const double *level, const double *other)
{
	for (size_t i = 0; i < r->boots; i++) {
		if (!isfinite(level[i]) || !isfinite(other[i]))
			return (struct stats_ratio){ 0 };
	}
	return between(a, r, level, r, other);
}

/* This cell's own over the whole THP's */
static struct stats_ratio fallback_cost(const struct analysis *a,
					const struct cell_result *r)
{
	const struct cell_result *whole = analysis_reference(a, r);

	if (!whole)
		return (struct stats_ratio){ 0 };
	return between(a, r, r->level[r->own], whole, whole->level[whole->own]);
}

const struct cell_result *analysis_alone(const struct analysis *a,
					 const struct cell_result *r)
{
	struct cell alone = *r->cell;

	if (alone.job != JOB_CONTEND || alone.threads == 1)
		return NULL;
	alone.threads = 1;
	cell_set_name(&alone);
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (!strcmp(a->cell[i].cell->name, alone.name))
			return &a->cell[i];
	}
	return NULL;
}

/* This cell's own over that of an unmapped THP's as it comes, to the same order */
static struct stats_ratio over_usual(const struct analysis *a,
				     const struct cell_result *r)
{
	struct cell usual = cell_split(r->cell->new_order);

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *u = &a->cell[i];

		if (r->cell->job == JOB_SPLIT && r != u &&
		    !strcmp(u->cell->name, usual.name))
			return between(a, r, r->level[r->own], u,
				       u->level[u->own]);
	}
	return (struct stats_ratio){ 0 };
}

static void estimate_rounds(const struct analysis *a, struct cell_result *r)
{
	const struct cell_result *alone = analysis_alone(a, r);
	const struct rounds *rounds = r->rounds;

	for (int arm = 0; arm < NR_ARMS; arm++) {
		if (alone && alone->rounds)
			r->scaling[arm] = between(a, r, rounds->rate[arm], alone,
						  alone->rounds->rate[arm]);
		if (arm != ARM_EMPTY)
			r->beside[arm] = between_all(a, r, rounds->beside_rate[arm],
						     rounds->beside_rate[ARM_EMPTY]);
	}
	r->beside_new = between_all(a, r, rounds->beside_rate[ARM_NEW],
				    rounds->beside_rate[ARM_OLD]);
}

static void judge(const struct analysis *a, struct cell_result *r)
{
	const struct stats_ratio *aa = &r->ratio[PAIR_CONTROL];
	const struct stats_ratio *ab = &r->ratio[PAIR_OLD_NEW];
	struct stats_ratio cost;
	double *slower;

	r->margin = a->plan.margin;
	r->aa_p = 1;
	if (aa->boots) {
		r->floor = fmax(aa->high, 1 / aa->low) - 1;
		r->aa_p = stats_not_one(r->logs[PAIR_CONTROL], r->boots,
					log1p(a->tolerance));
		r->margin = fmax(r->margin, r->floor);
	}
	r->verdict = STATS_NO_INFERENCE;
	r->regression_p = 1;
	r->differs_p = 1;
	if (!ab->boots)
		return;
	cost = stats_inverse(ab);
	r->verdict = stats_verdict(&cost, a->plan.margin, r->floor);
	r->differs_alone = stats_differs(&cost, a->plan.confidence) &&
			   fabs(cost.estimate - 1) >= fmax(r->floor, a->tolerance);
	if (ab->inference)
		r->differs_p = stats_not_one(r->logs[PAIR_OLD_NEW], r->boots,
					     log1p(a->tolerance));
	slower = grow(NULL, r->boots, sizeof(double));
	for (size_t i = 0; i < r->boots; i++)
		slower[i] = -r->logs[PAIR_OLD_NEW][i];
	r->regression_p = stats_beyond(slower, r->boots, log1p(r->margin));
	free(slower);
}

/*
 * Of many cells, one in twenty would differ by chance alone: what is claimed of all of
 * them together is wrong in 5 % of runs at most.
 */
static void judge_differences(struct analysis *a, double *p, bool *falls)
{
	size_t n = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].ratio[PAIR_OLD_NEW].inference)
			p[n++] = a->cell[i].differs_p;
	}
	stats_holm(p, n, 1 - a->plan.confidence, falls);
	a->tested = n;
	n = 0;
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (a->cell[i].ratio[PAIR_OLD_NEW].inference)
			a->cell[i].differs = falls[n++] && a->cell[i].differs_alone;
	}
}

/* One exit code for all cells: chance must not find one among many. */
static void judge_all(struct analysis *a)
{
	double *p = grow(NULL, a->nr_cells, sizeof(*p));
	bool *falls = grow(NULL, a->nr_cells, sizeof(bool));

	judge_differences(a, p, falls);

	for (size_t i = 0; i < a->nr_cells; i++)
		p[i] = a->cell[i].aa_p;
	stats_holm(p, a->nr_cells, 1 - a->plan.confidence, falls);
	for (size_t i = 0; i < a->nr_cells; i++)
		a->cell[i].aa_failed = falls[i];
	/* Where the same is not the same, nothing else can be believed. */
	for (size_t i = 0; i < a->nr_cells; i++)
		p[i] = a->cell[i].aa_failed ? 1 : a->cell[i].regression_p;
	stats_holm(p, a->nr_cells, (1 - a->plan.confidence) / 2, falls);
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		if ((r->verdict == STATS_REGRESSION && !falls[i]) ||
		    (r->verdict != STATS_NO_INFERENCE && r->aa_failed))
			r->verdict = STATS_INCONCLUSIVE;
		/* One verdict must not be at odds with another. */
		r->differs |= r->verdict == STATS_REGRESSION;
		a->regressions += r->verdict == STATS_REGRESSION;
		a->inconclusive += r->verdict != STATS_REGRESSION &&
				   r->verdict != STATS_NO_REGRESSION;
		a->aa_failed += r->aa_failed;
		a->faults += r->faults;
	}
	free(falls);
	free(p);
}

const char *analysis_level(const struct analysis *a)
{
	return a->plan.builds > 1 ? "build" : "boot";
}

/* What the boots of a build say becomes what the build says: their mean. */
static void average(double *logs, const unsigned int *build, size_t boots,
		    const unsigned int *builds, size_t nr)
{
	double *means = grow(NULL, nr + 1, sizeof(double));

	for (size_t b = 0; b < nr; b++) {
		double sum = 0;
		size_t n = 0;

		for (size_t i = 0; i < boots; i++) {
			if (build[i] == builds[b] && isfinite(logs[i])) {
				sum += logs[i];
				n++;
			}
		}
		means[b] = n ? sum / n : NAN;
	}
	memcpy(logs, means, nr * sizeof(double));
	free(means);
}

/*
 * Where code lies is drawn anew for each build, and not for each boot: boots of
 * one build are no independent samples of what another layout would say.
 */
static void reduce_to_builds(const struct analysis *a, struct cell_result *r)
{
	unsigned int *build = grow(NULL, r->boots + 1, sizeof(*build));
	unsigned int *builds = grow(NULL, r->boots + 1, sizeof(*builds));
	size_t nr = 0;

	for (size_t i = 0; i < r->boots; i++)
		build[i] = plan_build_of(&a->plan, r->boot[i]);
	for (unsigned int b = 1; b <= a->plan.builds; b++) {
		bool any = false;

		for (size_t i = 0; i < r->boots; i++)
			any |= build[i] == b;
		if (any)
			builds[nr++] = b;
	}
	for (int pair = 0; pair < NR_PAIRS; pair++) {
		average(r->logs[pair], build, r->boots, builds, nr);
		average(r->low_logs[pair], build, r->boots, builds, nr);
	}
	for (int arm = ARM_OLD; arm < NR_ARMS; arm++) {
		average(r->level[arm], build, r->boots, builds, nr);
		average(r->first_logs[arm], build, r->boots, builds, nr);
	}
	for (int arm = 0; r->rounds && arm < NR_ARMS; arm++) {
		average(r->rounds->rate[arm], build, r->boots, builds, nr);
		average(r->rounds->beside_rate[arm], build, r->boots, builds, nr);
	}
	memcpy(r->boot, builds, nr * sizeof(*builds));
	r->boots = nr;
	free(build);
	free(builds);
}

/* The split that a cell is of, without what went before and where it is */
static bool split_of(const struct cell *cell, struct cell *split)
{
	if (cell->job == JOB_MIGRATE || cell->threads > 1 || cell->beside != BESIDE_NONE)
		return false;
	*split = cell_split(cell->new_order);
	split->order = cell->order;
	split->state = cell->job == JOB_SPLIT ? cell->state : STATE_UNMAPPED;
	split->folio = cell->job == JOB_SPLIT ? cell->folio : FOLIO_ANON;
	cell_set_name(split);
	return true;
}

size_t analysis_spreads(const struct analysis *a, struct analysis_spread **spreads)
{
	struct analysis_spread *list = grow(NULL, a->nr_cells, sizeof(*list));
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		double ratio = a->cell[i].ratio[PAIR_OLD_NEW].estimate;
		struct cell split;
		size_t at;

		if (!a->cell[i].ratio[PAIR_OLD_NEW].boots ||
		    !split_of(a->cell[i].cell, &split))
			continue;
		for (at = 0; at < n && strcmp(list[at].name, split.name); at++)
			;
		if (at == n) {
			list[n] = (struct analysis_spread){ .low = ratio, .high = ratio };
			strcpy(list[n++].name, split.name);
		}
		list[at].cells++;
		list[at].low = fmin(list[at].low, ratio);
		list[at].high = fmax(list[at].high, ratio);
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i].cells > 1)
			list[kept++] = list[i];
	}
	*spreads = list;
	return kept;
}

/* Cells that nothing was measured of are told, and no longer looked at. */
static void drop_empty_cells(struct analysis *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		r->own = r->hist[ARM_NEW] ? ARM_NEW : ARM_OLD;
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
		end_trace(&a.cell[i], reading.traced[i]);
		if (a.skipped[i] && a.cell[i].boots)
			note_incomplete(&a, "cell %s: skipped in some boots, not in others: %s",
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
			reduce_to_builds(&a, &a.cell[i]);
	}
	for (size_t i = 0; i < a.nr_cells; i++) {
		struct cell_result *r = &a.cell[i];

		for (int pair = 0; pair < NR_PAIRS; pair++)
			r->ratio[pair] = estimate(&a, r, pair);
		for (int arm = ARM_OLD; arm < NR_ARMS; arm++)
			r->warming[arm] = estimate_of(&a, r, r->first_logs[arm]);
		for (int pair = 0; pair < NR_PAIRS && !a.tolerance; pair++) {
			/* Not of boots that others lack. */
			if (r->ratio[pair].boots)
				r->low_ratio[pair] = estimate_of(&a, r, r->low_logs[pair]);
		}
		r->fallback = fallback_cost(&a, r);
		r->usual = over_usual(&a, r);
		if (r->rounds)
			estimate_rounds(&a, r);
		judge(&a, r);
	}
	judge_all(&a);
	free(reading.boot);
	free(reading.traced);
	free(reading.within);
	return a;
}

void analysis_free(struct analysis *a)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		for (int arm = 0; arm < NR_ARMS; arm++) {
			stats_hist_free(r->hist[arm]);
			stats_hist_free(r->first[arm]);
			free(r->first_logs[arm]);
		}
		for (int pair = 0; pair < NR_PAIRS; pair++) {
			free(r->logs[pair]);
			free(r->low_logs[pair]);
		}
		for (int arm = 0; arm < NR_ARMS; arm++)
			free(r->level[arm]);
		free(r->boot);
		rounds_free(r->rounds);
	}
	for (size_t i = 0; i < a->plan.nr_cells; i++)
		free(a->skipped[i]);
	free(a->skipped);
	free(a->cell);
	free(a->release);
	free(a->cpu);
	free(a->incomplete);
	json_decref(a->doctor);
	plan_free(&a->plan);
}
