// SPDX-License-Identifier: GPL-2.0
/*
 * folio_split_leak: lose some memory, for the tests, which have to find it
 */
#include <linux/module.h>
#include <linux/slab.h>

static int __init leak_init(void)
{
	int i;

	/* Of one, a pointer might still lie about somewhere. */
	for (i = 0; i < 16; i++) {
		if (!kmalloc(64, GFP_KERNEL))
			return -ENOMEM;
	}
	return 0;
}

static void __exit leak_exit(void)
{
}

module_init(leak_init);
module_exit(leak_exit);
MODULE_DESCRIPTION("Lose some memory");
MODULE_LICENSE("GPL");
