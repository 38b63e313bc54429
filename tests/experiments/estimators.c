// SPDX-License-Identifier: GPL-2.0
/*
 * What should stand for a boot on a clock that others disturb? Disturbances make calls
 * slower and never faster. Each estimator's log-ratio of old to new is taken of every
 * boot of real runs: how far do the boots lie apart, and how often is a slowdown found
 * that was injected?
 *
 *   estimators DRAWS BOOTS RUN [SLOWED]
 *
 * Of RUN: sd of each estimator between boots, and as one and the same is held against
 * itself (again/new), how often a difference is found that is none. With SLOWED, the same
 * kernel whose new was slowed down: how often BOOTS boots of each find that, in DRAWS
 * draws without replacement.
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/plan.h"
#include "record/record.h"
#include "stats/stats.h"
#include "util/util.h"

#define MAX_BOOTS	256
#define MAX_BLOCKS	256
#define MAX_CALLS	8192

/* Ticks of the calls of a boot, less the empty call's, of each arm and block */
struct boot {
	unsigned int blocks;
	unsigned int n[ARM_MAX][MAX_BLOCKS];
	double ticks[ARM_MAX][MAX_BLOCKS][64];
};

static double sorted_quantile(double *v, size_t n, double q)
{
	gsl_sort(v, 1, n);
	return gsl_stats_quantile_from_sorted_data(v, 1, n, q);
}

/* Of all calls of an arm together */
static double pooled(const struct boot *b, unsigned int which, double q)
{
	static double v[MAX_CALLS];
	size_t n = 0;

	for (unsigned int i = 0; i < b->blocks; i++) {
		for (unsigned int j = 0; j < b->n[which][i] && n < MAX_CALLS; j++)
			v[n++] = b->ticks[which][i][j];
	}
	return sorted_quantile(v, n, q);
}

static double of_block(const struct boot *b, unsigned int which, unsigned int block, double q)
{
	double v[64];

	memcpy(v, b->ticks[which][block], sizeof(v));
	return sorted_quantile(v, b->n[which][block], q);
}

/* A log-ratio a block: the median over blocks, or of all means of two (Hodges-Lehmann) */
static double over_blocks(const struct boot *b, unsigned int x, unsigned int y, double q,
			  bool means_of_two)
{
	static double log_ratio[MAX_BLOCKS], mean[MAX_BLOCKS * MAX_BLOCKS];
	size_t n = 0;

	for (unsigned int i = 0; i < b->blocks; i++)
		log_ratio[i] = log(of_block(b, x, i, q) / of_block(b, y, i, q));
	if (!means_of_two)
		return stats_median(log_ratio, b->blocks);
	for (unsigned int i = 0; i < b->blocks; i++) {
		for (unsigned int j = i; j < b->blocks; j++)
			mean[n++] = (log_ratio[i] + log_ratio[j]) / 2;
	}
	return stats_median(mean, n);
}

static double block_median(const struct boot *b, unsigned int x, unsigned int y)
{
	return over_blocks(b, x, y, 0.5, false);
}

static double block_hodges_lehmann(const struct boot *b, unsigned int x, unsigned int y)
{
	return over_blocks(b, x, y, 0.5, true);
}

static double block_least(const struct boot *b, unsigned int x, unsigned int y)
{
	return over_blocks(b, x, y, 0, false);
}

static double least_hodges_lehmann(const struct boot *b, unsigned int x, unsigned int y)
{
	return over_blocks(b, x, y, 0, true);
}

static double pooled_median(const struct boot *b, unsigned int x, unsigned int y)
{
	return log(pooled(b, x, 0.5) / pooled(b, y, 0.5));
}

static double pooled_quarter(const struct boot *b, unsigned int x, unsigned int y)
{
	return log(pooled(b, x, 0.25) / pooled(b, y, 0.25));
}

static double pooled_tenth(const struct boot *b, unsigned int x, unsigned int y)
{
	return log(pooled(b, x, 0.1) / pooled(b, y, 0.1));
}

static double pooled_least(const struct boot *b, unsigned int x, unsigned int y)
{
	return log(pooled(b, x, 0) / pooled(b, y, 0));
}

static const struct {
	const char *name;
	double (*of)(const struct boot *b, unsigned int x, unsigned int y);
} estimators[] = {
	{ "median of blocks' medians", block_median },
	{ "Hodges-Lehmann of blocks' medians", block_hodges_lehmann },
	{ "median of blocks' least", block_least },
	{ "Hodges-Lehmann of blocks' least", least_hodges_lehmann },
	{ "median of all calls", pooled_median },
	{ "lowest quarter of all calls", pooled_quarter },
	{ "lowest tenth of all calls", pooled_tenth },
	{ "least of all calls", pooled_least },
};

