/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the kernel's functions that split an unmapped folio */
#ifndef SPLITBENCH_SPLIT_FUNCTIONS_H
#define SPLITBENCH_SPLIT_FUNCTIONS_H

/* The new split: what migrations call since Linux 6.19 */
#define SPLIT_NEW_FUNCTION	"folio_split_unmapped"
/* The old split next to it, in a kernel with the series of patches/ */
#define SPLIT_OLD_FUNCTION	"__split_huge_page_to_list_to_order_old"
/*
 * The old split in a kernel from before the change: the ordinary split, which had
 * an argument for it. Newer kernels have a function of that name too, without it.
 */
#define SPLIT_BEFORE_FUNCTION	"__split_huge_page_to_list_to_order"

#endif /* SPLITBENCH_SPLIT_FUNCTIONS_H */
