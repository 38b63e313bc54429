/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract suite: what the parts of it share.
 */
#ifndef FOLIO_SPLIT_CONTRACT_H
#define FOLIO_SPLIT_CONTRACT_H

#include <kunit/test.h>
#include <linux/mm.h>

#include "internal.h"

/*
 * Since 7.2, KUnit can keep warnings in, and count them. Without DEBUG_VM, nothing that a case
 * does is warned of.
 */
#ifndef kunit_warning_suppress
#ifdef CONFIG_DEBUG_VM
#error With DEBUG_VM, cases of the contract suite warn, and this KUnit cannot suppress that
#endif
#define kunit_warning_suppress(test)
#define KUNIT_SUPPRESSED_WARNING_COUNT()	0
#endif

/* What a folio that is split can be */
enum fsc_kind {
	FSC_SYSTEM,	/* of the system's memory */
	FSC_DEVICE,	/* device-private, of the suite's own device */
	FSC_SWAPCACHE,	/* of the system's memory, and in the swapcache */
};

/**
 * struct fsc_variant - a function that is to keep the contract
 * @name: "old" or "new"
 * @split: the function
 * @checks: it looks for itself whether a folio can be split to that order
 */
struct fsc_variant {
	const char *name;
	int (*split)(struct folio *folio, unsigned int new_order);
	bool checks;
};

/**
 * struct fsc_subject - what a case is run on
 * @variant: the function that splits it
 * @kind: what it is
 * @order: and of what order; below the PMD's, it is a piece of a THP, which
 *	   is in just the state that a piece is left in
 */
struct fsc_subject {
	const struct fsc_variant *variant;
	enum fsc_kind kind;
	unsigned int order;
};

/**
 * struct fsc_folio - a folio that a case splits
 * @test: the case
 * @subject: what the folio is
 * @mm: the address space it was mapped in
 * @vma: the VMA there
 * @area: the mapping, of two THPs' size, that the VMA is
 * @thp: the THP on its way; its pieces, if the folio is a piece
 * @ticks: not of interest here
 * @folio: the folio
 * @nr: its pages
 * @index: its index before the split
 * @mapping: its anon_vma, tagged, before the split
 * @memcg_data: what it is charged to, before the split
 * @flags: those of its flags that a piece is to have
 * @swap: its first entry in the swapcache
 * @neighbours: what was before and after it on the deferred list
 * @new_order: what it was last asked to be split to
 * @split: it has been split
 * @write_locked: the mmap lock is held for write, not for read
 * @taken: it is still to be put back
 */
struct fsc_folio {
	struct kunit *test;
	const struct fsc_subject *subject;
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long area;
	struct fsb_folio thp;
	struct fsb_run ticks;
	struct folio *folio;
	unsigned long nr;
	pgoff_t index;
	struct address_space *mapping;
	unsigned long memcg_data;
	unsigned long flags;
	swp_entry_t swap;
	struct list_head neighbours;
	unsigned int new_order;
	bool split;
	bool write_locked;
	bool taken;
};

/* Of the flags that a piece has from its folio, those that are looked at */
#define FSC_FLAGS	(BIT(PG_locked) | BIT(PG_referenced) | BIT(PG_uptodate) | \
			 BIT(PG_dirty) | BIT(PG_workingset) | BIT(PG_swapbacked) | \
			 BIT(PG_swapcache) | BIT(PG_active))

extern struct task_struct *fsc_owner;

struct fsc_folio *fsc_prepare(struct kunit *test, bool write_locked);
void fsc_lock(struct fsc_folio *f);
void fsc_unlock(struct fsc_folio *f);
void fsc_note_neighbours(struct fsc_folio *f);
int fsc_split(struct fsc_folio *f, unsigned int new_order);
struct folio *fsc_piece(const struct fsc_folio *f, unsigned long i);
int fsc_expected_refs(const struct fsc_folio *f);
void fsc_put_back(struct fsc_folio *f);
unsigned int fsc_wrong_calls(const struct fsc_folio *f);
unsigned long fsc_unsound_pieces(const struct fsc_folio *f);
void fsc_finish(struct fsc_folio *f);
void fsc_detach_mm(void);

/**
 * struct fsc_split_call - one call of the device's split callback
 * @head: the folio
 * @tail: the piece; NULL: the last call, for the folio itself
 */
struct fsc_split_call {
	struct folio *head;
	struct folio *tail;
};

int fsc_device_init(void);
void fsc_device_exit(void);
struct folio *fsc_device_folio(void);
const struct fsc_split_call *fsc_device_calls(unsigned int *nr);
void fsc_device_forget(void);

long fsc_mthp_stat(unsigned int order, const char *name);
long fsc_anon_thp_bytes(void);
int fsc_page_owner_order(unsigned long pfn);

void fsc_judge(const struct kunit *test);
int fsc_suite_init(struct kunit_suite *suite);
void fsc_suite_exit(struct kunit_suite *suite);

extern struct kunit_suite fsc_suite;
extern struct kunit_suite fsc_order_suite;
extern struct kunit_suite fsc_state_suite;
extern struct kunit_suite fsc_misuse_suite;

const void *fsc_next_subject(struct kunit *test, const void *prev, char *desc);
const void *fsc_next_system(struct kunit *test, const void *prev, char *desc);
const void *fsc_next_device(struct kunit *test, const void *prev, char *desc);
const void *fsc_next_swapcache(struct kunit *test, const void *prev, char *desc);

#endif /* FOLIO_SPLIT_CONTRACT_H */
