// SPDX-License-Identifier: GPL-2.0
/*
 * 6. To what orders: those that there are, and what becomes of the others.
 *
 * Of the others nothing is promised. What the two splits do differs, and is
 * written down here: if a kernel changes it, a case fails and says so.
 */
#include <linux/mm.h>
#include <linux/moduleparam.h>

#include <../mm/internal.h>

#include "contract.h"

static bool larger;
module_param(larger, bool, 0444);
MODULE_PARM_DESC(larger, "also \"split\" to a larger order, which breaks the kernel");

static void each_order_makes_sound_pieces(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	unsigned int order;

	for (order = 0; order < s->order; order++) {
		struct fsc_folio *f;

		/* Of order 1 there is none; of the swapcache, see below. */
		if (order == 1 || (order && s->kind == FSC_SWAPCACHE))
			continue;
		f = fsc_prepare(test, true);
		if (!f)
			return;
		/* With more that a piece must not have from it. */
		if (s->kind == FSC_SYSTEM)
			deferred_split_folio(f->folio, true);
		KUNIT_EXPECT_EQ_MSG(test, fsc_split(f, order), 0, "to order %u", order);
		KUNIT_EXPECT_EQ_MSG(test, fsc_unsound_pieces(f), 0, "of order %u", order);
		if (s->kind == FSC_DEVICE)
			KUNIT_EXPECT_EQ_MSG(test, fsc_wrong_calls(f), 0, "of order %u", order);
		fsc_finish(f);
	}
}

/*
 * The old split refuses with -EINVAL, and warns where it takes the folio to be
 * one that nobody splits to that order. The new one does not look.
 */
static struct fsc_folio *fsc_try(struct kunit *test, unsigned int order,
				 int old_warns, int *ret)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f = fsc_prepare(test, true);

	if (!f)
		return NULL;
	kunit_warning_suppress(test) {
		*ret = fsc_split(f, order);
		/* VM_WARN_ONCE(): the first time only */
		KUNIT_EXPECT_LE(test, KUNIT_SUPPRESSED_WARNING_COUNT(),
				IS_ENABLED(CONFIG_DEBUG_VM) && s->variant->checks ? old_warns : 0);
	}
	return f;
}

/* Old: -EINVAL. New: 0, and the folio is whole. */
static void fsc_whole_case(struct kunit *test, unsigned int order, int old_warns)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f;
	int ret;

	f = fsc_try(test, order, old_warns, &ret);
	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, ret, s->variant->checks ? -EINVAL : 0);
	f->new_order = s->order;
	KUNIT_EXPECT_EQ(test, fsc_unsound_pieces(f), 0);
	fsc_finish(f);
}

static void order_1_leaves_it_whole(struct kunit *test)
{
	fsc_whole_case(test, 1, 1);
}

static void same_order_leaves_it_whole(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;

	fsc_whole_case(test, s->order, 0);
}

/* Old: -EINVAL, as the ordinary split. New: splits, and the pieces are sound. */
static void swapcache_to_an_order_above_0(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	unsigned int order;
	int ret;

	for (order = 2; order < s->order; order++) {
		struct fsc_folio *f = fsc_try(test, order, 1, &ret);

		if (!f)
			return;
		KUNIT_EXPECT_EQ_MSG(test, ret, s->variant->checks ? -EINVAL : 0,
				    "to order %u", order);
		KUNIT_EXPECT_EQ_MSG(test, fsc_unsound_pieces(f), 0, "of order %u", order);
		fsc_finish(f);
	}
}

/*
 * Old: -EINVAL. New: shifts by a negative number, and makes of the folio one
 * that reaches into its neighbour: for a kernel that nobody needs any more.
 */
static void larger_order(struct kunit *test)
{
	const struct fsc_subject *s = test->param_value;
	struct fsc_folio *f;

	if (!s->variant->checks && !larger)
		kunit_skip(test, "breaks the kernel; larger=1 to see it");
	f = fsc_prepare(test, true);
	if (!f)
		return;
	KUNIT_EXPECT_EQ(test, fsc_split(f, s->order + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, folio_order(f->folio), s->order);
	fsc_finish(f);
}

/* Those that have an order above 0 to be split to */
static const void *fsc_next_in_pieces(struct kunit *test, const void *prev, char *desc)
{
	const struct fsc_subject *s = prev;

	do {
		s = fsc_next_swapcache(test, s, desc);
	} while (s && s->order <= 2);
	return s;
}

/* One of each kind will do. */
static const void *fsc_next_whole(struct kunit *test, const void *prev, char *desc)
{
	const struct fsc_subject *s = prev;

	do {
		s = fsc_next_subject(test, s, desc);
	} while (s && s->order != HPAGE_PMD_ORDER);
	return s;
}

static struct kunit_case fsc_order_cases[] = {
	KUNIT_CASE_PARAM(each_order_makes_sound_pieces, fsc_next_subject),
	KUNIT_CASE_PARAM(order_1_leaves_it_whole, fsc_next_subject),
	KUNIT_CASE_PARAM(same_order_leaves_it_whole, fsc_next_subject),
	KUNIT_CASE_PARAM(swapcache_to_an_order_above_0, fsc_next_in_pieces),
	KUNIT_CASE_PARAM(larger_order, fsc_next_whole),
	{}
};

struct kunit_suite fsc_order_suite = {
	.name = "folio_split_orders",
	.suite_init = fsc_suite_init,
	.suite_exit = fsc_suite_exit,
	.test_cases = fsc_order_cases,
};
