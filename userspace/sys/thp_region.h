/* SPDX-License-Identifier: GPL-2.0 */
/* A mapping that is made of THPs */
#ifndef SPLITBENCH_THP_REGION_H
#define SPLITBENCH_THP_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct region - THPs of our own
 * @map: what was mapped
 * @map_size: its size, bytes
 * @addr: the first THP
 * @nr: how many THPs
 * @thp_size: of one, bytes
 * @seed: of the pattern
 */
struct region {
	void *map;
	size_t map_size;
	unsigned char *addr;
	unsigned int nr;
	size_t thp_size;
	uint64_t seed;
};

/**
 * region_map() - addresses for THPs, aligned; nothing is faulted in
 * @r: the region
 * @nr: how many THPs
 * @thp_size: size of one, bytes
 * @node: NUMA node that the memory is bound to
 * @huge: false: of small pages only
 *
 * Return: 0; -1 with errno set, and nothing is mapped.
 */
int region_map(struct region *r, unsigned int nr, size_t thp_size, int node,
	       bool huge);

/* Fault it in, with a word of a pattern in each page, drawn from @seed. */
void region_fill(struct region *r, uint64_t seed);

/**
 * region_forbid_collapse() - keep khugepaged from collapsing what is split; THPs stay THPs
 * @r: the region
 *
 * Return: 0; -1 with errno set.
 */
int region_forbid_collapse(const struct region *r);

/* Unmap it: its memory goes back to the kernel. */
void region_unmap(struct region *r);

/**
 * region_thps() - how many of the region's THPs are mapped as such
 * @r: the region
 *
 * Return: 0 to r->nr; -1 with errno set if the kernel cannot say.
 */
int region_thps(const struct region *r);

/**
 * region_off_node() - how many THPs are on another node than @node
 * @r: the region
 * @node: the node
 *
 * Return: 0 to r->nr; -1 with errno set if the kernel cannot say.
 */
int region_off_node(const struct region *r, int node);

/* Return: how many pages do not have what region_fill() put there */
size_t region_wrong_pages(const struct region *r);

#endif /* SPLITBENCH_THP_REGION_H */
