// SPDX-License-Identifier: GPL-2.0
/* Tests of what is made of calls' entries and returns, by hand-worked events */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../wanted.h"
#include "analysis/watched.h"
#include "report/watch.h"
#include "sys/folio_order.h"

enum { SETUP, PAGES, SPLIT, FINALIZE };

static const int fine, again = -11;

static struct watched *new_watched(void)
{
	struct watched *w = watched_new();

	assert_int_equal(watched_add(w, "migrate_vma_setup", "setup", WATCHED_SETUP), SETUP);
	assert_int_equal(watched_add(w, "migrate_vma_pages", "pages", WATCHED_PAGES), PAGES);
	assert_int_equal(watched_add(w, "folio_split_unmapped", "split", WATCHED_SPLIT), SPLIT);
	assert_int_equal(watched_add(w, "migrate_vma_finalize", "finalize", WATCHED_FINALIZE),
			 FINALIZE);
	return w;
}

static void enter(struct watched *w, int task, unsigned int function, uint64_t when)
{
	watched_enter(w, task, function, when, function == SPLIT ? 9 : WATCHED_UNKNOWN,
		      function == SPLIT ? 0 : WATCHED_UNKNOWN);
}

static void leave(struct watched *w, int task, unsigned int function, uint64_t when)
{
	watched_leave(w, task, function, when,
		      function == SETUP || function == SPLIT ? &fine : NULL);
}

static void call(struct watched *w, int task, unsigned int function, uint64_t from,
		 uint64_t to)
{
	enter(w, task, function, from);
	leave(w, task, function, to);
}

static uint64_t n_of(const struct watched *w, unsigned int function)
{
	return stats_hist_n(w->calls[function].hist);
}

/* Setup 10, pages 100 with splits of 20 and 30 in it, finalize 90: 50 of 100, and of 200 */
static void migration(struct watched *w, int task, uint64_t at)
{
	call(w, task, SETUP, at, at + 10);
	enter(w, task, PAGES, at + 20);
	call(w, task, SPLIT, at + 30, at + 50);
	call(w, task, SPLIT, at + 60, at + 90);
	leave(w, task, PAGES, at + 120);
	call(w, task, FINALIZE, at + 130, at + 220);
}

static void split_is_a_share_of_its_migration(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	assert_true(isnan(watched_share(w, false)));
	migration(w, 7, 1000);
	watched_end(w);
	assert_int_equal(w->inside, 50);
	assert_int_equal(w->nr_inside, 2);
	assert_int_equal(w->nr_outside, 0);
	assert_true(fabs(watched_share(w, false) - 0.5) < 1e-12);
	assert_true(fabs(watched_share(w, true) - 0.25) < 1e-12);
	assert_int_equal(watched_total(w, WATCHED_FINALIZE), 90);
	assert_int_equal(watched_n(w, WATCHED_SPLIT), 2);
	for (unsigned int i = 0; i < w->nr; i++)
		assert_int_equal(w->calls[i].partial, 0);
	watched_free(w);
}

/* Task 2 splits while task 1 is in migrate_vma_pages(): not within that. */
static void split_of_another_task_is_no_part(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	enter(w, 1, PAGES, 100);
	call(w, 2, SPLIT, 110, 130);
	call(w, 1, SPLIT, 140, 150);
	leave(w, 1, PAGES, 200);
	assert_int_equal(w->inside, 10);
	assert_int_equal(w->nr_outside, 1);
	assert_true(fabs(watched_share(w, false) - 0.1) < 1e-12);
	watched_free(w);
}

/* The share is of calls that were seen whole: what is left of others is no part of it. */
static void calls_that_are_not_whole_are_counted_apart(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	leave(w, 1, PAGES, 50);			/* had begun before */
	migration(w, 1, 1000);
	enter(w, 2, PAGES, 2000);
	call(w, 2, SPLIT, 2010, 2510);
	watched_end(w);				/* does not end */
	assert_int_equal(n_of(w, PAGES), 1);
	assert_int_equal(w->calls[PAGES].partial, 2);
	assert_int_equal(n_of(w, SPLIT), 3);
	assert_true(fabs(watched_share(w, false) - 0.5) < 1e-12);
	watched_free(w);
}

