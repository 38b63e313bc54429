// SPDX-License-Identifier: GPL-2.0
/* The parameters of cells, and their words */
#include "record/cell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"

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
#define JOBS_ALL		.jobs = (1U << NR_JOBS) - 1
#define USUAL(x)		.usual = x
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

unsigned int cell_param_value(const struct cell_param *p, const struct cell *cell)
{
	unsigned int value;

	memcpy(&value, (const char *)cell + p->offset, sizeof(value));
	return value;
}

void cell_add_name(struct cell *cell, const char *fmt, ...)
{
	size_t n = strlen(cell->name);
	va_list args;

	va_start(args, fmt);
	vsnprintf(cell->name + n, sizeof(cell->name) - n, fmt, args);
	va_end(args);
}

const char *cell_check_orders(const struct cell *cell)
{
	if (cell->order < 2 || cell->order > 9)
		return "order is 2 to 9: no anonymous folio is of order 1";
	if (cell->new_order >= cell->order || cell->new_order == 1)
		return "new_order is 0, or 2 to order - 1: no anonymous folio is of order 1";
	return NULL;
}

unsigned int cell_cpus(const struct cell *cell)
{
	/* Who sleeps or interrupts has a CPU of its own, like everyone else. */
	return cell->threads + (cell->beside != BESIDE_NONE);
}
