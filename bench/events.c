// SPDX-License-Identifier: GPL-2.0
/*
 * Events counted over all calls of a request. Creating and releasing a counter
 * takes perf's mutex, which must not be taken under the mmap lock: counters are
 * enabled before that is taken, and read before and after the calls.
 */
#include <linux/perf_event.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct fsb_counter - a counter of a request
 * @event: of perf
 * @count: value before the calls
 * @enabled: time enabled before the calls, ns
 * @running: time counting before the calls, ns
 * @bad: it could not be read before the calls
 */
struct fsb_counter {
	struct perf_event *event;
	u64 count;
	u64 enabled;
	u64 running;
	bool bad;
};

/**
 * struct fsb_events - the counters of a request
 * @nr: how many
 * @counter: the counters
 */
struct fsb_events {
	u32 nr;
	struct fsb_counter counter[FSB_MAX_EVENTS];
};

#ifdef CONFIG_PERF_EVENTS

/*
 * Events that can be counted for one task, and need no address or filter. A uprobe
 * takes the mmap lock of every process that runs the probed program, participants of
 * a barrier included: they would block until their timeout.
 */
static bool fsb_event_known(u32 type)
{
	return type == PERF_TYPE_HARDWARE || type == PERF_TYPE_SOFTWARE ||
	       type == PERF_TYPE_HW_CACHE || type == PERF_TYPE_RAW ||
	       type == PERF_TYPE_TRACEPOINT;
}

/*
 * Pinned: if there are fewer counters than events, an event is counted all the time
 * or not at all. Scaling a multiplexed count would be a guess with so few calls.
 */
static struct perf_event *fsb_event_create(const struct fsb_event *want)
{
	struct perf_event_attr attr = {
		.type		= want->type,
		.size		= sizeof(attr),
		.config		= want->config,
		.pinned		= 1,
		.exclude_user	= 1,
		.exclude_hv	= 1,
	};

	if (!fsb_event_known(want->type) || want->reserved)
		return ERR_PTR(-ENOPROTOOPT);
	return perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
}

/**
 * fsb_events_create() - create and enable the counters of a request
 * @req: the request
 *
 * Must not be called under the mmap lock; the same holds for fsb_events_free().
 *
 * Return: the counters, for fsb_events_free(); NULL if none are wanted; -ENOPROTOOPT
 * if this machine cannot count one of them, -ENOMEM.
 */
struct fsb_events *fsb_events_create(const struct fsb_run *req)
{
	struct fsb_events *events;

	if (!req->nr_events)
		return NULL;
	events = kzalloc_obj(*events, GFP_KERNEL_ACCOUNT);
	if (!events)
		return ERR_PTR(-ENOMEM);
	for (; events->nr < req->nr_events; events->nr++) {
		struct perf_event *event;

		event = fsb_event_create(&req->events[events->nr]);
		if (IS_ERR(event)) {
			fsb_events_free(events);
			return ERR_PTR(PTR_ERR(event) == -ENOMEM ? -ENOMEM :
								  -ENOPROTOOPT);
		}
		events->counter[events->nr].event = event;
	}
	return events;
}

/* Read the counters before the calls. @events may be NULL, here and below. */
void fsb_events_start(struct fsb_events *events)
{
	u32 i;

	for (i = 0; events && i < events->nr; i++) {
		struct fsb_counter *c = &events->counter[i];

		c->bad = perf_event_read_local(c->event, &c->count,
					       &c->enabled, &c->running);
	}
}

/* Read them after the calls. One that did not count all the time is reported as not counted. */
void fsb_events_stop(struct fsb_events *events, struct fsb_run *req)
{
	u64 count, enabled, running;
	u32 i;

	for (i = 0; events && i < events->nr; i++) {
		const struct fsb_counter *c = &events->counter[i];
		struct fsb_event *e = &req->events[i];

		e->count = 0;
		e->counted = 0;
		if (c->bad || perf_event_read_local(c->event, &count, &enabled,
						    &running))
			continue;
		/* Both may be 0: perf's clock can be too coarse for the calls. */
		if (running - c->running != enabled - c->enabled)
			continue;
		e->count = count - c->count;
		e->counted = 1;
	}
}

void fsb_events_free(struct fsb_events *events)
{
	u32 i;

	for (i = 0; events && i < events->nr; i++)
		perf_event_release_kernel(events->counter[i].event);
	kfree(events);
}

#else /* CONFIG_PERF_EVENTS */

struct fsb_events *fsb_events_create(const struct fsb_run *req)
{
	return req->nr_events ? ERR_PTR(-ENOPROTOOPT) : NULL;
}

void fsb_events_start(struct fsb_events *events)
{
}

void fsb_events_stop(struct fsb_events *events, struct fsb_run *req)
{
}

void fsb_events_free(struct fsb_events *events)
{
}

#endif /* CONFIG_PERF_EVENTS */