/* The return of the first and the entry of the second are lost: no call of 900 ticks. */
static void events_around_a_loss_are_no_pair(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	enter(w, 1, SPLIT, 100);
	enter(w, 2, SETUP, 100);
	watched_gap(w);
	leave(w, 1, SPLIT, 1000);
	assert_int_equal(n_of(w, SPLIT), 0);
	assert_int_equal(w->calls[SPLIT].partial, 2);
	assert_int_equal(w->calls[SETUP].partial, 1);
	call(w, 1, SPLIT, 1100, 1120);
	assert_int_equal(n_of(w, SPLIT), 1);
	assert_int_equal(stats_hist_max(w->calls[SPLIT].hist), 20);
	watched_free(w);
}

/* A return that the kernel has missed: the next call is not as long as both. */
static void second_entry_begins_anew(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	enter(w, 1, SPLIT, 100);
	enter(w, 1, SPLIT, 500);
	leave(w, 1, SPLIT, 530);
	assert_int_equal(n_of(w, SPLIT), 1);
	assert_int_equal(w->calls[SPLIT].total, 30);
	assert_int_equal(w->calls[SPLIT].partial, 1);
	watched_free(w);
}

static void results_are_counted_by_order_and_error(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	for (int i = 0; i < 3; i++)
		call(w, 1, SPLIT, 100 * i, 100 * i + 10);
	enter(w, 1, SPLIT, 1000);
	watched_leave(w, 1, SPLIT, 1005, &again);
	watched_enter(w, 1, SPLIT, 2000, 4, 2);
	watched_leave(w, 1, SPLIT, 2005, &fine);
	assert_int_equal(w->nr_results, 3);
	assert_int_equal(w->results[0].n, 3);
	assert_int_equal(w->results[0].order, 9);
	assert_int_equal(w->results[1].result, -11);
	assert_int_equal(w->results[1].n, 1);
	assert_int_equal(w->results[2].order, 4);
	assert_int_equal(w->results[2].new_order, 2);
	assert_int_equal(w->calls[SPLIT].errors, 1);
	for (int i = 0; i < 2 * WATCHED_MAX_RESULTS; i++) {
		watched_enter(w, 1, SPLIT, 3000 + 2 * i, i, 0);
		watched_leave(w, 1, SPLIT, 3001 + 2 * i, &again);
	}
	assert_int_equal(w->nr_results, WATCHED_MAX_RESULTS);
	/* Of these 32, order 9 is known and 13 are new: 18 are too many. */
	assert_int_equal(w->more_results, 18);
	assert_int_equal(n_of(w, SPLIT), 37);
	watched_free(w);
}

/* A thousand tasks at the same time, that end in another order than they began */
static void many_tasks_are_kept_apart(void **state)
{
	struct watched *w = new_watched();

	(void)state;
	for (int i = 0; i < 1000; i++)
		enter(w, i * 37 % 1000, PAGES, 1000 + i);
	for (int i = 0; i < 1000; i++)
		leave(w, i * 37 % 1000, PAGES, 10000 + 2 * i);
	assert_int_equal(n_of(w, PAGES), 1000);
	assert_int_equal(w->calls[PAGES].partial, 0);
	/* Task i of the first loop took 9000 + i. */
	assert_int_equal(stats_hist_max(w->calls[PAGES].hist), 9999);
	assert_int_equal(w->calls[PAGES].total, 9000 * 1000 + 999 * 1000 / 2);
	assert_null(w->tasks);
	watched_free(w);
}

static json_t *json_of(const struct watched *w)
{
	const struct watch_report r = {
		.seen = w, .seconds = 2, .unit = "ns", .probes = "kprobe", .cost = 5,
		.cost_inside = 2, .cost_function = "f", .lost = 3,
	};

	return watch_json(&r);
}

