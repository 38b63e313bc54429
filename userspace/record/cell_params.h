/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parameters of cells, a row each; included by cell.h and cell.c. A row is all that
 * a parameter takes: it is a member of struct cell, a key of a plan's line and of the
 * records, has a default and bounds, shows in a cell's name where it is not the
 * default, is listed by splitbench plan --params, and keeps the cell out of fits and
 * curves that do not ask for it (see cell_is_usual()).
 *
 * CELL_PARAM(name, jobs, default, values, help, in the name)
 *
 *   jobs	JOBS(SPLIT): it is made for that job, and others that take it; or JOBS_ALL
 *   default	USUAL(x); a job may have another one: see jobs.h
 *   values	WORDS(array), the index of a word; NUMBER(least, most); or
 *		SIZE(least, most), a number that says how much is measured, not what
 *   in the name FORMAT("-%s" or "-%u"), TEXTS(array) with a text for each word, or
 *		BUILT_IN: see cell_set_name()
 *
 * In the order of what they add to a name.
 */
CELL_PARAM(blocks, JOBS_ALL, USUAL(2), SIZE(1, CELL_MAX_BLOCKS),
	   "recorded blocks of each boot",
	   BUILT_IN)
CELL_PARAM(warmup, JOBS_ALL, USUAL(1), SIZE(0, CELL_MAX_WARMUP),
	   "blocks before them, which are recorded but not analysed",
	   BUILT_IN)
CELL_PARAM(reps, JOBS_ALL, USUAL(2), SIZE(1, CELL_MAX_REPS),
	   "calls (split) or rounds (contend, migrate) of each arm in a block",
	   BUILT_IN)
CELL_PARAM(state, JOBS(SPLIT), USUAL(STATE_UNMAPPED), WORDS(cell_states),
	   "unmapped, or mapped: the ordinary split, which unmaps and remaps",
	   BUILT_IN)
CELL_PARAM(folio, JOBS(SPLIT), USUAL(FOLIO_ANON), WORDS(cell_folios),
	   "anon; device: device-private; swapcache: with swap space allocated",
	   BUILT_IN)
CELL_PARAM(order, JOBS(SPLIT), USUAL(9), NUMBER(0, 31),
	   "order of the folio that is split: 2 to 9",
	   BUILT_IN)
CELL_PARAM(new_order, JOBS(SPLIT), USUAL(0), NUMBER(0, 31),
	   "order that it is split to: 0, or 2 to order - 1",
	   BUILT_IN)
CELL_PARAM(queue, JOBS(SPLIT), USUAL(QUEUE_FAULT), WORDS(cell_queues),
	   "fault: on the deferred split list, as a page fault leaves it; off: not on it",
	   FORMAT("-unqueued"))
CELL_PARAM(cache, JOBS(SPLIT), USUAL(CACHE_ALONE), WORDS(cell_caches),
	   "the folio's struct pages before the call: alone: left where they are; cold: flushed from all caches; warm: in the CPU's cache",
	   FORMAT("-%s"))
CELL_PARAM(warmth, JOBS(SPLIT), USUAL(WARMTH_MIXED), WORDS(cell_warmths),
	   "before each call: mixed: a call of each other code, equally often; back-to-back: calls of the same code, the first of which is kept apart; cold: memory of twice the largest cache was read, and 8192 branches were executed",
	   TEXTS(warmth_texts))
CELL_PARAM(memcg, JOBS(CONTEND), USUAL(MEMCG_SHARED), WORDS(cell_memcgs),
	   "memory cgroup of the folios: shared: one for all processes; own: one for each; root: the root cgroup",
	   BUILT_IN)
CELL_PARAM(beside, JOBS(CONTEND), USUAL(BESIDE_NONE), WORDS(cell_besides),
	   "background load: none; fault: page faults; cold, isolate: MADV_COLD, MADV_PAGEOUT; wake: sleeps of 100 us; ping: interrupts",
	   FORMAT("-beside-%s"))
CELL_PARAM(place, JOBS(CONTEND), USUAL(PLACE_TOGETHER), WORDS(cell_places),
	   "together: all memory on the first process's node, so in one lruvec if the cgroup is one; apart: on each process's own node",
	   FORMAT("-apart"))
CELL_PARAM(cpu_node, JOBS(SPLIT), USUAL(CELL_ANY_NODE), NUMBER(0, CELL_MAX_NODE),
	   "NUMA node of the CPU; of several processes, the first's",
	   FORMAT("-cpu%u"))
CELL_PARAM(memory_node, JOBS(SPLIT), USUAL(CELL_ANY_NODE), NUMBER(0, CELL_MAX_NODE),
	   "NUMA node of the memory; default: the CPU's",
	   FORMAT("-mem%u"))
CELL_PARAM(direction, JOBS(MIGRATE), USUAL(TO_DEV), WORDS(cell_directions),
	   "to-dev: system memory to device memory; to-sys: back",
	   BUILT_IN)
CELL_PARAM(kind, JOBS(MIGRATE), USUAL(KIND_NONE), WORDS(cell_kinds),
	   "cause of the fallback: none: the THP migrates whole; pages: there are small pages only; flag: the device fails its allocation; inject: fail_page_alloc; fragment: a page of each free 2 MiB block is taken until an order-9 allocation fails",
	   BUILT_IN)
CELL_PARAM(thps, JOBS(CONTEND), USUAL(1), NUMBER(1, CELL_MAX_THPS),
	   "THPs of a round and thread",
	   BUILT_IN)
CELL_PARAM(threads, JOBS(CONTEND), USUAL(1), NUMBER(1, CELL_MAX_THREADS),
	   "processes (contend) or threads (migrate) at the same time; contend also takes \"powers\": 1, 2, 4, ... up to the CPUs, with fewer THPs each if they were more than 1024 together",
	   BUILT_IN)
CELL_PARAM(devices, JOBS(MIGRATE), USUAL(1), NUMBER(1, 2),
	   "test devices that the threads take turns on; each thread has its own THPs and file",
	   FORMAT("-d%u"))
