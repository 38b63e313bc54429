/* SPDX-License-Identifier: GPL-2.0 */
/* Comparisons of kernels, for people */
#ifndef SPLITBENCH_COMPARE_TABLE_H
#define SPLITBENCH_COMPARE_TABLE_H

#include "analysis/compare.h"

/* A kernel's label, its title, its release and its run, on standard output, in a line */
void compare_table_kernel(const char *head, const struct comparison *c, enum side side);

/**
 * compare_table_in_turn() - several kernels: each against the first and the one before
 * @c: what compare_in_turn() has returned
 * @n: how many runs, 3 or more
 *
 * A row for each kernel in each cell, on standard output.
 */
void compare_table_in_turn(const struct comparison *c, size_t n);

#endif /* SPLITBENCH_COMPARE_TABLE_H */
