// SPDX-License-Identifier: GPL-2.0
/* How long a page is away while its THP migrates */
#include <stdio.h>

#include "record/job_facts.h"
#include "report/figures/curve.h"
#include "report/figures/figure.h"

/* All arms of the usual fallback, in each direction */
bool figure_blackout(const struct analysis *a, const struct figure_out *out)
{
	unsigned int curves = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (r->cell->job != JOB_BLACKOUT || !cell_is_usual(r->cell, CELL_BUT(direction)))
			continue;
		curve_distribution(r, r->cell->direction == TO_DEV ? "to-dev " : "to-sys ",
				   out->data);
		for (int arm = ARM_OLD; arm < ARM_MAX; arm++)
			curves += !!r->hist[arm];
	}
	fprintf(out->labels, "blackout_curves = %u\n", curves);
	return curves;
}
