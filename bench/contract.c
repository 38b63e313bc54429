// SPDX-License-Identifier: GPL-2.0
/*
 * The clauses of the contract, a case or more each. Other than a benchmark's
 * check, they look at all that is promised, and at the folio that was refused.
 */
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/workqueue.h>

#include <../mm/internal.h>
#include <../mm/swap.h>

#include "contract.h"

/* How long a split may take that waits for nobody, in seconds */
#define FSC_PATIENCE	30

/* Of how many pieces does it not hold? */
static unsigned long fsc_bad(const struct fsc_folio *f,
			     bool (*holds)(const struct fsc_folio *f,
					   struct folio *piece, unsigned long i))
{
	unsigned long i, bad = 0;

	for (i = 0; i < f->nr; i += 1UL << f->new_order)
		bad += !holds(f, fsc_piece(f, i), i);
	return bad;
}

/* A case on the pieces of a folio that is split to order 0 */
static void fsc_pieces_case(struct kunit *test,
			    bool (*holds)(const struct fsc_folio *f,
					  struct folio *piece, unsigned long i))
{
	struct fsc_folio *f = fsc_prepare(test, true);

	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	KUNIT_EXPECT_EQ(test, fsc_bad(f, holds), 0);
	fsc_finish(f);
}

#define FSC_PIECES_CASE(_name)						\
static void _name(struct kunit *test)					\
{									\
	fsc_pieces_case(test, fsc_##_name);				\
}

/* 1. The mmap lock is held for read or write; the anon_vma lock need not be. */

static void fsc_locked_case(struct kunit *test, bool write_locked)
{
	struct fsc_folio *f = fsc_prepare(test, write_locked);

	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	KUNIT_EXPECT_EQ(test, folio_order(f->folio), 0);
	fsc_finish(f);
}

static void mmap_lock_for_read_will_do(struct kunit *test)
{
	fsc_locked_case(test, false);
}

static void mmap_lock_for_write_will_do(struct kunit *test)
{
	fsc_locked_case(test, true);
}

struct fsc_aside {
	struct work_struct work;
	struct completion done;
	struct fsc_folio *f;
	int ret;
};

static void fsc_split_aside(struct work_struct *work)
{
	struct fsc_aside *aside = container_of(work, struct fsc_aside, work);

	aside->ret = fsc_split(aside->f, 0);
	complete(&aside->done);
}

/* Another thread splits while this one holds it. */
static void anon_vma_lock_is_not_taken(struct kunit *test)
{
	struct fsc_folio *f = fsc_prepare(test, true);
	struct fsc_aside aside = { .f = f };
	unsigned long left;

	if (!f)
		return;
	INIT_WORK_ONSTACK(&aside.work, fsc_split_aside);
	init_completion(&aside.done);
	anon_vma_lock_write(f->vma->anon_vma);
	queue_work(system_dfl_wq, &aside.work);
	left = wait_for_completion_timeout(&aside.done, FSC_PATIENCE * HZ);
	anon_vma_unlock_write(f->vma->anon_vma);
	flush_work(&aside.work);
	destroy_work_on_stack(&aside.work);
	KUNIT_EXPECT_NE_MSG(test, left, 0, "it waits for the anon_vma lock");
	KUNIT_EXPECT_EQ(test, aside.ret, 0);
	fsc_finish(f);
}

/* 2. Pieces of the order wanted, each in its place and with all it had. */

static bool fsc_pieces_have_order_and_place(const struct fsc_folio *f,
					    struct folio *piece, unsigned long i)
{
	unsigned long j;

	if (folio_order(piece) != f->new_order || PageTail(&piece->page) ||
	    folio_test_large(piece) != !!f->new_order)
		return false;
	/* Fit to be on the deferred list, and not in need of it */
	if (f->new_order && f->split && (!folio_test_large_rmappable(piece) ||
					 folio_test_partially_mapped(piece) ||
					 folio_maybe_dma_pinned(piece)))
		return false;
	/* Its pages are its own, and nobody else's. */
	for (j = 1; j < 1UL << f->new_order; j++) {
		if (page_folio(folio_page(piece, j)) != piece)
			return false;
	}
	return piece->index == f->index + i && piece->mapping == f->mapping &&
	       folio_test_anon(piece);
}

static bool fsc_pieces_keep_flags(const struct fsc_folio *f,
				  struct folio *piece, unsigned long i)
{
	return (piece->flags.f & FSC_FLAGS) == f->flags;
}

static bool fsc_piece_keeps_memcg(const struct fsc_folio *f,
				  struct folio *piece, unsigned long i)
{
#ifdef CONFIG_MEMCG
	return piece->memcg_data == f->memcg_data;
#else
	return true;
#endif
}

FSC_PIECES_CASE(pieces_have_order_and_place)
FSC_PIECES_CASE(pieces_keep_flags)

/* The charge stays with who had it, to the page. */
static void pieces_keep_memcg(struct kunit *test)
{
#ifdef CONFIG_MEMCG
	struct fsc_folio *f = fsc_prepare(test, true);
	struct mem_cgroup *memcg;
	unsigned long before;

	if (!f)
		return;
	memcg = get_mem_cgroup_from_mm(f->mm);
	KUNIT_EXPECT_EQ(test, page_cgroup_ino(&f->folio->page),
			cgroup_ino(memcg->css.cgroup));
	before = page_counter_read(&memcg->memory);
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	KUNIT_EXPECT_EQ(test, page_counter_read(&memcg->memory), before);
	KUNIT_EXPECT_EQ(test, fsc_bad(f, fsc_piece_keeps_memcg), 0);
	mem_cgroup_put(memcg);
	fsc_finish(f);
#else
	kunit_skip(test, "CONFIG_MEMCG is off");
#endif
}

/* What made a page its owner's alone is in the migration entries meanwhile. */
static void pages_are_exclusive_again(struct kunit *test)
{
	struct fsc_folio *f = fsc_prepare(test, true);
	unsigned long i, shared = 0;

	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	fsc_put_back(f);
	for (i = 0; i < f->nr; i++)
		shared += !PageAnonExclusive(&fsc_piece(f, i)->page);
	KUNIT_EXPECT_EQ(test, shared, 0);
	fsc_finish(f);
}

/* A statistic: not to be read under a lock that readers of files may take */
static long fsc_stat(struct fsc_folio *f, unsigned int order, const char *name)
{
	long stat;

	fsc_unlock(f);
	stat = fsc_mthp_stat(order, name);
	fsc_lock(f);
	return stat;
}

static long fsc_anon_folios(struct fsc_folio *f, unsigned int order)
{
	return fsc_stat(f, order, "nr_anon");
}

/* One anonymous folio of the old order less, so many of the new one more. */
static void folios_are_counted_anew(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	unsigned int to = s->order > 2 && s->kind != FSC_SWAPCACHE ? 2 : 0;
	struct fsc_folio *f = fsc_prepare(test, true);
	long from_before, to_before;

	if (!f)
		return;
	from_before = fsc_anon_folios(f, s->order);
	to_before = fsc_anon_folios(f, to);
	KUNIT_EXPECT_GE(test, from_before, 1);
	KUNIT_EXPECT_EQ(test, fsc_split(f, to), 0);
	KUNIT_EXPECT_EQ(test, fsc_anon_folios(f, s->order), from_before - 1);
	/* Of small pages, no statistic is kept. */
	if (to)
		KUNIT_EXPECT_EQ(test, fsc_anon_folios(f, to),
				to_before + (1L << (s->order - to)));
	fsc_finish(f);
}

/* 3. Every piece is still locked, and has the references it is to have. */

static bool fsc_pieces_stay_locked(const struct fsc_folio *f,
				   struct folio *piece, unsigned long i)
{
	return folio_test_locked(piece);
}

static bool fsc_pieces_have_one_reference(const struct fsc_folio *f,
					  struct folio *piece, unsigned long i)
{
	return folio_ref_count(piece) == fsc_expected_refs(f);
}

FSC_PIECES_CASE(pieces_stay_locked)
FSC_PIECES_CASE(pieces_have_one_reference)

/* 4. Not remapped, on no list, and not taken out of the swapcache. */

static bool fsc_migration_entry_is_left(const struct fsc_folio *f, struct page *page)
{
	unsigned long addr = f->thp.args.start +
		(page_to_pfn(page) - folio_pfn(f->thp.folio)) * PAGE_SIZE;
	pmd_t *pmd = fsb_find_pmd(f->mm, addr);
	softleaf_t entry;
	pte_t pte;

	if (!pmd || pmd_none(*pmd) || !pmd_present(*pmd))
		return false;
	pte = ptep_get(pte_offset_kernel(pmd, addr));
	if (pte_none(pte) || pte_present(pte))
		return false;
	entry = softleaf_from_pte(pte);
	return softleaf_is_migration(entry) &&
	       softleaf_to_pfn(entry) == page_to_pfn(page);
}

static bool fsc_pieces_are_not_remapped(const struct fsc_folio *f,
					struct folio *piece, unsigned long i)
{
	unsigned long j;

	for (j = 0; j < 1UL << f->new_order; j++) {
		if (!fsc_migration_entry_is_left(f, &piece->page + j))
			return false;
	}
	return !folio_mapped(piece);
}

static bool fsc_pieces_are_on_no_list(const struct fsc_folio *f,
				      struct folio *piece, unsigned long i)
{
	/* What was refused is on the deferred list as it was. */
	if (f->new_order >= 2 && list_empty(&piece->_deferred_list) !=
				 (f->split || list_empty(&f->neighbours)))
		return false;
	return !folio_test_lru(piece) && !folio_test_unevictable(piece);
}

static bool fsc_piece_is_in_swapcache(const struct fsc_folio *f,
				      struct folio *piece, unsigned long i)
{
	unsigned long j;

	if (!folio_test_swapcache(piece) || piece->swap.val != f->swap.val + i)
		return false;
	for (j = 0; j < 1UL << f->new_order; j++) {
		swp_entry_t entry = { .val = f->swap.val + i + j };
		struct folio *found = swap_cache_get_folio(entry);

		if (found)
			folio_put(found);
		if (found != piece)
			return false;
	}
	return true;
}

FSC_PIECES_CASE(pieces_are_not_remapped)
FSC_PIECES_CASE(pieces_are_on_no_list)

static void swapcache_keeps_pieces(struct kunit *test)
{
	fsc_pieces_case(test, fsc_piece_is_in_swapcache);
}

/* 5. With a reference too many or too few: -EAGAIN, and all is as it was. */

enum fsc_obstacle { FSC_REFERENCE, FSC_PIN, FSC_MISSING, FSC_MAPPING };

static void fsc_set_obstacle(struct folio *folio, enum fsc_obstacle obstacle)
{
	switch (obstacle) {
	case FSC_REFERENCE:
		folio_get(folio);
		break;
	case FSC_PIN: /* as gup_fast pins a large folio, mapped or not */
		folio_get(folio);
		atomic_inc(&folio->_pincount);
		break;
	case FSC_MISSING:
		folio_ref_sub(folio, 1);
		break;
	case FSC_MAPPING: /* passes the first look, and is found at the freeze */
		folio_get(folio);
		atomic_inc(&folio->_large_mapcount);
		break;
	}
}

static void fsc_clear_obstacle(struct folio *folio, enum fsc_obstacle obstacle)
{
	switch (obstacle) {
	case FSC_REFERENCE:
		folio_put(folio);
		break;
	case FSC_PIN:
		atomic_dec(&folio->_pincount);
		folio_put(folio);
		break;
	case FSC_MISSING:
		folio_ref_add(folio, 1);
		break;
	case FSC_MAPPING:
		atomic_dec(&folio->_large_mapcount);
		folio_put(folio);
		break;
	}
}

static void fsc_refusal_case(struct kunit *test, enum fsc_obstacle obstacle)
{
	const struct fsc_subject *s = test->param_value;
	const size_t size = sizeof(struct page) << s->order;
	struct page *before = kunit_kzalloc(test, size, GFP_KERNEL);
	struct fsc_folio *f;
	unsigned int calls;
	int ret = 0;

	KUNIT_ASSERT_NOT_NULL(test, before);
	f = fsc_prepare(test, true);
	if (!f)
		return;
	/* On the deferred list, there is more that could be lost. */
	if (s->kind == FSC_SYSTEM)
		deferred_split_folio(f->folio, true);
	fsc_set_obstacle(f->folio, obstacle);
	memcpy(before, &f->folio->page, size);
	/* The new split warns of a mapped folio, once. */
	kunit_warning_suppress(test) {
		ret = fsc_split(f, 0);
	}
	KUNIT_EXPECT_EQ(test, ret, -EAGAIN);
	fsc_device_calls(&calls);
	KUNIT_EXPECT_EQ_MSG(test, calls, 0, "the driver's callback was called");
	KUNIT_EXPECT_EQ(test, memcmp(&f->folio->page, before, size), 0);
	if (!f->split)
		fsc_clear_obstacle(f->folio, obstacle);
	fsc_finish(f);
}

static void extra_reference_is_refused(struct kunit *test)
{
	fsc_refusal_case(test, FSC_REFERENCE);
}

static void pin_is_refused(struct kunit *test)
{
	fsc_refusal_case(test, FSC_PIN);
}

static void missing_reference_is_refused(struct kunit *test)
{
	fsc_refusal_case(test, FSC_MISSING);
}

static void late_reference_is_refused(struct kunit *test)
{
	fsc_refusal_case(test, FSC_MAPPING);
}

/* 7. It leaves the deferred list; what is kept of it and of pages follows. */

static void deferred_list_is_left(struct kunit *test)
{
	struct fsc_folio *f = fsc_prepare(test, true);
	struct list_head *entry;

	if (!f)
		return;
	deferred_split_folio(f->folio, true);
	entry = &f->folio->_deferred_list;
	KUNIT_EXPECT_FALSE(test, list_empty(entry));
	fsc_note_neighbours(f);
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	KUNIT_EXPECT_PTR_NE(test, f->neighbours.prev->next, entry);
	KUNIT_EXPECT_PTR_NE(test, f->neighbours.next->prev, entry);
	fsc_finish(f);
}

static void partially_mapped_is_uncounted(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f = fsc_prepare(test, true);
	long before;

	if (!f)
		return;
	before = fsc_stat(f, s->order, "nr_anon_partially_mapped");
	KUNIT_EXPECT_GE(test, before, 0);
	deferred_split_folio(f->folio, true);
	KUNIT_EXPECT_EQ(test, fsc_stat(f, s->order, "nr_anon_partially_mapped"),
			before + 1);
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	KUNIT_EXPECT_EQ(test, fsc_stat(f, s->order, "nr_anon_partially_mapped"),
			before);
	fsc_finish(f);
}

static bool fsc_page_owner_follows(const struct fsc_folio *f,
				   struct folio *piece, unsigned long i)
{
	return fsc_page_owner_order(folio_pfn(piece)) == f->new_order;
}

static void page_owner_follows(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f;

	KUNIT_ASSERT_EQ(test, kunit_attach_mm(), 0);
	if (fsc_page_owner_order(0) == -ENOENT)
		kunit_skip(test, "page_owner is off");
	f = fsc_prepare(test, false);
	if (!f)
		return;
	/* The lock is in the way of reading a file into user memory. */
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	fsc_put_back(f);
	KUNIT_EXPECT_EQ_MSG(test, fsc_bad(f, fsc_page_owner_follows), 0,
			    "order %u", s->order);
	fsc_finish(f);
}

/* Each piece takes its share of the tag with it when it is freed. */
static void allocation_tags_follow(struct kunit *test)
{
	/* Freed pages may sit in a batch of each CPU for a while. */
	const long slack = 64L * num_online_cpus() * PAGE_SIZE;
	struct fsc_folio *f;
	long before, with;

	if (!IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING))
		kunit_skip(test, "CONFIG_MEM_ALLOC_PROFILING is off");
	before = fsc_anon_thp_bytes();
	KUNIT_EXPECT_GE(test, before, 0);
	f = fsc_prepare(test, true);
	if (!f)
		return;
	fsc_unlock(f);
	with = fsc_anon_thp_bytes();
	fsc_lock(f);
	KUNIT_EXPECT_GE(test, with, before + (long)HPAGE_PMD_SIZE - slack);
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	fsc_put_back(f);
	KUNIT_EXPECT_EQ(test, fsc_anon_thp_bytes(), with);
	fsc_finish(f);
	KUNIT_EXPECT_LE(test, fsc_anon_thp_bytes(), before + slack);
}

