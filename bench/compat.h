/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernels before the current one lack, found by the macro that is missing and not by
 * the version: trees between two releases, and backports, have some of it.
 */
#ifndef FOLIO_SPLIT_COMPAT_H
#define FOLIO_SPLIT_COMPAT_H

#include <linux/mm_types.h>
#include <linux/slab.h>

/* Since 7.0 */
#ifndef kzalloc_obj
#define kzalloc_obj(p, gfp)	kzalloc(sizeof(p), gfp)
#endif

/* Since 7.0, VMA flags are no integer. */
#ifndef EMPTY_VMA_FLAGS
#define EMPTY_VMA_FLAGS		0
#endif

#endif /* FOLIO_SPLIT_COMPAT_H */
