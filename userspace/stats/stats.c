// SPDX-License-Identifier: GPL-2.0
/* Estimates and intervals of one run's boots, and verdicts on them */
#include "stats/stats.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

double stats_median(double *v, size_t n)
{
	gsl_sort(v, 1, n);
	return gsl_stats_median_from_sorted_data(v, 1, n);
}

/* Sums that are equal on paper must not differ by how they were added up. */
static double tolerance(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += fabs(v[i]);
	return 8 * n * DBL_EPSILON * sum;
}

static double signed_sum(const double *v, size_t n, uint64_t signs)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += signs >> i & 1 ? -v[i] : v[i];
	return sum;
}

static double sign_flip_exact(const double *v, size_t n, double seen)
{
	uint64_t all = 1ULL << n, extreme = 0;

	for (uint64_t signs = 0; signs < all; signs++)
		extreme += fabs(signed_sum(v, n, signs)) >= seen;
	return (double)extreme / all;
}

static double sign_flip_drawn(const double *v, size_t n, double seen)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t extreme = 1;

	for (size_t draw = 0; draw < STATS_FLIP_DRAWS; draw++) {
		double sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += gsl_rng_uniform_int(rng, 2) ? v[i] : -v[i];
		extreme += fabs(sum) >= seen;
	}
	gsl_rng_free(rng);
	return extreme / (STATS_FLIP_DRAWS + 1.0);
}

double stats_sign_flip(const double *v, size_t n)
{
	double seen = fabs(signed_sum(v, n, 0)) - tolerance(v, n);

	if (n <= STATS_FLIP_EXACT)
		return sign_flip_exact(v, n, seen);
	return sign_flip_drawn(v, n, seen);
}

struct stats_ratio stats_paired(const double *logs, size_t n,
				double confidence)
{
	double mean = gsl_stats_mean(logs, 1, n), half = 0;
	struct stats_ratio r = {
		.estimate = exp(mean),
		.boots = n,
		.inference = n >= STATS_MIN_BOOTS,
	};

	if (n > 1)
		half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, n - 1) *
		       gsl_stats_sd(logs, 1, n) / sqrt(n);
	r.low = exp(mean - half);
	r.high = exp(mean + half);
	r.p = stats_sign_flip(logs, n);
	return r;
}

double stats_not_one(const double *logs, size_t n, double tolerance)
{
	double mean, error;

	if (n < STATS_MIN_AA)
		return 1;
	mean = fabs(gsl_stats_mean(logs, 1, n)) - tolerance;
	error = gsl_stats_sd(logs, 1, n) / sqrt(n);
	if (mean <= 0)
		return 1;
	return error == 0 ? 0 : 2 * gsl_cdf_tdist_Q(mean / error, n - 1);
}

double stats_beyond(const double *logs, size_t n, double log)
{
	double excess, error;

	if (n < STATS_MIN_BOOTS)
		return 1;
	excess = gsl_stats_mean(logs, 1, n) - log;
	error = gsl_stats_sd(logs, 1, n) / sqrt(n);
	/* Exact counts have no spread, and t none or no end. */
	if (error == 0)
		return excess > 0 ? 0 : 1;
	return gsl_cdf_tdist_Q(excess / error, n - 1);
}

void stats_holm(const double *p, size_t n, double alpha, bool *falls)
{
	for (size_t i = 0; i < n; i++)
		falls[i] = false;
	for (size_t step = 0; step < n; step++) {
		size_t least = n;

		for (size_t i = 0; i < n; i++) {
			if (!falls[i] && (least == n || p[i] < p[least]))
				least = i;
		}
		if (p[least] > alpha / (n - step))
			return;
		falls[least] = true;
	}
}

struct stats_ratio stats_inverse(const struct stats_ratio *ratio)
{
	struct stats_ratio inverse = *ratio;

	inverse.estimate = 1 / ratio->estimate;
	inverse.low = 1 / ratio->high;
	inverse.high = 1 / ratio->low;
	return inverse;
}

enum stats_verdict stats_verdict(const struct stats_ratio *cost, double margin,
				 double floor)
{
	if (!cost->inference)
		return STATS_NO_INFERENCE;
	if (cost->low > 1 + fmax(margin, floor))
		return STATS_REGRESSION;
	if (cost->high < 1 / (1 + fmax(margin, floor)))
		return STATS_IMPROVEMENT;
	if (cost->high < 1 + margin)
		return STATS_NO_REGRESSION;
	return STATS_INCONCLUSIVE;
}

bool stats_differs(const struct stats_ratio *ratio, double confidence)
{
	/* A p of 1 - confidence is one, whatever the last digit says. */
	return ratio->inference && ratio->p <= (1 - confidence) * (1 + 8 * DBL_EPSILON) &&
	       (ratio->low > 1 || ratio->high < 1);
}

bool stats_verdict_good(enum stats_verdict verdict)
{
	return verdict == STATS_NO_REGRESSION || verdict == STATS_IMPROVEMENT;
}

const char *stats_verdict_name(enum stats_verdict verdict)
{
	static const char *const names[] = {
		[STATS_NO_INFERENCE] = "no inference",
		[STATS_INCONCLUSIVE] = "INCONCLUSIVE",
		[STATS_NO_REGRESSION] = "NO REGRESSION",
		[STATS_IMPROVEMENT] = "IMPROVEMENT",
		[STATS_REGRESSION] = "REGRESSION",
	};

	return names[verdict];
}
