// SPDX-License-Identifier: GPL-2.0
/* The cells of the job split: names, checks, what they are compared with */
#include "record/cell.h"

static void set_name(struct cell *cell)
{
	cell_add_name(cell, "%s-%u-%u", cell->state == STATE_MAPPED ? "mapped" :
		      cell_folios[cell->folio], cell->order, cell->new_order);
}

static const char *check(const struct cell *cell)
{
	const char *wrong = cell_check_orders(cell);

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

/* On a clock, each of three passes has its warm-up. */
static uint64_t seconds(const struct cell *cell)
{
	return (cell->blocks + UINT64_C(3) * cell->warmup) * cell->reps * 4 / 10 + 10;
}

static void add_first(json_t *doc, const struct cell *cell)
{
	json_object_set_new(doc, "threads", json_integer(cell->threads));
}

static void add_last(json_t *doc, const struct cell *cell)
{
	if (cell->folio == FOLIO_DEVICE)
		json_object_set_new(doc, "folio", json_string("device-private"));
}

/* An unmapped THP that is split to the same order */
static struct cell base(const struct cell *cell, const struct cell *usual)
{
	struct cell base = *usual;

	base.new_order = cell->new_order;
	return base;
}

const struct cell_ops split_cells = {
	.set_name = set_name, .check = check, .seconds = seconds,
	.add_first = add_first, .add_last = add_last, .base = base,
};
