// SPDX-License-Identifier: GPL-2.0
/*
 * The job "contend": rounds in which several processes split at the same time,
 * and what one beside them does is timed as well
 */
#include <errno.h>
#include <numa.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/affinity.h"
#include "record/span.h"
#include "sys/memcg.h"
#include "sys/thp_counters.h"
#include "util/util.h"
#include "workload/job.h"
#include "workload/rounds.h"
#include "workload/worker_pool.h"

#define MAX_RETRIES	10
#define SPARE_BYTES	(64UL << 20)
/* Of a round's time, by how much the last may begin after the first; rounds of a
 * block that are repeated for it, at most
 */
#define MAX_SKEW	0.1
#define MAX_REJECTED	12

/**
 * struct contend - what a cell's measuring needs
 * @m: of the boot
 * @cell: what is measured
 * @workers: by whom
 * @memcgs: cgroups of ours
 * @order: which arms, and how many rounds of each, a block has
 * @index: the module's index of each of the header's arms
 */
struct contend {
	struct measure *m;
	const struct cell *cell;
	struct workers workers;
	struct memcgs memcgs;
	struct cell_order order;
	uint8_t index[ARM_MAX];
};

/* Enough for all that are on a node, or somebody would be killed for it */
static bool has_room(const struct contend *c, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		uint64_t need = SPARE_BYTES, available;
		int node = c->workers.worker[i].node;

		for (unsigned int j = 0; j < nr; j++) {
			if (c->workers.worker[j].node == node)
				need += c->cell->thps * c->m->thp_size;
		}
		available = node_available(node);
		if (available < need) {
			job_skip(c->m, "%llu MiB of memory are needed on node %d, %llu are available",
				 (unsigned long long)need >> 20, node,
				     (unsigned long long)available >> 20);
			return false;
		}
	}
	return true;
}

/* Where the processes are. Return: false after job_skip(). */
static bool choose_places(struct contend *c, unsigned int nr)
{
	const struct cell *cell = c->cell;

	for (unsigned int i = 0; i < nr; i++) {
		struct worker *worker = &c->workers.worker[i];

		worker->cpu = cell->cpu_node == CELL_ANY_NODE ? affinity_cpu(i) :
			      affinity_cpu_on(cell->cpu_node, i);
		if (worker->cpu < 0) {
			job_skip(c->m, "node %u has too few available CPUs: %u are needed",
				 cell->cpu_node, nr);
			return false;
		}
		worker->node = numa_node_of_cpu(cell->place == PLACE_APART ?
						worker->cpu : c->workers.worker[0].cpu);
		if (cell->memory_node != CELL_ANY_NODE)
			worker->node = cell->memory_node;
		if (numa_node_size64(worker->node, NULL) <= 0) {
			job_skip(c->m, "node %d has no memory", worker->node);
			return false;
		}
	}
	return has_room(c, nr);
}

/* Return: NULL; or why the cgroups cannot be had. */
static const char *join_memcgs(struct contend *c)
{
	const struct cell *cell = c->cell;
	unsigned int nr = cell->memcg == MEMCG_ROOT ? 0 :
			  cell->memcg == MEMCG_SHARED ? 1 : c->workers.nr;
	const char *error = memcgs_make(&c->memcgs, nr);

	for (unsigned int i = 0; i < c->workers.nr && !error; i++) {
		int index = nr == c->workers.nr ? (int)i : (int)nr - 1;

		if (memcgs_join(&c->memcgs, index, c->workers.worker[i].pid))
			error = strerror(errno);
	}
	return error;
}

/* The arms, and what can be counted. Return: false after job_skip(). */
static bool try_splitting(struct contend *c)
{
	struct splitting s = {
		.cell = c->cell, .thp_size = c->m->thp_size,
		.node = c->workers.worker[0].node,
		.plant = c->m->plan.plant,
	};
	struct fsb_run run = { 0 };
	int error;

	splitting_begin(&s);
	c->order = job_order(c->m, c->cell, splitting_arms(&s, c->index),
			     splitting_own(&s));
	error = splitting_trial(&s, &run, c->index[ARM_EMPTY], c->m->plan.seed);
	if (!error)
		error = events_find(&c->workers.events, &s, c->index[ARM_EMPTY],
				    c->m->plan.seed);
	if (error && !splitting_refused(error))
		die(splitting_exit_code(&s, error), "%s: %s", c->cell->name,
		    splitting_error(&s, error));
	if (error)
		job_skip(c->m, "%s", splitting_error(&s, error));
	splitting_end(&s);
	return !error;
}

static void dismiss(struct contend *c)
{
	workers_dismiss(&c->workers);
	if (memcgs_remove(&c->memcgs))
		die(EXIT_HARNESS, "cgroups of ours could not be removed: %s",
		    strerror(errno));
	free(c);
}

