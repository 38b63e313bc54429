// SPDX-License-Identifier: GPL-2.0
/* Migrations to and from the test device, in rounds that prove their path */
#include "workload/migrate_round.h"

#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "machine/affinity.h"
#include "machine/clock.h"
#include "machine/tick.h"
#include "sys/fault_inject.h"
#include "sys/fragment.h"
#include "sys/pattern.h"
#include "sys/split_path.h"
#include "sys/split_switch.h"
#include "sys/test_hmm.h"
#include "sys/thp_counters.h"
#include "sys/thp_region.h"
#include "util/util.h"
#include "workload/migrate_device.h"
#include "workload/migrate_state.h"
#include "workload/migrate_verify.h"
#include "workload/pcp.h"
#include "workload/threads.h"

/* Small pages for so many THPs are put on a CPU's list before a round. */
#define MAX_FILL	4
/* Odd, so that each page has its turn; few turns are spread over all of a THP already. */
#define TOUCH_STRIDE	197

static void choose_variant(struct migrate *s, unsigned int arm)
{
	if (s->has_switch)
		split_switch_set(arm);
	s->arm = arm;
}

struct migrate *migrate_new(struct measure *m, const struct cell *cell)
{
	struct migrate *s = calloc(1, sizeof(*s));
	struct arm_defs usual = arm_defs_usual();
	const char *why_not;

	if (!s)
		die(EXIT_HARNESS, "out of memory");
	s->m = m;
	s->cell = cell;
	s->pages = m->thp_size / sysconf(_SC_PAGESIZE);
	s->stamp = 1;
	s->seen = malloc(s->pages);
	if (!s->seen)
		die(EXIT_HARNESS, "out of memory");
	if (cell->threads > affinity_cpus())
		die(EXIT_SKIP, "%s: %u threads, but only %u CPUs are available: set CPUS=%u, or --cpus of splitbench plan",
		    cell->name, cell->threads, affinity_cpus(), cell->threads);
	why_not = hmm_load(m->test_hmm);
	if (why_not)
		die(EXIT_SKIP, "%s", why_not);
	if (cell->kind != KIND_FRAGMENT)
		pcp_prepare();
	s->own = split_path_native();
	s->has = ARM_BIT(ARM_EMPTY);
	for (unsigned int arm = ARM_OLD; arm_is_usual(arm); arm++)
		s->has |= arm_same_code(&usual, arm, s->own, s->own) ? ARM_BIT(arm) : 0;
	s->has_switch = split_switch_there();
	if (s->has_switch)
		s->has |= split_switch_arms();
	s->arm = ARM_NEW;
	s->pattern = pattern_new(m->thp_size, m->header.seed);
	for (unsigned int i = 0; i < cell->threads; i++) {
		struct migrate_worker *w = &s->worker[i];

		w->fd = hmm_open(i % cell->devices);
		w->node = numa_node_of_cpu(affinity_cpu(i));
		w->copy = aligned_alloc(m->thp_size, m->thp_size);
		if (!w->copy)
			die(EXIT_HARNESS, "out of memory");
		memset(w->copy, 0, m->thp_size);
	}
	return s;
}

void migrate_prepare(struct migrate *s, unsigned int rounds)
{
	const struct cell *cell = s->cell;

	for (unsigned int i = 0; i < cell->threads; i++)
		device_require_memory(s, i, 2 * cell->thps * s->m->thp_size);
	if (cell->kind == KIND_INJECT)
		inject_prepare(9);
	device_prime(s);
	if (cell->kind == KIND_FRAGMENT)
		device_make_pool(s, rounds);
}

bool migrate_has_arm(const struct migrate *s, unsigned int arm)
{
	return s->has >> arm & 1;
}

