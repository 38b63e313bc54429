// SPDX-License-Identifier: GPL-2.0
/* Runs made of numbers that are worked by hand, analysed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "analysis/analysis.h"
#include "arms.h"
#include "folder.h"
#include "util/util.h"

#define MAX_BOOTS	8
/* Those that a record of a version without a design has */
#define TEST_ARMS	4

static void make_run(unsigned int boots, unsigned int blocks)
{
	write_plan(json_pack("{s:i,s:[{s:s,s:i,s:i,s:i}]}", "boots", boots, "cells",
			     "job", "split", "blocks", blocks, "warmup", 0, "reps", 1));
	write_machine("instructions");
	remove_boots(MAX_BOOTS);
}

/* A boot of blocks whose calls take ticks[block][arm], by the arms' numbers. */
static void make_boot(unsigned int boot, unsigned int nr_arms,
		      unsigned int blocks, const unsigned int ticks[][TEST_ARMS])
{
	static const char *const names[] = { "empty", "new", "again", "old" };
	static const unsigned int arm_of[] = { ARM_EMPTY, ARM_NEW, AGAIN, ARM_OLD };
	struct record_header header = { .boot = boot, .seed = boot,
					.unit = "instructions",
					.nr_arms = nr_arms };
	char *path = join(dir, "boot-%u.jsonl", boot);
	struct record_writer *w;

	for (unsigned int arm = 0; arm < nr_arms; arm++)
		strcpy(header.arms[arm], names[arm]);
	w = record_create(path, &header);
	assert_non_null(w);
	for (unsigned int i = 0; i < blocks; i++) {
		struct record_block block = { .block = i + 1, .nr = nr_arms,
					      .cell = "anon-9-0" };

		for (unsigned int arm = 0; arm < nr_arms; arm++) {
			block.arm[arm] = arm;
			block.sample[arm].ticks = ticks[i][arm_of[arm]];
		}
		assert_int_equal(record_append(w, &block), 0);
	}
	assert_int_equal(record_finish(w), 0);
	free(path);
}

/*
 * Less the empty call's 10: blocks of old/new 1.1, 1.2 and 1.3, whose median
 * is 1.2, in each of six boots; and an again that is the same as new.
 */
static void ratio_is_of_medians_less_the_empty_call(void **state)
{
	static const unsigned int ticks[3][TEST_ARMS] = {
		{ 10, 120, 110, 110 }, { 10, 130, 110, 110 },
		{ 10, 140, 110, 110 },
	};
	struct analysis a;

	(void)state;
	make_run(6, 3);
	for (unsigned int boot = 1; boot <= 6; boot++)
		make_boot(boot, TEST_ARMS, 3, ticks);
	a = analyse(dir);
	assert_int_equal(a.cell[0].boots, 6);
	assert_int_equal(a.cell[0].blocks, 18);
	assert_null(a.incomplete);
	assert_close(a.cell[0].ratio[ARM_OLD].estimate, 1.2, 1e-12);
	assert_close(a.cell[0].ratio[ARM_OLD].low, 1.2, 1e-12);
	assert_close(a.cell[0].ratio[ARM_OLD].p, 2 / 64.0, 0);
	assert_close(a.cell[0].ratio[a.cell[0].control].estimate, 1, 0);
	assert_close(a.cell[0].floor, 0, 0);
	assert_close(a.cell[0].margin, 0.02, 0);
	assert_false(a.cell[0].aa_failed);
	assert_int_equal(a.cell[0].claim[ARM_OLD].verdict, STATS_IMPROVEMENT);
	assert_int_equal(a.improvements, 1);
	assert_int_equal(a.inconclusive, 0);
	assert_close(stats_hist_quantile(a.cell[0].hist[ARM_OLD], 0.5), 130, 0);
	analysis_free(&a);
}

/* Boots are the unit: 1.2 in one boot and 1 in five are logs to average. */
static void inference_is_over_boots(void **state)
{
	static const unsigned int dear[1][TEST_ARMS] = { { 10, 130, 110, 110 } };
	static const unsigned int same[1][TEST_ARMS] = { { 10, 110, 110, 110 } };
	struct analysis a;

	(void)state;
	make_run(6, 1);
	make_boot(1, TEST_ARMS, 1, dear);
	for (unsigned int boot = 2; boot <= 6; boot++)
		make_boot(boot, TEST_ARMS, 1, same);
	a = analyse(dir);
	assert_close(log(a.cell[0].ratio[ARM_OLD].estimate), log(1.2) / 6, 1e-12);
	/* Mean and standard error of one x and five 0 are both x / 6. */
	assert_close(log(a.cell[0].ratio[ARM_OLD].high),
		     log(1.2) / 6 * (1 + 2.570581835636314), 1e-9);
	assert_close(a.cell[0].ratio[ARM_OLD].p, 1, 0);
	analysis_free(&a);
}

