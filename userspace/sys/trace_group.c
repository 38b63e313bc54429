// SPDX-License-Identifier: GPL-2.0
/* Events of probes, in an instance of tracefs of our own */
#include "sys/trace_group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "machine/guard.h"
#include "util/util.h"

/* Takes probes of all kinds */
#define EVENTS		"dynamic_events"

struct trace_group *trace_group_new(const char *name)
{
	struct trace_group *group = calloc(1, sizeof(*group));

	if (!group)
		die(EXIT_HARNESS, "out of memory");
	group->name = name;
	group->tep = tep_alloc();
	if (!group->tep)
		die(EXIT_HARNESS, "out of memory");
	tep_set_page_size(group->tep, getpagesize());
	tep_set_long_size(group->tep, sizeof(long));
	return group;
}

int trace_group_probe(struct trace_group *group, const char *kind, const char *event,
		      const char *where)
{
	char *path = tracefs_get_tracing_file(EVENTS), *line, *undo;
	int ret = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	/* Where nobody may write, as in lockdown, the guard may not either. */
	if (ret < 0) {
		tracefs_put_tracing_file(path);
		return -1;
	}
	close(ret);
	if (asprintf(&line, "%s:%s/%s %s", kind, group->name, event, where) < 0 ||
	    asprintf(&undo, "append %s\t-:%s/%s", path, group->name, event) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(undo);
	ret = write_text(path, O_APPEND, line);
	if (ret && errno == EEXIST)
		ret = 0;
	free(line);
	free(undo);
	tracefs_put_tracing_file(path);
	return ret;
}

void trace_group_remove(struct trace_group *group, const char *event)
{
	char *path = tracefs_get_tracing_file(EVENTS), *line;

	if (asprintf(&line, "-:%s/%s", group->name, event) < 0)
		die(EXIT_HARNESS, "out of memory");
	write_text(path, O_APPEND, line);
	free(line);
	tracefs_put_tracing_file(path);
}

int trace_group_record(struct trace_group *group, const char *clock, unsigned int kib)
{
	char *undo, *page, size[16];
	int len, bad;

	if (asprintf(&undo, "rmdir %s/instances/%s", tracefs_tracing_dir(), group->name) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(undo);
	free(undo);
	group->instance = tracefs_instance_create(group->name);
	if (!group->instance)
		return -1;
	page = tracefs_instance_file_read(NULL, "events/header_page", &len);
	bad = !page || tep_parse_header_page(group->tep, page, len, sizeof(long));
	free(page);
	if (bad)
		return -1;
	snprintf(size, sizeof(size), "%u", kib);
	if (tracefs_trace_off(group->instance) ||
	    tracefs_instance_file_write(group->instance, "trace_clock", clock) < 0 ||
	    tracefs_instance_file_write(group->instance, "buffer_size_kb", size) < 0)
		return -1;
	return 0;
}

struct tep_event *trace_group_event(struct trace_group *group, const char *event)
{
	struct tep_event *found = tep_find_event_by_name(group->tep, group->name, event);
	char *text;
	int len;

	if (found)
		return found;
	text = tracefs_event_file_read(NULL, group->name, event, "format", &len);
	if (!text)
		return NULL;
	if (!tep_parse_event(group->tep, text, len, group->name))
		found = tep_find_event_by_name(group->tep, group->name, event);
	free(text);
	return found;
}

void trace_group_free(struct trace_group *group)
{
	if (group->instance) {
		tracefs_event_disable(group->instance, group->name, NULL);
		tracefs_instance_free(group->instance);
	}
	tep_free(group->tep);
	free(group);
}
