// SPDX-License-Identifier: GPL-2.0
/*
 * The series' run-time switch: which function a device-private migration
 * that falls back really calls, as the function tracer sees it. Wants the
 * kernel's test_hmm and tracefs.
 */
#include <errno.h>
#include <fcntl.h>
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
#include "sys/test_hmm_uapi.h"
#include "sys/thp_region.h"
#include "util/util.h"

#define SWITCH	"/sys/kernel/debug/migrate_split_variant"
#define TRACING	"/sys/kernel/tracing/"
#define OLD	"__split_huge_page_to_list_to_order_old"
#define NEW	"folio_split_unmapped"
#define AGAIN	"folio_split_unmapped_again"

static int put_with(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return ret;
}

static int put(const char *path, const char *text)
{
	return put_with(path, O_TRUNC, text);
}

/* How often the trace has a line that begins a call of @function. */
static int calls_of(const char *function)
{
	FILE *file = fopen(TRACING "trace", "re");
	char line[512], want[64];
	int calls = 0;

	assert_non_null(file);
	snprintf(want, sizeof(want), ": %s ", function);
	while (fgets(line, sizeof(line), file))
		calls += line[0] != '#' && strstr(line, want);
	fclose(file);
	return calls;
}

/* Migrate a THP to the device, which is told to fail to allocate one. */
static void fall_back(void)
{
	size_t thp_size = 2 << 20;
	struct hmm_cmd cmd = { .npages = HMM_FLAG_FAIL_ALLOC };
	struct region region;
	char *mirror = malloc(thp_size);
	int fd = open("/dev/hmm_dmirror0", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(region_map(&region, 1, thp_size, 0, true), 0);
	region_fill(&region, 7);
	assert_int_equal(region_thps(&region), 1);
	assert_int_equal(ioctl(fd, HMM_FLAGS, &cmd), 0);
	cmd = (struct hmm_cmd){
		.addr = (uintptr_t)region.addr, .ptr = (uintptr_t)mirror,
		.npages = thp_size / sysconf(_SC_PAGESIZE),
	};
	assert_int_equal(ioctl(fd, HMM_TO_DEV, &cmd), 0);
	assert_int_equal(cmd.cpages, cmd.npages);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
	close(fd);
	free(mirror);
}

static void assert_path(const char *value, int old, int new, int again)
{
	assert_int_equal(put(SWITCH, value), 0);
	assert_int_equal(put(TRACING "trace", ""), 0);
	fall_back();
	assert_int_equal(calls_of(OLD), old);
	assert_int_equal(calls_of(NEW), new);
	assert_int_equal(calls_of(AGAIN), again);
}

static void default_is_new(void **state)
{
	char *value = read_text(SWITCH);

	(void)state;
	assert_string_equal(value, "0");
	free(value);
}

static void switch_selects_the_path(void **state)
{
	(void)state;
	assert_path("0", 0, 1, 0);
	assert_path("1", 1, 0, 0);
	assert_path("2", 0, 0, 1);
	assert_path("0", 0, 1, 0);
}

static void switch_takes_0_to_2_only(void **state)
{
	char *value;

	(void)state;
	assert_int_equal(put(SWITCH, "3"), -1);
	assert_int_equal(errno, EINVAL);
	value = read_text(SWITCH);
	assert_string_equal(value, "0");
	free(value);
}

static int trace(void **state)
{
	(void)state;
	/* A name a write is what the file takes. */
	return put(TRACING "set_ftrace_filter", NEW "\n") ||
	       put_with(TRACING "set_ftrace_filter", O_APPEND, AGAIN "\n") ||
	       put_with(TRACING "set_ftrace_filter", O_APPEND, OLD "\n") ||
	       put(TRACING "current_tracer", "function");
}

static int untrace(void **state)
{
	(void)state;
	return put(TRACING "current_tracer", "nop");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_new),
		cmocka_unit_test(switch_selects_the_path),
		cmocka_unit_test(switch_takes_0_to_2_only),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("switch", tests, trace, untrace);
}
