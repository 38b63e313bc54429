// SPDX-License-Identifier: GPL-2.0
#include "crew.h"

#include <errno.h>
#include <numa.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "util.h"

struct crew {
	unsigned int nr;
	void (*work)(unsigned int number, void *arg);
	void *arg;
	pthread_barrier_t together;
	atomic_uint here;
	bool crowded;	/* there are not as many CPUs */
};

struct member {
	struct crew *crew;
	unsigned int number;
	pthread_t thread;
};

/* What we may use before anything is pinned: asked for once. */
static const cpu_set_t *all_cpus(void)
{
	static cpu_set_t all;
	static bool known;

	if (!known && sched_getaffinity(0, sizeof(all), &all))
		die(EXIT_HARNESS, "sched_getaffinity failed");
	known = true;
	return &all;
}

unsigned int crew_cpus(void)
{
	return CPU_COUNT(all_cpus());
}

int crew_cpu(unsigned int number)
{
	const cpu_set_t *all = all_cpus();
	int cpu;

	number %= CPU_COUNT(all);
	for (cpu = CPU_SETSIZE - 1; ; cpu--) {
		if (CPU_ISSET(cpu, all) && !number--)
			return cpu;
	}
}

int crew_cpu_on(unsigned int node, unsigned int number)
{
	const cpu_set_t *all = all_cpus();

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, all) &&
		    numa_node_of_cpu(cpu) == (int)node && !number--)
			return cpu;
	}
	return -1;
}

void crew_pin(unsigned int number)
{
	crew_pin_to(crew_cpu(number));
}

void crew_pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die(EXIT_HARNESS, "cannot pin to CPU %d: %s", cpu,
		    strerror(errno));
}

static void *work(void *arg)
{
	struct member *member = arg;
	struct crew *crew = member->crew;

	crew_pin(member->number);
	pthread_barrier_wait(&crew->together);
	/* That one wakes them one by one: from here they go together. */
	atomic_fetch_add(&crew->here, 1);
	while (atomic_load(&crew->here) < crew->nr) {
		if (crew->crowded)
			sched_yield();
	}
	crew->work(member->number, crew->arg);
	pthread_barrier_wait(&crew->together);
	return NULL;
}

void crew_run(unsigned int nr, void (*f)(unsigned int number, void *arg),
	      void *arg)
{
	struct crew crew = {
		.nr = nr, .work = f, .arg = arg,
		.crowded = nr > crew_cpus(),
	};
	struct member member[CELL_MAX_THREADS];

	if (nr == 1) {
		f(0, arg);
		return;
	}
	pthread_barrier_init(&crew.together, NULL, nr);
	for (unsigned int i = 0; i < nr; i++) {
		int error = 0;

		member[i] = (struct member){ .crew = &crew, .number = i };
		if (i)
			error = pthread_create(&member[i].thread, NULL, work,
					       &member[i]);
		if (error)
			die(EXIT_HARNESS, "thread %u: %s", i, strerror(error));
	}
	work(&member[0]);
	for (unsigned int i = 1; i < nr; i++)
		pthread_join(member[i].thread, NULL);
	pthread_barrier_destroy(&crew.together);
}
