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

/* A row a kind: its name, and per direction the median of the kernel's own */
bool figure_fallback(const struct analysis *a, const struct figure_out *out)
{
	unsigned int thps = migrations_thps(a);

	fprintf(out->data, "kind \"to the device\" \"to the system\"\n");
	for (int kind = 0; kind < NR_KINDS; kind++) {
		const struct cell_result *dev = migrations_find(a, TO_DEV, kind, thps);
		const struct cell_result *sys = migrations_find(a, TO_SYS, kind, thps);

		if (dev || sys)
			fprintf(out->data, "\"%s\" %.10g %.10g\n", cell_kinds[kind],
				median_own(dev), median_own(sys));
	}
	return thps;
}
