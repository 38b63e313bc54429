// SPDX-License-Identifier: GPL-2.0
/*
 * How often do the verdicts find what is there, and what is not? Boots of
 * real runs are drawn again and again, without replacement, as if each draw
 * were a run of its own, and judged by the program's own functions.
 *
 *   resample DRAWS BOOTS RUN [PLANTED]
 *
 * Of RUN alone: again against new (the ab question) and one half of the draw
 * against the other (the compare question): all that is found is false. With
 * PLANTED, the same kernel whose new split was slowed down: old against new
 * there, set against old against new in RUN; and PLANTED against RUN.
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "util/util.h"

/* What came of the draws: differences claimed, either way, and regressions */
struct found {
	unsigned int draws, differ, slower, regression;
};

/* Exact interval of a share: C. J. Clopper and E. S. Pearson, 1934 */
static void tell_share(const char *what, unsigned int k, unsigned int n)
{
	double low = k ? gsl_cdf_beta_Pinv(0.025, k, n - k + 1) : 0;
	double high = k < n ? gsl_cdf_beta_Pinv(0.975, k + 1, n - k) : 1;

	printf("  %-32s %5.1f %%  [%.1f, %.1f]  %u of %u\n", what,
	       100.0 * k / n, 100 * low, 100 * high, k, n);
}

static void tell(const char *question, const struct found *f)
{
	printf("%s\n", question);
	tell_share("a difference is claimed", f->differ, f->draws);
	tell_share("of these: it costs more", f->slower, f->draws);
	tell_share("REGRESSION", f->regression, f->draws);
}

/* @cost: of what is judged over what it is judged against */
static void count(struct found *f, struct stats_ratio cost, double margin)
{
	f->draws++;
	if (stats_differs(&cost, 0.95)) {
		f->differ++;
		f->slower += cost.low > 1;
	}
	f->regression += stats_verdict(&cost, margin, 0) == STATS_REGRESSION;
}

static void draw(gsl_rng *rng, double *to, size_t n, const double *from,
		 size_t of)
{
	if (of < n)
		die(EXIT_USAGE, "%zu boots are wanted, there are %zu", n, of);
	gsl_ran_choose(rng, to, n, (void *)from, of, sizeof(*to));
}

static void alone(gsl_rng *rng, unsigned int draws, size_t boots,
		  const struct analysis *run)
{
	const struct cell_result *r = &run->cell[0];
	struct found ab = { 0 }, compare = { 0 };
	double v[2 * boots];

	for (unsigned int i = 0; i < draws; i++) {
		draw(rng, v, boots, r->logs[r->control], r->boots);
		count(&ab, stats_paired(v, boots, 0.95), run->plan.margin);
		draw(rng, v, 2 * boots, r->level[r->own], r->boots);
		gsl_ran_shuffle(rng, v, 2 * boots, sizeof(*v));
		count(&compare, stats_unpaired(v, boots, v + boots, boots, 0.95),
		      run->plan.margin);
	}
	tell("ab, the same against itself: all that is found is false", &ab);
	tell("compare, the same against itself: all that is found is false",
	     &compare);
}

/* What new costs over old, and what old costs over new is as it is: a shift */
static void planted(gsl_rng *rng, unsigned int draws, size_t boots,
		    const struct analysis *run, const struct analysis *slow)
{
	const struct cell_result *a = &run->cell[0], *b = &slow->cell[0];
	struct found ab = { 0 }, compare = { 0 };
	double x[boots], y[boots], plain = 0;

	for (size_t i = 0; i < a->boots; i++)
		plain += a->logs[ARM_OLD][i] / a->boots;
	for (unsigned int i = 0; i < draws; i++) {
		draw(rng, x, boots, b->logs[ARM_OLD], b->boots);
		for (size_t j = 0; j < boots; j++)
			x[j] = plain - x[j];
		count(&ab, stats_paired(x, boots, 0.95), run->plan.margin);
		draw(rng, x, boots, a->level[a->own], a->boots);
		draw(rng, y, boots, b->level[b->own], b->boots);
		count(&compare, stats_unpaired(x, boots, y, boots, 0.95),
		      run->plan.margin);
	}
	tell("ab, planted", &ab);
	tell("compare, planted against not", &compare);
}

static double mean_boots(const struct cell_result *r, const double *logs)
{
	double sum = 0;

	for (size_t i = 0; i < r->boots; i++)
		sum += logs[i] / r->boots;
	return sum;
}

int main(int argc, char **argv)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned int draws, boots;
	struct analysis run;

	if (argc != 4 && argc != 5)
		die(EXIT_USAGE, "usage: resample DRAWS BOOTS RUN [PLANTED]");
	draws = parse_u64("DRAWS", argv[1], 1, 1000000);
	boots = parse_u64("BOOTS", argv[2], 1, 100);
	run = analyse(argv[3]);
	printf("%u draws of %u boots from the %zu of %s, unit %s\n", draws,
	       boots, run.cell[0].boots, run.plan.run, run.unit);
	if (argc == 4) {
		alone(rng, draws, boots, &run);
	} else {
		struct analysis slow = analyse(argv[4]);
		const struct cell_result *a = &run.cell[0], *b = &slow.cell[0];

		printf("%s: new costs %.2f %% more by all %zu boots (of old, in each boot)\n",
		       slow.plan.run,
		       100 * expm1(mean_boots(a, a->logs[ARM_OLD]) -
				   mean_boots(b, b->logs[ARM_OLD])),
		       b->boots);
		planted(rng, draws, boots, &run, &slow);
	}
	gsl_rng_free(rng);
	return 0;
}
