// SPDX-License-Identifier: GPL-2.0
/* The statistics, against numbers worked by hand or published. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "../wanted.h"
#include "close.h"
#include "stats/stats.h"
#include "util/util.h"

static void median_of_odd_even_ties_one(void **state)
{
	double odd[] = { 5, 1, 9 }, even[] = { 4, 1, 3, 2 };
	double ties[] = { 7, 7, 1, 7, 9, 7 }, one[] = { 42 };

	(void)state;
	assert_close(stats_median(odd, ARRAY_SIZE(odd)), 5, 0);
	assert_close(stats_median(even, ARRAY_SIZE(even)), 2.5, 0);
	assert_close(stats_median(ties, ARRAY_SIZE(ties)), 7, 0);
	assert_close(stats_median(one, ARRAY_SIZE(one)), 42, 0);
}

/*
 * Student's sleep data: extra hours of sleep, drug 2 less drug 1, of ten
 * patients (Biometrika 6, 1908). R's t.test(extra ~ group, paired = TRUE)
 * prints the interval 0.7001142 to 2.4598858 around 1.58.
 */
static void t_interval_of_students_sleep_data(void **state)
{
	static const double diff[] = { 1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6,
				       1.4 };
	struct stats_ratio r = stats_paired(diff, ARRAY_SIZE(diff), 0.95);

	(void)state;
	assert_close(log(r.estimate), 1.58, 1e-12);
	assert_close(log(r.low), 0.7001142, 5e-8);
	assert_close(log(r.high), 2.4598858, 5e-8);
	assert_int_equal(r.boots, 10);
	assert_true(r.inference);
}

/*
 * Darwin's maize, in eighths of an inch: Fisher counts 863 of the 32768 sign
 * choices in each tail (The Design of Experiments, 1935, section 21).
 */
static void sign_flip_of_darwins_maize(void **state)
{
	static const double diff[] = { 49, -67, 8, 16, 6, 23, 28, 41, 14, 29,
				       56, 24, 75, 60, -48 };

	(void)state;
	assert_close(stats_sign_flip(diff, ARRAY_SIZE(diff)), 2 * 863 / 32768.0, 1e-15);
}

static void sign_flip_by_hand(void **state)
{
	/* All of one sign: only the two extreme choices reach the sum. */
	static const double six[] = { 1, 2, 3, 4, 5, 6 };
	static const double five[] = { 1, 2, 3, 4, 5 };
	/* |1 + 1 - 1| = 1: of the 8 sums +-1 +-1 +-1 all are at least 1. */
	static const double mixed[] = { 1, 1, -1 };
	/* Ties on paper that are none in floating point. */
	static const double tenths[] = { 0.1, 0.2, 0.3, -0.3, -0.2, 0.1 };
	static const double tens[] = { 1, 2, 3, -3, -2, 1 };
	static const double zeros[] = { 0, 0, 0, 0, 0, 0 };

	(void)state;
	assert_close(stats_sign_flip(six, ARRAY_SIZE(six)), 2 / 64.0, 0);
	assert_close(stats_sign_flip(five, ARRAY_SIZE(five)), 2 / 32.0, 0);
	assert_close(stats_sign_flip(mixed, ARRAY_SIZE(mixed)), 1, 0);
	assert_close(stats_sign_flip(tenths, ARRAY_SIZE(tenths)),
		     stats_sign_flip(tens, ARRAY_SIZE(tens)), 0);
	assert_close(stats_sign_flip(zeros, ARRAY_SIZE(zeros)), 1, 0);
}

static void drawn_sign_flip_agrees_with_exact(void **state)
{
	double v[STATS_FLIP_EXACT + 1], exact, drawn;

	(void)state;
	/* A value of 0 changes no sum, so both must find the same share. */
	for (size_t i = 0; i < STATS_FLIP_EXACT; i++)
		v[i] = i % 3 ? 1.0 : -1.2;
	v[STATS_FLIP_EXACT] = 0;
	exact = stats_sign_flip(v, STATS_FLIP_EXACT);
	drawn = stats_sign_flip(v, STATS_FLIP_EXACT + 1);
	/* Four standard errors of a million draws. */
	assert_close(drawn, exact,
		     4 * sqrt(exact * (1 - exact) / STATS_FLIP_DRAWS));
}

