/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run's samples, reduced level by level as README.md says: calls to a
 * median per arm and block, blocks to a median log-ratio per boot, boots to
 * an estimate. Memory does not grow with the number of calls.
 */
#ifndef SPLITBENCH_ANALYSIS_H
#define SPLITBENCH_ANALYSIS_H

#include "analysis/estimate.h"
#include "analysis/findings.h"
#include "analysis/load.h"
#include "analysis/result.h"
#include "analysis/spreads.h"

#endif /* SPLITBENCH_ANALYSIS_H */
