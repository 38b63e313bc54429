/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that summary.json is put together from */
#ifndef SPLITBENCH_JSON_PARTS_H
#define SPLITBENCH_JSON_PARTS_H

#include <jansson.h>

#include "analysis/analysis.h"

/* How many calls, and their quantiles */
json_t *json_arm(const struct stats_hist *hist);

/* An estimate, its interval, and a verdict on it */
json_t *json_ratio(const struct stats_ratio *r, const char *verdict);

/* By arm, those of @ratio that there are; nothing is asked of them */
json_t *json_ratios(const struct stats_ratio *ratio);

/* For the add_json of struct job_report: what a cell of migrations has of its own */
void json_add_migrate(json_t *doc, const struct analysis *a, const struct cell_result *r);

/* The same for a cell of several processes */
void json_add_contend(json_t *doc, const struct analysis *a, const struct cell_result *r);

#endif /* SPLITBENCH_JSON_PARTS_H */
