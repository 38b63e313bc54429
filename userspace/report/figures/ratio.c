// SPDX-License-Identifier: GPL-2.0
/* The ratios of each boot, and over all of them */
#include <math.h>
#include <stdio.h>

#include "report/figures/curve.h"
#include "report/figures/figure.h"

/* A data block a ratio: boot and ratio, then 0, estimate and interval */
bool figure_ratio(const struct analysis *a, const struct figure_out *out)
{
	const struct cell_result *result = curve_headline(a);
	bool any = false;

	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		const struct stats_ratio *r = &result->ratio[arm];

		if (!r->boots)
			continue;
		any = true;
		fprintf(out->data, "\"%s\"\n", ratio_name(result, arm).text);
		for (size_t i = 0; i < result->boots; i++)
			fprintf(out->data, "%u %.10f\n", result->boot[i],
				exp(result->logs[arm][i]));
		fprintf(out->data, "\n\n\"interval\"\n0 %.10f %.10f %.10f\n\n\n",
			r->estimate, r->low, r->high);
	}
	return any;
}
