// SPDX-License-Identifier: GPL-2.0
/* What summary.json says of migrations */
#include "analysis/estimate.h"
#include "report/json_parts.h"

static json_t *throughput_json(const struct analysis *a,
			       const struct cell_result *r)
{
	json_t *doc = json_object();

	json_object_set_new(doc, "unit", json_string(analysis_throughput_unit(a)));
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (r->busy[arm].rounds)
			json_object_set_new(doc, arm_name(arm),
					    json_real(analysis_throughput(a, r, arm)));
	}
	return doc;
}

static json_t *breakdown_json(const struct cell_result *r)
{
	json_t *doc = json_object();

	for (int arm = 0; arm < ARM_MAX; arm++) {
		json_t *parts;

		if (!r->whole[arm])
			continue;
		parts = json_pack("{s:f,s:f}", "whole", r->whole[arm],
				  "sum_to_untraced", analysis_parts(r, arm));
		for (int part = 0; part < NR_PARTS; part++)
			json_object_set_new(parts, record_part_names[part],
					    json_real(r->part[arm][part]));
		json_object_set_new(doc, arm_name(arm), parts);
	}
	return doc;
}

void json_add_migrate(json_t *doc, const struct analysis *a, const struct cell_result *r)
{
	json_object_set_new(doc, "throughput", throughput_json(a, r));
	json_object_set_new(doc, "breakdown", breakdown_json(r));
}
