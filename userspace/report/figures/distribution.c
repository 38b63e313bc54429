// SPDX-License-Identifier: GPL-2.0
/* How long the calls of each arm take */
#include "report/figures/curve.h"
#include "report/figures/figure.h"

bool figure_distribution(const struct analysis *a, const struct figure_out *out)
{
	curve_distribution(curve_headline(a), "", out->data);
	return true;
}
