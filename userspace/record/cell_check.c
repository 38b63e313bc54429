// SPDX-License-Identifier: GPL-2.0
/* Can a cell be measured at all? */
#include "record/cell.h"

#include "util/util.h"

/* A fragmented machine has no room for more THPs than these. */
#define FRAGMENT_MAX_THPS	64

static const char *check_orders(const struct cell *cell)
{
	if (cell->order < 2 || cell->order > 9)
		return "order is 2 to 9: no anonymous folio is of order 1";
	if (cell->new_order >= cell->order || cell->new_order == 1)
		return "new_order is 0, or 2 to order - 1: no anonymous folio is of order 1";
	return NULL;
}

static const char *check_split(const struct cell *cell)
{
	const char *wrong = check_orders(cell);

	if (wrong)
		return wrong;
	if (cell->reps > 14)
		return "reps is 14 at most";
	if (cell->state == STATE_MAPPED &&
	    (cell->order != 9 || cell->folio != FOLIO_ANON))
		return "a mapped folio is of order 9 and of the system's memory";
	if (cell->folio == FOLIO_SWAPCACHE && cell->new_order)
		return "a folio in the swapcache is split to order 0 only";
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

	if (wrong)
		return wrong;
	if (cell->thps > CELL_MAX_CONTEND_THPS)
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

/* Each parameter by itself */
static const char *check_bounds(const struct cell *cell)
{
	for (int i = 0; i < NR_PARAMS; i++) {
		const struct cell_param *p = &cell_param[i];
		unsigned int value = cell_param_value(p, cell);

		if (!cell_param_is_of(p, cell->job) || p->words ||
		    value == cell_param_usual(p, cell->job))
			continue;
		if (value < p->least || value > p->most)
			return reason("%s is %u to %u", p->name, p->least, p->most);
	}
	return NULL;
}

const char *cell_check(const struct cell *cell)
{
	const char *wrong = check_bounds(cell);

	if (wrong)
		return wrong;
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
