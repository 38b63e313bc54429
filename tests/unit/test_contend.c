// SPDX-License-Identifier: GPL-2.0
/* Cells of several processes and of all orders: names, records, numbers */
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
#include "analysis/order_fit.h"
#include "folder.h"
#include "record/plan.h"
#include "record/span.h"
#include "util/util.h"

/* Those that a record of a version without a design has */
#define TEST_ARMS	4

/* The cells that a line stands for; NULL, or what is wrong with it */
static const char *expand(const char *line, unsigned int cpus,
			  struct cell **cells, size_t *nr)
{
	json_t *doc = json_loads(line, 0, NULL);
	const char *error;

	*cells = NULL;
	*nr = 0;
	assert_non_null(doc);
	error = cells_expand(doc, cpus, cells, nr);
	json_decref(doc);
	return error;
}

static void each_cell_has_a_name_of_its_own(void **state)
{
	static const char *const lines[][2] = {
		{ "{'job':'split'}", "anon-9-0" },
		{ "{'job':'split','state':'mapped'}", "mapped-9-0" },
		{ "{'job':'split','order':4,'new_order':2}", "anon-4-2" },
		{ "{'job':'split','folio':'device'}", "device-9-0" },
		{ "{'job':'split','folio':'swapcache'}", "swapcache-9-0" },
		{ "{'job':'split','queue':'off'}", "anon-9-0-unqueued" },
		{ "{'job':'split','cache':'cold'}", "anon-9-0-cold" },
		{ "{'job':'split','warmth':'back-to-back'}",
		  "anon-9-0-back-to-back" },
		{ "{'job':'split','warmth':'cold','cache':'cold'}",
		  "anon-9-0-cold-all-cold" },
		{ "{'job':'split','cpu_node':0,'memory_node':1}",
		  "anon-9-0-cpu0-mem1" },
		{ "{'job':'contend'}", "contend-1-shared" },
		{ "{'job':'contend','threads':64,'thps':8,'memcg':'own'}",
		  "contend-64-own" },
		{ "{'job':'contend','place':'apart','beside':'fault'}",
		  "contend-1-shared-beside-fault-apart" },
		{ "{'job':'contend','threads':63,'thps':8,'memcg':'shared','beside':'isolate','cpu_node':1023,'memory_node':1023,'order':8,'new_order':7}",
		  "contend-63-shared-8-7-beside-isolate-cpu1023-mem1023" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char line[256];
		struct cell *cells;
		size_t nr;

		strcpy(line, lines[i][0]);
		for (char *c = line; *c; c++)
			*c = *c == '\'' ? '"' : *c;
		assert_null(expand(line, 0, &cells, &nr));
		assert_int_equal(nr, 1);
		assert_string_equal(cells[0].name, lines[i][1]);
		free(cells);
	}
}

static void cells_that_cannot_be_are_refused(void **state)
{
	static const char *const lines[] = {
		"{\"job\":\"split\",\"order\":1}",
		"{\"job\":\"split\",\"order\":10}",
		"{\"job\":\"split\",\"order\":4,\"new_order\":4}",
		"{\"job\":\"split\",\"order\":4,\"new_order\":1}",
		"{\"job\":\"split\",\"order\":4,\"state\":\"mapped\"}",
		"{\"job\":\"split\",\"folio\":\"swapcache\",\"new_order\":2}",
		"{\"job\":\"split\",\"folio\":\"device\",\"state\":\"mapped\"}",
		"{\"job\":\"split\",\"memcg\":\"own\"}",
		"{\"job\":\"split\",\"cpu_node\":1024}",
		"{\"job\":\"contend\",\"threads\":0}",
		"{\"job\":\"contend\",\"threads\":65}",
		"{\"job\":\"contend\",\"threads\":64,\"beside\":\"wake\"}",
		"{\"job\":\"contend\",\"reps\":9,\"beside\":\"wake\"}",
		"{\"job\":\"split\",\"folio\":\"device\",\"new_order\":2}",
		"{\"job\":\"contend\",\"thps\":65}",
		"{\"job\":\"contend\",\"threads\":64,\"thps\":32}",
		"{\"job\":\"contend\",\"place\":\"apart\",\"memory_node\":0}",
		"{\"job\":\"contend\",\"beside\":\"nothing\"}",
		"{\"job\":\"contend\",\"threads\":\"powers\"}",
		"{\"job\":\"contend\",\"threads\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct cell *cells;
		size_t nr;

		if (!expand(lines[i], 0, &cells, &nr))
			fail_msg("taken: %s", lines[i]);
		free(cells);
	}
}

/* Up to as many CPUs as there are, one of which is the other one's. */
static void powers_go_up_to_the_cpus(void **state)
{
	static const unsigned int want[] = { 1, 2, 4, 6 }, beside[] = { 1, 2, 4, 5 };
	struct cell *cells;
	size_t nr;

	(void)state;
	assert_null(expand("{\"job\":\"contend\",\"threads\":\"powers\"}", 6,
			   &cells, &nr));
	assert_int_equal(nr, 4);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(cells[i].threads, want[i]);
	assert_int_equal(cell_cpus(&cells[3]), 6);
	free(cells);
	assert_null(expand("{\"job\":\"contend\",\"threads\":\"powers\",\"beside\":\"wake\"}",
			   6, &cells, &nr));
	assert_int_equal(nr, 4);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(cells[i].threads, beside[i]);
	assert_int_equal(cell_cpus(&cells[3]), 6);
	free(cells);
	/* On a large machine as many as there can be, of fewer THPs each. */
	assert_null(expand("{\"job\":\"contend\",\"threads\":\"powers\",\"thps\":64}",
			   200, &cells, &nr));
	assert_int_equal(nr, 7);
	assert_int_equal(cells[3].threads, 8);
	assert_int_equal(cells[3].thps, 64);
	assert_int_equal(cells[6].threads, 64);
	assert_int_equal(cells[6].thps, 8);
	free(cells);
	assert_null(expand("{\"job\":\"contend\",\"threads\":\"powers\",\"reps\":4}",
			   64, &cells, &nr));
	assert_int_equal(cells[4].thps, 16);
	assert_int_equal(cells[5].thps, 8);
	free(cells);
}

/* What a cell says of itself is what it is made of. */
static void cells_are_written_and_read(void **state)
{
	static const char line[] =
		"{\"job\":\"contend\",\"threads\":[1,3],\"memcg\":[\"own\",\"root\"]}";
	struct cell *cells, again;
	size_t nr;

	(void)state;
	assert_null(expand(line, 0, &cells, &nr));
	assert_int_equal(nr, 4);
	for (size_t i = 0; i < nr; i++) {
		json_t *doc = cell_to_json(&cells[i]);

		assert_null(cell_from_json(doc, &again));
		assert_memory_equal(&again, &cells[i], sizeof(again));
		json_decref(doc);
	}
	free(cells);
}

/*
 * One process: 2 calls in 1000 ticks, old and new. Two: 4 calls, old in 1600
 * and new in 1000; the second begins after 100 and is done at the end, the first
 * is done 200 before that. Beside one: operations of 10 ticks, 10 in 1000 ticks
 * beside nothing, 4 beside old, 8 beside new.
 */
static void add_block(struct record_writer *w, unsigned int number,
		      const char *cell, unsigned int threads, bool beside)
{
	static const unsigned int busy[][4] = {
		{ 1000, 1000, 1000, 1000 }, { 1000, 1600, 1000, 1000 },
	};
	static const unsigned int ops[] = { 10, 4, 8, 8 };
	static struct record_block block;
	unsigned int at = 0;

	memset(&block, 0, sizeof(block));
	block.block = number;
	strcpy(block.cell, cell);
	block.round = 2 * threads;
	block.threads = threads;
	block.nr = TEST_ARMS * block.round;
	block.has_beside = beside;
	block.has_events = true;
	for (unsigned int arm = 0; arm < TEST_ARMS; arm++) {
		block.busy[arm] = busy[threads - 1][arm];
		block.window[arm] = 1000;
		block.nr_beside[arm] = beside ? ops[arm] : 0;
		block.events[EVENT_CYCLES][arm] = 600 * threads;
		/* Of one arm now and then, of the others never */
		block.events[EVENT_LOCK_WAITS][arm] = arm == ARM_OLD && number == 3 ?
			6 * threads : RECORD_NOT_COUNTED;
		for (unsigned int i = 0; beside && i < ops[arm]; i++)
			block.beside[at++] = 10 + i;
		for (unsigned int i = 0; i < block.round; i++) {
			block.arm[arm * block.round + i] = arm;
			block.sample[arm * block.round + i].ticks =
				arm == ARM_EMPTY ? 10 : 410;
		}
		for (unsigned int i = 0; i < threads; i++) {
			uint64_t *span = block.span[arm * threads + i];

			span[0] = 100 * i;
			span[1] = block.busy[arm] - (threads - 1 - i) * 200;
		}
	}
	assert_int_equal(record_append(w, &block), 0);
}

static void make_run(unsigned int boots)
{
	struct record_header header = {
		.seed = 1, .unit = "emulated", .nr_arms = TEST_ARMS,
		.arms = { "empty", "old", "new", "again" },
	};
	struct record_skip skip = { "contend-4-shared", "there are 2 CPUs" };

	write_plan(json_pack("{s:i,s:i,s:[{s:s,s:[i,i,i],s:i,s:i,s:i},{s:s,s:s,s:i,s:i,s:i}]}",
			     "boots", boots, "cpus", 2, "cells",
			     "job", "contend", "threads", 1, 2, 4, "thps", 2,
			     "blocks", 1, "warmup", 0,
			     "job", "contend", "beside", "fault", "thps", 2,
			     "blocks", 1, "warmup", 0));
	write_machine("emulated");
	for (unsigned int boot = 1; boot <= boots; boot++) {
		char *path = join(dir, "boot-%u.jsonl", boot);
		struct record_writer *w;

		unlink(path);
		header.boot = boot;
		w = record_create(path, &header);
		assert_non_null(w);
		add_block(w, 1, "contend-1-shared", 1, false);
		add_block(w, 2, "contend-2-shared", 2, false);
		assert_int_equal(record_append_skip(w, &skip), 0);
		add_block(w, 3, "contend-1-shared-beside-fault", 1, true);
		assert_int_equal(record_finish(w), 0);
		free(path);
	}
}

static void scaling_is_calls_in_a_time_over_one_process(void **state)
{
	const struct cell_result *two;
	struct analysis a;

	(void)state;
	make_run(6);
	a = analyse(dir);
	assert_int_equal(a.nr_cells, 3);
	two = &a.cell[1];
	assert_close(two->scaling[ARM_OLD].estimate, 4 / 1600.0 / (2 / 1000.0), 1e-12);
	assert_close(two->scaling[ARM_NEW].estimate, 2, 1e-12);
	assert_true(two->scaling[ARM_NEW].inference);
	assert_int_equal(two->scaling[ARM_NEW].boots, 6);
	assert_int_equal(a.cell[0].scaling[ARM_NEW].boots, 0);
	/* 4 calls in 1000 ticks of which there are 1e9 a second */
	assert_close(analysis_rate(&a, two, ARM_NEW), 4e6, 1e-3);
	assert_close(two->ratio[ARM_OLD].estimate, 1, 0);
	analysis_free(&a);
}

static void overlap_and_skew_are_those_of_the_spans(void **state)
{
	static const uint64_t apart[][2] = { { 0, 10 }, { 20, 30 } };
	static const uint64_t three[][2] = { { 0, 90 }, { 10, 100 }, { 5, 60 } };
	struct analysis a;

	(void)state;
	assert_close(span_overlap(apart, 2), 0, 0);
	assert_close(span_overlap(three, 3), 0.5, 1e-12);
	assert_close(span_overlap(apart, 1), 1, 0);
	make_run(6);
	a = analyse(dir);
	/* Old: from 100 to 1400 of 1600; new and again: to 800 of 1000. */
	assert_close(rounds_overlap(a.cell[1].rounds), 0.7, 1e-3);
	assert_close(stats_hist_quantile(a.cell[1].rounds->skew, 0.5), 100, 0);
	assert_close(stats_hist_quantile(a.cell[1].rounds->overlap, 1) / 1e6,
		     0.8125, 1e-3);
	assert_int_equal(stats_hist_n(a.cell[1].rounds->overlap), 6 * 3);
	analysis_free(&a);
}

static void what_goes_on_beside_is_over_what_goes_on_alone(void **state)
{
	const struct cell_result *r;
	struct analysis a;

	(void)state;
	make_run(6);
	a = analyse(dir);
	r = &a.cell[2];
	assert_close(r->beside[ARM_OLD].estimate, 0.4, 1e-12);
	assert_close(r->beside[ARM_NEW].estimate, 0.8, 1e-12);
	assert_close(r->beside_ratio[ARM_OLD].estimate, 2, 1e-12);
	assert_int_equal(stats_hist_n(r->rounds->beside[ARM_OLD]), 6 * 4);
	assert_close(stats_hist_quantile(r->rounds->beside[ARM_OLD], 0.5), 11.5, 0);
	assert_close(rounds_events(r->rounds, ARM_OLD, EVENT_CYCLES), 300, 1e-9);
	assert_close(rounds_events(r->rounds, ARM_OLD, EVENT_LOCK_WAITS), 3, 1e-9);
	assert_true(isnan(rounds_events(r->rounds, ARM_NEW, EVENT_LOCK_WAITS)));
	assert_int_equal(a.cell[0].beside[ARM_OLD].boots, 0);
	analysis_free(&a);
}

/* A hole with its reason is no incomplete run. */
static void skipped_cells_have_their_reason(void **state)
{
	struct analysis a;

	(void)state;
	make_run(6);
	a = analyse(dir);
	assert_null(a.incomplete);
	assert_null(a.skipped[0]);
	assert_string_equal(a.plan.cells[2].name, "contend-4-shared");
	assert_string_equal(a.skipped[2], "there are 2 CPUs");
	analysis_free(&a);
}

/* F. J. Anscombe, Graphs in Statistical Analysis, 1973: his first data set */
static void the_line_is_the_published_one(void **state)
{
	static const double x[] = { 10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 };
	static const double y[] = { 8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24,
				    4.26, 10.84, 4.82, 5.68 };
	static const double exact[] = { 110, 120, 140, 180 };
	static const double powers[] = { 1, 2, 4, 8 };
	struct fit fit = fit_line(x, y, ARRAY_SIZE(x));

	(void)state;
	assert_close(fit.fixed, 3.0001, 1e-4);
	assert_close(fit.each, 0.5001, 1e-4);
	assert_close(fit.r2, 0.6665, 1e-4);
	fit = fit_line(powers, exact, 4);
	assert_close(fit.fixed, 100, 1e-9);
	assert_close(fit.each, 10, 1e-9);
	assert_close(fit.r2, 1, 1e-12);
	assert_int_equal(fit_line(x, y, 2).n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cell_has_a_name_of_its_own),
		cmocka_unit_test(cells_that_cannot_be_are_refused),
		cmocka_unit_test(powers_go_up_to_the_cpus),
		cmocka_unit_test(cells_are_written_and_read),
		cmocka_unit_test(scaling_is_calls_in_a_time_over_one_process),
		cmocka_unit_test(overlap_and_skew_are_those_of_the_spans),
		cmocka_unit_test(what_goes_on_beside_is_over_what_goes_on_alone),
		cmocka_unit_test(skipped_cells_have_their_reason),
		cmocka_unit_test(the_line_is_the_published_one),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("contend", tests, make_dir, remove_dir);
}
