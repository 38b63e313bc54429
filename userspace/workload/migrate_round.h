/* SPDX-License-Identifier: GPL-2.0 */
/* Migrations to and from the test device, in rounds that prove their path */
#ifndef SPLITBENCH_MIGRATE_ROUND_H
#define SPLITBENCH_MIGRATE_ROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "record/arm.h"
#include "workload/job.h"

struct migrate;

/**
 * migrate_new() - look at a cell, and at what this kernel has for it
 * @m: of the boot
 * @cell: its direction, kind, THPs, threads and devices
 *
 * Does not return, but says what is missing, if this machine cannot.
 *
 * Return: for migrate_round() and migrate_free().
 */
struct migrate *migrate_new(struct measure *m, const struct cell *cell);

/* Memory for so many rounds, of all arms together; dies if there is too little. */
void migrate_prepare(struct migrate *s, unsigned int rounds);

/* Does this kernel have that arm? */
bool migrate_has_arm(const struct migrate *s, unsigned int arm);

/**
 * struct migrate_round - what a round gives
 * @sample: of each THP, thread by thread
 * @busy: ticks that the busiest thread was in its calls
 * @phases: ticks around the calls are added to these
 * @why: if it took another path than wanted: which
 */
struct migrate_round {
	struct fsb_sample *sample;
	uint64_t busy;
	uint64_t *phases;
	char why[96];
};

/**
 * migrate_round() - one round of one arm
 * @s: of migrate_new()
 * @which: the arm
 * @round: gets what it gave
 *
 * Return: 0; 1 if the round took another path and does not count. Does not return
 * if a byte was wrong, or if something failed for good.
 */
int migrate_round(struct migrate *s, unsigned int which, struct migrate_round *round);

void migrate_free(struct migrate *s);

#endif /* SPLITBENCH_MIGRATE_ROUND_H */
