// SPDX-License-Identifier: GPL-2.0
/* What goes on beside splits: the tail of how long it takes */
#include <stdio.h>

#include "report/figures/figure.h"

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

/* A data block an arm */
static bool write_tails(const struct analysis *a, enum contend_beside beside,
			const struct figure_out *out)
{
	unsigned int curves = 0;

	for (size_t i = 0; i < a->nr_cells && !curves; i++) {
		const struct cell_result *r = &a->cell[i];

		for (unsigned int arm = ARM_EMPTY; r->rounds && arm < ARM_MAX &&
		     r->cell->beside == beside; arm++) {
			const struct stats_hist *hist = r->rounds->beside[arm];
			struct tail t = { .file = out->data };

			if (!hist || !stats_hist_n(hist) ||
			    (arm != ARM_EMPTY && !analysis_is_subject(a, arm)))
				continue;
			t.n = stats_hist_n(hist);
			fprintf(out->data, "\"%s\"\n", arm == ARM_EMPTY ?
				"no splits" : arm_name(arm));
			stats_hist_each(hist, tail_point, &t);
			fputs("\n\n", out->data);
			curves++;
		}
	}
	fprintf(out->labels, "beside_%s = %u\n", cell_besides[beside], curves);
	return curves;
}

bool figure_beside_fault(const struct analysis *a, const struct figure_out *out)
{
	return write_tails(a, BESIDE_FAULT, out);
}

bool figure_beside_cold(const struct analysis *a, const struct figure_out *out)
{
	return write_tails(a, BESIDE_COLD, out);
}

bool figure_beside_isolate(const struct analysis *a, const struct figure_out *out)
{
	return write_tails(a, BESIDE_ISOLATE, out);
}

bool figure_beside_wake(const struct analysis *a, const struct figure_out *out)
{
	return write_tails(a, BESIDE_WAKE, out);
}

bool figure_beside_ping(const struct analysis *a, const struct figure_out *out)
{
	return write_tails(a, BESIDE_PING, out);
}
