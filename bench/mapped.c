// SPDX-License-Identifier: GPL-2.0
/*
 * Split a THP of the caller while it is mapped: the ordinary split, which unmaps the
 * folio and remaps its pieces itself. The folio is locked and referenced and stays on
 * the LRU, as when the shrinker or memory failure split it.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "internal.h"

static struct folio *fsb_get_mapped(struct vm_area_struct *vma,
				    unsigned long addr)
{
	pmd_t *pmd = fsb_find_pmd(vma->vm_mm, addr);
	struct folio *folio = NULL;
	spinlock_t *ptl; /* reclaim may split the PMD at any time */

	if (!pmd)
		return NULL;
	ptl = pmd_lock(vma->vm_mm, pmd);
	if (pmd_trans_huge(*pmd)) {
		folio = page_folio(pmd_page(*pmd));
		folio_get(folio);
	}
	spin_unlock(ptl);
	return folio;
}

/**
 * fsb_take_mapped() - lock a THP where it is mapped
 * @f: filled in
 * @vma: the VMA that fsb_probe() found it in
 * @addr: the THP's address
 *
 * Return: 0, and fsb_put_back_mapped() must follow; -EBUSY if it is gone, locked,
 * pinned or being swapped.
 */
int fsb_take_mapped(struct fsb_folio *f, struct vm_area_struct *vma,
		    unsigned long addr)
{
	struct folio *folio = fsb_get_mapped(vma, addr);

	if (!folio)
		return -EBUSY;
	if (!folio_trylock(folio))
		goto put;
	if (fsb_accept(f, folio) &&
	    folio_ref_count(folio) == folio_expected_ref_count(folio) + 1)
		return 0;
	folio_unlock(folio);
put:
	folio_put(folio);
	return -EBUSY;
}

/**
 * fsb_check_mapped() - check the guarantees of the ordinary split
 * @f: the folio: its first piece is still locked and mapped
 * @sample: fault gets the guarantees that do not hold
 *
 * The remaining pieces are unlocked and may change concurrently.
 */
void fsb_check_mapped(const struct fsb_folio *f, struct fsb_sample *sample)
{
	struct folio *piece = f->folio;

	if (folio_order(piece) != f->new_order)
		sample->fault |= FSB_FAULT_ORDER;
	if (!folio_test_locked(piece))
		sample->fault |= FSB_FAULT_LOCK;
	if (!folio_mapped(piece))
		sample->fault |= FSB_FAULT_MAPPED;
	if (piece->mapping != f->mapping || piece->index != f->index)
		sample->fault |= FSB_FAULT_MAPPING;
}

/**
 * fsb_put_back_mapped() - unlock and put what fsb_take_mapped() locked
 * @f: the folio, or its first piece
 */
void fsb_put_back_mapped(struct fsb_folio *f)
{
	folio_unlock(f->folio);
	folio_put(f->folio);
}
