/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a migration's time goes: kprobes at the entry and return of what a
 * driver calls, in a trace instance of our own, their clock the counter that
 * the ioctl is timed with.
 */
#ifndef SPLITBENCH_MIGRATE_TRACE_H
#define SPLITBENCH_MIGRATE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "record/record.h"

struct breakdown;

/**
 * breakdown_open() - set up the probes
 *
 * The guard removes them.
 *
 * Return: NULL if this kernel has none, which was reported.
 */
struct breakdown *breakdown_open(void);

/* Record from here, for this thread; Return: 0; -1 with errno set. */
int breakdown_start(struct breakdown *b);
int breakdown_stop(struct breakdown *b);

/**
 * breakdown_read() - append calls to a trace
 * @b: that recorded while they were made
 * @start: ticks before each of the calls
 * @end: ticks after it
 * @nr: how many
 * @old: they use the old split
 * @splits: they split at all
 * @trace: has room for them
 *
 * Return: 0; -1 if the events of a call are not those of such a migration.
 */
int breakdown_read(struct breakdown *b, const uint64_t *start,
		   const uint64_t *end, unsigned int nr, bool old,
		   bool splits, struct record_trace *trace);

void breakdown_close(struct breakdown *b);

#endif /* SPLITBENCH_MIGRATE_TRACE_H */
