/* SPDX-License-Identifier: GPL-2.0 */
/* Is there a difference, a regression, a failed control? */
#ifndef SPLITBENCH_VERDICT_H
#define SPLITBENCH_VERDICT_H

#include "analysis/result.h"

/* What a cell would say if it were the only one */
void verdict_cell(const struct analysis *a, struct cell_result *r);

/* One exit code for all cells: chance must not find one among many. */
void verdict_run(struct analysis *a);

#endif /* SPLITBENCH_VERDICT_H */
