// SPDX-License-Identifier: GPL-2.0
#include "workload/migrate.h"

#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "machine/affinity.h"
#include "machine/clock.h"
#include "machine/guard.h"
#include "machine/tick.h"
#include "sys/fault_inject.h"
#include "sys/fragment.h"
#include "sys/pattern.h"
#include "sys/split_path.h"
#include "sys/test_hmm.h"
#include "sys/thp_counters.h"
#include "sys/thp_region.h"
#include "util/util.h"
#include "workload/migrate_trace.h"
#include "workload/pcp.h"
#include "workload/threads.h"

#define SWITCH		"/sys/kernel/debug/migrate_split_variant"
/* Above this, the device's memory is given back before the next round. */
#define MAX_CHUNKS	8
/* What a round needs beside its THPs and their copies. */
#define SPARE_BYTES	(64UL << 20)
#define MAX_REJECTED	8
/* Small pages for so many THPs are put on a CPU's list before a round. */
#define MAX_FILL	4

/**
 * struct worker - a thread's own things
 * @fd: its device
 * @node: NUMA node of its CPU
 * @region: its THPs
 * @copy: what the device read back
 * @sample: of its calls
 * @start: ticks before each call
 * @end: ticks after it
 * @failed: errno of a call; 0 if all is well
 * @wrong: pages that the device did not see as they were written
 * @whole: calls after which the driver said that the THP went whole
 * @call_ns: how long the last call took; 0 before the first
 * @waited: ticks of this round that it waited for a timer tick to be over
 */
struct worker {
	int fd;
	int node;
	struct region region;
	unsigned char *copy;
	struct fsb_sample *sample;
	uint64_t start[CELL_MAX_THPS];
	uint64_t end[CELL_MAX_THPS];
	int failed;
	size_t wrong;
	unsigned int whole;
	uint64_t call_ns;
	uint64_t waited;
};

/**
 * struct migrate - what a cell's rounds need
 * @m: of the boot
 * @cell: what is measured
 * @pages: of a THP
 * @pattern: that THPs are filled with
 * @worker: one a thread
 * @has_switch: this kernel has several splits to choose from
 * @has: arms that this kernel has, as bits
 * @order: which of them, and how many rounds of each, a block has
 * @own: what this kernel does by itself: ARM_NEW, or ARM_OLD of one from
 *	 before there was a new way
 * @arm: of the round that is going on
 * @stamp: of the round's first THP: no two THPs have the same
 * @fragment: the fragmented memory, if that is the kind
 * @pool: THPs made before it was fragmented, for all rounds
 * @used: how many of them are used up
 * @taken: what taking blocks was counted as: it splits THPs as well
 * @compacted: memory was compacted for this cell
 * @seen: a byte a page, where the device says it is
 */
struct migrate {
	struct measure *m;
	const struct cell *cell;
	size_t pages;
	struct pattern pattern;
	struct worker worker[CELL_MAX_THREADS];
	bool has_switch;
	unsigned int has;
	struct cell_order order;
	enum arm own;
	enum arm arm;
	uint64_t stamp;
	struct fragment *fragment;
	struct region pool;
	unsigned int used;
	struct counters taken;
	bool compacted;
	uint8_t *seen;
};

static bool falls_back(const struct migrate *s)
{
	return s->cell->kind == KIND_FLAG || s->cell->kind == KIND_INJECT ||
	       s->cell->kind == KIND_FRAGMENT;
}

static void *thp(const struct region *r, unsigned int i)
{
	return r->addr + i * r->thp_size;
}

static uint64_t stamp_of(const struct migrate *s, unsigned int number,
			 unsigned int i)
{
	return s->stamp + number * s->cell->thps + i;
}

/* A byte that is not what it has to be is the end of it all. */
static void require_right(const struct migrate *s, size_t wrong,
			  const char *who)
{
	if (wrong)
		die(EXIT_DIFFERS, "%s: %zu pages are not what was written, as seen by the %s",
		    s->cell->name, wrong, who);
}

/* On the way back, the driver counts a THP that goes whole as one page. */
static bool is_all(const struct migrate *s, long pages)
{
	return pages == (long)s->pages ||
	       (pages == 1 && s->cell->kind != KIND_PAGES);
}