/* An A/A pair 5 % apart raises the margin to the floor, and fails. */
static void failed_aa_raises_the_margin(void **state)
{
	static const unsigned int ticks[1][TEST_ARMS] = { { 10, 110, 110, 115 } };
	struct analysis a;

	(void)state;
	make_run(6, 1);
	for (unsigned int boot = 1; boot <= 6; boot++)
		make_boot(boot, TEST_ARMS, 1, ticks);
	a = analyse(dir);
	assert_true(a.cell[0].aa_failed);
	assert_close(a.cell[0].floor, 0.05, 1e-12);
	assert_close(a.cell[0].margin, 0.05, 1e-12);
	assert_int_equal(a.cell[0].claim[ARM_OLD].verdict, STATS_INCONCLUSIVE);
	analysis_free(&a);
}

/* An again that is cheaper by 1/1.25 is a floor of 25 %, as 1.25 would be. */
static void floor_is_of_both_directions(void **state)
{
	static const unsigned int ticks[1][TEST_ARMS] = { { 10, 110, 110, 90 } };
	struct analysis a;

	(void)state;
	make_run(6, 1);
	for (unsigned int boot = 1; boot <= 6; boot++)
		make_boot(boot, TEST_ARMS, 1, ticks);
	a = analyse(dir);
	assert_close(a.cell[0].floor, 0.25, 1e-12);
	analysis_free(&a);
}

/* What was noted beside a call is counted, and warm-up is left out. */
static void warmup_is_left_out_and_notes_are_counted(void **state)
{
	struct record_header header = { .boot = 1, .unit = "instructions",
					.nr_arms = 1, .arms = { "new" } };
	char *path = join(dir, "boot-1.jsonl");
	struct record_writer *w;
	struct analysis a;

	(void)state;
	make_run(1, 1);
	w = record_create(path, &header);
	assert_non_null(w);
	for (unsigned int i = 1; i <= 2; i++) {
		struct record_block block = { .block = i, .nr = 2,
					      .cell = "anon-9-0",
					      .warmup = i == 1, .retries = i };

		block.sample[0].ticks = 1000 * i;
		block.sample[1].ticks = 1000 * i;
		block.sample[1].disturbed = FSB_DISTURBED_IRQ;
		block.sample[1].fault = FSB_FAULT_LOCK;
		assert_int_equal(record_append(w, &block), 0);
	}
	assert_int_equal(record_finish(w), 0);
	a = analyse(dir);
	assert_null(a.incomplete);
	assert_int_equal(stats_hist_n(a.cell[0].hist[ARM_NEW]), 2);
	assert_close(stats_hist_quantile(a.cell[0].hist[ARM_NEW], 0.5), 2000, 0);
	assert_int_equal(a.cell[0].disturbed, 1);
	assert_int_equal(a.cell[0].faults, 1);
	assert_int_equal(a.cell[0].retries, 2);
	analysis_free(&a);
	free(path);
}

/* Fewer blocks than planned, though the end line agrees; and an empty file. */
static void short_boots_are_reported(void **state)
{
	static const unsigned int ticks[1][TEST_ARMS] = { { 10, 120, 110, 110 } };
	char *path = join(dir, "boot-2.jsonl");
	struct analysis a;
	FILE *file;

	(void)state;
	make_run(2, 2);
	make_boot(1, TEST_ARMS, 1, ticks);
	file = fopen(path, "we");
	assert_non_null(file);
	fclose(file);
	a = analyse(dir);
	assert_int_equal(a.cell[0].boots, 1);
	assert_non_null(strstr(a.incomplete,
			       "boot-1.jsonl: cell anon-9-0: 1 blocks, 2 were planned"));
	assert_non_null(strstr(a.incomplete, "boot-2.jsonl:1: the file is truncated"));
	analysis_free(&a);
	free(path);
}

/* One boot of two has no old: there is no ratio, and that is said. */
static void missing_arm_is_reported(void **state)
{
	static const unsigned int ticks[1][TEST_ARMS] = { { 10, 120, 110, 110 } };
	struct analysis a;

	(void)state;
	make_run(2, 1);
	make_boot(1, TEST_ARMS, 1, ticks);
	make_boot(2, TEST_ARMS - 1, 1, ticks);
	a = analyse(dir);
	assert_int_equal(a.cell[0].ratio[ARM_OLD].boots, 0);
	assert_int_equal(a.cell[0].ratio[a.cell[0].control].boots, 2);
	assert_non_null(strstr(a.incomplete, "old/new: 1 of 2 boots do not have it"));
	analysis_free(&a);
}

