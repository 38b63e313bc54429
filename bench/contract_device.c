// SPDX-License-Identifier: GPL-2.0
/*
 * Device-private memory of the contract suite's own: one THP of it, which
 * records the calls of its split callback. There is no device behind it.
 */
#include <linux/ioport.h>
#include <linux/memremap.h>
#include <linux/slab.h>

#include "contract.h"

static struct dev_pagemap *device;
static struct fsc_split_call calls[HPAGE_PMD_NR];
static unsigned int nr_calls;

static void device_folio_free(struct folio *folio)
{
}

/* Nothing that a CPU could read has ever been there. */
static vm_fault_t device_migrate_to_ram(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static void device_folio_split(struct folio *head, struct folio *tail)
{
	if (nr_calls < ARRAY_SIZE(calls)) {
		calls[nr_calls].head = head;
		calls[nr_calls].tail = tail;
	}
	nr_calls++;
	if (tail)
		tail->pgmap = head->pgmap;
}

static const struct dev_pagemap_ops device_ops = {
	.folio_free	= device_folio_free,
	.migrate_to_ram	= device_migrate_to_ram,
	.folio_split	= device_folio_split,
};

/**
 * fsc_device_folio() - the device's THP
 *
 * Return: the folio, locked and with one reference; NULL if it is still in use.
 */
struct folio *fsc_device_folio(void)
{
	struct page *page = pfn_to_page(PHYS_PFN(device->range.start));
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (page_ref_count(page + i))
			return NULL;
	}
	zone_device_folio_init((struct folio *)page, device, HPAGE_PMD_ORDER);
	return page_folio(page);
}

/* The callback's calls since fsc_device_forget() */
const struct fsc_split_call *fsc_device_calls(unsigned int *nr)
{
	*nr = nr_calls;
	return calls;
}

void fsc_device_forget(void)
{
	nr_calls = 0;
}

int fsc_device_init(void)
{
	struct resource *res;
	void *ret;

	device = kzalloc_obj(*device, GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	res = request_free_mem_region(&iomem_resource, HPAGE_PMD_SIZE,
				      "folio_split_contract");
	if (IS_ERR(res)) {
		kfree(device);
		return PTR_ERR(res);
	}
	device->type = MEMORY_DEVICE_PRIVATE;
	device->range.start = res->start;
	device->range.end = res->end;
	device->nr_range = 1;
	device->ops = &device_ops;
	device->owner = &device;
	ret = memremap_pages(device, numa_node_id());
	if (!IS_ERR(ret))
		return 0;
	release_mem_region(res->start, resource_size(res));
	kfree(device);
	return PTR_ERR(ret);
}

void fsc_device_exit(void)
{
	memunmap_pages(device);
	release_mem_region(device->range.start, range_len(&device->range));
	kfree(device);
}
