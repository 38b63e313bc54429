// SPDX-License-Identifier: GPL-2.0
/* A thread that waits until a page is unmapped for its migration, and touches it */
#include "workload/toucher.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "machine/affinity.h"
#include "machine/clock.h"
#include "util/util.h"

#define PAGEMAP		"/proc/self/pagemap"
/* In an entry there: the page frame or swap offset; swapped or migrating; present */
#define PLACE_BITS	((UINT64_C(1) << 55) - 1)
#define SWAP_BIT	(UINT64_C(1) << 62)
#define PRESENT_BIT	(UINT64_C(1) << 63)
/* Between two polls: about a hundredth of how long a THP that falls back is away */
#define POLL_NS		20000

/**
 * struct toucher - the thread, and what it shares with its owner
 * @thread: the thread
 * @cpu: CPU that it is pinned to
 * @pagemap: file descriptor of the page map
 * @begin: posted by the owner for each page, and to end the thread
 * @ready: posted when it knows the place of the page, and once when it has started
 * @done: posted when it has stopped polling, and touched the page if it was away
 * @error: errno of its start
 * @page: page to touch; NULL: @own
 * @stop: it is to stop polling
 * @over: it is to end
 * @own: memory that is always mapped
 * @ticks: duration of the touch
 * @slept: the touch slept
 */
struct toucher {
	pthread_t thread;
	int cpu;
	int pagemap;
	sem_t begin, ready, done;
	int error;
	const volatile unsigned char *page;
	atomic_bool stop;
	bool over;
	unsigned char own;
	uint64_t ticks;
	bool slept;
};

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem))
		;
}

/* The place of the page: changes as soon as it is unmapped for its migration */
static uint64_t place_of(const struct toucher *t)
{
	off_t at = (uintptr_t)t->page / sysconf(_SC_PAGESIZE) * sizeof(uint64_t);
	uint64_t entry;

	if (pread(t->pagemap, &entry, sizeof(entry), at) != sizeof(entry))
		die(EXIT_HARNESS, PAGEMAP ": %s", strerror(errno));
	return entry & (PLACE_BITS | SWAP_BIT | PRESENT_BIT);
}

/* Voluntary context switches of this thread so far */
static long sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static void touch(struct toucher *t)
{
	const volatile unsigned char *page = t->page ? t->page : &t->own;
	long before = sleeps();
	uint64_t start = clock_ticks();

	(void)*page;
	t->ticks = clock_ticks() - start;
	t->slept = sleeps() != before;
}

static void poll_and_touch(struct toucher *t)
{
	const struct timespec interval = { .tv_nsec = POLL_NS };
	uint64_t place = t->page ? place_of(t) : 0;

	sem_post(&t->ready);
	while (t->page && place_of(t) == place) {
		if (atomic_load(&t->stop))
			return;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &interval, NULL);
	}
	touch(t);
}

static void *work(void *arg)
{
	const struct sched_param priority = { .sched_priority = 1 };
	struct toucher *t = arg;

	affinity_pin_to(t->cpu);
	t->error = pthread_setschedparam(t->thread, SCHED_FIFO, &priority);
	sem_post(&t->ready);
	for (;;) {
		wait_for(&t->begin);
		if (t->over)
			return NULL;
		poll_and_touch(t);
		sem_post(&t->done);
	}
}

struct toucher *toucher_new(int cpu, const char **why)
{
	struct toucher *t = grow(NULL, 1, sizeof(*t));
	int error;

	memset(t, 0, sizeof(*t));
	t->cpu = cpu;
	t->pagemap = open(PAGEMAP, O_RDONLY | O_CLOEXEC);
	if (t->pagemap < 0) {
		*why = reason(PAGEMAP ": %s", strerror(errno));
		free(t);
		return NULL;
	}
	sem_init(&t->begin, 0, 0);
	sem_init(&t->ready, 0, 0);
	sem_init(&t->done, 0, 0);
	error = pthread_create(&t->thread, NULL, work, t);
	if (error)
		die(EXIT_HARNESS, "a thread that touches pages: %s", strerror(error));
	wait_for(&t->ready);
	if (!t->error)
		return t;
	*why = reason("a thread cannot have a real-time priority here: %s", strerror(t->error));
	toucher_free(t);
	return NULL;
}

void toucher_begin(struct toucher *t, const void *page)
{
	t->page = page;
	t->ticks = 0;
	t->slept = false;
	atomic_store(&t->stop, false);
	sem_post(&t->begin);
	wait_for(&t->ready);
}

bool toucher_end(struct toucher *t, uint64_t *ticks)
{
	atomic_store(&t->stop, true);
	wait_for(&t->done);
	*ticks = t->ticks;
	return t->slept;
}

void toucher_free(struct toucher *t)
{
	t->over = true;
	sem_post(&t->begin);
	pthread_join(t->thread, NULL);
	sem_destroy(&t->begin);
	sem_destroy(&t->ready);
	sem_destroy(&t->done);
	close(t->pagemap);
	free(t);
}
