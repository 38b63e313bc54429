// SPDX-License-Identifier: GPL-2.0
/*
 * Folios of all kinds, split by the module on a booted kernel with swap and
 * with the kernel's test device: of lower orders, on the device, in the
 * swapcache, with struct pages cold and warm. Wants FSB_TESTS=y.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "memory.h"
#include "sys/fsb_module.h"
#include "sys/test_hmm.h"
#include "sys/thp_region.h"
#include "util/util.h"

#define NR	3

static struct module module;
static struct region region;
static uint8_t arms[NR];
static struct fsb_sample samples[NR];
static const char *const names[] = { "new", "again", "old" };

static struct fsb_run run_of(const char *arm, unsigned int order)
{
	struct fsb_run run = {
		.version = FSB_VERSION, .nr = NR, .order = order,
		.arms = (uintptr_t)arms, .samples = (uintptr_t)samples,
	};

	memset(samples, 0, sizeof(samples));
	memset(arms, module_arm(&module, arm, STATE_UNMAPPED), sizeof(arms));
	assert_int_not_equal(arms[0], 255);
	assert_int_equal(region_map(&region, NR, module_thp_size(&module), 0, true), 0);
	region_fill(&region, order);
	assert_int_equal(region_thps(&region), NR);
	run.addr = (uintptr_t)region.addr;
	return run;
}

static void assert_runs(struct fsb_run *run)
{
	if (module_run(&module, run))
		fail_msg("refused: %s", module_refusal(errno));
}

static void assert_split(struct fsb_run *run)
{
	assert_runs(run);
	for (int i = 0; i < NR; i++) {
		assert_int_equal(samples[i].ret, 0);
		assert_int_equal(samples[i].fault, 0);
	}
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

static void folios_of_each_order_are_split_to_each(void **state)
{
	(void)state;
	for (size_t name = 0; name < ARRAY_SIZE(names); name++) {
		for (unsigned int order = 2; order <= 9; order++) {
			for (unsigned int to = 0; to < order; to++) {
				struct fsb_run run;

				if (to == 1)
					continue;
				run = run_of(names[name], order);
				run.new_order = to;
				assert_split(&run);
			}
		}
	}
}

/* The cost has to follow the order: no other folio than that one was split. */
static void smaller_folios_cost_less(void **state)
{
	uint64_t ticks = 0;

	(void)state;
	for (unsigned int order = 2; order <= 9; order++) {
		struct fsb_run run = run_of("new", order);

		assert_split(&run);
		if (order > 2)
			assert_true(samples[1].ticks > ticks * 5 / 4);
		ticks = samples[1].ticks;
	}
}

static void a_broken_piece_of_a_small_folio_is_found(void **state)
{
	(void)state;
	for (unsigned int order = 2; order <= 9; order++) {
		struct fsb_run run = run_of("new", order);

		arms[1] = module_arm(&module, "mutant-lock", STATE_UNMAPPED);
		assert_runs(&run);
		assert_int_equal(samples[0].fault, 0);
		assert_int_equal(samples[1].fault, FSB_FAULT_LOCK);
		assert_int_equal(samples[2].fault, 0);
		region_unmap(&region);
	}
}

static void struct_pages_are_cold_or_warm(void **state)
{
	(void)state;
	for (unsigned int order = 2; order <= 9; order += 7) {
		struct fsb_run run = run_of("new", order);

		run.flags = FSB_RUN_COLD;
		assert_split(&run);
		run = run_of("old", order);
		run.flags = FSB_RUN_WARM;
		assert_split(&run);
	}
}

static void folios_in_the_swapcache_are_split(void **state)
{
	static const unsigned int orders[] = { 2, 4, 9 };

	(void)state;
	for (size_t name = 0; name < ARRAY_SIZE(names); name++) {
		for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
			struct fsb_run run = run_of(names[name], orders[i]);

			run.flags = FSB_RUN_SWAPCACHE;
			assert_split(&run);
		}
	}
	assert_int_equal(memory_lost_pages(false), 0);
}

