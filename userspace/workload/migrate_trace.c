// SPDX-License-Identifier: GPL-2.0
/* Kprobes that say where a migration's time goes */
#include "workload/migrate_trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <tracefs.h>
#include <unistd.h>

#include "sys/split_path.h"
#include "sys/trace_group.h"
#include "util/util.h"

#define GROUP		"splitbench"
/* Of 16 events a call, some 40 bytes each, this holds thousands of calls. */
#define BUFFER_KIB	1024

enum probe { SETUP, PAGES, PMD_SPLIT, SPLIT_NEW, SPLIT_OLD, FINALIZE, NR_PROBES };

/* A probe's function, or the arm whose function it is */
static const struct {
	const char *name;
	const char *function;
	unsigned int arm;
} probes[NR_PROBES] = {
	[SETUP] = { "setup", "migrate_vma_setup" },
	[PAGES] = { "pages", "migrate_vma_pages" },
	[PMD_SPLIT] = { "pmd_split", "split_huge_pmd_address" },
	[SPLIT_NEW] = { "split_new", .arm = ARM_NEW },
	[SPLIT_OLD] = { "split_old", .arm = ARM_OLD },
	[FINALIZE] = { "finalize", "migrate_vma_finalize" },
};

/**
 * struct breakdown - probes and the instance that they are recorded in
 * @group: both
 * @entry: id of each probe's event; -1 if the kernel lacks the function
 * @ret: id of the event at its return
 */
struct breakdown {
	struct trace_group *group;
	int entry[NR_PROBES];
	int ret[NR_PROBES];
};

static const char *function_of(int probe)
{
	return probes[probe].function ? probes[probe].function :
	       split_path_function(probes[probe].arm);
}

/* Return: 0; -1 if the function has no probe. */
static int add_probe(struct breakdown *b, const char *kind, const char *suffix, int probe)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", probes[probe].name, suffix);
	return trace_group_probe(b->group, kind, name, function_of(probe));
}

static int event_id(const struct breakdown *b, const char *suffix, int probe)
{
	struct tep_event *event;
	char name[64];

	snprintf(name, sizeof(name), "%s%s", probes[probe].name, suffix);
	event = trace_group_event(b->group, name);
	return event ? event->id : -1;
}

static int set_up(struct breakdown *b)
{
	/* A kernel may lack the split that is not its own. */
	int absent = split_path_native() == ARM_OLD ? SPLIT_NEW : SPLIT_OLD;

	for (int i = 0; i < NR_PROBES; i++) {
		if ((add_probe(b, "p", "", i) || add_probe(b, "r", "_ret", i)) && i != absent)
			return -1;
	}
	if (trace_group_record(b->group, "x86-tsc", BUFFER_KIB))
		return -1;
	for (int i = 0; i < NR_PROBES; i++) {
		b->entry[i] = event_id(b, "", i);
		b->ret[i] = event_id(b, "_ret", i);
		if ((b->entry[i] < 0 || b->ret[i] < 0) && i != absent)
			return -1;
	}
	return tracefs_event_enable(b->group->instance, GROUP, NULL);
}

struct breakdown *breakdown_open(void)
{
	struct breakdown *b = calloc(1, sizeof(*b));

	if (!b)
		die(EXIT_HARNESS, "out of memory");
	b->group = trace_group_new(GROUP);
	if (!tracefs_tracing_dir() || set_up(b)) {
		fprintf(stderr,
			"splitbench: no breakdown: %s: it needs tracefs and a kernel with CONFIG_KPROBE_EVENTS\n",
			strerror(errno));
		breakdown_close(b);
		return NULL;
	}
	return b;
}

int breakdown_start(struct breakdown *b)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)syscall(SYS_gettid));
	if (tracefs_instance_file_write(b->group->instance, "set_event_pid", pid) < 0 ||
	    tracefs_instance_file_write(b->group->instance, "trace", "") < 0)
		return -1;
	return tracefs_trace_on(b->group->instance);
}

int breakdown_stop(struct breakdown *b)
{
	return tracefs_trace_off(b->group->instance);
}

