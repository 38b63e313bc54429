// SPDX-License-Identifier: GPL-2.0
/* Which CPUs may be used, and pinning to them */
#include "machine/affinity.h"

#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "util/util.h"

/* What may be used before anything is pinned: read once. */
static const cpu_set_t *all_cpus(void)
{
	static cpu_set_t all;
	static bool known;

	if (!known && sched_getaffinity(0, sizeof(all), &all))
		die(EXIT_HARNESS, "sched_getaffinity failed");
	known = true;
	return &all;
}

unsigned int affinity_cpus(void)
{
	return CPU_COUNT(all_cpus());
}

int affinity_cpu(unsigned int number)
{
	const cpu_set_t *all = all_cpus();
	int cpu;

	number %= CPU_COUNT(all);
	for (cpu = CPU_SETSIZE - 1; ; cpu--) {
		if (CPU_ISSET(cpu, all) && !number--)
			return cpu;
	}
}

int affinity_cpu_on(unsigned int node, unsigned int number)
{
	const cpu_set_t *all = all_cpus();

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, all) &&
		    numa_node_of_cpu(cpu) == (int)node && !number--)
			return cpu;
	}
	return -1;
}

void affinity_pin(unsigned int number)
{
	affinity_pin_to(affinity_cpu(number));
}

void affinity_pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die(EXIT_HARNESS, "cannot pin to CPU %d: %s", cpu,
		    strerror(errno));
}