static void one_boot_has_no_inference(void **state)
{
	static const double one[] = { 0.1 }, five[] = { .1, .2, .1, .2, .1 };
	struct stats_ratio r = stats_paired(one, 1, 0.95);

	(void)state;
	assert_false(r.inference);
	assert_close(r.low, exp(0.1), 1e-15);
	assert_close(r.high, exp(0.1), 1e-15);
	assert_int_equal(stats_verdict(&r, 0.02, 0), STATS_NO_INFERENCE);
	r = stats_paired(five, ARRAY_SIZE(five), 0.95);
	assert_false(r.inference);
}

static struct stats_ratio interval(double low, double high)
{
	return (struct stats_ratio){ .estimate = sqrt(low * high), .low = low,
				     .high = high, .boots = 6,
				     .inference = true };
}

/* Costs of new over old; and where the same differs by 5 % from itself. */
static void verdicts_at_a_margin_of_2_percent(void **state)
{
	struct stats_ratio worse = interval(1.03, 1.04);
	struct stats_ratio same = interval(0.999, 1.001);
	struct stats_ratio better = interval(0.7, 0.8);
	struct stats_ratio wide = interval(0.99, 1.03);

	(void)state;
	assert_int_equal(stats_verdict(&worse, 0.02, 0), STATS_REGRESSION);
	assert_int_equal(stats_verdict(&same, 0.02, 0), STATS_NO_REGRESSION);
	assert_int_equal(stats_verdict(&better, 0.02, 0), STATS_IMPROVEMENT);
	assert_int_equal(stats_verdict(&wide, 0.02, 0), STATS_INCONCLUSIVE);
	assert_int_equal(stats_verdict(&same, 0.02, 0.05), STATS_NO_REGRESSION);
	/* Noise must neither pass for a regression nor hide one. */
	assert_int_equal(stats_verdict(&worse, 0.02, 0.05), STATS_INCONCLUSIVE);
	assert_int_equal(stats_verdict(&wide, 0.02, 0.05), STATS_INCONCLUSIVE);
}

static void differences_take_interval_and_test(void **state)
{
	struct stats_ratio apart = interval(1.001, 1.002);
	struct stats_ratio around = interval(0.999, 1.002);

	(void)state;
	apart.p = 0.05;
	assert_true(stats_differs(&apart, 0.95));
	apart.p = 0.0556;
	assert_false(stats_differs(&apart, 0.95));
	around.p = 0.001;
	assert_false(stats_differs(&around, 0.95));
	apart.p = 0.001;
	apart.inference = false;
	assert_false(stats_differs(&apart, 0.95));
}

static struct stats_hist *hist_of(const uint64_t *ticks, size_t n)
{
	struct stats_hist *hist = stats_hist_new();

	for (size_t i = 0; i < n; i++)
		assert_int_equal(stats_hist_add(hist, ticks[i]), 0);
	return hist;
}

/*
 * Mean 0.035 less 0.02 over a standard error of sqrt(3.5e-4 / 6): t squared is
 * 27/7, and Student's t of 5 degrees has a closed form.
 */
static void one_sided_t_by_hand(void **state)
{
	static const double logs[] = { 0.01, 0.02, 0.03, 0.04, 0.05, 0.06 };
	static const double same[] = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 };

	(void)state;
	assert_close(stats_beyond(logs, 6, 0.02), 0.05337276117754608, 1e-12);
	assert_close(stats_beyond(logs, 6, 0.05), 1 - 0.05337276117754608, 1e-12);
	assert_close(stats_beyond(logs, 5, 0.02), 1, 0);
	/* The other way, from 0: mean 0.035, t = 0.035 / sqrt(3.5e-4 / 6). */
	assert_close(stats_not_one(logs, 6, 0), 0.005933544517592204, 1e-12);
	assert_close(stats_not_one(logs, 6, 0.02), 2 * 0.05337276117754608, 1e-12);
	assert_close(stats_not_one(logs, 6, 0.04), 1, 0);
	assert_close(stats_not_one(logs, 2, 0), 1, 0);
	assert_true(stats_not_one(logs, 3, 0) < 1);
	assert_close(stats_not_one(same, 6, 0), 0, 0);
	/* Exact counts: beyond it or not. */
	assert_close(stats_beyond(same, 6, 0.05), 0, 0);
	assert_close(stats_beyond(same, 6, 0.2), 1, 0);
}