/* The events of one run, assigned to calls as they come */
struct reading {
	const struct breakdown *b;
	const uint64_t *start;
	const uint64_t *end;
	unsigned int nr;
	unsigned int call;
	uint64_t at[RECORD_MAX_TRACED][NR_PROBES][2];
};

static int take_event(struct tep_event *event, struct tep_record *record,
		      int cpu, void *arg)
{
	struct reading *r = arg;

	(void)cpu;
	while (r->call < r->nr && record->ts > r->end[r->call])
		r->call++;
	if (r->call == r->nr || record->ts < r->start[r->call])
		return 0;
	for (int i = 0; i < NR_PROBES; i++) {
		if (event->id == r->b->entry[i])
			r->at[r->call][i][0] = record->ts;
		if (event->id == r->b->ret[i])
			r->at[r->call][i][1] = record->ts;
	}
	return 0;
}

static uint64_t span(uint64_t at[NR_PROBES][2], int probe)
{
	return at[probe][1] - at[probe][0];
}

/* Is it there, entry and return, within the other? */
static bool is_within(uint64_t at[NR_PROBES][2], int probe, int other)
{
	return at[probe][0] >= at[other][0] && at[probe][1] >= at[probe][0] &&
	       at[other][1] >= at[probe][1];
}

/* Return: 0; -1 if what there has to be is not there, or not in order. */
static int fill_parts(uint64_t at[NR_PROBES][2], uint64_t start, uint64_t end,
		      bool old, bool splits, uint64_t part[NR_PARTS])
{
	int split = old ? SPLIT_OLD : SPLIT_NEW;
	int other = old ? SPLIT_NEW : SPLIT_OLD;

	if (!at[SETUP][0] || at[SETUP][1] < at[SETUP][0] ||
	    at[PAGES][0] < at[SETUP][1] || at[PAGES][1] < at[PAGES][0] ||
	    at[FINALIZE][0] < at[PAGES][1] ||
	    at[FINALIZE][1] < at[FINALIZE][0] || end < at[FINALIZE][1])
		return -1;
	/* The way that was asked for, and not the other. */
	if (at[other][0] || !splits != !at[split][0] ||
	    !splits != !at[PMD_SPLIT][0])
		return -1;
	if (splits && (!is_within(at, PMD_SPLIT, PAGES) ||
		       !is_within(at, split, PAGES)))
		return -1;
	part[PART_ENTER] = at[SETUP][0] - start;
	part[PART_COLLECT] = span(at, SETUP);
	part[PART_COPY] = at[PAGES][0] - at[SETUP][1];
	part[PART_PMD_SPLIT] = span(at, PMD_SPLIT);
	part[PART_SPLIT] = span(at, split);
	part[PART_MOVE] = span(at, PAGES) - part[PART_PMD_SPLIT] -
			  part[PART_SPLIT];
	part[PART_MAP] = at[FINALIZE][0] - at[PAGES][1];
	part[PART_FINALIZE] = span(at, FINALIZE);
	part[PART_LEAVE] = end - at[FINALIZE][1];
	return 0;
}

int breakdown_read(struct breakdown *b, const uint64_t *start,
		   const uint64_t *end, unsigned int nr, bool old,
		   bool splits, struct record_trace *trace)
{
	struct reading *r = calloc(1, sizeof(*r));
	int ret = 0;

	if (!r)
		die(EXIT_HARNESS, "out of memory");
	r->b = b;
	r->start = start;
	r->end = end;
	r->nr = nr;
	if (tracefs_iterate_raw_events(b->group->tep, b->group->instance, NULL, 0,
				       take_event, r))
		ret = -1;
	for (unsigned int i = 0; !ret && i < nr; i++) {
		trace->whole[trace->nr + i] = end[i] - start[i];
		ret = fill_parts(r->at[i], start[i], end[i], old, splits,
				 trace->part[trace->nr + i]);
	}
	if (!ret)
		trace->nr += nr;
	free(r);
	return ret;
}

void breakdown_close(struct breakdown *b)
{
	trace_group_free(b->group);
	free(b);
}
