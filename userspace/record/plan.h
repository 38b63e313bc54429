/* SPDX-License-Identifier: GPL-2.0 */
/* RUN/plan.json: what a run measures */
#ifndef SPLITBENCH_PLAN_H
#define SPLITBENCH_PLAN_H

#include <stdint.h>

#include "record/arm.h"
#include "record/cell.h"

#define PLAN_SCHEMA	"splitbench.plan/2"
#define CELLS_SCHEMA	"splitbench.cells/1"
#define PLAN_MAX_BOOTS	1000
#define PLAN_MAX_BUILDS	100
#define PLAN_MAX_GROWTHS	64
/* Without a control that is named, the best one that the kernel has is taken. */
#define PLAN_USUAL_ARMS		(ARM_BIT(ARM_OLD) | ARM_BIT(ARM_NEW))

/* Boots that were appended until the result pleased would be no evidence. */
#define PLAN_GROWN_TEXT \
	"boots were appended when there were %u: p and interval do not allow for a look in between"

/**
 * struct plan - what a run is to measure; fixed before it begins
 * @run: the run's name, its folder's
 * @boots: how many boots, of all builds together
 * @builds: how many builds of the kernel, each with its code laid out another way, take
 *	    turns from boot to boot; intervals are over builds if there are several
 * @cpus: how many CPUs a guest of it has
 * @seed: of everything random
 * @margin: what counts as a difference, such as 0.02
 * @confidence: of the intervals, such as 0.95
 * @plant: iterations added to each split of new and again, to prove that
 *	   they are found; 0 in any real run
 * @arms: which are measured, as bits; the empty one always is, and so is an A/A
 *	  control, the best one that the kernel has if none is named
 * @cells: what is measured in each boot, in this order
 * @nr_cells: how many
 * @target: which kernel, from the variables of make bench: an object of strings,
 *	    NULL if it was not noted down
 * @grown: how many boots there were before some were appended, each time
 * @nr_grown: how often
 */
struct plan {
	char *run;
	unsigned int boots;
	unsigned int builds;
	unsigned int cpus;
	uint64_t seed;
	double margin;
	double confidence;
	unsigned int plant;
	unsigned int arms;
	struct cell *cells;
	size_t nr_cells;
	json_t *target;
	unsigned int grown[PLAN_MAX_GROWTHS];
	size_t nr_grown;
};

/* Read RUN/plan.json; does not return if there is none or it is not sound. */
struct plan plan_load(const char *run_dir);
/* What make bench has recorded of the kernel, such as "title"; NULL: nothing */
const char *plan_target(const struct plan *plan, const char *key);

void plan_free(struct plan *plan);

/*
 * Take the arms of a list such as ["new", "same"], whatever kernel has them. Return:
 * NULL; or what is wrong.
 */
const char *plan_set_arms(struct plan *plan, const json_t *arms);
json_t *plan_arms_json(const struct plan *plan);

/**
 * plan_arms() - the arms to measure on a kernel
 * @plan: the plan
 * @has: the arms that this kernel has, as bits
 * @defs: what it says of them
 * @own: what it calls itself
 *
 * Return: them, as bits. A control without the arm that it is held against is not
 * among them.
 */
unsigned int plan_arms(const struct plan *plan, unsigned int has,
		       const struct arm_defs *defs, unsigned int own);

/* Which build of the kernel a boot is of, from 1 */
unsigned int plan_build_of(const struct plan *plan, unsigned int boot);

/* Is it of a machine that is not the run's own, and is not booted for it? */
int plan_on_host(const struct plan *plan);

/* Is there a cell of @job? */
int plan_has_job(const struct plan *plan, enum cell_job job);

/* Is there a cell whose job calls the arms of the module folio_split_bench? */
bool plan_takes_module(const struct plan *plan);

#endif /* SPLITBENCH_PLAN_H */
