// SPDX-License-Identifier: GPL-2.0
/* splitbench split: one boot's blocks, measured and recorded as they come */
#include "split.h"

#include <errno.h>
#include <getopt.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <numa.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "module.h"
#include "plan.h"
#include "record.h"
#include "region.h"
#include "util.h"

#ifdef __x86_64__
#include <x86intrin.h>
#endif

#define MAX_RETRIES	10

/* The arms that are always measured, where the kernel has them. */
static const char *const arms[] = { "empty", "old", "new", "again" };

/**
 * struct split - what a boot's measuring needs
 * @plan: the plan
 * @module: the module
 * @header: of the record
 * @arm: the module's index of each of header.arms
 * @rng: draws the order of calls
 * @thp_size: bytes
 * @node: NUMA node of the CPU
 */
struct split {
	struct plan plan;
	struct module module;
	struct record_header header;
	uint8_t arm[RECORD_MAX_ARMS];
	gsl_rng *rng;
	size_t thp_size;
	int node;
};

/* The same counter that the module reads; 0 where there is none. */
static uint64_t counter(void)
{
#ifdef __x86_64__
	return __rdtsc();
#else
	return 0;
#endif
}

/* Pin to the last CPU that we may use: the first is everybody's. */
static int pin_cpu(void)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set))
		die(EXIT_HARNESS, "sched_getaffinity: %s", strerror(errno));
	for (cpu = CPU_SETSIZE - 1; cpu > 0 && !CPU_ISSET(cpu, &set); cpu--)
		;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die(EXIT_HARNESS, "cannot pin to CPU %d: %s", cpu,
		    strerror(errno));
	return cpu;
}

static void choose_arms(struct split *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(arms); i++) {
		const char *name = arms[i];
		int index;

		/* A planted slowdown hides behind new, and so behind again. */
		if (s->plan.plant &&
		    (!strcmp(name, "new") || !strcmp(name, "again")))
			index = module_arm(&s->module, "slow");
		else
			index = module_arm(&s->module, name);
		if (index < 0) {
			fprintf(stderr,
				"splitbench: this kernel does not have arm '%s'\n",
				name);
			continue;
		}
		s->arm[s->header.nr_arms] = index;
		strcpy(s->header.arms[s->header.nr_arms++], name);
	}
	if (s->plan.reps * s->header.nr_arms > FSB_MAX_FOLIOS)
		die(EXIT_USAGE, "%u calls of %u arms are more than the %u of a block",
		    s->plan.reps, s->header.nr_arms, FSB_MAX_FOLIOS);
}

static void require_thp(void)
{
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	char *text = read_text(path);

	if (!text)
		die(EXIT_SKIP, "no %s: this kernel has no THP", path);
	if (strstr(text, "[never]"))
		die(EXIT_SKIP, "THP is disabled: echo madvise > %s", path);
	free(text);
}

/* Balanced, each arm as often as any other, and in random order. */
static void draw_order(struct split *s, struct record_block *block)
{
	block->nr = s->plan.reps * s->header.nr_arms;
	for (unsigned int i = 0; i < block->nr; i++)
		block->arm[i] = i % s->header.nr_arms;
	gsl_ran_shuffle(s->rng, block->arm, block->nr, sizeof(block->arm[0]));
}

/* Return: 0; an errno that another try may not get. */
static int try_block(struct split *s, struct record_block *block)
{
	uint8_t arm[RECORD_MAX_CALLS];
	struct fsb_run run = {
		.version = FSB_VERSION,
		.nr = block->nr,
		.arms = (uintptr_t)arm,
		.samples = (uintptr_t)block->sample,
		.new_order = s->plan.new_order,
		.slow_loops = s->plan.plant,
	};
	struct region region;
	uint64_t at[5];
	int thps, off, error = 0;
	size_t wrong;

	for (unsigned int i = 0; i < block->nr; i++)
		arm[i] = s->arm[block->arm[i]];
	/* The module's writes must not be the first to touch these pages. */
	memset(block->sample, 0, sizeof(block->sample));

	at[0] = counter();
	if (region_map(&region, block->nr, s->thp_size, s->node,
		       s->plan.seed + block->block))
		die(EXIT_SKIP, "cannot map %u THPs: %s", block->nr,
		    strerror(errno));
	at[1] = counter();
	run.addr = (uintptr_t)region.addr;
	thps = region_thps(&region);
	if (thps < 0)
		die(EXIT_SKIP,
		    "cannot tell THPs from pages: PAGEMAP_SCAN: %s; it takes Linux 6.7 and PROC_PAGE_MONITOR",
		    strerror(errno));
	off = region_off_node(&region, s->node);
	if (off < 0)
		die(EXIT_SKIP, "cannot tell the pages' nodes: %s",
		    strerror(errno));
	if (thps < (int)block->nr || off) {
		region_unmap(&region);
		return thps < (int)block->nr ? ENODATA : EXDEV;
	}
	at[2] = counter();
	if (module_run(&s->module, &run))
		error = errno;
	at[3] = counter();
	wrong = region_wrong_pages(&region);
	if (wrong)
		die(EXIT_DIFFERS, "block %u: %zu pages lost their data",
		    block->block, wrong);
	at[4] = counter();
	region_unmap(&region);

	block->phases[PHASE_FAULT] = at[1] - at[0];
	block->phases[PHASE_VERIFY] = at[2] - at[1] + at[4] - at[3];
	block->phases[PHASE_SETUP] = run.setup_ticks;
	block->phases[PHASE_PMD_SPLIT] = run.pmd_split_ticks;
	block->phases[PHASE_CHECK] = run.check_ticks;
	block->phases[PHASE_FINALIZE] = run.finalize_ticks;
	block->phases[PHASE_UNMAP] = counter() - at[4];
	return error;
}

