// SPDX-License-Identifier: GPL-2.0
/* Runs whose calls are in a balanced order, of one or several builds, analysed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "analysis/analysis.h"
#include "arms.h"
#include "folder.h"
#include "record/order.h"
#include "util/util.h"

#define MAX_BOOTS	12

static void make_plan(unsigned int boots, unsigned int builds, json_t *cell)
{
	write_plan(json_pack("{s:i,s:i,s:[o]}", "boots", boots, "builds", builds, "cells", cell));
	write_machine("emulated");
	remove_boots(MAX_BOOTS);
}

static json_t *split_cell(const char *warmth)
{
	return json_pack("{s:s,s:s,s:i,s:i,s:i}", "job", "split", "warmth", warmth,
			 "blocks", 1, "warmup", 0, "reps", 2);
}

static struct record_writer *begin_boot(unsigned int boot, unsigned int build,
					const char *design)
{
	struct record_header header = { .boot = boot, .build = build, .seed = boot,
					.unit = "emulated", .nr_arms = NR_USUAL };
	char *path = join(dir, "boot-%u.jsonl", boot);
	struct record_writer *w;

	strcpy(header.design, design);
	for (int arm = 0; arm < NR_USUAL; arm++)
		strcpy(header.arms[arm], arm_name(arm));
	w = record_create(path, &header);
	assert_non_null(w);
	free(path);
	return w;
}

/* A boot of one block a name: an arm's number and its ticks, call by call */
static void make_boot(unsigned int boot, unsigned int build, const char *design,
		      const char *cell, unsigned int lead, unsigned int nr,
		      const unsigned int calls[][2])
{
	static struct record_block block;
	struct record_writer *w = begin_boot(boot, build, design);

	memset(&block, 0, sizeof(block));
	block.block = 1;
	block.nr = nr;
	block.lead = lead;
	strcpy(block.cell, cell);
	for (unsigned int i = 0; i < nr; i++) {
		block.arm[i] = calls[i][0];
		block.sample[i].ticks = calls[i][1];
	}
	assert_int_equal(record_append(w, &block), 0);
	assert_int_equal(record_finish(w), 0);
}

/* The lead-in's 99999 would double what old costs. */
static void lead_in_is_not_analysed(void **state)
{
	static const unsigned int calls[][2] = {
		{ ARM_OLD, 99999 }, { ARM_NEW, 1010 }, { AGAIN, 1010 },
		{ ARM_OLD, 1110 }, { ARM_EMPTY, 10 },
	};
	struct analysis a;

	(void)state;
	make_plan(1, 1, split_cell("mixed"));
	make_boot(1, 1, ORDER_DESIGN, "anon-9-0", 1, ARRAY_SIZE(calls), calls);
	a = analyse(dir);
	assert_close(a.cell[0].ratio[ARM_OLD].estimate, 1.1, 1e-12);
	assert_int_equal(stats_hist_n(a.cell[0].hist[ARM_OLD]), 1);
	assert_int_equal(a.cell[0].control, AGAIN);
	assert_false(a.cell[0].one_text);
	assert_string_equal(ratio_name(&a.cell[0], a.cell[0].control).text, "again/new");
	analysis_free(&a);
}

/* In records without a design, again was the code that it was held against. */
static void control_of_older_records_is_one_text(void **state)
{
	static const unsigned int calls[][2] = {
		{ ARM_NEW, 1010 }, { AGAIN, 1020 }, { ARM_EMPTY, 10 },
	};
	struct analysis a;

	(void)state;
	make_plan(1, 1, split_cell("mixed"));
	make_boot(1, 1, "", "anon-9-0", 0, ARRAY_SIZE(calls), calls);
	a = analyse(dir);
	assert_int_equal(a.cell[0].control, AGAIN);
	assert_true(a.cell[0].one_text);
	analysis_free(&a);
}

/* A kernel without the second copy is held against the arm of the same code. */
static void control_is_what_there_is(void **state)
{
	static const unsigned int calls[][2] = {
		{ SAME, 1 }, { ARM_OLD, 1110 }, { ARM_NEW, 1010 },
		{ ARM_OLD, 1110 }, { SAME, 1030 }, { ARM_EMPTY, 10 },
	};
	struct analysis a;

	(void)state;
	make_plan(1, 1, split_cell("mixed"));
	make_boot(1, 1, ORDER_DESIGN, "anon-9-0", 1, ARRAY_SIZE(calls), calls);
	a = analyse(dir);
	assert_int_equal(a.cell[0].control, SAME);
	assert_true(a.cell[0].one_text);
	assert_string_equal(ratio_name(&a.cell[0], a.cell[0].control).text, "same/new");
	assert_close(a.cell[0].ratio[a.cell[0].control].estimate, 1.02, 1e-12);
	analysis_free(&a);
}

