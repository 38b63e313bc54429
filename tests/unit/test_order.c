// SPDX-License-Identifier: GPL-2.0
/* The order of a block's calls: its balance, over all that can be asked for. */
#include <gsl/gsl_rng.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../wanted.h"
#include "arms.h"
#include "record/order.h"
#include "util/util.h"

#define OLD		ARM_OLD
#define NEW		ARM_NEW
#define EMPTY		ARM_EMPTY
#define BIT(arm)	ARM_BIT(arm)
#define MOST		512

static gsl_rng *rng;
static struct arm_defs defs;

/**
 * struct tally - what an order comes to
 * @calls: of each arm, but the lead-in
 * @firsts: of these, how many follow a call of other code
 * @after: how often each code follows each other one, itself included
 */
struct tally {
	unsigned int calls[ARM_MAX];
	unsigned int firsts[ARM_MAX];
	unsigned int after[ARM_MAX][ARM_MAX];
};

static void add_order(struct tally *tally, const uint8_t *order, unsigned int n,
		      unsigned int own)
{
	for (unsigned int i = 1; i < n; i++) {
		unsigned int code = arm_number(arm_code(&defs, order[i], own));
		unsigned int before = arm_number(arm_code(&defs, order[i - 1], own));

		tally->calls[order[i]]++;
		tally->firsts[order[i]] += code != before;
		tally->after[code][before]++;
	}
}

static struct tally tally_of(unsigned int set, unsigned int own, unsigned int reps,
			     bool back_to_back, unsigned int orders)
{
	struct order_arms arms = order_arms(set, &defs, own);
	unsigned int n = order_length(&arms, order_reps(&arms, reps), back_to_back);
	struct tally tally = { 0 };
	uint8_t order[MOST];

	assert_true(n <= MOST);
	while (orders--) {
		order_draw(&arms, order_reps(&arms, reps), back_to_back, rng, order);
		add_order(&tally, order, n, own);
		assert_int_equal(order[0], order[n - 1]);
	}
	return tally;
}

/* Three codes, four calls of each: each follows each other one twice. */
static void each_code_follows_each_other_one_equally_often(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		struct tally t = tally_of(BIT(OLD) | BIT(NEW) | BIT(AGAIN), ARM_NEW,
					  4, false, 1);

		for (unsigned int code = ARM_OLD; code <= AGAIN; code++) {
			assert_int_equal(t.calls[code], 4);
			for (unsigned int other = ARM_OLD; other <= AGAIN; other++)
				assert_int_equal(t.after[code][other],
						 code == other ? 0 : 2);
		}
	}
}

static void two_codes_take_turns(void **state)
{
	struct tally t = tally_of(BIT(OLD) | BIT(NEW), ARM_NEW, 5, false, 1);

	(void)state;
	assert_int_equal(t.calls[ARM_OLD], 5);
	assert_int_equal(t.calls[ARM_NEW], 5);
	assert_int_equal(t.after[ARM_OLD][ARM_NEW], 5);
	assert_int_equal(t.after[ARM_NEW][ARM_OLD], 5);
}

/*
 * The control of one text doubles the arms of new, and so the calls of old: it is
 * codes that are called equally often.
 */
static void codes_and_not_arms_are_executed_equally_often(void **state)
{
	struct tally t = tally_of(BIT(OLD) | BIT(NEW) | BIT(SAME), ARM_NEW, 4,
				  false, 1);

	(void)state;
	assert_int_equal(t.calls[ARM_OLD], 8);
	assert_int_equal(t.calls[ARM_NEW], 4);
	assert_int_equal(t.calls[SAME], 4);
	assert_int_equal(t.after[ARM_NEW][ARM_OLD], 8);
	assert_int_equal(t.after[ARM_OLD][ARM_NEW], 8);

	t = tally_of(BIT(OLD) | BIT(NEW) | BIT(AGAIN) | BIT(SAME_OLD), ARM_NEW, 4,
		     false, 1);
	assert_int_equal(t.calls[ARM_NEW], 8);
	assert_int_equal(t.calls[AGAIN], 8);
	assert_int_equal(t.calls[ARM_OLD], 4);
	assert_int_equal(t.calls[SAME_OLD], 4);
	for (unsigned int code = ARM_OLD; code <= AGAIN; code++) {
		for (unsigned int other = ARM_OLD; other <= AGAIN; other++)
			assert_int_equal(t.after[code][other], code == other ? 0 : 4);
	}
}

/* In a kernel from before the change, the control is the code of old. */
static void one_code_is_dealt_to_its_arms(void **state)
{
	struct tally t = tally_of(BIT(OLD) | BIT(SAME), ARM_OLD, 3, false, 1);

	(void)state;
	assert_int_equal(t.calls[ARM_OLD], 3);
	assert_int_equal(t.calls[SAME], 3);
	assert_int_equal(t.firsts[ARM_OLD] + t.firsts[SAME], 0);
	t = tally_of(BIT(NEW), ARM_NEW, 3, false, 1);
	assert_int_equal(t.calls[ARM_NEW], 3);
}

