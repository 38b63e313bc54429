/* SPDX-License-Identifier: GPL-2.0 */
/* A thread that waits until a page is unmapped for its migration, and touches it */
#ifndef SPLITBENCH_TOUCHER_H
#define SPLITBENCH_TOUCHER_H

#include <stdbool.h>
#include <stdint.h>

struct toucher;

/**
 * toucher_new() - start the thread
 * @cpu: CPU that it is pinned to. It may be the caller's, as the thread has a real-time
 *	 priority and so runs as soon as it is woken
 * @why: set to the reason, a message, if NULL is returned
 *
 * Return: the thread, to be ended by toucher_free(); NULL if it cannot be started.
 */
struct toucher *toucher_new(int cpu, const char **why);

/**
 * toucher_begin() - have the thread poll a page's place, and touch it once that changes
 * @t: the thread
 * @page: address in the page; NULL: do not poll, and touch memory that is always mapped
 *
 * Returns when the thread knows the page's place. The thread sleeps between polls, and does
 * not touch the page before its place has changed.
 */
void toucher_begin(struct toucher *t, const void *page);

/**
 * toucher_end() - stop polling, and wait for a touch to complete
 * @t: the thread
 * @ticks: set to the duration of the touch, in ticks of clock_ticks(); 0 if there was none
 *
 * Return: true if the touch had to sleep until the page was there; false if it did not, or
 * if the page's place was not seen to change.
 */
bool toucher_end(struct toucher *t, uint64_t *ticks);

/* End the thread. */
void toucher_free(struct toucher *t);

#endif /* SPLITBENCH_TOUCHER_H */
