// SPDX-License-Identifier: GPL-2.0
/* Two runs of two kernels: boots are not paired */
#include "analysis/compare.h"

#include <errno.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/claims.h"
#include "analysis/machine_diff.h"
#include "analysis/sample_size.h"
#include "util/util.h"

static const char side_names[NR_SIDES] = { 'A', 'B' };

static void *alloc(size_t n, size_t size)
{
	void *mem = calloc(n, size);

	if (!mem)
		die(EXIT_HARNESS, "out of memory");
	return mem;
}

static const struct cell_result *find(const struct analysis *run,
				      const char *name)
{
	for (size_t i = 0; i < run->nr_cells; i++) {
		if (!strcmp(run->cell[i].cell->name, name))
			return &run->cell[i];
	}
	return NULL;
}

/* How often a cell is measured is a part of what it measures. */
static void require_same_cell(const struct cell *a, const struct cell *b)
{
	if (a->blocks != b->blocks || a->warmup != b->warmup ||
	    a->reps != b->reps)
		die(EXIT_USAGE, "cell %s: A's plan has %u blocks (%u before them) of %u, B's has %u (%u) of %u: runs of different plans are not compared",
		    a->name, a->blocks, a->warmup, a->reps, b->blocks,
		    b->warmup, b->reps);
}

static void require_comparable(const struct comparison *c)
{
	const struct analysis *a = &c->run[SIDE_A], *b = &c->run[SIDE_B];

	if (strcmp(a->unit, b->unit))
		die(EXIT_USAGE, "A's unit is %s, B's is %s: they are not compared",
		    a->unit, b->unit);
	if (a->plan.cpus != b->plan.cpus)
		die(EXIT_USAGE, "A's plan has %u CPUs, B's has %u: runs of different plans are not compared",
		    a->plan.cpus, b->plan.cpus);
	if (a->plan.confidence != b->plan.confidence ||
	    a->plan.margin != b->plan.margin)
		die(EXIT_USAGE, "A's plan has a margin of %g at a confidence of %g, B's %g at %g: what counts as a difference was not declared",
		    a->plan.margin, a->plan.confidence, b->plan.margin,
		    b->plan.confidence);
	/* What is called before the native split keeps caches warm or cold for it. */
	if (strcmp(a->design, b->design))
		die(EXIT_USAGE, "A's calls are ordered by design '%s', B's by '%s': measure both with the same version of splitbench",
		    a->design, b->design);
	if (a->plan.arms != b->plan.arms)
		die(EXIT_USAGE, "A and B have plans with different arms: runs of different plans are not compared");
	if (a->plan.builds != b->plan.builds)
		die(EXIT_USAGE, "A has %u builds, B has %u: their intervals do not mean the same",
		    a->plan.builds, b->plan.builds);
}

__attribute__((format(printf, 2, 3)))
static void warn_of(struct comparison *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	json_array_append_new(c->warnings, json_vsprintf(fmt, args));
	va_end(args);
}

/* What a boot says of a row; one without blocks of that arm says nothing. */
static size_t logs_of(const struct compare_row *row, enum side side,
		      double *logs)
{
	const struct cell_result *r = row->cell[side];
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		double log = r->level[row->arm[side]][i];

		if (isfinite(log))
			logs[n++] = log;
	}
	return n;
}

/* For as many boots of each: Student's t for a difference of two means */
static unsigned int boots_needed(const struct compare_row *row,
				 double confidence, double margin)
{
	double variance = (row->spread[SIDE_A] * row->spread[SIDE_A] +
			   row->spread[SIDE_B] * row->spread[SIDE_B]);

	if (row->boots[SIDE_A] < 2 || row->boots[SIDE_B] < 2)
		return 0;
	return advise_boots(variance, 2, log1p(margin), confidence,
			    STATS_MIN_EACH);
}

static void judge(struct comparison *c, struct compare_row *row)
{
	double *logs[NR_SIDES], confidence = c->run[SIDE_A].plan.confidence;
	double margin = c->run[SIDE_A].plan.margin;

	for (int side = 0; side < NR_SIDES; side++) {
		const struct cell_result *r = row->cell[side];

		logs[side] = alloc(r->boots, sizeof(double));
		row->boots[side] = logs_of(row, side, logs[side]);
		if (row->boots[side] > 1)
			row->spread[side] = gsl_stats_sd(logs[side], 1,
							 row->boots[side]);
		row->floor = fmax(row->floor, r->floor);
		row->aa_failed |= r->aa_failed;
	}
	row->margin = fmax(margin, row->floor);
	row->regression_p = 1;
	row->improvement_p = 1;
	row->differs_p = 1;
	if (row->boots[SIDE_A] && row->boots[SIDE_B]) {
		row->ratio = stats_unpaired(logs[SIDE_A], row->boots[SIDE_A],
					    logs[SIDE_B], row->boots[SIDE_B],
					    confidence);
		row->verdict = stats_verdict(&row->ratio, margin, row->floor);
		row->needed = boots_needed(row, confidence, margin);
		row->differs_alone = !row->aa_failed &&
			       stats_differs(&row->ratio, confidence) &&
			       fabs(row->ratio.estimate - 1) >=
			       fmax(row->floor, c->run[SIDE_A].tolerance);
	}
	if (row->ratio.inference) {
		const double *la = logs[SIDE_A], *lb = logs[SIDE_B];
		size_t na = row->boots[SIDE_A], nb = row->boots[SIDE_B];

		row->differs_p = stats_unpaired_not_one(la, na, lb, nb);
		row->regression_p = stats_unpaired_beyond(la, na, lb, nb,
							  log1p(row->margin));
		row->improvement_p = stats_unpaired_beyond(lb, nb, la, na,
							   log1p(row->margin));
	}
	for (int side = 0; side < NR_SIDES; side++)
		free(logs[side]);
}