/* Cgroups, and what each process needs. Return: false after job_skip(). */
static bool settle(struct contend *c)
{
	struct order order = { .what = ORDER_BEGIN };
	const char *error = join_memcgs(c);

	/* Not before: what they map is charged to where they are then. */
	if (!error)
		workers_do(&c->workers, &order, &error);
	if (error)
		job_skip(c->m, "%s", error);
	return !error;
}

static void *contend_begin(struct measure *m, const struct cell *cell)
{
	unsigned int nr = cell_cpus(cell);
	struct contend *c;

	if (job_lacks_splits(m))
		return NULL;
	if (nr > affinity_cpus())
		return job_skip(m, "%u processes, but only %u CPUs are available: set CPUS=%u, or --cpus of splitbench plan",
				    nr, affinity_cpus(), nr);
	c = calloc(1, sizeof(*c));
	if (!c)
		die(EXIT_HARNESS, "out of memory");
	c->m = m;
	c->cell = cell;
	c->workers.m = m;
	c->workers.cell = cell;
	if (choose_places(c, nr) && try_splitting(c)) {
		workers_hire(&c->workers, nr);
		if (settle(c))
			return c;
	}
	dismiss(c);
	return NULL;
}

/* From when to when was a process in its calls? */
static uint64_t first_call(const struct answer *answer)
{
	return answer->sample[0].start;
}

static uint64_t last_call(const struct answer *answer, unsigned int thps)
{
	const struct fsb_sample *last = &answer->sample[thps - 1];

	return last->start + last->ticks;
}

/* What the splitters report of a round */
static void note_calls(const struct contend *c, struct record_block *block,
		       unsigned int round, uint64_t *from, uint64_t *to)
{
	const unsigned int thps = c->cell->thps, threads = c->cell->threads;

	*from = UINT64_MAX;
	*to = 0;
	for (unsigned int i = 0; i < threads; i++) {
		const struct answer *answer = workers_answer(&c->workers, i);

		memcpy(block->sample + (round * threads + i) * thps,
		       answer->sample, thps * sizeof(struct fsb_sample));
		if (first_call(answer) < *from)
			*from = first_call(answer);
		if (last_call(answer, thps) > *to)
			*to = last_call(answer, thps);
	}
	for (unsigned int i = 0; i < threads; i++) {
		const struct answer *answer = workers_answer(&c->workers, i);
		uint64_t *span = block->span[round * threads + i];

		span[0] = first_call(answer) - *from;
		span[1] = last_call(answer, thps) - *from;
		events_add(&c->workers.events, answer->events, block, round);
	}
	block->busy[round] = *to - *from;
}

static void note_phases(const struct contend *c, struct record_block *block)
{
	for (unsigned int i = 0; i < c->workers.nr; i++) {
		const struct answer *answer = workers_answer(&c->workers, i);

		for (int phase = 0; phase < NR_PHASES; phase++)
			block->phases[phase] += answer->phases[phase];
	}
}

/* The one beside the splitters is the last. */
static const struct beside_ops *ops_beside(const struct contend *c)
{
	return &workers_answer(&c->workers, c->cell->threads)->ops;
}

/*
 * Of what was done beside, that which began while it was on, however long it took.
 * Return: false if nobody watched: who is beside was done before it began.
 */
static bool note_beside(const struct contend *c, struct record_block *block,
			unsigned int round, uint64_t from, uint64_t to)
{
	const struct beside_ops *ops = ops_beside(c);
	unsigned int at = 0;

	/* Of more than there is room for, only the first were watched. */
	if (ops->nr == BESIDE_MAX_OPS && ops->start[ops->nr - 1] < to)
		to = ops->start[ops->nr - 1];
	block->window[round] = to > from ? to - from : 1;
	for (unsigned int i = 0; i < round; i++)
		at += block->nr_beside[i];
	for (unsigned int i = 0; i < ops->nr && at < RECORD_MAX_BESIDE; i++) {
		if (ops->start[i] < from || ops->start[i] >= to)
			continue;
		block->beside[at++] = ops->ticks[i];
		block->nr_beside[round]++;
	}
	return to > from;
}

/* Once more with splitters that do nothing, for what is done beside them */
static int idle_round(struct contend *c, struct record_block *block,
		      unsigned int round, const char **text)
{
	const struct beside_ops *ops = ops_beside(c);
	struct order order = { .what = ORDER_WAIT };
	int error = workers_do(&c->workers, &order, text);

	if (error || !ops->nr)
		return error;
	note_beside(c, block, round, ops->start[0],
		    ops->start[ops->nr - 1] + ops->ticks[ops->nr - 1]);
	return 0;
}

