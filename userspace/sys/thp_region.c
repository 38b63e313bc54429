// SPDX-License-Identifier: GPL-2.0
/* A mapping that is made of THPs */
#include "sys/thp_region.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <numaif.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/util.h"

/* Linux 6.7's PAGEMAP_SCAN, newer than the headers of Debian 12. */
#ifndef PAGEMAP_SCAN
#include <linux/types.h>

struct page_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct pm_scan_arg {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 category_inverted;
	__u64 category_mask;
	__u64 category_anyof_mask;
	__u64 return_mask;
};

#define PAGE_IS_HUGE	(1 << 6)
#define PAGEMAP_SCAN	_IOWR('f', 16, struct pm_scan_arg)
#endif

/* A word a page, nowhere the same place or value as in its neighbours. */
static volatile uint64_t *word_of(const struct region *r, size_t page,
				  size_t page_size, uint64_t *value)
{
	uint64_t mix = (r->seed + page) * 0x9e3779b97f4a7c15ULL;
	size_t words = page_size / sizeof(uint64_t);

	*value = mix | 1;
	return (volatile uint64_t *)(r->addr + page * page_size) +
	       (mix >> 40) % words;
}

static size_t region_pages(const struct region *r, size_t page_size)
{
	return r->nr * (r->thp_size / page_size);
}

void region_fill(struct region *r, uint64_t seed)
{
	size_t page_size = sysconf(_SC_PAGESIZE);
	uint64_t value;

	r->seed = seed;
	for (size_t page = 0; page < region_pages(r, page_size); page++) {
		/* Not in one expression: clang would read the value before the call. */
		volatile uint64_t *word = word_of(r, page, page_size, &value);

		*word = value;
	}
}

size_t region_wrong_pages(const struct region *r)
{
	size_t page_size = sysconf(_SC_PAGESIZE), wrong = 0;
	uint64_t value;

	for (size_t page = 0; page < region_pages(r, page_size); page++) {
		volatile uint64_t *word = word_of(r, page, page_size, &value);

		wrong += *word != value;
	}
	return wrong;
}

int region_map(struct region *r, unsigned int nr, size_t thp_size, int node,
	       bool huge)
{
	struct bitmask *nodes = numa_allocate_nodemask();
	int ret = -1, saved;

	*r = (struct region){ .nr = nr, .thp_size = thp_size };
	/* One more, so that a multiple of the THP's size lies within. */
	r->map_size = (nr + 1) * thp_size;
	r->map = mmap(NULL, r->map_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->map == MAP_FAILED)
		goto out;
	r->addr = (unsigned char *)(((uintptr_t)r->map + thp_size - 1) &
				    ~(thp_size - 1));
	numa_bitmask_setbit(nodes, node);
	if (mbind(r->addr, nr * thp_size, MPOL_BIND, nodes->maskp,
		  nodes->size + 1, 0) ||
	    madvise(r->addr, nr * thp_size,
		    huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE)) {
		saved = errno;
		region_unmap(r);
		errno = saved;
		goto out;
	}
	ret = 0;
out:
	numa_free_nodemask(nodes);
	return ret;
}

int region_forbid_collapse(const struct region *r)
{
	return madvise(r->addr, r->nr * r->thp_size, MADV_NOHUGEPAGE);
}

void region_unmap(struct region *r)
{
	munmap(r->map, r->map_size);
	r->map = NULL;
}

int region_thps(const struct region *r)
{
	struct page_region found[64];
	struct pm_scan_arg scan = {
		.size = sizeof(scan),
		.start = (uintptr_t)r->addr,
		.end = (uintptr_t)r->addr + r->nr * r->thp_size,
		.vec = (uintptr_t)found,
		.vec_len = ARRAY_SIZE(found),
		.category_mask = PAGE_IS_HUGE,
		.return_mask = PAGE_IS_HUGE,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), n, saved;
	size_t bytes = 0;

	if (fd < 0)
		return -1;
	n = ioctl(fd, PAGEMAP_SCAN, &scan);
	saved = errno;
	close(fd);
	errno = saved;
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++)
		bytes += found[i].end - found[i].start;
	return bytes / r->thp_size;
}

int region_off_node(const struct region *r, int node)
{
	int off = 0;

	for (unsigned int i = 0; i < r->nr; i++) {
		void *page = r->addr + i * r->thp_size;
		int status;

		if (numa_move_pages(0, 1, &page, NULL, &status, 0))
			return -1;
		off += status != node;
	}
	return off;
}