/* What does not depend on the path: a call that fails, outside of the clock. */
static void require_pages(const struct migrate *s, long pages, const char *what)
{
	if (!is_all(s, pages))
		die(EXIT_HARNESS, "%s: %s: %ld of %zu pages migrated (%s)",
		    s->cell->name, what, pages, s->pages,
		    pages < 0 ? strerror(errno) : "busy");
}

/* All to the device, not timed, and seen to be there as written. */
static void put_on_device(struct migrate *s, int fd, const struct region *r,
			  unsigned char *copy, uint64_t stamp)
{
	for (unsigned int i = 0; i < r->nr; i++) {
		require_pages(s, hmm_to_dev(fd, thp(r, i), s->pages, copy),
			      "to the device");
		require_right(s, pattern_wrong(&s->pattern, copy, stamp + i),
			      "device");
	}
}

static void take_from_device(struct migrate *s, int fd, const struct region *r)
{
	for (unsigned int i = 0; i < r->nr; i++)
		require_pages(s, hmm_to_sys(fd, thp(r, i), s->pages),
			      "back to the system");
}

static void map_thps(struct migrate *s, struct region *r, unsigned int nr,
		     int node, uint64_t stamp)
{
	bool huge = s->cell->kind != KIND_PAGES;

	if (region_map(r, nr, s->m->thp_size, node, huge))
		die(EXIT_SKIP, "cannot map %u THPs: %s", nr, strerror(errno));
	for (unsigned int i = 0; i < nr; i++)
		pattern_fill(&s->pattern, thp(r, i), stamp + i);
	/* Small pages are there as none; a THP too few will not do. */
	if (region_thps(r) != (huge ? (int)nr : 0))
		die(EXIT_SKIP, "%s: not %u THPs but %d: free memory, or write 1 to /proc/sys/vm/compact_memory",
		    s->cell->name, nr, region_thps(r));
}

/*
 * The device's memory comes in chunks, by a call that takes longer than all
 * else: have one of large and one of small pages before anything is timed.
 */
static void prime(struct migrate *s)
{
	for (unsigned int i = 0; i < s->cell->devices; i++) {
		struct worker *w = &s->worker[i];
		struct region r;

		map_thps(s, &r, 1, w->node, 0);
		put_on_device(s, w->fd, &r, w->copy, 0);
		take_from_device(s, w->fd, &r);
		if (s->cell->kind != KIND_PAGES) {
			if (hmm_flag(w->fd, true))
				die(EXIT_HARNESS, "HMM_DMIRROR_FLAGS: %s",
				    strerror(errno));
			put_on_device(s, w->fd, &r, w->copy, 0);
			take_from_device(s, w->fd, &r);
		}
		region_unmap(&r);
	}
}

/* Fallbacks leave large pieces of the device's memory in small ones for good. */
static void limit_chunks(struct migrate *s)
{
	if (s->fragment || hmm_chunks() <= MAX_CHUNKS)
		return;
	for (unsigned int i = 0; i < s->cell->devices; i++) {
		if (hmm_release(s->worker[i].fd))
			die(EXIT_HARNESS, "HMM_DMIRROR_RELEASE: %s",
			    strerror(errno));
	}
	prime(s);
}

/*
 * The driver has nothing to say if memory runs out, and the THPs are bound to
 * a node: see that it has enough for all threads that are on it.
 */
static void require_memory(const struct migrate *s, unsigned int number,
			   uint64_t bytes)
{
	int node = s->worker[number].node;
	uint64_t available = node_available(node), need = SPARE_BYTES;

	for (unsigned int i = 0; i < s->cell->threads; i++) {
		if (s->worker[i].node == node)
			need += bytes;
	}
	if (available < need)
		die(EXIT_SKIP,
		    "%s needs %llu MiB of memory for the THPs and the device's copies; %llu are available on node %d",
		    s->cell->name, (unsigned long long)need >> 20,
		    (unsigned long long)available >> 20, node);
}

