// SPDX-License-Identifier: GPL-2.0
/*
 * folio_split_mapped: call the old split for a mapped folio, for the tests
 *
 * The old split is one body for mapped and unmapped callers, and its cost is
 * that of both; so both halves have to work. An address written to the file
 * in debugfs is that of a THP of the writer's, which is split while mapped.
 */
#include <linux/debugfs.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/uaccess.h>

static struct dentry *mapped_file;

static ssize_t mapped_write(struct file *file, const char __user *buf,
			    size_t size, loff_t *pos)
{
	struct folio *folio;
	unsigned long addr;
	struct page *page;
	int ret;

	ret = kstrtoul_from_user(buf, size, 0, &addr);
	if (ret)
		return ret;
	ret = get_user_pages_fast(addr, 1, FOLL_WRITE, &page);
	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	folio = page_folio(page);
	ret = -ENODATA;
	folio_lock(folio);
	if (folio_test_large(folio))
		ret = __split_huge_page_to_list_to_order_old(page, NULL, 0,
							     false);
	/* Whether it is split or not, the lock is with our page's folio. */
	folio_unlock(page_folio(page));
	put_page(page);
	return ret ? ret : size;
}

static const struct file_operations mapped_fops = {
	.owner = THIS_MODULE,
	.write = mapped_write,
};

static int __init mapped_init(void)
{
	mapped_file = debugfs_create_file("folio_split_mapped", 0200, NULL,
					  NULL, &mapped_fops);
	return PTR_ERR_OR_ZERO(mapped_file);
}

static void __exit mapped_exit(void)
{
	debugfs_remove(mapped_file);
}

module_init(mapped_init);
module_exit(mapped_exit);
MODULE_DESCRIPTION("Split mapped folios with the old split");
MODULE_LICENSE("GPL");
