/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of each job but how it is measured and printed: a row of jobs.h */
#ifndef SPLITBENCH_JOB_FACTS_H
#define SPLITBENCH_JOB_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/cell.h"

/**
 * struct job_default - a default that is not the one in the parameter's row
 * @is_set: there is one
 * @value: and which
 */
struct job_default {
	bool is_set;
	unsigned int value;
};

/**
 * struct job_facts - a job, from its row
 * @name: in plans and records
 * @help: what it measures
 * @title: above a table of its cells; NULL: @help
 * @calls: what is timed, a plural
 * @module: it calls the arms of the module folio_split_bench; otherwise the kernel's own
 *	    split path is switched, which has no arms but old, new and same
 * @by_process: its rounds are recorded by process, and when each began and ended
 * @takes: parameters of other jobs that its cells have, a bit each
 * @usual: defaults of its own, by parameter
 * @most_calls: of all arms together in a block, at most; 0: no limit but the record's
 * @base_key: what summary.json calls the cost over that of the base cell; NULL: it is
 *	      not compared so
 * @base_help: what the base cell is, in words
 * @rejected: what rounds that are repeated did; NULL: "were repeated"
 * @cells: what its cells have of their own; NULL: nothing
 */
struct job_facts {
	const char *name;
	const char *help;
	const char *title;
	const char *calls;
	bool module;
	bool by_process;
	uint64_t takes;
	struct job_default usual[NR_PARAMS];
	unsigned int most_calls;
	const char *base_key;
	const char *base_help;
	const char *rejected;
	const struct cell_ops *cells;
};

extern const struct job_facts job_facts[NR_JOBS];

/* The job of that name; NR_JOBS if there is none */
enum cell_job job_number(const char *name);

/* Does a cell of that job have the parameter? */
bool cell_param_is_of(const struct cell_param *p, enum cell_job job);

/* What the parameter is by default */
unsigned int cell_param_usual(const struct cell_param *p, enum cell_job job);

/**
 * cell_is_usual() - is all of a cell as by default?
 * @cell: the cell
 * @but: parameters that may be anything, CELL_BUT(name) each
 *
 * For fits and curves, which must not join cells that differ in what they do not know
 * of. Sizes do not matter.
 *
 * Return: are all parameters that its job has and that @but does not name?
 */
bool cell_is_usual(const struct cell *cell, uint64_t but);

/* A cell of that job, all as by default; its name is not set. */
struct cell cell_usual(enum cell_job job);

#endif /* SPLITBENCH_JOB_FACTS_H */
