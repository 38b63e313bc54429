/* SPDX-License-Identifier: GPL-2.0 */
/* What a figure is: one file with its writer, and a row in figures.c */
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

/* Writers, for rows of the table. Each returns whether the run has such a figure. */
bool figure_distribution(const struct analysis *a, const struct figure_out *out);
bool figure_ratio(const struct analysis *a, const struct figure_out *out);
bool figure_fallback(const struct analysis *a, const struct figure_out *out);
bool figure_latency(const struct analysis *a, const struct figure_out *out);
bool figure_throughput(const struct analysis *a, const struct figure_out *out);
bool figure_breakdown(const struct analysis *a, const struct figure_out *out);
bool figure_orders(const struct analysis *a, const struct figure_out *out);
bool figure_kinds(const struct analysis *a, const struct figure_out *out);
bool figure_nodes(const struct analysis *a, const struct figure_out *out);
bool figure_scaling(const struct analysis *a, const struct figure_out *out);
bool figure_beside_fault(const struct analysis *a, const struct figure_out *out);
bool figure_beside_cold(const struct analysis *a, const struct figure_out *out);
bool figure_beside_isolate(const struct analysis *a, const struct figure_out *out);
bool figure_beside_wake(const struct analysis *a, const struct figure_out *out);
bool figure_beside_ping(const struct analysis *a, const struct figure_out *out);

#endif /* SPLITBENCH_FIGURE_H */
