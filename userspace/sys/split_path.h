/* SPDX-License-Identifier: GPL-2.0 */
/* Is this kernel from before or after the change? */
#ifndef SPLITBENCH_SPLIT_PATH_H
#define SPLITBENCH_SPLIT_PATH_H

#include <stdbool.h>

/**
 * split_path_has_new() - is this kernel from after the change?
 *
 * Then its migrations call folio_split_unmapped(), which no kernel from
 * before it has. For root, as others cannot read the kernel's symbols.
 *
 * Return: true too if the kernel exports no symbols.
 */
bool split_path_has_new(void);

#endif /* SPLITBENCH_SPLIT_PATH_H */
