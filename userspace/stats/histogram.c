// SPDX-License-Identifier: GPL-2.0
/* Histograms of ticks, of which quantiles are taken */
#include "stats/stats.h"

#include <gsl/gsl_histogram.h>
#include <math.h>
#include <stdlib.h>

#define EXACT_BITS	16
#define LAST_BITS	48
#define PER_OCTAVE	4096
#define EXACT		(1UL << EXACT_BITS)
#define BINS		(EXACT + (LAST_BITS - EXACT_BITS) * PER_OCTAVE)

struct stats_hist {
	gsl_histogram *bins;
	uint64_t n;
	uint64_t max;
};

struct stats_hist *stats_hist_new(void)
{
	struct stats_hist *hist = calloc(1, sizeof(*hist));
	double *edges = calloc(BINS + 1, sizeof(*edges));

	if (!hist || !edges)
		abort();
	for (size_t i = 0; i < EXACT; i++)
		edges[i] = i;
	for (size_t i = EXACT; i <= BINS; i++)
		edges[i] = exp2(EXACT_BITS + (double)(i - EXACT) / PER_OCTAVE);
	hist->bins = gsl_histogram_alloc(BINS);
	if (!hist->bins)
		abort();
	gsl_histogram_set_ranges(hist->bins, edges, BINS + 1);
	free(edges);
	return hist;
}

void stats_hist_free(struct stats_hist *hist)
{
	if (hist)
		gsl_histogram_free(hist->bins);
	free(hist);
}

/* GSL would search for the bin; here it follows from the ticks. */
static size_t bin_of(const struct stats_hist *hist, uint64_t ticks)
{
	const double *edge = hist->bins->range;
	size_t bin;

	if (ticks < EXACT)
		return ticks;
	bin = EXACT + (log2(ticks) - EXACT_BITS) * PER_OCTAVE;
	/* Rounding may be off by one at an edge. */
	if (bin >= BINS || edge[bin] > ticks)
		bin--;
	else if (edge[bin + 1] <= ticks)
		bin++;
	return bin;
}

int stats_hist_add(struct stats_hist *hist, uint64_t ticks)
{
	if (ticks >> LAST_BITS)
		return -1;
	hist->bins->bin[bin_of(hist, ticks)] += 1;
	hist->n++;
	if (ticks > hist->max)
		hist->max = ticks;
	return 0;
}

uint64_t stats_hist_n(const struct stats_hist *hist)
{
	return hist->n;
}

uint64_t stats_hist_max(const struct stats_hist *hist)
{
	return hist->max;
}

/* What stands for all calls of a bin: itself, or the middle of a wide one. */
static double bin_ticks(const struct stats_hist *hist, size_t bin)
{
	double low, high;

	if (bin < EXACT)
		return bin;
	gsl_histogram_get_range(hist->bins, bin, &low, &high);
	return fmin((low + high) / 2, hist->max);
}

/* The ticks of the call of that rank, 1 being the smallest. */
static double at_rank(const struct stats_hist *hist, uint64_t rank)
{
	double seen = 0;
	size_t bin;

	for (bin = 0; bin < BINS - 1; bin++) {
		seen += gsl_histogram_get(hist->bins, bin);
		if (seen >= rank)
			break;
	}
	return bin_ticks(hist, bin);
}

double stats_hist_quantile(const struct stats_hist *hist, double q)
{
	uint64_t n = hist->n, rank;

	if (q == 0.5 && n % 2 == 0)
		return (at_rank(hist, n / 2) + at_rank(hist, n / 2 + 1)) / 2;
	rank = ceil(q * n);
	return at_rank(hist, rank ? rank : 1);
}

void stats_hist_each(const struct stats_hist *hist,
		     void (*f)(double ticks, uint64_t count, void *arg),
		     void *arg)
{
	for (size_t bin = 0; bin < BINS; bin++) {
		uint64_t count = gsl_histogram_get(hist->bins, bin);

		if (count)
			f(bin_ticks(hist, bin), count, arg);
	}
}