static void make_pool(struct migrate *s, unsigned int rounds)
{
	struct worker *w = &s->worker[0];
	struct bitmask *node = numa_allocate_nodemask();
	unsigned int nr = s->cell->thps * (rounds + MAX_REJECTED) + 16;

	/* One node is as good as all of them, and sooner fragmented. */
	numa_bitmask_setbit(node, w->node);
	numa_set_membind(node);
	numa_free_nodemask(node);
	/* Each is in one place or the other, but for the one under way. */
	require_memory(s, 0, (nr + 2) * s->m->thp_size);
	map_thps(s, &s->pool, nr, w->node, s->stamp);
	if (s->cell->direction == TO_SYS)
		put_on_device(s, w->fd, &s->pool, w->copy, s->stamp);
	s->fragment = fragment_new(s->m->thp_size, w->node);
}

/* What is written to the switch for an arm */
static const char *variant_of(enum arm arm)
{
	if (arm == ARM_AGAIN)
		return "2";
	return arm == ARM_OLD || arm == ARM_SAME_OLD ? "1" : "0";
}

static void choose_variant(struct migrate *s, enum arm arm)
{
	if (s->has_switch && write_text(SWITCH, 0, variant_of(arm)))
		die(EXIT_HARNESS, SWITCH ": %s", strerror(errno));
	s->arm = arm;
}

/* A kernel with the switch may still lack the second copy of the new split. */
static void find_arms(struct migrate *s)
{
	s->has = ARM_BIT(ARM_EMPTY) | ARM_BIT(ARM_SAME) | ARM_BIT(s->own);
	if (!s->has_switch)
		return;
	s->has |= ARM_BIT(ARM_OLD) | ARM_BIT(ARM_NEW) | ARM_BIT(ARM_SAME_OLD);
	if (!write_text(SWITCH, 0, variant_of(ARM_AGAIN)))
		s->has |= ARM_BIT(ARM_AGAIN);
	else if (errno != EINVAL)
		die(EXIT_HARNESS, SWITCH ": %s", strerror(errno));
	choose_variant(s, ARM_NEW);
}

struct migrate *migrate_new(struct measure *m, const struct cell *cell,
			    unsigned int rounds)
{
	struct migrate *s = calloc(1, sizeof(*s));
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
		die(EXIT_SKIP, "%s: %u threads, but only %u of the CPUs may be used: say CPUS=%u, or --cpus of splitbench plan",
		    cell->name, cell->threads, affinity_cpus(), cell->threads);
	why_not = hmm_load(m->test_hmm);
	if (why_not)
		die(EXIT_SKIP, "%s", why_not);
	if (cell->kind != KIND_FRAGMENT)
		pcp_prepare();
	s->own = ways_has_new() ? ARM_NEW : ARM_OLD;
	s->has_switch = !guard_remember(SWITCH);
	if (!s->has_switch && errno != ENOENT)
		die(EXIT_SKIP, SWITCH ": %s: it is for root", strerror(errno));
	find_arms(s);
	s->pattern = pattern_new(m->thp_size, m->header.seed);
	for (unsigned int i = 0; i < cell->threads; i++) {
		struct worker *w = &s->worker[i];

		w->fd = hmm_open(i % cell->devices);
		w->node = numa_node_of_cpu(affinity_cpu(i));
		w->copy = aligned_alloc(m->thp_size, m->thp_size);
		if (!w->copy)
			die(EXIT_HARNESS, "out of memory");
		memset(w->copy, 0, m->thp_size);
	}
	for (unsigned int i = 0; i < cell->threads; i++)
		require_memory(s, i, 2 * cell->thps * m->thp_size);
	if (cell->kind == KIND_INJECT)
		inject_prepare(9);
	prime(s);
	if (cell->kind == KIND_FRAGMENT)
		make_pool(s, rounds);
	return s;
}

