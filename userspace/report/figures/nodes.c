// SPDX-License-Identifier: GPL-2.0
/* What a split costs by the NUMA nodes of CPU and memory */
#include <math.h>
#include <stdio.h>

#include "analysis/estimate.h"
#include "analysis/order_fit.h"
#include "record/job_facts.h"
#include "report/figures/figure.h"

/* Nodes that a heat map has room for */
#define MAX_NODES	16
/* Percent above the cheapest that is dark, whatever the most is: 1 % is not to look like it */
#define DARK	10

struct map {
	const struct cell_result *at[MAX_NODES][MAX_NODES];
	const struct cell_result *cheapest;
	unsigned int measured;
	unsigned int last;
};

static void add(struct map *map, const struct cell_result *r)
{
	unsigned int cpu = r->cell->cpu_node, memory = r->cell->memory_node;

	if (r->cell->job != JOB_SPLIT || cpu >= MAX_NODES || memory >= MAX_NODES ||
	    !cell_is_usual(r->cell, CELL_BUT(cpu_node) | CELL_BUT(memory_node)))
		return;
	map->at[cpu][memory] = r;
	map->measured++;
	map->last = cpu > map->last ? cpu : map->last;
	map->last = memory > map->last ? memory : map->last;
	if (!map->cheapest || fit_cost(r, r->own) < fit_cost(map->cheapest, map->cheapest->own))
		map->cheapest = r;
}

/*
 * What a difference between two nodes may be worth without meaning anything: the A/A
 * control's, the interval's of the ratio over boots, or what exact counts may differ by
 */
static double noise_of(const struct analysis *a, const struct cell_result *r,
		       const struct cell_result *cheapest)
{
	struct stats_ratio over = analysis_over(a, r, cheapest);
	double noise = fmax(a->tolerance, r->floor);

	return over.boots > 1 ? fmax(noise, over.high / over.estimate - 1) : noise;
}

/*
 * Rows of CPU's node, memory's node, and what the kernel's own costs; then old/new, by
 * how many percent that is more than the cheapest, and whether it was measured at all
 */
bool figure_nodes(const struct analysis *a, const struct figure_out *out)
{
	struct map map = { .measured = 0 };
	double least, most = 0, noise = 0;

	for (size_t i = 0; i < a->nr_cells; i++)
		add(&map, &a->cell[i]);
	least = map.cheapest ? fit_cost(map.cheapest, map.cheapest->own) : 1;
	for (unsigned int cpu = 0; map.measured > 1 && cpu <= map.last; cpu++) {
		for (unsigned int memory = 0; memory <= map.last; memory++) {
			const struct cell_result *r = map.at[cpu][memory];
			double cost = r ? fit_cost(r, r->own) : least;

			fprintf(out->data, "%u %u %.10g %.10g %.10g %d\n", cpu, memory, cost,
				r ? r->ratio[ARM_OLD].estimate : 0,
				100 * (cost / least - 1), !!r);
			most = fmax(most, 100 * (cost / least - 1));
			noise = r ? fmax(noise, 100 * noise_of(a, r, map.cheapest)) : noise;
		}
	}
	fprintf(out->labels, "last_node = %u\nnodes_noise = %.10g\nnodes_dark = %.10g\n", map.last,
		noise, fmax(fmax(DARK, most), 2 * noise));
	return map.measured > 1;
}
