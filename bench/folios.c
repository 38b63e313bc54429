// SPDX-License-Identifier: GPL-2.0
/*
 * Isolate and restore a THP of the caller as a migration does: migrate_vma_setup()
 * collects, isolates and unmaps it, and its PMD migration entry is split;
 * migrate_vma_finalize() finds no destination and so remaps it, puts it back on the
 * LRU and unlocks it.
 *
 * All of this is done with the mmap lock and the VMA lock held for write. The split
 * itself needs them for read only. But between the setup, which installs a migration
 * entry in the PMD, and the split of that entry, MADV_DONTNEED in another thread
 * could replace it, and the split would drop a reference that it does not own.
 */
#include <linux/export.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/swap.h>
/* Last, as it needs some of the above and does not include it. */
#include <linux/leafops.h>

#include "internal.h"
#include "mm_swap.h"

/* The PMD of @addr; NULL if there is no page table for it */
pmd_t *fsb_find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd) || pgd_bad(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || pud_leaf(*pud) || pud_bad(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}
EXPORT_SYMBOL_FOR_MODULES(fsb_find_pmd, "folio_split_contract");

/**
 * fsb_probe() - check whether a THP can be isolated
 * @vma: private and anonymous, covering the THP
 * @addr: the THP's address
 * @state: whether it is to be split unmapped or mapped; device-private folios
 *	   cannot be split mapped
 *
 * Changes nothing, whereas migrate_vma_setup() would split what it cannot collect
 * whole.
 *
 * Return: 0; -ENODATA if there is no PMD-mapped THP; -EACCES if it is not mapped
 * writable. One that is writable is mapped nowhere else. If a folio is shared after
 * fork(), the other mapping would keep a PMD migration entry although the folio is
 * no longer PMD-sized.
 */
int fsb_probe(struct vm_area_struct *vma, unsigned long addr,
	      enum fsb_state state)
{
	pmd_t *pmd = fsb_find_pmd(vma->vm_mm, addr);
	spinlock_t *ptl; /* reclaim may split the PMD at any time */
	int ret = 0;

	if (!pmd)
		return -ENODATA;
	ptl = pmd_lock(vma->vm_mm, pmd);
	if (state == FSB_UNMAPPED && pmd_is_device_private_entry(*pmd)) {
		if (!softleaf_is_device_private_write(softleaf_from_pmd(*pmd)))
			ret = -EACCES;
	} else if (!pmd_trans_huge(*pmd)) {
		ret = -ENODATA;
	} else if (!pmd_write(*pmd)) {
		ret = -EACCES;
	}
	spin_unlock(ptl);
	return ret;
}

/*
 * Select the kind of memory for migrate_vma_setup(). A device-private folio is of the
 * device that the caller migrated it to.
 */
static void fsb_select(struct migrate_vma *args)
{
	pmd_t *pmd = fsb_find_pmd(args->vma->vm_mm, args->start);
	spinlock_t *ptl; /* reclaim may split the PMD at any time */

	if (!pmd)
		return;
	args->flags = MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_COMPOUND;
	ptl = pmd_lock(args->vma->vm_mm, pmd);
	if (pmd_is_device_private_entry(*pmd)) {
		struct folio *folio = softleaf_to_folio(softleaf_from_pmd(*pmd));

		args->flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE |
			      MIGRATE_VMA_SELECT_COMPOUND;
		args->pgmap_owner = page_pgmap(&folio->page)->owner;
	}
	spin_unlock(ptl);
}

/**
 * fsb_accept() - check a folio, and record its state before the call
 * @f: filled in
 * @folio: locked
 *
 * Return: whether it is PMD-sized, anonymous and not in the swapcache.
 */
bool fsb_accept(struct fsb_folio *f, struct folio *folio)
{
	if (folio_order(folio) != HPAGE_PMD_ORDER || !folio_test_anon(folio) ||
	    folio_test_swapcache(folio))
		return false;
	f->folio = folio;
	f->index = folio->index;
	f->mapping = folio->mapping;
	f->target = folio;
	f->first = 0;
	f->order = HPAGE_PMD_ORDER;
	f->new_order = f->order;
	f->swapcache = false;
	return true;
}

/**
 * fsb_take() - isolate and unmap a THP
 * @f: filled in; src and dst of its args are set
 * @vma: the VMA that fsb_probe() found it in
 * @addr: the THP's address
 * @req: setup_ticks is added to
 *
 * Return: 0, and fsb_put_back() must follow; -EBUSY if it is pinned, locked, or being
 * swapped, and then it is mapped as before; or an error of migrate_vma_setup().
 */
int fsb_take(struct fsb_folio *f, struct vm_area_struct *vma,
	     unsigned long addr, struct fsb_run *req)
{
	const unsigned long want = MIGRATE_PFN_MIGRATE | MIGRATE_PFN_COMPOUND |
				   MIGRATE_PFN_WRITE;
	struct migrate_vma *args = &f->args;
	struct folio *folio;
	struct page *page;
	u64 start;
	int ret;

	args->vma = vma;
	args->start = addr;
	args->end = addr + HPAGE_PMD_SIZE;
	fsb_select(args);

	start = fsb_start();
	ret = migrate_vma_setup(args);
	req->setup_ticks += fsb_end() - start;
	if (ret)
		return ret;

	page = migrate_pfn_to_page(args->src[0]);
	if (!page || (args->src[0] & want) != want)
		goto busy;
	folio = page_folio(page);
	if (!fsb_accept(f, folio))
		goto busy;
	return 0;
busy:
	migrate_vma_finalize(args);
	return -EBUSY;
}
EXPORT_SYMBOL_FOR_MODULES(fsb_take, "folio_split_contract");

/**
 * fsb_supports() - check whether such a folio can be split as requested
 * @f: an isolated THP
 * @req: the request
 *
 * The test device backs each device-private folio with a system folio, and can split
 * that only as a whole, to order 0 and once. A folio that is not swapbacked
 * (MADV_FREE), or is on a device, would never leave the swapcache.
 *
 * Return: 0; -EOPNOTSUPP.
 */
int fsb_supports(const struct fsb_folio *f, const struct fsb_run *req)
{
	bool device = folio_is_device_private(f->folio);

	if (device && (req->order != HPAGE_PMD_ORDER || req->new_order))
		return -EOPNOTSUPP;
	if (req->flags & FSB_RUN_SWAPCACHE &&
	    (device || !folio_test_swapbacked(f->folio)))
		return -EOPNOTSUPP;
	return 0;
}

/**
 * fsb_split_pmd() - split the PMD migration entry of an isolated THP
 * @f: the THP
 * @req: pmd_split_ticks is added to
 *
 * Return: 0; -EBUSY if the folio has got an extra reference meanwhile, as a migration
 * calls the split without one.
 */
int fsb_split_pmd(struct fsb_folio *f, struct fsb_run *req)
{
	u64 start;

	/* Splitting a PMD into migration entries drops one reference. */
	folio_get(f->folio);
	start = fsb_start();
	split_huge_pmd_address(f->args.vma, f->args.start, true);
	req->pmd_split_ticks += fsb_end() - start;
	if (folio_ref_count(f->folio) != folio_expected_ref_count(f->folio) + 1)
		return -EBUSY;
	return 0;
}
EXPORT_SYMBOL_FOR_MODULES(fsb_split_pmd, "folio_split_contract");

/**
 * fsb_choose() - prepare the folio to be split: its order, and swapcache
 * @f: the THP, its PMD split
 * @req: the request
 *
 * Return: 0; -EBUSY if it could not be split, -ENOSPC if there is no swap.
 */
int fsb_choose(struct fsb_folio *f, const struct fsb_run *req)
{
	if (req->order != f->order) {
		if (fsb_split_own(f->folio, req->order))
			return -EBUSY;
		f->first = HPAGE_PMD_NR / 2;
		f->order = req->order;
		f->new_order = f->order;
		f->target = page_folio(folio_page(f->folio, 0) + f->first);
	}
	if (req->flags & FSB_RUN_SWAPCACHE) {
		if (folio_alloc_swap(f->target))
			return -ENOSPC;
		f->swapcache = true;
	}
	return 0;
}

static bool fsb_in_target(const struct fsb_folio *f, unsigned long i)
{
	return i >= f->first && i < f->first + (1UL << f->order);
}

static u32 fsb_check_piece(const struct fsb_folio *f, unsigned long i,
			   unsigned int order)
{
	struct page *page = folio_page(f->folio, 0) + i;
	struct folio *piece = page_folio(page);
	u32 fault = 0;

	if (&piece->page != page || folio_order(piece) != order)
		return FSB_FAULT_ORDER;
	if (!folio_test_locked(piece))
		fault |= FSB_FAULT_LOCK;
	if (folio_ref_count(piece) != folio_expected_ref_count(piece) + 1)
		fault |= FSB_FAULT_REFS;
	if (folio_test_lru(piece))
		fault |= FSB_FAULT_LRU;
	if (folio_mapped(piece))
		fault |= FSB_FAULT_MAPPED;
	if (piece->mapping != f->mapping || piece->index != f->index + i)
		fault |= FSB_FAULT_MAPPING;
	if (folio_test_swapcache(piece) != (f->swapcache && fsb_in_target(f, i)))
		fault |= FSB_FAULT_SWAPCACHE;
	return fault;
}

/**
 * fsb_check() - check the guarantees of the split
 * @f: the THP: the split folio must be in pieces of its new order, next to the
 *     pieces that were made before
 * @sample: fault gets the guarantees that do not hold
 */
void fsb_check(const struct fsb_folio *f, struct fsb_sample *sample)
{
	unsigned long i;
	unsigned int order;

	for (i = 0; i < HPAGE_PMD_NR; i += 1UL << order) {
		order = fsb_in_target(f, i) ? f->new_order : f->order;
		sample->fault |= fsb_check_piece(f, i, order);
	}
}

/**
 * fsb_put_back() - restore the memory of the caller, split or whole
 * @f: a folio that fsb_take() isolated
 * @req: finalize_ticks is added to
 *
 * Goes by the actual orders, not by the requested one: the memory has to be restored
 * after a broken split, too.
 */
void fsb_put_back(struct fsb_folio *f, struct fsb_run *req)
{
	unsigned long *src = f->args.src;
	unsigned long pfn = src[0] >> MIGRATE_PFN_SHIFT;
	unsigned long flags = src[0] & ((1UL << MIGRATE_PFN_SHIFT) - 1);
	unsigned long i, nr;
	u64 start;

	flags &= ~MIGRATE_PFN_COMPOUND;
	for (i = 0; i < HPAGE_PMD_NR; i += nr) {
		nr = folio_nr_pages(page_folio(pfn_to_page(pfn + i)));
		src[i] = migrate_pfn(pfn + i) | flags;
		if (nr > 1)
			src[i] |= MIGRATE_PFN_COMPOUND;
	}

	start = fsb_start();
	migrate_vma_finalize(&f->args);
	req->finalize_ticks += fsb_end() - start;
}
EXPORT_SYMBOL_FOR_MODULES(fsb_put_back, "folio_split_contract");
