// SPDX-License-Identifier: GPL-2.0
/* The order of a large folio, from what a probe fetches of it */
#include "sys/folio_order.h"

#include <stdbool.h>

#define FIRST_OFFSET	56
/* The page tables of no machine have larger folios than of so many pages. */
#define MAX_ORDER	30

int folio_order_of_flags(uint64_t flags)
{
	return flags & 0xff;
}

/* Is @link the mask of a folio of that order, whose struct pages are of @size bytes? */
static bool is_mask_of(uint64_t link, int order, unsigned int size)
{
	return (link & ~1ULL) == ~(((uint64_t)size << order) - 1);
}

int folio_order_of_words(uint64_t folio, const uint64_t words[FOLIO_ORDER_WORDS])
{
	/* A second page has both: its flags, and behind them its link. */
	for (unsigned int i = 0; i + 1 < FOLIO_ORDER_WORDS; i++) {
		unsigned int size = FIRST_OFFSET + 8 * i;
		int order = folio_order_of_flags(words[i]);

		if (order < 1 || order > MAX_ORDER)
			continue;
		if (words[i + 1] == (folio | 1) ||
		    (!(size & (size - 1)) && is_mask_of(words[i + 1], order, size) &&
		     (words[i + 1] & 1)))
			return order;
	}
	return -1;
}
