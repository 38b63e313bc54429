// SPDX-License-Identifier: GPL-2.0
/* RUN/boot-N.jsonl read and checked, line by line */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "util/util.h"

struct record_reader {
	FILE *file;
	char *path;
	char *text;
	size_t size;
	unsigned int line;
	unsigned int blocks;
	unsigned int nr_arms;
	char arms[RECORD_MAX_ARMS][ARM_NAME_LEN];
	unsigned int nr_phases;
	enum record_phase phase[NR_PHASES];
	json_t *doctor;
};

__attribute__((format(printf, 3, 4)))
static void complain(const struct record_reader *r, char **error,
		     const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (asprintf(error, "%s:%u: %s", r->path, r->line, what) < 0)
		*error = NULL;
}

/*
 * The next line as JSON. A last line without its newline is what a crash
 * leaves: it does not count, whatever is in it.
 */
static enum record_status next_line(struct record_reader *r, json_t **doc,
				    char **error)
{
	json_error_t bad;
	ssize_t len;

	errno = 0;
	len = getline(&r->text, &r->size, r->file);
	r->line++;
	if (len < 0 && errno) {
		complain(r, error, "%s", strerror(errno));
		return RECORD_BAD;
	}
	if (len < 0 || r->text[len - 1] != '\n') {
		complain(r, error, "the file is truncated here");
		return RECORD_TRUNCATED;
	}
	*doc = json_loadb(r->text, len, JSON_REJECT_DUPLICATES, &bad);
	if (!*doc) {
		complain(r, error, "not JSON: %s", bad.text);
		return RECORD_BAD;
	}
	return RECORD_OK;
}

/* Which of our phases each one of the file is; a file may have fewer. */
static bool read_phases(struct record_reader *r, const json_t *phases)
{
	json_t *phase;
	size_t i;

	if (!json_is_array(phases) || json_array_size(phases) > NR_PHASES)
		return false;
	json_array_foreach(phases, i, phase) {
		const char *name = json_string_value(phase);
		unsigned int index = name ? name_index(record_phase_names,
						       NR_PHASES, name) :
					    NR_PHASES;

		if (index == NR_PHASES)
			return false;
		r->phase[r->nr_phases++] = index;
	}
	return true;
}

/* Names of arms, each once */
static bool read_arm_names(const struct record_reader *r, const json_t *arms,
			   struct record_header *header, char **error)
{
	json_t *arm;
	size_t i;

	header->nr_arms = json_array_size(arms);
	json_array_foreach(arms, i, arm) {
		const char *name = json_string_value(arm);

		if (!name || !arm_is_name(name)) {
			complain(r, error, "arm %zu has no name", i);
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(header->arms[j], name)) {
				complain(r, error, "duplicate arm '%s'", name);
				return false;
			}
		}
		strcpy(header->arms[i], name);
	}
	return true;
}

/* What each arm is; a record of a version that did not write it has no such list. */
static bool read_arm_defs(const struct record_reader *r, const json_t *defs,
			  struct record_header *header, char **error)
{
	json_t *def;
	size_t i;

	header->has_defs = defs;
	if (defs && json_array_size(defs) != header->nr_arms) {
		complain(r, error, "arm_defs does not define %u arms", header->nr_arms);
		return false;
	}
	json_array_foreach(defs, i, def) {
		const char *code, *against;
		int control;

		if (json_unpack(def, "{s:s,s:s,s:b}", "code", &code, "against", &against,
				"control", &control) ||
		    strlen(code) >= ARM_NAME_LEN || strlen(against) >= ARM_NAME_LEN) {
			complain(r, error, "arm '%s' is not defined", header->arms[i]);
			return false;
		}
		strcpy(header->def[i].code, code);
		strcpy(header->def[i].against, against);
		header->def[i].control = control;
	}
	return true;
}