/**
 * fsc_wrong_calls() - was the driver calls of each piece from the second on, in
 *			their order, and then that this was all?
 * @f: the folio, split
 *
 * Return: how many calls of its callback are wrong, missing or too many.
 */
unsigned int fsc_wrong_calls(const struct fsc_folio *f)
{
	const unsigned int pieces = f->nr >> f->new_order;
	const struct fsc_split_call *calls;
	unsigned int nr, i, wrong;

	calls = fsc_device_calls(&nr);
	wrong = nr > pieces ? nr - pieces : pieces - nr;
	for (i = 0; i < min(nr, pieces); i++) {
		struct folio *tail = NULL;

		if (i + 1 < pieces)
			tail = fsc_piece(f, (i + 1UL) << f->new_order);
		wrong += calls[i].head != f->folio || calls[i].tail != tail;
	}
	return wrong;
}

/* 8. The driver's callback */
static void driver_is_told_of_each_piece(struct kunit *test)
{
	struct fsc_folio *f = fsc_prepare(test, true);

	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	KUNIT_EXPECT_EQ(test, fsc_wrong_calls(f), 0);
	fsc_finish(f);
}

/* 10. Interrupts are on, preemption is as it was, and no lock is kept. */
static void fsc_context_case(struct kunit *test, struct fsc_folio *f, int want)
{
	const struct fsc_subject *s = test->param_value;
	unsigned int preempt = preempt_count();
	int rcu = rcu_preempt_depth();
#ifdef CONFIG_LOCKDEP
	int locks = lockdep_depth(current);
#endif
	bool off = false;
	int ret = 0;

	kunit_warning_suppress(test) {
		ret = s->variant->split(f->folio, 0);
		off = irqs_disabled();
		if (off)
			local_irq_enable();
	}
	f->split = !ret;
	f->new_order = ret ? s->order : 0;
	KUNIT_EXPECT_EQ(test, ret, want);
	KUNIT_EXPECT_FALSE_MSG(test, off, "interrupts are off");
	KUNIT_EXPECT_EQ(test, preempt_count(), preempt);
	KUNIT_EXPECT_EQ(test, rcu_preempt_depth(), rcu);
#ifdef CONFIG_LOCKDEP
	KUNIT_EXPECT_EQ(test, lockdep_depth(current), locks);
#endif
}

