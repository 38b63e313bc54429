// SPDX-License-Identifier: GPL-2.0
/* The job "split": one block's calls, through the module */
#include <errno.h>
#include <numa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "machine/affinity.h"
#include "machine/guard.h"
#include "machine/machine.h"
#include "sys/test_hmm.h"
#include "util/util.h"
#include "workload/job.h"
#include "workload/split_request.h"

#define MAX_RETRIES	10
#define QUEUE_FILE	"/sys/kernel/mm/transparent_hugepage/shrink_underused"

/**
 * struct split - what a cell's measuring needs
 * @m: of the boot
 * @splitting: what is measured
 * @queue: whether page faults put THPs on the deferred list before
 * @order: which arms, and how many calls of each, a block has
 * @index: the module's index of each of the header's arms
 */
struct split {
	struct measure *m;
	struct splitting splitting;
	char *queue;
	struct cell_order order;
	uint8_t index[ARM_MAX];
};

/* Be on the CPU that is asked for; false, after job_skip(), if it cannot be */
static bool choose_place(struct measure *m, const struct cell *cell, int *node)
{
	int cpu = affinity_cpu(0);

	if (cell->cpu_node != CELL_ANY_NODE)
		cpu = affinity_cpu_on(cell->cpu_node, 0);
	if (cpu < 0) {
		job_skip(m, "none of the available CPUs is on node %u",
			 cell->cpu_node);
		return false;
	}
	*node = numa_node_of_cpu(cpu);
	if (cell->memory_node != CELL_ANY_NODE)
		*node = cell->memory_node;
	if (numa_node_size64(*node, NULL) <= 0) {
		job_skip(m, "node %d has no memory", *node);
		return false;
	}
	affinity_pin_to(cpu);
	return true;
}

/* Is there room in the swap for all folios of a request? */
static bool has_swap(size_t bytes)
{
	struct sysinfo info;

	return !sysinfo(&info) && (uint64_t)info.freeswap * info.mem_unit >= bytes;
}

/* What the cell wants of the machine. Return: NULL; or what is missing. */
static const char *arrange(struct measure *m, const struct cell *cell)
{
	if (cell->folio == FOLIO_DEVICE)
		return hmm_load(m->test_hmm);
	if (cell->folio == FOLIO_SWAPCACHE &&
	    !has_swap(FSB_MAX_FOLIOS * m->thp_size))
		return "there are less than 128 MiB of swap free";
	/* A page fault queues each THP, but if this is off. */
	if (cell->queue == QUEUE_OFF && guard_set(QUEUE_FILE, "0"))
		return "this kernel has no " QUEUE_FILE;
	return NULL;
}

/* A kind of folio that is refused leaves a gap; all else shows in the blocks. */
static bool is_taken(struct split *s)
{
	struct fsb_run run = { 0 };
	int error = splitting_trial(&s->splitting, &run, s->index[ARM_EMPTY],
				    s->m->plan.seed);

	if (splitting_refused(error))
		job_skip(s->m, "%s", splitting_error(&s->splitting, error));
	s->splitting.broken[0] = '\0';
	return !splitting_refused(error);
}

static void split_end(void *state)
{
	struct split *s = state;

	/* For the cells that follow; the guard does it again. */
	if (s->splitting.cell->queue == QUEUE_OFF &&
	    write_text(QUEUE_FILE, 0, s->queue))
		die(EXIT_HARNESS, QUEUE_FILE ": %s", strerror(errno));
	free(s->queue);
	splitting_end(&s->splitting);
	affinity_pin(0);
	free(s);
}

static void *split_begin(struct measure *m, const struct cell *cell)
{
	const char *missing;
	struct split *s;
	char *queue;
	int node;

	if (job_lacks_splits(m))
		return NULL;
	queue = read_text(QUEUE_FILE);
	if (!choose_place(m, cell, &node)) {
		free(queue);
		return NULL;
	}
	missing = arrange(m, cell);
	if (missing) {
		free(queue);
		return job_skip(m, "%s", missing);
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		die(EXIT_HARNESS, "out of memory");
	s->m = m;
	s->queue = queue;
	s->splitting = (struct splitting){
		.cell = cell, .thp_size = m->thp_size, .node = node,
		.plant = m->plan.plant,
		.spoil_kib = cell->warmth == WARMTH_COLD ? machine_spoil_kib() : 0,
	};
	splitting_begin(&s->splitting);
	s->order = job_order(m, cell, splitting_arms(&s->splitting, s->index),
			     splitting_own(&s->splitting));
	if (!is_taken(s)) {
		split_end(s);
		return NULL;
	}
	if (!s->order.arms.nr) {
		split_end(s);
		return job_skip(m, "this kernel has none of the arms to measure");
	}
	if (s->order.nr > FSB_MAX_FOLIOS) {
		job_skip(m, "reps is too large: %u calls of each arm are %u in all, and a block has %d at most",
			 s->order.reps, s->order.nr, FSB_MAX_FOLIOS);
		split_end(s);
		return NULL;
	}
	return s;
}

static void split_judge(void *state, const struct record_block *block)
{
	const struct split *s = state;

	splitting_judge(s->m, block);
}

static void split_block(void *state, struct record_block *block)
{
	struct split *s = state;
	unsigned int whole = 0;
	uint8_t arm[FSB_MAX_FOLIOS];
	struct fsb_run run = {
		.arms = (uintptr_t)arm,
		.samples = (uintptr_t)block->sample,
	};
	int error;

	block->nr = s->order.nr;
	block->lead = 1;
	run.nr = block->nr;
	job_draw(s->m, &s->order, block->arm);
	for (unsigned int i = 0; i < block->nr; i++) {
		arm[i] = s->index[block->arm[i]];
		whole += block->arm[i] == ARM_EMPTY;
	}
	for (block->retries = 0; ; block->retries++) {
		memset(block->phases, 0, sizeof(block->phases));
		error = splitting_try(&s->splitting, &run,
				      s->m->plan.seed + block->block, whole,
				      block->phases);
		if (!error)
			return;
		if (!splitting_again(error) || block->retries == MAX_RETRIES)
			die(splitting_exit_code(&s->splitting, error), "block %u: %s",
			    block->block, splitting_error(&s->splitting, error));
		splitting_pause(block->retries + 1);
	}
}

const struct job split_job = {
	.begin = split_begin,
	.block = split_block,
	.judge = split_judge,
	.end = split_end,
};
