// SPDX-License-Identifier: GPL-2.0
/*
 * The job "contend": several processes split at the same time, each THPs of
 * its own, and one beside them does something that is timed as well. They are
 * processes and not threads, so that each can be charged to a cgroup of its
 * own, and so that they have no address space, and its lock, in common.
 */
#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis.h"
#include "beside.h"
#include "counters.h"
#include "crew.h"
#include "guard.h"
#include "measure.h"
#include "memcg.h"
#include "splitting.h"
#include "util.h"

#define MAX_RETRIES	10
#define SPARE_BYTES	(64UL << 20)
#define MAX_WORKERS	(CELL_MAX_THREADS + 1)
/* For the others of the team, and for an answer, which takes longer */
#define TEAM_WAIT_MS	20000
#define ANSWER_WAIT_MS	120000
/* Of a round's time, by how much the last may begin after the first; rounds of a
 * block that are repeated for it, at most
 */
#define MAX_SKEW	0.1
#define MAX_REJECTED	12
/* Operations to time beside splitters that do nothing */
#define IDLE_OPS	256

/* What workers are told to do: get ready, split, or be there and do nothing */
enum what { ORDER_BEGIN, ORDER_SPLIT, ORDER_WAIT };

/**
 * struct order - what all workers are to do next
 * @what: it
 * @arm: the module's index of it
 * @whole: how many THPs stay whole
 * @count: count events
 * @seed: of what is in their memory
 * @team: with whom
 */
struct order {
	enum what what;
	uint32_t arm;
	uint32_t whole;
	bool count;
	uint64_t seed;
	struct fsb_team team;
};

/**
 * struct answer - and what has become of it, in memory that is shared
 * @error: 0 or an errno
 * @text: what it says
 * @phases: ticks around its calls
 * @sample: of its calls
 * @events: what was counted in them
 * @ops: what was done beside them
 */
struct answer {
	int error;
	char text[160];
	uint64_t phases[NR_PHASES];
	struct fsb_sample sample[FSB_MAX_FOLIOS];
	struct fsb_event events[FSB_MAX_EVENTS];
	struct beside_ops ops;
};

/**
 * struct shared - what all processes of a cell see
 * @running: how many splitters have not made their calls yet
 * @answer: of each worker
 */
struct shared {
	atomic_uint running;
	struct answer answer[MAX_WORKERS];
};

/**
 * struct worker - a process of ours
 * @pid: its
 * @cpu: that it is pinned to
 * @node: where its memory is to be
 * @to: where its orders go; @from: where it tells that it has answered
 */
struct worker {
	pid_t pid;
	int cpu;
	int node;
	int to;
	int from;
};

/**
 * struct contend - what a cell's measuring needs
 * @m: of the boot
 * @cell: what is measured
 * @nr: how many workers; the one beside the splitters is the last
 * @worker: them
 * @shared: what they share
 * @memcgs: cgroups of ours
 * @token: of the next team
 * @nr_arms: how many arms this kernel has
 * @arm: them, as indexes of the header's arms
 * @index: the module's index of each of the header's arms
 * @events: this machine can count
 */
struct contend {
	struct measure *m;
	const struct cell *cell;
	unsigned int nr;
	struct worker worker[MAX_WORKERS];
	struct shared *shared;
	struct memcgs memcgs;
	uint64_t token;
	unsigned int nr_arms;
	uint8_t arm[NR_ARMS];
	uint8_t index[NR_ARMS];
	bool events;
};

static const struct { uint32_t type; uint64_t config; } events[NR_EVENTS] = {
	[EVENT_INSTRUCTIONS] = { 0, 1 },	/* PERF_COUNT_HW_... */
	[EVENT_CYCLES] = { 0, 0 },
	[EVENT_CACHE_MISSES] = { 0, 3 },
	[EVENT_BRANCH_MISSES] = { 0, 5 },
};

_Static_assert(NR_EVENTS <= FSB_MAX_EVENTS, "more events than a request has");

static bool is_beside(const struct contend *c, unsigned int number)
{
	return number == c->cell->threads;
}

/* A worker's own: as a splitter, and as the one beside them */
struct own {
	const struct contend *c;
	unsigned int number;
	struct splitting splitting;
	struct beside beside;
	struct answer *answer;
};

