// SPDX-License-Identifier: GPL-2.0
/* Events of all CPUs in order of time, while they are recorded */
#include "sys/event_stream.h"

#include <errno.h>
#include <inttypes.h>
#include <kbuffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machine/clock.h"
#include "util/util.h"

/* What an event of a probe of ours has at most */
#define MAX_DATA	120
/* Of a CPU at a time, so that the others are read, too */
#define MAX_PAGES	4096

/**
 * struct waiting - an event that was read and not yet taken
 * @when: by the instance's clock
 * @nr: events of the same time are taken as they were read
 * @size: of the data; 0: events before it are lost
 * @data: of the event
 */
struct waiting {
	uint64_t when;
	uint64_t nr;
	unsigned int size;
	unsigned char data[MAX_DATA];
};

/**
 * struct event_stream - buffers, and events that wait
 * @group: whose instance it is
 * @ticks: its clock is the CPU's counter
 * @kbuffer: takes a page apart
 * @page: of the buffer
 * @cpus: their buffers; NULL where a CPU has none
 * @nr_cpus: how many
 * @list: events that wait
 * @nr: how many
 * @room: in @list
 * @seen: how many were read in all
 * @before: when the last read began: what is older is complete
 */
struct event_stream {
	const struct trace_group *group;
	bool ticks;
	struct kbuffer *kbuffer;
	void *page;
	struct tracefs_cpu **cpus;
	unsigned int nr_cpus;
	struct waiting *list;
	size_t nr;
	size_t room;
	uint64_t seen;
	uint64_t before;
};

/* Numbers may have gaps: one more than the highest that there may ever be, of "0-3,8-11" */
static unsigned int count_cpus(void)
{
	char *text = read_text("/sys/devices/system/cpu/possible"), *last = text;
	unsigned int highest = sysconf(_SC_NPROCESSORS_CONF) - 1;

	while (last && last[strcspn(last, "-,")])
		last += strcspn(last, "-,") + 1;
	if (last)
		sscanf(last, "%u", &highest);
	free(text);
	return highest + 1;
}

struct event_stream *event_stream_new(const struct trace_group *group, bool ticks)
{
	struct event_stream *s = calloc(1, sizeof(*s));
	int size = getpagesize();

	if (!s)
		die(EXIT_HARNESS, "out of memory");
	s->group = group;
	s->ticks = ticks;
	s->kbuffer = kbuffer_alloc(KBUFFER_LSIZE_SAME_AS_HOST, KBUFFER_ENDIAN_SAME_AS_HOST);
	s->nr_cpus = count_cpus();
	s->cpus = calloc(s->nr_cpus, sizeof(*s->cpus));
	if (!s->kbuffer || !s->cpus)
		die(EXIT_HARNESS, "out of memory");
	for (unsigned int i = 0; i < s->nr_cpus; i++) {
		s->cpus[i] = tracefs_cpu_open(group->instance, i, true);
		if (s->cpus[i] && tracefs_cpu_read_size(s->cpus[i]) > size)
			size = tracefs_cpu_read_size(s->cpus[i]);
	}
	s->page = malloc(size);
	if (!s->page)
		die(EXIT_HARNESS, "out of memory");
	return s;
}

void event_stream_free(struct event_stream *s)
{
	for (unsigned int i = 0; i < s->nr_cpus; i++) {
		if (s->cpus[i])
			tracefs_cpu_close(s->cpus[i]);
	}
	kbuffer_free(s->kbuffer);
	free(s->cpus);
	free(s->page);
	free(s->list);
	free(s);
}

uint64_t event_stream_now(const struct event_stream *s)
{
	struct timespec now;

	if (s->ticks)
		return clock_ticks();
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void keep(struct event_stream *s, uint64_t when, const void *data, unsigned int size)
{
	struct waiting *w;

	if (size > MAX_DATA)
		die(EXIT_HARNESS, "an event of %u bytes was recorded, which is none of ours", size);
	if (s->nr == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->list = grow(s->list, s->room, sizeof(*s->list));
	}
	w = &s->list[s->nr++];
	w->when = when;
	w->nr = s->seen++;
	w->size = size;
	if (size)
		memcpy(w->data, data, size);
}

/* Return: true if there may be more. */
static bool read_page(struct event_stream *s, struct tracefs_cpu *cpu)
{
	unsigned long long when;
	void *data;

	if (tracefs_cpu_read(cpu, s->page, true) <= 0)
		return false;
	kbuffer_load_subbuffer(s->kbuffer, s->page);
	data = kbuffer_read_event(s->kbuffer, &when);
	if (data && kbuffer_missed_events(s->kbuffer))
		keep(s, when, NULL, 0);
	for (; data; data = kbuffer_next_event(s->kbuffer, &when))
		keep(s, when, data, kbuffer_event_size(s->kbuffer));
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return (x->nr > y->nr) - (x->nr < y->nr);
}

static void give(const struct event_stream *s, struct waiting *w,
		 void (*take)(const struct event_raw *event, void *arg), void *arg)
{
	struct tep_record record = { .ts = w->when, .size = w->size, .data = w->data };
	struct event_raw event = { .when = w->when };

	if (w->size) {
		event.data = w->data;
		event.id = tep_data_type(s->group->tep, &record);
		event.task = tep_data_pid(s->group->tep, &record);
	}
	take(&event, arg);
}

void event_stream_read(struct event_stream *s, bool all,
		       void (*take)(const struct event_raw *event, void *arg), void *arg)
{
	uint64_t now = event_stream_now(s), limit = all ? UINT64_MAX : s->before;
	size_t done = 0;

	for (unsigned int i = 0; i < s->nr_cpus; i++) {
		unsigned int pages = 0;

		while (s->cpus[i] && read_page(s, s->cpus[i])) {
			/* What is left of it is not older than its last event. */
			if (++pages < MAX_PAGES || all)
				continue;
			if (s->nr && s->list[s->nr - 1].when < limit)
				limit = s->list[s->nr - 1].when;
			break;
		}
	}
	s->before = now;
	if (!s->nr)
		return;
	qsort(s->list, s->nr, sizeof(*s->list), by_time);
	for (; done < s->nr && s->list[done].when < limit; done++)
		give(s, &s->list[done], take, arg);
	memmove(s->list, s->list + done, (s->nr - done) * sizeof(*s->list));
	s->nr -= done;
}

uint64_t event_stream_lost(const struct event_stream *s)
{
	static const char *const counts[] = {
		"\noverrun:", "\ncommit overrun:", "\ndropped events:",
	};
	uint64_t all = 0, n;

	for (unsigned int i = 0; i < s->nr_cpus; i++) {
		char name[48], *text;

		if (!s->cpus[i])
			continue;
		snprintf(name, sizeof(name), "per_cpu/cpu%u/stats", i);
		text = tracefs_instance_file_read(s->group->instance, name, NULL);
		for (size_t j = 0; text && j < ARRAY_SIZE(counts); j++) {
			const char *at = strstr(text, counts[j]);

			if (at && sscanf(at + strlen(counts[j]), "%" SCNu64, &n) == 1)
				all += n;
		}
		free(text);
	}
	return all;
}
