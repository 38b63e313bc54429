// SPDX-License-Identifier: GPL-2.0
/* The ratios of each boot, and over all of them */
#include <math.h>
#include <stdio.h>

#include "report/figures/curve.h"
#include "report/figures/figure.h"

/* A data block a pair: boot and ratio, then 0, estimate and interval */
bool figure_ratio(const struct analysis *a, const struct figure_out *out)
{
	const struct cell_result *result = curve_headline(a);
	bool any = false;

	for (int pair = 0; pair < NR_PAIRS; pair++) {
		const struct stats_ratio *r = &result->ratio[pair];

		if (!r->boots)
			continue;
		any = true;
		fprintf(out->data, "\"%s\"\n", pair_name(result, pair));
		for (size_t i = 0; i < result->boots; i++)
			fprintf(out->data, "%u %.10f\n", result->boot[i],
				exp(result->logs[pair][i]));
		fprintf(out->data, "\n\n\"interval\"\n0 %.10f %.10f %.10f\n\n\n",
			r->estimate, r->low, r->high);
	}
	return any;
}
