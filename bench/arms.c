// SPDX-License-Identifier: GPL-2.0
/*
 * The arms: what is timed. To add one, define it and put it in the table.
 */
#include <linux/array_size.h>
#include <linux/mm.h>

#include "internal.h"

/*
 * Inside the clock: the call, and half of each counter read. Outside it:
 * choosing the arm, counting what disturbed it, looking at the result. Each
 * arm has a function of its own, so that the call is a direct one and the
 * clock sees no dispatch; what the clock sees of itself is arm "empty".
 */
#define FSB_DEFINE_ARM(_name, _call)					\
static noinline void fsb_run_##_name(struct folio *folio,		\
				     const struct fsb_run *req,		\
				     struct fsb_sample *sample)		\
{									\
	unsigned int __maybe_unused new_order = req->new_order;		\
	struct page __maybe_unused *page = &folio->page;		\
	u64 start, end;							\
	int ret;							\
									\
	OPTIMIZER_HIDE_VAR(new_order);					\
	OPTIMIZER_HIDE_VAR(folio);					\
	OPTIMIZER_HIDE_VAR(page);					\
	start = fsb_start();						\
	ret = _call;							\
	end = fsb_end();							\
	sample->start = start;						\
	sample->ticks = end - start;					\
	sample->ret = ret;						\
}

/* What the kernel itself calls, of a folio that is unmapped or mapped */
static __always_inline int fsb_own(struct folio *folio, struct page *page,
				   unsigned int order)
{
#ifdef FSB_BEFORE
	return __split_huge_page_to_list_to_order(page, NULL, order, true);
#else
	return folio_split_unmapped(folio, order);
#endif
}

/* The same for making pieces, not for timing it */
int fsb_split_own(struct folio *folio, unsigned int new_order)
{
	return fsb_own(folio, &folio->page, new_order);
}

static __always_inline int fsb_own_mapped(struct page *page, unsigned int order)
{
#ifdef FSB_BEFORE
	return __split_huge_page_to_list_to_order(page, NULL, order, false);
#else
	return __split_huge_page_to_list_to_order(page, NULL, order);
#endif
}

static __always_inline int fsb_slow(int ret, u32 loops)
{
	while (loops--)
		barrier();
	return ret;
}

FSB_DEFINE_ARM(empty, 0)
FSB_DEFINE_ARM(own, fsb_own(folio, page, new_order))
FSB_DEFINE_ARM(own_mapped, fsb_own_mapped(page, new_order))
FSB_DEFINE_ARM(slow, fsb_slow(fsb_own(folio, page, new_order), req->slow_loops))
FSB_DEFINE_ARM(slow_mapped,
	       fsb_slow(fsb_own_mapped(page, new_order), req->slow_loops))
#ifdef CONFIG_FOLIO_SPLIT_OLD
FSB_DEFINE_ARM(old,
	       __split_huge_page_to_list_to_order_old(page, NULL, new_order, true))
FSB_DEFINE_ARM(old_mapped,
	       __split_huge_page_to_list_to_order_old(page, NULL, new_order, false))
#else
#define fsb_run_old NULL
#define fsb_run_old_mapped NULL
#endif

#ifdef CONFIG_FOLIO_SPLIT_AGAIN
FSB_DEFINE_ARM(again, folio_split_unmapped_again(folio, new_order))
FSB_DEFINE_ARM(slow_again,
	       fsb_slow(folio_split_unmapped_again(folio, new_order), req->slow_loops))
#else
#define fsb_run_again NULL
#define fsb_run_slow_again NULL
#endif

#define FSB_RUNS(_name)		{ fsb_run_##_name, fsb_run_##_name##_mapped }

#ifdef FSB_BEFORE
#define FSB_OWN			"old"
#define FSB_OLD_RUNS		FSB_RUNS(own)
#define FSB_NEW_RUNS		{ NULL, NULL }
#define FSB_SAME_OLD_RUNS	{ NULL, NULL }
#else
#define FSB_OWN			"new"
#define FSB_OLD_RUNS		FSB_RUNS(old)
#define FSB_NEW_RUNS		FSB_RUNS(own)
#define FSB_SAME_OLD_RUNS	FSB_RUNS(old)
#endif

#ifdef FSB_MUTANTS
#include "mutants.h"
#else
#define FSB_MUTANT_OPS
#endif

const struct fsb_op fsb_ops[] = {
	/* What the clock costs with nothing in it. The folio stays whole. */
	{ .name = "empty", .splits = false,
	  .run = { fsb_run_empty, fsb_run_empty } },
	{ .name = "old", .against = "new", .splits = true, .run = FSB_OLD_RUNS },
	{ .name = "new", .splits = true, .run = FSB_NEW_RUNS },
	/* The control: the source of new at another address */
	{ .name = "again", .against = "new", .control = true, .splits = true,
	  .run = { fsb_run_again } },
	/* Controls of one text: they cannot see placement and warmth. */
	{ .name = "same", .code = FSB_OWN, .control = true, .splits = true,
	  .run = FSB_RUNS(own) },
	{ .name = "same_old", .code = "old", .against = "old", .control = true,
	  .splits = true, .run = FSB_SAME_OLD_RUNS },
	/* With slow_loops iterations more: must be found by a comparison. */
	{ .name = "slow", .code = FSB_OWN, .splits = true, .run = FSB_RUNS(slow) },
	{ .name = "slow_again", .code = "again", .splits = true,
	  .run = { fsb_run_slow_again } },
	FSB_MUTANT_OPS
};

const unsigned int fsb_nr_ops = ARRAY_SIZE(fsb_ops);
