/* SPDX-License-Identifier: GPL-2.0 */
/* A pattern for every byte of a THP, that no two pages have in common */
#ifndef SPLITBENCH_PATTERN_H
#define SPLITBENCH_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct pattern - what THPs are filled with
 * @base: random bytes, as many as a THP has
 * @size: how many, bytes
 * @page_size: bytes
 */
struct pattern {
	unsigned char *base;
	size_t size;
	size_t page_size;
};

/* A pattern of @size bytes, drawn from @seed */
struct pattern pattern_new(size_t size, uint64_t seed);
void pattern_free(struct pattern *p);

/**
 * pattern_fill() - write every byte of a THP
 * @p: the pattern
 * @to: where
 * @stamp: what is different in this THP's pages from those of all others
 */
void pattern_fill(const struct pattern *p, void *to, uint64_t stamp);

/**
 * pattern_wrong() - compare every byte of a THP
 * @p: the pattern
 * @is: what is to be what pattern_fill() wrote
 * @stamp: as given to that
 *
 * Return: how many pages differ.
 */
size_t pattern_wrong(const struct pattern *p, const void *is, uint64_t stamp);

#endif /* SPLITBENCH_PATTERN_H */
