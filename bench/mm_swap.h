/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is needed of the kernel's mm/swap.h. That is not among the headers that a
 * machine has installed; where there is a source tree, the compiler holds one
 * against the other.
 */
#ifndef FOLIO_SPLIT_BENCH_MM_SWAP_H
#define FOLIO_SPLIT_BENCH_MM_SWAP_H

struct folio;

#ifdef FSB_HAS_MM_SWAP
#include <../mm/swap.h>
#endif
#ifdef CONFIG_SWAP
int folio_alloc_swap(struct folio *folio);
#elif !defined(FSB_HAS_MM_SWAP)
static inline int folio_alloc_swap(struct folio *folio)
{
	return -EINVAL;
}
#endif

#endif /* FOLIO_SPLIT_BENCH_MM_SWAP_H */
