// SPDX-License-Identifier: GPL-2.0
/* One request to the module: THPs made, the call, its checks */
#include "workload/split_request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/clock.h"
#include "sys/test_hmm.h"
#include "sys/thp_region.h"
#include "util/util.h"

/* Split folios of the device's stay in pieces: then it is to get new ones. */
#define MAX_CHUNKS	4
#define MAX_TRIES	10
/* The first pause between tries; each one is longer by as much. */
#define PAUSE_US	20000

__attribute__((format(printf, 3, 4)))
static int fail_with(struct splitting *s, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->broken, sizeof(s->broken), fmt, args);
	va_end(args);
	return error;
}

void splitting_begin(struct splitting *s)
{
	s->module = module_open();
	s->device = -1;
	if (s->cell->folio != FOLIO_DEVICE)
		return;
	s->device = hmm_open(0);
	s->copy = aligned_alloc(s->thp_size, s->thp_size);
	if (!s->copy)
		die(EXIT_HARNESS, "out of memory");
	memset(s->copy, 0, s->thp_size);
}

void splitting_end(struct splitting *s)
{
	module_close(&s->module);
	if (s->device < 0)
		return;
	hmm_release(s->device);
	close(s->device);
	free(s->copy);
}

static size_t pages_of(const struct splitting *s)
{
	return s->thp_size / sysconf(_SC_PAGESIZE);
}

static int to_device(struct splitting *s, const struct region *r)
{
	long pages = pages_of(s);
	int error = 0;

	if (hmm_chunks() > MAX_CHUNKS && hmm_release(s->device))
		return fail_with(s, EOPNOTSUPP, "HMM_DMIRROR_RELEASE: %s",
				 strerror(errno));
	for (unsigned int i = 0; i < r->nr && !error; i++) {
		void *thp = r->addr + i * r->thp_size;

		if (hmm_to_dev(s->device, thp, pages, s->copy) != pages)
			error = EBUSY;
	}
	return error;
}

/* What stays behind comes by page faults when it is looked at. */
static void from_device(struct splitting *s, const struct region *r)
{
	for (unsigned int i = 0; i < r->nr; i++)
		hmm_to_sys(s->device, r->addr + i * r->thp_size, pages_of(s));
}

/* THPs that are there as such, and where they are to be */
static int look(struct splitting *s, const struct region *r)
{
	int thps = region_thps(r), off;

	if (thps < 0)
		return fail_with(s, EOPNOTSUPP,
				 "cannot distinguish THPs from pages: PAGEMAP_SCAN: %s; needs Linux 6.7 and CONFIG_PROC_PAGE_MONITOR",
				 strerror(errno));
	off = region_off_node(r, s->node);
	if (off < 0)
		return fail_with(s, EOPNOTSUPP, "cannot determine the pages' nodes: %s",
				 strerror(errno));
	off = off ? EXDEV : 0;
	return thps < (int)r->nr ? ENODATA : off;
}

/* A call that failed is recorded and judged; it leaves one THP whole. */
static unsigned int failed_calls(const struct fsb_run *run)
{
	const struct fsb_sample *sample =
		(const struct fsb_sample *)(uintptr_t)run->samples;
	unsigned int failed = 0;

	for (unsigned int i = 0; i < run->nr; i++)
		failed += sample[i].ret != 0;
	return failed;
}

/* The data has to be there, whatever the request returned. */
static int verify(struct splitting *s, const struct region *r,
		  const struct fsb_run *run, unsigned int whole, int error)
{
	size_t wrong = region_wrong_pages(r);
	int thps;

	if (wrong)
		return fail_with(s, EILSEQ, "%zu pages lost their data", wrong);
	/* Of unmapped ones the PMD is split, whatever the folio is. */
	if (error || !(run->flags & FSB_RUN_MAPPED))
		return error;
	thps = region_thps(r);
	whole += failed_calls(run);
	if (thps != (int)whole)
		return fail_with(s, EILSEQ, "%d THPs are whole after the calls, not %u",
				 thps, whole);
	return 0;
}

static void fill_in(const struct splitting *s, struct fsb_run *run)
{
	static const unsigned int caches[NR_CACHES] = {
		[CACHE_COLD] = FSB_RUN_COLD, [CACHE_WARM] = FSB_RUN_WARM,
	};

	run->version = FSB_VERSION;
	run->order = s->cell->order;
	run->new_order = s->cell->new_order;
	run->slow_loops = s->plant;
	run->spoil_kib = s->spoil_kib;
	run->flags = caches[s->cell->cache];
	if (s->cell->state == STATE_MAPPED)
		run->flags |= FSB_RUN_MAPPED;
	if (s->cell->folio == FOLIO_SWAPCACHE)
		run->flags |= FSB_RUN_SWAPCACHE;
}

/* All that is done with the region while it is there */
static int use(struct splitting *s, struct region *region, struct fsb_run *run,
	       unsigned int whole, uint64_t *phases)
{
	uint64_t at = clock_ticks(), looked;
	int error = look(s, region);

	looked = clock_ticks();
	phases[PHASE_VERIFY] += looked - at;
	if (!error && s->device >= 0)
		error = to_device(s, region);
	phases[PHASE_MOVE] += clock_ticks() - looked;
	if (error)
		return error;
	run->addr = (uintptr_t)region->addr;
	if (module_run(&s->module, run))
		error = errno;
	at = clock_ticks();
	if (s->device >= 0)
		from_device(s, region);
	looked = clock_ticks();
	phases[PHASE_MOVE] += looked - at;
	error = verify(s, region, run, whole, error);
	phases[PHASE_VERIFY] += clock_ticks() - looked;
	return error;
}

