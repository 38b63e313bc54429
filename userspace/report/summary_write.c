// SPDX-License-Identifier: GPL-2.0
/* A run for machines: JSON, CSV, KTAP. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/order_fit.h"
#include "record/job_facts.h"
#include "report/job_report.h"
#include "report/json_parts.h"
#include "report/summary.h"
#include "util/output.h"
#include "util/util.h"

#define SUMMARY_SCHEMA	"splitbench.summary/1"

/* Of the ratio of an arm; only one control is judged. */
static const char *verdict_of(const struct analysis *a, const struct cell_result *r,
			      unsigned int arm)
{
	if (arm == r->control)
		return analysis_aa_verdict(r);
	return analysis_is_subject(a, arm) ? stats_verdict_name(r->claim[arm].verdict) :
					     "none";
}

static json_t *phases_json(const struct cell_result *r)
{
	json_t *phases = json_object();

	for (int i = 0; i < NR_PHASES; i++) {
		if (r->phases[i])
			json_object_set_new(phases, record_phase_names[i],
					    json_integer(r->phases[i]));
	}
	return phases;
}

static json_t *cell_json(const struct analysis *a, const struct cell_result *r)
{
	json_t *arms = json_object(), *ratios = json_object(), *doc;
	json_t *warming = json_object(), *least = json_object();
	void (*add_json)(json_t *doc, const struct analysis *a,
			 const struct cell_result *r) = job_reports[r->cell->job]->add_json;

	for (int arm = 0; arm < ARM_MAX; arm++) {
		if (r->hist[arm])
			json_object_set_new(arms, arm_name(arm),
					    json_arm(r->hist[arm]));
	}
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		json_t *ratio;

		if (!r->ratio[arm].boots)
			continue;
		ratio = json_ratio(&r->ratio[arm], verdict_of(a, r, arm));
		if (analysis_is_subject(a, arm))
			json_object_set_new(ratio, "claimed",
					    json_boolean(r->claim[arm].differs));
		if (analysis_is_variant(a, arm) && r->ratio[arm].inference)
			json_object_set_new(ratio, "claim_p",
					    json_real(r->claim[arm].differs_p));
		json_object_set_new(ratios, ratio_name(r, arm).text, ratio);
	}
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (r->warming[arm].boots)
			json_object_set_new(warming, arm_name(arm),
					    json_ratio(&r->warming[arm], "none"));
	}
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		if (r->least_ratio[arm].boots)
			json_object_set_new(least, ratio_name(r, arm).text,
					    json_ratio(&r->least_ratio[arm], "none"));
	}
	if (r->over_base.boots)
		json_object_set_new(ratios, job_facts[r->cell->job].base_key,
				    json_ratio(&r->over_base, "none"));
	doc = json_pack("{s:s,s:o,s:o,s:o,s:f,s:f,s:I,s:I,s:I,s:I,s:I,s:o}",
			"name", r->cell->name, "params", cell_params(r->cell),
			"arms", arms, "ratios", ratios,
			"floor", 1 + r->floor, "margin", a->plan.margin,
			"blocks", (json_int_t)r->blocks,
			"disturbed", (json_int_t)r->disturbed,
			"retries", (json_int_t)r->retries,
			"rejected", (json_int_t)r->rejected,
			"faults", (json_int_t)r->faults,
			"phase_ticks", phases_json(r));
	if (doc && r->control != ARM_EMPTY)
		json_object_set_new(doc, "control",
				    json_pack("{s:s,s:b}", "arm", arm_name(r->control),
					      "one_text", r->one_text));
	if (doc && r->ratio[ARM_OLD].inference)
		json_object_set_new(doc, "claim_p", json_real(r->claim[ARM_OLD].differs_p));
	if (doc && json_object_size(least))
		json_object_set_new(doc, "ratios of the least calls", least);
	else
		json_decref(least);
	if (doc && json_object_size(warming))
		json_object_set_new(doc, "first/later", warming);
	else
		json_decref(warming);
	if (doc && add_json)
		add_json(doc, a, r);
	return doc;
}

static json_t *skipped_json(const struct analysis *a)
{
	json_t *skipped = json_array();

	for (size_t i = 0; i < a->plan.nr_cells; i++) {
		if (a->skipped[i])
			json_array_append_new(skipped,
					      json_pack("{s:s,s:s}", "name",
							a->plan.cells[i].name,
							"why", a->skipped[i]));
	}
	return skipped;
}

static json_t *fits_json(const struct analysis *a)
{
	static const char *const names[NR_FIT_SERIES] = {
		[FIT_TO_PAGES] = "to-order-0", [FIT_FROM_THP] = "from-order-9",
	};
	json_t *fits = json_array();

	for (int series = 0; series < NR_FIT_SERIES; series++) {
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			struct fit fit = fit_orders(a, series, arm);

			if (fit.n)
				json_array_append_new(fits,
						      json_pack("{s:s,s:s,s:I,s:f,s:f,s:f}",
								"series", names[series],
								"arm", arm_name(arm),
								"cells", (json_int_t)fit.n,
								"fixed", fit.fixed,
								"each", fit.each,
								"r2", fit.r2));
		}
	}
	return fits;
}

