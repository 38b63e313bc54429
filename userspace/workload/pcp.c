// SPDX-License-Identifier: GPL-2.0
/* Drain the page allocator's per-CPU lists, which no file of the kernel's does as such. */
#include "workload/pcp.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/affinity.h"
#include "machine/guard.h"
#include "sys/thp_region.h"
#include "util/util.h"
#include "workload/threads.h"

/*
 * The limit is this fraction of a zone; 0: the kernel adapts it. The largest
 * number stands for the smallest limit, four batches: 252 pages of 4 KiB at most.
 */
#define FRACTION	"/proc/sys/vm/percpu_pagelist_high_fraction"
#define SMALLEST	"2147483647"
/* Does at once, on all CPUs, what else is done once a second: free what is too many. */
#define REFRESH		"/proc/sys/vm/stat_refresh"
#define NEEDS		"it needs root and a kernel with CONFIG_PROC_SYSCTL and CONFIG_SMP"

/* What the fraction was before */
static char *usual;

static void set(const char *path, const char *value)
{
	if (write_text(path, 0, value))
		die(EXIT_SKIP, "%s: %s: " NEEDS, path, strerror(errno));
}

void pcp_prepare(void)
{
	if (usual)
		return;
	if (guard_remember(FRACTION))
		die(EXIT_SKIP, FRACTION ": %s: " NEEDS, strerror(errno));
	usual = read_text(FRACTION);
	if (!usual)
		die(EXIT_SKIP, FRACTION ": %s", strerror(errno));
}

/*
 * A new limit is not seen before a page is freed, on that CPU and of that zone. The page
 * of a pipe is freed when it is closed; an anonymous page that is unmapped
 * stays in the CPU's batch for the LRU lists.
 */
static void free_page(unsigned int number, void *arg)
{
	char byte = 0;
	int end[2];

	(void)number;
	(void)arg;
	if (pipe2(end, O_CLOEXEC) || write(end[1], &byte, 1) != 1)
		die(EXIT_HARNESS, "a pipe: %s", strerror(errno));
	close(end[0]);
	close(end[1]);
}

/* Where there is no THP to be had, small pages go back to the lists. */
static void free_thp(unsigned int number, void *arg)
{
	const size_t *size = arg;
	struct region r;

	if (region_map(&r, 1, *size, numa_node_of_cpu(affinity_cpu(number)), true))
		die(EXIT_HARNESS, "cannot map a THP: %s", strerror(errno));
	*(volatile unsigned char *)r.addr = 1;
	region_unmap(&r);
}

static void drain_to_limit(unsigned int threads)
{
	set(FRACTION, SMALLEST);
	threads_run(threads, free_page, NULL);
	set(REFRESH, "1");
	set(FRACTION, usual);
}

/*
 * The kernel counts a THP on the lists as all its pages when it finds out how many are
 * too many, and as one when it frees as many. So with one of them, what is
 * below the limit goes as well; and there is room for one if the lists are short.
 */
void pcp_drain(unsigned int threads, size_t thp_size)
{
	drain_to_limit(threads);
	threads_run(threads, free_thp, &thp_size);
	drain_to_limit(threads);
}

/**
 * struct fill - what pcp_fill() gives to each thread
 * @pages: how many
 * @movable: of what is put on the list of movable pages
 */
struct fill {
	size_t pages;
	bool movable;
};

static void fill_movable(size_t pages, int node)
{
	size_t size = pages * sysconf(_SC_PAGESIZE);
	struct region r;

	/* Small pages, all of them in what would be a large one */
	if (region_map(&r, 1, size, node, false))
		die(EXIT_HARNESS, "cannot map %zu pages: %s", pages,
		    strerror(errno));
	for (size_t at = 0; at < size; at += sysconf(_SC_PAGESIZE))
		r.addr[at] = 1;
	region_unmap(&r);
}

/* Of a pipe in packet mode, each write has a page of its own. */
static void fill_unmovable(size_t pages)
{
	char byte = 0;
	int end[2];

	if (pipe2(end, O_CLOEXEC | O_DIRECT) ||
	    fcntl(end[1], F_SETPIPE_SZ, pages * sysconf(_SC_PAGESIZE)) < 0)
		die(EXIT_HARNESS, "a pipe of %zu pages: %s", pages,
		    strerror(errno));
	for (size_t i = 0; i < pages; i++) {
		if (write(end[1], &byte, 1) != 1)
			die(EXIT_HARNESS, "a pipe: %s", strerror(errno));
	}
	close(end[0]);
	close(end[1]);
}

static void fill(unsigned int number, void *arg)
{
	const struct fill *f = arg;

	if (f->movable)
		fill_movable(f->pages, numa_node_of_cpu(affinity_cpu(number)));
	else
		fill_unmovable(f->pages);
}

void pcp_fill(unsigned int threads, size_t pages, bool movable)
{
	struct fill f = { .pages = pages, .movable = movable };

	threads_run(threads, fill, &f);
}