static void check_samples(const struct split *s,
			  const struct record_block *block)
{
	for (unsigned int i = 0; i < block->nr; i++) {
		const struct fsb_sample *sample = &block->sample[i];

		if (sample->fault)
			die(EXIT_DIFFERS,
			    "block %u, call %u, arm %s: broken contract: faults 0x%x, returned %d",
			    block->block, i, s->header.arms[block->arm[i]],
			    sample->fault, sample->ret);
	}
}

static const char *why(int error)
{
	switch (error) {
	case ENODATA:
		return "too few free THPs: free memory, or write 1 to /proc/sys/vm/compact_memory";
	case EXDEV:
		return "the memory is not on the CPU's NUMA node";
	default:
		return module_refusal(error);
	}
}

static void measure_block(struct split *s, struct record_block *block)
{
	int error;

	for (block->retries = 0; ; block->retries++) {
		error = try_block(s, block);
		if (!error)
			return;
		if ((error != EBUSY && error != ENODATA && error != EXDEV) ||
		    block->retries == MAX_RETRIES)
			die(error == ENODATA ? EXIT_SKIP : EXIT_HARNESS,
			    "block %u: %s", block->block, why(error));
	}
}

static void show_progress(const struct split *s, unsigned int block,
			  unsigned int all)
{
	/* In a guest, the terminal is the host's. */
	if (!isatty(STDERR_FILENO) && !getenv("SPLITBENCH_PROGRESS"))
		return;
	fprintf(stderr, "\r\033[Kboot %u of %u: block %u of %u%s",
		s->header.boot, s->plan.boots, block, all,
		block == all ? "\r\033[K" : "");
}

static void measure_boot(struct split *s, const char *run_dir)
{
	unsigned int all = s->plan.warmup + s->plan.blocks;
	struct record_block *block = calloc(1, sizeof(*block));
	char *path = join(run_dir, "boot-%u.jsonl", s->header.boot);
	struct record_writer *writer = record_create(path, &s->header);
	char *cell = plan_cell(&s->plan);

	if (!block)
		die(EXIT_HARNESS, "out of memory");
	if (!writer)
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	strcpy(block->cell, cell);
	for (unsigned int i = 1; i <= all; i++) {
		block->block = i;
		block->warmup = i <= s->plan.warmup;
		draw_order(s, block);
		measure_block(s, block);
		/* Recorded before it is judged: a fault is evidence. */
		if (record_append(writer, block))
			die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
		check_samples(s, block);
		show_progress(s, i, all);
	}
	if (record_finish(writer))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	free(cell);
	free(path);
	free(block);
}

static const char usage[] =
"usage: splitbench split --run DIR --boot N\n"
"Measure one boot of the plan in DIR, through the module folio_split_bench,\n"
"into DIR/boot-N.jsonl. For root.\n";

int cmd_split(int argc, char **argv)
{
	static const struct option options[] = {
		{ "run", required_argument, NULL, 'r' },
		{ "boot", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct split s = { 0 };
	const char *dir = NULL;
	int opt, cpu;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'r':
			dir = optarg;
			break;
		case 'b':
			s.header.boot = parse_u64("--boot", optarg, 1,
						  PLAN_MAX_BOOTS);
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (!dir || !s.header.boot || optind != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (numa_available() < 0)
		die(EXIT_SKIP, "this kernel has no NUMA calls: CONFIG_NUMA is needed");
	s.plan = plan_load(dir);
	require_thp();
	s.module = module_open();
	s.thp_size = 1UL << (s.module.info.pmd_order + s.module.info.page_shift);
	cpu = pin_cpu();
	s.node = numa_node_of_cpu(cpu);
	choose_arms(&s);
	s.header.seed = s.plan.seed + s.header.boot;
	strcpy(s.header.unit, machine_unit());
	machine_record(dir, s.module.info.counter_khz);
	s.rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(s.rng, s.header.seed);
	measure_boot(&s, dir);
	gsl_rng_free(s.rng);
	return EXIT_DONE;
}
