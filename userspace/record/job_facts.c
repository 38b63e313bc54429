// SPDX-License-Identifier: GPL-2.0
/* The table of jobs, and what follows from it for the parameters of their cells */
#include "record/job_facts.h"

#include <string.h>

#include "../bench/folio_split_bench.h"

#define TAKES(param)		CELL_BUT(param)
#define USUALLY(param, x)	\
	[PARAM_##param] = { true, x }
#define JOB_ROW(id, word, report, ...)	\
	[JOB_##id] = { .name = #word, __VA_ARGS__ },

const struct job_facts job_facts[NR_JOBS] = {
#include "record/jobs.h"
};

enum cell_job job_number(const char *name)
{
	for (enum cell_job job = 0; name && job < NR_JOBS; job++) {
		if (!strcmp(job_facts[job].name, name))
			return job;
	}
	return NR_JOBS;
}

bool cell_param_is_of(const struct cell_param *p, enum cell_job job)
{
	return p->jobs >> job & 1 || job_facts[job].takes >> (p - cell_param) & 1;
}

unsigned int cell_param_usual(const struct cell_param *p, enum cell_job job)
{
	const struct job_default *usual = &job_facts[job].usual[p - cell_param];

	return usual->is_set ? usual->value : p->usual;
}

bool cell_is_usual(const struct cell *cell, uint64_t but)
{
	for (int i = 0; i < NR_PARAMS; i++) {
		const struct cell_param *p = &cell_param[i];

		if (!p->is_size && cell_param_is_of(p, cell->job) && !(but >> i & 1) &&
		    cell_param_value(p, cell) != cell_param_usual(p, cell->job))
			return false;
	}
	return true;
}

struct cell cell_usual(enum cell_job job)
{
	struct cell cell = { .job = job };

	for (int i = 0; i < NR_PARAMS; i++) {
		unsigned int usual = cell_param_usual(&cell_param[i], job);

		memcpy((char *)&cell + cell_param[i].offset, &usual, sizeof(usual));
	}
	return cell;
}
