// SPDX-License-Identifier: GPL-2.0
/* What a run says, and giving it back */
#include "analysis/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

void analysis_note_incomplete(struct analysis *a, const char *fmt, ...)
{
	char what[512], *all;
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (asprintf(&all, "%s%s\n", a->incomplete ? a->incomplete : "",
		     what) < 0)
		die(EXIT_HARNESS, "out of memory");
	free(a->incomplete);
	a->incomplete = all;
}

const char *analysis_level(const struct analysis *a)
{
	return a->plan.builds > 1 ? "build" : "boot";
}

unsigned int analysis_own(const struct cell_result *r)
{
	return r->hist[ARM_NEW] ? ARM_NEW : ARM_OLD;
}

bool analysis_is_subject(const struct analysis *a, unsigned int arm)
{
	return arm != ARM_EMPTY && !a->arms.def[arm].control;
}

bool analysis_is_variant(const struct analysis *a, unsigned int arm)
{
	return arm > ARM_NEW && analysis_is_subject(a, arm);
}

bool analysis_is_asked(const struct analysis *a, const struct cell_result *r,
		       unsigned int arm)
{
	if (r->ratio[arm].boots)
		return analysis_is_subject(a, arm);
	for (unsigned int other = ARM_OLD; other < ARM_MAX; other++) {
		if (analysis_is_subject(a, other) && r->ratio[other].boots)
			return false;
	}
	return arm == ARM_OLD;
}

const char *analysis_aa_verdict(const struct cell_result *r)
{
	if (r->aa_failed)
		return "A/A FAILED";
	return r->ratio[r->control].inference ? "A/A holds" : "no inference";
}

bool analysis_has_variants(const struct analysis *a)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		for (unsigned int arm = 0; arm < ARM_MAX; arm++) {
			if (analysis_is_variant(a, arm) && a->cell[i].ratio[arm].boots)
				return true;
		}
	}
	return false;
}

bool analysis_same_boot(const struct record_header *a, const struct record_header *b)
{
	if (*a->boot_id || *b->boot_id)
		return !strcmp(a->boot_id, b->boot_id);
	return *a->design && *a->started && a->seed == b->seed &&
	       !strcmp(a->started, b->started);
}

void analysis_free(struct analysis *a)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		for (int arm = 0; arm < ARM_MAX; arm++) {
			stats_hist_free(r->hist[arm]);
			stats_hist_free(r->first[arm]);
			free(r->first_logs[arm]);
			free(r->logs[arm]);
			free(r->least_logs[arm]);
			free(r->level[arm]);
		}
		free(r->boot);
		rounds_free(r->rounds);
	}
	for (size_t i = 0; i < a->plan.nr_cells; i++)
		free(a->skipped[i]);
	free(a->skipped);
	free(a->cell);
	free(a->release);
	free(a->compiler);
	free(a->cpu);
	free(a->incomplete);
	free(a->seen);
	json_decref(a->doctor);
	plan_free(&a->plan);
}
