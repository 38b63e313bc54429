// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in page tables after migrations with a fallback to small pages, and after ordinary
 * splits: content, pages, soft-dirty and uffd-wp bits, statistics; of child processes, too, and of
 * ranges that are unmapped in part or were moved. An entry that a migration leaves behind is met
 * by a process that waits for it for good, until its alarm ends it.
 */
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../wanted.h"
#include "memory.h"
#include "sys/test_hmm.h"
#include "sys/thp.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif
#define SPLIT		"/sys/kernel/debug/split_huge_pages"
/* Seconds until a process that meets a lost entry is ended */
#define PATIENCE	10

enum { SOFT_DIRTY = 55, UFFD_WP = 57, SWAPPED = 62, PRESENT = 63 };
/* As if nobody had written there: never a word of word_of() */
enum { NOTHING = 0xff };

/* What a process knows of its pages: who has written each; NOTHING: not there */
struct view {
	unsigned char **addr;
	unsigned char *writer;
	size_t nr;
};

static int device = -1;
static size_t page_bytes, thp_bytes, thp_pages;

static uint64_t word_of(unsigned int writer, size_t page)
{
	return (writer + 1) * 0x9e3779b97f4a7c15ULL ^ (page + 1);
}

static void put(struct view *v, size_t page, unsigned int writer)
{
	*(volatile uint64_t *)v->addr[page] = word_of(writer, page);
	v->writer[page] = writer;
}

/* Return: how many pages are not as they were left */
static size_t wrong_pages(const struct view *v)
{
	size_t wrong = 0;

	for (size_t i = 0; i < v->nr; i++)
		wrong += v->writer[i] != NOTHING &&
			 *(volatile uint64_t *)v->addr[i] != word_of(v->writer[i], i);
	return wrong;
}

static void view_alloc(struct view *v, size_t nr)
{
	v->nr = nr;
	v->addr = calloc(nr, sizeof(*v->addr));
	v->writer = calloc(nr, sizeof(*v->writer));
	assert_true(v->addr && v->writer);
}

static void view_free(struct view *v)
{
	free(v->addr);
	free(v->writer);
}

/* Aligned memory, huge if it can be, and written to */
static void view_map(struct view *v, size_t thps, bool huge)
{
	unsigned char *map = mmap(NULL, (thps + 1) * thp_bytes, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(map, MAP_FAILED);
	map = (void *)(((uintptr_t)map + thp_bytes - 1) & ~(thp_bytes - 1));
	assert_int_equal(madvise(map, thps * thp_bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE), 0);
	view_alloc(v, thps * thp_pages);
	for (size_t i = 0; i < v->nr; i++) {
		v->addr[i] = map + i * page_bytes;
		put(v, i, 0);
	}
}

/* The rest of the mapping goes with the program. */
static void view_unmap(struct view *v)
{
	for (size_t i = 0; i < v->nr; i++)
		munmap(v->addr[i], page_bytes);
	view_free(v);
}

static void view_check_and_unmap(struct view *v)
{
	assert_int_equal(wrong_pages(v), 0);
	view_unmap(v);
}

static uint64_t pagemap(const void *addr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)addr / page_bytes * 8) != 8)
		abort();
	close(fd);
	return entry;
}

static bool bit(const void *addr, int nr)
{
	return pagemap(addr) >> nr & 1;
}

static uint64_t pfn(const void *addr)
{
	return pagemap(addr) & ((1ULL << 55) - 1);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t wrote = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return wrote < 0 ? -1 : 0;
}

/* By an ordinary split, of what this process has mapped there */
static void split_range(const unsigned char *addr, size_t bytes, int order)
{
	char text[96];

	snprintf(text, sizeof(text), "%d,0x%lx,0x%lx,%d", getpid(), (unsigned long)addr,
		 (unsigned long)addr + bytes, order);
	assert_int_equal(write_text(SPLIT, text), 0);
}

