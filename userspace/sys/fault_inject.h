/* SPDX-License-Identifier: GPL-2.0 */
/* Make the page allocator fail large allocations of ours (fail_page_alloc) */
#ifndef SPLITBENCH_FAULT_INJECT_H
#define SPLITBENCH_FAULT_INJECT_H

#include <stdbool.h>

/* Has this kernel fail_page_alloc? */
bool inject_there(void);

/**
 * inject_prepare() - set the machine up, for threads that ask for it only
 * @order: the smallest that fails
 *
 * The guard puts it back. Does not return if this kernel cannot.
 */
void inject_prepare(unsigned int order);

/* From now on (or not any more) fail them for this thread; dies if it cannot. */
void inject_here(bool fail);

#endif /* SPLITBENCH_FAULT_INJECT_H */