/* What each row of a comparison claims by itself, to @claim; or back from there */
static size_t claims_of(const struct comparison *c, struct claim *claim)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nr_rows; i++) {
		const struct compare_row *row = &c->row[i];

		if (row->control)
			continue;
		claim[n++] = (struct claim){
			.inference = row->ratio.inference,
			.control_failed = row->aa_failed,
			.differs_alone = row->differs_alone,
			.differs_p = row->differs_p,
			.regression_p = row->regression_p,
			.improvement_p = row->improvement_p,
			.verdict = row->verdict,
		};
	}
	return n;
}

static size_t take_claims(struct comparison *c, const struct claim *claim)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nr_rows; i++) {
		struct compare_row *row = &c->row[i];

		if (row->control)
			continue;
		row->differs = claim[n].differs;
		row->verdict = claim[n++].verdict;
		c->regressions += row->verdict == STATS_REGRESSION;
		c->improvements += row->verdict == STATS_IMPROVEMENT;
		c->inconclusive += row->verdict != STATS_REGRESSION &&
				   !stats_verdict_good(row->verdict);
	}
	return n;
}

/* All rows of all comparisons that are read together are one family. */
static void judge_all(struct comparison *c, size_t nr)
{
	struct claim_counts counts;
	struct claim *claim;
	size_t n = 0;

	for (size_t i = 0; i < nr; i++)
		n += c[i].nr_rows;
	claim = alloc(n + 1, sizeof(*claim));
	n = 0;
	for (size_t i = 0; i < nr; i++)
		n += claims_of(&c[i], claim + n);
	counts = claims_judge(claim, n, c->run[SIDE_A].plan.confidence);
	n = 0;
	for (size_t i = 0; i < nr; i++) {
		n += take_claims(&c[i], claim + n);
		c[i].tested = counts.tested;
	}
	free(claim);
}

static void add_row(struct comparison *c, const struct cell_result *a,
		    const struct cell_result *b, unsigned int arm_a,
		    unsigned int arm_b, bool control)
{
	struct compare_row *row = &c->row[c->nr_rows++];

	row->cell[SIDE_A] = a;
	row->cell[SIDE_B] = b;
	row->arm[SIDE_A] = arm_a;
	row->arm[SIDE_B] = arm_b;
	row->control = control;
	judge(c, row);
}

/* Each with itself, on the other kernel */
static void add_variants(struct comparison *c, const struct cell_result *a,
			 const struct cell_result *b)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (!analysis_is_variant(&c->run[SIDE_A], arm) || !a->hist[arm] ||
		    !b->hist[arm])
			continue;
		add_row(c, a, b, arm, arm, false);
		c->row[c->nr_rows - 1].variant = true;
	}
}

static void add_rows(struct comparison *c)
{
	const struct analysis *a = &c->run[SIDE_A], *b = &c->run[SIDE_B];

	c->row = alloc(ARM_MAX * a->nr_cells, sizeof(*c->row));
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *in_a = &a->cell[i];
		const struct cell_result *in_b = find(b, in_a->cell->name);

		if (!in_b) {
			warn_of(c, "cell %s: only A has it", in_a->cell->name);
			continue;
		}
		require_same_cell(in_a->cell, in_b->cell);
		add_row(c, in_a, in_b, in_a->own, in_b->own, false);
		if (in_a->own != in_b->own && in_a->hist[ARM_OLD] &&
		    in_b->hist[ARM_OLD])
			add_row(c, in_a, in_b, ARM_OLD, ARM_OLD, true);
		add_variants(c, in_a, in_b);
	}
	for (size_t i = 0; i < b->nr_cells; i++) {
		if (!find(a, b->cell[i].cell->name))
			warn_of(c, "cell %s: only B has it", b->cell[i].cell->name);
	}
	if (!c->nr_rows)
		die(EXIT_USAGE, "%s and %s have no cell in common: runs of different plans are not compared",
		    c->dir[SIDE_A], c->dir[SIDE_B]);
}

