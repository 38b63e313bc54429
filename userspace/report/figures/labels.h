/* SPDX-License-Identifier: GPL-2.0 */
/* What all figures of a run say of it, as gnuplot variables */
#ifndef SPLITBENCH_LABELS_H
#define SPLITBENCH_LABELS_H

#include <stdio.h>

#include "analysis/analysis.h"

void labels_write(const struct analysis *a, FILE *file);

#endif /* SPLITBENCH_LABELS_H */
