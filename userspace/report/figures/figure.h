/* SPDX-License-Identifier: GPL-2.0 */
/* What a figure is: one file with its writer, and a row in rows.h */
#ifndef SPLITBENCH_FIGURE_H
#define SPLITBENCH_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/analysis.h"

/**
 * struct figure_out - where a writer writes to
 * @data: columns and data blocks for gnuplot
 * @labels: variables for gnuplot, "NAME = VALUE" a line, which all figures share
 */
struct figure_out {
	FILE *data;
	FILE *labels;
};

/*
 * Of a figure with curves of more arms than old and new, how many: for gnuplot, which
 * takes two where nothing is said
 */
static inline void figure_note_arms(const struct figure_out *out, const char *figure,
				    unsigned int arms)
{
	if (arms > 2)
		fprintf(out->labels, "%s_arms = %u\n", figure, arms);
}

/* The writers. Each returns whether the run has such a figure. */
#define FIGURE_ROW(name, writer, ...)	\
	bool writer(const struct analysis *a, const struct figure_out *out);

#include "report/figures/rows.h"

#undef FIGURE_ROW

#endif /* SPLITBENCH_FIGURE_H */
