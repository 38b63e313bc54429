// SPDX-License-Identifier: GPL-2.0
/* Memory fragmented until no PMD-sized block is free, and put together again */
#include "sys/fragment.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/guard.h"
#include "sys/thp_counters.h"
#include "sys/thp_region.h"
#include "util/util.h"

#ifndef MADV_COLD
#define MADV_COLD	20
#endif

/* What fragmented memory is for has to fit into what is left of it. */
#define SPARE_BYTES	(128UL << 20)

/* Of all nodes, at once: 1 is written to it. */
#define COMPACT_MEMORY	"/proc/sys/vm/compact_memory"

/**
 * struct fragment - blocks of which a page is kept
 * @map: addresses for more blocks than there is memory
 * @map_size: bytes
 * @next: the first block not taken yet
 * @end: behind the last one
 * @thp_size: of a block, bytes
 */
struct fragment {
	void *map;
	size_t map_size;
	char *next;
	char *end;
	size_t thp_size;
};

/*
 * Take a block as a THP, split it, and free all of it but one locked page.
 * Return: 1; 0 if there was no block left.
 */
static int take_block(struct fragment *f)
{
	size_t page_size = sysconf(_SC_PAGESIZE);
	struct region block = {
		.addr = (unsigned char *)f->next, .nr = 1,
		.thp_size = f->thp_size,
	};

	if (f->next == f->end)
		die(EXIT_SKIP, "there is more memory than this can fragment");
	/* A THP, or where there is none a single page. */
	*(volatile char *)f->next = 1;
	if (region_thps(&block) != 1) {
		madvise(f->next, f->thp_size, MADV_DONTNEED);
		return 0;
	}
	/* Of a part of a THP: the folio is split. */
	if (madvise(f->next, page_size, MADV_COLD) ||
	    madvise(f->next + page_size, f->thp_size - page_size,
		    MADV_DONTNEED) ||
	    mlock(f->next, page_size))
		die(EXIT_SKIP, "memory cannot be fragmented: %s",
		    strerror(errno));
	f->next += f->thp_size;
	return 1;
}

void fragment_more(struct fragment *f)
{
	while (take_block(f))
		;
}

struct fragment *fragment_new(size_t thp_size, int node)
{
	struct fragment *f = calloc(1, sizeof(*f));

	if (!f)
		die(EXIT_HARNESS, "out of memory");
	if (node_available(node) < 2 * SPARE_BYTES)
		die(EXIT_SKIP, "less than %lu MiB of memory are free: too little to be fragmented",
		    2 * SPARE_BYTES >> 20);
	/* Done last, when nothing of ours is locked any more, or may not be moved. */
	guard_later("append " COMPACT_MEMORY "\t1");
	if (guard_set("/proc/sys/vm/compact_unevictable_allowed", "0"))
		die(EXIT_SKIP, "/proc/sys/vm/compact_unevictable_allowed: %s: it needs root and a kernel with CONFIG_COMPACTION",
		    strerror(errno));
	f->thp_size = thp_size;
	/* Blocks become free again and are taken again: addresses are cheap. */
	f->map_size = 4 * meminfo("MemTotal") & ~(thp_size - 1);
	f->map = mmap(NULL, f->map_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (f->map == MAP_FAILED)
		die(EXIT_SKIP, "%zu MiB of addresses: %s", f->map_size >> 20,
		    strerror(errno));
	f->next = (char *)(((uintptr_t)f->map + thp_size - 1) & ~(thp_size - 1));
	f->end = f->next + (f->map_size / thp_size - 1) * thp_size;
	if (madvise(f->map, f->map_size, MADV_HUGEPAGE))
		die(EXIT_SKIP, "MADV_HUGEPAGE: %s", strerror(errno));
	fragment_more(f);
	return f;
}

void fragment_free(struct fragment *f)
{
	munmap(f->map, f->map_size);
	free(f);
	/*
	 * As it has failed so often, the kernel does not compact memory for the next
	 * allocations, which may be those of another cell.
	 */
	if (write_text(COMPACT_MEMORY, 0, "1"))
		die(EXIT_HARNESS, COMPACT_MEMORY ": %s", strerror(errno));
}
