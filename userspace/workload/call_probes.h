/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All calls of some functions of the kernel, whoever makes them: probes at their entry and
 * return, and their events in order of time.
 *
 * Events, and no histogram triggers in the kernel: what is within what, exact quantiles and a
 * folio's order beside its result take both ends of each call. What cannot be read in time is
 * counted as lost.
 */
#ifndef SPLITBENCH_CALL_PROBES_H
#define SPLITBENCH_CALL_PROBES_H

#include <stdbool.h>
#include <stdint.h>

#define CALL_PROBES_MAX	8

/* An order that is not known */
#define CALL_ORDER_UNKNOWN	(-1)

/**
 * struct call_probe - a function
 * @function: its name
 * @has_result: it returns an int
 * @optional: a kernel may lack it
 * @new_order: of a function that splits the folio of its first argument: the argument with
 *	       the order that it makes, from 1; 0: it splits nothing
 * @missing: which kernel has it
 */
struct call_probe {
	const char *function;
	bool has_result;
	bool optional;
	unsigned int new_order;
	const char *missing;
};

/**
 * struct call_event - a call has begun or ended, or events are lost
 * @when: ticks or nanoseconds, see call_probes_unit()
 * @task: whose call it is
 * @kind: which of these it is
 * @function: index of its struct call_probe
 * @result: what it returned, if it returns an int
 * @order: of the folio, at the beginning; CALL_ORDER_UNKNOWN
 * @new_order: that it is split to; CALL_ORDER_UNKNOWN
 */
struct call_event {
	uint64_t when;
	int task;
	enum { CALL_BEGINS, CALL_ENDS, CALLS_LOST } kind;
	unsigned int function;
	int result;
	int order;
	int new_order;
};

/**
 * struct call_cost - what a call is slower by for being watched
 * @whole: in all
 * @inside: of that, what is within the time that is measured: the time of a call that does
 *	    nothing
 * @function: that it was measured with, in a loop; NULL: it could not be measured
 */
struct call_cost {
	double whole;
	double inside;
	const char *function;
};

/**
 * struct call_losses - what was not seen
 * @events: that were overwritten before they were read
 * @misses: of probes, by the kernel's own count
 */
struct call_losses {
	uint64_t events;
	uint64_t misses;
};

struct call_probes;

/**
 * call_probes_open() - define the probes; nothing is recorded yet
 * @list: functions
 * @nr: how many, up to CALL_PROBES_MAX
 * @buffer_kib: for events of each CPU; 0: as there is memory
 *
 * The guard removes them.
 *
 * Return: the probes. Does not return if this machine has none: dies of EXIT_SKIP.
 */
struct call_probes *call_probes_open(const struct call_probe *list, unsigned int nr,
				     unsigned int buffer_kib);

/* Is there a probe on that function, whose order is known? */
bool call_probes_has(const struct call_probes *p, unsigned int function);
bool call_probes_knows_order(const struct call_probes *p, unsigned int function);

/* "fprobe", "kprobe" or both; and the unit of times: "ns", or of an emulated CPU */
const char *call_probes_kind(const struct call_probes *p);
const char *call_probes_unit(const struct call_probes *p);

/* Measure what they cost; before call_probes_start(). */
struct call_cost call_probes_cost(struct call_probes *p);

/* Record from here. Does not return if the kernel refuses: dies of EXIT_SKIP. */
void call_probes_start(struct call_probes *p);

/**
 * call_probes_read() - what was recorded
 * @p: that record
 * @take: gets each event, in order of time
 * @arg: its last argument
 *
 * What is recent is left for the next time, as other CPUs may have been earlier.
 */
void call_probes_read(struct call_probes *p,
		      void (*take)(const struct call_event *event, void *arg), void *arg);

/* The same of the rest, as nothing is recorded any longer. */
void call_probes_stop(struct call_probes *p,
		      void (*take)(const struct call_event *event, void *arg), void *arg);

/* What was lost since call_probes_start() */
struct call_losses call_probes_losses(const struct call_probes *p);

void call_probes_close(struct call_probes *p);

#endif /* SPLITBENCH_CALL_PROBES_H */
