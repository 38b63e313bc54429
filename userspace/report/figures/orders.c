// SPDX-License-Identifier: GPL-2.0
/* What the figures of orders, kinds, nodes and of several processes are drawn from */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "analysis/order_fit.h"
#include "report/figures/figures.h"
#include "util/util.h"

/* Nodes that a heat map has room for */
#define MAX_NODES	16

static const enum arm both[] = { ARM_OLD, ARM_NEW };

/* Folios that a call makes, and what it costs: a data block a series and arm */
static void write_orders(const struct analysis *a, const char *dir, FILE *labels)
{
	static const char *const names[NR_FIT_SERIES] = {
		[FIT_TO_PAGES] = "any order to 0",
		[FIT_FROM_THP] = "order 9 to any",
	};
	unsigned int curves = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "orders.dat", &path);

	for (int series = 0; series < NR_FIT_SERIES; series++) {
		for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
			struct fit fit = fit_orders(a, series, both[i]);

			if (!fit.n)
				continue;
			fprintf(labels, "order_fixed%u = %.10g\norder_each%u = %.10g\norder_r2%u = %.10g\n",
				curves, fit.fixed, curves, fit.each, curves,
				fit.r2);
			fprintf(file, "\"%s, %s\"\n", names[series],
				arm_names[both[i]]);
			for (size_t j = 0; j < a->nr_cells; j++) {
				const struct cell_result *r = &a->cell[j];

				if (fit_has(series, r) && r->hist[both[i]])
					fprintf(file, "%.10g %.10g\n", fit_folios(r),
						fit_cost(r, both[i]));
			}
			fputs("\n\n", file);
			curves++;
		}
	}
	fprintf(labels, "order_curves = %u\n", curves);
	plotdata_end_unless_empty(file, path, curves);
}

/* A split of a THP to order 0, in one way or other not as usual */
static bool is_kind(const struct cell_result *r)
{
	const struct cell *cell = r->cell;

	return cell->job == JOB_SPLIT && cell->order == 9 && !cell->new_order &&
	       cell->warmth == WARMTH_MIXED &&
	       cell->cpu_node == CELL_ANY_NODE &&
	       cell->memory_node == CELL_ANY_NODE;
}

static void write_kinds(const struct analysis *a, const char *dir)
{
	unsigned int rows = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "kinds.dat", &path);

	fputs("cell old new\n", file);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		/* The mapped split costs so much more that it would hide the rest. */
		if (!is_kind(r) || r->cell->state == STATE_MAPPED)
			continue;
		fprintf(file, "\"%s\" %.10g %.10g\n", r->cell->name,
			fit_cost(r, ARM_OLD), fit_cost(r, ARM_NEW));
		rows++;
	}
	plotdata_end_unless_empty(file, path, rows > 1);
}

/* Rows of CPU's node, memory's node, and what the kernel's own costs */
static void write_nodes(const struct analysis *a, const char *dir, FILE *labels)
{
	unsigned int rows = 0, nodes = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "nodes.dat", &path);

	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];
		const struct cell *cell = r->cell;

		if (cell->job != JOB_SPLIT || cell->cpu_node >= MAX_NODES ||
		    cell->memory_node >= MAX_NODES)
			continue;
		fprintf(file, "%u %u %.10g %.10g\n", cell->cpu_node,
			cell->memory_node, fit_cost(r, r->own),
			r->ratio[PAIR_OLD_NEW].estimate);
		nodes = cell->cpu_node > nodes ? cell->cpu_node : nodes;
		nodes = cell->memory_node > nodes ? cell->memory_node : nodes;
		rows++;
	}
	fprintf(labels, "last_node = %u\n", nodes);
	plotdata_end_unless_empty(file, path, rows > 1);
}

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
			    cell->beside != BESIDE_NONE || !r->hist[arm] ||
			    cell->order != 9 || cell->new_order)
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

static void write_scaling(const struct analysis *a, const char *dir, FILE *labels)
{
	unsigned int curves = 0, most = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "scaling.dat", &path);

	for (int memcg = 0; memcg < NR_MEMCGS; memcg++) {
		for (int place = 0; place < NR_PLACES; place++) {
			for (size_t i = 0; i < ARRAY_SIZE(both); i++)
				curves += write_curve(a, file, memcg, place,
						      both[i], &most);
		}
	}
	fprintf(labels, "scaling_curves = %u\n", curves);
	fprintf(labels, "rate_unit = '%s'\n", analysis_rate_unit(a));
	plotdata_end_unless_empty(file, path, most > 1);
}

struct tail {
	FILE *file;
	uint64_t seen;
	uint64_t n;
};

/* Share of operations that take at least so long */
static void tail_point(double ticks, uint64_t count, void *arg)
{
	struct tail *t = arg;

	fprintf(t->file, "%.10g %.10g\n", ticks, 1 - (double)t->seen / t->n);
	t->seen += count;
}

/* A file for each thing that goes on beside splits: a data block an arm */
static void write_beside(const struct analysis *a, const char *dir, FILE *labels)
{
	for (int beside = BESIDE_FAULT; beside < NR_BESIDES; beside++) {
		unsigned int curves = 0;
		char name[32], *path;
		FILE *file;

		snprintf(name, sizeof(name), "beside-%s.dat", cell_besides[beside]);
		file = plotdata_begin(dir, name, &path);
		for (size_t i = 0; i < a->nr_cells && !curves; i++) {
			const struct cell_result *r = &a->cell[i];

			for (int arm = ARM_EMPTY; r->rounds && arm <= ARM_NEW &&
			     (int)r->cell->beside == beside; arm++) {
				struct tail t = { .file = file };

				if (!r->rounds->beside[arm] ||
				    !stats_hist_n(r->rounds->beside[arm]))
					continue;
				t.n = stats_hist_n(r->rounds->beside[arm]);
				fprintf(file, "\"%s\"\n", arm == ARM_EMPTY ?
					"no splits" : arm_names[arm]);
				stats_hist_each(r->rounds->beside[arm],
						tail_point, &t);
				fputs("\n\n", file);
				curves++;
			}
		}
		fprintf(labels, "beside_%s = %u\n", cell_besides[beside], curves);
		plotdata_end_unless_empty(file, path, curves);
	}
}

void plotdata_more(const struct analysis *a, const char *dir, FILE *labels)
{
	write_orders(a, dir, labels);
	write_kinds(a, dir);
	write_nodes(a, dir, labels);
	write_scaling(a, dir, labels);
	write_beside(a, dir, labels);
}
