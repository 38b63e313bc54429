/* SPDX-License-Identifier: GPL-2.0 */
/* Columns for gnuplot, in RUN/plots: a file a figure */
#ifndef SPLITBENCH_FIGURES_H
#define SPLITBENCH_FIGURES_H

#include <stdio.h>

#include "analysis/analysis.h"

/* Begin DIR/NAME; @path gets its whole name. Dies if that is not possible. */
FILE *plotdata_begin(const char *dir, const char *name, char **path);

/* Close it, and see that all of it was written; frees @path. */
void plotdata_end(FILE *file, char *path);

/* The same; but a figure of nothing is none: without @any, it is removed. */
void plotdata_end_unless_empty(FILE *file, char *path, bool any);

/**
 * plotdata_distribution() - share of calls within so many ticks
 * @r: the cell
 * @prefix: of each curve's name
 * @file: gets a data block for each arm, the empty one left out
 */
void plotdata_distribution(const struct cell_result *r, const char *prefix,
			   FILE *file);

/**
 * plotdata_migrations() - the files for the figures of migrations
 * @a: the run; nothing is written if it has none
 * @dir: where
 * @labels: gets the numbers of their curves
 */
void plotdata_migrations(const struct analysis *a, const char *dir,
			 FILE *labels);

/**
 * plotdata_more() - those of orders, kinds, nodes and several processes
 * @a: the run; of what it has none of, there is no file
 * @dir: where
 * @labels: gets the numbers of their curves
 */
void plotdata_more(const struct analysis *a, const char *dir, FILE *labels);

/* All of the run's, into that folder, which is made if it is not there */
void figures_write(const struct analysis *a, const char *dir);

#endif /* SPLITBENCH_FIGURES_H */
