// SPDX-License-Identifier: GPL-2.0
/* Processes that split at the same time, by commands through shared memory */
#include "workload/worker_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/affinity.h"
#include "machine/clock.h"
#include "machine/guard.h"
#include "util/util.h"

/* How long to wait at the barrier, and for an answer, which takes longer */
#define BARRIER_WAIT_MS	20000
#define ANSWER_WAIT_MS	120000
/* Operations to time beside splitters that do nothing */
#define IDLE_OPS	256

/* How long to wait before the barrier is aborted once more */
#define AGAIN_US	20000

/**
 * struct shared - what all processes of a cell see
 * @running: how many splitters have not made their calls yet
 * @busy: workers that have not completed their command
 * @answer: of each worker
 */
struct shared {
	atomic_uint running;
	atomic_uint busy;
	struct answer answer[MAX_WORKERS];
};

static bool is_beside(const struct cell *cell, unsigned int number)
{
	return number == cell->threads;
}

/* A worker's own: as a splitter, and as the one beside them */
struct own {
	const struct workers *w;
	unsigned int number;
	struct splitting splitting;
	struct beside beside;
	struct answer *answer;
};

/*
 * A worker that has failed, perhaps before it joined the barrier, must not be waited
 * for: an invalid request aborts the barrier. Repeated for workers that join later.
 */
static void abort_barrier(struct own *own, const struct order *order)
{
	struct fsb_ping bad = {
		.version = FSB_VERSION, .cpu = UINT32_MAX, .barrier = order->barrier,
	};

	while (atomic_load(&own->w->shared->busy)) {
		module_ping(&own->splitting.module, &bad);
		usleep(AGAIN_US);
	}
}

static void split(struct own *own, const struct order *order)
{
	uint8_t arm[FSB_MAX_FOLIOS];
	struct fsb_run run = {
		.nr = own->w->cell->thps,
		.arms = (uintptr_t)arm,
		.samples = (uintptr_t)own->answer->sample,
		.barrier = order->barrier,
	};
	struct answer *answer = own->answer;

	memset(arm, order->arm, sizeof(arm));
	events_ask(&own->w->events, &run);
	answer->error = splitting_try(&own->splitting, &run, order->seed,
				      order->whole, answer->phases);
	atomic_fetch_sub(&own->w->shared->running, 1);
	memcpy(answer->events, run.events, sizeof(answer->events));
}

/* A splitter that is to do nothing is there, and that is all. */
static int wait_at_barrier(struct own *own, const struct order *order)
{
	struct fsb_ping ping = {
		.version = FSB_VERSION, .cpu = own->w->worker[0].cpu,
		.barrier = order->barrier,
	};

	return module_ping(&own->splitting.module, &ping) ? errno : 0;
}

/* Return: 0; an errno. */
static int begin_work(struct own *own)
{
	const struct workers *w = own->w;
	const struct worker *worker = &w->worker[own->number];
	int error = 0;

	own->splitting = (struct splitting){
		.cell = w->cell, .thp_size = w->m->thp_size,
		.node = worker->node, .plant = w->m->plan.plant,
	};
	splitting_begin(&own->splitting);
	own->beside = (struct beside){
		.what = w->cell->beside, .module = &own->splitting.module,
		.cpu = w->worker[0].cpu, .khz = clock_khz(),
		.node = worker->node,
	};
	if (is_beside(w->cell, own->number) &&
	    beside_begin(&own->beside, w->m->thp_size)) {
		error = errno;
		snprintf(own->splitting.broken, sizeof(own->splitting.broken),
			 "%s is not possible: %s", cell_besides[w->cell->beside],
			 strerror(error));
	}
	return error;
}

static void obey(struct own *own, const struct order *order)
{
	struct answer *answer = own->answer;
	bool idle = order->what == ORDER_WAIT;

	memset(answer, 0, offsetof(struct answer, ops));
	answer->ops.nr = 0;
	if (order->what == ORDER_BEGIN)
		answer->error = begin_work(own);
	else if (is_beside(own->w->cell, own->number))
		answer->error = beside_round(&own->beside, &order->barrier,
					     idle ? IDLE_OPS : BESIDE_MAX_OPS,
					     idle ? NULL : &own->w->shared->running,
					     &answer->ops);
	else if (idle)
		answer->error = wait_at_barrier(own, order);
	else
		split(own, order);
	atomic_fetch_sub(&own->w->shared->busy, 1);
	if (!answer->error)
		return;
	snprintf(answer->text, sizeof(answer->text), "%s",
		 splitting_error(&own->splitting, answer->error));
	/* What was wrong this time is not why the next one fails. */
	own->splitting.broken[0] = '\0';
	if (order->what != ORDER_BEGIN)
		abort_barrier(own, order);
}