/* Return: 0; an errno. @watched: somebody was beside all the time, if wanted */
static int try_round(struct contend *c, struct record_block *block,
		     unsigned int round, unsigned int arm, const char **text,
		     bool *watched)
{
	struct order order = {
		.what = ORDER_SPLIT,
		.arm = c->index[arm],
		.whole = arm == ARM_EMPTY ? c->cell->thps : 0,
		.seed = c->m->plan.seed + c->workers.token,
	};
	uint64_t from, to;
	int error = workers_do(&c->workers, &order, text);

	*watched = true;
	note_phases(c, block);
	if (error)
		return error;
	note_calls(c, block, round, &from, &to);
	if (c->cell->beside == BESIDE_NONE)
		return 0;
	if (arm == ARM_EMPTY)
		return idle_round(c, block, round, text);
	*watched = note_beside(c, block, round, from, to);
	return 0;
}

/* Record why a round is repeated. Return: false if too many of the block were. */
__attribute__((format(printf, 2, 3)))
static bool reject(struct record_block *block, const char *fmt, ...)
{
	va_list args;

	if (block->nr_rejected >= MAX_REJECTED)
		return false;
	va_start(args, fmt);
	vsnprintf(block->rejected[block->nr_rejected++],
		  sizeof(block->rejected[0]), fmt, args);
	va_end(args);
	return true;
}

static bool has_fault(const struct record_block *block, unsigned int round)
{
	for (unsigned int i = 0; i < block->round; i++) {
		if (block->sample[round * block->round + i].fault)
			return true;
	}
	return false;
}

/*
 * Did they begin at the same time? One that somebody kept from its CPU then was
 * not in the others' way, and the round is no contention. It is recorded and
 * repeated, but not for ever: on a machine that is busy, that is how it is. How
 * they end is not asked: that is what old and new may differ in.
 */
static bool is_wanted(const struct contend *c, struct record_block *block,
		      unsigned int round, unsigned int arm, bool watched)
{
	const unsigned int threads = c->cell->threads;
	uint64_t skew = span_skew(&block->span[round * threads], threads);

	/* A broken promise is not measured again until it holds. */
	if (has_fault(block, round))
		return true;
	if (!watched)
		return !reject(block, "%s: what was done beside had ended before",
			       arm_name(arm));
	/* Empty calls are over before the last one has begun. */
	if (arm == ARM_EMPTY || skew <= MAX_SKEW * block->busy[round])
		return true;
	return !reject(block, "%s: the last began %llu ticks after the first, of %llu in all",
		       arm_name(arm), (unsigned long long)skew,
		       (unsigned long long)block->busy[round]);
}

/* What a round that is repeated has noted */
static void forget_round(struct record_block *block, unsigned int round)
{
	block->nr_beside[round] = 0;
	for (int event = 0; event < NR_EVENTS; event++)
		block->events[event][round] = 0;
}

struct contend_rounds {
	struct contend *contend;
	struct record_block *block;
	unsigned int tries;
};

static void precede(void *data, unsigned int round, unsigned int arm)
{
	const struct contend_rounds *r = data;
	const char *text;
	bool watched;

	try_round(r->contend, r->block, round, arm, &text, &watched);
	forget_round(r->block, round);
}

static bool run_round(void *data, unsigned int round, unsigned int arm)
{
	struct contend_rounds *r = data;
	struct contend *c = r->contend;
	struct record_block *block = r->block;
	const char *text;
	bool watched;
	int error;

	memset(block->arm + round * block->round, arm, block->round);
	error = try_round(c, block, round, arm, &text, &watched);
	if (!error && is_wanted(c, block, round, arm, watched)) {
		r->tries = 0;
		return true;
	}
	forget_round(block, round);
	if (!error)
		return false;
	if (!splitting_again(error) || ++r->tries == MAX_RETRIES)
		die(splitting_exit_code(&(struct splitting){ .cell = c->cell }, error),
		    "%s, block %u: %s", c->cell->name, block->block, text);
	block->retries++;
	splitting_pause(r->tries);
	return false;
}

static void contend_block(void *state, struct record_block *block)
{
	static const struct round_ops ops = { .run = run_round, .precede = precede };
	struct contend *c = state;
	struct contend_rounds rounds = { .contend = c, .block = block };
	uint8_t *order = grow(NULL, c->order.nr, 1);

	job_draw(c->m, &c->order, order);
	block->threads = c->cell->threads;
	block->round = c->cell->thps * c->cell->threads;
	block->nr = c->order.nr * block->round;
	block->lead = block->round;
	block->has_beside = c->cell->beside != BESIDE_NONE;
	block->has_events = c->workers.events.nr > 0;
	rounds_run(order, c->order.nr, &ops, &rounds);
	free(order);
}

static void contend_judge(void *state, const struct record_block *block)
{
	struct contend *c = state;

	splitting_judge(c->m, block);
}

static void contend_end(void *state)
{
	dismiss(state);
}

const struct job contend_job = {
	.begin = contend_begin,
	.block = contend_block,
	.judge = contend_judge,
	.end = contend_end,
};