static void one_boot_gives_numbers_only(void **state)
{
	static const unsigned int ticks[1][TEST_ARMS] = { { 10, 120, 110, 110 } };
	struct analysis a;

	(void)state;
	make_run(1, 1);
	make_boot(1, TEST_ARMS, 1, ticks);
	a = analyse(dir);
	assert_close(a.cell[0].ratio[ARM_OLD].estimate, 1.1, 1e-12);
	assert_int_equal(a.cell[0].claim[ARM_OLD].verdict, STATS_NO_INFERENCE);
	analysis_free(&a);
}

static void kernel_without_the_old_split(void **state)
{
	static const unsigned int ticks[1][TEST_ARMS] = { { 10, 0, 110, 110 } };
	struct analysis a;

	(void)state;
	make_run(1, 1);
	make_boot(1, TEST_ARMS - 1, 1, ticks);
	a = analyse(dir);
	assert_null(a.cell[0].hist[ARM_OLD]);
	assert_int_equal(a.cell[0].ratio[ARM_OLD].boots, 0);
	assert_int_equal(a.cell[0].ratio[a.cell[0].control].boots, 1);
	assert_int_equal(a.cell[0].claim[ARM_OLD].verdict, STATS_NO_INFERENCE);
	analysis_free(&a);
}

/* A plan of a fallback and of the whole migration that it is compared with */
static void make_migrations(unsigned int boots)
{
	write_plan(json_pack("{s:i,s:[{s:s,s:s,s:[s,s],s:i,s:i}]}", "boots", boots, "cells",
			     "job", "migrate", "direction", "to-sys", "kind", "none", "flag",
			     "blocks", 1, "warmup", 0));
}

/* One block a cell, of one round an arm; ticks[cell][arm], and a trace. */
static void make_migration_boot(unsigned int boot,
				const unsigned int ticks[2][TEST_ARMS])
{
	static const char *const names[2] = { "to-sys-none-1", "to-sys-flag-1" };
	struct record_header header = { .boot = boot, .unit = "instructions",
					.nr_arms = TEST_ARMS };
	char *path = join(dir, "boot-%u.jsonl", boot);
	struct record_trace trace = { .arm = ARM_NEW, .nr = 2,
				      .whole = { 100, 300 } };
	struct record_writer *w;

	for (int arm = 0; arm < TEST_ARMS; arm++)
		strcpy(header.arms[arm], arm_name(arm));
	w = record_create(path, &header);
	assert_non_null(w);
	for (unsigned int i = 0; i < 2; i++) {
		struct record_block block = { .block = i + 1, .nr = TEST_ARMS,
					      .round = 1, .nr_rejected = i };

		strcpy(block.cell, names[i]);
		strcpy(block.rejected[0], "because");
		for (int arm = 0; arm < TEST_ARMS; arm++) {
			block.arm[arm] = arm;
			block.sample[arm].ticks = ticks[i][arm];
			block.busy[arm] = 2 * ticks[i][arm];
		}
		assert_int_equal(record_append(w, &block), 0);
	}
	strcpy(trace.cell, names[1]);
	trace.part[0][PART_SPLIT] = 10;
	trace.part[1][PART_SPLIT] = 20;
	assert_int_equal(record_append_trace(w, &trace), 0);
	assert_int_equal(record_finish(w), 0);
	free(path);
}

/*
 * Less the empty call's 10, the fallback costs 3 times the whole migration in
 * each boot, though boots differ by half; what was rejected and traced is there.
 */
static void fallback_is_compared_within_the_boot(void **state)
{
	static const unsigned int even[2][TEST_ARMS] = {
		{ 10, 110, 110, 110 }, { 10, 310, 310, 310 },
	};
	static const unsigned int odd[2][TEST_ARMS] = {
		{ 10, 160, 160, 160 }, { 10, 460, 460, 460 },
	};
	struct analysis a;

	(void)state;
	make_run(6, 1);
	make_migrations(6);
	for (unsigned int boot = 1; boot <= 6; boot++)
		make_migration_boot(boot, boot % 2 ? odd : even);
	a = analyse(dir);
	assert_null(a.incomplete);
	assert_int_equal(a.nr_cells, 2);
	assert_int_equal(a.cell[0].over_base.boots, 0);
	assert_int_equal(a.cell[1].over_base.boots, 6);
	assert_close(a.cell[1].over_base.estimate, 3, 1e-12);
	assert_close(a.cell[1].over_base.high, 3, 1e-12);
	assert_int_equal(a.cell[1].rejected, 6);
	assert_string_equal(a.cell[1].why, "because");
	assert_close(a.cell[1].busy[ARM_OLD].ticks, 2 * 3 * (310 + 460), 0);
	assert_close(a.cell[1].busy[ARM_OLD].rounds, 6, 0);
	assert_close(a.cell[1].whole[ARM_NEW], 200, 0);
	assert_close(a.cell[1].part[ARM_NEW][PART_SPLIT], 15, 0);
	assert_close(a.cell[1].whole[ARM_OLD], 0, 0);
	analysis_free(&a);
}