/* Two runs of each of three codes: a first call, and half of the others */
static void calls_back_to_back_come_in_runs(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		struct tally t = tally_of(BIT(OLD) | BIT(NEW) | BIT(AGAIN), ARM_NEW,
					  4, true, 1);

		for (unsigned int code = ARM_OLD; code <= AGAIN; code++) {
			assert_int_equal(t.calls[code], 4 + 2);
			assert_int_equal(t.firsts[code], 2);
			for (unsigned int other = ARM_OLD; other <= AGAIN; other++)
				assert_int_equal(t.after[code][other],
						 code == other ? 4 : 1);
		}
	}
}

/* An arm that is somebody's own has a code of its own: four codes, in multiples of three. */
static void variants_are_in_the_balance(void **state)
{
	unsigned int mine = arm_add("mine");
	struct tally t;

	(void)state;
	defs = arm_defs_usual();
	t = tally_of(BIT(OLD) | BIT(NEW) | BIT(AGAIN) | BIT(mine), ARM_NEW, 4, false, 1);
	assert_int_equal(t.calls[OLD], 6);
	assert_int_equal(t.calls[mine], 6);
	assert_int_equal(t.after[OLD][mine], 2);
	assert_int_equal(t.after[mine][AGAIN], 2);
	/* What it says to be the code of new shares the executions of that. */
	strcpy(defs.def[mine].code, "new");
	t = tally_of(BIT(OLD) | BIT(NEW) | BIT(mine), ARM_NEW, 4, false, 1);
	assert_int_equal(t.calls[OLD], 8);
	assert_int_equal(t.calls[mine], 4);
}

static void reps_are_rounded_up_to_what_can_be_balanced(void **state)
{
	struct order_arms three = order_arms(BIT(OLD) | BIT(NEW) | BIT(AGAIN), &defs,
					    ARM_NEW);
	struct order_arms two = order_arms(BIT(OLD) | BIT(NEW), &defs, ARM_NEW);
	struct order_arms none = order_arms(BIT(EMPTY), &defs, ARM_NEW);

	(void)state;
	assert_int_equal(three.codes, 3);
	assert_int_equal(order_reps(&three, 1), 2);
	assert_int_equal(order_reps(&three, 2), 2);
	assert_int_equal(order_reps(&three, 5), 6);
	assert_int_equal(order_reps(&two, 5), 5);
	assert_int_equal(order_length(&three, 4, false), 13);
	assert_int_equal(order_length(&three, 4, true), 19);
	assert_int_equal(none.nr, 0);
	assert_int_equal(order_reps(&none, 5), 5);
	assert_int_equal(order_length(&none, 5, false), 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/*
 * Three codes, two calls of each: the graph has 3 spanning trees towards each code and
 * each code 2 edges, so 3 circuits (BEST theorem: 3 x 1! x 1! x 1!), which begin at
 * any of their 6 edges: 18 orders, each as likely. Of 18000, 1000 of each are
 * expected, with a standard deviation of 31.
 */
static void each_order_is_as_likely(void **state)
{
	struct order_arms arms = order_arms(BIT(OLD) | BIT(NEW) | BIT(AGAIN), &defs,
					    ARM_NEW);
	static char seen[18000][8];
	unsigned int kinds = 0, n = 0;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(seen); i++) {
		uint8_t order[7];

		order_draw(&arms, 2, false, rng, order);
		for (unsigned int j = 0; j < sizeof(order); j++)
			seen[i][j] = '0' + order[j];
	}
	qsort(seen, ARRAY_SIZE(seen), sizeof(seen[0]), by_name);
	for (unsigned int i = 0; i < ARRAY_SIZE(seen); i++) {
		n++;
		if (i + 1 < ARRAY_SIZE(seen) && !strcmp(seen[i], seen[i + 1]))
			continue;
		kinds++;
		assert_in_range(n, 1000 - 5 * 31, 1000 + 5 * 31);
		n = 0;
	}
	assert_int_equal(kinds, 18);
}

static int seed(void **state)
{
	(void)state;
	require_numbers();
	defs = arm_defs_usual();
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, 1);
	return rng ? 0 : -1;
}

static int done(void **state)
{
	(void)state;
	gsl_rng_free(rng);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_follows_each_other_one_equally_often),
		cmocka_unit_test(two_codes_take_turns),
		cmocka_unit_test(codes_and_not_arms_are_executed_equally_often),
		cmocka_unit_test(one_code_is_dealt_to_its_arms),
		cmocka_unit_test(calls_back_to_back_come_in_runs),
		cmocka_unit_test(variants_are_in_the_balance),
		cmocka_unit_test(reps_are_rounded_up_to_what_can_be_balanced),
		cmocka_unit_test(each_order_is_as_likely),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("order", tests, seed, done);
}
