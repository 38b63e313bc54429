// SPDX-License-Identifier: GPL-2.0
/* What migrations rest on: cells, the proof by counters, the pattern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../wanted.h"
#include "record/cell.h"
#include "sys/pattern.h"
#include "sys/thp_counters.h"
#include "util/util.h"

static const char *expand(const char *text, struct cell **cells, size_t *nr)
{
	char *json = strdup(text);
	const char *error;
	json_t *line;

	for (char *c = json; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	line = json_loads(json, 0, NULL);
	free(json);
	assert_non_null(line);
	*cells = NULL;
	*nr = 0;
	error = cells_expand(line, 0, cells, nr);
	json_decref(line);
	return error;
}

/* Two directions by two sizes are four cells, named by what is in them. */
static void lists_are_multiplied(void **state)
{
	static const char *const names[] = {
		"to-dev-flag-1", "to-dev-flag-8-t2-d2",
		"to-sys-flag-1", "to-sys-flag-8-t2-d2",
	};
	struct cell *cells, *more;
	size_t nr, nr_more;

	(void)state;
	/* JSON, with single quotes for double ones: see expand(). */
	assert_null(expand("{'job': 'migrate', 'kind': 'flag', 'direction': ['to-dev', 'to-sys'], 'thps': [1, 8], 'blocks': 3}",
			   &cells, &nr));
	assert_int_equal(nr, 4);
	assert_string_equal(cells[0].name, names[0]);
	assert_string_equal(cells[2].name, names[2]);
	assert_int_equal(cells[3].blocks, 3);
	assert_int_equal(cells[3].warmup, 1);
	cells[1].threads = 2;
	cells[1].devices = 2;
	cell_set_name(&cells[1]);
	assert_string_equal(cells[1].name, names[1]);
	/* What is written down is read back as the same. */
	for (size_t i = 0; i < nr; i++) {
		json_t *doc = cell_to_json(&cells[i]);

		more = NULL;
		nr_more = 0;
		assert_null(cells_expand(doc, 0, &more, &nr_more));
		assert_int_equal(nr_more, 1);
		assert_memory_equal(&more[0], &cells[i], sizeof(cells[i]));
		json_decref(doc);
		free(more);
	}
	free(cells);
}

static void impossible_cells_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "{}", "unknown job" },
		{ "{'job': 'nap'}", "unknown job 'nap'" },
		{ "{'job': 'split', 'new_order': 1}", "new_order" },
		{ "{'job': 'split', 'kind': 'flag'}", "has no 'kind'" },
		{ "{'job': 'split', 'reps': 15}", "reps is 14" },
		{ "{'job': 'split', 'blocks': 0}", "blocks" },
		{ "{'job': 'split', 'blocks': -1}", "not a whole number" },
		{ "{'job': 'split', 'name': 'x'}", "'anon-9-0' by what" },
		{ "{'job': 'migrate', 'kind': 'x'}", "unknown kind 'x'" },
		{ "{'job': 'migrate', 'thps': 129}", "thps" },
		{ "{'job': 'migrate', 'thps': [1, 1]}", "duplicate cell" },
		{ "{'job': 'migrate', 'devices': 2}", "more devices" },
		{ "{'job': 'migrate', 'threads': 9, 'thps': 32}", "256" },
		{ "{'job': 'migrate', 'reps': 9, 'thps': 128}", "1024" },
		{ "{'job': 'migrate', 'kind': 'fragment', 'threads': 2}",
		  "one thread" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cell *cells;
		size_t nr;
		const char *error = expand(bad[i][0], &cells, &nr);

		assert_non_null(error);
		if (!strstr(error, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], error);
		free(cells);
	}
}

/* Each counter by itself: one too many or one too few is another path. */
static void counters_prove_the_path(void **state)
{
	static const struct counters before = { 10, 20, 30, 2 };
	static const struct counters right = { 14, 20, 30, 2 };
	static const struct counters wrong[] = {
		{ 13, 20, 30, 2 }, { 15, 20, 30, 2 }, { 14, 21, 30, 2 },
		{ 14, 20, 31, 2 }, { 14, 20, 30, 3 },
	};
	static const struct counters none = { 0 }, own = { 1, 1, 1, 0 };
	static const struct counters with_own = { 15, 21, 31, 2 };
	char why[96] = "";

	(void)state;
	assert_int_equal(counters_wrong(&before, &right, &none, 4, why,
					sizeof(why)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(counters_wrong(&before, &wrong[i], &none, 4, why,
						sizeof(why)), 1);
	assert_int_equal(counters_wrong(&before, &wrong[0], &none, 4, why,
					sizeof(why)), 1);
	assert_string_equal(why, "thp_split_pmd +3, not +4");
	assert_int_equal(counters_wrong(&before, &with_own, &own, 4, why,
					sizeof(why)), 0);
	assert_int_equal(counters_wrong(&before, &with_own, &none, 4, why,
					sizeof(why)), 1);
}

/* Any one bit, in the stamp of a page or behind it; and pages that changed places */
static void every_byte_is_compared(void **state)
{
	size_t size = 16 * 4096;
	struct pattern p = pattern_new(size, 1);
	unsigned char *is = malloc(size);

	(void)state;
	pattern_fill(&p, is, 5);
	assert_int_equal(pattern_wrong(&p, is, 5), 0);
	assert_int_equal(pattern_wrong(&p, is, 6), 16);
	for (size_t i = 0; i < size; i++) {
		is[i] ^= 1 << i % 8;
		assert_int_equal(pattern_wrong(&p, is, 5), 1);
		is[i] ^= 1 << i % 8;
	}
	memmove(is, is + 4096, 4096);
	assert_int_equal(pattern_wrong(&p, is, 5), 1);
	free(is);
	pattern_free(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_multiplied),
		cmocka_unit_test(impossible_cells_are_refused),
		cmocka_unit_test(counters_prove_the_path),
		cmocka_unit_test(every_byte_is_compared),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