static void look_at_runs(struct comparison *c)
{
	for (int side = 0; side < NR_SIDES; side++) {
		const struct analysis *run = &c->run[side];
		json_t *spoiled;

		if (run->plan.plant)
			warn_of(c, "%c was PLANTED: slowed down by %u iterations",
				side_names[side], run->plan.plant);
		if (run->incomplete)
			warn_of(c, "%c is incomplete, the rest was used: %.*s",
				side_names[side],
				(int)strcspn(run->incomplete, "\n"),
				run->incomplete);
		if (run->faults)
			warn_of(c, "%c has calls that broke the contract",
				side_names[side]);
		spoiled = analysis_spoiled(run);
		for (size_t i = 0; i < json_array_size(spoiled); i++)
			warn_of(c, "%c was spoiled by %s", side_names[side],
				json_string_value(json_array_get(spoiled, i)));
		json_decref(spoiled);
		c->faults += run->faults;
		c->incomplete |= !!run->incomplete;
		for (size_t i = 0; i < run->plan.nr_grown; i++)
			warn_of(c, "%c: " PLAN_GROWN_TEXT,
				side_names[side], run->plan.grown[i]);
	}
}

/* A run may have been renamed since its plan was made. */
static char *folder_name(const char *dir)
{
	char *real = realpath(dir, NULL), *name;

	if (!real)
		die(EXIT_HARNESS, "%s: %s", dir, strerror(errno));
	name = strdup(basename(real));
	free(real);
	return name;
}

static void require_two(const char *a, const char *b)
{
	char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);

	if (real_a && real_b && !strcmp(real_a, real_b))
		die(EXIT_USAGE, "A and B are the same run, %s: there is nothing to compare",
		    real_a);
	free(real_a);
	free(real_b);
}

/* Of a machine's one boot, two runs may have been measured, one after the other. */
static bool is_copy(const struct record_header *a, const struct record_header *b)
{
	return analysis_same_boot(a, b) && a->seed == b->seed && !strcmp(a->started, b->started);
}

/* Copies are no observations of their own, whatever the folders are called. */
static void require_boots_of_their_own(const struct comparison *c)
{
	const struct analysis *a = &c->run[SIDE_A], *b = &c->run[SIDE_B];

	for (size_t i = 0; i < a->nr_seen; i++) {
		for (size_t j = 0; j < b->nr_seen; j++) {
			if (is_copy(&a->seen[i], &b->seen[j]))
				die(EXIT_USAGE, "%s/boot-%u.jsonl and %s/boot-%u.jsonl are the same record, of which one is a copy: compare runs that were measured separately",
				    c->dir[SIDE_A], a->seen[i].boot, c->dir[SIDE_B],
				    b->seen[j].boot);
		}
	}
}

const char *compare_label(const struct comparison *c, enum side side)
{
	const char *a = plan_target(&c->run[SIDE_A].plan, "label");
	const char *b = plan_target(&c->run[SIDE_B].plan, "label");

	/* Only if it tells them apart */
	if (!a || !b || !strcmp(a, b))
		return c->name[side];
	return side == SIDE_A ? a : b;
}

static struct comparison compare_unjudged(const char *a, const char *b)
{
	struct comparison c = { .dir = { a, b } };

	require_two(a, b);
	c.run[SIDE_A] = analyse(a);
	c.run[SIDE_B] = analyse(b);
	for (int side = 0; side < NR_SIDES; side++)
		c.name[side] = folder_name(c.dir[side]);
	require_comparable(&c);
	require_boots_of_their_own(&c);
	c.warnings = machine_diff(a, b);
	look_at_runs(&c);
	add_rows(&c);
	return c;
}

struct comparison compare_runs(const char *a, const char *b)
{
	struct comparison c = compare_unjudged(a, b);

	judge_all(&c, 1);
	return c;
}

struct comparison *compare_in_turn(const char *const *dir, size_t n)
{
	struct comparison *c = alloc(2 * n, sizeof(*c));

	for (size_t i = 1; i < n; i++) {
		c[compare_first(i)] = compare_unjudged(dir[0], dir[i]);
		if (i > 1)
			c[compare_before(i)] = compare_unjudged(dir[i - 1], dir[i]);
	}
	judge_all(c, compare_before(n - 1) + 1);
	return c;
}

void compare_free(struct comparison *c)
{
	for (int side = 0; side < NR_SIDES; side++) {
		analysis_free(&c->run[side]);
		free(c->name[side]);
	}
	free(c->row);
	json_decref(c->warnings);
}

const char *compare_arms(const struct compare_row *row, char text[16])
{
	if (row->arm[SIDE_A] == row->arm[SIDE_B])
		snprintf(text, 16, "%s", arm_name(row->arm[SIDE_A]));
	else
		snprintf(text, 16, "%s > %s", arm_name(row->arm[SIDE_A]),
			 arm_name(row->arm[SIDE_B]));
	return text;
}

double compare_quantile(const struct compare_row *row, enum side side, double q)
{
	return stats_hist_quantile(row->cell[side]->hist[row->arm[side]], q);
}

const char *compare_verdict(const struct compare_row *row)
{
	if (row->control)
		return "control";
	return row->aa_failed ? "A/A FAILED" : stats_verdict_name(row->verdict);
}
