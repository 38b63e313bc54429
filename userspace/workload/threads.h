/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that begin together, each on a CPU of its own */
#ifndef SPLITBENCH_THREADS_H
#define SPLITBENCH_THREADS_H

/**
 * threads_run() - run a function in so many threads, each pinned to a CPU
 * @nr: how many; one is the caller itself
 * @work: gets its number, from 0, and @arg
 * @arg: what they share
 *
 * All of them are there before the first begins, and none ends, nor unmaps
 * its stack, before the last has finished.
 */
void threads_run(unsigned int nr, void (*work)(unsigned int number, void *arg),
		 void *arg);

#endif /* SPLITBENCH_THREADS_H */
