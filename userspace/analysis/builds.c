// SPDX-License-Identifier: GPL-2.0
/* Boots to builds, where a run has several builds of a kernel */
#include "analysis/builds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

/*
 * What the boots of a build say becomes what the build says: their mean. A build with a
 * boot that says nothing says nothing, too: that boot is not left out.
 */
static void average(double *logs, const unsigned int *build, size_t boots,
		    const unsigned int *builds, size_t nr)
{
	double *means = grow(NULL, nr + 1, sizeof(double));

	for (size_t b = 0; b < nr; b++) {
		double sum = 0;
		size_t n = 0;

		for (size_t i = 0; i < boots; i++) {
			if (build[i] == builds[b]) {
				sum += logs[i];
				n++;
			}
		}
		means[b] = n && isfinite(sum) ? sum / n : NAN;
	}
	memcpy(logs, means, nr * sizeof(double));
	free(means);
}

void builds_reduce(const struct analysis *a, struct cell_result *r)
{
	unsigned int *build = grow(NULL, r->boots + 1, sizeof(*build));
	unsigned int *builds = grow(NULL, r->boots + 1, sizeof(*builds));
	size_t nr = 0;

	for (size_t i = 0; i < r->boots; i++)
		build[i] = plan_build_of(&a->plan, r->boot[i]);
	for (unsigned int b = 1; b <= a->plan.builds; b++) {
		bool any = false;

		for (size_t i = 0; i < r->boots; i++)
			any |= build[i] == b;
		if (any)
			builds[nr++] = b;
	}
	for (int arm = ARM_OLD; arm < ARM_MAX; arm++) {
		average(r->logs[arm], build, r->boots, builds, nr);
		average(r->least_logs[arm], build, r->boots, builds, nr);
		average(r->level[arm], build, r->boots, builds, nr);
		average(r->first_logs[arm], build, r->boots, builds, nr);
	}
	for (int arm = 0; r->rounds && arm < ARM_MAX; arm++) {
		average(r->rounds->rate[arm], build, r->boots, builds, nr);
		average(r->rounds->beside_rate[arm], build, r->boots, builds, nr);
	}
	memcpy(r->boot, builds, nr * sizeof(*builds));
	r->boots = nr;
	free(build);
	free(builds);
}
