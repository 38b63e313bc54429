// SPDX-License-Identifier: GPL-2.0
/* How long migrations with a fallback take */
#include <stdio.h>

#include "report/figures/curve.h"
#include "report/figures/figure.h"
#include "report/figures/migrations.h"

/* Old, new and again of one fallback in each direction */
bool figure_latency(const struct analysis *a, const struct figure_out *out)
{
	unsigned int thps = migrations_thps(a), curves = 0;

	for (int direction = 0; direction < NR_DIRECTIONS; direction++) {
		const struct cell_result *r = NULL;

		for (int kind = KIND_FLAG; !r && kind < NR_KINDS; kind++)
			r = migrations_find(a, direction, kind, thps);
		if (!r)
			continue;
		curve_distribution(r, direction == TO_DEV ? "to-dev " :
				      "to-sys ", out->data);
		for (int arm = ARM_OLD; arm < ARM_MAX; arm++)
			curves += !!r->hist[arm];
	}
	fprintf(out->labels, "latency_curves = %u\n", curves);
	return curves;
}
