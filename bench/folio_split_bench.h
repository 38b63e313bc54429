/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmark module and its callers agree on. Test-only, and no ABI:
 * module and caller are built from the same tree, and @version says so.
 */
#ifndef FOLIO_SPLIT_BENCH_H
#define FOLIO_SPLIT_BENCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define FSB_VERSION	6
#define FSB_FILE	"folio_split_bench"	/* in debugfs, 0600 */
#define FSB_NAME_LEN	16
/* Folios of one request: all are prepared before the first is split. */
#define FSB_MAX_FOLIOS	64
/* Iterations that arm "slow" may add to each call. */
#define FSB_MAX_SLOW	1000000
/* Memory that is read before each call to spoil the caches, KiB */
#define FSB_MAX_SPOIL_KIB	(256 * 1024)
/* Members of a team, and how long they may have to wait for each other, ms */
#define FSB_MAX_TEAM	64
#define FSB_MAX_WAIT_MS	60000
/* Interrupts of one request */
#define FSB_MAX_PINGS	4096
/* Events that are counted over a request */
#define FSB_MAX_EVENTS	8

/* What was found wrong with a folio after its call, one bit a clause. */
enum fsb_fault {
	FSB_FAULT_ORDER		= 1 << 0,	/* a piece has another order */
	FSB_FAULT_LOCK		= 1 << 1,	/* a piece is not locked */
	FSB_FAULT_REFS		= 1 << 2,	/* a reference more or less */
	FSB_FAULT_LRU		= 1 << 3,	/* a piece is on the LRU */
	FSB_FAULT_MAPPED	= 1 << 4,	/* mapped, or with FSB_RUN_MAPPED not */
	FSB_FAULT_MAPPING	= 1 << 5,	/* wrong anon_vma or index */
	FSB_FAULT_RETURN	= 1 << 6,	/* the call returned an error */
	FSB_FAULT_SWAPCACHE	= 1 << 7,	/* in the swapcache, or no more */
};

/* What happened on the CPU around a call that is not the call. */
enum fsb_disturbed {
	FSB_DISTURBED_IRQ	= 1 << 0,	/* interrupt or NMI */
	FSB_DISTURBED_PREEMPT	= 1 << 1,	/* the task was switched out */
	FSB_DISTURBED_MOVED	= 1 << 2,	/* it ended on another CPU */
};

/**
 * struct fsb_sample - one timed call
 * @start: the counter before the call
 * @ticks: the counter's advance over the call, in the counter's own unit
 * @ret: what the call returned: 0 or -errno
 * @cpu: the CPU it began on
 * @fault: enum fsb_fault bits, found after the clock stopped
 * @disturbed: enum fsb_disturbed bits
 */
struct fsb_sample {
	__u64 start;
	__u64 ticks;
	__s32 ret;
	__u32 cpu;
	__u32 fault;
	__u32 disturbed;
};

/**
 * struct fsb_info - what this module on this kernel can do
 * @version: in: FSB_VERSION of the caller; out: of the module
 * @nr_arms: how many arms FSB_IOC_ARM knows
 * @pmd_order: order of a PMD-mapped THP
 * @page_shift: log2 of the page size in bytes
 * @counter_khz: rate of the counter in kHz, 0 if the kernel does not know
 */
struct fsb_info {
	__u32 version;
	__u32 nr_arms;
	__u32 pmd_order;
	__u32 page_shift;
	__u64 counter_khz;
};

/* In what state an arm can split a folio, and what a request asks for */
enum fsb_run_flags {
	FSB_RUN_MAPPED		= 1 << 0,	/* the folios stay mapped */
	FSB_RUN_SWAPCACHE	= 1 << 1,	/* they are in the swapcache */
	FSB_RUN_COLD		= 1 << 2,	/* their struct pages are in no cache */
	FSB_RUN_WARM		= 1 << 3,	/* and here, they are in the CPU's */
};

