// SPDX-License-Identifier: GPL-2.0
/* Probes at the entry and return of functions of the kernel */
#include "workload/call_probes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine/machine.h"
#include "stats/stats.h"
#include "sys/event_stream.h"
#include "sys/folio_order.h"
#include "sys/trace_group.h"
#include "util/util.h"

#define GROUP		"splitbench_watch"
#define EVENT		"watch_%s%s"
/* A kretprobe sees so many tasks in a function at the same time. */
#define KRETPROBE	"r1024"
/* Of all CPUs; each has no less and no more than that. */
#define BUFFERS_KIB	(256 * 1024)
#define MIN_BUFFER_KIB	256
#define MAX_BUFFER_KIB	4096

/* The probes' own cost: so many calls, with and without, in turn */
#define COST_CALLS	500
#define COST_CYCLES	5

/* How the order of a folio is known */
enum order_from { ORDER_UNKNOWN, ORDER_BY_WORDS, ORDER_BY_NAME };

/**
 * struct probed - a function and its two events
 * @what: the function
 * @entry: its event; NULL: the kernel does not have the function
 * @leave: the one of its return
 * @order: how the order of a folio is known
 * @fields: of the entry, in order: flags, or folio and words
 * @new_order: of the entry
 * @result: of the return
 */
struct probed {
	struct call_probe what;
	struct tep_event *entry;
	struct tep_event *leave;
	enum order_from order;
	struct tep_format_field *fields[1 + FOLIO_ORDER_WORDS];
	struct tep_format_field *new_order;
	struct tep_format_field *result;
};

/**
 * struct call_probes - probes and their events
 * @group: of tracefs
 * @stream: of events that were recorded
 * @list: functions that are watched, and behind them the one that does nothing
 * @nr: how many are watched
 * @fprobes: some are fprobes
 * @kprobes: some are kprobes
 * @emulated: times are ticks of an emulated CPU
 * @unit: of times
 * @misses: of probes, before call_probes_start()
 */
struct call_probes {
	struct trace_group *group;
	struct event_stream *stream;
	struct probed list[CALL_PROBES_MAX + 1];
	unsigned int nr;
	bool fprobes;
	bool kprobes;
	bool emulated;
	const char *unit;
	uint64_t misses;
};

static void name_event(char name[96], const struct probed *f, const char *suffix)
{
	snprintf(name, 96, EVENT, f->what.function, suffix);
}

static int define(struct call_probes *p, const struct probed *f, bool fprobe, bool leave,
		  const char *args)
{
	char name[96], where[384];
	const char *kind = fprobe ? "f" : leave ? KRETPROBE : "p";

	name_event(name, f, leave ? "_ret" : "");
	snprintf(where, sizeof(where), "%s%s %s", f->what.function,
		 fprobe && leave ? "%return" : "", args);
	return trace_group_probe(p->group, kind, name, where);
}

/* Its entry, with the folio's order, if there is a way to fetch that */
static int define_entry(struct call_probes *p, struct probed *f, bool fprobe, bool folio)
{
	char args[320];

	for (int from = ORDER_BY_NAME; f->what.new_order && from > ORDER_UNKNOWN; from--) {
		/* Other functions have no folio to find members of, but as many bytes to read. */
		snprintf(args, sizeof(args), "%s new_order=$arg%u:u32",
			 from == ORDER_BY_WORDS ? FOLIO_ORDER_BY_WORDS :
			 folio ? FOLIO_ORDER_BY_NAME : "flags=+64($arg1):x64",
			 f->what.new_order);
		/* Words are of 64 bits. */
		if (sizeof(long) < sizeof(uint64_t) || define(p, f, fprobe, false, args))
			continue;
		f->order = from;
		return 0;
	}
	f->order = ORDER_UNKNOWN;
	return define(p, f, fprobe, false, "");
}

static int define_both(struct call_probes *p, struct probed *f, bool fprobe, bool folio)
{
	char name[96];
	int error;

	if (define_entry(p, f, fprobe, folio))
		return -1;
	if (!define(p, f, fprobe, true, f->what.has_result ? "ret=$retval:s32" : ""))
		return 0;
	error = errno;
	name_event(name, f, "");
	trace_group_remove(p->group, name);
	errno = error;
	return -1;
}

