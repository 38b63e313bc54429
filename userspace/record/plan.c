// SPDX-License-Identifier: GPL-2.0
/* RUN/plan.json read, and what follows from it */
#include "record/plan.h"

#include <stdlib.h>
#include <string.h>

#include "record/job_facts.h"
#include "util/util.h"

/* Boots are appended to a run, and how often is a part of what it says. */
static void load_growth(struct plan *plan, const json_t *grown,
			const char *path)
{
	json_t *boots;
	size_t i;

	if (grown && !json_is_array(grown))
		die(EXIT_HARNESS, "%s: 'grown' is not a list of boots", path);
	json_array_foreach(grown, i, boots) {
		if (i == PLAN_MAX_GROWTHS || json_integer_value(boots) < 1)
			die(EXIT_HARNESS, "%s: 'grown' is not a list of boots",
			    path);
		plan->grown[plan->nr_grown++] = json_integer_value(boots);
	}
}

struct plan plan_load(const char *run_dir)
{
	char *path = join(run_dir, "plan.json");
	json_t *doc = load_json(path, PLAN_SCHEMA), *cells, *cell;
	json_int_t boots, builds = 1, cpus, seed, plant;
	struct plan plan = { 0 };
	const char *run, *wrong;
	json_error_t error;
	size_t i;

	if (json_unpack_ex(doc, &error, 0,
			   "{s:s,s:I,s?I,s:I,s:I,s:F,s:F,s:I,s:o}",
			   "run", &run, "boots", &boots, "builds", &builds,
			   "cpus", &cpus,
			   "seed", &seed, "margin", &plan.margin,
			   "confidence", &plan.confidence,
			   "plant", &plant, "cells", &cells))
		die(EXIT_HARNESS, "%s: %s", path, error.text);
	if (boots < 1 || boots > PLAN_MAX_BOOTS || builds < 1 ||
	    builds > PLAN_MAX_BUILDS || cpus < 1 ||
	    cpus > CELL_MAX_THREADS || plant < 0 || plant > UINT32_MAX ||
	    !(plan.margin > 0 && plan.margin < 1) ||
	    !(plan.confidence > 0 && plan.confidence < 1))
		die(EXIT_HARNESS, "%s: a number is out of its bounds", path);
	load_growth(&plan, json_object_get(doc, "grown"), path);
	plan.arms = PLAN_USUAL_ARMS;
	wrong = plan_set_arms(&plan, json_object_get(doc, "arms"));
	if (wrong)
		die(EXIT_HARNESS, "%s: %s", path, wrong);
	plan.target = json_incref(json_object_get(doc, "target"));
	json_array_foreach(cells, i, cell) {
		wrong = cells_expand(cell, 0, &plan.cells, &plan.nr_cells);
		if (wrong)
			die(EXIT_HARNESS, "%s: cell %zu: %s", path, i + 1, wrong);
	}
	if (!plan.nr_cells)
		die(EXIT_HARNESS, "%s: there is no cell in it", path);
	plan.run = strdup(run);
	plan.boots = boots;
	plan.builds = builds;
	plan.cpus = cpus;
	plan.seed = seed;
	plan.plant = plant;
	json_decref(doc);
	free(path);
	return plan;
}

const char *plan_set_arms(struct plan *plan, const json_t *arms)
{
	json_t *arm;
	size_t i;

	if (!arms)
		return NULL;
	if (!json_is_array(arms) || !json_array_size(arms))
		return "'arms' is not a list";
	plan->arms = 0;
	json_array_foreach(arms, i, arm) {
		const char *name = json_string_value(arm);
		unsigned int n;

		if (!name || !arm_is_name(name))
			return reason("'%s' is not the name of an arm: a letter, and up to %d letters, digits, - and _",
				      name ? name : "(not a word)", ARM_NAME_LEN - 2);
		n = arm_add(name);
		if (n == ARM_NONE)
			return reason("arm '%s' is one too many: a run has %d at most",
				      name, ARM_MAX);
		plan->arms |= ARM_BIT(n);
	}
	if (!(plan->arms & (ARM_BIT(ARM_OLD) | ARM_BIT(ARM_NEW))))
		return "'arms' has neither old nor new: there is nothing to measure";
	return NULL;
}

unsigned int plan_arms(const struct plan *plan, unsigned int has,
		       const struct arm_defs *defs, unsigned int own)
{
	unsigned int arms = (plan->arms | ARM_BIT(ARM_EMPTY)) & has;
	unsigned int controls = arm_controls(defs);

	for (unsigned int arm = 0; arm < ARM_MAX; arm++) {
		if (!(controls & has & ARM_BIT(arm)))
			continue;
		if (!(arms >> arm_against(defs, arm, own) & 1))
			arms &= ~ARM_BIT(arm);
		else if (!(arms & controls))
			arms |= ARM_BIT(arm);
	}
	return arms;
}

json_t *plan_arms_json(const struct plan *plan)
{
	json_t *arms = json_array();

	for (unsigned int arm = ARM_OLD; arm < arms_known(); arm++) {
		if (plan->arms >> arm & 1)
			json_array_append_new(arms, json_string(arm_name(arm)));
	}
	return arms;
}

unsigned int plan_build_of(const struct plan *plan, unsigned int boot)
{
	return (boot - 1) % plan->builds + 1;
}

void plan_free(struct plan *plan)
{
	free(plan->cells);
	free(plan->run);
	json_decref(plan->target);
}

const char *plan_target(const struct plan *plan, const char *key)
{
	return json_string_value(json_object_get(plan->target, key));
}

int plan_on_host(const struct plan *plan)
{
	const char *target = plan_target(plan, "target");

	return target && !strcmp(target, "host");
}

int plan_has_job(const struct plan *plan, enum cell_job job)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		if (plan->cells[i].job == job)
			return 1;
	}
	return 0;
}

bool plan_takes_module(const struct plan *plan)
{
	for (size_t i = 0; i < plan->nr_cells; i++) {
		if (job_facts[plan->cells[i].job].module)
			return true;
	}
	return false;
}
