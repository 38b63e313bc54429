// SPDX-License-Identifier: GPL-2.0
/* Splits of several processes in a time, by how many there are */
#include <stdio.h>

#include "record/job_facts.h"
#include "report/figures/figure.h"

/* Curves and their points differ in these; with more threads, fewer THPs fit. */
#define VARIED	(CELL_BUT(threads) | CELL_BUT(memcg) | CELL_BUT(place) | CELL_BUT(thps))

/* Cells that differ in the number of processes only, and what they get done */
static unsigned int write_curve(const struct analysis *a, FILE *file,
				enum contend_memcg memcg,
				enum contend_placement place, unsigned int arm,
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
				fprintf(file, "\"%s, %s%s\"\n", arm_name(arm),
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
	unsigned int curves = 0, most = 0, arms = 0;

	for (int memcg = 0; memcg < NR_MEMCGS; memcg++) {
		for (int place = 0; place < NR_PLACES; place++) {
			unsigned int first = curves;

			for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
				if (analysis_is_subject(a, arm))
					curves += write_curve(a, out->data, memcg,
							      place, arm, &most);
			}
			arms = curves - first > arms ? curves - first : arms;
		}
	}
	figure_note_arms(out, "scaling", arms);
	fprintf(out->labels, "scaling_curves = %u\n", curves);
	fprintf(out->labels, "rate_unit = '%s'\n", analysis_rate_unit(a));
	return most > 1;
}
