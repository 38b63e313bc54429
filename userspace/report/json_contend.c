// SPDX-License-Identifier: GPL-2.0
/* What summary.json says of several processes at the same time */
#include <math.h>
#include <stdio.h>

#include "analysis/estimate.h"
#include "report/json_parts.h"

/* Of each arm and event that was counted, how often a call; may be empty */
static json_t *events_json(const struct rounds *rounds)
{
	json_t *doc = json_object();

	for (int arm = 0; arm < ARM_MAX; arm++) {
		json_t *events = json_object();

		for (int event = 0; event < NR_EVENTS; event++) {
			double each = rounds_events(rounds, arm, event);

			if (!isnan(each))
				json_object_set_new(events,
						    record_event_names[event],
						    json_real(each));
		}
		if (json_object_size(events))
			json_object_set_new(doc, arm_name(arm), events);
		else
			json_decref(events);
	}
	return doc;
}

static json_t *contention_json(const struct analysis *a,
			       const struct cell_result *r)
{
	const struct rounds *rounds = r->rounds;
	json_t *doc, *rates = json_object(), *beside = json_object();
	json_t *events = events_json(rounds);

	for (int arm = 0; arm < ARM_MAX; arm++) {
		if (r->busy[arm].rounds)
			json_object_set_new(rates, arm_name(arm),
					    json_real(analysis_rate(a, r, arm)));
		if (rounds->beside[arm] && stats_hist_n(rounds->beside[arm]))
			json_object_set_new(beside, arm == ARM_EMPTY ? "none" :
					    arm_name(arm),
					    json_arm(rounds->beside[arm]));
	}
	doc = json_pack("{s:f,s:f,s:f,s:s,s:o,s:o}",
			"overlap", rounds_overlap(rounds),
			"skew_ticks", stats_hist_quantile(rounds->skew, 0.5),
			"skew_ticks_max", (double)stats_hist_max(rounds->skew),
			"rate_unit", analysis_rate_unit(a),
			"rates", rates, "scaling", json_ratios(r->scaling));
	if (doc && json_object_size(beside)) {
		json_object_set_new(doc, "beside", beside);
		json_object_set_new(doc, "beside_rates", json_ratios(r->beside));
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			const struct stats_ratio *ratio = &r->beside_ratio[arm];
			char key[8 + 2 * ARM_NAME_LEN];

			if (!ratio->boots)
				continue;
			snprintf(key, sizeof(key), "beside_%s/%s",
				 arm_name(ratio_candidate(r, arm)),
				 arm_name(ratio_base(r, arm)));
			json_object_set_new(doc, key, json_ratio(ratio, "none"));
		}
	} else {
		json_decref(beside);
	}
	if (doc && json_object_size(events))
		json_object_set_new(doc, "events", events);
	else
		json_decref(events);
	return doc;
}

void json_add_contend(json_t *doc, const struct analysis *a, const struct cell_result *r)
{
	if (r->rounds)
		json_object_set_new(doc, "contention", contention_json(a, r));
}