/* As R's p.adjust(p, "holm") has it: 0.03, 0.06, 0.06, 0.02. */
static void holm_by_hand(void **state)
{
	static const double p[] = { 0.01, 0.04, 0.03, 0.005 };
	static const double late[] = { 0.04, 0.0001 };
	bool falls[4];

	(void)state;
	stats_holm(p, 4, 0.05, falls);
	assert_true(falls[0] && falls[3]);
	assert_false(falls[1] || falls[2]);
	stats_holm(p, 4, 0.06, falls);
	assert_true(falls[0] && falls[1] && falls[2] && falls[3]);
	stats_holm(p, 4, 0.019, falls);
	assert_false(falls[0] || falls[1] || falls[2] || falls[3]);
	/* The last one is held against the whole of alpha. */
	stats_holm(late, 2, 0.05, falls);
	assert_true(falls[0] && falls[1]);
}

static void quantiles_by_hand(void **state)
{
	static const uint64_t odd[] = { 30, 10, 20 }, even[] = { 1, 2, 4, 3 };
	struct stats_hist *hist = hist_of(odd, ARRAY_SIZE(odd));

	(void)state;
	assert_close(stats_hist_quantile(hist, 0.5), 20, 0);
	assert_close(stats_hist_quantile(hist, 0.9), 30, 0);
	assert_int_equal(stats_hist_max(hist), 30);
	stats_hist_free(hist);
	hist = hist_of(even, ARRAY_SIZE(even));
	assert_close(stats_hist_quantile(hist, 0.5), 2.5, 0);
	assert_close(stats_hist_quantile(hist, 0.25), 1, 0);
	assert_close(stats_hist_quantile(hist, 0.26), 2, 0);
	stats_hist_free(hist);

	/* 1 to 100: the 90th smallest is 90, the 99th is 99. */
	hist = stats_hist_new();
	for (uint64_t i = 100; i; i--)
		stats_hist_add(hist, i);
	assert_close(stats_hist_quantile(hist, 0.9), 90, 0);
	assert_close(stats_hist_quantile(hist, 0.99), 99, 0);
	assert_close(stats_hist_quantile(hist, 1), 100, 0);
	stats_hist_free(hist);
}

static void large_ticks_keep_their_size(void **state)
{
	static const uint64_t big[] = { 65535, 65536, 712000, 1ULL << 40,
					(1ULL << 48) - 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(big); i++) {
		struct stats_hist *hist = hist_of(&big[i], 1);

		assert_close(stats_hist_quantile(hist, 0.5) / big[i], 1, 2e-4);
		assert_int_equal(stats_hist_max(hist), big[i]);
		stats_hist_free(hist);
	}
}

/* At and around each octave's edge: the bin is the one that holds the ticks. */
static void edges_fall_into_their_bins(void **state)
{
	(void)state;
	for (unsigned int bit = 16; bit < 48; bit++) {
		for (int off = -2; off <= 2; off++) {
			uint64_t ticks = (1ULL << bit) + off;
			struct stats_hist *hist = hist_of(&ticks, 1);

			assert_close(stats_hist_quantile(hist, 1) / ticks, 1,
				     2e-4);
			stats_hist_free(hist);
		}
	}
}

static void impossible_ticks_are_refused(void **state)
{
	struct stats_hist *hist = stats_hist_new();

	(void)state;
	assert_int_equal(stats_hist_add(hist, 1ULL << 48), -1);
	assert_int_equal(stats_hist_add(hist, UINT64_MAX), -1);
	assert_int_equal(stats_hist_n(hist), 0);
	stats_hist_free(hist);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_of_odd_even_ties_one),
		cmocka_unit_test(t_interval_of_students_sleep_data),
		cmocka_unit_test(sign_flip_of_darwins_maize),
		cmocka_unit_test(sign_flip_by_hand),
		cmocka_unit_test(drawn_sign_flip_agrees_with_exact),
		cmocka_unit_test(one_boot_has_no_inference),
		cmocka_unit_test(verdicts_at_a_margin_of_2_percent),
		cmocka_unit_test(differences_take_interval_and_test),
		cmocka_unit_test(one_sided_t_by_hand),
		cmocka_unit_test(holm_by_hand),
		cmocka_unit_test(quantiles_by_hand),
		cmocka_unit_test(large_ticks_keep_their_size),
		cmocka_unit_test(edges_fall_into_their_bins),
		cmocka_unit_test(impossible_ticks_are_refused),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