static void a_piece_that_left_the_swapcache_is_found(void **state)
{
	struct fsb_run run = run_of("new", 9);

	(void)state;
	run.flags = FSB_RUN_SWAPCACHE;
	arms[1] = module_arm(&module, "mutant-cache", STATE_UNMAPPED);
	assert_runs(&run);
	assert_int_equal(samples[0].fault, 0);
	/* Its reference is then one that nobody has. */
	assert_int_equal(samples[1].fault, FSB_FAULT_SWAPCACHE | FSB_FAULT_REFS);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

static void put_on_device(int fd, void *copy)
{
	size_t pages = region.thp_size / sysconf(_SC_PAGESIZE);

	for (int i = 0; i < NR; i++) {
		void *thp = region.addr + i * region.thp_size;
		uint8_t seen[512];

		assert_int_equal(hmm_to_dev(fd, thp, pages, copy), (long)pages);
		assert_int_equal(hmm_snapshot(fd, thp, pages, seen), 0);
		assert_true(HMM_SEEN_ON_DEVICE(seen[0]) && HMM_SEEN_HUGE(seen[0]));
	}
}

static void refused_on_device(int fd, void *copy, unsigned int order,
			      unsigned int new_order, unsigned int flags)
{
	struct fsb_run run = run_of("new", order);

	run.new_order = new_order;
	run.flags = flags;
	put_on_device(fd, copy);
	assert_int_equal(module_run(&module, &run), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	run.flags = FSB_RUN_MAPPED;
	run.order = 9;
	assert_int_equal(module_run(&module, &run), -1);
	assert_int_equal(errno, ENODATA);
	assert_int_equal(region_wrong_pages(&region), 0);
	region_unmap(&region);
}

/* What was marked as free would never leave the swapcache. */
static void lazily_freed_folios_are_kept_from_the_swapcache(void **state)
{
	struct fsb_run run = run_of("new", 9);

	(void)state;
	run.flags = FSB_RUN_SWAPCACHE;
	assert_int_equal(madvise(region.addr, NR * region.thp_size, MADV_FREE), 0);
	assert_int_equal(module_run(&module, &run), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	region_unmap(&region);
	assert_int_equal(memory_lost_pages(false), 0);
}

/* With the data where it was, once the CPU has fetched it */
static void folios_on_the_device_are_split(void **state)
{
	size_t size = module_thp_size(&module);
	void *copy = test_malloc(size);
	int fd = hmm_open(0);

	(void)state;
	memset(copy, 0, size);
	for (size_t name = 0; name < ARRAY_SIZE(names); name++) {
		struct fsb_run run = run_of(names[name], 9);

		put_on_device(fd, copy);
		assert_split(&run);
	}
	/* Of what the test device would not survive, nothing is done. */
	refused_on_device(fd, copy, 4, 0, 0);
	refused_on_device(fd, copy, 9, 4, 0);
	refused_on_device(fd, copy, 9, 0, FSB_RUN_SWAPCACHE);
	assert_int_equal(hmm_release(fd), 0);
	close(fd);
	test_free(copy);
	assert_int_equal(memory_lost_pages(false), 0);
}

static int open_module(void **state)
{
	(void)state;
	module = module_open();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(folios_of_each_order_are_split_to_each),
		cmocka_unit_test(smaller_folios_cost_less),
		cmocka_unit_test(a_broken_piece_of_a_small_folio_is_found),
		cmocka_unit_test(struct_pages_are_cold_or_warm),
		cmocka_unit_test(folios_in_the_swapcache_are_split),
		cmocka_unit_test(a_piece_that_left_the_swapcache_is_found),
		cmocka_unit_test(lazily_freed_folios_are_kept_from_the_swapcache),
		cmocka_unit_test(folios_on_the_device_are_split),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("kinds", tests, open_module, NULL);
}
