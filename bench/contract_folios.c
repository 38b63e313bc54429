// SPDX-License-Identifier: GPL-2.0
/*
 * Folios for the contract suite, in the state that a split expects: taken
 * from an address space of the test's own as the benchmark takes them from
 * its caller's, and put back whatever became of them.
 */
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/memremap.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include <../mm/swap.h>

#include "contract.h"

static unsigned long fsc_pattern(const struct fsc_folio *f, unsigned long i)
{
	return f->thp.args.start / PAGE_SIZE * 31 + i;
}

static unsigned long __user *fsc_page(const struct fsc_folio *f, unsigned long i)
{
	return (unsigned long __user *)(f->thp.args.start + i * PAGE_SIZE);
}

/*
 * Give up what kunit_attach_mm() has attached. Left to the end of the thread,
 * the reference that kthread_use_mm() takes would never be dropped.
 */
void fsc_detach_mm(void)
{
	struct mm_struct *mm = current->mm;

	kthread_unuse_mm(mm);
	mmput(mm);
}

/* A THP with something in each page. Its memory is the loading task's. */
static int fsc_map(struct fsc_folio *f)
{
	unsigned long i;

	f->mm = current->mm;
#ifdef CONFIG_MEMCG
	rcu_assign_pointer(f->mm->owner, fsc_owner);
#endif
	f->area = vm_mmap(NULL, 0, 2 * HPAGE_PMD_SIZE, PROT_READ | PROT_WRITE,
			  MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(f->area))
		return f->area;
	f->thp.args.start = ALIGN(f->area, HPAGE_PMD_SIZE);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (put_user(fsc_pattern(f, i), fsc_page(f, i)))
			return -EFAULT;
	}
	return 0;
}

/* Migrate the THP to the device. The data is of no interest there. */
static int fsc_to_device(struct fsc_folio *f)
{
	struct migrate_vma *args = &f->thp.args;
	struct folio *folio = fsc_device_folio();
	bool migrated;

	if (!folio) {
		migrate_vma_finalize(args);
		return -EBUSY;
	}
	args->dst[0] = migrate_pfn(folio_pfn(folio)) | MIGRATE_PFN_COMPOUND;
	migrate_vma_pages(args);
	migrated = args->src[0] & MIGRATE_PFN_MIGRATE;
	migrate_vma_finalize(args);
	if (!migrated)
		return -EIO;

	memset(args->dst, 0, HPAGE_PMD_NR * sizeof(*args->dst));
	return fsb_take(&f->thp, f->vma, args->start, &f->ticks);
}

/* Locked, isolated, unmapped, as migrate_vma_split_unmapped_folio() has it */
static int fsc_take(struct fsc_folio *f)
{
	unsigned long addr = f->thp.args.start;
	int ret;

	f->vma = vma_lookup(f->mm, addr);
	if (!f->vma)
		return -ENOMEM;
	if (f->write_locked)
		vma_start_write(f->vma);
	ret = fsb_take(&f->thp, f->vma, addr, &f->ticks);
	if (!ret && f->subject->kind == FSC_DEVICE)
		ret = fsc_to_device(f);
	if (ret)
		return ret;
	f->taken = true;
	return fsb_split_pmd(&f->thp, &f->ticks);
}

/* What the kernel itself does: for making pieces, not for testing it */
static int fsc_make_pieces(struct folio *thp, unsigned int order)
{
#ifdef FSB_BEFORE
	return __split_huge_page_to_list_to_order(&thp->page, NULL, order, true);
#else
	return folio_split_unmapped(thp, order);
#endif
}

/* Of a THP in pieces, one in the middle */
static int fsc_choose(struct fsc_folio *f)
{
	int ret = 0;

	f->folio = f->thp.folio;
	if (f->subject->order != HPAGE_PMD_ORDER) {
		ret = fsc_make_pieces(f->thp.folio, f->subject->order);
		f->folio = page_folio(folio_page(f->thp.folio, 0) + HPAGE_PMD_NR / 2);
	}
	if (!ret && f->subject->kind == FSC_SWAPCACHE)
		ret = folio_alloc_swap(f->folio);
	fsc_device_forget();
	return ret;
}

/* Who is beside it on the deferred list; nobody, if it is not on it */
void fsc_note_neighbours(struct fsc_folio *f)
{
	const struct list_head *entry = &f->folio->_deferred_list;

	if (!list_empty(entry)) {
		f->neighbours.prev = entry->prev;
		f->neighbours.next = entry->next;
	}
}

/* What is to be found on each piece */
static void fsc_note(struct fsc_folio *f)
{
	struct folio *folio = f->folio;

	folio_set_referenced(folio);
	if (f->subject->kind != FSC_DEVICE) {
		folio_mark_uptodate(folio);
		folio_set_dirty(folio);
		folio_set_workingset(folio);
		folio_set_active(folio);
	}
	if (f->subject->kind == FSC_SWAPCACHE)
		f->swap = folio->swap;
	f->nr = folio_nr_pages(folio);
	f->index = folio->index;
	f->mapping = folio->mapping;
#ifdef CONFIG_MEMCG
	f->memcg_data = folio->memcg_data;
#endif
	f->flags = folio->flags.f & FSC_FLAGS;
	f->new_order = f->subject->order;
	INIT_LIST_HEAD(&f->neighbours);
	fsc_note_neighbours(f);
}

