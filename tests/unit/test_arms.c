// SPDX-License-Identifier: GPL-2.0
/* Arms by name: what is known of them, what a module's table says, what is made of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../wanted.h"
#include "analysis/analysis.h"
#include "arms.h"
#include "folder.h"
#include "record/plan.h"
#include "sys/fsb_module.h"
#include "util/util.h"

static void arm_keeps_its_number(void **state)
{
	unsigned int mine = arm_add("mine");

	(void)state;
	require_numbers();
	assert_int_equal(arm_number("empty"), ARM_EMPTY);
	assert_int_equal(arm_number("old"), ARM_OLD);
	assert_int_equal(arm_number("new"), ARM_NEW);
	assert_int_equal(mine, NR_USUAL);
	assert_int_equal(arm_add("mine"), mine);
	assert_int_equal(arm_number("mine"), mine);
	assert_string_equal(arm_name(mine), "mine");
	assert_int_equal(arm_number("yours"), ARM_NONE);
	assert_false(arm_is_usual(mine));
}

static void names_are_words(void **state)
{
	static const char *const bad[] = {
		"", "1st", "-new", "my arm", "my,arm", "a/b", "a\"b", "gr\xc3\xb6\xc3\x9f",
		"sixteen_letters_",
	};

	(void)state;
	assert_true(arm_is_name("my-2nd_arm"));
	assert_true(arm_is_name("fifteen_letters"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(arm_is_name(bad[i]));
}

/* Of records that do not say: again is code of its own, same is what is native. */
static void usual_arms_follow_the_native_split(void **state)
{
	struct arm_defs defs = arm_defs_usual();

	(void)state;
	assert_string_equal(arm_code(&defs, SAME, ARM_NEW), "new");
	assert_string_equal(arm_code(&defs, SAME, ARM_OLD), "old");
	assert_string_equal(arm_code(&defs, AGAIN, ARM_NEW), "again");
	assert_true(arm_same_code(&defs, SAME_OLD, ARM_OLD, ARM_NEW));
	assert_int_equal(arm_against(&defs, ARM_OLD, ARM_NEW), ARM_NEW);
	assert_int_equal(arm_against(&defs, ARM_OLD, ARM_OLD), ARM_NONE);
	assert_int_equal(arm_against(&defs, ARM_NEW, ARM_NEW), ARM_NONE);
	assert_int_equal(arm_against(&defs, AGAIN, ARM_NEW), ARM_NEW);
	assert_int_equal(arm_against(&defs, SAME_OLD, ARM_NEW), ARM_OLD);
	assert_int_equal(arm_against(&defs, arm_add("mine"), ARM_NEW), ARM_NEW);
	assert_int_equal(arm_controls(&defs),
			 ARM_BIT(AGAIN) | ARM_BIT(SAME) | ARM_BIT(SAME_OLD));
}

/* What is wrong with a table in which one entry is another one */
static const char *wrong(unsigned int entry, struct fsb_arm other)
{
	struct fsb_arm table[] = {
		{ .name = "empty" }, { .name = "old", .code = "old", .against = "new" },
		{ .name = "new", .code = "new" },
		{ .name = "mine", .code = "mine", .against = "new" },
	};

	table[entry] = other;
	return module_arms_wrong(table, ARRAY_SIZE(table));
}

static void tables_that_are_not_sound_are_refused(void **state)
{
	(void)state;
	assert_null(wrong(3, (struct fsb_arm){ .name = "yours", .against = "old" }));
	assert_string_equal(wrong(3, (struct fsb_arm){ .name = "old" }),
			    "bench/arms.c: two entries are called 'old': rename one of them");
	assert_string_equal(wrong(3, (struct fsb_arm){ .name = "mine", .against = "nwe" }),
			    "bench/arms.c: 'mine' is compared against 'nwe', which is not an arm");
	assert_string_equal(wrong(3, (struct fsb_arm){ .name = "mine", .against = "mine" }),
			    "bench/arms.c: 'mine' is compared against itself");
	assert_non_null(strstr(wrong(3, (struct fsb_arm){ .name = "my arm" }),
			       "entry 4: 'my arm' is not the name of an arm"));
	assert_non_null(strstr(wrong(0, (struct fsb_arm){ .name = "full" }),
			       "there is no arm 'empty'"));
}

static void module_defines_what_is_known(void **state)
{
	struct fsb_arm table[] = {
		{ .name = "empty" }, { .name = "new", .code = "new" },
		{ .name = "mine", .code = "inlined", .against = "theirs" },
		{ .name = "theirs", .code = "theirs" }, { .name = "unknown" },
	};
	struct module module = { .arms = table, .info.nr_arms = ARRAY_SIZE(table) };
	struct arm_defs defs = arm_defs_usual();
	unsigned int mine = arm_add("mine"), set = module_define(&module, &defs);
	char *names = module_arm_names(&module);

	(void)state;
	/* What it is compared with is known then; what nobody asked for is not. */
	assert_int_equal(arm_number("unknown"), ARM_NONE);
	assert_int_not_equal(arm_number("theirs"), ARM_NONE);
	assert_int_equal(set, ARM_BIT(ARM_EMPTY) | ARM_BIT(ARM_NEW) | ARM_BIT(mine) |
			      ARM_BIT(arm_number("theirs")));
	assert_string_equal(arm_code(&defs, mine, ARM_NEW), "inlined");
	assert_int_equal(arm_against(&defs, mine, ARM_NEW), arm_number("theirs"));
	assert_string_equal(names, "empty new mine theirs unknown");
	free(names);
}

