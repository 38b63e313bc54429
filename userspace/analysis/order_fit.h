/* SPDX-License-Identifier: GPL-2.0 */
/* What a split costs by itself, and what it costs for each folio it makes */
#ifndef SPLITBENCH_ORDER_FIT_H
#define SPLITBENCH_ORDER_FIT_H

#include "analysis/analysis.h"

/*
 * The series that are fitted: folios of all orders to order 0, of which each
 * page becomes a folio; and THPs to all orders, of which the pages are the
 * same and the folios are not.
 */
enum fit_series { FIT_TO_PAGES, FIT_FROM_THP, NR_FIT_SERIES };

/**
 * struct fit - cost = fixed + each * folios
 * @n: of how many cells; below 3 there is no fit
 * @fixed: ticks of a call
 * @each: ticks of a folio that it makes
 * @r2: coefficient of determination, 0 to 1
 *
 * Source: ordinary least squares, on the medians less the empty call.
 */
struct fit {
	size_t n;
	double fixed;
	double each;
	double r2;
};

/* Is the cell one of the series? It is with all else as usual. */
bool fit_has(enum fit_series series, const struct cell_result *r);

/* How many folios a call makes of one */
double fit_folios(const struct cell_result *r);

/* Median of an arm's calls less the empty one, ticks; NAN if there are none */
double fit_cost(const struct cell_result *r, unsigned int arm);

/* The line through @n points; below 3 of them there is none. */
struct fit fit_line(const double *x, const double *y, size_t n);

/**
 * fit_orders() - fit the costs of an arm over the orders
 * @a: a run
 * @series: which orders
 * @arm: of the run's subjects; others have no fit
 *
 * Return: the fit; its @n is 0 if there is none.
 */
struct fit fit_orders(const struct analysis *a, enum fit_series series,
		      unsigned int arm);

#endif /* SPLITBENCH_ORDER_FIT_H */
