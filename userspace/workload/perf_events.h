/* SPDX-License-Identifier: GPL-2.0 */
/* What the module can count over a request, of what this machine counts */
#ifndef SPLITBENCH_PERF_EVENTS_H
#define SPLITBENCH_PERF_EVENTS_H

#include "record/record.h"
#include "workload/split_request.h"

/**
 * struct events - those that this machine counts
 * @nr: how many
 * @which: them
 * @source: of each, what perf calls it
 */
struct events {
	unsigned int nr;
	enum record_event which[NR_EVENTS];
	struct fsb_event source[NR_EVENTS];
};

/**
 * events_find() - which of them does this machine count? It is looked at once.
 * @e: gets them
 * @s: whose THPs are to be used for trying
 * @empty: the module's index of arm "empty"
 * @seed: of what is in the THPs
 *
 * Return: 0; an errno of splitting_try(), if that was another matter.
 */
int events_find(struct events *e, struct splitting *s, unsigned int empty,
		uint64_t seed);

/* Have them counted over a request. */
void events_ask(const struct events *e, struct fsb_run *run);

/**
 * events_add() - note what was counted over one of the requests of a round
 * @e: what was asked for
 * @counted: what the module counted
 * @block: of which
 * @round: of it; each of its events begins with 0
 */
void events_add(const struct events *e, const struct fsb_event *counted,
		struct record_block *block, unsigned int round);

#endif /* SPLITBENCH_PERF_EVENTS_H */
