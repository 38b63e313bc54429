// SPDX-License-Identifier: GPL-2.0
/* The job migrate: blocks of rounds of migrations */
#include "workload/migrate_round.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"
#include "workload/migrate_state.h"
#include "workload/migrate_trace.h"

/* The most that there can be: two rounds of each arm in three, and a lead-in */
/* Rounds of both arms that are traced, at most: see migrate_trace() */
#define TRACED		16

static void *migrate_begin(struct measure *m, const struct cell *cell)
{
	struct migrate *s = migrate_new(m, cell);

	s->order = job_order(m, cell, s->has, s->own);
	if (!s->order.arms.nr) {
		migrate_free(s);
		return job_skip(m, "this kernel has none of the arms to measure");
	}
	/* And a few that are traced */
	migrate_prepare(s, (cell->warmup + cell->blocks) * s->order.nr + TRACED);
	return s;
}

/*
 * Before a round is repeated: what went before it, once more, or it would follow itself.
 * That is not recorded. Fragmented memory has no THPs to spare for it.
 */
static void precede(struct migrate *s, enum arm before)
{
	struct fsb_sample *sample;
	uint64_t phases[NR_PHASES] = { 0 };

	if (s->fragment)
		return;
	sample = grow(NULL, s->cell->thps * s->cell->threads, sizeof(*sample));
	migrate_round(s, before, &(struct migrate_round){ .sample = sample, .phases = phases });
	free(sample);
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
			if (++block->nr_rejected > MIGRATE_MAX_REJECTED)
				die(EXIT_DIFFERS, "%s, block %u: round after round took another path: %s",
				    s->cell->name, block->block, round.why);
			if (i && order[i] != ARM_EMPTY)
				precede(s, order[i - 1]);
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
