// SPDX-License-Identifier: GPL-2.0
/* The cells of the job contend: names, checks, what they are compared with */
#include "record/cell.h"

static void set_name(struct cell *cell)
{
	cell_add_name(cell, "contend-%u-%s", cell->threads, cell_memcgs[cell->memcg]);
	if (cell->order != 9 || cell->new_order)
		cell_add_name(cell, "-%u-%u", cell->order, cell->new_order);
	if (cell->state == STATE_MAPPED)
		cell_add_name(cell, "-mapped");
}

static const char *check(const struct cell *cell)
{
	const char *wrong = cell_check_orders(cell);

	if (wrong)
		return wrong;
	if (cell->state == STATE_MAPPED && cell->order != 9)
		return "a mapped folio is of order 9";
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

/* How many processes there are is a parameter, and replaces this in its place. */
static void add_first(json_t *doc, const struct cell *cell)
{
	json_object_set_new(doc, "threads", json_integer(cell->threads));
}

static void add_last(json_t *doc, const struct cell *cell)
{
	(void)cell;
	json_object_set_new(doc, "folio", json_string("anon"));
}

/* One process alone */
static struct cell base(const struct cell *cell, const struct cell *usual)
{
	struct cell alone = *cell;

	(void)usual;
	alone.threads = 1;
	return alone;
}

const struct cell_ops contend_cells = {
	.set_name = set_name, .check = check, .add_first = add_first,
	.add_last = add_last, .base = base,
};