static unsigned int switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* One timed call: a migration, or for the empty arm an ioctl that does nothing */
static long call(struct migrate *s, struct migrate_worker *w, unsigned int i)
{
	void *at = migrate_thp(&w->region, i);
	long pages;

	if (s->arm == ARM_EMPTY) {
		w->start[i] = clock_ticks();
		pages = hmm_flag(w->fd, false) ? -1 : (long)s->pages;
	} else if (s->cell->direction == TO_DEV) {
		w->start[i] = clock_ticks();
		pages = hmm_to_dev(w->fd, at, s->pages, w->copy);
	} else {
		w->start[i] = clock_ticks();
		pages = hmm_to_sys(w->fd, at, s->pages);
	}
	w->end[i] = clock_ticks();
	return pages;
}

/* Each arm's rounds touch the same pages, in the same order. */
static void begin_touch(struct migrate *s, const struct migrate_worker *w)
{
	s->away = false;
	s->touched = s->turn[s->arm] * TOUCH_STRIDE % s->pages;
	toucher_begin(s->toucher, s->arm == ARM_EMPTY ? NULL :
		      w->region.addr + s->touched * sysconf(_SC_PAGESIZE));
}

/*
 * What was timed is how long the page was away, and whoever waited for it has disturbed the
 * call. To the device, its driver finds it gone when it reads what has arrived. Return: how
 * many pages were migrated.
 */
static long end_touch(struct migrate *s, struct fsb_sample *sample, long pages)
{
	int error = errno;
	uint64_t ticks;

	s->away = toucher_end(s->toucher, &ticks);
	sample->ticks = ticks;
	sample->disturbed = 0;
	if (pages < 0 && error == ENOENT && s->away && s->cell->direction == TO_DEV)
		return s->pages;
	errno = error;
	return pages;
}

/* What makes the next large allocation fail, or not */
static void arrange(struct migrate *s, struct migrate_worker *w)
{
	if (s->arm == ARM_EMPTY)
		return;
	if (s->cell->kind == KIND_FLAG && hmm_flag(w->fd, true))
		w->failed = errno;
	if (s->cell->kind == KIND_FRAGMENT) {
		struct counters before = counters_read();

		fragment_more(s->fragment);
		counters_add(&s->taken, &before);
	}
}

/*
 * The timer tick and what it wakes up are 1.5 % of a call of a million instructions:
 * begin between two. Not with several threads, which would all begin at one time,
 * and not where a block that becomes free meanwhile would be one too many.
 */
static void avoid_tick(const struct migrate *s, struct migrate_worker *w)
{
	uint64_t at = clock_ticks();

	if (s->cell->threads > 1 || s->arm == ARM_EMPTY || s->fragment)
		return;
	/* As long as the last one, of whatever arm, and some more */
	tick_avoid(w->call_ns + w->call_ns / 8);
	w->waited += clock_ticks() - at;
}

/* A thread's part of a round: all that happens between the counters' readings */
static void work(unsigned int number, void *arg)
{
	struct migrate *s = arg;
	struct migrate_worker *w = &s->worker[number];
	bool inject = s->cell->kind == KIND_INJECT && s->arm != ARM_EMPTY;

	w->failed = 0;
	w->wrong = 0;
	w->whole = 0;
	w->waited = 0;
	if (inject)
		inject_here(true);
	for (unsigned int i = 0; i < s->cell->thps && !w->failed; i++) {
		struct fsb_sample *sample = &w->sample[i];
		unsigned int before;
		uint64_t begun;
		long pages;

		arrange(s, w);
		avoid_tick(s, w);
		before = switches();
		begun = tick_now();
		if (s->toucher)
			begin_touch(s, w);
		pages = call(s, w, i);
		if (s->arm != ARM_EMPTY)
			w->call_ns = tick_now() - begun;
		sample->disturbed = switches() - before;
		sample->ticks = w->end[i] - w->start[i];
		sample->cpu = sched_getcpu();
		if (s->toucher)
			pages = end_touch(s, sample, pages);
		w->whole += pages == 1;
		if (!verify_is_all(s, pages))
			w->failed = pages < 0 ? errno : EBUSY;
		if (!w->failed && s->arm != ARM_EMPTY &&
		    s->cell->direction == TO_DEV && !s->toucher)
			w->wrong += pattern_wrong(&s->pattern, w->copy,
						  migrate_stamp_of(s, number, i));
	}
	if (inject)
		inject_here(false);
}

