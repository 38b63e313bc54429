// SPDX-License-Identifier: GPL-2.0
/* THPs migrated in a time, by how many are migrated at once */
#include <stdio.h>

#include "report/figures/figure.h"
#include "report/figures/migrations.h"

/* Rows of one direction and kind: THPs of a round, and bytes a tick */
static unsigned int write_sizes(const struct analysis *a, FILE *file,
				enum migrate_direction direction,
				enum migrate_kind kind)
{
	unsigned int rows = 0;

	for (unsigned int thps = 1; thps <= CELL_MAX_THPS; thps++) {
		const struct cell_result *r = migrations_find(a, direction, kind, thps);

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
bool figure_throughput(const struct analysis *a, const struct figure_out *out)
{
	unsigned int curves = 0, most = 0;

	for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
		for (int kind = 0; kind < NR_KINDS; kind++) {
			unsigned int rows = write_sizes(a, out->data, direction, kind);

			curves += rows > 0;
			most = rows > most ? rows : most;
		}
	}
	fprintf(out->labels, "throughput_curves = %u\n", curves);
	return most > 1;
}
