// SPDX-License-Identifier: GPL-2.0
/* Ratios of a cell, from what its boots say */
#include "analysis/estimate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/job_facts.h"
#include "util/util.h"

#define THP_BYTES	(2.0 * 1024 * 1024)

/* There is no ratio if a boot lacks it; if only some boots do, the run is incomplete. */
static struct stats_ratio estimate_ratio(struct analysis *a,
					 const struct cell_result *r, unsigned int arm)
{
	size_t missing = 0;

	for (size_t i = 0; i < r->boots; i++)
		missing += isnan(r->logs[arm][i]) != 0;
	if (missing && missing < r->boots)
		analysis_note_incomplete(a, "%s: %s: %zu of %zu %ss do not have it",
					 r->cell->name, ratio_name(r, arm).text,
					 missing, r->boots, analysis_level(a));
	if (missing)
		return (struct stats_ratio){ 0 };
	return stats_paired(r->logs[arm], r->boots, a->plan.confidence);
}

/* The ratio of logs, from the boots that have them */
static struct stats_ratio estimate_of(const struct analysis *a,
				      const struct cell_result *r, const double *of_boot)
{
	double *logs = grow(NULL, r->boots, sizeof(double));
	struct stats_ratio ratio = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		if (isfinite(of_boot[i]))
			logs[n++] = of_boot[i];
	}
	if (n)
		ratio = stats_paired(logs, n, a->plan.confidence);
	free(logs);
	return ratio;
}

struct ratio_name ratio_name(const struct cell_result *r, unsigned int arm)
{
	struct ratio_name name;

	snprintf(name.text, sizeof(name.text), "%s/%s", arm_name(arm),
		 arm_name(r->against[arm]));
	return name;
}

/* Of the change, the ratio tells what it saves. */
unsigned int ratio_candidate(const struct cell_result *r, unsigned int arm)
{
	return arm == ARM_OLD ? r->against[arm] : arm;
}

unsigned int ratio_base(const struct cell_result *r, unsigned int arm)
{
	return arm == ARM_OLD ? arm : r->against[arm];
}

struct stats_ratio ratio_cost(const struct cell_result *r, unsigned int arm)
{
	return arm == ARM_OLD ? stats_inverse(&r->ratio[arm]) : r->ratio[arm];
}

const struct cell_result *analysis_base(const struct analysis *a,
					const struct cell_result *r)
{
	struct cell base;

	if (!cell_base(r->cell, &base))
		return NULL;
	for (size_t i = 0; i < a->nr_cells; i++) {
		if (!strcmp(a->cell[i].cell->name, base.name))
			return &a->cell[i];
	}
	return NULL;
}

double analysis_parts(const struct cell_result *r, unsigned int arm)
{
	double sum = 0;

	if (!r->whole[arm] || !r->hist[arm])
		return 0;
	for (int part = 0; part < NR_PARTS; part++)
		sum += r->part[arm][part];
	return sum / stats_hist_quantile(r->hist[arm], 0.5);
}

const char *analysis_throughput_unit(const struct analysis *a)
{
	if (!strcmp(a->unit, "instructions"))
		return "bytes/instruction";
	return strcmp(a->unit, "tsc") ? "GiB/s (emulated)" : "GiB/s";
}

double analysis_throughput(const struct analysis *a,
			   const struct cell_result *r, unsigned int arm)
{
	double thps = r->busy[arm].rounds * r->cell->thps * r->cell->threads;
	double rate = thps * THP_BYTES / r->busy[arm].ticks;

	if (!strcmp(a->unit, "instructions"))
		return rate;
	return rate * a->counter_khz * 1000 / (1 << 30);
}

const char *analysis_rate_unit(const struct analysis *a)
{
	if (!strcmp(a->unit, "instructions"))
		return "splits/M instructions";
	return strcmp(a->unit, "tsc") ? "splits/s (emulated)" : "splits/s";
}

