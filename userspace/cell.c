// SPDX-License-Identifier: GPL-2.0
#include "cell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* A fragmented machine has no room for more THPs than these. */
#define FRAGMENT_MAX_THPS	64

const char *const cell_jobs[NR_JOBS] = { "split", "migrate" };
const char *const cell_states[NR_STATES] = { "unmapped", "mapped" };
const char *const cell_directions[NR_DIRECTIONS] = { "to-dev", "to-sys" };
const char *const cell_kinds[NR_KINDS] = {
	"none", "pages", "flag", "inject", "fragment"
};

unsigned int name_index(const char *const *names, unsigned int n,
			const char *name)
{
	unsigned int i;

	for (i = 0; i < n && strcmp(names[i], name); i++)
		;
	return i;
}

struct cell cell_split(unsigned int new_order)
{
	struct cell cell = {
		.job = JOB_SPLIT, .blocks = 16, .warmup = 1, .reps = 4,
		.new_order = new_order, .thps = 1, .threads = 1, .devices = 1,
	};

	cell_set_name(&cell);
	return cell;
}

void cell_set_name(struct cell *cell)
{
	char *name = cell->name;
	size_t room = sizeof(cell->name), n;

	if (cell->job == JOB_SPLIT) {
		snprintf(name, room, "%s-9-%u",
			 cell->state == STATE_MAPPED ? "mapped" : "anon",
			 cell->new_order);
		return;
	}
	n = snprintf(name, room, "%s-%s-%u", cell_directions[cell->direction],
		     cell_kinds[cell->kind], cell->thps);
	if (cell->threads > 1)
		n += snprintf(name + n, room - n, "-t%u", cell->threads);
	if (cell->devices > 1)
		snprintf(name + n, room - n, "-d%u", cell->devices);
}

const char *cell_check(const struct cell *cell)
{
	uint64_t thps = (uint64_t)cell->thps * cell->threads;

	if (!cell->blocks || cell->blocks > CELL_MAX_BLOCKS)
		return "blocks is out of its bounds";
	if (cell->warmup > CELL_MAX_WARMUP)
		return "warmup is out of its bounds";
	if (!cell->reps || cell->reps > CELL_MAX_REPS)
		return "reps is out of its bounds";
	if (cell->job == JOB_SPLIT) {
		if (cell->new_order > 8 || cell->new_order == 1)
			return "new_order is 0 or 2 to 8: no anonymous folio is of order 1";
		return cell->reps > 16 ? "reps is 16 at most" : NULL;
	}
	if (!cell->thps || cell->thps > CELL_MAX_THPS)
		return "thps is 1 to 128";
	if (!cell->threads || cell->threads > CELL_MAX_THREADS)
		return "threads is 1 to 64";
	if (cell->devices != 1 && cell->devices != 2)
		return "devices is 1 or 2: the test driver has two";
	if (cell->devices > cell->threads)
		return "there are more devices than threads";
	if (thps > 256)
		return "thps times threads is 256 at most";
	if (thps * cell->reps > 1024)
		return "thps times threads times reps is 1024 at most";
	if (cell->kind == KIND_FRAGMENT &&
	    (cell->threads > 1 ||
	     thps * cell->reps * ((uint64_t)cell->blocks + cell->warmup) >
	     FRAGMENT_MAX_THPS))
		return "fragment has one thread, and 64 THPs of each arm at most";
	return NULL;
}

json_t *cell_params(const struct cell *cell)
{
	if (cell->job == JOB_SPLIT)
		return json_pack("{s:s,s:s,s:s,s:i,s:i,s:i}", "job", "split",
				 "folio", "anon",
				 "state", cell_states[cell->state], "order", 9,
				 "new_order", cell->new_order, "threads", 1);
	return json_pack("{s:s,s:s,s:i,s:i,s:s,s:s,s:i,s:i,s:i}",
			 "job", "migrate", "folio",
			 cell->direction == TO_DEV ? "anon" : "device-private",
			 "order", cell->kind == KIND_PAGES ? 0 : 9,
			 "new_order", cell->kind == KIND_NONE ? 9 : 0,
			 "direction", cell_directions[cell->direction],
			 "kind", cell_kinds[cell->kind], "thps", cell->thps,
			 "threads", cell->threads, "devices", cell->devices);
}

json_t *cell_to_json(const struct cell *cell)
{
	json_t *doc = json_pack("{s:s,s:s,s:i,s:i,s:i}", "name", cell->name,
				"job", cell_jobs[cell->job],
				"blocks", cell->blocks, "warmup", cell->warmup,
				"reps", cell->reps);
	json_t *rest;

	if (cell->job == JOB_SPLIT)
		rest = json_pack("{s:i,s:s}", "new_order", cell->new_order,
				 "state", cell_states[cell->state]);
	else
		rest = json_pack("{s:s,s:s,s:i,s:i,s:i}",
				 "direction", cell_directions[cell->direction],
				 "kind", cell_kinds[cell->kind],
				 "thps", cell->thps, "threads", cell->threads,
				 "devices", cell->devices);
	json_object_update(doc, rest);
	json_decref(rest);
	return doc;
}

