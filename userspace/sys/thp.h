/* SPDX-License-Identifier: GPL-2.0 */
/* Transparent huge pages of this kernel: are they enabled, and how large? */
#ifndef SPLITBENCH_THP_H
#define SPLITBENCH_THP_H

#include <stddef.h>

/*
 * Enables THPs for this process and those that it will fork, where prctl() has
 * disabled them; dies with a hint if they are disabled for another reason.
 */
void thp_require(void);

/* Bytes of a PMD-sized THP; dies if this kernel does not say */
size_t thp_size(void);

#endif /* SPLITBENCH_THP_H */
