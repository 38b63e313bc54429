/* SPDX-License-Identifier: GPL-2.0 */
/* What a job is, and what all jobs of a boot share */
#ifndef SPLITBENCH_JOB_H
#define SPLITBENCH_JOB_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/order.h"
#include "record/plan.h"
#include "record/record.h"
#include "workload/migrate_trace.h"

/**
 * struct measure - what all jobs of a boot share
 * @plan: the plan
 * @header: of the record; its arms are those that are known, by their numbers
 * @arms: what this kernel says of them
 * @rng: draws the order of calls
 * @thp_size: bytes
 * @node: NUMA node of the CPU that we are pinned to
 * @test_hmm: file of the test driver; NULL: by its name
 * @no_splits: this kernel exports no split, so there is no module that times one
 * @breakdown: probes for traces; NULL if there are none (yet)
 * @no_breakdown: this kernel has none, which was reported
 * @noted_arms: bits of the arms whose absence was reported
 * @noted_reps: it was reported that a block has more repetitions than were planned
 * @begun_ms: when the first cell was begun, milliseconds since the machine booted
 * @why_not: why a cell cannot be measured here, by job_skip()
 */
struct measure {
	struct plan plan;
	struct record_header header;
	struct arm_defs arms;
	gsl_rng *rng;
	size_t thp_size;
	int node;
	const char *test_hmm;
	bool no_splits;
	struct breakdown *breakdown;
	bool no_breakdown;
	unsigned int noted_arms;
	bool noted_reps;
	uint64_t begun_ms;
	char why_not[256];
};

/**
 * struct job - one kind of thing that is measured
 * @begin: get ready for a cell. Returns what the others get; NULL, after
 *	   job_skip(), if this machine cannot measure it; does not return
 *	   if it can measure nothing
 * @block: measure a block of it; does not return if that is not possible
 * @judge: after the block is recorded: is it sound? Does not return if not.
 *	   May be NULL.
 * @trace: measure where the time goes, with the arm of that index. Returns
 *	   0; 1 if this job, kernel or arm has no such thing. May be NULL.
 * @end: put back what @begin took
 */
struct job {
	void *(*begin)(struct measure *m, const struct cell *cell);
	void (*block)(void *state, struct record_block *block);
	void (*judge)(void *state, const struct record_block *block);
	int (*trace)(void *state, unsigned int arm, struct record_trace *trace);
	void (*end)(void *state);
};

/* Of each row of record/jobs.h: split_job and so on */
#define JOB_ROW(id, name, ...) extern const struct job name##_job;
#include "record/jobs.h"
#undef JOB_ROW

/**
 * job_lacks_splits() - is a split asked for, and this kernel exports none?
 * @m: of the boot
 *
 * Return: true after job_skip().
 */
bool job_lacks_splits(struct measure *m);

/**
 * job_skip() - say why a cell cannot be measured on this machine
 * @m: of the boot
 * @fmt: the reason, in words
 *
 * Return: NULL, for a job's begin() to return.
 */
void *job_skip(struct measure *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * struct cell_order - the calls, or rounds, of each block of a cell
 * @arms: which arms there are, but the empty one
 * @reps: how often each is called
 * @back_to_back: calls of one code are made one after the other
 * @nr: calls of a block: the lead-in, the balanced ones, and the empty ones
 */
struct cell_order {
	struct order_arms arms;
	unsigned int reps;
	bool back_to_back;
	unsigned int nr;
};

/**
 * job_order() - choose the arms and size of a cell's blocks
 * @m: of the boot
 * @cell: the cell
 * @has: the arms that this kernel has for it, as bits
 * @own: what this kernel calls itself
 *
 * An arm that is wanted and not there, and a number of calls that allows no
 * balance and is rounded up, are reported once a run.
 *
 * Return: for job_draw().
 */
struct cell_order job_order(struct measure *m, const struct cell *cell,
			    unsigned int has, unsigned int own);

/* Draw the next block's order: @order->nr arms. The first is the lead-in. */
void job_draw(struct measure *m, const struct cell_order *order, uint8_t *arm);

/* The rest of a boot's set-up, for whoever has a plan: pin, draw, look. */
void job_init(struct measure *m);

#endif /* SPLITBENCH_JOB_H */