static void context_is_restored(struct kunit *test)
{
	struct fsc_folio *f = fsc_prepare(test, true);

	if (!f)
		return;
	fsc_set_obstacle(f->folio, FSC_REFERENCE);
	fsc_context_case(test, f, -EAGAIN);
	fsc_clear_obstacle(f->folio, FSC_REFERENCE);
	fsc_set_obstacle(f->folio, FSC_MAPPING);
	fsc_context_case(test, f, -EAGAIN);
	fsc_clear_obstacle(f->folio, FSC_MAPPING);
	if (!f->split)
		fsc_context_case(test, f, 0);
	fsc_finish(f);
}

/* All that holds of a piece, of whatever order */
static bool fsc_piece_is_sound(const struct fsc_folio *f, struct folio *piece,
			       unsigned long i)
{
	return fsc_pieces_have_order_and_place(f, piece, i) &&
	       fsc_pieces_keep_flags(f, piece, i) &&
	       fsc_piece_keeps_memcg(f, piece, i) &&
	       fsc_pieces_stay_locked(f, piece, i) &&
	       fsc_pieces_have_one_reference(f, piece, i) &&
	       fsc_pieces_are_not_remapped(f, piece, i) &&
	       fsc_pieces_are_on_no_list(f, piece, i) &&
	       (f->subject->kind != FSC_SWAPCACHE ||
		fsc_piece_is_in_swapcache(f, piece, i));
}