/*
 * Back to back: the first call of a run costs half as much again, and is in neither the
 * medians nor the ratio. A second arm of the same code does not end a run.
 */
static void first_calls_of_runs_are_apart(void **state)
{
	static const unsigned int calls[][2] = {
		{ ARM_OLD, 5 },
		{ ARM_NEW, 1510 }, { ARM_NEW, 1010 }, { SAME, 1010 },
		{ ARM_OLD, 3010 }, { ARM_OLD, 2010 }, { ARM_OLD, 2010 },
		{ ARM_EMPTY, 10 },
	};
	const struct cell_result *r;
	struct analysis a;

	(void)state;
	make_plan(1, 1, split_cell("back-to-back"));
	make_boot(1, 1, ORDER_DESIGN, "anon-9-0-back-to-back", 1, ARRAY_SIZE(calls),
		  calls);
	a = analyse(dir);
	r = &a.cell[0];
	assert_close(r->ratio[ARM_OLD].estimate, 2, 1e-12);
	assert_int_equal(stats_hist_n(r->hist[ARM_NEW]), 1);
	assert_int_equal(stats_hist_n(r->hist[SAME]), 1);
	assert_int_equal(stats_hist_n(r->hist[ARM_OLD]), 2);
	assert_int_equal(stats_hist_n(r->first[ARM_OLD]), 1);
	assert_close(r->warming[ARM_OLD].estimate, 1.5, 1e-12);
	assert_close(r->warming[ARM_NEW].estimate, 1.5, 1e-12);
	assert_int_equal(r->warming[SAME].boots, 0);
	analysis_free(&a);
}

/*
 * The least of old's calls is 1000, of new's 900, less an empty call's 100. The median
 * of old's 11 calls is 1500, and of new's 1000.
 */
static void least_calls_are_of_the_boot(void **state)
{
	unsigned int calls[24][2] = { { ARM_NEW, 1 } };
	struct analysis a;

	(void)state;
	for (unsigned int i = 0; i < 11; i++) {
		calls[1 + 2 * i][0] = ARM_OLD;
		calls[1 + 2 * i][1] = 1000 + 100 * ((7 * i) % 11);
		calls[2 + 2 * i][0] = ARM_NEW;
		calls[2 + 2 * i][1] = i == 3 ? 900 : 1000;
	}
	calls[23][0] = ARM_EMPTY;
	calls[23][1] = 100;
	make_plan(1, 1, split_cell("mixed"));
	make_boot(1, 1, ORDER_DESIGN, "anon-9-0", 1, ARRAY_SIZE(calls), calls);
	a = analyse(dir);
	assert_close(a.cell[0].least_ratio[ARM_OLD].estimate, 900. / 800, 1e-12);
	assert_close(a.cell[0].ratio[ARM_OLD].estimate, 1400. / 900, 1e-12);
	assert_int_equal(a.cell[0].least_ratio[a.cell[0].control].boots, 0);
	analysis_free(&a);
}

/*
 * Where two arms share a code each has half its calls, and of the other code's arm
 * every second is looked at: here 1300 and 1100 of its four calls.
 */
static void least_calls_are_of_equally_many(void **state)
{
	static const unsigned int calls[][2] = {
		{ ARM_OLD, 1 },
		{ ARM_NEW, 1000 }, { ARM_OLD, 1300 }, { SAME, 1000 }, { ARM_OLD, 1200 },
		{ ARM_NEW, 1000 }, { ARM_OLD, 1100 }, { SAME, 1000 }, { ARM_OLD, 600 },
		{ ARM_EMPTY, 100 },
	};
	struct analysis a;

	(void)state;
	make_plan(1, 1, split_cell("mixed"));
	make_boot(1, 1, ORDER_DESIGN, "anon-9-0", 1, ARRAY_SIZE(calls), calls);
	a = analyse(dir);
	assert_close(a.cell[0].least_ratio[ARM_OLD].estimate, 1000. / 900, 1e-12);
	assert_close(a.cell[0].least_ratio[a.cell[0].control].estimate, 1, 1e-12);
	analysis_free(&a);
}

