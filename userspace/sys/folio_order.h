/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of a large folio, from what a probe fetches of it. Since Linux 6.6 it is the
 * low byte of folio->_flags_1, the flags of the folio's second struct page. A kernel with
 * BTF finds the member by its name. Of another one the size of struct page is not known:
 * then as many words are fetched as cover the usual sizes, and of these the second page is
 * known by its link to the head.
 */
#ifndef SPLITBENCH_FOLIO_ORDER_H
#define SPLITBENCH_FOLIO_ORDER_H

#include <stdint.h>

#define FOLIO_ORDER_WORDS	5

/* Arguments of a probe at the entry of a function whose first argument is the folio */
#define FOLIO_ORDER_BY_NAME	"flags=folio->_flags_1:x64"
#define FOLIO_ORDER_BY_WORDS	"folio=$arg1:x64 w0=+56($arg1):x64 w1=+64($arg1):x64 w2=+72($arg1):x64 w3=+80($arg1):x64 w4=+88($arg1):x64"

/* Return: the order that folio->_flags_1 says. */
int folio_order_of_flags(uint64_t flags);

/**
 * folio_order_of_words() - the order, from words of the folio's struct pages
 * @folio: its address
 * @words: at FOLIO_ORDER_WORDS offsets, 56 bytes and each 8 more
 *
 * A tail page links to its head after its flags: by its address and 1, or, since Linux
 * 7.1 and where the size of struct page is a power of 2, by a mask and 1, of which the zeros are
 * the order and that size.
 *
 * Return: the order; -1 if none of the words is such a link, or it belies the order.
 */
int folio_order_of_words(uint64_t folio, const uint64_t words[FOLIO_ORDER_WORDS]);

#endif /* SPLITBENCH_FOLIO_ORDER_H */
