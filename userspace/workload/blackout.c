// SPDX-License-Identifier: GPL-2.0
/*
 * The job "blackout": how long a page is not accessible while its THP migrates. In each round
 * the THP is migrated, and a thread touches a page of it as soon as that is unmapped. The touch
 * sleeps until the migration has unlocked the page and, if the page is on the device then, until
 * a fault has brought it back. Each round has another page of the THP.
 *
 * On one CPU, the thread has a real-time priority, so it runs as soon as the page is unlocked.
 * What is counted, in instructions too, is the migration's own path from the touch to the unlock,
 * and the wake-up. With more CPUs, the thread has one of its own.
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
	 * The fault that brings the page back finds a reference that the migration only puts after
	 * unlocking the page, and is retried without a sleep: with its priority, the thread would
	 * keep the migration from putting it.
	 */
	if (cell->direction == TO_DEV && one_cpu)
		return "to the device it takes two CPUs: the thread that waits keeps one busy";
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
