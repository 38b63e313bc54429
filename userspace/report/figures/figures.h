/* SPDX-License-Identifier: GPL-2.0 */
/* The figures that a run may have: columns for gnuplot, a file a figure */
#ifndef SPLITBENCH_FIGURES_H
#define SPLITBENCH_FIGURES_H

#include <stdio.h>

#include "analysis/analysis.h"

/**
 * figures_write() - what all figures of a run are drawn from
 * @a: the run
 * @dir: gets the files; it is made if it is not there
 *
 * A figure that the run has nothing for has no file. Dies if one cannot be written.
 */
void figures_write(const struct analysis *a, const char *dir);

/* Name, script and caption of each, with tabs between them, a line a figure */
void figures_list(FILE *file);

#endif /* SPLITBENCH_FIGURES_H */
