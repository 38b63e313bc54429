// SPDX-License-Identifier: GPL-2.0
/* What a split costs by the NUMA nodes of CPU and memory */
#include <stdio.h>

#include "analysis/order_fit.h"
#include "report/figures/figure.h"

/* Nodes that a heat map has room for */
#define MAX_NODES	16

/* Rows of CPU's node, memory's node, and what the kernel's own costs */
bool figure_nodes(const struct analysis *a, const struct figure_out *out)
{
	unsigned int rows = 0, nodes = 0;

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];
		const struct cell *cell = r->cell;

		if (cell->job != JOB_SPLIT || cell->cpu_node >= MAX_NODES ||
		    cell->memory_node >= MAX_NODES ||
		    !cell_is_usual(cell, CELL_BUT(cpu_node) | CELL_BUT(memory_node)))
			continue;
		fprintf(out->data, "%u %u %.10g %.10g\n", cell->cpu_node,
			cell->memory_node, fit_cost(r, r->own),
			r->ratio[PAIR_OLD_NEW].estimate);
		nodes = cell->cpu_node > nodes ? cell->cpu_node : nodes;
		nodes = cell->memory_node > nodes ? cell->memory_node : nodes;
		rows++;
	}
	fprintf(out->labels, "last_node = %u\n", nodes);
	return rows > 1;
}