/**
 * struct fsb_team - those who go on together
 * @token: what they have in common; 0: there is no team
 * @nr: how many they are, 1 to FSB_MAX_TEAM
 * @wait_ms: how long to wait for the others, 1 to FSB_MAX_WAIT_MS
 * @released: out: the counter, when all were there and this one went on
 *
 * Each has its memory prepared and waits; the last one lets them all go. If
 * one fails or is killed, the others that are there are told at once; who comes
 * when they have gone waits for a team of his own. Who has split its folios
 * waits until the others have, before it puts them back. They are of different
 * processes: each holds its mmap lock meanwhile.
 */
struct fsb_team {
	__u64 token;
	__u32 nr;
	__u32 wait_ms;
	__u64 released;
};

/**
 * struct fsb_event - something that the CPU or the kernel counts
 * @type: of struct perf_event_attr, of the caller alone
 * @reserved: 0
 * @config: of struct perf_event_attr
 * @count: out: how often it happened in kernel mode over all calls of the
 *	   request, and what is done between them
 * @counted: out: 1 if it was counted all the time; 0, and nothing was, if the CPU
 *	     has fewer counters than are wanted
 */
struct fsb_event {
	__u32 type;
	__u32 reserved;
	__u64 config;
	__u64 count;
	__u64 counted;
};

/**
 * struct fsb_arm - one way of splitting
 * @index: in: which one
 * @available: bit 0: this kernel has it for unmapped folios; bit 1: for
 *	       mapped ones
 * @name: what it is called
 * @code: name of the machine code that it calls, empty if it calls none. Arms of
 *	  one code share its warmth: in a fair comparison each code, and not
 *	  each arm, is executed equally often.
 * @against: name of the arm that it is compared with; empty: none
 */
struct fsb_arm {
	__u32 index;
	__u32 available;
	char name[FSB_NAME_LEN];
	char code[FSB_NAME_LEN];
	char against[FSB_NAME_LEN];
};

/**
 * struct fsb_run - prepare @nr THPs, split them back to back, put them back
 *
 * THPs that are on a device (device-private) are taken there and stay there.
 * Below the PMD's order, each THP is split into folios of @order first, which
 * is not timed, and one in the middle of it is what the arm is to split.
 *
 * With FSB_RUN_MAPPED the THPs are only locked, and the arms are those of the
 * ordinary split, which unmaps a folio and remaps its pieces itself. Pages of
 * zeros are then freed by the kernel, which maps the zero page instead: let
 * there be something in each.
 *
 * @version: FSB_VERSION
 * @nr: how many PMD-mapped THPs begin at @addr, 1 to FSB_MAX_FOLIOS
 * @addr: user address, a multiple of the PMD size
 * @arms: user pointer to @nr bytes: the arm to use on each folio
 * @samples: user pointer to @nr struct fsb_sample, written
 * @order: of the folios to split: 2 to the PMD's; the PMD's, if mapped
 * @new_order: order to split to: 0, or 2 to one less than @order
 * @slow_loops: iterations that arm "slow" adds, at most FSB_MAX_SLOW
 * @flags: enum fsb_run_flags
 * @nr_events: how many of @events are to be counted
 * @team: whom to wait for before the first call
 * @events: what to count over all calls
 * @spoil_kib: before each call, read so much memory and execute some 8000 branches:
 *	       the call finds caches and predictors cold; at most
 *	       FSB_MAX_SPOIL_KIB, 0: nothing is done
 * @setup_ticks: out: all of migrate_vma_setup()
 * @pmd_split_ticks: out: all of split_huge_pmd_address()
 * @check_ticks: out: checking the pieces
 * @finalize_ticks: out: all of migrate_vma_finalize()
 */
struct fsb_run {
	__u32 version;
	__u32 nr;
	__u64 addr;
	__u64 arms;
	__u64 samples;
	__u32 order;
	__u32 new_order;
	__u32 slow_loops;
	__u32 flags;
	__u32 nr_events;
	__u32 spoil_kib;
	struct fsb_team team;
	struct fsb_event events[FSB_MAX_EVENTS];
	__u64 setup_ticks;
	__u64 pmd_split_ticks;
	__u64 check_ticks;
	__u64 finalize_ticks;
};

