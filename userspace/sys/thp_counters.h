/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel counts of THPs: the proof of the path that a round took */
#ifndef SPLITBENCH_THP_COUNTERS_H
#define SPLITBENCH_THP_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct counters - since boot
 * @pmd_splits: PMDs split (vmstat thp_split_pmd)
 * @page_splits: folios split the ordinary way (vmstat thp_split_page)
 * @mthp_splits: the same, of PMD order (hugepages-2048kB/stats/split)
 * @device_chunks: chunks of memory that the test devices have
 */
struct counters {
	uint64_t pmd_splits;
	uint64_t page_splits;
	uint64_t mthp_splits;
	uint64_t device_chunks;
};

/* Read them; does not return if this kernel does not count. */
struct counters counters_read(void);

/* Add to @sum what has happened since @before. */
void counters_add(struct counters *sum, const struct counters *before);

/**
 * counters_wrong() - did just this happen in between?
 * @before: read before
 * @after: read after
 * @own: what of it was not to be looked at
 * @fallbacks: how many folios had to be split in the middle of a migration:
 *	       each of them splits a PMD, and is not counted as a split
 * @why: gets what is wrong
 * @size: its size, bytes
 *
 * Return: 0; 1 if something else happened.
 */
int counters_wrong(const struct counters *before, const struct counters *after,
		   const struct counters *own, unsigned int fallbacks,
		   char *why, size_t size);

/* "MemAvailable" and the like of /proc/meminfo, bytes; 0 if it is not known */
uint64_t meminfo(const char *key);

/* What can be had on a NUMA node: free, or the page cache's, bytes */
uint64_t node_available(int node);

/* A number of /proc/vmstat; does not return if it is not there. */
uint64_t vmstat(const char *key);

#endif /* SPLITBENCH_THP_COUNTERS_H */
