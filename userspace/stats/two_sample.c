// SPDX-License-Identifier: GPL-2.0
/* Two runs, whose boots are in no pairs: the second question of README.md. */
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

#include "stats/stats.h"

/**
 * struct welch - the difference of two means
 * @difference: mean of b less mean of a
 * @error: its standard error
 * @df: degrees of freedom; at least 1
 */
struct welch {
	double difference;
	double error;
	double df;
};

static double variance_of_mean(const double *v, size_t n)
{
	return n > 1 ? gsl_stats_variance(v, 1, n) / n : 0;
}

static struct welch welch(const double *a, size_t na, const double *b,
			  size_t nb)
{
	double va = variance_of_mean(a, na), vb = variance_of_mean(b, nb);
	double down = 0;
	struct welch w = {
		.difference = gsl_stats_mean(b, 1, nb) - gsl_stats_mean(a, 1, na),
		.error = sqrt(va + vb),
	};

	if (na > 1)
		down += va * va / (na - 1);
	if (nb > 1)
		down += vb * vb / (nb - 1);
	/* Welch and Satterthwaite; of exact counts any number will do. */
	w.df = down > 0 ? (va + vb) * (va + vb) / down : na + nb - 1;
	if (w.df < 1)
		w.df = 1;
	return w;
}

/* |mean b - mean a| of a choice of @na of the pooled values that sum to @sum_a */
static double distance(double sum_a, double all, size_t na, size_t nb)
{
	return fabs((all - sum_a) / nb - sum_a / na);
}

/* All choices of @na of @n, as bits: the next number with as many bits set */
static uint64_t next_choice(uint64_t bits)
{
	uint64_t low = bits & -bits, ripple = bits + low;

	return ripple | ((bits ^ ripple) >> 2) / low;
}

static double permutation_exact(const double *v, size_t n, size_t na,
				double all, double seen)
{
	uint64_t extreme = 0, choices = 0;

	for (uint64_t bits = (1ULL << na) - 1; !(bits >> n);
	     bits = next_choice(bits)) {
		double sum = 0;

		for (uint64_t rest = bits; rest; rest &= rest - 1)
			sum += v[__builtin_ctzll(rest)];
		extreme += distance(sum, all, na, n - na) >= seen;
		choices++;
	}
	return (double)extreme / choices;
}

static double permutation_drawn(double *v, size_t n, size_t na, double all,
				double seen)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t extreme = 1;

	for (size_t draw = 0; draw < STATS_PERMUTATION_DRAWS; draw++) {
		double sum = 0;

		/* The first na of a shuffle; only they have to be drawn. */
		for (size_t i = 0; i < na; i++) {
			size_t j = i + gsl_rng_uniform_int(rng, n - i);
			double swap = v[i];

			v[i] = v[j];
			v[j] = swap;
			sum += v[i];
		}
		extreme += distance(sum, all, na, n - na) >= seen;
	}
	gsl_rng_free(rng);
	return extreme / (STATS_PERMUTATION_DRAWS + 1.0);
}

double stats_permutation(const double *a, size_t na, const double *b,
			 size_t nb)
{
	size_t n = na + nb;
	double v[n], all = 0, sum_a = 0, size = 0, seen;

	for (size_t i = 0; i < n; i++) {
		v[i] = i < na ? a[i] : b[i - na];
		all += v[i];
		sum_a += i < na ? v[i] : 0;
		size += fabs(v[i]);
	}
	/* What is equal on paper must not differ by how it was added up. */
	seen = distance(sum_a, all, na, nb) -
	       8 * n * DBL_EPSILON * size * (1.0 / na + 1.0 / nb);
	if (n < 64 && stats_choices(na, nb) <= STATS_PERMUTATION_EXACT)
		return permutation_exact(v, n, na, all, seen);
	return permutation_drawn(v, n, na, all, seen);
}

double stats_choices(size_t na, size_t nb)
{
	return exp(gsl_sf_lnchoose(na + nb, na));
}

bool stats_unpaired_inference(size_t na, size_t nb, double confidence)
{
	/* The least p that the test can come to is that of its two extremes. */
	return na >= STATS_MIN_EACH && nb >= STATS_MIN_EACH &&
	       2 / stats_choices(na, nb) <=
	       (1 - confidence) * (1 + 8 * DBL_EPSILON);
}

struct stats_ratio stats_unpaired(const double *a, size_t na, const double *b,
				  size_t nb, double confidence)
{
	struct welch w = welch(a, na, b, nb);
	double half = 0;
	struct stats_ratio r = {
		.estimate = exp(w.difference),
		.boots = na + nb,
		.inference = stats_unpaired_inference(na, nb, confidence),
	};

	if (w.error > 0)
		half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, w.df) * w.error;
	r.low = exp(w.difference - half);
	r.high = exp(w.difference + half);
	r.p = stats_permutation(a, na, b, nb);
	return r;
}

double stats_unpaired_not_one(const double *a, size_t na, const double *b, size_t nb)
{
	struct welch w = welch(a, na, b, nb);

	if (w.error == 0)
		return w.difference == 0 ? 1 : 0;
	return 2 * gsl_cdf_tdist_Q(fabs(w.difference) / w.error, w.df);
}

double stats_unpaired_beyond(const double *a, size_t na, const double *b,
			     size_t nb, double log)
{
	struct welch w = welch(a, na, b, nb);
	double excess = w.difference - log;

	if (w.error == 0)
		return excess > 0 ? 0 : 1;
	return gsl_cdf_tdist_Q(excess / w.error, w.df);
}
