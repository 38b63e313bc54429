/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page allocator's per-CPU lists. A page that is freed goes there, and on to the
 * free lists of the zone only if there are more than a limit, which the kernel adapts to
 * what went on before. So freeing the same 512 pages takes 240 thousand
 * instructions more, or not, and so does allocating them.
 */
#ifndef SPLITBENCH_PCP_H
#define SPLITBENCH_PCP_H

#include <stdbool.h>
#include <stddef.h>

/* Once or more, before pcp_drain(). Does not return if this kernel cannot do it. */
void pcp_prepare(void);

/**
 * pcp_drain() - empty the lists, and have the limits begin anew
 * @threads: threads that will allocate and free, on the CPUs that threads_run() pins
 *	     them to; on others, there may be something left
 * @thp_size: bytes
 */
void pcp_drain(unsigned int threads, size_t thp_size);

/**
 * pcp_fill() - put small pages on the lists of the CPUs of these threads
 * @threads: as threads_run() pins them
 * @pages: how many on each
 * @movable: as userspace's, or unmovable, as most of the kernel's
 */
void pcp_fill(unsigned int threads, size_t pages, bool movable);

#endif /* SPLITBENCH_PCP_H */
