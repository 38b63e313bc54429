// SPDX-License-Identifier: GPL-2.0
/* The cost of a split as a line over the folios that it makes */
#include "analysis/order_fit.h"

#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

#include "record/job_facts.h"
#include "util/util.h"

bool fit_has(enum fit_series series, const struct cell_result *r)
{
	const struct cell *cell = r->cell;

	if (cell->job != JOB_SPLIT ||
	    !cell_is_usual(cell, CELL_BUT(order) | CELL_BUT(new_order)))
		return false;
	/* A THP to order 0 is of both series. */
	return series == FIT_TO_PAGES ? !cell->new_order : cell->order == 9;
}

double fit_folios(const struct cell_result *r)
{
	return 1 << (r->cell->order - r->cell->new_order);
}

double fit_cost(const struct cell_result *r, unsigned int arm)
{
	if (!r->hist[arm])
		return NAN;
	return stats_hist_quantile(r->hist[arm], 0.5) -
	       (r->hist[ARM_EMPTY] ?
		stats_hist_quantile(r->hist[ARM_EMPTY], 0.5) : 0);
}

struct fit fit_line(const double *x, const double *y, size_t n)
{
	double cov00, cov01, cov11, squares;
	struct fit fit = { 0 };

	if (n < 3)
		return fit;
	fit.n = n;
	gsl_fit_linear(x, 1, y, 1, n, &fit.fixed, &fit.each, &cov00, &cov01,
		       &cov11, &squares);
	/* Points of one height are on a line. */
	fit.r2 = gsl_stats_tss(y, 1, n) > 0 ? 1 - squares / gsl_stats_tss(y, 1, n) : 1;
	return fit;
}

struct fit fit_orders(const struct analysis *a, enum fit_series series,
		      unsigned int arm)
{
	double x[16], y[16];
	size_t n = 0;

	for (size_t i = 0; i < a->nr_cells && n < ARRAY_SIZE(x); i++) {
		const struct cell_result *r = &a->cell[i];

		if (!analysis_is_subject(a, arm) || !fit_has(series, r) || !r->hist[arm])
			continue;
		x[n] = fit_folios(r);
		y[n++] = fit_cost(r, arm);
	}
	return fit_line(x, y, n);
}
