// SPDX-License-Identifier: GPL-2.0
/* Can a cell be measured at all, and how long may that take? */
#include "record/job_facts.h"
#include "util/util.h"

/* Each parameter by itself */
static const char *check_bounds(const struct cell *cell)
{
	for (int i = 0; i < NR_PARAMS; i++) {
		const struct cell_param *p = &cell_param[i];
		unsigned int value = cell_param_value(p, cell);

		if (!cell_param_is_of(p, cell->job) || p->words ||
		    value == cell_param_usual(p, cell->job))
			continue;
		if (value < p->least || value > p->most)
			return reason("%s is %u to %u", p->name, p->least, p->most);
	}
	return NULL;
}

const char *cell_check(const struct cell *cell)
{
	const struct cell_ops *ops = job_facts[cell->job].cells;
	const char *wrong = check_bounds(cell);

	if (!wrong && ops && ops->check)
		wrong = ops->check(cell);
	return wrong;
}

uint64_t cell_slow_seconds(const struct cell *cell)
{
	const struct cell_ops *ops = job_facts[cell->job].cells;
	/* On a clock, each of three passes has its warm-up. */
	uint64_t blocks = cell->blocks + UINT64_C(3) * cell->warmup;

	if (ops && ops->seconds)
		return ops->seconds(cell);
	/* A second for a call, of each process */
	return blocks * cell->reps * cell->thps * cell_cpus(cell) + 20;
}
