// SPDX-License-Identifier: GPL-2.0
/* What all jobs of a boot share */
#include "workload/job.h"

#include <numa.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/affinity.h"
#include "machine/clock.h"
#include "machine/machine.h"
#include "record/job_facts.h"
#include "sys/fsb_module.h"
#include "sys/thp.h"
#include "util/util.h"

void *job_skip(struct measure *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->why_not, sizeof(m->why_not), fmt, args);
	va_end(args);
	return NULL;
}

bool job_lacks_splits(struct measure *m)
{
	if (m->no_splits)
		job_skip(m, "a stock kernel does not export the split: make bench KERNEL=both builds one that does, make install-kernel installs it");
	return m->no_splits;
}

/* An arm that is measured, and what it is compared with is not */
static bool lacks_partner(const struct measure *m, unsigned int arms, unsigned int arm,
			  unsigned int own)
{
	unsigned int against = arm_against(&m->arms, arm, own);

	/* Old alone is compared with another kernel's. */
	return arm != ARM_OLD && (arms & ARM_BIT(arm)) && against != ARM_NONE &&
	       !(arms & ARM_BIT(against));
}

/*
 * One line a run about each thing that is not as the plan says: what a kernel does not
 * have, it does not have for the other cells either, and the table shows it for each.
 */
static void note_arms(struct measure *m, const struct cell *cell,
		      unsigned int arms, unsigned int own, unsigned int reps)
{
	unsigned int lacking = m->plan.arms & ~arms & ~m->noted_arms;
	const struct job_facts *facts = &job_facts[cell->job];
	char calls[32];

	if (m->header.boot != 1)
		return;
	snprintf(calls, sizeof(calls), "%s do", facts->calls);
	m->noted_arms |= lacking;
	for (unsigned int arm = ARM_OLD; arm < arms_known(); arm++) {
		bool alone = lacks_partner(m, arms, arm, own);

		if (lacking & ARM_BIT(arm))
			fprintf(stderr, "splitbench: %s not have arm '%s' for cell %s, which is measured without it\n",
				facts->module || arm_is_usual(arm) ? "this kernel does" :
				calls, arm_name(arm), cell->name);
		if (alone && !(m->noted_arms & ARM_BIT(arm)))
			fprintf(stderr, "splitbench: no ratio of arm '%s': it is compared against '%s', which is not measured (first in cell %s)\n",
				arm_name(arm), arm_name(arm_against(&m->arms, arm, own)),
				cell->name);
		m->noted_arms |= alone ? ARM_BIT(arm) : 0;
	}
	if (reps != cell->reps && !m->noted_reps)
		fprintf(stderr, "splitbench: reps is %u, not %u, so that the order is balanced (first in cell %s)\n",
			reps, cell->reps, cell->name);
	m->noted_reps |= reps != cell->reps;
}

struct cell_order job_order(struct measure *m, const struct cell *cell,
			    unsigned int has, unsigned int own)
{
	struct cell_order order = {
		.back_to_back = cell->warmth == WARMTH_BACK_TO_BACK,
	};
	unsigned int arms = plan_arms(&m->plan, has, &m->arms, own);

	order.arms = order_arms(arms, &m->arms, own);
	order.reps = order_reps(&order.arms, cell->reps);
	order.nr = order_length(&order.arms, order.reps, order.back_to_back) +
		   order.reps;
	note_arms(m, cell, arms, own, order.reps);
	return order;
}

/* The empty calls are the last: what is before a call is always another call. */
void job_draw(struct measure *m, const struct cell_order *order, uint8_t *arm)
{
	order_draw(&order->arms, order->reps, order->back_to_back, m->rng, arm);
	memset(arm + order->nr - order->reps, ARM_EMPTY, order->reps);
}

/* By which a copy of its record is known for one */
static void set_boot_id(struct record_header *header)
{
	char *id = read_text("/proc/sys/kernel/random/boot_id");

	snprintf(header->boot_id, sizeof(header->boot_id), "%s", id ? id : "");
	free(id);
}

/* The plan was made where bench/arms.c had other entries, perhaps. */
static void define_by_module(struct measure *m)
{
	struct module module = module_open();
	unsigned int defined = module_define(&module, &m->arms);

	for (unsigned int arm = ARM_OLD; arm < arms_known(); arm++) {
		if (m->plan.arms & ~defined & ARM_BIT(arm))
			die(EXIT_USAGE, "the plan has arm '%s', which is not in the module; it has: %s",
			    arm_name(arm), module_arm_names(&module));
	}
	module_close(&module);
}

/* What the plan's arms are: the module says it; where no job takes it, it is as usual */
static void define_arms(struct measure *m)
{
	m->arms = arm_defs_usual();
	if (!m->no_splits && plan_takes_module(&m->plan))
		define_by_module(m);
	m->header.nr_arms = arms_known();
	for (unsigned int arm = 0; arm < arms_known(); arm++) {
		strcpy(m->header.arms[arm], arm_name(arm));
		m->header.def[arm] = m->arms.def[arm];
	}
	m->header.has_defs = true;
}

void job_init(struct measure *m)
{
	if (numa_available() < 0)
		die(EXIT_SKIP, "this kernel has no NUMA calls: CONFIG_NUMA is needed");
	if (!clock_ticks())
		die(EXIT_SKIP, "this CPU has no counter that a program can read");
	thp_require();
	m->thp_size = thp_size();
	affinity_pin(0);
	m->node = numa_node_of_cpu(affinity_cpu(0));
	define_arms(m);
	m->header.seed = m->plan.seed + m->header.boot;
	set_boot_id(&m->header);
	strcpy(m->header.design, ORDER_DESIGN);
	strcpy(m->header.unit, machine_unit());
	m->rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (!m->rng)
		die(EXIT_HARNESS, "out of memory");
	gsl_rng_set(m->rng, m->header.seed);
}