/*
 * What small pages cost depends on what the rounds before have left: by 10 % and
 * more on the free lists, and by 9 % on the CPU's own lists. Begin with
 * whole blocks. Where instructions are counted, that makes a round's calls the
 * same as the last round's, most of them to the unit; on a clock it is done once a
 * cell, as the memory of real machines is large.
 */
static void compact(struct migrate *s)
{
	char path[64];

	if (s->compacted && strcmp(s->m->header.unit, "instructions"))
		return;
	for (unsigned int i = 0; i < s->cell->threads; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/compact",
			 s->worker[i].node);
		if (write_text(path, 0, "1"))
			die(EXIT_SKIP, "%s: %s: it needs root and a kernel with CONFIG_COMPACTION",
			    path, strerror(errno));
	}
	s->compacted = true;
}

/*
 * The same free memory for each round; where it is fragmented, it has to stay so. The
 * CPU's list has what the calls take, and some more, up to a number that stays below
 * the list's limit. The driver's own memory is unmovable.
 */
static void prepare_free_memory(struct migrate *s, uint64_t *phases)
{
	unsigned int threads = s->cell->threads;
	unsigned int thps = s->cell->thps < MAX_FILL ? s->cell->thps : MAX_FILL;
	uint64_t at = clock_ticks();

	device_limit(s);
	if (!s->fragment) {
		pcp_drain(threads, s->m->thp_size);
		compact(s);
		if (s->cell->kind != KIND_NONE)
			pcp_fill(threads, thps * (s->pages + s->pages / 8),
				 s->cell->direction == TO_SYS);
	}
	phases[PHASE_TIDY] += clock_ticks() - at;
}

static void prepare(struct migrate *s, uint64_t *phases)
{
	const struct cell *cell = s->cell;
	uint64_t at = clock_ticks(), mapped;

	for (unsigned int i = 0; i < cell->threads; i++) {
		struct migrate_worker *w = &s->worker[i];

		if (s->fragment) {
			if (s->used + cell->thps > s->pool.nr)
				die(EXIT_HARNESS, "%s: too many rounds were rejected",
				    cell->name);
			w->region = s->pool;
			w->region.addr = migrate_thp(&s->pool, s->used);
			w->region.nr = cell->thps;
			s->used += cell->thps;
			continue;
		}
		device_map(s, &w->region, cell->thps, w->node, migrate_stamp_of(s, i, 0));
	}
	mapped = clock_ticks();
	phases[PHASE_FAULT] += mapped - at;
	for (unsigned int i = 0; cell->direction == TO_SYS && !s->fragment &&
	     i < cell->threads; i++)
		device_put(s, s->worker[i].fd, &s->worker[i].region,
			   s->worker[i].copy, migrate_stamp_of(s, i, 0));
	phases[PHASE_MOVE] += clock_ticks() - mapped;
}

static void finish(struct migrate *s, uint64_t *phases)
{
	uint64_t at = clock_ticks(), back, verified;

	for (unsigned int i = 0; i < s->cell->threads; i++) {
		if (s->cell->direction == TO_SYS)
			continue;
		/* A page that was touched is back, or all of its THP. */
		if (s->toucher)
			hmm_to_sys(s->worker[i].fd, s->worker[i].region.addr, s->pages);
		else
			device_take(s, s->worker[i].fd,
				    &s->worker[i].region);
	}
	back = clock_ticks();
	verify_all(s);
	verified = clock_ticks();
	/* Of fragmented memory, what is freed would be a free block again. */
	for (unsigned int i = 0; i < s->cell->threads && !s->fragment; i++)
		region_unmap(&s->worker[i].region);
	phases[PHASE_MOVE] += back - at;
	phases[PHASE_VERIFY] += verified - back;
	phases[PHASE_UNMAP] += clock_ticks() - verified;
}

