// SPDX-License-Identifier: GPL-2.0
/*
 * A caller's THP on its way to the split and back, as a migration takes it:
 * collected, isolated and unmapped by migrate_vma_setup(), its PMD entry
 * split; and remapped, put on the LRU and unlocked by
 * migrate_vma_finalize(), which finds no destination and so restores it.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "internal.h"

/* Give back what migrate_vma_setup() took but the benchmark cannot use. */
static int fsb_untake(struct fsb_folio *f, int error)
{
	migrate_vma_finalize(&f->args);
	f->folio = NULL;
	return error;
}

/**
 * fsb_take() - bring a THP into the state that it is split in
 * @f: the folio's place, its args.src and args.dst set
 * @vma: private and anonymous, covering the THP
 * @addr: the THP's address
 * @req: setup_ticks and pmd_split_ticks are added to
 *
 * The caller holds the mmap lock until after fsb_put_back().
 *
 * Return: 0; -ENODATA if there is no PMD-mapped THP; -EACCES if it is not
 *	   the caller's alone to write; -EBUSY if it cannot be isolated now.
 *	   Nothing is held after an error.
 */
int fsb_take(struct fsb_folio *f, struct vm_area_struct *vma,
	     unsigned long addr, struct fsb_run *req)
{
	const unsigned long want = MIGRATE_PFN_MIGRATE | MIGRATE_PFN_COMPOUND;
	struct migrate_vma *args = &f->args;
	struct page *page;
	u64 start;
	int ret;

	args->vma = vma;
	args->start = addr;
	args->end = addr + HPAGE_PMD_SIZE;
	args->flags = MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_SELECT_COMPOUND;

	start = fsb_counter();
	ret = migrate_vma_setup(args);
	req->setup_ticks += fsb_counter() - start;
	if (ret)
		return ret;

	if (!args->src[0])
		return fsb_untake(f, -EBUSY);
	page = migrate_pfn_to_page(args->src[0]);
	if ((args->src[0] & want) != want || !page)
		return fsb_untake(f, -ENODATA);
	f->folio = page_folio(page);
	if (folio_order(f->folio) != HPAGE_PMD_ORDER ||
	    !folio_test_anon(f->folio))
		return fsb_untake(f, -ENODATA);
	/*
	 * Writable means mapped here only. Of a folio that a fork shares, the
	 * other mapping would keep a PMD entry for what is no PMD any more.
	 */
	if (!(args->src[0] & MIGRATE_PFN_WRITE))
		return fsb_untake(f, -EACCES);

	f->index = f->folio->index;
	f->mapping = f->folio->mapping;
	f->order = HPAGE_PMD_ORDER;

	/* Splitting a PMD into migration entries drops one reference. */
	folio_get(f->folio);
	start = fsb_counter();
	split_huge_pmd_address(vma, addr, true);
	req->pmd_split_ticks += fsb_counter() - start;

	/* The split is to find what a migration brings it, nothing else. */
	if (folio_ref_count(f->folio) != folio_expected_ref_count(f->folio) + 1)
		return fsb_untake(f, -EBUSY);
	return 0;
}

static u32 fsb_check_piece(const struct fsb_folio *f, unsigned long i)
{
	struct page *page = folio_page(f->folio, 0) + i;
	struct folio *piece = page_folio(page);
	u32 fault = 0;

	if (&piece->page != page || folio_order(piece) != f->order)
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
	return fault;
}

/**
 * fsb_check() - does the folio look as promised after its call?
 * @f: the folio, @order the order its pieces are to have
 * @sample: fault gets the clauses that do not hold
 */
void fsb_check(const struct fsb_folio *f, struct fsb_sample *sample)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i += 1UL << f->order)
		sample->fault |= fsb_check_piece(f, i);
}

/**
 * fsb_put_back() - give the caller its memory back, split or whole
 * @f: a folio that fsb_take() took
 * @req: finalize_ticks is added to
 *
 * Goes by what the folio is, not by what the call was to make of it: after
 * a broken split, the caller's memory still has to come back.
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

	start = fsb_counter();
	migrate_vma_finalize(&f->args);
	req->finalize_ticks += fsb_counter() - start;
}
