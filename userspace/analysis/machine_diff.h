/* SPDX-License-Identifier: GPL-2.0 */
/* How the machines and configurations of two runs differ */
#ifndef SPLITBENCH_MACHINE_DIFF_H
#define SPLITBENCH_MACHINE_DIFF_H

#include <jansson.h>

/**
 * machine_diff() - what but the kernel under test is not the same in two runs
 * @a: folder of a run
 * @b: of another
 *
 * Of the state of the machine all that can change the answer (CPU, governor,
 * THP settings, debug options, command line, tool, ...), and of the kernels'
 * configurations each option but CONFIG_FOLIO_SPLIT_OLD.
 *
 * Return: an array of strings, a difference each; empty if there is none.
 */
json_t *machine_diff(const char *a, const char *b);

#endif /* SPLITBENCH_MACHINE_DIFF_H */
