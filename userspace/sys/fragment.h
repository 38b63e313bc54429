/* SPDX-License-Identifier: GPL-2.0 */
/* Memory fragmented until no PMD-sized block is free: nothing is injected */
#ifndef SPLITBENCH_FRAGMENT_H
#define SPLITBENCH_FRAGMENT_H

#include <stddef.h>

struct fragment;

/**
 * fragment_new() - take a page of each free block, one that cannot be moved
 * @thp_size: of a block, bytes
 * @node: NUMA node that the caller's memory is bound to
 *
 * Compaction is set to leave locked pages where they are; the guard puts
 * that back, and memory together. Does not return if it is not possible.
 *
 * Return: for fragment_more() and fragment_free().
 */
struct fragment *fragment_new(size_t thp_size, int node);

/* Take a page of each block that has become free since. */
void fragment_more(struct fragment *f);

/* Give all of it back, and have the kernel compact memory. */
void fragment_free(struct fragment *f);

#endif /* SPLITBENCH_FRAGMENT_H */
