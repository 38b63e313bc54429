// SPDX-License-Identifier: GPL-2.0
/* The same comparison, made in several cells */
#include "analysis/spreads.h"

#include <math.h>
#include <string.h>

#include "record/job_facts.h"
#include "util/util.h"

/* What is split, and to what */
#define WHAT		(CELL_BUT(order) | CELL_BUT(new_order) | CELL_BUT(state) | \
			 CELL_BUT(folio))
/* What went before the calls, and where CPU, memory and struct pages are */
#define WHERE		(CELL_BUT(cache) | CELL_BUT(warmth) | CELL_BUT(cpu_node) | \
			 CELL_BUT(memory_node) | CELL_BUT(place) | CELL_BUT(memcg) | \
			 CELL_BUT(thps))

/* The split that a cell is of, without what went before and where it is */
static bool split_of(const struct cell *cell, struct cell *split)
{
	if (!job_facts[cell->job].module || !cell_is_usual(cell, WHAT | WHERE))
		return false;
	*split = cell_split(cell->new_order);
	split->order = cell->order;
	split->state = cell->state;
	split->folio = cell->folio;
	cell_set_name(split);
	return true;
}

size_t analysis_spreads(const struct analysis *a, struct analysis_spread **spreads)
{
	struct analysis_spread *list = grow(NULL, a->nr_cells, sizeof(*list));
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		double ratio = a->cell[i].ratio[ARM_OLD].estimate;
		struct cell split;
		size_t at;

		if (!a->cell[i].ratio[ARM_OLD].boots ||
		    !split_of(a->cell[i].cell, &split))
			continue;
		for (at = 0; at < n && strcmp(list[at].name, split.name); at++)
			;
		if (at == n) {
			list[n] = (struct analysis_spread){ .low = ratio, .high = ratio };
			strcpy(list[n++].name, split.name);
		}
		list[at].cells++;
		list[at].low = fmin(list[at].low, ratio);
		list[at].high = fmax(list[at].high, ratio);
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i].cells > 1)
			list[kept++] = list[i];
	}
	*spreads = list;
	return kept;
}
