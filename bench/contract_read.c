// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel exports to userspace and not to modules, read as userspace does.
 */
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "contract.h"

/**
 * fsc_read() - read the beginning of a file
 * @path: its name
 * @buf: gets it, with a NUL behind
 * @size: of @buf, in bytes
 *
 * Return: bytes read; -errno.
 */
static int fsc_read(const char *path, char *buf, size_t size)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	size_t done = 0;
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	do {
		ret = kernel_read(file, buf + done, size - 1 - done, &pos);
		if (ret > 0)
			done += ret;
	} while (ret > 0 && done < size - 1);
	buf[done] = '\0';
	filp_close(file, NULL);
	return ret < 0 ? ret : done;
}

/* The number that a file holds; -errno */
static long fsc_read_number(const char *path)
{
	char buf[32];
	long number;
	int ret;

	ret = fsc_read(path, buf, sizeof(buf));
	if (ret < 0)
		return ret;
	ret = kstrtol(strim(buf), 10, &number);
	return ret ? ret : number;
}

/**
 * fsc_mthp_stat() - a statistic of folios of one size
 * @order: of the folios
 * @name: of the statistic
 *
 * Return: its value; -ENOENT for an order that it is not kept of.
 */
long fsc_mthp_stat(unsigned int order, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/transparent_hugepage/hugepages-%lukB/stats/%s",
		 (PAGE_SIZE << order) / SZ_1K, name);
	return fsc_read_number(path);
}

/**
 * fsc_anon_thp_bytes() - bytes that the allocation tag of anonymous THPs has
 *
 * Return: bytes; -errno if the kernel does not keep tags.
 */
long fsc_anon_thp_bytes(void)
{
	const size_t size = SZ_2M;
	unsigned long long bytes;
	long ret = -ENODATA;
	char *buf, *line;
	char *next;

	buf = kvmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	ret = fsc_read("/proc/allocinfo", buf, size);
	if (ret < 0)
		goto out;
	ret = ret == size - 1 ? -EFBIG : -ENODATA;
	for (next = buf; ret != -EFBIG && (line = strsep(&next, "\n"));) {
		if (strstr(line, "mm/huge_memory.c:") &&
		    strstr(line, "func:vma_alloc_anon_folio_pmd") &&
		    sscanf(line, "%llu", &bytes) == 1)
			ret = (ret < 0 ? 0 : ret) + bytes;
	}
out:
	kvfree(buf);
	return ret;
}

/**
 * fsc_page_owner_order() - the order that page_owner has noted for a page
 * @pfn: its number
 *
 * Its file wants a user's buffer: the caller has to have an address space.
 *
 * Return: the order; -ENODATA if it lists nothing at this page; -ENOENT if it is
 * not on; -errno.
 */
int fsc_page_owner_order(unsigned long pfn)
{
	const char *path = "/sys/kernel/debug/page_owner";
	unsigned long user;
	unsigned int order;
	struct file *file;
	loff_t pos = pfn;
	char buf[64] = "";
	ssize_t ret;

	file = filp_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	user = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(user)) {
		filp_close(file, NULL);
		return user;
	}
	ret = file->f_op->read(file, (char __user *)user, PAGE_SIZE, &pos);
	if (ret > 0 && copy_from_user(buf, (char __user *)user, sizeof(buf) - 1))
		ret = -EFAULT;
	vm_munmap(user, PAGE_SIZE);
	filp_close(file, NULL);
	if (ret < 0)
		return ret;
	/* The first entry from @pfn on: that of another page, if it has none. */
	if (pos != pfn + 1 ||
	    sscanf(buf, "Page allocated via order %u", &order) != 1)
		return -ENODATA;
	return order;
}
