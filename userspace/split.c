// SPDX-License-Identifier: GPL-2.0
/* The job "split": one block's calls, through the module */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "measure.h"
#include "module.h"
#include "region.h"
#include "util.h"

#define MAX_RETRIES	10

/**
 * struct split - what a cell's measuring needs
 * @m: of the boot
 * @cell: what is measured
 * @module: the module
 * @nr_arms: how many arms this kernel has
 * @arm: them, as indexes of the header's arms
 * @index: the module's index of each of the header's arms
 */
struct split {
	struct measure *m;
	const struct cell *cell;
	struct module module;
	unsigned int nr_arms;
	uint8_t arm[NR_ARMS];
	uint8_t index[NR_ARMS];
};

static void choose_arms(struct split *s)
{
	enum split_state state = s->cell->state;
	int own = module_arm(&s->module, "new", state) < 0 ? ARM_OLD : ARM_NEW;

	for (int arm = 0; arm < NR_ARMS; arm++) {
		const char *name = arm_names[arm];
		int index;

		/* A planted slowdown hides behind what the kernel has. */
		if (s->m->plan.plant && (arm == own || arm == ARM_AGAIN))
			name = "slow";
		index = module_arm(&s->module, name, state);
		if (index < 0) {
			if (s->m->header.boot == 1)
				fprintf(stderr,
					"splitbench: %s: this kernel does not have arm '%s'\n",
					s->cell->name, name);
			continue;
		}
		s->index[arm] = index;
		s->arm[s->nr_arms++] = arm;
	}
}

static void *split_begin(struct measure *m, const struct cell *cell)
{
	struct split *s = calloc(1, sizeof(*s));

	if (!s)
		die(EXIT_HARNESS, "out of memory");
	s->m = m;
	s->cell = cell;
	s->module = module_open();
	choose_arms(s);
	if (cell->reps * s->nr_arms > FSB_MAX_FOLIOS)
		die(EXIT_USAGE, "%u calls of %u arms are more than the %u of a block",
		    cell->reps, s->nr_arms, FSB_MAX_FOLIOS);
	return s;
}

/* Return: 0; an errno that another try may not get. */
static int try_block(struct split *s, struct record_block *block)
{
	uint8_t arm[FSB_MAX_FOLIOS];
	struct fsb_run run = {
		.version = FSB_VERSION,
		.nr = block->nr,
		.arms = (uintptr_t)arm,
		.samples = (uintptr_t)block->sample,
		.new_order = s->cell->new_order,
		.slow_loops = s->m->plan.plant,
		.flags = s->cell->state == STATE_MAPPED ? FSB_RUN_MAPPED : 0,
	};
	struct region region;
	uint64_t at[5];
	int thps, off, whole = 0, error = 0;
	size_t wrong;

	for (unsigned int i = 0; i < block->nr; i++) {
		arm[i] = s->index[block->arm[i]];
		whole += block->arm[i] == ARM_EMPTY;
	}
	/* The module's writes must not be the first to touch these pages. */
	memset(block->sample, 0, block->nr * sizeof(block->sample[0]));

	at[0] = counter();
	if (region_map(&region, block->nr, s->m->thp_size, s->m->node, true))
		die(EXIT_SKIP, "cannot map %u THPs: %s", block->nr,
		    strerror(errno));
	region_fill(&region, s->m->plan.seed + block->block);
	at[1] = counter();
	run.addr = (uintptr_t)region.addr;
	thps = region_thps(&region);
	if (thps < 0)
		die(EXIT_SKIP,
		    "cannot tell THPs from pages: PAGEMAP_SCAN: %s; it takes Linux 6.7 and PROC_PAGE_MONITOR",
		    strerror(errno));
	off = region_off_node(&region, s->m->node);
	if (off < 0)
		die(EXIT_SKIP, "cannot tell the pages' nodes: %s",
		    strerror(errno));
	if (thps < (int)block->nr || off) {
		region_unmap(&region);
		return thps < (int)block->nr ? ENODATA : EXDEV;
	}
	at[2] = counter();
	if (module_run(&s->module, &run))
		error = errno;
	at[3] = counter();
	wrong = region_wrong_pages(&region);
	if (wrong)
		die(EXIT_DIFFERS, "block %u: %zu pages lost their data",
		    block->block, wrong);
	/* A call that failed is recorded and judged; it leaves one whole. */
	for (unsigned int i = 0; i < block->nr; i++)
		whole += block->arm[i] != ARM_EMPTY && block->sample[i].ret;
	/* Of unmapped ones the PMD is split, whatever the folio is. */
	thps = run.flags & FSB_RUN_MAPPED ? region_thps(&region) : whole;
	if (!error && thps != whole)
		die(EXIT_DIFFERS, "block %u: %d THPs are whole after the calls, not %d",
		    block->block, thps, whole);
	at[4] = counter();
	region_unmap(&region);

	block->phases[PHASE_FAULT] = at[1] - at[0];
	block->phases[PHASE_VERIFY] = at[2] - at[1] + at[4] - at[3];
	block->phases[PHASE_SETUP] = run.setup_ticks;
	block->phases[PHASE_PMD_SPLIT] = run.pmd_split_ticks;
	block->phases[PHASE_CHECK] = run.check_ticks;
	block->phases[PHASE_FINALIZE] = run.finalize_ticks;
	block->phases[PHASE_UNMAP] = counter() - at[4];
	return error;
}

static void split_judge(void *state, const struct record_block *block)
{
	const struct split *s = state;

	for (unsigned int i = 0; i < block->nr; i++) {
		const struct fsb_sample *sample = &block->sample[i];

		if (sample->fault)
			die(EXIT_DIFFERS,
			    "block %u, call %u, arm %s: broken contract: faults 0x%x, returned %d",
			    block->block, i, s->m->header.arms[block->arm[i]],
			    sample->fault, sample->ret);
	}
}

static const char *why(int error)
{
	switch (error) {
	case ENODATA:
		return "too few free THPs: free memory, or write 1 to /proc/sys/vm/compact_memory";
	case EXDEV:
		return "the memory is not on the CPU's NUMA node";
	default:
		return module_refusal(error);
	}
}

/* A mapped split that refuses again and again is the kernel's own doing. */
static int exit_code(const struct split *s, int error)
{
	if (error == ENODATA)
		return EXIT_SKIP;
	return error == EBUSY && s->cell->state == STATE_MAPPED ? EXIT_DIFFERS :
								  EXIT_HARNESS;
}

static void split_block(void *state, struct record_block *block)
{
	struct split *s = state;
	int error;

	block->nr = s->cell->reps * s->nr_arms;
	draw_order(s->m, block->arm, s->nr_arms, s->cell->reps);
	for (unsigned int i = 0; i < block->nr; i++)
		block->arm[i] = s->arm[block->arm[i]];
	for (block->retries = 0; ; block->retries++) {
		error = try_block(s, block);
		if (!error)
			return;
		if ((error != EBUSY && error != ENODATA && error != EXDEV) ||
		    block->retries == MAX_RETRIES)
			die(exit_code(s, error), "block %u: %s", block->block,
			    why(error));
	}
}

static void split_end(void *state)
{
	struct split *s = state;

	module_close(&s->module);
	free(s);
}

const struct job split_job = {
	.begin = split_begin,
	.block = split_block,
	.judge = split_judge,
	.end = split_end,
};