bool migrate_has_arm(const struct migrate *s, enum arm arm)
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
static long call(struct migrate *s, struct worker *w, unsigned int i)
{
	void *at = thp(&w->region, i);
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

/* What makes the next large allocation fail, or not */
static void arrange(struct migrate *s, struct worker *w)
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
static void avoid_tick(const struct migrate *s, struct worker *w)
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
	struct worker *w = &s->worker[number];
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
		pages = call(s, w, i);
		if (s->arm != ARM_EMPTY)
			w->call_ns = tick_now() - begun;
		w->whole += pages == 1;
		if (!is_all(s, pages))
			w->failed = pages < 0 ? errno : EBUSY;
		sample->disturbed = switches() - before;
		sample->ticks = w->end[i] - w->start[i];
		sample->cpu = sched_getcpu();
		if (!w->failed && s->arm != ARM_EMPTY &&
		    s->cell->direction == TO_DEV)
			w->wrong += pattern_wrong(&s->pattern, w->copy,
						  stamp_of(s, number, i));
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
			die(EXIT_SKIP, "%s: %s: it takes root and a kernel with CONFIG_COMPACTION",
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

	limit_chunks(s);
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
		struct worker *w = &s->worker[i];

		if (s->fragment) {
			if (s->used + cell->thps > s->pool.nr)
				die(EXIT_HARNESS, "%s: too many rounds were rejected",
				    cell->name);
			w->region = s->pool;
			w->region.addr = thp(&s->pool, s->used);
			w->region.nr = cell->thps;
			s->used += cell->thps;
			continue;
		}
		map_thps(s, &w->region, cell->thps, w->node, stamp_of(s, i, 0));
	}
	mapped = clock_ticks();
	phases[PHASE_FAULT] += mapped - at;
	for (unsigned int i = 0; cell->direction == TO_SYS && !s->fragment &&
	     i < cell->threads; i++)
		put_on_device(s, s->worker[i].fd, &s->worker[i].region,
			      s->worker[i].copy, stamp_of(s, i, 0));
	phases[PHASE_MOVE] += clock_ticks() - mapped;
}

/* Whoever else sets the switch: what was timed is what it says now as before. */
static int went_another_way(const struct migrate *s, char *why, size_t size)
{
	const char *want = variant_of(s->arm);
	char *is = s->has_switch ? read_text(SWITCH) : NULL;
	int ret = s->has_switch && (!is || strcmp(is, want));

	if (ret)
		snprintf(why, size, "the switch is %s, not %s",
			 is ? is : "gone", want);
	free(is);
	return ret;
}

/* The page tables have to say the same as the counters. */
static int is_elsewhere(struct migrate *s, struct worker *w, char *why,
			size_t size)
{
	bool whole = s->cell->kind == KIND_NONE;

	if (s->cell->direction == TO_SYS) {
		int thps = region_thps(&w->region);

		if (thps == (whole ? (int)s->cell->thps : 0))
			return 0;
		snprintf(why, size, "%d THPs came back whole", thps);
		return 1;
	}
	for (unsigned int i = 0; i < s->cell->thps; i++) {
		if (hmm_snapshot(w->fd, thp(&w->region, i), s->pages, s->seen))
			die(EXIT_HARNESS, "HMM_DMIRROR_SNAPSHOT: %s",
			    strerror(errno));
		for (size_t page = 0; page < s->pages; page++) {
			if (HMM_SEEN_ON_DEVICE(s->seen[page]) &&
			    !HMM_SEEN_HUGE(s->seen[page]) == !whole)
				continue;
			snprintf(why, size, "THP %u, page %zu: seen by the device as 0x%x",
				 i, page, s->seen[page]);
			return 1;
		}
	}
	return 0;
}

/* Every byte, wherever it is: what is on the device comes by page faults. */
static void require_all_right(const struct migrate *s)
{
	size_t wrong = 0;

	for (unsigned int i = 0; i < s->cell->threads; i++) {
		for (unsigned int j = 0; j < s->cell->thps; j++)
			wrong += pattern_wrong(&s->pattern,
					       thp(&s->worker[i].region, j),
					       stamp_of(s, i, j));
	}
	require_right(s, wrong, "CPU");
}

static void finish(struct migrate *s, uint64_t *phases)
{
	uint64_t at = clock_ticks(), back, verified;

	for (unsigned int i = 0; i < s->cell->threads; i++) {
		if (s->cell->direction == TO_DEV)
			take_from_device(s, s->worker[i].fd,
					 &s->worker[i].region);
	}
	back = clock_ticks();
	require_all_right(s);
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
	require_all_right(s);
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
		struct worker *w = &s->worker[i];
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
	require_right(s, wrong, "device");
	if (failed && s->arm == ARM_EMPTY)
		die(EXIT_HARNESS, "HMM_DMIRROR_FLAGS: %s", strerror(failed));
	if (s->arm == ARM_EMPTY)
		return 0;
	if (failed)
		return give_up(s, round, failed);
	failed = counters_wrong(&before, &after, &s->taken,
				falls_back(s) ? thps : 0,
				round->why, sizeof(round->why));
	if (!failed && falls_back(s) && whole) {
		snprintf(round->why, sizeof(round->why),
			 "%u THPs went whole, says the driver", whole);
		failed = 1;
	}
	if (!failed)
		failed = went_another_way(s, round->why, sizeof(round->why));
	for (unsigned int i = 0; i < cell->threads && !failed; i++)
		failed = is_elsewhere(s, &s->worker[i], round->why,
				      sizeof(round->why));
	finish(s, round->phases);
	return failed;
}