/**
 * fsc_unsound_pieces() - look at all that is promised of a piece
 * @f: the folio, split to some order
 *
 * Return: of how many pieces something does not hold.
 */
unsigned long fsc_unsound_pieces(const struct fsc_folio *f)
{
	return fsc_bad(f, fsc_piece_is_sound);
}

static struct kunit_case fsc_cases[] = {
	KUNIT_CASE_PARAM(mmap_lock_for_read_will_do, fsc_next_subject),
	KUNIT_CASE_PARAM(mmap_lock_for_write_will_do, fsc_next_subject),
	KUNIT_CASE_PARAM(anon_vma_lock_is_not_taken, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_have_order_and_place, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_keep_flags, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_keep_memcg, fsc_next_subject),
	KUNIT_CASE_PARAM(pages_are_exclusive_again, fsc_next_subject),
	KUNIT_CASE_PARAM(folios_are_counted_anew, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_stay_locked, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_have_one_reference, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_are_not_remapped, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_are_on_no_list, fsc_next_subject),
	KUNIT_CASE_PARAM(swapcache_keeps_pieces, fsc_next_swapcache),
	KUNIT_CASE_PARAM(extra_reference_is_refused, fsc_next_subject),
	KUNIT_CASE_PARAM(pin_is_refused, fsc_next_subject),
	KUNIT_CASE_PARAM(missing_reference_is_refused, fsc_next_subject),
	KUNIT_CASE_PARAM(late_reference_is_refused, fsc_next_subject),
	KUNIT_CASE_PARAM(deferred_list_is_left, fsc_next_system),
	KUNIT_CASE_PARAM(partially_mapped_is_uncounted, fsc_next_system),
	KUNIT_CASE_PARAM(page_owner_follows, fsc_next_system),
	KUNIT_CASE_PARAM(allocation_tags_follow, fsc_next_system),
	KUNIT_CASE_PARAM(driver_is_told_of_each_piece, fsc_next_device),
	KUNIT_CASE_PARAM(context_is_restored, fsc_next_subject),
	{}
};

struct kunit_suite fsc_suite = {
	.name = "folio_split_contract",
	.suite_init = fsc_suite_init,
	.suite_exit = fsc_suite_exit,
	.test_cases = fsc_cases,
};
