/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface of the benchmark module. Test-only, and no stable ABI: module and
 * caller are built from the same tree, and @version checks that.
 */
#ifndef FOLIO_SPLIT_BENCH_H
#define FOLIO_SPLIT_BENCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define FSB_VERSION	7
#define FSB_FILE	"folio_split_bench"	/* in debugfs, 0600 */
#define FSB_NAME_LEN	16
/* Folios of one request: all are prepared before the first is split. */
#define FSB_MAX_FOLIOS	64
/* Iterations that arm "slow" can add to each call */
#define FSB_MAX_SLOW	1000000
/* Memory that is read before each call to evict the caches, KiB */
#define FSB_MAX_SPOIL_KIB	(256 * 1024)
/* Participants of a barrier, and their longest timeout, ms */
#define FSB_MAX_PARTICIPANTS	64
#define FSB_MAX_WAIT_MS	60000
/* Interrupts of one request */
#define FSB_MAX_PINGS	4096
/* Events that are counted over a request */
#define FSB_MAX_EVENTS	8

/* What is wrong with a folio after its call, one bit for each guarantee */
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

/* What else happened on the CPU during a call */
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

/* What a request asks for */
enum fsb_run_flags {
	FSB_RUN_MAPPED		= 1 << 0,	/* the folios stay mapped */
	FSB_RUN_SWAPCACHE	= 1 << 1,	/* they are in the swapcache */
	FSB_RUN_COLD		= 1 << 2,	/* flush their struct pages */
	FSB_RUN_WARM		= 1 << 3,	/* read their struct pages */
};

/**
 * struct fsb_barrier - a barrier of several requests
 * @token: identifies the barrier; 0: do not wait
 * @nr: number of participants, 1 to FSB_MAX_PARTICIPANTS
 * @wait_ms: timeout, 1 to FSB_MAX_WAIT_MS
 * @released: out: the counter when this participant continued
 *
 * Each participant prepares its memory and waits; the last one releases all. If one
 * fails or is killed, the barrier is aborted and waiters get ECANCELED at once;
 * latecomers start a new barrier. After its calls, a participant waits until all have
 * made theirs, before it restores its folios. Participants must be of different
 * processes, as each holds its mmap lock meanwhile.
 */
struct fsb_barrier {
	__u64 token;
	__u32 nr;
	__u32 wait_ms;
	__u64 released;
};

/**
 * struct fsb_event - a perf event of the calling task
 * @type: as in struct perf_event_attr
 * @reserved: 0
 * @config: as in struct perf_event_attr
 * @count: out: occurrences in kernel mode during all calls of the request, and
 *	   between them
 * @counted: out: 1 if it was counted all the time; 0 if it was not counted at all,
 *	     because the CPU has too few counters
 */
struct fsb_event {
	__u32 type;
	__u32 reserved;
	__u64 config;
	__u64 count;
	__u64 counted;
};

/**
 * struct fsb_arm - a function that can be timed
 * @index: in: its index, below nr_arms
 * @available: bit 0: this kernel has it for unmapped folios; bit 1: for
 *	       mapped ones
 * @control: 1: an A/A control: it calls what @against calls, or a copy of it
 * @reserved: 0
 * @name: its name
 * @code: name of the machine code that it calls; empty: none. Arms with the same
 *	  code keep each other's instructions in the caches, so a fair order executes
 *	  each code, not each arm, equally often.
 * @against: name of the arm that it is compared with; empty: the native split's
 */
struct fsb_arm {
	__u32 index;
	__u32 available;
	__u32 control;
	__u32 reserved;
	char name[FSB_NAME_LEN];
	char code[FSB_NAME_LEN];
	char against[FSB_NAME_LEN];
};