double analysis_rate(const struct analysis *a, const struct cell_result *r,
		     unsigned int arm)
{
	double sum = 0, rate;
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		if (isfinite(r->rounds->rate[arm][i])) {
			sum += r->rounds->rate[arm][i];
			n++;
		}
	}
	rate = n ? exp(sum / n) : NAN;
	if (!strcmp(a->unit, "instructions"))
		return rate * 1e6;
	return rate * a->counter_khz * 1000;
}

/*
 * The ratio of what boots say of one cell and of another, or of two arms of
 * one, from the boots that have both
 */
static struct stats_ratio between(const struct analysis *a,
				  const struct cell_result *r, const double *level,
				  const struct cell_result *other,
				  const double *other_level)
{
	double *logs = grow(NULL, r->boots, sizeof(double));
	struct stats_ratio ratio = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < r->boots; i++) {
		for (size_t j = 0; j < other->boots; j++) {
			double log = level[i] - other_level[j];

			if (other->boot[j] == r->boot[i] && isfinite(log))
				logs[n++] = log;
		}
	}
	if (n)
		ratio = stats_paired(logs, n, a->plan.confidence);
	free(logs);
	return ratio;
}

/* No boot is left out: one where nothing got done says the most. */
static struct stats_ratio between_all(const struct analysis *a,
				      const struct cell_result *r,
				      const double *level, const double *other)
{
	for (size_t i = 0; i < r->boots; i++) {
		if (!isfinite(level[i]) || !isfinite(other[i]))
			return (struct stats_ratio){ 0 };
	}
	return between(a, r, level, r, other);
}

struct stats_ratio analysis_over(const struct analysis *a, const struct cell_result *r,
				 const struct cell_result *other)
{
	return between(a, r, r->level[r->own], other, other->level[other->own]);
}

/* Cost relative to the base cell */
static struct stats_ratio over_base(const struct analysis *a, const struct cell_result *r)
{
	const struct cell_result *base = analysis_base(a, r);

	if (!base || !job_facts[r->cell->job].base_key)
		return (struct stats_ratio){ 0 };
	return analysis_over(a, r, base);
}

static void estimate_rounds(const struct analysis *a, struct cell_result *r)
{
	const struct cell_result *alone = analysis_base(a, r);
	const struct rounds *rounds = r->rounds;

	for (int arm = 0; arm < ARM_MAX; arm++) {
		if (alone && alone->rounds)
			r->scaling[arm] = between(a, r, rounds->rate[arm], alone,
						  alone->rounds->rate[arm]);
		if (arm != ARM_EMPTY)
			r->beside[arm] = between_all(a, r, rounds->beside_rate[arm],
						     rounds->beside_rate[ARM_EMPTY]);
	}
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		unsigned int candidate = ratio_candidate(r, arm), base = ratio_base(r, arm);

		if (analysis_is_subject(a, arm) && r->against[arm] != ARM_EMPTY)
			r->beside_ratio[arm] = between_all(a, r, rounds->beside_rate[candidate],
							   rounds->beside_rate[base]);
	}
}

/*
 * Is what makes calls slower a disturbance? Not of exact counts; and where several wait
 * for each other, that is what is measured.
 */
static bool is_undisturbed(const struct analysis *a, const struct cell_result *r)
{
	return !a->tolerance && r->cell->threads == 1 && r->cell->beside == BESIDE_NONE;
}

void estimate_cell(struct analysis *a, struct cell_result *r)
{
	for (unsigned int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		r->ratio[arm] = estimate_ratio(a, r, arm);
		r->warming[arm] = estimate_of(a, r, r->first_logs[arm]);
		/* Not of boots that others lack. */
		if (r->ratio[arm].boots && is_undisturbed(a, r))
			r->least_ratio[arm] = estimate_of(a, r, r->least_logs[arm]);
	}
	r->over_base = over_base(a, r);
	if (r->rounds)
		estimate_rounds(a, r);
}
