/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of the whole system that were seen as they began and ended: how many, with what
 * result, how long, and how much of a migration the splits in it are.
 */
#ifndef SPLITBENCH_WATCHED_H
#define SPLITBENCH_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

#define WATCHED_MAX		8	/* functions */
#define WATCHED_MAX_RESULTS	16

/* An order that is not known */
#define WATCHED_UNKNOWN		(-1)

/* What a function is to a migration; the order in which a task calls them */
enum watched_role { WATCHED_SETUP, WATCHED_PAGES, WATCHED_SPLIT, WATCHED_FINALIZE };

/**
 * struct watched_calls - all calls of a function
 * @name: of the function
 * @title: of a column
 * @role: what it is to a migration
 * @hist: their times
 * @total: the sum of their times
 * @errors: those that did not return 0
 * @partial: those that were not seen whole: they had begun before, did not end, or an
 *	     event may be lost
 */
struct watched_calls {
	const char *name;
	const char *title;
	enum watched_role role;
	struct stats_hist *hist;
	uint64_t total;
	uint64_t errors;
	uint64_t partial;
};

/**
 * struct watched_result - calls of a function with the same orders and result
 * @function: its index
 * @order: of the folio; WATCHED_UNKNOWN
 * @new_order: that it was to be split to; WATCHED_UNKNOWN
 * @result: what it returned
 * @n: how many; at least one
 */
struct watched_result {
	unsigned int function;
	int order;
	int new_order;
	int result;
	uint64_t n;
};

/**
 * struct watched - what was seen
 * @calls: by function
 * @nr: functions
 * @results: different results of functions that return one
 * @nr_results: how many
 * @more_results: calls with results that were one too many
 * @inside: time of splits within calls of WATCHED_PAGES that were seen whole
 * @nr_inside: how many splits these are
 * @nr_outside: splits of tasks that were not in such a call
 * @tasks: calls that have begun, by task
 */
struct watched {
	struct watched_calls calls[WATCHED_MAX];
	unsigned int nr;
	struct watched_result results[WATCHED_MAX_RESULTS];
	unsigned int nr_results;
	uint64_t more_results;
	uint64_t inside;
	uint64_t nr_inside;
	uint64_t nr_outside;
	void *tasks;
};

/* Nothing was seen; does not return without memory. */
struct watched *watched_new(void);
void watched_free(struct watched *w);

/**
 * watched_add() - a function that is watched
 * @w: what is seen
 * @name: of the function, to be kept by the caller
 * @title: of a column of its, as @name
 * @role: what it is to a migration
 *
 * Return: its index; there may be WATCHED_MAX of them.
 */
unsigned int watched_add(struct watched *w, const char *name, const char *title,
			 enum watched_role role);

/**
 * watched_enter() - a call has begun
 * @w: what is seen
 * @task: whose call it is
 * @function: its index
 * @when: ticks; events come in order of time
 * @order: of a folio that is to be split, or WATCHED_UNKNOWN
 * @new_order: to what, or WATCHED_UNKNOWN
 */
void watched_enter(struct watched *w, int task, unsigned int function, uint64_t when,
		   int order, int new_order);

/**
 * watched_leave() - a call has ended
 * @w: what is seen
 * @task: whose call it is
 * @function: its index
 * @when: ticks
 * @result: what it returned; NULL: it returns nothing
 */
void watched_leave(struct watched *w, int task, unsigned int function, uint64_t when,
		   const int *result);

/* Events are lost: of no call that has begun is it known that its next event is its own. */
void watched_gap(struct watched *w);

/* There are no more events: what has begun is partial, too. */
void watched_end(struct watched *w);

/**
 * watched_share() - how much of the migrations the splits in them are
 * @w: what was seen
 * @whole: of setup, pages and finalize; else of pages alone
 *
 * Return: the share, 0 to 1; NAN if there is none.
 */
double watched_share(const struct watched *w, bool whole);

/* The time of all calls of a role, ticks; and how many */
uint64_t watched_total(const struct watched *w, enum watched_role role);
uint64_t watched_n(const struct watched *w, enum watched_role role);

#endif /* SPLITBENCH_WATCHED_H */
