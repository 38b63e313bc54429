/* SPDX-License-Identifier: GPL-2.0 */
/* What was seen of a system's migrations and splits, for people and for machines */
#ifndef SPLITBENCH_REPORT_WATCH_H
#define SPLITBENCH_REPORT_WATCH_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/watched.h"

/**
 * struct watch_report - what was seen, and by which means
 * @seen: the calls
 * @seconds: how long
 * @unit: of times
 * @probes: of which kind
 * @cost: of the probes for a call, in all
 * @cost_inside: of that, what is within the time that is measured
 * @cost_function: what it was measured with; NULL: it was not
 * @lost: events that were overwritten
 * @misses: of probes
 * @buffer_option: what makes the buffer larger
 */
struct watch_report {
	const struct watched *seen;
	double seconds;
	const char *unit;
	const char *probes;
	double cost;
	double cost_inside;
	const char *cost_function;
	uint64_t lost;
	uint64_t misses;
	const char *buffer_option;
};

void watch_print(const struct watch_report *r, FILE *to);

/* Return: the same as a document. */
json_t *watch_json(const struct watch_report *r);

#endif /* SPLITBENCH_REPORT_WATCH_H */
