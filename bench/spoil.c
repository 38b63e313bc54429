// SPDX-License-Identifier: GPL-2.0
/*
 * Caches and branch predictors as a call finds them after something else ran
 *
 * Memory is read, a byte of each cache line: what the last level holds of the
 * code and data that are measured makes way for it, if it is about twice that
 * large. Then as many branches as a large branch target buffer has entries are
 * executed, taken or not as random bytes have it, in more code than a level 1
 * instruction cache holds.
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

/* The asm keeps the compiler from doing without the branch. */
#define FSB_BRANCH							\
	do {								\
		if (*taken++ & 1)					\
			asm volatile("nop" : : : "memory");	\
	} while (0);

#define FSB_TIMES_8(_what)	_what _what _what _what _what _what _what _what
#define FSB_BRANCH_8		FSB_TIMES_8(FSB_BRANCH)
#define FSB_BRANCH_64		FSB_TIMES_8(FSB_BRANCH_8)
#define FSB_BRANCH_512		FSB_TIMES_8(FSB_BRANCH_64)
#define FSB_BRANCH_4096		FSB_TIMES_8(FSB_BRANCH_512)

static noinline void fsb_spoil_branches(const u8 *taken)
{
	FSB_BRANCH_4096
	FSB_BRANCH_4096
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
 * fsb_spoil() - spoil this CPU's caches and branch predictors
 * @spoiler: by what; NULL: they are left alone
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