/* All of a worker's life: it ends when there is nobody to give it orders. */
static void work(const struct workers *w, unsigned int number, int in, int out)
{
	struct own own = {
		.w = w, .number = number, .answer = &w->shared->answer[number],
	};
	struct order order;

	affinity_pin_to(w->worker[number].cpu);
	while (read(in, &order, sizeof(order)) == sizeof(order)) {
		obey(&own, &order);
		if (write(out, "", 1) != 1)
			break;
	}
	_exit(EXIT_DONE);
}

static void hire(struct workers *w, unsigned int number)
{
	struct worker *worker = &w->worker[number];
	int down[2], up[2];

	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		die(EXIT_HARNESS, "pipe: %s", strerror(errno));
	fflush(NULL);
	worker->pid = fork();
	if (worker->pid < 0)
		die(EXIT_HARNESS, "fork: %s", strerror(errno));
	if (!worker->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Who measures how late timers are does not ask for late ones. */
		prctl(PR_SET_TIMERSLACK, 1);
		guard_forget();
		/* Those of others, or their ends would never be seen. */
		for (unsigned int i = 0; i < number; i++) {
			close(w->worker[i].to);
			close(w->worker[i].from);
		}
		close(down[1]);
		close(up[0]);
		work(w, number, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	worker->to = down[1];
	worker->from = up[0];
}

static void send(const struct workers *w, unsigned int number,
		 const struct order *order)
{
	if (write(w->worker[number].to, order, sizeof(*order)) != sizeof(*order))
		die(EXIT_HARNESS, "%s: process %u has ended: %s",
		    w->cell->name, number, strerror(errno));
}

static void await(const struct workers *w, unsigned int number)
{
	struct pollfd from = { .fd = w->worker[number].from, .events = POLLIN };
	char byte;

	if (poll(&from, 1, ANSWER_WAIT_MS) != 1)
		die(EXIT_HARNESS, "%s: process %u does not answer",
		    w->cell->name, number);
	if (read(from.fd, &byte, 1) != 1)
		die(EXIT_HARNESS, "%s: process %u has ended", w->cell->name,
		    number);
}

/*
 * Of several errors, which one explains most? A broken promise above all; that another
 * one failed is no reason of its own.
 */
static int rank(int error)
{
	switch (error) {
	case 0:
		return 0;
	case ECANCELED:
		return 1;
	case ETIMEDOUT:
		return 2;
	case EILSEQ:
		return 4;
	default:
		return 3;
	}
}

int workers_do(struct workers *w, struct order *order, const char **text)
{
	int error = 0;

	order->barrier.token = ++w->token;
	order->barrier.nr = w->nr;
	order->barrier.wait_ms = BARRIER_WAIT_MS;
	atomic_store(&w->shared->running, w->cell->threads);
	atomic_store(&w->shared->busy, w->nr);
	for (unsigned int i = 0; i < w->nr; i++)
		send(w, i, order);
	for (unsigned int i = 0; i < w->nr; i++)
		await(w, i);
	for (unsigned int i = 0; i < w->nr; i++) {
		const struct answer *answer = &w->shared->answer[i];

		if (rank(answer->error) > rank(error)) {
			error = answer->error;
			*text = answer->text;
		}
	}
	return error;
}

void workers_hire(struct workers *w, unsigned int nr)
{
	w->token = (uint64_t)getpid() << 32;
	w->shared = mmap(NULL, sizeof(*w->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->shared == MAP_FAILED)
		die(EXIT_HARNESS, "out of memory");
	for (; w->nr < nr; w->nr++)
		hire(w, w->nr);
}

const struct answer *workers_answer(const struct workers *w,
				    unsigned int number)
{
	return &w->shared->answer[number];
}

void workers_dismiss(struct workers *w)
{
	for (unsigned int i = 0; i < w->nr; i++) {
		struct worker *worker = &w->worker[i];

		close(worker->to);
		close(worker->from);
		while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (w->nr)
		munmap(w->shared, sizeof(*w->shared));
	w->nr = 0;
}