static bool read_header(struct record_reader *r, json_t *doc,
			struct record_header *header, char **error)
{
	const char *schema, *unit, *design = "", *boot_id = "", *started = "";
	json_int_t boot, build = 1, seed;
	json_t *arms;

	schema = json_string_value(json_object_get(doc, "schema"));
	if (!schema || strcmp(schema, RECORD_SCHEMA)) {
		complain(r, error, "schema is '%s', this program reads '%s'",
			 schema ? schema : "missing", RECORD_SCHEMA);
		return false;
	}
	if (json_unpack(doc, "{s:I,s?I,s:I,s:s,s:o,s?s,s?s,s?s}", "boot", &boot,
			"build", &build, "seed", &seed,
			"unit", &unit, "arms", &arms, "design", &design,
			"boot_id", &boot_id, "started", &started) ||
	    boot < 1 || build < 1 || !json_is_array(arms) || !json_array_size(arms) ||
	    json_array_size(arms) > RECORD_MAX_ARMS ||
	    strlen(unit) >= sizeof(header->unit) ||
	    strlen(boot_id) >= sizeof(header->boot_id) ||
	    strlen(started) >= sizeof(header->started) ||
	    strlen(design) >= sizeof(header->design)) {
		complain(r, error, "not a header of samples");
		return false;
	}
	header->boot = boot;
	header->build = build;
	header->seed = seed;
	strcpy(header->unit, unit);
	strcpy(header->design, design);
	strcpy(header->boot_id, boot_id);
	strcpy(header->started, started);
	if (!read_arm_names(r, arms, header, error) ||
	    !read_arm_defs(r, json_object_get(doc, "arm_defs"), header, error))
		return false;
	r->nr_arms = header->nr_arms;
	memcpy(r->arms, header->arms, sizeof(r->arms));
	r->doctor = json_incref(json_object_get(doc, "doctor"));
	header->doctor = r->doctor;
	if (!read_phases(r, json_object_get(doc, "phases"))) {
		complain(r, error, "the phases are not those that this program knows");
		return false;
	}
	return true;
}

struct record_reader *record_open(const char *path,
				  struct record_header *header, char **error)
{
	struct record_reader *r = calloc(1, sizeof(*r));
	json_t *doc = NULL;

	if (!r)
		die(EXIT_HARNESS, "out of memory");
	memset(header, 0, sizeof(*header));
	r->path = strdup(path);
	r->file = fopen(path, "re");
	if (!r->file) {
		if (asprintf(error, "%s: %s", path, strerror(errno)) < 0)
			*error = NULL;
		record_close(r);
		return NULL;
	}
	if (next_line(r, &doc, error) != RECORD_OK ||
	    !read_header(r, doc, header, error)) {
		json_decref(doc);
		record_close(r);
		return NULL;
	}
	json_decref(doc);
	return r;
}

/* An array of @n whole numbers from @min to @max, or NULL is returned. */
static json_t *numbers(json_t *doc, const char *name, size_t n, json_int_t min,
		       json_int_t max)
{
	json_t *list = json_object_get(doc, name), *number;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) != n)
		return NULL;
	json_array_foreach(list, i, number) {
		if (!json_is_integer(number) ||
		    json_integer_value(number) < min ||
		    json_integer_value(number) > max)
			return NULL;
	}
	return list;
}

/* The calls that @name is not 0 of; @set puts the value in its place. */
static bool read_sparse(json_t *doc, const char *name,
			struct record_block *block,
			void (*set)(struct fsb_sample *s, json_int_t value))
{
	json_t *list = json_object_get(doc, name), *pair;
	json_int_t call, value;
	size_t i;

	json_array_foreach(list, i, pair) {
		if (json_unpack(pair, "[I,I]", &call, &value) || call < 0 ||
		    call >= block->nr)
			return false;
		set(&block->sample[call], value);
	}
	return true;
}

static void set_ret(struct fsb_sample *s, json_int_t value)
{
	s->ret = value;
}

