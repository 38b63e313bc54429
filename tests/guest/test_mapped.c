// SPDX-License-Identifier: GPL-2.0
/* The mapped half of the old split, through folio_split_mapped. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "memory.h"
#include "sys/thp_region.h"
#include "util/util.h"

#define SPLIT	"/sys/kernel/debug/folio_split_mapped"
#define SHMEM	"/sys/kernel/mm/transparent_hugepage/shmem_enabled"

static const size_t thp_size = 2 << 20;

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	assert_true(fd >= 0);
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

static int split_at(const void *addr)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", (uintptr_t)addr);
	return put(SPLIT, text);
}

static void anonymous_thp_is_split_and_remapped(void **state)
{
	long split = memory_vmstat("thp_split_page");
	struct region region;

	(void)state;
	assert_int_equal(region_map(&region, 2, thp_size, 0, true), 0);
	region_fill(&region, 3);
	assert_int_equal(region_thps(&region), 2);
	assert_int_equal(split_at(region.addr + 5 * 4096), 0);
	assert_int_equal(region_thps(&region), 1);
	assert_int_equal(region_wrong_pages(&region), 0);
	assert_int_equal(memory_vmstat("thp_split_page"), split + 1);
	region_unmap(&region);
}

static void extra_reference_is_refused_and_counted(void **state)
{
	long failed = memory_vmstat("thp_split_page_failed");
	struct region region;
	struct iovec page;
	int fds[2];

	(void)state;
	assert_int_equal(region_map(&region, 1, thp_size, 0, true), 0);
	region_fill(&region, 3);
	page = (struct iovec){ region.addr, 4096 };
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(vmsplice(fds[1], &page, 1, 0), 4096);
	assert_int_equal(split_at(region.addr), EAGAIN);
	assert_int_equal(region_thps(&region), 1);
	assert_int_equal(memory_vmstat("thp_split_page_failed"), failed + 1);
	close(fds[0]);
	close(fds[1]);
	region_unmap(&region);
}

/* A file's folio: the page cache has the pieces afterwards. */
static void shmem_thp_is_split_and_remapped(void **state)
{
	long split = memory_vmstat("thp_split_page");
	int fd = memfd_create("thp", MFD_CLOEXEC);
	struct region region = { .nr = 1, .thp_size = thp_size, .seed = 9 };
	unsigned char *map;

	(void)state;
	assert_int_equal(put(SHMEM, "always"), 0);
	assert_int_equal(ftruncate(fd, thp_size), 0);
	map = mmap(NULL, 2 * thp_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	region.addr = (void *)(((uintptr_t)map + thp_size - 1) & ~(thp_size - 1));
	assert_ptr_equal(mmap(region.addr, thp_size, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, 0), region.addr);
	for (size_t i = 0; i < thp_size; i += 4096)
		region.addr[i] = i >> 12 | 1;
	assert_int_equal(region_thps(&region), 1);
	assert_int_equal(split_at(region.addr), 0);
	assert_int_equal(memory_vmstat("thp_split_page"), split + 1);
	for (size_t i = 0; i < thp_size; i += 4096)
		assert_int_equal(region.addr[i], (unsigned char)(i >> 12 | 1));
	munmap(map, 2 * thp_size);
	close(fd);
	assert_int_equal(put(SHMEM, "never"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(anonymous_thp_is_split_and_remapped),
		cmocka_unit_test(extra_reference_is_refused_and_counted),
		cmocka_unit_test(shmem_thp_is_split_and_remapped),
	};

	run_only(NULL);
	return cmocka_run_group_tests_name("mapped", tests, NULL, NULL);
}
