// SPDX-License-Identifier: GPL-2.0
#include "record/cell.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/util.h"

/* A fragmented machine has no room for more THPs than these. */
#define FRAGMENT_MAX_THPS	64

/* THPs of a round and process, if a plan does not say */
#define CONTEND_THPS	16

const char *const cell_jobs[NR_JOBS] = { "split", "contend", "migrate" };
const char *const cell_states[NR_STATES] = { "unmapped", "mapped" };
const char *const cell_folios[NR_FOLIOS] = { "anon", "device", "swapcache" };
const char *const cell_queues[NR_QUEUES] = { "fault", "off" };
const char *const cell_caches[NR_CACHES] = { "alone", "cold", "warm" };
const char *const cell_warmths[NR_WARMTHS] = { "mixed", "back-to-back", "cold" };
const char *const cell_memcgs[NR_MEMCGS] = { "shared", "own", "root" };
const char *const cell_places[NR_PLACES] = { "together", "apart" };
const char *const cell_directions[NR_DIRECTIONS] = { "to-dev", "to-sys" };
const char *const cell_besides[NR_BESIDES] = {
	"none", "fault", "cold", "isolate", "wake", "ping"
};

const char *const cell_kinds[NR_KINDS] = {
	"none", "pages", "flag", "inject", "fragment"
};

#define OF(job)		(1U << JOB_##job)
#define OF_ALL		(OF(SPLIT) | OF(CONTEND) | OF(MIGRATE))
#define AT(field)	offsetof(struct cell, field)

/**
 * struct field - where a word or number of a cell goes
 * @name: what it is called in JSON
 * @words: what words there are; NULL: it is a number
 * @nr_words: how many
 * @offset: in struct cell
 * @jobs: that have it, a bit each
 * @size: it says how much is measured, not what
 */
struct field {
	const char *name;
	const char *const *words;
	unsigned int nr_words;
	size_t offset;
	unsigned int jobs;
	bool size;
};

static const struct field fields[] = {
	{ "blocks", NULL, 0, AT(blocks), OF_ALL, true },
	{ "warmup", NULL, 0, AT(warmup), OF_ALL, true },
	{ "reps", NULL, 0, AT(reps), OF_ALL, true },
	{ "state", cell_states, ARRAY_SIZE(cell_states), AT(state), OF(SPLIT), false },
	{ "folio", cell_folios, ARRAY_SIZE(cell_folios), AT(folio), OF(SPLIT), false },
	{ "order", NULL, 0, AT(order), OF(SPLIT) | OF(CONTEND), false },
	{ "new_order", NULL, 0, AT(new_order), OF(SPLIT) | OF(CONTEND), false },
	{ "queue", cell_queues, ARRAY_SIZE(cell_queues), AT(queue), OF(SPLIT), false },
	{ "cache", cell_caches, ARRAY_SIZE(cell_caches), AT(cache), OF(SPLIT), false },
	{ "warmth", cell_warmths, ARRAY_SIZE(cell_warmths), AT(warmth), OF(SPLIT), false },
	{ "cpu_node", NULL, 0, AT(cpu_node), OF(SPLIT) | OF(CONTEND), false },
	{ "memory_node", NULL, 0, AT(memory_node), OF(SPLIT) | OF(CONTEND), false },
	{ "place", cell_places, ARRAY_SIZE(cell_places), AT(place), OF(CONTEND), false },
	{ "memcg", cell_memcgs, ARRAY_SIZE(cell_memcgs), AT(memcg), OF(CONTEND), false },
	{ "beside", cell_besides, ARRAY_SIZE(cell_besides), AT(beside), OF(CONTEND), false },
	{ "direction", cell_directions, ARRAY_SIZE(cell_directions),
	  AT(direction), OF(MIGRATE), false },
	{ "kind", cell_kinds, ARRAY_SIZE(cell_kinds), AT(kind), OF(MIGRATE), false },
	{ "thps", NULL, 0, AT(thps), OF(CONTEND) | OF(MIGRATE), false },
	{ "threads", NULL, 0, AT(threads), OF(CONTEND) | OF(MIGRATE), false },
	{ "devices", NULL, 0, AT(devices), OF(MIGRATE), false },
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
		.order = 9, .new_order = new_order, .cpu_node = CELL_ANY_NODE,
		.memory_node = CELL_ANY_NODE, .thps = 1, .threads = 1,
		.devices = 1,
	};

	cell_set_name(&cell);
	return cell;
}