/* Notes of Linux and Xen, whose number 3 is no build id, before GNU's */
static void build_id_is_the_note_of_gnu(void **state)
{
	static const unsigned char notes[] = {
		6, 0, 0, 0, 4, 0, 0, 0, 1, 1, 0, 0, 'L', 'i', 'n', 'u', 'x', 0, 0, 0,
		1, 2, 3, 4,
		4, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 'X', 'e', 'n', 0,
		0, 0, 0, 0x80, 255, 255, 255, 255,
		4, 0, 0, 0, 6, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0,
		0xab, 0xcd, 1, 2, 3, 4, 0, 0,
	};
	char *path = join(dir, "notes");
	FILE *file = fopen(path, "we");
	json_t *id;

	(void)state;
	assert_non_null(file);
	assert_int_equal(fwrite(notes, sizeof(notes), 1, file), 1);
	fclose(file);
	id = machine_build_id(path);
	assert_string_equal(json_string_value(id), "abcd01020304");
	json_decref(id);
	id = machine_build_id("/does/not/exist");
	assert_true(json_is_null(id));
	json_decref(id);
	free(path);
}

/* A text of the kernel's, and what is recorded of it; NULL: it is not there, null is recorded */
struct recorded_text {
	const char *is, *recorded;
};

static void assert_recorded(json_t *(*record)(const char *text), const struct recorded_text *rows,
			    size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		json_t *recorded = record(rows[i].is);

		if (rows[i].recorded)
			assert_string_equal(json_string_value(recorded), rows[i].recorded);
		else
			assert_true(json_is_null(recorded));
		json_decref(recorded);
	}
}

/* In brackets that have brackets in them, behind others */
static void compiler_is_what_the_kernel_says(void **state)
{
	static const struct recorded_text rows[] = {
		{ "Linux version 7.2.13 (a@b) (gcc (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP x",
		  "gcc (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40" },
		{ "Linux version 7.2.13 (a@b) (Debian clang version 19.1.7 (3~deb12u1), Debian LLD 19.1.7) #1 SMP x",
		  "Debian clang version 19.1.7 (3~deb12u1), Debian LLD 19.1.7" },
		{ "Linux version 4.4 (a@b) (gcc (x", NULL },
		{ "Linux version 4.4", NULL },
		{ NULL, NULL },
	};

	(void)state;
	assert_recorded(machine_compiler, rows, ARRAY_SIZE(rows));
}

/* The folder of the checkout belongs to the person who measures, and is not published. */
static void checkouts_folder_is_not_recorded(void **state)
{
	static const struct recorded_text rows[] = {
		{ "ro quiet init=/home/a/b/vm/init.sh splitbench.unit=tsc",
		  "ro quiet init=.../vm/init.sh splitbench.unit=tsc" },
		{ "init=/vm/init.sh", "init=.../vm/init.sh" },
		{ "ro init=/sbin/init quiet", "ro init=/sbin/init quiet" },
		{ "rdinit=/a/vm/init.sh  quiet", "rdinit=/a/vm/init.sh  quiet" },
		{ "", "" },
		{ NULL, NULL },
	};

	(void)state;
	assert_recorded(machine_cmdline, rows, ARRAY_SIZE(rows));
}

/*
 * Two boots of each of six builds: what is inferred from are six means of logs, the
 * first of 1.1 and 1.1 x 1.21. Of the twelve boots' logs the mean is the same.
 */
static void intervals_are_over_builds(void **state)
{
	struct analysis a;

	(void)state;
	make_plan(12, 6, split_cell("mixed"));
	for (unsigned int boot = 1; boot <= 12; boot++) {
		const unsigned int calls[][2] = {
			{ ARM_NEW, 1 }, { ARM_OLD, boot == 7 ? 133110 : 110010 },
			{ ARM_NEW, 100010 }, { ARM_EMPTY, 10 },
		};

		make_boot(boot, (boot - 1) % 6 + 1, ORDER_DESIGN, "anon-9-0", 1,
			  ARRAY_SIZE(calls), calls);
	}
	a = analyse(dir);
	assert_null(a.incomplete);
	assert_int_equal(a.cell[0].boots, 6);
	assert_int_equal(a.cell[0].booted, 12);
	assert_int_equal(a.cell[0].ratio[ARM_OLD].boots, 6);
	assert_close(a.cell[0].logs[ARM_OLD][0], log(1.1 * 1.1), 1e-12);
	assert_close(a.cell[0].logs[ARM_OLD][5], log(1.1), 1e-12);
	assert_string_equal(analysis_level(&a), "build");
	analysis_free(&a);
}

