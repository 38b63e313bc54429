// SPDX-License-Identifier: GPL-2.0
/* RUN/boot-N.jsonl written, a line as soon as it is measured */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/record.h"
#include "util/util.h"

struct record_writer {
	int fd;
	unsigned int blocks;
	char arms[RECORD_MAX_ARMS][ARM_NAME_LEN];
};

const char *const record_phase_names[NR_PHASES] = {
	[PHASE_FAULT] = "fault",
	[PHASE_VERIFY] = "verify",
	[PHASE_SETUP] = "setup",
	[PHASE_PMD_SPLIT] = "pmd_split",
	[PHASE_CHECK] = "check",
	[PHASE_FINALIZE] = "finalize",
	[PHASE_UNMAP] = "unmap",
	[PHASE_MOVE] = "move",
	[PHASE_TIDY] = "tidy",
};

const char *const record_event_names[NR_EVENTS] = {
	[EVENT_INSTRUCTIONS] = "instructions",
	[EVENT_CYCLES] = "cycles",
	[EVENT_CACHE_MISSES] = "cache-misses",
	[EVENT_BRANCH_MISSES] = "branch-misses",
	[EVENT_LOCK_WAITS] = "lock-waits",
	[EVENT_LOCKS_TAKEN] = "locks-taken",
	[EVENT_LOCKS_CONTENDED] = "locks-contended",
};

const char *const record_part_names[NR_PARTS] = {
	[PART_ENTER] = "enter",
	[PART_COLLECT] = "collect",
	[PART_COPY] = "copy",
	[PART_PMD_SPLIT] = "pmd_split",
	[PART_SPLIT] = "split",
	[PART_MOVE] = "move",
	[PART_MAP] = "map",
	[PART_FINALIZE] = "finalize",
	[PART_LEAVE] = "leave",
};

/*
 * A line in one write, and on the disk before the next block begins: what a
 * crash leaves is whole lines, but for the last. Takes over @line.
 */
static int write_line(struct record_writer *w, json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	size_t len, done = 0;

	json_decref(line);
	if (!text) {
		errno = ENOMEM;
		return -1;
	}
	len = strlen(text);
	text[len++] = '\n';	/* takes the place of the final NUL */
	while (done < len) {
		ssize_t n = write(w->fd, text + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(text);
			return -1;
		}
		done += n;
	}
	free(text);
	return fsync(w->fd);
}

static json_t *arm_defs_json(const struct record_header *header)
{
	json_t *defs = json_array();

	for (unsigned int i = 0; i < header->nr_arms; i++)
		json_array_append_new(defs, json_pack("{s:s,s:s,s:b}",
						      "code", header->def[i].code,
						      "against", header->def[i].against,
						      "control", header->def[i].control));
	return defs;
}

struct record_writer *record_create(const char *path,
				    const struct record_header *header)
{
	struct record_writer *w = calloc(1, sizeof(*w));
	json_t *arms = json_array(), *phases = json_array();
	char started[21];

	if (!w)
		return NULL;
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
		     0666);
	if (w->fd < 0) {
		json_decref(arms);
		json_decref(phases);
		free(w);
		return NULL;
	}
	memcpy(w->arms, header->arms, sizeof(w->arms));
	for (unsigned int i = 0; i < header->nr_arms; i++)
		json_array_append_new(arms, json_string(header->arms[i]));
	for (int i = 0; i < NR_PHASES; i++)
		json_array_append_new(phases,
				      json_string(record_phase_names[i]));
	now_utc(started);
	if (write_line(w, json_pack("{s:s,s:i,s:o*,s:s*,s:I,s:s,s:s*,s:s,s:o,s:o*,s:o,s:O*}",
				    "schema", RECORD_SCHEMA,
				    "boot", header->boot,
				    "build", header->build > 1 ?
				    json_integer(header->build) : NULL,
				    "boot_id", *header->boot_id ? header->boot_id : NULL,
				    "seed", (json_int_t)header->seed,
				    "unit", header->unit,
				    "design", *header->design ? header->design : NULL,
				    "started", started,
				    "arms", arms, "arm_defs",
				    header->has_defs ? arm_defs_json(header) : NULL,
				    "phases", phases,
				    "doctor", header->doctor))) {
		close(w->fd);
		free(w);
		return NULL;
	}
	return w;
}

/* What is the same for nearly all calls is written for the others only. */
static void set_sparse(json_t **list, unsigned int call, json_int_t value)
{
	if (!value)
		return;
	if (!*list)
		*list = json_array();
	json_array_append_new(*list, json_pack("[i,I]", call, value));
}

static void add_list(json_t *line, const char *name, json_t *list)
{
	if (list)
		json_object_set_new(line, name, list);
}

/* One number if all calls were on one CPU, as they should be. */
static json_t *cpus(const struct record_block *block)
{
	json_t *list = json_array();
	bool same = true;

	for (unsigned int i = 0; i < block->nr; i++) {
		same &= block->sample[i].cpu == block->sample[0].cpu;
		json_array_append_new(list, json_integer(block->sample[i].cpu));
	}
	if (!same)
		return list;
	json_decref(list);
	return json_integer(block->sample[0].cpu);
}

static json_t *numbers_json(const uint64_t *list, unsigned int n)
{
	json_t *numbers = json_array();

	for (unsigned int i = 0; i < n; i++)
		json_array_append_new(numbers, json_integer(list[i]));
	return numbers;
}

