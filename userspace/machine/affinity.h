/* SPDX-License-Identifier: GPL-2.0 */
/* Which CPUs may be used, and pinning to them */
#ifndef SPLITBENCH_AFFINITY_H
#define SPLITBENCH_AFFINITY_H

/* How many CPUs may be used */
unsigned int affinity_cpus(void);

/* The CPU of thread @number: the last one that may be used is number 0's. */
int affinity_cpu(unsigned int number);

/* The CPU of number @number among those of a NUMA node; -1: there is none */
int affinity_cpu_on(unsigned int node, unsigned int number);

/* Pin the caller to the CPU of thread @number; dies if that is not possible. */
void affinity_pin(unsigned int number);

/* Pin the caller to that CPU; dies if that is not possible. */
void affinity_pin_to(int cpu);

#endif /* SPLITBENCH_AFFINITY_H */