static void set_fault(struct fsb_sample *s, json_int_t value)
{
	s->fault = value;
}

static void set_disturbed(struct fsb_sample *s, json_int_t value)
{
	s->disturbed = value;
}

/* A digit a call, hexadecimal, the index of its arm in the header */
static bool read_arms(const struct record_reader *r, const char *arm,
		      struct record_block *block)
{
	if (strlen(arm) != block->nr)
		return false;
	for (unsigned int i = 0; i < block->nr; i++) {
		const char *digit = strchr(RECORD_ARM_DIGITS, arm[i]);

		if (!digit || digit - RECORD_ARM_DIGITS >= r->nr_arms)
			return false;
		block->arm[i] = digit - RECORD_ARM_DIGITS;
	}
	return true;
}

/* A number for all calls, or one for each */
static bool read_cpus(json_t *doc, struct record_block *block)
{
	json_t *all = json_object_get(doc, "cpu"), *list;
	json_int_t cpu = json_integer_value(all);

	list = numbers(doc, "cpu", block->nr, 0, UINT32_MAX);
	if (!list && (!json_is_integer(all) || cpu < 0 || cpu > UINT32_MAX))
		return false;
	for (unsigned int i = 0; i < block->nr; i++)
		block->sample[i].cpu = list ?
			json_integer_value(json_array_get(list, i)) : cpu;
	return true;
}

/* From when to when each thread of each round was in its calls */
static bool read_spans(json_t *doc, struct record_block *block)
{
	json_t *spans = json_object_get(doc, "spans"), *span;
	json_int_t threads = json_integer_value(json_object_get(doc, "threads"));
	json_int_t from, to;
	size_t i;

	if (!spans)
		return true;
	if (threads < 1 || threads > CELL_MAX_THREADS ||
	    block->round % threads || !json_is_array(spans) ||
	    json_array_size(spans) != record_rounds(block) * (size_t)threads ||
	    json_array_size(spans) > RECORD_MAX_SPANS)
		return false;
	json_array_foreach(spans, i, span) {
		if (json_unpack(span, "[I,I!]", &from, &to) || from < 0 ||
		    to <= from)
			return false;
		block->span[i][0] = from;
		block->span[i][1] = to;
	}
	block->threads = threads;
	return true;
}

/* What was timed beside each round, and for how long that was watched */
static bool read_beside(json_t *doc, struct record_block *block)
{
	json_t *beside = json_object_get(doc, "beside"), *list, *window;
	size_t round, n = 0;

	if (!beside)
		return true;
	if (!json_is_array(beside) ||
	    json_array_size(beside) != record_rounds(block))
		return false;
	json_array_foreach(beside, round, list) {
		size_t size = json_array_size(list);

		if (!json_is_array(list) || size > RECORD_MAX_BESIDE - n)
			return false;
		block->nr_beside[round] = size;
		for (size_t i = 0; i < size; i++) {
			json_int_t ticks = json_integer_value(json_array_get(list, i));

			if (ticks < 1)
				return false;
			block->beside[n++] = ticks;
		}
	}
	window = numbers(doc, "window", record_rounds(block), 1, INT64_MAX);
	if (!window)
		return false;
	for (size_t i = 0; i < record_rounds(block); i++)
		block->window[i] = json_integer_value(json_array_get(window, i));
	block->has_beside = true;
	return true;
}

/* Return: false if there is something else than counts, or null for none. */
static bool read_event(json_t *list, unsigned int rounds, uint64_t *count)
{
	json_t *value;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) != rounds)
		return false;
	json_array_foreach(list, i, value) {
		count[i] = RECORD_NOT_COUNTED;
		if (json_is_null(value))
			continue;
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return false;
		count[i] = json_integer_value(value);
	}
	return true;
}