static json_t *spans_json(const struct record_block *block)
{
	json_t *spans = json_array();

	for (unsigned int i = 0; i < record_rounds(block) * block->threads; i++)
		json_array_append_new(spans, numbers_json(block->span[i], 2));
	return spans;
}

/* A list of ticks a round */
static json_t *beside_json(const struct record_block *block)
{
	json_t *beside = json_array();
	const uint64_t *ticks = block->beside;

	for (unsigned int i = 0; i < record_rounds(block); i++) {
		json_array_append_new(beside,
				      numbers_json(ticks, block->nr_beside[i]));
		ticks += block->nr_beside[i];
	}
	return beside;
}

static json_t *events_json(const struct record_block *block)
{
	json_t *events = json_object();

	for (int event = 0; event < NR_EVENTS; event++) {
		json_t *list = json_array();

		for (unsigned int i = 0; i < record_rounds(block); i++) {
			uint64_t count = block->events[event][i];

			json_array_append_new(list, count == RECORD_NOT_COUNTED ?
					      json_null() : json_integer(count));
		}
		json_object_set_new(events, record_event_names[event], list);
	}
	return events;
}

/* What only blocks of rounds have */
static void add_rounds(json_t *line, const struct record_block *block)
{
	json_object_set_new(line, "round", json_integer(block->round));
	json_object_set_new(line, "busy",
			    numbers_json(block->busy, record_rounds(block)));
	if (block->threads) {
		json_object_set_new(line, "threads", json_integer(block->threads));
		json_object_set_new(line, "spans", spans_json(block));
	}
	if (block->has_beside) {
		json_object_set_new(line, "beside", beside_json(block));
		json_object_set_new(line, "window",
				    numbers_json(block->window,
						 record_rounds(block)));
	}
	if (block->has_events)
		json_object_set_new(line, "events", events_json(block));
}

static json_t *rejected_json(const struct record_block *block)
{
	json_t *rejected = json_array();

	for (unsigned int i = 0; i < block->nr_rejected; i++)
		json_array_append_new(rejected, i < RECORD_MAX_REJECTED ?
				      json_string(block->rejected[i]) :
				      json_string("one more"));
	return rejected;
}

int record_append(struct record_writer *w, const struct record_block *block)
{
	char arm[RECORD_MAX_CALLS + 1] = "";
	json_t *ticks = json_array(), *cpu = cpus(block);
	json_t *ret = NULL, *fault = NULL, *disturbed = NULL;
	json_t *phases = json_array(), *line;

	for (unsigned int i = 0; i < block->nr; i++) {
		const struct fsb_sample *s = &block->sample[i];

		arm[i] = RECORD_ARM_DIGITS[block->arm[i]];
		json_array_append_new(ticks, json_integer(s->ticks));
		set_sparse(&ret, i, s->ret);
		set_sparse(&fault, i, s->fault);
		set_sparse(&disturbed, i, s->disturbed);
	}
	for (int i = 0; i < NR_PHASES; i++)
		json_array_append_new(phases, json_integer(block->phases[i]));
	line = json_pack("{s:i,s:s,s:b,s:i,s:s,s:o,s:o,s:o}",
			 "block", block->block, "cell", block->cell,
			 "warmup", block->warmup, "retries", block->retries,
			 "arm", arm, "ticks", ticks, "cpu", cpu,
			 "phases", phases);
	if (line && block->to_ms)
		json_object_set_new(line, "ms", json_pack("[I,I]",
							  (json_int_t)block->from_ms,
							  (json_int_t)block->to_ms));
	if (line && block->lead)
		json_object_set_new(line, "lead", json_integer(block->lead));
	if (line && block->round)
		add_rounds(line, block);
	if (line && block->nr_rejected)
		json_object_set_new(line, "rejected", rejected_json(block));
	add_list(line, "ret", ret);
	add_list(line, "fault", fault);
	add_list(line, "disturbed", disturbed);
	if (write_line(w, line))
		return -1;
	w->blocks++;
	return 0;
}

int record_append_trace(struct record_writer *w,
			const struct record_trace *trace)
{
	json_t *whole = json_array(), *parts = json_object();

	for (unsigned int i = 0; i < trace->nr; i++)
		json_array_append_new(whole, json_integer(trace->whole[i]));
	for (int part = 0; part < NR_PARTS; part++) {
		json_t *list = json_array();

		for (unsigned int i = 0; i < trace->nr; i++)
			json_array_append_new(list,
					      json_integer(trace->part[i][part]));
		json_object_set_new(parts, record_part_names[part], list);
	}
	return write_line(w, json_pack("{s:s,s:s,s:o,s:o}",
				       "trace", trace->cell,
				       "arm", w->arms[trace->arm],
				       "whole", whole, "parts", parts));
}

int record_append_skip(struct record_writer *w, const struct record_skip *skip)
{
	return write_line(w, json_pack("{s:s,s:s}", "skip", skip->cell,
				       "why", skip->why));
}

int record_finish(struct record_writer *w)
{
	char ended[21];
	int ret;

	now_utc(ended);
	ret = write_line(w, json_pack("{s:i,s:s}", "end", w->blocks,
				      "ended", ended));
	if (close(w->fd))
		ret = -1;
	free(w);
	return ret;
}
