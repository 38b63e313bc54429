// SPDX-License-Identifier: GPL-2.0
/* What kinds of folio cost to split */
#include <stdio.h>

#include "analysis/order_fit.h"
#include "record/job_facts.h"
#include "report/figures/figure.h"

/* A split of a THP to order 0, not as usual in one respect */
static bool is_kind(const struct cell_result *r)
{
	return r->cell->job == JOB_SPLIT &&
	       cell_is_usual(r->cell, CELL_BUT(state) | CELL_BUT(folio) |
				      CELL_BUT(queue) | CELL_BUT(cache));
}

static bool has_arm(const struct analysis *a, unsigned int arm)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (is_kind(&a->cell[i]) && a->cell[i].cell->state != STATE_MAPPED &&
		    a->cell[i].hist[arm])
			return true;
	}
	return false;
}

/* Old and new have theirs, whatever was measured; variants that were measured follow. */
static bool has_column(const struct analysis *a, unsigned int arm)
{
	return arm == ARM_OLD || arm == ARM_NEW ||
	       (analysis_is_variant(a, arm) && has_arm(a, arm));
}

/* A row a cell, with the cost of each arm; gnuplot refuses a column of which it has none */
bool figure_kinds(const struct analysis *a, const struct figure_out *out)
{
	unsigned int rows = 0, columns = 0, first = 0, last = 0;

	fputs("cell", out->data);
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (!has_column(a, arm))
			continue;
		fprintf(out->data, " %s", arm_name(arm));
		columns++;
		if (!has_arm(a, arm))
			continue;
		first = first ? first : columns + 1;
		last = columns + 1;
	}
	fputc('\n', out->data);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		/* The mapped split costs so much more that it would hide the rest. */
		if (!is_kind(r) || r->cell->state == STATE_MAPPED)
			continue;
		fprintf(out->data, "\"%s\"", r->cell->name);
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			if (has_column(a, arm))
				fprintf(out->data, " %.10g", fit_cost(r, arm));
		}
		fputc('\n', out->data);
		rows++;
	}
	fprintf(out->labels, "kinds_first = %u\nkinds_last = %u\n", first ? first : 3,
		first ? last : 2);
	return rows > 1 && first;
}
