/* SPDX-License-Identifier: GPL-2.0 */
/* A thread that waits until a page is not where it was, and touches it */
#ifndef SPLITBENCH_TOUCHER_H
#define SPLITBENCH_TOUCHER_H

#include <stdbool.h>
#include <stdint.h>

struct toucher;

/**
 * toucher_new() - begin the thread
 * @cpu: that it is pinned to. It may be the caller's: it has a real-time priority, so that it
 *	 runs as soon as it can
 * @why: gets why not, if NULL is returned, in words
 *
 * Return: for the others.
 */
struct toucher *toucher_new(int cpu, const char **why);

/**
 * toucher_begin() - from now on, wait for the page to be away
 * @t: the thread
 * @page: in it; NULL: do not wait, and touch what is always there
 *
 * Between two looks it sleeps, and does not touch the page before.
 */
void toucher_begin(struct toucher *t, const void *page);

/**
 * toucher_end() - do not wait for that any longer
 * @t: the thread
 * @ticks: gets how long it had to wait for the page, once it had touched it
 *
 * Return: did it have to sleep for the page? If not, it has not seen it away.
 */
bool toucher_end(struct toucher *t, uint64_t *ticks);

/* End the thread. */
void toucher_free(struct toucher *t);

#endif /* SPLITBENCH_TOUCHER_H */
