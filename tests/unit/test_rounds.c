// SPDX-License-Identifier: GPL-2.0
/* Tests of the rounds of a block: what each one follows */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../wanted.h"
#include "arms.h"
#include "record/arm.h"
#include "workload/rounds.h"

/* What was run, in order, and how often each round is still to fail */
struct log {
	unsigned int arm[32];
	unsigned int nr;
	unsigned int recorded[32];
	unsigned int nr_recorded;
	unsigned int failures[8];
};

static bool run(void *data, unsigned int round, unsigned int arm)
{
	struct log *log = data;

	log->arm[log->nr++] = arm;
	if (log->failures[round]) {
		log->failures[round]--;
		return false;
	}
	log->recorded[log->nr_recorded++] = arm;
	return true;
}

static void precede(void *data, unsigned int round, unsigned int arm)
{
	struct log *log = data;

	log->arm[log->nr++] = arm;
	assert_int_equal(log->nr_recorded, round);
}

static const struct round_ops ops = { .run = run, .precede = precede };

static void ran(const struct log *log, const unsigned int *arm, unsigned int nr)
{
	assert_int_equal(log->nr, nr);
	assert_memory_equal(log->arm, arm, nr * sizeof(*arm));
}

static void rounds_are_in_their_order(void **state)
{
	static const uint8_t order[] = { ARM_NEW, ARM_OLD, AGAIN };
	struct log log = { 0 };

	(void)state;
	rounds_run(order, 3, &ops, &log);
	ran(&log, (unsigned int[]){ ARM_NEW, ARM_OLD, AGAIN }, 3);
	assert_int_equal(log.nr_recorded, 3);
}

static void repeated_round_follows_what_was_before_it(void **state)
{
	static const unsigned int ran_twice_more[] = {
		ARM_NEW, ARM_OLD, AGAIN, ARM_OLD, AGAIN, ARM_OLD, AGAIN
	};
	static const uint8_t order[] = { ARM_NEW, ARM_OLD, AGAIN };
	struct log log = { .failures = { 0, 0, 2 } };

	(void)state;
	rounds_run(order, 3, &ops, &log);
	ran(&log, ran_twice_more, 7);
	/* What is run to precede it is not recorded. */
	assert_int_equal(log.nr_recorded, 3);
	assert_int_equal(log.recorded[2], AGAIN);
}

/* Nothing is before the first, and nothing depends on what is before an empty one. */
static void first_and_empty_rounds_are_just_repeated(void **state)
{
	static const uint8_t order[] = { ARM_NEW, ARM_OLD, ARM_EMPTY };
	struct log log = { .failures = { 1, 0, 1 } };

	(void)state;
	rounds_run(order, 3, &ops, &log);
	ran(&log, (unsigned int[]){ ARM_NEW, ARM_NEW, ARM_OLD, ARM_EMPTY, ARM_EMPTY }, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_are_in_their_order),
		cmocka_unit_test(repeated_round_follows_what_was_before_it),
		cmocka_unit_test(first_and_empty_rounds_are_just_repeated),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("rounds", tests, NULL, NULL);
}
