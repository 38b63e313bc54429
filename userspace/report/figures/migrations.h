/* SPDX-License-Identifier: GPL-2.0 */
/* Cells of migrations that figures look for */
#ifndef SPLITBENCH_MIGRATIONS_H
#define SPLITBENCH_MIGRATIONS_H

#include "analysis/analysis.h"

/* The cell of one thread with these values; NULL if there is none */
const struct cell_result *migrations_find(const struct analysis *a,
					  enum migrate_direction direction,
					  enum migrate_kind kind, unsigned int thps);

/* THPs of a round that most kinds were measured with, at which they are compared; 0: none */
unsigned int migrations_thps(const struct analysis *a);

#endif /* SPLITBENCH_MIGRATIONS_H */