int migrate_round(struct migrate *s, enum arm which, struct migrate_round *round)
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

/* The most that there can be: two rounds of each arm in three, and a lead-in */
static void *migrate_begin(struct measure *m, const struct cell *cell)
{
	unsigned int rounds = 3 * (cell->reps + cell->reps % 2) + 1;
	struct migrate *s = migrate_new(m, cell,
					(cell->warmup + cell->blocks) * rounds);

	s->order = job_order(m, cell, s->has, s->own);
	return s;
}

static void migrate_block(void *state, struct record_block *block)
{
	struct migrate *s = state;
	unsigned int rounds = s->order.nr;
	unsigned int per_round = s->cell->thps * s->cell->threads;
	uint8_t *order = grow(NULL, rounds, 1);

	job_draw(s->m, &s->order, order);
	block->round = per_round;
	block->nr = rounds * per_round;
	block->lead = per_round;
	for (unsigned int i = 0; i < rounds; i++) {
		struct migrate_round round = {
			.sample = block->sample + i * per_round,
			.phases = block->phases,
		};

		memset(block->arm + i * per_round, order[i], per_round);
		while (migrate_round(s, order[i], &round)) {
			if (block->nr_rejected < RECORD_MAX_REJECTED)
				snprintf(block->rejected[block->nr_rejected],
					 sizeof(block->rejected[0]), "%s: %.80s",
					 arm_names[order[i]], round.why);
			if (++block->nr_rejected > MAX_REJECTED)
				die(EXIT_DIFFERS, "%s, block %u: round after round took another path: %s",
				    s->cell->name, block->block, round.why);
		}
		block->busy[i] = round.busy;
	}
	free(order);
}

/* Traced rounds are in nobody's way: they are not among the samples. */
static int migrate_trace(void *state, unsigned int arm,
			 struct record_trace *trace)
{
	struct migrate *s = state;
	struct fsb_sample sample[CELL_MAX_THPS];
	uint64_t phases[NR_PHASES] = { 0 };
	struct migrate_round round = { .sample = sample, .phases = phases };
	unsigned int failures = 0;

	if (!migrate_has_arm(s, arm) || s->cell->threads > 1 ||
	    s->cell->thps > RECORD_MAX_TRACED)
		return 1;
	if (!s->m->breakdown && !s->m->no_breakdown) {
		s->m->breakdown = breakdown_open();
		s->m->no_breakdown = !s->m->breakdown;
	}
	if (s->m->no_breakdown)
		return 1;
	/* What disturbs a round of one THP disturbs all of it: more of these. */
	while (trace->nr < (s->cell->thps == 1 ? 8 : 4) &&
	       trace->nr + s->cell->thps <= RECORD_MAX_TRACED) {
		if (failures > MAX_REJECTED) {
			fprintf(stderr, "splitbench: %s: no breakdown: %s\n",
				s->cell->name, round.why);
			return 1;
		}
		if (breakdown_start(s->m->breakdown))
			die(EXIT_HARNESS, "tracing: %s", strerror(errno));
		if (migrate_round(s, arm, &round)) {
			failures++;
		} else if (breakdown_read(s->m->breakdown, s->worker[0].start,
					  s->worker[0].end, s->cell->thps,
					  arm == ARM_OLD, falls_back(s),
					  trace)) {
			failures++;
			strcpy(round.why, "the trace is not that of migrations");
		}
		breakdown_stop(s->m->breakdown);
	}
	return 0;
}

static void migrate_end(void *state)
{
	migrate_free(state);
}

const struct job migrate_job = {
	.begin = migrate_begin,
	.block = migrate_block,
	.trace = migrate_trace,
	.end = migrate_end,
};
