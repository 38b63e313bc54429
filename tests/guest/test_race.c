// SPDX-License-Identifier: GPL-2.0
/*
 * On two CPUs: requests to the module while another thread zaps and touches
 * the same memory. No page may be lost, whoever wins.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "memory.h"
#include "module.h"
#include "region.h"

#define NR		4
#define SECONDS		8

static struct module module;
static size_t thp_size;
static struct region region;
static atomic_bool stop;

static void *zap(void *touch)
{
	for (unsigned int i = 0; !stop; i++) {
		unsigned char *thp = region.addr + i % NR * thp_size;

		madvise(thp, thp_size, MADV_DONTNEED);
		if (touch)
			*thp = i;
	}
	return NULL;
}

static void race(bool touch)
{
	uint8_t arms[NR];
	struct fsb_sample samples[NR];
	struct fsb_run run = {
		.version = FSB_VERSION, .nr = 1,
		.arms = (uintptr_t)arms, .samples = (uintptr_t)samples,
	};
	time_t end = time(NULL) + SECONDS;
	unsigned long done = 0, refused = 0;
	long before, after;
	pthread_t thread;

	memset(arms, module_arm(&module, "new", STATE_UNMAPPED), sizeof(arms));
	before = memory_free_pages();
	assert_int_equal(region_map(&region, NR, thp_size, 0, true), 0);
	region_fill(&region, 1);
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, zap,
					touch ? &region : NULL), 0);
	for (unsigned int i = 0; time(NULL) < end; i++) {
		unsigned char *thp = region.addr + i % NR * thp_size;

		/* Fresh and whole, or as far as the other lets it be. */
		madvise(thp, thp_size, MADV_DONTNEED);
		*thp = 1;
		run.addr = (uintptr_t)thp;
		run.flags = i / NR % 2 ? FSB_RUN_MAPPED : 0;
		if (!module_run(&module, &run)) {
			done++;
			/* A mapped page of zeros becomes the zero page. */
			if (!run.flags || samples[0].fault != FSB_FAULT_MAPPED)
				assert_int_equal(samples[0].fault, 0);
			continue;
		}
		refused++;
		if (errno != ENODATA && errno != EBUSY && errno != EACCES)
			fail_msg("refused with %s", strerror(errno));
	}
	stop = true;
	pthread_join(thread, NULL);
	region_unmap(&region);
	after = memory_free_pages();
	printf("# %lu split, %lu refused\n", done, refused);
	assert_true(done > 0);
	/* A lost folio is 512 pages. */
	if (before - after >= 512)
		fail_msg("%ld pages are gone", before - after);
}

static void zapping_beside_loses_nothing(void **state)
{
	(void)state;
	race(false);
}

static void zapping_and_touching_beside_loses_nothing(void **state)
{
	(void)state;
	race(true);
}

static int open_module(void **state)
{
	(void)state;
	module = module_open();
	thp_size = 1UL << (module.info.pmd_order + module.info.page_shift);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(zapping_beside_loses_nothing),
		cmocka_unit_test(zapping_and_touching_beside_loses_nothing),
	};

	return cmocka_run_group_tests_name("race", tests, open_module, NULL);
}
