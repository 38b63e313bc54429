// SPDX-License-Identifier: GPL-2.0
/* The job migrate: blocks of rounds of migrations */
#include "workload/migrate_round.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/fault_inject.h"
#include "util/util.h"
#include "workload/migrate_state.h"
#include "workload/migrate_trace.h"
#include "workload/rounds.h"

/* The most that there can be: two rounds of each arm in three, and a lead-in */
/* Rounds of both arms that are traced, at most: see migrate_trace() */
#define TRACED		16

static void *migrate_begin(struct measure *m, const struct cell *cell)
{
	struct migrate *s;

	if (cell->kind == KIND_INJECT && !inject_there())
		return job_skip(m, "this kernel is without CONFIG_FAIL_PAGE_ALLOC, or debugfs is not mounted");
	s = migrate_new(m, cell);
	s->order = job_order(m, cell, s->has, s->own);
	if (!s->order.arms.nr) {
		migrate_free(s);
		return job_skip(m, "this kernel has none of the arms to measure");
	}
	/* And a few that are traced */
	migrate_prepare(s, (cell->warmup + cell->blocks) * s->order.nr + TRACED);
	return s;
}

struct migrate_rounds {
	struct migrate *migrate;
	struct record_block *block;
};

/* Fragmented memory has no THPs to spare for it. */
static void precede(void *data, unsigned int round, unsigned int arm)
{
	const struct migrate_rounds *r = data;
	uint64_t phases[NR_PHASES] = { 0 };
	struct migrate_round unrecorded = {
		.sample = r->block->sample + round * r->block->round,
		.phases = phases,
	};

	if (!r->migrate->fragment)
		migrate_round(r->migrate, arm, &unrecorded);
}

static bool run_round(void *data, unsigned int i, unsigned int arm)
{
	const struct migrate_rounds *r = data;
	struct record_block *block = r->block;
	struct migrate_round round = {
		.sample = block->sample + i * block->round,
		.phases = block->phases,
	};

	memset(block->arm + i * block->round, arm, block->round);
	if (!migrate_round(r->migrate, arm, &round)) {
		block->busy[i] = round.busy;
		return true;
	}
	if (block->nr_rejected < RECORD_MAX_REJECTED)
		snprintf(block->rejected[block->nr_rejected], sizeof(block->rejected[0]),
			 "%s: %.80s", arm_name(arm), round.why);
	if (++block->nr_rejected > MIGRATE_MAX_REJECTED)
		die(EXIT_DIFFERS, "%s, block %u: round after round took another path: %s",
		    r->migrate->cell->name, block->block, round.why);
	return false;
}

static void migrate_block(void *state, struct record_block *block)
{
	static const struct round_ops ops = { .run = run_round, .precede = precede };
	struct migrate *s = state;
	struct migrate_rounds rounds = { .migrate = s, .block = block };
	uint8_t *order = grow(NULL, s->order.nr, 1);

	job_draw(s->m, &s->order, order);
	block->round = s->cell->thps * s->cell->threads;
	block->nr = s->order.nr * block->round;
	block->lead = block->round;
	rounds_run(order, s->order.nr, &ops, &rounds);
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
		if (failures > MIGRATE_MAX_REJECTED) {
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
					  arm == ARM_OLD, migrate_falls_back(s),
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
