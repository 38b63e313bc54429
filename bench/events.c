// SPDX-License-Identifier: GPL-2.0
/*
 * Events counted over all calls of a request. Reading a counter takes a mutex
 * and perhaps another CPU: that is done around the calls, never in between.
 */
#include <linux/perf_event.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct fsb_events - the counters of a request
 * @nr: how many
 * @event: them
 */
struct fsb_events {
	u32 nr;
	struct perf_event *event[FSB_MAX_EVENTS];
};

#ifdef CONFIG_PERF_EVENTS

/* Those that can be counted for one task, and need no address or filter */
static bool fsb_event_known(u32 type)
{
	return type == PERF_TYPE_HARDWARE || type == PERF_TYPE_SOFTWARE ||
	       type == PERF_TYPE_HW_CACHE || type == PERF_TYPE_RAW;
}

static struct perf_event *fsb_event_create(const struct fsb_event *want)
{
	struct perf_event_attr attr = {
		.type		= want->type,
		.size		= sizeof(attr),
		.config		= want->config,
		.disabled	= 1,
		.exclude_user	= 1,
		.exclude_hv	= 1,
	};

	if (!fsb_event_known(want->type) || want->reserved)
		return ERR_PTR(-ENOPROTOOPT);
	return perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
}

/**
 * fsb_events_create() - what a request wants to have counted
 * @req: the request
 *
 * Return: the counters, to be freed; NULL if it wants none; -ENOPROTOOPT if
 *	   this machine does not count one of them, -ENOMEM.
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
		events->event[events->nr] = event;
	}
	return events;
}

/* Begin to count. @events may be NULL, here and below. */
void fsb_events_start(struct fsb_events *events)
{
	u32 i;

	for (i = 0; events && i < events->nr; i++)
		perf_event_enable(events->event[i]);
}

/* Stop counting, and note in @req what was counted. */
void fsb_events_stop(struct fsb_events *events, struct fsb_run *req)
{
	u32 i;

	for (i = 0; events && i < events->nr; i++)
		perf_event_disable(events->event[i]);
	for (i = 0; events && i < events->nr; i++) {
		struct fsb_event *e = &req->events[i];

		e->count = perf_event_read_value(events->event[i], &e->enabled,
						 &e->running);
	}
}

void fsb_events_free(struct fsb_events *events)
{
	u32 i;

	for (i = 0; events && i < events->nr; i++)
		perf_event_release_kernel(events->event[i]);
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