/* An fprobe, of which any number of tasks may be in, or a kprobe. Return: 0; or -1 and errno. */
static int add(struct call_probes *p, struct probed *f, bool folio)
{
	if (!define_both(p, f, true, folio)) {
		p->fprobes = true;
		return 0;
	}
	if (define_both(p, f, false, folio))
		return -1;
	p->kprobes = true;
	return 0;
}

static bool is_locked_down(void)
{
	char *text = read_text("/sys/kernel/security/lockdown");
	bool is = text && strstr(text, "[confidentiality]");

	free(text);
	return is;
}

/* Why it is that nothing can be traced; does not return */
static void refuse(const struct call_probe *what, int error)
{
	if ((error == EPERM || error == EACCES) && is_locked_down())
		die(EXIT_SKIP, "the kernel is locked down and does not allow tracing: boot without lockdown=confidentiality");
	if (error == EPERM || error == EACCES)
		die(EXIT_SKIP, "tracing the kernel is not permitted here: run it as root, and not in a container");
	if (error == ENOENT)
		die(EXIT_SKIP, "this kernel has no %s(): %s", what->function, what->missing);
	die(EXIT_SKIP, "this kernel does not allow a probe on %s(): %s: it needs CONFIG_KPROBE_EVENTS, and a function that was not inlined",
	    what->function, strerror(error));
}

static void require_tracefs(void)
{
	char *path, *instances;
	const char *dir;

	if (geteuid())
		die(EXIT_SKIP, "only root can watch the whole system: sudo splitbench watch");
	/* Found, and not mounted: what is not there before is not there afterwards. */
	if (tracefs_tracing_dir_is_mounted(false, &dir) != 1)
		dir = "/sys/kernel/tracing";
	/* Of debugfs alone, the library takes it that tracefs is below. */
	instances = join(dir, "instances");
	if (access(instances, F_OK))
		die(EXIT_SKIP, "tracefs is not mounted: mount -t tracefs nodev /sys/kernel/tracing (the kernel needs CONFIG_KPROBE_EVENTS)");
	free(instances);
	path = join(dir, "dynamic_events");
	if (access(path, F_OK))
		die(EXIT_SKIP, "this kernel has no probe events: it needs CONFIG_KPROBE_EVENTS");
	free(path);
}

static void find_fields(struct call_probes *p, struct probed *f)
{
	static const char *const words[] = { "folio", "w0", "w1", "w2", "w3", "w4" };
	char name[96];

	name_event(name, f, "");
	f->entry = trace_group_event(p->group, name);
	name_event(name, f, "_ret");
	f->leave = trace_group_event(p->group, name);
	if (!f->entry || !f->leave)
		die(EXIT_HARNESS, "the events of %s() have no format", f->what.function);
	f->result = tep_find_field(f->leave, "ret");
	f->new_order = tep_find_field(f->entry, "new_order");
	for (size_t i = 0; f->order == ORDER_BY_WORDS && i < ARRAY_SIZE(words); i++)
		f->fields[i] = tep_find_field(f->entry, words[i]);
	if (f->order == ORDER_BY_NAME)
		f->fields[0] = tep_find_field(f->entry, "flags");
}

/*
 * Does nothing, as often as it is called, and nobody else calls it much. Architectures
 * have their own prefixes.
 */
static void add_idle(struct call_probes *p, unsigned int new_order)
{
	static const char *const names[] = {
		"__x64_sys_getppid", "__arm64_sys_getppid", "__riscv_sys_getppid",
		"__s390x_sys_getppid", "sys_getppid",
	};
	struct probed *f = &p->list[p->nr];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		f->what = (struct call_probe){
			.function = names[i], .has_result = true, .new_order = new_order,
		};
		if (!add(p, f, false))
			return;
	}
	f->what.function = NULL;
}

static unsigned int buffer_for(long cpus)
{
	long kib = BUFFERS_KIB / (cpus > 0 ? cpus : 1);

	return kib < MIN_BUFFER_KIB ? MIN_BUFFER_KIB : kib > MAX_BUFFER_KIB ? MAX_BUFFER_KIB : kib;
}

/* On hardware, time; of an emulated CPU, its ticks, as nothing else is exact. */
static void begin_recording(struct call_probes *p, unsigned int buffer_kib)
{
	const char *unit = machine_unit();

	p->emulated = strcmp(unit, "tsc");
	p->unit = p->emulated ? unit : "ns";
	if (!trace_group_record(p->group, p->emulated ? "x86-tsc" : "mono", buffer_kib))
		return;
	if (errno == EPERM || errno == EACCES)
		refuse(&p->list[0].what, errno);
	die(EXIT_SKIP, "the kernel cannot make a buffer of %u KiB per CPU for events: %s: try another --buffer",
	    buffer_kib, strerror(errno));
}

