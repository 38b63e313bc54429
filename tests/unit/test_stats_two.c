// SPDX-License-Identifier: GPL-2.0
/*
 * Two samples, against R 4.2.2: t.test(b, a) for interval and degrees of
 * freedom, t.test(b, a, alternative = "greater", mu = 0.01), and the exact
 * oneway_test() of coin 1.4.2 for the permutation.
 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../wanted.h"
#include "analysis/sample_size.h"
#include "close.h"
#include "stats/stats.h"
#include "util/util.h"

static const struct vector {
	const char *name;
	double a[10], b[10];
	size_t na, nb;
	double low, high, permutation, beyond;
} vectors[] = {
	{
		"Student's sleep, as two groups",
		{ 0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0 },
		{ 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4 }, 10, 10,
		-0.20548323071171018, 3.3654832307117104,
		0.081447963800904979, 0.040576978777486603,
	},
	{
		"logs of boots, 6 and 5",
		{ 10.5801, 10.5832, 10.5795, 10.5911, 10.5850, 10.5773 },
		{ 10.6010, 10.5993, 10.6105, 10.5950, 10.6077 }, 6, 5,
		0.011910514067147032, 0.028089485932855669,
		0.0021645021645021645, 0.010892851491503959,
	},
	{
		"4 and 7, of different spread",
		{ 1.02, 0.99, 1.00, 1.01 },
		{ 1.10, 1.12, 0.98, 1.05, 1.07, 1.30, 1.2 }, 4, 7,
		0.0149329561026116, 0.20935275818310303,
		0.060606060606060608, 0.021077384290611546,
	},
	{
		"ties",
		{ 1, 2, 2, 3 }, { 2, 3, 3, 4 }, 4, 4,
		-0.41272521594183315, 2.4127252159418333,
		0.2857142857142857, 0.068609884325980822,
	},
};

static void agrees_with_r(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct stats_ratio r = stats_unpaired(v->a, v->na, v->b, v->nb,
						      0.95);

		print_message("# %s\n", v->name);
		assert_close(log(r.low), v->low, 1e-9);
		assert_close(log(r.high), v->high, 1e-9);
		assert_close(log(r.estimate), (v->low + v->high) / 2, 1e-9);
		assert_close(r.p, v->permutation, 1e-9);
		assert_close(stats_unpaired_beyond(v->a, v->na, v->b, v->nb, 0.01),
			     v->beyond, 1e-9);
		assert_int_equal(r.boots, v->na + v->nb);
	}
}

/* 3 and 3 that lie apart: 2 of 20 ways are as far apart; 6 and 6: 2 of 924. */
static void permutations_by_hand(void **state)
{
	static const double low[] = { 1, 2, 3, 4, 5, 6 };
	static const double high[] = { 7, 8, 9, 10, 11, 12 };

	(void)state;
	assert_close(stats_choices(3, 3), 20, 1e-9);
	assert_close(stats_permutation(low, 3, high, 3), 2 / 20.0, 1e-12);
	assert_close(stats_permutation(low, 6, high, 6), 2 / 924.0, 1e-12);
	assert_close(stats_permutation(low, 1, high, 1), 1, 0);
	/* Of 4 values, which 1: the one alone at its end, and no other. */
	assert_close(stats_permutation(low, 1, low + 1, 3), 2 / 4.0, 1e-12);
	assert_close(stats_permutation(low, 6, low, 6), 1, 0);
}

static void drawn_permutations_agree_with_exact(void **state)
{
	double a[12], b[12];

	(void)state;
	/* 24 choose 12 is above the limit, and all equal but for a shift. */
	for (int i = 0; i < 12; i++) {
		a[i] = i;
		b[i] = i + 4.5;
	}
	/* coin's exact oneway_test() says so too, of all 2,704,156 ways. */
	assert_true(stats_choices(12, 12) > STATS_PERMUTATION_EXACT);
	assert_close(stats_permutation(a, 12, b, 12), 0.007071337600345542, 0.0015);
}

static void inference_takes_four_and_four(void **state)
{
	(void)state;
	assert_false(stats_unpaired_inference(3, 3, 0.95));
	assert_true(stats_unpaired_inference(4, 4, 0.95));
	assert_false(stats_unpaired_inference(1, 1000, 0.95));
	assert_false(stats_unpaired_inference(9, 3, 0.95));
	/* 5 and 4: 2 of 126. */
	assert_false(stats_unpaired_inference(5, 4, 0.99));
}

/* Exact counts have no spread: the interval is the number itself. */
static void exact_counts_have_an_exact_ratio(void **state)
{
	static const double a[] = { 2, 2, 2, 2 }, b[] = { 2.5, 2.5, 2.5, 2.5 };
	struct stats_ratio r = stats_unpaired(a, 4, b, 4, 0.95);

	(void)state;
	assert_close(log(r.low), 0.5, 1e-12);
	assert_close(log(r.high), 0.5, 1e-12);
	assert_close(stats_unpaired_beyond(a, 4, b, 4, 0.4), 0, 0);
	assert_close(stats_unpaired_beyond(a, 4, b, 4, 0.6), 1, 0);
	r = stats_inverse(&r);
	assert_close(log(r.estimate), -0.5, 1e-12);
}

/*
 * A block's variance 4 times that of boots, a boot as dear as 16 blocks: the
 * best is sqrt(pi/2 * 4 * 16) = 10.03 blocks.
 */
static void blocks_by_hand(void **state)
{
	(void)state;
	assert_int_equal(advise_blocks(4e-4, 1, 1e-4, 16), 11);
	assert_int_equal(advise_blocks(0, 1, 1e-4, 16), 2);
	assert_int_equal(advise_blocks(4e-4, 1, 0, 16), 64);
	assert_int_equal(advise_blocks(1e-9, 1, 1e-4, 16), 2);
}

/*
 * (t(0.975) + t(0.8)) 0.026 / sqrt(n): of 16 boots 0.01948, of 15 0.02023. For
 * a difference, R's qt() says 28 of each.
 */
static void boots_by_hand(void **state)
{
	(void)state;
	assert_int_equal(advise_boots(0.026 * 0.026, 1, 0.02, 0.95, 6), 16);
	assert_int_equal(advise_boots(2 * 0.026 * 0.026, 2, 0.02, 0.95, 4), 28);
	assert_int_equal(advise_boots(0, 1, 0.02, 0.95, 6), 6);
	assert_int_equal(advise_boots(100, 1, 0.0001, 0.95, 6), 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_r),
		cmocka_unit_test(permutations_by_hand),
		cmocka_unit_test(drawn_permutations_agree_with_exact),
		cmocka_unit_test(inference_takes_four_and_four),
		cmocka_unit_test(exact_counts_have_an_exact_ratio),
		cmocka_unit_test(blocks_by_hand),
		cmocka_unit_test(boots_by_hand),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("stats_two", tests, NULL, NULL);
}
