// SPDX-License-Identifier: GPL-2.0
/* Events of perf that the module counts over a request */
#include "workload/perf_events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <tracefs.h>
#include <unistd.h>

/* Either of perf's own, or a tracepoint, whose number is the kernel's choice. */
static const struct {
	uint32_t type;
	uint64_t config;
	const char *tracepoint;
} sources[NR_EVENTS] = {
	[EVENT_INSTRUCTIONS] = { PERF_TYPE_HARDWARE,
				 PERF_COUNT_HW_INSTRUCTIONS, NULL },
	[EVENT_CYCLES] = { PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, NULL },
	[EVENT_CACHE_MISSES] = { PERF_TYPE_HARDWARE,
				 PERF_COUNT_HW_CACHE_MISSES, NULL },
	[EVENT_BRANCH_MISSES] = { PERF_TYPE_HARDWARE,
				  PERF_COUNT_HW_BRANCH_MISSES, NULL },
	[EVENT_LOCK_WAITS] = { PERF_TYPE_TRACEPOINT, 0, "contention_begin" },
	[EVENT_LOCKS_TAKEN] = { PERF_TYPE_TRACEPOINT, 0, "lock_acquire" },
	[EVENT_LOCKS_CONTENDED] = { PERF_TYPE_TRACEPOINT, 0, "lock_contended" },
};

_Static_assert(NR_EVENTS <= FSB_MAX_EVENTS, "more events than a request has");

/*
 * Keep a tracepoint on, by a counter that counts nothing. Each request would switch
 * it on and off again, which rewrites the kernel's text while it runs.
 */
static bool hold(const struct fsb_event *source)
{
	struct perf_event_attr attr = {
		.type = source->type, .size = sizeof(attr),
		.config = source->config, .disabled = 1,
	};

	/* For as long as we live. */
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1,
		       PERF_FLAG_FD_CLOEXEC) >= 0;
}

/* Return: false if this kernel has no such tracepoint. */
static bool describe(enum record_event event, struct fsb_event *source)
{
	char *id;

	*source = (struct fsb_event){
		.type = sources[event].type, .config = sources[event].config,
	};
	if (!sources[event].tracepoint)
		return true;
	id = tracefs_event_file_read(NULL, "lock", sources[event].tracepoint,
				     "id", NULL);
	if (!id)
		return false;
	source->config = strtoull(id, NULL, 10);
	free(id);
	return hold(source);
}

/* Return: 0 with the counts in @counts; an errno. */
static int try_out(const struct events *e, struct splitting *s,
		   unsigned int empty, uint64_t seed, struct fsb_event *counts)
{
	struct fsb_run run = { 0 };
	int error;

	events_ask(e, &run);
	error = splitting_trial(s, &run, empty, seed);
	memcpy(counts, run.events, e->nr * sizeof(*counts));
	return error;
}

static void add(struct events *e, enum record_event event,
		const struct fsb_event *source)
{
	e->which[e->nr] = event;
	e->source[e->nr++] = *source;
}

static int look(struct events *e, struct splitting *s, unsigned int empty,
		uint64_t seed)
{
	struct events known = { 0 };
	struct fsb_event counts[NR_EVENTS];
	int error;

	for (int event = 0; event < NR_EVENTS; event++) {
		struct events one = { 0 };
		struct fsb_event source;

		if (!describe(event, &source))
			continue;
		add(&one, event, &source);
		error = try_out(&one, s, empty, seed, counts);
		if (!error)
			add(&known, event, &source);
		else if (error != ENOPROTOOPT)
			return error;
	}
	/* Each is there, but are there counters for all at the same time? */
	e->nr = 0;
	error = try_out(&known, s, empty, seed, counts);
	for (unsigned int i = 0; i < known.nr && !error; i++) {
		if (counts[i].counted)
			add(e, known.which[i], &known.source[i]);
	}
	return error;
}

int events_find(struct events *e, struct splitting *s, unsigned int empty,
		uint64_t seed)
{
	static struct events found;
	static bool looked;
	int error = looked ? 0 : look(&found, s, empty, seed);

	looked = !error;
	*e = found;
	return error;
}

void events_ask(const struct events *e, struct fsb_run *run)
{
	run->nr_events = e->nr;
	memcpy(run->events, e->source, e->nr * sizeof(e->source[0]));
}

void events_add(const struct events *e, const struct fsb_event *counts,
		struct record_block *block, unsigned int round)
{
	bool counted[NR_EVENTS] = { false };

	for (unsigned int i = 0; i < e->nr; i++) {
		uint64_t *all = &block->events[e->which[i]][round];

		/* One that was not counted in one process is not known of all. */
		counted[e->which[i]] = counts[i].counted &&
				       *all != RECORD_NOT_COUNTED;
		*all += counts[i].count;
	}
	for (int event = 0; event < NR_EVENTS; event++) {
		if (!counted[event])
			block->events[event][round] = RECORD_NOT_COUNTED;
	}
}
