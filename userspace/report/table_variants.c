// SPDX-License-Identifier: GPL-2.0
/* The table of variants: arms other than old, new and controls, a line a cell each */
#include <stdio.h>

#include "report/table_parts.h"
#include "report/units.h"

static void print_variant(const struct analysis *a, const struct cell_result *r,
			  unsigned int arm)
{
	unsigned int base = ratio_base(r, arm);
	char text[2][16];

	printf("  %-32s %-15s %9s %9s", r->cell->name, ratio_name(r, arm).text,
	       units_ticks(stats_hist_quantile(r->hist[base], 0.5), text[0]),
	       units_ticks(stats_hist_quantile(r->hist[arm], 0.5), text[1]));
	table_ratio(a, r, arm);
	putchar('\n');
}

void table_variants(const struct analysis *a, enum cell_job job)
{
	bool any = false;

	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		for (size_t i = 0; i < a->nr_cells; i++) {
			const struct cell_result *r = &a->cell[i];

			if (r->cell->job != job || !analysis_is_variant(a, arm) ||
			    !r->ratio[arm].boots)
				continue;
			if (!any)
				printf("\n  variants: median per call, in %s, and the ratio less the empty call\n\n"
				       "  %-32s %-15s %9s %9s  %-23s %7s\n", units_text(a->unit),
				       "cell", "variant/base", "base", "variant", "ratio",
				       "floor");
			any = true;
			print_variant(a, r, arm);
		}
	}
}
