// SPDX-License-Identifier: GPL-2.0
/* The record's writer and reader, whole, cut off, and tampered with. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "record/record.h"
#include "util/output.h"
#include "util/util.h"

static char dir[] = "/tmp/splitbench-record.XXXXXX";
static char *path;

static const struct record_header header = {
	.boot = 3, .build = 2, .boot_id = "11f1-22", .seed = 7, .unit = "instructions",
	.design = "balanced", .nr_arms = 2,
	.arms = { "empty", "new" },
};

static struct record_block make_block(unsigned int number)
{
	struct record_block block = {
		.block = number, .warmup = number == 1, .cell = "anon-9-0",
		.nr = 4, .arm = { 1, 0, 0, 1 }, .retries = 2,
	};

	for (unsigned int i = 0; i < block.nr; i++)
		block.sample[i] = (struct fsb_sample){
			.ticks = 1000 * number + i,
			.cpu = number == 1 ? 7 : i,
		};
	block.sample[1].ret = -EAGAIN;
	block.sample[2].fault = FSB_FAULT_LOCK;
	block.sample[3].disturbed = FSB_DISTURBED_IRQ;
	block.phases[PHASE_FINALIZE] = 99;
	return block;
}

static void write_file(unsigned int blocks, bool finish)
{
	struct record_writer *w;

	unlink(path);
	w = record_create(path, &header);
	assert_non_null(w);
	for (unsigned int i = 1; i <= blocks; i++) {
		struct record_block block = make_block(i);

		assert_int_equal(record_append(w, &block), 0);
	}
	if (finish)
		assert_int_equal(record_finish(w), 0);
}

static char *slurp(size_t *size)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 65536);

	*size = fread(text, 1, 65535, file);
	fclose(file);
	return text;
}

static void spill(const char *text, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

/* Read to the end; @blocks gets how many came before it. */
static enum record_status read_all(unsigned int *blocks, char **error)
{
	enum record_status status = RECORD_BAD;
	struct record_reader *r;
	struct record_block block;
	struct record_trace trace;
	struct record_skip skip;
	struct record_header h;

	*blocks = 0;
	*error = NULL;
	r = record_open(path, &h, error);
	if (!r)
		return RECORD_BAD;
	while ((status = record_next(r, &block, &trace, &skip, error)) == RECORD_OK ||
	       status == RECORD_TRACE)
		(*blocks)++;
	record_close(r);
	return status;
}

static void what_is_written_is_read(void **state)
{
	struct record_block block = { 0 }, want;
	struct record_trace trace;
	struct record_skip skip;
	struct record_header h;
	struct record_reader *r;
	char *error = NULL;

	(void)state;
	write_file(2, true);
	r = record_open(path, &h, &error);
	assert_non_null(r);
	/* Of now: the one thing that is not as it was given */
	assert_int_equal(strlen(h.started), 20);
	memset(h.started, 0, sizeof(h.started));
	assert_memory_equal(&h, &header, sizeof(h));
	for (unsigned int i = 1; i <= 2; i++) {
		want = make_block(i);
		assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_OK);
		assert_memory_equal(&block, &want, sizeof(block));
	}
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_END);
	record_close(r);
}

/* What a migration adds: rounds of one arm, rounds that did not count, a trace */
static struct record_block make_rounds(void)
{
	struct record_block block = {
		.block = 1, .cell = "to-dev-flag-2", .nr = 4, .round = 2,
		.arm = { 1, 1, 0, 0 }, .busy = { 30, 40 }, .nr_rejected = 1,
		.rejected = { "new: thp_split_pmd +1, not +2" },
	};

	for (unsigned int i = 0; i < block.nr; i++)
		block.sample[i].ticks = 10 + i;
	return block;
}

static void write_rounds(const struct record_block *block,
			 const struct record_trace *trace)
{
	struct record_writer *w;

	unlink(path);
	w = record_create(path, &header);
	assert_non_null(w);
	assert_int_equal(record_append(w, block), 0);
	assert_int_equal(record_append_trace(w, trace), 0);
	assert_int_equal(record_finish(w), 0);
}

static void rounds_and_traces_are_read(void **state)
{
	struct record_skip skip;
	struct record_trace trace, seen = { .cell = "to-dev-flag-2", .arm = 1,
					    .nr = 2, .whole = { 100, 200 } };
	struct record_block block = { 0 }, want = make_rounds();
	struct record_header h;
	struct record_reader *r;
	char *error = NULL;

	(void)state;
	for (int part = 0; part < NR_PARTS; part++)
		seen.part[1][part] = part;
	write_rounds(&want, &seen);
	r = record_open(path, &h, &error);
	assert_non_null(r);
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_OK);
	assert_memory_equal(&block, &want, sizeof(block));
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_TRACE);
	assert_memory_equal(&trace, &seen, sizeof(trace));
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_END);
	record_close(r);
}

