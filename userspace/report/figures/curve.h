/* SPDX-License-Identifier: GPL-2.0 */
/* Distributions, and the cell that figures of one cell show */
#ifndef SPLITBENCH_CURVE_H
#define SPLITBENCH_CURVE_H

#include <stdio.h>

#include "analysis/analysis.h"

/* The cell that figures of one cell show: a split, or else a fallback */
const struct cell_result *curve_headline(const struct analysis *a);

/**
 * curve_distribution() - share of calls within so many ticks
 * @r: the cell
 * @prefix: of each curve's name
 * @file: gets a data block for each arm, the empty one left out
 */
void curve_distribution(const struct cell_result *r, const char *prefix,
			FILE *file);

#endif /* SPLITBENCH_CURVE_H */
