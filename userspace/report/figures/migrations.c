// SPDX-License-Identifier: GPL-2.0
/* Cells of migrations that figures look for */
#include "record/job_facts.h"
#include "report/figures/migrations.h"

/* The cell of one thread with these values, or NULL */
const struct cell_result *migrations_find(const struct analysis *a,
					  enum migrate_direction direction,
					  enum migrate_kind kind, unsigned int thps)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell *cell = a->cell[i].cell;

		if (cell->job == JOB_MIGRATE && cell->direction == direction &&
		    cell->kind == kind && cell->thps == thps &&
		    cell_is_usual(cell, CELL_BUT(direction) | CELL_BUT(kind) |
					CELL_BUT(thps)))
			return &a->cell[i];
	}
	return NULL;
}

/* The size that most kinds were measured with: they are compared at that. */
unsigned int migrations_thps(const struct analysis *a)
{
	unsigned int best = 0, most = 0;

	for (unsigned int thps = 1; thps <= CELL_MAX_THPS; thps++) {
		unsigned int kinds = 0;

		for (int kind = 0; kind < NR_KINDS; kind++)
			kinds += migrations_find(a, TO_DEV, kind, thps) ||
				 migrations_find(a, TO_SYS, kind, thps);
		if (kinds > most) {
			most = kinds;
			best = thps;
		}
	}
	return best;
}