/* Of two processes, with something beside them; then a cell that was skipped */
static void processes_and_skips_are_read(void **state)
{
	struct record_skip skip, skipped = { "contend-4-own", "there are 2 CPUs" };
	struct record_block block = { 0 }, want = make_rounds();
	struct record_trace trace;
	struct record_header h;
	struct record_reader *r;
	struct record_writer *w;
	char *error = NULL;

	(void)state;
	want.threads = 2;
	want.has_beside = true;
	want.has_events = true;
	for (unsigned int i = 0; i < 4; i++) {
		want.span[i][0] = i;
		want.span[i][1] = 20 + i;
	}
	want.nr_beside[1] = 2;
	want.beside[0] = 7;
	want.beside[1] = 8;
	want.window[0] = 30;
	want.window[1] = 40;
	want.events[EVENT_CYCLES][1] = 99;
	want.events[EVENT_LOCKS_TAKEN][0] = RECORD_NOT_COUNTED;
	unlink(path);
	w = record_create(path, &header);
	assert_non_null(w);
	assert_int_equal(record_append(w, &want), 0);
	assert_int_equal(record_append_skip(w, &skipped), 0);
	assert_int_equal(record_finish(w), 0);
	r = record_open(path, &h, &error);
	assert_non_null(r);
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_OK);
	assert_memory_equal(&block, &want, sizeof(block));
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_SKIP);
	assert_string_equal(skip.cell, skipped.cell);
	assert_string_equal(skip.why, skipped.why);
	assert_int_equal(record_next(r, &block, &trace, &skip, &error), RECORD_END);
	record_close(r);
}

static void bad_rounds_are_refused(void **state)
{
	struct record_trace trace = { .cell = "x", .nr = 1, .whole = { 1 } };
	static struct record_block mixed, uneven, idle, short_span, odd_threads,
				   no_window, negative, torn_lead, long_lead;
	struct record_block *bad[] = { &mixed, &uneven, &idle, &short_span,
				       &odd_threads, &no_window, &negative,
				       &torn_lead, &long_lead };
	struct record_block one = { .block = 1, .nr = 1, .cell = "x",
				    .sample[0].ticks = 1 };
	unsigned int blocks;
	char *error;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		*bad[i] = make_rounds();
	mixed.arm[1] = 0;	/* a round of two arms */
	uneven.round = 3;	/* of four calls */
	idle.busy[1] = 0;	/* a round that took nothing */
	short_span.threads = 2;	/* who was in no call at all */
	odd_threads.threads = 3;	/* of two calls */
	no_window.has_beside = true;	/* watched for no time */
	torn_lead.lead = 1;	/* not a whole round */
	long_lead.lead = 6;	/* more than there is */
	negative.has_events = true;	/* less often than never */
	negative.events[EVENT_CYCLES][0] = INT64_MAX + 2ULL;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		write_rounds(bad[i], &trace);
		assert_int_equal(read_all(&blocks, &error), RECORD_BAD);
		assert_non_null(strstr(error, ":2: not block 1"));
		free(error);
	}
	trace.nr = 0;
	write_rounds(&one, &trace);
	assert_int_equal(read_all(&blocks, &error), RECORD_BAD);
	assert_non_null(strstr(error, ":3: not a trace"));
	free(error);
}

static void a_file_is_not_overwritten(void **state)
{
	(void)state;
	write_file(1, true);
	assert_null(record_create(path, &header));
	assert_int_equal(errno, EEXIST);
}

/* Cut anywhere: never bad data, never more blocks than are whole. */
static void truncated_anywhere(void **state)
{
	size_t size, last = 0;
	unsigned int blocks, whole = 0;
	char *error, *text;

	(void)state;
	write_file(3, true);
	text = slurp(&size);
	for (size_t cut = 0; cut < size; cut++) {
		enum record_status status;

		spill(text, cut);
		status = read_all(&blocks, &error);
		if (cut && text[cut - 1] == '\n')
			whole++;
		if (!whole) {
			assert_int_equal(status, RECORD_BAD);
		} else {
			assert_int_equal(status, RECORD_TRUNCATED);
			assert_int_equal(blocks, whole - 1);
			last = blocks;
		}
		assert_non_null(strstr(error, path));
		free(error);
	}
	assert_int_equal(last, 3);
	free(text);
}

