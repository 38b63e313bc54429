// SPDX-License-Identifier: GPL-2.0
/* Kprobes that say where a migration's time goes */
#include "workload/migrate_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <tracefs.h>
#include <unistd.h>

#include "machine/guard.h"
#include "sys/split_path.h"
#include "util/util.h"

#define GROUP		"splitbench"
/* Of 16 events a call, some 40 bytes each, this holds thousands of calls. */
#define BUFFER_KIB	"1024"

enum probe { SETUP, PAGES, PMD_SPLIT, SPLIT_NEW, SPLIT_OLD, FINALIZE, NR_PROBES };

static const struct {
	const char *name;
	const char *function;
} probes[NR_PROBES] = {
	[SETUP] = { "setup", "migrate_vma_setup" },
	[PAGES] = { "pages", "migrate_vma_pages" },
	[PMD_SPLIT] = { "pmd_split", "split_huge_pmd_address" },
	[SPLIT_NEW] = { "split_new", "folio_split_unmapped" },
	[SPLIT_OLD] = { "split_old", "__split_huge_page_to_list_to_order_old" },
	[FINALIZE] = { "finalize", "migrate_vma_finalize" },
};

/**
 * struct breakdown - probes and the instance that they are recorded in
 * @instance: of tracefs
 * @tep: knows the events
 * @entry: id of each probe's event; -1 if the kernel lacks the function
 * @ret: id of the event at its return
 */
struct breakdown {
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	int entry[NR_PROBES];
	int ret[NR_PROBES];
};

/* The one from before the change is the ordinary split, with an argument. */
static const char *function_of(int probe, bool before)
{
	if (before && probe == SPLIT_OLD)
		return "__split_huge_page_to_list_to_order";
	return probes[probe].function;
}

static int add_probe(const char *kind, const char *suffix, int probe,
		     const char *function)
{
	char *path = tracefs_get_tracing_file("kprobe_events"), *line, *undo;
	int ret;

	if (asprintf(&line, "%s:" GROUP "/%s%s %s", kind, probes[probe].name,
		     suffix, function) < 0 ||
	    asprintf(&undo, "append %s\t-:" GROUP "/%s%s", path,
		     probes[probe].name, suffix) < 0)
		die(EXIT_HARNESS, "out of memory");
	guard_later(undo);
	ret = write_text(path, O_APPEND, line);
	/* Left by one that was killed together with its guard: the same. */
	if (ret && errno == EEXIST)
		ret = 0;
	free(line);
	free(undo);
	tracefs_put_tracing_file(path);
	return ret;
}

/*
 * The probes' events, and the ring buffer's pages. Not by tracefs_local_events_system():
 * that reads all symbols of the kernel first, a tenth of what a boot's run costs.
 */
static struct tep_handle *load_events(int absent)
{
	struct tep_handle *tep = tep_alloc();
	char *text, name[64];
	int size, bad;

	if (!tep)
		die(EXIT_HARNESS, "out of memory");
	tep_set_page_size(tep, getpagesize());
	tep_set_long_size(tep, sizeof(long));
	text = tracefs_instance_file_read(NULL, "events/header_page", &size);
	bad = !text || tep_parse_header_page(tep, text, size, sizeof(long));
	free(text);
	for (int i = 0; !bad && i < 2 * NR_PROBES; i++) {
		snprintf(name, sizeof(name), "%s%s", probes[i / 2].name,
			 i % 2 ? "_ret" : "");
		text = tracefs_event_file_read(NULL, GROUP, name, "format", &size);
		bad = text ? tep_parse_event(tep, text, size, GROUP) != TEP_ERRNO__SUCCESS :
			     i / 2 != absent;
		free(text);
	}
	if (!bad)
		return tep;
	tep_free(tep);
	return NULL;
}

static int event_id(const struct breakdown *b, const char *suffix, int probe)
{
	struct tep_event *event;
	char name[64];

	snprintf(name, sizeof(name), "%s%s", probes[probe].name, suffix);
	event = tep_find_event_by_name(b->tep, GROUP, name);
	return event ? event->id : -1;
}

static int set_up(struct breakdown *b)
{
	bool before = !split_path_has_new();
	/* A kernel may lack one of the two ways. */
	int absent = before ? SPLIT_NEW : SPLIT_OLD;
	char *undo;

	if (asprintf(&undo, "rmdir %s/instances/" GROUP,
		     tracefs_tracing_dir()) < 0)
		die(EXIT_HARNESS, "out of memory");
	/* Remembered in this order, so that the instance goes before its probes. */
	for (int i = 0; i < NR_PROBES; i++) {
		const char *function = function_of(i, before);

		if ((add_probe("p", "", i, function) ||
		     add_probe("r", "_ret", i, function)) && i != absent)
			return -1;
	}
	guard_later(undo);
	free(undo);
	b->instance = tracefs_instance_create(GROUP);
	if (!b->instance)
		return -1;
	b->tep = load_events(absent);
	if (!b->tep)
		return -1;
	for (int i = 0; i < NR_PROBES; i++) {
		b->entry[i] = event_id(b, "", i);
		b->ret[i] = event_id(b, "_ret", i);
	}
	if (tracefs_instance_file_write(b->instance, "tracing_on", "0") < 0 ||
	    tracefs_instance_file_write(b->instance, "trace_clock", "x86-tsc") < 0 ||
	    tracefs_instance_file_write(b->instance, "buffer_size_kb", BUFFER_KIB) < 0)
		return -1;
	return tracefs_event_enable(b->instance, GROUP, NULL);
}

struct breakdown *breakdown_open(void)
{
	struct breakdown *b = calloc(1, sizeof(*b));

	if (!b)
		die(EXIT_HARNESS, "out of memory");
	if (!tracefs_tracing_dir() || set_up(b)) {
		fprintf(stderr,
			"splitbench: no breakdown: %s: it takes tracefs and a kernel with CONFIG_KPROBE_EVENTS\n",
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
	if (tracefs_instance_file_write(b->instance, "set_event_pid", pid) < 0 ||
	    tracefs_instance_file_write(b->instance, "trace", "") < 0)
		return -1;
	return tracefs_trace_on(b->instance);
}

int breakdown_stop(struct breakdown *b)
{
	return tracefs_trace_off(b->instance);
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
	if (tracefs_iterate_raw_events(b->tep, b->instance, NULL, 0,
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
	if (b->instance) {
		tracefs_event_disable(b->instance, GROUP, NULL);
		tracefs_instance_free(b->instance);
	}
	if (b->tep)
		tep_free(b->tep);
	free(b);
}
