/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the module share: arms, folios, a call's context */
#ifndef FOLIO_SPLIT_BENCH_INTERNAL_H
#define FOLIO_SPLIT_BENCH_INTERNAL_H

#include <linux/migrate.h>
#include <linux/mm.h>

#include "compat.h"
#include "counter.h"
#include "folio_split_bench.h"

/* What state a folio is in when it is split */
enum fsb_state { FSB_UNMAPPED, FSB_MAPPED, FSB_NR_STATES };

/**
 * struct fsb_op - an arm
 * @name: what callers name it by
 * @code: name of the machine code that it calls: arms of the same code warm
 *	  each other; NULL: one of its own
 * @against: the arm that it is compared with; NULL: the one that the kernel itself calls
 * @control: it calls the code of @against, or a copy of it: an A/A control
 * @splits: the folio is in pieces when it returns 0
 * @run: for each enum fsb_state: makes the call between two reads of the
 *	 counter and fills in the sample's start, ticks and ret; NULL if this
 *	 kernel does not have it
 * @undo: for mutants, which break a promise to see it found: keeps it after
 *	  all, before the folio is put back; else NULL
 */
struct fsb_op {
	const char *name;
	const char *code;
	const char *against;
	bool control;
	bool splits;
	void (*run[FSB_NR_STATES])(struct folio *folio,
				   const struct fsb_run *req,
				   struct fsb_sample *sample);
	void (*undo)(struct folio *folio);
};

extern const struct fsb_op fsb_ops[];
extern const unsigned int fsb_nr_ops;

/**
 * struct fsb_folio - a folio of the caller's on its way through a request
 * @args: of its migration; src and dst have HPAGE_PMD_NR entries each
 * @folio: the THP before, the first piece after the split
 * @index: page cache style index of its first page
 * @mapping: its anon_vma, tagged, to be found on each piece
 * @target: what is split: the THP, or a piece that it was split into before
 * @first: at which of the THP's pages that begins
 * @order: its order before
 * @new_order: order that its pieces are to have; @order if unsplit
 * @swapcache: it is in the swapcache
 */
struct fsb_folio {
	struct migrate_vma args;
	struct folio *folio;
	struct address_space *mapping;
	pgoff_t index;
	struct folio *target;
	unsigned long first;
	unsigned int order;
	unsigned int new_order;
	bool swapcache;
};

struct fsb_barrier_state;

pmd_t *fsb_find_pmd(struct mm_struct *mm, unsigned long addr);
bool fsb_accept(struct fsb_folio *f, struct folio *folio);
int fsb_probe(struct vm_area_struct *vma, unsigned long addr,
	      enum fsb_state state);
int fsb_supports(const struct fsb_folio *f, const struct fsb_run *req);
int fsb_take(struct fsb_folio *f, struct vm_area_struct *vma,
	     unsigned long addr, struct fsb_run *req);
int fsb_split_pmd(struct fsb_folio *f, struct fsb_run *req);
int fsb_choose(struct fsb_folio *f, const struct fsb_run *req);
void fsb_check(const struct fsb_folio *f, struct fsb_sample *sample);
void fsb_put_back(struct fsb_folio *f, struct fsb_run *req);

int fsb_take_mapped(struct fsb_folio *f, struct vm_area_struct *vma,
		    unsigned long addr);
void fsb_check_mapped(const struct fsb_folio *f, struct fsb_sample *sample);
void fsb_put_back_mapped(struct fsb_folio *f);

int fsb_split_own(struct folio *folio, unsigned int new_order);

int fsb_barrier_validate(const struct fsb_barrier *barrier);
struct fsb_barrier_state *fsb_barrier_join(const struct fsb_barrier *barrier,
					   const struct mm_struct *mm);
int fsb_barrier_wait(struct fsb_barrier_state *g, struct fsb_barrier *barrier);
int fsb_barrier_wait_done(struct fsb_barrier_state *g, const struct fsb_barrier *barrier);
void fsb_barrier_leave(struct fsb_barrier_state *g, int error);

struct fsb_spoiler;
struct fsb_spoiler *fsb_spoiler_create(u32 kib);
void fsb_spoil(const struct fsb_spoiler *spoiler);
void fsb_spoiler_free(struct fsb_spoiler *spoiler);

struct fsb_events;
struct fsb_events *fsb_events_create(const struct fsb_run *req);
void fsb_events_start(struct fsb_events *events);
void fsb_events_stop(struct fsb_events *events, struct fsb_run *req);
void fsb_events_free(struct fsb_events *events);

long fsb_ping(struct fsb_ping __user *user);

#endif /* FOLIO_SPLIT_BENCH_INTERNAL_H */