__attribute__((format(printf, 2, 3)))
static void add_name(struct cell *cell, const char *fmt, ...)
{
	size_t n = strlen(cell->name);
	va_list args;

	va_start(args, fmt);
	vsnprintf(cell->name + n, sizeof(cell->name) - n, fmt, args);
	va_end(args);
}

static void add_nodes(struct cell *cell)
{
	if (cell->cpu_node != CELL_ANY_NODE)
		add_name(cell, "-cpu%u", cell->cpu_node);
	if (cell->memory_node != CELL_ANY_NODE)
		add_name(cell, "-mem%u", cell->memory_node);
}

static void name_split(struct cell *cell)
{
	add_name(cell, "%s-%u-%u", cell->state == STATE_MAPPED ? "mapped" :
		 cell_folios[cell->folio], cell->order, cell->new_order);
	if (cell->queue == QUEUE_OFF)
		add_name(cell, "-unqueued");
	if (cell->cache != CACHE_ALONE)
		add_name(cell, "-%s", cell_caches[cell->cache]);
	/* "-cold" is of the struct pages alone. */
	if (cell->warmth != WARMTH_MIXED)
		add_name(cell, cell->warmth == WARMTH_COLD ? "-all-cold" : "-back-to-back");
	add_nodes(cell);
}

static void name_contend(struct cell *cell)
{
	add_name(cell, "contend-%u-%s", cell->threads,
		 cell_memcgs[cell->memcg]);
	if (cell->order != 9 || cell->new_order)
		add_name(cell, "-%u-%u", cell->order, cell->new_order);
	if (cell->beside != BESIDE_NONE)
		add_name(cell, "-beside-%s", cell_besides[cell->beside]);
	if (cell->place == PLACE_APART)
		add_name(cell, "-apart");
	add_nodes(cell);
}

static void name_migrate(struct cell *cell)
{
	add_name(cell, "%s-%s-%u", cell_directions[cell->direction],
		 cell_kinds[cell->kind], cell->thps);
	if (cell->threads > 1)
		add_name(cell, "-t%u", cell->threads);
	if (cell->devices > 1)
		add_name(cell, "-d%u", cell->devices);
}

void cell_set_name(struct cell *cell)
{
	*cell->name = '\0';
	if (cell->job == JOB_SPLIT)
		name_split(cell);
	else if (cell->job == JOB_CONTEND)
		name_contend(cell);
	else
		name_migrate(cell);
}

static const char *check_orders(const struct cell *cell)
{
	if (cell->order < 2 || cell->order > 9)
		return "order is 2 to 9: no anonymous folio is of order 1";
	if (cell->new_order >= cell->order || cell->new_order == 1)
		return "new_order is 0, or 2 to order - 1: no anonymous folio is of order 1";
	return NULL;
}

static const char *check_nodes(const struct cell *cell)
{
	if ((cell->cpu_node != CELL_ANY_NODE && cell->cpu_node > CELL_MAX_NODE) ||
	    (cell->memory_node != CELL_ANY_NODE &&
	     cell->memory_node > CELL_MAX_NODE))
		return "a node's number is 0 to 1023";
	return NULL;
}

static const char *check_split(const struct cell *cell)
{
	const char *wrong = check_orders(cell);

	if (!wrong)
		wrong = check_nodes(cell);
	if (wrong)
		return wrong;
	if (cell->reps > 14)
		return "reps is 14 at most";
	if (cell->state == STATE_MAPPED &&
	    (cell->order != 9 || cell->folio != FOLIO_ANON))
		return "a mapped folio is of order 9 and of the system's memory";
	if (cell->folio == FOLIO_SWAPCACHE && cell->new_order)
		return "a folio in the swapcache is split to order 0 only, the old way";
	if (cell->folio != FOLIO_ANON && cell->order != 9)
		return "a folio of another order than 9 is of the system's memory";
	if (cell->folio == FOLIO_DEVICE && cell->new_order)
		return "the test device's folios can be split to order 0 only";
	if (cell->queue == QUEUE_OFF && cell->folio != FOLIO_ANON)
		return "only folios of the system's memory are on the deferred list";
	return NULL;
}

