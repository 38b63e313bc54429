// SPDX-License-Identifier: GPL-2.0
/* What a run says, and giving it back */
#include "analysis/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

void analysis_free(struct analysis *a)
{
	for (size_t i = 0; i < a->nr_cells; i++) {
		struct cell_result *r = &a->cell[i];

		for (int arm = 0; arm < NR_ARMS; arm++) {
			stats_hist_free(r->hist[arm]);
			stats_hist_free(r->first[arm]);
			free(r->first_logs[arm]);
		}
		for (int pair = 0; pair < NR_PAIRS; pair++) {
			free(r->logs[pair]);
			free(r->least_logs[pair]);
		}
		for (int arm = 0; arm < NR_ARMS; arm++)
			free(r->level[arm]);
		free(r->boot);
		rounds_free(r->rounds);
	}
	for (size_t i = 0; i < a->plan.nr_cells; i++)
		free(a->skipped[i]);
	free(a->skipped);
	free(a->cell);
	free(a->release);
	free(a->cpu);
	free(a->incomplete);
	json_decref(a->doctor);
	plan_free(&a->plan);
}