/*
 * Old over new in five cells of six boots. One cell's logs, in thousandths, are 1 to 6:
 * a mean of 3.5, a t of 3.5 / (1.871 / sqrt(6)) = 4.58 at 5 degrees of freedom, p =
 * 0.006, which falls among five. Another's are 0, 1, 4, 1, 3, 6: 2.5 / (2.258 / sqrt(6))
 * = 2.71, p = 0.042: by itself a difference, and not among the four that are left.
 */
static void make_five_cells(bool control)
{
	static const int logs[5][6] = {
		{ 1, 2, 3, 4, 5, 6 }, { 1, 0, 4, 1, 3, 6 },
		{ 1, -1, 1, -1, 1, -1 }, { 2, -1, 1, -2, 1, -1 },
		{ 1, -1, 3, -3, 1, -1 },
	};
	static struct record_block block;

	make_plan(6, 1, json_pack("{s:s,s:[i,i,i,i,i],s:i,s:i,s:i}", "job", "split",
				  "new_order", 0, 2, 3, 4, 5, "blocks", 1, "warmup", 0,
				  "reps", 2));
	for (unsigned int boot = 1; boot <= 6; boot++) {
		struct record_writer *w = begin_boot(boot, 1, ORDER_DESIGN);

		for (unsigned int cell = 0; cell < 5; cell++) {
			memset(&block, 0, sizeof(block));
			block.block = cell + 1;
			block.nr = control ? 3 : 2;
			snprintf(block.cell, sizeof(block.cell), "anon-9-%u",
				 cell ? cell + 1 : 0);
			block.arm[0] = ARM_OLD;
			block.arm[1] = ARM_NEW;
			block.arm[2] = AGAIN;
			block.sample[1].ticks = 1000000000;
			block.sample[2].ticks = 1000000000;
			block.sample[0].ticks =
				1000000000 * exp(logs[cell][boot - 1] / 1000.) + 0.5;
			assert_int_equal(record_append(w, &block), 0);
		}
		assert_int_equal(record_finish(w), 0);
	}
}

static void claims_are_of_all_cells_together(void **state)
{
	struct analysis a;

	(void)state;
	make_five_cells(true);
	a = analyse(dir);
	assert_int_equal(a.tested, 5);
	assert_close(a.cell[0].claim[ARM_OLD].differs_p, 0.0059, 0.0001);
	assert_true(a.cell[0].claim[ARM_OLD].differs);
	assert_close(a.cell[1].claim[ARM_OLD].differs_p, 0.0421, 0.0005);
	assert_false(a.cell[1].claim[ARM_OLD].differs);
	for (unsigned int cell = 2; cell < 5; cell++)
		assert_false(a.cell[cell].claim[ARM_OLD].differs ||
			     a.cell[cell].claim[ARM_OLD].differs_alone);
	analysis_free(&a);
}

/* The noise floor is not known then, and it is not 0. */
static void nothing_is_claimed_without_a_control(void **state)
{
	struct analysis a;

	(void)state;
	make_five_cells(false);
	a = analyse(dir);
	assert_int_equal(a.tested, 5);
	for (unsigned int cell = 0; cell < 5; cell++) {
		assert_false(a.cell[cell].claim[ARM_OLD].differs ||
			     a.cell[cell].claim[ARM_OLD].differs_alone);
		assert_int_equal(a.cell[cell].claim[ARM_OLD].verdict, STATS_INCONCLUSIVE);
	}
	analysis_free(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lead_in_is_not_analysed),
		cmocka_unit_test(control_of_older_records_is_one_text),
		cmocka_unit_test(control_is_what_there_is),
		cmocka_unit_test(first_calls_of_runs_are_apart),
		cmocka_unit_test(least_calls_are_of_the_boot),
		cmocka_unit_test(least_calls_are_of_equally_many),
		cmocka_unit_test(build_id_is_the_note_of_gnu),
		cmocka_unit_test(compiler_is_what_the_kernel_says),
		cmocka_unit_test(checkouts_folder_is_not_recorded),
		cmocka_unit_test(intervals_are_over_builds),
		cmocka_unit_test(claims_are_of_all_cells_together),
		cmocka_unit_test(nothing_is_claimed_without_a_control),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("design", tests, make_dir, remove_dir);
}
