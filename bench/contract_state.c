// SPDX-License-Identifier: GPL-2.0
/*
 * 2, of what is neither in FSC_FLAGS nor a field of its own: when a folio was used last and
 * by whom, which each piece has from it, and poison, which stays with its page.
 */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/page_idle.h>

#include "contract.h"

/* Who used the folio last, other than any CPU and process of the test */
#define FSC_CPUPID	0x155

/* Of any page, a tail as well */
static void fsc_set_last_cpupid(struct folio *folio, int cpupid)
{
#if defined(CONFIG_NUMA_BALANCING) && defined(LAST_CPUPID_NOT_IN_PAGE_FLAGS)
	folio_xchg_last_cpupid(folio, cpupid);
#elif defined(CONFIG_NUMA_BALANCING)
	set_mask_bits(&folio->flags.f, LAST_CPUPID_MASK << LAST_CPUPID_PGSHIFT,
		      (unsigned long)cpupid << LAST_CPUPID_PGSHIFT);
#endif
}

static void pieces_keep_last_cpupid(struct kunit *test)
{
	struct fsc_folio *f;
	unsigned long i, bad = 0;

	if (!IS_ENABLED(CONFIG_NUMA_BALANCING))
		kunit_skip(test, "CONFIG_NUMA_BALANCING is off");
	f = fsc_prepare(test, true);
	if (!f)
		return;
	for (i = 0; i < f->nr; i++)
		fsc_set_last_cpupid(fsc_piece(f, i), i ? 0 : FSC_CPUPID);
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	for (i = 0; i < f->nr; i++)
		bad += folio_last_cpupid(fsc_piece(f, i)) != FSC_CPUPID;
	KUNIT_EXPECT_EQ(test, bad, 0);
	fsc_finish(f);
}

/* Young and idle if the folio is, whatever was left in the flags of its tails */
static void pieces_keep_age(struct kunit *test)
{
#if defined(CONFIG_PAGE_IDLE_FLAG) && defined(CONFIG_64BIT)
	const unsigned long age = BIT(PG_young) | BIT(PG_idle);
	unsigned long has;

	/* Neither, one of the two, the other, both */
	for (has = 0; has <= age; has += BIT(PG_young)) {
		struct fsc_folio *f = fsc_prepare(test, true);
		unsigned long i, bad = 0;

		if (!f)
			return;
		for (i = 0; i < f->nr; i++)
			set_mask_bits(&fsc_piece(f, i)->flags.f, age, i ? age & ~has : has);
		KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
		for (i = 0; i < f->nr; i++)
			bad += (fsc_piece(f, i)->flags.f & age) != has;
		KUNIT_EXPECT_EQ_MSG(test, bad, 0, "of flags %#lx", has);
		fsc_finish(f);
	}
#else
	kunit_skip(test, "no page flags for it: CONFIG_PAGE_IDLE_FLAG is off, or 32 bit");
#endif
}

#ifdef CONFIG_MEMORY_FAILURE
/* A page in the second half of the folio, and of no piece the first one */
static unsigned long fsc_poisoned(const struct fsc_folio *f)
{
	return f->nr / 2 + 1;
}

static void poison_stays_with_its_page(struct kunit *test)
{
	struct fsc_folio *f = fsc_prepare(test, true);
	unsigned long i, bad = 0;
	struct page *page;

	if (!f)
		return;
	page = folio_page(f->folio, fsc_poisoned(f));
	SetPageHWPoison(page);
	KUNIT_EXPECT_EQ(test, fsc_split(f, 0), 0);
	for (i = 0; i < f->nr; i++)
		bad += PageHWPoison(&fsc_piece(f, i)->page) != (i == fsc_poisoned(f));
	KUNIT_EXPECT_EQ(test, bad, 0);
	ClearPageHWPoison(page);
	fsc_finish(f);
}

/* A large piece says whether it has a poisoned page. */
static void large_pieces_know_of_poison(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	unsigned int order;

	for (order = 2; order < s->order; order++) {
		struct fsc_folio *f = fsc_prepare(test, true);
		unsigned long i, bad = 0;
		struct page *page;

		if (!f)
			return;
		/*
		 * A device's pages still have flags from when they were small:
		 * PG_active, which is the same bit.
		 */
		for (i = 1; i < f->nr; i++)
			clear_bit(PG_has_hwpoisoned, &fsc_piece(f, i)->flags.f);
		page = folio_page(f->folio, fsc_poisoned(f));
		SetPageHWPoison(page);
		folio_set_has_hwpoisoned(f->folio);
		KUNIT_EXPECT_EQ_MSG(test, fsc_split(f, order), 0, "to order %u", order);
		for (i = 0; i < f->nr; i += 1UL << order) {
			struct folio *piece = fsc_piece(f, i);

			bad += folio_test_has_hwpoisoned(piece) !=
			       (i == round_down(fsc_poisoned(f), 1UL << order));
			folio_clear_has_hwpoisoned(piece);
		}
		KUNIT_EXPECT_EQ_MSG(test, bad, 0, "of order %u", order);
		ClearPageHWPoison(page);
		fsc_finish(f);
	}
}
#else
static void poison_stays_with_its_page(struct kunit *test)
{
	kunit_skip(test, "CONFIG_MEMORY_FAILURE is off");
}

static void large_pieces_know_of_poison(struct kunit *test)
{
	kunit_skip(test, "CONFIG_MEMORY_FAILURE is off");
}
#endif

/* Those that have an order above 0 to be split to, which the swapcache has not */
static const void *fsc_next_to_large(struct kunit *test, const void *prev, char *desc)
{
	const struct fsc_subject *s = prev;

	do {
		s = fsc_next_subject(test, s, desc);
	} while (s && (s->order <= 2 || s->kind == FSC_SWAPCACHE));
	return s;
}

static struct kunit_case fsc_state_cases[] = {
	KUNIT_CASE_PARAM(pieces_keep_last_cpupid, fsc_next_subject),
	KUNIT_CASE_PARAM(pieces_keep_age, fsc_next_subject),
	KUNIT_CASE_PARAM(poison_stays_with_its_page, fsc_next_subject),
	KUNIT_CASE_PARAM(large_pieces_know_of_poison, fsc_next_to_large),
	{}
};

struct kunit_suite fsc_state_suite = {
	.name = "folio_split_state",
	.suite_init = fsc_suite_init,
	.suite_exit = fsc_suite_exit,
	.test_cases = fsc_state_cases,
};
