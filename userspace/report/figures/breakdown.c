// SPDX-License-Identifier: GPL-2.0
/* Where the time of a migration goes */
#include <stdio.h>

#include "report/figures/figure.h"
#include "report/figures/migrations.h"

/* A row a traced cell: its name, and the parts of the kernel's own in their order */
bool figure_breakdown(const struct analysis *a, const struct figure_out *out)
{
	unsigned int thps = migrations_thps(a), rows = 0;

	fputs("cell", out->data);
	for (int part = 0; part < NR_PARTS; part++)
		fprintf(out->data, " %s", record_part_names[part]);
	fputc('\n', out->data);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (!r->whole[r->own] || r->cell->thps != thps)
			continue;
		fprintf(out->data, "\"%s\\n%s\"", cell_directions[r->cell->direction],
			cell_kinds[r->cell->kind]);
		for (int part = 0; part < NR_PARTS; part++)
			fprintf(out->data, " %.10g", r->part[r->own][part]);
		fputc('\n', out->data);
		rows++;
	}
	return rows;
}