static void add(struct boot *b, const struct record_header *h,
		const struct record_block *block)
{
	double empty[64];
	size_t nr_empty = 0;
	double overhead;

	for (unsigned int i = block->lead; i < block->nr; i++) {
		if (!strcmp(h->arms[block->arm[i]], "empty") && nr_empty < 64)
			empty[nr_empty++] = block->sample[i].ticks;
	}
	overhead = nr_empty ? stats_median(empty, nr_empty) : 0;
	for (unsigned int i = block->lead; i < block->nr; i++) {
		unsigned int arm = arm_number(h->arms[block->arm[i]]);

		if (arm < ARM_MAX && b->n[arm][b->blocks] < 64)
			b->ticks[arm][b->blocks][b->n[arm][b->blocks]++] =
				block->sample[i].ticks - overhead;
	}
	b->blocks++;
}

static void read_boot(struct boot *b, const char *path)
{
	static struct record_block block;
	static struct record_trace trace;
	struct record_header header;
	struct record_skip skip;
	char *error = NULL;
	struct record_reader *r = record_open(path, &header, &error);
	enum record_status status;

	if (!r)
		die(EXIT_HARNESS, "%s", error);
	memset(b, 0, sizeof(*b));
	while ((status = record_next(r, &block, &trace, &skip, &error)) != RECORD_END) {
		if (status == RECORD_BAD || status == RECORD_TRUNCATED)
			die(EXIT_HARNESS, "%s", error);
		if (status == RECORD_OK && !block.warmup && b->blocks < MAX_BLOCKS)
			add(b, &header, &block);
	}
	record_close(r);
}

/* A log-ratio a boot, of each estimator: of old to new and of again to new */
struct run {
	unsigned int boots;
	double change[ARRAY_SIZE(estimators)][MAX_BOOTS];
	double control[ARRAY_SIZE(estimators)][MAX_BOOTS];
};

static void read_run(struct run *run, const char *dir)
{
	struct plan plan = plan_load(dir);
	static struct boot boot;

	run->boots = 0;
	for (unsigned int i = 1; i <= plan.boots && run->boots < MAX_BOOTS; i++) {
		char *path = join(dir, "boot-%u.jsonl", i);

		if (!access(path, F_OK)) {
			read_boot(&boot, path);
			for (size_t e = 0; e < ARRAY_SIZE(estimators); e++) {
				run->change[e][run->boots] =
					estimators[e].of(&boot, ARM_OLD, ARM_NEW);
				run->control[e][run->boots] =
					estimators[e].of(&boot, arm_number("again"), ARM_NEW);
			}
			run->boots++;
		}
		free(path);
	}
	plan_free(&plan);
}

/* In how many draws of so many boots is their mean not 0? */
static unsigned int found(gsl_rng *rng, const double *logs, unsigned int of,
			  double less, unsigned int boots, unsigned int draws)
{
	double v[MAX_BOOTS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < draws; i++) {
		struct stats_ratio r;

		gsl_ran_choose(rng, v, boots, (void *)logs, of, sizeof(*v));
		for (unsigned int j = 0; j < boots; j++)
			v[j] -= less;
		r = stats_paired(v, boots, 0.95);
		n += stats_differs(&r, 0.95);
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct run run, slowed;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int draws, boots;

	if (argc != 4 && argc != 5)
		die(EXIT_USAGE, "usage: estimators DRAWS BOOTS RUN [SLOWED]");
	draws = parse_u64("DRAWS", argv[1], 1, 1000000);
	boots = parse_u64("BOOTS", argv[2], 2, 100);
	read_run(&run, argv[3]);
	if (argc == 5)
		read_run(&slowed, argv[4]);
	if (run.boots < boots || (argc == 5 && slowed.boots < boots))
		die(EXIT_USAGE, "%u boots are wanted of each run", boots);
	printf("%-36s %9s %9s %9s %9s%s\n", "estimator", "old/new", "sd, %",
	       "again/new", "found, %", argc == 5 ? "   slowed  found, %" : "");
	for (size_t e = 0; e < ARRAY_SIZE(estimators); e++) {
		double mean = gsl_stats_mean(run.change[e], 1, run.boots);

		printf("%-36s %9.4f %9.3f %9.4f %9.1f", estimators[e].name, exp(mean),
		       100 * gsl_stats_sd(run.change[e], 1, run.boots),
		       exp(gsl_stats_mean(run.control[e], 1, run.boots)),
		       100.0 * found(rng, run.control[e], run.boots, 0, boots, draws) / draws);
		if (argc == 5)
			printf(" %9.4f %9.1f",
			       exp(gsl_stats_mean(slowed.change[e], 1, slowed.boots)),
			       100.0 * found(rng, slowed.change[e], slowed.boots, mean, boots,
					     draws) / draws);
		putchar('\n');
	}
	gsl_rng_free(rng);
	return 0;
}
