/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that split at the same time, each THPs of its own, and one beside
 * them that does something else. They are processes and not threads, so that
 * each can be charged to a cgroup of its own, and so that they have no address
 * space, and its lock, in common.
 */
#ifndef SPLITBENCH_WORKER_POOL_H
#define SPLITBENCH_WORKER_POOL_H

#include <sys/types.h>

#include "workload/background.h"
#include "workload/perf_events.h"
#include "workload/split_request.h"

#define MAX_WORKERS	(CELL_MAX_THREADS + 1)

/* Commands to the workers: get ready, split, or join the barrier and do nothing */
enum what { ORDER_BEGIN, ORDER_SPLIT, ORDER_WAIT };

/**
 * struct order - what all workers are to do next
 * @what: it
 * @arm: the module's index of it
 * @whole: how many THPs stay whole
 * @seed: of what is in their memory
 * @barrier: where to wait for the other workers
 */
struct order {
	enum what what;
	uint32_t arm;
	uint32_t whole;
	uint64_t seed;
	struct fsb_barrier barrier;
};

/**
 * struct answer - and what has become of it, in memory that is shared
 * @error: 0 or an errno
 * @text: what it says
 * @phases: ticks around its calls
 * @sample: of its calls
 * @events: what was counted in them
 * @ops: what was done beside them
 */
struct answer {
	int error;
	char text[160];
	uint64_t phases[NR_PHASES];
	struct fsb_sample sample[FSB_MAX_FOLIOS];
	struct fsb_event events[FSB_MAX_EVENTS];
	struct beside_ops ops;
};

/**
 * struct worker - a process of ours
 * @pid: its
 * @cpu: that it is pinned to
 * @node: where its memory is to be
 * @to: where its orders go
 * @from: where it reports that it has answered
 */
struct worker {
	pid_t pid;
	int cpu;
	int node;
	int to;
	int from;
};

struct shared;

/**
 * struct workers - those of a cell
 * @m: of the boot
 * @cell: what is measured
 * @events: what is to be counted
 * @nr: how many there are; the one beside the splitters is the last
 * @worker: them; cpu and node are to be set before they are hired
 * @shared: what they share
 * @token: of the next barrier
 */
struct workers {
	struct measure *m;
	const struct cell *cell;
	struct events events;
	unsigned int nr;
	struct worker worker[MAX_WORKERS];
	struct shared *shared;
	uint64_t token;
};

/* Begin @nr processes, which wait for orders. Dies if that is not possible. */
void workers_hire(struct workers *w, unsigned int nr);

/**
 * workers_do() - have all do the same, together
 * @w: they
 * @order: what; its barrier is filled in
 * @text: gets what went wrong, in words
 *
 * Return: 0 when all have answered; the errno of one of them. Dies if one of them
 * has ended, or does not answer.
 */
int workers_do(struct workers *w, struct order *order, const char **text);

/* What one of them has answered last */
const struct answer *workers_answer(const struct workers *w,
				    unsigned int number);

/* End them, and wait until they have ended. */
void workers_dismiss(struct workers *w);

#endif /* SPLITBENCH_WORKER_POOL_H */
