// SPDX-License-Identifier: GPL-2.0
/* Stacks as perf prints them, and the tree that they have to become */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../wanted.h"
#include "report/flame.h"
#include "util/util.h"

static const char *const anything[] = { NULL };

/* 4 samples: a>b>c twice, a>b once (its cold half), d>a once; user frames of all */
static const char stacks[] =
	"\n\tffffffff81000003 c\n\tffffffff81000002 b\n\tffffffff81000001 a\n\t    7fcb8470aad7 [unknown]\n\n"
	"\tffffffff81000003 c\n\tffffffff81000002 b\n\tffffffff81000001 a\n\n"
	"\n\tffffffff81000009 b.cold\n\tffffffff81000001 a\n\t          401000 main\n\n"
	"\tffffffff81000001 a.isra.0\n\tffffffff81000004 d\n";

static struct flame read_text_of(const char *text, const char *const *below)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	struct flame flame;

	assert_non_null(file);
	assert_int_equal(flame_read(&flame, file, below), 0);
	fclose(file);
	return flame;
}

static void samples_add_up(void **state)
{
	struct flame flame = read_text_of(stacks, anything);
	const struct flame_node *a = flame.root.child, *d = a->next;

	(void)state;
	assert_int_equal(flame.all, 4);
	assert_int_equal(flame.root.samples, 4);
	assert_string_equal(a->name, "a");
	assert_int_equal(a->samples, 3);
	assert_int_equal(a->self, 0);
	assert_string_equal(a->child->name, "b");
	assert_int_equal(a->child->samples, 3);
	assert_int_equal(a->child->self, 1);
	assert_null(a->child->next);
	assert_string_equal(a->child->child->name, "c");
	assert_int_equal(a->child->child->self, 2);
	assert_string_equal(d->name, "d");
	assert_int_equal(d->child->self, 1);
	assert_null(d->next);
	flame_free(&flame);
}

/* What does not come through it is counted, and not in the tree. */
static void only_what_is_below_counts(void **state)
{
	static const char *const b[] = { "b", NULL }, *const b_or_d[] = { "b", "d", NULL };
	struct flame flame = read_text_of(stacks, b);

	(void)state;
	assert_int_equal(flame.all, 4);
	assert_int_equal(flame.root.samples, 3);
	assert_string_equal(flame.root.child->name, "b");
	assert_null(flame.root.child->next);
	flame_free(&flame);
	flame = read_text_of(stacks, b_or_d);
	assert_int_equal(flame.root.samples, 4);
	assert_string_equal(flame.root.child->next->name, "d");
	flame_free(&flame);
}

/* By itself, wherever it was called from */
static void hottest_comes_first(void **state)
{
	struct flame flame = read_text_of(stacks, anything);
	struct flame_hot hot[4];

	(void)state;
	assert_int_equal(flame_hot(&flame, hot, 4), 3);
	assert_string_equal(hot[0].name, "c");
	assert_int_equal(hot[0].self, 2);
	assert_string_equal(hot[1].name, "a");
	assert_string_equal(hot[2].name, "b");
	assert_int_equal(flame_hot(&flame, hot, 1), 1);
	flame_free(&flame);
}

/* Callees lie above their caller, side by side, and are no wider than it. */
static void rectangles_lie_on_each_other(void **state)
{
	struct flame flame = read_text_of(stacks, anything);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	flame_write(&flame, file);
	fclose(file);
	assert_string_equal(text,
			    "0 0.000000 75.000000 0.0000 \"a\"\n"
			    "1 0.000000 75.000000 25.0000 \"b\"\n"
			    "2 0.000000 50.000000 50.0000 \"c\"\n"
			    "0 75.000000 100.000000 0.0000 \"d\"\n"
			    "1 75.000000 100.000000 25.0000 \"a\"\n");
	free(text);
	flame_free(&flame);
}

static void bad_line_is_named(void **state)
{
	static const char bad[] = "\tffffffff81000003 c\n\tnonsense\n\n";
	FILE *file = fmemopen((void *)bad, strlen(bad), "r");
	struct flame flame;

	(void)state;
	assert_int_equal(flame_read(&flame, file, anything), 2);
	fclose(file);
	flame_free(&flame);
}

static void nothing_is_nothing(void **state)
{
	struct flame flame = read_text_of("\n\n", anything);
	struct flame_hot hot;

	(void)state;
	assert_int_equal(flame.all, 0);
	assert_int_equal(flame_hot(&flame, &hot, 1), 0);
	flame_free(&flame);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_add_up),
		cmocka_unit_test(only_what_is_below_counts),
		cmocka_unit_test(hottest_comes_first),
		cmocka_unit_test(rectangles_lie_on_each_other),
		cmocka_unit_test(bad_line_is_named),
		cmocka_unit_test(nothing_is_nothing),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("flame", tests, NULL, NULL);
}
