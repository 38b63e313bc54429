// SPDX-License-Identifier: GPL-2.0
/* All cells of a boot, by their jobs, into the boot's record */
#include "workload/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/clock.h"
#include "machine/guard.h"
#include "util/util.h"

/*
 * On a clock that others disturb, a cell's blocks are spread over so many passes
 * through all cells, so that no slow minute falls on one cell alone.
 */
#define CLOCK_PASSES	3

#define JOB_ROW(id, name, ...)	\
	[JOB_##id] = &name##_job,

static const struct job *const jobs[NR_JOBS] = {
#include "record/jobs.h"
};

/* One traced look at each arm that splits: where the time goes. */
static void trace_cell(const struct job *job, void *state,
		       const struct cell *cell, struct record_writer *writer,
		       const char *path)
{
	static struct record_trace trace;

	for (int arm = ARM_OLD; job->trace && arm <= ARM_NEW; arm++) {
		memset(&trace, 0, sizeof(trace));
		strcpy(trace.cell, cell->name);
		trace.arm = arm;
		if (job->trace(state, arm, &trace))
			continue;
		if (record_append_trace(writer, &trace))
			die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
	}
}

/* Memory that is fragmented, or put together, is not for every pass to make. */
static unsigned int passes_of(const struct measure *m, const struct cell *cell)
{
	bool once = cell->kind == KIND_FRAGMENT;

	if (!strcmp(m->header.unit, "instructions") || once)
		return 1;
	return cell->blocks < CLOCK_PASSES ? cell->blocks : CLOCK_PASSES;
}

/* Blocks of a pass, 0 and up, but for the warm-up; 0 if it is one too many */
static unsigned int blocks_of_pass(const struct measure *m,
				   const struct cell *cell, unsigned int pass)
{
	unsigned int passes = passes_of(m, cell);

	if (pass >= passes)
		return 0;
	return cell->blocks * (pass + 1) / passes - cell->blocks * pass / passes;
}

static unsigned int blocks_of(const struct measure *m)
{
	unsigned int blocks = 0;

	for (size_t i = 0; i < m->plan.nr_cells; i++) {
		const struct cell *cell = &m->plan.cells[i];

		blocks += passes_of(m, cell) * cell->warmup + cell->blocks;
	}
	return blocks;
}

/* Where instructions are the clock, how long that still takes is not known here. */
static void show_progress(const struct measure *m, const struct cell *cell,
			  unsigned int done, unsigned int all)
{
	char left[40] = "";

	/* In a guest, the terminal is the host's. */
	if (!isatty(STDERR_FILENO) && !getenv("SPLITBENCH_PROGRESS"))
		return;
	if (strcmp(m->header.unit, "instructions"))
		snprintf(left, sizeof(left), ", about %llu s left",
			 (unsigned long long)((clock_since_boot_ms() - m->begun_ms) *
					      (all - done) / done / 1000));
	fprintf(stderr, "\r\033[Kboot %u of %u: %u %%%s: %s%s", m->header.boot,
		m->plan.boots, 100 * done / all, left, cell->name,
		done == all ? "\r\033[K" : "");
}

/* What cannot be measured here is a hole in the table, and says why. */
static void skip_cell(const struct measure *m, const struct cell *cell,
		      struct record_writer *writer, const char *path)
{
	struct record_skip skip;

	strcpy(skip.cell, cell->name);
	strcpy(skip.why, m->why_not);
	/* Once for the run: it is the same in each boot, and in the table. */
	if (m->header.boot == 1)
		fprintf(stderr, "splitbench: %s is skipped: %s\n", cell->name,
			m->why_not);
	if (record_append_skip(writer, &skip))
		die(EXIT_HARNESS, "%s: %s", path, strerror(errno));
}

/**
 * struct progress - how far a boot is
 * @writer: of its record
 * @path: the record's file
 * @done: blocks, of all cells
 * @all: how many there will be
 * @skipped: for each cell of the plan, that this machine cannot measure it
 */
struct progress {
	struct record_writer *writer;
	char *path;
	unsigned int done;
	unsigned int all;
	bool *skipped;
};

static void measure_block(struct measure *m, const struct cell *cell,
			  void *state, bool warmup, struct progress *p)
{
	static struct record_block block;
	const struct job *job = jobs[cell->job];

	memset(&block, 0, sizeof(block));
	block.block = ++p->done;
	block.warmup = warmup;
	strcpy(block.cell, cell->name);
	block.from_ms = clock_since_boot_ms();
	job->block(state, &block);
	block.to_ms = clock_since_boot_ms();
	/* Recorded before it is judged: a fault is evidence. */
	if (record_append(p->writer, &block))
		die(EXIT_HARNESS, "%s: %s", p->path, strerror(errno));
	if (job->judge)
		job->judge(state, &block);
	show_progress(m, cell, p->done, p->all);
}

/* The cell's blocks of one pass, and traces after the last */
static void measure_cell(struct measure *m, size_t c, unsigned int pass,
			 struct progress *p)
{
	const struct cell *cell = &m->plan.cells[c];
	unsigned int blocks = blocks_of_pass(m, cell, pass);
	const struct job *job = jobs[cell->job];
	void *state;

	if (!blocks || p->skipped[c])
		return;
	state = job->begin(m, cell);
	if (!state) {
		skip_cell(m, cell, p->writer, p->path);
		p->skipped[c] = true;
		return;
	}
	for (unsigned int i = 0; i < cell->warmup + blocks; i++)
		measure_block(m, cell, state, i < cell->warmup, p);
	if (pass + 1 == passes_of(m, cell))
		trace_cell(job, state, cell, p->writer, p->path);
	job->end(state);
}

void measure_boot(struct measure *m, const char *run_dir)
{
	struct progress p = {
		.path = join(run_dir, "boot-%u.jsonl", m->header.boot),
		.all = blocks_of(m),
		.skipped = calloc(m->plan.nr_cells, sizeof(*p.skipped)),
	};

	if (!p.skipped)
		die(EXIT_HARNESS, "out of memory");
	p.writer = record_create(p.path, &m->header);
	if (!p.writer)
		die(EXIT_HARNESS, "%s: %s", p.path, strerror(errno));
	m->begun_ms = clock_since_boot_ms();
	for (unsigned int pass = 0; pass < CLOCK_PASSES; pass++) {
		for (size_t c = 0; c < m->plan.nr_cells; c++)
			measure_cell(m, c, pass, &p);
	}
	if (m->breakdown)
		breakdown_close(m->breakdown);
	if (record_finish(p.writer))
		die(EXIT_HARNESS, "%s: %s", p.path, strerror(errno));
	if (guard_end())
		die(EXIT_HARNESS, "the machine is not as it was before; see above");
	free(p.skipped);
	free(p.path);
}