/* An event that a version before this did not know was not counted. */
static bool read_events(json_t *doc, struct record_block *block)
{
	json_t *events = json_object_get(doc, "events");

	for (int event = 0; events && event < NR_EVENTS; event++) {
		json_t *list = json_object_get(events, record_event_names[event]);

		for (size_t i = 0; i < record_rounds(block); i++)
			block->events[event][i] = RECORD_NOT_COUNTED;
		if (list && !read_event(list, record_rounds(block),
					block->events[event]))
			return false;
	}
	block->has_events = events;
	return !events || json_is_object(events);
}

/* Rounds are whole, of one arm each, and each has its busy time. */
static bool read_rounds(json_t *doc, struct record_block *block)
{
	json_int_t round = json_integer_value(json_object_get(doc, "round"));
	json_t *busy;

	if (!json_object_get(doc, "round"))
		return true;
	if (round < 1 || round > block->nr || block->nr % round)
		return false;
	for (unsigned int i = 0; i < block->nr; i++) {
		if (block->arm[i] != block->arm[i - i % round])
			return false;
	}
	block->round = round;
	if (block->lead % round)
		return false;
	busy = numbers(doc, "busy", block->nr / round, 1, INT64_MAX);
	if (!busy)
		return false;
	for (unsigned int i = 0; i < block->nr / round; i++)
		block->busy[i] = json_integer_value(json_array_get(busy, i));
	return read_spans(doc, block) && read_beside(doc, block) &&
	       read_events(doc, block);
}

/* When it was measured; earlier versions did not record it. */
static bool read_ms(json_t *doc, struct record_block *block)
{
	json_t *list = json_object_get(doc, "ms");

	if (!list)
		return true;
	list = numbers(doc, "ms", 2, 0, INT64_MAX);
	if (!list)
		return false;
	block->from_ms = json_integer_value(json_array_get(list, 0));
	block->to_ms = json_integer_value(json_array_get(list, 1));
	return block->from_ms <= block->to_ms;
}

static bool read_rejected(json_t *doc, struct record_block *block)
{
	json_t *list = json_object_get(doc, "rejected"), *why;
	size_t i;

	json_array_foreach(list, i, why) {
		if (!json_is_string(why))
			return false;
		if (i < RECORD_MAX_REJECTED)
			snprintf(block->rejected[i], sizeof(block->rejected[i]),
				 "%s", json_string_value(why));
		block->nr_rejected++;
	}
	return true;
}

static bool read_trace(const struct record_reader *r, json_t *doc,
		       struct record_trace *trace)
{
	json_t *parts, *list;
	const char *cell, *arm;

	memset(trace, 0, sizeof(*trace));
	if (json_unpack(doc, "{s:s,s:s,s:o}", "trace", &cell, "arm", &arm,
			"parts", &parts) || strlen(cell) >= sizeof(trace->cell))
		return false;
	strcpy(trace->cell, cell);
	while (trace->arm < r->nr_arms && strcmp(r->arms[trace->arm], arm))
		trace->arm++;
	trace->nr = json_array_size(json_object_get(doc, "whole"));
	if (trace->arm == r->nr_arms || !trace->nr ||
	    trace->nr > RECORD_MAX_TRACED)
		return false;
	list = numbers(doc, "whole", trace->nr, 1, INT64_MAX);
	for (unsigned int i = 0; list && i < trace->nr; i++)
		trace->whole[i] = json_integer_value(json_array_get(list, i));
	for (int part = 0; list && part < NR_PARTS; part++) {
		list = numbers(parts, record_part_names[part], trace->nr, 0,
			       INT64_MAX);
		for (unsigned int i = 0; list && i < trace->nr; i++)
			trace->part[i][part] =
				json_integer_value(json_array_get(list, i));
	}
	return list;
}

static bool read_skip(json_t *doc, struct record_skip *skip)
{
	const char *cell, *why;

	if (json_unpack(doc, "{s:s,s:s}", "skip", &cell, "why", &why) ||
	    strlen(cell) >= sizeof(skip->cell) || strlen(why) >= sizeof(skip->why))
		return false;
	strcpy(skip->cell, cell);
	strcpy(skip->why, why);
	return true;
}

