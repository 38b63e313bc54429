/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The figures, a row each; included by figure.h and figures.c. A row, a file here with the
 * writer, and plots/SCRIPT.gp are all that a figure takes.
 *
 * FIGURE_ROW(name, writer, caption, script)
 *
 *   name	of its files, NAME.dat, NAME.svg and NAME.png
 *   writer	the function that writes what it is drawn from, see figure.h
 *   caption	what it shows, for the gallery
 *   script	plots/SCRIPT.gp draws it
 */
FIGURE_ROW("distribution", figure_distribution,
	   "The cumulative share of calls by cost. A step is a cost that many calls share; disturbed calls are to its right.",
	   "distribution")
FIGURE_ROW("ratio", figure_ratio,
	   "The ratio of old to new in each boot, and over all boots with its interval. again/new is the same source compiled twice: its difference from 1 is noise and the effect of code placement.",
	   "ratio")
FIGURE_ROW("fallback", figure_fallback,
	   "The cost of migrating a whole THP, and with a fallback to small pages.",
	   "fallback")
FIGURE_ROW("latency", figure_latency,
	   "The cumulative share of migrations with a fallback by cost, with the old split and the new.",
	   "latency")
FIGURE_ROW("throughput", figure_throughput,
	   "Throughput by the number of THPs per round.",
	   "throughput")
FIGURE_ROW("breakdown", figure_breakdown,
	   "The parts of a migration, traced in separate rounds; the split is the solid part.",
	   "breakdown")
FIGURE_ROW("blackout", figure_blackout,
	   "How long a page cannot be had while its THP migrates and falls back: the cumulative share of touches by how long they had to wait.",
	   "blackout")
FIGURE_ROW("orders", figure_orders,
	   "The cost of a call by the number of resulting folios, with the fitted line.",
	   "orders")
FIGURE_ROW("kinds", figure_kinds,
	   "Kinds of folio, with the old split and the new: a device folio has a callback per page, a folio in the swapcache is replaced there page by page.",
	   "kinds")
FIGURE_ROW("nodes", figure_nodes,
	   "CPU and memory on the same NUMA node, and on different ones.",
	   "nodes")
FIGURE_ROW("scaling", figure_scaling,
	   "Rate of splits by the number of processes: in one cgroup, whose lruvec lock the old split holds over all pages; in a cgroup each; in the root cgroup.",
	   "scaling")
FIGURE_ROW("beside-fault", figure_beside_fault,
	   "Background load: page faults. The share of operations that took at least as long, beside processes that split nothing, with the old split, and with the new: the tail is to the right.",
	   "beside")
FIGURE_ROW("beside-cold", figure_beside_cold,
	   "The same for MADV_COLD, which takes the lruvec lock.",
	   "beside")
FIGURE_ROW("beside-isolate", figure_beside_isolate,
	   "The same for MADV_PAGEOUT, which isolates folios from the LRU.",
	   "beside")
FIGURE_ROW("beside-wake", figure_beside_wake,
	   "The same for a thread that sleeps 100 us and measures how late it wakes up.",
	   "beside")
FIGURE_ROW("beside-ping", figure_beside_ping,
	   "The same for interrupts sent to a splitting CPU: how long it has interrupts disabled.",
	   "beside")