int splitting_try(struct splitting *s, struct fsb_run *run, uint64_t seed,
		  unsigned int whole, uint64_t *phases)
{
	struct region region;
	uint64_t at = clock_ticks();
	int error;

	fill_in(s, run);
	/* The module's writes must not be the first to touch these pages. */
	memset((void *)(uintptr_t)run->samples, 0,
	       run->nr * sizeof(struct fsb_sample));
	if (region_map(&region, run->nr, s->thp_size, s->node, true))
		return fail_with(s, EOPNOTSUPP, "cannot map %u THPs: %s", run->nr,
				 strerror(errno));
	region_fill(&region, seed);
	phases[PHASE_FAULT] += clock_ticks() - at;
	/* Otherwise, khugepaged could collapse what was split before it is verified. */
	if ((run->flags & FSB_RUN_MAPPED) && region_forbid_collapse(&region))
		error = fail_with(s, EOPNOTSUPP, "MADV_NOHUGEPAGE: %s", strerror(errno));
	else
		error = use(s, &region, run, whole, phases);
	at = clock_ticks();
	region_unmap(&region);
	phases[PHASE_UNMAP] += clock_ticks() - at;
	if (error)
		return error;
	phases[PHASE_SETUP] += run->setup_ticks;
	phases[PHASE_PMD_SPLIT] += run->pmd_split_ticks;
	phases[PHASE_CHECK] += run->check_ticks;
	phases[PHASE_FINALIZE] += run->finalize_ticks;
	return 0;
}

unsigned int splitting_own(const struct splitting *s)
{
	return module_arm(&s->module, "new", s->cell->state) < 0 ? ARM_OLD :
								   ARM_NEW;
}

/* An injected slowdown is in what the kernel has, and in its controls. */
static const char *planted(const struct splitting *s, unsigned int arm)
{
	const char *name = arm_name(arm);

	if (arm == splitting_own(s) || !strcmp(name, "same"))
		return "slow";
	return strcmp(name, "again") ? name : "slow_again";
}

unsigned int splitting_arms(const struct splitting *s, uint8_t index[ARM_MAX])
{
	unsigned int set = 0;

	for (unsigned int arm = 0; arm < arms_known(); arm++) {
		const char *name = s->plant ? planted(s, arm) : arm_name(arm);
		int at = module_arm(&s->module, name, s->cell->state);

		if (at < 0)
			continue;
		index[arm] = at;
		set |= ARM_BIT(arm);
	}
	return set;
}

/* A mapped split that refuses again and again is the kernel's own doing. */
enum exit_code splitting_exit_code(const struct splitting *s, int error)
{
	if (error == EILSEQ)
		return EXIT_DIFFERS;
	if (error == ENODATA || error == EOPNOTSUPP)
		return EXIT_SKIP;
	return error == EBUSY && s->cell->state == STATE_MAPPED ? EXIT_DIFFERS : EXIT_HARNESS;
}

bool splitting_again(int error)
{
	return error == EBUSY || error == ENODATA || error == EXDEV;
}

bool splitting_refused(int error)
{
	return error == EOPNOTSUPP || error == ERANGE || error == ECHRNG ||
	       error == ENOSPC;
}

void splitting_pause(unsigned int tries)
{
	usleep(tries * PAUSE_US);
}

int splitting_trial(struct splitting *s, struct fsb_run *run,
		    unsigned int empty, uint64_t seed)
{
	uint64_t phases[NR_PHASES];
	struct fsb_sample sample;
	uint8_t arm = empty;

	run->nr = 1;
	run->arms = (uintptr_t)&arm;
	run->samples = (uintptr_t)&sample;
	for (unsigned int tries = 1; ; tries++) {
		int error = splitting_try(s, run, seed, 1, phases);

		if (!splitting_again(error) || tries == MAX_TRIES)
			return error;
		splitting_pause(tries);
	}
}

const char *splitting_error(const struct splitting *s, int error)
{
	if (*s->broken)
		return s->broken;
	switch (error) {
	case ENODATA:
		return "too few free THPs: free memory, or write 1 to /proc/sys/vm/compact_memory";
	case EXDEV:
		return "the memory is not on the node that was asked for: free some there";
	case EBUSY:
		return "THPs have extra references; stop swapping, compaction and KSM";
	case ENOSPC:
		return "there is no swap for a whole folio: add some, or empty it";
	case ENOMEM:
		return "the module got no memory: free some";
	case ETIMEDOUT:
		return "a process of ours did not get its CPU in time: stop what else runs";
	default:
		return module_refusal(error);
	}
}

void splitting_judge(const struct measure *m, const struct record_block *block)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		const struct fsb_sample *sample = &block->sample[i];

		if (sample->fault)
			die(EXIT_DIFFERS,
			    "block %u, call %u, arm %s: broken contract: faults 0x%x, returned %d",
			    block->block, i, m->header.arms[block->arm[i]],
			    sample->fault, sample->ret);
	}
}
