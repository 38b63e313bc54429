// SPDX-License-Identifier: GPL-2.0
/* What a call costs by how many folios it makes */
#include <stdio.h>

#include "analysis/order_fit.h"
#include "report/figures/figure.h"

/* Folios that a call makes, and what it costs: a data block a series and arm */
bool figure_orders(const struct analysis *a, const struct figure_out *out)
{
	static const char *const names[NR_FIT_SERIES] = {
		[FIT_TO_PAGES] = "any order to 0",
		[FIT_FROM_THP] = "order 9 to any",
	};
	unsigned int curves = 0;

	for (int series = 0; series < NR_FIT_SERIES; series++) {
		unsigned int first = curves;

		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			struct fit fit = fit_orders(a, series, arm);

			if (!fit.n)
				continue;
			fprintf(out->labels, "order_fixed%u = %.10g\norder_each%u = %.10g\norder_r2%u = %.10g\n",
				curves, fit.fixed, curves, fit.each, curves,
				fit.r2);
			fprintf(out->data, "\"%s, %s\"\n", names[series],
				arm_name(arm));
			for (size_t j = 0; j < a->nr_cells; j++) {
				const struct cell_result *r = &a->cell[j];

				if (fit_has(series, r) && r->hist[arm])
					fprintf(out->data, "%.10g %.10g\n", fit_folios(r),
						fit_cost(r, arm));
			}
			fputs("\n\n", out->data);
			curves++;
		}
		if (series == FIT_TO_PAGES)
			figure_note_arms(out, "order", curves - first);
	}
	fprintf(out->labels, "order_curves = %u\n", curves);
	return curves;
}