/* Replace the first @from of line @line by @to and read. */
static void tampered(const char *from, const char *to, const char *complaint)
{
	char *text, *error, *at, changed[65536];
	unsigned int blocks;
	size_t size;

	write_file(3, true);
	text = slurp(&size);
	at = strstr(text, from);
	assert_non_null(at);
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text,
		 to, at + strlen(from));
	spill(changed, strlen(changed));
	assert_int_equal(read_all(&blocks, &error), RECORD_BAD);
	if (!error || !strstr(error, complaint))
		fail_msg("'%s' does not say '%s'", error, complaint);
	free(error);
	free(text);
}

static void corrupt_lines_are_named(void **state)
{
	(void)state;
	tampered("{\"block\":2", "{\"block\":", ":3: not JSON");
	tampered("\"ticks\":[2000", "\"ticks\":[-1", ":3: not block 2");
	tampered("\"ticks\":[2000", "\"ticks\":[0", ":3: not block 2");
	tampered("\"ticks\":[2000", "\"ticks\":[1e300", ":3: not block 2");
	tampered("\"ticks\":[2000", "\"ticks\":[NaN", ":3: not JSON");
	tampered("\"ticks\":[2000", "\"ticks\":[7,2000", ":3: not block 2");
	tampered("\"arm\":\"10", "\"arm\":\"20", ":2: not block 1");
	tampered("\"arm\":\"10", "\"arm\":\"1/", ":2: not block 1");
	tampered("\"arm\":\"10", "\"arm\":\"1", ":2: not block 1");
	tampered("\"cpu\":7", "\"cpu\":-7", ":2: not block 1");
	tampered("\"cpu\":[0,", "\"cpu\":[0,0,", ":3: not block 2");
	tampered("\"block\":2", "\"block\":3", ":3: not block 2");
	tampered("\"fault\":[[2,", "\"fault\":[[4,", ":2: not block 1");
	tampered("\"end\":3", "\"end\":4", "3 blocks read, but 4");
	tampered("\"ended\"", "\"x\":1}\n{\"ended\"", "trailing data");
}

static void unknown_versions_are_refused(void **state)
{
	(void)state;
	tampered("splitbench.samples/1", "splitbench.samples/2",
		 "this program reads 'splitbench.samples/1'");
	tampered("\"schema\"", "\"scheme\"", "schema is 'missing'");
	tampered("\"boot\":3", "\"boot\":0", ":1: not a header");
}

/* A full disk: the failure is reported, and what was whole stays readable. */
static void full_disk_is_reported(void **state)
{
	struct rlimit was, is;
	struct record_block block;
	struct record_writer *w;
	unsigned int blocks, n = 0;
	char *error;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	unlink(path);
	w = record_create(path, &header);
	assert_non_null(w);
	is = (struct rlimit){ .rlim_cur = 2000, .rlim_max = was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &is), 0);
	do {
		block = make_block(n + 1);
	} while (!record_append(w, &block) && ++n < 1000);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_in_range(n, 1, 999);
	assert_int_equal(read_all(&blocks, &error), RECORD_TRUNCATED);
	assert_int_equal(blocks, n);
	free(error);
}

static void json_is_replaced_whole_or_not(void **state)
{
	struct rlimit was, is;
	json_t *old = json_pack("{s:s}", "schema", "x/1"), *big = json_array();
	char *file = join(dir, "doc.json"), *tmp = join(dir, "doc.json.tmp");

	(void)state;
	assert_int_equal(write_json(file, old), 0);
	for (int i = 0; i < 5000; i++)
		json_array_append_new(big, json_integer(i));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	is = (struct rlimit){ .rlim_cur = 2000, .rlim_max = was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &is), 0);
	assert_int_equal(write_json(file, big), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_not_equal(access(tmp, F_OK), 0);
	json_decref(big);
	big = load_json(file, "x/1");
	assert_true(json_equal(big, old));
	json_decref(big);
	json_decref(old);
	unlink(file);
	free(file);
	free(tmp);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	path = join(dir, "boot-3.jsonl");
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(rounds_and_traces_are_read),
		cmocka_unit_test(processes_and_skips_are_read),
		cmocka_unit_test(bad_rounds_are_refused),
		cmocka_unit_test(a_file_is_not_overwritten),
		cmocka_unit_test(truncated_anywhere),
		cmocka_unit_test(corrupt_lines_are_named),
		cmocka_unit_test(unknown_versions_are_refused),
		cmocka_unit_test(full_disk_is_reported),
		cmocka_unit_test(json_is_replaced_whole_or_not),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("record", tests, make_dir,
					   remove_dir);
}