/* A call that failed may have left THPs anywhere: begin anew with others. */
static int give_up(struct migrate *s, struct migrate_round *round, int error)
{
	verify_all(s);
	for (unsigned int i = 0; i < s->cell->threads && !s->fragment; i++)
		region_unmap(&s->worker[i].region);
	snprintf(round->why, sizeof(round->why), "a call failed: %s",
		 strerror(error));
	return 1;
}

static int run(struct migrate *s, struct migrate_round *round)
{
	const struct cell *cell = s->cell;
	unsigned int thps = cell->thps * cell->threads;
	struct counters before, after;
	unsigned int whole = 0;
	size_t wrong = 0;
	int failed = 0;

	s->taken = (struct counters){ 0 };
	before = counters_read();
	threads_run(cell->threads, work, s);
	after = counters_read();
	round->busy = 0;
	for (unsigned int i = 0; i < cell->threads; i++) {
		struct migrate_worker *w = &s->worker[i];
		uint64_t busy = 0;

		for (unsigned int j = 0; j < cell->thps; j++)
			busy += w->sample[j].ticks;
		if (busy > round->busy)
			round->busy = busy;
		if (w->failed)
			failed = w->failed;
		wrong += w->wrong;
		whole += w->whole;
		round->phases[PHASE_TIDY] += w->waited;
	}
	verify_bytes(s, wrong, "device");
	if (failed && s->arm == ARM_EMPTY)
		die(EXIT_HARNESS, "HMM_DMIRROR_FLAGS: %s", strerror(failed));
	if (s->arm == ARM_EMPTY)
		return 0;
	if (failed)
		return give_up(s, round, failed);
	failed = counters_wrong(&before, &after, &s->taken,
				migrate_falls_back(s) ? thps : 0,
				round->why, sizeof(round->why));
	if (!failed && migrate_falls_back(s) && whole) {
		snprintf(round->why, sizeof(round->why),
			 "%u THPs migrated whole, according to the driver", whole);
		failed = 1;
	}
	if (!failed)
		failed = s->has_switch &&
			 split_switch_changed(s->arm, round->why,
					      sizeof(round->why));
	if (!failed && s->toucher && !s->away) {
		snprintf(round->why, sizeof(round->why), "page %u was not seen away", s->touched);
		failed = 1;
	}
	for (unsigned int i = 0; i < cell->threads && !failed; i++)
		failed = verify_places(s, &s->worker[i], round->why,
				       sizeof(round->why));
	finish(s, round->phases);
	return failed;
}

int migrate_round(struct migrate *s, unsigned int which, struct migrate_round *round)
{
	int ret;

	for (unsigned int i = 0; i < s->cell->threads; i++)
		s->worker[i].sample = round->sample + i * s->cell->thps;
	memset(round->sample, 0, sizeof(*round->sample) * s->cell->thps *
	       s->cell->threads);
	choose_variant(s, which);
	if (which != ARM_EMPTY) {
		prepare_free_memory(s, round->phases);
		prepare(s, round->phases);
	}
	ret = run(s, round);
	if (which != ARM_EMPTY)
		s->stamp += s->cell->thps * s->cell->threads;
	s->turn[which] += !ret;
	return ret;
}

void migrate_free(struct migrate *s)
{
	if (s->fragment) {
		fragment_free(s->fragment);
		region_unmap(&s->pool);
		numa_set_localalloc();
	}
	/* Whoever has loaded the driver shall find it no larger than it was. */
	for (unsigned int i = 0; i < s->cell->devices; i++) {
		if (hmm_release(s->worker[i].fd))
			die(EXIT_HARNESS, "HMM_DMIRROR_RELEASE: %s",
			    strerror(errno));
	}
	for (unsigned int i = 0; i < s->cell->threads; i++) {
		close(s->worker[i].fd);
		free(s->worker[i].copy);
	}
	choose_variant(s, ARM_NEW);
	pattern_free(&s->pattern);
	free(s->seen);
	free(s);
}