static json_t *spreads_json(const struct analysis *a)
{
	json_t *list = json_array();
	struct analysis_spread *spreads;
	size_t n = analysis_spreads(a, &spreads);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s,s:I,s:f,s:f}", "split",
						      spreads[i].name, "cells",
						      (json_int_t)spreads[i].cells,
						      "low", spreads[i].low,
						      "high", spreads[i].high));
	free(spreads);
	return list;
}

void summary_write_json(const struct analysis *a, const char *path)
{
	json_t *cells = json_array(), *doc;

	for (size_t i = 0; i < a->nr_cells; i++)
		json_array_append_new(cells, cell_json(a, &a->cell[i]));
	doc = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:i,s:o,s:o,s:o,s:O}",
			"schema", SUMMARY_SCHEMA, "run", a->plan.run,
			"unit", a->unit, "kernel", a->release,
			"cpu", a->cpu, "complete",
			!a->incomplete && !a->to_come,
			"plant", a->plan.plant, "builds", a->plan.builds,
			"cells", cells,
			"skipped", skipped_json(a), "fits", fits_json(a),
			"doctor", a->doctor);
	if (doc && a->compiler)
		json_object_set_new(doc, "compiler", json_string(a->compiler));
	if (doc)
		json_object_set_new(doc, "old/new spreads", spreads_json(a));
	if (doc)
		json_object_set_new(doc, "family",
				    json_pack("{s:s,s:i,s:f}", "rule", "Holm",
					      "tested", a->tested,
					      "alpha", 1 - a->plan.confidence));
	if (!doc || write_json(path, doc))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	json_decref(doc);
}

static void write_arm(FILE *file, const struct analysis *a,
		      const struct cell_result *r, unsigned int arm)
{
	const struct stats_hist *hist = r->hist[arm];
	const struct stats_ratio *ratio = &r->ratio[arm];

	fprintf(file, "%s,%s,%s,%llu,%.10g,%.10g,%.10g,%llu,", r->cell->name,
		arm_name(arm), a->unit,
		(unsigned long long)stats_hist_n(hist),
		stats_hist_quantile(hist, 0.5), stats_hist_quantile(hist, 0.9),
		stats_hist_quantile(hist, 0.99),
		(unsigned long long)stats_hist_max(hist));
	/* What a ratio is of stands in the line of its first arm. */
	if (ratio->boots)
		fprintf(file, "%s,%.10g,%.10g,%.10g,%zu,%.10g,%.10g,%s\n",
			ratio_name(r, arm).text, ratio->estimate, ratio->low,
			ratio->high, ratio->boots, r->floor, a->plan.margin,
			verdict_of(a, r, arm));
	else
		fputs(",,,,,,,\n", file);
}

void summary_write_csv(const struct analysis *a, const char *path)
{
	struct output o;
	FILE *file = output_open(&o, path);

	fputs("cell,arm,unit,calls,median,p90,p99,max,ratio_of,ratio,low,high,boots,floor,margin,verdict\n",
	      file);
	for (size_t i = 0; i < a->nr_cells; i++) {
		for (int arm = 0; arm < ARM_MAX; arm++) {
			if (a->cell[i].hist[arm])
				write_arm(file, a, &a->cell[i], arm);
		}
	}
	output_close(&o);
}

/* A test is what is asked of a cell's ratio. */
static void write_test(FILE *file, const struct analysis *a,
		       const struct cell_result *r, unsigned int arm, size_t number)
{
	const struct stats_ratio *ratio = &r->ratio[arm];
	enum stats_verdict verdict = r->claim[arm].verdict;
	bool bad = verdict == STATS_REGRESSION || r->aa_failed || r->faults ||
		   a->incomplete;

	if (ratio->boots)
		fprintf(file, "# %s %.5f [%.5f, %.5f] of %s, margin %.3g %%\n",
			ratio_name(r, arm).text, ratio->estimate, ratio->low,
			ratio->high, a->unit, 100 * a->plan.margin);
	fprintf(file, "%s %zu %s", bad ? "not ok" : "ok", number, r->cell->name);
	if (arm != ARM_OLD)
		fprintf(file, " %s", ratio_name(r, arm).text);
	if (!bad && !stats_verdict_good(verdict))
		fprintf(file, " # SKIP %s", ratio->boots ? stats_verdict_name(verdict) :
			"this kernel has one split only");
	fputc('\n', file);
}

void summary_write_ktap(const struct analysis *a, const char *path)
{
	size_t tests = 0, number = 0;
	struct output o;
	FILE *file = output_open(&o, path);

	for (size_t i = 0; i < a->nr_cells; i++) {
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++)
			tests += analysis_is_asked(a, &a->cell[i], arm);
	}
	fprintf(file, "KTAP version 1\n1..%zu\n", tests);
	if (a->incomplete)
		fprintf(file, "# incomplete: %.*s\n",
			(int)strcspn(a->incomplete, "\n"), a->incomplete);
	for (size_t i = 0; i < a->nr_cells; i++) {
		for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
			if (analysis_is_asked(a, &a->cell[i], arm))
				write_test(file, a, &a->cell[i], arm, ++number);
		}
	}
	output_close(&o);
}