static void ask_events(struct fsb_run *run)
{
	for (unsigned int i = 0; i < run->nr_events; i++) {
		run->events[i].type = events[i].type;
		run->events[i].config = events[i].config;
	}
}

/* Who cannot even make a request is not to be waited for: a bad one is enough. */
static void leave_team(struct own *own, const struct order *order)
{
	struct fsb_ping bad = {
		.version = FSB_VERSION, .cpu = UINT32_MAX, .team = order->team,
	};

	module_ping(&own->splitting.module, &bad);
}

static void split(struct own *own, const struct order *order)
{
	uint8_t arm[FSB_MAX_FOLIOS];
	struct fsb_run run = {
		.nr = own->c->cell->thps,
		.arms = (uintptr_t)arm,
		.samples = (uintptr_t)own->answer->sample,
		.team = order->team,
		.nr_events = order->count ? NR_EVENTS : 0,
	};
	struct answer *answer = own->answer;

	memset(arm, order->arm, sizeof(arm));
	ask_events(&run);
	answer->error = splitting_try(&own->splitting, &run, order->seed,
				      order->whole, answer->phases);
	if (answer->error)
		leave_team(own, order);
	atomic_fetch_sub(&own->c->shared->running, 1);
	memcpy(answer->events, run.events, sizeof(answer->events));
}

/* A splitter that is to do nothing is there, and that is all. */
static int wait_for_team(struct own *own, const struct order *order)
{
	struct fsb_ping ping = {
		.version = FSB_VERSION, .cpu = own->c->worker[0].cpu,
		.team = order->team,
	};

	return module_ping(&own->splitting.module, &ping) ? errno : 0;
}

