/* SPDX-License-Identifier: GPL-2.0 */
/* The same comparison, made in several cells */
#ifndef SPLITBENCH_SPREADS_H
#define SPLITBENCH_SPREADS_H

#include "analysis/result.h"

/**
 * struct analysis_spread - the same comparison, made in several cells
 * @name: the split that they are of, such as "anon-9-0"
 * @cells: how many have it
 * @low: the lowest old/new that any of them estimates
 * @high: the highest
 */
struct analysis_spread {
	char name[CELL_NAME_LEN];
	size_t cells;
	double low;
	double high;
};

/**
 * analysis_spreads() - splits of the same folio to the same order, by one process, in cells
 * that differ in what went before the calls, or in where CPU and memory are
 * @a: the run
 * @spreads: gets them, those of two cells at least; to be freed
 *
 * Return: how many. What they differ by is no property of old and new.
 */
size_t analysis_spreads(const struct analysis *a, struct analysis_spread **spreads);

#endif /* SPLITBENCH_SPREADS_H */
