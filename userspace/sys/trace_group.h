/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes on functions of the kernel, as events of a group of ours, and the instance of
 * tracefs that they are recorded in. The guard removes both.
 */
#ifndef SPLITBENCH_TRACE_GROUP_H
#define SPLITBENCH_TRACE_GROUP_H

#include <tracefs.h>

/**
 * struct trace_group - events and where they are recorded
 * @name: of the group, and of the instance
 * @instance: of tracefs; NULL before trace_group_record()
 * @tep: knows the formats of the events that were asked for
 */
struct trace_group {
	const char *name;
	struct tracefs_instance *instance;
	struct tep_handle *tep;
};

/**
 * trace_group_new() - an empty group
 * @name: of letters and underscores; no other process may use it
 *
 * Return: the group, for trace_group_free(); does not return without memory.
 */
struct trace_group *trace_group_new(const char *name);

/**
 * trace_group_probe() - define an event
 * @group: that it is added to
 * @kind: "p", "r" or "f", as in dynamic_events; "r" may have a number of calls behind it
 * @event: its name
 * @where: function and arguments to be fetched
 *
 * What a process left that was killed together with its guard is taken as ours.
 *
 * Return: 0; -1 with errno set: ENOENT if there is no such function, EINVAL if the
 * kernel does not know the kind or an argument.
 */
int trace_group_probe(struct trace_group *group, const char *kind, const char *event,
		      const char *where);

/* Remove an event that does nothing yet. */
void trace_group_remove(struct trace_group *group, const char *event);

/**
 * trace_group_record() - make the instance; it does not record yet
 * @group: all of whose probes are defined, so that the instance is removed before them
 * @clock: of its events, as in trace_clock
 * @kib: buffer of each CPU
 *
 * Return: 0; -1 with errno set.
 */
int trace_group_record(struct trace_group *group, const char *clock, unsigned int kib);

/**
 * trace_group_event() - the format of an event
 * @group: its group
 * @event: its name
 *
 * Not by tracefs_local_events_system(): that reads all symbols of the kernel first, a
 * tenth of what a boot's run costs.
 *
 * Return: the event, of @group; NULL if there is none.
 */
struct tep_event *trace_group_event(struct trace_group *group, const char *event);

void trace_group_free(struct trace_group *group);

#endif /* SPLITBENCH_TRACE_GROUP_H */