/* The mmap lock, as the case wants it */
void fsc_lock(struct fsc_folio *f)
{
	if (f->write_locked)
		mmap_write_lock(f->mm);
	else
		mmap_read_lock(f->mm);
}

void fsc_unlock(struct fsc_folio *f)
{
	if (f->write_locked)
		mmap_write_unlock(f->mm);
	else
		mmap_read_unlock(f->mm);
}

/**
 * fsc_prepare() - a folio to split, as the case's parameter wants it
 * @test: the case
 * @write_locked: the mmap lock is to be held for write, not for read
 *
 * The thread that called it holds that lock, and has the folio locked, until
 * fsc_put_back() or fsc_finish(): so let the case expect, not assert.
 *
 * Return: the folio; NULL if there is none, and then the case has failed.
 */
struct fsc_folio *fsc_prepare(struct kunit *test, bool write_locked)
{
	struct fsc_folio *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	unsigned long *pfns = kunit_kcalloc(test, 2 * HPAGE_PMD_NR,
					    sizeof(*pfns), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_ASSERT_NOT_NULL(test, pfns);
	KUNIT_ASSERT_EQ(test, kunit_attach_mm(), 0);
	f->test = test;
	f->subject = test->param_value;
	f->write_locked = write_locked;
	f->thp.args.src = pfns;
	f->thp.args.dst = pfns + HPAGE_PMD_NR;
	KUNIT_ASSERT_EQ(test, fsc_map(f), 0);

	fsc_lock(f);
	ret = fsc_take(f);
	if (!ret)
		ret = fsc_choose(f);
	if (!ret) {
		fsc_note(f);
		return f;
	}
	KUNIT_FAIL(test, "no folio to split: %pe%s", ERR_PTR(ret),
		   f->subject->kind == FSC_SWAPCACHE ? "; is there swap?" : "");
	if (f->taken)
		fsb_put_back(&f->thp, &f->ticks);
	fsc_unlock(f);
	vm_munmap(f->area, 2 * HPAGE_PMD_SIZE);
	fsc_detach_mm();
	return NULL;
}

/**
 * fsc_split() - split it, by the function that the case's parameter names
 * @f: the folio
 * @new_order: to this order
 *
 * Return: what the function returned.
 */
int fsc_split(struct fsc_folio *f, unsigned int new_order)
{
	int ret = f->subject->variant->split(f->folio, new_order);

	/* Another contract's breach must not make this one unreadable. */
	if (irqs_disabled())
		local_irq_enable();
	if (!ret) {
		f->new_order = new_order;
		f->split = true;
	}
	return ret;
}

/* The piece that begins at page @i of the folio, by its place alone */
struct folio *fsc_piece(const struct fsc_folio *f, unsigned long i)
{
	return (struct folio *)(folio_page(f->folio, 0) + i);
}

/* The caller's own reference, and what the swapcache has for each page */
int fsc_expected_refs(const struct fsc_folio *f)
{
	int refs = 1;

	if (f->subject->kind == FSC_SWAPCACHE)
		refs += 1 << f->new_order;
	return refs;
}

/**
 * fsc_put_back() - map the folio again, in pieces or whole, and unlock all
 * @f: the folio
 *
 * What was broken may not survive this: see fsc_judge().
 */
void fsc_put_back(struct fsc_folio *f)
{
	if (!f->taken)
		return;
	fsc_judge(f->test);
	fsb_put_back(&f->thp, &f->ticks);
	f->taken = false;
	fsc_unlock(f);
}

/**
 * fsc_wrong_pages() - does the owner find in its memory what it has written?
 * @f: the folio, put back
 *
 * Return: in how many pages it does not.
 */
static unsigned long fsc_wrong_pages(const struct fsc_folio *f)
{
	unsigned long i, value, wrong = 0;

	/* On the device there is nothing to be read. */
	if (f->subject->kind == FSC_DEVICE)
		return 0;
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (get_user(value, fsc_page(f, i)) || value != fsc_pattern(f, i))
			wrong++;
	}
	return wrong;
}

/**
 * fsc_finish() - put the folio back if need be, and unmap it
 * @f: the folio
 *
 * Whatever the case is about, its owner has to find the data.
 */
void fsc_finish(struct fsc_folio *f)
{
	fsc_put_back(f);
	KUNIT_EXPECT_EQ(f->test, fsc_wrong_pages(f), 0);
	fsc_judge(f->test);
	vm_munmap(f->area, 2 * HPAGE_PMD_SIZE);
	fsc_detach_mm();
}