/* @fall: in small pages, as the device has no large one. Return: how many are there then */
static long to_dev(int fd, void *addr, size_t pages, bool fall)
{
	/* Not anonymous memory: such pages are counted here. */
	unsigned char *copy = mmap(NULL, pages * page_bytes, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long done;

	if (copy == MAP_FAILED || hmm_flag(fd, fall))
		abort();
	done = hmm_to_dev(fd, addr, pages, copy);
	for (size_t i = 0; done == (long)pages && i < pages; i++) {
		if (!bit(addr + i * page_bytes, SWAPPED))
			done = -1;
	}
	munmap(copy, pages * page_bytes);
	return done;
}

static long to_sys(int fd, void *addr, size_t pages, bool fall)
{
	if (hmm_flag(fd, fall))
		abort();
	return hmm_to_sys(fd, addr, pages);
}

/* Is it mapped as a whole? Only then can there be a fallback. */
static bool is_huge(const unsigned char *addr, size_t pages)
{
	return !((uintptr_t)addr % thp_bytes) && !(pages % thp_pages) &&
	       memory_of_page("flags", pfn(addr)) >> KPF_THP & 1;
}

/* To the device and back. The first THP falls back to small pages on its way there, or @back. */
static void migrate_and_return(unsigned char *addr, size_t pages, bool back)
{
	bool huge = is_huge(addr, pages);

	assert_true(to_dev(device, addr, pages, huge && !back) > 0);
	assert_true(to_sys(device, addr, pages, huge && back) >= 0);
	for (size_t i = 0; i < pages; i++)
		assert_false(bit(addr + i * page_bytes, SWAPPED));
}

/* Of two THPs, the first falls back on its way to the device, the other on its way back. */
static void migrate_two(struct view *v)
{
	migrate_and_return(v->addr[0], thp_pages, false);
	migrate_and_return(v->addr[thp_pages], thp_pages, true);
}

/*
 * A child process: it changes what it shares with us, says when it has, waits until we have
 * migrated, and checks its pages.
 */
struct child {
	pid_t pid;
	int to[2], from[2];
};

static void child_start(struct child *child, struct view *v, bool (*change)(struct view *),
			bool (*check)(struct view *))
{
	char byte;

	assert_int_equal(pipe(child->to), 0);
	assert_int_equal(pipe(child->from), 0);
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (!child->pid) {
		bool well = change(v);

		alarm(PATIENCE);
		well = write(child->from[1], "", 1) == 1 && well;
		well = read(child->to[0], &byte, 1) == 1 && well;
		well = well && !wrong_pages(v) && (!check || check(v));
		_exit(!well);
	}
	assert_int_equal(read(child->from[0], &byte, 1), 1);
}

static void assert_child_ends_well(struct child *child)
{
	int status;

	assert_int_equal(write(child->to[1], "", 1), 1);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	for (int i = 0; i < 2; i++) {
		close(child->to[i]);
		close(child->from[i]);
	}
	assert_int_equal(status, 0);
}

/* == what a child does with what it shares */

static bool nothing(struct view *v)
{
	(void)v;
	return true;
}

static bool write_some(struct view *v)
{
	for (size_t i = 0; i < v->nr; i += 3)
		put(v, i, 1);
	return true;
}

static bool unmap_parts(struct view *v)
{
	for (size_t i = 0; i < v->nr; i++) {
		if ((i >= 40 && i < 97) || i % 61 == 7) {
			v->writer[i] = NOTHING;
			if (munmap(v->addr[i], page_bytes))
				return false;
		} else if (i >= 200 && i < 230) {
			v->writer[i] = NOTHING;
			if (madvise(v->addr[i], page_bytes, MADV_DONTNEED))
				return false;
		}
	}
	return true;
}

/* Of each VMA a part, beside what another one has at these addresses */
static bool move_parts(struct view *v)
{
	unsigned char *to = mmap(NULL, 2 * thp_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
	size_t first = 37, nr = 300, bytes = nr * page_bytes;

	to += 5 * page_bytes;
	if (mremap(v->addr[first], bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		return false;
	for (size_t i = first; i < first + nr; i++)
		v->addr[i] = to + (i - first) * page_bytes;
	for (size_t i = 0; i < v->nr; i += 7) {
		if (v->writer[i] != NOTHING)
			put(v, i, 2);
	}
	return true;
}

/* It has written to some of them: folios of its own anon_vma beside others */
static bool migrate_too(struct view *v)
{
	int fd = hmm_open(1);

	return fd >= 0 && to_dev(fd, v->addr[0], v->nr, false) > 0 &&
	       to_sys(fd, v->addr[0], v->nr, false) >= 0 && !wrong_pages(v);
}

/* == tests */

static void pages_are_mapped_once_and_stay_when_written(void **state)
{
	struct view v;

	(void)state;
	view_map(&v, 2, true);
	migrate_two(&v);
	migrate_and_return(v.addr[0], v.nr, false);
	assert_int_equal(wrong_pages(&v), 0);
	for (size_t i = 0; i < v.nr; i++) {
		uint64_t was = pfn(v.addr[i]);

		assert_true(bit(v.addr[i], PRESENT));
		assert_int_equal(memory_of_page("count", was), 1);
		/* It is its own alone: written without a copy. */
		put(&v, i, 3);
		assert_int_equal(pfn(v.addr[i]), was);
	}
	view_unmap(&v);
}

static void child_keeps_what_it_had(void **state)
{
	bool (*const changes[])(struct view *) = { nothing, write_some, unmap_parts, move_parts };
	struct child child[4];
	struct view v;

	(void)state;
	view_map(&v, 2, true);
	for (int i = 0; i < 4; i++)
		child_start(&child[i], &v, changes[i], NULL);
	migrate_two(&v);
	migrate_and_return(v.addr[0], v.nr, false);
	assert_int_equal(wrong_pages(&v), 0);
	/* What was shared is not written to in place. */
	for (size_t i = 0; i < v.nr; i++)
		put(&v, i, 3);
	for (int i = 0; i < 4; i++)
		assert_child_ends_well(&child[i]);
	view_check_and_unmap(&v);
}

static void child_migrates_what_it_shares(void **state)
{
	struct child child;
	struct view v;

	(void)state;
	view_map(&v, 1, true);
	child_start(&child, &v, write_some, migrate_too);
	migrate_and_return(v.addr[0], v.nr, false);
	assert_int_equal(wrong_pages(&v), 0);
	assert_child_ends_well(&child);
	view_check_and_unmap(&v);
}

/* Its pages are not where its index would be aligned; some are not there. */
static void moved_and_partly_unmapped_range_is_migrated(void **state)
{
	struct child child;
	struct view v;

	(void)state;
	view_map(&v, 2, true);
	child_start(&child, &v, unmap_parts, NULL);
	assert_true(unmap_parts(&v));
	assert_true(move_parts(&v));
	for (size_t i = 0; i < v.nr; i++) {
		size_t end = i;

		while (end < v.nr && v.writer[end] != NOTHING &&
		       v.addr[end] == v.addr[i] + (end - i) * page_bytes)
			end++;
		if (end == i)
			continue;
		migrate_and_return(v.addr[i], end - i, false);
		i = end - 1;
	}
	assert_int_equal(wrong_pages(&v), 0);
	assert_child_ends_well(&child);
	view_unmap(&v);
}

/* Consecutive small pages in two page tables, in one of which a child has something huge */
static unsigned char *shifted;

static bool collapse_first(struct view *v)
{
	for (size_t i = 0; i < v->nr; i++) {
		if (v->addr[i] < shifted + thp_bytes)
			put(v, i, 1);
	}
	for (size_t i = 0; i < thp_pages / 2; i++)
		*(volatile char *)(shifted + i * page_bytes) = 1;
	return !madvise(shifted, thp_bytes, MADV_COLLAPSE);
}

static void run_ends_beside_a_huge_page_of_a_child(void **state)
{
	unsigned char *map;
	struct child child;
	struct view v;

	(void)state;
	/* A THP in the middle of four; moved by half of one, with what is around it */
	map = mmap(NULL, 8 * thp_bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	map = (void *)(((uintptr_t)map + thp_bytes - 1) & ~(thp_bytes - 1));
	shifted = map + 4 * thp_bytes;
	assert_int_equal(madvise(map, 4 * thp_bytes, MADV_HUGEPAGE), 0);
	view_alloc(&v, thp_pages);
	for (size_t i = 0; i < thp_pages; i++) {
		v.addr[i] = map + thp_bytes + i * page_bytes;
		put(&v, i, 0);
	}
	split_range(map + thp_bytes, thp_bytes, 0);
	assert_ptr_equal(mremap(map + thp_bytes / 2, 2 * thp_bytes, 2 * thp_bytes,
				MREMAP_MAYMOVE | MREMAP_FIXED, shifted), shifted);
	for (size_t i = 0; i < thp_pages; i++)
		v.addr[i] = shifted + thp_bytes / 2 + i * page_bytes;
	assert_int_equal(wrong_pages(&v), 0);
	assert_int_equal(pfn(v.addr[thp_pages / 2]), pfn(v.addr[thp_pages / 2 - 1]) + 1);
	child_start(&child, &v, collapse_first, NULL);
	assert_int_equal(to_dev(device, v.addr[0], v.nr, false), v.nr);
	assert_true(to_sys(device, v.addr[0], v.nr, false) >= 0);
	assert_int_equal(wrong_pages(&v), 0);
	assert_child_ends_well(&child);
	munmap(shifted, 2 * thp_bytes);
	view_free(&v);
}

/* The device fails one allocation, and somebody holds a page: both stay in the system. */
static void pages_that_cannot_go_stay(void **state)
{
	struct iovec page;
	struct view v;
	int fds[2];

	(void)state;
	view_map(&v, 1, true);
	assert_int_equal(to_dev(device, v.addr[0], v.nr, true), v.nr);
	assert_true(to_sys(device, v.addr[0], v.nr, false) >= 0);
	page = (struct iovec){ v.addr[77], page_bytes };
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(vmsplice(fds[1], &page, 1, 0), page_bytes);
	/* The device reads all that it was to get, and misses the first of these. */
	assert_int_equal(to_dev(device, v.addr[0], v.nr, true), -1);
	for (size_t i = 0; i < v.nr; i++)
		assert_int_equal(bit(v.addr[i], SWAPPED), i != 0 && i != 77);
	assert_int_equal(wrong_pages(&v), 0);
	close(fds[0]);
	close(fds[1]);
	migrate_and_return(v.addr[0], v.nr, false);
	view_check_and_unmap(&v);
}

/* On the device and back, each page's bit is what it was. */
static void bits_stay(struct view *v, int nr)
{
	bool *was = calloc(v->nr, sizeof(*was));
	size_t set = 0;

	assert_non_null(was);
	for (size_t i = 0; i < v->nr; i++)
		set += was[i] = bit(v->addr[i], nr);
	assert_in_range(set, 1, v->nr - 1);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(to_dev(device, v->addr[0], v->nr, false), v->nr);
		for (size_t i = 0; i < v->nr; i++)
			assert_int_equal(bit(v->addr[i], nr), was[i]);
		assert_true(to_sys(device, v->addr[0], v->nr, false) >= 0);
		for (size_t i = 0; i < v->nr; i++)
			assert_int_equal(bit(v->addr[i], nr), was[i]);
	}
	free(was);
}

static void soft_dirty_bits_stay(void **state)
{
	struct view v;

	(void)state;
	view_map(&v, 1, true);
	assert_int_equal(write_text("/proc/self/clear_refs", "4"), 0);
	/* Of a THP, a write dirties all of it; it is split first. */
	assert_int_equal(to_dev(device, v.addr[0], v.nr, true), v.nr);
	assert_true(to_sys(device, v.addr[0], v.nr, false) >= 0);
	assert_int_equal(write_text("/proc/self/clear_refs", "4"), 0);
	for (size_t i = 0; i < v.nr; i += 3)
		put(&v, i, 1);
	bits_stay(&v, SOFT_DIRTY);
	view_check_and_unmap(&v);
}

static void uffd_wp_bits_stay(void **state)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	struct uffdio_register all = { .mode = UFFDIO_REGISTER_MODE_WP };
	struct view v;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	view_map(&v, 1, true);
	all.range.start = (uintptr_t)v.addr[0];
	all.range.len = v.nr * page_bytes;
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &all), 0);
	for (size_t i = 0; i < v.nr; i += 5) {
		struct uffdio_writeprotect wp = {
			.range = { .start = (uintptr_t)v.addr[i], .len = 2 * page_bytes },
			.mode = UFFDIO_WRITEPROTECT_MODE_WP,
		};

		assert_int_equal(ioctl(fd, UFFDIO_WRITEPROTECT, &wp), 0);
	}
	bits_stay(&v, UFFD_WP);
	assert_int_equal(wrong_pages(&v), 0);
	close(fd);
	view_unmap(&v);
}

static void locked_pages_stay_locked(void **state)
{
	struct view v;

	(void)state;
	view_map(&v, 1, true);
	assert_int_equal(mlock(v.addr[0], v.nr * page_bytes), 0);
	migrate_and_return(v.addr[0], v.nr, false);
	assert_int_equal(wrong_pages(&v), 0);
	/* What waits in batches gets its flags. */
	assert_true(memory_lost_pages(false) >= 0);
	for (size_t i = 0; i < v.nr; i++)
		assert_true(memory_of_page("flags", pfn(v.addr[i])) >> KPF_UNEVICTABLE & 1);
	view_unmap(&v);
}

/* Ordinary splits: a child has some of it, has moved some, or has what was never written. */
static void split_folio_is_mapped_again(void **state)
{
	bool (*const changes[])(struct view *) = { nothing, write_some, unmap_parts, move_parts };
	struct child child[4];
	struct view v;

	(void)state;
	view_map(&v, 2, true);
	for (int i = 0; i < 4; i++)
		child_start(&child[i], &v, changes[i], NULL);
	for (int order = 2; order >= 0; order -= 2) {
		split_range(v.addr[0], v.nr * page_bytes, order);
		assert_int_equal(wrong_pages(&v), 0);
	}
	for (size_t i = 0; i < v.nr; i++)
		assert_false(memory_of_page("flags", pfn(v.addr[i])) >> KPF_THP & 1);
	for (size_t i = 0; i < v.nr; i++)
		put(&v, i, 3);
	for (int i = 0; i < 4; i++)
		assert_child_ends_well(&child[i]);
	view_check_and_unmap(&v);
}

/* Untouched pages of a THP are the shared page of zeros when it has been split. */
static void empty_pages_are_not_kept(void **state)
{
	struct view v;
	size_t same = 0;

	(void)state;
	view_map(&v, 1, true);
	for (size_t i = 1; i < v.nr; i += 2) {
		*(volatile uint64_t *)v.addr[i] = 0;
		v.writer[i] = NOTHING;
	}
	split_range(v.addr[0], v.nr * page_bytes, 0);
	for (size_t i = 3; i < v.nr; i += 2) {
		assert_int_equal(*(volatile uint64_t *)v.addr[i], 0);
		same += pfn(v.addr[i]) == pfn(v.addr[1]);
	}
	assert_int_equal(same, v.nr / 2 - 1);
	view_check_and_unmap(&v);
}

static long anon_mapped(void)
{
	assert_int_equal(write_text("/proc/sys/vm/stat_refresh", "1"), 0);
	return memory_vmstat("nr_anon_pages");
}

/* Exactly: this process alone has memory that comes and goes. */
static void mapped_pages_are_counted(void **state)
{
	struct child child;
	struct view v;
	long before;

	(void)state;
	before = anon_mapped();
	for (int round = 0; round < 4; round++) {
		view_map(&v, 2, true);
		child_start(&child, &v, write_some, NULL);
		assert_in_range(anon_mapped() - before, v.nr, 2 * v.nr + 200);
		migrate_and_return(v.addr[0], v.nr, round & 1);
		assert_in_range(anon_mapped() - before, v.nr, 2 * v.nr + 200);
		assert_child_ends_well(&child);
		view_unmap(&v);
	}
	assert_in_range(anon_mapped() + 64 - before, 0, 128);
}

/* Nor locked: sources and destinations of both directions, when nobody has them any more. */
static void no_page_is_lost(void **state)
{
	struct view v;

	(void)state;
	view_map(&v, 2, true);
	migrate_two(&v);
	view_unmap(&v);
	assert_int_equal(hmm_release(device), 0);
	assert_int_equal(memory_lost_pages(true), 0);
}

/* == */

static int open_device(void **state)
{
	(void)state;
	alarm(6 * PATIENCE);
	page_bytes = sysconf(_SC_PAGESIZE);
	thp_bytes = thp_size();
	thp_pages = thp_bytes / page_bytes;
	device = hmm_open(0);
	return device < 0 || memory_lost_pages(false) < 0;
}

static int close_device(void **state)
{
	(void)state;
	return hmm_release(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_mapped_once_and_stay_when_written),
		cmocka_unit_test(child_keeps_what_it_had),
		cmocka_unit_test(child_migrates_what_it_shares),
		cmocka_unit_test(moved_and_partly_unmapped_range_is_migrated),
		cmocka_unit_test(run_ends_beside_a_huge_page_of_a_child),
		cmocka_unit_test(pages_that_cannot_go_stay),
		cmocka_unit_test(soft_dirty_bits_stay),
		cmocka_unit_test(uffd_wp_bits_stay),
		cmocka_unit_test(locked_pages_stay_locked),
		cmocka_unit_test(split_folio_is_mapped_again),
		cmocka_unit_test(empty_pages_are_not_kept),
		cmocka_unit_test(mapped_pages_are_counted),
		cmocka_unit_test(no_page_is_lost),
	};

	/* What was said is not lost if one of them is ended by a signal. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	run_only(NULL);
	return cmocka_run_group_tests_name("restore", tests, open_device, close_device);
}