static const char *check_contend(const struct cell *cell)
{
	const char *wrong = check_orders(cell);

	if (!wrong)
		wrong = check_nodes(cell);
	if (wrong)
		return wrong;
	if (!cell->threads || cell->threads > CELL_MAX_THREADS)
		return "threads is 1 to 64";
	if (!cell->thps || cell->thps > CELL_MAX_CONTEND_THPS)
		return "thps is 1 to 64";
	if ((uint64_t)cell->thps * cell->threads * cell->reps > CELL_MAX_CALLS)
		return "thps times threads times reps is 1024 at most";
	if (cell_cpus(cell) > CELL_MAX_THREADS)
		return "threads, and who is beside them, are 64 at most";
	if (cell->beside != BESIDE_NONE && cell->reps > 8)
		return "reps is 8 at most with something beside";
	if (cell->place == PLACE_APART && cell->memory_node != CELL_ANY_NODE)
		return "a place of apart and a memory_node exclude each other";
	return NULL;
}

static const char *check_migrate(const struct cell *cell)
{
	uint64_t thps = (uint64_t)cell->thps * cell->threads;

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

const char *cell_check(const struct cell *cell)
{
	if (!cell->blocks || cell->blocks > CELL_MAX_BLOCKS)
		return "blocks is out of its bounds";
	if (cell->warmup > CELL_MAX_WARMUP)
		return "warmup is out of its bounds";
	if (!cell->reps || cell->reps > CELL_MAX_REPS)
		return "reps is out of its bounds";
	if (cell->job == JOB_SPLIT)
		return check_split(cell);
	return cell->job == JOB_CONTEND ? check_contend(cell) :
					  check_migrate(cell);
}

unsigned int cell_cpus(const struct cell *cell)
{
	/* Who sleeps or interrupts has a CPU of its own, like everyone else. */
	return cell->threads + (cell->job == JOB_CONTEND &&
				cell->beside != BESIDE_NONE);
}

/* What a field of the cell is, in JSON; NULL if it is not said */
static json_t *field_json(const struct field *f, const struct cell *cell)
{
	unsigned int value;

	memcpy(&value, (const char *)cell + f->offset, sizeof(value));
	if (f->words)
		return json_string(f->words[value]);
	return value == CELL_ANY_NODE ? NULL : json_integer(value);
}

static void add_fields(json_t *doc, const struct cell *cell, bool sizes)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		json_t *value;

		if (!(f->jobs >> cell->job & 1) || f->size != sizes)
			continue;
		value = field_json(f, cell);
		if (value)
			json_object_set_new(doc, f->name, value);
	}
}

json_t *cell_params(const struct cell *cell)
{
	json_t *doc;

	if (cell->job == JOB_MIGRATE) {
		doc = json_pack("{s:s,s:s,s:i,s:i}", "job", "migrate", "folio",
				cell->direction == TO_DEV ? "anon" :
							    "device-private",
				"order", cell->kind == KIND_PAGES ? 0 : 9,
				"new_order", cell->kind == KIND_NONE ? 9 : 0);
		add_fields(doc, cell, false);
		return doc;
	}
	doc = json_pack("{s:s,s:i}", "job", cell_jobs[cell->job], "threads", 1);
	add_fields(doc, cell, false);
	if (cell->job == JOB_CONTEND)
		json_object_set_new(doc, "folio", json_string("anon"));
	else if (cell->folio == FOLIO_DEVICE)
		json_object_set_new(doc, "folio", json_string("device-private"));
	return doc;
}

json_t *cell_to_json(const struct cell *cell)
{
	json_t *doc = json_pack("{s:s,s:s}", "name", cell->name,
				"job", cell_jobs[cell->job]);

	add_fields(doc, cell, true);
	add_fields(doc, cell, false);
	return doc;
}

static const char *unknown(const struct field *f, const char *word)
{
	char known[128] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < f->nr_words && len < sizeof(known); i++)
		len += snprintf(known + len, sizeof(known) - len, " %s", f->words[i]);
	return reason("unknown %s '%s'; known:%s", f->name, word, known);
}

