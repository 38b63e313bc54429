/* SPDX-License-Identifier: GPL-2.0 */
/* A run, for people and for tools */
#ifndef SPLITBENCH_SUMMARY_H
#define SPLITBENCH_SUMMARY_H

#include "analysis/analysis.h"

/* All of it, as splitbench.summary/1 */
void summary_write_json(const struct analysis *a, const char *path);

/* A line for each arm of each cell, a header first; numbers in full */
void summary_write_csv(const struct analysis *a, const char *path);

/* A KTAP line for each cell: ok, not ok, or skipped if nothing can be said */
void summary_write_ktap(const struct analysis *a, const char *path);

void summary_print_table(const struct analysis *a);

/* Where the ticks around the calls went, the harness's own part last */
void summary_print_phases(const struct analysis *a);

#endif /* SPLITBENCH_SUMMARY_H */
