// SPDX-License-Identifier: GPL-2.0
/* Threads that begin together, each on a CPU of its own */
#include "workload/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "machine/affinity.h"
#include "record/cell.h"
#include "util/util.h"

struct team {
	unsigned int nr;
	void (*work)(unsigned int number, void *arg);
	void *arg;
	pthread_barrier_t together;
	atomic_uint here;
	bool crowded;	/* there are not as many CPUs */
};

struct member {
	struct team *team;
	unsigned int number;
	pthread_t thread;
};

static void *work(void *arg)
{
	struct member *member = arg;
	struct team *team = member->team;

	affinity_pin(member->number);
	pthread_barrier_wait(&team->together);
	/* That one wakes them one by one: from here they go together. */
	atomic_fetch_add(&team->here, 1);
	while (atomic_load(&team->here) < team->nr) {
		if (team->crowded)
			sched_yield();
	}
	team->work(member->number, team->arg);
	pthread_barrier_wait(&team->together);
	return NULL;
}

void threads_run(unsigned int nr, void (*f)(unsigned int number, void *arg),
		 void *arg)
{
	struct team team = {
		.nr = nr, .work = f, .arg = arg,
		.crowded = nr > affinity_cpus(),
	};
	struct member member[CELL_MAX_THREADS];

	if (nr == 1) {
		f(0, arg);
		return;
	}
	pthread_barrier_init(&team.together, NULL, nr);
	for (unsigned int i = 0; i < nr; i++) {
		int error = 0;

		member[i] = (struct member){ .team = &team, .number = i };
		if (i)
			error = pthread_create(&member[i].thread, NULL, work,
					       &member[i]);
		if (error)
			die(EXIT_HARNESS, "thread %u: %s", i, strerror(error));
	}
	work(&member[0]);
	for (unsigned int i = 1; i < nr; i++)
		pthread_join(member[i].thread, NULL);
	pthread_barrier_destroy(&team.together);
}