/* Times of 1 to 100: p90 is 90, and 64 to 100 are 37 of them. 100 probed calls, 5 each. */
static void document_has_quantiles_and_histogram(void **state)
{
	struct watched *w = new_watched();
	json_t *doc, *pages, *last;

	(void)state;
	for (int i = 1; i <= 100; i++)
		call(w, 1, PAGES, 1000 * i, 1000 * i + i);
	doc = json_of(w);
	pages = json_array_get(json_object_get(doc, "functions"), PAGES);
	assert_true(json_number_value(json_object_get(pages, "median")) == 50.5);
	assert_true(json_number_value(json_object_get(pages, "p90")) == 90);
	assert_int_equal(json_integer_value(json_object_get(pages, "max")), 100);
	last = json_object_get(pages, "histogram");
	assert_int_equal(json_array_size(last), 7);
	last = json_array_get(last, 6);
	assert_int_equal(json_integer_value(json_object_get(last, "from")), 64);
	assert_int_equal(json_integer_value(json_object_get(last, "below")), 128);
	assert_int_equal(json_integer_value(json_object_get(last, "calls")), 37);
	assert_true(fabs(json_number_value(json_object_get(json_object_get(doc, "cost"), "share")) -
			 500.0 / 5050) < 1e-12);
	assert_int_equal(json_integer_value(json_object_get(doc, "lost")), 3);
	json_decref(doc);
	watched_free(w);
}

static void document_of_nothing_has_no_numbers(void **state)
{
	struct watched *w = new_watched();
	json_t *doc = json_of(w);
	json_t *split = json_array_get(json_object_get(doc, "functions"), SPLIT);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(split, "calls")), 0);
	assert_null(json_object_get(split, "median"));
	assert_true(json_is_null(json_object_get(json_object_get(doc, "share"), "pages")));
	json_decref(doc);
	watched_free(w);
}

#define FOLIO	0xffffea0004000000ULL
#define FLAGS	(0x0017000000000000ULL | 9)

static int order_of(const uint64_t words[FOLIO_ORDER_WORDS])
{
	return folio_order_of_words(FOLIO, words);
}

/* struct page of 64 bytes: the second page's flags are the second word, its link the third. */
static void order_is_found_by_the_link_to_the_head(void **state)
{
	(void)state;
	assert_int_equal(order_of((uint64_t[]){ 1, FLAGS, FOLIO | 1, 5, 5 }), 9);
	/* Of 56, and of 80 bytes */
	assert_int_equal(order_of((uint64_t[]){ FLAGS, FOLIO | 1, 9, 9, 9 }), 9);
	assert_int_equal(order_of((uint64_t[]){ 4, 4, 4, FLAGS, FOLIO | 1 }), 9);
	/* A mask: 64 bytes times 2^9, so 15 zeros */
	assert_int_equal(order_of((uint64_t[]){ 1, FLAGS, 0xffffffffffff8001, 5, 5 }), 9);
}

static void order_that_is_belied_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(order_of((uint64_t[]){ 1, FLAGS, 5, 5, 5 }), -1);
	/* A head, which is no tail; another folio's tail; a mask of order 8; one of 56 bytes */
	assert_int_equal(order_of((uint64_t[]){ 1, FLAGS, FOLIO, 5, 5 }), -1);
	assert_int_equal(order_of((uint64_t[]){ 1, FLAGS, FOLIO + 64 + 1, 5, 5 }), -1);
	assert_int_equal(order_of((uint64_t[]){ 1, FLAGS, 0xffffffffffffc001, 5, 5 }), -1);
	assert_int_equal(order_of((uint64_t[]){ FLAGS, 0xffffffffffff8001, 5, 5, 5 }), -1);
	assert_int_equal(order_of((uint64_t[]){ FLAGS, 0xffffffffffff9001, 5, 5, 5 }), -1);
	/* No large folio has order 0 */
	assert_int_equal(order_of((uint64_t[]){ 1, 0x17ULL << 48, FOLIO | 1, 5, 5 }), -1);
	assert_int_equal(folio_order_of_flags(FLAGS), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split_is_a_share_of_its_migration),
		cmocka_unit_test(split_of_another_task_is_no_part),
		cmocka_unit_test(calls_that_are_not_whole_are_counted_apart),
		cmocka_unit_test(events_around_a_loss_are_no_pair),
		cmocka_unit_test(second_entry_begins_anew),
		cmocka_unit_test(results_are_counted_by_order_and_error),
		cmocka_unit_test(many_tasks_are_kept_apart),
		cmocka_unit_test(document_has_quantiles_and_histogram),
		cmocka_unit_test(document_of_nothing_has_no_numbers),
		cmocka_unit_test(order_is_found_by_the_link_to_the_head),
		cmocka_unit_test(order_that_is_belied_is_unknown),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