/* A regression of 10 % in one cell of two is found; all are in one verdict. */
static void regression_in_one_cell_counts(void **state)
{
	static const unsigned int ticks[2][TEST_ARMS] = {
		{ 10, 110, 110, 110 }, { 10, 310, 340, 340 },
	};
	struct analysis a;

	(void)state;
	make_run(6, 1);
	make_migrations(6);
	for (unsigned int boot = 1; boot <= 6; boot++)
		make_migration_boot(boot, ticks);
	a = analyse(dir);
	assert_int_equal(a.regressions, 1);
	assert_int_equal(a.inconclusive, 0);
	assert_int_equal(a.cell[0].claim[ARM_OLD].verdict, STATS_NO_REGRESSION);
	assert_int_equal(a.cell[1].claim[ARM_OLD].verdict, STATS_REGRESSION);
	analysis_free(&a);
}

/*
 * An A/A pair whose interval misses 1 by little: p is 0.037. A cell with it
 * fails alone; by Holm's rule neither of two does.
 */
static void one_of_many_noisy_pairs_is_chance(void **state)
{
	static const unsigned int again[6] = { 1034, 1010, 1030, 1002, 1030, 1000 };
	struct analysis a;

	(void)state;
	for (unsigned int cells = 1; cells <= 2; cells++) {
		make_run(6, 1);
		if (cells == 2)
			make_migrations(6);
		for (unsigned int boot = 1; boot <= 6; boot++) {
			unsigned int t[2][TEST_ARMS] = {
				{ 10, 1010, 1010, 10 + again[boot - 1] },
				{ 10, 1010, 1010, 10 + again[boot - 1] },
			};

			if (cells == 2)
				make_migration_boot(boot, t);
			else
				make_boot(boot, TEST_ARMS, 1, t);
		}
		a = analyse(dir);
		assert_true(a.cell[0].aa_p < 0.05);
		assert_true(a.cell[0].aa_p > 0.025);
		assert_int_equal(a.aa_failed, cells == 1);
		analysis_free(&a);
	}
}

/* The third boot is missing, the second has lost its end: the rest is used. */
static void crashed_boots_are_reported(void **state)
{
	static const unsigned int ticks[2][TEST_ARMS] = {
		{ 10, 120, 110, 110 }, { 10, 120, 110, 110 },
	};
	char *path = join(dir, "boot-2.jsonl");
	struct stat stat_buf;
	struct analysis a;

	(void)state;
	make_run(3, 2);
	make_boot(1, TEST_ARMS, 2, ticks);
	make_boot(2, TEST_ARMS, 2, ticks);
	assert_int_equal(stat(path, &stat_buf), 0);
	assert_int_equal(truncate(path, stat_buf.st_size - 60), 0);
	a = analyse(dir);
	assert_int_equal(a.cell[0].boots, 2);
	assert_int_equal(a.cell[0].blocks, 3);
	assert_non_null(strstr(a.incomplete, "boot-2.jsonl:3: the file is truncated"));
	assert_non_null(strstr(a.incomplete, "boot 3 is not there"));
	assert_int_equal(a.to_come, 0);
	analysis_free(&a);
	free(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratio_is_of_medians_less_the_empty_call),
		cmocka_unit_test(inference_is_over_boots),
		cmocka_unit_test(failed_aa_raises_the_margin),
		cmocka_unit_test(floor_is_of_both_directions),
		cmocka_unit_test(warmup_is_left_out_and_notes_are_counted),
		cmocka_unit_test(short_boots_are_reported),
		cmocka_unit_test(missing_arm_is_reported),
		cmocka_unit_test(one_boot_gives_numbers_only),
		cmocka_unit_test(kernel_without_the_old_split),
		cmocka_unit_test(fallback_is_compared_within_the_boot),
		cmocka_unit_test(regression_in_one_cell_counts),
		cmocka_unit_test(one_of_many_noisy_pairs_is_chance),
		cmocka_unit_test(crashed_boots_are_reported),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("analysis", tests, make_dir,
					   remove_dir);
}
