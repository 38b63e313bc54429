/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that begin together */
#ifndef SPLITBENCH_CREW_H
#define SPLITBENCH_CREW_H

/**
 * crew_run() - run a function in so many threads, each on a CPU of its own
 * @nr: how many; one is the caller itself
 * @work: gets its number, from 0, and @arg
 * @arg: what they share
 *
 * All of them are there before the first begins, and none ends, nor unmaps
 * its stack, before the last has finished.
 */
void crew_run(unsigned int nr, void (*work)(unsigned int number, void *arg),
	      void *arg);

/* The CPU that thread @number of a crew is pinned to */
int crew_cpu(unsigned int number);

#endif /* SPLITBENCH_CREW_H */