/**
 * struct fsb_run - isolate @nr THPs, split them back to back, restore them
 *
 * Device-private THPs are isolated on their device and stay there. If @order is below
 * the PMD order, each THP is first split into folios of @order, which is not timed,
 * and the arm splits one in the middle of it.
 *
 * With FSB_RUN_MAPPED the THPs are only locked, and the arms are those of the
 * ordinary split, which unmaps a folio and remaps its pieces itself. The kernel then
 * replaces pages of zeros with the zero page, so write something to each page.
 *
 * @version: FSB_VERSION
 * @nr: number of PMD-mapped THPs from @addr, 1 to FSB_MAX_FOLIOS
 * @addr: user address, a multiple of the PMD size
 * @arms: user pointer to @nr bytes: the arm to use on each folio
 * @samples: user pointer to @nr struct fsb_sample, written
 * @order: of the folios to split: 2 to the PMD's; the PMD's, if mapped
 * @new_order: order to split to: 0, or 2 to one less than @order
 * @slow_loops: iterations that arm "slow" adds, at most FSB_MAX_SLOW
 * @flags: enum fsb_run_flags
 * @nr_events: number of @events to count
 * @barrier: where to wait before the first call
 * @events: what to count during all calls
 * @spoil_kib: before each call, read so much memory and execute some 8000 branches,
 *	       to evict caches and predictors; at most FSB_MAX_SPOIL_KIB, 0: do not
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
	struct fsb_barrier barrier;
	struct fsb_event events[FSB_MAX_EVENTS];
	__u64 setup_ticks;
	__u64 pmd_split_ticks;
	__u64 check_ticks;
	__u64 finalize_ticks;
};

/**
 * struct fsb_ping - interrupt a CPU repeatedly, and time its responses
 *
 * The slowest response shows how long that CPU had interrupts disabled. With @nr 0,
 * the request only joins its barrier.
 *
 * @version: FSB_VERSION
 * @cpu: which CPU to interrupt
 * @nr: number of interrupts, 0 to FSB_MAX_PINGS
 * @reserved: 0
 * @samples: user pointer to @nr struct fsb_sample, written: start, ticks, cpu
 * @barrier: where to wait before the first
 */
struct fsb_ping {
	__u32 version;
	__u32 cpu;
	__u32 nr;
	__u32 reserved;
	__u64 samples;
	struct fsb_barrier barrier;
};

/*
 * Errors, each for one cause. No arm was run, and the THPs of the caller stay mapped
 * as before, with these exceptions. After EINTR, ENOSPC, ETIMEDOUT, ECANCELED and some
 * EBUSY, they are mapped page by page, those of a lower @order are in pieces, and what
 * was added to the swapcache stays there until it is freed. Arms were run if waiting
 * for the others' calls failed, if a call met a transient reference (EBUSY), or if the
 * memory for the results was unmapped meanwhile (EFAULT).
 *   EPROTONOSUPPORT	@version is not the module's
 *   E2BIG		@nr is 0 or above FSB_MAX_FOLIOS; or above FSB_MAX_PINGS
 *   ERANGE		such a folio cannot be split to @new_order
 *   ECHRNG		a folio cannot have @order here
 *   EDOM		@slow_loops is above FSB_MAX_SLOW
 *   EBADRQC		@flags has an unknown bit, or bits that exclude each other;
 *			@reserved of a ping is not 0
 *   EFBIG		@spoil_kib is above FSB_MAX_SPOIL_KIB
 *   EINVAL		@addr is not a multiple of the PMD size
 *   EFAULT		@arms or @samples cannot be read or written
 *   ENXIO		an arm that is not in the table
 *   EOPNOTSUPP		this kernel does not have the arm, or cannot flush struct
 *			pages; device-private folios other than whole THPs to
 *			order 0; or folios that cannot be swapped
 *   EPERM		the caller is not the process that opened the file
 *   ENOMEM		the range is not within one mapping, or out of memory
 *   EMEDIUMTYPE	the mapping is not private and anonymous
 *   ENODATA		a part of the range is not a PMD-mapped THP
 *   EACCES		a THP is not mapped writable: protected, or shared with a
 *			fork (write to it, and it is yours)
 *   EBUSY		a THP is pinned, locked or being swapped, or was when it
 *			was to be split: try again
 *   EINTR		the caller is being killed, or a signal arrived as it waited
 *   ENOSPC		with FSB_RUN_SWAPCACHE: there is no swap for a whole folio
 *   EUSERS		the barrier's @nr is 0 or above FSB_MAX_PARTICIPANTS
 *   ETIME		the barrier's @wait_ms is 0 or above FSB_MAX_WAIT_MS
 *   EALREADY		the barrier is full, or of another size
 *   EDEADLK		another request of this process is in the barrier: it
 *			would wait for the mmap lock, and the barrier for it
 *   ETIMEDOUT		a participant did not arrive in time
 *   ECANCELED		another participant failed, now or before
 *   ENOBUFS		@nr_events is above FSB_MAX_EVENTS
 *   ENOPROTOOPT	an event that this machine does not count
 *   ENODEV		@cpu is not online
 */
#define FSB_IOC_INFO	_IOWR('F', 0x00, struct fsb_info)
#define FSB_IOC_ARM	_IOWR('F', 0x01, struct fsb_arm)
#define FSB_IOC_RUN	_IOWR('F', 0x02, struct fsb_run)
#define FSB_IOC_PING	_IOWR('F', 0x03, struct fsb_ping)

#endif /* FOLIO_SPLIT_BENCH_H */
