// SPDX-License-Identifier: GPL-2.0
/* A cell's parameters, and its name */
#include "record/cell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"

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

/* "-cold" is of the struct pages alone. */
static const char *const warmth_texts[NR_WARMTHS] = {
	[WARMTH_BACK_TO_BACK] = "-back-to-back",
	[WARMTH_COLD] = "-all-cold",
};

#define JOBS(job)		.jobs = 1U << JOB_##job
#define JOBS2(a, b)		.jobs = 1U << JOB_##a | 1U << JOB_##b
#define JOBS_ALL		.jobs = (1U << NR_JOBS) - 1
#define USUAL(x)		.usual = x, .usual_of = NR_JOBS
#define USUAL_BUT(x, job, y)	.usual = x, .usual_of = JOB_##job, .usual_there = y
#define WORDS(array)		.words = array, .nr_words = ARRAY_SIZE(array)
#define NUMBER(from, to)	.least = from, .most = to
#define SIZE(from, to)		.least = from, .most = to, .is_size = true
#define FORMAT(text)		.format = text
#define TEXTS(array)		.texts = array
#define BUILT_IN		.format = NULL
#define CELL_PARAM(param, _jobs, _usual, _values, _help, _shows)		\
	[PARAM_##param] = {							\
		.name = #param, .offset = offsetof(struct cell, param),		\
		.help = _help, _jobs, _usual, _values, _shows },

const struct cell_param cell_param[NR_PARAMS] = {
#include "record/cell_params.h"
};

bool cell_param_is_of(const struct cell_param *p, enum cell_job job)
{
	return p->jobs >> job & 1;
}

unsigned int cell_param_usual(const struct cell_param *p, enum cell_job job)
{
	return p->usual_of == job ? p->usual_there : p->usual;
}

unsigned int cell_param_value(const struct cell_param *p, const struct cell *cell)
{
	unsigned int value;

	memcpy(&value, (const char *)cell + p->offset, sizeof(value));
	return value;
}

bool cell_is_usual(const struct cell *cell, uint64_t but)
{
	for (int i = 0; i < NR_PARAMS; i++) {
		const struct cell_param *p = &cell_param[i];

		if (!p->is_size && cell_param_is_of(p, cell->job) && !(but >> i & 1) &&
		    cell_param_value(p, cell) != cell_param_usual(p, cell->job))
			return false;
	}
	return true;
}

struct cell cell_usual(enum cell_job job)
{
	struct cell cell = { .job = job };

	for (int i = 0; i < NR_PARAMS; i++) {
		unsigned int usual = cell_param_usual(&cell_param[i], job);

		memcpy((char *)&cell + cell_param[i].offset, &usual, sizeof(usual));
	}
	return cell;
}

struct cell cell_split(unsigned int new_order)
{
	struct cell cell = cell_usual(JOB_SPLIT);

	cell.new_order = new_order;
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

/* Each job's names begin with the parameters that most of its cells differ in. */
static void name_split(struct cell *cell)
{
	add_name(cell, "%s-%u-%u", cell->state == STATE_MAPPED ? "mapped" :
		 cell_folios[cell->folio], cell->order, cell->new_order);
}

static void name_contend(struct cell *cell)
{
	add_name(cell, "contend-%u-%s", cell->threads,
		 cell_memcgs[cell->memcg]);
	if (cell->order != 9 || cell->new_order)
		add_name(cell, "-%u-%u", cell->order, cell->new_order);
}

static void name_migrate(struct cell *cell)
{
	add_name(cell, "%s-%s-%u", cell_directions[cell->direction],
		 cell_kinds[cell->kind], cell->thps);
	if (cell->threads > 1)
		add_name(cell, "-t%u", cell->threads);
}

static void add_param(struct cell *cell, const struct cell_param *p)
{
	unsigned int value = cell_param_value(p, cell);

	if (!cell_param_is_of(p, cell->job) ||
	    value == cell_param_usual(p, cell->job))
		return;
	if (p->texts)
		add_name(cell, "%s", p->texts[value]);
	else if (p->format && p->words)
		add_name(cell, p->format, p->words[value]);
	else if (p->format)
		add_name(cell, p->format, value);
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
	for (int i = 0; i < NR_PARAMS; i++)
		add_param(cell, &cell_param[i]);
}