/* Return: 0; an errno. */
static int begin_work(struct own *own)
{
	const struct contend *c = own->c;
	const struct worker *worker = &c->worker[own->number];
	int error = 0;

	own->splitting = (struct splitting){
		.cell = c->cell, .thp_size = c->m->thp_size,
		.node = worker->node, .plant = c->m->plan.plant,
	};
	splitting_begin(&own->splitting);
	own->beside = (struct beside){
		.what = c->cell->beside, .module = &own->splitting.module,
		.cpu = c->worker[0].cpu, .khz = counter_khz(),
		.node = worker->node,
	};
	if (is_beside(c, own->number) &&
	    beside_begin(&own->beside, c->m->thp_size)) {
		error = errno;
		snprintf(own->splitting.broken, sizeof(own->splitting.broken),
			 "%s is not possible: %s", cell_besides[c->cell->beside],
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
	else if (is_beside(own->c, own->number))
		answer->error = beside_round(&own->beside, &order->team,
					     idle ? IDLE_OPS : BESIDE_MAX_OPS,
					     idle ? NULL : &own->c->shared->running,
					     &answer->ops);
	else if (idle)
		answer->error = wait_for_team(own, order);
	else
		split(own, order);
	if (answer->error)
		snprintf(answer->text, sizeof(answer->text), "%s",
			 splitting_error(&own->splitting, answer->error));
}

/* All of a worker's life: it ends when there is nobody to give it orders. */
static void work(const struct contend *c, unsigned int number, int in, int out)
{
	struct own own = {
		.c = c, .number = number, .answer = &c->shared->answer[number],
	};
	struct order order;

	crew_pin_to(c->worker[number].cpu);
	while (read(in, &order, sizeof(order)) == sizeof(order)) {
		obey(&own, &order);
		if (write(out, "", 1) != 1)
			break;
	}
	_exit(EXIT_DONE);
}

static void hire(struct contend *c, unsigned int number)
{
	struct worker *worker = &c->worker[number];
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
			close(c->worker[i].to);
			close(c->worker[i].from);
		}
		close(down[1]);
		close(up[0]);
		work(c, number, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	worker->to = down[1];
	worker->from = up[0];
}

static void send(const struct contend *c, unsigned int number,
		 const struct order *order)
{
	if (write(c->worker[number].to, order, sizeof(*order)) != sizeof(*order))
		die(EXIT_HARNESS, "%s: process %u has ended: %s",
		    c->cell->name, number, strerror(errno));
}

static void await(const struct contend *c, unsigned int number)
{
	struct pollfd from = { .fd = c->worker[number].from, .events = POLLIN };
	char byte;

	if (poll(&from, 1, ANSWER_WAIT_MS) != 1)
		die(EXIT_HARNESS, "%s: process %u does not answer",
		    c->cell->name, number);
	if (read(from.fd, &byte, 1) != 1)
		die(EXIT_HARNESS, "%s: process %u has ended", c->cell->name,
		    number);
}

/* Return: 0; the errno of one of them, which is told in @text. */
static int together(struct contend *c, struct order *order, const char **text)
{
	int error = 0;

	order->team.token = ++c->token;
	order->team.nr = c->nr;
	order->team.wait_ms = TEAM_WAIT_MS;
	atomic_store(&c->shared->running, c->cell->threads);
	for (unsigned int i = 0; i < c->nr; i++)
		send(c, i, order);
	for (unsigned int i = 0; i < c->nr; i++)
		await(c, i);
	for (unsigned int i = 0; i < c->nr; i++) {
		const struct answer *answer = &c->shared->answer[i];

		/* That another one failed is no reason of its own. */
		if (answer->error && (!error || error == ECANCELED ||
				      error == ETIMEDOUT)) {
			error = answer->error;
			*text = answer->text;
		}
	}
	return error;
}

/* Enough for all that are on a node, or somebody would be killed for it */
static bool has_room(const struct contend *c, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		uint64_t need = SPARE_BYTES, available;
		int node = c->worker[i].node;

		for (unsigned int j = 0; j < nr; j++) {
			if (c->worker[j].node == node)
				need += c->cell->thps * c->m->thp_size;
		}
		available = node_available(node);
		if (available < need) {
			measure_skip(c->m, "%llu MiB of memory are needed on node %d, %llu are available",
				     (unsigned long long)need >> 20, node,
				     (unsigned long long)available >> 20);
			return false;
		}
	}
	return true;
}

/* Where the processes are. Return: false after measure_skip(). */
static bool choose_places(struct contend *c, unsigned int nr)
{
	const struct cell *cell = c->cell;

	for (unsigned int i = 0; i < nr; i++) {
		struct worker *worker = &c->worker[i];

		worker->cpu = cell->cpu_node == CELL_ANY_NODE ? crew_cpu(i) :
			      crew_cpu_on(cell->cpu_node, i);
		if (worker->cpu < 0) {
			measure_skip(c->m, "node %u has too few CPUs that may be used, %u are wanted",
				     cell->cpu_node, nr);
			return false;
		}
		worker->node = numa_node_of_cpu(cell->place == PLACE_APART ?
						worker->cpu : c->worker[0].cpu);
		if (cell->memory_node != CELL_ANY_NODE)
			worker->node = cell->memory_node;
		if (numa_node_size64(worker->node, NULL) <= 0) {
			measure_skip(c->m, "node %d has no memory", worker->node);
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
			  cell->memcg == MEMCG_SHARED ? 1 : c->nr;
	const char *error = memcgs_make(&c->memcgs, nr);

	for (unsigned int i = 0; i < c->nr && !error; i++) {
		int index = nr == c->nr ? (int)i : (int)nr - 1;

		if (memcgs_join(&c->memcgs, index, c->worker[i].pid))
			error = strerror(errno);
	}
	return error;
}

/* One that has no such counters says so at once. */
static bool can_count(const struct contend *c, struct splitting *s)
{
	uint8_t arm = c->index[ARM_EMPTY];
	struct fsb_sample sample;
	uint64_t phases[NR_PHASES];
	struct fsb_run run = {
		.nr = 1, .arms = (uintptr_t)&arm, .samples = (uintptr_t)&sample,
		.nr_events = NR_EVENTS,
	};

	ask_events(&run);
	for (int i = 0; i < MAX_RETRIES; i++) {
		int error = splitting_try(s, &run, c->m->plan.seed, 1, phases);

		if (!splitting_again(error))
			return !error;
	}
	return false;
}

static void choose_arms(struct contend *c)
{
	struct splitting s = {
		.cell = c->cell, .thp_size = c->m->thp_size,
		.node = c->worker[0].node, .plant = c->m->plan.plant,
	};

	splitting_begin(&s);
	for (int arm = 0; arm < NR_ARMS; arm++) {
		int index = splitting_arm(&s, arm);

		if (index < 0 ||
		    !plan_has_arm(&c->m->plan, arm, splitting_own(&s)))
			continue;
		c->index[arm] = index;
		c->arm[c->nr_arms++] = arm;
	}
	c->events = can_count(c, &s);
	splitting_end(&s);
}

static void dismiss(struct contend *c)
{
	for (unsigned int i = 0; i < c->nr; i++) {
		struct worker *worker = &c->worker[i];

		close(worker->to);
		close(worker->from);
		while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (memcgs_remove(&c->memcgs))
		die(EXIT_HARNESS, "cgroups of ours could not be removed: %s",
		    strerror(errno));
	munmap(c->shared, sizeof(*c->shared));
	free(c);
}

/* Cgroups, and what each process needs. Return: false after measure_skip(). */
static bool settle(struct contend *c)
{
	struct order order = { .what = ORDER_BEGIN };
	const char *error = join_memcgs(c);

	/* Not before: what they map is charged to where they are then. */
	if (!error)
		together(c, &order, &error);
	if (error)
		measure_skip(c->m, "%s", error);
	return !error;
}

static void *contend_begin(struct measure *m, const struct cell *cell)
{
	unsigned int nr = cell_cpus(cell);
	struct contend *c;

	if (nr > crew_cpus())
		return measure_skip(m, "%u processes, but %u CPUs that may be used: say CPUS=%u, or --cpus of splitbench plan",
				    nr, crew_cpus(), nr);
	c = calloc(1, sizeof(*c));
	if (!c)
		die(EXIT_HARNESS, "out of memory");
	c->m = m;
	c->cell = cell;
	c->token = (uint64_t)getpid() << 32;
	c->shared = mmap(NULL, sizeof(*c->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->shared == MAP_FAILED)
		die(EXIT_HARNESS, "out of memory");
	if (choose_places(c, nr)) {
		choose_arms(c);
		for (; c->nr < nr; c->nr++)
			hire(c, c->nr);
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

/* What the splitters tell of a round */
static void note_calls(const struct contend *c, struct record_block *block,
		       unsigned int round, uint64_t *from, uint64_t *to)
{
	const unsigned int thps = c->cell->thps, threads = c->cell->threads;
	const struct answer *answer = c->shared->answer;

	*from = UINT64_MAX;
	*to = 0;
	for (unsigned int i = 0; i < threads; i++) {
		memcpy(block->sample + (round * threads + i) * thps,
		       answer[i].sample, thps * sizeof(struct fsb_sample));
		if (first_call(&answer[i]) < *from)
			*from = first_call(&answer[i]);
		if (last_call(&answer[i], thps) > *to)
			*to = last_call(&answer[i], thps);
	}
	for (unsigned int i = 0; i < threads; i++) {
		uint64_t *span = block->span[round * threads + i];

		span[0] = first_call(&answer[i]) - *from;
		span[1] = last_call(&answer[i], thps) - *from;
		for (int event = 0; event < NR_EVENTS; event++)
			block->events[event][round] += answer[i].events[event].count;
	}
	block->busy[round] = *to - *from;
}

static void note_phases(const struct contend *c, struct record_block *block)
{
	for (unsigned int i = 0; i < c->nr; i++) {
		for (int phase = 0; phase < NR_PHASES; phase++)
			block->phases[phase] += c->shared->answer[i].phases[phase];
	}
}

/* Of what was done beside, that which began while it was on, however long it took */
static void note_beside(const struct contend *c, struct record_block *block,
			unsigned int round, uint64_t from, uint64_t to)
{
	const struct beside_ops *ops = &c->shared->answer[c->cell->threads].ops;
	unsigned int at = 0;

	/* Of more than there is room for, only the first were watched. */
	if (ops->nr == BESIDE_MAX_OPS && ops->start[ops->nr - 1] < to)
		to = ops->start[ops->nr - 1];
	for (unsigned int i = 0; i < round; i++)
		at += block->nr_beside[i];
	for (unsigned int i = 0; i < ops->nr && at < RECORD_MAX_BESIDE; i++) {
		if (ops->start[i] < from || ops->start[i] >= to)
			continue;
		block->beside[at++] = ops->ticks[i];
		block->nr_beside[round]++;
	}
	block->window[round] = to - from;
}

/* Once more with splitters that do nothing, for what is done beside them */
static int idle_round(struct contend *c, struct record_block *block,
		      unsigned int round, const char **text)
{
	const struct beside_ops *ops = &c->shared->answer[c->cell->threads].ops;
	struct order order = { .what = ORDER_WAIT };
	int error = together(c, &order, text);

	if (error || !ops->nr)
		return error;
	note_beside(c, block, round, ops->start[0],
		    ops->start[ops->nr - 1] + ops->ticks[ops->nr - 1]);
	return 0;
}

static int try_round(struct contend *c, struct record_block *block,
		     unsigned int round, enum arm arm, const char **text)
{
	struct order order = {
		.what = ORDER_SPLIT,
		.arm = c->index[arm],
		.whole = arm == ARM_EMPTY ? c->cell->thps : 0,
		.seed = c->m->plan.seed + c->token,
		.count = c->events,
	};
	uint64_t from, to;
	int error = together(c, &order, text);

	note_phases(c, block);
	if (error)
		return error;
	note_calls(c, block, round, &from, &to);
	if (c->cell->beside == BESIDE_NONE)
		return 0;
	if (arm == ARM_EMPTY)
		return idle_round(c, block, round, text);
	note_beside(c, block, round, from, to);
	return 0;
}

/*
 * Did they begin at the same time? One that somebody kept from its CPU then was
 * not in the others' way, and the round is no contention. It is told and
 * repeated, but not for ever: on a machine that is busy, that is how it is. How
 * they end is not asked: that is what old and new may differ in.
 */
static bool was_together(const struct contend *c, struct record_block *block,
			 unsigned int round, enum arm arm)
{
	const unsigned int threads = c->cell->threads;
	uint64_t skew = rounds_skew_of(&block->span[round * threads], threads);

	/* Empty calls are over before the last one has begun. */
	if (arm == ARM_EMPTY || skew <= MAX_SKEW * block->busy[round] ||
	    block->nr_rejected >= MAX_REJECTED)
		return true;
	if (block->nr_rejected < RECORD_MAX_REJECTED)
		snprintf(block->rejected[block->nr_rejected],
			 sizeof(block->rejected[0]),
			 "%s: the last began %llu ticks after the first, of %llu in all",
			 arm_names[arm], (unsigned long long)skew,
			 (unsigned long long)block->busy[round]);
	block->nr_rejected++;
	return false;
}

/* What a round that is repeated has noted */
static void forget_round(struct record_block *block, unsigned int round)
{
	block->nr_beside[round] = 0;
	for (int event = 0; event < NR_EVENTS; event++)
		block->events[event][round] = 0;
}

static int exit_code(int error)
{
	if (error == EILSEQ)
		return EXIT_DIFFERS;
	return error == ENODATA || error == EOPNOTSUPP ? EXIT_SKIP : EXIT_HARNESS;
}

static void contend_block(void *state, struct record_block *block)
{
	struct contend *c = state;
	const struct cell *cell = c->cell;
	uint8_t order[NR_ARMS * CELL_MAX_REPS];
	unsigned int rounds = c->nr_arms * cell->reps;
	const char *text;

	draw_order(c->m, order, c->nr_arms, cell->reps);
	block->threads = cell->threads;
	block->round = cell->thps * cell->threads;
	block->nr = rounds * block->round;
	block->has_beside = cell->beside != BESIDE_NONE;
	block->has_events = c->events;
	for (unsigned int i = 0; i < rounds; i++) {
		enum arm arm = c->arm[order[i]];
		unsigned int tries = 0;
		int error;

		memset(block->arm + i * block->round, arm, block->round);
		while ((error = try_round(c, block, i, arm, &text)) ||
		       !was_together(c, block, i, arm)) {
			forget_round(block, i);
			if (!error)
				continue;
			if (!splitting_again(error) || ++tries == MAX_RETRIES)
				die(exit_code(error), "%s, block %u: %s",
				    cell->name, block->block, text);
			block->retries++;
		}
	}
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
