// SPDX-License-Identifier: GPL-2.0
/* What kinds of folio cost to split */
#include <stdio.h>

#include "analysis/order_fit.h"
#include "report/figures/figure.h"

/* A split of a THP to order 0, in one way or other not as usual */
static bool is_kind(const struct cell_result *r)
{
	return r->cell->job == JOB_SPLIT &&
	       cell_is_usual(r->cell, CELL_BUT(state) | CELL_BUT(folio) |
				      CELL_BUT(queue) | CELL_BUT(cache));
}

/* A row a cell, with the cost of old and new; gnuplot refuses a column of which it has none */
bool figure_kinds(const struct analysis *a, const struct figure_out *out)
{
	bool has_old = false, has_new = false;
	unsigned int rows = 0;

	fputs("cell old new\n", out->data);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		/* The mapped split costs so much more that it would hide the rest. */
		if (!is_kind(r) || r->cell->state == STATE_MAPPED)
			continue;
		fprintf(out->data, "\"%s\" %.10g %.10g\n", r->cell->name,
			fit_cost(r, ARM_OLD), fit_cost(r, ARM_NEW));
		has_old |= !!r->hist[ARM_OLD];
		has_new |= !!r->hist[ARM_NEW];
		rows++;
	}
	fprintf(out->labels, "kinds_first = %d\nkinds_last = %d\n", has_old ? 2 : 3,
		has_new ? 3 : 2);
	return rows > 1 && (has_old || has_new);
}
