/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arms that break one promise of the split each, so that it can be shown
 * that the check after the call finds it. Only in builds for the tests.
 */
#ifndef FOLIO_SPLIT_BENCH_MUTANTS_H
#define FOLIO_SPLIT_BENCH_MUTANTS_H

/*
 * The piece that is tampered with, of a folio of any order that was split to
 * order 0: a tail, neither the first nor the last.
 */
static struct folio *fsb_victim(struct folio *folio)
{
	return page_folio(folio_page(folio, 0) + 2);
}

static void fsb_lock(struct folio *victim)
{
	folio_lock(victim);
}

static void fsb_unlock(struct folio *victim)
{
	folio_unlock(victim);
}

static void fsb_get(struct folio *victim)
{
	folio_get(victim);
}

static void fsb_put(struct folio *victim)
{
	folio_put(victim);
}

static void fsb_set_lru(struct folio *victim)
{
	folio_set_lru(victim);
}

static void fsb_clear_lru(struct folio *victim)
{
	folio_clear_lru(victim);
}

static void fsb_map(struct folio *victim)
{
	atomic_inc(&victim->_mapcount);
}

static void fsb_unmap(struct folio *victim)
{
	atomic_dec(&victim->_mapcount);
}

static void fsb_forget_cache(struct folio *victim)
{
	folio_clear_swapcache(victim);
}

static void fsb_remember_cache(struct folio *victim)
{
	/* Of one that never was in it, there is nothing to be undone. */
	if (victim->swap.val)
		folio_set_swapcache(victim);
}

static void fsb_shift(struct folio *victim)
{
	victim->index++;
}

static void fsb_unshift(struct folio *victim)
{
	victim->index--;
}

static int fsb_tampered_split(struct folio *folio, unsigned int new_order,
			      void (*tamper)(struct folio *victim))
{
	int ret = fsb_own(folio, folio_page(folio, 0), new_order);

	if (!ret)
		tamper(fsb_victim(folio));
	return ret;
}

#define FSB_DEFINE_MUTANT(_name, _tamper, _undo)			\
FSB_DEFINE_ARM(mutant_##_name,						\
	       fsb_tampered_split(folio, new_order, _tamper))		\
static void fsb_undo_##_name(struct folio *folio)			\
{									\
	_undo(fsb_victim(folio));					\
}

#define FSB_MUTANT_OP(_name)						\
	{								\
		.name = "mutant-" #_name,				\
		.splits = true,						\
		.run = { fsb_run_mutant_##_name },			\
		.undo = fsb_undo_##_name,				\
	},

/* Of a folio that is split while mapped, only the first piece is judged. */
static int fsb_tampered_head(struct folio *folio, unsigned int new_order,
			     void (*tamper)(struct folio *victim))
{
	int ret = fsb_own_mapped(folio_page(folio, 0), new_order);

	if (!ret)
		tamper(folio);
	return ret;
}

#define FSB_DEFINE_HEAD_MUTANT(_name, _tamper, _undo)			\
FSB_DEFINE_ARM(mutant_head_##_name,					\
	       fsb_tampered_head(folio, new_order, _tamper))		\
static void fsb_undo_head_##_name(struct folio *folio)			\
{									\
	_undo(folio);							\
}

#define FSB_HEAD_MUTANT_OP(_name)					\
	{								\
		.name = "head-" #_name,					\
		.splits = true,						\
		.run = { NULL, fsb_run_mutant_head_##_name },		\
		.undo = fsb_undo_head_##_name,				\
	},

FSB_DEFINE_HEAD_MUTANT(lock, fsb_unlock, fsb_lock)
FSB_DEFINE_HEAD_MUTANT(mapped, fsb_unmap, fsb_map)
FSB_DEFINE_HEAD_MUTANT(mapping, fsb_shift, fsb_unshift)

FSB_DEFINE_MUTANT(lock, fsb_unlock, fsb_lock)
FSB_DEFINE_MUTANT(refs, fsb_get, fsb_put)
FSB_DEFINE_MUTANT(lru, fsb_set_lru, fsb_clear_lru)
FSB_DEFINE_MUTANT(mapped, fsb_map, fsb_unmap)
FSB_DEFINE_MUTANT(mapping, fsb_shift, fsb_unshift)
FSB_DEFINE_MUTANT(cache, fsb_forget_cache, fsb_remember_cache)
/* Says that it split the folio, and did not. */
FSB_DEFINE_ARM(mutant_order, 0)
/* Says that it did not, without a reason that anybody set up. */
FSB_DEFINE_ARM(mutant_return, -EAGAIN)

/*
 * No mutant, but what others may do to any arm: somebody has a reference while
 * the call is made, every other time, and is gone before it returns.
 */
static int fsb_visited_split(struct folio *folio, unsigned int new_order)
{
	static bool visited;
	int ret;

	visited = !visited;
	if (visited)
		folio_get(folio);
	ret = fsb_own(folio, folio_page(folio, 0), new_order);
	if (visited)
		folio_put(folio);
	return ret;
}

FSB_DEFINE_ARM(visited, fsb_visited_split(folio, new_order))

#define FSB_MUTANT_OPS							\
	FSB_MUTANT_OP(lock)						\
	FSB_MUTANT_OP(refs)						\
	FSB_MUTANT_OP(lru)						\
	FSB_MUTANT_OP(mapped)						\
	FSB_MUTANT_OP(mapping)						\
	FSB_MUTANT_OP(cache)						\
	{ .name = "mutant-order", .splits = true,			\
	  .run = { fsb_run_mutant_order, fsb_run_mutant_order } },	\
	{ .name = "mutant-return", .splits = true,			\
	  .run = { fsb_run_mutant_return, fsb_run_mutant_return } },	\
	{ .name = "visited", .splits = true,				\
	  .run = { fsb_run_visited } },					\
	FSB_HEAD_MUTANT_OP(lock)					\
	FSB_HEAD_MUTANT_OP(mapped)					\
	FSB_HEAD_MUTANT_OP(mapping)

#endif /* FOLIO_SPLIT_BENCH_MUTANTS_H */