struct call_probes *call_probes_open(const struct call_probe *list, unsigned int nr,
				     unsigned int buffer_kib)
{
	struct call_probes *p = calloc(1, sizeof(*p));
	unsigned int new_order = 0;

	if (!p)
		die(EXIT_HARNESS, "out of memory");
	require_tracefs();
	p->group = trace_group_new(GROUP);
	p->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		struct probed *f = &p->list[i];

		f->what = list[i];
		if (add(p, f, true)) {
			if (!f->what.optional || (errno != ENOENT && errno != EINVAL))
				refuse(&f->what, errno);
			f->what.function = NULL;
		} else if (f->what.new_order) {
			new_order = f->what.new_order;
		}
	}
	add_idle(p, new_order);
	begin_recording(p, buffer_kib ? buffer_kib : buffer_for(sysconf(_SC_NPROCESSORS_CONF)));
	for (unsigned int i = 0; i <= nr; i++) {
		if (p->list[i].what.function)
			find_fields(p, &p->list[i]);
	}
	p->stream = event_stream_new(p->group, p->emulated);
	return p;
}

bool call_probes_has(const struct call_probes *p, unsigned int function)
{
	return p->list[function].entry;
}

bool call_probes_knows_order(const struct call_probes *p, unsigned int function)
{
	return p->list[function].order != ORDER_UNKNOWN;
}

const char *call_probes_kind(const struct call_probes *p)
{
	return !p->kprobes ? "fprobe" : !p->fprobes ? "kprobe" : "fprobe and kprobe";
}

const char *call_probes_unit(const struct call_probes *p)
{
	return p->unit;
}

/**
 * struct taking - who gets events
 * @p: whose they are
 * @take: as call_probes_read()
 * @arg: its last argument
 */
struct taking {
	struct call_probes *p;
	void (*take)(const struct call_event *event, void *arg);
	void *arg;
};

static uint64_t value_of(const struct tep_format_field *field, const void *data)
{
	unsigned long long value = 0;

	if (field)
		tep_read_number_field((struct tep_format_field *)field, data, &value);
	return value;
}

static int order_of(const struct probed *f, const void *data)
{
	uint64_t words[FOLIO_ORDER_WORDS];

	if (f->order == ORDER_BY_NAME)
		return folio_order_of_flags(value_of(f->fields[0], data));
	if (f->order == ORDER_UNKNOWN)
		return CALL_ORDER_UNKNOWN;
	for (unsigned int i = 0; i < FOLIO_ORDER_WORDS; i++)
		words[i] = value_of(f->fields[1 + i], data);
	return folio_order_of_words(value_of(f->fields[0], data), words);
}

static void take_raw(const struct event_raw *raw, void *arg)
{
	const struct taking *t = arg;
	struct call_event event = { .when = raw->when, .task = raw->task };

	if (!raw->data) {
		event.kind = CALLS_LOST;
		t->take(&event, t->arg);
		return;
	}
	for (unsigned int i = 0; i <= t->p->nr; i++) {
		const struct probed *f = &t->p->list[i];

		event.function = i;
		if (f->entry && f->entry->id == raw->id) {
			event.kind = CALL_BEGINS;
			event.order = order_of(f, raw->data);
			event.new_order = f->new_order ? (int)value_of(f->new_order, raw->data) :
						       CALL_ORDER_UNKNOWN;
			t->take(&event, t->arg);
		} else if (f->leave && f->leave->id == raw->id) {
			event.kind = CALL_ENDS;
			event.result = (int32_t)value_of(f->result, raw->data);
			t->take(&event, t->arg);
		}
	}
}

static int enable(const struct call_probes *p, const struct probed *f, bool on)
{
	int (*set)(struct tracefs_instance *instance, const char *system, const char *event) =
		on ? tracefs_event_enable : tracefs_event_disable;
	char name[96];

	name_event(name, f, "");
	if (set(p->group->instance, p->group->name, name))
		return -1;
	name_event(name, f, "_ret");
	return set(p->group->instance, p->group->name, name);
}

