/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that begin together */
#ifndef SPLITBENCH_CREW_H
#define SPLITBENCH_CREW_H

/**
 * crew_run() - run a function in so many threads, each pinned to a CPU
 * @nr: how many; one is the caller itself
 * @work: gets its number, from 0, and @arg
 * @arg: what they share
 *
 * All of them are there before the first begins, and none ends, nor unmaps
 * its stack, before the last has finished.
 */
void crew_run(unsigned int nr, void (*work)(unsigned int number, void *arg),
	      void *arg);

/* How many CPUs we may use */
unsigned int crew_cpus(void);

/* The CPU that thread @number of a crew is pinned to: the last is number 0's. */
int crew_cpu(unsigned int number);

/* The CPU of number @number among those of a NUMA node; -1: there is none */
int crew_cpu_on(unsigned int node, unsigned int number);

/* Pin the caller to it; does not return if that is not possible. */
void crew_pin(unsigned int number);
void crew_pin_to(int cpu);

#endif /* SPLITBENCH_CREW_H */