static const char *set_field(struct cell *cell, const char *name,
			     const json_t *value)
{
	const struct field *f = NULL;
	json_int_t number;
	void *at;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].name, name) &&
		    fields[i].jobs >> cell->job & 1)
			f = &fields[i];
	}
	if (!f)
		return reason("a cell of job %s has no '%s'",
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
		return reason("%s is not a whole number from 0 on", name);
	*(unsigned int *)at = number;
	return NULL;
}

/* The defaults of a job; what a plan does not say is as here. */
static const char *begin_cell(const json_t *doc, struct cell *cell)
{
	const char *job = json_string_value(json_object_get(doc, "job"));
	unsigned int index = job ? name_index(cell_jobs, NR_JOBS, job) : NR_JOBS;

	if (index == NR_JOBS)
		return reason("unknown job '%s'; known: split contend migrate",
			     job ? job : "(none)");
	*cell = cell_split(0);
	cell->job = index;
	if (cell->job != JOB_SPLIT) {
		cell->blocks = 2;
		cell->reps = 2;
	}
	if (cell->job == JOB_CONTEND)
		cell->thps = CONTEND_THPS;
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
		return reason("cell '%s' is '%s' by what is in it", name,
			     cell->name);
	return cell_check(cell);
}

/* A number of the line's, or what it is if the line does not say */
static unsigned int number_of(const json_t *line, const char *key,
			      unsigned int usual)
{
	const json_t *value = json_object_get(line, key);
	json_int_t number = json_integer_value(value);

	return json_is_integer(value) && number > 0 && number <= CELL_MAX_CALLS ?
	       number : usual;
}

/* The line with so many threads, and as many THPs each as a block has room for */
static const char *with_threads(json_t *line, unsigned int threads,
				struct cell **cells, size_t *nr)
{
	unsigned int most = CELL_MAX_CALLS / threads / number_of(line, "reps", 2);
	json_t *copy = json_copy(line);
	const char *error;

	json_object_set_new(copy, "threads", json_integer(threads));
	if (most && number_of(line, "thps", CONTEND_THPS) > most)
		json_object_set_new(copy, "thps", json_integer(most));
	error = cells_expand(copy, 0, cells, nr);
	json_decref(copy);
	return error;
}

/* 1, 2, 4, ... and @cpus itself; one less if somebody is beside the threads */
static const char *with_powers(json_t *line, unsigned int cpus,
			       struct cell **cells, size_t *nr)
{
	const char *beside = json_string_value(json_object_get(line, "beside"));
	const char *error = NULL;

	if (cpus > CELL_MAX_THREADS)
		cpus = CELL_MAX_THREADS;
	if (beside && strcmp(beside, "none") && cpus > 1)
		cpus--;
	for (unsigned int n = 1; n < cpus && !error; n *= 2)
		error = with_threads(line, n, cells, nr);
	return error ? error : with_threads(line, cpus, cells, nr);
}

const char *cells_expand(json_t *line, unsigned int cpus, struct cell **cells,
			 size_t *nr)
{
	const char *key, *error, *threads;
	json_t *value, *one;
	struct cell cell;
	size_t i;

	json_object_foreach(line, key, value) {
		if (!json_is_array(value))
			continue;
		if (!json_array_size(value))
			return reason("'%s' is an empty list", key);
		json_array_foreach(value, i, one) {
			json_t *copy = json_copy(line);

			json_object_set(copy, key, one);
			error = cells_expand(copy, cpus, cells, nr);
			json_decref(copy);
			if (error)
				return error;
		}
		return NULL;
	}
	threads = json_string_value(json_object_get(line, "threads"));
	if (cpus && threads && !strcmp(threads, "powers"))
		return with_powers(line, cpus, cells, nr);
	error = cell_from_json(line, &cell);
	if (error)
		return error;
	for (i = 0; i < *nr; i++) {
		if (!strcmp((*cells)[i].name, cell.name))
			return reason("cell '%s' is there twice", cell.name);
	}
	*cells = reallocarray(*cells, *nr + 1, sizeof(cell));
	if (!*cells)
		die(EXIT_HARNESS, "out of memory");
	(*cells)[(*nr)++] = cell;
	return NULL;
}
