// SPDX-License-Identifier: GPL-2.0
/* splitbench migrate: rounds of cells, without a plan or a run */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/builtin.h"
#include "machine/guard.h"
#include "stats/stats.h"
#include "sys/split_path.h"
#include "util/options.h"
#include "util/output.h"
#include "util/util.h"
#include "workload/migrate_round.h"

#define MAX_ROUNDS	1000000
#define MAX_TRIES	8
/* The first options are lists of parameters of cells, under the names of these. */
#define NR_LISTS	5

/**
 * struct totals - what the rounds of a cell and arm gave
 * @hist: ticks of each THP; NULL for an arm that is not measured
 * @rejected: rounds that took another path
 * @why: one of the reasons
 */
struct totals {
	struct stats_hist *hist;
	unsigned int rejected;
	char why[96];
};

/**
 * struct options - what the command line says
 * @list: parameters of cells, by the rows of the first options; NULL: the default
 * @cells: all that they stand for
 * @nr_cells: how many
 * @m: of all of them
 * @seed: of the pattern
 * @rounds: of each cell and arm
 * @which: "old", "new" or "both"
 * @json: print JSON
 * @list_arms: only print the arms that this kernel has
 */
struct options {
	const char *list[NR_LISTS];
	struct cell *cells;
	size_t nr_cells;
	struct measure m;
	unsigned int seed;
	unsigned int rounds;
	const char *which;
	bool json;
	bool list_arms;
};

/* Others make calls slower, and never faster: the low ones are what is undisturbed. */
static const double quantiles[] = { DBL_MIN, 0.1, 0.25, 0.5, 0.9, 0.99 };
static const char *const quantile_names[] = {
	"min", "p10", "p25", "median", "p90", "p99"
};

static void one_round(struct migrate *s, const struct cell *cell, unsigned int arm,
		      bool count, struct totals *totals)
{
	static struct fsb_sample sample[RECORD_MAX_CALLS];
	uint64_t phases[NR_PHASES] = { 0 };
	struct migrate_round round = { .sample = sample, .phases = phases };
	unsigned int tries = 0;

	while (migrate_round(s, arm, &round)) {
		totals->rejected++;
		strcpy(totals->why, round.why);
		if (++tries == MAX_TRIES)
			die(EXIT_DIFFERS, "%s: round after round took another path: %s",
			    cell->name, round.why);
	}
	for (unsigned int i = 0; count && i < cell->thps * cell->threads; i++)
		stats_hist_add(totals->hist, sample[i].ticks);
}

static void print_text(const struct options *o, const struct cell *cell,
		       const struct totals *totals)
{
	for (int arm = 0; arm < ARM_MAX; arm++) {
		const struct totals *t = &totals[arm];

		if (!t->hist)
			continue;
		printf("%s %s:", cell->name, arm_name(arm));
		for (size_t q = 0; q < ARRAY_SIZE(quantiles); q++)
			printf(" %s %.8g,", quantile_names[q],
			       stats_hist_quantile(t->hist, quantiles[q]));
		printf(" %s per THP, %llu THPs", o->m.header.unit,
		       (unsigned long long)stats_hist_n(t->hist));
		if (t->rejected)
			printf("; %u rounds not counted (%s)", t->rejected,
			       t->why);
		putchar('\n');
	}
}

static json_t *cell_result_json(const struct cell *cell,
				const struct totals *totals)
{
	json_t *arms = json_object();

	for (int arm = 0; arm < ARM_MAX; arm++) {
		const struct totals *t = &totals[arm];
		json_t *doc;

		if (!t->hist)
			continue;
		doc = json_pack("{s:I,s:I,s:i}",
				"n", (json_int_t)stats_hist_n(t->hist),
				"max", (json_int_t)stats_hist_max(t->hist),
				"rejected", t->rejected);
		for (size_t q = 0; q < ARRAY_SIZE(quantiles); q++)
			json_object_set_new(doc, quantile_names[q],
					    json_real(stats_hist_quantile(t->hist, quantiles[q])));
		json_object_set_new(arms, arm_name(arm), doc);
	}
	return json_pack("{s:s,s:o,s:o}", "name", cell->name,
			 "params", cell_params(cell), "arms", arms);
}

