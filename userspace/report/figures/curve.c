// SPDX-License-Identifier: GPL-2.0
/* Distributions, and the cell that figures of one cell show */
#include <stdio.h>

#include "report/figures/curve.h"

const struct cell_result *curve_headline(const struct analysis *a)
{
	const struct cell_result *fallback = NULL;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell *cell = a->cell[i].cell;

		if (cell->job == JOB_SPLIT)
			return &a->cell[i];
		if (!fallback && cell->kind != KIND_NONE &&
		    cell->kind != KIND_PAGES)
			fallback = &a->cell[i];
	}
	return fallback ? fallback : &a->cell[0];
}

struct cumulate {
	FILE *file;
	uint64_t seen;
	uint64_t n;
};

static void cumulate(double ticks, uint64_t count, void *arg)
{
	struct cumulate *c = arg;

	/* Two points a step: the curve jumps where the calls are. */
	fprintf(c->file, "%.10g %.8f\n", ticks, (double)c->seen / c->n);
	c->seen += count;
	fprintf(c->file, "%.10g %.8f\n", ticks, (double)c->seen / c->n);
}

void curve_distribution(const struct cell_result *r, const char *prefix,
			FILE *file)
{
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		struct cumulate c = { .file = file };

		if (!r->hist[arm])
			continue;
		c.n = stats_hist_n(r->hist[arm]);
		fprintf(file, "\"%s%s\"\n", prefix, arm_name(arm));
		stats_hist_each(r->hist[arm], cumulate, &c);
		fputs("\n\n", file);
	}
}