static const char *set_arms(struct plan *plan, const char *list)
{
	json_t *arms = json_loads(list, 0, NULL);
	const char *why = plan_set_arms(plan, arms);

	json_decref(arms);
	return why;
}

static void plan_takes_any_subset(void **state)
{
	struct arm_defs defs;
	struct plan plan = { 0 };
	unsigned int mine;

	(void)state;
	assert_null(set_arms(&plan, "[\"new\", \"mine\"]"));
	mine = arm_number("mine");
	defs = arm_defs_usual();
	assert_int_equal(plan.arms, ARM_BIT(ARM_NEW) | ARM_BIT(mine));
	/* And the best control that the kernel has */
	assert_int_equal(plan_arms(&plan, UINT32_MAX, &defs, ARM_NEW),
			 ARM_BIT(ARM_EMPTY) | plan.arms | ARM_BIT(AGAIN));
	assert_int_equal(plan_arms(&plan, ~ARM_BIT(AGAIN), &defs, ARM_NEW),
			 ARM_BIT(ARM_EMPTY) | plan.arms | ARM_BIT(SAME));
	assert_string_equal(set_arms(&plan, "[\"mine\"]"),
			    "'arms' has neither old nor new: there is nothing to measure");
	assert_non_null(strstr(set_arms(&plan, "[\"new\", \"my arm\"]"),
			       "'my arm' is not the name of an arm"));
	assert_non_null(strstr(set_arms(&plan, "[\"new\", 3]"), "(not a word)"));
}

static void make_boot(unsigned int boot)
{
	/* Less the empty call's 10: mine costs half as much again as new. */
	static const unsigned int ticks[] = { 10, 120, 110, 110, 160 };
	static const char *const names[] = { "empty", "old", "new", "again", "mine" };
	static const struct arm_def defs[] = {
		{ .code = "" }, { .code = "old", .against = "new" }, { .code = "new" },
		{ .code = "again", .against = "new", .control = true },
		{ .code = "mine", .against = "new" },
	};
	struct record_header header = { .boot = boot, .seed = boot, .unit = "instructions",
					.nr_arms = ARRAY_SIZE(names), .has_defs = true };
	struct record_block block = { .block = 1, .nr = ARRAY_SIZE(names),
				      .cell = "anon-9-0" };
	char *path = join(dir, "boot-%u.jsonl", boot);
	struct record_writer *w;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		strcpy(header.arms[i], names[i]);
		header.def[i] = defs[i];
		block.arm[i] = i;
		block.sample[i].ticks = ticks[i];
	}
	w = record_create(path, &header);
	assert_non_null(w);
	assert_int_equal(record_append(w, &block), 0);
	assert_int_equal(record_finish(w), 0);
	free(path);
}

/* A variant has its ratio, its verdict and its place among the claims. */
static void variant_is_judged(void **state)
{
	unsigned int mine;
	struct analysis a;

	(void)state;
	write_plan(json_pack("{s:i,s:[s,s,s],s:[{s:s,s:i,s:i,s:i}]}", "boots", 6,
			     "arms", "old", "new", "mine", "cells", "job", "split",
			     "blocks", 1, "warmup", 0, "reps", 1));
	write_machine("instructions");
	for (unsigned int boot = 1; boot <= 6; boot++)
		make_boot(boot);
	a = analyse(dir);
	mine = arm_number("mine");
	assert_null(a.incomplete);
	assert_true(analysis_has_variants(&a));
	assert_true(analysis_is_variant(&a, mine));
	assert_false(analysis_is_variant(&a, AGAIN));
	assert_int_equal(a.cell[0].control, AGAIN);
	assert_int_equal(a.cell[0].against[mine], ARM_NEW);
	assert_string_equal(ratio_name(&a.cell[0], mine).text, "mine/new");
	assert_close(a.cell[0].ratio[mine].estimate, 1.5, 1e-12);
	assert_close(a.cell[0].ratio[ARM_OLD].estimate, 1.1, 1e-12);
	/* Each from its own side: of old over new, new is what is judged. */
	assert_int_equal(a.cell[0].claim[mine].verdict, STATS_REGRESSION);
	assert_true(a.cell[0].claim[mine].differs);
	assert_int_equal(a.cell[0].claim[ARM_OLD].verdict, STATS_IMPROVEMENT);
	assert_int_equal(a.tested, 2);
	assert_int_equal(a.regressions, 1);
	assert_int_equal(a.improvements, 1);
	analysis_free(&a);
}

/* Last, as no arm is forgotten. */
static void there_is_an_end_to_arms(void **state)
{
	struct plan plan = { 0 };
	char name[ARM_NAME_LEN];

	(void)state;
	for (unsigned int i = arms_known(); i < ARM_MAX; i++) {
		snprintf(name, sizeof(name), "arm%u", i);
		assert_int_equal(arm_add(name), i);
	}
	assert_int_equal(arm_add("another"), ARM_NONE);
	assert_int_equal(arm_add("mine"), NR_USUAL);
	assert_string_equal(set_arms(&plan, "[\"new\", \"another\"]"),
			    "arm 'another' is one too many: a run has 16 at most");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arm_keeps_its_number),
		cmocka_unit_test(names_are_words),
		cmocka_unit_test(usual_arms_follow_the_native_split),
		cmocka_unit_test(tables_that_are_not_sound_are_refused),
		cmocka_unit_test(module_defines_what_is_known),
		cmocka_unit_test(plan_takes_any_subset),
		cmocka_unit_test(variant_is_judged),
		cmocka_unit_test(there_is_an_end_to_arms),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("arms", tests, make_dir, remove_dir);
}
