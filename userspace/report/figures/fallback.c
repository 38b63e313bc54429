// SPDX-License-Identifier: GPL-2.0
/* What a migration costs whole, and with a fallback */
#include <math.h>
#include <stdio.h>

#include "report/figures/figure.h"
#include "report/figures/migrations.h"

static double median_own(const struct cell_result *r)
{
	return r ? stats_hist_quantile(r->hist[r->own], 0.5) : NAN;
}

/* A row a kind: its name, and for each direction that any has the native median */
bool figure_fallback(const struct analysis *a, const struct figure_out *out)
{
	static const char *const titles[NR_DIRECTIONS] = {
		[TO_DEV] = "to the device", [TO_SYS] = "to the system",
	};
	unsigned int thps = migrations_thps(a), columns = 0;
	bool any[NR_DIRECTIONS] = { false };

	for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
		for (int kind = 0; kind < NR_KINDS; kind++)
			any[direction] |= !!migrations_find(a, direction, kind, thps);
		columns += any[direction];
	}
	fputs("kind", out->data);
	for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
		if (any[direction])
			fprintf(out->data, " \"%s\"", titles[direction]);
	}
	fputc('\n', out->data);
	for (int kind = 0; kind < NR_KINDS; kind++) {
		if (!migrations_find(a, TO_DEV, kind, thps) &&
		    !migrations_find(a, TO_SYS, kind, thps))
			continue;
		fprintf(out->data, "\"%s\"", cell_kinds[kind]);
		for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
			if (any[direction])
				fprintf(out->data, " %.10g",
					median_own(migrations_find(a, direction, kind, thps)));
		}
		fputc('\n', out->data);
	}
	fprintf(out->labels, "fallback_columns = %u\n", columns);
	return columns;
}