static bool read_block(struct record_reader *r, json_t *doc,
		       struct record_block *block)
{
	json_t *ticks, *phases;
	json_int_t number, retries, lead = 0;
	const char *cell, *arm;
	size_t calls, i;
	int warmup;

	/* The lists are long, and of each only what is used is cleared. */
	memset(block, 0, offsetof(struct record_block, arm));
	if (json_unpack(doc, "{s:I,s:s,s:b,s:I,s:s,s?I}", "block", &number,
			"cell", &cell, "warmup", &warmup, "retries", &retries,
			"arm", &arm, "lead", &lead))
		return false;
	calls = json_array_size(json_object_get(doc, "ticks"));
	block->nr = calls;
	if (!calls || calls > RECORD_MAX_CALLS ||
	    strlen(cell) >= sizeof(block->cell) || number != r->blocks + 1 ||
	    lead < 0 || lead > block->nr)
		return false;
	memset(block->sample, 0, calls * sizeof(block->sample[0]));
	/* A call of 0 ticks did not happen: the clock itself takes some. */
	ticks = numbers(doc, "ticks", block->nr, 1, (1LL << 48) - 1);
	phases = numbers(doc, "phases", r->nr_phases, 0, INT64_MAX);
	if (!ticks || !phases || !read_arms(r, arm, block) || !read_cpus(doc, block))
		return false;
	block->block = number;
	block->warmup = warmup;
	block->lead = lead;
	block->retries = retries;
	strcpy(block->cell, cell);
	for (i = 0; i < block->nr; i++) {
		block->sample[i].ticks =
			json_integer_value(json_array_get(ticks, i));
	}
	for (i = 0; i < r->nr_phases; i++)
		block->phases[r->phase[i]] =
			json_integer_value(json_array_get(phases, i));
	return read_rounds(doc, block) && read_ms(doc, block) &&
	       read_rejected(doc, block) &&
	       read_sparse(doc, "ret", block, set_ret) &&
	       read_sparse(doc, "fault", block, set_fault) &&
	       read_sparse(doc, "disturbed", block, set_disturbed);
}

static enum record_status read_end(struct record_reader *r, json_t *end,
				   char **error)
{
	if (json_integer_value(end) != r->blocks) {
		complain(r, error, "%u blocks read, but %lld were written",
			 r->blocks, (long long)json_integer_value(end));
		return RECORD_BAD;
	}
	if (getc(r->file) != EOF) {
		r->line++;
		complain(r, error, "trailing data after the end record");
		return RECORD_BAD;
	}
	return RECORD_END;
}

enum record_status record_next(struct record_reader *r,
			       struct record_block *block,
			       struct record_trace *trace,
			       struct record_skip *skip, char **error)
{
	enum record_status status;
	json_t *doc, *end;

	status = next_line(r, &doc, error);
	if (status != RECORD_OK)
		return status;
	end = json_object_get(doc, "end");
	if (end) {
		status = read_end(r, end, error);
	} else if (json_object_get(doc, "trace")) {
		status = RECORD_TRACE;
		if (!read_trace(r, doc, trace)) {
			complain(r, error, "not a trace");
			status = RECORD_BAD;
		}
	} else if (json_object_get(doc, "skip")) {
		status = RECORD_SKIP;
		if (!read_skip(doc, skip)) {
			complain(r, error, "not a skipped cell");
			status = RECORD_BAD;
		}
	} else if (read_block(r, doc, block)) {
		r->blocks++;
	} else {
		complain(r, error, "not block %u", r->blocks + 1);
		status = RECORD_BAD;
	}
	json_decref(doc);
	return status;
}

void record_close(struct record_reader *r)
{
	if (r->file)
		fclose(r->file);
	json_decref(r->doctor);
	free(r->text);
	free(r->path);
	free(r);
}
