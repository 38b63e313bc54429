// SPDX-License-Identifier: GPL-2.0
/*
 * The job "blackout": how long a page cannot be had while the THP that it is of migrates. In
 * each round the THP is migrated, and a thread that finds the page away touches it and has to
 * wait: for the migration to unlock it, and, if that has taken it to the device, for a fault
 * that brings it back. Each round has another page of the THP.
 *
 * On one CPU, the thread's real-time priority has it run as soon as the page is unlocked, so
 * that what is counted, instructions too, is the migration's own path from there to here, and
 * the wake-up. With more CPUs, the thread has one of its own.
 */
#include "machine/affinity.h"
#include "workload/migrate_round.h"
#include "workload/migrate_state.h"
#include "workload/toucher.h"

/* Return: NULL; or why such a cell cannot be measured here. */
static const char *why_not(const struct cell *cell, bool one_cpu)
{
	if (cell->kind == KIND_FRAGMENT)
		return "memory that is fragmented has no THP for each round: take another kind";
	/*
	 * The fault that brings a page back finds a reference that the migration puts after it has
	 * unlocked the page, and tries again without a sleep: the thread would not let it go on.
	 */
	if (cell->direction == TO_DEV && one_cpu)
		return "a thread that waits for the device keeps one CPU busy: it takes two CPUs";
	return NULL;
}

static void *blackout_begin(struct measure *m, const struct cell *cell)
{
	bool one_cpu = affinity_cpus() == 1;
	const char *why = why_not(cell, one_cpu);
	struct toucher *toucher;
	struct migrate *s;

	if (why)
		return job_skip(m, "%s", why);
	toucher = toucher_new(affinity_cpu(one_cpu ? 0 : 1), &why);
	if (!toucher)
		return job_skip(m, "%s", why);
	s = migrate_job.begin(m, cell);
	if (s)
		s->toucher = toucher;
	else
		toucher_free(toucher);
	return s;
}

static void blackout_block(void *state, struct record_block *block)
{
	migrate_job.block(state, block);
}

static void blackout_end(void *state)
{
	struct migrate *s = state;

	toucher_free(s->toucher);
	migrate_job.end(s);
}

const struct job blackout_job = {
	.begin = blackout_begin,
	.block = blackout_block,
	.end = blackout_end,
};
