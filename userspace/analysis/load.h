/* SPDX-License-Identifier: GPL-2.0 */
/* A run's folder, read and analysed */
#ifndef SPLITBENCH_LOAD_H
#define SPLITBENCH_LOAD_H

#include "analysis/result.h"

/**
 * analyse() - read a run
 * @run_dir: its folder
 *
 * What a crash cut off is listed in @incomplete, and the rest is used. Does
 * not return if a file is corrupt, of another schema, or if there is nothing
 * to analyse; the message names the file and line.
 *
 * Return: the run; to be given to analysis_free().
 */
struct analysis analyse(const char *run_dir);

#endif /* SPLITBENCH_LOAD_H */