/* Where a word or number of a cell goes, and what words there are */
static const struct field {
	const char *name;
	const char *const *words;
	unsigned int nr_words;
	size_t offset;
	int job;	/* -1: of all */
} fields[] = {
	{ "direction", cell_directions, NR_DIRECTIONS,
	  offsetof(struct cell, direction), JOB_MIGRATE },
	{ "kind", cell_kinds, NR_KINDS, offsetof(struct cell, kind),
	  JOB_MIGRATE },
	{ "thps", NULL, 0, offsetof(struct cell, thps), JOB_MIGRATE },
	{ "threads", NULL, 0, offsetof(struct cell, threads), JOB_MIGRATE },
	{ "devices", NULL, 0, offsetof(struct cell, devices), JOB_MIGRATE },
	{ "new_order", NULL, 0, offsetof(struct cell, new_order), JOB_SPLIT },
	{ "state", cell_states, NR_STATES, offsetof(struct cell, state),
	  JOB_SPLIT },
	{ "blocks", NULL, 0, offsetof(struct cell, blocks), -1 },
	{ "warmup", NULL, 0, offsetof(struct cell, warmup), -1 },
	{ "reps", NULL, 0, offsetof(struct cell, reps), -1 },
};

__attribute__((format(printf, 1, 2)))
static const char *wrong(const char *fmt, ...)
{
	static char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

static const char *unknown(const struct field *f, const char *word)
{
	char known[128] = "";

	for (unsigned int i = 0; i < f->nr_words; i++) {
		strcat(known, " ");
		strcat(known, f->words[i]);
	}
	return wrong("unknown %s '%s'; known:%s", f->name, word, known);
}

static const char *set_field(struct cell *cell, const char *name,
			     const json_t *value)
{
	const struct field *f = NULL;
	json_int_t number;
	void *at;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].name, name) &&
		    (fields[i].job < 0 || fields[i].job == (int)cell->job))
			f = &fields[i];
	}
	if (!f)
		return wrong("a cell of job %s has no '%s'",
			     cell_jobs[cell->job], name);
	at = (char *)cell + f->offset;
	if (f->words) {
		const char *word = json_string_value(value);
		unsigned int i = word ? name_index(f->words, f->nr_words, word) :
					f->nr_words;

		if (i == f->nr_words)
			return unknown(f, word ? word : "(not a word)");
		memcpy(at, &i, sizeof(i));
		return NULL;
	}
	number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
		return wrong("%s is not a whole number from 0 on", name);
	*(unsigned int *)at = number;
	return NULL;
}

/* The defaults of a job; what a plan does not say is as here. */
static const char *begin_cell(const json_t *doc, struct cell *cell)
{
	const char *job = json_string_value(json_object_get(doc, "job"));
	unsigned int index = job ? name_index(cell_jobs, NR_JOBS, job) : NR_JOBS;

	if (index == NR_JOBS)
		return wrong("unknown job '%s'; known: split migrate",
			     job ? job : "(none)");
	*cell = cell_split(0);
	cell->job = index;
	if (cell->job == JOB_MIGRATE) {
		cell->blocks = 4;
		cell->reps = 1;
	}
	return NULL;
}

const char *cell_from_json(json_t *doc, struct cell *cell)
{
	const char *error = begin_cell(doc, cell), *key, *name;
	json_t *value;

	json_object_foreach(doc, key, value) {
		if (!error && strcmp(key, "job") && strcmp(key, "name"))
			error = set_field(cell, key, value);
	}
	if (error)
		return error;
	cell_set_name(cell);
	name = json_string_value(json_object_get(doc, "name"));
	if (name && strcmp(name, cell->name))
		return wrong("cell '%s' is '%s' by what is in it", name,
			     cell->name);
	return cell_check(cell);
}

const char *cells_expand(json_t *line, struct cell **cells, size_t *nr)
{
	const char *key, *error;
	json_t *value, *one;
	struct cell cell;
	size_t i;

	json_object_foreach(line, key, value) {
		if (!json_is_array(value))
			continue;
		json_array_foreach(value, i, one) {
			json_t *copy = json_copy(line);

			json_object_set(copy, key, one);
			error = cells_expand(copy, cells, nr);
			json_decref(copy);
			if (error)
				return error;
		}
		return NULL;
	}
	error = cell_from_json(line, &cell);
	if (error)
		return error;
	for (i = 0; i < *nr; i++) {
		if (!strcmp((*cells)[i].name, cell.name))
			return wrong("cell '%s' is there twice", cell.name);
	}
	*cells = reallocarray(*cells, *nr + 1, sizeof(cell));
	if (!*cells)
		die(EXIT_HARNESS, "out of memory");
	(*cells)[(*nr)++] = cell;
	return NULL;
}