/**
 * struct spans - of calls of the function that does nothing
 * @task: that made them
 * @function: its index
 * @since: when the last one has begun
 * @list: how long they took
 * @nr: how many
 */
struct spans {
	int task;
	unsigned int function;
	uint64_t since;
	double list[COST_CALLS * COST_CYCLES];
	size_t nr;
};

static void take_span(const struct call_event *event, void *arg)
{
	struct spans *s = arg;

	if (event->kind == CALLS_LOST || event->function != s->function ||
	    event->task != s->task)
		return;
	if (event->kind == CALL_BEGINS) {
		s->since = event->when;
	} else if (s->since && s->nr < ARRAY_SIZE(s->list)) {
		s->list[s->nr++] = event->when - s->since;
		s->since = 0;
	}
}

static double time_of_a_call(const struct call_probes *p)
{
	uint64_t from = event_stream_now(p->stream);

	for (int i = 0; i < COST_CALLS; i++)
		syscall(SYS_getppid);
	return (double)(event_stream_now(p->stream) - from) / COST_CALLS;
}

struct call_cost call_probes_cost(struct call_probes *p)
{
	struct probed *f = &p->list[p->nr];
	struct spans *spans = calloc(1, sizeof(*spans));
	double without[COST_CYCLES], with[COST_CYCLES];
	struct call_cost cost = { 0 };

	if (!spans)
		die(EXIT_HARNESS, "out of memory");
	spans->function = p->nr;
	spans->task = syscall(SYS_gettid);
	if (!f->entry || tracefs_trace_on(p->group->instance))
		goto out;
	for (int i = 0; i < COST_CYCLES; i++) {
		without[i] = time_of_a_call(p);
		if (enable(p, f, true))
			goto out;
		with[i] = time_of_a_call(p);
		enable(p, f, false);
		call_probes_read(p, take_span, spans);
	}
	call_probes_stop(p, take_span, spans);
	if (!spans->nr)
		goto out;
	cost.function = f->what.function;
	cost.whole = stats_median(with, COST_CYCLES) - stats_median(without, COST_CYCLES);
	cost.inside = stats_median(spans->list, spans->nr);
out:
	free(spans);
	return cost;
}

/* As the kernel counts them: of all of a group's kprobes; it does not say those of fprobes. */
static uint64_t count_misses(const struct call_probes *p)
{
	char *text = tracefs_instance_file_read(NULL, "kprobe_profile", NULL);
	uint64_t all = 0, misses;
	char name[96], is[96];

	for (char *line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n")) {
		if (sscanf(line, " %95s %*u %" SCNu64, name, &misses) != 2)
			continue;
		for (unsigned int i = 0; i < 2 * p->nr; i++) {
			if (!p->list[i / 2].entry)
				continue;
			name_event(is, &p->list[i / 2], i % 2 ? "_ret" : "");
			if (!strcmp(is, name))
				all += misses;
		}
	}
	free(text);
	return all;
}

void call_probes_start(struct call_probes *p)
{
	p->misses = count_misses(p);
	/* Clears the counts of what is lost, too. */
	if (tracefs_instance_file_write(p->group->instance, "trace", "") < 0 ||
	    tracefs_trace_on(p->group->instance))
		die(EXIT_HARNESS, "the kernel does not record events: %s", strerror(errno));
	for (unsigned int i = 0; i < p->nr; i++) {
		if (p->list[i].entry && enable(p, &p->list[i], true))
			refuse(&p->list[i].what, errno);
	}
}

void call_probes_read(struct call_probes *p,
		      void (*take)(const struct call_event *event, void *arg), void *arg)
{
	struct taking taking = { .p = p, .take = take, .arg = arg };

	event_stream_read(p->stream, false, take_raw, &taking);
}

void call_probes_stop(struct call_probes *p,
		      void (*take)(const struct call_event *event, void *arg), void *arg)
{
	struct taking taking = { .p = p, .take = take, .arg = arg };

	tracefs_trace_off(p->group->instance);
	event_stream_read(p->stream, true, take_raw, &taking);
}

struct call_losses call_probes_losses(const struct call_probes *p)
{
	return (struct call_losses){
		.events = event_stream_lost(p->stream),
		.misses = count_misses(p) - p->misses,
	};
}

void call_probes_close(struct call_probes *p)
{
	event_stream_free(p->stream);
	trace_group_free(p->group);
	free(p);
}
