// SPDX-License-Identifier: GPL-2.0
/* The parts of summary.json that cells of all jobs share */
#include "report/json_parts.h"

json_t *json_arm(const struct stats_hist *hist)
{
	return json_pack("{s:I,s:f,s:f,s:f,s:I}",
			 "n", (json_int_t)stats_hist_n(hist),
			 "median", stats_hist_quantile(hist, 0.5),
			 "p90", stats_hist_quantile(hist, 0.9),
			 "p99", stats_hist_quantile(hist, 0.99),
			 "max", (json_int_t)stats_hist_max(hist));
}

json_t *json_ratio(const struct stats_ratio *r, const char *verdict)
{
	return json_pack("{s:f,s:f,s:f,s:o,s:i,s:s}",
			 "estimate", r->estimate, "low", r->low,
			 "high", r->high,
			 "p", r->inference ? json_real(r->p) : json_null(),
			 "boots", (int)r->boots, "verdict", verdict);
}

json_t *json_ratios(const struct stats_ratio *ratio)
{
	json_t *doc = json_object();

	for (int arm = 0; arm < ARM_MAX; arm++) {
		if (ratio[arm].boots)
			json_object_set_new(doc, arm_name(arm),
					    json_ratio(&ratio[arm], "none"));
	}
	return doc;
}
