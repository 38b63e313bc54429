/* SPDX-License-Identifier: GPL-2.0 */
/* Boots to builds, where a run has several builds of a kernel */
#ifndef SPLITBENCH_BUILDS_H
#define SPLITBENCH_BUILDS_H

#include "analysis/result.h"

/*
 * Where code lies is drawn anew for each build, and not for each boot: boots of
 * one build are no independent samples of what another layout would say.
 */
void builds_reduce(const struct analysis *a, struct cell_result *r);

#endif /* SPLITBENCH_BUILDS_H */
