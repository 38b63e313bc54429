// SPDX-License-Identifier: GPL-2.0
/* What the figures of migrations are drawn from */
#include <math.h>
#include <string.h>

#include "report/figures/figures.h"
#include "util/util.h"

/* The cell of one thread with these values, or NULL */
static const struct cell_result *find(const struct analysis *a,
				      enum migrate_direction direction,
				      enum migrate_kind kind, unsigned int thps)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell *cell = a->cell[i].cell;

		if (cell->job == JOB_MIGRATE && cell->direction == direction &&
		    cell->kind == kind && cell->thps == thps &&
		    cell->threads == 1)
			return &a->cell[i];
	}
	return NULL;
}

/* The size that most kinds were measured with: they are compared at that. */
static unsigned int common_thps(const struct analysis *a)
{
	unsigned int best = 0, most = 0;

	for (unsigned int thps = 1; thps <= CELL_MAX_THPS; thps++) {
		unsigned int kinds = 0;

		for (int kind = 0; kind < NR_KINDS; kind++)
			kinds += find(a, TO_DEV, kind, thps) ||
				 find(a, TO_SYS, kind, thps);
		if (kinds > most) {
			most = kinds;
			best = thps;
		}
	}
	return best;
}

static double median_own(const struct cell_result *r)
{
	return r ? stats_hist_quantile(r->hist[r->own], 0.5) : NAN;
}

/* A row a kind: its name, and per direction the median of the kernel's own */
static void write_fallback(const struct analysis *a, const char *dir,
			   unsigned int thps)
{
	char *path;
	FILE *file = plotdata_begin(dir, "fallback.dat", &path);

	fprintf(file, "kind \"to the device\" \"to the system\"\n");
	for (int kind = 0; kind < NR_KINDS; kind++) {
		const struct cell_result *dev = find(a, TO_DEV, kind, thps);
		const struct cell_result *sys = find(a, TO_SYS, kind, thps);

		if (dev || sys)
			fprintf(file, "\"%s\" %.10g %.10g\n", cell_kinds[kind],
				median_own(dev), median_own(sys));
	}
	plotdata_end(file, path);
}

/* Old, new and again of one fallback in each direction */
static void write_latency(const struct analysis *a, const char *dir,
			  unsigned int thps, FILE *labels)
{
	unsigned int curves = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "latency.dat", &path);

	for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
		const struct cell_result *r = NULL;

		for (int kind = KIND_FLAG; !r && kind < NR_KINDS; kind++)
			r = find(a, direction, kind, thps);
		if (!r)
			continue;
		plotdata_distribution(r, direction == TO_DEV ? "to-dev " :
				      "to-sys ", file);
		for (int arm = ARM_OLD; arm < NR_ARMS; arm++)
			curves += !!r->hist[arm];
	}
	fprintf(labels, "latency_curves = %u\n", curves);
	plotdata_end_unless_empty(file, path, curves);
}

/* Rows of one direction and kind: THPs of a round, and bytes a tick */
static unsigned int write_sizes(const struct analysis *a, FILE *file,
				enum migrate_direction direction,
				enum migrate_kind kind)
{
	unsigned int rows = 0;

	for (unsigned int thps = 1; thps <= CELL_MAX_THPS; thps++) {
		const struct cell_result *r = find(a, direction, kind, thps);

		if (!r)
			continue;
		if (!rows++)
			fprintf(file, "\"%s %s\"\n", cell_directions[direction],
				cell_kinds[kind]);
		fprintf(file, "%u %.10g\n", thps,
			analysis_throughput(a, r, r->own));
	}
	if (rows)
		fputs("\n\n", file);
	return rows;
}

/* A data block each; there is a figure only if there is more than one size. */
static void write_throughput(const struct analysis *a, const char *dir,
			     FILE *labels)
{
	unsigned int curves = 0, most = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "throughput.dat", &path);

	for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
		for (int kind = 0; kind < NR_KINDS; kind++) {
			unsigned int rows = write_sizes(a, file, direction, kind);

			curves += rows > 0;
			most = rows > most ? rows : most;
		}
	}
	fprintf(labels, "throughput_curves = %u\n", curves);
	plotdata_end_unless_empty(file, path, most > 1);
}

/* A row a traced cell: its name, and the parts of the kernel's own in their order */
static void write_breakdown(const struct analysis *a, const char *dir,
			    unsigned int thps)
{
	unsigned int rows = 0;
	char *path;
	FILE *file = plotdata_begin(dir, "breakdown.dat", &path);

	fputs("cell", file);
	for (int part = 0; part < NR_PARTS; part++)
		fprintf(file, " %s", record_part_names[part]);
	fputc('\n', file);
	for (size_t i = 0; i < a->nr_cells; i++) {
		const struct cell_result *r = &a->cell[i];

		if (!r->whole[r->own] || r->cell->thps != thps)
			continue;
		fprintf(file, "\"%s\\n%s\"", cell_directions[r->cell->direction],
			cell_kinds[r->cell->kind]);
		for (int part = 0; part < NR_PARTS; part++)
			fprintf(file, " %.10g", r->part[r->own][part]);
		fputc('\n', file);
		rows++;
	}
	plotdata_end_unless_empty(file, path, rows);
}

void plotdata_migrations(const struct analysis *a, const char *dir, FILE *labels)
{
	unsigned int thps = common_thps(a);

	if (!thps)
		return;
	write_fallback(a, dir, thps);
	write_latency(a, dir, thps, labels);
	write_throughput(a, dir, labels);
	write_breakdown(a, dir, thps);
}
