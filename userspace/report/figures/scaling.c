// SPDX-License-Identifier: GPL-2.0
/* Splits of several processes in a time, by how many there are */
#include <stdio.h>

#include "report/figures/figure.h"
#include "util/util.h"

/* Curves and their points differ in these; with more threads, fewer THPs fit. */
#define VARIED	(CELL_BUT(threads) | CELL_BUT(memcg) | CELL_BUT(place) | CELL_BUT(thps))

static const enum arm both[] = { ARM_OLD, ARM_NEW };

/* Cells that differ in the number of processes only, and what they get done */
static unsigned int write_curve(const struct analysis *a, FILE *file,
				enum contend_memcg memcg,
				enum contend_placement place, enum arm arm,
				unsigned int *most)
{
	unsigned int rows = 0;

	for (unsigned int threads = 1; threads <= CELL_MAX_THREADS; threads++) {
		for (size_t i = 0; i < a->nr_cells; i++) {
			const struct cell_result *r = &a->cell[i];
			const struct cell *cell = r->cell;

			if (!r->rounds || cell->threads != threads ||
			    cell->memcg != memcg || cell->place != place ||
			    !r->hist[arm] || !cell_is_usual(cell, VARIED))
				continue;
			if (!rows++)
				fprintf(file, "\"%s, %s%s\"\n", arm_names[arm],
					cell_memcgs[memcg],
					place == PLACE_APART ? ", apart" : "");
			fprintf(file, "%u %.10g\n", threads,
				analysis_rate(a, r, arm));
			break;
		}
	}
	if (rows)
		fputs("\n\n", file);
	*most = rows > *most ? rows : *most;
	return rows > 0;
}

/* A curve for each cgroup, placement and arm */
bool figure_scaling(const struct analysis *a, const struct figure_out *out)
{
	unsigned int curves = 0, most = 0;

	for (int memcg = 0; memcg < NR_MEMCGS; memcg++) {
		for (int place = 0; place < NR_PLACES; place++) {
			for (size_t i = 0; i < ARRAY_SIZE(both); i++)
				curves += write_curve(a, out->data, memcg, place,
						      both[i], &most);
		}
	}
	fprintf(out->labels, "scaling_curves = %u\n", curves);
	fprintf(out->labels, "rate_unit = '%s'\n", analysis_rate_unit(a));
	return most > 1;
}