/**
 * struct fsb_ping - interrupt a CPU again and again, and time its answers
 *
 * The slowest answer tells how long that CPU had its interrupts off. With
 * none to send, this is how one waits for a team without having folios.
 *
 * @version: FSB_VERSION
 * @cpu: which CPU to interrupt
 * @nr: how many times, 0 to FSB_MAX_PINGS
 * @reserved: 0
 * @samples: user pointer to @nr struct fsb_sample, written: start, ticks, cpu
 * @team: whom to wait for before the first
 */
struct fsb_ping {
	__u32 version;
	__u32 cpu;
	__u32 nr;
	__u32 reserved;
	__u64 samples;
	struct fsb_team team;
};

/*
 * The refusals, each of its own kind; no arm was run then, and the caller's
 * THPs stay mapped as they were. After EINTR, ENOSPC, ETIMEDOUT, ECANCELED, and
 * some EBUSY, they are mapped page by page, those of a lower @order in
 * pieces, and what came into the swapcache stays there until it is freed; and
 * on the way out of a team, for a call that somebody's reference was in the way of,
 * or an EFAULT for memory that was taken away meanwhile, arms were run.
 *   EPROTONOSUPPORT	@version is not the module's
 *   E2BIG		@nr is 0 or above FSB_MAX_FOLIOS; or above FSB_MAX_PINGS
 *   ERANGE		@new_order is none that such a folio can be split to
 *   ECHRNG		@order is none that a folio can have here
 *   EDOM		@slow_loops is above FSB_MAX_SLOW
 *   EBADRQC		@flags has a bit that is not known, or some that exclude
 *			each other; @reserved of a ping is not 0
 *   EFBIG		@spoil_kib is above FSB_MAX_SPOIL_KIB
 *   EINVAL		@addr is not a multiple of the PMD size
 *   EFAULT		@arms or @samples cannot be read or written
 *   ENXIO		an arm that is not in the table
 *   EOPNOTSUPP		an arm that this kernel does not have; it cannot make
 *			struct pages cold; folios on a device, but whole and
 *			to order 0; or folios that cannot be swapped
 *   EPERM		the caller is not the process that opened the file
 *   ENOMEM		the range is not within one mapping, or out of memory
 *   EMEDIUMTYPE	the mapping is not private and anonymous
 *   ENODATA		a part of the range is not a PMD-mapped THP
 *   EACCES		a THP is not mapped writable: protected, or shared with a
 *			fork (write to it, and it is yours)
 *   EBUSY		a THP is pinned, locked or swapped by somebody, or was
 *			when it was to be split: try again
 *   EINTR		the caller is being killed, or a signal came as it waited
 *   ENOSPC		with FSB_RUN_SWAPCACHE: there is no swap for a whole folio
 *   EUSERS		the team's @nr is 0 or above FSB_MAX_TEAM
 *   ETIME		the team's @wait_ms is 0 or above FSB_MAX_WAIT_MS
 *   EALREADY		the team is full, or of another size
 *   EDEADLK		another request of this process is in the team: it
 *			would wait for the mmap lock, and the team for it
 *   ETIMEDOUT		the others did not come
 *   ECANCELED		another one of the team failed, or had before
 *   ENOBUFS		@nr_events is above FSB_MAX_EVENTS
 *   ENOPROTOOPT	an event that this machine does not count
 *   ENODEV		@cpu is not online
 */
#define FSB_IOC_INFO	_IOWR('F', 0x00, struct fsb_info)
#define FSB_IOC_ARM	_IOWR('F', 0x01, struct fsb_arm)
#define FSB_IOC_RUN	_IOWR('F', 0x02, struct fsb_run)
#define FSB_IOC_PING	_IOWR('F', 0x03, struct fsb_ping)

#endif /* FOLIO_SPLIT_BENCH_H */
