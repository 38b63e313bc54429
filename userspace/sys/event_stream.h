/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of all CPUs in order of time, while they are recorded. The kernel keeps them in a
 * buffer for each CPU; a task that moves from one to another has its events in both.
 */
#ifndef SPLITBENCH_EVENT_STREAM_H
#define SPLITBENCH_EVENT_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/trace_group.h"

/**
 * struct event_raw - an event, or that some before are lost
 * @when: by the instance's clock
 * @task: whose it is
 * @id: of the event's format
 * @data: as the format says; NULL: events were lost just before this time
 */
struct event_raw {
	uint64_t when;
	int task;
	int id;
	const void *data;
};

struct event_stream;

/**
 * event_stream_new() - of an instance
 * @group: with an instance, and with an event whose format is known
 * @ticks: its clock is "x86-tsc", and not "mono"
 *
 * Return: the stream; does not return if there can be none.
 */
struct event_stream *event_stream_new(const struct trace_group *group, bool ticks);
void event_stream_free(struct event_stream *s);

/* Now, by the instance's clock */
uint64_t event_stream_now(const struct event_stream *s);

/**
 * event_stream_read() - what was recorded since the last time
 * @s: the stream
 * @all: nothing is recorded any longer: all of it; else what is older than the last time
 * @take: gets each event, in order of time
 * @arg: its last argument
 */
void event_stream_read(struct event_stream *s, bool all,
		       void (*take)(const struct event_raw *event, void *arg), void *arg);

/* How many events were overwritten or dropped since the buffers were cleared */
uint64_t event_stream_lost(const struct event_stream *s);

#endif /* SPLITBENCH_EVENT_STREAM_H */
