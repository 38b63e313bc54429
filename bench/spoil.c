// SPDX-License-Identifier: GPL-2.0
/*
 * Evict caches and branch predictors, as if something else ran before a call
 *
 * One byte of each cache line of a buffer is read: with a buffer of about twice the
 * size of the last-level cache, this evicts the code and data under test. Then as
 * many branches as a large branch target buffer has entries are executed, taken or
 * not by random bytes, in more code than a level 1 instruction cache holds.
 */
#include <linux/cache.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "internal.h"

#define FSB_BRANCHES	8192

struct fsb_spoiler {
	size_t size;
	u8 *data;
	u8 taken[FSB_BRANCHES];
};

/* The asm keeps the compiler from replacing the branch. */
static __always_inline const u8 *fsb_branch(const u8 *taken)
{
	if (*taken & 1)
		asm volatile("nop" : : : "memory");
	return taken + 1;
}

static __always_inline const u8 *fsb_branches_8(const u8 *taken)
{
	taken = fsb_branch(fsb_branch(fsb_branch(fsb_branch(taken))));
	return fsb_branch(fsb_branch(fsb_branch(fsb_branch(taken))));
}

static __always_inline const u8 *fsb_branches_64(const u8 *taken)
{
	taken = fsb_branches_8(fsb_branches_8(fsb_branches_8(fsb_branches_8(taken))));
	return fsb_branches_8(fsb_branches_8(fsb_branches_8(fsb_branches_8(taken))));
}

static __always_inline const u8 *fsb_branches_512(const u8 *taken)
{
	taken = fsb_branches_64(fsb_branches_64(fsb_branches_64(fsb_branches_64(taken))));
	return fsb_branches_64(fsb_branches_64(fsb_branches_64(fsb_branches_64(taken))));
}

static __always_inline const u8 *fsb_branches_4096(const u8 *taken)
{
	taken = fsb_branches_512(fsb_branches_512(fsb_branches_512(fsb_branches_512(taken))));
	return fsb_branches_512(fsb_branches_512(fsb_branches_512(fsb_branches_512(taken))));
}

static noinline void fsb_spoil_branches(const u8 *taken)
{
	fsb_branches_4096(fsb_branches_4096(taken));
}

struct fsb_spoiler *fsb_spoiler_create(u32 kib)
{
	struct fsb_spoiler *s = kvmalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	s->size = (size_t)kib * 1024;
	s->data = kvmalloc(s->size, GFP_KERNEL_ACCOUNT);
	if (!s->data) {
		kvfree(s);
		return NULL;
	}
	get_random_bytes(s->taken, sizeof(s->taken));
	return s;
}

/**
 * fsb_spoil() - evict this CPU's caches and branch predictors
 * @spoiler: buffer and branches; NULL: do nothing
 */
void fsb_spoil(const struct fsb_spoiler *spoiler)
{
	size_t i;

	if (!spoiler)
		return;
	for (i = 0; i < spoiler->size; i += L1_CACHE_BYTES)
		READ_ONCE(spoiler->data[i]);
	fsb_spoil_branches(spoiler->taken);
}

void fsb_spoiler_free(struct fsb_spoiler *spoiler)
{
	if (!spoiler)
		return;
	kvfree(spoiler->data);
	kvfree(spoiler);
}