static void print_result(const struct options *o, struct totals (*totals)[ARM_MAX])
{
	json_t *cells = json_array(), *doc;

	for (size_t i = 0; i < o->nr_cells; i++) {
		if (o->json)
			json_array_append_new(cells,
					      cell_result_json(&o->cells[i],
							       totals[i]));
		else
			print_text(o, &o->cells[i], totals[i]);
	}
	doc = json_pack("{s:s,s:s,s:o}", "schema", "splitbench.migrate/1",
			"unit", o->m.header.unit, "cells", cells);
	if (o->json) {
		json_dumpf(doc, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(doc);
	output_flush("the result");
}

/* Which arms are wanted and there; others are reported. Return: how many. */
static unsigned int choose_arms(const struct options *o,
				const struct migrate *s, unsigned int arms[2])
{
	unsigned int nr = 0;

	for (int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
		if (strcmp(o->which, "both") && strcmp(o->which, arm_name(arm)))
			continue;
		if (migrate_has_arm(s, arm))
			arms[nr++] = arm;
		else if (!strcmp(o->which, "both"))
			fprintf(stderr,
				"splitbench: this kernel does not have arm '%s'\n",
				arm_name(arm));
	}
	if (!nr)
		die(EXIT_SKIP, "this kernel does not have arm '%s': build one with the series in patches/ and CONFIG_FOLIO_SPLIT_OLD",
		    o->which);
	return nr;
}

/* Cells and arms in turn, so that a machine's moods are shared by all. */
static void run_rounds(struct options *o)
{
	struct migrate **s = calloc(o->nr_cells, sizeof(*s));
	struct totals (*totals)[ARM_MAX] = calloc(o->nr_cells, sizeof(*totals));
	unsigned int arms[2];
	unsigned int nr;

	if (!s || !totals)
		die(EXIT_HARNESS, "out of memory");
	for (size_t c = 0; c < o->nr_cells; c++) {
		s[c] = migrate_new(&o->m, &o->cells[c]);
		migrate_prepare(s[c], 2 * o->rounds);
	}
	nr = choose_arms(o, s[0], arms);
	for (size_t c = 0; c < o->nr_cells; c++) {
		for (unsigned int j = 0; j < nr; j++)
			totals[c][arms[j]].hist = stats_hist_new();
	}
	for (unsigned int i = 0; i < o->rounds; i++) {
		for (size_t c = 0; c < o->nr_cells; c++) {
			for (unsigned int j = 0; j < nr; j++) {
				unsigned int arm = arms[(i + j) % nr];

				/* The first round of each finds everything cold. */
				one_round(s[c], &o->cells[c], arm,
					  i || o->rounds == 1, &totals[c][arm]);
			}
		}
	}
	for (size_t c = 0; c < o->nr_cells; c++)
		migrate_free(s[c]);
	print_result(o, totals);
	if (guard_end())
		die(EXIT_HARNESS, "the machine is not as it was before; see above");
	for (size_t c = 0; c < o->nr_cells; c++) {
		for (int arm = 0; arm < ARM_MAX; arm++)
			stats_hist_free(totals[c][arm].hist);
	}
	free(totals);
	free(s);
}

static const char *take_arm(void *options, char *arm)
{
	struct options *o = options;

	o->which = arm;
	return !strcmp(arm, "both") || !strcmp(arm, "old") || !strcmp(arm, "new") ? NULL :
	       "is unknown; known: old new both";
}

static const struct option_row rows[] = {
	{ OPTION(TEXT, "direction", 'd', "D,...", "to-dev, to-sys (to-dev)", list[0]) },
	{ OPTION(TEXT, "kind", 'k', "K,...",
		 "none, pages, flag, inject, fragment (flag): the THPs migrate whole; there are small pages only; the device fails on request; the page allocator is made to fail (fail_page_alloc); memory is fragmented until it fails",
		 list[1]) },
	{ OPTION(TEXT, "thps", 'n', "N,...", "THPs of a round and thread (1)", list[2]) },
	{ OPTION(TEXT, "threads", 't', "N,...", "threads, each with its THPs (1)", list[3]) },
	{ OPTION(TEXT, "devices", 'D', "N,...",
		 "test devices that they take turns on, 1 or 2 (1)", list[4]) },
	{ OPTION(NUMBER, "rounds", 'r', "N",
		 "rounds of each cell and arm, the first one not counted (10)", rounds),
	  .min = 1, .max = MAX_ROUNDS, .group = 1 },
	{ OPTION(CALL, "arm", 'a', "A",
		 "old, new, or both in turn (both, where the kernel has both)", which),
	  .call = take_arm, .group = 1 },
	{ OPTION(NUMBER, "seed", 's', "N", "seed of the test pattern (1)", seed),
	  .max = UINT32_MAX, .group = 1 },
	{ OPTION(TEXT, "test-hmm", 'T', "FILE",
		 "load test_hmm from FILE if it is not loaded", m.test_hmm), .group = 1 },
	{ OPTION(FLAG, "json", 'j', NULL, "print JSON", json), .group = 1 },
	{ OPTION(FLAG, "list-arms", 'l', NULL,
		 "only print the arms that this kernel has with their functions, the kernel's own last",
		 list_arms), .group = 1 },
	{ }
};

/* "1,2" is a list of a plan's line; what is in it is checked there. */
static json_t *split_list(const char *text)
{
	json_t *values = json_array();
	char *list = strdup(text);

	if (!values || !list)
		die(EXIT_HARNESS, "out of memory");
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		char *end;
		long number = strtol(word, &end, 10);

		json_array_append_new(values, *end ? json_string(word) :
						     json_integer(number));
	}
	free(list);
	return values;
}

/* The cells that the lists stand for */
static void expand_lists(struct options *o)
{
	json_t *line = json_pack("{s:s,s:s,s:i,s:i,s:i}", "job", "migrate", "kind", "flag",
				 "blocks", 1, "warmup", 0, "reps", 1);
	const char *wrong;

	if (!line)
		die(EXIT_HARNESS, "out of memory");
	for (size_t i = 0; i < NR_LISTS; i++) {
		if (o->list[i])
			json_object_set_new(line, rows[i].name, split_list(o->list[i]));
	}
	wrong = cells_expand(line, 0, &o->cells, &o->nr_cells);
	if (wrong)
		die(EXIT_USAGE, "%s", wrong);
	json_decref(line);
}

/* Fragmented memory leaves no room for what others want to allocate. */
static void require_alone(const struct options *o)
{
	for (size_t i = 0; i < o->nr_cells; i++) {
		if (o->nr_cells > 1 && o->cells[i].kind == KIND_FRAGMENT)
			die(EXIT_USAGE, "fragment is measured alone, in one direction");
	}
}

static int list_arms(void)
{
	unsigned int arms = split_path_arms();

	for (unsigned int arm = ARM_OLD; arm <= ARM_NEW; arm++) {
		if (arms & ARM_BIT(arm))
			printf("%s %s\n", arm_name(arm), split_path_function(arm));
	}
	output_flush("the arms");
	return EXIT_DONE;
}

int cmd_migrate(int argc, char **argv)
{
	static const struct option_table table = {
		.rows = rows,
		.doc = "Migrate THPs between the system and the kernel's test device (test_hmm), and print the cost of each in ticks of the CPU's counter. Lists are measured in turn. Every byte is verified, and the kernel's counters are checked for the path that was taken. Needs root.",
	};
	struct options o = { .seed = 1, .rounds = 10, .which = "both" };

	options_parse(&table, argc, argv, &o);
	if (o.list_arms)
		return list_arms();
	o.m.plan.seed = o.seed;
	expand_lists(&o);
	require_alone(&o);
	guard_start();
	job_init(&o.m);
	run_rounds(&o);
	gsl_rng_free(o.m.rng);
	free(o.cells);
	return EXIT_DONE;
}
